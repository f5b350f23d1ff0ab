//! One structure of the directory: who it is, who vouches, how fresh, and what an admin may do.

use super::row::{self, Way};
use super::{Room, address, structure};
use crate::hex;
use crate::page::{self, Frame, MenuEntry, Place};
use crate::pages::structure::PARTNERS;
use crate::pages::structure::{Shown, introductions};
use crate::pages::thread::Teller;
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use relais_proto::desk::v1::{DirectoryStanding, DirectoryStructure, Role};

/// Something known of it.
struct Fact {
    key: &'static str,
    words: String,
}

#[derive(Template)]
#[template(path = "pages/directory_structure.html")]
struct StructurePage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    name: String,
    relation: String,
    class: &'static str,
    conflict: String,
    facts: Vec<Fact>,
    number: String,
    /// Who recommends it, until when and what for.
    vouched: Vec<String>,
    way: Way,
    /// Its page among the partners; empty when it is none.
    partner: String,
    /// Where it is refused, or taken again; empty for what cannot be, and for who may not.
    refuse: String,
    allow: String,
}

fn facts(teller: &Teller<'_>, structure: &DirectoryStructure) -> Vec<Fact> {
    let via = match structure.carried_ms.filter(|_| !structure.carrier_name.is_empty()) {
        Some(since) => {
            let named = [("peer", structure.carrier_name.as_str()), ("date", &teller.day(since))];
            teller.with("directory-via-since", &named)
        }
        None => row::via(teller, structure),
    };
    let all = [
        ("directory-place", structure.commune_name.clone()),
        ("structure-services", row::services(teller, structure)),
        ("directory-said", row::freshness(teller, structure)),
        ("directory-known", via),
    ];
    let known = all.into_iter().filter(|(_, words)| !words.is_empty());
    known.map(|(key, words)| Fact { key, words }).collect()
}

/// Shows it.
pub(crate) async fn show(
    session: Session,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Trouble> {
    let rooms = Room::Directory.enter(&session)?;
    let structure = structure(&session, &id).await?;
    let introduced = introductions::all(&session).await?;
    let teller = Teller::of(&session);
    let (relation, class) = row::relation(&teller, &structure);
    let page = address(&structure.structure_id);
    let may = session.has(Role::Admin);
    let (is_own, is_refused) = match structure.standing() {
        DirectoryStanding::Own => (true, false),
        DirectoryStanding::Refused => (false, true),
        DirectoryStanding::Unspecified
        | DirectoryStanding::Partner
        | DirectoryStanding::Awaited
        | DirectoryStanding::Suspended
        | DirectoryStanding::Removed
        | DirectoryStanding::Third => (false, false),
    };
    let is_partner = matches!(
        structure.standing(),
        DirectoryStanding::Partner
            | DirectoryStanding::Awaited
            | DirectoryStanding::Suspended
            | DirectoryStanding::Removed
    );
    let link = |holds: bool, address: String| if holds { address } else { String::new() };
    let title = session.tongue().say("directory-structure-title");
    let done = shown.done(&session, "directory-done", &["refuser"]);
    Ok(page::ok(&StructurePage {
        frame: Frame::signed(&session, Place::Structure, &title).saying(done),
        rooms,
        name: row::name(&teller, &structure),
        relation,
        class,
        conflict: row::conflict(&teller, &structure),
        facts: facts(&teller, &structure),
        number: hex::encode(&structure.structure_id),
        vouched: introductions::vouched(&teller, &structure.vouchers),
        way: row::way(&session, &structure, &introduced),
        partner: link(is_partner, format!("{PARTNERS}/{}", hex::encode(&structure.structure_id))),
        refuse: link(may && !is_own && !is_refused, format!("{page}/refuser")),
        allow: link(may && is_refused, format!("{page}/reprendre")),
    }))
}
