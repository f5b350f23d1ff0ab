//! The whole course of a thread, batch by batch.

use super::{
    ack_row, at, batch, blank, change, event, inbox_row, leaf, opening, outbox_row, peer, secret, step,
    tally_row,
};
use crate::batch::{
    Batch, DocumentWrite, Expected, OutboxChange, Prepared, RefusalWrite, TallyMove, ThreadWrite,
};
use crate::rows::{OutboxState, Shelf, ThreadRow};
use relais_domain::content::{ContentPart, Outcome};
use relais_domain::event::Side;
use relais_domain::fold::{Label, Parts};

/// What happens to thread `seed` from its opening to its erasure and the closing of its quarter, with every kind of
/// write. Each batch rests on those before it; another seed's may come between.
pub fn course(seed: u64) -> Vec<Batch> {
    vec![opened(seed), not_delivered(seed), delivered(seed), answered(seed), disclosed(seed), ended(seed)]
}

fn follow_up(seed: u64, expected_version: Expected, body: Option<&str>) -> DocumentWrite {
    let body = body.map(|label| secret(label, seed, 80).into_exposed());
    DocumentWrite { shelf: Shelf::FollowUp, key: seed.to_be_bytes().to_vec(), expected_version, body }
}

fn opened(seed: u64) -> Batch {
    let thread = ThreadWrite {
        prepared: Prepared::Put(secret("prepared", seed, 500)),
        row: ThreadRow { wake_at: Some(at(100)), ..opening(seed).row },
        ..opening(seed)
    };
    Batch {
        documents: vec![follow_up(seed, Expected::Absent, Some("first"))],
        leaves: vec![leaf(seed * 10), leaf(seed * 10 + 1)],
        ..batch(thread)
    }
}

fn not_delivered(seed: u64) -> Batch {
    let row = outbox_row(seed, 1);
    let retry = OutboxChange::Retry {
        message: row.message,
        state: OutboxState::Waiting,
        attempts: 1,
        next_at: at(60),
        first_failed_at: Some(at(30)),
        last_code: 14,
    };
    let refusal =
        RefusalWrite { peer: Some(peer(seed)), code: "unreachable".to_owned(), count: 1, at: at(30) };
    Batch { outbox: vec![retry], refusals: vec![refusal], ..Batch::default() }
}

fn delivered(seed: u64) -> Batch {
    let hurry = OutboxChange::Hurry { peer: peer(seed), now: at(40) };
    let leaves = vec![leaf(seed * 10 + 2)];
    Batch { acks: vec![ack_row(seed, 1)], outbox: vec![hurry], leaves, ..Batch::default() }
}

fn answered(seed: u64) -> Batch {
    let thread = ThreadWrite {
        events: vec![event(seed, Side::Receiver, 1, ContentPart::Course)],
        steps: vec![step(seed, 1)],
        tally_moved: Some(TallyMove { label: None, outcome: Some(Outcome::NeedMet) }),
        ..change(seed, 2)
    };
    let leaves = vec![leaf(seed * 10 + 3), leaf(seed * 10 + 4), leaf(seed * 10 + 5)];
    Batch { inbox: Some(inbox_row(seed, 1)), leaves, ..batch(thread) }
}

fn disclosed(seed: u64) -> Batch {
    let thread = ThreadWrite {
        events: vec![event(seed, Side::Sender, 2, ContentPart::StageTwo)],
        outbox: vec![outbox_row(seed, 2)],
        prepared: Prepared::Gone,
        steps: vec![step(seed, 2)],
        ..change(seed, 3)
    };
    let documents = vec![follow_up(seed, Expected::Version(1), Some("second"))];
    Batch { documents, leaves: vec![leaf(seed * 10 + 6)], ..batch(thread) }
}

fn ended(seed: u64) -> Batch {
    let thread = ThreadWrite {
        events: vec![event(seed, Side::Sender, 3, ContentPart::Evidence)],
        blank: vec![blank(Side::Receiver, 1, Some(secret("remains", seed, 40)))],
        erase: Parts::of([ContentPart::StageOne, ContentPart::StageTwo, ContentPart::Own]),
        outbox: vec![outbox_row(seed, 3)],
        tally_moved: Some(TallyMove { label: Some(Label::ConsentEnded), outcome: None }),
        row: ThreadRow { label: Some(Label::ConsentEnded), due: None, ..change(seed, 4).row },
        ..change(seed, 4)
    };
    let undelivered = OutboxChange::Undelivered { peer: peer(seed), since: at(90) };
    Batch {
        documents: vec![follow_up(seed, Expected::Version(2), None)],
        outbox: vec![undelivered],
        leaves: vec![leaf(seed * 10 + 7)],
        closing: Some(tally_row(seed).opened_at.quarter()),
        ..batch(thread)
    }
}
