//! From a decision to one batch: events signed, receipt signed, leaves drawn, rows filled.

use super::follow_up::FollowUp;
use super::{Engine, EngineError, Ground, Request, blank, own_head};
use relais_domain::consent::Standing;
use relais_domain::content::ContentPart;
use relais_domain::decide::{Attention, Confirmation, attention, due};
use relais_domain::digest::Digest;
use relais_domain::event::{Counts, Event, EventKind, Side, Skeleton};
use relais_domain::id::{MessageId, ThreadId};
use relais_domain::ledger_leaf::{Leaf, LeafKind};
use relais_domain::personal::Personal;
use relais_domain::structure_id::StructureId;
use relais_domain::thread::{
    Command, Decision, Draft, FollowUpChange, Freeze, Keep, Opens, Tally, Thread, part_of,
};
use relais_domain::time::Timestamp;
use relais_store::batch::{Batch, DocumentWrite, Expected, OutboxChange, Prepared, TallyMove, ThreadWrite};
use relais_store::rows::{EventRow, InboxRow, OutboxRow, OutboxState, Shelf, StepRow, TallyRow, ThreadRow};
use relais_wire::envelope::{self, Composed, Opened, Received};
use relais_wire::receipt::{LatestEvent, Receipt, ReceiptOutcome};

/// One command on its way through the engine.
pub(super) struct Job<'a> {
    pub(super) thread: ThreadId,
    pub(super) peer: StructureId,
    pub(super) signer: StructureId,
    pub(super) carrier: StructureId,
    pub(super) command: &'a Command,
    pub(super) envelope: Option<Arrived<'a>>,
    pub(super) request: Option<Request>,
}

/// The envelope a delivery came in.
#[derive(Clone, Copy)]
pub(super) struct Arrived<'a> {
    pub(super) received: &'a Received,
    pub(super) opened: Option<&'a Opened>,
}

/// What a batch is built from, step by step.
struct Draughtsman<'a> {
    engine: &'a Engine,
    job: &'a Job<'a>,
    now: Timestamp,
    thread: Thread,
    write: ThreadWrite,
    leaves: Vec<Leaf>,
}

impl Engine {
    /// Signs and lays out everything a decision writes.
    pub(super) fn batch(
        &self,
        job: &Job<'_>,
        ground: &Ground,
        decision: Decision,
        now: Timestamp,
    ) -> Result<Batch, EngineError> {
        let mut draughtsman = Draughtsman::new(self, job, ground, &decision, now)?;
        draughtsman.put_received(&decision);
        let written = draughtsman.put_drafts(&decision.drafts)?;
        draughtsman.put_local(&decision);
        let inbox = draughtsman.receipt(&decision);
        draughtsman.put_tally(&decision);
        let mut documents = self.follow_up_documents(ground, &decision, &draughtsman.thread)?;
        documents.extend(job.request.map(|request| done(request, job.thread, now)));
        documents.extend(ended_consent(ground, &decision, &draughtsman.thread));
        let outbox = revived(ground, &decision, now);
        let waits_since = draughtsman.put_blanks(ground)?;
        draughtsman.put_row(ground, &decision);
        if let Some(since) = waits_since {
            draughtsman.look_again(since);
        }
        draughtsman.consent_leaves(&decision, &written);
        if let Command::HeedStop { event, .. } = job.command {
            // The partner's own word is not kept, for it has no place; that it came is.
            draughtsman.leaf(LeafKind::RefusalRecorded, *event);
        }
        let Draughtsman { write, leaves, .. } = draughtsman;
        Ok(Batch { thread: Some(write), documents, inbox, leaves, outbox, ..Batch::default() })
    }

    fn follow_up_documents(
        &self,
        ground: &Ground,
        decision: &Decision,
        thread: &Thread,
    ) -> Result<Vec<DocumentWrite>, EngineError> {
        let change = decision.follow_up;
        let (id, expected, follow_up) = match change {
            None => return Ok(Vec::new()),
            Some(FollowUpChange::HandOver(id)) => {
                let (held, version) =
                    ground.follow_up.clone().ok_or(relais_domain::refusal::Refusal::FollowUpNotHeld)?;
                (id, Expected::Version(version), held.handed_over(thread.id, self.clock.now()))
            }
            // What is erased in this very decision is not copied.
            Some(FollowUpChange::Open(_)) if decision.erase.has(ContentPart::StageTwo) => {
                return Ok(Vec::new());
            }
            Some(FollowUpChange::Open(id)) => {
                (id, Expected::Absent, FollowUp::received(thread, self.clock.now()))
            }
        };
        let body = Some(follow_up.encode());
        let key = id.as_bytes().to_vec();
        Ok(vec![DocumentWrite { shelf: Shelf::FollowUp, key, expected_version: expected, body }])
    }
}

