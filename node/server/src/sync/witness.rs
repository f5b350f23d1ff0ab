//! The partner's ledger: its last checkpoint is kept, and each one it signs must be proven to lie in one line with that.
//! Two that contradict each other are kept as proof; one that is never proven is kept too. Both raise an alarm.
//!
//! Several streams of one partner may overtake each other, so an older checkpoint is no rewind by itself: it is asked to
//! be proven a beginning of the one held, which a ledger that went back cannot be.

use super::stream::Ended;
use super::{PROOF_WAIT, PROOFS_AWAITED_MAX, SyncContext, UNANSWERED_MAX};
use crate::ledger::{LedgerError, PeerLedger, Unproven};
use relais_domain::merkle::verify_consistency;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_wire::frame::{ConsistencyProof, ConsistencyWanted};
use relais_wire::ledger::{Checkpoint, CheckpointError, open_checkpoint};
use std::cmp::Ordering;
use std::collections::VecDeque;
use std::sync::PoisonError;

pub(super) struct Witness<'a> {
    context: &'a SyncContext,
    peer: StructureId,
    begun: Timestamp,
    /// The last checkpoint that this stream showed.
    last: Option<Shown>,
    /// The proofs asked for, in the order they will come.
    asked: VecDeque<Asked>,
}

/// A checkpoint as it came.
#[derive(Clone)]
struct Shown {
    checkpoint: Checkpoint,
    note: String,
}

/// A proof that was asked for: that a checkpoint this stream showed lies in one line with the one held.
struct Asked {
    held: Shown,
    shown: Shown,
    at: Timestamp,
}

impl Shown {
    fn contradicts(&self, other: &Self) -> bool {
        self.checkpoint.size == other.checkpoint.size && self.checkpoint.root != other.checkpoint.root
    }
}

impl Asked {
    /// The older of the two, then the newer.
    fn in_order(&self) -> (&Checkpoint, &Checkpoint) {
        let (held, shown) = (&self.held.checkpoint, &self.shown.checkpoint);
        if self.goes_on() { (held, shown) } else { (shown, held) }
    }

    /// Whether what was shown is the newer.
    fn goes_on(&self) -> bool {
        self.shown.checkpoint.size > self.held.checkpoint.size
    }

    fn wanted(&self) -> ConsistencyWanted {
        let (old, new) = self.in_order();
        ConsistencyWanted { old_size: old.size, new_size: new.size }
    }
}

impl<'a> Witness<'a> {
    pub(super) fn new(context: &'a SyncContext, peer: StructureId) -> Self {
        Self { context, peer, begun: context.clock.now(), last: None, asked: VecDeque::new() }
    }

    /// Takes in a checkpoint; the proof that is wanted, if one is.
    pub(super) async fn checkpoint(&mut self, note: String) -> Result<Option<ConsistencyWanted>, Ended> {
        let checkpoint = self.open(&note).map_err(|error| {
            tracing::warn!(peer.id = %self.peer, %error, "Checkpoint refused");
            Ended("a checkpoint is no good")
        })?;
        let shown = Shown { checkpoint, note };
        let before = self.last.replace(shown.clone());
        let context = self.context;
        let _witnessing = context.witnessing.lock().await;
        if let Some(before) = before {
            // One stream shows its ledger in the order in which it grew.
            if shown.checkpoint.size < before.checkpoint.size {
                return self.contradicted(&before, &shown, "the ledger went back").await.map(|()| None);
            }
            if shown.contradicts(&before) {
                return self.contradicted(&before, &shown, "two ledgers of one size").await.map(|()| None);
            }
        }
        self.compare(shown).await
    }

    /// Compares what was shown with what is held: keeps it, raises the alarm, or asks for the proof.
    async fn compare(&mut self, shown: Shown) -> Result<Option<ConsistencyWanted>, Ended> {
        let Some(known) = self.known().await? else {
            return self.keep(shown).await.map(|()| None);
        };
        if known.contradiction.is_some() {
            return Ok(None);
        }
        let held = self.held(known);
        if shown.contradicts(&held) {
            return self.contradicted(&held, &shown, "two ledgers of one size").await.map(|()| None);
        }
        match shown.checkpoint.size.cmp(&held.checkpoint.size) {
            Ordering::Equal => self.doubted().await,
            Ordering::Greater if held.checkpoint.size == 0 => self.keep(shown).await.map(|()| None),
            Ordering::Less if shown.checkpoint.size == 0 => self.unproven(Some(shown)).await.map(|()| None),
            Ordering::Greater | Ordering::Less => self.ask(held, shown).await.map(Some),
        }
    }

