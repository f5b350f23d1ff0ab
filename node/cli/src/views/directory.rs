//! Services and imports.

use super::open_data::code;
use super::{instant, maybe_id, maybe_structure, maybe_text, theme};
use crate::answer::Answer;
use crate::codes;
use crate::commands::walk_in::offer_line;
use crate::exit::Exit;
use crate::ids;
use crate::lines::{Lines, counted};
use crate::when;
use relais_domain::content::YesNo;
use relais_proto::desk::v1::{
    Capacity, FindFilter, FindServicesResponse, FoundService, FoundStanding, ImportServicesResponse,
    ListServicesResponse, ServiceView, ShutOut, WalkInOffer, WithdrawnService,
};
use relais_proto::peer::v1 as peer;
use serde_json::{Value, json};

/// A service, for scripts.
pub(crate) fn service_json(service: &ServiceView) -> Value {
    json!({
        "structure_id": maybe_structure(&service.structure_id),
        "structure_name": service.structure_name,
        "service_id": service.service_id,
        "name": service.name,
        "description": maybe_text(&service.description),
        "themes": service.themes,
        "site_id": maybe_id(&service.site_id),
        "address": maybe_text(&service.address),
        "commune_code": maybe_text(&service.commune_code),
        "commune_name": maybe_text(&service.commune_name),
        "coverage": service.coverage,
        "conditions": maybe_text(&service.conditions),
        "fees": maybe_text(&service.fees),
        "welcome_modes": service.welcome_modes,
        "name_needed": codes::json::<YesNo>(service.name_needed),
        "capacity": service.capacity.as_ref().map(capacity_json),
        "walk_in": service.walk_in.as_ref().map(walk_in_json),
        "signed": instant(service.signed_ms),
        "phone": maybe_text(&service.phone),
        "email": maybe_text(&service.email),
        "opening_hours": maybe_text(&service.opening_hours),
        "link": maybe_text(&service.link),
        "languages": service.languages,
    })
}

fn walk_in_json(offer: &WalkInOffer) -> Value {
    json!({
        "hours": offer.hours,
        "places_a_week": offer.places_a_week,
        "digest": ids::hex(&offer.digest),
    })
}

fn capacity_json(capacity: &Capacity) -> Value {
    json!({
        "places": capacity.places,
        "waiting_days": capacity.waiting_days,
        "stated": instant(capacity.stated_ms),
        "expires": instant(capacity.expires_ms),
    })
}

fn capacity_line(service: &ServiceView) -> String {
    let Some(capacity) = &service.capacity else { return "not said".to_owned() };
    let places = capacity.places.map(|places| counted(places, "place"));
    let waiting = capacity.waiting_days.map(|days| format!("wait {}", counted(days, "day")));
    places.into_iter().chain(waiting).collect::<Vec<_>>().join(", ")
}

fn place(service: &ServiceView) -> String {
    if service.commune_name.is_empty() { service.commune_code.clone() } else { service.commune_name.clone() }
}

/// Services, by name.
pub(crate) fn services(found: &ListServicesResponse) -> Answer {
    let rows = found.services.iter().map(|service| {
        let themes = service.themes.iter().map(|code| theme(code)).collect::<Vec<_>>().join("; ");
        [service.service_id.clone(), service.name.clone(), place(service), themes, capacity_line(service)]
    });
    let mut lines = Lines::new();
    let otherwise = "no service; publish yours with `relais service import FILE`";
    lines.table(["id", "name", "where", "needs", "capacity"], rows.collect(), otherwise);
    if !found.next_page_token.is_empty() {
        lines.line(format!("There are more: --page {}", found.next_page_token));
    }
    let services: Value = found.services.iter().map(service_json).collect();
    Answer::new(
        json!({ "services": services, "next_page": maybe_text(&found.next_page_token) }),
        lines.done(),
    )
}

/// One service.
pub(crate) fn service(service: &ServiceView) -> Answer {
    let walk_in = match &service.walk_in {
        Some(offer) => format!("without an appointment {}", offer_line(offer)),
        None => "by appointment".to_owned(),
    };
    let text = format!("{} ({}): {}; {walk_in}", service.name, service.service_id, capacity_line(service));
    Answer::new(json!({ "service": service_json(service) }), text)
}

/// A service that is published no more.
pub(crate) fn withdrawn(gone: &WithdrawnService) -> Answer {
    let already = codes::word::<YesNo>(gone.already) == "yes";
    let when = when::human(gone.withdrawn_ms);
    let text = match already {
        true => format!("{} had been withdrawn on {when}: nothing was done", gone.service_id),
        false => format!("{} is withdrawn; `relais service import` publishes it again", gone.service_id),
    };
    let json = json!({
        "service_id": gone.service_id,
        "withdrawn": instant(gone.withdrawn_ms),
        "already": codes::json::<YesNo>(gone.already),
    });
    Answer::new(json, text)
}

