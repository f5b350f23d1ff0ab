//! Looking after introductions: those nobody vouches for any more lapse, those whose time is over end, those that both
//! admins confirmed need no more looking after, and structures that did not answer are asked again.

use super::fate::Fate;
use super::{ENDED_KEPT, IntroduceError, Introduction, Introductions, PERIOD, Standing, write};
use crate::pairing::Joiner;
use relais_domain::structure_id::StructureId;
use relais_domain::thread::Trust;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use std::sync::Arc;
use tokio::task::JoinSet;

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
        self.engine.peers().note_met().await?;
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

    async fn expire(&self, introduction: &Introduction, version: u64) -> Result<(), IntroduceError> {
        let now = self.now();
        let confirmed = self.engine.peers().trust(introduction.with) == Some(Trust::Paired);
        let expired = if confirmed && introduction.standing == Standing::Asking {
            // Asked for anew in vain: what was confirmed before stands as it did.
            introduction.standing(Standing::Confirmed, now)
        } else {
            introduction.standing(Standing::Expired, now).until(now.plus(ENDED_KEPT))
        };
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
