//! Every referral and handover, page by page: for the work beyond the first page.

use super::referral::INQUIRIES;
use super::thread::{Row, Teller, any, to_do};
use crate::page::{self, Frame, Place};
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use relais_proto::desk::v1::{ListThreadsRequest, ThreadFilter};
use serde::Deserialize;

/// Lines of one page.
const PAGE_SIZE: u32 = 25;
/// Most characters of what the node says of the next page.
const TOKEN_CHARS_MAX: usize = 64;

/// What follows `/orientations?`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// Which.
    #[serde(default)]
    voir: String,
    /// From which on.
    #[serde(default)]
    page: String,
}

/// One way to look at the list.
struct View {
    code: &'static str,
    words: String,
    here: bool,
}

#[derive(Template)]
#[template(path = "pages/threads.html")]
struct Threads {
    frame: Frame,
    views: Vec<View>,
    here: &'static str,
    rows: Vec<Row>,
    first: bool,
    next: String,
    /// Where what was asked of partners is, for who asks; else empty.
    inquiries: &'static str,
}

/// The ways, the first unless one is asked.
const VIEWS: [(&str, ThreadFilter); 4] = [
    ("toutes", ThreadFilter::All),
    ("recues", ThreadFilter::Inbox),
    ("envoyees", ThreadFilter::Outbox),
    ("a-traiter", ThreadFilter::ToDo),
];

/// A token of the node, or none: it may hold letters, digits, `-`, `_`, `.`, `=`.
pub(crate) fn token(text: &str) -> String {
    let plain = text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.=".contains(letter));
    if plain && text.len() <= TOKEN_CHARS_MAX { text.to_owned() } else { String::new() }
}

/// Shows it.
pub(crate) async fn show(session: Session, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    let chosen = VIEWS.into_iter().find(|(code, _)| *code == asked.voir).unwrap_or(VIEWS[0]);
    let (here, filter) = chosen;
    let page_token = token(&asked.page);
    let first = page_token.is_empty();
    let request =
        ListThreadsRequest { filter: filter.into(), page_token, page_size: PAGE_SIZE, ..Default::default() };
    let answer = session.desk().list_threads(session.ask(request)).await?.into_inner();
    let teller = Teller::of(&session);
    let row = if filter == ThreadFilter::ToDo { to_do } else { any };
    let title = session.tongue().say("list-title");
    let view = |(code, _): (&'static str, ThreadFilter)| View {
        code,
        words: teller.say(&format!("list-{code}")),
        here: code == here,
    };
    Ok(page::ok(&Threads {
        frame: Frame::signed(&session, Place::Home, &title),
        views: VIEWS.into_iter().map(view).collect(),
        here,
        rows: answer.threads.iter().map(|summary| row(&teller, summary)).collect(),
        first,
        next: token(&answer.next_page_token),
        inquiries: if session.follows() { INQUIRIES } else { "" },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_token_of_the_node_is_given_back() {
        assert_eq!(token("25"), "25");
        for bad in ["<b>", "a b", "é", &"1".repeat(TOKEN_CHARS_MAX + 1), "1&voir=x"] {
            assert_eq!(token(bad), "", "{bad}");
        }
    }
}
