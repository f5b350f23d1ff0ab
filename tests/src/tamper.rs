//! A partner that lies: real keys over real mTLS, and frames that no node would write.
//!
//! It takes the place of a node that was made and paired for real, and has stopped.

use crate::case::{COMMUNE, SERVICE, THEME, now_ms};
use crate::desk::{Id, fresh};
use crate::process::Process;
use anyhow::{Context as _, Result, bail, ensure};
use prost::Message as _;
use relais_domain::digest::Digest;
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use relais_proto::peer::v1 as proto;
use relais_proto::peer::v1::frame::Body;
use relais_proto::peer::v1::peer_client::PeerClient;
use relais_server::clock::{Clock, Dice};
use relais_server::cuts::Cuts;
use relais_server::dial::{AddressPolicy, Dialer};
use relais_server::home::{Home, Secrets};
use relais_server::tls::{Ca, LeafBox, PinBoard};
use relais_wire::dsse::{self, PayloadType, Signed};
use relais_wire::endpoint::Endpoint;
use relais_wire::keys::SealKey;
use relais_wire::seal::{self, Part, SALT_BYTES};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::Channel;

/// Longest the other side may take to answer an envelope.
pub const ANSWER_TIME_MAX: Duration = Duration::from_secs(10);
/// Longest an envelope of the other side may take.
const THEIRS_TIME_MAX: Duration = Duration::from_secs(20);
/// How often it is looked for.
const LISTEN_PERIOD: Duration = Duration::from_millis(50);
const FRAMES_WAITING_MAX: usize = 64;
const LEAF_LIFETIME: Span = Span::days(1);
const MESSAGE_BYTES_MAX: usize = 8 << 20;
/// The number of the part that holds the consent.
pub const PART_CONSENT: u32 = 20;

/// A partner that lies.
#[derive(Debug)]
pub struct Liar {
    /// Its id.
    pub id: StructureId,
    /// Its keys.
    pub secrets: Secrets,
    /// The sequence of its manifest that its partners hold.
    pub manifest: u64,
}

/// Who is lied to.
#[derive(Clone, Debug)]
pub struct Victim {
    /// Its id.
    pub id: StructureId,
    /// Where its node listens.
    pub listen: SocketAddr,
    /// Its TLS CA.
    pub ca: Vec<u8>,
    /// The key content is sealed to.
    pub key: SealKey,
}

fn structure(id: &[u8]) -> Result<StructureId> {
    StructureId::from_slice(id).context("32 bytes of a structure")
}

impl Victim {
    /// The node of a process, which goes on.
    ///
    /// # Errors
    /// Its folder cannot be read.
    pub fn of(process: &Process, id: &Id) -> Result<Self> {
        let secrets = Home::at(process.home()).secrets()?;
        Ok(Self {
            id: structure(id)?,
            listen: process.listen,
            ca: secrets.ca_certificate.clone(),
            key: secrets.sealing.seal_key(),
        })
    }
}

impl Liar {
    /// Takes the place of a node that has stopped; its partners hold its manifest of this sequence.
    ///
    /// # Errors
    /// Its folder cannot be read.
    pub fn in_place_of(process: &Process, id: &Id, manifest: u64) -> Result<Self> {
        let secrets = Home::at(process.home()).secrets()?;
        Ok(Self { id: structure(id)?, secrets, manifest })
    }

    /// Dials the victim and opens `Exchange`, with a hello whose clock is right.
    ///
    /// # Errors
    /// The victim does not let it in.
    pub async fn dial(&self, victim: &Victim) -> Result<Talk> {
        let mut client = self.client(victim).await?;
        let (outgoing, frames) = mpsc::channel(FRAMES_WAITING_MAX);
        let hello = proto::Hello {
            protocol: 1,
            clock_ms: now_ms(),
            manifest_sequence: self.manifest,
            unacknowledged_max: 256,
        };
        outgoing.send(proto::Frame { body: Some(Body::Hello(hello)) }).await?;
        let answer = timeout(ANSWER_TIME_MAX, client.exchange(ReceiverStream::new(frames))).await??;
        let mut talk = Talk { outgoing, incoming: answer.into_inner(), theirs: Vec::new() };
        let first = talk.hear().await?;
        ensure!(matches!(first, Body::Hello(_)), "no hello but {first:?}");
        Ok(talk)
    }

