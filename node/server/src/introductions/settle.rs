//! Saying yes or no, and what ends an introduction before both said yes.

use super::{ENDED_KEPT, IntroduceError, Introduction, Introductions, REFUSAL_REMEMBERED, Standing, write};
use crate::peers::PeerTrust;
use relais_domain::structure_id::StructureId;
use relais_store::batch::{DocumentWrite, Expected};

impl Introductions {
    /// Confirms a structure that was introduced, if someone still vouches for it; else the introduction lapses. `seen` are
    /// the words that the admin compared.
    ///
    /// # Errors
    /// [`IntroduceError::NotVouched`], [`IntroduceError::Unknown`], [`IntroduceError::Peer`].
    pub async fn confirm(&self, structure: StructureId, seen: &str) -> Result<(), IntroduceError> {
        let _writing = self.writing.lock().await;
        let (introduction, version) = self.read(structure).await?.ok_or(IntroduceError::Unknown)?;
        if introduction.standing != Standing::AwaitsUs || introduction.expires <= self.now() {
            return Err(IntroduceError::Unknown);
        }
        let chain = self.engine.peers().chain(structure).ok_or(IntroduceError::Unknown)?;
        if self.vouchers(&chain).is_empty() {
            self.lapse(&introduction, version).await?;
            return Err(IntroduceError::NotVouched);
        }
        let confirmed = introduction.standing(Standing::Confirmed, self.now());
        let noted = Some(write(&confirmed, Expected::Version(version)));
        self.engine.peers().confirm(structure, seen, noted).await?;
        tracing::info!(peer.id = %structure, "An introduction was confirmed");
        Ok(())
    }

    /// Says no to an introduction, or takes back one that was asked for. A no is remembered for
    /// [`REFUSAL_REMEMBERED`].
    ///
    /// # Errors
    /// [`IntroduceError::Unknown`] when none is under way.
    pub async fn refuse(&self, structure: StructureId) -> Result<Introduction, IntroduceError> {
        let _writing = self.writing.lock().await;
        let (introduction, version) = self.read(structure).await?.ok_or(IntroduceError::Unknown)?;
        let now = self.now();
        let refused = introduction.standing(Standing::RefusedHere, now).until(now.plus(REFUSAL_REMEMBERED));
        let noted = write(&refused, Expected::Version(version));
        match introduction.standing {
            // Nobody was reached: there is nobody whom a no would be said to.
            Standing::Asking => {
                let gone = DocumentWrite { body: None, ..noted };
                self.commit(gone, b"introduction-taken-back", structure).await?;
            }
            Standing::AwaitsUs => {
                self.engine.peers().decline_noted(structure, Some(noted)).await?;
            }
            Standing::Confirmed
            | Standing::RefusedHere
            | Standing::RefusedThere
            | Standing::Lapsed
            | Standing::Expired => return Err(IntroduceError::Unknown),
        }
        tracing::info!(peer.id = %structure, "An introduction was refused");
        Ok(refused)
    }

    /// Ends an introduction that nobody vouches for any more. What this side had confirmed already is suspended, not
    /// forgotten: something may have been sent since.
    pub(super) async fn lapse(
        &self,
        introduction: &Introduction,
        version: u64,
    ) -> Result<(), IntroduceError> {
        let structure = introduction.with;
        let now = self.now();
        let lapsed = introduction.standing(Standing::Lapsed, now).until(now.plus(ENDED_KEPT));
        let noted = write(&lapsed, Expected::Version(version));
        let peers = self.engine.peers();
        let trust = peers.peer(structure).map(|record| record.trust());
        match (introduction.standing, trust) {
            (Standing::AwaitsUs, Some(PeerTrust::Pending)) => {
                peers.decline_noted(structure, Some(noted)).await?
            }
            (Standing::Confirmed | Standing::Asking, Some(PeerTrust::Paired)) => {
                peers.set_trust_noted(structure, PeerTrust::Suspended, Some(noted)).await?;
            }
            _ => self.commit(noted, b"introduction-lapsed", structure).await?,
        }
        tracing::warn!(peer.id = %structure, "An introduction lapsed: nobody vouches for it any more");
        Ok(())
    }
}
