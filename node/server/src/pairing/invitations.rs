//! The invitations a node has given out: one document each, changed only on the version it was read at.
//!
//! A claim is one transaction, so an invitation is used by one structure however many ask at the same time. Whoever
//! claimed it may prove secret and key again until it ends: a connection that dropped before the inviter's own proof
//! arrived has used nothing up. The secret is not kept, only the key derived from it.

mod record;

#[cfg(test)]
mod tests;

pub use record::{InvitationView, Standing};

use crate::clock::Dice;
use record::Record;
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use relais_store::{CommitError, Store, StoreError};
use relais_wire::endpoint::Endpoint;
use relais_wire::pairing::{
    INVITATION_LIFETIME_MAX, Invitation, InvitationNumber, InvitationSecret, ProofKey, WRONG_PROOFS_MAX,
};
use std::fmt;
use std::sync::Arc;

/// Most invitations that are open at once.
pub const INVITATIONS_OPEN_MAX: usize = 100;
/// How long an invitation is kept after its end: until then, whoever comes too late is told so.
pub const INVITATION_KEPT: Span = Span::days(30);
/// How often a change is tried again on fresh facts.
const CHANGES_TRIED_MAX: u32 = 16;

/// Why an invitation is not made or not changed.
#[derive(Debug, thiserror::Error)]
pub enum InvitationError {
    /// Longer than [`INVITATION_LIFETIME_MAX`], or no time at all.
    #[error("an invitation is open for at most 72 hours")]
    Lifetime,
    /// No endpoint, or too many.
    #[error("an invitation names 1 to {} addresses of this node", Invitation::ENDPOINTS_MAX)]
    Endpoints,
    /// Too many are open.
    #[error("{INVITATIONS_OPEN_MAX} invitations are open: withdraw some")]
    TooMany,
    /// It was made by the same call before: until when it is open. Its link was shown then, and is not kept.
    #[error("this invitation was made already, and its link is shown once")]
    Made(Timestamp),
    /// No such invitation, or it is over.
    #[error("no open invitation has this number")]
    Unknown,
    /// What is stored of an invitation cannot be read.
    #[error("stored data contradicts itself: an invitation")]
    Corrupt,
    /// The store could not.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl From<StoreError> for InvitationError {
    fn from(error: StoreError) -> Self {
        Self::Commit(CommitError::Store(error))
    }
}

/// What a new invitation says.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// This structure.
    pub inviter: StructureId,
    /// Where the pairing listener is.
    pub endpoints: Vec<Endpoint>,
    /// How long it is open.
    pub lifetime: Span,
    /// Its number, when the call that makes it may be repeated; else one is drawn.
    pub number: Option<InvitationNumber>,
}

/// What became of a claim by someone who proved the secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Claim {
    /// The invitation is theirs, from now on or still.
    Granted,
    /// There is none.
    Unknown,
    /// It has expired.
    Expired,
    /// It was used.
    Used,
    /// It met too many wrong proofs, or was withdrawn.
    Dead,
}

/// The invitations of a node.
#[derive(Clone)]
pub struct Invitations {
    store: Arc<dyn Store>,
}

impl fmt::Debug for Invitations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Invitations")
    }
}

impl Invitations {
    /// The invitations in `store`.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Makes an invitation. What is returned holds the secret, which is not kept: show its link once.
    ///
    /// # Errors
    /// [`InvitationError`].
    pub async fn create(
        &self,
        new: NewInvitation,
        now: Timestamp,
        dice: &Dice,
    ) -> Result<Invitation, InvitationError> {
        let NewInvitation { inviter, endpoints, lifetime, number } = new;
        if lifetime <= Span::ZERO || lifetime > INVITATION_LIFETIME_MAX {
            return Err(InvitationError::Lifetime);
        }
        if !(1..=Invitation::ENDPOINTS_MAX).contains(&endpoints.len()) {
            return Err(InvitationError::Endpoints);
        }
        let all = self.list().await?;
        if let Some(made) = all.iter().find(|view| Some(view.number) == number) {
            return Err(InvitationError::Made(made.expires));
        }
        if all.iter().filter(|view| view.standing_at(now) == Standing::Open).count() >= INVITATIONS_OPEN_MAX {
            return Err(InvitationError::TooMany);
        }
        let mut generator = dice.generator();
        let number = number.unwrap_or_else(|| InvitationNumber::generate(&mut generator));
        let secret = InvitationSecret::generate(&mut generator);
        // The link names whole seconds.
        let expires = Timestamp(now.plus(lifetime).0 / 1_000 * 1_000);
        let record = Record::open(&secret.proof_key(), now, expires);
        match self.write(number, Expected::Absent, Some(&record)).await {
            Ok(()) => Ok(Invitation { endpoints, inviter, number, secret, expires }),
            // The same call, twice at one instant: the other one shows the link.
            Err(CommitError::Conflict) => Err(InvitationError::Made(expires)),
            Err(error) => Err(error.into()),
        }
    }

    /// Every invitation that is kept, by number.
    ///
    /// # Errors
    /// [`InvitationError`].
    pub async fn list(&self) -> Result<Vec<InvitationView>, InvitationError> {
        let documents = self.store.documents(Shelf::Invitation, &[]).await?;
        let views = documents.iter().map(|document| {
            let number = InvitationNumber::from_slice(&document.key).ok_or(InvitationError::Corrupt)?;
            Ok(Record::decode(&document.body)?.view(number))
        });
        views.collect()
    }

