//! Rotations against a thief who has the whole folder of before: what he signs of the directory, and has others carry,
//! ends with the rotation wherever that has arrived.

use super::third::carrying;
use super::*;
use relais_domain::directory::{
    Body, ENDORSEMENT_LIFETIME_MIN, Endorsement, LIFETIME_MIN, Pin, Record, RecordKey, Scope, Vouched,
};
use relais_domain::id::ServiceId;
use relais_domain::territory::Coverage;
use relais_store::rows::Shelf;
use relais_wire::frame::CarriedManifest;
use relais_wire::record::SignedRecord;

/// What the thief makes others believe in.
fn accomplice() -> StructureId {
    StructureId::of_root_spki(b"accomplice")
}

/// P, before and after its rotation; before, a thief has whatever P has.
struct Victim {
    end: End,
    /// The thief's: two manifests more by the stolen root.
    fork: Chain,
    /// P's own: its rotation.
    rotated: Chain,
    /// The key that signs under the rotation.
    signing: SigningSecret,
}

impl Victim {
    async fn new() -> Self {
        let end = End::new("p").await;
        end.publishes("one").await;
        let first = Chain::clone(&end.own.chain());
        let second = first.accept(named(&end, &first, "thief")).unwrap().chain;
        let fork = second.accept(named(&end, &second, "thief again")).unwrap().chain;
        let signing = SigningSecret::from_bytes(&[78; 32]);
        let third = SigningSecret::from_bytes(&[77; 32]).verify_key().spki_hash();
        let said = first.current().claims().clone();
        let keys = vec![signing.verify_key()];
        let claims = Claims { signing_keys: keys.clone(), witness_keys: keys, ..said };
        let rotation = first.rotation(&claims, &end.next_root, third).unwrap();
        let rotated = first.accept(rotation).unwrap().chain;
        Self { end, fork, rotated, signing }
    }

    fn id(&self) -> StructureId {
        self.end.id()
    }

    fn record(&self, body: Body, manifest: u64, sequence: u64) -> Record {
        let issued_at = self.end.context.clock.now();
        let endorses = matches!(body, Body::Endorsement(_));
        let lifetime = if endorses { ENDORSEMENT_LIFETIME_MIN } else { LIFETIME_MIN };
        let expires_at = issued_at.plus(lifetime);
        Record { structure: self.id(), manifest, sequence, issued_at, expires_at, body }
    }

    fn service(&self, description: &str) -> Body {
        let held = self.end.context.directory.service(self.id(), &ServiceId::parse("one").unwrap());
        let mut service = held.unwrap().service;
        service.description = description.to_owned();
        Body::Service(Box::new(service))
    }

    fn endorsement(&self) -> Body {
        let territories = Coverage::parse(&["17"]).unwrap();
        let scope = Scope { territories, themes: BTreeSet::new() };
        let pin = Pin { sequence: 1, manifest: Digest::of(b"manifest") };
        Body::Endorsement(Box::new(Endorsement { subject: accomplice(), pin, scope }))
    }

    /// What the thief signs under one of the manifests that his keys are good for.
    fn stolen(&self, manifest: u64, sequence: u64) -> Vec<SignedRecord> {
        let bodies = [self.service("Payez d’abord."), self.endorsement()];
        let sign = |body| {
            let record = self.record(body, manifest, sequence);
            SignedRecord::sign(&record, self.end.own.signing()).unwrap()
        };
        bodies.into_iter().map(sign).collect()
    }

    /// What P signs under its rotation.
    fn rescued(&self, sequence: u64) -> SignedRecord {
        let record = self.record(self.service("De nouveau nous."), 2, sequence);
        SignedRecord::sign(&record, &self.signing).unwrap()
    }
}

