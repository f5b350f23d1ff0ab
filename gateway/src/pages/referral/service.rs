//! Second page: who can help, each with its reason.

use super::asked::{self, Earlier};
use super::draft::Draft;
use super::filters::{self, Beyond, Chosen, Shown};
use super::inquiry::{self, Asking};
use super::reason;
use crate::form::Form;
use crate::hex;
use crate::hours;
use crate::page::{self, Frame, Mistakes, Place};
use crate::pages::refused;
use crate::pages::structure::PARTNERS;
use crate::pages::thread::Teller;
use crate::tongue::Tongue;
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use relais_proto::desk::v1::{
    FindServicesRequest, FoundService, FoundStanding, OpenSource, Role, ServiceView,
};
use relais_proto::peer::v1::YesNo;

/// Doors of a page.
const FOUND_MAX: u32 = 10;

/// Where an admin invites a structure.
const INVITATIONS: &str = "/structure/partenaires/invitation";

/// Where an admin asks to be introduced to a structure that a partner recommends: its page there.
const DIRECTORY: &str = "/structure/annuaire";

/// The field of the button that leads to the next page: a place in the order names a service, so it stands in no address.
const NEXT: &str = "suite";

/// One door.
struct Door {
    structure: String,
    /// The id of an invitation of it.
    invite: String,
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
    /// The page where an admin asks to be introduced to who is recommended; empty for everyone else.
    introduced: String,
    /// The page of the partnership that the other structure has not confirmed; empty for everyone else.
    awaited: String,
    /// Who cannot be sent to is telephoned, written to or visited.
    phone: String,
    /// The same, for `tel:`.
    call: String,
    email: String,
    /// The same, for `mailto:`; empty when it holds what would say more than an address.
    write: String,
    link: String,
    /// Whose site that is.
    host: String,
    /// Where an entry comes from that nobody signed; empty for others.
    source: String,
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
    /// Whether something that is asked shuts services out.
    shut: bool,
    beyond: Vec<Beyond>,
    /// Where the next page begins; empty after the last.
    next: String,
    /// Whether open data are being read, so that services are missing.
    reading: bool,
    /// Whether what is known of the département is kept here.
    kept: bool,
    /// The first page, from another one; else empty.
    first: String,
    /// Where a structure is invited, for who may; else empty.
    invite: String,
    /// The id of the one invitation that a press makes.
    mistakes: Mistakes,
    asking: Asking,
    /// Whether there is anyone to ask.
    can_ask: bool,
    /// What of the filters the form by which partners are asked begins with.
    chosen: Chosen,
    /// Open inquiries about the same.
    earlier: Vec<Earlier>,
    /// Where all are.
    inquiries: &'static str,
}

fn door(teller: &Teller<'_>, found: FoundService) -> Option<Door> {
    let tongue = teller.tongue;
    let reasons = reason::words(teller, &found);
    // What a later node says is no partner.
    let standing = FoundStanding::try_from(found.standing);
    let partner = matches!(standing, Ok(FoundStanding::Unspecified | FoundStanding::Partner));
    let awaited = matches!(standing, Ok(FoundStanding::Awaited));
    let vouched = matches!(standing, Ok(FoundStanding::Vouched));
    let source = found.open.as_ref().map(|open| source(tongue, open)).unwrap_or_default();
    let service: ServiceView = found.service?;
    let (offer, hours) = match service.walk_in {
        None => (String::new(), String::new()),
        Some(offer) => (hex::encode(&offer.digest), hours::words(tongue, &offer.hours)),
    };
    let structure_id = hex::encode(&service.structure_id);
    Some(Door {
        structure: service.structure_name,
        invite: hex::encode(&hex::fresh()),
        awaited: if awaited { format!("{PARTNERS}/{structure_id}") } else { String::new() },
        introduced: if vouched { format!("{DIRECTORY}/{structure_id}") } else { String::new() },
        structure_id,
        service_id: service.service_id,
        name: service.name,
        address: service.address,
        reasons,
        offer,
        hours,
        partner,
        call: call(&service.phone),
        phone: service.phone,
        write: if is_bare(&service.email) { service.email.clone() } else { String::new() },
        email: service.email,
        host: host(&service.link).to_owned(),
        link: service.link,
        source,
    })
}

