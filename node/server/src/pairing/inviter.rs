//! The inviter's side: answers whoever knocks at the pairing listener.

use super::attempts::Attempts;
use super::introduction::believe;
use super::invitations::{Claim, InvitationError, Invitations};
use super::talk::{Hearing, TalkError};
use super::{PAIRING_TIME_MAX, PairRefusal, Paired, PairingInfo};
use crate::clock::{Clock, Dice};
use crate::introductions::Introductions;
use crate::own::Own;
use crate::tls::{LeafBox, PinBoard, Purpose};
use relais_domain::digest::Digest;
use relais_proto::peer::v1::pairing_server::Pairing;
use relais_proto::peer::v1::{self as proto, pair_frame::Body};
use relais_wire::pairing::{
    FrameError, Introduction, IntroductionReader, InvitationNumber, Party, Proof, ProofKey, Role, Transcript,
    offer_frames,
};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

/// Frames that wait to leave.
const OUTGOING_FRAMES_MAX: usize = 4;

/// What the inviter's side works with.
#[derive(Clone, Debug)]
pub struct Inviter {
    /// What this structure is.
    pub own: Arc<Own>,
    /// The leaf this node presents.
    pub leaf: Arc<LeafBox>,
    /// The partners' CAs: none of them may be claimed again.
    pub pins: Arc<PinBoard>,
    /// The invitations.
    pub invitations: Invitations,
    /// Who may come without one.
    pub introductions: Introductions,
    /// The node's clock.
    pub clock: Clock,
    /// The node's dice.
    pub dice: Dice,
    /// SHA-256 of the agreement this structure proposes.
    pub agreement: Digest,
    /// Its sites by name.
    pub site_names: Vec<String>,
}

/// The gRPC service of the pairing listener.
#[derive(Debug)]
pub struct PairingService {
    inviter: Arc<Inviter>,
    attempts: Attempts,
    outcomes: mpsc::Sender<Paired>,
}

impl PairingService {
    /// A service that hands what was paired to `outcomes`.
    pub fn new(inviter: Inviter, outcomes: mpsc::Sender<Paired>) -> Self {
        Self { inviter: Arc::new(inviter), attempts: Attempts::default(), outcomes }
    }

    pub(super) fn inviter(&self) -> &Inviter {
        &self.inviter
    }
}

#[tonic::async_trait]
impl Pairing for PairingService {
    type PairStream = ReceiverStream<Result<proto::PairFrame, Status>>;

