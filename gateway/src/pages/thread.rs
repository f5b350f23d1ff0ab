//! One referral or handover: where it stands, what is next, what happened; and every act upon it.

mod act_form;
mod acts;
mod appointment;
mod around;
mod reading;
mod rows;
mod sheet;
mod state;
mod teller;
mod timeline;
mod told;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod visits;

pub(crate) use rows::{Row, any, news, to_do};
pub(crate) use teller::{Teller, joined, person, spelled};
pub(crate) use timeline::parts;

use crate::form::Form;
use crate::hex;
use crate::page::{self, Frame, Mistakes, Place};
use crate::pages::writing::{Stage, Writing};
use crate::trouble::{Refusal, Trouble};
use crate::visit::{Gate, Posted, Session};
use act_form::ActForm;
use acts::How;
use around::Around;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use relais_proto::desk::v1::act_request::Act;
use relais_proto::desk::v1::{ActRequest, CancelDelayedRequest, Possible, ShowThreadRequest, ThreadView};
use serde::Deserialize;
use sheet::{ActPage, Changed, Sheet};

/// How long an acceptance can be taken back, ms.
const UNDO_MS: u32 = 10_000;
/// What an address says after an act was taken back.
const TAKEN_BACK: &str = "defait";

/// The routes of one thread.
pub(crate) fn router() -> Router<Gate> {
    Router::new()
        .route("/orientations/{thread}", get(show))
        .route("/orientations/{thread}/rendez-vous.ics", get(calendar))
        .route("/orientations/{thread}/defaire", post(take_back))
        .route("/orientations/{thread}/{act}", get(ask).post(perform))
}

/// What follows `/orientations/…?`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Shown {
    /// The act that was just done.
    #[serde(default)]
    fait: String,
}

/// What follows the address of an act.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// The number of the event that is meant.
    #[serde(default)]
    n: String,
}

async fn load(session: &Session, id: &str) -> Result<ThreadView, Trouble> {
    let thread_id = hex::id(id).ok_or(Trouble::NotFound)?;
    let answer = session.desk().show_thread(session.ask(ShowThreadRequest { thread_id })).await;
    let trouble = match answer {
        Ok(answer) => return Ok(answer.into_inner()),
        Err(status) => Trouble::from(status),
    };
    // Digits that can be no id of a thread name nothing.
    Err(if matches!(trouble, Trouble::Refused(_)) { Trouble::NotFound } else { trouble })
}

async fn sheet(session: &Session, view: &ThreadView, done: String, changed: Option<Changed>) -> Sheet {
    let teller = Teller::of(session);
    let around = Around::of(session, view).await;
    let summary = view.summary.clone().unwrap_or_default();
    let frame = Frame::signed(session, Place::Home, &sheet::heading(&teller, &summary)).saying(done);
    Sheet::new(frame, &teller, view, &around, changed)
}

