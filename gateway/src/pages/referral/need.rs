//! First page: what the person needs, and where they live.

use super::draft::Draft;
use crate::page::{self, Frame, Mistakes, Place};
use crate::pages::place;
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use relais_proto::desk::v1::{CommuneView, ListPeersRequest};
use relais_proto::peer::v1::PeerTrust;
use std::collections::BTreeMap;

/// Big cards: the needs that partners answer most.
const CARDS_MAX: usize = 8;

/// A need to choose.
struct Card {
    code: String,
    words: String,
}

/// The needs of one category.
struct Group {
    words: String,
    cards: Vec<Card>,
}

#[derive(Template)]
#[template(path = "pages/referral_need.html")]
struct NeedPage {
    frame: Frame,
    address: String,
    usual: Vec<Card>,
    groups: Vec<Group>,
    commune: String,
    communes: Vec<CommuneView>,
    urgency: String,
    mistakes: Mistakes,
}

/// Every need there is, by category, as `theme-list` of the word files names them.
fn groups(session: &Session) -> Vec<Group> {
    let tongue = session.tongue();
    let codes = tongue.say("theme-list");
    let mut groups: Vec<(String, Vec<Card>)> = Vec::new();
    for code in codes.split_whitespace() {
        let category = code.split("--").next().unwrap_or_default().to_owned();
        let card = Card { code: code.to_owned(), words: tongue.say(&format!("theme-{code}")) };
        match groups.last_mut() {
            Some((last, cards)) if *last == category => cards.push(card),
            _ => groups.push((category, vec![card])),
        }
    }
    let group = |(category, cards)| Group { words: tongue.say(&format!("category-{category}")), cards };
    groups.into_iter().map(group).collect()
}

/// The needs that partners answer, the most frequent first: a card never leads to an empty page.
async fn usual(session: &Session) -> Result<Vec<Card>, Trouble> {
    let peers = session.desk().list_peers(session.ask(ListPeersRequest {})).await?.into_inner().peers;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for peer in peers.into_iter().filter(|peer| peer.trust() == PeerTrust::Paired) {
        for theme in
            place::services(session, peer.peer_id).await?.into_iter().flat_map(|service| service.themes)
        {
            *counts.entry(theme).or_default() += 1;
        }
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let tongue = session.tongue();
    let card = |(code, _): (String, usize)| Card { words: tongue.say(&format!("theme-{code}")), code };
    Ok(counts.into_iter().take(CARDS_MAX).map(card).collect())
}

async fn need_page(
    session: &Session,
    draft: &Draft,
    communes: Vec<CommuneView>,
    mistakes: Mistakes,
) -> Result<Response, Trouble> {
    let mut title = session.tongue().say("need-title");
    if !mistakes.is_empty() {
        title = session.tongue().with("error-title", &[("title", &title)]);
    }
    let urgency = draft.form.text("urgence");
    let shown = NeedPage {
        frame: Frame::signed(session, Place::New, &title),
        address: draft.address("besoin"),
        usual: usual(session).await?,
        groups: groups(session),
        commune: draft.form.text("commune").to_owned(),
        communes,
        urgency: if urgency.is_empty() { "normal".to_owned() } else { urgency.to_owned() },
        mistakes,
    };
    Ok(page::render(shown.mistakes.status(), &shown))
}

/// Shows it.
pub(crate) async fn show(session: Session, Path(id): Path<String>) -> Result<Response, Trouble> {
    let mut draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    place::presume(&session, &mut draft.form).await?;
    need_page(&session, &draft, Vec::new(), Mistakes::default()).await
}

/// Takes the need and goes on to the doors.
pub(crate) async fn choose(Path(id): Path<String>, posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    let mut draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    // What the page presumed when it was shown is known, though nothing was kept yet.
    place::presume(&session, &mut draft.form).await?;
    let known = place::known(&draft.form);
    draft.form.take_over(form);
    let mut mistakes = Mistakes::default();
    let communes = place::find(&session, &mut draft.form, &known, &mut mistakes).await?;
    if draft.form.text("theme").is_empty() {
        mistakes.add("theme", session.tongue().say("need-theme-empty"));
    }
    draft.save(&session).await?;
    if mistakes.is_empty() {
        return Ok(page::lead(&draft.address("service")));
    }
    need_page(&session, &draft, communes, mistakes).await
}
