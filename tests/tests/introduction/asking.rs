//! Asking, being asked, and what both admins see before anything is opened.

use super::bench::Actor;
use super::house::{House, Triangle};
use relais_domain::thread::Trust;
use relais_domain::time::Span;
use relais_server::introductions::{
    ASK_AGAIN_FIRST, ASK_AGAIN_MAX, INTRODUCTION_LIFETIME_MAX, INTRODUCTIONS_ASKED_MAX, IntroduceError,
    REFUSAL_REMEMBERED, Side, Standing, TALKS_MAX, Trouble,
};
use relais_server::pairing::{AGREEMENT, agreement_hash};
use relais_server::peers::{CONFIRM_WITHIN, Origin, PeerTrust};

#[tokio::test]
async fn both_wait_with_the_same_words_and_nothing_is_open_until_both_confirm() {
    let Triangle { a, b, c } = Triangle::introduced().await;
    let asked = a.introductions.with(c.id()).await.expect("noted");
    let of_c = c.introductions.with(a.id()).await.expect("noted");
    assert_eq!((asked.side, of_c.side), (Side::AskedByUs, Side::AskedOfUs));
    assert_eq!((asked.name.as_str(), of_c.name.as_str()), ("C", "A"));
    assert_eq!(of_c.standing, Standing::AwaitsUs);
    assert_eq!((asked.charged, of_c.charged), (None, Some(b.id())));
    assert_eq!(a.phrase(&c), c.phrase(&a));
    assert_eq!(a.phrase(&c).expect("words").split(' ').count(), 6);
    let chain = a.actor.own.chain();
    let vouching: Vec<_> = c.introductions.vouchers(&chain).into_iter().map(|one| one.by).collect();
    assert_eq!(vouching, [b.id()]);
    for (one, other) in [(&a, &c), (&c, &a)] {
        let record = one.engine.peers().peer(other.id()).expect("it waits");
        assert_eq!((record.trust(), record.origin()), (PeerTrust::Pending, Origin::Introduction));
        assert_eq!(record.agreement(), agreement_hash(AGREEMENT));
        assert_eq!(one.trust(other), None, "no thread, stream or record is open");
        assert!(one.directory.records_of(other.id()).await.expect("records").is_empty());
    }
    c.confirms(&a).await.expect("confirmed");
    assert_eq!((c.trust(&a), a.trust(&c)), (Some(Trust::Paired), None));
    a.confirms(&c).await.expect("confirmed");
    assert_eq!((c.trust(&a), a.trust(&c)), (Some(Trust::Paired), Some(Trust::Paired)));
    assert_eq!(
        (a.stands(&c).await, c.stands(&a).await),
        (Some(Standing::Confirmed), Some(Standing::Confirmed))
    );
    // Seen once, it is a partner like any other: nothing of the introduction is kept.
    c.engine.peers().heard(a.id(), None);
    assert_eq!(c.introductions.round().await.expect("looked after"), []);
    assert_eq!(c.stands(&a).await, None);
    c.directory.forget(b.id()).await.expect("forgotten");
    assert_eq!(c.introductions.round().await.expect("looked after"), []);
    assert_eq!(c.trust(&a), Some(Trust::Paired));
}

#[tokio::test]
async fn everything_noted_is_in_the_ledger() {
    let Triangle { a, c, .. } = Triangle::new().await;
    let size = async |house: &House| house.engine.store().ledger_size().await.expect("a size");
    let before = (size(&a).await, size(&c).await);
    a.asks(&c).await.expect("asked");
    assert_eq!((size(&a).await, size(&c).await), (before.0 + 2, before.1 + 1));
    c.introductions.refuse(a.id()).await.expect("refused");
    a.confirms(&c).await.expect("confirmed");
    assert_eq!((size(&a).await, size(&c).await), (before.0 + 3, before.1 + 2));
}

