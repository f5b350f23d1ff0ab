//! Small tasks that keep one thing in step with another.

mod manifest;

pub(super) use manifest::{hold_former_leaf, keep_manifest};

use crate::clock::{Clock, Dice};
use crate::cuts::Cuts;
use crate::directory::{Directory, OpenData};
use crate::engine::Engine;
use crate::introductions::Introductions;
use crate::pairing::Paired;
use crate::peers::{PeerRecord, PeerTrust};
use crate::sweeper::wake_partner;
use crate::tls::{Ca, LEAF_LIFETIME, LeafBox, PinBoard, Pinned};
use relais_domain::structure_id::StructureId;
use relais_store::Store;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How often it is looked whether someone says something else of who they are.
const HEARING_PERIOD: Duration = Duration::from_secs(1);
/// How long after open data could not be read it is tried again.
const READING_PERIOD: Duration = Duration::from_secs(60);
/// How often the age of the leaf is looked at.
const LEAF_PERIOD: Duration = Duration::from_secs(60);

/// Keeps the pins in step with trust: who is no partner is unpinned, and every change of trust cuts what is open.
pub(super) async fn keep_pins(engine: Arc<Engine>, pins: Arc<PinBoard>, cuts: Cuts) {
    let mut changes = engine.peers().changes();
    let mut known: BTreeMap<StructureId, PeerTrust> = BTreeMap::new();
    loop {
        let mut gone: Vec<StructureId> = known.keys().copied().collect();
        for (record, _) in engine.peers().all() {
            let peer = record.structure();
            gone.retain(|other| *other != peer);
            let trust = record.trust();
            match trust {
                PeerTrust::Paired | PeerTrust::Suspended if record.is_given_up() => pins.unpin(peer),
                PeerTrust::Paired | PeerTrust::Suspended => follow(&record, &pins, &cuts),
                PeerTrust::Pending | PeerTrust::Removed => pins.unpin(peer),
            }
            let before = known.insert(peer, trust);
            if before == Some(PeerTrust::Suspended) && trust == PeerTrust::Paired {
                let engine = Arc::clone(&engine);
                tokio::spawn(async move { wake_partner(&engine, peer).await });
            }
            if before.is_some_and(|before| before != trust) && trust != PeerTrust::Paired {
                let cut = cuts.cut(peer);
                tracing::info!(peer.id = %peer, trust = trust.as_str(), cut, "Trust changed: connections cut");
            }
        }
        for peer in gone {
            pins.unpin(peer);
            cuts.cut(peer);
            known.remove(&peer);
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

/// Pins the CA that the partner's manifests name, and cuts what is open under one that counts no more.
fn follow(partner: &PeerRecord, pins: &PinBoard, cuts: &Cuts) {
    let peer = partner.structure();
    match pins.follow(&partner.chain()) {
        Ok(Pinned::Kept) => {}
        Ok(Pinned::Dropped) => {
            let cut = cuts.cut(peer);
            tracing::info!(peer.id = %peer, cut, "Partner's CA replaced: connections cut");
        }
        Err(error) => tracing::error!(peer.id = %peer, %error, "Partner's CA refused"),
    }
}

/// Keeps the directory in step with the manifests that are pinned, however they came to be: what a former root signed goes.
pub(super) async fn keep_roots(engine: Arc<Engine>, directory: Arc<Directory>) {
    let mut changes = engine.peers().changes();
    loop {
        for (record, _) in engine.peers().all() {
            if let Err(error) = directory.heed_pinned(&record.chain()).await {
                let peer = record.structure();
                tracing::error!(peer.id = %peer, %error, "What a former root signed could not be dropped");
            }
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

/// Renews the short-lived leaf while the node runs.
pub(super) async fn keep_leaf(engine: Arc<Engine>, ca: Arc<Ca>, leaf: Arc<LeafBox>) {
    let mut tick = tokio::time::interval(LEAF_PERIOD);
    loop {
        tick.tick().await;
        let now = engine.clock().now();
        leaf.retire_former(now);
        if now < leaf.renew_at() {
            continue;
        }
        let renewed = ca.issue_leaf(engine.own().structure(), now, LEAF_LIFETIME);
        match renewed.and_then(|next| leaf.renew(&next)) {
            Ok(()) => tracing::info!("Certificate renewed"),
            Err(error) => tracing::error!(%error, "Certificate not renewed; it is tried again"),
        }
    }
}

/// Takes up structures that joined one of our invitations: pending until the admin confirms.
pub(super) async fn keep_pairings(engine: Arc<Engine>, mut paired: mpsc::Receiver<Paired>) {
    while let Some(paired) = paired.recv().await {
        let peer = paired.chain.structure();
        match engine.peers().propose(paired.chain, paired.phrase, paired.agreement).await {
            Ok(()) => tracing::info!(peer.id = %peer, "Structure joined: compare the phrase, then confirm"),
            Err(error) => tracing::warn!(peer.id = %peer, %error, "Structure joined in vain"),
        }
    }
}

/// Open data that are found through the directory.
pub(crate) fn open_data(
    store: Arc<dyn Store>,
    directory: &Arc<Directory>,
    clock: Clock,
    dice: Dice,
) -> Arc<OpenData> {
    let open = OpenData::new(store, clock, dice);
    let directory = Arc::clone(directory);
    open.found_through(Arc::new(move |entries, meanwhile| directory.take_open(entries, meanwhile)));
    Arc::new(open)
}

/// Reads the open data of the store while the node serves, and lets entries be hidden in whose place signed records come
/// to stand.
pub(super) async fn keep_open_data(open: Arc<OpenData>, introductions: Introductions) {
    let mut changes = introductions.trust_changes();
    // What is read is judged at once.
    hear_claims(&open, &introductions).await;
    let mut tick = tokio::time::interval(HEARING_PERIOD);
    let mut reading = tokio::time::interval(READING_PERIOD);
    loop {
        tokio::select! {
            _ = reading.tick(), if !open.is_current() => match open.load().await {
                Ok(()) => tracing::info!(services = open.status().loaded, "Open data read"),
                Err(error) => tracing::error!(%error, "Open data could not be read; it is tried again"),
            },
            _ = tick.tick() => {}
            changed = changes.changed() => if changed.is_err() { return },
        }
        hear_claims(&open, &introductions).await;
    }
}

/// Hears what structures that are believed say of who they are, beside the threads that answer: it may be much.
pub(crate) async fn hear_claims(open: &Arc<OpenData>, introductions: &Introductions) {
    let (open, introductions) = (Arc::clone(open), introductions.clone());
    let hearing = move || open.hear(introductions.heard_of(), || introductions.claims());
    if let Err(error) = tokio::task::spawn_blocking(hearing).await {
        tracing::error!(%error, "Claims could not be heard");
    }
}
