//! What makes an introduction lapse: before both admins confirmed, the common partner's word and standing must last.

use super::house::{House, Triangle};
use relais_domain::thread::Trust;
use relais_server::introductions::{IntroduceError, Standing};
use relais_server::peers::PeerTrust;

/// What becomes of the one who vouches, as C sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Loss {
    Suspended,
    Removed,
    TakenBack,
    Expired,
}

const LOSSES: [Loss; 4] = [Loss::Suspended, Loss::Removed, Loss::TakenBack, Loss::Expired];

impl Loss {
    async fn befalls(self, triangle: &Triangle) {
        let Triangle { a, b, c } = triangle;
        let peers = c.engine.peers();
        match self {
            Self::Suspended => peers.set_trust(b.id(), PeerTrust::Suspended).await.expect("suspended"),
            Self::Removed => peers.set_trust(b.id(), PeerTrust::Removed).await.expect("removed"),
            Self::TakenBack => {
                b.takes_back(a).await;
                b.tells(c).await;
            }
            Self::Expired => c.actor.clock.shift(relais_domain::time::Span::days(366)),
        }
    }
}

async fn gone(house: &House, other: &House) {
    assert_eq!(house.trust(other), None);
    assert!(house.engine.peers().peer(other.id()).is_none());
}

#[tokio::test]
async fn it_lapses_while_the_admin_has_not_confirmed() {
    for loss in LOSSES {
        let triangle = Triangle::introduced().await;
        loss.befalls(&triangle).await;
        triangle.c.introductions.round().await.expect("looked after");
        let expected = if loss == Loss::Expired { Standing::Expired } else { Standing::Lapsed };
        assert_eq!(triangle.c.stands(&triangle.a).await, Some(expected), "{loss:?}");
        gone(&triangle.c, &triangle.a).await;
    }
}

#[tokio::test]
async fn confirming_looks_again_itself() {
    for loss in LOSSES {
        let triangle = Triangle::introduced().await;
        loss.befalls(&triangle).await;
        let confirmed = triangle.c.confirms(&triangle.a).await;
        assert!(confirmed.is_err(), "{loss:?}");
        assert_eq!(triangle.c.trust(&triangle.a), None, "{loss:?}");
    }
    let triangle = Triangle::introduced().await;
    Loss::TakenBack.befalls(&triangle).await;
    let confirmed = triangle.c.confirms(&triangle.a).await;
    assert!(matches!(confirmed, Err(IntroduceError::NotVouched)), "{confirmed:?}");
    gone(&triangle.c, &triangle.a).await;
}

#[tokio::test]
async fn what_one_side_confirmed_is_suspended_until_the_other_was_seen() {
    for loss in [Loss::Suspended, Loss::Removed, Loss::TakenBack] {
        let triangle = Triangle::introduced().await;
        let Triangle { a, c, .. } = &triangle;
        c.confirms(a).await.expect("confirmed");
        loss.befalls(&triangle).await;
        c.introductions.round().await.expect("looked after");
        assert_eq!(c.trust(a), Some(Trust::Suspended), "{loss:?}");
        assert_eq!(c.stands(a).await, Some(Standing::Lapsed), "{loss:?}");
    }
    let triangle = Triangle::introduced().await;
    let Triangle { a, c, .. } = &triangle;
    c.confirms(a).await.expect("confirmed");
    c.engine.peers().heard(a.id(), None);
    Loss::TakenBack.befalls(&triangle).await;
    c.introductions.round().await.expect("looked after");
    assert_eq!(c.trust(a), Some(Trust::Paired), "both had confirmed");
}

#[tokio::test]
async fn the_side_that_asks_watches_as_well() {
    let Triangle { a, b, c } = Triangle::new().await;
    a.introductions.ask(c.id(), Some(c.endpoint.clone())).await.expect("noted");
    b.takes_back(&c).await;
    b.tells(&a).await;
    assert_eq!(a.introductions.round().await.expect("looked after"), []);
    assert_eq!(a.stands(&c).await, Some(Standing::Lapsed));

    let Triangle { a, b, c } = Triangle::introduced().await;
    b.takes_back(&c).await;
    b.tells(&a).await;
    let confirmed = a.confirms(&c).await;
    assert!(matches!(confirmed, Err(IntroduceError::NotVouched)), "{confirmed:?}");
    gone(&a, &c).await;
}

#[tokio::test]
async fn a_word_said_again_lets_a_lapsed_introduction_be_asked_for_again() {
    let triangle = Triangle::introduced().await;
    let Triangle { a, b, c } = &triangle;
    Loss::TakenBack.befalls(&triangle).await;
    c.introductions.round().await.expect("looked after");
    a.introductions.refuse(c.id()).await.expect("taken back");
    b.endorses(a).await;
    triangle.b_tells().await;
    assert_eq!(a.asks(c).await.expect("asked").standing, Standing::AwaitsUs);
    assert_eq!(a.phrase(c), c.phrase(a));
    assert_eq!(c.introductions.with(a.id()).await.expect("noted").talks, 2, "it goes on counting");
}
