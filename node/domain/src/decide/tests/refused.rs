//! Every no, provoked; and what an attacker sends, answered by exactly it.

use super::fixtures::*;
use super::harness::*;
use super::referral::{accept, disclosed, not_allowed};
use crate::authority::Authenticated;
use crate::class::DataClass;
use crate::consent::*;
use crate::content::check::FieldError;
use crate::content::*;
use crate::decide::decide;
use crate::digest::Digest;
use crate::event::{Counts, EventKind, Link, Side, ThreadKind};
use crate::id::ThreadId;
use crate::limits;
use crate::refusal::Refusal;
use crate::thread::*;
use crate::time::{Span, Timestamp};

use EventKind as K;
use Side::{Receiver, Sender};

/// What opening this answers.
fn opening_refused(opening: Opening) -> Refusal {
    Pair::new().command(Sender, Command::Open(Box::new(opening))).unwrap_err()
}

/// What a receiver answers to the first event of a good referral, tampered with.
fn first_refused(tamper: impl FnOnce(&mut Delivery)) -> Refusal {
    let mut delivery = opening_delivery(referral(FeedbackLevel::Accepted));
    tamper(&mut delivery);
    Pair::new().bring_signed(Receiver, delivery, sender_id()).unwrap_err()
}

/// What a receiver answers to the first event of a referral under a consent of the attacker's making.
fn first_refused_under(change: impl FnOnce(&mut Consent)) -> Refusal {
    first_refused(|delivery| {
        let content = delivery.content.as_mut().unwrap();
        let mut forged = content.consent.clone().unwrap().consent;
        change(&mut forged);
        let forged = signed(forged);
        delivery.skeleton.consent = forged.digest;
        content.consent = Some(forged);
    })
}

fn consent_refused(refusal: ConsentRefusal) -> Refusal {
    Refusal::Consent(refusal)
}

fn note(text: &str) -> Act {
    Act::Note { text: personal(text) }
}

#[test]
fn what_is_not_there_and_what_is_not_yours_are_the_same_answer() {
    let mut pair = Pair::new();
    assert_eq!(pair.act(Sender, note("hello")).unwrap_err(), Refusal::UnknownThread);
    assert_eq!(pair.command(Sender, Command::Wake).unwrap_err(), Refusal::UnknownThread);
    let follows = |delivery: &mut Delivery| delivery.skeleton.kind = K::Note;
    assert_eq!(first_refused(follows), Refusal::UnknownThread);
    assert_eq!(first_refused(|delivery| delivery.skeleton.sequence = 2), Refusal::UnknownThread);

    let mut pair = disclosed(FeedbackLevel::Accepted);
    let mut theirs = forged(&pair, Sender, K::Note, Content::at(pair.now));
    theirs.skeleton.author = third_id();
    assert_eq!(pair.bring(Receiver, theirs).unwrap_err(), Refusal::UnknownThread, "a third structure");
    assert_eq!(
        Refusal::UnknownThread.to_string(),
        "no such referral or handover here",
        "the words betray no more than the code"
    );
}

#[test]
fn a_stranger_and_a_removed_partner_are_unknown() {
    for trust in [None, Some(Trust::Removed)] {
        let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
        pair.receiver.trust = trust;
        assert_eq!(pair.deliver(Sender).unwrap_err(), Refusal::UnknownPeer);
        let mut pair = Pair::new();
        pair.sender.trust = trust;
        let opening = Command::Open(Box::new(referral(FeedbackLevel::Accepted)));
        assert_eq!(pair.command(Sender, opening).unwrap_err(), Refusal::UnknownPeer);
    }
}

#[test]
fn nothing_is_opened_with_or_by_a_suspended_partner() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.receiver.trust = Some(Trust::Suspended);
    assert_eq!(pair.deliver(Sender).unwrap_err(), Refusal::PeerSuspended);
    let mut pair = Pair::new();
    pair.sender.trust = Some(Trust::Suspended);
    let opening = Command::Open(Box::new(referral(FeedbackLevel::Accepted)));
    assert_eq!(pair.command(Sender, opening).unwrap_err(), Refusal::PeerSuspended);
}

