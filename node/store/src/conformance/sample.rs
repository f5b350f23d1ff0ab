//! Sample rows, each made from a seed: the same seed gives the same row, two seeds differ in every id.
//!
//! Nothing here is drawn at random or read from a clock. What is made holds together as a store may demand: events,
//! receipts and waiting messages name a thread that is there.

mod course;
mod varied;

pub use course::course;
pub use varied::{VARIETY, varied_events, varied_steps, varied_tally_row, varied_thread_row};

use crate::batch::{Batch, Blank, Prepared, ThreadWrite};
use crate::rows::{AckRow, EventRow, InboxRow, OutboxRow, OutboxState, StepRow, TallyRow, ThreadRow};
use relais_domain::consent::Standing;
use relais_domain::content::ContentPart;
use relais_domain::decide::{DueKind, Owner};
use relais_domain::digest::Digest;
use relais_domain::event::{Counts, EventKind, Link, Side, ThreadKind};
use relais_domain::fold::{Parts, Step};
use relais_domain::id::{FollowUpId, MessageId, ThreadId};
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_domain::personal::Personal;
use relais_domain::structure_id::StructureId;
use relais_domain::territory::Territory;
use relais_domain::theme::Theme;
use relais_domain::thread::{Freeze, Signing};
use relais_domain::time::{Span, Timestamp};

const FIRST_SECOND: i64 = 1_800_000_000;
/// Seconds between the changes of two seeds, so that no two threads change at once.
const SECONDS_EACH: i64 = 10_000;

/// Bytes that depend on `what` and `seed` alone.
pub fn digest(what: &str, seed: u64) -> Digest {
    Digest::of_parts(&[what.as_bytes(), &[0], &seed.to_be_bytes()])
}

fn sixteen(what: &str, seed: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest(what, seed).as_bytes()[..16]);
    bytes
}

/// The instant `seconds` after the first one.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp(FIRST_SECOND * 1_000).plus(Span::seconds(seconds))
}

/// The instant of the `version`th change of a thread.
pub fn changed_at(seed: u64, version: u64) -> Timestamp {
    let steps = i64::try_from(seed).unwrap_or(0) * SECONDS_EACH + i64::try_from(version).unwrap_or(0);
    at(steps)
}

/// A thread's id.
pub fn thread_id(seed: u64) -> ThreadId {
    ThreadId::from_random(sixteen("thread", seed))
}

/// A structure.
pub fn peer(seed: u64) -> StructureId {
    StructureId::of_root_spki(digest("peer", seed).as_bytes())
}

/// The message of an event.
pub fn message_id(seed: u64, side: Side, sequence: u32) -> MessageId {
    let own = u64::from(side.number()) << 32 | u64::from(sequence);
    MessageId::from_random(sixteen("message", seed << 34 | own))
}

/// Personal bytes, `length` of them, that occur nowhere else.
pub fn secret(what: &str, seed: u64, length: usize) -> Personal<Vec<u8>> {
    let blocks = (0..).flat_map(|block| digest(what, seed << 16 | block).0);
    Personal::new(blocks.take(length).collect())
}

/// A new thread as its sender's node keeps it, opened for peer `seed`.
pub fn thread_row(seed: u64) -> ThreadRow {
    let opened_at = changed_at(seed, 1);
    ThreadRow {
        id: thread_id(seed),
        kind: ThreadKind::Referral,
        side: Side::Sender,
        peer: peer(seed),
        consent: digest("consent", seed),
        valid_until: opened_at.plus(Span::days(90)),
        standing: Standing::Active,
        signing: Signing::ByItself,
        freeze: Freeze::No,
        follow_up: Some(FollowUpId::from_random(sixteen("follow-up", seed))),
        version: 1,
        opened_at,
        changed_at: opened_at,
        wake_at: None,
        label: None,
        step: Step::Sent,
        due: Some((DueKind::Answer, Owner::Them, opened_at.plus(Span::days(14)))),
        attention: 0,
    }
}

/// An event of thread `seed`, with content of its part.
pub fn event(seed: u64, side: Side, sequence: u32, part: ContentPart) -> EventRow {
    let own = seed << 12 | u64::from(sequence) << 1 | u64::from(side.number() & 1);
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(digest("signature", own).as_bytes());
    EventRow {
        thread: thread_id(seed),
        side,
        sequence,
        message: message_id(seed, side, sequence),
        kind: if sequence == 1 && side == Side::Sender { EventKind::Sent } else { EventKind::Note },
        identity: digest("identity", own),
        payload: digest("payload", own).as_bytes().repeat(6),
        signature,
        counts: Counts::Yes,
        stored_at: changed_at(seed, u64::from(sequence)),
        part,
        content: Some(secret("content", own, 200)),
    }
}

