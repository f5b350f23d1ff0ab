//! Asking: this node dials a structure that a partner recommends, again and again until it answers or time is over.

use super::{
    ASK_AGAIN_FIRST, ASK_AGAIN_MAX, ENDED_KEPT, INTRODUCTION_LIFETIME_MAX, INTRODUCTIONS_ASKED_MAX,
    IntroduceError, Introduction, Introductions, REFUSAL_REMEMBERED, Side, Standing, Trouble, write,
};
use crate::pairing::{JoinError, Joiner, PairRefusal};
use crate::peers::PeerTrust;
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use relais_store::batch::Expected;
use relais_wire::endpoint::Endpoint;

impl Introductions {
    /// Notes that this structure asks to be introduced to another one, whose pairing listener is at `endpoint`, or where
    /// it is known to be. Asked again while nobody answered, the address is replaced.
    ///
    /// # Errors
    /// [`IntroduceError`].
    pub async fn ask(
        &self,
        structure: StructureId,
        endpoint: Option<Endpoint>,
    ) -> Result<Introduction, IntroduceError> {
        let _writing = self.writing.lock().await;
        let now = self.now();
        if structure == self.engine.own().structure() {
            return Err(IntroduceError::Ourselves);
        }
        self.engine.peers().may_propose(structure)?;
        if self.recommended_by(structure).is_empty() {
            return Err(IntroduceError::NotVouched);
        }
        let all = self.read_all().await?;
        let held = all.iter().find(|(introduction, _)| introduction.with == structure);
        let expected = held.map_or(Expected::Absent, |(_, version)| Expected::Version(*version));
        let held = held.map(|(introduction, _)| introduction);
        self.may_be_asked(structure, held, now)?;
        let known = held.map(|held| held.endpoints.clone()).unwrap_or_default();
        let endpoints = endpoint.map_or(known, |endpoint| vec![endpoint]);
        if endpoints.is_empty() {
            return Err(IntroduceError::NoEndpoint);
        }
        let introduction = match held.filter(|held| held.standing == Standing::Asking) {
            Some(held) => Introduction { endpoints, next_try: now, ..held.clone() },
            None => {
                let under_way = |(introduction, _): &&(Introduction, u64)| {
                    introduction.side == Side::AskedByUs && introduction.is_under_way()
                };
                if all.iter().filter(under_way).count() >= INTRODUCTIONS_ASKED_MAX {
                    return Err(IntroduceError::TooMany);
                }
                self.fresh(structure, endpoints, now)
            }
        };
        self.commit(write(&introduction, expected), b"introduction-asked", structure).await?;
        tracing::info!(peer.id = %structure, "This structure asks to be introduced");
        Ok(introduction)
    }

    fn may_be_asked(
        &self,
        structure: StructureId,
        held: Option<&Introduction>,
        now: Timestamp,
    ) -> Result<(), IntroduceError> {
        let pending =
            self.engine.peers().peer(structure).is_some_and(|one| one.trust() == PeerTrust::Pending);
        match held.map(|held| (held.standing, held.expires)) {
            _ if pending => Err(IntroduceError::UnderWay),
            Some((Standing::AwaitsUs, _)) => Err(IntroduceError::UnderWay),
            Some((Standing::RefusedThere, until)) if until > now => Err(IntroduceError::SaidNo(until)),
            // Confirmed here and never met: the other side may have let its time pass.
            Some((
                Standing::Asking
                | Standing::Confirmed
                | Standing::RefusedHere
                | Standing::RefusedThere
                | Standing::Lapsed
                | Standing::Expired,
                _,
            ))
            | None => Ok(()),
        }
    }

    fn fresh(&self, with: StructureId, endpoints: Vec<Endpoint>, now: Timestamp) -> Introduction {
        let name = self.directory.profile(with).map(|profile| profile.name).unwrap_or_default();
        Introduction {
            with,
            name,
            side: Side::AskedByUs,
            standing: Standing::Asking,
            begun: now,
            changed: now,
            expires: now.plus(INTRODUCTION_LIFETIME_MAX),
            endpoints,
            charged: None,
            talks: 0,
            tries: 0,
            next_try: now,
            trouble: None,
        }
    }

