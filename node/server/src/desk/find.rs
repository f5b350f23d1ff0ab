//! Finding a service: the question as a form asks it, and the answer with its reasons. Nothing of it leaves the node.

use super::open_data::{OpenViews, with_structure};
use super::paging::{self, PAGE_SIZE_MAX};
use super::{Desk, answer, reasons};
use relais_domain::directory::{
    Door, Doors, Filters, Found, Hours, Mode, Outcome, Price, Question, Rank, Reach, ShutOut, Standing,
};
use relais_domain::inquiry::PARTNERS_ASKED_MAX;
use relais_domain::structure_id::StructureId;
use relais_domain::territory::{self, Commune, DepartementCode};
use relais_domain::theme::Theme;
use relais_domain::thread::Trust;
use relais_domain::time::Day;
use relais_domain::vocabulary::{Value, Vocabulary};
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1::YesNo;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use tonic::Status;

/// Services found unless said otherwise.
const FOUND: u32 = 20;
/// Furthest that someone can be said to go, metres.
const REACH_METRES_MAX: u32 = 1_000_000;
/// Most searches for one answer, while entries are read anew.
const SEARCHES_MAX: usize = 3;
/// Letters of a language's code.
const LANGUAGE_LETTERS: std::ops::RangeInclusive<usize> = 2..=3;

/// The searches for one answer.
struct Searches {
    left: usize,
    /// How often entries were read when the last one began.
    readings: u64,
}

impl Searches {
    const fn of(readings: u64) -> Self {
        Self { left: SEARCHES_MAX, readings }
    }

    /// Ends one; whether another one is to be made, for entries were read anew meanwhile.
    fn go_on(&mut self, readings: u64) -> bool {
        self.left = self.left.saturating_sub(1);
        std::mem::replace(&mut self.readings, readings) != readings && self.left > 0
    }
}

impl Desk {
    pub(super) async fn find(
        &self,
        request: &desk::FindServicesRequest,
    ) -> Result<desk::FindServicesResponse, Status> {
        let theme = theme(&request.theme)?;
        let found = territory::commune(&request.commune)
            .map_err(|error| answer::field("commune", &error.to_string()))?;
        let limit = match request.limit {
            0 => FOUND,
            1..=PAGE_SIZE_MAX => request.limit,
            _ => return Err(answer::field("limit", "100 at most")),
        };
        let commune = found.commune();
        let place = paging::place(&request.page_token, place)?;
        let (day, after) = place.unwrap_or_else(|| (self.engine.clock().now().day(), None));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let question = Question { theme, commune, filters: filters(request)?, limit, after, day };
        let (outcome, open) = self.searched(&question).await?;
        let replaced = found.replaced().map(|former| desk::ReplacedCommune {
            former_code: former.code().to_owned(),
            former_name: former.name().to_owned(),
            code: commune.code().to_string(),
            name: commune.name().to_owned(),
        });
        Ok(desk::FindServicesResponse {
            services: outcome.found.iter().filter_map(|found| self.found(found, &open)).collect(),
            commune_code: commune.code().to_string(),
            commune_name: commune.name().to_owned(),
            replaced,
            total: u32::try_from(outcome.total).unwrap_or(u32::MAX),
            next_page_token: outcome.next.map(|rank| token(day, rank)).unwrap_or_default(),
            shut_out: outcome.shut_out.iter().filter_map(|shut| self.shut_out(shut, &open)).collect(),
            several: u32::try_from(outcome.several).unwrap_or(u32::MAX),
            askable: Some(self.askable(theme, commune)),
            kept: if self.keeps(commune.departement()) { YesNo::Yes } else { YesNo::No }.into(),
            open_data_reading: if self.open.readings() == 0 { YesNo::Yes } else { YesNo::No }.into(),
        })
    }

    /// Whether records of a département are kept.
    fn keeps(&self, departement: DepartementCode) -> bool {
        self.directory.subscription().departements().any(|kept| kept == departement)
    }

