//! Many at once: endorsers that endorse each other, and structures that ask without end.

use super::house::{House, Triangle};
use relais_domain::time::Span;
use relais_server::introductions::{
    INTRODUCTION_LIFETIME_MAX, INTRODUCTIONS_PER_VOUCHER_MAX, INTRODUCTIONS_WAITING_MAX, Introduction,
    Standing, Trouble,
};
use relais_server::pairing::ATTEMPTS_PER_MINUTE_MAX;

/// How many structures endorse each other.
const SYBILS: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_that_endorse_each_other_get_nowhere() {
    let triangle = Triangle::silent().await;
    let Triangle { a, b, c } = &triangle;
    b.endorses(c).await;
    triangle.b_tells().await;
    let mut sybils = Vec::new();
    for number in 0..SYBILS {
        sybils.push(House::new(&format!("Sybille {number}")).await);
    }
    for (number, sybil) in sybils.iter().enumerate() {
        // A holds them all for partners; C holds none.
        a.knows(sybil).await;
        sybil.endorses(a).await;
        for other in sybils.iter().skip(number + 1).take(3) {
            sybil.endorses(other).await;
        }
        sybil.tells(a).await;
    }
    assert_eq!(a.directory.endorsements_of(a.id()).len(), SYBILS);
    assert_eq!(triangle.refused().await, Some(Trouble::NotVouchedThere));
    assert!(c.directory.endorsements_of(a.id()).is_empty());
}

/// Structures that B recommends to C, and C to them.
async fn recommended(b: &House, c: &House, count: usize) -> Vec<House> {
    let mut all = Vec::new();
    for number in 0..count {
        let house = House::new(&format!("{} {number}", b.actor.own.chain().current().claims().name)).await;
        house.knows(b).await;
        b.endorses(&house).await;
        all.push(house);
    }
    b.endorses(c).await;
    b.tells(c).await;
    for house in &all {
        b.tells(house).await;
    }
    all
}

async fn ask(house: &House, c: &House) -> Introduction {
    // Each comes from an address of its own, as far as C can tell: the minute has passed.
    c.actor.clock.shift(Span(c.actor.now().since(house.actor.now()).0 + 61_000));
    house.asks(c).await.expect("noted")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_vouches_for_everyone_fills_its_own_share_and_no_more() {
    let Triangle { b, c, .. } = Triangle::silent().await;
    let others = recommended(&b, &c, INTRODUCTIONS_PER_VOUCHER_MAX + 1).await;
    let (last, first) = others.split_last().expect("several");
    for house in first {
        assert_eq!(ask(house, &c).await.standing, Standing::AwaitsUs);
    }
    assert_eq!(ask(last, &c).await.trouble, Some(Trouble::Full));
    assert!(c.has_never_heard_of(last).await);
    // A no frees no place at once, and a yes does.
    c.introductions.refuse(first[0].id()).await.expect("refused");
    assert_eq!(ask(last, &c).await.trouble, Some(Trouble::Full));
    c.confirms(&first[1]).await.expect("confirmed");
    assert_eq!(ask(last, &c).await.standing, Standing::AwaitsUs);
    // Another partner's word has room of its own.
    let other = House::new("B2").await;
    c.knows(&other).await;
    let further = recommended(&other, &c, 1).await;
    assert_eq!(ask(&further[0], &c).await.standing, Standing::AwaitsUs);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_many_wait_in_all() {
    let c = House::new("C").await;
    let mut full = false;
    for number in 0..=INTRODUCTIONS_WAITING_MAX / INTRODUCTIONS_PER_VOUCHER_MAX {
        let b = House::new(&format!("B{number}")).await;
        c.knows(&b).await;
        b.knows(&c).await;
        for house in recommended(&b, &c, INTRODUCTIONS_PER_VOUCHER_MAX).await {
            let asked = ask(&house, &c).await;
            full = asked.standing == Standing::Asking && asked.trouble == Some(Trouble::Full);
            if full {
                break;
            }
        }
    }
    assert!(full);
    let waiting = c.introductions.list().await.expect("a list");
    assert_eq!(waiting.len(), INTRODUCTIONS_WAITING_MAX);
    c.actor.clock.shift(Span(2 * INTRODUCTION_LIFETIME_MAX.0));
    c.introductions.round().await.expect("looked after");
    let left = c.introductions.list().await.expect("a list");
    assert!(left.iter().all(|one| one.standing == Standing::Expired));
    assert!(
        c.engine
            .peers()
            .all()
            .iter()
            .all(|(record, _)| record.trust() == relais_server::peers::PeerTrust::Paired)
    );
}

#[tokio::test]
async fn an_address_has_so_many_attempts_a_minute() {
    let Triangle { c, .. } = Triangle::new().await;
    let stranger = House::new("D").await;
    let knock = super::raw::Knock::of(&stranger.actor);
    let mut told = Vec::new();
    for _ in 0..ATTEMPTS_PER_MINUTE_MAX + 2 {
        told.push(knock.at(&c).await);
    }
    let rate = Some(relais_proto::peer::v1::PairRefusal::Rate);
    assert_eq!(told.iter().filter(|answer| **answer == rate).count(), 2, "{told:?}");
}
