//! Acts asked with a delay: put to wait, shown, taken back; and what is told when one could not be done.

use super::remarks::Remarks;
use super::session::By;
use super::threads::{request_id, thread_id};
use super::{Caller, Desk, act_asked, answer};
use crate::delayed::{Cancelled, DELAY_MAX, Put, Waiting, possible};
use crate::engine::Request;
use relais_domain::id::ThreadId;
use relais_domain::thread::Act;
use relais_domain::time::Span;
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::act_request::Act as Asked;
use relais_wire::content as translate;
use tonic::{Code, Status};

impl Desk {
    /// Acts on a thread, at once or after a delay.
    pub(super) async fn perform(
        &self,
        request: desk::ActRequest,
        caller: &Caller,
    ) -> Result<desk::ThreadView, Status> {
        let thread = thread_id(&request.thread_id)?;
        let id = Request(request_id(&request.request_id)?);
        let delay = delay(request.delay_ms)?;
        let asked = request.act.ok_or_else(|| answer::field("act", "say what is to be done"))?;
        let asked = self.with_professional(asked, caller)?;
        let act = act_asked(asked.clone())?;
        if !self.engine.is_done(id, thread).await.map_err(answer::engine)? {
            let request = desk::ActRequest { act: Some(asked), delay_ms: 0, ..request };
            match self.waiting(thread).await? {
                // Asked again: it waits already.
                Some(waiting) if waiting.request() == Some(id) => {}
                // Stopping waits for nothing.
                Some(_) if matches!(act, Act::StopConsent) => self.act_now(thread, act, id).await?,
                Some(waiting) => return Err(act_waits(&waiting)),
                None if delay == Span(0) => self.act_now(thread, act, id).await?,
                None => self.act_later(thread, act, delay, &request, caller).await?,
            }
        }
        self.show(thread.as_bytes(), caller).await
    }

    async fn act_now(&self, thread: ThreadId, act: Act, id: Request) -> Result<(), Status> {
        self.engine.act(thread, act, id).await.map(|_| ()).map_err(answer::engine)
    }

    /// What could not be done now is refused now; the facts of its own moment decide again.
    async fn act_later(
        &self,
        thread: ThreadId,
        act: Act,
        delay: Span,
        request: &desk::ActRequest,
        caller: &Caller,
    ) -> Result<(), Status> {
        Box::pin(self.engine.rehearse_act(thread, act)).await.map_err(answer::engine)?;
        let at = self.engine.clock().now().plus(delay);
        let waiting = Waiting::new(self.engine.dice().bytes(), caller.id, at, request);
        match self.delayed.put(thread, &waiting).await.map_err(answer::engine)? {
            Put::Waits => Ok(()),
            Put::Taken => {
                // Someone was faster by a hair; the same call, twice at once, is one.
                let first = self.waiting(thread).await?;
                match first.filter(|first| first.request() != waiting.request()) {
                    Some(first) => Err(act_waits(&first)),
                    None => Ok(()),
                }
            }
        }
    }

    /// Takes back an act that waits.
    pub(super) async fn cancel_delayed(
        &self,
        request: &desk::CancelDelayedRequest,
        caller: &Caller,
    ) -> Result<desk::ThreadView, Status> {
        let thread = thread_id(&request.thread_id)?;
        let id = request.delayed_id.as_slice().try_into();
        let id = id.map_err(|_| answer::field("delayed_id", "16 bytes, as the thread shows them"))?;
        // Not yours and not there are the same answer.
        self.load(thread).await?;
        match self.delayed.cancel(thread, id).await.map_err(answer::engine)? {
            Cancelled::TakenBack => self.show(thread.as_bytes(), caller).await,
            Cancelled::TooLate => {
                let sentence = "it does not wait any more: it was done or taken back already".to_owned();
                Err(answer::refused(Code::FailedPrecondition, "too_late", Some("delayed_id"), sentence))
            }
        }
    }

    async fn waiting(&self, thread: ThreadId) -> Result<Option<Waiting>, Status> {
        let waiting = self.delayed.waiting(thread).await.map_err(answer::engine)?;
        Ok(waiting.map(|(waiting, _)| waiting))
    }