/// Shows it.
async fn show(
    session: Session,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Trouble> {
    let view = load(&session, &id).await?;
    let done = done(&session, &view, &shown.fait);
    Ok(page::ok(&sheet(&session, &view, done, None).await))
}

/// What is said of the act that led here.
fn done(session: &Session, view: &ThreadView, slug: &str) -> String {
    let teller = Teller::of(session);
    if slug == TAKEN_BACK {
        return teller.say("done-taken-back");
    }
    // An act that can still be taken back is not done.
    let act = acts::of_slug(slug).filter(|_| view.delayed.is_none());
    act.map(|act| sheet::done(&teller, act)).unwrap_or_default()
}

/// Shows the small page of an act; the thread itself when the act is not possible, or needs none.
async fn ask(
    session: Session,
    Path((id, slug)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let act = acts::of_slug(&slug).ok_or(Trouble::NotFound)?;
    let mut typed = Form::default();
    typed.set("n", &asked.n);
    open_act(&session, &id, act, &typed).await
}

/// The small page of an act, filled in with what was typed.
async fn open_act(session: &Session, id: &str, act: Possible, typed: &Form) -> Result<Response, Trouble> {
    let view = load(session, id).await?;
    if !view.possible().any(|open| open == act) {
        return Ok(moved(session, &view, reading::typed(typed)).await);
    }
    let form_asked = acts::how(act) == How::Page || is_dated(&view, act);
    if !form_asked {
        return Ok(page::lead(&format!("/orientations/{id}")));
    }
    Ok(act_page(session, &view, act, typed, Mistakes::default()).await)
}

/// A handover may be accepted from a date on.
fn is_dated(view: &ThreadView, act: Possible) -> bool {
    act == Possible::Accept && view.handover.is_some()
}

async fn act_page(
    session: &Session,
    view: &ThreadView,
    act: Possible,
    typed: &Form,
    mistakes: Mistakes,
) -> Response {
    let teller = Teller::of(session);
    let around = Around::of(session, view).await;
    // A question is the heading of its page, and never stands in the browser's tab.
    let asks = act == Possible::GiveInfo;
    let mut title = if asks { teller.say("act-give-info") } else { sheet::act_heading(&teller, view, act) };
    if !mistakes.is_empty() {
        title = teller.with("error-title", &[("title", &title)]);
    }
    let status = mistakes.status();
    let form = ActForm::new(&teller, view, &around, act, typed, mistakes);
    let frame = Frame::signed(session, Place::Home, &title);
    page::render(status, &ActPage::new(frame, &teller, view, act, form))
}

/// The thread as it is now, with what was typed: someone else acted meanwhile.
async fn moved(session: &Session, view: &ThreadView, typed: Vec<String>) -> Response {
    let words = session.tongue().say("no-not-allowed");
    let sheet = sheet(session, view, String::new(), Some(Changed { words, typed })).await;
    page::render(StatusCode::CONFLICT, &sheet)
}

/// Acts.
async fn perform(Path((id, slug)): Path<(String, String)>, writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    let act = acts::of_slug(&slug).ok_or(Trouble::NotFound)?;
    if stage == Stage::Resumed {
        return open_act(&session, &id, act, &form).await;
    }
    let thread_id = hex::id(&id).ok_or(Trouble::NotFound)?;
    let request_id = hex::id(form.text("demande")).ok_or(Trouble::BadForm)?;
    let teller = Teller::of(&session);
    let asked = match reading::read(&teller, act, &form) {
        Ok(asked) => asked,
        Err(mistakes) if mistakes.is_empty() => return Err(Trouble::BadForm),
        Err(mistakes) => {
            let view = load(&session, &id).await?;
            return Ok(act_page(&session, &view, act, &form, mistakes).await);
        }
    };
    let delay_ms = if matches!(asked, Act::Accept(_)) { UNDO_MS } else { 0 };
    let request = ActRequest { request_id, thread_id, act: Some(asked), delay_ms };
    let trouble = match session.desk().act(session.ask(request)).await {
        Ok(_) => return Ok(page::lead(&format!("/orientations/{id}?fait={slug}"))),
        Err(status) => Trouble::from(status),
    };
    let Trouble::Refused(refusal) = &trouble else { return Err(trouble) };
    refused(&session, &id, act, &form, refusal).await
}

/// The node says no: beside the field it is about, or above the thread as it is now.
async fn refused(
    session: &Session,
    id: &str,
    act: Possible,
    form: &Form,
    refusal: &Refusal,
) -> Result<Response, Trouble> {
    let teller = Teller::of(session);
    let view = load(session, id).await?;
    let open = view.possible().any(|open| open == act);
    if let Some(mistakes) = reading::placed(&teller, refusal).filter(|_| open) {
        return Ok(act_page(session, &view, act, form, mistakes).await);
    }
    let status =
        if refusal.code == "not_allowed" { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let changed = Changed { words: reading::no(&teller, refusal), typed: reading::typed(form) };
    Ok(page::render(status, &sheet(session, &view, String::new(), Some(changed)).await))
}

/// Takes back an act that has not been done yet.
async fn take_back(Path(id): Path<String>, posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    let thread_id = hex::id(&id).ok_or(Trouble::NotFound)?;
    let delayed_id = hex::id(form.text("acte")).ok_or(Trouble::BadForm)?;
    let request = CancelDelayedRequest { thread_id, delayed_id };
    let trouble = match session.desk().cancel_delayed(session.ask(request)).await {
        Ok(_) => return Ok(page::lead(&format!("/orientations/{id}?fait={TAKEN_BACK}"))),
        Err(status) => Trouble::from(status),
    };
    if !matches!(trouble, Trouble::Refused(_)) {
        return Err(trouble);
    }
    let view = load(&session, &id).await?;
    let changed = Changed { words: session.tongue().say("no-too-late"), typed: Vec::new() };
    let sheet = sheet(&session, &view, String::new(), Some(changed)).await;
    Ok(page::render(StatusCode::CONFLICT, &sheet))
}

/// The appointment as a file for a calendar.
async fn calendar(session: Session, Path(id): Path<String>) -> Result<Response, Trouble> {
    let view = load(&session, &id).await?;
    let summary = view.summary.clone().unwrap_or_default();
    let at = appointment::latest(&view).ok_or(Trouble::NotFound)?;
    let title = session.tongue().say("calendar-title");
    let file =
        appointment::file(&summary.thread_id, at, summary.changed_ms, &title).ok_or(Trouble::Failed)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"rendez-vous.ics\"")),
    ];
    Ok((headers, file).into_response())
}