    /// Withdraws an open invitation.
    ///
    /// # Errors
    /// [`InvitationError::Unknown`] when it is over.
    pub async fn withdraw(&self, number: InvitationNumber) -> Result<(), InvitationError> {
        let withdrawn = self.change(number, |record| match record.standing {
            Standing::Open => Change::Write(record.with(Standing::Withdrawn), Ok(())),
            Standing::Used { .. } | Standing::Expired | Standing::Dead | Standing::Withdrawn => {
                Change::Nothing(Err(InvitationError::Unknown))
            }
        });
        withdrawn.await?.unwrap_or(Err(InvitationError::Unknown))
    }

    /// Forgets the invitations that ended [`INVITATION_KEPT`] ago; how many.
    ///
    /// # Errors
    /// [`InvitationError`].
    pub async fn sweep(&self, now: Timestamp) -> Result<usize, InvitationError> {
        let mut forgotten = 0;
        for view in self.list().await? {
            if view.expires.plus(INVITATION_KEPT) <= now {
                self.write(view.number, Expected::Any, None).await?;
                forgotten += 1;
            }
        }
        Ok(forgotten)
    }

    /// The key that proofs for this invitation are checked with, whatever its state.
    pub(crate) async fn proof_key(
        &self,
        number: InvitationNumber,
    ) -> Result<Option<ProofKey>, InvitationError> {
        Ok(self.read(number).await?.map(|(record, _)| record.key()))
    }

    /// Counts a wrong proof; the last one kills the invitation.
    pub(crate) async fn count_wrong(
        &self,
        number: InvitationNumber,
        now: Timestamp,
    ) -> Result<(), InvitationError> {
        let counted = self.change(number, |record| {
            let standing = record.standing_at(now);
            let counts = standing == Standing::Open || record.may_be_claimed_again(now);
            if !counts {
                return Change::Nothing(record.wrong_proofs);
            }
            let wrong_proofs = record.wrong_proofs + 1;
            let dies = standing == Standing::Open && wrong_proofs >= WRONG_PROOFS_MAX;
            let standing = if dies { Standing::Dead } else { standing };
            Change::Write(Record { wrong_proofs, ..record.with(standing) }, wrong_proofs)
        });
        if let Some(count) = counted.await? {
            let invitation = u64::from_be_bytes(number.0);
            tracing::warn!(invitation, count, "Someone met an invitation with a wrong proof");
        }
        Ok(())
    }

    /// Claims the invitation for `by`, who proved its secret. A claim that comes too late is counted.
    pub(crate) async fn claim(
        &self,
        number: InvitationNumber,
        by: StructureId,
        now: Timestamp,
    ) -> Result<Claim, InvitationError> {
        let claimed = self.change(number, |record| judge_claim(record, by, now));
        let claim = claimed.await?.unwrap_or(Claim::Unknown);
        if claim != Claim::Granted {
            let invitation = u64::from_be_bytes(number.0);
            tracing::warn!(invitation, ?claim, by.id = %by, "Someone proved an invitation that is over");
        }
        Ok(claim)
    }

    async fn read(&self, number: InvitationNumber) -> Result<Option<(Record, u64)>, InvitationError> {
        let document = self.store.document(Shelf::Invitation, &number.0).await?;
        document.map(|document| Ok((Record::decode(&document.body)?, document.version))).transpose()
    }

    /// Judges the record and writes what follows, again when someone else changed it meanwhile. `None`: there is none.
    async fn change<T>(
        &self,
        number: InvitationNumber,
        judge: impl Fn(&Record) -> Change<T>,
    ) -> Result<Option<T>, InvitationError> {
        let mut tried = 0;
        loop {
            let Some((record, version)) = self.read(number).await? else { return Ok(None) };
            let (changed, answer) = match judge(&record) {
                Change::Nothing(answer) => return Ok(Some(answer)),
                Change::Write(changed, answer) => (changed, answer),
            };
            tried += 1;
            match self.write(number, Expected::Version(version), Some(&changed)).await {
                Ok(()) => return Ok(Some(answer)),
                Err(CommitError::Conflict) if tried < CHANGES_TRIED_MAX => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn write(
        &self,
        number: InvitationNumber,
        expected_version: Expected,
        record: Option<&Record>,
    ) -> Result<(), CommitError> {
        let (shelf, key) = (Shelf::Invitation, number.0.to_vec());
        let write = DocumentWrite { shelf, key, expected_version, body: record.map(Record::encode) };
        self.store.commit(Batch { documents: vec![write], ..Batch::default() }).await
    }
}

/// What a judgement leads to.
enum Change<T> {
    Nothing(T),
    Write(Record, T),
}

fn judge_claim(record: &Record, by: StructureId, now: Timestamp) -> Change<Claim> {
    let late = Record { late_claims: record.late_claims.saturating_add(1), ..record.clone() };
    match record.standing_at(now) {
        Standing::Open => Change::Write(record.with(Standing::Used { by, at: now }), Claim::Granted),
        Standing::Used { by: holder, .. } if holder == by && record.may_be_claimed_again(now) => {
            Change::Write(record.with(Standing::Used { by, at: now }), Claim::Granted)
        }
        Standing::Used { .. } => Change::Write(late, Claim::Used),
        Standing::Dead | Standing::Withdrawn => Change::Write(late, Claim::Dead),
        Standing::Expired => Change::Nothing(Claim::Expired),
    }
}
