//! First page: what the person needs, and where they live.

use super::draft::Draft;
use crate::page::{self, Frame, Mistakes, Place};
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use relais_proto::desk::v1::{
    CommuneView, FindCommunesRequest, ListPeersRequest, ListServicesRequest, ServiceView,
};
use relais_proto::peer::v1::PeerTrust;
use std::collections::BTreeMap;

/// Big cards: the needs that partners answer most.
const CARDS_MAX: usize = 8;
/// Communes to choose from when a name is not enough.
const COMMUNES_MAX: u32 = 8;
/// Services of one partner looked at for the cards.
const SERVICES_MAX: u32 = 100;

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

/// Services of this structure and of every partner.
async fn services(session: &Session, of: Vec<u8>) -> Result<Vec<ServiceView>, Trouble> {
    let request = ListServicesRequest { structure_id: of, page_size: SERVICES_MAX, ..Default::default() };
    Ok(session.desk().list_services(session.ask(request)).await?.into_inner().services)
}

/// The needs that partners answer, the most frequent first: a card never leads to an empty page.
async fn usual(session: &Session) -> Result<Vec<Card>, Trouble> {
    let peers = session.desk().list_peers(session.ask(ListPeersRequest {})).await?.into_inner().peers;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for peer in peers.into_iter().filter(|peer| peer.trust() == PeerTrust::Paired) {
        for theme in services(session, peer.peer_id).await?.into_iter().flat_map(|service| service.themes) {
            *counts.entry(theme).or_default() += 1;
        }
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let tongue = session.tongue();
    let card = |(code, _): (String, usize)| Card { words: tongue.say(&format!("theme-{code}")), code };
    Ok(counts.into_iter().take(CARDS_MAX).map(card).collect())
}

/// The commune most people who come here live in: that of the structure's own first service.
async fn own_commune(session: &Session) -> Result<Option<(String, String)>, Trouble> {
    let own = services(session, Vec::new()).await?;
    let placed = own.into_iter().find(|service| !service.commune_code.is_empty());
    Ok(placed.map(|service| (service.commune_name, service.commune_code)))
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
    if draft.form.text("commune").is_empty()
        && let Some((name, code)) = own_commune(&session).await?
    {
        draft.form.set("commune", &name);
        draft.form.set("commune-nom", &name);
        draft.form.set("commune-code", &code);
    }
    need_page(&session, &draft, Vec::new(), Mistakes::default()).await
}

/// Takes the need and goes on to the doors.
pub(crate) async fn choose(Path(id): Path<String>, posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    let mut draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    let known = (draft.form.text("commune-nom").to_owned(), draft.form.text("commune-code").to_owned());
    draft.form.take_over(form);
    let mut mistakes = Mistakes::default();
    let communes = place(&session, &mut draft, &known, &mut mistakes).await?;
    if draft.form.text("theme").is_empty() {
        mistakes.add("theme", session.tongue().say("need-theme-empty"));
    }
    draft.save(&session).await?;
    if mistakes.is_empty() {
        return Ok(page::lead(&draft.address("service")));
    }
    need_page(&session, &draft, communes, mistakes).await
}

/// Finds the commune that was typed; answers those to choose from when there are several.
async fn place(
    session: &Session,
    draft: &mut Draft,
    known: &(String, String),
    mistakes: &mut Mistakes,
) -> Result<Vec<CommuneView>, Trouble> {
    let typed = draft.form.text("commune").to_owned();
    let chosen = draft.form.text("commune-choix").to_owned();
    draft.form.remove("commune-choix");
    let text = if chosen.is_empty() { typed.clone() } else { chosen };
    if text == known.0 && !known.1.is_empty() {
        draft.form.set("commune-code", &known.1);
        return Ok(Vec::new());
    }
    if text.chars().count() < 2 {
        mistakes.add("commune", session.tongue().say("need-commune-empty"));
        return Ok(Vec::new());
    }
    let text: String = text.chars().take(80).collect();
    let request = session.ask(FindCommunesRequest { text: text.clone(), limit: COMMUNES_MAX });
    let mut found = session.desk().find_communes(request).await?.into_inner().communes;
    let exact = found.len() == 1
        || found.first().is_some_and(|first| first.name.to_lowercase() == text.to_lowercase());
    match found.first() {
        Some(first) if exact && !same_name_twice(&found) => {
            draft.form.set("commune", &first.name);
            draft.form.set("commune-nom", &first.name);
            draft.form.set("commune-code", &first.code);
            found.clear();
        }
        Some(_) => {
            draft.form.remove("commune-code");
            mistakes.add("commune", session.tongue().say("need-commune-several"));
        }
        None => {
            draft.form.remove("commune-code");
            mistakes.add("commune", session.tongue().say("need-commune-unknown"));
        }
    }
    Ok(found)
}

/// Two communes may bear one name.
fn same_name_twice(found: &[CommuneView]) -> bool {
    matches!(found, [first, second, ..] if first.name == second.name)
}
