//! The structure's own services: their places, said in one tap, and when one may come without an appointment.

use super::inquiry_answers::{self, Setting};
use super::{Room, Shown, publish, publishes, withdrawal};
use crate::form::Form;
use crate::hours;
use crate::page::{self, Frame, MenuEntry, Mistakes, Place};
use crate::pages::refused;
use crate::pages::thread::Teller;
use crate::pages::writing::{Stage, Writing};
use crate::tongue::Tongue;
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use relais_proto::desk::v1::{
    Capacity, ListServicesRequest, SeenWalkIn, ServiceView, SetCapacityRequest, SetWalkInRequest,
};

/// Services of one page.
const PAGE_SIZE: u32 = 50;

/// One service.
struct Row {
    id: String,
    name: String,
    themes: String,
    place: String,
    /// Free places in words.
    places: String,
    /// Since when, and until when it is believed; empty when never said.
    said: String,
    /// What «−» and «+» would make of the places; empty when there is none less.
    less: String,
    more: String,
    is_full: bool,
    /// When the places that are shown were said, ms; 0 when they were not.
    seen: i64,
    /// The offer that is shown, as it is.
    seen_hours: String,
    seen_week: String,
    number: String,
    days: String,
    hours: String,
    week: String,
    /// Its hours as they are published; empty when there is no such offer.
    receives: String,
    /// Where it is taken back.
    withdrawal: String,
    open: bool,
}

#[derive(Template)]
#[template(path = "pages/services.html")]
struct ServicesPage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    rows: Vec<Row>,
    may: bool,
    page: String,
    next: String,
    mistakes: Mistakes,
    answers: Option<Setting>,
}

/// What someone typed and that was refused.
struct Typed<'a> {
    form: &'a Form,
    no: No,
}

/// Why it was refused.
enum No {
    /// Something in it is wrong.
    Wrong(Mistakes),
    /// The places were said anew since the page was shown.
    PlacesChanged,
    /// The offer was changed since the page was shown.
    OfferChanged,
}

impl No {
    /// The mistakes to show, and the status of the page: what changed is said as it is now.
    fn told(self, tongue: Tongue, now: Option<&Row>) -> (Mistakes, StatusCode) {
        let (field, key, now) = match self {
            Self::Wrong(mistakes) => {
                let status = mistakes.status();
                return (mistakes, status);
            }
            Self::PlacesChanged => ("places", "services-changed-places", now.map(|row| row.places.clone())),
            Self::OfferChanged => ("heures", "services-changed-hours", now.map(|row| row.receives.clone())),
        };
        let now = now.filter(|now| !now.is_empty()).unwrap_or_else(|| tongue.say("services-changed-none"));
        let mut mistakes = Mistakes::default();
        mistakes.add(field, tongue.with(key, &[("now", &now)]));
        (mistakes, StatusCode::CONFLICT)
    }
}

