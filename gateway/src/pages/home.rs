//! The first page: what needs me, and what became of what I sent.

use crate::page::{self, Frame, Place};
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::response::Response;

#[derive(Template)]
#[template(path = "pages/home.html")]
struct Home {
    frame: Frame,
}

/// Shows it.
pub(crate) async fn show(session: Session) -> Result<Response, Trouble> {
    if session.home() != "/" {
        return Ok(page::lead(session.home()));
    }
    let title = session.tongue().say("menu-home");
    Ok(page::ok(&Home { frame: Frame::signed(&session, Place::Home, &title) }))
}
