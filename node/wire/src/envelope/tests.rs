//! An envelope crosses as it was composed; whatever differs is refused at the step that must notice.

mod forge;
mod vectors;

use super::*;
use crate::content::samples::{agency, contents, everything, hub, signed_consent, text};
use crate::content::{ContentError, PART_CONSENT};
use crate::field::Problem;
use crate::seal;
use forge::{accepted, composed, content_of, each_kind, envelope, keys, permit, ring, rng, skeleton};
use proptest::prelude::*;
use relais_domain::class::DataClass;
use relais_domain::consent::{Permit, Purpose};
use relais_domain::content::Name;
use relais_domain::digest::Digest;
use relais_domain::event::{EventKind, ThreadKind};

#[test]
fn every_kind_of_event_crosses() {
    for (kind, thread) in each_kind() {
        let sent = composed(kind, thread);
        let bytes = envelope(&sent);
        let received = read(&bytes).expect("well formed");
        assert_eq!(received.skeleton, sent.skeleton, "{kind}");
        assert_eq!((&received.payload, received.identity), (&sent.payload, sent.identity));
        assert_eq!(received.verify(&keys(&received)), Ok(()));
        let opened = open(&received, &ring(&received)).expect("sealed to this node");
        assert_eq!(opened.content, content_of(kind, thread), "{kind}");
        assert_eq!(opened.parts, sent.parts);
        assert_eq!(reopen(&sent.parts, &sent.skeleton), Ok(opened.content));
    }
}

#[test]
fn what_an_event_carries_lies_within_its_kind() {
    for (kind, thread) in each_kind() {
        let parts: Vec<u32> = content::encode(&content_of(kind, thread)).iter().map(|part| part.0).collect();
        assert!(parts.iter().all(|part| may_carry(kind).contains(part)), "{kind}");
        assert!(may_carry(kind).is_sorted());
    }
}

#[test]
fn no_kind_but_a_disclosure_carries_the_person() {
    for kind in EventKind::ALL.iter().copied() {
        let name = may_carry(kind).contains(&10);
        assert_eq!(name, matches!(kind, EventKind::Sent | EventKind::Disclosed), "{kind}");
        let rest = (11..=14).any(|part| may_carry(kind).contains(&part));
        assert_eq!(rest, kind == EventKind::Disclosed, "{kind}");
    }
}

#[test]
fn the_identity_does_not_depend_on_the_sealing() {
    let sent = accepted();
    let other_key = hub().sealing.seal_key();
    let resealed = dispatch(&sent.payload, &sent.signature, Some(&sent.parts), &other_key, &mut rng());
    let resealed = read(&resealed.expect("fits")).expect("well formed");
    let first = read(&envelope(&sent)).expect("well formed");
    assert_ne!(resealed.sealed, first.sealed);
    assert_eq!((resealed.identity, resealed.payload), (first.identity, first.payload));
}

#[test]
fn salts_are_drawn_for_each_event() {
    let (first, again) = (accepted(), forge::composed_with(EventKind::Accepted, ThreadKind::Referral, 8));
    assert_ne!(first.skeleton.commitments, again.skeleton.commitments);
    assert_eq!(first.skeleton.commitments, accepted().skeleton.commitments);
}

#[test]
fn nothing_is_signed_without_its_permit() {
    let kind = EventKind::Sent;
    let thread = ThreadKind::Referral;
    let content = content_of(kind, thread);
    let good = permit(kind, thread, &content);
    let try_with = |skeleton: Skeleton, content: &Content, permit: &Permit| {
        compose(skeleton, content, permit, &agency().signing, &mut rng()).map(|_| ())
    };
    let base = skeleton(kind, thread);
    assert_eq!(try_with(base.clone(), &content, &good), Ok(()));
    let elsewhere = Skeleton { recipient: agency().id, ..base.clone() };
    assert_eq!(try_with(elsewhere, &content, &good), Err(ComposeError::OtherRecipient));
    let other_consent = Skeleton { consent: Digest::of(b"another"), ..base.clone() };
    assert_eq!(try_with(other_consent, &content, &good), Err(ComposeError::OtherConsent));
    let carried = Content { consent: Some(signed_consent(Purpose::Handover)), ..content.clone() };
    assert_eq!(try_with(base.clone(), &carried, &good), Err(ComposeError::OtherConsent));
    let note = content_of(EventKind::Note, thread);
    let other_consent = Skeleton { consent: Digest::of(b"another"), ..skeleton(EventKind::Note, thread) };
    let for_note = permit(EventKind::Note, thread, &note);
    assert_eq!(try_with(other_consent, &note, &for_note), Err(ComposeError::OtherConsent));
    let more = Content { name: Some(Name { given: text("A"), family: text("D") }), ..content };
    assert_eq!(try_with(base, &more, &good), Err(ComposeError::NotCovered));
}