#[test]
fn an_envelope_for_another_is_not_taken() {
    let refusal = first_refused(|delivery| delivery.skeleton.recipient = third_id());
    assert_eq!(refusal, Refusal::WrongRecipient);
    let mut pair = disclosed(FeedbackLevel::Accepted);
    let mut lost = forged(&pair, Sender, K::Note, Content::at(pair.now));
    lost.skeleton.recipient = third_id();
    assert_eq!(pair.bring(Receiver, lost).unwrap_err(), Refusal::WrongRecipient);
}

#[test]
fn the_author_inside_must_be_the_signer() {
    assert_eq!(first_refused(|delivery| delivery.skeleton.author = third_id()), Refusal::WrongSigner);
    let pair = disclosed(FeedbackLevel::Accepted);
    let command = Authenticated::vouched_by(third_id(), third_id(), Command::Act(Act::StopConsent));
    assert_eq!(decide(&pair.sender.facts(), command, pair.now).unwrap_err(), Refusal::WrongSigner);
    let opening = Command::Open(Box::new(referral(FeedbackLevel::Accepted)));
    let command = Authenticated::vouched_by(third_id(), third_id(), opening);
    assert_eq!(decide(&Pair::new().sender.facts(), command, pair.now).unwrap_err(), Refusal::WrongSigner);
}

#[test]
fn a_thread_opens_once() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    let opening = Command::Open(Box::new(referral(FeedbackLevel::Accepted)));
    assert_eq!(pair.command(Sender, opening).unwrap_err(), Refusal::ThreadExists);
}

#[test]
fn two_events_with_one_number_freeze_the_thread() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    pair.act(Sender, note("prefers mornings")).unwrap();
    pair.settle();
    let mut other = forged(&pair, Sender, K::Note, Content::at(pair.now));
    other.skeleton.sequence -= 1;
    assert_eq!(pair.bring(Receiver, other).unwrap_err(), Refusal::ChainForked);
    let mut first = forged(&pair, Sender, K::Sent, Content::at(pair.now));
    first.skeleton.sequence = 0;
    assert_eq!(pair.bring(Receiver, first).unwrap_err(), Refusal::ChainForked);
    let mut other_past = forged(&pair, Sender, K::Note, Content::at(pair.now));
    other_past.skeleton.previous = Some(Digest::of(b"another history"));
    assert_eq!(pair.bring(Receiver, other_past).unwrap_err(), Refusal::ChainForked);
    let mut no_past = forged(&pair, Sender, K::Note, Content::at(pair.now));
    no_past.skeleton.previous = None;
    assert_eq!(pair.bring(Receiver, no_past).unwrap_err(), Refusal::ChainForked);
    assert!(Refusal::ChainForked.freezes() && Refusal::ChainForked.is_final());
    assert!(!Refusal::ChainBroken.freezes());
}

#[test]
fn what_was_never_written_cannot_have_been_seen() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    let mut ahead = forged(&pair, Sender, K::Note, Content::at(pair.now));
    ahead.skeleton.seen = Some(Link { sequence: 9, hash: Digest::of(b"nothing") });
    assert_eq!(pair.bring(Receiver, ahead).unwrap_err(), Refusal::ChainBroken);
    let mut other = forged(&pair, Sender, K::Note, Content::at(pair.now));
    other.skeleton.seen = Some(Link { sequence: 1, hash: Digest::of(b"another") });
    assert_eq!(pair.bring(Receiver, other).unwrap_err(), Refusal::ChainBroken);
    let mut zero = forged(&pair, Sender, K::Note, Content::at(pair.now));
    zero.skeleton.seen = Some(Link { sequence: 0, hash: Digest::of(b"another") });
    assert_eq!(pair.bring(Receiver, zero).unwrap_err(), Refusal::ChainBroken);
    let mut back = forged(&pair, Sender, K::Note, Content::at(pair.now));
    back.skeleton.seen = None;
    assert_eq!(pair.bring(Receiver, back).unwrap_err(), Refusal::ChainBroken, "seen never decreases");
}

