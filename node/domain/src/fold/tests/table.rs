//! The tables of events, line by line.

use super::*;
use crate::limits;

const DEADLINE: Timestamp = START.plus(Span::days(1));

/// A thread that two attentive ends write: each event has seen everything before it.
struct Story {
    kind: ThreadKind,
    sender: Vec<Mark>,
    receiver: Vec<Mark>,
}

impl Story {
    fn referral(level: FeedbackLevel) -> Self {
        Self { kind: ThreadKind::Referral, sender: vec![sent(level, WalkIn::No)], receiver: Vec::new() }
    }

    fn walk_in() -> Self {
        let opening = sent(FeedbackLevel::Outcome, WalkIn::Yes);
        Self { kind: ThreadKind::Referral, sender: vec![opening], receiver: Vec::new() }
    }

    fn mark(&self, side: Side, kind: EventKind, detail: Detail) -> Mark {
        let other = match side {
            Side::Sender => self.receiver.len(),
            Side::Receiver => self.sender.len(),
        };
        Mark { kind, seen: u32::try_from(other).unwrap(), counts: Counts::Yes, detail }
    }

    fn allows_with(&self, side: Side, kind: EventKind, detail: Detail) -> bool {
        counts(self.kind, self.chains(), side, &self.mark(side, kind, detail)) == Counts::Yes
    }

    fn allows(&self, side: Side, kind: EventKind) -> bool {
        self.allows_with(side, kind, at(START))
    }

    fn with(mut self, side: Side, kind: EventKind, detail: Detail) -> Self {
        assert!(self.allows_with(side, kind, detail), "{kind} of {side} in {:?}", self.state());
        let mark = self.mark(side, kind, detail);
        match side {
            Side::Sender => self.sender.push(mark),
            Side::Receiver => self.receiver.push(mark),
        }
        self
    }

    fn sender(self, kind: EventKind) -> Self {
        self.with(Side::Sender, kind, at(START))
    }

    fn receiver(self, kind: EventKind) -> Self {
        self.with(Side::Receiver, kind, at(START))
    }

    fn disclosed(level: FeedbackLevel) -> Self {
        Self::referral(level).receiver(EventKind::Accepted).sender(EventKind::Disclosed)
    }

    fn chains(&self) -> Chains<'_> {
        Chains { sender: &self.sender, receiver: &self.receiver }
    }

    fn state(&self) -> State {
        state(self.kind, self.chains())
    }

    /// The kinds an end may write now.
    fn possible(&self, side: Side) -> Vec<EventKind> {
        let late = at(DEADLINE.plus(Span::days(40)));
        let detail = Detail { voids: Some(1), erases: Parts::of([ContentPart::Course]), ..late };
        EventKind::ALL.iter().copied().filter(|kind| self.allows_with(side, *kind, detail)).collect()
    }
}

use EventKind as K;
use FeedbackLevel::{Accepted as Least, Outcome as Most};

#[test]
fn before_the_answer_the_table_is_this() {
    let sent = Story::referral(Least);
    assert_eq!(sent.possible(Side::Sender), [K::Withdrawn, K::Expired, K::ConsentEnded, K::Note, K::Erased]);
    assert_eq!(
        sent.possible(Side::Receiver),
        [K::InfoRequested, K::Accepted, K::Refused, K::ConsentEnded, K::Note, K::Erased]
    );
    let asked = sent.receiver(K::InfoRequested);
    assert!(asked.allows(Side::Sender, K::InfoGiven));
    assert!(!asked.allows(Side::Receiver, K::InfoRequested), "one question at a time");
    let given = asked.sender(K::InfoGiven);
    assert!(!given.allows(Side::Sender, K::InfoGiven), "answered once");
    assert!(given.allows(Side::Receiver, K::InfoRequested));
}

#[test]
fn between_acceptance_and_disclosure_the_table_is_this() {
    let accepted = Story::referral(Least).receiver(K::Accepted);
    assert_eq!(
        accepted.possible(Side::Sender),
        [K::Disclosed, K::Withdrawn, K::ConsentEnded, K::Note, K::Erased],
        "no expiry once an acceptance is seen"
    );
    assert_eq!(accepted.possible(Side::Receiver), [K::Released, K::ConsentEnded, K::Note, K::Erased]);
    let unasked = Story::referral(Least).receiver(K::InfoRequested).receiver(K::Accepted);
    assert!(!unasked.allows(Side::Sender, K::InfoGiven), "the acceptance made the question moot");
}