/// The blanking of an event.
pub fn blank(side: Side, sequence: u32, remains: Option<Personal<Vec<u8>>>) -> Blank {
    Blank { side, sequence, remains }
}

/// A step kept local, when our chain held `after` events.
pub fn step(seed: u64, after: u32) -> StepRow {
    StepRow { kind: EventKind::Arrived, after, content: secret("step", seed << 12 | u64::from(after), 80) }
}

/// The waiting message of our event `sequence` of thread `seed`, due at once.
pub fn outbox_row(seed: u64, sequence: u32) -> OutboxRow {
    let enqueued_at = changed_at(seed, u64::from(sequence));
    OutboxRow {
        message: message_id(seed, Side::Sender, sequence),
        peer: peer(seed),
        thread: thread_id(seed),
        sequence,
        state: OutboxState::Waiting,
        attempts: 0,
        next_at: enqueued_at,
        enqueued_at,
        first_failed_at: None,
        last_code: 0,
    }
}

/// The receipt this node issued for the peer's event `sequence` of thread `seed`.
pub fn inbox_row(seed: u64, sequence: u32) -> InboxRow {
    let event = event(seed, Side::Receiver, sequence, ContentPart::Course);
    InboxRow {
        message: event.message,
        peer: peer(seed),
        thread: event.thread,
        identity: event.identity,
        receipt: digest("receipt", seed << 12 | u64::from(sequence)).as_bytes().repeat(4),
        stored_at: event.stored_at,
    }
}

/// The receipt this node holds for its own event `sequence` of thread `seed`.
pub fn ack_row(seed: u64, sequence: u32) -> AckRow {
    AckRow {
        message: message_id(seed, Side::Sender, sequence),
        thread: thread_id(seed),
        sequence,
        receipt: digest("ack", seed << 12 | u64::from(sequence)).as_bytes().repeat(4),
        names: Some(Link { sequence, hash: digest("link", seed) }),
        stored_at: changed_at(seed, u64::from(sequence)),
    }
}

/// The tally row of thread `seed`.
pub fn tally_row(seed: u64) -> TallyRow {
    let themes: Vec<Theme> = Theme::all().collect();
    let place = usize::try_from(seed).unwrap_or(0) % themes.len().max(1);
    let row = thread_row(seed);
    TallyRow {
        thread: row.id,
        side: row.side,
        kind: row.kind,
        peer: row.peer,
        opened_at: row.opened_at,
        territory: Territory::parse("17300").unwrap_or(Territory::France),
        theme: *themes.get(place).expect("the list of themes is built in and not empty"),
        label: None,
        outcome: None,
    }
}

/// A ledger leaf.
pub fn leaf(seed: u64) -> Leaf {
    let place = usize::try_from(seed).unwrap_or(0) % LeafKind::ALL.len();
    let kind = LeafKind::ALL.get(place).copied().unwrap_or(LeafKind::Administrative);
    Leaf { kind, subject: digest("subject", seed), salt: digest("salt", seed).0 }
}

/// A write of `row` and nothing else; a row of version 1 opens its thread, a later one rests on the version before.
pub fn write(row: ThreadRow) -> ThreadWrite {
    ThreadWrite {
        expected_version: row.version.checked_sub(1).filter(|version| *version > 0),
        row,
        events: Vec::new(),
        steps: Vec::new(),
        prepared: Prepared::Unchanged,
        blank: Vec::new(),
        erase: Parts::default(),
        outbox: Vec::new(),
        tally: None,
        tally_moved: None,
    }
}

/// The write that changes thread `seed` to `version`.
pub fn change(seed: u64, version: u64) -> ThreadWrite {
    write(ThreadRow { version, changed_at: changed_at(seed, version), ..thread_row(seed) })
}

/// The write that opens thread `seed`: its first event, which waits to leave, and its tally row.
pub fn opening(seed: u64) -> ThreadWrite {
    ThreadWrite {
        events: vec![event(seed, Side::Sender, 1, ContentPart::StageOne)],
        outbox: vec![outbox_row(seed, 1)],
        tally: Some(tally_row(seed)),
        ..change(seed, 1)
    }
}

/// A batch of one thread's write.
pub fn batch(thread: ThreadWrite) -> Batch {
    Batch { thread: Some(thread), ..Batch::default() }
}
