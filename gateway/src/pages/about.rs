//! Pages about the structure's use of the program: legal notice, personal data, accessibility. An admin completes them;
//! until then a text that is true of every node stands there, and says that it was not completed.

use crate::door::Door;
use crate::form::Form;
use crate::page::{self, Frame, Mistakes, Place};
use crate::pages::refused;
use crate::pages::writing::{Stage, Writing};
use crate::trouble::Trouble;
use crate::visit::{Gate, Session, Visit};
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use relais_proto::desk::v1::{PageKind, PageView, Role, SavePageRequest, ShowPageRequest};

/// The routes of these pages.
pub(crate) fn router() -> Router<Gate> {
    Router::new()
        .route("/mentions-legales", get(|visit: Visit| show(visit, PageKind::Legal)))
        .route("/confidentialite", get(|visit: Visit| show(visit, PageKind::Privacy)))
        .route("/accessibilite", get(|visit: Visit| show(visit, PageKind::Accessibility)))
        .route("/structure/pages/{page}", get(edit).post(save))
}

#[derive(Template)]
#[template(path = "pages/about.html")]
struct AboutPage {
    frame: Frame,
    paragraphs: Vec<String>,
    completed: bool,
}

#[derive(Template)]
#[template(path = "pages/about_edit.html")]
struct EditPage {
    frame: Frame,
    heading: String,
    address: String,
    text: String,
    /// When the page that is shown was saved, ms; 0 when it was not completed.
    seen: i64,
    /// What is published now, when it is not what the form was shown for.
    present: Option<String>,
    mistakes: Mistakes,
}

fn key(kind: PageKind) -> &'static str {
    match kind {
        PageKind::Legal | PageKind::Unspecified => "about-legal",
        PageKind::Privacy => "about-privacy",
        PageKind::Accessibility => "about-accessibility",
    }
}

fn kind(name: &str) -> Result<PageKind, Trouble> {
    match name {
        "mentions-legales" => Ok(PageKind::Legal),
        "confidentialite" => Ok(PageKind::Privacy),
        "accessibilite" => Ok(PageKind::Accessibility),
        _ => Err(Trouble::NotFound),
    }
}

async fn kept(visit: &Visit, kind: PageKind) -> Result<PageView, Trouble> {
    let request = ShowPageRequest { kind: kind.into(), language: visit.tongue.code().to_owned() };
    Ok(visit.gate.desk().show_page(request).await?.into_inner())
}

async fn show(visit: Visit, kind: PageKind) -> Result<Response, Trouble> {
    let kept = kept(&visit, kind).await?;
    let title = visit.tongue.say(key(kind));
    let completed = !kept.text.is_empty();
    let text = if completed { kept.text } else { visit.tongue.say(&format!("{}-usual", key(kind))) };
    let paragraphs =
        text.split("\n\n").map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect();
    Ok(page::ok(&AboutPage { frame: Frame::public(&visit, &title), paragraphs, completed }))
}

/// What stands in the form.
#[derive(Default)]
struct Written {
    text: String,
    seen: i64,
    present: Option<String>,
}

fn edit_page(
    session: &Session,
    name: &str,
    kind: PageKind,
    written: Written,
    mistakes: Mistakes,
) -> Response {
    let heading = session.tongue().say(key(kind));
    let title = refused::title(session.tongue(), key(kind), &mistakes);
    let frame = Frame::signed(session, Place::Structure, &title);
    let address = format!("/structure/pages/{name}");
    let Written { text, seen, present } = written;
    let status = if present.is_some() { StatusCode::CONFLICT } else { mistakes.status() };
    page::render(status, &EditPage { frame, heading, address, text, seen, present, mistakes })
}

/// When the page that a form was shown for was saved.
fn seen(form: &Form) -> Option<i64> {
    form.text("vu").parse().ok()
}

async fn edit(session: Session, Path(name): Path<String>) -> Result<Response, Trouble> {
    let kind = kind(&name)?;
    if !session.has(Role::Admin) {
        return Err(Trouble::Closed(Door::Administration));
    }
    let kept = kept(&session.visit, kind).await?;
    let usual = session.tongue().say(&format!("{}-usual", key(kind)));
    let text = if kept.text.is_empty() { usual } else { kept.text };
    let written = Written { text, seen: kept.saved_ms.unwrap_or(0), present: None };
    Ok(edit_page(&session, &name, kind, written, Mistakes::default()))
}

async fn save(Path(name): Path<String>, writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    let kind = kind(&name)?;
    let text = form.text("texte").replace("\r\n", "\n");
    if stage == Stage::Resumed {
        let written = Written { text, seen: seen(&form).unwrap_or(0), present: None };
        return Ok(edit_page(&session, &name, kind, written, Mistakes::default()));
    }
    let language = session.tongue().code().to_owned();
    let request =
        SavePageRequest { kind: kind.into(), language, text: text.clone(), seen_saved_ms: seen(&form) };
    let Err(status) = session.desk().save_page(session.ask(request)).await else {
        return Ok(page::lead(&format!("/{name}")));
    };
    let mut mistakes = Mistakes::default();
    if refused::is_stale(&status) {
        mistakes.add("texte", session.tongue().say("about-changed"));
        let now = kept(&session.visit, kind).await?;
        let written = Written { text, seen: now.saved_ms.unwrap_or(0), present: Some(now.text) };
        return Ok(edit_page(&session, &name, kind, written, mistakes));
    }
    Trouble::refused(status)?;
    mistakes.add("texte", session.tongue().say("about-refused"));
    let written = Written { text, seen: seen(&form).unwrap_or(0), present: None };
    Ok(edit_page(&session, &name, kind, written, mistakes))
}
