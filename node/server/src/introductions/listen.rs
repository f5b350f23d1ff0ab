//! Being asked: whether a structure that talks at the pairing listener may wait for this node's admin.

use super::place::Place;
use super::{IntroduceError, Introduction, Introductions, Side, Standing, confirm_until, write};
use crate::pairing::{Introduced, PairRefusal};
use crate::peers::{Origin, PeerTrust};
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_store::batch::Expected;
use relais_wire::manifest::chain::Chain;

impl Introductions {
    /// Whether a structure that showed what others say for it may be introduced. Whoever is not vouched for is told that
    /// and nothing else.
    pub(crate) async fn may_ask(&self, chain: &Chain) -> Result<(), PairRefusal> {
        let structure = chain.structure();
        let trust = self.engine.peers().peer(structure).map(|record| (record.trust(), record.origin()));
        let vouchers = self.vouchers(chain);
        match trust {
            Some((PeerTrust::Removed, _)) => return Err(PairRefusal::NotVouched),
            Some((PeerTrust::Paired | PeerTrust::Suspended, _)) if self.is_known(structure) => {
                return Err(PairRefusal::Known);
            }
            _ if vouchers.is_empty() => return Err(PairRefusal::NotVouched),
            // Two admins are comparing the words of an invitation: they are not changed under their eyes.
            Some((PeerTrust::Pending, Origin::Invitation)) => return Err(PairRefusal::Full),
            // What was confirmed here alone, and never met: both admins compare new words, and confirm anew.
            Some((PeerTrust::Paired | PeerTrust::Suspended, _))
            | Some((PeerTrust::Pending, Origin::Introduction))
            | None => {}
        }
        self.place(structure, &vouchers).await.map(|_| ())
    }

    /// Whether a partner was met: its admin has confirmed, too.
    fn is_known(&self, structure: StructureId) -> bool {
        self.engine.peers().may_propose(structure).is_err()
    }

    /// Takes up a structure that was introduced: it waits for this node's admin.
    pub(crate) async fn asked(&self, introduced: Introduced) -> Result<(), PairRefusal> {
        let _writing = self.writing.lock().await;
        self.may_ask(&introduced.chain).await?;
        let (structure, now) = (introduced.chain.structure(), self.now());
        let name = introduced.chain.current().claims().name.clone();
        let (introduction, expected) = match self.place(structure, &self.vouchers(&introduced.chain)).await? {
            Place::Again(held, expected) => {
                let expires = confirm_until(now, held.begun);
                let talks = held.talks.saturating_add(1);
                let again = held.standing(Standing::AwaitsUs, now).until(expires);
                (Introduction { name, talks, ..again }, expected)
            }
            Place::New { charged, begun, talks, expected } => {
                let fresh = waiting(structure, name, charged, now);
                let expires = confirm_until(now, begun);
                (Introduction { begun, expires, talks: talks.saturating_add(1), ..fresh }, expected)
            }
        };
        let noted = write(&introduction, expected);
        let Introduced { chain, phrase, agreement, .. } = introduced;
        let proposed = self.engine.peers().propose_introduced(chain, phrase, agreement, noted).await;
        proposed.map_err(|error| {
            tracing::warn!(peer.id = %structure, %error, "A structure was introduced in vain");
            PairRefusal::Rate
        })?;
        tracing::info!(peer.id = %structure, "A structure asks to be introduced");
        Ok(())
    }

    /// Notes that the other structure was reached and waits for this node's admin, as this node asked.
    pub(super) async fn answered(&self, introduced: Introduced) -> Result<(), IntroduceError> {
        let _writing = self.writing.lock().await;
        let structure = introduced.chain.structure();
        let (held, version) = self.read(structure).await?.ok_or(IntroduceError::Unknown)?;
        if held.standing != Standing::Asking {
            return Err(IntroduceError::Unknown);
        }
        let now = self.now();
        let expires = confirm_until(now, held.begun);
        let name = introduced.chain.current().claims().name.clone();
        let answered = held.standing(Standing::AwaitsUs, now).until(expires);
        let answered = Introduction { name, talks: held.talks.saturating_add(1), trouble: None, ..answered };
        let noted = write(&answered, Expected::Version(version));
        let Introduced { chain, phrase, agreement, .. } = introduced;
        self.engine.peers().propose_introduced(chain, phrase, agreement, noted).await?;
        tracing::info!(peer.id = %structure, "An introduction was answered: compare the phrase, then confirm");
        Ok(())
    }
}

fn waiting(with: StructureId, name: String, charged: StructureId, now: Timestamp) -> Introduction {
    Introduction {
        with,
        name,
        side: Side::AskedOfUs,
        standing: Standing::AwaitsUs,
        begun: now,
        changed: now,
        expires: confirm_until(now, now),
        endpoints: Vec::new(),
        charged: Some(charged),
        talks: 0,
        tries: 0,
        next_try: now,
        trouble: None,
    }
}
