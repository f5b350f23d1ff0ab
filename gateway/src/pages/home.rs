//! The first page: what needs me, and what became of what I sent. Nothing else competes.

use super::thread::{Row, Teller, news, to_do};
use crate::hex;
use crate::page::{self, Frame, Place};
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::response::Response;
use relais_proto::desk::v1::{ListDraftsRequest, ListThreadsRequest, ThreadFilter, ThreadSummary};

/// Lines of what is to do.
const TO_DO_MAX: u32 = 12;
/// Lines of news.
const NEWS_MAX: u32 = 8;
/// What form a draft of a referral is.
const DRAFT_FORM: &str = "orientation";

/// A referral that was begun.
struct Begun {
    address: String,
    words: String,
}

#[derive(Template)]
#[template(path = "pages/home.html")]
struct Home {
    frame: Frame,
    to_do: Vec<Row>,
    more_to_do: bool,
    news: Vec<Row>,
    begun: Vec<Begun>,
}

async fn threads(
    session: &Session,
    filter: ThreadFilter,
    page_size: u32,
) -> Result<(Vec<ThreadSummary>, bool), Trouble> {
    let request = ListThreadsRequest { filter: filter.into(), page_size, ..Default::default() };
    let answer = session.desk().list_threads(session.ask(request)).await?.into_inner();
    Ok((answer.threads, !answer.next_page_token.is_empty()))
}

async fn begun(session: &Session, teller: &Teller<'_>) -> Result<Vec<Begun>, Trouble> {
    let request = session.ask(ListDraftsRequest { form: DRAFT_FORM.to_owned() });
    let drafts = session.desk().list_drafts(request).await?.into_inner().drafts;
    let begun = drafts.into_iter().map(|draft| Begun {
        address: format!("/orientations/nouvelle/{}/besoin", hex::encode(&draft.draft_id)),
        words: teller.with("home-draft", &[("when", &teller.distance(draft.saved_ms))]),
    });
    Ok(begun.collect())
}

/// Shows it.
pub(crate) async fn show(session: Session) -> Result<Response, Trouble> {
    if session.home() != "/" {
        return Ok(page::lead(session.home()));
    }
    let teller = Teller::of(&session);
    let (waiting, more_to_do) = threads(&session, ThreadFilter::ToDo, TO_DO_MAX).await?;
    let (changed, _) = threads(&session, ThreadFilter::News, NEWS_MAX).await?;
    let title = session.tongue().say("menu-home");
    Ok(page::ok(&Home {
        to_do: waiting.iter().map(|summary| to_do(&teller, summary)).collect(),
        more_to_do,
        news: changed.iter().map(|summary| news(&teller, summary)).collect(),
        begun: begun(&session, &teller).await?,
        frame: Frame::signed(&session, Place::Home, &title),
    }))
}
