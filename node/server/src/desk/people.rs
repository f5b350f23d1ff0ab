//! Follow-ups: this structure's own commitments to persons.

use super::paging::Page;
use super::threads::{code, request_id};
use super::view::{self};
use super::{Caller, Desk, answer, reach};
use crate::engine::EngineError;
use crate::engine::follow_up::{FollowUp, FollowUpStanding, NewFollowUp};
use crate::register::Order;
use crate::users::Role;
use relais_domain::content::YesNo;
use relais_domain::id::FollowUpId;
use relais_domain::letters::plain;
use relais_domain::limits::TEXT_CHARS_MAX;
use relais_domain::personal::Personal;
use relais_domain::refusal::Refusal;
use relais_proto::desk::v1 as desk;
use relais_wire::content as translate;
use tonic::Status;

/// Most threads shown with one follow-up.
const THREADS_MAX: usize = 100;

impl Desk {
    pub(super) async fn open_follow_up(
        &self,
        request: desk::OpenFollowUpRequest,
        caller: &Caller,
    ) -> Result<desk::FollowUpView, Status> {
        let name = request.name.ok_or_else(|| answer::field("name", "say who the person is"))?;
        let contact = request.contact.map(translate::contact_from_proto).transpose();
        if let Ok(Some(contact)) = &contact {
            reach::check(contact)?;
        }
        let referent =
            if request.referent.is_empty() { caller.user.name.clone() } else { request.referent.clone() };
        let new = NewFollowUp {
            request: request_id(&request.request_id)?,
            name: translate::name_from_proto(name).map_err(|error| answer::content(&error))?,
            contact: contact.map_err(|error| answer::content(&error))?,
            notes: request.notes.into_iter().map(Personal::new).collect(),
            referent,
        };
        let known = FollowUpId::from_random(new.request);
        // A call id that names another's follow-up is nobody's.
        self.visible_follow_up(known, caller).await?;
        let id = self.engine.open_follow_up(new).await.map_err(answer::engine)?;
        self.show_follow_up(desk::ShowFollowUpRequest { follow_up_id: id.as_bytes().to_vec() }, caller).await
    }

    /// A page: the newest first. One that software asks for is noted before it is shown, as its names leave.
    pub(super) async fn list_follow_ups(
        &self,
        request: desk::ListFollowUpsRequest,
        caller: &Caller,
    ) -> Result<desk::ListFollowUpsResponse, Status> {
        let page = Page::asked(request.page_size, &request.page_token)?;
        let prefix = request.id_prefix.to_ascii_lowercase().replace('-', "");
        let name = name_prefix(&request.name_prefix)?;
        let whose = self.whose(request.team, caller).await?;
        let mut all = self.engine.follow_ups().await.map_err(answer::engine)?;
        all.retain(|(id, follow_up)| {
            whose.shows(follow_up, caller)
                && id.to_string().replace('-', "").starts_with(&prefix)
                && (name.is_empty() || is_called(follow_up, &name))
        });
        all.sort_by_key(|(_, follow_up)| -follow_up.opened_at.0);
        let (page, next_page_token) = page.of(all);
        if caller.is_software() && !page.is_empty() {
            let persons: Vec<FollowUpId> = page.iter().map(|(id, _)| *id).collect();
            self.engine.note_listing(&persons, &caller.reader()).await.map_err(answer::engine)?;
        }
        let follow_ups = page.iter().map(|(id, follow_up)| brief(*id, follow_up)).collect();
        Ok(desk::ListFollowUpsResponse { follow_ups, next_page_token })
    }

    /// Whose follow-ups are asked for. Someone who may not see the team's is on record.
    async fn whose(&self, team: i32, caller: &Caller) -> Result<Whose, Status> {
        let team = match team {
            0 => YesNo::No,
            number => code(YesNo::from_number, number, "team")?,
        };
        match team {
            YesNo::No => Ok(Whose::Own),
            YesNo::Yes if caller.user.roles.contains(&Role::Coordinator) => Ok(Whose::Team),
            YesNo::Yes => {
                self.accounts.note_refused(caller.id, "ListFollowUps of the team").await;
                Err(answer::engine(EngineError::Refused(Refusal::RoleNotAllowed)))
            }
        }
    }