#[test]
fn after_disclosure_the_receiver_decides_and_the_sender_asks() {
    let disclosed = Story::disclosed(Least);
    assert_eq!(
        disclosed.possible(Side::Sender),
        [K::WithdrawalAsked, K::ConsentEnded, K::Note, K::Erased],
        "the sender only asks"
    );
    assert_eq!(
        disclosed.possible(Side::Receiver),
        [
            K::Waitlisted,
            K::Scheduled,
            K::Arrived,
            K::Closed,
            K::Released,
            K::ConsentEnded,
            K::Note,
            K::Erased
        ]
    );
}

#[test]
fn steps_follow_one_another_as_people_do() {
    let disclosed = || Story::disclosed(Most);
    let waiting = disclosed().receiver(K::Waitlisted);
    assert!(!waiting.allows(Side::Receiver, K::Waitlisted));
    assert!(!waiting.allows(Side::Receiver, K::NoShow));
    assert!(waiting.allows(Side::Receiver, K::Arrived));
    let scheduled = waiting.receiver(K::Scheduled);
    assert!(!scheduled.allows(Side::Receiver, K::Waitlisted), "the list is behind");
    assert!(scheduled.allows(Side::Receiver, K::Scheduled), "moved to another day");
    let absent = scheduled.receiver(K::NoShow);
    assert!(!absent.allows(Side::Receiver, K::NoShow), "absent once an appointment");
    let arrived = absent.receiver(K::Scheduled).receiver(K::Arrived);
    for kind in [K::Waitlisted, K::Scheduled, K::NoShow, K::Arrived] {
        assert!(!arrived.allows(Side::Receiver, kind), "{kind} after arrival");
    }
    assert_eq!(arrived.state().step, Step::Arrived);
    assert_eq!(arrived.receiver(K::Closed).state().label(), Some(Label::Closed));
}

#[test]
fn nothing_but_stops_voids_and_receipts_follows_an_end() {
    let ends = [
        Story::referral(Most).sender(K::Withdrawn),
        Story::referral(Most).with(Side::Sender, K::Expired, at(DEADLINE.plus(limits::EXPIRY_GRACE))),
        Story::referral(Most).receiver(K::Refused),
        Story::disclosed(Most).receiver(K::Released),
    ];
    for story in ends {
        assert_eq!(story.possible(Side::Sender), [K::ConsentEnded, K::Erased], "{:?}", story.state().label());
        assert_eq!(
            story.possible(Side::Receiver),
            [K::ConsentEnded, K::Erased],
            "{:?}",
            story.state().label()
        );
    }
}

#[test]
fn a_correction_needs_a_told_outcome_a_consent_and_content() {
    let closed = |level| Story::disclosed(level).receiver(K::Closed);
    assert!(closed(Most).allows(Side::Receiver, K::Corrected));
    assert!(!closed(Most).allows(Side::Sender, K::Corrected), "the receiver's alone");
    assert!(!closed(FeedbackLevel::Attended).allows(Side::Receiver, K::Corrected));
    assert!(!Story::disclosed(Most).allows(Side::Receiver, K::Corrected), "not before it closed");
    assert!(!closed(Most).sender(K::ConsentEnded).allows(Side::Receiver, K::Corrected));
    let gone = Detail { erases: Parts::of([ContentPart::Course]), ..at(START) };
    assert!(!closed(Most).with(Side::Receiver, K::Erased, gone).allows(Side::Receiver, K::Corrected));
    let corrected = closed(Most).receiver(K::Corrected);
    assert_eq!(corrected.state().label(), Some(Label::Closed), "the label is unchanged");
    assert!(corrected.allows(Side::Receiver, K::Corrected), "the latest counts");
}

#[test]
fn pillars_and_the_events_of_others_cannot_be_voided() {
    let story = Story::disclosed(Most).receiver(K::Scheduled).sender(K::Note);
    let voids =
        |side, sequence| story.allows_with(side, K::Voided, Detail { voids: Some(sequence), ..at(START) });
    assert!(!voids(Side::Sender, 1), "Sent");
    assert!(!voids(Side::Sender, 2), "Disclosed");
    assert!(voids(Side::Sender, 3), "its note");
    assert!(!voids(Side::Sender, 4), "not written yet");
    assert!(!voids(Side::Sender, 0), "sequences start at 1");
    assert!(!voids(Side::Receiver, 1), "Accepted");
    assert!(voids(Side::Receiver, 2), "its appointment");
    let missing = Detail { voids: None, ..at(START) };
    assert!(!story.allows_with(Side::Sender, K::Voided, missing), "it names nothing");
    let closed = story.receiver(K::Closed);
    let end = Detail { voids: Some(3), ..at(START) };
    assert!(!closed.allows_with(Side::Receiver, K::Voided, end), "an end");
}