#[tokio::test]
async fn who_is_away_is_asked_again_with_patience_until_time_is_over() {
    let Triangle { a, c, .. } = Triangle::new().await;
    let nowhere = relais_wire::endpoint::Endpoint::parse("127.0.0.1:1").expect("an endpoint");
    a.introductions.ask(c.id(), Some(nowhere)).await.expect("noted");
    let begun = a.actor.now();
    let tried = a.introductions.try_once(c.id(), &a.joiner).await.expect("tried");
    assert_eq!(
        (tried.standing, tried.tries, tried.trouble),
        (Standing::Asking, 1, Some(Trouble::Unreachable))
    );
    let wait = tried.next_try.since(begun);
    assert!(wait.0 >= ASK_AGAIN_FIRST.0 / 2 && wait.0 <= ASK_AGAIN_FIRST.0 + 5_000, "{wait:?}");
    assert_eq!(a.introductions.round().await.expect("looked after"), [], "not yet");
    a.actor.clock.shift(ASK_AGAIN_FIRST);
    assert_eq!(a.introductions.round().await.expect("looked after"), [c.id()]);
    let mut longest = Span::ZERO;
    for _ in 0..12 {
        let tried = a.introductions.try_once(c.id(), &a.joiner).await.expect("tried");
        longest = longest.max(tried.next_try.since(a.actor.now()));
    }
    assert!(longest > Span(ASK_AGAIN_MAX.0 / 4) && longest <= ASK_AGAIN_MAX, "{longest:?}");
    // It comes back, elsewhere.
    let answered = a.asks(&c).await.expect("asked");
    assert_eq!((answered.standing, answered.trouble), (Standing::AwaitsUs, None));
    assert_eq!(answered.begun, tried.begun, "it is the same introduction");
}

#[tokio::test]
async fn asking_and_waiting_end_in_time_and_leave_nothing() {
    let Triangle { a, c, .. } = Triangle::new().await;
    let nowhere = relais_wire::endpoint::Endpoint::parse("127.0.0.1:1").expect("an endpoint");
    a.introductions.ask(c.id(), Some(nowhere)).await.expect("noted");
    a.actor.clock.shift(Span(INTRODUCTION_LIFETIME_MAX.0 + 1_000));
    assert_eq!(a.introductions.round().await.expect("looked after"), []);
    assert_eq!(a.stands(&c).await, Some(Standing::Expired));
    a.actor.clock.shift(Span::days(45));
    a.introductions.round().await.expect("looked after");
    assert_eq!(a.stands(&c).await, None);

    let Triangle { a, c, .. } = Triangle::introduced().await;
    for (one, other) in [(&a, &c), (&c, &a)] {
        let until = one.introductions.with(other.id()).await.expect("noted").expires;
        assert!(until.since(one.actor.now()) <= CONFIRM_WITHIN);
        one.actor.clock.shift(Span(CONFIRM_WITHIN.0 + 1_000));
        let late = one.confirms(other).await;
        assert!(matches!(late, Err(IntroduceError::Unknown)), "{late:?}");
        one.introductions.round().await.expect("looked after");
        assert_eq!(one.stands(other).await, Some(Standing::Expired));
        assert!(one.engine.peers().peer(other.id()).is_none());
    }
    assert!(INTRODUCTION_LIFETIME_MAX <= Span::days(14) && CONFIRM_WITHIN <= INTRODUCTION_LIFETIME_MAX);
}