#[test]
fn an_event_stays_in_its_thread_under_its_consent() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    let mut other_kind = forged(&pair, Sender, K::Note, Content::at(pair.now));
    other_kind.skeleton.thread_kind = ThreadKind::Handover;
    assert_eq!(pair.bring(Receiver, other_kind).unwrap_err(), Refusal::ChainBroken);
    let mut other_consent = forged(&pair, Sender, K::Note, Content::at(pair.now));
    other_consent.skeleton.consent = Digest::of(b"another consent");
    assert_eq!(pair.bring(Receiver, other_consent).unwrap_err(), Refusal::ChainBroken);
    assert_eq!(
        first_refused(|delivery| delivery.skeleton.previous = Some(Digest::of(b"a past"))),
        Refusal::ChainBroken
    );
    let seen = Some(Link { sequence: 1, hash: Digest::of(b"seen") });
    assert_eq!(first_refused(|delivery| delivery.skeleton.seen = seen), Refusal::ChainBroken);
    assert_eq!(first_refused(|delivery| delivery.skeleton.kind = K::Proposed), Refusal::ChainBroken);
}

#[test]
fn a_gap_waits() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    let mut later = forged(&pair, Sender, K::Note, Content::at(pair.now));
    later.skeleton.sequence += 1;
    let refusal = pair.bring(Receiver, later).unwrap_err();
    assert_eq!(refusal, Refusal::OutOfOrder);
    assert!(!refusal.is_final(), "it comes again");
}

#[test]
fn a_chain_has_a_longest_length_and_endings_pass_it_within_bounds() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    let most = limits::CHAIN_EVENTS_MAX;
    while pair.sender.thread().sender.len() < usize::try_from(most).unwrap() {
        pair.act(Sender, note("prefers mornings")).unwrap();
    }
    assert_eq!(pair.act(Sender, note("one more")).unwrap_err(), Refusal::ChainTooLong);
    pair.settle();
    let more = forged(&pair, Sender, K::Note, Content::at(pair.now));
    assert_eq!(pair.bring(Receiver, more).unwrap_err(), Refusal::ChainTooLong);
    pair.act(Sender, Act::StopConsent).unwrap();
    pair.settle();
    assert_eq!(pair.receiver.erasable_held(), [], "stopping passes");
    for _ in 0..6 {
        let again = forged(&pair, Sender, K::ConsentEnded, Content::at(pair.now));
        pair.bring(Receiver, again).unwrap();
    }
    let flood = forged(&pair, Sender, K::ConsentEnded, Content::at(pair.now));
    assert_eq!(pair.bring(Receiver, flood).unwrap_err(), Refusal::ChainTooLong);
}

#[test]
fn an_opening_from_a_clock_more_than_five_minutes_ahead_waits() {
    let edge = disclosed(FeedbackLevel::Accepted).now.plus(limits::CLOCK_TOLERANCE);
    let refusal =
        first_refused(|d| d.content.as_mut().unwrap().times.as_mut().unwrap().created = edge.plus(Span(1)));
    assert_eq!(refusal, Refusal::FromTheFuture);
    assert!(!refusal.is_final());
    let days_ahead = edge.plus(Span::days(2)).day();
    assert_eq!(first_refused(|d| d.skeleton.day = days_ahead), Refusal::FromTheFuture);
}

#[test]
fn an_opening_older_than_any_answer_is_awaited_opens_nothing() {
    let now = disclosed(FeedbackLevel::Accepted).now;
    let earliest = now.minus(limits::DEADLINE_MAX).minus(limits::CLOCK_TOLERANCE);
    for created in [earliest.minus(Span(1)), Timestamp(i64::MIN + 1)] {
        let refusal =
            first_refused(|d| d.content.as_mut().unwrap().times.as_mut().unwrap().created = created);
        assert!(matches!(&refusal, Refusal::Field(error) if error.field == "times.created"), "{refusal:?}");
    }
}

#[test]
fn no_clock_holds_back_what_follows_so_that_no_stop_waits_behind_it() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    let far = pair.now.plus(Span::days(400));
    let note = Content { note: Some(Note(personal("mornings"))), ..Content::at(far) };
    let mut ahead = forged(&pair, Sender, K::Note, note);
    ahead.skeleton.day = far.day();
    pair.bring(Receiver, ahead).unwrap();
    let stop = forged(&pair, Sender, K::ConsentEnded, Content::at(far));
    pair.bring(Receiver, stop).unwrap();
    assert_eq!(pair.receiver.erasable_held(), []);
}

