//! Becoming partners with structures that a partner recommends.

use super::admin::peer_error;
use super::open::structure;
use super::{Desk, answer};
use crate::introductions::{IntroduceError, Introduction, Standing};
use crate::peers::{Origin, PeerTrust};
use relais_domain::structure_id::StructureId;
use relais_proto::desk::v1 as desk;
use relais_wire::endpoint::Endpoint;
use tonic::{Code, Status};

impl Desk {
    /// Notes that this structure asks, and dials the other one once.
    pub(super) async fn ask_introduction(
        &self,
        request: &desk::AskIntroductionRequest,
    ) -> Result<desk::IntroductionView, Status> {
        let other = match request.structure.trim() {
            "" => structure(&request.structure_id, "structure_id")?,
            text => {
                StructureId::parse(text).map_err(|error| answer::field("structure", &error.to_string()))?
            }
        };
        let endpoint = match request.endpoint.trim() {
            "" => self.pairing_endpoint(other).await?,
            text => {
                let parsed = Endpoint::parse(text);
                Some(parsed.map_err(|error| answer::field("endpoint", &error.to_string()))?)
            }
        };
        let asked = self.introductions.ask(other, endpoint).await;
        asked.map_err(|error| introduce_error(&error))?;
        let tried = self.introductions.try_once(other, &self.joiner).await;
        Ok(self.introduction_view(&tried.map_err(|error| introduce_error(&error))?))
    }

    /// Where the pairing listener of a structure is, by its manifests held here: those that are pinned, or that a partner
    /// carried. Whoever answers there must be that structure.
    async fn pairing_endpoint(&self, other: StructureId) -> Result<Option<Endpoint>, Status> {
        let chain = match self.engine.peers().chain(other) {
            Some(pinned) => Some(pinned),
            None => {
                let carried = self.directory.carried().chain(other).await;
                carried.map_err(|error| answer::engine(error.into()))?
            }
        };
        Ok(chain.and_then(|chain| chain.current().claims().pairing_endpoints.first().cloned()))
    }

    /// What waits for this structure first, then the newest first.
    pub(super) async fn list_introductions(&self) -> Result<desk::ListIntroductionsResponse, Status> {
        let mut all = self.introductions.list().await.map_err(|error| introduce_error(&error))?;
        let waits = |one: &Introduction| one.standing == Standing::AwaitsUs;
        all.sort_by_key(|one| (!waits(one), !one.is_under_way(), std::cmp::Reverse(one.begun), one.with));
        let introductions = all.iter().map(|one| self.introduction_view(one)).collect();
        Ok(desk::ListIntroductionsResponse { introductions })
    }

    pub(super) async fn refuse_introduction(
        &self,
        request: &desk::RefuseIntroductionRequest,
    ) -> Result<desk::IntroductionView, Status> {
        let other = structure(&request.structure_id, "structure_id")?;
        let refused = self.introductions.refuse(other).await;
        Ok(self.introduction_view(&refused.map_err(|error| introduce_error(&error))?))
    }

    /// Makes a structure whose words were compared a partner; one that was introduced, if someone still vouches for it.
    pub(super) async fn confirm_peer(&self, other: StructureId, seen: &str) -> Result<(), Status> {
        let peers = self.engine.peers();
        match peers.peer(other).map(|record| (record.trust(), record.origin())) {
            Some((PeerTrust::Pending, Origin::Introduction)) => {
                self.introductions.confirm(other, seen).await.map_err(|error| introduce_error(&error))
            }
            _ => peers.confirm(other, seen, None).await.map_err(|error| peer_error(&error)),
        }
    }

    /// Gives a structure up whose words were others.
    pub(super) async fn give_up_peer(&self, other: StructureId) -> Result<(), Status> {
        let peers = self.engine.peers();
        match peers.peer(other).map(|record| (record.trust(), record.origin())) {
            Some((PeerTrust::Pending, Origin::Introduction)) => {
                let refused = self.introductions.refuse(other).await;
                refused.map(|_| ()).map_err(|error| introduce_error(&error))
            }
            _ => peers.decline(other).await.map_err(|error| peer_error(&error)),
        }
    }
}

