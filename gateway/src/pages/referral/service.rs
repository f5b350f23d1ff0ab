//! Second page: who can help, each with its reason.

use super::draft::Draft;
use super::filters::{self, Beyond, Shown};
use super::reason;
use crate::form::encode;
use crate::hex;
use crate::hours;
use crate::page::{self, Frame, Place};
use crate::tongue::Tongue;
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use askama::Template;
use axum::extract::{Path, Query};
use axum::response::Response;
use relais_proto::desk::v1::{
    FindServicesRequest, FoundService, FoundStanding, OpenSource, Role, ServiceView,
};
use serde::Deserialize;

/// Doors of a page.
const FOUND_MAX: u32 = 10;

/// Where an admin invites a structure.
const INVITATIONS: &str = "/structure/partenaires";

/// One door.
struct Door {
    structure: String,
    structure_id: String,
    service_id: String,
    name: String,
    address: String,
    reasons: Vec<String>,
    /// Digest of its standing offer; empty when there is none.
    offer: String,
    hours: String,
    /// Whether a referral can be sent there.
    partner: bool,
    /// Who cannot be sent to is telephoned, written to or visited.
    phone: String,
    email: String,
    link: String,
    /// Where an entry comes from that nobody signed; empty for others.
    source: String,
}

/// Which page of the doors.
#[derive(Deserialize, Default, Debug)]
pub(crate) struct Which {
    #[serde(default)]
    suite: String,
}

#[derive(Template)]
#[template(path = "pages/referral_service.html")]
struct ServicePage {
    frame: Frame,
    address: String,
    back: String,
    need: String,
    commune: String,
    doors: Vec<Door>,
    count: String,
    /// Where the filters go.
    filter: String,
    filters: Shown,
    beyond: Vec<Beyond>,
    /// The next page; empty after the last.
    next: String,
    /// The first page, from another one; else empty.
    first: String,
    /// Where a structure is invited, for who may; else empty.
    invite: String,
}

fn door(tongue: Tongue, found: FoundService) -> Option<Door> {
    let reasons = reason::words(tongue, &found);
    let partner = matches!(found.standing(), FoundStanding::Unspecified | FoundStanding::Partner);
    let source = found.open.as_ref().map(|open| source(tongue, open)).unwrap_or_default();
    let service: ServiceView = found.service?;
    let (offer, hours) = match service.walk_in {
        None => (String::new(), String::new()),
        Some(offer) => (hex::encode(&offer.digest), hours::words(tongue, &offer.hours)),
    };
    Some(Door {
        structure: service.structure_name,
        structure_id: hex::encode(&service.structure_id),
        service_id: service.service_id,
        name: service.name,
        address: service.address,
        reasons,
        offer,
        hours,
        partner,
        phone: service.phone,
        email: service.email,
        link: service.link,
        source,
    })
}

fn source(tongue: Tongue, open: &OpenSource) -> String {
    tongue.with("found-source", &[("source", &open.source)])
}

/// Shows them.
pub(crate) async fn show(
    session: Session,
    Path(id): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, Trouble> {
    let draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    let (theme, commune) = (draft.form.text("theme").to_owned(), draft.form.text("commune-code").to_owned());
    if theme.is_empty() || commune.is_empty() {
        return Ok(page::lead(&draft.address("besoin")));
    }
    let tongue = session.tongue();
    let need = tongue.say(&format!("theme-{theme}"));
    let request = FindServicesRequest {
        theme,
        commune,
        limit: FOUND_MAX,
        page_token: which.suite.clone(),
        ..FindServicesRequest::default()
    };
    let request = session.ask(filters::ask(&draft.form, request));
    let found = session.desk().find_services(request).await?.into_inner();
    let here = draft.address("service");
    let next = &found.next_page_token;
    let (is_first, is_last) = (which.suite.is_empty(), next.is_empty());
    Ok(page::ok(&ServicePage {
        frame: Frame::signed(&session, Place::New, &tongue.say("service-title")),
        back: draft.address("besoin"),
        need,
        commune: found.commune_name,
        count: if is_first && is_last {
            String::new()
        } else {
            tongue.count("service-count", found.total.into())
        },
        filter: draft.address("filtres"),
        filters: filters::shown(tongue, &draft.form),
        beyond: found.shut_out.iter().filter_map(|shut| filters::beyond(tongue, shut)).collect(),
        next: if is_last { String::new() } else { format!("{here}?suite={}", encode(next)) },
        first: if is_first { String::new() } else { here.clone() },
        invite: if session.has(Role::Admin) { INVITATIONS.to_owned() } else { String::new() },
        doors: found.services.into_iter().filter_map(|found| door(tongue, found)).collect(),
        address: here,
    }))
}

/// Takes the door and goes on to the person.
pub(crate) async fn choose(Path(id): Path<String>, posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    let mut draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    // «structure service offre»: one button says it all.
    let mut parts = form.text("porte").splitn(3, ' ');
    let (structure, offer) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let service = parts.next().unwrap_or_default();
    let structure_is_one = hex::bytes(structure).is_some_and(|bytes| bytes.len() == 32);
    if !structure_is_one || service.is_empty() {
        return Err(Trouble::BadForm);
    }
    let offer = if offer == "-" { "" } else { offer };
    let chosen = [("structure", structure), ("service", service), ("offre", offer)];
    if chosen.iter().any(|(field, value)| draft.form.text(field) != *value) {
        draft.forget_agreement();
    }
    for (field, value) in chosen {
        draft.form.set(field, value);
    }
    draft.save(&session).await?;
    Ok(page::lead(&draft.address("accord")))
}

#[cfg(test)]
mod tests;
