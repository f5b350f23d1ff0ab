//! A professional opens a referral or proposes a handover.

use super::bench::{Bench, purpose};
use crate::class::DataClass;
use crate::consent::Standing;
use crate::content::check::FieldError;
use crate::content::{Content, Times, Urgency};
use crate::event::{EventKind, Side, ThreadKind};
use crate::limits;
use crate::refusal::Refusal;
use crate::structure_id::StructureId;
use crate::territory::{Territory, needed_territory};
use crate::thread::{Facts, Freeze, Opening, Tally, Thread, Trust};
use crate::time::{Span, Timestamp};

pub(super) fn open(
    facts: &Facts,
    signer: StructureId,
    opening: Opening,
    now: Timestamp,
) -> Result<Bench, Refusal> {
    if facts.thread.is_some() {
        return Err(Refusal::ThreadExists);
    }
    if signer != facts.own {
        return Err(Refusal::WrongSigner);
    }
    match facts.trust {
        Some(Trust::Paired) => {}
        Some(Trust::Suspended) => return Err(Refusal::PeerSuspended),
        Some(Trust::Removed) | None => return Err(Refusal::UnknownPeer),
    }
    let mut opening = opening;
    let need = opening.stage_one.need.as_mut().ok_or(Refusal::Missing(DataClass::Need))?;
    need.territory = coarse(need.territory);
    let need = need.clone();
    let until = deadline(&opening, need.urgency, now)?;
    check_stage_two(&opening)?;
    let theme = *need.themes.first().ok_or(Refusal::Missing(DataClass::Need))?;

    let content = opening_content(&opening, until, now);
    let kind = opening.kind;
    let prepared = (opening.stage_two != Content::default()).then(|| opening.stage_two.clone());
    let mut bench = Bench::start(facts, new_thread(opening, prepared.clone()), now);
    let event = match kind {
        ThreadKind::Referral => EventKind::Sent,
        ThreadKind::Handover => EventKind::Proposed,
    };
    bench.write(event, content, "a thread opens once")?;
    check_promise(&bench, prepared.as_ref(), now)?;
    bench.decision.prepared = prepared;
    bench.decision.tally.push(Tally::Opened { territory: need.territory, theme });
    Ok(bench)
}

/// A commune with few inhabitants names a person: its EPCI leaves instead.
fn coarse(territory: Territory) -> Territory {
    match territory {
        Territory::Commune(code) => needed_territory(code.commune()),
        Territory::Epci(_) | Territory::Departement(_) | Territory::Region(_) | Territory::France => {
            territory
        }
    }
}

fn new_thread(opening: Opening, prepared: Option<Content>) -> Thread {
    Thread {
        id: opening.thread,
        kind: opening.kind,
        side: Side::Sender,
        peer: opening.recipient,
        sender: Vec::new(),
        receiver: Vec::new(),
        consent_digest: opening.consent.digest,
        valid_until: opening.consent.consent.valid_until,
        consent: Some(opening.consent),
        standing: Standing::Active,
        steps: Vec::new(),
        prepared,
        follow_up: opening.follow_up,
        signing: opening.signing,
        freeze: Freeze::No,
        version: 0,
    }
}

fn opening_content(opening: &Opening, until: Timestamp, now: Timestamp) -> Content {
    let (deadline, offer_until) = match opening.kind {
        ThreadKind::Referral => (Some(until), None),
        ThreadKind::Handover => (None, Some(until)),
    };
    Content {
        consent: Some(opening.consent.clone()),
        times: Some(Times { created: now, deadline, not_before: None, offer_until }),
        ..opening.stage_one.clone()
    }
}

/// Stage 2 holds stage-2 classes only, and a handover needs its follow-up and its content.
fn check_stage_two(opening: &Opening) -> Result<(), Refusal> {
    let early =
        opening.stage_two.classes().into_iter().find(|class| class.stage() == crate::class::Stage::One);
    if early.is_some() {
        return Err(field("stage_two", "holds a class of stage 1: put it into stage 1"));
    }
    if opening.stage_one.has_stage_two() && opening.stage_one.name.is_none() {
        return Err(field("stage_one", "holds a class that leaves only after acceptance"));
    }
    let walk_in = opening.stage_one.need.as_ref().is_some_and(|need| need.walk_in.is_some());
    if walk_in && opening.kind == ThreadKind::Referral && opening.stage_two != Content::default() {
        return Err(field(
            "stage_two",
            "nothing leaves after a walk-in referral: the person comes by themselves",
        ));
    }
    if opening.kind == ThreadKind::Handover {
        if opening.follow_up.is_none() {
            return Err(field("follow_up", "a handover needs the follow-up that is handed over"));
        }
        if opening.stage_two.handover.is_none() {
            return Err(Refusal::Missing(DataClass::Handover));
        }
    }
    Ok(())
}

/// What is to leave after acceptance must be covered today, so that no one discovers a gap later.
fn check_promise(bench: &Bench, prepared: Option<&Content>, now: Timestamp) -> Result<(), Refusal> {
    let Some(prepared) = prepared else { return Ok(()) };
    prepared.check(purpose(bench.thread.kind))?;
    let consent = bench.thread.consent.as_ref().ok_or(Refusal::ConsentMissing)?;
    let ask = crate::consent::Ask {
        kind: EventKind::Disclosed,
        content: prepared,
        author: bench.own,
        recipient: bench.thread.peer,
        purpose: purpose(bench.thread.kind),
        phase: crate::consent::Phase::AfterAcceptance,
        standing: Standing::Active,
        now,
    };
    consent.permit(&ask).map(|_| ()).map_err(Refusal::from)
}

fn deadline(opening: &Opening, urgency: Urgency, now: Timestamp) -> Result<Timestamp, Refusal> {
    let (name, default, most) = match opening.kind {
        ThreadKind::Referral => ("deadline", default_wait(urgency), limits::DEADLINE_MAX),
        ThreadKind::Handover => ("offer_until", limits::DEADLINE_MAX, limits::OFFER_MAX),
    };
    let until = opening.deadline.unwrap_or_else(|| now.plus(default));
    if until <= now {
        return Err(field(name, "is in the past: choose a later instant"));
    }
    if until.since(now) > most {
        return Err(field(name, format!("is too far away: {} days at most", most.0 / Span::days(1).0)));
    }
    if until > opening.consent.consent.valid_until {
        return Err(field(name, "is later than the end of the consent"));
    }
    Ok(until)
}

/// The default wait for an answer, by urgency.
fn default_wait(urgency: Urgency) -> Span {
    match urgency {
        Urgency::Now => Span::hours(24),
        Urgency::Soon => Span::hours(72),
        Urgency::Normal => Span::days(14),
    }
}

pub(super) fn field(field: &'static str, problem: impl Into<String>) -> Refusal {
    Refusal::Field(FieldError { field, problem: problem.into() })
}
