//! What a node may answer by itself: what the structure publishes of its places, and nothing it would have to guess.

use super::answer::{AUTOMATIC_ANSWERS_MAX, Answer, AnswerKind, Automatic, Held, Word};
use super::{Inquiry, Wanted};
use crate::content::Constraint;
use crate::directory::{Capacity, SPOKEN_EVERYWHERE, Service};
use crate::territory::Territory;
use crate::time::{Span, Timestamp};
use crate::vocabulary::Value;
use std::cmp::Reverse;

/// The audience that is everyone.
const EVERYONE: &str = "tous-publics";
/// The code of being received at a distance.
const REMOTE: &str = "a-distance";

/// Whether a service is what is asked for, as far as it says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Fit {
    Yes,
    Unknown,
    No,
}

/// The answer that `services` (of the structure that is asked, each with its places while they hold) give by themselves;
/// `None` when a professional must answer: no service is surely what is asked for, or one of them says nothing of its
/// places. A full service without a waiting time says nothing, and no node says by itself that it cannot.
pub fn answer_from_places<'a>(
    inquiry: &Inquiry,
    services: impl IntoIterator<Item = (&'a Service, Option<&'a Capacity>)>,
    now: Timestamp,
) -> Option<Answer> {
    let fitting: Vec<_> =
        services.into_iter().filter(|(service, _)| fit(service, inquiry) == Fit::Yes).collect();
    let answer = |kind, service: &Service, places, waiting_days| Answer {
        kind,
        places,
        waiting_days,
        service: Some(service.id.clone()),
        automatic: Automatic::Yes,
        word: Word::Kept,
        answered_at: now,
    };
    let free = fitting.iter().filter_map(|(service, capacity)| {
        let capacity = capacity.filter(|capacity| capacity.places.is_some_and(|places| places > 0))?;
        Some((*service, capacity))
    });
    let soonest = |capacity: &Capacity| capacity.waiting_days.unwrap_or(u32::MAX);
    let most = free
        .min_by_key(|(service, capacity)| (Reverse(capacity.places), soonest(capacity), service.id.clone()));
    if let Some((service, capacity)) = most {
        return Some(answer(AnswerKind::CanTake, service, capacity.places, capacity.waiting_days));
    }
    let mut lists = Vec::new();
    for (service, capacity) in fitting {
        let capacity = capacity.filter(|capacity| capacity.places == Some(0))?;
        lists.push((capacity.waiting_days?, service));
    }
    let (days, service) = lists.into_iter().min_by_key(|(days, service)| (*days, service.id.clone()))?;
    Some(answer(AnswerKind::WaitingList, service, None, Some(days)))
}

/// What a node holds from now on, once it has reckoned anew what it answers by itself; `None` when nothing changes. What a
/// professional answered stays. What is no longer reckoned is taken back, and room is always left for that.
pub fn reckon_anew(held: Option<&Held>, reckoned: Option<Answer>, now: Timestamp) -> Option<Held> {
    let Some(before) = held else { return reckoned.map(|answer| Held { answer, heard: 1 }) };
    if before.answer.automatic == Automatic::No {
        return None;
    }
    let said = before.said();
    if said.is_some_and(|said| reckoned.as_ref().is_some_and(|answer| said.says(answer))) {
        return None;
    }
    let heard = before.heard.saturating_add(1);
    let answer = match (reckoned.filter(|_| heard < AUTOMATIC_ANSWERS_MAX), said) {
        (Some(answer), _) => answer,
        (None, Some(said)) => Answer { word: Word::TakenBack, ..said.clone() },
        (None, None) => return None,
    };
    // A clock that went back must not let the older answer hold at the other end.
    let answered_at = now.max(before.answer.answered_at.plus(Span(1)));
    Some(Held { answer: Answer { answered_at, ..answer }, heard })
}

/// A place larger than a commune stands for one of its communes, and nobody says which: the whole of it must be covered.
fn fit(service: &Service, inquiry: &Inquiry) -> Fit {
    let wanted = &inquiry.wanted;
    if !service.themes.contains(&inquiry.theme) || !service.coverage.covers_all_of(&inquiry.territory) {
        return Fit::No;
    }
    let mobility = mobility(service, wanted, &inquiry.territory);
    [languages(service, wanted), mode(service, wanted.mode), mobility, audiences(service, wanted)]
        .into_iter()
        .max()
        .unwrap_or(Fit::No)
}

fn languages(service: &Service, wanted: &Wanted) -> Fit {
    let spoken = wanted.languages.iter().any(|language| service.languages.contains(language));
    if spoken || wanted.languages.is_empty() || wanted.languages.contains(SPOKEN_EVERYWHERE) {
        Fit::Yes
    } else if service.languages.is_empty() {
        Fit::Unknown
    } else {
        Fit::No
    }
}

fn mode(service: &Service, wanted: Option<Value>) -> Fit {
    let received = match wanted {
        None => true,
        Some(mode) if mode.code() == REMOTE => service.is_remote(),
        Some(_) => service.is_in_person(),
    };
    if received { Fit::Yes } else { Fit::No }
}

/// Who has no car comes to a service of the same commune; whether anyone can come further is for a professional to say.
fn mobility(service: &Service, wanted: &Wanted, territory: &Territory) -> Fit {
    if wanted.mobility.is_empty() || service.is_remote() {
        return Fit::Yes;
    }
    let near = service.commune.is_some_and(|commune| Territory::Commune(commune) == *territory);
    let can_come = near && !wanted.mobility.contains(&Constraint::CannotTravel);
    if can_come { Fit::Yes } else { Fit::Unknown }
}

fn audiences(service: &Service, wanted: &Wanted) -> Fit {
    let open = |audience: &Value| audience.code() == EVERYONE || wanted.audiences.contains(audience);
    let anyone = wanted.audiences.is_empty() || service.audiences.is_empty();
    if anyone || service.audiences.iter().any(open) { Fit::Yes } else { Fit::No }
}
