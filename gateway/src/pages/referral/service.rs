//! Second page: who can help, each with its reason.

use super::draft::Draft;
use super::inquiry::{self, Asking};
use super::reason;
use crate::hex;
use crate::hours;
use crate::page::{self, Frame, Place};
use crate::tongue::Tongue;
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use relais_proto::desk::v1::{FindServicesRequest, FoundService, ServiceView};

/// Doors shown.
const FOUND_MAX: u32 = 20;

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
    asking: Asking,
}

fn door(tongue: Tongue, found: FoundService) -> Option<Door> {
    let reasons = reason::words(tongue, &found);
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
    })
}

/// Shows them.
pub(crate) async fn show(session: Session, Path(id): Path<String>) -> Result<Response, Trouble> {
    let draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    let (theme, commune) = (draft.form.text("theme"), draft.form.text("commune-code"));
    if theme.is_empty() || commune.is_empty() {
        return Ok(page::lead(&draft.address("besoin")));
    }
    let request =
        FindServicesRequest { theme: theme.to_owned(), commune: commune.to_owned(), limit: FOUND_MAX };
    let found = session.desk().find_services(session.ask(request)).await?.into_inner();
    let title = session.tongue().say("service-title");
    Ok(page::ok(&ServicePage {
        frame: Frame::signed(&session, Place::New, &title),
        address: draft.address("service"),
        back: draft.address("besoin"),
        need: session.tongue().say(&format!("theme-{theme}")),
        commune: found.commune_name,
        asking: inquiry::asking(&session, &draft),
        doors: found.services.into_iter().filter_map(|found| door(session.tongue(), found)).collect(),
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