#[test]
fn an_opening_without_its_papers_opens_nothing() {
    assert_eq!(first_refused(|delivery| delivery.content = None), Refusal::ContentGone);
    let without =
        |change: fn(&mut Content)| first_refused(|delivery| change(delivery.content.as_mut().unwrap()));
    assert_eq!(without(|content| content.consent = None), Refusal::ConsentMissing);
    assert_eq!(without(|content| content.need = None), Refusal::Missing(DataClass::Need));
    assert_eq!(
        without(|content| content.need.as_mut().unwrap().themes.clear()),
        Refusal::Missing(DataClass::Need)
    );
    assert_eq!(without(|content| content.times = None), Refusal::Missing(DataClass::Times));
    let no_deadline = |content: &mut Content| content.times.as_mut().unwrap().deadline = None;
    assert_eq!(without(no_deadline), Refusal::Missing(DataClass::Times));
    let other_date = |content: &mut Content| {
        let times = content.times.as_mut().unwrap();
        (times.deadline, times.offer_until) = (None, times.deadline);
    };
    assert_eq!(without(other_date), Refusal::Missing(DataClass::Times), "a referral has a deadline");
    let mut proposal = opening_delivery(handover());
    proposal.content.as_mut().unwrap().times.as_mut().unwrap().offer_until = None;
    assert_eq!(Pair::new().bring(Receiver, proposal).unwrap_err(), Refusal::Missing(DataClass::Times));

    let mut bare = referral(FeedbackLevel::Accepted);
    bare.stage_one.need = None;
    assert_eq!(opening_refused(bare), Refusal::Missing(DataClass::Need));
    let mut themeless = referral(FeedbackLevel::Accepted);
    themeless.stage_one.need.as_mut().unwrap().themes.clear();
    assert_eq!(opening_refused(themeless), Refusal::Missing(DataClass::Need));
}

#[test]
fn an_act_that_needs_a_consent_finds_none_once_it_is_erased() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    pair.sender.thread.as_mut().unwrap().consent = None;
    assert_eq!(pair.act(Sender, note("mornings")).unwrap_err(), Refusal::ConsentMissing);
}

#[test]
fn a_field_is_refused_with_its_name_and_its_mend() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    let refused = |pair: &mut Pair, text: &str| {
        let refusal = pair.act(Sender, note(text)).unwrap_err();
        let Refusal::Field(FieldError { field, problem }) = refusal else { panic!("{refusal:?}") };
        (field, problem)
    };
    for text in
        ["her number is 2 69 05 49 588 157 80", "call 06 12 34 56 78", "FR76 3000 6000 0112 3456 7890 189"]
    {
        let (field, problem) = refused(&mut pair, text);
        assert_eq!(field, "note");
        assert!(!problem.contains(text), "the value is never shown");
    }
    assert_eq!(refused(&mut pair, " ").1, "is empty: write it, or leave the field out");
    let review = Act::Release { reason: Reason::Full };
    assert!(
        pair.act(Receiver, review).unwrap_err().to_string().starts_with("reason: is not one of unreachable")
    );
    let refuse = Act::Refuse { reason: Reason::Unreachable, suggestions: Vec::new() };
    assert!(pair.act(Receiver, refuse).unwrap_err().to_string().starts_with("reason: is not one of full"));
    let withdraw = Act::Withdraw { reason: Reason::Full };
    assert!(
        pair.act(Sender, withdraw)
            .unwrap_err()
            .to_string()
            .starts_with("reason: is not one of consent_lapsed")
    );
}

#[test]
fn a_deadline_lies_ahead_within_bounds_and_within_the_consent() {
    let with =
        |deadline| opening_refused(Opening { deadline: Some(deadline), ..referral(FeedbackLevel::Accepted) });
    assert_eq!(with(START).to_string(), "deadline: is in the past: choose a later instant");
    assert_eq!(with(START.plus(Span::days(31))).to_string(), "deadline: is too far away: 30 days at most");
    let mut short = consent(Purpose::Referral, FeedbackLevel::Accepted);
    short.valid_until = START.plus(Span::days(2));
    let late = Opening { consent: signed(short), ..referral(FeedbackLevel::Accepted) };
    assert_eq!(opening_refused(late).to_string(), "deadline: is later than the end of the consent");
    let offer = Opening { deadline: Some(START.plus(Span::days(91))), ..handover() };
    assert_eq!(opening_refused(offer).to_string(), "offer_until: is too far away: 90 days at most");
}

