//! Which batches of a group may be written together.
//!
//! A round is one transaction. In it, segments follow each other; batches of one segment touch different things, so
//! each table needs one statement for all of them, and the order between them does not matter. A batch that rests on
//! what an earlier one of the group writes comes in a later segment, and sees it. Keys are destroyed between rounds,
//! so a batch that writes where an earlier one erased comes in a later round, and gets a fresh key.

use relais_domain::id::{MessageId, ThreadId};
use relais_store::batch::{Batch, OutboxChange};
use relais_store::rows::Shelf;
use std::collections::BTreeSet;

/// The places, in the group, of batches that touch different things.
pub(super) type Segment = Vec<usize>;

/// What is written in one transaction.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Round {
    pub(super) segments: Vec<Segment>,
}

/// What no two batches of a segment may share.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Touched<'b> {
    Thread(ThreadId),
    Document(Shelf, &'b [u8]),
    Received(MessageId),
    Receipted(MessageId),
}

/// How far a batch reaches.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// To what it names.
    Named,
    /// To every message that waits for a peer, or every tally row of a quarter.
    Wide,
}

/// Splits a group into rounds of segments, in the order of arrival.
pub(super) fn rounds(group: &[&Batch]) -> Vec<Round> {
    let mut plan = Plan::default();
    for (index, batch) in group.iter().enumerate() {
        plan.add(index, batch);
    }
    plan.rounds
}

#[derive(Default)]
struct Plan<'b> {
    rounds: Vec<Round>,
    /// What the current segment touches.
    touched: BTreeSet<Touched<'b>>,
    /// What the current round erases something of.
    erased: BTreeSet<Touched<'b>>,
    alone: bool,
}

impl<'b> Plan<'b> {
    fn add(&mut self, index: usize, batch: &'b Batch) {
        let touches = touches(batch);
        let reach = reach(batch);
        if self.rounds.is_empty() || !self.erased.is_disjoint(&touches) {
            self.rounds.push(Round::default());
            self.erased.clear();
            self.touched.clear();
            self.alone = true;
        }
        let apart = self.alone || reach == Reach::Wide || !self.touched.is_disjoint(&touches);
        let Some(round) = self.rounds.last_mut() else { return };
        match round.segments.last_mut() {
            Some(segment) if !apart => segment.push(index),
            Some(_) | None => {
                round.segments.push(vec![index]);
                self.touched.clear();
            }
        }
        self.alone = reach == Reach::Wide;
        self.touched.extend(touches);
        self.erased.extend(erases(batch));
    }
}

fn touches(batch: &Batch) -> BTreeSet<Touched<'_>> {
    let thread = batch.thread.iter().map(|write| Touched::Thread(write.row.id));
    let documents = batch.documents.iter().map(|write| Touched::Document(write.shelf, &write.key));
    let received = batch.inbox.iter().map(|row| Touched::Received(row.message));
    let receipted = batch.acks.iter().map(|row| Touched::Receipted(row.message));
    let dropped = batch.outbox.iter().filter_map(|change| match change {
        OutboxChange::Drop { thread } => Some(Touched::Thread(*thread)),
        OutboxChange::Retry { .. } | OutboxChange::Hurry { .. } | OutboxChange::Undelivered { .. } => None,
    });
    thread.chain(documents).chain(received).chain(receipted).chain(dropped).collect()
}

fn reach(batch: &Batch) -> Reach {
    let wide = batch.outbox.iter().any(|change| match change {
        OutboxChange::Hurry { .. } | OutboxChange::Undelivered { .. } => true,
        OutboxChange::Retry { .. } | OutboxChange::Drop { .. } => false,
    });
    if wide || batch.closing.is_some() { Reach::Wide } else { Reach::Named }
}

/// Whether a batch makes something unreadable, or rows disappear that no log may hold on to.
pub(super) fn is_erasing(batch: &Batch) -> bool {
    let blanks = batch.thread.as_ref().is_some_and(|write| !write.blank.is_empty());
    blanks || batch.closing.is_some() || erases(batch).next().is_some()
}

