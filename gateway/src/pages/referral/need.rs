//! First page: what the person needs, and where they live.

use super::draft::Draft;
use crate::page::{self, Frame, Mistakes, Place};
use crate::pages::place;
use crate::pages::writing::{Stage, Writing};
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use relais_proto::desk::v1::{CommuneView, FlowsRequest, FlowsResponse, ListPeersRequest, TerritoryLevel};
use relais_proto::peer::v1::PeerTrust;
use std::collections::BTreeMap;

/// Big cards: this structure's usual needs, then those that partners answer most.
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

/// The counts of a quarter, this one when the year is 0; nothing when they cannot be had: the page is right without.
async fn flows(session: &Session, year: u32, quarter: u32) -> FlowsResponse {
    let request = FlowsRequest { year, quarter, level: TerritoryLevel::France.into(), ..Default::default() };
    let answer = session.desk().flows(session.ask(request)).await.ok();
    answer.map(tonic::Response::into_inner).unwrap_or_default()
}

/// The needs this structure sends, the most frequent first: those of this quarter, then of the one before, as there are
/// few when a quarter begins.
async fn sent(session: &Session) -> Vec<String> {
    let now = flows(session, 0, 0).await;
    let mut themes = now.themes_sent;
    if themes.len() >= CARDS_MAX || now.year == 0 {
        return themes;
    }
    let (year, quarter) = if now.quarter > 1 { (now.year, now.quarter - 1) } else { (now.year - 1, 4) };
    for theme in flows(session, year, quarter).await.themes_sent {
        if !themes.contains(&theme) {
            themes.push(theme);
        }
    }
    themes
}

/// In which order needs are offered: those that are sent first, then those that partners answer most. What no partner
/// answers is left out: a card never leads to an empty page.
fn ordered(sent: &[String], answered: BTreeMap<String, usize>) -> Vec<String> {
    let mut answered: Vec<(String, usize)> = answered.into_iter().collect();
    answered.sort_by_key(|(theme, count)| {
        let place = sent.iter().position(|one| one == theme).unwrap_or(usize::MAX);
        (place, std::cmp::Reverse(*count))
    });
    answered.into_iter().take(CARDS_MAX).map(|(theme, _)| theme).collect()
}

/// The needs on big cards.
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
    let tongue = session.tongue();
    let card = |code: String| Card { words: tongue.say(&format!("theme-{code}")), code };
    Ok(ordered(&sent(session).await, counts).into_iter().map(card).collect())
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
pub(crate) async fn choose(Path(id): Path<String>, writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    let mut draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    if stage == Stage::Resumed {
        draft.form.take_over(form);
        return need_page(&session, &draft, Vec::new(), Mistakes::default()).await;
    }
    // What the page presumed when it was shown is known, though nothing was kept yet.
    place::presume(&session, &mut draft.form).await?;
    let known = place::known(&draft.form);
    let before = draft.form.text("theme").to_owned();
    draft.form.take_over(form);
    if draft.form.text("theme") != before {
        draft.forget_agreement();
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_stands_first_and_what_nobody_answers_is_left_out() {
        let answered =
            || BTreeMap::from([("a", 3), ("b", 1), ("c", 2)].map(|(code, n)| (code.to_owned(), n)));
        assert_eq!(ordered(&[], answered()), ["a", "c", "b"]);
        let sent = ["none".to_owned(), "b".to_owned()];
        assert_eq!(ordered(&sent, answered()), ["b", "a", "c"]);
        let many = (0..20).map(|n| (format!("t{n}"), n)).collect();
        assert_eq!(ordered(&["t0".to_owned()], many).first().map(String::as_str), Some("t0"));
    }
}
