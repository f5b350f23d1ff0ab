//! Proofs: of the manifest's signing key, of its TLS CA, on this connection.

use super::bench::Actor;
use super::liar::{Liar, Lie};
use super::relay::Relay;
use super::scene::{Scene, join, with_endpoints};
use relais_domain::structure_id::StructureId;
use relais_domain::time::Span;
use relais_server::own::{Own, Profile, claims};
use relais_server::pairing::{IntroductionError, JoinError, PairRefusal, Standing};
use relais_server::tls::{Ca, LEAF_LIFETIME, LeafBox, PinBoard};
use relais_wire::keys::{SealSecret, SigningSecret};
use relais_wire::manifest::chain::Chain;
use relais_wire::manifest::{Manifest, StructureKind};
use relais_wire::pairing::{Invitation, InvitationSecret, ProofError};
use std::sync::Arc;

/// `actor` with these parts replaced: what a thief of some of its keys could run.
struct Forged {
    ca_named: Vec<u8>,
    issued_by: Ca,
    /// Whom the leaf names; itself when `None`.
    names: Option<StructureId>,
    signs_with: u8,
    valid_for: Span,
}

/// A structure whose manifest names `ca_named`, whose leaf is from `issued_by`.
fn forge(name: &str, forged: Forged) -> Actor {
    let mut actor = Actor::new(name);
    let (root, next) = (SigningSecret::from_bytes(&[11; 32]), SigningSecret::from_bytes(&[12; 32]));
    let (signing, sealing) = (SigningSecret::from_bytes(&[13; 32]), SealSecret::from_bytes(&[14; 32]));
    let profile = Profile {
        name: name.to_owned(),
        kind: StructureKind::Other,
        endpoints: Vec::new(),
        pairing_endpoints: Vec::new(),
    };
    let mut said = claims(&profile, &forged.ca_named, &signing, &sealing, actor.now());
    said.valid_until = said.valid_from.plus(forged.valid_for);
    let manifest = Manifest::first(&said, &root, next.verify_key().spki_hash()).expect("a manifest");
    let chain = Chain::found(manifest).expect("a chain");
    let structure = chain.structure();
    let leaf = forged
        .issued_by
        .issue_leaf(forged.names.unwrap_or(structure), actor.now(), LEAF_LIFETIME)
        .expect("a leaf");
    let signs = SigningSecret::from_bytes(&[forged.signs_with; 32]);
    actor.own = Arc::new(Own::new(chain, signs, vec![sealing]));
    actor.leaf = Arc::new(LeafBox::new(&leaf).expect("its key"));
    // A thief's own board refuses nothing.
    actor.pins = Arc::new(PinBoard::new(structure, own_ca().certificate()).expect("a board"));
    actor
}

/// The CA of the structure that [`forge`] makes, when nothing is forged.
fn own_ca() -> Ca {
    Ca::generate(SigningSecret::from_bytes(&[11; 32]).verify_key().structure_id()).expect("a CA")
}

fn honest() -> Forged {
    let ca = own_ca();
    Forged {
        ca_named: ca.certificate().to_vec(),
        issued_by: ca,
        names: None,
        signs_with: 13,
        valid_for: Span::days(30),
    }
}

async fn refusal(scene: &mut Scene, actor: &Actor, invitation: &Invitation) -> PairRefusal {
    let error = join(actor, invitation).await.expect_err("it is refused");
    let JoinError::Refused(refusal) = error else { unreachable!("refused otherwise: {error}") };
    assert!(scene.has_no_outcome());
    refusal
}

#[tokio::test]
async fn the_forgers_tools_with_nothing_forged_come_in() {
    let mut scene = Scene::new().await;
    let invitation = scene.invite().await;
    join(&forge("Honnête", honest()), &invitation).await.expect("paired");
    scene.outcome().await;
}

