//! What a page says besides the thread itself: names of services and places, doors to suggest, what is not delivered.

use super::state::{entries, is_ours};
use crate::hex;
use crate::pages::place;
use crate::visit::Session;
use relais_proto::desk::v1::{
    FindServicesRequest, FindServicesResponse, Possible, ServiceView, ThreadView, WaitDeliveredRequest,
};
use relais_proto::peer::v1::{EventKind, Suggestion};

/// Other doors offered on the page of a refusal.
const DOORS_MAX: usize = 3;
/// Services looked through for a door.
const FOUND_MAX: u32 = 12;
/// Characters of a commune's code.
const COMMUNE_CHARS: usize = 5;

/// A service that may suit better.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Door {
    /// Its structure in hexadecimal digits, a slash, its id: what a form bears.
    pub(super) value: String,
    /// Its name.
    pub(super) service: String,
    /// Its structure's name.
    pub(super) structure: String,
}

impl Door {
    fn of(service: &ServiceView) -> Self {
        Self {
            value: format!("{}/{}", hex::encode(&service.structure_id), service.service_id),
            service: service.name.clone(),
            structure: service.structure_name.clone(),
        }
    }

    /// The suggestion of a form's value.
    pub(super) fn read(value: &str) -> Option<Suggestion> {
        let (structure, service) = value.split_once('/')?;
        Some(Suggestion { structure_id: hex::bytes(structure)?, service_id: service.to_owned() })
    }
}

/// What stands around a thread. A name that could not be had is left out: the page is right without.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Around {
    /// Name of the service asked.
    pub(super) service: String,
    /// Name of the territory the need is told for.
    pub(super) place: String,
    /// Doors that could be suggested.
    pub(super) doors: Vec<Door>,
    /// Doors that the other structure suggested.
    pub(super) suggested: Vec<Door>,
    /// Those of them that a referral can be sent to: not this structure's own.
    pub(super) elsewhere: Vec<Door>,
    /// Since when something does not reach the other structure, ms.
    pub(super) undelivered_since_ms: Option<i64>,
}

impl Around {
    /// Looks it up.
    pub(super) async fn of(session: &Session, view: &ThreadView) -> Self {
        let need = view.stage_one.as_ref().and_then(|one| one.need.clone()).unwrap_or_default();
        let summary = view.summary.clone().unwrap_or_default();
        let theme = need.themes.first().cloned().unwrap_or_default();
        let offering = if is_ours(&summary) { summary.peer_id.clone() } else { Vec::new() };
        let mut around = Self::default();
        if !need.service_id.is_empty() {
            let service = service(session, offering, &need.service_id).await;
            around.service = service.map(|service| service.name).unwrap_or_default();
        }
        around.place = view.territory_name.clone();
        let asks_doors = view.possible().any(|act| act == Possible::Refuse);
        if asks_doors && need.territory.len() == COMMUNE_CHARS && !theme.is_empty() {
            let found = found(session, theme, need.territory).await;
            around.doors = doors(session, &found, &summary.peer_id);
        }
        around.suggested = suggested(session, view).await;
        let own = format!("{}/", hex::encode(&session.structure_id));
        let elsewhere = around.suggested.iter().filter(|door| !door.value.starts_with(&own));
        around.elsewhere = elsewhere.cloned().collect();
        if summary.undelivered > 0 {
            let request = WaitDeliveredRequest { thread_id: summary.thread_id, timeout_ms: 0 };
            let answer = session.desk().wait_delivered(session.ask(request)).await.ok();
            around.undelivered_since_ms =
                answer.and_then(|answer| answer.into_inner().not_delivered_since_ms);
        }
        around
    }
}

async fn service(session: &Session, structure_id: Vec<u8>, id: &str) -> Option<ServiceView> {
    place::service(session, structure_id, id).await.ok().flatten()
}

/// Services that meet the need there.
async fn found(session: &Session, theme: String, commune: String) -> FindServicesResponse {
    let request = FindServicesRequest { theme, commune, limit: FOUND_MAX, ..Default::default() };
    let answer = session.desk().find_services(session.ask(request)).await.ok();
    answer.map(tonic::Response::into_inner).unwrap_or_default()
}

/// Services of others than who asks.
fn doors(session: &Session, found: &FindServicesResponse, asking: &[u8]) -> Vec<Door> {
    let services = found.services.iter().filter_map(|found| found.service.as_ref());
    let others = services
        .filter(|service| service.structure_id != asking && service.structure_id != session.structure_id);
    others.map(Door::of).take(DOORS_MAX).collect()
}

async fn suggested(session: &Session, view: &ThreadView) -> Vec<Door> {
    let refused = entries(view, EventKind::Refused).find_map(|entry| entry.course.as_ref());
    let mut doors = Vec::new();
    for suggestion in refused.map(|course| course.suggestions.clone()).unwrap_or_default() {
        let own = suggestion.structure_id == session.structure_id;
        let of = if own { Vec::new() } else { suggestion.structure_id.clone() };
        if let Some(service) = service(session, of, &suggestion.service_id).await {
            doors.push(Door::of(&service));
        }
    }
    doors
}
