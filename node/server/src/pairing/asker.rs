//! The asker's side of an introduction: dials a structure that a partner recommends, and believes no other.

use super::introduction::believe;
use super::joiner::{Connected, JoinError, Joiner};
use super::talk::Hearing;
use super::{Introduced, PAIRING_TIME_MAX, PairRefusal};
use crate::introductions::Introductions;
use crate::tls::Purpose;
use relais_domain::structure_id::StructureId;
use relais_proto::peer::v1::{self as proto, pair_frame::Body};
use relais_wire::endpoint::Endpoint;
use relais_wire::pairing::{
    FrameError, Introduction, IntroductionReader, Party, Proof, Role, Transcript, endorsements_frame,
    introduce_frames,
};
use tokio::time::timeout;

impl Joiner {
    /// Asks `structure`, whose pairing listener is at one of `endpoints`, to be introduced: each side has then shown
    /// who vouches for it to the other, and proven its key.
    ///
    /// # Errors
    /// [`JoinError`].
    pub(crate) async fn introduce(
        &self,
        structure: StructureId,
        endpoints: &[Endpoint],
        introductions: &Introductions,
    ) -> Result<Introduced, JoinError> {
        let stream = self.dial(structure, endpoints).await?;
        let talk = async {
            let (connected, hearing) = self.open(stream).await?;
            Asking { joiner: self, structure, introductions, connected }.run(hearing).await
        };
        timeout(PAIRING_TIME_MAX, talk).await.unwrap_or(Err(JoinError::TimedOut))
    }
}

/// One connection to a structure that is asked.
struct Asking<'a> {
    joiner: &'a Joiner,
    structure: StructureId,
    introductions: &'a Introductions,
    connected: Connected,
}

impl Asking<'_> {
    async fn run(self, mut hearing: Hearing) -> Result<Introduced, JoinError> {
        let (offer, theirs) = self.read_offer(&mut hearing).await?;
        // It is the structure that was meant: only now is anything said of ourselves.
        let ours = self.introduce().await;
        let shown = self.introductions.shown().await.map_err(|error| JoinError::Ended(error.to_string()))?;
        self.connected.say(endorsements_frame(shown)).await;
        let shown = hearing.endorsements().await?;
        self.introductions.heed(self.structure, &shown).await;
        if self.introductions.vouchers(&offer.chain).is_empty() {
            self.connected.say(PairRefusal::NotVouched.to_frame()).await;
            return Err(JoinError::NotVouched);
        }
        let transcript = Transcript::of_introduction(self.connected.exporter, theirs, ours)?;
        let agreement = self.joiner.agreement;
        let proof = transcript.prove_possession(Role::Joiner, agreement, self.joiner.own.signing());
        self.connected.say(proto::PairFrame { body: Some(Body::Proof(proof.to_proto())) }).await;
        let proof = Proof::from_proto(&hearing.proof().await?)?;
        let keys = &offer.chain.current().claims().signing_keys;
        if let Err(error) = transcript.verify_possession(Role::Inviter, &proof, keys) {
            self.connected.say(PairRefusal::Proof.to_frame()).await;
            return Err(error.into());
        }
        if proof.agreement() != agreement {
            self.connected.say(PairRefusal::Agreement.to_frame()).await;
            return Err(JoinError::Agreement);
        }
        let phrase = transcript.phrase().to_string();
        Ok(Introduced { chain: offer.chain, phrase, agreement })
    }

    async fn read_offer(&self, hearing: &mut Hearing) -> Result<(Introduction, Party), JoinError> {
        let Body::Offer(offer) = hearing.next().await? else { return Err(FrameError::Shape.into()) };
        let offer = hearing.finish(IntroductionReader::from_offer(offer)?).await?;
        if offer.chain.structure() != self.structure {
            return Err(JoinError::NotTheInviter);
        }
        let (pins, now) = (&self.joiner.pins, self.joiner.clock.now());
        let theirs = believe(&offer.chain, &self.connected.leaf, Purpose::Server, pins, now)?;
        Ok((offer, theirs))
    }

    async fn introduce(&self) -> Party {
        let chain = self.joiner.own.chain().as_ref().clone();
        let ours = Party { structure: chain.structure(), manifest: chain.current().identity() };
        let site_names = self.joiner.site_names.clone();
        for frame in introduce_frames(&Introduction { chain, site_names }) {
            self.connected.say(frame).await;
        }
        ours
    }
}
