//! The side of an introduction that is asked: whoever knocks without an invitation shows who vouches for it.

use super::Introduced;
use super::PairRefusal;
use super::inviter::{Conversation, End};
use relais_proto::peer::v1::{self as proto, pair_frame::Body};
use relais_wire::pairing::{
    Introduction, IntroductionReader, Party, Proof, Role, Transcript, endorsements_frame,
};

impl From<PairRefusal> for End {
    fn from(refusal: PairRefusal) -> Self {
        Self::Refuse(refusal)
    }
}

impl Conversation {
    /// Goes on with a structure that asks to be introduced. Until it is vouched for it learns nothing but the offer.
    pub(super) async fn introduced(
        mut self,
        ours: Party,
        introduce: proto::PairIntroduce,
    ) -> Result<(), End> {
        let reader = IntroductionReader::from_introduce(introduce).map_err(super::talk::TalkError::from)?;
        let introduction = self.hearing.finish(reader).await?;
        let theirs = self.believe(&introduction)?;
        let shown = self.hearing.endorsements().await?;
        let introductions = self.inviter.introductions.clone();
        let Some(_talking) = introductions.talk(theirs.structure) else {
            return Err(PairRefusal::Rate.into());
        };
        introductions.heed(theirs.structure, &shown).await;
        introductions.may_ask(&introduction.chain).await?;
        let shown = introductions.shown().await.map_err(|error| End::Fault(error.to_string()))?;
        self.say(endorsements_frame(shown)).await?;
        let transcript = Transcript::of_introduction(self.info.exporter, ours, theirs)
            .map_err(|_| End::Refuse(PairRefusal::Manifest))?;
        self.check_proof(&transcript, &introduction).await?;
        let agreement = self.inviter.agreement;
        let phrase = transcript.phrase().to_string();
        introductions.asked(Introduced { chain: introduction.chain, phrase, agreement }).await?;
        let proof = transcript.prove_possession(Role::Inviter, agreement, self.inviter.own.signing());
        self.say(proto::PairFrame { body: Some(Body::Proof(proof.to_proto())) }).await
    }

    /// The key of its manifest, and the same agreement.
    async fn check_proof(&mut self, transcript: &Transcript, introduction: &Introduction) -> Result<(), End> {
        let message = self.hearing.proof().await?;
        let keys = &introduction.chain.current().claims().signing_keys;
        let proven = Proof::from_proto(&message)
            .and_then(|proof| transcript.verify_possession(Role::Joiner, &proof, keys).map(|()| proof));
        let proof = proven.map_err(|_| End::Refuse(PairRefusal::Proof))?;
        let agreed = proof.agreement() == self.inviter.agreement;
        if agreed { Ok(()) } else { Err(End::Refuse(PairRefusal::Agreement)) }
    }
}