#[tokio::test]
async fn possession_of_the_signing_key_is_needed() {
    let mut scene = Scene::new().await;
    let invitation = scene.invite().await;
    let thief = forge("Voleuse", Forged { signs_with: 99, ..honest() });
    assert_eq!(refusal(&mut scene, &thief, &invitation).await, PairRefusal::Proof);
    assert_eq!(scene.view(invitation.number).await.wrong_proofs, 1);
}

#[tokio::test]
async fn a_certificate_that_is_not_from_the_manifests_ca_is_refused() {
    let mut scene = Scene::new().await;
    let invitation = scene.invite().await;
    let thief = forge("Voleuse", Forged { issued_by: own_ca(), ..honest() });
    assert_eq!(refusal(&mut scene, &thief, &invitation).await, PairRefusal::Manifest);
    // Nor is a certificate of another name from the right CA.
    let names = Some(Actor::new("Autre").id());
    let thief = forge("Voleuse", Forged { names, ..honest() });
    assert_eq!(refusal(&mut scene, &thief, &invitation).await, PairRefusal::Manifest);
    assert_eq!(scene.view(invitation.number).await.standing, Standing::Open);
}

#[tokio::test]
async fn a_partners_ca_in_ones_own_manifest_is_refused() {
    let mut scene = Scene::new().await;
    let invitation = scene.invite().await;
    let partner = Actor::new("Partenaire");
    scene.inviter.trust(&partner);
    // Even with the partner's stolen CA key.
    let stolen =
        Ca::from_parts(partner.id(), partner.ca.certificate().to_vec(), partner.ca_key.clone().into());
    let ca_named = partner.ca.certificate().to_vec();
    let thief = forge("Voleuse", Forged { ca_named, issued_by: stolen.expect("its parts"), ..honest() });
    assert_eq!(refusal(&mut scene, &thief, &invitation).await, PairRefusal::Manifest);
    // Nor the inviter's own.
    let ca_named = scene.inviter.ca.certificate().to_vec();
    let stolen = Ca::from_parts(scene.inviter.id(), ca_named.clone(), scene.inviter.ca_key.clone().into());
    let thief = forge("Voleuse", Forged { ca_named, issued_by: stolen.expect("its parts"), ..honest() });
    assert_eq!(refusal(&mut scene, &thief, &invitation).await, PairRefusal::Manifest);
}

#[tokio::test]
async fn an_expired_manifest_is_refused() {
    let mut scene = Scene::new().await;
    let invitation = scene.invite().await;
    let late = forge("Attardée", Forged { valid_for: Span::minutes(30), ..honest() });
    assert_eq!(refusal(&mut scene, &late, &invitation).await, PairRefusal::Manifest);
    let late = Scene::of(forge("Attardée", Forged { valid_for: Span::minutes(30), ..honest() })).await;
    let refused = join(&Actor::new("Joignante"), &late.invite().await).await;
    let expired = |error: &JoinError| matches!(error, JoinError::Introduction(IntroductionError::Validity));
    assert!(refused.as_ref().is_err_and(expired), "{refused:?}");
}

#[tokio::test]
async fn whoever_passes_it_all_on_is_found_out_before_the_joiner_says_who_it_is() {
    let mut scene = Scene::new().await;
    let invitation = scene.invite().await;
    let (actor, thief) = (Actor::new("Joignante au nom long"), Actor::new("Voleuse"));
    // The thief answers under the inviter's name, with a CA of its own, and passes every byte on.
    let forged = thief.ca.issue_leaf(scene.inviter.id(), thief.now(), LEAF_LIFETIME).expect("a leaf");
    let relay = Relay::between(&scene.endpoint, &forged, &forged).await;
    let relayed = Invitation { endpoints: vec![relay.endpoint.clone()], ..invitation };
    let refused = join(&actor, &relayed).await;
    let not_from_its_ca =
        |error: &JoinError| matches!(error, JoinError::Introduction(IntroductionError::Certificate(_)));
    assert!(refused.as_ref().is_err_and(not_from_its_ca), "{refused:?}");
    assert!(relay.has_heard_something());
    assert!(!relay.heard(b"Joignante au nom long"));
    assert!(scene.has_no_outcome());
    let view = scene.view(relayed.number).await;
    assert_eq!((view.standing, view.wrong_proofs), (Standing::Open, 0));
}