#[test]
fn each_stage_holds_its_own_classes() {
    let mut late = referral(FeedbackLevel::Accepted);
    late.stage_two.note = Some(Note(personal("mornings")));
    assert_eq!(opening_refused(late).to_string(), "stage_two: holds a class of stage 1: put it into stage 1");
    let mut early = referral(FeedbackLevel::Accepted);
    early.stage_one.contact = Some(contact());
    assert_eq!(
        opening_refused(early).to_string(),
        "stage_one: holds a class that leaves only after acceptance"
    );
    let mut named = referral(FeedbackLevel::Accepted);
    named.stage_one.name = Some(name());
    assert_eq!(opening_refused(named), consent_refused(ConsentRefusal::TooEarly(DataClass::Name)));
}

#[test]
fn what_the_table_does_not_allow_says_what_would_be_possible() {
    let mut pair = Pair::opened(referral(FeedbackLevel::Accepted));
    pair.settle();
    let hint = "it must be accepted first; before accepting, refuse it";
    let early = pair.act(Receiver, Act::Release { reason: Reason::Duplicate }).unwrap_err();
    assert_eq!(early, not_allowed(K::Released, hint));
    assert!(early.to_string().contains(hint));
    let theirs = "only the structure that received it can do this";
    assert_eq!(pair.act(Sender, accept()).unwrap_err(), not_allowed(K::Accepted, theirs));
    let ours = "only the structure that opened it can do this";
    let withdraw = Act::Withdraw { reason: Reason::Other };
    assert_eq!(pair.act(Receiver, withdraw).unwrap_err(), not_allowed(K::Withdrawn, ours));
}

#[test]
fn a_consent_for_another_opens_nothing() {
    let parties = consent_refused(ConsentRefusal::OtherParties);
    let for_another = |consent: &mut Consent| consent.recipient.structure = third_id();
    assert_eq!(first_refused_under(for_another), parties);
    let by_another = |consent: &mut Consent| consent.collected_by.structure = third_id();
    assert_eq!(first_refused_under(by_another), parties);
    let turned = |consent: &mut Consent| {
        (consent.collected_by, consent.recipient) = (consent.recipient, consent.collected_by);
    };
    assert_eq!(first_refused_under(turned), parties, "a consent the receiver collected is not the sender's");
    let edited =
        first_refused(|delivery| delivery.skeleton.consent = Digest::of(b"the scope before it was edited"));
    assert_eq!(edited, parties, "not the consent the event names");
    let mut elsewhere = referral(FeedbackLevel::Accepted);
    elsewhere.recipient = third_id();
    assert_eq!(opening_refused(elsewhere), parties);
}

#[test]
fn a_consent_for_another_purpose_opens_nothing() {
    let other = consent_refused(ConsentRefusal::OtherPurpose);
    assert_eq!(first_refused_under(|consent| consent.purpose = Purpose::Handover), other);
    let proposal = Opening { consent: referral(FeedbackLevel::Accepted).consent, ..handover() };
    assert_eq!(opening_refused(proposal), other);
}

#[test]
fn a_consent_out_of_its_time_opens_nothing() {
    let mut late = Pair::opened(referral(FeedbackLevel::Accepted));
    late.now = late.sender.thread().valid_until;
    let expired = consent_refused(ConsentRefusal::Ended(Standing::Expired));
    assert_eq!(late.deliver(Sender).unwrap_err(), expired);
    let not_yet = |consent: &mut Consent| {
        consent.valid_from = START.plus(limits::CLOCK_TOLERANCE).plus(Span(1));
    };
    assert_eq!(first_refused_under(not_yet), consent_refused(ConsentRefusal::NotYetValid));
}

