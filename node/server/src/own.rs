//! What this structure is: its id, its manifests, and the keys it signs and opens with.

use crate::clock::Dice;
use crate::home::{Home, HomeError, Secrets};
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use relais_store::{CommitError, Store};
use relais_wire::endpoint::Endpoint;
use relais_wire::keys::{SealSecret, SigningSecret};
use relais_wire::manifest::StructureKind;
use relais_wire::manifest::chain::Chain;
use relais_wire::manifest::{Claims, Manifest, ManifestError, SealingKey};
use relais_wire::seal::KeyRing;
use std::sync::{Arc, PoisonError, RwLock};

/// How long a manifest holds.
pub const MANIFEST_LIFETIME: Span = Span::days(365);

/// What this structure is.
#[derive(Debug)]
pub struct Own {
    structure: StructureId,
    signing: SigningSecret,
    ring: KeyRing,
    chain: RwLock<Arc<Chain>>,
}

/// What a structure says of itself when its node is made.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: StructureKind,
    /// Where the node listens for partners.
    pub endpoints: Vec<Endpoint>,
    /// Where it listens for invited structures, and for those who ask to be introduced.
    pub pairing_endpoints: Vec<Endpoint>,
}

/// A structure just founded: its secrets, its first manifest, and the next root for the recovery sheet.
#[derive(Debug)]
pub struct Founded {
    /// The secrets to keep.
    pub secrets: Secrets,
    /// The next root: printed on the recovery sheet, never kept.
    pub next_root: SigningSecret,
    /// The first manifest.
    pub manifest: Manifest,
}

/// Founds a structure: draws its keys, makes its TLS CA and signs its first manifest.
///
/// # Errors
/// [`ManifestError`] when the profile is out of bounds.
pub fn found(
    profile: &Profile,
    make_ca: impl FnOnce(StructureId) -> (Vec<u8>, zeroize::Zeroizing<Vec<u8>>),
    dice: &Dice,
    now: Timestamp,
) -> Result<Founded, ManifestError> {
    let mut generator = dice.generator();
    let root = SigningSecret::generate(&mut generator);
    let next_root = SigningSecret::generate(&mut generator);
    let signing = SigningSecret::generate(&mut generator);
    let sealing = SealSecret::generate(&mut generator);
    let (ca_certificate, ca_key) = make_ca(root.verify_key().structure_id());
    let claims = claims(profile, &ca_certificate, &signing, &sealing, now);
    let manifest = Manifest::first(&claims, &root, next_root.verify_key().spki_hash())?;
    let node_key = zeroize::Zeroizing::new(dice.bytes());
    let secrets = Secrets { root, signing, sealing, ca_certificate, ca_key, node_key };
    Ok(Founded { secrets, next_root, manifest })
}

/// The claims of a manifest with these keys, valid from now.
pub fn claims(
    profile: &Profile,
    ca_certificate: &[u8],
    signing: &SigningSecret,
    sealing: &SealSecret,
    now: Timestamp,
) -> Claims {
    Claims {
        tls_ca_der: ca_certificate.to_vec(),
        signing_keys: vec![signing.verify_key()],
        sealing_keys: vec![SealingKey::X25519(sealing.seal_key())],
        witness_keys: vec![signing.verify_key()],
        endpoints: profile.endpoints.clone(),
        pairing_endpoints: profile.pairing_endpoints.clone(),
        name: profile.name.clone(),
        kind: profile.kind,
        valid_from: now.minus(Span::hours(1)),
        valid_until: now.plus(MANIFEST_LIFETIME),
    }
}

impl Own {
    /// What the structure is, from its manifests and the secrets it works with.
    pub fn new(chain: Chain, signing: SigningSecret, sealing: Vec<SealSecret>) -> Self {
        Self {
            structure: chain.structure(),
            signing,
            ring: KeyRing::new(sealing),
            chain: RwLock::new(Arc::new(chain)),
        }
    }

    /// Its id.
    pub fn structure(&self) -> StructureId {
        self.structure
    }

    /// Its manifests.
    pub fn chain(&self) -> Arc<Chain> {
        Arc::clone(&self.chain.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes up a longer chain of manifests.
    pub fn set_chain(&self, chain: Chain) {
        *self.chain.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(chain);
    }

    /// The sequence of its current manifest.
    pub fn manifest(&self) -> u64 {
        self.chain().current().sequence()
    }

    /// The key that signs envelopes, receipts, consents and checkpoints.
    pub fn signing(&self) -> &SigningSecret {
        &self.signing
    }

    /// The keys that open what is sealed to it.
    pub fn ring(&self) -> &KeyRing {
        &self.ring
    }
}

/// How long before its end a manifest is renewed.
pub const MANIFEST_RENEWAL: Span = Span::days(30);

fn ends_soon(manifest: &Manifest, now: Timestamp) -> bool {
    manifest.claims().valid_until.minus(MANIFEST_RENEWAL) <= now
}

/// The chain with a new manifest if what the structure says of itself has changed, or the last one ends soon.
///
/// # Errors
/// [`RefreshError`].
pub async fn refreshed(
    chain: Chain,
    profile: &Profile,
    secrets: &Secrets,
    store: &dyn Store,
    now: Timestamp,
) -> Result<Chain, RefreshError> {
    let current = chain.current().claims();
    let same = current.endpoints == profile.endpoints
        && current.pairing_endpoints == profile.pairing_endpoints
        && current.name == profile.name;
    if same && !ends_soon(chain.current(), now) {
        return Ok(chain);
    }
    let claims = claims(profile, &secrets.ca_certificate, &secrets.signing, &secrets.sealing, now);
    followed(&chain, &claims, &secrets.root, store).await
}

/// Whether the manifest was renewed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Renewal {
    /// A new one says the same, from now on.
    Made,
    /// The current one holds long enough.
    NotDue,
}

/// Renews the manifest of a running node when it ends soon; the root is read from the folder for that alone.
///
/// # Errors
/// [`RefreshError`]: the current one stays.
pub async fn renew(
    own: &Own,
    home: &Home,
    store: &dyn Store,
    now: Timestamp,
) -> Result<Renewal, RefreshError> {
    let chain = own.chain();
    if !ends_soon(chain.current(), now) {
        return Ok(Renewal::NotDue);
    }
    let secrets = home.secrets()?;
    let claims = Claims {
        valid_from: now.minus(Span::hours(1)),
        valid_until: now.plus(MANIFEST_LIFETIME),
        ..chain.current().claims().clone()
    };
    own.set_chain(followed(&chain, &claims, &secrets.root, store).await?);
    Ok(Renewal::Made)
}

/// The chain with a manifest of these claims, stored.
async fn followed(
    chain: &Chain,
    claims: &Claims,
    root: &SigningSecret,
    store: &dyn Store,
) -> Result<Chain, RefreshError> {
    let next = chain.next(claims, root)?;
    crate::init::put_manifest(store, &next).await?;
    Ok(chain.accept(next)?.chain)
}

/// Why the manifest could not be renewed.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The profile does not fit a manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The root could not be read.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The store could not.
    #[error(transparent)]
    Commit(#[from] CommitError),
}
