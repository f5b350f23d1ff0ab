//! First page: to whom. The doors of every partner; those the person knows already stand first.

use super::draft::Draft;
use crate::hex;
use crate::page::{self, Frame, Place};
use crate::pages::people::person;
use crate::pages::place;
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use relais_proto::desk::v1::{ListPeersRequest, PeerView, ServiceView};
use relais_proto::peer::v1::{PeerTrust, YesNo};
use serde::Deserialize;

/// Doors shown; the others are found by their name.
const DOORS_MAX: usize = 12;
/// Bytes of a structure's id.
const STRUCTURE_BYTES: usize = 32;

/// What follows the address of the doors. Names of structures and services concern no person.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// Part of the name of a structure or service.
    #[serde(default)]
    cherche: String,
}

/// One door.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Door {
    structure: String,
    name: String,
    /// «structure theme service»: one button says it all.
    value: String,
}

#[derive(Template)]
#[template(path = "pages/handover_doors.html")]
struct DoorsPage {
    frame: Frame,
    address: String,
    doors: Vec<Door>,
    sought: String,
    searches: bool,
}

fn door(service: &ServiceView) -> Option<Door> {
    let theme = service.themes.first()?;
    let value = format!("{} {theme} {}", hex::encode(&service.structure_id), service.service_id);
    Some(Door { structure: service.structure_name.clone(), name: service.name.clone(), value })
}

/// Those that answer to what is sought, known ones first, then by name.
fn sorted(mut services: Vec<ServiceView>, known: &[Vec<u8>], sought: &str) -> Vec<Door> {
    let sought = sought.to_lowercase();
    services.retain(|service| {
        [&service.name, &service.structure_name].iter().any(|name| name.to_lowercase().contains(&sought))
    });
    services.sort_by_cached_key(|service| {
        let unknown = !known.contains(&service.structure_id);
        (unknown, service.structure_name.to_lowercase(), service.name.to_lowercase())
    });
    services.iter().filter_map(door).collect()
}

/// Whether a partner is one by both structures' word: nothing reaches who has not confirmed. A node of before does not say.
fn is_met(peer: &PeerView) -> bool {
    peer.trust() == PeerTrust::Paired && peer.met() != YesNo::No
}

/// Services of every partner that someone can be handed over to.
async fn services(session: &Session) -> Result<Vec<ServiceView>, Trouble> {
    let peers = session.desk().list_peers(session.ask(ListPeersRequest {})).await?.into_inner().peers;
    let mut services = Vec::new();
    for peer in peers.into_iter().filter(is_met) {
        services.extend(place::services(session, peer.peer_id).await?);
    }
    Ok(services)
}

/// Shows them.
pub(crate) async fn show(
    session: Session,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    let draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    let known = person::load(&session, draft.form.text("suivi")).await?.threads;
    let known: Vec<Vec<u8>> = known.into_iter().map(|thread| thread.peer_id).collect();
    let sought = asked.cherche.trim().to_owned();
    let mut doors = sorted(services(&session).await?, &known, &sought);
    let searches = doors.len() > DOORS_MAX || !sought.is_empty();
    doors.truncate(DOORS_MAX);
    let title = session.tongue().say("handover-to-whom");
    Ok(page::ok(&DoorsPage {
        frame: Frame::signed(&session, Place::People, &title),
        address: draft.address("service"),
        doors,
        sought,
        searches,
    }))
}

/// Takes the door and goes on to the agreement.
pub(crate) async fn choose(Path(id): Path<String>, posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    let mut draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    let mut parts = form.text("porte").splitn(3, ' ');
    let structure = parts.next().unwrap_or_default();
    let (theme, service) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let is_structure = hex::bytes(structure).is_some_and(|bytes| bytes.len() == STRUCTURE_BYTES);
    if !is_structure || service.is_empty() {
        return Err(Trouble::BadForm);
    }
    let chosen = [("structure", structure), ("service", service)];
    if chosen.iter().any(|(field, value)| draft.form.text(field) != *value) {
        draft.forget_agreement();
    }
    for (field, value) in chosen.into_iter().chain([("theme", theme)]) {
        draft.form.set(field, value);
    }
    draft.save(&session).await?;
    Ok(page::lead(&draft.address("accord")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(structure: u8, structure_name: &str, name: &str) -> ServiceView {
        ServiceView {
            structure_id: vec![structure; STRUCTURE_BYTES],
            structure_name: structure_name.to_owned(),
            service_id: format!("s {name}"),
            name: name.to_owned(),
            themes: vec!["numerique--acquerir-un-equipement".to_owned()],
            ..Default::default()
        }
    }

    #[test]
    fn partners_the_person_knows_stand_first() {
        let all =
            vec![service(1, "Abri", "Toit"), service(2, "Zone", "Réseau"), service(1, "Abri", "Accueil")];
        let doors = sorted(all.clone(), &[vec![2; STRUCTURE_BYTES]], "");
        let names: Vec<&str> = doors.iter().map(|door| door.name.as_str()).collect();
        assert_eq!(names, ["Réseau", "Accueil", "Toit"]);
        assert_eq!(sorted(all.clone(), &[], "TOI").len(), 1);
        assert_eq!(sorted(all, &[], "abri").len(), 2);
    }

    #[test]
    fn nobody_is_handed_over_to_who_has_not_confirmed() {
        let peer = |trust: PeerTrust, met: YesNo| PeerView {
            trust: trust.into(),
            met: met.into(),
            ..Default::default()
        };
        for (trust, met, is_door) in [
            (PeerTrust::Paired, YesNo::Yes, true),
            (PeerTrust::Paired, YesNo::Unspecified, true),
            (PeerTrust::Paired, YesNo::No, false),
            (PeerTrust::Suspended, YesNo::Yes, false),
        ] {
            assert_eq!(is_met(&peer(trust, met)), is_door, "{trust:?} {met:?}");
        }
    }

    #[test]
    fn a_service_without_a_need_is_no_door() {
        let none = ServiceView { themes: vec![], ..service(1, "Abri", "Toit") };
        assert_eq!(sorted(vec![none], &[], ""), []);
    }
}
