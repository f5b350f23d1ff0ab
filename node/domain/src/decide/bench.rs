//! The workbench: the thread as it becomes while a decision is made.

use crate::consent::{Ask, Permit, Phase, Purpose, Standing, may_outlive_consent};
use crate::content::Content;
use crate::event::{Counts, EventKind, Link, Side, ThreadKind};
use crate::fold::{self, Chains, Detail, Label, Mark, Parts, State, Step};
use crate::limits;
use crate::refusal::Refusal;
use crate::structure_id::StructureId;
use crate::thread::{
    Decision, Disclosures, Draft, Facts, Keep, LocalStep, Opens, Tally, Thread, Trust, part_of,
};
use crate::time::Timestamp;

pub(super) struct Bench {
    pub(super) thread: Thread,
    pub(super) now: Timestamp,
    pub(super) own: StructureId,
    pub(super) disclosures: Disclosures,
    trust: Option<Trust>,
    pub(super) fresh_follow_up: crate::id::FollowUpId,
    sender: Vec<Mark>,
    receiver: Vec<Mark>,
    seen: Option<Link>,
    held: Parts,
    label_before: Option<Label>,
    pub(super) decision: Decision,
}

pub(super) fn purpose(kind: ThreadKind) -> Purpose {
    match kind {
        ThreadKind::Referral => Purpose::Referral,
        ThreadKind::Handover => Purpose::Handover,
    }
}

/// Endings and erasures, which pass whatever the partnership; `Effective` does not, it moves a responsibility.
fn ends(kind: EventKind) -> bool {
    match kind {
        EventKind::ConsentEnded
        | EventKind::Erased
        | EventKind::Withdrawn
        | EventKind::Expired
        | EventKind::Cancelled
        | EventKind::Refused
        | EventKind::Released
        | EventKind::Closed => true,
        EventKind::Sent
        | EventKind::Proposed
        | EventKind::InfoRequested
        | EventKind::InfoGiven
        | EventKind::Accepted
        | EventKind::Disclosed
        | EventKind::Waitlisted
        | EventKind::Scheduled
        | EventKind::NoShow
        | EventKind::Arrived
        | EventKind::WithdrawalAsked
        | EventKind::Note
        | EventKind::Voided
        | EventKind::Corrected
        | EventKind::Renounced
        | EventKind::Effective => false,
    }
}

impl Bench {
    /// Takes up an existing thread.
    pub(super) fn resume(facts: &Facts, now: Timestamp) -> Result<Self, Refusal> {
        let thread = facts.thread.clone().ok_or(Refusal::UnknownThread)?;
        let version = Some(thread.version);
        Ok(Self::new(facts, thread, version, None, now))
    }

    /// Starts a new thread.
    pub(super) fn start(facts: &Facts, thread: Thread, now: Timestamp) -> Self {
        let opens = Opens {
            kind: thread.kind,
            side: thread.side,
            peer: thread.peer,
            consent: thread.consent_digest,
            valid_until: thread.valid_until,
            follow_up: thread.follow_up,
            signing: thread.signing,
        };
        Self::new(facts, thread, None, Some(opens), now)
    }

    fn new(
        facts: &Facts,
        thread: Thread,
        expected_version: Option<u64>,
        opens: Option<Opens>,
        now: Timestamp,
    ) -> Self {
        let decision = Decision {
            thread: thread.id,
            opens,
            expected_version,
            received: None,
            drafts: Vec::new(),
            steps: Vec::new(),
            prepared: None,
            erase: Parts::default(),
            standing: thread.standing,
            freeze: thread.freeze,
            wake_at: None,
            follow_up: None,
            tally: Vec::new(),
        };
        Self {
            now,
            own: facts.own,
            disclosures: facts.disclosures,
            trust: facts.trust,
            fresh_follow_up: facts.fresh_follow_up,
            sender: thread.marks(Side::Sender),
            receiver: thread.marks(Side::Receiver),
            seen: thread.head(thread.side.other()),
            held: thread.parts_held(),
            label_before: thread.label(),
            thread,
            decision,
        }
    }