#[tokio::test]
async fn an_admins_no_is_remembered_at_both_ends() {
    let Triangle { a, c, .. } = Triangle::introduced().await;
    c.introductions.refuse(a.id()).await.expect("refused");
    assert!(c.engine.peers().peer(a.id()).is_none());
    assert_eq!(c.stands(&a).await, Some(Standing::RefusedHere));
    let no = c.confirms(&a).await;
    assert!(matches!(no, Err(IntroduceError::Unknown)), "{no:?}");
    // A does not know yet; once its own time is over it asks again, and is told.
    a.introductions.refuse(c.id()).await.expect("taken back");
    let told = a.asks(&c).await.expect("asked");
    assert_eq!(told.standing, Standing::RefusedThere);
    let again = a.introductions.ask(c.id(), Some(c.endpoint.clone())).await;
    assert!(matches!(again, Err(IntroduceError::SaidNo(_))), "{again:?}");
    assert_eq!(c.stands(&a).await, Some(Standing::RefusedHere));
    // C may change its mind and ask by itself.
    assert_eq!(c.asks(&a).await.expect("asked").standing, Standing::AwaitsUs);

    let Triangle { a, c, .. } = Triangle::introduced().await;
    c.introductions.refuse(a.id()).await.expect("refused");
    a.introductions.refuse(c.id()).await.expect("taken back");
    for house in [&a, &c] {
        house.is_later(Span(REFUSAL_REMEMBERED.0 - 60_000));
    }
    assert_eq!(a.asks(&c).await.expect("asked").standing, Standing::RefusedThere, "a month has not passed");
    for house in [&a, &c] {
        house.is_later(Span(2 * REFUSAL_REMEMBERED.0 + 60_000));
        house.introductions.round().await.expect("looked after");
    }
    assert_eq!(a.asks(&c).await.expect("asked").standing, Standing::AwaitsUs);
}

#[tokio::test]
async fn what_was_asked_and_reached_nobody_is_taken_back_without_a_trace() {
    let Triangle { a, c, .. } = Triangle::new().await;
    a.introductions.ask(c.id(), Some(c.endpoint.clone())).await.expect("noted");
    a.introductions.refuse(c.id()).await.expect("taken back");
    assert!(a.has_never_heard_of(&c).await);
    let none = a.introductions.refuse(c.id()).await;
    assert!(matches!(none, Err(IntroduceError::Unknown)), "{none:?}");
}

#[tokio::test]
async fn whoever_is_asked_must_be_recommended_known_and_not_asked_already() {
    let Triangle { a, b, c } = Triangle::new().await;
    let ask = async |of: &House, endpoint| a.introductions.ask(of.id(), endpoint).await;
    let at = |house: &House| Some(house.endpoint.clone());
    let stranger = House::new("D").await;
    assert!(matches!(ask(&stranger, at(&stranger)).await, Err(IntroduceError::NotVouched)));
    assert!(matches!(ask(&a, at(&a)).await, Err(IntroduceError::Ourselves)));
    a.engine.peers().heard(b.id(), None);
    assert!(matches!(ask(&b, at(&b)).await, Err(IntroduceError::Peer(_))));
    assert!(matches!(ask(&c, None).await, Err(IntroduceError::NoEndpoint)));
    a.asks(&c).await.expect("asked");
    assert!(matches!(ask(&c, at(&c)).await, Err(IntroduceError::UnderWay)));
    assert!(matches!(c.introductions.ask(a.id(), at(&a)).await, Err(IntroduceError::UnderWay)));
}

#[tokio::test]
async fn so_many_are_asked_for_at_a_time() {
    let Triangle { a, b, .. } = Triangle::new().await;
    let mut asked = Vec::new();
    for number in 0..=INTRODUCTIONS_ASKED_MAX {
        let other = House::new(&format!("D{number}")).await;
        b.endorses(&other).await;
        asked.push(other);
    }
    b.tells(&a).await;
    let (last, first) = asked.split_last().expect("several");
    for other in first {
        a.introductions.ask(other.id(), Some(other.endpoint.clone())).await.expect("noted");
    }
    let one_more = a.introductions.ask(last.id(), Some(last.endpoint.clone())).await;
    assert!(matches!(one_more, Err(IntroduceError::TooMany)), "{one_more:?}");
}

#[tokio::test]
async fn two_that_ask_for_each_other_at_once_end_with_the_same_words() {
    let Triangle { a, c, .. } = Triangle::new().await;
    a.introductions.ask(c.id(), Some(c.endpoint.clone())).await.expect("noted");
    c.introductions.ask(a.id(), Some(a.endpoint.clone())).await.expect("noted");
    // Where both talks meet, neither is finished: the waits are drawn, so they do not meet for ever.
    for _ in 0..3 {
        let (one, other) = tokio::join!(
            a.introductions.try_once(c.id(), &a.joiner),
            c.introductions.try_once(a.id(), &c.joiner),
        );
        assert_eq!(one.expect("tried").standing, other.expect("tried").standing);
        assert_eq!(a.phrase(&c), c.phrase(&a));
    }
    a.introductions.try_once(c.id(), &a.joiner).await.expect("tried");
    assert_eq!(
        (a.stands(&c).await, c.stands(&a).await),
        (Some(Standing::AwaitsUs), Some(Standing::AwaitsUs))
    );
    assert_eq!(a.phrase(&c), c.phrase(&a));
    assert!(a.phrase(&c).is_some());
}