    pub(super) async fn show_follow_up(
        &self,
        request: desk::ShowFollowUpRequest,
        caller: &Caller,
    ) -> Result<desk::FollowUpView, Status> {
        let id = FollowUpId::from_slice(&request.follow_up_id)
            .ok_or_else(|| answer::field("follow_up_id", "16 bytes"))?;
        if !self.visible_follow_up(id, caller).await? {
            return Err(answer::not_there());
        }
        // Noted before it is shown: what cannot be noted is not shown.
        self.engine.note_reading(id.as_bytes(), &caller.reader()).await.map_err(answer::engine)?;
        self.follow_up_view(id).await
    }

    /// Whether there is such a follow-up. Not yours and not there are the same answer.
    pub(super) async fn visible_follow_up(&self, id: FollowUpId, caller: &Caller) -> Result<bool, Status> {
        match self.engine.follow_up(id).await.map_err(answer::engine)? {
            Some((follow_up, _)) if visible(&follow_up, caller) => Ok(true),
            Some(_) => Err(answer::not_there()),
            None => Ok(false),
        }
    }

    async fn follow_up_view(&self, id: FollowUpId) -> Result<desk::FollowUpView, Status> {
        let found = self.engine.follow_up(id).await.map_err(answer::engine)?;
        let (follow_up, _) = found.ok_or_else(answer::not_there)?;
        let mut shown = brief(id, &follow_up);
        shown.contact = follow_up.contact.as_ref().map(translate::contact_to_proto);
        shown.notes = follow_up.notes.iter().map(|note| note.expose().clone()).collect();
        let of_it = self.register.select(Order::Changed, |_, line| line.follow_up == Some(id));
        for (thread, line) in of_it.into_iter().take(THREADS_MAX) {
            let loaded = self.load(thread).await?;
            shown.threads.push(view::summary(&loaded, &self.names(line.peer)));
        }
        Ok(shown)
    }
}

/// Whose follow-ups are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Whose {
    /// The caller's, and those nobody holds.
    Own,
    /// Everyone's.
    Team,
}

impl Whose {
    fn shows(self, follow_up: &FollowUp, caller: &Caller) -> bool {
        match self {
            Self::Own => follow_up.referent.is_empty() || follow_up.referent == caller.user.name,
            Self::Team => true,
        }
    }
}

/// What a name begins with, however it is written.
fn name_prefix(typed: &str) -> Result<String, Status> {
    if typed.chars().count() > TEXT_CHARS_MAX {
        return Err(answer::field("name_prefix", &format!("{TEXT_CHARS_MAX} characters at most")));
    }
    Ok(plain(typed))
}

/// Whether the person is called so: first name or family name first, as people say and write either.
fn is_called(follow_up: &FollowUp, begins: &str) -> bool {
    let (given, family) = (follow_up.name.given.expose(), follow_up.name.family.expose());
    [[given, family], [family, given]].iter().any(|[first, second]| {
        let whole = Personal::new(plain(&format!("{first} {second}")));
        whole.expose().starts_with(begins)
    })
}

/// A counsellor sees their own follow-ups and those nobody holds; a coordinator the whole team's.
fn visible(follow_up: &FollowUp, caller: &Caller) -> bool {
    caller.user.roles.contains(&Role::Coordinator) || Whose::Own.shows(follow_up, caller)
}

/// What a list shows: who it is, and nothing that is read in the file alone.
fn brief(id: FollowUpId, follow_up: &FollowUp) -> desk::FollowUpView {
    let standing = match follow_up.standing {
        FollowUpStanding::Held => desk::FollowUpStanding::Open,
        FollowUpStanding::HandedOver => desk::FollowUpStanding::HandedOver,
        FollowUpStanding::Closed => desk::FollowUpStanding::Closed,
    };
    desk::FollowUpView {
        follow_up_id: id.as_bytes().to_vec(),
        name: Some(translate::name_to_proto(&follow_up.name)),
        contact: None,
        notes: Vec::new(),
        referent: follow_up.referent.clone(),
        standing: standing.into(),
        opened_ms: follow_up.opened_at.0,
        ended_ms: (!follow_up.is_held()).then_some(follow_up.changed_at.0),
        threads: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