    /// How many partners an inquiry would be asked of.
    fn askable(&self, theme: Theme, commune: Commune) -> u32 {
        let partners =
            self.directory.partners(theme, commune, |structure| self.inquiries.can_be_asked(structure));
        u32::try_from(partners.len().min(PARTNERS_ASKED_MAX)).unwrap_or(u32::MAX)
    }

    /// Answers a question, with the words of the entries that it finds. When they were read anew meanwhile they may be
    /// there no more, and are looked for again.
    async fn searched(&self, question: &Question) -> Result<(Outcome, OpenViews), Status> {
        let mut searches = Searches::of(self.open.readings());
        loop {
            let outcome = self.search(question);
            let open = self.open_entries(&outcome).await?;
            if !searches.go_on(self.open.readings()) {
                return Ok((outcome, open));
            }
        }
    }

    /// Answers a question. A structure has many doors and one standing: it is looked up once. What is asked of the
    /// directory itself is asked before: it is not read twice at once.
    fn search(&self, question: &Question) -> Outcome {
        let recommended = self.introductions.recommended();
        let known = RefCell::new(BTreeMap::new());
        // Taken within the search: entries and what is hidden of them change places together.
        let open = OnceCell::new();
        self.directory.find(question, |door| match door {
            Door::Published { structure, .. } => {
                let relation = || self.relation(*structure, &recommended);
                *known.borrow_mut().entry(*structure).or_insert_with(relation)
            }
            Door::Open(number) => {
                (!open.get_or_init(|| self.open.shown()).is_hidden(*number)).then_some(Standing::Unverified)
            }
        })
    }

    /// What this structure has to do with another; `None` for itself and for those it lets nothing pass to.
    pub(super) fn relation(
        &self,
        structure: StructureId,
        recommended: &BTreeSet<StructureId>,
    ) -> Option<Standing> {
        if structure == self.engine.own().structure() {
            return None;
        }
        match self.engine.peers().trust(structure) {
            Some(Trust::Paired) if self.engine.peers().is_awaited(structure) => Some(Standing::Awaited),
            Some(Trust::Paired) => Some(Standing::Partner(self.directory.history(structure))),
            Some(Trust::Suspended | Trust::Removed) => None,
            None if recommended.contains(&structure) => Some(Standing::Vouched),
            None => Some(Standing::Stranger),
        }
    }

    fn view(&self, door: &Door, open: &OpenViews) -> Option<(desk::ServiceView, Option<desk::OpenSource>)> {
        match door {
            Door::Published { structure, service } => {
                Some((self.service_view(&self.directory.service(*structure, service)?), None))
            }
            Door::Open(number) => open.get(number).cloned().map(|(view, source)| (view, Some(source))),
        }
    }

    fn found(&self, found: &Found, open: &OpenViews) -> Option<desk::FoundService> {
        let (mut service, open) = self.view(&found.door, open)?;
        if let (
            Door::Published { structure, service: id },
            Standing::Awaited | Standing::Vouched | Standing::Stranger,
        ) = (&found.door, found.standing)
            && let (Some(shown), Some(profile)) =
                (self.directory.service(*structure, id), self.directory.profile(*structure))
        {
            // Nothing can be sent to it: it is telephoned, written to or visited.
            service = with_structure(service, &shown.service, &profile);
        }
        Some(desk::FoundService {
            service: Some(service),
            distance_m: found.distance_m,
            reasons: found.reasons.iter().map(ToString::to_string).collect(),
            coded_reasons: found.reasons.iter().map(reasons::coded).collect(),
            standing: standing_of(found.standing).into(),
            open,
        })
    }

    fn shut_out(&self, shut: &ShutOut, open: &OpenViews) -> Option<desk::ShutOut> {
        let (first, _) = self.view(&shut.first, open)?;
        Some(desk::ShutOut {
            filter: reasons::asked(shut.filter).into(),
            count: u32::try_from(shut.count).unwrap_or(u32::MAX),
            name: first.name,
            structure_name: first.structure_name,
            distance_m: shut.distance_m,
        })
    }
}

