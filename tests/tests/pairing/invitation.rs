//! The invitation's life: used once, in time, with its secret, and each end told for what it is.

use super::bench::Actor;
use super::scene::{Scene, agreement, join, joiner, with_secret};
use relais_domain::time::Span;
use relais_server::dial::{AddressPolicy, DialError};
use relais_server::pairing::{
    ATTEMPTS_PER_MINUTE_MAX, IntroductionError, JoinError, Joiner, PairRefusal, Standing, agreement_hash,
};
use relais_server::tls::PinError;
use relais_wire::pairing::{Invitation, InvitationNumber, PHRASE_WORDS, Role};

#[tokio::test]
async fn both_sides_come_out_with_the_same_six_words() {
    let mut scene = Scene::new().await;
    let actor = Actor::new("Joignante");
    let invitation = scene.invite().await;
    let ours = join(&actor, &invitation).await.expect("paired");
    let theirs = scene.outcome().await;
    assert_eq!(ours.phrase, theirs.phrase);
    assert_eq!(ours.phrase.split(' ').count(), PHRASE_WORDS);
    assert_eq!((ours.role, theirs.role), (Role::Joiner, Role::Inviter));
    assert_eq!((ours.ours, ours.theirs), (theirs.theirs, theirs.ours));
    assert_eq!((ours.number, theirs.number), (invitation.number, invitation.number));
    assert_eq!((ours.agreement, theirs.agreement), (agreement(), agreement()));
    assert_eq!(ours.chain, *scene.inviter.own.chain());
    assert_eq!(theirs.chain, *actor.own.chain());
    assert_eq!(ours.site_names, ["Accueil"]);
    let standing = scene.view(invitation.number).await.standing;
    assert!(matches!(standing, Standing::Used { by, .. } if by == actor.id()), "{standing:?}");
    // What came out can be pinned, on both sides.
    actor.pins.pin(ours.chain.structure(), ours.chain.tls_ca()).expect("a pin");
    scene.inviter.pins.pin(theirs.chain.structure(), theirs.chain.tls_ca()).expect("a pin");
}