impl<'a> Draughtsman<'a> {
    fn new(
        engine: &'a Engine,
        job: &'a Job<'a>,
        ground: &Ground,
        decision: &Decision,
        now: Timestamp,
    ) -> Result<Self, EngineError> {
        let (thread, row) = match (&ground.loaded, &decision.opens) {
            (Some(loaded), _) => (loaded.thread.clone(), loaded.stored.row.clone()),
            (None, Some(opens)) => {
                let thread = new_thread(decision, opens, job);
                let row = new_row(&thread, now);
                (thread, row)
            }
            (None, None) => return Err(EngineError::Corrupt("a decision without a thread".to_owned())),
        };
        let write = ThreadWrite {
            expected_version: decision.expected_version,
            row,
            events: Vec::new(),
            steps: Vec::new(),
            prepared: Prepared::Unchanged,
            blank: Vec::new(),
            erase: decision.erase,
            outbox: Vec::new(),
            tally: None,
            tally_moved: None,
        };
        Ok(Self { engine, job, now, thread, write, leaves: Vec::new() })
    }

    fn leaf(&mut self, kind: LeafKind, subject: Digest) {
        let salt = self.engine.dice.bytes();
        self.leaves.push(Leaf { kind, subject, salt });
    }

    fn put_received(&mut self, decision: &Decision) {
        let (Some((counts, keep)), Some(arrived)) = (decision.received, self.job.envelope) else { return };
        let received = arrived.received;
        let kept = arrived.opened.filter(|_| keep == Keep::Everything);
        let event = Event {
            skeleton: received.skeleton.clone(),
            identity: received.identity,
            content: kept.map(|opened| opened.content.clone()),
            counts,
        };
        let side = self.thread.side.other();
        self.write.events.push(EventRow {
            thread: self.thread.id,
            side,
            sequence: event.skeleton.sequence,
            message: event.skeleton.message,
            kind: event.skeleton.kind,
            identity: event.identity,
            payload: received.payload.clone(),
            signature: received.signature,
            counts,
            stored_at: self.now,
            part: part_of(event.skeleton.kind),
            content: kept.map(|opened| Personal::new(opened.parts.clone())),
        });
        self.leaf(LeafKind::EventReceived, received.identity);
        push(&mut self.thread, side, event);
    }

    fn put_drafts(&mut self, drafts: &[Draft]) -> Result<Vec<EventKind>, EngineError> {
        for draft in drafts {
            let composed = self.compose(draft)?;
            self.put_composed(draft, composed);
        }
        Ok(drafts.iter().map(|draft| draft.kind).collect())
    }

    fn compose(&self, draft: &Draft) -> Result<Composed, EngineError> {
        let engine = self.engine;
        let head = own_head(&self.thread);
        let skeleton = Skeleton {
            thread_kind: self.thread.kind,
            kind: draft.kind,
            author: engine.own.structure(),
            manifest: engine.own.manifest(),
            recipient: self.thread.peer,
            message: MessageId::from_random(engine.dice.bytes()),
            thread: self.thread.id,
            day: self.now.day(),
            sequence: head.map_or(0, |link| link.sequence) + 1,
            previous: head.map(|link| link.hash),
            seen: draft.seen,
            consent: self.thread.consent_digest,
            commitments: Vec::new(),
        };
        let mut generator = engine.dice.generator();
        envelope::compose(skeleton, &draft.content, &draft.permit, engine.own.signing(), &mut generator)
            .map_err(|error| EngineError::Corrupt(format!("a draft cannot be composed: {error}")))
    }

    fn put_composed(&mut self, draft: &Draft, composed: Composed) {
        let Composed { skeleton, identity, payload, signature, parts } = composed;
        self.write.outbox.push(OutboxRow {
            message: skeleton.message,
            peer: self.thread.peer,
            thread: self.thread.id,
            sequence: skeleton.sequence,
            state: OutboxState::Waiting,
            attempts: 0,
            next_at: self.now,
            enqueued_at: self.now,
            first_failed_at: None,
            last_code: 0,
        });
        self.write.events.push(EventRow {
            thread: self.thread.id,
            side: self.thread.side,
            sequence: skeleton.sequence,
            message: skeleton.message,
            kind: draft.kind,
            identity,
            payload,
            signature,
            counts: Counts::Yes,
            stored_at: self.now,
            part: part_of(draft.kind),
            content: Some(Personal::new(parts)),
        });
        self.leaf(LeafKind::EventSent, identity);
        let event = Event { skeleton, identity, content: Some(draft.content.clone()), counts: Counts::Yes };
        let side = self.thread.side;
        push(&mut self.thread, side, event);
        if draft.kind == EventKind::Disclosed {
            self.thread.prepared = None;
            self.write.prepared = Prepared::Gone;
        }
    }

