//! An envelope arrived from the other structure.
//!
//! Refused: nothing is stored but the refusal. Authentic but without effect: the skeleton is stored, the content dropped.

use super::act::end_consent;
use super::bench::{Bench, purpose};
use crate::class::DataClass;
use crate::consent::{Ask, Permit, Phase, SignedConsent, Standing, may_outlive_consent, told_back};
use crate::content::check::FieldError;
use crate::content::{Content, Reason};
use crate::event::{Counts, EventKind, Side, Skeleton, ThreadKind};
use crate::fold::{self, Detail, Mark};
use crate::limits;
use crate::refusal::Refusal;
use crate::structure_id::StructureId;
use crate::thread::{Delivery, Facts, FollowUpChange, Freeze, Keep, Signing, Tally, Thread, Trust};
use crate::time::Timestamp;

/// Endings and erasures that still pass when a chain is full: more than an author can ever need.
const ENDINGS_MAX: u32 = 8;

pub(super) fn deliver(
    facts: &Facts,
    signer: StructureId,
    delivery: Delivery,
    now: Timestamp,
) -> Result<Bench, Refusal> {
    let skeleton = &delivery.skeleton;
    if skeleton.author != signer {
        return Err(Refusal::WrongSigner);
    }
    if skeleton.recipient != facts.own {
        return Err(Refusal::WrongRecipient);
    }
    check_trust(facts.trust, &delivery)?;
    check_clock(&delivery, now)?;
    match &facts.thread {
        None => open(facts, delivery, now),
        Some(thread) if thread.peer != signer => Err(Refusal::UnknownThread),
        Some(_) => follow(facts, delivery, now),
    }
}

/// A suspended partner may still end and erase, and send the bare skeletons that stand before an ending in its chain; a
/// stranger may nothing.
fn check_trust(trust: Option<Trust>, delivery: &Delivery) -> Result<(), Refusal> {
    let bare = delivery.content.is_none() && !delivery.skeleton.kind.opens();
    match trust {
        Some(Trust::Paired) => Ok(()),
        Some(Trust::Suspended) if bare || stops(delivery.skeleton.kind) => Ok(()),
        Some(Trust::Suspended) => Err(Refusal::PeerSuspended),
        Some(Trust::Removed) | None => Err(Refusal::UnknownPeer),
    }
}

/// What opens a thread is held to the clocks: it says from when a consent holds and until when an answer is awaited. So
/// is `Effective`, which moves a responsibility on a date. Other events are ordered by their chains alone; refusing one
/// for its date would keep from its end what nobody gains by.
fn check_clock(delivery: &Delivery, now: Timestamp) -> Result<(), Refusal> {
    let skeleton = &delivery.skeleton;
    if !skeleton.kind.opens() && skeleton.kind != EventKind::Effective {
        return Ok(());
    }
    let latest = now.plus(limits::CLOCK_TOLERANCE);
    let created = delivery.content.as_ref().and_then(|content| content.times).map(|times| times.created);
    if created.is_some_and(|created| created > latest) || skeleton.day > latest.day() {
        return Err(Refusal::FromTheFuture);
    }
    Ok(())
}

/// The partner signed that the consent ended, and its word has no place in its chain as this end knows it: it was
/// restored from an older copy, or forked. The person's stop takes effect all the same, by this end's own word.
pub(super) fn heed(
    facts: &Facts,
    signer: StructureId,
    reason: Option<Reason>,
    now: Timestamp,
) -> Result<Bench, Refusal> {
    let mut bench = Bench::resume(facts, now)?;
    if bench.thread.peer != signer {
        return Err(Refusal::UnknownThread);
    }
    end_consent(&mut bench, reason.unwrap_or(Reason::Stopped))?;
    Ok(bench)
}

/// The first event of a new thread. A refused opening opens no thread.
fn open(facts: &Facts, delivery: Delivery, now: Timestamp) -> Result<Bench, Refusal> {
    let skeleton = delivery.skeleton;
    if !skeleton.kind.opens() || skeleton.sequence != 1 {
        return Err(Refusal::UnknownThread);
    }
    if skeleton.seen.is_some() || skeleton.previous.is_some() {
        return Err(Refusal::ChainBroken);
    }
    let content = delivery.content.ok_or(Refusal::ContentGone)?;
    let consent = content.consent.clone().ok_or(Refusal::ConsentMissing)?;
    let need = content.need.clone().ok_or(Refusal::Missing(DataClass::Need))?;
    let theme = *need.themes.first().ok_or(Refusal::Missing(DataClass::Need))?;
    let times = content.times.ok_or(Refusal::Missing(DataClass::Times))?;
    let until = match skeleton.thread_kind {
        ThreadKind::Referral => times.deadline,
        ThreadKind::Handover => times.offer_until,
    };
    if until.is_none() {
        return Err(Refusal::Missing(DataClass::Times));
    }
    if consent.digest != skeleton.consent {
        return Err(Refusal::Consent(crate::consent::ConsentRefusal::OtherParties));
    }
    content.check(purpose(skeleton.thread_kind))?;
    admit(&consent, &skeleton, &content, now)?;
    check_age(&skeleton, times.created, now)?;
    let thread = new_thread(&skeleton, consent);
    let mut bench = Bench::start(facts, thread, now);
    let mark = mark(&skeleton, Some(&content), Counts::Yes);
    if fold::counts(bench.thread.kind, bench.chains(), Side::Sender, &mark) == Counts::No {
        return Err(Refusal::ChainBroken);
    }
    let link = crate::event::Link { sequence: 1, hash: delivery.identity };
    bench.receive(mark, link, Keep::Everything);
    bench.decision.tally.push(Tally::Opened { territory: need.territory, theme });
    Ok(bench)
}

