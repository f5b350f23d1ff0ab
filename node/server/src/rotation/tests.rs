use super::*;
use crate::clock::Clock;
use crate::home::HomeError;
use crate::tls::PinBoard;
use crate::tls::{Pinned, Purpose, unix_time};
use relais_domain::id::ProfessionalId;
use relais_store::batch::{DocumentWrite, Expected};
use relais_store::memory::MemoryStore;
use relais_store::rows::Shelf;
use relais_wire::manifest::StructureKind;
use secrecy::ExposeSecret as _;
use std::sync::Arc;

/// A structure: its folder, its store, and the sheet that counts.
struct Structure {
    folder: tempfile::TempDir,
    store: Arc<MemoryStore>,
    sheet: String,
}

impl Structure {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = "Espace de l'Essai".to_owned();
        let profile = Profile {
            name,
            kind: StructureKind::DigitalHub,
            endpoints: Vec::new(),
            pairing_endpoints: Vec::new(),
        };
        let ca = |structure| Ca::generate(structure).unwrap().into_parts();
        let founded = own::found(&profile, ca, &dice(), now()).unwrap();
        Home::at(folder.path()).create(&founded.secrets).unwrap();
        let store = Arc::new(MemoryStore::new());
        init::put_manifest(&*store, &founded.manifest).await.unwrap();
        let sheet = recovery::write_sheet(&founded.next_root, founded.manifest.structure());
        Self { folder, store, sheet: sheet.expose_secret().to_owned() }
    }

    fn home(&self) -> Home {
        Home::at(self.folder.path())
    }

    async fn chain(&self) -> Chain {
        init::read_chain(&*self.store).await.unwrap()
    }

    async fn prepare(&self, sheet: &str) -> Result<Rotation, RotationError> {
        Rotation::prepare(&self.home(), &*self.store, sheet, &dice(), now()).await
    }

    async fn rotate(&mut self) {
        let rotation = self.prepare(&self.sheet).await.unwrap();
        self.sheet = rotation.sheet().expose_secret().to_owned();
        rotation.complete(&*self.store, &dice()).await.unwrap();
    }

    /// The sheet is refused so, and nothing has changed.
    async fn refuses(&self, sheet: &str) -> RotationError {
        let (chain, keys) = (self.chain().await, files(&self.home()));
        let error = self.prepare(sheet).await.expect_err("refused");
        assert!(error.to_string().contains("nothing was changed"), "{error}");
        assert_eq!((self.chain().await, files(&self.home())), (chain, keys), "{error}");
        error
    }
}

fn dice() -> Dice {
    Dice::system().unwrap()
}

fn now() -> Timestamp {
    Clock::system().now()
}

/// Every key file with its content.
fn files(home: &Home) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(home.folder().join("keys")).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: std::path::PathBuf| {
        (path.display().to_string(), std::fs::read(&path).unwrap_or_else(|_| b"a folder".to_vec()))
    };
    let mut files: Vec<_> = entries.map(read).collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_rotation_replaces_every_key_but_the_node_key_and_announces_another_root() {
    let mut structure = Structure::new().await;
    let (before, old) = (structure.chain().await, structure.home().secrets().unwrap());
    let first_sheet = structure.sheet.clone();
    structure.rotate().await;
    let (after, new) = (structure.chain().await, structure.home().secrets().unwrap());
    assert_eq!((after.structure(), after.current().sequence()), (before.structure(), 2));
    let (was, is) = (before.current(), after.current());
    assert_eq!(is.root().spki_hash(), was.link().next_root);
    assert_eq!(*is.root(), new.root.verify_key());
    assert_ne!(is.link().next_root, was.link().next_root);
    assert_ne!(new.root.verify_key(), old.root.verify_key());
    assert_eq!(is.claims().signing_keys, [new.signing.verify_key()]);
    assert_ne!(new.signing.verify_key(), old.signing.verify_key());
    assert_ne!(new.sealing.seal_key(), old.sealing.seal_key());
    assert_eq!((&is.claims().tls_ca_der, &is.claims().name), (&new.ca_certificate, &was.claims().name));
    assert_ne!(new.ca_certificate, old.ca_certificate);
    assert_eq!(*new.node_key, *old.node_key, "what is sealed at rest stays readable");
    assert_eq!(structure.home().former_ca().unwrap().unwrap().certificate, old.ca_certificate);
    assert_eq!(structure.store.ledger_size().await.unwrap(), 1, "an administrative act is a leaf");
    let kept = files(&structure.home());
    let next = recovery::read_sheet(&structure.sheet).unwrap();
    let next = next.expose_secret_bytes();
    assert!(
        kept.iter().all(|(_, bytes)| bytes.as_slice() != next.as_slice()),
        "the next root lies in the folder"
    );
    assert!(matches!(structure.refuses(&first_sheet).await, RotationError::UsedSheet));
    structure.rotate().await;
    assert_eq!(structure.chain().await.current().sequence(), 3);
}