/// Services found.
pub(crate) fn found(found: &FindServicesResponse) -> Answer {
    let mut lines = Lines::new();
    if let Some(replaced) = &found.replaced {
        lines.line(format!(
            "Note: {} ({}) is part of {} ({}) now",
            replaced.former_name, replaced.former_code, replaced.name, replaced.code
        ));
    }
    let rows = found.services.iter().map(|found| {
        let service = found.service.clone().unwrap_or_default();
        [
            structure_of(found, &service),
            service.name.clone(),
            service.service_id.clone(),
            distance(found),
            capacity_line(&service),
            found.reasons.join("; "),
        ]
    });
    let otherwise = format!("no service found near {} ({})", found.commune_name, found.commune_code);
    lines.table(["structure", "service", "id", "distance", "capacity", "why"], rows.collect(), &otherwise);
    for shut in &found.shut_out {
        lines.line(format!("{}: {} more, the first {}", shut_by(shut.filter()), shut.count, first(shut)));
    }
    if found.services.is_empty() && found.several > 0 {
        lines.line(format!("Shut out by two conditions or more: {}", found.several));
    }
    if found.kept() == peer::YesNo::No && found.services.is_empty() {
        let departement = departement_of(&found.commune_code);
        lines.line(format!(
            "Of structures that are no partners, this node keeps nothing of {departement}: `relais directory subscribe` chooses"
        ));
    }
    if found.open_data_reading() == peer::YesNo::Yes {
        lines.line("Open data are still being read: ask again in a moment");
    }
    if !found.next_page_token.is_empty() {
        lines.line(format!("{} in all; the next: --page {}", found.total, found.next_page_token));
    }
    Answer::new(found_json(found), lines.done())
}

/// The département of a commune's code: overseas it has three characters.
fn departement_of(commune: &str) -> &str {
    let length = if commune.starts_with("97") || commune.starts_with("98") { 3 } else { 2 };
    commune.get(..length).unwrap_or(commune)
}

/// The structure of a service; of one on the network that is no partner, with the id that `relais introduce` takes.
fn structure_of(found: &FoundService, service: &ServiceView) -> String {
    let id = ids::structure_short(&service.structure_id);
    let partner = standing(found.standing) == "partner";
    if partner || id.is_empty() {
        service.structure_name.clone()
    } else {
        format!("{} ({id})", service.structure_name)
    }
}

/// What taking one condition away would bring.
const fn shut_by(filter: FindFilter) -> &'static str {
    match filter {
        FindFilter::Unspecified => "Otherwise",
        FindFilter::Language => "In any language",
        FindFilter::Audience => "For anyone",
        FindFilter::Price => "At a price",
        FindFilter::Mode => "Received otherwise",
        FindFilter::Reach => "Further away",
        FindFilter::Hours => "At other hours",
        FindFilter::Doors => "Where no referral can be sent (--all)",
        FindFilter::Territory => "Not open to this commune",
    }
}

fn first(shut: &ShutOut) -> String {
    let who = [shut.structure_name.as_str(), shut.name.as_str()];
    let who: Vec<&str> = who.into_iter().filter(|part| !part.is_empty()).collect();
    let far = shut.distance_m.map(|metres| format!(", {:.1} km away", f64::from(metres) / 1_000.0));
    format!("{}{}", who.join(" — "), far.unwrap_or_default())
}

fn found_json(found: &FindServicesResponse) -> Value {
    let services = found.services.iter().map(|found| {
        json!({
            "service": found.service.as_ref().map(service_json),
            "distance_m": found.distance_m,
            "reasons": found.reasons,
            "standing": standing(found.standing),
        })
    });
    let shut_out = found.shut_out.iter().map(|shut| {
        json!({
            "filter": shut.filter().as_str_name().trim_start_matches("FIND_FILTER_").to_lowercase(),
            "count": shut.count,
            "name": shut.name,
            "structure_name": maybe_text(&shut.structure_name),
            "distance_m": shut.distance_m,
        })
    });
    let replaced = found.replaced.as_ref().map(|replaced| {
        json!({
            "former_code": replaced.former_code,
            "former_name": replaced.former_name,
            "code": replaced.code,
            "name": replaced.name,
        })
    });
    json!({
        "commune_code": found.commune_code,
        "commune_name": found.commune_name,
        "replaced": replaced,
        "services": services.collect::<Value>(),
        "total": found.total,
        "next_page": maybe_text(&found.next_page_token),
        "shut_out": shut_out.collect::<Value>(),
        "several": found.several,
        "open_data_reading": found.open_data_reading() == peer::YesNo::Yes,
        "kept": found.kept() != peer::YesNo::No,
    })
}

