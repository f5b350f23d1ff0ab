//! «Demander qui peut prendre»: partners are asked about the need of a draft, without the person, and their answers shown
//! as they come. A door is chosen from an answer as it is from the list.

use super::build;
use super::draft::Draft;
use super::filters::AUDIENCES;
use super::seen;
use crate::hex;
use crate::page::{self, Frame, Place};
use crate::pages::inquiry::{said, wanted};
use crate::pages::languages;
use crate::pages::thread::Teller;
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use relais_proto::desk::v1::{
    AskInquiryRequest, InquiryPartner, InquiryStanding, InquiryView, ShowInquiryRequest,
};
use relais_proto::peer::v1 as peer;
use serde::Deserialize;

/// How often a page that is left open looks for answers by itself, 4 s apart: it must not keep a session open for ever.
const LOOKS_MAX: u32 = 45;
/// How one may be received, as data·inclusion codes.
const MODES: [&str; 2] = ["en-presentiel", "a-distance"];

/// The form by which partners are asked.
#[derive(Debug)]
pub(crate) struct Asking {
    /// Where it is posted.
    pub(crate) address: String,
    /// The id of the one inquiry it may become: pressed twice, it is asked once.
    pub(crate) act: String,
    /// Languages to choose from, by name.
    pub(crate) languages: Vec<Choice>,
    /// How one is to be received.
    pub(crate) modes: Vec<Choice>,
    /// Whom it is to be for.
    pub(crate) audiences: Vec<Choice>,
}

/// Something to choose.
#[derive(Debug)]
pub(crate) struct Choice {
    /// Its code.
    pub(crate) code: &'static str,
    /// Its name.
    pub(crate) words: String,
}

/// The form for a draft.
pub(super) fn asking(session: &Session, draft: &Draft) -> Asking {
    let tongue = session.tongue();
    let name = |code| Choice { code, words: seen::language(tongue, code) };
    let mut languages: Vec<Choice> = languages::all().map(name).collect();
    languages.sort_by(|a, b| a.words.cmp(&b.words));
    let said = |code, stem: &str| Choice { code, words: tongue.say(&format!("{stem}-{code}")) };
    Asking {
        address: draft.address("demande"),
        act: hex::encode(&hex::fresh()),
        languages,
        modes: MODES.into_iter().map(|code| said(code, "inquiry-mode")).collect(),
        audiences: AUDIENCES.into_iter().map(|code| said(code, "inquiry-audience")).collect(),
    }
}

/// Asks about the need and the place of the draft: nothing else of it leaves.
pub(crate) async fn ask(Path(id): Path<String>, posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    let draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    let (theme, commune) = (draft.form.text("theme"), draft.form.text("commune-code"));
    if theme.is_empty() || commune.is_empty() {
        return Ok(page::lead(&draft.address("besoin")));
    }
    // A code that is on no list is the node's to refuse: it says which field, and what may stand there.
    let chosen = |field| Some(form.text(field)).filter(|code| !code.is_empty()).map(str::to_owned);
    let stays = form.has("deplacement", "non");
    let constraints = peer::InquiryConstraints {
        urgency: Some(build::urgency(&draft.form).into()),
        languages: chosen("langue").into_iter().collect(),
        mobility: stays.then(|| peer::Constraint::CannotTravel.into()).into_iter().collect(),
        mode: chosen("accueil"),
        audiences: chosen("public").into_iter().collect(),
    };
    let request = AskInquiryRequest {
        request_id: hex::id(form.text("acte")).ok_or(Trouble::BadForm)?,
        theme: theme.to_owned(),
        commune: commune.to_owned(),
        constraints: Some(constraints),
    };
    let asked = session.desk().ask_inquiry(session.ask(request)).await?.into_inner();
    Ok(page::lead(&address(&draft, &asked)))
}

/// Where an inquiry is shown.
pub(super) struct At {
    /// The page itself.
    pub(super) address: String,
    /// Where a door is chosen.
    pub(super) service_page: String,
    /// The first page of its draft; empty outside of one.
    pub(super) need_page: String,
}

fn address(draft: &Draft, inquiry: &InquiryView) -> String {
    format!("{}/{}", draft.address("demande"), hex::encode(&inquiry.inquiry_id))
}