    /// Dials the other structure once, if it is being asked for; how the introduction stands then.
    ///
    /// # Errors
    /// [`IntroduceError::Unknown`] when there is none; [`IntroduceError::Commit`].
    pub async fn try_once(
        &self,
        structure: StructureId,
        joiner: &Joiner,
    ) -> Result<Introduction, IntroduceError> {
        let held = self.with(structure).await?;
        if held.standing != Standing::Asking {
            return Ok(held);
        }
        // One at a time, outgoing or incoming: both ends then keep the same words.
        let Some(_talking) = self.talk(structure) else { return Ok(held) };
        match joiner.introduce(structure, &held.endpoints, self).await {
            Ok(introduced) => self.answered(introduced).await?,
            Err(error) => {
                tracing::info!(peer.id = %structure, %error, "An introduction was asked for in vain");
                self.note_failed(structure, &error).await?;
            }
        }
        self.with(structure).await
    }

    async fn note_failed(&self, structure: StructureId, error: &JoinError) -> Result<(), IntroduceError> {
        let _writing = self.writing.lock().await;
        let Some((held, version)) = self.read(structure).await? else { return Ok(()) };
        if held.standing != Standing::Asking {
            return Ok(());
        }
        let now = self.now();
        let ended = |standing, until| held.standing(standing, now).until(until);
        let noted = if matches!(error, JoinError::Refused(PairRefusal::Declined)) {
            ended(Standing::RefusedThere, now.plus(REFUSAL_REMEMBERED))
        } else if matches!(error, JoinError::NotVouched) {
            ended(Standing::Lapsed, now.plus(ENDED_KEPT))
        } else {
            let tries = held.tries.saturating_add(1);
            let next_try = now.plus(self.wait(tries));
            Introduction { tries, next_try, trouble: Some(trouble_of(error)), ..held.clone() }
        };
        let batch = relais_store::batch::Batch {
            documents: vec![write(&noted, Expected::Version(version))],
            ..Default::default()
        };
        Ok(self.engine.store().commit(batch).await?)
    }

    /// How long to wait after so many tries in vain: doubled each time, half of it drawn, so that two nodes that ask for
    /// each other do not meet in the middle for ever.
    fn wait(&self, tries: u32) -> Span {
        let doubled = ASK_AGAIN_FIRST.0.saturating_mul(1 << tries.saturating_sub(1).min(12));
        let most = doubled.min(ASK_AGAIN_MAX.0);
        let drawn = self.engine.dice().up_to((most / 2).unsigned_abs());
        Span(most / 2 + i64::try_from(drawn).unwrap_or(0))
    }
}

fn trouble_of(error: &JoinError) -> Trouble {
    match error {
        JoinError::Dial(_) | JoinError::TimedOut | JoinError::Ended(_) => Trouble::Unreachable,
        JoinError::Agreement => Trouble::Agreement,
        JoinError::NotTheInviter | JoinError::Introduction(_) | JoinError::Frame(_) | JoinError::Proof(_) => {
            Trouble::NotBelieved
        }
        JoinError::Expired | JoinError::NotVouched => Trouble::Unknown,
        JoinError::Refused(refusal) => match refusal {
            PairRefusal::NotVouched => Trouble::NotVouchedThere,
            PairRefusal::Full | PairRefusal::Rate => Trouble::Full,
            PairRefusal::Agreement => Trouble::Agreement,
            PairRefusal::Known => Trouble::Known,
            PairRefusal::Manifest | PairRefusal::Proof => Trouble::NotBelieved,
            PairRefusal::Unspecified
            | PairRefusal::NoInvitation
            | PairRefusal::Declined
            | PairRefusal::Expired
            | PairRefusal::Used
            | PairRefusal::Dead => Trouble::Unknown,
        },
    }
}