    fn put_local(&mut self, decision: &Decision) {
        let mut generator = self.engine.dice.generator();
        for step in &decision.steps {
            let content = Personal::new(envelope::shelve(&step.content, &mut generator));
            self.write.steps.push(StepRow { kind: step.kind, after: step.after, content });
            self.thread.steps.push(step.clone());
        }
        if let Some(prepared) = &decision.prepared {
            let bytes = envelope::shelve(prepared, &mut generator);
            self.write.prepared = Prepared::Put(Personal::new(bytes));
            self.thread.prepared = Some(prepared.clone());
        }
    }

    /// The signed statement that the envelope is durably stored: true once this batch is committed.
    fn receipt(&mut self, decision: &Decision) -> Option<InboxRow> {
        let (_, keep) = decision.received?;
        let received = self.job.envelope?.received;
        let latest =
            own_head(&self.thread).map(|link| LatestEvent { sequence: link.sequence, hash: link.hash });
        let receipt = Receipt {
            thread: self.thread.id,
            message: received.skeleton.message,
            envelope: received.identity,
            signer: self.engine.own.structure(),
            signer_manifest: self.engine.own.manifest(),
            recipient: received.skeleton.author,
            latest,
            stored: self.now.day(),
            outcome: match keep {
                Keep::Everything => ReceiptOutcome::Stored,
                Keep::Skeleton => ReceiptOutcome::StoredWithoutContent,
            },
        };
        let signed = receipt.sign(self.engine.own.signing());
        self.leaf(LeafKind::ReceiptIssued, signed.identity());
        Some(InboxRow {
            message: received.skeleton.message,
            peer: received.skeleton.author,
            thread: self.thread.id,
            identity: received.identity,
            receipt: signed.encode(),
            stored_at: self.now,
        })
    }

    fn put_tally(&mut self, decision: &Decision) {
        for tally in &decision.tally {
            match *tally {
                Tally::Opened { territory, theme } => {
                    self.write.tally = Some(TallyRow {
                        thread: self.thread.id,
                        side: self.thread.side,
                        kind: self.thread.kind,
                        peer: self.thread.peer,
                        opened_at: self.now,
                        territory,
                        theme,
                        label: None,
                        outcome: None,
                    });
                }
                Tally::Moved { label, outcome } => {
                    let former = self.write.tally_moved.and_then(|moved| moved.outcome);
                    let outcome = outcome.or(former);
                    self.write.tally_moved = Some(TallyMove { label, outcome });
                }
            }
        }
    }

    /// Blanks what is voided; says since when something waits for its receipt.
    fn put_blanks(&mut self, ground: &Ground) -> Result<Option<Timestamp>, EngineError> {
        let Some(loaded) = &ground.loaded else { return Ok(None) };
        let blanks = blank::blanks(&loaded.stored, &self.thread, &ground.acked, self.now);
        let blanks = blanks.map_err(EngineError::Corrupt)?;
        self.write.blank = blanks.now;
        Ok(blanks.waits_since)
    }

    /// Wakes the thread for a blanking that waits since then.
    fn look_again(&mut self, since: Timestamp) {
        let next = blank::tried_again(since, self.now);
        let wake_at = &mut self.write.row.wake_at;
        *wake_at = Some(wake_at.map_or(next, |at| at.min(next)));
    }

    /// The row as it is after the decision, with what lists show.
    fn put_row(&mut self, ground: &Ground, decision: &Decision) {
        self.thread.standing = decision.standing;
        self.thread.freeze = decision.freeze;
        let thread = &self.thread;
        let confirmed = confirmation(ground, thread);
        let mut told = attention(thread, confirmed, self.now);
        if thread.side == Side::Sender && !ground.acked.contains(&1) {
            // What never arrived need not be erased there.
            told.retain(|one| *one != Attention::ErasureReceiptMissing);
        }
        let row = &mut self.write.row;
        row.standing = thread.standing;
        row.freeze = thread.freeze;
        row.version = decision.expected_version.unwrap_or(0) + 1;
        row.wake_at = decision.wake_at;
        row.label = thread.label();
        row.step = thread.step();
        row.due = due(thread).map(|due| (due.kind, due.owner, due.at));
        row.attention = told.iter().fold(0, |bits, attention| bits | 1 << attention.number());
        if let Some(FollowUpChange::Open(id)) = decision.follow_up {
            row.follow_up = Some(id);
        }
        // A node that looked at its own timers and found nothing to do has changed nothing anyone must read again.
        let idle = matches!(self.job.command, Command::Wake)
            && self.write.events.is_empty()
            && ground.loaded.as_ref().is_some_and(|loaded| shows_the_same(&loaded.stored.row, row));
        if !idle {
            row.changed_at = self.engine.change_instant(self.now);
        }
    }