    pub(super) fn chains(&self) -> Chains<'_> {
        Chains { sender: &self.sender, receiver: &self.receiver }
    }

    pub(super) fn state(&self) -> State {
        fold::state(self.thread.kind, self.chains())
    }

    pub(super) fn side(&self) -> Side {
        self.thread.side
    }

    /// The parts of content this end holds at this point of the decision.
    pub(super) fn held(&self) -> Parts {
        self.held
    }

    pub(super) fn forget(&mut self, parts: Parts) {
        self.decision.erase = self.decision.erase.with(parts);
        self.held = Parts::of(self.held.iter().filter(|part| !parts.has(*part)));
        if parts.has(crate::content::ContentPart::StageTwo) {
            self.thread.prepared = None;
            self.decision.prepared = None;
        }
        if parts.has(crate::content::ContentPart::Own) {
            self.thread.steps.clear();
            self.decision.steps.clear();
        }
    }

    /// Whether the consent holds now, by what this node knows and by its clock.
    pub(super) fn standing(&self) -> Standing {
        if self.thread.standing == Standing::Active && self.now >= self.thread.valid_until {
            Standing::Expired
        } else {
            self.thread.standing
        }
    }

    pub(super) fn set_standing(&mut self, standing: Standing) {
        if self.thread.standing == Standing::Active {
            self.thread.standing = standing;
            self.decision.standing = standing;
        }
    }

    /// How far the receiver is, its local steps included.
    pub(super) fn step(&self) -> Step {
        let local = self.decision.steps.last().or(self.thread.steps.last());
        match local {
            Some(_) if !self.decision.steps.is_empty() => {
                let mut thread = self.thread.clone();
                thread.steps.extend(self.decision.steps.iter().cloned());
                thread.step()
            }
            Some(_) => self.thread.step(),
            None => self.state().step,
        }
    }

    /// With a structure that is no partner now only endings and erasures are written.
    ///
    /// # Errors
    /// [`Refusal`] for anything else.
    pub(super) fn check_partner(&self, kind: EventKind) -> Result<(), Refusal> {
        match self.trust {
            Some(Trust::Paired) => Ok(()),
            Some(Trust::Suspended | Trust::Removed) | None if ends(kind) => Ok(()),
            Some(Trust::Suspended) => Err(Refusal::PeerSuspended),
            Some(Trust::Removed) | None => Err(Refusal::UnknownPeer),
        }
    }

    /// Whether steps are kept here that never left.
    pub(super) fn holds_own_steps(&self) -> bool {
        !self.thread.steps.is_empty() || !self.decision.steps.is_empty()
    }

    /// Whether the person came: what the receiver notes from then on is its own file.
    pub(super) fn has_arrived(&self) -> bool {
        let came = |kind| matches!(kind, EventKind::Arrived | EventKind::Closed);
        let local = self.thread.steps.iter().chain(&self.decision.steps).any(|step| came(step.kind));
        local || self.receiver.iter().any(|mark| mark.counts == Counts::Yes && came(mark.kind))
    }

    /// Whether the next own event of this kind would count.
    pub(super) fn may_write(&self, kind: EventKind, content: &Content) -> bool {
        let mark = self.mark(kind, content);
        fold::counts(self.thread.kind, self.chains(), self.side(), &mark) == Counts::Yes
    }

    /// Writes the next own event.
    ///
    /// # Errors
    /// [`Refusal`] when the table, the content or the consent does not allow it; `hint` says what would be possible.
    pub(super) fn write(
        &mut self,
        kind: EventKind,
        content: Content,
        hint: &'static str,
    ) -> Result<(), Refusal> {
        self.check_partner(kind)?;
        content.check(purpose(self.thread.kind))?;
        if !self.may_write(kind, &content) {
            return Err(Refusal::NotAllowed { kind, hint });
        }
        let own = self.chains().of(self.side()).len();
        if u32::try_from(own).unwrap_or(u32::MAX) >= limits::CHAIN_EVENTS_MAX && !may_outlive_consent(kind) {
            return Err(Refusal::ChainTooLong);
        }
        let permit = self.permit(kind, &content)?;
        let mark = self.mark(kind, &content);
        match self.side() {
            Side::Sender => self.sender.push(mark),
            Side::Receiver => self.receiver.push(mark),
        }
        self.held = self.held.with(Parts::of([part_of(kind)]));
        self.decision.drafts.push(Draft { kind, seen: self.seen, content, permit });
        Ok(())
    }

    /// Asks for the permit to let `content` leave in an own event.
    pub(super) fn permit(&self, kind: EventKind, content: &Content) -> Result<Permit, Refusal> {
        let coded = Permit::coded(kind, content, self.thread.consent_digest, self.thread.peer);
        if let Some(permit) = coded {
            return Ok(permit);
        }
        let consent = self.thread.consent.as_ref().ok_or(Refusal::ConsentMissing)?;
        let phase = if self.state().accepted { Phase::AfterAcceptance } else { Phase::BeforeAcceptance };
        let ask = Ask {
            kind,
            content,
            author: self.own,
            recipient: self.thread.peer,
            purpose: purpose(self.thread.kind),
            phase,
            standing: self.standing(),
            now: self.now,
        };
        Ok(consent.permit(&ask)?)
    }

    fn mark(&self, kind: EventKind, content: &Content) -> Mark {
        let seen = self.seen.map_or(0, |link| link.sequence);
        Mark { kind, seen, counts: Counts::Yes, detail: Detail::from(content) }
    }

    /// Appends the event that arrived.
    pub(super) fn receive(&mut self, mark: Mark, link: Link, keep: Keep) {
        match self.side().other() {
            Side::Sender => self.sender.push(mark),
            Side::Receiver => self.receiver.push(mark),
        }
        self.seen = Some(link);
        if keep == Keep::Everything {
            self.held = self.held.with(Parts::of([part_of(mark.kind)]));
        }
        self.decision.received = Some((mark.counts, keep));
    }

    /// Notes a step that stays here.
    pub(super) fn note_local(&mut self, kind: EventKind, content: Content) -> Result<(), Refusal> {
        content.check(purpose(self.thread.kind))?;
        let after = u32::try_from(self.chains().of(self.side()).len()).unwrap_or(u32::MAX);
        self.decision.steps.push(LocalStep { kind, after, content });
        Ok(())
    }

    pub(super) fn finish(mut self) -> Decision {
        let state = self.state();
        let outcome = self.outcome();
        if state.label() != self.label_before || outcome.is_some() {
            self.decision.tally.push(Tally::Moved { label: state.label(), outcome });
        }
        self.decision.wake_at = super::due::wake_at(&self, &state);
        self.decision
    }

    fn outcome(&self) -> Option<crate::content::Outcome> {
        let written = self.decision.drafts.iter().map(|draft| &draft.content);
        let local = self.decision.steps.iter().map(|step| &step.content);
        written.chain(local).filter_map(|content| content.course.as_ref()?.outcome).next_back()
    }
}
