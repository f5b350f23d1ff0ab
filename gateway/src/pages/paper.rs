//! Papers: what the person takes home (A6), and the agreement as it was given (A4). Printed by the browser.

use crate::hex;
use crate::hours;
use crate::page::{self, Frame, Place};
use crate::pages::referral::seen::{self, Line};
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
    ConsentStanding, ConsentView, ListServicesRequest, NoticeView, ServiceView, ShowConsentRequest,
    ShowNoticeRequest, ShowThreadRequest, Side, ThreadView,
};
use relais_proto::peer::v1::{Consent, DataClass, FeedbackLevel, Purpose, TeachBack, YesNo};

/// Symbols of a printed group of a code.
const GROUP: usize = 4;
/// Smallest side of a QR on paper, in units of its own drawing.
const QR_SIDE: u32 = 180;

/// The routes of the papers.
pub(crate) fn router() -> Router<Gate> {
    Router::new()
        .route("/orientations/{thread}/bon", get(slip))
        .route("/orientations/{thread}/accord", get(agreement))
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

#[derive(Template)]
#[template(path = "pages/agreement_paper.html")]
struct AgreementPaper {
    frame: Frame,
    back: String,
    slip: String,
    collector: String,
    recipient: String,
    theme: String,
    told: Vec<String>,
    before: Vec<Line>,
    after: Vec<Line>,
    feedback: String,
    sanctions: bool,
    until: String,
    from: String,
    how: String,
    language: String,
    taught_back: bool,
    holds: bool,
    ended: String,
    french: NoticeView,
    theirs: Option<NoticeView>,
    theirs_rtl: bool,
}

/// A code in groups of four, as people read it out.
fn grouped(code: &str) -> String {
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
pub(crate) async fn slip(session: Session, Path(id): Path<String>) -> Result<Response, Trouble> {
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

async fn notice(session: &Session, purpose: Purpose, language: &str) -> Result<NoticeView, Trouble> {
    let request =
        ShowNoticeRequest { purpose: purpose.into(), language: language.to_owned(), ..Default::default() };
    Ok(session.desk().show_notice(session.ask(request)).await?.into_inner())
}

/// The agreement: what is told, to whom, what is not told, how long, how it was given, and the notice.
pub(crate) async fn agreement(session: Session, Path(id): Path<String>) -> Result<Response, Trouble> {
    let view = thread(&session, &id).await?;
    let shown = consent(&session, &id).await?;
    let summary = view.summary.clone().unwrap_or_default();
    let given = shown.consent.clone().unwrap_or_default();
    let language = given.notice.clone().map(|notice| notice.language).unwrap_or_else(|| "fr".to_owned());
    let purpose = if given.purpose() == Purpose::Handover { Purpose::Handover } else { Purpose::Referral };
    let french = notice(&session, purpose, "fr").await?;
    let theirs = if language == "fr" { None } else { Some(notice(&session, purpose, &language).await?) };
    let ours = summary.side() == Side::Sender;
    let parties = [session.structure_name.clone(), summary.peer_name.clone()];
    let [collector, recipient] = if ours {
        parties
    } else {
        let [a, b] = parties;
        [b, a]
    };
    let title = session.tongue().say("paper-title");
    let frame = Frame::signed(&session, Place::Elsewhere, &title);
    let paper = AgreementPaper {
        back: format!("/orientations/{id}"),
        slip: if ours && shown.standing() == ConsentStanding::Active {
            format!("/orientations/{id}/bon")
        } else {
            String::new()
        },
        collector,
        recipient,
        theirs_rtl: matches!(language.as_str(), "ar" | "fa" | "ps"),
        ..words(&session, frame, &view, &shown, &given, (french, theirs))
    };
    Ok(page::ok(&paper))
}

fn words(
    session: &Session,
    frame: Frame,
    view: &ThreadView,
    shown: &ConsentView,
    given: &Consent,
    (french, theirs): (NoticeView, Option<NoticeView>),
) -> AgreementPaper {
    let tongue = session.tongue();
    let day = |ms: i64| session.calendar().day(tongue, ms);
    let themes: Vec<String> = given.themes.iter().map(|code| tongue.say(&format!("theme-{code}"))).collect();
    let how = given.given.clone().unwrap_or_default();
    let word =
        |prefix: &str, name: &str, key: &str| tongue.say(&format!("{key}-{}", seen::short(prefix, name)));
    AgreementPaper {
        frame,
        back: String::new(),
        slip: String::new(),
        collector: String::new(),
        recipient: String::new(),
        theme: themes.join(", "),
        told: given
            .classes()
            .map(|class: DataClass| word("DATA_CLASS_", class.as_str_name(), "class"))
            .collect(),
        before: view
            .stage_one
            .as_ref()
            .map(|one| seen::stage_one(tongue, one, &view.territory_name))
            .unwrap_or_default(),
        after: view.stage_two.as_ref().map(|two| seen::stage_two(tongue, two)).unwrap_or_default(),
        feedback: word("FEEDBACK_LEVEL_", given.feedback().as_str_name(), "paper-feedback"),
        sanctions: given.feedback() > FeedbackLevel::Accepted,
        until: day(shown.valid_until_ms),
        from: day(given.valid_from_ms),
        how: word("GIVEN_HOW_", how.how().as_str_name(), "how"),
        language: seen::language(tongue, &how.language),
        taught_back: how.teach_back() == TeachBack::Done,
        holds: shown.standing() == ConsentStanding::Active,
        ended: shown.ended_ms.map(day).unwrap_or_default(),
        french,
        theirs,
        theirs_rtl: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_printed_in_groups_and_drawn_without_anything_more() {
        assert_eq!(grouped("7A3KQ9ZT0M4X"), "7A3K-Q9ZT-0M4X");
        assert_eq!(grouped("7a3k-q9zt"), "7a3k-q9zt");
        assert_eq!(grouped(""), "");
        let drawn = qr("7A3KQ9ZT0M4X").unwrap();
        assert!(drawn.starts_with("<svg") && drawn.ends_with("</svg>"));
        assert!(
            !drawn.contains("style=") && !drawn.contains("<script"),
            "the page's policy holds for it too"
        );
        assert_eq!(qr("-"), None);
    }
}
