//! What a partner brought that was not taken: counted for the admin, and the end of a stream that brings too much of it.

use super::stream::Ended;
use super::{PASSED_OVER_MAX, REFUSED_MAX, SyncContext};
use crate::directory::Blame;
use relais_domain::structure_id::StructureId;
use relais_store::batch::RefusalWrite;
use std::collections::BTreeMap;

/// What one stream was refused.
pub(super) struct Refusals {
    peer: StructureId,
    /// Not written yet.
    counts: BTreeMap<&'static str, u64>,
    /// What no node that keeps the rules sends.
    blamed: u32,
    /// What came too late, or is not wanted here.
    passed_over: u32,
}

impl Refusals {
    pub(super) fn new(peer: StructureId) -> Self {
        Self { peer, counts: BTreeMap::new(), blamed: 0, passed_over: 0 }
    }

    /// Counts so many refusals of one code.
    pub(super) fn note(&mut self, code: &'static str, blame: Blame, count: u32) -> Result<(), Ended> {
        if count == 0 {
            return Ok(());
        }
        tracing::debug!(peer.id = %self.peer, code, count, "Refused of what a partner brought");
        *self.counts.entry(code).or_insert(0) += u64::from(count);
        match blame {
            // One frame may hold many; it is one frame.
            Blame::Carrier => self.blamed += 1,
            Blame::Nobody => self.passed_over = self.passed_over.saturating_add(count),
        }
        if self.blamed > REFUSED_MAX || self.passed_over > PASSED_OVER_MAX {
            return Err(Ended("too much was refused"));
        }
        Ok(())
    }

    /// Writes down what was counted.
    pub(super) async fn write(&mut self, context: &SyncContext) {
        if self.counts.is_empty() {
            return;
        }
        let at = context.clock.now();
        let write = |(code, count): (&str, u64)| RefusalWrite {
            peer: Some(self.peer),
            code: code.to_owned(),
            count,
            at,
        };
        let refusals: Vec<RefusalWrite> = std::mem::take(&mut self.counts).into_iter().map(write).collect();
        tracing::info!(peer.id = %self.peer, codes = refusals.len(), "Some of what a partner brought was refused");
        if let Err(error) = context.directory.count_refusals(refusals).await {
            tracing::warn!(%error, "Refusals could not be counted");
        }
    }
}