    /// Dials the victim; nothing is said yet.
    ///
    /// # Errors
    /// The victim cannot be reached.
    pub async fn client(&self, victim: &Victim) -> Result<PeerClient<Channel>> {
        let clock = Clock::system();
        let ca = Ca::from_parts(self.id, self.secrets.ca_certificate.clone(), self.secrets.ca_key.clone())?;
        let leaf = Arc::new(LeafBox::new(&ca.issue_leaf(self.id, clock.now(), LEAF_LIFETIME)?)?);
        let pins = Arc::new(PinBoard::new(self.id, ca.certificate())?);
        pins.pin(victim.id, &victim.ca)?;
        let policy = AddressPolicy::Loopback;
        let dialer = Dialer { leaf, pins, cuts: Cuts::new(), clock, policy };
        let endpoint = Endpoint::parse(&victim.listen.to_string())?;
        let channel = dialer.dial(&endpoint, victim.id).await?;
        Ok(PeerClient::new(channel)
            .max_encoding_message_size(MESSAGE_BYTES_MAX)
            .max_decoding_message_size(MESSAGE_BYTES_MAX))
    }

    /// A consent that covers a referral to `to`, well made.
    pub fn consent(&self, to: StructureId) -> proto::Consent {
        use proto::DataClass::{Answer, Contact, Level, Name, Need, Note};
        let party = |id: StructureId| {
            Some(proto::ConsentParty { structure_id: id.as_bytes().to_vec(), site_id: Vec::new() })
        };
        let classes = [Need, Level, Note, Answer, Name, Contact];
        proto::Consent {
            format: 1,
            consent_id: uuid(),
            version: 1,
            supersedes: Vec::new(),
            collected_by: party(self.id),
            recipient: party(to),
            purpose: proto::Purpose::Referral.into(),
            themes: vec![THEME.to_owned()],
            classes: classes.map(i32::from).to_vec(),
            name_stage: proto::Stage::Two.into(),
            feedback: proto::FeedbackLevel::Outcome.into(),
            onward: Vec::new(),
            valid_from_ms: now_ms() - 1_000,
            valid_until_ms: now_ms() + Span::days(60).0,
            collector_basis: proto::LegalBasis::PublicTask.into(),
            recipient_basis: proto::LegalBasis::Agreement.into(),
            given: Some(given()),
            notice: Some(notice()),
            stop_code_hash: Vec::new(),
        }
    }

    /// A referral to `to` under this consent, well made.
    pub fn sent(&self, to: StructureId, consent: &proto::Consent) -> Draft {
        let consent = self.signed(PayloadType::Consent, consent.encode_to_vec());
        let digest = consent.identity();
        let mut draft = self.draft(to, proto::EventKind::Sent, digest);
        draft.put(proto::DataClass::Need, need().encode_to_vec());
        let deadline_ms = Some(now_ms() + Span::days(2).0);
        let times = proto::Times { created_ms: now_ms(), deadline_ms, ..Default::default() };
        draft.put(proto::DataClass::Times, times.encode_to_vec());
        draft.put_raw(PART_CONSENT, self.consent_part(&consent));
        draft
    }

    /// The part that holds a signed consent.
    pub fn consent_part(&self, consent: &Signed) -> Vec<u8> {
        proto::SignedConsent {
            payload: consent.payload_unverified().to_vec(),
            signature: consent.signature().to_vec(),
            manifest_sequence: self.manifest,
        }
        .encode_to_vec()
    }