/// What a batch destroys the keys of.
fn erases(batch: &Batch) -> impl Iterator<Item = Touched<'_>> {
    let threads = batch.thread.iter().filter(|write| !write.erase.is_empty());
    let removed = batch.documents.iter().filter(|write| write.body.is_none() && write.shelf.is_personal());
    let threads = threads.map(|write| Touched::Thread(write.row.id));
    threads.chain(removed.map(|write| Touched::Document(write.shelf, &write.key)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_domain::content::ContentPart;
    use relais_domain::event::Side;
    use relais_domain::fold::Parts;
    use relais_store::batch::{DocumentWrite, Expected, ThreadWrite};
    use relais_store::conformance::sample;

    fn plan(group: &[Batch]) -> Vec<Vec<Vec<usize>>> {
        let group: Vec<&Batch> = group.iter().collect();
        rounds(&group).into_iter().map(|round| round.segments).collect()
    }

    fn opening(seed: u64) -> Batch {
        sample::batch(sample::opening(seed))
    }

    fn erasing(seed: u64) -> Batch {
        let erase = Parts::of([ContentPart::StageOne]);
        sample::batch(ThreadWrite { erase, ..sample::change(seed, 2) })
    }

    fn document(body: Option<Vec<u8>>) -> Batch {
        let write =
            DocumentWrite { shelf: Shelf::FollowUp, key: vec![1], expected_version: Expected::Any, body };
        Batch { documents: vec![write], ..Batch::default() }
    }

    fn closing() -> Batch {
        Batch { closing: Some(sample::at(0).quarter()), ..Batch::default() }
    }

    fn hurry() -> Batch {
        let change = OutboxChange::Hurry { peer: sample::peer(1), now: sample::at(0) };
        Batch { outbox: vec![change], ..Batch::default() }
    }

    #[test]
    fn what_touches_different_things_is_written_together() {
        assert_eq!(plan(&[opening(1), opening(2), document(None), opening(3)]), [[[0, 1, 2, 3]]]);
        assert!(plan(&[]).is_empty());
    }

    #[test]
    fn what_rests_on_an_earlier_batch_comes_after_it() {
        let group = [opening(1), opening(2), sample::batch(sample::change(1, 2)), opening(3)];
        assert_eq!(plan(&group), [[vec![0, 1], vec![2, 3]]]);
        let drop = OutboxChange::Drop { thread: sample::thread_id(1) };
        let group = [opening(1), Batch { outbox: vec![drop], ..Batch::default() }];
        assert_eq!(plan(&group), [[[0], [1]]]);
    }

    #[test]
    fn what_reaches_a_whole_peer_stands_alone() {
        assert_eq!(plan(&[opening(1), hurry(), opening(2), opening(3)]), [[vec![0], vec![1], vec![2, 3]]]);
        assert_eq!(plan(&[opening(1), closing(), opening(2), opening(3)]), [[vec![0], vec![1], vec![2, 3]]]);
    }

    #[test]
    fn what_is_blanked_is_written_again_in_the_same_transaction() {
        let blank = vec![sample::blank(Side::Sender, 1, None)];
        let blanking = sample::batch(ThreadWrite { blank, ..sample::change(1, 2) });
        assert!(is_erasing(&blanking) && is_erasing(&closing()) && is_erasing(&erasing(1)));
        assert!(!is_erasing(&opening(1)) && !is_erasing(&hurry()));
        assert_eq!(plan(&[blanking, sample::batch(sample::change(1, 3))]), [[[0], [1]]]);
    }

    #[test]
    fn what_was_erased_is_written_again_in_a_later_transaction() {
        let again = sample::batch(sample::change(1, 3));
        assert_eq!(plan(&[erasing(1), opening(2), again]), [[vec![0, 1]], [vec![2]]]);
        assert_eq!(plan(&[document(None), document(Some(vec![1]))]), [[[0]], [[1]]]);
        assert_eq!(plan(&[document(Some(vec![1])), document(None)]), [[[0], [1]]]);
    }
}
