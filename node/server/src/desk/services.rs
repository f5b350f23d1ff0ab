//! Services: publishing one's own, and finding those of partners.

use super::open::structure;
use super::{Desk, answer, reasons};
use crate::directory::{DirectoryError, Seen, Shown};
use relais_domain::directory::{NameNeeded, Question, WalkIn};
use relais_domain::id::ServiceId;
use relais_domain::structure_id::StructureId;
use relais_domain::territory::{self};
use relais_domain::theme::Theme;
use relais_domain::thread::Trust;
use relais_domain::time::Timestamp;
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1 as peer;
use tonic::{Code, Status};

/// Most services of one page or answer.
const PAGE_SIZE_MAX: u32 = 100;
/// Services of a page unless said otherwise.
const PAGE_SIZE: u32 = 50;
/// Services found unless said otherwise.
const FOUND: u32 = 20;

impl Desk {
    pub(super) async fn import(&self, json: &[u8]) -> Result<desk::ImportServicesResponse, Status> {
        let report = self.directory.import(json).await.map_err(|error| directory_error(&error))?;
        let refused = report.refused.iter().map(|refusal| desk::ImportRefusal {
            index: refusal.index,
            service_id: refusal.id.clone(),
            field: refusal.field.clone(),
            problem: refusal.problem.clone(),
        });
        let replaced = report.replaced.iter().map(|code| desk::ImportReplaced {
            index: code.index,
            field: code.field.clone(),
            what: code.what.clone(),
        });
        Ok(desk::ImportServicesResponse {
            accepted: report.created,
            updated: report.updated,
            unchanged: report.unchanged,
            refused: refused.collect(),
            replaced: replaced.collect(),
        })
    }

    pub(super) fn list_services(
        &self,
        request: &desk::ListServicesRequest,
    ) -> Result<desk::ListServicesResponse, Status> {
        let of = match request.structure_id.as_slice() {
            [] => self.engine.own().structure(),
            bytes => structure(bytes, "structure_id")?,
        };
        let size = match request.page_size {
            0 => PAGE_SIZE,
            1..=PAGE_SIZE_MAX => request.page_size,
            _ => return Err(answer::field("page_size", "100 at most")),
        };
        let skip: usize = match request.page_token.as_str() {
            "" => 0,
            token => token.parse().map_err(|_| answer::field("page_token", "give back what a page said"))?,
        };
        let all = self.directory.list(of);
        let take = usize::try_from(size).unwrap_or(usize::MAX);
        let services: Vec<desk::ServiceView> =
            all.iter().skip(skip).take(take).map(|shown| self.service_view(shown)).collect();
        let next = skip + services.len();
        let next_page_token = if next < all.len() { next.to_string() } else { String::new() };
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

    pub(super) fn find(
        &self,
        request: &desk::FindServicesRequest,
    ) -> Result<desk::FindServicesResponse, Status> {
        let theme = Theme::parse(&request.theme).ok_or_else(|| {
            let close: Vec<&str> =
                Theme::closest(&request.theme, 3).iter().map(|theme| theme.code()).collect();
            answer::field("theme", &format!("no such theme; close to it: {}", close.join(", ")))
        })?;
        let found = territory::commune(&request.commune)
            .map_err(|error| answer::field("commune", &error.to_string()))?;
        let limit = match request.limit {
            0 => FOUND,
            1..=PAGE_SIZE_MAX => request.limit,
            _ => return Err(answer::field("limit", "100 at most")),
        };
        let commune = found.commune();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        // Only partners can be sent to.
        let open = |id| self.engine.peers().trust(id) == Some(Trust::Paired);
        let services = self.directory.find_among(Question { theme, commune, limit }, open);
        let services = services.iter().map(|hit| desk::FoundService {
            service: Some(self.service_view(&hit.shown)),
            distance_m: hit.distance_m,
            reasons: hit.reasons.iter().map(ToString::to_string).collect(),
            coded_reasons: hit.reasons.iter().map(reasons::coded).collect(),
        });
        let replaced = found.replaced().map(|former| desk::ReplacedCommune {
            former_code: former.code().to_owned(),
            former_name: former.name().to_owned(),
            code: commune.code().to_string(),
            name: commune.name().to_owned(),
        });
        Ok(desk::FindServicesResponse {
            services: services.collect(),
            commune_code: commune.code().to_string(),
            commune_name: commune.name().to_owned(),
            replaced,
        })
    }

    fn structure_name(&self, id: StructureId) -> String {
        if id == self.engine.own().structure() { self.own_name() } else { self.names(id).peer }
    }

    fn service_view(&self, shown: &Shown) -> desk::ServiceView {
        let service = &shown.service;
        let name_needed = match service.name_needed {
            NameNeeded::No => peer::YesNo::No,
            NameNeeded::Yes => peer::YesNo::Yes,
        };
        desk::ServiceView {
            structure_id: shown.structure.as_bytes().to_vec(),
            structure_name: self.structure_name(shown.structure),
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
        }
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
        | DirectoryError::Changed => Code::InvalidArgument,
    };
    answer::refused(code, "directory", None, error.to_string())
}
