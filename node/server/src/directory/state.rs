//! How the directory does: of each structure how much is held, how fresh it is and by whom it came.

use super::Directory;
use relais_domain::directory::Body;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use std::collections::BTreeMap;

/// What is known of one structure.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StructureState {
    /// The name it claims, in its record or in its manifest.
    pub name: Option<String>,
    /// How many of its records are held, withdrawals included.
    pub records: usize,
    /// When the latest of them was signed.
    pub fresh: Option<Timestamp>,
    /// The partner that was the first to bring its manifests, and since when they are kept.
    pub carried: Option<(StructureId, Timestamp)>,
    /// How many proofs are kept that it signed two records with one sequence.
    pub conflicts: usize,
}

impl Directory {
    /// What is known of each structure: of which a record, a chain or a proof is held, or of which an admin takes
    /// nothing.
    pub fn states(&self) -> BTreeMap<StructureId, StructureState> {
        let mut states: BTreeMap<StructureId, StructureState> = BTreeMap::new();
        for (structure, known) in self.carried.all() {
            let state = states.entry(structure).or_default();
            state.name = Some(known.name);
            state.carried = Some((known.carrier, known.since));
        }
        self.read_index(|index| {
            for held in index.records.all() {
                let state = states.entry(held.record.structure).or_default();
                state.records += 1;
                state.fresh = state.fresh.max(Some(held.record.issued_at));
                if let Body::Structure(profile) = &held.record.body {
                    state.name = Some(profile.name.clone());
                }
            }
            for (structure, conflicts) in &index.conflicts {
                states.entry(*structure).or_default().conflicts = conflicts.len();
            }
            for structure in &index.refused {
                states.entry(*structure).or_default();
            }
        });
        states
    }
}
