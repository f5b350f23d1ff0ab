//! An introduction that one side confirmed and the other let go leads to no dead pair: both talk again, and confirm anew.

use super::house::{House, Triangle};
use relais_domain::thread::Trust;
use relais_domain::time::Span;
use relais_server::introductions::{IntroduceError, Standing};
use relais_server::pairing::{AGREEMENT, agreement_hash};
use relais_server::peers::{CONFIRM_WITHIN, PeerError, PeerTrust};

/// How one side loses what the other confirmed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Loss {
    /// Its week lapses.
    Lapses,
    /// Its admin says no.
    Refuses,
    /// Its note is lost, as after a crash or with an older copy of the database.
    Lost,
}

impl Loss {
    async fn befalls(self, one: &House, other: &House) {
        match self {
            Self::Lapses => {
                one.actor.clock.shift(Span(CONFIRM_WITHIN.0 + 1_000));
                one.introductions.round().await.expect("looked after");
                one.actor.clock.shift(Span::ZERO);
            }
            Self::Refuses => {
                one.introductions.refuse(other.id()).await.expect("refused");
            }
            Self::Lost => {
                one.engine.peers().decline(other.id()).await.expect("lost");
                one.introductions.round().await.expect("lost");
            }
        }
        assert!(one.engine.peers().peer(other.id()).is_none(), "{self:?}");
    }
}

/// Both wait with the same new words, and confirm.
async fn both_confirm_anew(one: &House, other: &House, former: Option<String>) {
    let words = one.phrase(other);
    assert_eq!(words, other.phrase(one));
    assert!(words.is_some() && words != former, "new words");
    for (one, other) in [(one, other), (other, one)] {
        assert_eq!((one.trust(other), one.stands(other).await), (None, Some(Standing::AwaitsUs)));
        one.confirms(other).await.expect("confirmed");
    }
    assert_eq!((one.trust(other), other.trust(one)), (Some(Trust::Paired), Some(Trust::Paired)));
}

#[tokio::test]
async fn who_asked_and_let_it_go_asks_again() {
    for loss in [Loss::Lapses, Loss::Refuses, Loss::Lost] {
        let Triangle { a, c, .. } = Triangle::introduced().await;
        c.confirms(&a).await.expect("confirmed");
        let former = c.phrase(&a);
        loss.befalls(&a, &c).await;
        assert_eq!(a.asks(&c).await.expect("asked").standing, Standing::AwaitsUs, "{loss:?}");
        both_confirm_anew(&a, &c, former).await;
    }
}

#[tokio::test]
async fn who_confirmed_asks_again_when_the_other_let_it_go() {
    for loss in [Loss::Lapses, Loss::Lost] {
        let Triangle { a, c, .. } = Triangle::introduced().await;
        c.confirms(&a).await.expect("confirmed");
        let former = c.phrase(&a);
        loss.befalls(&a, &c).await;
        assert_eq!(c.asks(&a).await.expect("asked").standing, Standing::AwaitsUs, "{loss:?}");
        both_confirm_anew(&c, &a, former).await;
    }
    // In vain, what was confirmed stands.
    let Triangle { a, c, .. } = Triangle::introduced().await;
    c.confirms(&a).await.expect("confirmed");
    let nowhere = relais_wire::endpoint::Endpoint::parse("127.0.0.1:1").expect("an endpoint");
    c.introductions.ask(a.id(), Some(nowhere)).await.expect("noted");
    assert_eq!(c.trust(&a), Some(Trust::Paired));
    c.actor.clock.shift(Span::days(15));
    c.introductions.round().await.expect("looked after");
    assert_eq!((c.trust(&a), c.stands(&a).await), (Some(Trust::Paired), Some(Standing::Confirmed)));
}

#[tokio::test]
async fn words_that_are_others_by_now_confirm_nobody() {
    let Triangle { a, c, .. } = Triangle::introduced().await;
    let seen = c.phrase(&a).expect("words");
    // A talks again between the page and the press of its button.
    a.engine.peers().decline(c.id()).await.expect("lost");
    a.introductions.round().await.expect("lost");
    a.asks(&c).await.expect("asked");
    let confirmed = c.introductions.confirm(a.id(), &seen).await;
    assert!(matches!(confirmed, Err(IntroduceError::Peer(PeerError::OtherWords))), "{confirmed:?}");
    assert_eq!((c.trust(&a), c.stands(&a).await), (None, Some(Standing::AwaitsUs)));
    c.confirms(&a).await.expect("by the words of now");
}

#[tokio::test]
async fn an_invitation_serves_as_well() {
    let Triangle { a, c, .. } = Triangle::introduced().await;
    c.confirms(&a).await.expect("confirmed");
    let chain = a.actor.own.chain().as_ref().clone();
    let invited = c.engine.peers().propose(chain, "other words".to_owned(), agreement_hash(AGREEMENT));
    invited.await.expect("pending");
    assert_eq!((c.trust(&a), c.phrase(&a).as_deref()), (None, Some("other words")));
    c.engine.peers().set_trust(a.id(), PeerTrust::Paired).await.expect("confirmed anew");
}

#[tokio::test]
async fn who_was_met_does_not_go_back_whatever_it_says() {
    let Triangle { a, c, .. } = Triangle::introduced().await;
    c.confirms(&a).await.expect("confirmed");
    a.confirms(&c).await.expect("confirmed");
    c.engine.peers().heard(a.id(), None);
    c.introductions.round().await.expect("looked after");
    let chain = || a.actor.own.chain().as_ref().clone();
    let again =
        async || c.engine.peers().propose(chain(), "others".to_owned(), agreement_hash(AGREEMENT)).await;
    assert!(matches!(again().await, Err(PeerError::NotFromHere(_))));
    assert!(c.engine.peers().peer(a.id()).expect("a partner").is_met(), "after a start anew, too");
    assert_eq!(c.trust(&a), Some(Trust::Paired));
}