impl Line {
    async fn brings(&mut self, chain: &Chain, records: &[SignedRecord]) {
        for record in records {
            for manifest in chain.manifests() {
                let (structure, manifest) = (manifest.structure(), manifest.signed().encode());
                self.say(SyncFrame::CarriedManifest(CarriedManifest { structure, manifest })).await;
            }
            self.say(SyncFrame::Record(record.bytes.clone())).await;
        }
        self.say(SyncFrame::Ping(4_712)).await;
        self.hear(|frame| (frame == SyncFrame::Pong(4_712)).then_some(())).await.expect("a pong");
    }
}

impl End {
    fn says(&self, victim: &Victim) -> Option<String> {
        let shown = self.context.directory.service(victim.id(), &ServiceId::parse("one").unwrap());
        shown.map(|shown| shown.service.description)
    }

    fn vouches(&self, victim: &Victim) -> bool {
        let themes = BTreeSet::new();
        let asked = Vouched { subject: accomplice(), territory: None, themes: &themes };
        !self.context.directory.vouchers(asked, |by| by == victim.id(), |_| true).is_empty()
    }

    async fn holds_nothing_stolen(&self, victim: &Victim) -> bool {
        let held = self.context.directory.records_of(victim.id()).await.unwrap();
        held.iter().all(|signed| signed.record.manifest == 2) && !self.vouches(victim)
    }
}

/// P's partner and one that is no partner of P, each with a stream of one carrier; the first is also P's.
async fn partner_and_third(victim: &Victim) -> ([End; 2], End) {
    let (partner, third, carrier) = (End::new("partner").await, End::new("third").await, End::new("b").await);
    partner.knows(&victim.end).await;
    partner.knows(&carrier).await;
    third.knows(&carrier).await;
    ([partner, third], carrier)
}

#[tokio::test]
async fn nothing_of_a_thief_of_the_whole_folder_is_held_once_the_rotation_arrived() {
    let victim = Victim::new().await;
    let ([partner, third], carrier) = partner_and_third(&victim).await;
    let ends = [&partner, &third];
    let mut lines = [
        carrying(&partner, &carrier, Subscription::FRANCE).await,
        carrying(&third, &carrier, Subscription::FRANCE).await,
    ];
    let before = Chain::clone(&victim.end.own.chain());
    for (end, line) in ends.iter().zip(&mut lines) {
        line.brings(&before, &victim.stolen(1, u64::MAX - 1)).await;
        line.brings(&victim.fork, &victim.stolen(3, u64::MAX)).await;
        assert_eq!(end.says(&victim).as_deref(), Some("Payez d’abord."), "until then nobody can tell");
        // What others say for others is kept of partners alone.
        assert_eq!(end.vouches(&victim), end.id() == partner.id());
    }
    // The rotation: told by P itself to its partner, carried to the other with the first record under it.
    let mut by_itself = partner.open(&victim.end);
    by_itself.hello(&victim.end, 2).await;
    for manifest in victim.rotated.manifests() {
        by_itself.say(SyncFrame::Manifest(manifest.signed().encode())).await;
    }
    until("rotated", async || partner.context.peers.chain(victim.id()).unwrap().current().sequence() == 2)
        .await;
    assert!(partner.holds_nothing_stolen(&victim).await);
    assert_eq!(partner.context.directory.carried().known(victim.id()), None, "the fork is gone");
    by_itself.say(SyncFrame::Record(victim.rescued(2).bytes)).await;
    lines[1].brings(&victim.rotated, &[victim.rescued(2)]).await;
    until("of P again", async || {
        ends.iter().all(|end| end.says(&victim).as_deref() == Some("De nouveau nous."))
    })
    .await;
    // The thief goes on, with old manifests and with his own.
    for (end, line) in ends.iter().zip(&mut lines) {
        line.brings(&before, &victim.stolen(1, u64::MAX - 2)).await;
        for manifest in 1..=3 {
            line.brings(&victim.fork, &victim.stolen(manifest, u64::MAX)).await;
        }
        assert_eq!(end.says(&victim).as_deref(), Some("De nouveau nous."));
        assert!(end.holds_nothing_stolen(&victim).await);
        assert_eq!(
            end.context.peers.chain(victim.id()).map(|chain| chain.current().sequence()),
            (end.id() == partner.id()).then_some(2)
        );
    }
    by_itself.say(SyncFrame::Record(victim.stolen(1, u64::MAX)[1].bytes.clone())).await;
    by_itself.say(SyncFrame::Ping(1)).await;
    by_itself.hear(|frame| (frame == SyncFrame::Pong(1)).then_some(())).await.expect("a pong");
    assert!(partner.holds_nothing_stolen(&victim).await, "nor from P's own address");
    // After a start anew as well.
    for end in [partner, third] {
        let again = End { context: end.started_again().await, ..end };
        let mut line = carrying(&again, &carrier, Subscription::FRANCE).await;
        line.brings(&victim.fork, &victim.stolen(2, u64::MAX)).await;
        line.brings(&before, &victim.stolen(1, u64::MAX)).await;
        assert!(again.holds_nothing_stolen(&victim).await);
        assert_eq!(again.says(&victim).as_deref(), Some("De nouveau nous."));
    }
}

