//! The directory as it is kept here: whose records, how fresh, by whom they came; and what an admin wishes of it.

use super::open::structure;
use super::services::directory_error;
use super::{Desk, answer};
use crate::directory::{ChosenBy, StructureState, subscription_codes};
use relais_domain::directory::Subscription;
use relais_domain::structure_id::StructureId;
use relais_domain::territory::DepartementCode;
use relais_domain::thread::Trust;
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1 as peer;
use relais_store::rows::RefusalCount;
use relais_wire::frame::DEPARTEMENTS_MAX;
use std::collections::BTreeMap;
use tonic::Status;

/// Most structures of one page.
const PAGE_SIZE_MAX: u32 = 100;
/// Structures of a page unless said otherwise.
const PAGE_SIZE: u32 = 50;
/// How codes of what was refused of a partner's records begin.
pub(super) const REFUSED: &str = "directory_";
/// What stands for every département.
const FRANCE: &str = "france";

impl Desk {
    pub(super) async fn show_directory(
        &self,
        request: &desk::ShowDirectoryRequest,
    ) -> Result<desk::DirectoryView, Status> {
        let size = match request.page_size {
            0 => PAGE_SIZE,
            1..=PAGE_SIZE_MAX => request.page_size,
            _ => return Err(answer::field("page_size", "100 at most")),
        };
        let skip: usize = match request.page_token.as_str() {
            "" => 0,
            token => token.parse().map_err(|_| answer::field("page_token", "give back what a page said"))?,
        };
        let states = self.directory.states();
        let mut structures: Vec<desk::DirectoryStructure> =
            states.iter().map(|(id, state)| self.structure_view(*id, state)).collect();
        structures.sort_by(|a, b| (&a.name, &a.structure_id).cmp(&(&b.name, &b.structure_id)));
        let known = structures.len();
        let take = usize::try_from(size).unwrap_or(usize::MAX);
        let page: Vec<_> = structures.into_iter().skip(skip).take(take).collect();
        let next = skip.saturating_add(page.len());
        let chosen = match self.directory.chosen_by() {
            ChosenBy::Admin => peer::YesNo::Yes,
            ChosenBy::Nobody => peer::YesNo::No,
        };
        Ok(desk::DirectoryView {
            departements: subscription_codes(self.directory.subscription()),
            chosen: chosen.into(),
            records: states.values().map(|state| count(state.records)).map(u64::from).sum(),
            structures_known: count(known),
            structures: page,
            next_page_token: if next < known { next.to_string() } else { String::new() },
            carriers: self.carriers(&states).await?,
        })
    }

    pub(super) async fn subscribe_directory(
        &self,
        request: &desk::SubscribeDirectoryRequest,
    ) -> Result<desk::DirectoryView, Status> {
        let chosen = chosen(&request.departements)?;
        let partner = |id| matches!(self.engine.peers().trust(id), Some(Trust::Paired | Trust::Suspended));
        self.directory.subscribe(chosen, partner).await.map_err(|error| directory_error(&error))?;
        self.show_directory(&desk::ShowDirectoryRequest::default()).await
    }

    pub(super) async fn refuse_structure(
        &self,
        request: &desk::RefuseStructureRequest,
    ) -> Result<desk::DirectoryStructure, Status> {
        let id = structure(&request.structure_id, "structure_id")?;
        let state = self.directory.states().remove(&id).unwrap_or_default();
        self.directory.refuse(id).await.map_err(|error| directory_error(&error))?;
        // It is named once more by what is forgotten now.
        let name = state.name.unwrap_or_default();
        Ok(desk::DirectoryStructure { name, ..self.structure_now(id) })
    }

    pub(super) async fn allow_structure(
        &self,
        request: &desk::AllowStructureRequest,
    ) -> Result<desk::DirectoryStructure, Status> {
        let id = structure(&request.structure_id, "structure_id")?;
        self.directory.allow(id).await.map_err(|error| directory_error(&error))?;
        Ok(self.structure_now(id))
    }

    fn structure_now(&self, id: StructureId) -> desk::DirectoryStructure {
        let state = self.directory.states().remove(&id).unwrap_or_default();
        self.structure_view(id, &state)
    }

    fn structure_view(&self, id: StructureId, state: &StructureState) -> desk::DirectoryStructure {
        let partner = self.engine.peers().peer(id).map(|record| record.name().to_owned());
        let name = if id == self.engine.own().structure() { Some(self.own_name()) } else { partner };
        let name = name.or_else(|| state.name.clone()).unwrap_or_default();
        let carrier = state.carried.map(|(carrier, _)| carrier);
        desk::DirectoryStructure {
            structure_id: id.as_bytes().to_vec(),
            name,
            standing: self.standing(id).into(),
            records: count(state.records),
            fresh_ms: state.fresh.map(|at| at.0),
            carrier_id: carrier.map(|carrier| carrier.as_bytes().to_vec()).unwrap_or_default(),
            carrier_name: carrier.map(|carrier| self.peer_name(carrier)).unwrap_or_default(),
            carried_ms: state.carried.map(|(_, since)| since.0),
            conflicts: count(state.conflicts),
        }
    }

    fn standing(&self, id: StructureId) -> desk::DirectoryStanding {
        if id == self.engine.own().structure() {
            return desk::DirectoryStanding::Own;
        }
        if self.directory.is_refused(id) {
            return desk::DirectoryStanding::Refused;
        }
        match self.engine.peers().trust(id) {
            Some(Trust::Paired) => desk::DirectoryStanding::Partner,
            Some(Trust::Suspended) => desk::DirectoryStanding::Suspended,
            Some(Trust::Removed) => desk::DirectoryStanding::Removed,
            None => desk::DirectoryStanding::Third,
        }
    }

    fn peer_name(&self, id: StructureId) -> String {
        self.engine.peers().peer(id).map(|record| record.name().to_owned()).unwrap_or_default()
    }

    /// Partners that were the first to bring a structure, or of whom something was not taken, by name.
    async fn carriers(
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
}

/// The départements that an admin chose; `None` for where this structure is at home.
fn chosen(codes: &[String]) -> Result<Option<Subscription>, Status> {
    if codes.len() > DEPARTEMENTS_MAX {
        return Err(answer::field("departements", "128 at most: say france for all"));
    }
    if codes.is_empty() {
        return Ok(None);
    }
    if codes.iter().any(|code| code.eq_ignore_ascii_case(FRANCE)) {
        let alone = codes.len() == 1;
        let all = alone.then_some(Some(Subscription::FRANCE));
        return all.ok_or_else(|| answer::field("departements", "france stands alone: it is all of them"));
    }
    let read = |code: &String| {
        let unknown = || answer::field("departements", &format!("no département has the code {code:.20}"));
        DepartementCode::parse(code.trim()).ok_or_else(unknown)
    };
    let codes = codes.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Subscription::of(codes)))
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
