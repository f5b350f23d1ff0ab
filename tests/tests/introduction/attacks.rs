//! What a stranger may show in vain: everybody else's word, an old one, another's, and its own under another's name.

use super::bench::Actor;
use super::house::{House, Triangle, YEAR};
use super::raw::Knock;
use relais_domain::digest::Digest;
use relais_domain::directory::{Endorsement, Pin, Scope};
use relais_domain::territory::Coverage;
use relais_domain::time::Span;
use relais_proto::peer::v1::PairRefusal;
use relais_server::introductions::{Standing, Trouble};
use relais_server::own::Own;
use relais_server::tls::{LEAF_LIFETIME, LeafBox, PinBoard};
use relais_wire::keys::SigningSecret;
use std::sync::Arc;

const NOT_VOUCHED: Option<Trouble> = Some(Trouble::NotVouchedThere);

#[tokio::test]
async fn without_a_word_nobody_is_let_near() {
    let triangle = Triangle::silent().await;
    triangle.b.endorses(&triangle.c).await;
    triangle.b_tells().await;
    assert_eq!(triangle.refused().await, NOT_VOUCHED);
}

#[tokio::test]
async fn the_word_of_a_structure_that_is_no_partner_counts_for_nothing() {
    let triangle = Triangle::silent().await;
    let stranger = House::new("D").await;
    triangle.a.knows(&stranger).await;
    stranger.endorses(&triangle.a).await;
    stranger.tells(&triangle.a).await;
    triangle.b.endorses(&triangle.c).await;
    triangle.b_tells().await;
    assert_eq!(triangle.refused().await, NOT_VOUCHED);
    let of_a = triangle.c.directory.endorsements_of(triangle.a.id());
    assert!(of_a.is_empty(), "what no partner signed is not even kept");
}

#[tokio::test]
async fn a_word_that_reaches_the_other_side_with_the_stranger_alone_is_heeded() {
    let triangle = Triangle::silent().await;
    let Triangle { a, b, c } = &triangle;
    b.endorses(a).await;
    b.endorses(c).await;
    b.tells(a).await;
    // C has heard nothing of B lately: A brings B's word along, and C's for A.
    assert_eq!(a.asks(c).await.expect("asked").standing, Standing::AwaitsUs);
    assert_eq!(c.directory.endorsements_of(a.id()).len(), 1);
}

#[tokio::test]
async fn an_expired_word_is_none() {
    let triangle = Triangle::silent().await;
    triangle.b.says(triangle.b.word_for(&triangle.a), Span::days(31)).await;
    triangle.b.endorses(&triangle.c).await;
    triangle.b_tells().await;
    triangle.c.actor.clock.shift(Span::days(32));
    let held = triangle.c.directory.endorsements_of(triangle.a.id());
    assert!(held.is_empty());
    // A's clock stands still: it shows the word as if it were good. (Its certificate is renewed.)
    let leaf = triangle.a.actor.ca.issue_leaf(triangle.a.id(), triangle.c.actor.now(), LEAF_LIFETIME);
    let leaf = leaf.expect("a leaf");
    let shown = triangle.a.directory.endorsements_signed(triangle.a.id(), 8).await.expect("bytes");
    assert_eq!(shown.len(), 1);
    let knock = Knock::of(&triangle.a.actor).with_leaf(leaf).showing(shown);
    assert_eq!(knock.at(&triangle.c).await, Some(PairRefusal::NotVouched));
    assert!(triangle.c.has_never_heard_of(&triangle.a).await);
}

#[tokio::test]
async fn a_word_taken_back_is_none_though_its_bytes_are_shown() {
    let triangle = Triangle::new().await;
    let Triangle { a, b, c } = &triangle;
    let shown = a.directory.endorsements_signed(a.id(), 8).await.expect("bytes");
    b.takes_back(a).await;
    b.tells(c).await;
    assert_eq!(Knock::of(&a.actor).showing(shown).at(c).await, Some(PairRefusal::NotVouched));
    // A asks with what it holds; it has not heard.
    assert_eq!(triangle.refused().await, NOT_VOUCHED);
}

