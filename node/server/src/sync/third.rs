//! What passes of third structures: news as they come, and what a comparison of both sides brings to light.

use super::Passes;
use super::budget::{Over, WANTED_MAX};
use super::carried::{Found, NoChain, Told};
use super::comparison::{Learnt, Part};
use super::queue::Queued;
use super::stream::{Ended, SyncStream};
use crate::directory::{AdmitError, Again, Blame, Brought, CompareEnd, News, Publisher};
use relais_domain::digest::Digest;
use relais_domain::directory::{Admitted, RecordKey, Subscription};
use relais_domain::structure_id::StructureId;
use relais_domain::thread::Trust;
use relais_domain::time::{Span, Timestamp};
use relais_store::StoreError;
use relais_wire::frame::{CarriedManifest, ITEMS_WANTED_MAX, SyncFeature, SyncFrame};
use relais_wire::reconcile::{Difference, Reconcile, Step};
use relais_wire::record::{Outline, RecordError, SignedRecord};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;

/// How long after a partner's own records came too fast it is asked for all of them.
const CHURN_AGAIN_AFTER: Span = Span::hours(1);

impl SyncStream<'_> {
    /// Whether records of third structures pass: the other side knows them, and is trusted.
    pub(super) fn carries(&self) -> bool {
        self.partner.features.contains(&SyncFeature::Reconcile)
            && self.context.passes(self.peer) == Passes::All
    }

    /// Sends a record of another structure on, if it concerns the other side and did not come from there.
    pub(super) fn pass_on(&mut self, news: Result<Arc<News>, RecvError>) -> Result<(), Ended> {
        let news = match news {
            Ok(news) => news,
            Err(RecvError::Lagged(_)) => {
                self.comparison.ask();
                return Ok(());
            }
            Err(RecvError::Closed) => return Err(Ended("the node stops")),
        };
        if self.carries() && news.structure != self.peer && self.partner.subscription.wants(news.partitions) {
            self.queue(Queued::News(news));
        }
        Ok(())
    }

    /// Tells the other side that what is kept here has changed; both are to be compared anew. It forgets what it has sent:
    /// a structure that is allowed again lacks all of it.
    pub(super) async fn wishes_changed(&mut self) -> Result<(), Ended> {
        self.comparison.ask();
        self.asked.clear();
        self.older.forget();
        if self.partner.features.contains(&SyncFeature::Reconcile) {
            return self.outgoing.hello_again().await;
        }
        Ok(())
    }

    /// Takes in a record, of the partner or of a third structure.
    pub(super) async fn record(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        if self.context.passes(self.peer) != Passes::All {
            return Ok(());
        }
        let signed = match SignedRecord::read(bytes) {
            Ok(signed) => signed,
            Err(error @ RecordError::Field(_)) => return self.unread(bytes, error).await,
            Err(error) => return self.refuse(&error.into()),
        };
        let identity = signed.identity;
        if signed.record.structure != self.peer && !self.may_spend(bytes.len())? {
            return Ok(());
        }
        match self.admit(signed.clone()).await? {
            Ok(None) => Ok(()),
            Ok(Some(admitted)) => {
                self.outgoing.came(identity);
                self.comparison.came(&identity);
                match admitted {
                    Admitted::New | Admitted::Newer => self.comparison.moves(),
                    Admitted::Same => {}
                }
                Ok(())
            }
            Err(error) => self.refused(&signed, &error),
        }
    }

    /// Notes that a record was refused, and what is to become of it.
    fn refused(&mut self, signed: &SignedRecord, error: &AdmitError) -> Result<(), Ended> {
        let (identity, structure) = (signed.identity, signed.record.structure);
        // Only of what was asked for is it remembered that it need not be asked for: else who sends what nobody asked for
        // would say what is.
        if self.comparison.is_awaited(&identity) {
            let of = self.publisher(structure).unwrap_or(Publisher::Third);
            match self.context.directory.pass_over(signed, Brought { by: self.peer, of }, error) {
                Again::Soon => {}
                Again::No => self.comparison.came(&identity),
                Again::NotOfThisPartner => {
                    self.comparison.came(&identity);
                    self.older.note(identity);
                }
            }
        }
        if structure == self.peer && matches!(error, AdmitError::Churn) {
            self.peer_churned.get_or_insert(self.context.clock.now());
        }
        // Who sends what is out of date is told what took its place; but whom a structure recommends is told by itself.
        let is_public = !matches!(signed.record.key(), RecordKey::Endorsement(_));
        let directory = &self.context.directory;
        let newer = if !is_public {
            None
        } else if matches!(error, AdmitError::FormerRoot) {
            directory.present_instead_of(signed)
        } else if error.is_equivocation() && structure == self.peer {
            // Its folder may have been put back from a copy.
            directory.held_beside(signed)
        } else {
            directory.newer_than(signed)
        };
        if let Some(newer) = newer.filter(|_| self.carries()) {
            self.queue(Queued::Entry(newer));
        }
        self.refuse(error)
    }

    /// Asks for the partner's own records again, once those may be taken that it changed too fast.
    pub(super) async fn ask_what_churned(&mut self) -> Result<(), Ended> {
        let now = self.context.clock.now();
        let waited = |since: Timestamp| !now.is_within(CHURN_AGAIN_AFTER, since);
        if self.peer_churned.is_some_and(waited) && self.context.passes(self.peer) == Passes::All {
            self.peer_churned = None;
            return self.outgoing.send(SyncFrame::RecordsWanted).await;
        }
        Ok(())
    }

    /// What a structure is to this node; `None` when it was removed.
    fn publisher(&self, structure: StructureId) -> Option<Publisher> {
        match self.context.peers.trust(structure) {
            Some(Trust::Removed) => None,
            Some(Trust::Paired | Trust::Suspended) => Some(Publisher::Partner),
            None => Some(Publisher::Third),
        }
    }

    /// Passes over a record that its structure signed and this version cannot read: nobody's fault, and not asked for
    /// again. Anything else that cannot be read is the fault of who brought it.
    async fn unread(&mut self, bytes: &[u8], error: RecordError) -> Result<(), Ended> {
        let Ok(outline) = Outline::read(bytes) else { return self.refuse(&error.into()) };
        if outline.structure != self.peer && !self.may_spend(bytes.len())? {
            return Ok(());
        }
        let structure = outline.structure;
        let chain = match self.context.chain_of(structure, self.peer, &mut self.carried).await {
            Ok(found) => found.map(|found| found.chain),
            Err(NoChain::Store(error)) => return Err(of_store(&error)),
            Err(NoChain::Useless((code, blame))) => return self.refusals.note(code, blame, 1),
        };
        let directory = &self.context.directory;
        let keys = |manifest| chain.and_then(|chain| directory.keys_of(&chain, manifest));
        match outline.verify(structure, keys) {
            Ok(()) => {
                directory.pass_over_unread(outline.identity);
                self.comparison.came(&outline.identity);
                self.refusals.note("directory_unknown", Blame::Nobody, 1)
            }
            Err(error) => self.refuse(&error.into()),
        }
    }

    /// Whether the other side may still send records of third structures.
    fn may_spend(&mut self, bytes: usize) -> Result<bool, Ended> {
        let now = self.context.clock.now();
        let overrun = self.context.budgets.of(self.peer, |budget| {
            budget.spend(bytes, now);
            budget.is_overrun()
        });
        if overrun {
            self.refusals.note("directory_bytes", Blame::Nobody, 1)?;
        }
        Ok(!overrun)
    }

    /// What became of a record; `None` when it was asked for once more, with the manifests of its structure.
    async fn admit(&mut self, signed: SignedRecord) -> Result<Result<Option<Admitted>, AdmitError>, Ended> {
        let structure = signed.record.structure;
        if structure == self.context.own.structure() {
            return match self.context.directory.take_back(signed, self.peer).await {
                Err(AdmitError::Store(error)) => Err(of_store(&error)),
                taken => Ok(taken.map(|()| Some(Admitted::Newer))),
            };
        }
        let Some(of) = self.publisher(structure) else { return Ok(Err(AdmitError::Declined)) };
        let brought = Brought { by: self.peer, of };
        match self.context.directory.foresee(&signed, brought) {
            Ok(Admitted::Same) => return Ok(Ok(Some(Admitted::Same))),
            // Proof of a lie must be verified as well.
            Ok(Admitted::New | Admitted::Newer) => {}
            Err(error) if error.is_equivocation() => {}
            // What stands in its way may be a thief's, and the rotation that ends it still to come.
            Err(error)
                if error.is_for_what_is_held() && self.context.may_rotate(&self.carried, &signed.record) => {}
            Err(error) => return Ok(Err(error)),
        }
        let named = signed.record.manifest;
        let chain = self.context.chain_of(structure, self.peer, &mut self.carried).await;
        let Found { chain, brought: run } = match chain {
            Ok(Some(found)) => found,
            Ok(None) => return self.ask_with_manifests(signed.identity).await,
            Err(error) => return self.no_chain(error),
        };
        if chain.at(named).is_none() {
            return self.ask_with_manifests(signed.identity).await;
        }
        if let Some(run) = run {
            match self.context.keep_run(run, &chain, &signed, brought).await {
                Ok(Ok(())) => self.carried.forget(),
                Ok(Err(error)) => return Ok(Err(error)),
                Err(error) => {
                    self.context.directory.pass_over_unread(signed.identity);
                    return self.no_chain(error);
                }
            }
        }
        match self.context.directory.admit(signed, &chain, brought).await {
            Err(AdmitError::Store(error)) => Err(of_store(&error)),
            Ok(admitted) => {
                // Whoever brings what they signed has the manifests.
                self.context.chains_told.tell(self.peer, structure, Told::of(&chain, named));
                Ok(Ok(Some(admitted)))
            }
            Err(error) => Ok(Err(error)),
        }
    }

    fn no_chain(&mut self, error: NoChain) -> Result<Result<Option<Admitted>, AdmitError>, Ended> {
        match error {
            NoChain::Store(error) => Err(of_store(&error)),
            NoChain::Useless((code, blame)) => {
                self.refusals.note(code, blame, 1)?;
                Ok(Err(AdmitError::Record(RecordError::Manifest)))
            }
        }
    }

    /// Asks once for a record whose manifests are not known here: they come before it.
    async fn ask_with_manifests(
        &mut self,
        identity: Digest,
    ) -> Result<Result<Option<Admitted>, AdmitError>, Ended> {
        let now = self.context.clock.now();
        let may_ask = self.asked.len() < WANTED_MAX
            && self.context.budgets.of(self.peer, |budget| budget.want(1, now)).is_ok();
        if may_ask && self.asked.insert(identity) {
            self.outgoing.send(SyncFrame::ItemsWanted(vec![identity])).await?;
            return Ok(Ok(None));
        }
        Ok(Err(AdmitError::Record(RecordError::Manifest)))
    }

    fn refuse(&mut self, error: &AdmitError) -> Result<(), Ended> {
        let Some((code, blame)) = error.counted() else { return Ok(()) };
        tracing::debug!(peer.id = %self.peer, %error, "Directory record refused");
        self.refusals.note(code, blame, 1)
    }

    /// Takes in a manifest of a third structure.
    pub(super) fn manifest_of_third(&mut self, carried: &CarriedManifest) -> Result<(), Ended> {
        if !self.carries() || !self.may_spend(carried.manifest.len())? {
            return Ok(());
        }
        match self.carried.take(carried) {
            Ok(()) => Ok(()),
            Err((code, blame)) => self.refusals.note(code, blame, 1),
        }
    }

    /// Opens a comparison, if it is this side's part and one is due.
    pub(super) async fn compare(&mut self) -> Result<(), Ended> {
        let (now, generation) = (self.context.clock.now(), self.context.directory.generation());
        if self.part != Part::Opens || !self.carries() {
            return Ok(());
        }
        if !self.context.budgets.of(self.peer, |budget| budget.has_left()) {
            self.comparison.ask();
        }
        let awaited = self.comparison.is_open();
        let is_due = self.comparison.is_due(generation, now);
        if awaited && !self.comparison.is_open() {
            self.note_compared(CompareEnd::Unanswered);
        }
        if !is_due {
            return Ok(());
        }
        if self.context.budgets.of(self.peer, |budget| budget.open(now)).is_err() {
            self.comparison.postponed(now);
            return Ok(());
        }
        self.comparison.opened(generation, now);
        match self.context.directory.items(self.shared()).open() {
            Ok(message) => self.say(Step::Opens, message).await,
            Err(error) => {
                tracing::warn!(%error, "No comparison could be opened");
                self.comparison.ended(Learnt::All, now);
                Ok(())
            }
        }
    }

    /// Notes for the admin how a comparison ended.
    pub(super) fn note_compared(&self, end: CompareEnd) {
        self.context.directory.note_compared(self.peer, end);
    }

    /// The départements that both sides keep.
    fn shared(&self) -> Subscription {
        self.context.directory.subscription().shared(self.partner.subscription)
    }

    async fn say(&mut self, step: Step, message: Vec<u8>) -> Result<(), Ended> {
        let now = self.context.clock.now();
        self.context.budgets.of(self.peer, |budget| budget.spend(message.len(), now));
        self.outgoing.send(SyncFrame::Reconcile(Reconcile { step, message })).await
    }

    /// Takes in one message of a comparison.
    pub(super) async fn reconcile(&mut self, said: Reconcile) -> Result<(), Ended> {
        if !self.carries() {
            return Ok(());
        }
        let now = self.context.clock.now();
        self.context.budgets.of(self.peer, |budget| budget.spend(said.message.len(), now));
        match (said.step, self.part) {
            (Step::Opens, Part::Answers) => {
                let opened = self.context.budgets.of(self.peer, |budget| budget.open(now));
                self.answer(opened, &said.message).await
            }
            (Step::GoesOn, Part::Answers) => {
                let goes_on = self.context.budgets.of(self.peer, |budget| budget.round());
                self.answer(goes_on, &said.message).await
            }
            (Step::Answers, Part::Opens) if self.comparison.is_open() => self.learn(&said.message).await,
            (Step::Opens | Step::GoesOn | Step::Answers, _) => {
                self.refusals.note("directory_compare_unasked", Blame::Carrier, 1)
            }
        }
    }

    async fn answer(&mut self, may: Result<(), Over>, message: &[u8]) -> Result<(), Ended> {
        match may {
            Ok(()) => {}
            // The other side counts the same bytes, if not in the same order; and it may have started anew.
            Err(Over::Bytes) => return self.refusals.note("directory_bytes", Blame::Nobody, 1),
            Err(Over::TooSoon) => {
                // It may have started anew, and would wait for minutes: a hello lets it open again soon.
                if !std::mem::replace(&mut self.excused, true) {
                    self.outgoing.hello_again().await?;
                }
                return self.refusals.note("directory_compare_too_soon", Blame::Nobody, 1);
            }
            Err(Over::Rounds | Over::Wanted | Over::Unknown) => {
                return self.refusals.note("directory_compare_limit", Blame::Carrier, 1);
            }
        }
        match self.context.directory.items(self.shared()).answer(message) {
            Ok(answer) => {
                // What came of it is known to the side that opened.
                self.note_compared(CompareEnd::Answered);
                self.say(Step::Answers, answer).await
            }
            Err(_) => {
                self.note_compared(CompareEnd::Unreadable);
                self.refusals.note("directory_compare_unreadable", Blame::Carrier, 1)
            }
        }
    }

    async fn learn(&mut self, answer: &[u8]) -> Result<(), Ended> {
        let now = self.context.clock.now();
        let Ok(Difference { have, need, next }) = self.context.directory.items(self.shared()).learn(answer)
        else {
            self.comparison.ended(Learnt::All, now);
            self.note_compared(CompareEnd::Unreadable);
            return self.refusals.note("directory_compare_unreadable", Blame::Carrier, 1);
        };
        self.send_held(have);
        let all = self.ask_for(need).await?;
        let Some(next) = next else {
            let end = self.comparison.ended(all, now);
            self.note_compared(end);
            return Ok(());
        };
        if self.context.budgets.of(self.peer, |budget| budget.round()).is_err() {
            self.refusals.note("directory_compare_unending", Blame::Nobody, 1)?;
            let end = self.comparison.ended(Learnt::Some, now);
            self.note_compared(end);
            return Ok(());
        }
        self.comparison.goes_on(now);
        self.say(Step::GoesOn, next).await
    }

    /// Sends records that the other side lacks.
    fn send_held(&mut self, identities: Vec<Digest>) {
        let untold: BTreeSet<Digest> =
            identities.into_iter().filter(|identity| !self.outgoing.is_told(identity)).collect();
        if untold.is_empty() {
            return;
        }
        for entry in self.context.directory.entries(&untold) {
            self.comparison.moves();
            self.queue(Queued::Entry(entry));
        }
    }

    /// Asks for records that this side lacks; whether it asked for all of them.
    async fn ask_for(&mut self, identities: Vec<Digest>) -> Result<Learnt, Ended> {
        if !self.context.directory.may_bring(self.peer) {
            // What is taken of it is used up: some minutes later it is not.
            return Ok(Learnt::All);
        }
        let now = self.context.clock.now();
        let mut wanted = self.context.directory.still_wanted(identities);
        wanted.retain(|identity| !self.older.has(identity));
        let left = self.context.budgets.of(self.peer, |budget| budget.wanted_left());
        let learnt = if wanted.len() > left { Learnt::Some } else { Learnt::All };
        wanted.truncate(left);
        for ids in wanted.chunks(ITEMS_WANTED_MAX) {
            if self.context.budgets.of(self.peer, |budget| budget.want(ids.len(), now)).is_err() {
                return Ok(Learnt::Some);
            }
            self.comparison.awaits(ids);
            self.outgoing.send(SyncFrame::ItemsWanted(ids.to_vec())).await?;
        }
        Ok(learnt)
    }

    /// Answers who asks for records.
    pub(super) fn wanted_by_peer(&mut self, ids: &[Digest]) -> Result<(), Ended> {
        const { assert!(ITEMS_WANTED_MAX <= WANTED_MAX) };
        if !self.carries() {
            return Ok(());
        }
        let now = self.context.clock.now();
        match self.context.budgets.of(self.peer, |budget| budget.want(ids.len(), now)) {
            Ok(()) => {}
            Err(Over::Bytes) => return self.refusals.note("directory_bytes", Blame::Nobody, 1),
            Err(Over::TooSoon | Over::Rounds | Over::Wanted | Over::Unknown) => {
                return self.refusals.note("directory_wanted_limit", Blame::Carrier, 1);
            }
        }
        let own = self.context.own.structure();
        let mut entries = self.context.directory.entries(&ids.iter().copied().collect());
        // Whom others recommend is theirs to say.
        entries.retain(|entry| entry.structure == own || !matches!(entry.key, RecordKey::Endorsement(_)));
        let unknown = ids.len() - entries.len();
        let over = self.context.budgets.of(self.peer, |budget| budget.not_held(unknown)).is_err();
        let blame = if over { Blame::Carrier } else { Blame::Nobody };
        self.refusals.note("directory_wanted_unknown", blame, u32::try_from(unknown).unwrap_or(u32::MAX))?;
        self.outgoing.forget_chains(entries.iter().map(|entry| entry.structure));
        for entry in entries {
            self.queue(Queued::Asked(entry));
        }
        Ok(())
    }

    /// Queues a record, if the queue is not full; what is lost is found by a later comparison.
    fn queue(&mut self, queued: Queued) {
        if self.outgoing.queue(queued).is_err() {
            self.comparison.ask();
        }
    }
}

fn of_store(error: &StoreError) -> Ended {
    tracing::warn!(%error, "A directory record could not be kept");
    Ended("the store could not")
}
