//! Inquiries that were asked before: linked where their answers help, and shown without the draft they were asked from. A
//! door chosen there begins a referral. No name of a person is in any of it.

use super::build;
use super::draft::Draft;
use super::inquiry::{self, At, Looked};
use super::service;
use crate::door::Door;
use crate::hex;
use crate::page::{self, Frame, Place};
use crate::pages::inquiry::wanted as inquiry_wanted;
use crate::pages::place;
use crate::pages::thread::{Row, Teller, joined};
use crate::pages::threads::token;
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use relais_proto::desk::v1::{
    InquiryDirection, InquiryView, ListInquiriesRequest, ListInquiriesResponse, ShowInquiryRequest,
};
use relais_proto::peer::v1::{Urgency, YesNo};
use serde::Deserialize;
use tonic::Code;

/// Where inquiries are shown outside of a draft.
pub(crate) const ROOT: &str = "/qui-peut-prendre";
/// Most that are news on the first page.
const NEWS_MAX: u32 = 3;
/// Most that are linked from the list of doors.
const LINKED_MAX: usize = 5;
/// Most among which those are chosen: as many as the node gives at once.
const CHOSEN_AMONG: u32 = 100;
/// Lines of a page of all.
const PAGE_SIZE: u32 = 25;

/// A link to an inquiry that is open.
#[derive(Debug)]
pub(super) struct Earlier {
    /// Where.
    pub(super) address: String,
    /// How many answered.
    pub(super) answers: String,
    /// What was to be borne in mind; empty for nothing.
    pub(super) wanted: String,
    /// When it was asked.
    pub(super) when: String,
}

/// This structure's open inquiries of these alone, the newest first. A node of before knows none, and one that does not
/// know how to choose lists all.
async fn open(session: &Session, which: ListInquiriesRequest) -> Result<Vec<InquiryView>, Trouble> {
    let request =
        ListInquiriesRequest { direction: InquiryDirection::Ours.into(), open: YesNo::Yes.into(), ..which };
    match session.desk().list_inquiries(session.ask(request)).await {
        Ok(listed) => {
            let open = |one: &InquiryView| one.open == i32::from(YesNo::Yes);
            Ok(listed.into_inner().ours.into_iter().filter(open).collect())
        }
        Err(status) if status.code() == Code::Unimplemented => Ok(Vec::new()),
        Err(status) => Err(status.into()),
    }
}

/// Links to those about the need and the place of a draft, those that were answered first.
pub(super) async fn earlier(session: &Session, draft: &Draft) -> Result<Vec<Earlier>, Trouble> {
    let (theme, commune) = (draft.form.text("theme").to_owned(), draft.form.text("commune-code").to_owned());
    let which = ListInquiriesRequest {
        theme: theme.clone(),
        commune: commune.clone(),
        page_size: CHOSEN_AMONG,
        ..Default::default()
    };
    let teller = Teller::of(session);
    let same = |one: &InquiryView| one.theme == theme && one.commune_code == commune;
    let link = |one: InquiryView| Earlier {
        address: format!("{}/{}", draft.address("demande"), hex::encode(&one.inquiry_id)),
        answers: teller.tongue.count("inquiry-answers", one.answered.into()),
        wanted: inquiry_wanted(&teller, one.constraints.as_ref()).join(" · "),
        when: teller.with("inquiry-earlier", &[("when", &teller.distance(one.asked_ms))]),
    };
    let mut about: Vec<InquiryView> = open(session, which).await?.into_iter().filter(same).collect();
    about.sort_by_key(|one| one.answered == 0);
    Ok(about.into_iter().take(LINKED_MAX).map(link).collect())
}

/// What was answered to those that this professional asked, since they looked.
///
/// # Errors
/// [`Trouble`] when the node does not answer.
pub(crate) async fn news(session: &Session) -> Result<Vec<Row>, Trouble> {
    let which = ListInquiriesRequest { unseen: YesNo::Yes.into(), page_size: NEWS_MAX, ..Default::default() };
    let teller = Teller::of(session);
    let new = |one: &InquiryView| one.unseen == i32::from(YesNo::Yes) && one.answered > 0;
    let row = |one: InquiryView| Row {
        address: format!("{ROOT}/{}", hex::encode(&one.inquiry_id)),
        what: teller.tongue.count("inquiry-news", one.answered.into()),
        who: format!("{} · {}", teller.theme(&one.theme), place_name(&one)),
        when: teller.distance(one.asked_ms),
        class: "when",
    };
    Ok(open(session, which).await?.into_iter().filter(new).map(row).collect())
}

