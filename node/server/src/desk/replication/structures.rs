//! A structure of the directory as it is shown, and which ones are asked for.

use super::super::open::structure;
use super::{Desk, StructureState, answer, count};
use relais_domain::letters;
use relais_domain::structure_id::StructureId;
use relais_domain::thread::Trust;
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::{DirectoryPart, DirectoryStanding};
use std::collections::BTreeSet;
use tonic::Status;

/// Most letters of a name that is looked for.
const NAME_CHARS_MAX: usize = 100;
/// Most partners of which it is told that they recommend a structure.
const VOUCHERS_MAX: usize = 16;

/// A structure that is known.
pub(super) struct Known<'a> {
    pub(super) id: StructureId,
    /// Empty when none is known.
    pub(super) name: String,
    state: &'a StructureState,
}

/// Which structures are asked for.
pub(super) struct Asked {
    /// In plain letters; empty for all.
    name: String,
    part: DirectoryPart,
    structure: Option<StructureId>,
}

impl Asked {
    /// What a request asks for.
    ///
    /// # Errors
    /// The field that is wrong.
    pub(super) fn of(request: &desk::ShowDirectoryRequest) -> Result<Self, Status> {
        if request.name.chars().count() > NAME_CHARS_MAX {
            return Err(answer::field("name", "100 characters at most"));
        }
        let part = DirectoryPart::try_from(request.part).map_err(|_| answer::field("part", "not known"))?;
        let one = Some(&request.structure_id).filter(|id| !id.is_empty());
        let structure = one.map(|id| structure(id, "structure_id")).transpose()?;
        Ok(Self { name: letters::plain(&request.name), part, structure })
    }

    /// Whether a structure is meant.
    pub(super) fn is(&self, known: &Known<'_>, refused: &BTreeSet<StructureId>) -> bool {
        let of_part = match self.part {
            DirectoryPart::Unspecified => true,
            DirectoryPart::Conflicting => known.state.conflicts > 0,
            DirectoryPart::Refused => refused.contains(&known.id),
        };
        let named = || self.name.is_empty() || letters::plain(&known.name).contains(&self.name);
        of_part && self.structure.is_none_or(|id| id == known.id) && named()
    }
}

impl Desk {
    /// How a structure stands after an act.
    pub(super) fn structure_now(&self, id: StructureId) -> desk::DirectoryStructure {
        let state = self.directory.states().remove(&id).unwrap_or_default();
        self.structure_view(self.known(id, &state))
    }

    /// A structure by the name it has here: as a partner, else as it says itself.
    pub(super) fn known<'a>(&self, id: StructureId, state: &'a StructureState) -> Known<'a> {
        let partner = self.engine.peers().peer(id).map(|record| record.name().to_owned());
        let name = if id == self.engine.own().structure() { Some(self.own_name()) } else { partner };
        Known { id, name: name.or_else(|| state.name.clone()).unwrap_or_default(), state }
    }

    /// The same as it is shown.
    pub(super) fn structure_view(&self, known: Known<'_>) -> desk::DirectoryStructure {
        let Known { id, name, state } = known;
        let carrier = state.carried.map(|(carrier, _)| carrier);
        let standing = self.standing(id);
        let vouchers = match standing {
            DirectoryStanding::Third => self.introductions.recommended_by(id),
            DirectoryStanding::Unspecified
            | DirectoryStanding::Own
            | DirectoryStanding::Partner
            | DirectoryStanding::Awaited
            | DirectoryStanding::Suspended
            | DirectoryStanding::Removed
            | DirectoryStanding::Refused => Vec::new(),
        };
        desk::DirectoryStructure {
            structure_id: id.as_bytes().to_vec(),
            name,
            standing: standing.into(),
            records: count(state.records),
            fresh_ms: state.fresh.map(|at| at.0),
            carrier_id: carrier.map(|carrier| carrier.as_bytes().to_vec()).unwrap_or_default(),
            carrier_name: carrier.map(|carrier| self.peer_name(carrier)).unwrap_or_default(),
            carried_ms: state.carried.map(|(_, since)| since.0),
            conflicts: count(state.conflicts),
            commune_code: state.commune.map(|code| code.to_string()).unwrap_or_default(),
            commune_name: state.commune.map(|code| code.commune().name().to_owned()).unwrap_or_default(),
            services: count(state.services),
            expires_ms: state.expires.map(|at| at.0),
            vouchers: vouchers.iter().take(VOUCHERS_MAX).map(|one| self.voucher_view(one)).collect(),
        }
    }

    fn standing(&self, id: StructureId) -> DirectoryStanding {
        if id == self.engine.own().structure() {
            return DirectoryStanding::Own;
        }
        if self.directory.is_refused(id) {
            return DirectoryStanding::Refused;
        }
        match self.engine.peers().trust(id) {
            Some(Trust::Paired) if self.engine.peers().is_awaited(id) => DirectoryStanding::Awaited,
            Some(Trust::Paired) => DirectoryStanding::Partner,
            Some(Trust::Suspended) => DirectoryStanding::Suspended,
            Some(Trust::Removed) => DirectoryStanding::Removed,
            None => DirectoryStanding::Third,
        }
    }
}