#[tokio::test]
async fn a_record_under_a_root_not_known_yet_is_asked_for_with_its_manifests_whatever_is_held() {
    let victim = Victim::new().await;
    let ([_, third], carrier) = partner_and_third(&victim).await;
    let mut line = carrying(&third, &carrier, Subscription::FRANCE).await;
    line.brings(&victim.end.own.chain(), &victim.stolen(1, u64::MAX)).await;
    let rescued = victim.rescued(2);
    line.say(SyncFrame::Record(rescued.bytes.clone())).await;
    let asked = line.hear(|frame| if let SyncFrame::ItemsWanted(ids) = frame { Some(ids) } else { None });
    assert_eq!(asked.await, Some(vec![rescued.identity]));
    line.brings(&victim.rotated, std::slice::from_ref(&rescued)).await;
    assert_eq!(third.says(&victim).as_deref(), Some("De nouveau nous."));
    // Who still carries what the thief signed is told of the rotation.
    let other = End::new("late").await;
    third.knows(&other).await;
    let mut late = carrying(&third, &other, Subscription::FRANCE).await;
    late.say(SyncFrame::Record(victim.stolen(1, u64::MAX - 1).remove(0).bytes)).await;
    let mut manifests = 0;
    let told = loop {
        let next = late.hear(|frame| {
            if let SyncFrame::Record(bytes) = frame {
                return Some(Some(bytes));
            }
            matches!(frame, SyncFrame::CarriedManifest(_)).then_some(None)
        });
        match next.await.expect("a frame") {
            None => manifests += 1,
            Some(bytes) => break bytes,
        }
    };
    assert_eq!((manifests, told), (2, rescued.bytes));
}

#[tokio::test]
async fn after_its_rotation_a_structure_signs_all_of_its_own_anew() {
    let victim = Victim::new().await;
    let end = &victim.end;
    let one = ServiceId::parse("one").unwrap();
    end.publishes("two").await;
    let two = ServiceId::parse("two").unwrap();
    end.context.directory.withdraw(&two, crate::directory::Seen::Unasked).await.unwrap();
    end.context.directory.set_capacity(&one, Some(3), None, crate::directory::Seen::Unasked).await.unwrap();
    let Body::Endorsement(endorsement) = victim.endorsement() else { panic!("an endorsement") };
    let until = end.context.clock.now().plus(Span::days(60));
    end.context.directory.endorse(*endorsement, until).await.unwrap();
    let before = end.context.directory.records_of(end.id()).await.unwrap();
    let directory = victim.restarted().await;
    directory.renew().await.unwrap();
    let after = directory.records_of(end.id()).await.unwrap();
    assert_eq!((before.len(), after.len()), (4, 4));
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((after.record.manifest, &after.record.body), (2, &before.record.body));
        assert_eq!(after.record.sequence, before.record.sequence + 1);
        if !matches!(after.record.key(), RecordKey::Service(_)) {
            assert_eq!(after.record.expires_at, before.record.expires_at, "no longer than it was good for");
        }
    }
    // A partner that heard of the rotation takes all of it.
    let partner = End::new("partner").await;
    for signed in &before {
        partner.context.directory.admit_from_peer(&signed.bytes, &end.own.chain()).await.unwrap();
    }
    partner.context.directory.turn_root(&victim.rotated).await.unwrap();
    assert!(partner.context.directory.records_of(end.id()).await.unwrap().is_empty());
    for signed in &after {
        partner.context.directory.admit_from_peer(&signed.bytes, &victim.rotated).await.unwrap();
    }
    let identities = |records: &[SignedRecord]| records_digest(records.iter().map(|one| one.identity));
    let held = partner.context.directory.records_of(end.id()).await.unwrap();
    assert_eq!(identities(&held), identities(&after));
}