/// Nothing is opened that was written longer ago than any answer is awaited: its sender ended it long since.
fn check_age(skeleton: &Skeleton, created: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    let longest = match skeleton.thread_kind {
        ThreadKind::Referral => limits::DEADLINE_MAX,
        ThreadKind::Handover => limits::OFFER_MAX,
    };
    if created >= now.minus(longest).minus(limits::CLOCK_TOLERANCE) {
        return Ok(());
    }
    let problem = "it was written longer ago than any answer is awaited".to_owned();
    Err(Refusal::Field(FieldError { field: "times.created", problem }))
}

/// The receiver asks the same question as the sender did, of the same function.
fn admit(
    consent: &SignedConsent,
    skeleton: &Skeleton,
    content: &Content,
    now: Timestamp,
) -> Result<(), Refusal> {
    let ask = Ask {
        kind: skeleton.kind,
        content,
        author: skeleton.author,
        recipient: skeleton.recipient,
        purpose: purpose(skeleton.thread_kind),
        phase: Phase::BeforeAcceptance,
        standing: Standing::Active,
        now,
    };
    if consent.consent.collected_by.structure != skeleton.author {
        return Err(Refusal::Consent(crate::consent::ConsentRefusal::OtherParties));
    }
    consent.permit(&ask).map(|_| ()).map_err(Refusal::from)
}

fn new_thread(skeleton: &Skeleton, consent: SignedConsent) -> Thread {
    Thread {
        id: skeleton.thread,
        kind: skeleton.thread_kind,
        side: Side::Receiver,
        peer: skeleton.author,
        sender: Vec::new(),
        receiver: Vec::new(),
        consent_digest: consent.digest,
        valid_until: consent.consent.valid_until,
        consent: Some(consent),
        standing: Standing::Active,
        steps: Vec::new(),
        prepared: None,
        follow_up: None,
        signing: Signing::ByItself,
        freeze: Freeze::No,
        version: 0,
    }
}

/// The next event of a thread we hold.
fn follow(facts: &Facts, delivery: Delivery, now: Timestamp) -> Result<Bench, Refusal> {
    let mut bench = Bench::resume(facts, now)?;
    let skeleton = &delivery.skeleton;
    if bench.thread.freeze == Freeze::Forked && !stops(skeleton.kind) {
        return Err(Refusal::ThreadFrozen);
    }
    check_place(&bench.thread, &delivery)?;
    let counts = effect(&bench, &delivery);
    let keep = match counts {
        Counts::No => Keep::Skeleton,
        Counts::Yes => keeping(&bench, &delivery),
    };
    let mark = mark(skeleton, delivery.content.as_ref(), counts);
    let kind = skeleton.kind;
    let link = crate::event::Link { sequence: skeleton.sequence, hash: delivery.identity };
    if kind == EventKind::ConsentEnded && counts == Counts::Yes {
        bench.set_standing(ended_standing(delivery.content.as_ref()));
    }
    bench.receive(mark, link, keep);
    if kind == EventKind::Effective && counts == Counts::Yes {
        bench.decision.follow_up = Some(FollowUpChange::Open(bench.fresh_follow_up));
    }
    if let (Counts::Yes, Some(content)) = (counts, &delivery.content) {
        count_outcome(&mut bench, content);
    }
    Ok(bench)
}

fn stops(kind: EventKind) -> bool {
    matches!(kind, EventKind::ConsentEnded | EventKind::Erased)
}

fn ended_standing(content: Option<&Content>) -> Standing {
    Standing::ended_by(content.and_then(Content::reason))
}

fn count_outcome(bench: &mut Bench, content: &Content) {
    if let Some(outcome) = content.course.as_ref().and_then(|course| course.outcome) {
        let label = bench.state().label();
        bench.decision.tally.push(Tally::Moved { label, outcome: Some(outcome) });
    }
}

