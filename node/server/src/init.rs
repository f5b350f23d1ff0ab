//! Making a node: keys in the folder, the first manifest and the first user in the store, the recovery sheet on paper.

use crate::clock::{Clock, Dice};
use crate::home::{Home, HomeError};
use crate::own::{self, Founded, Profile};
use crate::tls::{Ca, CaError};
use crate::users::{Role, User, UserError, Users};
use relais_domain::structure_id::StructureId;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use relais_store::{CommitError, Store, StoreError};
use relais_wire::manifest::chain::Chain;
use relais_wire::manifest::{Manifest, ManifestError};
use relais_wire::recovery;
use secrecy::SecretString;
use std::sync::Arc;

/// Why a node could not be made.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The folder.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The TLS CA.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// The profile does not fit a manifest.
    #[error("{0}: check the name and the address")]
    Manifest(#[from] ManifestError),
    /// The first user.
    #[error(transparent)]
    User(#[from] UserError),
    /// The store.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// A structure just founded: to be written into its folder, then into its store.
#[derive(Debug)]
pub struct NewNode {
    founded: Founded,
}

/// What is shown once.
#[derive(Debug)]
pub struct Made {
    /// The structure's id.
    pub structure: StructureId,
    /// The next root's recovery sheet: to be printed, and kept nowhere.
    pub sheet: SecretString,
}

impl NewNode {
    /// Draws the keys of a new structure and writes them into the folder.
    ///
    /// # Errors
    /// [`InitError`]; nothing is made when there is a node already.
    pub fn found(home: &Home, profile: &Profile, clock: &Clock, dice: &Dice) -> Result<Self, InitError> {
        if home.holds_node() {
            return Err(HomeError::Taken(home.folder().to_owned()).into());
        }
        let mut failed = None;
        let make_ca = |structure| match Ca::generate(structure) {
            Ok(ca) => ca.into_parts(),
            Err(error) => {
                failed = Some(error);
                (Vec::new(), zeroize::Zeroizing::new(Vec::new()))
            }
        };
        let founded = own::found(profile, make_ca, dice, clock.now());
        if let Some(error) = failed {
            return Err(error.into());
        }
        let founded = founded?;
        home.create(&founded.secrets)?;
        Ok(Self { founded })
    }

    /// The key under which the store seals at rest.
    pub fn node_key(&self) -> [u8; 32] {
        *self.founded.secrets.node_key
    }

    /// Writes the first manifest and the first user, who runs the node and may do everything but audit.
    ///
    /// # Errors
    /// [`InitError`].
    pub async fn write(
        self,
        store: Arc<dyn Store>,
        user: &str,
        uid: u32,
        dice: &Dice,
    ) -> Result<Made, InitError> {
        put_manifest(&*store, &self.founded.manifest).await?;
        let roles = [Role::Admin, Role::Coordinator, Role::Counsellor].into();
        Users::new(store, dice.clone()).add(User::new(user.to_owned(), roles, Some(uid))).await?;
        let structure = self.founded.manifest.structure();
        Ok(Made { structure, sheet: recovery::write_sheet(&self.founded.next_root, structure) })
    }
}

fn key(structure: StructureId, sequence: u64) -> Vec<u8> {
    [structure.as_bytes().as_slice(), &sequence.to_be_bytes()].concat()
}

/// Keeps one of this structure's own manifests.
///
/// # Errors
/// [`CommitError`].
pub async fn put_manifest(store: &dyn Store, manifest: &Manifest) -> Result<(), CommitError> {
    store.commit(Batch { documents: vec![manifest_write(manifest)], ..Batch::default() }).await
}

/// What keeps one of this structure's own manifests, and never replaces another.
pub(crate) fn manifest_write(manifest: &Manifest) -> DocumentWrite {
    DocumentWrite {
        shelf: Shelf::Manifest,
        key: key(manifest.structure(), manifest.sequence()),
        expected_version: Expected::Absent,
        body: Some(manifest.signed().encode()),
    }
}

/// Reads this structure's own chain of manifests: its first root says which structure this is.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is not whole.
pub async fn read_chain(store: &dyn Store) -> Result<Chain, StoreError> {
    let documents = store.documents(Shelf::Manifest, &[]).await?;
    if documents.is_empty() {
        let gone =
            "data.db holds no manifest of this node: it is not the one the node was made with; restore it";
        return Err(StoreError::Corrupt(gone.to_owned()));
    }
    let corrupt = |error: ManifestError| StoreError::Corrupt(format!("manifest: {error}"));
    let manifests: Vec<Manifest> = documents
        .iter()
        .map(|document| Manifest::admit(&document.body))
        .collect::<Result<_, _>>()
        .map_err(corrupt)?;
    Chain::from_manifests(manifests).map_err(corrupt)
}