#[tokio::test]
async fn whoever_was_cut_off_talks_again_and_not_for_ever() {
    let Triangle { a, c, .. } = Triangle::new().await;
    let mut talks = 0;
    loop {
        // A's note is lost each time, as after a crash before its own commit.
        a.introductions.ask(c.id(), Some(c.endpoint.clone())).await.expect("noted");
        let answered = a.introductions.try_once(c.id(), &a.joiner).await.expect("tried");
        if answered.standing != Standing::AwaitsUs {
            assert_eq!(answered.trouble, Some(Trouble::Full));
            break;
        }
        talks += 1;
        assert_eq!(a.phrase(&c), c.phrase(&a));
        assert!(talks <= TALKS_MAX, "no end of it");
        // Not so fast that an address has no attempt left.
        for house in [&a, &c] {
            house.is_later(Span::minutes(i64::from(talks)));
        }
        a.engine.peers().decline(c.id()).await.expect("lost");
        a.introductions.round().await.expect("lost");
    }
    assert_eq!(talks, TALKS_MAX);
    assert_eq!(c.stands(&a).await, Some(Standing::AwaitsUs));
    assert_eq!(c.introductions.list().await.expect("a list").len(), 1, "one a structure");
}

#[tokio::test]
async fn another_agreement_is_told_and_opens_nothing() {
    let (a, b) = (House::new("A").await, House::new("B").await);
    let c = House::agreeing_to(Actor::new("C"), "another text").await;
    for (one, other) in [(&a, &b), (&b, &a), (&b, &c), (&c, &b)] {
        one.knows(other).await;
    }
    let triangle = Triangle { a, b, c };
    triangle.b.endorses(&triangle.a).await;
    triangle.b.endorses(&triangle.c).await;
    triangle.b_tells().await;
    assert_eq!(triangle.refused().await, Some(Trouble::Agreement));
}

#[tokio::test]
async fn an_invitation_under_way_is_not_disturbed_and_takes_the_place_of_an_introduction() {
    let Triangle { a, c, .. } = Triangle::new().await;
    let chain = || a.actor.own.chain().as_ref().clone();
    let invited =
        async || c.engine.peers().propose(chain(), "other words".to_owned(), agreement_hash(AGREEMENT)).await;
    invited().await.expect("pending");
    let asked = a.asks(&c).await.expect("noted");
    assert_eq!((asked.standing, asked.trouble), (Standing::Asking, Some(Trouble::Full)));
    assert_eq!(c.phrase(&a).as_deref(), Some("other words"));
    c.engine.peers().decline(a.id()).await.expect("given up");
    assert_eq!(a.asks(&c).await.expect("asked").standing, Standing::AwaitsUs);
    invited().await.expect("pending");
    c.introductions.round().await.expect("looked after");
    assert_eq!(c.stands(&a).await, None);
    assert_eq!(c.phrase(&a).as_deref(), Some("other words"));
}

#[tokio::test]
async fn a_partner_that_asks_is_told_that_it_is_one() {
    let Triangle { a, c, .. } = Triangle::new().await;
    c.knows(&a).await;
    c.engine.peers().heard(a.id(), None);
    let asked = a.asks(&c).await.expect("noted");
    assert_eq!((asked.standing, asked.trouble), (Standing::Asking, Some(Trouble::Known)));
    // One that was removed is a stranger like any other.
    c.engine.peers().set_trust(a.id(), PeerTrust::Removed).await.expect("removed");
    assert_eq!(a.asks(&c).await.expect("noted").trouble, Some(Trouble::NotVouchedThere));
}