    /// Signs as its real key does.
    pub fn signed(&self, kind: PayloadType, payload: Vec<u8>) -> Signed {
        Signed::sign(kind, payload, &self.secrets.signing)
    }

    /// The next event of a thread after `before`, with nothing in it but the instant.
    pub fn next(&self, before: &Draft, kind: proto::EventKind) -> Draft {
        let digest = Digest::from_slice(&before.skeleton.consent_digest).unwrap_or(Digest([0; 32]));
        let mut draft = self.draft(before.recipient(), kind, digest);
        draft.skeleton.thread_id.clone_from(&before.skeleton.thread_id);
        draft.skeleton.sequence = before.skeleton.sequence + 1;
        draft.skeleton.previous_hash = before.identity().as_bytes().to_vec();
        draft.skeleton.seen.clone_from(&before.skeleton.seen);
        let times = proto::Times { created_ms: now_ms(), ..Default::default() };
        draft.put(proto::DataClass::Times, times.encode_to_vec());
        draft
    }

    /// The first event of its own chain in a thread that the other opened with this envelope.
    ///
    /// # Errors
    /// The envelope cannot be read.
    pub fn answer(&self, opening: &[u8], kind: proto::EventKind) -> Result<Draft> {
        let theirs = skeleton_of(opening)?;
        let consent = Digest::from_slice(&theirs.consent_digest).context("the digest of a consent")?;
        let mut draft = self.draft(structure(&theirs.author_id)?, kind, consent);
        draft.skeleton.thread_id = theirs.thread_id;
        draft.skeleton.thread_kind = theirs.thread_kind;
        draft.skeleton.seen = Some(link_to(opening)?);
        let times = proto::Times { created_ms: now_ms(), ..Default::default() };
        draft.put(proto::DataClass::Times, times.encode_to_vec());
        Ok(draft)
    }

    fn draft(&self, to: StructureId, kind: proto::EventKind, consent: Digest) -> Draft {
        let skeleton = proto::EventSkeleton {
            version: 1,
            thread_kind: proto::ThreadKind::Referral.into(),
            kind: kind.into(),
            author_id: self.id.as_bytes().to_vec(),
            author_manifest_sequence: self.manifest,
            recipient_id: to.as_bytes().to_vec(),
            message_id: uuid(),
            thread_id: uuid(),
            day: Timestamp(now_ms()).day().0,
            sequence: 1,
            previous_hash: Vec::new(),
            seen: None,
            consent_digest: consent.as_bytes().to_vec(),
            commitments: Vec::new(),
        };
        Draft { skeleton, parts: Vec::new() }
    }

    /// The bytes of an envelope: signed by the liar, sealed to the victim.
    ///
    /// # Errors
    /// It could not be sealed.
    pub fn envelope(&self, draft: &Draft, victim: &Victim) -> Result<Vec<u8>> {
        Ok(self.envelope_message(draft, victim, PayloadType::Envelope)?.encode_to_vec())
    }

    /// The same as a message, signed as a thing of this type.
    ///
    /// # Errors
    /// It could not be sealed.
    pub fn envelope_message(
        &self,
        draft: &Draft,
        victim: &Victim,
        signed_as: PayloadType,
    ) -> Result<proto::Envelope> {
        let payload = draft.payload();
        let identity = draft.identity();
        let mut generator = Dice::system()?.generator();
        let sealed = seal::seal(draft.parts.clone(), &victim.key, &identity, &mut generator)?;
        let signature = self.signed(signed_as, payload.clone()).signature().to_vec();
        Ok(proto::Envelope { payload, signature, sealed: Some(sealed.to_proto()) })
    }
}

/// An event about to be signed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What is signed; commitments are made of the parts.
    pub skeleton: proto::EventSkeleton,
    /// What is sealed.
    pub parts: Vec<Part>,
}