#[tokio::test]
async fn the_word_for_another_is_none_for_who_shows_it() {
    let Triangle { a, c, .. } = Triangle::new().await;
    let thief = House::new("Voleuse").await;
    let shown = a.directory.endorsements_signed(a.id(), 8).await.expect("bytes");
    // Under its own name, with the word for A.
    assert_eq!(Knock::of(&thief.actor).showing(shown.clone()).at(&c).await, Some(PairRefusal::NotVouched));
    // With A's manifests over a connection of its own.
    let replayed = Knock::of(&thief.actor).introducing(&a.actor).showing(shown.clone());
    assert_eq!(replayed.at(&c).await, Some(PairRefusal::Manifest));
    // With a certificate that names A, from a CA of its own.
    let forged = thief.actor.ca.issue_leaf(a.id(), thief.actor.now(), LEAF_LIFETIME).expect("a leaf");
    let forged = Knock::of(&thief.actor).with_leaf(forged).introducing(&a.actor).showing(shown);
    assert_eq!(forged.at(&c).await, Some(PairRefusal::Manifest));
    assert!(c.has_never_heard_of(&thief).await && c.has_never_heard_of(&a).await);
}

#[tokio::test]
async fn possession_of_the_signing_key_is_needed() {
    let Triangle { a, b, c } = Triangle::new().await;
    // A thief of A's TLS key alone: the certificate and the manifests are right, the signing key is not.
    let mut thief = Actor::new("A");
    let wrong = SigningSecret::from_bytes(&[77; 32]);
    thief.own = Arc::new(Own::new(a.actor.own.chain().as_ref().clone(), wrong, Vec::new()));
    let leaf = a.actor.ca.issue_leaf(a.id(), a.actor.now(), LEAF_LIFETIME).expect("a leaf");
    thief.leaf = Arc::new(LeafBox::new(&leaf).expect("its key"));
    thief.pins = Arc::new(PinBoard::new(a.id(), a.actor.ca.certificate()).expect("a board"));
    let thief = House::of(thief).await;
    thief.knows(&b).await;
    b.tells(&thief).await;
    let asked = thief.asks(&c).await.expect("noted");
    assert_eq!((asked.standing, asked.trouble), (Standing::Asking, Some(Trouble::NotBelieved)));
    assert!(c.has_never_heard_of(&a).await);
}

#[tokio::test]
async fn whoever_answers_at_the_address_must_be_the_structure_that_was_meant_and_vouched_for() {
    let Triangle { a, b, c } = Triangle::new().await;
    let other = House::new("D").await;
    a.introductions.ask(c.id(), Some(other.endpoint.clone())).await.expect("noted");
    let tried = a.introductions.try_once(c.id(), &a.joiner).await.expect("tried");
    assert_eq!((tried.standing, tried.trouble), (Standing::Asking, Some(Trouble::Unreachable)));
    // It answers under C's name, with a certificate of its own making and manifests of its own.
    let mut liar = Actor::new("Menteuse");
    let forged = liar.ca.issue_leaf(c.id(), liar.now(), LEAF_LIFETIME).expect("a leaf");
    liar.leaf = Arc::new(LeafBox::new(&forged).expect("its key"));
    let liar = House::of(liar).await;
    a.introductions.ask(c.id(), Some(liar.endpoint.clone())).await.expect("noted");
    let tried = a.introductions.try_once(c.id(), &a.joiner).await.expect("tried");
    assert_eq!((tried.standing, tried.trouble), (Standing::Asking, Some(Trouble::NotBelieved)));
    assert!(liar.has_never_heard_of(&a).await);
    // C itself, for which B's word ended between asking and dialling.
    b.takes_back(&c).await;
    a.introductions.ask(c.id(), Some(c.endpoint.clone())).await.expect("noted");
    b.tells(&a).await;
    let tried = a.introductions.try_once(c.id(), &a.joiner).await.expect("tried");
    assert_eq!(tried.standing, Standing::Lapsed);
    assert!(c.has_never_heard_of(&a).await, "A hung up before it proved itself");
}

#[tokio::test]
async fn a_pin_that_lies_in_no_manifest_of_the_stranger_is_no_pin() {
    let wrong_manifest = |pin: Pin| Pin { manifest: Digest::of(b"another"), ..pin };
    let later_manifest = |pin: Pin| Pin { sequence: pin.sequence + 1, ..pin };
    for spoil in [wrong_manifest as fn(Pin) -> Pin, later_manifest] {
        let triangle = Triangle::silent().await;
        let word = triangle.b.word_for(&triangle.a);
        triangle.b.says(Endorsement { pin: spoil(word.pin), ..word }, YEAR).await;
        triangle.b.endorses(&triangle.c).await;
        triangle.b_tells().await;
        assert_eq!(triangle.refused().await, NOT_VOUCHED);
    }
}