/// What follows the address of an inquiry.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Looked {
    /// How often the page has looked by itself.
    #[serde(default)]
    vu: u32,
}

/// One partner.
struct Row {
    id: String,
    structure: String,
    answer: String,
    service: String,
    /// What the button says that chooses its door; empty when there is none to choose.
    door: String,
}

#[derive(Template)]
#[template(path = "pages/inquiry.html")]
struct InquiryPage {
    frame: Frame,
    need_page: String,
    service_page: String,
    address: String,
    need: String,
    place: String,
    wanted: String,
    progress: String,
    until: String,
    left_out: String,
    beyond: String,
    open: bool,
    /// Where every inquiry is.
    all: &'static str,
    /// Where the page looks for answers next; empty when it looks no more.
    again: String,
    rows: Vec<Row>,
}

fn row(teller: &Teller<'_>, partner: &InquiryPartner) -> Row {
    let answer = match (&partner.answer, partner.standing()) {
        (Some(answer), _) => said(teller, answer),
        (None, _) if partner.taken_back_ms.is_some() => teller.say("inquiry-taken-back"),
        (None, InquiryStanding::NotReached) => teller.say("inquiry-not-reached"),
        (None, InquiryStanding::NoAnswer) => teller.say("inquiry-no-answer"),
        (None, _) => teller.say("inquiry-asked"),
    };
    let takes = partner.answer.as_ref().map(|answer| answer.kind());
    let takes =
        matches!(takes, Some(peer::InquiryAnswerKind::CanTake | peer::InquiryAnswerKind::WaitingList));
    let service = partner.service.as_ref().filter(|_| takes);
    let id = hex::encode(&partner.peer_id);
    let parts = |name: &str, address: &str| {
        let parts = [name, address].into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(" · ")
    };
    Row {
        structure: partner.name.clone(),
        answer,
        service: service.map(|service| parts(&service.name, &service.address)).unwrap_or_default(),
        door: service.map(|service| format!("{id} - {}", service.service_id)).unwrap_or_default(),
        id,
    }
}

/// Shows who was asked, and who answered what.
pub(crate) async fn show(
    session: Session,
    Path((id, inquiry)): Path<(String, String)>,
    Query(looked): Query<Looked>,
) -> Result<Response, Trouble> {
    let draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    let inquiry_id = hex::id(&inquiry).ok_or(Trouble::NotFound)?;
    let shown =
        session.desk().show_inquiry(session.ask(ShowInquiryRequest { inquiry_id })).await?.into_inner();
    let at = At {
        address: address(&draft, &shown),
        service_page: draft.address("service"),
        need_page: draft.address("besoin"),
    };
    Ok(sheet(&session, &shown, at, &looked))
}

/// The page of one.
pub(super) fn sheet(session: &Session, shown: &InquiryView, at: At, looked: &Looked) -> Response {
    let teller = Teller::of(session);
    let open = shown.open == i32::from(peer::YesNo::Yes);
    let At { address, service_page, need_page } = at;
    let looks = open && shown.answered < shown.asked && looked.vu < LOOKS_MAX;
    let title = teller.say("inquiry-title");
    let some = |key: &str, number: u32| match number {
        0 => String::new(),
        number => teller.tongue.count(key, number.into()),
    };
    let until = if open { "inquiry-until" } else { "inquiry-over" };
    let answers = teller.tongue.count("inquiry-answers", shown.answered.into());
    let asked = teller.tongue.count("inquiry-partners", shown.asked.into());
    page::ok(&InquiryPage {
        frame: Frame::signed(session, Place::New, &title),
        need_page,
        service_page,
        need: teller.theme(&shown.theme),
        place: shown.territory_name.clone(),
        wanted: wanted(&teller, shown.constraints.as_ref()).join(" · "),
        progress: format!("{answers} · {asked}"),
        until: teller.with(until, &[("when", &teller.instant(shown.expires_ms))]),
        left_out: some("inquiry-left-out", shown.left_out),
        beyond: some("inquiry-beyond", shown.beyond),
        open,
        all: super::asked::ROOT,
        again: if looks { format!("{address}?vu={}", looked.vu + 1) } else { String::new() },
        rows: shown.partners.iter().map(|partner| row(&teller, partner)).collect(),
        address,
    })
}
