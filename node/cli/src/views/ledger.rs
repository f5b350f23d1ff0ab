//! Checkpoints, checks and counts.

use crate::answer::Answer;
use crate::codes;
use crate::exit::Exit;
use crate::ids;
use crate::lines::Lines;
use crate::when;
use relais_domain::content::Outcome;
use relais_domain::event::Side;
use relais_domain::fold::Label;
use relais_proto::desk::v1::{
    FlowCell, FlowsResponse, LedgerCheck, LedgerCheckpointResponse, LedgerStatusResponse, PeerLedger,
};
use serde_json::{Value, json};

/// What is printed for a count that is not told.
const FEW: &str = "0–10";

/// A checkpoint: for humans, the signed note as it is.
pub(crate) fn checkpoint(found: &LedgerCheckpointResponse) -> Answer {
    Answer::new(json!({ "checkpoint": found.checkpoint, "size": found.size }), found.checkpoint.clone())
}

/// What a check found.
pub(crate) fn status(found: &LedgerStatusResponse) -> Answer {
    let json = json!({
        "size": found.size,
        "root": ids::hex(&found.root),
        "checkpoint_size": found.checkpoint_size,
        "check": codes::json::<LedgerCheck>(found.check),
        "problem": super::maybe_text(&found.problem),
        "peers": found.peers.iter().map(peer_json).collect::<Value>(),
    });
    let mut lines = Lines::new();
    lines.line(format!("ledger: {}", codes::word::<LedgerCheck>(found.check)));
    lines.field("leaves", found.size.to_string()).field("root", ids::hex(&found.root));
    lines.field("signed up to", found.checkpoint_size.to_string()).field("problem", &found.problem);
    let rows = found.peers.iter().map(|peer| {
        let check = codes::word::<LedgerCheck>(peer.consistent);
        [peer.name.clone(), peer.size.to_string(), when::human(peer.seen_ms), check]
    });
    lines.gap().table(
        ["partner", "leaves", "seen", "consistent"],
        rows.collect(),
        "no partner's checkpoint is known",
    );
    let broken = i32::from(LedgerCheck::Broken);
    let failed = found.check == broken || found.peers.iter().any(|peer| peer.consistent == broken);
    Answer::new(json, lines.done()).ending(failed.then_some(Exit::Input))
}

fn peer_json(peer: &PeerLedger) -> Value {
    json!({
        "peer_id": ids::structure(&peer.peer_id),
        "name": peer.name,
        "size": peer.size,
        "seen": super::instant(peer.seen_ms),
        "consistent": codes::json::<LedgerCheck>(peer.consistent),
    })
}

/// Counts of one quarter; no totals, small cells as "0–10".
pub(crate) fn flows(found: &FlowsResponse) -> Answer {
    let rows = found.cells.iter().map(|cell| {
        let direction = match codes::code::<Side>(cell.side) {
            Some(Side::Sender) => "sent",
            Some(Side::Receiver) => "received",
            None => "",
        };
        [
            format!("{} ({})", cell.territory_name, cell.territory),
            direction.to_owned(),
            cell.category_label.clone(),
            label(cell),
            codes::word::<Outcome>(cell.outcome),
            count(cell),
        ]
    });
    let mut lines = Lines::new();
    lines.line(format!(
        "{} quarter {}: this node alone; {FEW} stands for any number up to 10",
        found.year, found.quarter
    ));
    let otherwise = "no referral or handover in this quarter at this level";
    lines.table(["territory", "direction", "need", "end", "outcome", "count"], rows.collect(), otherwise);
    let json = json!({
        "year": found.year,
        "quarter": found.quarter,
        "cells": found.cells.iter().map(cell_json).collect::<Value>(),
    });
    Answer::new(json, lines.done())
}

fn label(cell: &FlowCell) -> String {
    if cell.label == 0 { "live".to_owned() } else { codes::word::<Label>(cell.label) }
}

fn count(cell: &FlowCell) -> String {
    cell.count.map_or_else(|| FEW.to_owned(), |count| count.to_string())
}

fn cell_json(cell: &FlowCell) -> Value {
    json!({
        "territory": cell.territory,
        "territory_name": cell.territory_name,
        "side": codes::json::<Side>(cell.side),
        "category": cell.category,
        "label": codes::json::<Label>(cell.label),
        "outcome": codes::json::<Outcome>(cell.outcome),
        "count": cell.count.map_or_else(|| json!(FEW), |count| json!(count)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_cells_tell_no_number() {
        let cell = |count| FlowCell { territory: "17300".to_owned(), side: 1, count, ..FlowCell::default() };
        let cells = vec![cell(None), cell(Some(12))];
        let answer = flows(&FlowsResponse { year: 2026, quarter: 4, cells, ..FlowsResponse::default() });
        assert_eq!(answer.json["cells"][0]["count"], "0–10");
        assert_eq!(answer.json["cells"][1]["count"], 12);
        assert!(answer.text.contains("live") && !answer.text.to_lowercase().contains("total"));
    }

    #[test]
    fn a_broken_ledger_ends_with_a_code() {
        let broken =
            LedgerStatusResponse { check: LedgerCheck::Broken.into(), ..LedgerStatusResponse::default() };
        assert_eq!(status(&broken).exit, Some(Exit::Input));
        let holds =
            LedgerStatusResponse { check: LedgerCheck::Holds.into(), ..LedgerStatusResponse::default() };
        assert_eq!(status(&holds).exit, None);
    }
}
