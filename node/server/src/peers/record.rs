//! One partner, as stored.

use crate::own::Own;
use relais_domain::digest::Digest;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_wire::manifest::Manifest;
use relais_wire::manifest::chain::Chain;
use relais_wire::peer_change::{self, PeerChange, PeerChangeReason};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How a partner stands with us.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerTrust {
    /// Paired by the machines, not yet confirmed by this node's admin.
    Pending,
    /// Confirmed.
    Paired,
    /// Suspended: only endings, erasures, manifests and receipts pass.
    Suspended,
    /// Removed for good.
    Removed,
}

impl PeerTrust {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paired => "paired",
            Self::Suspended => "suspended",
            Self::Removed => "removed",
        }
    }
}

/// How a structure came to pair.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// An invitation's link, handed from one admin to the other.
    #[default]
    Invitation,
    /// A partner of both vouches.
    Introduction,
}

/// One partner.
#[derive(Clone, Debug)]
pub struct PeerRecord {
    origin: Origin,
    chain: Arc<Chain>,
    trust: PeerTrust,
    phrase: String,
    agreement: Digest,
    since: Timestamp,
    changes: Vec<Vec<u8>>,
    met: bool,
    /// Whether the words of its last talk were given up.
    given_up: bool,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(default)]
    origin: Origin,
    trust: PeerTrust,
    phrase: String,
    agreement: String,
    since: i64,
    manifests: Vec<Vec<u8>>,
    changes: Vec<Vec<u8>>,
    /// Partners stored before this was noted were met, as far as anyone knows.
    #[serde(default = "as_far_as_known")]
    met: bool,
    #[serde(default)]
    given_up: bool,
}

const fn as_far_as_known() -> bool {
    true
}