fn number(value: Option<u32>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn places(teller: &Teller<'_>, capacity: Option<&Capacity>) -> (String, String) {
    let Some(capacity) = capacity else { return (teller.say("services-places-unknown"), String::new()) };
    let words = match capacity.places {
        None => teller.say("services-places-unknown"),
        Some(places) => teller.tongue.count("services-places", places.into()),
    };
    let words = match capacity.waiting_days {
        None => words,
        Some(days) => format!("{words} · {}", teller.tongue.count("services-days", days.into())),
    };
    let (since, until) = (teller.distance(capacity.stated_ms), teller.day(capacity.expires_ms));
    (words, teller.with("services-said", &[("since", &since), ("until", &until)]))
}

fn row(teller: &Teller<'_>, service: &ServiceView) -> Row {
    let capacity = service.capacity.as_ref();
    let free = capacity.and_then(|capacity| capacity.places);
    let (words, said) = places(teller, capacity);
    let offer = service.walk_in.clone().unwrap_or_default();
    Row {
        id: service.service_id.clone(),
        name: service.name.clone(),
        themes: teller.themes(&service.themes),
        place: service.commune_name.clone(),
        places: words,
        said,
        less: free.and_then(|free| free.checked_sub(1)).map(|less| less.to_string()).unwrap_or_default(),
        more: free.unwrap_or(0).saturating_add(1).to_string(),
        is_full: free == Some(0),
        seen: capacity.map_or(0, |capacity| capacity.stated_ms),
        seen_hours: offer.hours.clone(),
        seen_week: number(offer.places_a_week),
        number: number(free),
        days: number(capacity.and_then(|capacity| capacity.waiting_days)),
        week: number(offer.places_a_week),
        receives: hours::words(teller.tongue, &offer.hours),
        hours: offer.hours,
        withdrawal: withdrawal::address(&service.service_id),
        open: false,
    }
}

/// Puts back what was typed for one of the services, and opens it.
fn put_back(rows: &mut [Row], form: &Form) {
    let typed = |name: &str, now: &mut String| {
        if !form.all(name).is_empty() {
            form.text(name).clone_into(now);
        }
    };
    for row in rows.iter_mut().filter(|row| row.id == form.text("service")) {
        typed("places", &mut row.number);
        typed("jours", &mut row.days);
        typed("heures", &mut row.hours);
        typed("semaine", &mut row.week);
        row.open = true;
    }
}

async fn services_page(
    session: &Session,
    shown: &Shown,
    typed: Option<Typed<'_>>,
) -> Result<Response, Trouble> {
    let rooms = Room::Services.enter(session)?;
    let page_token = shown.token();
    let request =
        ListServicesRequest { page_token: page_token.clone(), page_size: PAGE_SIZE, ..Default::default() };
    let answer = session.desk().list_services(session.ask(request)).await?.into_inner();
    let teller = Teller::of(session);
    let mut rows: Vec<Row> = answer.services.iter().map(|service| row(&teller, service)).collect();
    let told = typed.map(|typed| {
        put_back(&mut rows, typed.form);
        typed.no.told(session.tongue(), rows.iter().find(|row| row.open))
    });
    let (mistakes, status) = told.unwrap_or((Mistakes::default(), StatusCode::OK));
    let title = refused::title(session.tongue(), "structure-services", &mistakes);
    let done = shown.done(session, "services-done", &["places", "accueil", "fini", withdrawal::DONE]);
    let shown = ServicesPage {
        frame: Frame::signed(session, Place::Structure, &title).saying(done),
        rooms,
        rows,
        may: publishes(session),
        page: page_token,
        next: answer.next_page_token,
        mistakes,
        answers: inquiry_answers::setting(session).await?,
    };
    Ok(page::render(status, &shown))
}

/// Shows them.
pub(crate) async fn show(session: Session, Query(shown): Query<Shown>) -> Result<Response, Trouble> {
    services_page(&session, &shown, None).await
}

/// A number that may be left out; a mistake when it is none.
fn optional(session: &Session, form: &Form, field: &str, mistakes: &mut Mistakes) -> Option<u32> {
    let typed = form.text(field);
    if typed.is_empty() {
        return None;
    }
    let number = typed.parse().ok();
    if number.is_none() {
        mistakes.add(field, session.tongue().say("services-no-number"));
    }
    number
}

fn back(form: &Form, done: &str) -> Response {
    let page = Shown { page: form.text("page").to_owned(), fait: String::new() }.token();
    page::lead(&format!("/structure/services?fait={done}&page={page}#service-{}", place_of(form)))
}

/// Which service of the page it was: the page is opened again where it was left.
fn place_of(form: &Form) -> u32 {
    form.text("rang").parse().unwrap_or(1)
}

async fn refused(session: &Session, form: &Form, no: No) -> Result<Response, Trouble> {
    let shown = Shown { page: form.text("page").to_owned(), fait: String::new() };
    services_page(session, &shown, Some(Typed { form, no })).await
}

/// The offer that the page showed; `None` when the form does not say.
fn seen_offer(form: &Form) -> Option<SeenWalkIn> {
    let places_a_week = form.text("vu-semaine").parse().ok();
    let hours = form.text("vu-heures").to_owned();
    (!form.all("vu-heures").is_empty()).then_some(SeenWalkIn { hours, places_a_week })
}

/// Says how many places a service has. Each button bears the number it makes: pressed twice, it says the same twice.
pub(crate) async fn set_places(writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    publish(&session)?;
    let mut mistakes = Mistakes::default();
    if stage == Stage::Resumed {
        return refused(&session, &form, No::Wrong(mistakes)).await;
    }
    let request = SetCapacityRequest {
        service_id: form.text("service").to_owned(),
        places: optional(&session, &form, "places", &mut mistakes),
        waiting_days: optional(&session, &form, "jours", &mut mistakes),
        seen_stated_ms: form.text("vu").parse().ok(),
    };
    if !mistakes.is_empty() {
        return refused(&session, &form, No::Wrong(mistakes)).await;
    }
    let no = match session.desk().set_capacity(session.ask(request)).await {
        Ok(_) => return Ok(back(&form, "places")),
        Err(status) if refused::is_stale(&status) => No::PlacesChanged,
        Err(status) => {
            No::Wrong(refused::mistakes(&session, status, "services-places-refused", |_| "places")?)
        }
    };
    refused(&session, &form, no).await
}

/// Makes, changes or takes back the standing offer of a service.
pub(crate) async fn set_walk_in(writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    publish(&session)?;
    let mut mistakes = Mistakes::default();
    if stage == Stage::Resumed {
        return refused(&session, &form, No::Wrong(mistakes)).await;
    }
    let takes_back = form.has("acte", "retirer");
    let hours = if takes_back { "" } else { form.text("heures") };
    let week = optional(&session, &form, "semaine", &mut mistakes).filter(|_| !takes_back);
    if hours.is_empty() && !takes_back {
        mistakes.add("heures", session.tongue().say("services-hours-empty"));
    }
    let request = SetWalkInRequest {
        service_id: form.text("service").to_owned(),
        hours: hours.to_owned(),
        places_a_week: week,
        seen: seen_offer(&form),
    };
    if !mistakes.is_empty() {
        return refused(&session, &form, No::Wrong(mistakes)).await;
    }
    let no = match session.desk().set_walk_in(session.ask(request)).await {
        Ok(_) => return Ok(back(&form, if takes_back { "fini" } else { "accueil" })),
        Err(status) if refused::is_stale(&status) => No::OfferChanged,
        Err(status) => {
            No::Wrong(refused::mistakes(&session, status, "services-hours-refused", walk_in_field)?)
        }
    };
    refused(&session, &form, no).await
}

fn walk_in_field(node: &str) -> &'static str {
    if node.ends_with("places_a_week") { "semaine" } else { "heures" }
}
