//! Manifests of the partner: taken in run by run, so that a rotation over a fork holds as well.

use super::SyncContext;
use super::stream::Ended;
use relais_domain::structure_id::StructureId;
use relais_wire::manifest::chain::{CHAIN_MANIFESTS_MAX, Chain};
use relais_wire::manifest::{Manifest, ManifestError};

pub(super) struct Incoming<'a> {
    context: &'a SyncContext,
    peer: StructureId,
    /// The manifests of the run that is coming in, in sequence.
    run: Vec<Manifest>,
    /// The sequence of the last manifest the partner has.
    last: u64,
}

impl<'a> Incoming<'a> {
    pub(super) fn new(context: &'a SyncContext, peer: StructureId) -> Self {
        Self { context, peer, run: Vec::new(), last: 0 }
    }

    /// Notes how far the partner's manifests go.
    pub(super) fn expect(&mut self, last: u64) {
        self.last = last;
    }

    /// Takes in one manifest. A run begins anew with the first; each is tried with those before it.
    pub(super) async fn take(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        let manifest = Manifest::admit(bytes).map_err(|_| Ended("a manifest is no good"))?;
        let follows = self.run.last().is_some_and(|last| last.sequence() + 1 == manifest.sequence());
        if !follows {
            self.run.clear();
        }
        if self.run.len() >= CHAIN_MANIFESTS_MAX {
            return Err(Ended("too many manifests"));
        }
        self.run.push(manifest);
        self.offer().await
    }

    async fn offer(&self) -> Result<(), Ended> {
        let Some(chain) = self.context.peers.chain(self.peer) else {
            return Err(Ended("no partner any more"));
        };
        // Of what is held already nothing can be learnt, but by a run that ends elsewhere.
        let known =
            self.run.last().and_then(|last| Some(chain.at(last.sequence())?.identity() == last.identity()));
        if known == Some(true) {
            return Ok(());
        }
        match chain.accept_run(self.run.clone()) {
            Ok(accepted) if accepted.chain == *chain => Ok(()),
            Ok(accepted) => self.keep(accepted.chain).await,
            // A thief of the root was here first: the rotation that settles it is still to come in this run.
            Err(ManifestError::Equivocation(_)) if self.run_goes_on() => Ok(()),
            Err(error @ ManifestError::Equivocation(_)) => {
                tracing::error!(peer.id = %self.peer, %error, "A partner signed two manifests that exclude each other");
                Err(Ended("two manifests exclude each other"))
            }
            Err(error) => {
                tracing::warn!(peer.id = %self.peer, %error, "Manifest refused");
                Err(Ended("a manifest is no good"))
            }
        }
    }

    /// Keeps the manifests of the partner, once the directory has heeded them.
    async fn keep(&self, chain: Chain) -> Result<(), Ended> {
        tracing::info!(peer.id = %self.peer, sequence = chain.current().sequence(), "New manifest of a partner");
        let could_not = |error: &dyn std::fmt::Display| {
            tracing::warn!(%error, "A partner's manifests could not be kept");
            Ended("the store could not")
        };
        self.context.directory.heed_pinned(&chain).await.map_err(|error| could_not(&error))?;
        self.context.peers.set_chain(chain).await.map_err(|error| could_not(&error))
    }

    fn run_goes_on(&self) -> bool {
        self.run.last().is_some_and(|last| last.sequence() < self.last)
    }
}
