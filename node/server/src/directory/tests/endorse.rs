//! Endorsements published, taken back, renewed, and met again by partners that were away.

use super::*;
use relais_domain::digest::Digest;
use relais_domain::directory::{
    ENDORSEMENT_LIFETIME_MAX, ENDORSEMENT_LIFETIME_MIN, Endorsement, Pin, Scope, Vouched,
};
use relais_domain::territory::Coverage;
use relais_wire::manifest::Claims;
use std::collections::BTreeSet;

const YEAR: Span = Span::days(365);

fn a() -> StructureId {
    StructureId::of_root_spki(b"a")
}

fn endorsement(territories: &[&str]) -> Endorsement {
    let scope = Scope { territories: Coverage::parse(territories).unwrap(), themes: BTreeSet::new() };
    Endorsement { subject: a(), pin: Pin { sequence: 1, manifest: Digest::of(b"manifest") }, scope }
}

impl Bench {
    fn in_(&self, span: Span) -> Timestamp {
        self.clock.now().plus(span)
    }

    async fn endorse(&self, until: Span) -> Published {
        self.directory.endorse(endorsement(&["17"]), self.in_(until)).await.unwrap()
    }

    /// Whether `by` vouches for A here.
    fn holds(&self, by: &Bench) -> bool {
        let themes = BTreeSet::new();
        let asked = Vouched { subject: a(), territory: None, themes: &themes };
        let found = self.directory.vouchers(asked, |one| one == by.us(), |_| true);
        found.iter().any(|voucher| voucher.by == by.us())
    }

    /// The bytes of every record this structure published, as a partner gets them.
    async fn published(&self) -> Vec<Vec<u8>> {
        self.directory.records_of(self.us()).await.unwrap().into_iter().map(|one| one.bytes).collect()
    }

    async fn takes(&self, bytes: &[u8], of: &Bench) -> Result<Admitted, AdmitError> {
        self.directory.admit_from_peer(bytes, &of.own.chain()).await
    }
}

#[tokio::test]
async fn one_is_published_changed_and_taken_back() {
    let (b, c) = (Bench::new("b").await, Bench::new("c").await);
    let until = b.in_(YEAR);
    let said = async |scope: &[&str]| b.directory.endorse(endorsement(scope), until).await;
    assert_eq!(said(&["17"]).await.unwrap(), Published::Created);
    assert_eq!(said(&["17"]).await.unwrap(), Published::Unchanged);
    let first = b.published().await;
    assert_eq!(c.takes(&first[0], &b).await.unwrap(), Admitted::New);
    assert_eq!(said(&["17", "33"]).await.unwrap(), Published::Updated);
    assert!(c.holds(&b) && !c.holds(&c));
    let leaves = b.store.ledger_size().await.unwrap();
    b.directory.withdraw_endorsement(a()).await.unwrap();
    assert_eq!(b.store.ledger_size().await.unwrap(), leaves + 1);
    let again = b.directory.withdraw_endorsement(a()).await;
    assert!(matches!(again, Err(EndorseError::NotEndorsed)), "{again:?}");
    let given = b.directory.endorsements_given();
    assert_eq!((given[0].standing, &given[0].endorsement), (EndorsementStanding::Withdrawn, &None));
    let last = b.published().await;
    assert_eq!(last.len(), 1, "each takes the place of the one before");
    assert_eq!(c.takes(&last[0], &b).await.unwrap(), Admitted::Newer);
    assert!(!c.holds(&b));
    assert_eq!(said(&["17"]).await.unwrap(), Published::Created);
    assert_eq!(c.takes(&b.published().await[0], &b).await.unwrap(), Admitted::Newer);
    assert!(c.holds(&b));
}

#[tokio::test]
async fn it_has_bounds() {
    let b = Bench::new("b").await;
    let lasting = async |span: Span| b.directory.endorse(endorsement(&["17"]), b.in_(span)).await;
    for wrong in [Span(ENDORSEMENT_LIFETIME_MIN.0 - 60_000), Span(ENDORSEMENT_LIFETIME_MAX.0 + 60_000)] {
        assert!(matches!(lasting(wrong).await, Err(EndorseError::Lifetime)));
    }
    let itself = Endorsement { subject: b.us(), ..endorsement(&["17"]) };
    assert!(matches!(b.directory.endorse(itself, b.in_(YEAR)).await, Err(EndorseError::Ourselves)));
    let departements: Vec<String> = (21..38).map(|code| code.to_string()).collect();
    let many: Vec<&str> = departements.iter().map(String::as_str).collect();
    let wide = b.directory.endorse(endorsement(&many), b.in_(YEAR)).await;
    assert!(matches!(wide, Err(EndorseError::Scope)), "{wide:?}");
    assert!(b.published().await.is_empty());
}