#[test]
fn nothing_is_signed_that_the_kind_does_not_carry() {
    let disclosed = content_of(EventKind::Disclosed, ThreadKind::Referral);
    let permit = permit(EventKind::Disclosed, ThreadKind::Referral, &disclosed);
    let skeleton =
        Skeleton { sequence: 1, previous: None, ..skeleton(EventKind::InfoGiven, ThreadKind::Referral) };
    let error = compose(skeleton, &disclosed, &permit, &agency().signing, &mut rng());
    assert_eq!(error, Err(ComposeError::NotCarried { part: 10 }));
}

#[test]
fn nothing_is_signed_that_the_recipient_would_refuse() {
    let (kind, thread) = (EventKind::Note, ThreadKind::Referral);
    let content = content_of(kind, thread);
    let good = permit(kind, thread, &content);
    let empty = Content { note: Some(relais_domain::content::Note(text(""))), ..content.clone() };
    let error = compose(skeleton(kind, thread), &empty, &good, &agency().signing, &mut rng());
    assert_eq!(error.expect_err("empty").to_string(), "note.text: is missing");
    let undated = Skeleton { day: relais_domain::time::Day(0), ..skeleton(kind, thread) };
    let error = compose(undated, &content, &good, &agency().signing, &mut rng());
    assert_eq!(error.expect_err("1970").to_string(), "day: has not the form it must have");
    let (kind, thread) = (EventKind::Sent, ThreadKind::Referral);
    let mut forged = content_of(kind, thread);
    let good = permit(kind, thread, &forged);
    forged.consent.as_mut().expect("the sample has it").consent.version = 2;
    let error = compose(skeleton(kind, thread), &forged, &good, &agency().signing, &mut rng());
    assert_eq!(error, Err(ComposeError::Content(ContentError::of_part(PART_CONSENT, Problem::NotCanonical))));
}

#[test]
fn content_that_cannot_be_sealed_is_not_signed() {
    let (kind, thread) = (EventKind::Disclosed, ThreadKind::Handover);
    let mut content = content_of(kind, thread);
    let handover = content.handover.as_mut().expect("the sample has it");
    handover.done = vec![text(&"é".repeat(280)); 16];
    let long = vec![text(&"\u{1F600}".repeat(280)); 16];
    (handover.pending, handover.goals) = (long.clone(), long);
    let good = permit(kind, thread, &content);
    let error = compose(skeleton(kind, thread), &content, &good, &agency().signing, &mut rng());
    assert_eq!(error, Err(ComposeError::TooLong));
}

#[test]
fn the_largest_content_fits_an_envelope() {
    let (kind, thread) = (EventKind::Disclosed, ThreadKind::Handover);
    let mut content = content_of(kind, thread);
    let good = permit(kind, thread, &content);
    let handover = content.handover.as_mut().expect("the sample has it");
    let long = vec![text(&"\u{1F600}".repeat(280)); 14];
    (handover.done, handover.goals) = (long.clone(), long);
    let rest =
        |content: &Content| compose(skeleton(kind, thread), content, &good, &agency().signing, &mut rng());
    let room = PARTS_BYTES_MAX - rest(&content).expect("fits").parts.len() - 60;
    content.documents = Some(vec![text(&"x".repeat(room % 1000)); 1]);
    let sent = rest(&content).expect("fits");
    assert!(sent.parts.len() > BUCKET_BYTES_MAX - 2048, "{}", sent.parts.len());
    assert!(envelope(&sent).len() <= ENVELOPE_BYTES_MAX);
}

#[test]
fn an_envelope_whose_content_was_erased_carries_its_skeleton() {
    let sent = accepted();
    let key = agency().sealing.seal_key();
    let bytes = dispatch(&sent.payload, &sent.signature, None, &key, &mut rng()).expect("fits");
    let received = read(&bytes).expect("well formed");
    assert_eq!(received.verify(&keys(&received)), Ok(()));
    assert_eq!(received.sealed, None);
    assert_eq!(open(&received, &ring(&received)), Err(OpenError::Absent));
}

#[test]
fn stored_parts_that_changed_are_corrupt() {
    let sent = accepted();
    let key = agency().sealing.seal_key();
    let cut = &sent.parts[..sent.parts.len() - 1];
    let error = dispatch(&sent.payload, &sent.signature, Some(cut), &key, &mut rng());
    assert_eq!(error, Err(DispatchError::Corrupt));
    assert_eq!(reopen(cut, &sent.skeleton), Err(PartsError::Unreadable));
    let skeleton = &sent.skeleton;
    let commitments = &skeleton.commitments;
    let less = |left: &[_]| Skeleton { commitments: left.to_vec(), ..skeleton.clone() };
    assert_eq!(reopen(&sent.parts, &less(&commitments[1..])), Err(PartsError::Commitments { part: 7 }));
    assert_eq!(reopen(&sent.parts, &less(&commitments[..1])), Err(PartsError::Commitments { part: 9 }));
    assert_eq!(reopen(&[], skeleton), Err(PartsError::Commitments { part: 7 }));
    for at in 0..sent.parts.len() {
        let mut changed = sent.parts.clone();
        changed[at] ^= 1;
        assert!(reopen(&changed, skeleton).is_err(), "byte {at}");
    }
}