impl Draft {
    /// Puts a data class in, in the place of a former one.
    pub fn put(&mut self, class: proto::DataClass, bytes: Vec<u8>) {
        self.put_raw(i32::from(class).unsigned_abs(), bytes);
    }

    /// Puts a part of any number in.
    pub fn put_raw(&mut self, class: u32, bytes: Vec<u8>) {
        let salt = Dice::system().expect("the machine gives randomness").bytes::<SALT_BYTES>();
        self.parts.retain(|part| part.class != class);
        self.parts.push(Part { class, salt, bytes });
        self.parts.sort_by_key(|part| part.class);
    }

    /// The bytes of a part.
    pub fn part(&self, class: proto::DataClass) -> Vec<u8> {
        let number = i32::from(class).unsigned_abs();
        self.parts.iter().find(|part| part.class == number).map(|part| part.bytes.clone()).unwrap_or_default()
    }

    /// The bytes that are signed.
    pub fn payload(&self) -> Vec<u8> {
        let commitment = |part: &Part| proto::PartCommitment {
            part: part.class,
            hmac: seal::commitment(part).as_bytes().to_vec(),
        };
        let commitments = self.parts.iter().map(commitment).collect();
        proto::EventSkeleton { commitments, ..self.skeleton.clone() }.encode_to_vec()
    }

    /// The event's identity.
    pub fn identity(&self) -> Digest {
        dsse::identity(PayloadType::Envelope, &self.payload())
    }

    /// The thread.
    pub fn thread(&self) -> Vec<u8> {
        self.skeleton.thread_id.clone()
    }

    fn recipient(&self) -> StructureId {
        StructureId::from_slice(&self.skeleton.recipient_id).expect("a draft names its recipient")
    }
}

/// How an envelope was answered.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    /// With these bytes of a signed receipt.
    Receipt(Vec<u8>),
    /// With this refusal.
    Rejected(proto::RejectCode),
    /// No key opens it.
    CannotOpen,
    /// With the end of the stream.
    Ended,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Receipt(bytes) => write!(f, "Receipt({} bytes)", bytes.len()),
            Self::Rejected(code) => write!(f, "Rejected({code:?})"),
            Self::CannotOpen => f.write_str("CannotOpen"),
            Self::Ended => f.write_str("Ended"),
        }
    }
}

/// An open `Exchange`.
#[derive(Debug)]
pub struct Talk {
    outgoing: mpsc::Sender<proto::Frame>,
    incoming: Streaming<proto::Frame>,
    /// Envelopes that came meanwhile.
    pub theirs: Vec<Vec<u8>>,
}

impl Talk {
    /// Says a frame.
    ///
    /// # Errors
    /// Nobody listens any more.
    pub async fn say(&self, body: Body) -> Result<()> {
        let said = self.outgoing.send(proto::Frame { body: Some(body) }).await;
        said.context("the other side closed the stream")
    }

    /// The next frame that is no ping; pings are answered, envelopes kept.
    ///
    /// # Errors
    /// The stream ended, or nothing came in time.
    pub async fn hear(&mut self) -> Result<Body> {
        loop {
            let frame =
                timeout(ANSWER_TIME_MAX, self.incoming.message()).await.context("no frame in time")??;
            let frame = frame.context("the other side ended the stream")?;
            match frame.body.context("an empty frame")? {
                Body::Ping(ping) => self.say(Body::Pong(proto::Pong { nonce: ping.nonce })).await?,
                Body::Envelope(bytes) => self.theirs.push(bytes),
                body @ (Body::Hello(_)
                | Body::Receipt(_)
                | Body::Rejected(_)
                | Body::CannotOpen(_)
                | Body::Pong(_)) => return Ok(body),
            }
        }
    }