impl Victim {
    /// Its directory, read anew under its rotation.
    async fn restarted(&self) -> Directory {
        let own = Arc::new(Own::new(self.rotated.clone(), SigningSecret::from_bytes(&[78; 32]), Vec::new()));
        let (dice, clock) = (Dice::system().unwrap(), self.end.context.clock.clone());
        Directory::load(Arc::clone(&self.end.store), own, clock, dice).await.unwrap()
    }
}

/// Threat: the thief's partners give back to the owner what he signed in its name, and the owner's rotation signs it anew.
#[tokio::test]
async fn a_rotation_does_not_sign_anew_what_a_thief_had_given_back() {
    let victim = Victim::new().await;
    let own = &victim.end.context.directory;
    let partner = StructureId::of_root_spki(b"partner");
    for stolen in victim.stolen(1, 9) {
        own.take_back(stolen, partner).await.unwrap();
    }
    assert_eq!(own.endorsements_of(accomplice()).len(), 1, "nobody can tell them from its own yet");
    // What someone has said here since is its own.
    victim.end.publishes("two").await;
    let restarted = victim.restarted().await;
    restarted.renew().await.unwrap();
    let after = restarted.records_of(victim.id()).await.unwrap();
    let two = RecordKey::Service(ServiceId::parse("two").unwrap());
    assert_eq!(after.iter().map(|one| one.record.key()).collect::<Vec<_>>(), [two]);
    assert!(restarted.endorsements_of(accomplice()).is_empty());
    let again = victim.restarted().await;
    again.renew().await.unwrap();
    assert_eq!(again.records_of(victim.id()).await.unwrap().len(), 1, "and after another start");
}

/// What came back is its own again once someone here says it, and a rotation signs that anew.
#[tokio::test]
async fn a_rotation_signs_anew_what_came_back_and_was_said_again() {
    let victim = Victim::new().await;
    let own = &victim.end.context.directory;
    let stolen = victim.stolen(1, 9).remove(0);
    own.take_back(stolen, StructureId::of_root_spki(b"partner")).await.unwrap();
    victim.end.offers("one", "17", "De nouveau nous.").await;
    let restarted = victim.restarted().await;
    restarted.renew().await.unwrap();
    let after = restarted.records_of(victim.id()).await.unwrap();
    assert!(matches!(&after[0].record.body, Body::Service(one) if one.description == "De nouveau nous."));
    assert_eq!(after[0].record.manifest, 2);
}

/// Whoever imports the same file again has said what came back: it is not dropped as what a thief may have said.
#[tokio::test]
async fn what_came_back_and_is_said_again_word_by_word_outlives_a_rotation() {
    let victim = Victim::new().await;
    let own = &victim.end.context.directory;
    let before = victim.end.record().await;
    let record = Record { sequence: 9, ..before.record.clone() };
    let stolen = SignedRecord::sign(&record, victim.end.own.signing()).unwrap();
    own.take_back(stolen, StructureId::of_root_spki(b"partner")).await.unwrap();
    victim.end.publishes("one").await;
    let restarted = victim.restarted().await;
    restarted.renew().await.unwrap();
    let after = restarted.records_of(victim.id()).await.unwrap();
    assert_eq!(after.iter().map(|one| one.record.key()).collect::<Vec<_>>(), [before.record.key()]);
}