const fn standing_of(standing: Standing) -> desk::FoundStanding {
    match standing {
        Standing::Partner(_) => desk::FoundStanding::Partner,
        Standing::Awaited => desk::FoundStanding::Awaited,
        Standing::Vouched => desk::FoundStanding::Vouched,
        Standing::Stranger => desk::FoundStanding::Stranger,
        Standing::Unverified => desk::FoundStanding::Unverified,
    }
}

fn theme(code: &str) -> Result<Theme, Status> {
    Theme::parse(code).ok_or_else(|| {
        let close: Vec<&str> = Theme::closest(code, 3).iter().map(|theme| theme.code()).collect();
        answer::field("theme", &format!("no such theme; close to it: {}", close.join(", ")))
    })
}

/// What is asked beside the need.
fn filters(request: &desk::FindServicesRequest) -> Result<Filters, Status> {
    let not_listed = |field: &'static str| answer::field(field, "is not on the list");
    let price = desk::FindPrice::try_from(request.price).map_err(|_| not_listed("price"))?;
    let mode = desk::FindMode::try_from(request.mode).map_err(|_| not_listed("mode"))?;
    let hours = desk::FindHours::try_from(request.hours).map_err(|_| not_listed("hours"))?;
    let doors = desk::FindDoors::try_from(request.doors).map_err(|_| not_listed("doors"))?;
    Ok(Filters {
        language: language(&request.language)?,
        audience: audience(&request.audience)?,
        price: match price {
            desk::FindPrice::Unspecified => Price::Any,
            desk::FindPrice::Free => Price::Free,
        },
        mode: match mode {
            desk::FindMode::Unspecified => None,
            desk::FindMode::InPerson => Some(Mode::InPerson),
            desk::FindMode::Remote => Some(Mode::Remote),
        },
        reach: reach(request.reach_m)?,
        hours: match hours {
            desk::FindHours::Unspecified => None,
            desk::FindHours::Morning => Some(Hours::Morning),
            desk::FindHours::Afternoon => Some(Hours::Afternoon),
            desk::FindHours::Evening => Some(Hours::Evening),
            desk::FindHours::Saturday => Some(Hours::Saturday),
        },
        doors: match doors {
            desk::FindDoors::Unspecified => Doors::Partners,
            desk::FindDoors::All => Doors::All,
        },
    })
}

fn language(code: &str) -> Result<Option<String>, Status> {
    if code.is_empty() {
        return Ok(None);
    }
    let is_one = LANGUAGE_LETTERS.contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase());
    is_one.then(|| Some(code.to_owned())).ok_or_else(|| answer::field("language", "an ISO 639 code, as `ar`"))
}

fn audience(code: &str) -> Result<Option<Value>, Status> {
    if code.is_empty() {
        return Ok(None);
    }
    let found = Vocabulary::Audiences.find(code);
    found.map(Some).ok_or_else(|| {
        let all: Vec<&str> = Vocabulary::Audiences.values().iter().map(|value| value.code()).collect();
        answer::field("audience", &format!("one of {}", all.join(", ")))
    })
}

fn reach(metres: Option<u32>) -> Result<Option<Reach>, Status> {
    match metres {
        None => Ok(None),
        Some(0) => Ok(Some(Reach::Nowhere)),
        Some(metres) if metres <= REACH_METRES_MAX => Ok(Some(Reach::Metres(metres))),
        Some(_) => Err(answer::field("reach_m", "1,000,000 metres at most; leave it out for anywhere")),
    }
}

/// Where a page ends: the day of its search, and the place in the order.
fn token(day: Day, rank: Rank) -> String {
    format!("{}.{:x}", day.0, rank.number())
}

fn place(token: &str) -> Option<(Day, Option<Rank>)> {
    let (day, rank) = token.split_once('.')?;
    let rank = u128::from_str_radix(rank, 16).ok()?;
    Some((Day(day.parse().ok()?), Some(Rank::from_number(rank))))
}

#[cfg(test)]
mod tests;