    async fn ask(&mut self, held: Shown, shown: Shown) -> Result<ConsistencyWanted, Ended> {
        if self.asked.len() >= PROOFS_AWAITED_MAX {
            return Err(Ended("too many checkpoints without a proof"));
        }
        if self.unanswered() >= UNANSWERED_MAX {
            self.unproven(Some(shown.clone())).await?;
        }
        let asked = Asked { held, shown, at: self.context.clock.now() };
        let wanted = asked.wanted();
        self.asked.push_back(asked);
        Ok(wanted)
    }

    /// Takes in the proof that was asked for; the next one that is wanted, if one is.
    pub(super) async fn proof(
        &mut self,
        proof: &ConsistencyProof,
    ) -> Result<Option<ConsistencyWanted>, Ended> {
        let Some(asked) = self.asked.pop_front() else {
            return Err(Ended("a proof nobody asked for"));
        };
        let (old, new) = asked.in_order();
        if (proof.old_size, proof.new_size) != (old.size, new.size) {
            self.asked.push_front(asked);
            return Err(Ended("a proof of something else"));
        }
        let context = self.context;
        let _witnessing = context.witnessing.lock().await;
        if !verify_consistency(old.size, old.root, new.size, new.root, &proof.path) {
            let what = "the new ledger does not continue the old one";
            return self.contradicted(&asked.held, &asked.shown, what).await.map(|()| None);
        }
        self.answered();
        let Some(known) = self.known().await? else { return self.keep(asked.shown).await.map(|()| None) };
        if known.contradiction.is_some() {
            return Ok(None);
        }
        // What was doubted before is doubted until it is proven itself.
        let doubted = known.unproven.clone().and_then(|unproven| unproven.note);
        let doubt = known.unproven.clone().filter(|_| doubted.is_some_and(|note| note != asked.shown.note));
        let held = self.held(known);
        match (held.note == asked.held.note, asked.goes_on()) {
            (true, true) => self.write(asked.shown, None, doubt).await?,
            // Overtaken, and a beginning of what is held.
            (true | false, false) => self.write(held, None, doubt).await?,
            // Another stream was faster: what it brought must lie in one line with this, too.
            (false, true) => return self.compare(asked.shown).await,
        }
        self.doubted().await
    }

    /// Asks again for the proof of a checkpoint that is still doubted.
    async fn doubted(&mut self) -> Result<Option<ConsistencyWanted>, Ended> {
        let Some(known) = self.known().await? else { return Ok(None) };
        let Some(unproven) = known.unproven.clone() else { return Ok(None) };
        let Some(note) = unproven.note else { return self.keep(self.held(known)).await.map(|()| None) };
        let Ok(checkpoint) = self.open(&note) else { return Ok(None) };
        let (held, shown) = (self.held(known), Shown { checkpoint, note });
        if shown.contradicts(&held) {
            return self.contradicted(&held, &shown, "two ledgers of one size").await.map(|()| None);
        }
        // Nothing is a beginning of everything.
        if shown.checkpoint == held.checkpoint || shown.checkpoint.size == 0 {
            return self.keep(held).await.map(|()| None);
        }
        if self.asked.iter().any(|asked| asked.shown.note == shown.note) {
            return Ok(None);
        }
        self.ask(held, shown).await.map(Some)
    }

    /// Raises the alarm when the partner shows no ledger, or owes a proof, for too long.
    pub(super) async fn look(&mut self) -> Result<(), Ended> {
        let now = self.context.clock.now();
        let late = self.asked.iter().find(|asked| now.since(asked.at) > PROOF_WAIT);
        match late.map(|asked| asked.shown.clone()) {
            Some(shown) => self.unproven(Some(shown)).await,
            None if self.last.is_none() && now.since(self.begun) > PROOF_WAIT => self.unproven(None).await,
            None => Ok(()),
        }
    }