/// What this structure has to do with a door; what a later node says is no partner.
fn standing(number: i32) -> &'static str {
    match FoundStanding::try_from(number) {
        Ok(FoundStanding::Unspecified | FoundStanding::Partner) => "partner",
        Ok(FoundStanding::Awaited) => "awaited",
        Ok(FoundStanding::Vouched) => "vouched",
        Ok(FoundStanding::Unverified) => "unverified",
        Ok(FoundStanding::Stranger) | Err(_) => "stranger",
    }
}

/// How far a service is, for humans.
pub(crate) fn distance(found: &FoundService) -> String {
    found.distance_m.map_or_else(|| "?".to_owned(), |metres| format!("{:.1} km", f64::from(metres) / 1_000.0))
}

/// One line to choose a service by.
pub(crate) fn choice(found: &FoundService) -> String {
    let service = found.service.clone().unwrap_or_default();
    let capacity = capacity_line(&service);
    let reasons = found.reasons.join("; ");
    format!(
        "{} — {} ({}, capacity: {capacity}) {reasons}",
        service.structure_name,
        service.name,
        distance(found)
    )
}

/// What became of an import.
pub(crate) fn imported(report: &ImportServicesResponse) -> Answer {
    let refused = report.refused.iter().map(|refusal| {
        json!({
            "index": refusal.index,
            "line": refusal.line,
            "service_id": maybe_text(&refusal.service_id),
            "field": refusal.field,
            "code": refusal.coded.as_ref().map(|coded| code(Some(coded))),
            "problem": refusal.problem,
        })
    });
    let replaced = report.replaced.iter().map(
        |code| json!({ "index": code.index, "line": code.line, "field": code.field, "what": code.what }),
    );
    let json = json!({
        "accepted": report.accepted,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "refused": refused.collect::<Value>(),
        "replaced": replaced.collect::<Value>(),
    });
    let mut lines = Lines::new();
    lines.line(format!(
        "{} published, {} updated, {} unchanged, {} refused",
        report.accepted,
        report.updated,
        report.unchanged,
        report.refused.len()
    ));
    for code in &report.replaced {
        lines.line(format!("Note: line {}, no {}, {}: {}", code.line, code.index, code.field, code.what));
    }
    let rows = report.refused.iter().map(|refusal| {
        [
            refusal.line.to_string(),
            refusal.index.to_string(),
            refusal.service_id.clone(),
            refusal.field.clone(),
            refusal.problem.clone(),
        ]
    });
    if !report.refused.is_empty() {
        lines.table(["line", "no", "service", "field", "problem"], rows.collect(), "");
        lines.line("Mend these and import the file again: what is published already stays.");
    }
    Answer::new(json, lines.done()).ending((!report.refused.is_empty()).then_some(Exit::Input))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_in_vain_names_the_departement_that_is_not_kept() {
        let told = |code: &str, kept: peer::YesNo, services: Vec<FoundService>| {
            let answer = FindServicesResponse {
                commune_code: code.to_owned(),
                kept: kept.into(),
                services,
                ..FindServicesResponse::default()
            };
            found(&answer).text
        };
        for (code, departement) in [("75056", "75"), ("97411", "974"), ("2A004", "2A")] {
            let text = told(code, peer::YesNo::No, Vec::new());
            assert!(text.contains(&format!("keeps nothing of {departement}:")), "{text}");
        }
        assert!(!told("75056", peer::YesNo::Yes, Vec::new()).contains("keeps nothing"));
        assert!(!told("75056", peer::YesNo::No, vec![FoundService::default()]).contains("keeps nothing"));
    }

    #[test]
    fn who_is_no_partner_is_shown_with_the_id_that_introduces() {
        let service = ServiceView {
            structure_id: vec![7; 32],
            structure_name: "Lire".to_owned(),
            ..ServiceView::default()
        };
        let one = |standing: FoundStanding, service: &ServiceView| {
            let one = FoundService {
                standing: standing.into(),
                service: Some(service.clone()),
                ..FoundService::default()
            };
            found(&FindServicesResponse { services: vec![one], ..FindServicesResponse::default() }).text
        };
        let named = format!("Lire ({})", ids::structure_short(&[7; 32]));
        for standing in [FoundStanding::Vouched, FoundStanding::Stranger] {
            assert!(one(standing, &service).contains(&named), "{standing:?}");
        }
        assert!(!one(FoundStanding::Partner, &service).contains(&named), "a partner is named by its name");
        let open = ServiceView { structure_id: Vec::new(), ..service };
        assert!(!one(FoundStanding::Unverified, &open).contains('('), "open data has no id");
    }
}
