//! Services: publishing one's own, and finding those of partners.

use super::open::structure;
use super::paging::Page;
use super::{Desk, answer, import};
use crate::directory::{DirectoryError, Seen, Shown, Withdrawal};
use relais_domain::directory::{NameNeeded, Service, WalkIn};
use relais_domain::id::ServiceId;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1 as peer;
use tonic::{Code, Status};

impl Desk {
    pub(super) async fn import(&self, json: &[u8]) -> Result<desk::ImportServicesResponse, Status> {
        let report = self.directory.import(json).await.map_err(|error| directory_error(&error))?;
        Ok(import::told(&report))
    }

    pub(super) fn list_services(
        &self,
        request: &desk::ListServicesRequest,
    ) -> Result<desk::ListServicesResponse, Status> {
        let of = match request.structure_id.as_slice() {
            [] => self.engine.own().structure(),
            bytes => structure(bytes, "structure_id")?,
        };
        let page = Page::asked(request.page_size, &request.page_token)?;
        let (services, next_page_token) = page.of(self.directory.list(of));
        let services = services.iter().map(|shown| self.service_view(shown)).collect();
        Ok(desk::ListServicesResponse { services, next_page_token })
    }

    pub(super) async fn set_capacity(
        &self,
        request: &desk::SetCapacityRequest,
    ) -> Result<desk::ServiceView, Status> {
        let id = ServiceId::parse(&request.service_id)
            .ok_or_else(|| answer::field("service_id", "the id of a service you publish"))?;
        let own = self.engine.own().structure();
        let stated = |ms: i64| (ms != 0).then_some(Timestamp(ms));
        let seen = request.seen_stated_ms.map_or(Seen::Unasked, |ms| Seen::This(stated(ms)));
        let set = self.directory.set_capacity(&id, request.places, request.waiting_days, seen).await;
        set.map_err(|error| directory_error(&error))?;
        let shown = self.directory.service(own, &id).ok_or_else(answer::not_there)?;
        Ok(self.service_view(&shown))
    }

    pub(super) async fn set_walk_in(
        &self,
        request: desk::SetWalkInRequest,
    ) -> Result<desk::ServiceView, Status> {
        let id = ServiceId::parse(&request.service_id)
            .ok_or_else(|| answer::field("service_id", "the id of a service you publish"))?;
        let (hours, places_a_week) = (request.hours.trim().to_owned(), request.places_a_week);
        if hours.is_empty() && places_a_week.is_some() {
            return Err(answer::field("hours", "say when one may come: places alone are no offer"));
        }
        let offer =
            |hours: String, places_a_week| (!hours.is_empty()).then_some(WalkIn { hours, places_a_week });
        let seen = request.seen.map(|seen| offer(seen.hours, seen.places_a_week));
        let seen = seen.map_or(Seen::Unasked, Seen::This);
        self.directory
            .set_walk_in(&id, offer(hours, places_a_week), seen)
            .await
            .map_err(|error| directory_error(&error))?;
        let shown = self.directory.service(self.engine.own().structure(), &id);
        Ok(self.service_view(&shown.ok_or_else(answer::not_there)?))
    }

    pub(super) async fn withdraw_service(
        &self,
        request: &desk::WithdrawServiceRequest,
    ) -> Result<desk::WithdrawnService, Status> {
        let id = ServiceId::parse(&request.service_id)
            .ok_or_else(|| answer::field("service_id", "the id of a service you publish"))?;
        let seen = request.seen_signed_ms.map_or(Seen::Unasked, |ms| Seen::This(Some(Timestamp(ms))));
        let done = self.directory.withdraw(&id, seen).await.map_err(|error| {
            let unknown = matches!(error, DirectoryError::UnknownService(_));
            if unknown { answer::field("service_id", &error.to_string()) } else { directory_error(&error) }
        })?;
        let (at, already) = match done {
            Withdrawal::Now(at) => (at, peer::YesNo::No),
            Withdrawal::Before(at) => (at, peer::YesNo::Yes),
        };
        Ok(desk::WithdrawnService { service_id: id.to_string(), withdrawn_ms: at.0, already: already.into() })
    }

    /// The name of a structure: of no partner, what it says of itself.
    pub(super) fn structure_name(&self, id: StructureId) -> String {
        if id == self.engine.own().structure() {
            return self.own_name();
        }
        let claimed = || self.directory.profile(id).map(|profile| profile.name).unwrap_or_default();
        if self.engine.peers().trust(id).is_some() { self.names(id).peer } else { claimed() }
    }

    pub(super) fn service_view(&self, shown: &Shown) -> desk::ServiceView {
        let service = &shown.service;
        desk::ServiceView {
            structure_id: shown.structure.as_bytes().to_vec(),
            structure_name: self.structure_name(shown.structure),
            capacity: shown.capacity.as_ref().map(|(capacity, expires)| desk::Capacity {
                places: capacity.places,
                waiting_days: capacity.waiting_days,
                stated_ms: capacity.stated_at.0,
                expires_ms: expires.0,
            }),
            signed_ms: shown.signed_at.0,
            walk_in: self.directory.offer(shown.structure, &service.id).map(|offer| desk::WalkInOffer {
                hours: offer.walk_in.hours,
                places_a_week: offer.walk_in.places_a_week,
                digest: offer.digest.as_bytes().to_vec(),
            }),
            ..of_service(service)
        }
    }
}

/// What a service says itself, whoever vouches for it.
pub(super) fn of_service(service: &Service) -> desk::ServiceView {
    let name_needed = match service.name_needed {
        NameNeeded::No => peer::YesNo::No,
        NameNeeded::Yes => peer::YesNo::Yes,
    };
    desk::ServiceView {
        service_id: service.id.to_string(),
        name: service.name.clone(),
        description: service.description.clone(),
        themes: service.themes.iter().map(|theme| theme.code().to_owned()).collect(),
        site_id: service.site.map(|site| site.as_bytes().to_vec()).unwrap_or_default(),
        address: service.address.clone().unwrap_or_default(),
        commune_code: service.commune.map(|code| code.to_string()).unwrap_or_default(),
        commune_name: service.commune.map(|code| code.name().to_owned()).unwrap_or_default(),
        coverage: service.coverage.territories().iter().map(ToString::to_string).collect(),
        conditions: service.conditions.clone().unwrap_or_default(),
        fees: service.fees.map(|value| value.code().to_owned()).unwrap_or_default(),
        welcome_modes: service.welcome_modes.iter().map(|value| value.code().to_owned()).collect(),
        name_needed: name_needed.into(),
        phone: service.phone.clone().unwrap_or_default(),
        email: service.email.clone().unwrap_or_default(),
        opening_hours: service.opening_hours.clone().unwrap_or_default(),
        link: service.link.clone().unwrap_or_default(),
        languages: service.languages.iter().cloned().collect(),
        ..desk::ServiceView::default()
    }
}

pub(super) fn directory_error(error: &DirectoryError) -> Status {
    if matches!(error, DirectoryError::Changed) {
        return answer::changed();
    }
    let code = match error {
        DirectoryError::Store(_) => Code::Unavailable,
        DirectoryError::File(_)
        | DirectoryError::Record(_)
        | DirectoryError::Refused(_)
        | DirectoryError::UnknownService(_)
        | DirectoryError::Own
        | DirectoryError::TooManyRefused
        | DirectoryError::Changed => Code::InvalidArgument,
    };
    answer::refused(code, "directory", None, error.to_string())
}