/// Why a stored partner cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The document is not one of a partner.
    #[error("not a partner's document: {0}")]
    Shape(#[from] serde_json::Error),
    /// A manifest is no good.
    #[error(transparent)]
    Manifest(#[from] relais_wire::manifest::ManifestError),
    /// The agreement's digest is no digest.
    #[error("the agreement's digest is malformed")]
    Agreement,
}

impl PeerRecord {
    /// A structure that just paired.
    pub fn proposed(chain: Chain, phrase: String, agreement: Digest, now: Timestamp) -> Self {
        let (chain, origin) = (Arc::new(chain), Origin::Invitation);
        let (trust, changes) = (PeerTrust::Pending, Vec::new());
        Self { origin, chain, trust, phrase, agreement, since: now, changes, met: false, given_up: false }
    }

    /// The same structure after a new talk, pending again: what was confirmed before stays on record.
    pub(super) fn after(self, former: Self) -> Self {
        Self { changes: former.changes, ..self }
    }

    /// The same, its node seen as a partner's.
    pub(super) fn met(self) -> Self {
        Self { met: true, ..self }
    }

    /// The same, suspended: the words of its last talk were given up. Only a new talk makes it a partner again, for nobody
    /// has compared these.
    pub(super) fn set_aside(self, own: &Own, now: Timestamp) -> Self {
        Self { given_up: true, ..self.noted(PeerTrust::Suspended, own, now) }
    }

    /// The same, come by an introduction.
    pub(super) fn introduced(self) -> Self {
        Self { origin: Origin::Introduction, ..self }
    }

    /// How it came to pair.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Whether its node was ever seen as a partner's: then its admin confirmed this structure, too.
    pub fn is_met(&self) -> bool {
        self.met
    }

    /// Whether the words of its last talk were given up: it is let in no more, until there are new ones.
    pub fn is_given_up(&self) -> bool {
        self.given_up
    }

    /// Whether this node's admin ever confirmed it.
    pub(super) fn was_confirmed(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Its id.
    pub fn structure(&self) -> StructureId {
        self.chain.structure()
    }

    /// Its manifests.
    pub fn chain(&self) -> Arc<Chain> {
        Arc::clone(&self.chain)
    }

    /// How it stands with us.
    pub fn trust(&self) -> PeerTrust {
        self.trust
    }

    /// The name it claims.
    pub fn name(&self) -> &str {
        &self.chain.current().claims().name
    }

    /// The comparison phrase.
    pub fn phrase(&self) -> &str {
        &self.phrase
    }

    /// The agreement's digest.
    pub fn agreement(&self) -> Digest {
        self.agreement
    }

    /// Since when it stands so.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// The same partner with another chain of manifests.
    pub fn with_chain(self, chain: Chain) -> Self {
        Self { chain: Arc::new(chain), ..self }
    }

    /// The partner after a change of trust, with the signed, numbered record of it.
    ///
    /// # Errors
    /// Why the change is not possible from here.
    pub fn changed(self, trust: PeerTrust, own: &Own, now: Timestamp) -> Result<Self, &'static str> {
        check(self.trust, trust)?;
        Ok(self.noted(trust, own, now))
    }

    fn noted(mut self, trust: PeerTrust, own: &Own, now: Timestamp) -> Self {
        let sequence = u64::try_from(self.changes.len()).unwrap_or(u64::MAX) + 1;
        let change = PeerChange {
            structure: own.structure(),
            peer: self.structure(),
            sequence,
            trust: signed_trust(trust),
            reason: PeerChangeReason::Other,
            at: now,
        };
        self.changes.push(change.sign(own.signing()).encode());
        self.trust = trust;
        self.since = now;
        self
    }

    /// The document.
    pub fn encode(&self) -> Vec<u8> {
        let stored = Stored {
            origin: self.origin,
            trust: self.trust,
            phrase: self.phrase.clone(),
            agreement: self.agreement.to_string(),
            since: self.since.0,
            manifests: self.chain.manifests().map(|manifest| manifest.signed().encode()).collect(),
            changes: self.changes.clone(),
            met: self.met,
            given_up: self.given_up,
        };
        serde_json::to_vec(&stored).unwrap_or_default()
    }

    /// Reads the document.
    ///
    /// # Errors
    /// What is stored contradicts itself, and how.
    pub fn decode(body: &[u8]) -> Result<Self, RecordError> {
        let stored: Stored = serde_json::from_slice(body)?;
        let manifests: Vec<Manifest> =
            stored.manifests.iter().map(|bytes| Manifest::admit(bytes)).collect::<Result<_, _>>()?;
        Ok(Self {
            origin: stored.origin,
            chain: Arc::new(Chain::from_manifests(manifests)?),
            trust: stored.trust,
            phrase: stored.phrase,
            agreement: Digest::from_hex(&stored.agreement).ok_or(RecordError::Agreement)?,
            since: Timestamp(stored.since),
            changes: stored.changes,
            met: stored.met,
            given_up: stored.given_up,
        })
    }
}

fn signed_trust(trust: PeerTrust) -> peer_change::PeerTrust {
    match trust {
        PeerTrust::Pending | PeerTrust::Paired => peer_change::PeerTrust::Paired,
        PeerTrust::Suspended => peer_change::PeerTrust::Suspended,
        PeerTrust::Removed => peer_change::PeerTrust::Removed,
    }
}

fn check(from: PeerTrust, to: PeerTrust) -> Result<(), &'static str> {
    match (from, to) {
        (PeerTrust::Pending | PeerTrust::Suspended, PeerTrust::Paired)
        | (PeerTrust::Paired, PeerTrust::Suspended)
        | (PeerTrust::Pending | PeerTrust::Paired | PeerTrust::Suspended, PeerTrust::Removed) => Ok(()),
        (PeerTrust::Removed, _) => Err("this structure was removed for good: only a new node can pair again"),
        (PeerTrust::Paired, PeerTrust::Paired) => Err("this structure is a partner already"),
        (PeerTrust::Suspended, PeerTrust::Suspended) => Err("this structure is suspended already"),
        (PeerTrust::Pending, PeerTrust::Suspended) => Err("this structure is not confirmed yet"),
        (_, PeerTrust::Pending) => Err("a confirmed structure does not become unconfirmed"),
    }
}
