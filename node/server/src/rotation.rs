//! The rotation of the root: the announced next root, from its recovery sheet, takes over and announces the one after.
//!
//! Threat: a thief read the folder of the node. So everything he may speak with is replaced at once (root, signing key,
//! sealing key, TLS CA; sessions, sign-in links, integrations and authenticators end), and a partner that has heard of the
//! rotation cuts what is open under the former CA. The node key stays: it seals what is at rest and makes the stop codes
//! that persons hold on paper, so who took it reads what he took, and any later copy of the database. What the
//! former signing key signed stays good for 30 days, for what was on its way, but comes in under the new CA alone. The
//! former CA is kept for a while to be shown to partners that have not heard of it yet, and for nothing else. The new
//! sheet is handed out before anything is written: a crash may make it void, but never leaves an identity without one.

use crate::accounts::{AccountError, withdraw_all};
use crate::clock::Dice;
use crate::home::{FormerCa, Home, HomeError, Secrets};
use crate::init;
use crate::own::{self, Profile};
use crate::tls::{Ca, CaError, Leaf};
use relais_domain::ledger_leaf::{Leaf as LedgerLeaf, LeafKind};
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use relais_store::batch::Batch;
use relais_store::{CommitError, Store, StoreError};
use relais_wire::keys::{SealSecret, SigningSecret};
use relais_wire::manifest::chain::Chain;
use relais_wire::manifest::{Manifest, ManifestError};
use relais_wire::recovery::{self, SheetError};
use secrecy::SecretString;

/// How long the former TLS CA is kept for partners that have not heard of the rotation: who is away longer takes the
/// manifests from a file.
pub const FORMER_CA_KEPT: Span = Span::days(30);
/// What stands before the structure's id on a sheet.
const SHEET_STRUCTURE: &str = "Structure";