#[test]
fn stored_parts_hold_nothing_unknown() {
    let sent = accepted();
    let hidden = [sent.parts.as_slice(), &[0xc0, 0x3e, 0x01]].concat();
    assert_eq!(reopen(&hidden, &sent.skeleton), Err(PartsError::Unreadable));
}

#[test]
fn nothing_of_the_content_is_printed() {
    let sent = composed(EventKind::Disclosed, ThreadKind::Referral);
    let received = read(&envelope(&sent)).expect("well formed");
    let opened = open(&received, &ring(&received)).expect("sealed to this node");
    for printed in [format!("{sent:?}"), format!("{opened:?}"), format!("{:?}", opened.content)] {
        assert!(!printed.contains("Amina"), "{printed}");
        let bytes: Vec<String> = b"Amina".iter().map(u8::to_string).collect();
        assert!(!printed.contains(&bytes.join(", ")), "{printed}");
    }
}

#[test]
fn any_single_bit_counts() {
    let bytes = envelope(&accepted());
    let received = read(&bytes).expect("well formed");
    let (keys, ring) = (keys(&received), ring(&received));
    for at in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[at / 8] ^= 1 << (at % 8);
        let Ok(other) = read(&flipped) else { continue };
        let taken = other.verify(&keys).is_ok() && open(&other, &ring).is_ok();
        assert!(!taken, "bit {at}");
    }
}

#[test]
fn every_cut_is_refused() {
    let bytes = envelope(&accepted());
    for length in 0..bytes.len() {
        // Cut right before the sealed box, it is an envelope whose content was erased.
        if let Ok(received) = read(&bytes[..length]) {
            assert_eq!(received.sealed, None);
            assert_eq!(received.payload, accepted().payload);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(read(&bytes).is_err());
    }

    #[test]
    fn parts_of_any_content_come_back(content in contents()) {
        let salted = parts::salt(content::encode(&content), &mut rng());
        let skeleton = committing_to(&salted);
        prop_assert_eq!(reopen(&parts::encode(salted), &skeleton), Ok(content));
    }
}

#[test]
fn all_parts_together_come_back() {
    let salted = parts::salt(content::encode(&everything()), &mut rng());
    let skeleton = committing_to(&salted);
    assert_eq!(reopen(&parts::encode(salted), &skeleton), Ok(everything()));
}

fn committing_to(parts: &[seal::Part]) -> Skeleton {
    let commitments = parts.iter().map(|part| (part.class, seal::commitment(part))).collect();
    Skeleton { commitments, ..skeleton(EventKind::Sent, ThreadKind::Referral) }
}

#[test]
fn what_is_blanked_keeps_its_instants_and_nothing_else() {
    let sent = composed(EventKind::Note, ThreadKind::Referral);
    let left = blanked(&sent.parts).unwrap().expect("it had instants");
    let content = reopen(&left, &sent.skeleton).unwrap();
    let whole = reopen(&sent.parts, &sent.skeleton).unwrap();
    assert!(whole.note.is_some());
    assert_eq!(content, Content { times: whole.times, ..Content::default() });
    assert_eq!(blanked(&left).unwrap(), Some(left.clone()), "blanked twice is the same");
    let mut forged = left.clone();
    *forged.last_mut().unwrap() ^= 1;
    assert!(reopen(&forged, &sent.skeleton).is_err());
    let mut timeless = sent.skeleton.clone();
    timeless.commitments.retain(|(class, _)| *class != DataClass::Times.number());
    assert!(reopen(&left, &timeless).is_err(), "instants nobody committed to");
}

#[test]
fn only_what_may_be_voided_may_be_blanked() {
    const VOIDABLE: [EventKind; 9] = [
        EventKind::InfoRequested,
        EventKind::InfoGiven,
        EventKind::Waitlisted,
        EventKind::Scheduled,
        EventKind::NoShow,
        EventKind::Arrived,
        EventKind::Note,
        EventKind::Corrected,
        EventKind::WithdrawalAsked,
    ];
    for (kind, thread) in each_kind() {
        let sent = composed(kind, thread);
        let Some(left) = blanked(&sent.parts).unwrap() else { continue };
        // Without anything but instants to lose, it is whole.
        let whole = left == sent.parts;
        let read = reopen(&left, &sent.skeleton);
        assert_eq!(read.is_ok(), whole || VOIDABLE.contains(&kind), "{kind}");
    }
}