    fn consent_leaves(&mut self, decision: &Decision, written: &[EventKind]) {
        let consent = self.thread.consent_digest;
        if decision.opens.is_some() {
            self.leaf(LeafKind::ConsentGiven, consent);
        }
        if written.contains(&EventKind::ConsentEnded) {
            self.leaf(LeafKind::ConsentEnded, consent);
        }
        if !decision.erase.is_empty() {
            self.leaf(LeafKind::Erasure, consent);
        }
    }
}

/// Whether two rows of a thread differ in nothing that a list shows.
fn shows_the_same(before: &ThreadRow, after: &ThreadRow) -> bool {
    let ThreadRow { standing, freeze, label, step, due, attention, .. } = after;
    (before.standing, before.freeze, before.label, before.step) == (*standing, *freeze, *label, *step)
        && (before.due, before.attention) == (*due, *attention)
}

/// Notes that an act was done, so that its retry has no second effect.
pub(super) fn done(request: Request, thread: ThreadId, now: Timestamp) -> DocumentWrite {
    DocumentWrite {
        shelf: Shelf::Done,
        key: request.0.to_vec(),
        expected_version: Expected::Absent,
        body: Some(remembered(thread, now)),
    }
}

/// Notes that a consent ended here, so that it opens nothing again.
fn ended_consent(ground: &Ground, decision: &Decision, thread: &Thread) -> Option<DocumentWrite> {
    let before = ground.loaded.as_ref().map_or(Standing::Active, |loaded| loaded.thread.standing);
    let ended = before == Standing::Active && decision.standing != Standing::Active;
    ended.then(|| DocumentWrite {
        shelf: Shelf::Done,
        key: thread.consent_digest.as_bytes().to_vec(),
        expected_version: Expected::Any,
        body: Some(remembered(thread.id, thread.valid_until)),
    })
}

/// A thread, and the instant from which it is counted how long it is remembered.
fn remembered(thread: ThreadId, from: Timestamp) -> Vec<u8> {
    [thread.as_bytes().as_slice(), &from.0.to_be_bytes()].concat()
}

/// When an ending is written, everything of the thread that waits or was set aside before it leaves at once: bare by
/// then, and an ending must never be stuck behind it.
fn revived(ground: &Ground, decision: &Decision, now: Timestamp) -> Vec<OutboxChange> {
    let ending = |draft: &Draft| matches!(draft.kind, EventKind::ConsentEnded | EventKind::Erased);
    if !decision.drafts.iter().any(ending) {
        return Vec::new();
    }
    let revive = |row: &OutboxRow| OutboxChange::Retry {
        message: row.message,
        state: OutboxState::Waiting,
        attempts: 0,
        next_at: now,
        first_failed_at: row.first_failed_at,
        last_code: row.last_code,
    };
    ground.waiting.iter().map(revive).collect()
}

/// Whether the receiver's receipt of `Effective` is held.
fn confirmation(ground: &Ground, thread: &Thread) -> Confirmation {
    let effective =
        thread.chain(thread.side).iter().find(|event| event.skeleton.kind == EventKind::Effective);
    match effective {
        Some(event) if !ground.acked.contains(&event.skeleton.sequence) => Confirmation::Missing,
        Some(_) | None => Confirmation::Held,
    }
}

fn push(thread: &mut Thread, side: Side, event: Event) {
    match side {
        Side::Sender => thread.sender.push(event),
        Side::Receiver => thread.receiver.push(event),
    }
}

fn new_thread(decision: &Decision, opens: &Opens, job: &Job<'_>) -> Thread {
    let consent = match job.command {
        Command::Open(opening) => Some(opening.consent.clone()),
        Command::Deliver(delivery) => delivery.content.as_ref().and_then(|content| content.consent.clone()),
        Command::Act(_) | Command::HeedStop { .. } | Command::Wake => None,
    };
    Thread {
        id: decision.thread,
        kind: opens.kind,
        side: opens.side,
        peer: opens.peer,
        sender: Vec::new(),
        receiver: Vec::new(),
        consent_digest: opens.consent,
        consent,
        standing: decision.standing,
        valid_until: opens.valid_until,
        steps: Vec::new(),
        prepared: None,
        follow_up: opens.follow_up,
        signing: opens.signing,
        freeze: Freeze::No,
        version: 0,
    }
}

fn new_row(thread: &Thread, now: Timestamp) -> ThreadRow {
    ThreadRow {
        id: thread.id,
        kind: thread.kind,
        side: thread.side,
        peer: thread.peer,
        consent: thread.consent_digest,
        valid_until: thread.valid_until,
        standing: thread.standing,
        signing: thread.signing,
        freeze: thread.freeze,
        follow_up: thread.follow_up,
        version: 0,
        opened_at: now,
        changed_at: now,
        wake_at: None,
        label: None,
        step: thread.step(),
        due: None,
        attention: 0,
    }
}
