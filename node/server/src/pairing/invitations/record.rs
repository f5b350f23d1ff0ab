//! One invitation as it is stored.

use super::InvitationError;
use relais_domain::digest::Digest;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_wire::pairing::{InvitationNumber, ProofKey, WRONG_PROOFS_MAX};
use serde::{Deserialize, Serialize};

/// Format of the document.
const FORMAT: u32 = 1;

/// Where an invitation stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It waits for someone.
    Open,
    /// Nobody came in time.
    Expired,
    /// Someone proved that they hold it. Until it expires they may come again, and nobody else.
    Used {
        /// Who.
        by: StructureId,
        /// When last.
        at: Timestamp,
    },
    /// It met too many wrong proofs.
    Dead,
    /// An admin took it back.
    Withdrawn,
}

/// An invitation, without its key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InvitationView {
    /// Its number.
    pub number: InvitationNumber,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// Wrong proofs it met: someone knows its number and not its secret.
    pub wrong_proofs: u32,
    /// Right proofs that came after its end, or by another than who used it: someone else has the link.
    pub late_claims: u32,
    /// Where it stands as stored; [`InvitationView::standing_at`] also looks at the clock.
    pub standing: Standing,
}

impl InvitationView {
    /// Where it stands at `now`.
    pub fn standing_at(&self, now: Timestamp) -> Standing {
        standing_at(self.standing, self.expires, now)
    }
}

fn standing_at(standing: Standing, expires: Timestamp, now: Timestamp) -> Standing {
    if standing == Standing::Open && expires <= now { Standing::Expired } else { standing }
}

/// An invitation with the key its proofs are checked with.
#[derive(Clone)]
pub(super) struct Record {
    pub(super) proof_key: Digest,
    pub(super) created: Timestamp,
    pub(super) expires: Timestamp,
    pub(super) wrong_proofs: u32,
    pub(super) late_claims: u32,
    pub(super) standing: Standing,
}

impl Record {
    pub(super) fn open(key: &ProofKey, created: Timestamp, expires: Timestamp) -> Self {
        let proof_key = Digest(*key.expose_secret_bytes());
        Self { proof_key, created, expires, wrong_proofs: 0, late_claims: 0, standing: Standing::Open }
    }

    pub(super) fn with(&self, standing: Standing) -> Self {
        Self { standing, ..self.clone() }
    }

    pub(super) fn standing_at(&self, now: Timestamp) -> Standing {
        standing_at(self.standing, self.expires, now)
    }

    /// Whether who used it may prove secret and key again: in time, and while nobody guesses.
    pub(super) fn may_be_claimed_again(&self, now: Timestamp) -> bool {
        let used = matches!(self.standing, Standing::Used { .. });
        used && now < self.expires && self.wrong_proofs < WRONG_PROOFS_MAX
    }

    pub(super) fn key(&self) -> ProofKey {
        ProofKey::from_bytes(self.proof_key.as_bytes())
    }

    pub(super) fn view(&self, number: InvitationNumber) -> InvitationView {
        let Self { created, expires, wrong_proofs, late_claims, standing, .. } = *self;
        InvitationView { number, created, expires, wrong_proofs, late_claims, standing }
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let stored = Stored {
            format: FORMAT,
            proof_key: self.proof_key.to_string(),
            created_ms: self.created.0,
            expires_ms: self.expires.0,
            wrong_proofs: self.wrong_proofs,
            late_claims: self.late_claims,
            standing: match self.standing {
                // Expiry is read from the clock, never stored.
                Standing::Open | Standing::Expired => StoredStanding::Open,
                Standing::Used { by, at } => StoredStanding::Used { by: by.compact(), at_ms: at.0 },
                Standing::Dead => StoredStanding::Dead,
                Standing::Withdrawn => StoredStanding::Withdrawn,
            },
        };
        serde_json::to_vec(&stored).expect("numbers and texts are JSON")
    }

    pub(super) fn decode(body: &[u8]) -> Result<Self, InvitationError> {
        let stored: Stored = serde_json::from_slice(body).map_err(|_| InvitationError::Corrupt)?;
        let proof_key = Digest::from_hex(&stored.proof_key).ok_or(InvitationError::Corrupt)?;
        if stored.format != FORMAT {
            return Err(InvitationError::Corrupt);
        }
        Ok(Self {
            proof_key,
            created: Timestamp(stored.created_ms),
            expires: Timestamp(stored.expires_ms),
            wrong_proofs: stored.wrong_proofs,
            late_claims: stored.late_claims,
            standing: match stored.standing {
                StoredStanding::Open => Standing::Open,
                StoredStanding::Used { by, at_ms } => Standing::Used {
                    by: StructureId::parse(&by).map_err(|_| InvitationError::Corrupt)?,
                    at: Timestamp(at_ms),
                },
                StoredStanding::Dead => Standing::Dead,
                StoredStanding::Withdrawn => Standing::Withdrawn,
            },
        })
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    format: u32,
    proof_key: String,
    created_ms: i64,
    expires_ms: i64,
    wrong_proofs: u32,
    late_claims: u32,
    standing: StoredStanding,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredStanding {
    Open,
    Used { by: String, at_ms: i64 },
    Dead,
    Withdrawn,
}