#[test]
fn a_consent_covers_its_themes_its_classes_and_its_level() {
    let themes = |consent: &mut Consent| consent.themes = [other_theme()].into();
    assert_eq!(first_refused_under(themes), consent_refused(ConsentRefusal::Theme));
    let classes = |consent: &mut Consent| {
        consent.classes.remove(&DataClass::Constraints);
    };
    let uncovered = consent_refused(ConsentRefusal::Class(DataClass::Constraints));
    assert_eq!(first_refused_under(classes), uncovered);
    let more = first_refused(|d| {
        d.content.as_mut().unwrap().need.as_mut().unwrap().feedback = FeedbackLevel::Outcome
    });
    assert_eq!(more, consent_refused(ConsentRefusal::Feedback));
    let mut gap = referral(FeedbackLevel::Accepted);
    gap.consent.consent.classes.remove(&DataClass::Contact);
    let gap = opening_refused(gap);
    assert_eq!(gap, consent_refused(ConsentRefusal::Class(DataClass::Contact)), "no gap is discovered later");
}

#[test]
fn stage_two_in_the_first_event_is_refused_whole() {
    let with =
        |change: fn(&mut Content)| first_refused(|delivery| change(delivery.content.as_mut().unwrap()));
    let early = |class| consent_refused(ConsentRefusal::TooEarly(class));
    assert_eq!(with(|content| content.name = Some(name())), early(DataClass::Name));
    assert_eq!(with(|content| content.contact = Some(contact())), early(DataClass::Contact));
    let sensitive = with(|content| content.sensitive = Some(personal("asks for a woman")));
    assert_eq!(
        sensitive,
        consent_refused(ConsentRefusal::Class(DataClass::Sensitive)),
        "never in a referral"
    );
    let flawed = first_refused_under(|consent| {
        consent.classes.insert(DataClass::Sensitive);
    });
    let flaw = ConsentFlaw::HandoverOnly(DataClass::Sensitive);
    assert_eq!(flawed, consent_refused(ConsentRefusal::Flawed(flaw)));
}

#[test]
fn a_first_event_with_a_forbidden_number_is_refused_whole() {
    for text in ["2 69 05 49 588 157 80", "06 12 34 56 78", "amina@example.org"] {
        let refusal = first_refused(|delivery| {
            delivery.content.as_mut().unwrap().note = Some(Note(personal(text)));
        });
        assert!(matches!(refusal, Refusal::Field(FieldError { field: "note", .. })), "{refusal:?}");
    }
}

/// What becomes of an event a dishonest partner signs.
fn becomes(pair: &Pair, side: Side, kind: EventKind, content: Content) -> (Counts, Keep) {
    let mut pair = pair.clone();
    let delivery = forged(&pair, side, kind, content);
    pair.bring(side.other(), delivery).unwrap().received.unwrap()
}

const NOTHING: (Counts, Keep) = (Counts::No, Keep::Skeleton);

#[test]
fn what_a_partner_tells_beyond_the_consent_has_no_effect_and_is_not_kept() {
    let mut sent = Pair::opened(referral(FeedbackLevel::Accepted));
    sent.settle();
    let base = Content::at(sent.now);
    let noted = |text: &str| Content { note: Some(Note(personal(text))), ..base.clone() };
    assert_eq!(becomes(&sent, Sender, K::Note, noted("mornings")), (Counts::Yes, Keep::Everything));
    assert_eq!(becomes(&sent, Sender, K::Note, noted("2 69 05 49 588 157 80")), NOTHING);
    assert_eq!(becomes(&sent, Sender, K::Note, noted("06 12 34 56 78")), NOTHING);
    let named = Content { name: Some(name()), ..base.clone() };
    assert_eq!(becomes(&sent, Sender, K::Note, named.clone()), NOTHING, "stage 2 in a note");
    assert_eq!(becomes(&sent, Sender, K::Disclosed, named.clone()), NOTHING, "stage 2 before acceptance");
    assert_eq!(becomes(&sent, Receiver, K::Accepted, named), NOTHING, "a name never travels back");
    let statement = Eligibility([(Statement::Student, YesNo::Yes)].into());
    let uncovered = Content { eligibility: Some(statement), ..base.clone() };
    assert_eq!(becomes(&sent, Sender, K::Note, uncovered), NOTHING);
    let hidden = base.with_course(Course { account: Some(personal("she told me")), ..Course::default() });
    assert_eq!(becomes(&sent, Sender, K::Note, hidden), NOTHING, "free text outside its class");
}