/// A telephone number, for `tel:`: the first of several, and without the 0 that is dialled within the country only.
fn call(phone: &str) -> String {
    let first =
        phone.split('/').find(|one| one.contains(|letter: char| letter.is_ascii_digit())).unwrap_or_default();
    let abroad = first.trim_start().starts_with('+');
    let first = if abroad { first.replace("(0)", "") } else { first.to_owned() };
    let dialled = first.chars().enumerate().filter(|(place, letter)| {
        letter.is_ascii_digit()
            || (*letter == '+' && first.get(..*place).is_some_and(|before| before.trim().is_empty()))
    });
    dialled.map(|(_, letter)| letter).collect()
}

/// Whether an e-mail address is nothing more: `?bcc=` and the like belong to `mailto:`, not to an address.
fn is_bare(address: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "@.+-_".contains(letter);
    !address.is_empty() && address.chars().all(plain)
}

/// The host of a web address.
fn host(link: &str) -> &str {
    let rest = link.split_once("://").map_or("", |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    host.rsplit('@').next().unwrap_or_default()
}

fn source(tongue: Tongue, open: &OpenSource) -> String {
    tongue.with("found-source", &[("source", &open.source)])
}

/// Shows them.
pub(crate) async fn show(session: Session, Path(id): Path<String>) -> Result<Response, Trouble> {
    let draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    doors(&session, draft, "", Mistakes::default()).await
}

/// A page of the doors: the first, or the one that begins where another ended.
pub(super) async fn doors(
    session: &Session,
    draft: Draft,
    from: &str,
    mistakes: Mistakes,
) -> Result<Response, Trouble> {
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
        page_token: from.to_owned(),
        ..FindServicesRequest::default()
    };
    let request = session.ask(filters::ask(&draft.form, request));
    let found = session.desk().find_services(request).await?.into_inner();
    let here = draft.address("service");
    // A node of before does not say whom it would ask: then there is someone if there is a door.
    let can_ask = found.askable.map_or(!found.services.is_empty(), |askable| askable > 0);
    let reading = found.open_data_reading() == YesNo::Yes;
    let kept = found.kept() != YesNo::No;
    let (is_first, is_last) = (from.is_empty(), found.next_page_token.is_empty());
    let shown = ServicePage {
        frame: Frame::signed(session, Place::New, &refused::title(tongue, "service-title", &mistakes)),
        back: draft.address("besoin"),
        need,
        commune: found.commune_name,
        count: if is_first && is_last {
            String::new()
        } else {
            tongue.count("service-count", found.total.into())
        },
        asking: inquiry::asking(session, &draft),
        can_ask,
        chosen: filters::chosen(&draft.form),
        earlier: asked::earlier(session, &draft).await?,
        inquiries: asked::ROOT,
        filter: draft.address("filtres"),
        filters: filters::shown(tongue, &draft.form),
        shut: found.several > 0 || !found.shut_out.is_empty(),
        beyond: found.shut_out.iter().filter_map(|shut| filters::beyond(tongue, shut)).collect(),
        reading,
        kept,
        next: found.next_page_token,
        first: if is_first { String::new() } else { here.clone() },
        invite: if session.has(Role::Admin) { INVITATIONS.to_owned() } else { String::new() },
        doors: found.services.into_iter().filter_map(|found| door(&Teller::of(session), found)).collect(),
        address: here,
        mistakes,
    };
    Ok(page::render(shown.mistakes.status(), &shown))
}

/// Takes the door and goes on to the person.
pub(crate) async fn choose(Path(id): Path<String>, posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    let mut draft = Draft::load(&session, &id).await?;
    if let Some(sent) = draft.became() {
        return Ok(page::lead(&sent));
    }
    if !form.text(NEXT).is_empty() {
        return doors(&session, draft, form.text(NEXT), Mistakes::default()).await;
    }
    take_door(&mut draft, &form)?;
    draft.save(&session).await?;
    Ok(page::lead(&draft.address("accord")))
}

/// Takes the door that the button of a form says over into a draft.
pub(super) fn take_door(draft: &mut Draft, form: &Form) -> Result<(), Trouble> {
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
    Ok(())
}

#[cfg(test)]
mod tests;