    /// What waits on a thread, and what the caller asked for and could not be done. Software that acts for the
    /// professional is not told: they are to see it themselves.
    pub(super) async fn show_delayed(
        &self,
        thread: ThreadId,
        caller: &Caller,
        view: &mut desk::ThreadView,
    ) -> Result<(), Status> {
        view.delayed = self.waiting(thread).await?.map(|waiting| desk::Delayed {
            delayed_id: waiting.id.to_vec(),
            act: act_of(&waiting).into(),
            at_ms: waiting.at_ms,
        });
        let refused = match caller.by {
            By::Integration { .. } => Vec::new(),
            By::Uid | By::Session(_) => self.delayed.tell(thread, caller.id).await.map_err(answer::engine)?,
        };
        let mut remarks = Remarks::default();
        for refused in refused {
            remarks.act_not_done(refused.act, could_not(refused.act, &refused.why));
        }
        remarks.tell(view);
        Ok(())
    }

    /// What the caller asked for and could not be done, until they have seen it on the thread's own page.
    pub(super) async fn refused_acts(&self, caller: &Caller) -> Result<Vec<desk::Alarm>, Status> {
        let refused = self.delayed.refused(caller.id).await.map_err(answer::engine)?;
        let alarm = |(thread, refused): &(ThreadId, crate::delayed::Refused)| desk::Alarm {
            code: "delayed-act-refused".to_owned(),
            sentence: could_not(refused.act, &refused.why),
            thread_id: thread.as_bytes().to_vec(),
            since_ms: refused.at_ms,
            ..desk::Alarm::default()
        };
        Ok(refused.iter().map(alarm).collect())
    }

    /// An acceptance names its professional when it is asked: who acts later is not there any more.
    fn with_professional(&self, mut asked: Asked, caller: &Caller) -> Result<Asked, Status> {
        if let Asked::Accept(accept) = &mut asked
            && accept.professional.is_none()
        {
            accept.professional = Some(translate::professional_to_proto(&self.professional(caller)?));
        }
        Ok(asked)
    }
}

fn delay(delay_ms: u32) -> Result<Span, Status> {
    let delay = Span(i64::from(delay_ms));
    if delay > DELAY_MAX {
        return Err(answer::field("delay_ms", &format!("{} at most", DELAY_MAX.0)));
    }
    Ok(delay)
}

fn act_of(waiting: &Waiting) -> desk::Possible {
    let asked = waiting.asked().and_then(|asked| asked.act);
    asked.as_ref().map_or(desk::Possible::Unspecified, possible)
}

fn act_waits(waiting: &Waiting) -> Status {
    let name = name(act_of(waiting));
    let sentence = format!("{name} waits to be done: take it back first, or wait a moment");
    answer::refused(Code::FailedPrecondition, "act_waits", None, sentence)
}

fn could_not(act: i32, why: &str) -> String {
    let name = name(desk::Possible::try_from(act).unwrap_or(desk::Possible::Unspecified));
    format!("{name} could not be made: {why}")
}

fn name(act: desk::Possible) -> &'static str {
    match act {
        desk::Possible::Unspecified => "your act",
        desk::Possible::AskInfo => "your question",
        desk::Possible::GiveInfo => "your answer",
        desk::Possible::Accept => "your acceptance",
        desk::Possible::Refuse => "your refusal",
        desk::Possible::Waitlist => "your entry on the waiting list",
        desk::Possible::Schedule => "your appointment",
        desk::Possible::NoShow => "your note of an absence",
        desk::Possible::Arrive => "your note of an arrival",
        desk::Possible::Close => "your closing",
        desk::Possible::Correct => "your correction",
        desk::Possible::Release => "your release",
        desk::Possible::Withdraw => "your withdrawal",
        desk::Possible::WriteNote => "your note",
        desk::Possible::Void => "your blanking",
        desk::Possible::StopConsent => "your stop",
        desk::Possible::Renounce => "your renunciation",
        desk::Possible::MakeEffective => "your signature of the handover",
        desk::Possible::Cancel => "your cancellation",
    }
}

#[cfg(test)]
mod tests;