#[test]
fn what_a_receiver_tells_back_beyond_the_level_has_no_effect_and_is_not_kept() {
    let course = |course: Course| Content::at(START).with_course(course);
    let least = disclosed(FeedbackLevel::Accepted);
    for kind in [K::Scheduled, K::Arrived] {
        assert_eq!(becomes(&least, Receiver, kind, course(Course::default())), NOTHING, "{kind}");
    }
    let outcome = course(Course { outcome: Some(Outcome::NeedMet), ..Course::default() });
    assert_eq!(becomes(&least, Receiver, K::Closed, outcome.clone()), NOTHING);
    let reason = course(Course { reason: Some(Reason::DidNotCome), ..Course::default() });
    assert_eq!(becomes(&least, Receiver, K::Released, reason), NOTHING);
    let attended = disclosed(FeedbackLevel::Attended);
    assert_eq!(
        becomes(&attended, Receiver, K::Arrived, course(Course::default())),
        (Counts::Yes, Keep::Everything)
    );
    assert_eq!(becomes(&attended, Receiver, K::Closed, outcome), NOTHING);
}

#[test]
fn a_sender_that_expires_too_early_or_withdraws_after_disclosure_changes_nothing() {
    let mut sent = Pair::opened(referral(FeedbackLevel::Accepted));
    sent.settle();
    assert_eq!(becomes(&sent, Sender, K::Expired, Content::at(sent.now)), NOTHING);
    let disclosed = disclosed(FeedbackLevel::Accepted);
    assert_eq!(becomes(&disclosed, Sender, K::Withdrawn, Content::at(disclosed.now)), NOTHING);
    assert_eq!(
        becomes(&disclosed, Sender, K::Disclosed, stage_two_at(disclosed.now)),
        NOTHING,
        "disclosed once"
    );
}

fn stage_two_at(now: Timestamp) -> Content {
    Content { times: Content::at(now).times, ..stage_two() }
}

#[test]
fn the_same_thread_id_from_another_partner_is_another_answer_to_no_one() {
    let mut pair = disclosed(FeedbackLevel::Accepted);
    let mut opening = opening_delivery(referral(FeedbackLevel::Accepted));
    opening.skeleton.author = third_id();
    assert_eq!(pair.bring(Receiver, opening).unwrap_err(), Refusal::UnknownThread);
    assert_eq!(pair.receiver.thread().id, ThreadId::from_random([2; 16]));
}

#[test]
fn only_what_may_pass_later_is_not_final() {
    let later = [Refusal::OutOfOrder, Refusal::FromTheFuture, Refusal::PeerSuspended];
    assert!(later.iter().all(|refusal| !refusal.is_final()));
    let never = [Refusal::UnknownPeer, Refusal::ChainForked, Refusal::ContentGone, Refusal::ThreadFrozen];
    assert!(never.iter().all(Refusal::is_final));
}

#[test]
fn every_refusal_has_words_of_its_own() {
    let field = FieldError { field: "note", problem: "is empty".to_owned() };
    let all = [
        Refusal::UnknownThread,
        Refusal::UnknownPeer,
        Refusal::PeerSuspended,
        Refusal::WrongRecipient,
        Refusal::WrongSigner,
        Refusal::ThreadExists,
        Refusal::ChainForked,
        Refusal::ChainBroken,
        Refusal::OutOfOrder,
        Refusal::ThreadFrozen,
        Refusal::ChainTooLong,
        Refusal::FromTheFuture,
        Refusal::Consent(ConsentRefusal::Theme),
        Refusal::Missing(DataClass::Need),
        Refusal::ConsentMissing,
        Refusal::ContentGone,
        Refusal::Field(field),
        not_allowed(K::Note, "it has ended"),
        Refusal::RoleNotAllowed,
        Refusal::FollowUpNotHeld,
    ];
    let words: std::collections::BTreeSet<String> = all.iter().map(ToString::to_string).collect();
    assert_eq!(words.len(), all.len());
}