    /// Looks back on a stream that ended. Hanging up instead of proving an older ledger raises the alarm at once; one
    /// that continues is asked to be proven again at the next stream, and only so often in vain.
    pub(super) async fn finish(&mut self) -> Result<(), Ended> {
        let back = self.asked.iter().find(|asked| !asked.goes_on()).map(|asked| asked.shown.clone());
        match back {
            Some(shown) => self.unproven(Some(shown)).await,
            None => Ok(()),
        }
    }

    /// Opens a checkpoint with a key that any of the partner's manifests names for it.
    fn open(&self, note: &str) -> Result<Checkpoint, CheckpointError> {
        let mut last = Err(CheckpointError::NotSigned);
        let Some(chain) = self.context.peers.chain(self.peer) else { return last };
        for key in chain.manifests().flat_map(|manifest| &manifest.claims().witness_keys) {
            last = open_checkpoint(note, &self.peer, key);
            if last.is_ok() {
                break;
            }
        }
        last
    }

    async fn known(&self) -> Result<Option<PeerLedger>, Ended> {
        self.context.ledger.of_peer(self.peer).await.map_err(|error| of_store(&error))
    }

    fn held(&self, known: PeerLedger) -> Shown {
        let checkpoint = Checkpoint { ledger: self.peer, size: known.size, root: known.root };
        Shown { checkpoint, note: known.note }
    }

    /// Keeps a checkpoint as the last one; nothing is doubted.
    async fn keep(&self, shown: Shown) -> Result<(), Ended> {
        self.write(shown, None, None).await
    }

    /// Raises the alarm and keeps both signed checkpoints. From here on nothing replaces them: they are the proof.
    async fn contradicted(&self, held: &Shown, shown: &Shown, what: &str) -> Result<(), Ended> {
        if self.known().await?.is_some_and(|known| known.contradiction.is_some()) {
            return Ok(());
        }
        let held_size = held.checkpoint.size;
        tracing::error!(peer.id = %self.peer, held_size, what, "A partner's ledger contradicts itself");
        self.write(held.clone(), Some(shown.note.clone()), None).await
    }

    /// Raises the alarm that the partner does not prove its ledger, and keeps what it showed.
    async fn unproven(&self, shown: Option<Shown>) -> Result<(), Ended> {
        let Some(known) = self.known().await? else { return Err(Ended("it shows no ledger")) };
        if known.contradiction.is_some() || known.unproven.is_some() {
            return Ok(());
        }
        let shown_size = shown.as_ref().map(|shown| shown.checkpoint.size);
        tracing::error!(
            peer.id = %self.peer, held_size = known.size, shown_size, "A partner does not prove its ledger"
        );
        let since = self.context.clock.now();
        let unproven = Unproven { note: shown.map(|shown| shown.note), since };
        let held = self.held(known);
        self.write(held, None, Some(unproven)).await
    }

    async fn write(
        &self,
        shown: Shown,
        contradiction: Option<String>,
        unproven: Option<Unproven>,
    ) -> Result<(), Ended> {
        let known = PeerLedger {
            size: shown.checkpoint.size,
            root: shown.checkpoint.root,
            note: shown.note,
            seen_at: self.context.clock.now(),
            contradiction,
            unproven,
        };
        self.context.ledger.keep_peer(self.peer, &known).await.map_err(|error| of_store(&error))
    }

    /// How many streams of the partner ended while they owed a proof, since it last gave one.
    fn unanswered(&self) -> u32 {
        let all = self.context.unanswered.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&self.peer).copied().unwrap_or(0)
    }

    fn answered(&self) {
        let mut all = self.context.unanswered.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&self.peer);
    }
}

impl Drop for Witness<'_> {
    /// However the stream ends: what it owes is not forgotten.
    fn drop(&mut self) {
        if !self.asked.is_empty() {
            let mut all = self.context.unanswered.lock().unwrap_or_else(PoisonError::into_inner);
            let count = all.entry(self.peer).or_insert(0);
            *count = count.saturating_add(1);
        }
    }
}

fn of_store(error: &LedgerError) -> Ended {
    tracing::warn!(%error, "What is known of a partner's ledger could not be read or kept");
    Ended("the store could not")
}