#[tokio::test]
async fn a_rotation_ends_sessions_links_integrations_and_authenticators() {
    let mut structure = Structure::new().await;
    let credential = |totp: &str, link: &str| {
        format!(r#"{{"password":null,"totp":{totp},"totp_begun":null,"link":{link}}}"#).into_bytes()
    };
    let totp = format!(r#"{{"secret":{:?},"last_step":1}}"#, [7; 20]);
    let link = format!(r#"{{"token":{:?},"expires_ms":9}}"#, [7; 32]);
    let kept = [
        (Shelf::Session, [1; 16], b"{}".to_vec()),
        (Shelf::Integration, [2; 16], b"{}".to_vec()),
        (Shelf::Credential, [3; 16], credential(&totp, "null")),
        (Shelf::Credential, [4; 16], credential("null", &link)),
        (Shelf::Credential, [5; 16], credential("null", "null")),
    ];
    let write = |(shelf, key, body): (Shelf, [u8; 16], Vec<u8>)| DocumentWrite {
        shelf,
        key: ProfessionalId::from_random(key).as_bytes().to_vec(),
        expected_version: Expected::Absent,
        body: Some(body),
    };
    let documents = kept.map(write).to_vec();
    structure.store.commit(Batch { documents, ..Batch::default() }).await.unwrap();
    structure.rotate().await;
    for shelf in [Shelf::Session, Shelf::Integration] {
        assert!(structure.store.documents(shelf, &[]).await.unwrap().is_empty(), "{shelf:?}");
    }
    let left = structure.store.documents(Shelf::Credential, &[]).await.unwrap();
    assert_eq!(left.len(), 3);
    let bare = credential("null", "null");
    assert!(left.iter().all(|document| document.body == bare), "authenticator and link are gone");
}

#[tokio::test]
async fn every_wrong_sheet_has_its_sentence_and_changes_nothing() {
    let (structure, other) = (Structure::new().await, Structure::new().await);
    let theirs = other.chain().await.structure();
    let of_another = structure.refuses(&other.sheet).await;
    assert!(matches!(of_another, RotationError::AnotherStructure(named) if named == theirs));
    let lines =
        |sheet: &str| sheet.lines().skip_while(|line| !line.starts_with('1')).collect::<Vec<_>>().join("\n");
    let typed = structure.refuses(&lines(&other.sheet)).await;
    assert!(matches!(typed, RotationError::NotAnnounced), "{typed}");
    let place = structure.sheet.find("3: ").unwrap() + 3;
    let mut typo = structure.sheet.clone();
    let other = if &typo[place..=place] == "7" { "8" } else { "7" };
    typo.replace_range(place..=place, other);
    let typo = structure.refuses(&typo).await;
    assert!(
        matches!(typo, RotationError::Sheet(SheetError::Check { line: 3 }))
            && typo.to_string().contains("line 3")
    );
    assert!(matches!(structure.refuses("").await, RotationError::Sheet(SheetError::MissingLine { line: 1 })));
    let current = structure.home().secrets().unwrap().root;
    let id = structure.chain().await.structure();
    let current = recovery::write_sheet(&current, id);
    assert!(matches!(structure.refuses(current.expose_secret()).await, RotationError::UsedSheet));
    assert!(structure.prepare(&structure.sheet).await.is_ok(), "the right sheet still counts");
}

#[tokio::test]
async fn a_rotation_handed_out_but_never_made_leaves_the_former_sheet_good() {
    let mut structure = Structure::new().await;
    let void = structure.prepare(&structure.sheet).await.unwrap().sheet();
    assert!(matches!(structure.refuses(void.expose_secret()).await, RotationError::NotAnnounced));
    structure.rotate().await;
    assert!(matches!(structure.refuses(void.expose_secret()).await, RotationError::NotAnnounced));
}

#[tokio::test]
async fn a_crash_on_either_side_of_the_manifest_leaves_one_identity() {
    let structure = Structure::new().await;
    let (chain, home) = (structure.chain().await, structure.home());
    let rotation = structure.prepare(&structure.sheet).await.unwrap();
    home.write_next(&rotation.next, &rotation.former).unwrap();
    home.settle(structure.chain().await.current().root()).unwrap();
    assert_eq!(home.secrets().unwrap().root.verify_key(), *chain.current().root());
    let rotation = structure.prepare(&structure.sheet).await.unwrap();
    home.write_next(&rotation.next, &rotation.former).unwrap();
    init::put_manifest(&*structure.store, &rotation.manifest).await.unwrap();
    assert_eq!(home.secrets().unwrap().root.verify_key(), *chain.current().root(), "not in their places yet");
    home.settle(structure.chain().await.current().root()).unwrap();
    assert_eq!(home.secrets().unwrap().root.verify_key(), *rotation.manifest.root());
    assert_eq!(home.secrets().unwrap().ca_certificate, rotation.manifest.claims().tls_ca_der);
}

#[tokio::test]
async fn keys_of_before_with_the_database_of_after_are_refused() {
    let mut structure = Structure::new().await;
    let old = structure.home().secrets().unwrap();
    let database = structure.store.copy();
    structure.rotate().await;
    let restored = tempfile::tempdir().unwrap();
    let restored = Home::at(restored.path());
    restored.create(&old).unwrap();
    let refused = Rotation::prepare(&restored, &*structure.store, &structure.sheet, &dice(), now()).await;
    assert!(matches!(refused, Err(RotationError::Home(HomeError::OtherKeys(_)))));
    let refused = Rotation::prepare(&structure.home(), &database, &structure.sheet, &dice(), now()).await;
    assert!(matches!(refused, Err(RotationError::Home(HomeError::OtherKeys(_)))));
}

#[tokio::test]
async fn the_former_ca_is_shown_for_thirty_days_and_forgotten() {
    let mut structure = Structure::new().await;
    let home = structure.home();
    assert!(former_leaf(&home, &structure.chain().await, now()).unwrap().is_none());
    let old = home.secrets().unwrap().ca_certificate;
    structure.rotate().await;
    let chain = structure.chain().await;
    let began = chain.current().claims().valid_from;
    let leaf = former_leaf(&home, &chain, now()).unwrap().expect("still kept");
    assert_eq!(leaf.not_after, began.plus(FORMER_CA_KEPT));
    assert!(crate::tls::verify_leaf(&leaf.certificate, &old, Purpose::Client, unix_time(now())).is_ok());
    assert!(former_leaf(&home, &chain, began.plus(FORMER_CA_KEPT)).unwrap().is_none());
    assert!(home.former_ca().unwrap().is_none(), "its key is gone");
}

#[tokio::test]
async fn a_partner_that_heard_of_the_rotation_knows_the_former_ca_no_more() {
    let mut structure = Structure::new().await;
    let (before, id) = (structure.chain().await, structure.chain().await.structure());
    let stolen = structure.home().secrets().unwrap();
    let thief = Ca::from_parts(id, stolen.ca_certificate, stolen.ca_key).unwrap();
    let thief = thief.issue_leaf(id, now(), Span::days(14)).unwrap().certificate;
    structure.rotate().await;
    let after = structure.chain().await;
    let own = structure.home().secrets().unwrap();
    let own = Ca::from_parts(id, own.ca_certificate, own.ca_key).unwrap();
    let own = own.issue_leaf(id, now(), Span::days(14)).unwrap().certificate;
    let partner = StructureId::of_root_spki(b"partner");
    let board = PinBoard::new(partner, Ca::generate(partner).unwrap().certificate()).unwrap();
    let vouches = |leaf: &[u8]| board.vouch(id, leaf, Purpose::Client, unix_time(now())).is_ok();
    assert_eq!(board.follow(&before), Ok(Pinned::Kept));
    assert!(vouches(&thief) && !vouches(&own));
    assert_eq!(board.follow(&after), Ok(Pinned::Dropped));
    assert!(!vouches(&thief) && vouches(&own));
    assert_eq!(board.follow(&after), Ok(Pinned::Kept));
}