/// The event must be the next of its chain and name as seen only what we wrote.
fn check_place(thread: &Thread, delivery: &Delivery) -> Result<(), Refusal> {
    let skeleton = &delivery.skeleton;
    let theirs = thread.chain(thread.side.other());
    let length = u32::try_from(theirs.len()).unwrap_or(u32::MAX);
    if skeleton.thread_kind != thread.kind || skeleton.consent != thread.consent_digest {
        return Err(Refusal::ChainBroken);
    }
    if skeleton.sequence <= length {
        return Err(Refusal::ChainForked);
    }
    if skeleton.sequence > length.saturating_add(1) {
        return Err(Refusal::OutOfOrder);
    }
    let ending = may_outlive_consent(skeleton.kind);
    let most = limits::CHAIN_EVENTS_MAX + if ending { ENDINGS_MAX } else { 0 };
    if skeleton.sequence > most {
        return Err(Refusal::ChainTooLong);
    }
    if skeleton.previous != theirs.last().map(|event| event.identity) {
        return Err(Refusal::ChainForked);
    }
    check_seen(thread, skeleton)
}

fn check_seen(thread: &Thread, skeleton: &Skeleton) -> Result<(), Refusal> {
    let ours = thread.chain(thread.side);
    let before = thread
        .chain(thread.side.other())
        .last()
        .and_then(|event| event.skeleton.seen)
        .map_or(0, |link| link.sequence);
    let seen = skeleton.seen.map_or(0, |link| link.sequence);
    if seen < before {
        return Err(Refusal::ChainBroken);
    }
    let Some(link) = skeleton.seen else { return Ok(()) };
    let index = usize::try_from(link.sequence).unwrap_or(usize::MAX).wrapping_sub(1);
    match ours.get(index) {
        Some(event) if event.identity == link.hash => Ok(()),
        Some(_) | None => Err(Refusal::ChainBroken),
    }
}

/// Whether the event counts: by the table, and within what was agreed. Both follow from signed bytes alone.
fn effect(bench: &Bench, delivery: &Delivery) -> Counts {
    let skeleton = &delivery.skeleton;
    let mark = mark(skeleton, delivery.content.as_ref(), Counts::Yes);
    let side = bench.side().other();
    if fold::counts(bench.thread.kind, bench.chains(), side, &mark) == Counts::No {
        return Counts::No;
    }
    // Stopping never depends on a check that can fail.
    if skeleton.kind == EventKind::ConsentEnded {
        return Counts::Yes;
    }
    let Some(content) = &delivery.content else { return Counts::Yes };
    let agreed = content.check(purpose(bench.thread.kind)).is_ok() && agreed(bench, skeleton, content);
    if agreed { Counts::Yes } else { Counts::No }
}

fn agreed(bench: &Bench, skeleton: &Skeleton, content: &Content) -> bool {
    if may_outlive_consent(skeleton.kind) {
        return is_coded(skeleton, content);
    }
    let Some(consent) = &bench.thread.consent else { return true };
    let past = past_accepted(bench, skeleton);
    let ask = Ask {
        kind: skeleton.kind,
        content,
        author: skeleton.author,
        recipient: skeleton.recipient,
        purpose: purpose(bench.thread.kind),
        phase: past,
        standing: Standing::Active,
        now: content.times.map_or(consent.consent.valid_from, |times| times.created),
    };
    // The level is fixed in Sent, below what the consent would allow perhaps.
    let level = bench.state().level.filter(|_| bench.side() == Side::Sender);
    consent.permit(&ask).is_ok() && level.is_none_or(|level| told_back(level, &ask).is_ok())
}

fn is_coded(skeleton: &Skeleton, content: &Content) -> bool {
    Permit::coded(skeleton.kind, content, skeleton.consent, skeleton.recipient).is_some()
}

fn past_accepted(bench: &Bench, skeleton: &Skeleton) -> Phase {
    let seen = skeleton.seen.map_or(0, |link| link.sequence);
    let ours = bench.thread.chain(bench.side());
    let theirs = bench.thread.chain(bench.side().other());
    let receivers = match bench.side() {
        Side::Receiver => ours.iter().take(usize::try_from(seen).unwrap_or(usize::MAX)),
        Side::Sender => theirs.iter().take(usize::MAX),
    };
    let mut receivers = receivers;
    let accepted =
        receivers.any(|event| event.skeleton.kind == EventKind::Accepted && event.counts == Counts::Yes);
    if accepted { Phase::AfterAcceptance } else { Phase::BeforeAcceptance }
}

/// Whether the content may stay: endings and erasures always, the rest only on a live thread under a consent that holds.
fn keeping(bench: &Bench, delivery: &Delivery) -> Keep {
    let Some(content) = &delivery.content else { return Keep::Skeleton };
    if may_outlive_consent(delivery.skeleton.kind) {
        return if is_coded(&delivery.skeleton, content) { Keep::Everything } else { Keep::Skeleton };
    }
    let state = bench.state();
    let consent_holds = bench.standing() == Standing::Active && !state.consent_ended();
    let late_disclosure = delivery.skeleton.kind == EventKind::Disclosed && state.ended;
    if consent_holds && !late_disclosure { Keep::Everything } else { Keep::Skeleton }
}

fn mark(skeleton: &Skeleton, content: Option<&Content>, counts: Counts) -> Mark {
    Mark {
        kind: skeleton.kind,
        seen: skeleton.seen.map_or(0, |link| link.sequence),
        counts,
        detail: content.map(Detail::from).unwrap_or_default(),
    }
}