    /// Sends an envelope and waits for what it is answered.
    ///
    /// # Errors
    /// Nothing came in time.
    pub async fn send(&mut self, envelope: Vec<u8>) -> Result<Answer> {
        if self.say(Body::Envelope(envelope)).await.is_err() {
            return Ok(Answer::Ended);
        }
        match self.hear().await {
            Ok(Body::Receipt(bytes)) => Ok(Answer::Receipt(bytes)),
            Ok(Body::Rejected(rejected)) => Ok(Answer::Rejected(rejected.code())),
            Ok(Body::CannotOpen(_)) => Ok(Answer::CannotOpen),
            Ok(other) => bail!("answered with {other:?}"),
            Err(error) if error.to_string().contains("in time") => Err(error),
            Err(_) => Ok(Answer::Ended),
        }
    }

    /// Waits for an envelope of the other side in this thread, of this kind.
    ///
    /// # Errors
    /// None came in time.
    pub async fn theirs(&mut self, thread: &[u8], kind: proto::EventKind) -> Result<Vec<u8>> {
        let deadline = Instant::now() + THEIRS_TIME_MAX;
        loop {
            let wanted = |bytes: &&Vec<u8>| {
                skeleton_of(bytes).is_ok_and(|one| one.thread_id == thread && one.kind() == kind)
            };
            if let Some(found) = self.theirs.iter().find(wanted) {
                return Ok(found.clone());
            }
            ensure!(Instant::now() < deadline, "no {kind:?} came within {THEIRS_TIME_MAX:?}");
            ensure!(self.alive().await, "the other side ended the stream");
            tokio::time::sleep(LISTEN_PERIOD).await;
        }
    }

    /// Whether the other side still answers a ping.
    pub async fn alive(&mut self) -> bool {
        if self.say(Body::Ping(proto::Ping { nonce: 7 })).await.is_err() {
            return false;
        }
        loop {
            match self.hear().await {
                Ok(Body::Pong(_)) => return true,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
    }

    /// Waits until the other side ends the stream.
    ///
    /// # Errors
    /// It did not within `longest`.
    pub async fn ended(&mut self, longest: Duration) -> Result<()> {
        let end = async { while matches!(self.incoming.message().await, Ok(Some(_))) {} };
        timeout(longest, end).await.context("the stream stayed open")
    }
}

fn skeleton_of(envelope: &[u8]) -> Result<proto::EventSkeleton> {
    let envelope = proto::Envelope::decode(envelope)?;
    Ok(proto::EventSkeleton::decode(envelope.payload.as_slice())?)
}

/// The place of an envelope in its author's chain.
///
/// # Errors
/// It cannot be read.
pub fn link_to(envelope: &[u8]) -> Result<proto::EventLink> {
    let payload = proto::Envelope::decode(envelope)?.payload;
    let hash = dsse::identity(PayloadType::Envelope, &payload).as_bytes().to_vec();
    Ok(proto::EventLink { sequence: skeleton_of(envelope)?.sequence, hash })
}

/// A fresh random UUID (version 4), as ids are.
pub fn uuid() -> Vec<u8> {
    let mut bytes = fresh();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    bytes
}

/// The need of every referral here.
pub fn need() -> proto::Need {
    proto::Need {
        themes: vec![THEME.to_owned()],
        urgency: proto::Urgency::Normal.into(),
        territory: COMMUNE.to_owned(),
        service_id: SERVICE.to_owned(),
        feedback: proto::FeedbackLevel::Outcome.into(),
        ..Default::default()
    }
}

fn given() -> proto::ConsentGiven {
    proto::ConsentGiven {
        how: proto::GivenHow::Oral.into(),
        language: "fr".to_owned(),
        interpreter: proto::Interpreter::None.into(),
        teach_back: proto::TeachBack::Done.into(),
        presence: proto::Presence::None.into(),
    }
}

fn notice() -> proto::ConsentNotice {
    proto::ConsentNotice {
        notice_id: "referral-1".to_owned(),
        language: "fr".to_owned(),
        text_hash: Digest::of(b"notice").as_bytes().to_vec(),
    }
}