#[tokio::test]
async fn a_second_use_is_told_and_counted() {
    let mut scene = Scene::new().await;
    let invitation = scene.invite().await;
    join(&Actor::new("Joignante"), &invitation).await.expect("paired");
    scene.outcome().await;
    let thief = join(&Actor::new("Voleuse"), &invitation).await;
    assert!(matches!(thief, Err(JoinError::Refused(PairRefusal::Used))), "{thief:?}");
    assert!(scene.has_no_outcome());
    assert_eq!(scene.view(invitation.number).await.late_claims, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_at_once_one_comes_in() {
    let mut scene = Scene::new().await;
    let invitation = scene.invite().await;
    let actors: Vec<Actor> = (0..4).map(|number| Actor::new(&format!("Joignante {number}"))).collect();
    let (one, two, three, four) = tokio::join!(
        join(&actors[0], &invitation),
        join(&actors[1], &invitation),
        join(&actors[2], &invitation),
        join(&actors[3], &invitation),
    );
    let results = [one, two, three, four];
    let used = |result: &&_| matches!(result, Err(JoinError::Refused(PairRefusal::Used)));
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    assert_eq!(results.iter().filter(used).count(), 3, "{results:?}");
    scene.outcome().await;
    assert!(scene.has_no_outcome());
}

#[tokio::test]
async fn three_wrong_proofs_kill_the_invitation_and_both_sides_are_told() {
    let mut scene = Scene::new().await;
    let invitation = scene.invite().await;
    let thief = Actor::new("Voleuse");
    for guess in 1..=3 {
        let refused = join(&thief, &with_secret(&invitation, [guess; 16])).await;
        assert!(matches!(refused, Err(JoinError::Refused(PairRefusal::Proof))), "{refused:?}");
    }
    let view = scene.view(invitation.number).await;
    assert_eq!((view.standing, view.wrong_proofs), (Standing::Dead, 3));
    let late = join(&Actor::new("Joignante"), &invitation).await;
    assert!(matches!(late, Err(JoinError::Refused(PairRefusal::Dead))), "{late:?}");
    assert!(scene.has_no_outcome());
}

#[tokio::test]
async fn two_wrong_proofs_leave_it_open() {
    let mut scene = Scene::new().await;
    let invitation = scene.invite().await;
    for guess in 1..=2 {
        join(&Actor::new("Voleuse"), &with_secret(&invitation, [guess; 16])).await.expect_err("wrong");
    }
    join(&Actor::new("Joignante"), &invitation).await.expect("paired");
    scene.outcome().await;
}

#[tokio::test]
async fn an_unknown_number_is_answered_as_a_wrong_secret() {
    let mut scene = Scene::new().await;
    let known = scene.invite().await;
    let unknown = Invitation { number: InvitationNumber([7; 8]), ..with_secret(&known, [7; 16]) };
    let actor = Actor::new("Curieuse");
    let one = join(&actor, &unknown).await.expect_err("unknown").to_string();
    let other = join(&actor, &with_secret(&known, [7; 16])).await.expect_err("wrong").to_string();
    assert_eq!(one, other);
    assert!(scene.has_no_outcome());
    assert_eq!(scene.invitations.list().await.expect("a list").len(), 1);
}

#[tokio::test]
async fn an_expired_invitation_is_told_as_such_by_either_side() {
    let scene = Scene::new().await;
    let mut invitation = scene.invite().await;
    let actor = Actor::new("Joignante");
    scene.inviter.clock.shift(Span::hours(2));
    actor.clock.shift(Span::hours(2));
    let refused = join(&actor, &invitation).await;
    assert!(matches!(refused, Err(JoinError::Expired)), "{refused:?}");
    // A joiner that will not see it is told by the inviter, once it has proven the secret.
    invitation.expires = actor.now().plus(Span::hours(1));
    let refused = join(&actor, &invitation).await;
    assert!(matches!(refused, Err(JoinError::Refused(PairRefusal::Expired))), "{refused:?}");
    let wrong = join(&actor, &with_secret(&invitation, [1; 16])).await;
    assert!(matches!(wrong, Err(JoinError::Refused(PairRefusal::Proof))), "{wrong:?}");
    assert_eq!(scene.view(invitation.number).await.wrong_proofs, 0);
}

#[tokio::test]
async fn a_withdrawn_invitation_is_over() {
    let scene = Scene::new().await;
    let invitation = scene.invite().await;
    scene.invitations.withdraw(invitation.number).await.expect("it was open");
    let refused = join(&Actor::new("Joignante"), &invitation).await;
    assert!(matches!(refused, Err(JoinError::Refused(PairRefusal::Dead))), "{refused:?}");
}

#[tokio::test]
async fn an_invitation_of_another_structure_is_refused_in_the_handshake() {
    let scene = Scene::new().await;
    let mut foreign = scene.invite().await;
    foreign.inviter = Actor::new("Autre").id();
    let refused = join(&Actor::new("Joignante"), &foreign).await;
    assert!(matches!(refused, Err(JoinError::Dial(DialError::Refused { .. }))), "{refused:?}");
    assert_eq!(scene.view(foreign.number).await.standing, Standing::Open);
}

#[tokio::test]
async fn another_agreement_is_told_and_the_invitation_stays_open() {
    let mut scene = Scene::new().await;
    let invitation = scene.invite().await;
    let actor = Actor::new("Joignante");
    let other = Joiner { agreement: agreement_hash("another text"), ..joiner(&actor) };
    let refused = other.join(&invitation).await;
    assert!(matches!(refused, Err(JoinError::Refused(PairRefusal::Agreement))), "{refused:?}");
    let view = scene.view(invitation.number).await;
    assert_eq!((view.standing, view.wrong_proofs), (Standing::Open, 0));
    join(&actor, &invitation).await.expect("paired");
    scene.outcome().await;
}

#[tokio::test]
async fn a_structure_does_not_pair_with_itself() {
    let scene = Scene::new().await;
    let invitation = scene.invite().await;
    let refused = join(&scene.inviter, &invitation).await;
    let itself = |error: &JoinError| {
        matches!(error, JoinError::Introduction(IntroductionError::Pin(PinError::Ourselves)))
    };
    assert!(refused.as_ref().is_err_and(itself), "{refused:?}");
    assert_eq!(scene.view(invitation.number).await.standing, Standing::Open);
}

#[tokio::test]
async fn an_address_has_ten_attempts_a_minute() {
    let scene = Scene::new().await;
    let invitation = scene.invite().await;
    let unknown = Invitation { number: InvitationNumber([7; 8]), ..with_secret(&invitation, [7; 16]) };
    let actor = Actor::new("Curieuse");
    for _ in 0..ATTEMPTS_PER_MINUTE_MAX {
        let refused = join(&actor, &unknown).await;
        assert!(matches!(refused, Err(JoinError::Refused(PairRefusal::Proof))), "{refused:?}");
    }
    let refused = join(&actor, &invitation).await;
    assert!(matches!(refused, Err(JoinError::Refused(PairRefusal::Rate))), "{refused:?}");
    scene.inviter.clock.shift(Span::minutes(1));
    join(&actor, &invitation).await.expect("paired a minute later");
}

#[tokio::test]
async fn an_address_inside_a_network_is_not_dialled() {
    let scene = Scene::new().await;
    let invitation = scene.invite().await;
    let actor = Actor::new("Joignante");
    let careful = Joiner { policy: AddressPolicy::Public, ..joiner(&actor) };
    let refused = careful.join(&invitation).await;
    assert!(matches!(refused, Err(JoinError::Dial(DialError::Blocked(_)))), "{refused:?}");
}

#[tokio::test]
async fn what_was_paired_can_be_dialled_once_it_is_pinned() {
    let mut scene = Scene::new().await;
    let invitation = scene.invite().await;
    let actor = Actor::new("Joignante");
    join(&actor, &invitation).await.expect("paired");
    scene.outcome().await;
    let unpinned = actor.dialer().dial(&scene.endpoint, scene.inviter.id()).await;
    assert!(matches!(unpinned, Err(DialError::Unpinned)), "{unpinned:?}");
    actor.trust(&scene.inviter);
    actor
        .dialer()
        .dial(&scene.endpoint, scene.inviter.id())
        .await
        .expect("its certificate is the pinned CA's");
}

#[tokio::test]
async fn who_was_cut_off_comes_in_again_by_the_same_link_and_nobody_else_does() {
    let mut scene = Scene::new().await;
    let invitation = scene.invite().await;
    let actor = Actor::new("Joignante");
    let first = join(&actor, &invitation).await.expect("paired");
    scene.outcome().await;
    // As if the inviter's last frame had not arrived: the joiner tries the link again.
    let again = join(&actor, &invitation).await.expect("paired again");
    let theirs = scene.outcome().await;
    assert_eq!((again.phrase, again.number), (theirs.phrase.clone(), theirs.number));
    assert_ne!(first.phrase, theirs.phrase, "each connection has its own words");
    let thief = join(&Actor::new("Voleuse"), &invitation).await;
    assert!(matches!(thief, Err(JoinError::Refused(PairRefusal::Used))), "{thief:?}");
    for guess in 1..=3 {
        join(&actor, &with_secret(&invitation, [guess; 16])).await.expect_err("wrong");
    }
    let late = join(&actor, &invitation).await;
    assert!(matches!(late, Err(JoinError::Refused(PairRefusal::Used))), "{late:?}");
    assert!(scene.has_no_outcome());
}