#[test]
fn consent_ends_once_for_each_side_and_each_part_is_erased_once() {
    let story = Story::referral(Least).sender(K::ConsentEnded);
    assert!(!story.allows(Side::Sender, K::ConsentEnded));
    assert!(story.allows(Side::Receiver, K::ConsentEnded));
    let erases = |parts: &[ContentPart]| Detail { erases: Parts::of(parts.iter().copied()), ..at(START) };
    let erased = story.with(Side::Receiver, K::Erased, erases(&[ContentPart::StageOne]));
    assert!(!erased.allows_with(Side::Receiver, K::Erased, erases(&[ContentPart::StageOne])));
    assert!(!erased.allows_with(
        Side::Receiver,
        K::Erased,
        erases(&[ContentPart::StageOne, ContentPart::Course])
    ));
    assert!(!erased.allows_with(Side::Receiver, K::Erased, erases(&[])), "it names nothing");
    assert!(erased.allows_with(Side::Receiver, K::Erased, erases(&[ContentPart::StageTwo])));
    assert!(erased.allows_with(Side::Sender, K::Erased, erases(&[ContentPart::StageOne])));
}

#[test]
fn a_walk_in_starts_at_accepted_and_its_receiver_decides_from_the_start() {
    let story = Story::walk_in();
    assert_eq!(story.state().step, Step::Accepted);
    assert_eq!(
        story.possible(Side::Sender),
        [K::WithdrawalAsked, K::ConsentEnded, K::Note, K::Erased],
        "the sender asks"
    );
    assert!(story.allows(Side::Receiver, K::Refused));
    assert!(story.allows(Side::Receiver, K::Released));
    assert!(!story.allows(Side::Receiver, K::Accepted));
    assert!(!story.receiver(K::Arrived).allows(Side::Receiver, K::Refused), "not once the person came");
}

#[test]
fn expired_waits_for_the_deadline_and_a_quarter_of_an_hour() {
    let story = Story::referral(Least);
    let first = DEADLINE.plus(Span::minutes(15));
    assert!(!story.allows_with(Side::Sender, K::Expired, at(first.minus(Span(1)))));
    assert!(story.allows_with(Side::Sender, K::Expired, at(first)));
}

/// A referral with questions asked and answered at these instants.
fn questioned(waits: &[(Timestamp, Timestamp)]) -> Story {
    waits.iter().fold(Story::referral(Least), |story, (asked, answered)| {
        story.with(Side::Receiver, K::InfoRequested, at(*asked)).with(
            Side::Sender,
            K::InfoGiven,
            at(*answered),
        )
    })
}

fn first_expiry(story: &Story) -> Timestamp {
    let span = expiry(&story.state(), story.chains(), Some(DEADLINE.plus(Span::days(400)))).unwrap();
    assert!(!story.allows_with(Side::Sender, K::Expired, at(span.minus(Span(1)))));
    assert!(story.allows_with(Side::Sender, K::Expired, at(span)));
    span
}

#[test]
fn the_time_an_answer_took_is_added_to_the_deadline() {
    let base = DEADLINE.plus(limits::EXPIRY_GRACE);
    let day = |n| START.plus(Span::days(n));
    let two = questioned(&[(day(0), day(2)), (day(2), day(3))]);
    assert_eq!(first_expiry(&two), base.plus(Span::days(3)));
    let slow = questioned(&[(day(0), day(30))]);
    assert_eq!(first_expiry(&slow), base.plus(Span::days(7)), "seven days at most");
    let backwards = questioned(&[(day(3), day(0))]);
    assert_eq!(first_expiry(&backwards), base, "never less than nothing");
    let four = questioned(&[(day(0), day(1)); 4]);
    assert_eq!(first_expiry(&four), base.plus(Span::days(3)), "three questions at most");
}

#[test]
fn an_open_question_adds_the_time_until_now_and_seven_days_at_most() {
    let asked = Story::referral(Least).with(Side::Receiver, K::InfoRequested, at(START));
    let base = DEADLINE.plus(limits::EXPIRY_GRACE);
    assert!(!asked.allows_with(Side::Sender, K::Expired, at(base)));
    assert!(!asked.allows_with(Side::Sender, K::Expired, at(base.plus(Span::days(7)).minus(Span(1)))));
    assert!(asked.allows_with(Side::Sender, K::Expired, at(base.plus(Span::days(7)))));
}

#[test]
fn an_answer_whose_instant_is_erased_keeps_its_place_and_adds_nothing() {
    let day = |n| START.plus(Span::days(n));
    let mut story = questioned(&[(day(0), day(5)), (day(5), day(6))]);
    story.sender[1].detail = Detail::default();
    let due = expiry(&story.state(), story.chains(), Some(day(300))).unwrap();
    assert_eq!(due, DEADLINE.plus(limits::EXPIRY_GRACE).plus(Span::days(1)));
}

