//! What partners brought, what was not taken of it, and when both sides compared last.

use super::{Desk, REFUSED, StructureState, answer, count};
use crate::directory::CompareEnd;
use relais_domain::structure_id::StructureId;
use relais_proto::desk::v1 as desk;
use relais_store::rows::RefusalCount;
use std::collections::BTreeMap;
use tonic::Status;

impl Desk {
    pub(super) fn peer_name(&self, id: StructureId) -> String {
        self.engine.peers().peer(id).map(|record| record.name().to_owned()).unwrap_or_default()
    }

    /// Partners that were the first to bring a structure, or of whom something was not taken, by name.
    pub(super) async fn carriers(
        &self,
        states: &BTreeMap<StructureId, StructureState>,
    ) -> Result<Vec<desk::DirectoryCarrier>, Status> {
        let mut carriers: BTreeMap<StructureId, desk::DirectoryCarrier> = BTreeMap::new();
        for state in states.values() {
            let Some((carrier, _)) = state.carried else { continue };
            let view = carriers.entry(carrier).or_default();
            view.structures = view.structures.saturating_add(1);
            view.records = view.records.saturating_add(count(state.records));
        }
        let refusals = self.engine.store().refusals().await;
        let refusals = refusals.map_err(|error| answer::engine(error.into()))?;
        for RefusalCount { peer, code, count, last_at } in refusals {
            let Some(carrier) = peer.filter(|_| code.starts_with(REFUSED)) else { continue };
            let refused = desk::DirectoryRefusals { code, count, last_ms: last_at.0 };
            carriers.entry(carrier).or_default().refusals.push(refused);
        }
        let named = carriers.into_iter().map(|(id, view)| desk::DirectoryCarrier {
            peer_id: id.as_bytes().to_vec(),
            name: self.peer_name(id),
            ..view
        });
        let mut named: Vec<_> = named.collect();
        named.sort_by(|a, b| (&a.name, &a.peer_id).cmp(&(&b.name, &b.peer_id)));
        Ok(named)
    }

    /// The last comparison with each paired partner, by name.
    pub(super) fn comparisons(&self) -> Vec<desk::DirectoryComparison> {
        let mut comparisons: Vec<desk::DirectoryComparison> =
            self.engine.peers().paired().into_iter().map(|id| self.comparison(id)).collect();
        comparisons.sort_by(|a, b| (&a.name, &a.peer_id).cmp(&(&b.name, &b.peer_id)));
        comparisons
    }

    fn comparison(&self, partner: StructureId) -> desk::DirectoryComparison {
        let compared = self.directory.compared(partner);
        let ended = compared.map_or(desk::DirectoryCompared::Unspecified, |one| ended(one.end));
        desk::DirectoryComparison {
            peer_id: partner.as_bytes().to_vec(),
            name: self.peer_name(partner),
            at_ms: compared.map(|one| one.at.0),
            ended: ended.into(),
        }
    }
}

const fn ended(end: CompareEnd) -> desk::DirectoryCompared {
    match end {
        CompareEnd::NothingNew => desk::DirectoryCompared::NothingNew,
        CompareEnd::Exchanged => desk::DirectoryCompared::Exchanged,
        CompareEnd::Partly => desk::DirectoryCompared::Partly,
        CompareEnd::Answered => desk::DirectoryCompared::Answered,
        CompareEnd::Unanswered => desk::DirectoryCompared::Unanswered,
        CompareEnd::Unreadable => desk::DirectoryCompared::Unreadable,
    }
}
