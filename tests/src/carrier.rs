//! A partner that carries whatever it likes: `Sync` over real mTLS, and frames that no node would write.

use crate::case::now_ms;
use crate::process::Process;
use crate::tamper::{ANSWER_TIME_MAX, Liar, Victim};
use anyhow::{Context as _, Result, ensure};
use relais_domain::digest::Digest;
use relais_domain::directory::{Record, Subscription};
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_proto::peer::v1 as proto;
use relais_server::home::Home;
use relais_store::Store as _;
use relais_store::rows::Shelf;
use relais_store::vault::NodeKey;
use relais_store_sqlite::{Options, SqliteStore};
use relais_wire::frame::{CarriedManifest, SyncFeature, SyncFrame, SyncHello};
use relais_wire::keys::SigningSecret;
use relais_wire::record::{SignedRecord, records_digest};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

const FRAMES_WAITING_MAX: usize = 64;

/// What a structure published, read from the folder of its node, which has stopped; and the key to sign more.
#[derive(Debug)]
pub struct Published {
    /// The structure.
    pub id: StructureId,
    /// Its manifests, from the first.
    pub manifests: Vec<Vec<u8>>,
    /// Its records.
    pub records: Vec<SignedRecord>,
    signing: SigningSecret,
}

impl Published {
    /// Reads what the structure of a stopped node published.
    ///
    /// # Errors
    /// Its folder cannot be read.
    pub async fn by(process: &Process, id: &[u8]) -> Result<Self> {
        let home = Home::at(process.home());
        let mut secrets = home.secrets()?;
        let key = NodeKey::from_bytes(&mut secrets.node_key);
        let store = SqliteStore::open(Options::new(home.data(), key)).await?;
        let id = StructureId::from_slice(id).context("32 bytes of a structure")?;
        let manifests = store.documents(Shelf::Manifest, id.as_bytes()).await?;
        let records = store.documents(Shelf::Record, id.as_bytes()).await?;
        let records = records.iter().map(|document| SignedRecord::read(&document.body));
        Ok(Self {
            id,
            manifests: manifests.into_iter().map(|document| document.body).collect(),
            records: records.collect::<Result<_, _>>()?,
            signing: SigningSecret::from_bytes(&secrets.signing.expose_secret_bytes()),
        })
    }

    /// Signs a record as the structure does.
    ///
    /// # Errors
    /// No node would read it.
    pub fn signs(&self, record: &Record) -> Result<SignedRecord> {
        Ok(SignedRecord::sign(record, &self.signing)?)
    }
}

/// An open `Sync`.
#[derive(Debug)]
pub struct Carrier {
    outgoing: mpsc::Sender<proto::SyncFrame>,
    incoming: Streaming<proto::SyncFrame>,
}

impl Carrier {
    /// Dials the victim as this partner and opens `Sync`, with a hello that keeps the records of all départements.
    ///
    /// # Errors
    /// The victim does not let it in.
    pub async fn open(partner: &Liar, victim: &Victim) -> Result<Self> {
        let mut client = partner.client(victim).await?;
        let (outgoing, frames) = mpsc::channel(FRAMES_WAITING_MAX);
        let hello = SyncHello {
            clock: Timestamp(now_ms()),
            manifest: partner.manifest,
            records_count: 0,
            records_digest: records_digest(Vec::<Digest>::new()),
            subscription: Subscription::FRANCE,
            features: SyncFeature::ALL.into(),
        };
        outgoing.send(SyncFrame::Hello(hello).into_proto()).await?;
        let answer = timeout(ANSWER_TIME_MAX, client.sync(ReceiverStream::new(frames))).await??;
        let mut carrier = Self { outgoing, incoming: answer.into_inner() };
        let first = carrier.hear().await?;
        ensure!(matches!(first, SyncFrame::Hello(_)), "no hello but {first:?}");
        Ok(carrier)
    }

    /// Says a frame.
    ///
    /// # Errors
    /// Nobody listens any more.
    pub async fn say(&self, frame: SyncFrame) -> Result<()> {
        self.outgoing.send(frame.into_proto()).await.context("the other side closed the stream")
    }

    /// The next frame.
    ///
    /// # Errors
    /// The stream ended, or nothing came in time.
    pub async fn hear(&mut self) -> Result<SyncFrame> {
        let frame = timeout(ANSWER_TIME_MAX, self.incoming.message()).await.context("no frame in time")??;
        Ok(SyncFrame::from_proto(frame.context("the other side ended the stream")?)?)
    }

    /// Says the manifests of a structure.
    ///
    /// # Errors
    /// Nobody listens any more.
    pub async fn introduces(&self, of: &Published) -> Result<()> {
        for manifest in &of.manifests {
            let carried = CarriedManifest { structure: of.id, manifest: manifest.clone() };
            self.say(SyncFrame::CarriedManifest(carried)).await?;
        }
        Ok(())
    }

    /// Waits until what was said before was taken in.
    ///
    /// # Errors
    /// The stream ended.
    pub async fn is_heard(&mut self) -> Result<()> {
        const NONCE: u64 = 4_711;
        self.say(SyncFrame::Ping(NONCE)).await?;
        while self.hear().await? != SyncFrame::Pong(NONCE) {}
        Ok(())
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
