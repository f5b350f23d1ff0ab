//! Receipts issued and receipts held.

use super::failure::{conflict, equal};
use super::{Backend, Failure, sample};
use crate::batch::{Batch, ThreadWrite};
use crate::rows::{AckRow, InboxRow};
use relais_domain::content::ContentPart;
use relais_domain::digest::Digest;
use relais_domain::event::Side;

/// The batch that stores the peer's event and the receipt issued for it.
fn receiving(seed: u64, version: u64, sequence: u32) -> Batch {
    let events = vec![sample::event(seed, Side::Receiver, sequence, ContentPart::Course)];
    let write = ThreadWrite { events, ..sample::change(seed, version) };
    Batch { inbox: Some(sample::inbox_row(seed, sequence)), ..sample::batch(write) }
}

pub(super) async fn a_receipt_issued_comes_back(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let receipt = sample::inbox_row(1, 1);
    equal(store.inbox(receipt.message).await?, None)?;
    store.commit(receiving(1, 1, 1)).await?;
    equal(store.inbox(receipt.message).await?, Some(receipt))?;
    equal(store.inbox(sample::message_id(1, Side::Receiver, 2)).await?, None)
}

pub(super) async fn a_message_is_receipted_once(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(receiving(1, 1, 1)).await?;
    let first = sample::inbox_row(1, 1);
    let other = InboxRow { identity: Digest::of(b"other"), receipt: b"other".to_vec(), ..first.clone() };
    for again in [first.clone(), other] {
        conflict(store.commit(Batch { inbox: Some(again), ..Batch::default() }).await)?;
    }
    equal(store.inbox(first.message).await?, Some(first))
}

pub(super) async fn receipts_held_come_by_sequence(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let events = (1..=3).map(|sequence| sample::event(1, Side::Sender, sequence, ContentPart::StageOne));
    let write = ThreadWrite { events: events.collect(), ..sample::change(1, 1) };
    store.commit(sample::batch(write)).await?;
    equal(store.acks(sample::thread_id(1)).await?, Vec::new())?;
    let without_link = AckRow { names: None, ..sample::ack_row(1, 2) };
    let acks = vec![sample::ack_row(1, 3), without_link.clone()];
    store.commit(Batch { acks, ..Batch::default() }).await?;
    store.commit(Batch { acks: vec![sample::ack_row(1, 1)], ..Batch::default() }).await?;
    let promised = vec![sample::ack_row(1, 1), without_link, sample::ack_row(1, 3)];
    equal(store.acks(sample::thread_id(1)).await?, promised)?;
    equal(store.acks(sample::thread_id(2)).await?, Vec::new())
}

pub(super) async fn a_receipt_lets_its_message_go(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    let events = (1..=2).map(|sequence| sample::event(1, Side::Sender, sequence, ContentPart::StageOne));
    let outbox = vec![sample::outbox_row(1, 1), sample::outbox_row(1, 2)];
    let write = ThreadWrite { events: events.collect(), outbox, ..sample::change(1, 1) };
    store.commit(sample::batch(write)).await?;
    store.commit(sample::batch(sample::opening(2))).await?;
    store.commit(Batch { acks: vec![sample::ack_row(1, 1)], ..Batch::default() }).await?;
    equal(store.outbox_of(sample::thread_id(1)).await?, vec![sample::outbox_row(1, 2)])?;
    equal(store.outbox_of(sample::thread_id(2)).await?, vec![sample::outbox_row(2, 1)])?;
    store.commit(Batch { acks: vec![sample::ack_row(1, 2)], ..Batch::default() }).await?;
    equal(store.outbox_of(sample::thread_id(1)).await?, Vec::new())
}

pub(super) async fn the_first_receipt_held_stays(backend: &mut dyn Backend) -> Result<(), Failure> {
    let store = backend.store();
    store.commit(sample::batch(sample::opening(1))).await?;
    let other = AckRow { receipt: b"other".to_vec(), ..sample::ack_row(1, 1) };
    for ack in [sample::ack_row(1, 1), other] {
        store.commit(Batch { acks: vec![ack], ..Batch::default() }).await?;
    }
    equal(store.acks(sample::thread_id(1)).await?, vec![sample::ack_row(1, 1)])
}
