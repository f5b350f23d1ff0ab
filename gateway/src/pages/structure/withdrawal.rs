//! Taking a service of one's own back, after a page that says what becomes of it.

use super::{Room, publish};
use crate::form;
use crate::page::{self, Frame, MenuEntry, Mistakes, Place};
use crate::pages::thread::Teller;
use crate::pages::writing::{Stage, Writing};
use crate::pages::{place, refused};
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use relais_proto::desk::v1::{ServiceView, WithdrawServiceRequest};
use serde::Deserialize;

/// Where it is asked, and done.
const ADDRESS: &str = "/structure/services/retrait";
/// The list of what is published.
const LIST: &str = "/structure/services";

/// What follows the address.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// The service.
    #[serde(default)]
    service: String,
}

#[derive(Template)]
#[template(path = "pages/service_withdrawal.html")]
struct WithdrawalPage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    heading: String,
    id: String,
    /// When the version that is shown was signed, ms.
    seen: i64,
    mistakes: Mistakes,
}

/// Where a service is taken back.
pub(super) fn address(service: &str) -> String {
    format!("{ADDRESS}?service={}", form::encode(service))
}

/// What is said once it is done, or was already.
pub(super) const DONE: &str = "retire";

fn withdrawal_page(
    session: &Session,
    service: &ServiceView,
    mistakes: Mistakes,
    status: StatusCode,
) -> Result<Response, Trouble> {
    let rooms = Room::Services.enter(session)?;
    let named = [("service", service.name.as_str())];
    let shown = WithdrawalPage {
        frame: Frame::signed(
            session,
            Place::Structure,
            &refused::title(session.tongue(), "withdrawal-title", &mistakes),
        ),
        rooms,
        heading: Teller::of(session).with("withdrawal-ask", &named),
        id: service.service_id.clone(),
        seen: service.signed_ms,
        mistakes,
    };
    Ok(page::render(status, &shown))
}

/// The service, if it is published still.
async fn published(session: &Session, id: &str) -> Result<Option<ServiceView>, Trouble> {
    place::service(session, Vec::new(), id).await
}

/// Says what it would do, before it is done.
pub(crate) async fn ask(session: Session, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    publish(&session)?;
    match published(&session, &asked.service).await? {
        Some(service) => withdrawal_page(&session, &service, Mistakes::default(), StatusCode::OK),
        None => Ok(page::lead(LIST)),
    }
}

/// Does it. What is taken back already stays so: pressed twice, it is done once.
pub(crate) async fn withdraw(writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    publish(&session)?;
    let id = form.text("service");
    let seen_signed_ms = form.text("vu").parse().ok();
    let (mut mistakes, mut status) = (Mistakes::default(), StatusCode::OK);
    if stage == Stage::Sent {
        let request = WithdrawServiceRequest { service_id: id.to_owned(), seen_signed_ms };
        match session.desk().withdraw_service(session.ask(request)).await {
            Ok(_) => return Ok(page::lead(&format!("{LIST}?fait={DONE}"))),
            Err(no) if refused::is_stale(&no) => {
                mistakes.add("retrait", session.tongue().say("withdrawal-changed"));
                status = StatusCode::CONFLICT;
            }
            Err(no) => {
                mistakes = refused::mistakes(&session, no, "withdrawal-refused", |_| "retrait")?;
                status = mistakes.status();
            }
        }
    }
    match published(&session, id).await? {
        Some(service) => withdrawal_page(&session, &service, mistakes, status),
        None => Err(Trouble::NotFound),
    }
}
