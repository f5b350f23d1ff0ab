//! The first page: what needs me, and what became of what I sent. Nothing else competes.

use super::draft::{self, Begun};
use super::inquiry::{self, Typed, Waiting};
use super::people::Handover;
use super::referral::{Referral, answered_inquiries};
use super::refused;
use super::thread::{Row, Teller, news, to_do};
use crate::page::{self, Frame, Mistakes, Place};
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use relais_proto::desk::v1::{ListThreadsRequest, ThreadFilter, ThreadSummary};
use serde::Deserialize;

/// Lines of what is to do.
const TO_DO_MAX: u32 = 12;
/// Lines of news.
const NEWS_MAX: u32 = 8;
#[derive(Template)]
#[template(path = "pages/home.html")]
struct Home {
    frame: Frame,
    to_do: Vec<Row>,
    more_to_do: bool,
    inquiries: Waiting,
    news: Vec<Row>,
    begun: Vec<Begun>,
    mistakes: Mistakes,
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

/// What was begun: referrals and handovers.
async fn begun(session: &Session) -> Result<Vec<Begun>, Trouble> {
    let referrals = draft::begun::<Referral>(session, "besoin", "home-draft").await?;
    let handovers = draft::begun::<Handover>(session, "accord", "people-begun").await?;
    Ok(draft::newest_first(vec![referrals, handovers]))
}

/// What follows `/?`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Shown {
    /// What was just done.
    #[serde(default)]
    fait: String,
}

/// Shows it.
pub(crate) async fn show(session: Session, Query(shown): Query<Shown>) -> Result<Response, Trouble> {
    if session.home() != "/" {
        return Ok(page::lead(session.home()));
    }
    let answered = shown.fait == inquiry::ANSWERED;
    let done = if answered { session.tongue().say("inquiry-answered") } else { String::new() };
    home(&session, done, None).await
}

/// The page, with what was just done; or with an answer to an inquiry that was refused, as it was typed.
pub(crate) async fn home(
    session: &Session,
    done: String,
    typed: Option<Typed<'_>>,
) -> Result<Response, Trouble> {
    let teller = Teller::of(session);
    let (waiting, more_to_do) = threads(session, ThreadFilter::ToDo, TO_DO_MAX).await?;
    let (changed, _) = threads(session, ThreadFilter::News, NEWS_MAX).await?;
    let mut told = answered_inquiries(session).await?;
    told.extend(changed.iter().map(|summary| news(&teller, summary)));
    let inquiries = inquiry::waiting(session, typed.as_ref()).await?;
    let mistakes = typed.map(|typed| typed.mistakes).unwrap_or_default();
    let title = refused::title(session.tongue(), "menu-home", &mistakes);
    let shown = Home {
        to_do: waiting.iter().map(|summary| to_do(&teller, summary)).collect(),
        more_to_do,
        news: told,
        inquiries,
        begun: begun(session).await?,
        frame: Frame::signed(session, Place::Home, &title).saying(done),
        mistakes,
    };
    Ok(page::render(shown.mistakes.status(), &shown))
}
