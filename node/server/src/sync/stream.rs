//! One stream: what comes in is handed on by kind, what goes out follows changes of trust, directory and ledger.

use super::comparison::{Comparison, Part};
use super::inquiries::{self, Talk};
use super::manifests::Incoming;
use super::older::Older;
use super::outgoing::Outgoing;
use super::refusals::Refusals;
use super::witness::Witness;
use super::{HELLO_WAIT, HELLOS_MAX, Passes, SILENCE_MAX, SyncContext, TICK, carried};
use crate::directory::CompareEnd;
use relais_domain::digest::Digest;
use relais_domain::directory::Subscription;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_proto::peer::v1 as proto;
use relais_wire::frame::{ConsistencyWanted, SyncFeature, SyncFrame, SyncHello};
use relais_wire::record::records_digest;
use std::collections::BTreeSet;
use tokio::sync::mpsc;
use tokio_stream::{Stream, StreamExt as _};
use tonic::Status;

/// Why a stream ended, for the log.
pub(super) struct Ended(pub(super) &'static str);

/// What the other side's hello says of it.
#[derive(Default)]
pub(super) struct Partner {
    pub(super) features: BTreeSet<SyncFeature>,
    pub(super) subscription: Subscription,
    hellos: u32,
}

/// One stream with one partner.
pub(super) struct SyncStream<'a> {
    pub(super) context: &'a SyncContext,
    pub(super) peer: StructureId,
    pub(super) partner: Partner,
    pub(super) part: Part,
    pub(super) outgoing: Outgoing<'a>,
    manifests: Incoming<'a>,
    pub(super) carried: carried::Incoming,
    pub(super) comparison: Comparison,
    /// Records asked for because their manifests were not known.
    pub(super) asked: BTreeSet<Digest>,
    pub(super) refusals: Refusals,
    witness: Witness<'a>,
    /// Records of this partner's that are older than those held here.
    pub(super) older: Older,
    /// Since when records that the partner signed itself were not taken because it changed too much.
    pub(super) peer_churned: Option<Timestamp>,
    /// Whether a comparison that opened too soon was answered by a hello.
    pub(super) excused: bool,
    talk: Talk<'a>,
    heard: Timestamp,
    /// What the partner's trust let pass when it was last looked at.
    passed: Passes,
}

impl<'a> SyncStream<'a> {
    pub(super) fn new(
        context: &'a SyncContext,
        peer: StructureId,
        frames: mpsc::Sender<proto::SyncFrame>,
    ) -> Self {
        Self {
            context,
            peer,
            partner: Partner::default(),
            part: Part::of(context.own.structure(), peer),
            outgoing: Outgoing::new(context, peer, frames),
            manifests: Incoming::new(context, peer),
            carried: carried::Incoming::default(),
            comparison: Comparison::new(),
            asked: BTreeSet::new(),
            refusals: Refusals::new(peer),
            witness: Witness::new(context, peer),
            older: Older::default(),
            peer_churned: None,
            excused: false,
            talk: Talk::new(context, peer),
            heard: context.clock.now(),
            passed: context.passes(peer),
        }
    }