#[derive(Template)]
#[template(path = "pages/inquiries_all.html")]
struct All {
    frame: Frame,
    rows: Vec<Row>,
    first: bool,
    next: String,
}

/// What follows the address of all.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Paged {
    /// From which on.
    #[serde(default)]
    page: String,
}

/// Every one of this structure's that is kept, page by page, the newest first.
pub(crate) async fn all(session: Session, Query(paged): Query<Paged>) -> Result<Response, Trouble> {
    session.follow(Door::Drafts)?;
    let page_token = token(&paged.page);
    let first = page_token.is_empty();
    let request = ListInquiriesRequest {
        direction: InquiryDirection::Ours.into(),
        page_token,
        page_size: PAGE_SIZE,
        ..Default::default()
    };
    let listed = match session.desk().list_inquiries(session.ask(request)).await {
        Ok(listed) => listed.into_inner(),
        // A node of before knows none.
        Err(status) if status.code() == Code::Unimplemented => ListInquiriesResponse::default(),
        Err(status) => return Err(status.into()),
    };
    let teller = Teller::of(&session);
    let row = |one: &InquiryView| {
        let is_open = one.open == i32::from(YesNo::Yes);
        let when = teller.with("inquiry-asked-when", &[("when", &teller.distance(one.asked_ms))]);
        let bearing = inquiry_wanted(&teller, one.constraints.as_ref()).join(" · ");
        let over = if is_open { String::new() } else { teller.say("inquiry-closed") };
        Row {
            address: address(&hex::encode(&one.inquiry_id)),
            what: teller.tongue.count("inquiry-answers", one.answered.into()),
            who: joined(&[teller.theme(&one.theme), place_name(one).to_owned(), bearing], " · "),
            when: joined(&[when, over], " · "),
            class: "when",
        }
    };
    let title = session.tongue().say("inquiries-all");
    Ok(page::ok(&All {
        frame: Frame::signed(&session, Place::New, &title),
        rows: listed.ours.iter().map(row).collect(),
        first,
        next: token(&listed.next_page_token),
    }))
}

fn place_name(inquiry: &InquiryView) -> &str {
    if inquiry.commune_name.is_empty() { &inquiry.territory_name } else { &inquiry.commune_name }
}

async fn load(session: &Session, id: &str) -> Result<InquiryView, Trouble> {
    session.follow(Door::Drafts)?;
    let inquiry_id = hex::id(id).ok_or(Trouble::NotFound)?;
    let request = session.ask(ShowInquiryRequest { inquiry_id });
    Ok(session.desk().show_inquiry(request).await?.into_inner())
}

fn address(id: &str) -> String {
    format!("{ROOT}/{id}")
}

/// Shows one.
pub(crate) async fn show(
    session: Session,
    Path(id): Path<String>,
    Query(looked): Query<Looked>,
) -> Result<Response, Trouble> {
    let shown = load(&session, &id).await?;
    let at = At { address: address(&id), service_page: address(&id), need_page: String::new() };
    Ok(inquiry::sheet(&session, &shown, at, &looked))
}

/// Begins a referral about its need and its place, to the door that was chosen.
pub(crate) async fn choose(Path(id): Path<String>, posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    let asked = load(&session, &id).await?;
    let mut draft = Draft::fresh();
    let urgency = asked.constraints.as_ref().map_or(Urgency::Unspecified, |wanted| wanted.urgency());
    draft.form.set("theme", &asked.theme);
    draft.form.set("urgence", build::urgency_word(urgency));
    place::set(&mut draft.form, place_name(&asked), &asked.commune_code);
    service::take_door(&mut draft, &form)?;
    draft.save(&session).await?;
    Ok(page::lead(&draft.address("accord")))
}