#[tokio::test]
async fn a_relay_with_both_stolen_certificates_still_fails() {
    let mut scene = Scene::new().await;
    let invitation = scene.invite().await;
    let actor = Actor::new("Joignante au nom long");
    // The thief holds leaves that the right CAs issued: only the connection is another, and its exporter tells.
    let as_inviter = scene.inviter.ca.issue_leaf(scene.inviter.id(), scene.inviter.now(), LEAF_LIFETIME);
    let as_joiner = actor.ca.issue_leaf(actor.id(), actor.now(), LEAF_LIFETIME);
    let relay =
        Relay::between(&scene.endpoint, &as_inviter.expect("a leaf"), &as_joiner.expect("a leaf")).await;
    let relayed = Invitation { endpoints: vec![relay.endpoint.clone()], ..invitation };
    assert_eq!(refusal(&mut scene, &actor, &relayed).await, PairRefusal::Proof);
    assert!(relay.heard(b"Joignante au nom long"));
    let view = scene.view(relayed.number).await;
    assert_eq!((view.standing, view.wrong_proofs), (Standing::Open, 1));
    // Directly, the same link works.
    let direct = Invitation { endpoints: vec![scene.endpoint.clone()], ..relayed };
    join(&actor, &direct).await.expect("paired");
    scene.outcome().await;
}

#[tokio::test]
async fn another_structure_at_the_inviters_address_is_not_believed() {
    let scene = Scene::new().await;
    let invitation = scene.invite().await;
    // It answers under the inviter's name and offers manifests of its own.
    let mut thief = Actor::new("Voleuse");
    let forged = thief.ca.issue_leaf(scene.inviter.id(), thief.now(), LEAF_LIFETIME).expect("a leaf");
    thief.leaf = Arc::new(LeafBox::new(&forged).expect("its key"));
    let theirs = Scene::of(thief).await;
    let misled = Invitation { endpoints: vec![theirs.endpoint.clone()], ..invitation };
    let refused = join(&Actor::new("Joignante"), &misled).await;
    assert!(matches!(refused, Err(JoinError::NotTheInviter)), "{refused:?}");
}

#[tokio::test]
async fn the_inviter_proves_itself_too() {
    let scene = Scene::new().await;
    for (lie, expected) in [(Lie::WrongSecret, ProofError::Secret), (Lie::WrongKey, ProofError::Possession)] {
        let secret = || InvitationSecret::from_bytes(&[5; 16]);
        let liar = Liar::of(&scene.inviter, secret(), lie).await;
        let invitation = scene.invite().await;
        let endpoints = [liar.endpoint.clone()];
        let invitation = Invitation { secret: secret(), ..with_endpoints(&invitation, &endpoints) };
        let refused = join(&Actor::new("Joignante"), &invitation).await;
        assert!(
            matches!(&refused, Err(JoinError::Proof(error)) if *error == expected),
            "{lie:?} {refused:?}"
        );
    }
    let liar = Liar::of(&scene.inviter, InvitationSecret::from_bytes(&[5; 16]), Lie::OtherAgreement).await;
    let invitation = scene.invite().await;
    let endpoints = [liar.endpoint.clone()];
    let secret = InvitationSecret::from_bytes(&[5; 16]);
    let invitation = Invitation { secret, ..with_endpoints(&invitation, &endpoints) };
    let refused = join(&Actor::new("Joignante"), &invitation).await;
    assert!(matches!(refused, Err(JoinError::Agreement)), "{refused:?}");
}