#[tokio::test]
async fn an_older_version_is_refused_after_the_newer_one_has_ended() {
    let (b, c) = (Bench::new("b").await, Bench::new("c").await);
    b.endorse(YEAR).await;
    let long = b.published().await.remove(0);
    b.endorse(Span::days(31)).await;
    c.takes(&long, &b).await.unwrap();
    c.takes(&b.published().await[0], &b).await.unwrap();
    for bench in [&b, &c] {
        bench.clock.shift(Span::days(40));
        bench.directory.sweep().await.unwrap();
    }
    assert!(!c.holds(&b));
    let replayed = c.takes(&long, &b).await;
    assert!(
        matches!(replayed, Err(AdmitError::Refused(DirectoryRefusal::Older { held: 2 }))),
        "{replayed:?}"
    );
    let restarted = Bench { directory: c.reload().await, ..c };
    assert!(matches!(
        restarted.takes(&long, &b).await,
        Err(AdmitError::Refused(DirectoryRefusal::Older { .. }))
    ));
    // A partner that was away all the time is told, too: what was shortened is taken back when it ends.
    let away = Bench::new("away").await;
    away.clock.shift(Span::days(40));
    away.takes(&long, &b).await.unwrap();
    let b = Bench { directory: b.reload().await, ..b };
    b.directory.renew().await.unwrap();
    assert_eq!(away.takes(&b.published().await[0], &b).await.unwrap(), Admitted::Newer);
    assert!(!away.holds(&b));
    b.directory.renew().await.unwrap();
    assert_eq!(b.published().await.len(), 1);
}

#[tokio::test]
async fn one_that_ends_by_itself_needs_no_more_words() {
    let b = Bench::new("b").await;
    b.endorse(Span::days(31)).await;
    b.clock.shift(Span::days(32));
    b.directory.renew().await.unwrap();
    assert!(b.published().await.is_empty());
    assert_eq!(b.directory.endorsements_given()[0].standing, EndorsementStanding::Ended);
}

#[tokio::test]
async fn under_a_new_manifest_it_is_signed_anew_and_ends_no_later() {
    let b = Bench::new("b").await;
    b.endorse(YEAR).await;
    let before = b.directory.records_of(b.us()).await.unwrap().remove(0).record;
    b.clock.shift(Span::days(350));
    let (chain, now) = (b.own.chain(), b.clock.now());
    let claims = Claims {
        valid_from: now.minus(Span::hours(1)),
        valid_until: now.plus(YEAR),
        ..chain.current().claims().clone()
    };
    // The root of this bench is gone: another chain of one more manifest stands for it.
    let root = relais_wire::keys::SigningSecret::from_bytes(&[9; 32]);
    let next = relais_wire::keys::SigningSecret::from_bytes(&[8; 32]).verify_key().spki_hash();
    let first = relais_wire::manifest::Manifest::first(chain.current().claims(), &root, next).unwrap();
    let founded = Chain::found(first).unwrap();
    let second = founded.next(&claims, &root).unwrap();
    b.own.set_chain(founded.accept(second).unwrap().chain);
    b.directory.renew().await.unwrap();
    let after = b.directory.records_of(b.us()).await.unwrap().remove(0).record;
    assert_eq!((after.manifest, after.sequence), (2, 2));
    assert_eq!((after.issued_at, after.expires_at), (before.issued_at, before.expires_at));
    assert_eq!(after.body, before.body);
}

#[tokio::test]
async fn a_clock_that_was_set_back_takes_it_back_all_the_same() {
    let (b, c) = (Bench::new("b").await, Bench::new("c").await);
    b.endorse(YEAR).await;
    c.takes(&b.published().await[0], &b).await.unwrap();
    b.clock.shift(Span(-Span::minutes(3).0));
    b.directory.withdraw_endorsement(a()).await.unwrap();
    assert_eq!(c.takes(&b.published().await[0], &b).await.unwrap(), Admitted::Newer);
    assert!(!c.holds(&b));
}

#[tokio::test]
async fn what_others_say_is_found_with_its_bytes_the_latest_first() {
    let (b, c) = (Bench::new("b").await, Bench::new("c").await);
    b.endorse(YEAR).await;
    c.takes(&b.published().await[0], &b).await.unwrap();
    let d = Bench::new("d").await;
    d.clock.shift(Span::minutes(2));
    d.endorse(YEAR).await;
    c.takes(&d.published().await[0], &d).await.unwrap();
    let signed = c.directory.endorsements_signed(a(), 8).await.unwrap();
    assert_eq!(signed, [d.published().await.remove(0), b.published().await.remove(0)]);
    assert_eq!(c.directory.endorsements_signed(a(), 1).await.unwrap().len(), 1);
    assert_eq!(c.directory.endorsements_of(a()).len(), 2);
}