    pub(super) async fn run<S>(&mut self, mut inbound: S) -> Result<(), Ended>
    where
        S: Stream<Item = Result<proto::SyncFrame, Status>> + Unpin + Send,
    {
        let mut published = self.context.directory.changes();
        let mut partners = self.context.peers.changes();
        let (mut news, mut wishes) = (self.context.directory.news(), self.context.directory.wishes());
        let frames = self.outgoing.frames();
        let mut asked = self.context.inquiries.changes();
        self.still_trusted()?;
        self.outgoing.hello().await?;
        let hello = first_hello(&mut inbound).await?;
        self.greet(&hello).await?;
        self.compare().await?;
        self.talk.greet(&hello);
        self.talk.send(&self.outgoing).await?;
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            self.witness.look().await?;
            tokio::select! {
                frame = inbound.next() => match frame {
                    Some(Ok(frame)) => self.take(frame).await?,
                    Some(Err(_)) | None => return Err(Ended("the stream closed")),
                },
                changed = partners.changed() => {
                    changed.map_err(|_| Ended("the node stops"))?;
                    self.trust_changed().await?;
                },
                changed = published.changed() => {
                    changed.map_err(|_| Ended("the node stops"))?;
                    self.outgoing.push_changes().await?;
                },
                heard = news.recv() => self.pass_on(heard)?,
                changed = wishes.changed() => {
                    changed.map_err(|_| Ended("the node stops"))?;
                    self.wishes_changed().await?;
                },
                permit = frames.reserve(), if self.outgoing.has_queued() => {
                    let permit = permit.map_err(|_| Ended("the other side takes nothing"))?;
                    if let Some(frame) = self.outgoing.next_queued().await? {
                        permit.send(frame.into_proto());
                    }
                },
                changed = asked.changed() => {
                    changed.map_err(|_| Ended("the node stops"))?;
                    self.talk.send(&self.outgoing).await?;
                },
                _ = tick.tick() => self.tick().await?,
            }
        }
    }

    /// Looks back on a stream that ended.
    pub(super) async fn finish(&mut self) -> Result<(), Ended> {
        if self.comparison.is_open() {
            self.note_compared(CompareEnd::Unanswered);
        }
        self.refusals.write(self.context).await;
        self.witness.finish().await
    }

    fn still_trusted(&self) -> Result<(), Ended> {
        match self.context.passes(self.peer) {
            Passes::All | Passes::NoRecords => Ok(()),
            Passes::Nothing => Err(Ended("no partner any more")),
        }
    }

    /// Sends what was held back, and asks for what was passed over, once a suspension is lifted.
    async fn trust_changed(&mut self) -> Result<(), Ended> {
        self.still_trusted()?;
        let passes = self.context.passes(self.peer);
        let before = std::mem::replace(&mut self.passed, passes);
        if (before, passes) == (Passes::NoRecords, Passes::All) {
            self.outgoing.send(SyncFrame::RecordsWanted).await?;
            self.comparison.ask();
            // The other side does not know of the suspension, and may be waiting for an answer.
            if self.partner.features.contains(&SyncFeature::Reconcile) {
                self.outgoing.hello_again().await?;
            }
        }
        self.outgoing.push_changes().await?;
        self.talk.send(&self.outgoing).await
    }

    /// Answers the other side's hello: notes its clock, and asks for its records when ours of it differ.
    async fn greet(&mut self, hello: &SyncHello) -> Result<(), Ended> {
        let difference = hello.clock.since(self.context.clock.now());
        self.context.peers.heard(self.peer, Some(difference));
        self.manifests.expect(hello.manifest);
        self.partner.features.clone_from(&hello.features);
        self.partner.subscription = hello.subscription;
        let held = records_digest(self.context.directory.identities(self.peer));
        if self.context.passes(self.peer) == Passes::All
            && hello.records_digest != held
            && hello.records_count > 0
        {
            self.outgoing.send(SyncFrame::RecordsWanted).await?;
        }
        self.outgoing.manifests().await?;
        self.outgoing.checkpoint().await
    }

    /// Takes in a later hello: the other side keeps other départements now, or trusts this one again. From one that does
    /// not know of that it is no frame of its place.
    fn greet_again(&mut self, hello: &SyncHello) -> Result<(), Ended> {
        self.partner.hellos += 1;
        if !self.partner.features.contains(&SyncFeature::Reconcile) || self.partner.hellos > HELLOS_MAX {
            return Err(Ended("a second hello"));
        }
        self.partner.subscription = hello.subscription;
        self.comparison.begin_anew(self.context.clock.now());
        self.outgoing.begin_anew();
        Ok(())
    }

    async fn tick(&mut self) -> Result<(), Ended> {
        self.still_trusted()?;
        if self.context.clock.now().since(self.heard) > SILENCE_MAX {
            return Err(Ended("the other side is silent"));
        }
        self.outgoing.manifests().await?;
        self.outgoing.checkpoint().await?;
        self.refusals.write(self.context).await;
        self.compare().await?;
        self.ask_what_churned().await?;
        let ping = u64::try_from(self.context.clock.now().0).unwrap_or_default();
        self.outgoing.send(SyncFrame::Ping(ping)).await
    }

    async fn take(&mut self, frame: proto::SyncFrame) -> Result<(), Ended> {
        self.still_trusted()?;
        self.heard = self.context.clock.now();
        self.context.peers.heard(self.peer, None);
        if inquiries::concerns(&frame) {
            return self.talk.take(frame).await;
        }
        let frame = SyncFrame::from_proto(frame).map_err(|_| Ended("a frame cannot be read"))?;
        match frame {
            SyncFrame::Hello(hello) => self.greet_again(&hello),
            SyncFrame::Manifest(bytes) => self.manifests.take(&bytes).await,
            SyncFrame::Record(bytes) => self.record(&bytes).await,
            SyncFrame::Checkpoint(note) => {
                let wanted = self.witness.checkpoint(note).await?;
                self.want(wanted).await
            }
            SyncFrame::ConsistencyProof(proof) => {
                let wanted = self.witness.proof(&proof).await?;
                self.want(wanted).await
            }
            SyncFrame::ConsistencyWanted(wanted) => self.outgoing.consistency(wanted).await,
            SyncFrame::RecordsWanted => self.outgoing.every_record().await,
            SyncFrame::RecordsDone(sent) => {
                tracing::debug!(peer.id = %self.peer, sent, "Directory records came");
                Ok(())
            }
            SyncFrame::CarriedManifest(carried) => self.manifest_of_third(&carried),
            SyncFrame::Reconcile(message) => self.reconcile(message).await,
            SyncFrame::ItemsWanted(ids) => self.wanted_by_peer(&ids),
            SyncFrame::Ping(nonce) => self.outgoing.send(SyncFrame::Pong(nonce)).await,
            SyncFrame::Pong(_) | SyncFrame::Inquiry(_) | SyncFrame::InquiryAnswer(_) => Ok(()),
        }
    }

    async fn want(&self, wanted: Option<ConsistencyWanted>) -> Result<(), Ended> {
        match wanted {
            Some(wanted) => self.outgoing.send(SyncFrame::ConsistencyWanted(wanted)).await,
            None => Ok(()),
        }
    }
}

/// The other side's hello, if it comes first and in time.
async fn first_hello<S>(inbound: &mut S) -> Result<SyncHello, Ended>
where
    S: Stream<Item = Result<proto::SyncFrame, Status>> + Unpin + Send,
{
    let first = tokio::time::timeout(HELLO_WAIT, inbound.next()).await;
    let Ok(Some(Ok(frame))) = first else { return Err(Ended("no hello came")) };
    match SyncFrame::from_proto(frame) {
        Ok(SyncFrame::Hello(hello)) => Ok(hello),
        Ok(_) | Err(_) => Err(Ended("the first frame is no hello")),
    }
}