/// Why a rotation was not made. Unless it says otherwise, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// The sheet is mistyped.
    #[error("{0}: look at the sheet again; nothing was changed")]
    Sheet(#[from] SheetError),
    /// The sheet names another structure.
    #[error("this is the recovery sheet of another structure ({0}); nothing was changed")]
    AnotherStructure(StructureId),
    /// The root on the sheet is or was in use.
    #[error("this sheet was used before: take the one that the last rotation printed; nothing was changed")]
    UsedSheet,
    /// The manifest announces another root.
    #[error(
        "this is not the sheet this structure announced: it is another structure's, or from before the last rotation; \
         nothing was changed"
    )]
    NotAnnounced,
    /// A chain is full.
    #[error("{0}; nothing was changed")]
    Manifest(#[from] ManifestError),
    /// The folder.
    #[error("{0}; nothing was changed")]
    Home(#[from] HomeError),
    /// The TLS CA.
    #[error("{0}; nothing was changed")]
    Ca(#[from] CaError),
    /// What is kept of the accounts cannot be read.
    #[error("{0}; nothing was changed")]
    Accounts(#[from] AccountError),
    /// The store cannot be read.
    #[error("{0}; nothing was changed")]
    Store(#[from] StoreError),
    /// The store could not write.
    #[error("{0}; nothing was changed, and the former sheet still counts")]
    Commit(#[from] CommitError),
    /// The store could not write, and does not say whether it has.
    #[error(
        "{0}; keep both sheets: once the database can be read, `relais identity show` says whether it was done"
    )]
    Unclear(StoreError),
    /// The manifest is stored, the keys are not all in their places.
    #[error(
        "the rotation is made and the new sheet counts, but {0}: mend that, and the node's start does the rest"
    )]
    Unsettled(HomeError),
}

/// A rotation that is ready: its new sheet can be handed out, nothing is written yet.
#[derive(Debug)]
pub struct Rotation {
    home: Home,
    next: Secrets,
    former: FormerCa,
    manifest: Manifest,
    next_root: SigningSecret,
}

impl Rotation {
    /// Reads the sheet of the announced root and draws everything that comes after it.
    ///
    /// # Errors
    /// [`RotationError`]; nothing was changed.
    pub async fn prepare(
        home: &Home,
        store: &dyn Store,
        sheet: &str,
        dice: &Dice,
        now: Timestamp,
    ) -> Result<Self, RotationError> {
        let chain = init::read_chain(store).await?;
        home.settle(chain.current().root())?;
        let root = announced_root(sheet, &chain)?;
        let held = home.secrets()?;
        let mut generator = dice.generator();
        let next_root = SigningSecret::generate(&mut generator);
        let signing = SigningSecret::generate(&mut generator);
        let sealing = SealSecret::generate(&mut generator);
        let (ca_certificate, ca_key) = Ca::generate(chain.structure())?.into_parts();
        let said = chain.current().claims();
        let profile = Profile {
            name: said.name.clone(),
            kind: said.kind,
            endpoints: said.endpoints.clone(),
            pairing_endpoints: said.pairing_endpoints.clone(),
        };
        let claims = own::claims(&profile, &ca_certificate, &signing, &sealing, now);
        let manifest = chain.rotation(&claims, &root, next_root.verify_key().spki_hash())?;
        let former = FormerCa { certificate: held.ca_certificate, key: held.ca_key };
        let next = Secrets { root, signing, sealing, ca_certificate, ca_key, node_key: held.node_key };
        Ok(Self { home: home.clone(), next, former, manifest, next_root })
    }

    /// The structure.
    pub fn structure(&self) -> StructureId {
        self.manifest.structure()
    }

    /// The sequence of the manifest that rotates.
    pub fn sequence(&self) -> u64 {
        self.manifest.sequence()
    }

    /// The recovery sheet of the root after: to be printed before the rotation is made, and kept nowhere.
    pub fn sheet(&self) -> SecretString {
        recovery::write_sheet(&self.next_root, self.structure())
    }

    /// Makes the rotation: keys beside, manifest, keys in their places. With the manifest end every session, sign-in link,
    /// integration and authenticator.
    ///
    /// # Errors
    /// [`RotationError`] says what was changed.
    pub async fn complete(self, store: &dyn Store, dice: &Dice) -> Result<(), RotationError> {
        let mut documents = withdraw_all(store).await?;
        self.home.write_next(&self.next, &self.former)?;
        let identity = self.manifest.identity();
        let leaf = LedgerLeaf { kind: LeafKind::Administrative, subject: identity, salt: dice.bytes() };
        documents.push(init::manifest_write(&self.manifest));
        let batch = Batch { documents, leaves: vec![leaf], ..Batch::default() };
        if let Err(error) = store.commit(batch).await {
            // A commit that failed may have been made: what can be read now is what counts.
            let chain = init::read_chain(store).await.map_err(RotationError::Unclear)?;
            if chain.current().identity() != identity {
                self.home.settle(chain.current().root())?;
                return Err(error.into());
            }
        }
        self.home.settle(self.manifest.root()).map_err(RotationError::Unsettled)
    }
}

/// The root on a sheet, if it is the one that the current manifest announces.
fn announced_root(sheet: &str, chain: &Chain) -> Result<SigningSecret, RotationError> {
    let named = sheet.lines().find_map(structure_on);
    if let Some(other) = named.filter(|named| *named != chain.structure()) {
        return Err(RotationError::AnotherStructure(other));
    }
    let root = recovery::read_sheet(sheet)?;
    let key = root.verify_key();
    if key.spki_hash() == chain.current().link().next_root {
        Ok(root)
    } else if chain.manifests().any(|manifest| *manifest.root() == key) {
        Err(RotationError::UsedSheet)
    } else {
        Err(RotationError::NotAnnounced)
    }
}

fn structure_on(line: &str) -> Option<StructureId> {
    StructureId::parse(line.trim().strip_prefix(SHEET_STRUCTURE)?.trim()).ok()
}

/// A leaf of the former TLS CA, for partners that have not heard of the rotation, as long as that CA is kept; after that
/// the CA is removed.
///
/// # Errors
/// [`HomeError`] or [`CaError`]: the node runs without.
pub fn former_leaf(home: &Home, chain: &Chain, now: Timestamp) -> Result<Option<Leaf>, FormerError> {
    let Some((former, left)) = kept_former(home, chain, now)? else { return Ok(None) };
    let structure = chain.structure();
    let ca = Ca::from_parts(structure, former.certificate, former.key)?;
    Ok(Some(ca.issue_leaf(structure, now, left)?))
}

/// Removes the former TLS CA once it is kept no more.
///
/// # Errors
/// [`HomeError`]: its key may still be there.
pub fn forget_former(home: &Home, chain: &Chain, now: Timestamp) -> Result<(), HomeError> {
    kept_former(home, chain, now).map(drop)
}

/// The former TLS CA and how long it is still kept; one that is kept no more is removed.
fn kept_former(home: &Home, chain: &Chain, now: Timestamp) -> Result<Option<(FormerCa, Span)>, HomeError> {
    let Some(former) = home.former_ca()? else { return Ok(None) };
    let replaced = chain.tls_ca_replacement();
    let replaced = replaced.filter(|(before, _)| before.claims().tls_ca_der == former.certificate);
    let until = replaced.map(|(_, after)| after.claims().valid_from.plus(FORMER_CA_KEPT));
    let left = until.map_or(Span(0), |until| until.since(now));
    if left > Span(0) {
        return Ok(Some((former, left)));
    }
    home.forget_former_ca()?;
    Ok(None)
}

/// Why the former TLS CA cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FormerError {
    /// The folder.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The CA.
    #[error(transparent)]
    Ca(#[from] CaError),
}

#[cfg(test)]
mod tests;