/// Threat: a thief of a root that was given up since shows the manifests that others vouched for.
#[tokio::test]
async fn manifests_of_before_a_rotation_that_is_known_are_vouched_for_by_nobody() {
    let (actor, next_root) = Actor::founded("A");
    let triangle = Triangle::from(actor).await;
    let Triangle { a, b, c } = &triangle;
    b.endorses(a).await;
    b.endorses(c).await;
    triangle.b_tells().await;
    let stolen = a.actor.own.chain();
    assert_eq!(c.introductions.vouchers(&stolen).len(), 1);
    let announced = SigningSecret::from_bytes(&[77; 32]).verify_key().spki_hash();
    let rotation = stolen.rotation(stolen.current().claims(), &next_root, announced).expect("signed");
    let rotated = stolen.accept(rotation).expect("it goes on").chain;
    c.directory.turn_root(&rotated).await.expect("heard of");
    assert_eq!(triangle.refused().await, NOT_VOUCHED);
}

#[tokio::test]
async fn a_word_counts_where_it_is_good() {
    let triangle = Triangle::silent().await;
    let Triangle { a, b, c } = &triangle;
    let here = Scope { territories: Coverage::parse(&["17"]).expect("known"), ..b.word_for(a).scope };
    b.says(Endorsement { scope: here, ..b.word_for(a) }, YEAR).await;
    b.endorses(c).await;
    triangle.b_tells().await;
    c.is_in("33063").await;
    assert_eq!(triangle.refused().await, NOT_VOUCHED);
    c.is_in("17300").await;
    assert_eq!(a.asks(c).await.expect("asked").standing, Standing::AwaitsUs);
}

#[tokio::test]
async fn a_suspended_partner_vouches_for_nobody() {
    let triangle = Triangle::new().await;
    let peers = triangle.c.engine.peers();
    peers.set_trust(triangle.b.id(), relais_server::peers::PeerTrust::Suspended).await.expect("suspended");
    assert_eq!(triangle.refused().await, NOT_VOUCHED);
}

#[tokio::test]
async fn a_ca_that_is_pinned_for_another_is_no_strangers() {
    let Triangle { a, c, .. } = Triangle::new().await;
    let partner = Actor::new("Partenaire");
    c.actor.pins.pin(partner.id(), a.actor.ca.certificate()).expect("a pin");
    let asked = a.asks(&c).await.expect("noted");
    assert_eq!((asked.standing, asked.trouble), (Standing::Asking, Some(Trouble::NotBelieved)));
    assert!(c.has_never_heard_of(&a).await);
    // Nor is C's at A.
    let Triangle { a, c, .. } = Triangle::new().await;
    a.actor.pins.pin(partner.id(), c.actor.ca.certificate()).expect("a pin");
    let asked = a.asks(&c).await.expect("noted");
    assert_eq!((asked.standing, asked.trouble), (Standing::Asking, Some(Trouble::NotBelieved)));
    assert!(c.has_never_heard_of(&a).await);
}

#[tokio::test]
async fn frames_out_of_place_or_out_of_bounds_end_the_talk() {
    let Triangle { a, c, .. } = Triangle::new().await;
    let shown = a.directory.endorsements_signed(a.id(), 8).await.expect("bytes");
    let many = vec![shown[0].clone(); 9];
    assert_eq!(Knock::of(&a.actor).showing(many).at(&c).await, Some(PairRefusal::Manifest));
    let long = vec![vec![7; 4_000]];
    assert_eq!(Knock::of(&a.actor).showing(long).at(&c).await, Some(PairRefusal::Manifest));
    let nonsense = vec![vec![7; 40], b"\xff".to_vec()];
    assert_eq!(Knock::of(&a.actor).showing(nonsense).at(&c).await, None, "C holds B's word itself");
    assert_eq!(Knock::of(&a.actor).silent().at(&c).await, Some(PairRefusal::Manifest));
}
