//! What dishonest ends may sign: any kind, any `seen` that was written. Verdicts and state never depend on arrival.

use super::*;
use proptest::prelude::*;

/// One event to be signed, in the order of signing.
#[derive(Clone, Debug)]
struct Signed {
    side: Side,
    mark: Mark,
}

fn any_detail() -> impl Strategy<Value = Detail> {
    let day = || prop::option::of((0i64..70).prop_map(|day| START.plus(Span::days(day))));
    let parts = prop::sample::subsequence(ContentPart::ALL.to_vec(), 0..=2).prop_map(Parts::of);
    (day(), day(), day(), prop::option::of(1u32..5), parts).prop_map(
        |(created, not_before, offer_until, voids, erases)| Detail {
            created,
            not_before,
            offer_until,
            voids,
            erases,
            ..Detail::default()
        },
    )
}

/// A history in the order of signing; `behind` says how far what an event names as seen lags what was signed.
fn history(kind: ThreadKind) -> impl Strategy<Value = Vec<Signed>> {
    let opening = match kind {
        ThreadKind::Referral => prop_oneof![
            Just(sent(FeedbackLevel::Outcome, WalkIn::No)),
            Just(sent(FeedbackLevel::Accepted, WalkIn::Yes)),
        ]
        .boxed(),
        ThreadKind::Handover => Just(proposed()).boxed(),
    };
    let step = (any::<bool>(), prop::sample::select(EventKind::ALL.to_vec()), any_detail(), 0u32..4);
    (opening, prop::collection::vec(step, 1..14)).prop_map(|(opening, steps)| {
        let mut signed = vec![Signed { side: Side::Sender, mark: opening }];
        for (by_sender, kind, detail, behind) in steps {
            let side = if by_sender { Side::Sender } else { Side::Receiver };
            let other = signed.iter().filter(|event| event.side != side).count();
            let seen = u32::try_from(other).unwrap().saturating_sub(behind);
            signed.push(Signed { side, mark: Mark { kind, seen, counts: Counts::Yes, detail } });
        }
        signed
    })
}

/// Judges the events in an order of arrival that `picks` chooses among those that can arrive.
fn judged(kind: ThreadKind, signed: &[Signed], picks: &[prop::sample::Index]) -> World {
    let queue = |side: Side| -> Vec<Mark> {
        signed.iter().filter(|event| event.side == side).map(|event| event.mark).collect()
    };
    let (sender, receiver) = (queue(Side::Sender), queue(Side::Receiver));
    let mut world = World { kind, sender: Vec::new(), receiver: Vec::new(), sender_has: 0, receiver_has: 0 };
    for turn in 0.. {
        let ready: Vec<(Side, Mark)> = [
            (Side::Sender, sender.get(world.sender.len()), world.receiver.len()),
            (Side::Receiver, receiver.get(world.receiver.len()), world.sender.len()),
        ]
        .into_iter()
        .filter_map(|(side, mark, has)| mark.map(|mark| (side, *mark, has)))
        .filter(|(_, mark, has)| usize::try_from(mark.seen).unwrap() <= *has)
        .map(|(side, mark, _)| (side, mark))
        .collect();
        if ready.is_empty() {
            break;
        }
        let pick = picks.get(turn).map_or(0, |pick| pick.index(ready.len()));
        let (side, mark) = ready[pick];
        let before = state(kind, world.whole());
        let mark = Mark { counts: counts(kind, world.whole(), side, &mark), ..mark };
        match side {
            Side::Sender => world.sender.push(mark),
            Side::Receiver => world.receiver.push(mark),
        }
        let after = state(kind, world.whole());
        assert!(!before.ended || after.ended, "ended became live: {world:?}");
        assert!(before.label() <= after.label(), "a label fell: {world:?}");
        assert!(!after.disclosed || after.accepted, "disclosed without acceptance: {world:?}");
    }
    assert_eq!(world.length(), signed.len(), "everything arrived");
    world
}

fn check_any_order(
    kind: ThreadKind,
    signed: &[Signed],
    picks: &[prop::sample::Index],
) -> Result<(), TestCaseError> {
    let (as_signed, otherwise) = (judged(kind, signed, &[]), judged(kind, signed, picks));
    prop_assert_eq!(&as_signed.sender, &otherwise.sender);
    prop_assert_eq!(&as_signed.receiver, &otherwise.receiver);
    prop_assert_eq!(state(kind, as_signed.whole()), state(kind, otherwise.whole()));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_verdicts_on_a_referral_depend_on_no_order_of_arrival(
        signed in history(ThreadKind::Referral),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 16),
    ) {
        check_any_order(ThreadKind::Referral, &signed, &picks)?;
    }

    #[test]
    fn the_verdicts_on_a_handover_depend_on_no_order_of_arrival(
        signed in history(ThreadKind::Handover),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 16),
    ) {
        check_any_order(ThreadKind::Handover, &signed, &picks)?;
    }
}