/// A handover that was proposed, accepted not before a date, and disclosed.
fn promised() -> Story {
    let story = Story { kind: ThreadKind::Handover, sender: vec![proposed()], receiver: Vec::new() };
    let not_before = Some(START.plus(Span::days(5)));
    story.with(Side::Receiver, K::Accepted, Detail { not_before, ..at(START) }).sender(K::Disclosed)
}

#[test]
fn effective_is_signed_from_the_date_to_the_last_instant_of_the_offer() {
    let effective = |created| promised().allows_with(Side::Sender, K::Effective, at(created));
    let (date, until) = (START.plus(Span::days(5)), START.plus(Span::days(10)));
    assert!(!effective(date.minus(Span(1))));
    assert!(effective(date));
    assert!(effective(until));
    assert!(!effective(until.plus(Span(1))));
    assert!(!promised().allows_with(Side::Sender, K::Effective, Detail::default()), "it says when");
}

#[test]
fn a_handover_has_its_own_table() {
    let proposal = || Story { kind: ThreadKind::Handover, sender: vec![proposed()], receiver: Vec::new() };
    assert_eq!(proposal().possible(Side::Sender), [K::ConsentEnded, K::Note, K::Erased, K::Cancelled]);
    assert_eq!(
        proposal().possible(Side::Receiver),
        [K::Accepted, K::Refused, K::ConsentEnded, K::Note, K::Erased],
        "nothing to renounce before accepting"
    );
    let promised = promised();
    assert_eq!(promised.possible(Side::Receiver), [K::ConsentEnded, K::Note, K::Erased, K::Renounced]);
    let renounced = promised.receiver(K::Renounced);
    assert!(!renounced.state().ended, "it asks");
    assert!(!renounced.allows(Side::Receiver, K::Renounced), "once");
    let in_time = at(START.plus(Span::days(6)));
    assert!(!renounced.allows_with(Side::Sender, K::Effective, in_time), "the holder has seen it");
    let cancelled = renounced.sender(K::Cancelled);
    assert_eq!(cancelled.possible(Side::Sender), [K::ConsentEnded, K::Erased]);
    assert_eq!(cancelled.possible(Side::Receiver), [K::ConsentEnded, K::Erased]);
}

#[test]
fn what_an_author_names_as_seen_never_decreases() {
    let story = Story::referral(Least).receiver(K::Accepted).sender(K::Disclosed);
    let back = Mark { seen: 0, ..story.mark(Side::Sender, K::Note, at(START)) };
    assert_eq!(counts(story.kind, story.chains(), Side::Sender, &back), Counts::No);
}

#[test]
fn only_its_own_kind_opens_a_thread_and_only_once() {
    let none = Chains { sender: &[], receiver: &[] };
    let sent = sent(Least, WalkIn::No);
    assert_eq!(counts(ThreadKind::Referral, none, Side::Sender, &sent), Counts::Yes);
    assert_eq!(counts(ThreadKind::Handover, none, Side::Sender, &sent), Counts::No);
    assert_eq!(counts(ThreadKind::Referral, none, Side::Sender, &proposed()), Counts::No);
    assert_eq!(counts(ThreadKind::Handover, none, Side::Sender, &proposed()), Counts::Yes);
    assert_eq!(counts(ThreadKind::Referral, none, Side::Receiver, &sent), Counts::No);
    assert!(!Story::referral(Least).allows(Side::Sender, K::Sent));
    for kind in EventKind::ALL.iter().copied().filter(|kind| !kind.opens()) {
        let mark = Mark { kind, ..sent };
        for side in [Side::Sender, Side::Receiver] {
            assert_eq!(counts(ThreadKind::Referral, none, side, &mark), Counts::No, "{kind} opens nothing");
        }
    }
}

#[test]
fn of_two_concurrent_ends_the_higher_is_the_label() {
    let mark =
        |kind, seen| Mark { kind, seen, counts: Counts::Yes, detail: at(DEADLINE.plus(Span::days(1))) };
    let label = |own: EventKind, answer: &[EventKind]| {
        let sender = [sent(Least, WalkIn::No), mark(own, 0)];
        let receiver: Vec<Mark> = answer.iter().map(|kind| mark(*kind, 1)).collect();
        state(ThreadKind::Referral, Chains { sender: &sender, receiver: &receiver }).label()
    };
    assert_eq!(label(K::Expired, &[K::Refused]), Some(Label::Refused));
    assert_eq!(label(K::Withdrawn, &[K::Accepted, K::Released]), Some(Label::Released));
    assert_eq!(label(K::Withdrawn, &[K::ConsentEnded]), Some(Label::ConsentEnded));
    assert_eq!(label(K::ConsentEnded, &[K::Refused]), Some(Label::ConsentEnded));
    assert_eq!(label(K::Withdrawn, &[K::Accepted]), Some(Label::Withdrawn), "too late");
}
