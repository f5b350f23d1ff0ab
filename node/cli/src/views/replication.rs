//! The directory as it is kept here.

use super::{instant, maybe_instant, maybe_structure, maybe_text};
use crate::answer::Answer;
use crate::codes;
use crate::ids;
use crate::lines::{Lines, counted};
use crate::when;
use relais_domain::content::YesNo;
use relais_domain::territory::DepartementCode;
use relais_proto::desk::v1::{
    DirectoryCarrier, DirectoryCompared, DirectoryComparison, DirectoryStanding, DirectoryStructure,
    DirectoryView,
};
use serde_json::{Value, json};

/// How the directory does.
pub(crate) fn status(view: &DirectoryView) -> Answer {
    let json = json!({
        "departements": view.departements,
        "chosen": codes::json::<YesNo>(view.chosen),
        "records": view.records,
        "structures_known": view.structures_known,
        "structures": view.structures.iter().map(structure_json).collect::<Value>(),
        "next_page": maybe_text(&view.next_page_token),
        "carriers": view.carriers.iter().map(carrier_json).collect::<Value>(),
        "comparisons": view.comparisons.iter().map(comparison_json).collect::<Value>(),
        "structures_found": view.structures_found,
        "services": view.services_known,
        "conflicting": view.conflicting,
        "refused": view.refused,
        "unread": view.unread,
    });
    let mut lines = Lines::new();
    let chosen = codes::word::<YesNo>(view.chosen) == "yes";
    let by = if chosen { "chosen by an admin" } else { "where this structure is at home" };
    lines.line(format!("Départements kept: {} ({by}), and what concerns the whole country", kept(view)));
    let known = counted(view.structures_known, "structure");
    let services = counted(view.services_known, "service");
    lines.line(format!("{} of {known}, {services} among them", counted(view.records, "record")));
    if view.unread > 0 {
        let records = counted(view.unread, "record");
        lines.line(format!("Set aside: {records} of another version of the program; update it to read them"));
    }
    lines.gap();
    let rows = view.structures.iter().map(row).collect();
    lines.table(
        ["structure", "id", "is", "records", "signed last", "first carried by", "since", "conflicts"],
        rows,
        "no structure is known; publish services with `relais service import FILE`",
    );
    if !view.next_page_token.is_empty() {
        lines.line(format!("There are more: --page {}", view.next_page_token));
    }
    if !view.carriers.is_empty() {
        lines.gap();
        let rows = view.carriers.iter().map(carrier_row).collect();
        lines.table(["partner", "first carried", "records of these", "not taken"], rows, "");
    }
    if !view.comparisons.is_empty() {
        lines.gap();
        let rows = view.comparisons.iter().map(comparison_row).collect();
        lines.table(["partner", "compared last", "and"], rows, "");
    }
    Answer::new(json, lines.done())
}

/// One structure.
pub(crate) fn structure(view: &DirectoryStructure) -> Answer {
    let (name, is) = (named(view), codes::word::<DirectoryStanding>(view.standing));
    let text =
        format!("{name} ({}): {is}; {}", ids::structure(&view.structure_id), counted(view.records, "record"));
    Answer::new(json!({ "structure": structure_json(view) }), text)
}

fn kept(view: &DirectoryView) -> String {
    let named = |code: &String| {
        let name = DepartementCode::parse(code).map(|departement| departement.name());
        name.map_or_else(|| code.clone(), |name| format!("{name} ({code})"))
    };
    let all: Vec<String> = view.departements.iter().map(named).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

fn named(view: &DirectoryStructure) -> String {
    if view.name.is_empty() { "?".to_owned() } else { view.name.clone() }
}

fn row(view: &DirectoryStructure) -> [String; 8] {
    [
        named(view),
        ids::structure_short(&view.structure_id),
        codes::word::<DirectoryStanding>(view.standing),
        view.records.to_string(),
        view.fresh_ms.map(when::human).unwrap_or_default(),
        view.carrier_name.clone(),
        view.carried_ms.map(when::human).unwrap_or_default(),
        view.conflicts.to_string(),
    ]
}

fn carrier_row(view: &DirectoryCarrier) -> [String; 4] {
    let refusals = view.refusals.iter().map(|one| {
        let code = one.code.strip_prefix("directory_").unwrap_or(&one.code);
        format!("{code} {}", one.count)
    });
    let refusals = refusals.collect::<Vec<_>>().join(", ");
    [view.name.clone(), view.structures.to_string(), view.records.to_string(), refusals]
}

fn comparison_row(view: &DirectoryComparison) -> [String; 3] {
    let at = view.at_ms.map_or_else(|| "not since the start".to_owned(), when::human);
    [view.name.clone(), at, codes::word::<DirectoryCompared>(view.ended)]
}

fn comparison_json(view: &DirectoryComparison) -> Value {
    json!({
        "peer_id": ids::structure(&view.peer_id),
        "name": view.name,
        "at": maybe_instant(view.at_ms),
        "ended": codes::json::<DirectoryCompared>(view.ended),
    })
}

fn structure_json(view: &DirectoryStructure) -> Value {
    json!({
        "structure_id": ids::structure(&view.structure_id),
        "name": maybe_text(&view.name),
        "standing": codes::json::<DirectoryStanding>(view.standing),
        "records": view.records,
        "fresh": maybe_instant(view.fresh_ms),
        "carrier_id": maybe_structure(&view.carrier_id),
        "carrier_name": maybe_text(&view.carrier_name),
        "carried": maybe_instant(view.carried_ms),
        "conflicts": view.conflicts,
        "commune_code": maybe_text(&view.commune_code),
        "commune_name": maybe_text(&view.commune_name),
        "services": view.services,
        "expires": maybe_instant(view.expires_ms),
        "recommended_by": view.vouchers.iter().map(|one| ids::structure(&one.by_id)).collect::<Value>(),
    })
}

fn carrier_json(view: &DirectoryCarrier) -> Value {
    let refusals = view
        .refusals
        .iter()
        .map(|one| json!({ "code": one.code, "count": one.count, "last": instant(one.last_ms) }));
    json!({
        "peer_id": ids::structure(&view.peer_id),
        "name": view.name,
        "structures": view.structures,
        "records": view.records,
        "refusals": refusals.collect::<Value>(),
    })
}
