//! Looking after introductions: those nobody vouches for any more lapse, those whose time is over end, those that both
//! admins confirmed need no more looking after, and structures that did not answer are asked again.

use super::{ENDED_KEPT, IntroduceError, Introduction, Introductions, PERIOD, Standing, write};
use crate::pairing::Joiner;
use crate::peers::{Origin, PeerTrust};
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use std::sync::Arc;
use tokio::task::JoinSet;

/// What becomes of an introduction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fate {
    /// It goes on.
    GoesOn,
    /// Nobody vouches for it any more.
    Lapses,
    /// Its time is over.
    Expires,
    /// Nothing of it needs to be remembered.
    Forgotten,
}

impl Introductions {
    /// Looks after introductions for ever.
    pub async fn keep(self, joiner: Arc<Joiner>) {
        let mut tick = tokio::time::interval(PERIOD);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut partners = self.engine.peers().changes();
        let mut asking = JoinSet::new();
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                changed = partners.changed() => if changed.is_err() { return },
            }
            while asking.try_join_next().is_some() {}
            match self.round().await {
                Ok(due) => {
                    for structure in due {
                        let (introductions, joiner) = (self.clone(), Arc::clone(&joiner));
                        asking.spawn(async move { introductions.ask_again(structure, &joiner).await });
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "Introductions could not be looked after; it is tried again")
                }
            }
        }
    }

    async fn ask_again(&self, structure: StructureId, joiner: &Joiner) {
        if let Err(error) = self.try_once(structure, joiner).await {
            tracing::warn!(peer.id = %structure, %error, "An introduction could not be asked for");
        }
    }

    /// Looks after every introduction once; the structures that are to be asked again now.
    ///
    /// # Errors
    /// [`IntroduceError`]: what was done before stays so.
    pub async fn round(&self) -> Result<Vec<StructureId>, IntroduceError> {
        let _writing = self.writing.lock().await;
        let now = self.now();
        let mut due = Vec::new();
        for (introduction, version) in self.read_all().await? {
            match self.fate(&introduction, now) {
                Fate::GoesOn if introduction.standing == Standing::Asking && introduction.next_try <= now => {
                    due.push(introduction.with);
                }
                Fate::GoesOn => {}
                Fate::Lapses => self.lapse(&introduction, version).await?,
                Fate::Expires => self.expire(&introduction, version).await?,
                Fate::Forgotten => self.forget(&introduction, version).await?,
            }
        }
        Ok(due)
    }

    fn fate(&self, introduction: &Introduction, now: Timestamp) -> Fate {
        let over = introduction.expires <= now;
        let peers = self.engine.peers();
        let record = peers.peer(introduction.with);
        let vouched = || record.as_ref().is_some_and(|record| !self.vouchers(&record.chain()).is_empty());
        match introduction.standing {
            Standing::Asking if over => Fate::Expires,
            Standing::Asking if self.recommended_by(introduction.with).is_empty() => Fate::Lapses,
            Standing::Asking => Fate::GoesOn,
            Standing::AwaitsUs => {
                let waits = record.as_ref().is_some_and(|record| {
                    record.trust() == PeerTrust::Pending && record.origin() == Origin::Introduction
                });
                match (waits, over) {
                    (false, _) => Fate::Forgotten,
                    (true, true) => Fate::Expires,
                    (true, false) if vouched() => Fate::GoesOn,
                    (true, false) => Fate::Lapses,
                }
            }
            Standing::Confirmed => {
                let paired = record.as_ref().is_some_and(|record| record.trust() == PeerTrust::Paired);
                // Only a node whose admin confirmed, too, lets us in or comes to us.
                let seen = peers.presence(introduction.with).last_seen.is_some();
                match (paired && !seen, vouched()) {
                    (false, _) => Fate::Forgotten,
                    (true, true) => Fate::GoesOn,
                    (true, false) => Fate::Lapses,
                }
            }
            Standing::RefusedHere | Standing::RefusedThere | Standing::Lapsed | Standing::Expired => {
                if over {
                    Fate::Forgotten
                } else {
                    Fate::GoesOn
                }
            }
        }
    }

    async fn expire(&self, introduction: &Introduction, version: u64) -> Result<(), IntroduceError> {
        let now = self.now();
        let expired = introduction.standing(Standing::Expired, now).until(now.plus(ENDED_KEPT));
        let noted = write(&expired, Expected::Version(version));
        let structure = introduction.with;
        tracing::info!(peer.id = %structure, "The time of an introduction is over");
        match introduction.standing {
            Standing::AwaitsUs => Ok(self.engine.peers().decline_noted(structure, Some(noted)).await?),
            Standing::Asking
            | Standing::Confirmed
            | Standing::RefusedHere
            | Standing::RefusedThere
            | Standing::Lapsed
            | Standing::Expired => self.commit(noted, b"introduction-expired", structure).await,
        }
    }

    pub(super) async fn forget(
        &self,
        introduction: &Introduction,
        version: u64,
    ) -> Result<(), IntroduceError> {
        let gone = DocumentWrite { body: None, ..write(introduction, Expected::Version(version)) };
        Ok(self.engine.store().commit(Batch { documents: vec![gone], ..Batch::default() }).await?)
    }
}
