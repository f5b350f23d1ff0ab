//! Papers: what the person takes home (A6), and the agreement as it was given (A4). Printed by the browser.

mod agreement;
mod erased;

use crate::hex;
use crate::hours;
use crate::page::{self, Frame, Place};
use crate::tongue::Tongue;
use crate::trouble::Trouble;
use crate::visit::{Gate, Session};
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use relais_proto::desk::v1::{
    ConsentStanding, ConsentView, ListServicesRequest, ServiceView, ShowConsentRequest, ShowThreadRequest,
    Side, ThreadView,
};

/// Symbols of a printed group of a code.
const GROUP: usize = 4;
/// Smallest side of a QR on paper, in units of its own drawing.
const QR_SIDE: u32 = 180;

/// The routes of the papers.
pub(crate) fn router() -> Router<Gate> {
    Router::new()
        .route("/orientations/{thread}/bon", get(slip))
        .route("/orientations/{thread}/accord", get(agreement::show))
}

/// A walk-in's door, as its slip names it.
struct Door {
    name: String,
    structure: String,
    address: String,
    hours: String,
}

#[derive(Template)]
#[template(path = "pages/slip.html")]
struct SlipPage {
    frame: Frame,
    back: String,
    code: String,
    qr: String,
    reference: String,
    door: Option<Door>,
    until: String,
}

/// A code in groups of four, as people read it out.
pub(crate) fn grouped(code: &str) -> String {
    let symbols: Vec<char> = code.chars().filter(char::is_ascii_alphanumeric).collect();
    let groups: Vec<String> = symbols.chunks(GROUP).map(|group| group.iter().collect()).collect();
    groups.join("-")
}

/// A QR of these symbols and nothing else: no address, no name.
fn qr(code: &str) -> Option<String> {
    drawn(&code.chars().filter(char::is_ascii_alphanumeric).collect::<String>())
}

/// A text as a QR, an element of the page.
pub(crate) fn drawn(text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    let drawn = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M).ok()?;
    let drawn = drawn.render::<svg::Color<'_>>().min_dimensions(QR_SIDE, QR_SIDE).build();
    // What stands before the element is for files, not for pages.
    drawn.find("<svg").and_then(|start| drawn.get(start..)).map(str::to_owned)
}

async fn thread(session: &Session, id: &str) -> Result<ThreadView, Trouble> {
    let thread_id = hex::id(id).ok_or(Trouble::NotFound)?;
    Ok(session.desk().show_thread(session.ask(ShowThreadRequest { thread_id })).await?.into_inner())
}

async fn consent(session: &Session, id: &str) -> Result<ConsentView, Trouble> {
    let thread_id = hex::id(id).ok_or(Trouble::NotFound)?;
    Ok(session.desk().show_consent(session.ask(ShowConsentRequest { thread_id })).await?.into_inner())
}

async fn door(session: &Session, view: &ThreadView) -> Result<Option<Door>, Trouble> {
    let summary = view.summary.clone().unwrap_or_default();
    let need = view.stage_one.as_ref().and_then(|one| one.need.clone()).unwrap_or_default();
    let mut request =
        ListServicesRequest { structure_id: summary.peer_id, page_size: 100, ..Default::default() };
    loop {
        let answer = session.desk().list_services(session.ask(request.clone())).await?.into_inner();
        let found = answer.services.into_iter().find(|service| service.service_id == need.service_id);
        if let Some(service) = found {
            return Ok(Some(as_door(session.tongue(), service)));
        }
        if answer.next_page_token.is_empty() {
            return Ok(None);
        }
        request.page_token = answer.next_page_token;
    }
}

fn as_door(tongue: Tongue, service: ServiceView) -> Door {
    Door {
        name: service.name,
        structure: service.structure_name,
        address: service.address,
        hours: service.walk_in.map(|offer| hours::words(tongue, &offer.hours)).unwrap_or_default(),
    }
}

/// The person's paper. It names no need, no person and no other structure, unless they go there with it.
async fn slip(session: Session, Path(id): Path<String>) -> Result<Response, Trouble> {
    let view = thread(&session, &id).await?;
    let consent = consent(&session, &id).await?;
    let summary = view.summary.clone().unwrap_or_default();
    if summary.side() != Side::Sender || consent.standing() != ConsentStanding::Active {
        return Err(Trouble::NotFound);
    }
    let tongue = session.tongue();
    let reference = summary.reference.clone();
    let title = tongue.say("slip-title");
    Ok(page::ok(&SlipPage {
        frame: Frame::signed(&session, Place::Elsewhere, &title),
        back: format!("/orientations/{id}"),
        code: grouped(&consent.stop_code),
        qr: qr(&consent.stop_code).unwrap_or_default(),
        door: if reference.is_empty() { None } else { door(&session, &view).await? },
        reference: grouped(&reference),
        until: session.calendar().day(tongue, consent.valid_until_ms),
    }))
}

#[cfg(test)]
mod tests;