/// Threat: a partner whose share is full brings ever new structures that have rotated, each of which would be remembered.
#[tokio::test]
async fn of_a_structure_whose_records_find_no_room_nothing_is_kept() {
    let (victim, us, partner) = (Victim::new().await, End::new("us").await, End::new("partner").await);
    us.knows(&partner).await;
    us.context.directory.fill_share_of(partner.id());
    let mut line = carrying(&us, &partner, Subscription::FRANCE).await;
    line.brings(&victim.rotated, &[victim.rescued(2)]).await;
    assert!(us.context.directory.carried().known(victim.id()).is_none());
    let documents = us.store.documents(Shelf::Record, victim.id().as_bytes()).await.unwrap();
    assert!(documents.is_empty(), "not even by which root it signs");
}

/// Threat: whoever first brought a structure is suspended, its rotation is forgotten, and a word for the manifests of
/// before lets a thief of the former root in.
#[tokio::test]
async fn a_rotation_is_remembered_while_someone_speaks_for_its_structure() {
    let (victim, us, carrier) = (Victim::new().await, End::new("us").await, End::new("carrier").await);
    let speaker = End::new("speaker").await;
    us.knows(&carrier).await;
    us.knows(&speaker).await;
    let mut line = carrying(&us, &carrier, Subscription::FRANCE).await;
    line.brings(&victim.rotated, &[victim.rescued(2)]).await;
    drop(line);
    let before = victim.end.own.chain();
    let directory = &us.context.directory;
    assert!(directory.is_behind(&before));
    let pin = Pin { sequence: 1, manifest: before.current().identity() };
    let scope = Scope { territories: Coverage::national(), themes: BTreeSet::new() };
    let word = Endorsement { subject: victim.id(), pin, scope };
    let until = speaker.context.clock.now().plus(Span::days(60));
    speaker.context.directory.endorse(word, until).await.unwrap();
    let said = speaker.context.directory.records_of(speaker.id()).await.unwrap();
    directory.admit_from_peer(&said[0].bytes, &speaker.own.chain()).await.unwrap();
    directory.drop_brought_by(carrier.id(), |_| false).await.unwrap();
    assert!(directory.carried().known(victim.id()).is_none());
    assert!(directory.is_behind(&before), "while somebody speaks for it");
    directory.sweep().await.unwrap();
    assert!(directory.is_behind(&before));
    us.context.clock.shift(Span::days(61));
    directory.sweep().await.unwrap();
    assert!(!directory.is_behind(&before), "no word is left for any manifest");
}

/// Of whom nothing is held any more the rotation is forgotten as well: a chain that comes again tells of it itself.
#[tokio::test]
async fn a_rotation_is_remembered_as_long_as_something_of_its_structure_is() {
    let (victim, us, partner) = (Victim::new().await, End::new("us").await, End::new("partner").await);
    us.knows(&partner).await;
    let mut line = carrying(&us, &partner, Subscription::FRANCE).await;
    line.brings(&victim.rotated, &[victim.rescued(2)]).await;
    drop(line);
    let left = async || us.store.documents(Shelf::Record, victim.id().as_bytes()).await.unwrap().len();
    us.context.directory.refuse(victim.id()).await.unwrap();
    us.context.directory.sweep().await.unwrap();
    assert_eq!(left().await, 2, "the floor, and by which root it signs");
    us.context.clock.shift(Span::days(366));
    us.context.directory.sweep().await.unwrap();
    assert_eq!(left().await, 0);
}
