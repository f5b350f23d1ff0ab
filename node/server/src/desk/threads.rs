//! Referrals and handovers: list, show, act, wait.

use super::paging::Page;
use super::session::Rpc;
use super::view::{self, Names};
use super::{Caller, Desk, answer};
use crate::register::{Line, Order};
use relais_domain::content::{Outcome, Professional, Question, Reason, Reply, Suggestion};
use relais_domain::event::Side;
use relais_domain::id::{ServiceId, ThreadId};
use relais_domain::personal::Personal;
use relais_domain::structure_id::StructureId;
use relais_domain::thread::{Act, Thread};
use relais_domain::time::Timestamp;
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::act_request::Act as Asked;
use relais_store::rows::{AckRow, OutboxRow, StoredThread};
use relais_wire::content as translate;
use std::time::Duration;
use tonic::Status;

/// Longest wait for receipts, in milliseconds.
const WAIT_MS_MAX: u32 = 30_000;

/// A thread with everything a view shows.
pub(super) struct Loaded {
    pub(super) thread: Thread,
    pub(super) stored: StoredThread,
    pub(super) acks: Vec<AckRow>,
    pub(super) outbox: Vec<OutboxRow>,
}

/// Reads a 16-byte id.
pub(super) fn thread_id(bytes: &[u8]) -> Result<ThreadId, Status> {
    ThreadId::from_slice(bytes).ok_or_else(|| answer::field("thread_id", "16 bytes of a random id"))
}

/// Reads a fresh request id.
pub(super) fn request_id(bytes: &[u8]) -> Result<[u8; 16], Status> {
    bytes.try_into().map_err(|_| answer::field("request_id", "16 random bytes, fresh for each act"))
}

impl Desk {
    pub(super) async fn load(&self, id: ThreadId) -> Result<Loaded, Status> {
        let loaded = self.engine.load(id).await.map_err(answer::engine)?.ok_or_else(answer::not_there)?;
        let store = self.engine.store();
        let acks = store.acks(id).await.map_err(|error| answer::engine(error.into()))?;
        let outbox = store.outbox_of(id).await.map_err(|error| answer::engine(error.into()))?;
        Ok(Loaded { thread: loaded.thread, stored: loaded.stored, acks, outbox })
    }

    pub(super) fn names(&self, peer: StructureId) -> Names {
        let known = self.engine.peers().peer(peer).map(|record| record.name().to_owned());
        Names { own: self.own_name(), peer: known.unwrap_or_else(|| peer.short()) }
    }

    pub(super) fn thread_view(&self, loaded: &Loaded) -> desk::ThreadView {
        let mut view = view::view(loaded, &self.names(loaded.thread.peer));
        if let Some(handover) = &mut view.handover
            && handover.responsible_id.is_empty()
        {
            handover.responsible_id = self.engine.own().structure().as_bytes().to_vec();
        }
        view
    }

    /// A page: what is due first, then what changed last. Whoever may not open a thread is not told whose it is.
    pub(super) async fn list(
        &self,
        request: desk::ListThreadsRequest,
        caller: &Caller,
    ) -> Result<desk::ListThreadsResponse, Status> {
        let page = Page::asked(request.page_size, &request.page_token)?;
        let filter = desk::ThreadFilter::try_from(request.filter)
            .map_err(|_| answer::field("filter", "is not one this node knows"))?;
        let rows = self.lines(&request, filter).await?;
        let (rows, next_page_token) = page.of(rows);
        let mut threads = Vec::new();
        for (id, line) in rows {
            let loaded = self.load(id).await?;
            let mut summary = view::summary(&loaded, &self.names(line.peer));
            if !caller.may(Rpc::ShowThread) {
                summary.name = None;
                summary.reference = String::new();
            }
            threads.push(summary);
        }
        Ok(desk::ListThreadsResponse { threads, next_page_token })
    }

    /// The threads asked for, in order, as the register holds them.
    async fn lines(
        &self,
        request: &desk::ListThreadsRequest,
        filter: desk::ThreadFilter,
    ) -> Result<Vec<(ThreadId, Line)>, Status> {
        let prefix = request.id_prefix.to_ascii_lowercase().replace('-', "");
        let asked = |id: ThreadId, line: &Line| {
            (request.kind == 0 || request.kind == view::number(line.kind.number()))
                && (prefix.is_empty() || id.to_string().replace('-', "").starts_with(&prefix))
        };
        let among =
            |of: fn(&Line) -> bool| self.register.select(Order::Due, |id, line| of(line) && asked(id, line));
        Ok(match filter {
            desk::ThreadFilter::Unspecified | desk::ThreadFilter::ToDo => among(Line::is_to_do),
            desk::ThreadFilter::Inbox => among(|line| line.side == Side::Receiver),
            desk::ThreadFilter::Outbox => among(|line| line.side == Side::Sender),
            desk::ThreadFilter::All => among(|_| true),
            desk::ThreadFilter::News => {
                let now = self.engine.clock().now();
                let news = self.register.news(&**self.engine.store(), now).await;
                let mut news = news.map_err(|error| answer::engine(error.into()))?;
                news.retain(|(id, line)| asked(*id, line));
                news
            }
        })
    }

    /// One thread. The reading is noted before it is shown: what cannot be noted is not shown.
    pub(super) async fn show(&self, thread: &[u8], caller: &Caller) -> Result<desk::ThreadView, Status> {
        let id = thread_id(thread)?;
        let loaded = self.load(id).await?;
        self.engine.note_reading(id.as_bytes(), &caller.reader()).await.map_err(answer::engine)?;
        let mut view = self.thread_view(&loaded);
        self.show_delayed(id, caller, &mut view).await?;
        Ok(view)
    }

