//! Finding a service: the question as a form asks it, and the answer with its reasons. Nothing of it leaves the node.

use super::open_data::OpenViews;
use super::{Desk, answer, reasons};
use relais_domain::directory::{
    Door, Doors, Filters, Found, Hours, Mode, Price, Question, Rank, Reach, ShutOut, Standing,
};
use relais_domain::territory;
use relais_domain::theme::Theme;
use relais_domain::thread::Trust;
use relais_domain::time::Day;
use relais_domain::vocabulary::{Value, Vocabulary};
use relais_proto::desk::v1 as desk;
use tonic::Status;

/// Most services of one page.
const PAGE_SIZE_MAX: u32 = 100;
/// Services found unless said otherwise.
const FOUND: u32 = 20;
/// Furthest that someone can be said to go, metres.
const REACH_METRES_MAX: u32 = 1_000_000;
/// Letters of a language's code.
const LANGUAGE_LETTERS: std::ops::RangeInclusive<usize> = 2..=3;

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
        let (day, after) = match request.page_token.as_str() {
            "" => (self.engine.clock().now().day(), None),
            token => place(token).ok_or_else(|| answer::field("page_token", "give back what a page said"))?,
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let question = Question { theme, commune, filters: filters(request)?, limit, after, day };
        self.hear_claims();
        let outcome = self.directory.find(&question, |door| self.standing(door));
        let open = self.open_entries(&outcome).await?;
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
        })
    }

    /// What this structure has to do with a door; `None` for its own and for those it lets nothing pass to.
    fn standing(&self, door: &Door) -> Option<Standing> {
        match door {
            Door::Published { structure, .. } if *structure == self.engine.own().structure() => None,
            Door::Published { structure, .. } => match self.engine.peers().trust(*structure) {
                Some(Trust::Paired) => Some(Standing::Partner(self.directory.history(*structure))),
                Some(Trust::Suspended | Trust::Removed) => None,
                None => Some(Standing::Stranger),
            },
            Door::Open(number) if self.open.is_hidden(*number) => None,
            Door::Open(_) => Some(Standing::Unverified),
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
        let (service, open) = self.view(&found.door, open)?;
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
mod tests {
    use super::super::bench::{THEME, caller, hears, pair, referral, settle};
    use super::*;
    use crate::users::Role;
    use relais_domain::time::Span;
    use relais_proto::desk::v1::act_request::{Act, Refuse};
    use relais_proto::peer::v1 as peer;

    fn question() -> desk::FindServicesRequest {
        let (theme, commune) = (THEME.to_owned(), "17300".to_owned());
        desk::FindServicesRequest { theme, commune, ..Default::default() }
    }

    #[tokio::test]
    async fn a_partner_is_found_with_how_it_answered_and_a_stranger_when_all_are_asked() {
        let (agency, hub) = pair().await;
        let (sender, receiver) = (agency.desk().await, hub.desk().await);
        let (nadia, claire) = (
            caller(&sender, "nadia", Role::Counsellor).await,
            caller(&receiver, "claire", Role::Counsellor).await,
        );
        let kinds = |found: &desk::FindServicesResponse| -> Vec<i32> {
            found.services[0].coded_reasons.iter().map(|reason| reason.kind).collect()
        };
        let answers = i32::from(desk::FoundReasonKind::Answers);
        assert!(!kinds(&sender.find(&question()).await.unwrap()).contains(&answers), "never asked");
        let sent = sender.open_referral(referral(&sender, hub.id()), &nadia).await.unwrap();
        let thread_id = sent.summary.unwrap().thread_id;
        settle(&sender, &receiver).await;
        sender.directory.recall().await.unwrap();
        assert!(!kinds(&sender.find(&question()).await.unwrap()).contains(&answers), "it still may answer");
        agency.clock.shift(Span::days(2));
        hub.clock.shift(Span::days(2));
        let act = Act::Refuse(Refuse { reason: peer::Reason::Full.into(), suggestions: Vec::new() });
        let request =
            desk::ActRequest { request_id: vec![7; 16], thread_id, act: Some(act), ..Default::default() };
        receiver.perform(request, &claire).await.unwrap();
        settle(&sender, &receiver).await;
        sender.directory.recall().await.unwrap();
        let found = sender.find(&question()).await.unwrap();
        assert_eq!((found.total, found.services[0].standing()), (1, desk::FoundStanding::Partner));
        let said = found.services[0].coded_reasons.iter().find(|reason| reason.kind == answers).unwrap();
        assert_eq!(said.number, 2);
    }

    #[tokio::test]
    async fn what_no_referral_can_be_sent_to_is_found_only_when_it_is_asked_for() {
        let (agency, hub) = pair().await;
        let desk = agency.desk().await;
        let all = desk::FindServicesRequest { doors: desk::FindDoors::All.into(), ..question() };
        desk.engine.peers().set_trust(hub.id(), crate::peers::PeerTrust::Suspended).await.unwrap();
        assert_eq!(desk.find(&all).await.unwrap().total, 0, "whom this structure let go is not shown");
        let (other, _) = pair().await;
        let stranger = other.desk().await;
        hears(&stranger, &hub).await;
        let found = stranger.find(&all).await.unwrap();
        assert_eq!(found.services.len(), 2, "{found:?}");
        let unknown = &found.services[1];
        assert_eq!(unknown.standing(), desk::FoundStanding::Stranger);
        assert_eq!(unknown.service.as_ref().unwrap().phone, "+33199000011");
        let partners = stranger.find(&question()).await.unwrap();
        assert_eq!(partners.total, 1);
        let [shut] = partners.shut_out.as_slice() else { panic!("{partners:?}") };
        assert_eq!((shut.filter(), shut.count), (desk::FindFilter::Doors, 1));
        assert_eq!(
            stranger
                .find(&desk::FindServicesRequest { limit: 1, ..all.clone() })
                .await
                .unwrap()
                .services
                .len(),
            1
        );
        let first = stranger.find(&desk::FindServicesRequest { limit: 1, ..all.clone() }).await.unwrap();
        let page_token = first.next_page_token;
        let second =
            stranger.find(&desk::FindServicesRequest { limit: 1, page_token, ..all.clone() }).await.unwrap();
        assert_eq!(second.services[0], found.services[1]);
        assert!(second.next_page_token.is_empty());
        let wrong = desk::FindServicesRequest { page_token: "zzz".to_owned(), ..all };
        assert_eq!(stranger.find(&wrong).await.unwrap_err().code(), tonic::Code::InvalidArgument);
    }

    #[test]
    fn a_page_ends_where_the_next_begins() {
        let rank = Rank::from_number(u128::MAX - 5);
        assert_eq!(place(&token(Day(20_700), rank)), Some((Day(20_700), Some(rank))));
        for wrong in ["", "1", ".", "x.1", "1.g", "1.-1", "1.100000000000000000000000000000000"] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_asked_is_read_or_named() {
        let nothing = filters(&desk::FindServicesRequest::default()).unwrap();
        assert_eq!(nothing, Filters { doors: Doors::Partners, ..Filters::default() });
        let all = desk::FindServicesRequest {
            language: "ar".to_owned(),
            audience: "jeunes".to_owned(),
            price: desk::FindPrice::Free.into(),
            mode: desk::FindMode::Remote.into(),
            reach_m: Some(0),
            hours: desk::FindHours::Saturday.into(),
            doors: desk::FindDoors::All.into(),
            ..Default::default()
        };
        let read = filters(&all).unwrap();
        assert_eq!((read.language.as_deref(), read.reach), (Some("ar"), Some(Reach::Nowhere)));
        assert_eq!((read.price, read.mode, read.doors), (Price::Free, Some(Mode::Remote), Doors::All));
        assert_eq!((read.hours, read.audience.map(Value::code)), (Some(Hours::Saturday), Some("jeunes")));
        let with = |change: fn(&mut desk::FindServicesRequest)| {
            let mut request = all.clone();
            change(&mut request);
            filters(&request)
                .unwrap_err()
                .metadata()
                .get("relais-field")
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        };
        assert_eq!(with(|request| request.language = "arabe".to_owned()), "language");
        assert_eq!(with(|request| request.audience = "tout-le-monde".to_owned()), "audience");
        assert_eq!(with(|request| request.reach_m = Some(1_000_001)), "reach_m");
        assert_eq!(with(|request| request.price = 9), "price");
        assert_eq!(with(|request| request.mode = 9), "mode");
        assert_eq!(with(|request| request.hours = 9), "hours");
        assert_eq!(with(|request| request.doors = 9), "doors");
    }
}
