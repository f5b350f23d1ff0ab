//! The directory as it is kept here: whose records, how fresh, by whom they came; and what an admin wishes of it.

mod carriers;
mod structures;

use super::open::structure;
use super::paging::Page;
use super::services::directory_error;
use super::{Desk, answer};
use crate::directory::{ChosenBy, StructureState, subscription_codes};
use relais_domain::directory::Subscription;
use relais_domain::territory::DepartementCode;
use relais_domain::thread::Trust;
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1 as peer;
use relais_wire::frame::DEPARTEMENTS_MAX;
use structures::Known;
use tonic::Status;

/// How codes of what was refused of a partner's records begin.
pub(super) const REFUSED: &str = "directory_";
/// What stands for every département.
const FRANCE: &str = "france";
/// What every département together is called.
const FRANCE_NAMED: &str = "France";

impl Desk {
    pub(super) async fn show_directory(
        &self,
        request: &desk::ShowDirectoryRequest,
    ) -> Result<desk::DirectoryView, Status> {
        let page = Page::asked(request.page_size, &request.page_token)?;
        let asked = structures::Asked::of(request)?;
        let states = self.directory.states();
        let refused = self.directory.refused();
        let mut found: Vec<Known<'_>> = states
            .iter()
            .map(|(id, state)| self.known(*id, state))
            .filter(|one| asked.is(one, &refused))
            .collect();
        found.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        let count_found = found.len();
        let (page, next_page_token) = page.of(found);
        let chosen = match self.directory.chosen_by() {
            ChosenBy::Admin => peer::YesNo::Yes,
            ChosenBy::Nobody => peer::YesNo::No,
        };
        let departements = subscription_codes(self.directory.subscription());
        let services = states.values().map(|state| state.services).sum();
        let conflicting = states.values().filter(|state| state.conflicts > 0).count();
        Ok(desk::DirectoryView {
            departement_names: departements.iter().map(|code| departement_name(code)).collect(),
            departements,
            chosen: chosen.into(),
            records: states.values().map(|state| count(state.records)).map(u64::from).sum(),
            structures_known: count(states.len()),
            structures: page.into_iter().map(|known| self.structure_view(known)).collect(),
            next_page_token,
            carriers: self.carriers(&states).await?,
            comparisons: self.comparisons(),
            structures_found: count(count_found),
            services_known: count(services),
            conflicting: count(conflicting),
            refused: count(refused.len()),
            unread: self.directory.unread(),
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
        self.directory.refuse(id).await.map_err(|error| directory_error(&error))?;
        Ok(self.structure_now(id))
    }

    pub(super) async fn allow_structure(
        &self,
        request: &desk::AllowStructureRequest,
    ) -> Result<desk::DirectoryStructure, Status> {
        let id = structure(&request.structure_id, "structure_id")?;
        self.directory.allow(id).await.map_err(|error| directory_error(&error))?;
        Ok(self.structure_now(id))
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

fn departement_name(code: &str) -> String {
    let name = DepartementCode::parse(code).map(|code| code.name());
    name.unwrap_or(if code == FRANCE { FRANCE_NAMED } else { "" }).to_owned()
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