    /// What the person agreed to, and what became of it.
    pub(super) async fn consent_view(
        &self,
        thread: &[u8],
        caller: &Caller,
    ) -> Result<desk::ConsentView, Status> {
        let id = thread_id(thread)?;
        let loaded = self.load(id).await?;
        self.engine.note_reading(id.as_bytes(), &caller.reader()).await.map_err(answer::engine)?;
        let mut view = view::consent(&loaded);
        view.stop_code = self.stop_code(&loaded.thread, caller);
        Ok(view)
    }

    /// Waits until every own event of a thread is receipted.
    pub(super) async fn wait(
        &self,
        request: desk::WaitDeliveredRequest,
    ) -> Result<desk::WaitDeliveredResponse, Status> {
        let id = thread_id(&request.thread_id)?;
        self.load(id).await?;
        let mut changes = self.engine.changes();
        let wait = Duration::from_millis(u64::from(request.timeout_ms.min(WAIT_MS_MAX)));
        let until = tokio::time::sleep(wait);
        tokio::pin!(until);
        loop {
            let outbox = self.engine.store().outbox_of(id).await;
            let outbox = outbox.map_err(|error| answer::engine(error.into()))?;
            if outbox.is_empty() {
                return self.delivered(id, &outbox).await;
            }
            tokio::select! {
                biased;
                () = &mut until => return self.delivered(id, &outbox).await,
                _ = changes.recv() => {}
            }
        }
    }

    async fn delivered(
        &self,
        id: ThreadId,
        outbox: &[OutboxRow],
    ) -> Result<desk::WaitDeliveredResponse, Status> {
        let acks = self.engine.store().acks(id).await.map_err(|error| answer::engine(error.into()))?;
        Ok(desk::WaitDeliveredResponse {
            undelivered: u32::try_from(outbox.len()).unwrap_or(u32::MAX),
            receipted_ms: acks.iter().map(|ack| ack.stored_at.0).max(),
            not_delivered_since_ms: view::not_delivered_since(outbox),
        })
    }
}

/// What a professional does, as the engine takes it. An acceptance names its professional here.
///
/// # Errors
/// A status that names the field that is wrong.
pub(crate) fn act_asked(asked: Asked) -> Result<Act, Status> {
    Ok(match asked {
        Asked::AskInfo(asked) => {
            Act::AskInfo { question: code(Question::from_number, asked.question, "question")? }
        }
        Asked::GiveInfo(asked) => Act::GiveInfo { reply: code(Reply::from_number, asked.reply, "reply")? },
        Asked::Accept(asked) => Act::Accept {
            professional: professional(asked.professional)?,
            not_before: asked.not_before_ms.map(Timestamp),
        },
        Asked::Refuse(asked) => Act::Refuse {
            reason: code(Reason::from_number, asked.reason, "reason")?,
            suggestions: asked.suggestions.iter().map(suggestion).collect::<Result<_, _>>()?,
        },
        Asked::Waitlist(asked) => Act::Waitlist { review: Timestamp(asked.review_ms) },
        Asked::Schedule(asked) => Act::Schedule {
            appointment: Timestamp(asked.appointment_ms),
            place: asked.place.clone().map(Personal::new),
        },
        Asked::NoShow(_) => Act::NoShow,
        Asked::Arrive(_) => Act::Arrive,
        Asked::Close(asked) => Act::Close {
            outcome: code(Outcome::from_number, asked.outcome, "outcome")?,
            account: asked.account.clone().map(Personal::new),
        },
        Asked::Correct(asked) => {
            Act::Correct { outcome: code(Outcome::from_number, asked.outcome, "outcome")? }
        }
        Asked::Release(asked) => Act::Release { reason: code(Reason::from_number, asked.reason, "reason")? },
        Asked::Withdraw(asked) => {
            Act::Withdraw { reason: code(Reason::from_number, asked.reason, "reason")? }
        }
        Asked::Note(asked) => Act::Note { text: Personal::new(asked.text) },
        Asked::Void(asked) => Act::Void { sequence: asked.sequence },
        Asked::StopConsent(_) => Act::StopConsent,
        Asked::Renounce(_) => Act::Renounce,
        Asked::MakeEffective(_) => Act::MakeEffective,
        Asked::Cancel(_) => Act::Cancel,
    })
}

fn professional(message: Option<relais_proto::peer::v1::Professional>) -> Result<Professional, Status> {
    let message = message.ok_or_else(|| answer::field("professional", "say who to contact, and how"))?;
    translate::professional_from_proto(message).map_err(|error| answer::content(&error))
}

/// Reads a code of a closed list.
pub(super) fn code<T>(read: impl Fn(u32) -> Option<T>, value: i32, name: &str) -> Result<T, Status> {
    u32::try_from(value).ok().and_then(read).ok_or_else(|| answer::field(name, "is not on the list"))
}

fn suggestion(message: &relais_proto::peer::v1::Suggestion) -> Result<Suggestion, Status> {
    let structure = StructureId::from_slice(&message.structure_id)
        .ok_or_else(|| answer::field("suggestions.structure_id", "32 bytes"))?;
    let service = ServiceId::parse(&message.service_id)
        .ok_or_else(|| answer::field("suggestions.service_id", "the id of a published service"))?;
    Ok(Suggestion { structure, service })
}

#[cfg(test)]
mod tests;