fn introduce_error(error: &IntroduceError) -> Status {
    let (code, name, field) = match error {
        IntroduceError::Peer(error) => return peer_error(error),
        IntroduceError::Unknown => (Code::NotFound, "no_introduction", Some("structure_id")),
        IntroduceError::NotVouched => (Code::FailedPrecondition, "not_vouched", Some("structure_id")),
        IntroduceError::Ourselves => (Code::InvalidArgument, "field", Some("structure_id")),
        IntroduceError::NoEndpoint => (Code::InvalidArgument, "endpoint_unknown", Some("endpoint")),
        IntroduceError::UnderWay => {
            (Code::FailedPrecondition, "introduction_under_way", Some("structure_id"))
        }
        IntroduceError::TooMany => (Code::ResourceExhausted, "limit", None),
        IntroduceError::SaidNo(_) => (Code::FailedPrecondition, "said_no", Some("structure_id")),
        IntroduceError::Corrupt => (Code::Internal, "corrupt", None),
        IntroduceError::Commit(relais_store::CommitError::Conflict) => (Code::Aborted, "busy", None),
        IntroduceError::Commit(_) => (Code::Unavailable, "store", None),
    };
    answer::refused(code, name, field, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::bench::{House, caller, confirmed, referral};
    use super::*;
    use crate::clock::{Clock, Dice};
    use crate::own::{Profile, found};
    use crate::pairing::agreement_hash;
    use crate::peers::{PeerError, PeerTrust};
    use crate::users::Role;
    use relais_domain::thread::Trust;
    use relais_domain::time::Span;
    use relais_wire::manifest::StructureKind;
    use relais_wire::manifest::chain::Chain;

    fn stranger(pairing: &str) -> Chain {
        let profile = Profile {
            name: "stranger".to_owned(),
            kind: StructureKind::DigitalHub,
            endpoints: Vec::new(),
            pairing_endpoints: vec![Endpoint::parse(pairing).unwrap()],
        };
        let ca = |structure| crate::tls::Ca::generate(structure).unwrap().into_parts();
        let founded = found(&profile, ca, &Dice::system().unwrap(), Clock::system().now()).unwrap();
        Chain::found(founded.manifest).unwrap()
    }

    #[tokio::test]
    async fn the_address_that_a_carried_manifest_names_is_used() {
        let desk = House::new("agency").desk().await;
        let chain = stranger("relais.example.org:7445");
        let other = chain.structure();
        assert_eq!(desk.pairing_endpoint(other).await.unwrap(), None);
        let run = chain.manifests().cloned().collect();
        desk.directory.carried().take(run, StructureId::of_root_spki(b"carrier")).await.unwrap();
        let known = desk.pairing_endpoint(other).await.unwrap().unwrap();
        assert_eq!(known.as_str(), "relais.example.org:7445");
    }

    #[tokio::test]
    async fn nobody_is_confirmed_by_other_words_or_under_a_text_that_is_not_shown() {
        let mut desk = House::new("agency").desk().await;
        let admin = caller(&desk, "admin", Role::Admin).await;
        let (chain, text) = (stranger("127.0.0.1:1"), "text".to_owned());
        let (other, hash) = (chain.structure(), agreement_hash(&text));
        desk.engine.peers().propose(chain, "six words".to_owned(), hash).await.unwrap();
        let request = |words: &str| desk::ConfirmPairingRequest {
            peer_id: other.as_bytes().to_vec(),
            comparison: desk::PhraseComparison::Matches.into(),
            agreement_hash: hash.as_bytes().to_vec(),
            comparison_phrase: words.to_owned(),
        };
        desk.agreement = "another text".to_owned();
        let record = desk.engine.peers().peer(other).unwrap();
        assert_eq!(desk.pairing_view(&record).agreement_text, "");
        let refused = desk.confirm_pairing(request("six words"), &admin).await.unwrap_err();
        assert_eq!(refused.metadata().get("relais-code").unwrap(), "agreement_changed");
        desk.agreement.clone_from(&text);
        assert_eq!(desk.pairing_view(&record).agreement_text, text);
        for words in ["", "other words"] {
            let refused = desk.confirm_pairing(request(words), &admin).await.unwrap_err();
            assert_eq!(refused.metadata().get("relais-field").unwrap(), "comparison_phrase");
        }
        assert_eq!(desk.engine.peers().trust(other), None);
        desk.confirm_pairing(request("six words"), &admin).await.unwrap();
        assert!(desk.engine.peers().trust(other).is_some());
    }

    #[tokio::test]
    async fn whom_something_was_sent_to_is_suspended_and_not_forgotten_when_a_later_talk_is_given_up() {
        let (agency, hub) = confirmed().await;
        for sent in [false, true] {
            let desk = agency.desk().await;
            let peers = desk.engine.peers();
            if sent {
                let nadia = caller(&desk, "nadia", Role::Counsellor).await;
                // Within the hour in which both confirm; then it is called first.
                let first = referral(&desk, hub.id());
                desk.open_referral(first.clone(), &nadia).await.unwrap();
                agency.clock.shift(Span::hours(2));
                let refused = desk.open_referral(referral(&desk, hub.id()), &nadia).await.unwrap_err();
                assert_eq!(refused.metadata().get("relais-code").unwrap(), "awaited");
                desk.open_referral(first, &nadia).await.expect("what was sent is answered as before");
            }
            let chain = Chain::clone(&peers.chain(hub.id()).unwrap());
            let again = || peers.propose(chain.clone(), "new words".to_owned(), agreement_hash("text"));
            again().await.unwrap();
            assert_eq!(peers.trust(hub.id()), None);
            peers.decline(hub.id()).await.unwrap();
            assert_eq!(peers.trust(hub.id()), sent.then_some(Trust::Suspended));
            if sent {
                // Nobody has compared the last words: no admin makes it a partner without.
                for peers in [&peers, &agency.desk().await.engine.peers()] {
                    let resumed = peers.set_trust(hub.id(), PeerTrust::Paired).await;
                    assert!(matches!(resumed, Err(PeerError::GivenUp)), "{resumed:?}");
                    // Whatever its node says meanwhile: it is not taken for a partner that was met.
                    peers.heard(hub.id(), None);
                    peers.note_met().await.unwrap();
                    assert!(!peers.is_met(hub.id()));
                }
            }
            again().await.unwrap();
            peers.confirm(hub.id(), "new words", None).await.unwrap();
            assert_eq!(peers.trust(hub.id()), Some(Trust::Paired));
        }
    }
}
