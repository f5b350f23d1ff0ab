//! How the directory does: of each structure how much is held, how fresh it is and by whom it came.

use super::Directory;
use relais_domain::directory::{Body, Profile, Record};
use relais_domain::structure_id::StructureId;
use relais_domain::territory::CommuneCode;
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
    /// The commune of the first of its sites that names one, or else of one of its services.
    pub commune: Option<CommuneCode>,
    /// How many services of it are held.
    pub services: usize,
    /// Until when the last of what it says of itself and its services holds.
    pub expires: Option<Timestamp>,
}

impl StructureState {
    /// Takes one of its records into account.
    fn add(&mut self, record: &Record) {
        self.records += 1;
        self.fresh = self.fresh.max(Some(record.issued_at));
        match &record.body {
            Body::Structure(profile) => {
                self.name = Some(profile.name.clone());
                self.commune = commune(profile).or(self.commune);
                self.expires = self.expires.max(Some(record.expires_at));
            }
            Body::Service(service) => {
                self.services += 1;
                self.commune = self.commune.or(service.commune);
                self.expires = self.expires.max(Some(record.expires_at));
            }
            Body::Capacity(_) | Body::Endorsement(_) | Body::Withdrawn(_) => {}
        }
    }
}

fn commune(profile: &Profile) -> Option<CommuneCode> {
    profile.sites.iter().find_map(|site| site.commune)
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
                states.entry(held.record.structure).or_default().add(&held.record);
            }
            for (structure, conflicts) in &index.conflicts {
                states.entry(*structure).or_default().conflicts = *conflicts;
            }
            for (structure, name) in &index.refused {
                let state = states.entry(*structure).or_default();
                state.name = state.name.take().or_else(|| Some(name.clone()).filter(|name| !name.is_empty()));
            }
        });
        states
    }
}