    async fn pair(
        &self,
        request: Request<Streaming<proto::PairFrame>>,
    ) -> Result<Response<Self::PairStream>, Status> {
        let info = request.extensions().get::<PairingInfo>().cloned();
        let info = info.ok_or_else(|| Status::internal("no connection"))?;
        let (sender, receiver) = mpsc::channel(OUTGOING_FRAMES_MAX);
        let allowed = self.attempts.take(info.address.ip(), self.inviter.clock.now());
        let pairing = Conversation {
            inviter: Arc::clone(&self.inviter),
            outcomes: self.outcomes.clone(),
            info,
            hearing: Hearing::new(request.into_inner()),
            outgoing: sender,
        };
        tokio::spawn(async move {
            let outgoing = pairing.outgoing.clone();
            let run = async {
                match allowed {
                    Some(()) => pairing.run().await,
                    None => Err(End::Refuse(PairRefusal::Rate)),
                }
            };
            tokio::select! {
                biased;
                () = outgoing.closed() => {}
                ended = timeout(PAIRING_TIME_MAX, run) => say_end(&outgoing, ended.unwrap_or(Err(End::Gone))).await,
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}

/// Why a conversation ends before its end.
#[derive(Debug)]
pub(super) enum End {
    /// We end it, and say why.
    Refuse(PairRefusal),
    /// The other side ended it, or is gone.
    Gone,
    /// We could not.
    Fault(String),
}

impl From<TalkError> for End {
    fn from(error: TalkError) -> Self {
        match error {
            TalkError::Refused(_) | TalkError::Gone(_) => Self::Gone,
            TalkError::Frame(_) => Self::Refuse(PairRefusal::Manifest),
        }
    }
}

impl From<InvitationError> for End {
    fn from(error: InvitationError) -> Self {
        Self::Fault(error.to_string())
    }
}

async fn say_end(outgoing: &mpsc::Sender<Result<proto::PairFrame, Status>>, ended: Result<(), End>) {
    let last = match ended {
        Ok(()) | Err(End::Gone) => return,
        Err(End::Refuse(refusal)) => {
            tracing::info!(?refusal, "A pairing was refused");
            Ok(refusal.to_frame())
        }
        Err(End::Fault(error)) => {
            tracing::error!(error, "A pairing failed");
            Err(Status::unavailable(""))
        }
    };
    // Whoever is gone is told nothing.
    let _ = outgoing.send(last).await;
}

/// One pairing under way.
pub(super) struct Conversation {
    pub(super) inviter: Arc<Inviter>,
    outcomes: mpsc::Sender<Paired>,
    pub(super) info: PairingInfo,
    pub(super) hearing: Hearing,
    outgoing: mpsc::Sender<Result<proto::PairFrame, Status>>,
}

impl Conversation {
    async fn run(mut self) -> Result<(), End> {
        let chain = self.inviter.own.chain();
        let ours = Party { structure: chain.structure(), manifest: chain.current().identity() };
        let site_names = self.inviter.site_names.clone();
        for frame in offer_frames(&Introduction { chain: chain.as_ref().clone(), site_names }) {
            self.say(frame).await?;
        }
        match self.hearing.next().await? {
            Body::Open(open) => self.invited(ours, open).await,
            Body::Introduce(introduce) => self.introduced(ours, introduce).await,
            Body::Offer(_)
            | Body::Proof(_)
            | Body::Confirmation(_)
            | Body::Refused(_)
            | Body::Manifests(_)
            | Body::Endorsements(_) => Err(TalkError::Frame(FrameError::Shape).into()),
        }
    }

    /// Goes on with a structure that names an invitation.
    async fn invited(mut self, ours: Party, open: proto::PairOpen) -> Result<(), End> {
        let number = IntroductionReader::number_of(&open).map_err(TalkError::from)?;
        let reader = IntroductionReader::from_open(open).map_err(TalkError::from)?;
        let introduction = self.hearing.finish(reader).await?;
        let theirs = self.believe(&introduction)?;
        let transcript = Transcript::new(self.info.exporter, ours, theirs)
            .map_err(|_| End::Refuse(PairRefusal::Manifest))?;
        let proof = self.hearing.proof().await?;
        let keys = introduction.chain.current().claims().signing_keys.clone();
        let key = self
            .judge(number, &proof, |proof, key| transcript.verify(Role::Joiner, proof, &keys, key).is_ok());
        let key = key.await?;
        self.claim(number, theirs).await?;
        let agreement = self.inviter.agreement;
        let phrase = transcript.phrase().to_string();
        let Introduction { chain, site_names } = introduction;
        let paired =
            Paired { number, role: Role::Inviter, ours, theirs, chain, site_names, phrase, agreement };
        self.outcomes.send(paired).await.map_err(|_| End::Fault("nobody takes pairings".to_owned()))?;
        tracing::info!(peer.id = %theirs.structure, "A structure paired by invitation");
        let proof = transcript.prove(Role::Inviter, agreement, self.inviter.own.signing(), &key);
        self.say(proto::PairFrame { body: Some(Body::Proof(proof.to_proto())) }).await
    }

    pub(super) async fn say(&self, frame: proto::PairFrame) -> Result<(), End> {
        self.outgoing.send(Ok(frame)).await.map_err(|_| End::Gone)
    }

    pub(super) fn believe(&self, introduction: &Introduction) -> Result<Party, End> {
        let (leaf, now) = (&self.info.leaf, self.inviter.clock.now());
        believe(&introduction.chain, leaf, Purpose::Client, &self.inviter.pins, now).map_err(|error| {
            tracing::warn!(claimed.id = %self.info.claimed, %error, "A joiner is not who it says");
            End::Refuse(PairRefusal::Manifest)
        })
    }

    /// Checks the proof. An unknown invitation has a secret nobody knows, so that it ends as a wrong proof does.
    async fn judge(
        &self,
        number: InvitationNumber,
        message: &proto::PairProof,
        holds: impl Fn(&Proof, &ProofKey) -> bool,
    ) -> Result<ProofKey, End> {
        let kept = self.inviter.invitations.proof_key(number).await?;
        let key = kept.unwrap_or_else(|| ProofKey::from_bytes(&self.inviter.dice.bytes()));
        let proof = Proof::from_proto(message).ok().filter(|proof| holds(proof, &key));
        let Some(proof) = proof else {
            self.inviter.invitations.count_wrong(number, self.inviter.clock.now()).await?;
            return Err(End::Refuse(PairRefusal::Proof));
        };
        let agreed = proof.agreement() == self.inviter.agreement;
        if agreed { Ok(key) } else { Err(End::Refuse(PairRefusal::Agreement)) }
    }

    /// Claims the invitation for them alone.
    async fn claim(&self, number: InvitationNumber, theirs: Party) -> Result<(), End> {
        let now = self.inviter.clock.now();
        match self.inviter.invitations.claim(number, theirs.structure, now).await? {
            Claim::Granted => Ok(()),
            Claim::Unknown => Err(End::Refuse(PairRefusal::Proof)),
            Claim::Expired => Err(End::Refuse(PairRefusal::Expired)),
            Claim::Used => Err(End::Refuse(PairRefusal::Used)),
            Claim::Dead => Err(End::Refuse(PairRefusal::Dead)),
        }
    }
}
