//! Walk-in referrals: sent against a service's standing offer, found again by the reference on the person's slip.

use super::threads::Loaded;
use super::{Caller, Desk, answer};
use crate::register::{Line, Order};
use relais_domain::content::Need;
use relais_domain::event::{Side, ThreadKind};
use relais_domain::id::ThreadId;
use relais_domain::structure_id::StructureId;
use relais_domain::thread::Thread;
use relais_proto::desk::v1 as desk;
use relais_wire::walk_in::Reference;
use tonic::{Code, Status};

impl Desk {
    /// A walk-in referral names the offer that the professional saw. One that was sent before is not judged again.
    pub(super) async fn check_offer(
        &self,
        need: &Need,
        recipient: StructureId,
        thread: ThreadId,
    ) -> Result<(), Status> {
        let Some(named) = need.walk_in else { return Ok(()) };
        if self.directory.offer(recipient, &need.service).is_some_and(|offer| offer.digest == named) {
            return Ok(());
        }
        if self.engine.load(thread).await.map_err(answer::engine)?.is_some() {
            return Ok(());
        }
        let problem = "the service makes no such offer, or has changed it: look at its hours again";
        Err(answer::field("need.walk_in", problem))
    }

    /// The live walk-in referral of a reference. The reading is noted before it is shown. Of one that has ended, it is
    /// told that it has, and nothing else.
    pub(super) async fn find_reference(
        &self,
        typed: &str,
        caller: &Caller,
    ) -> Result<desk::ThreadView, Status> {
        let reference = Reference::parse(typed)
            .ok_or_else(|| answer::field("reference", "the 8 symbols of the slip, like 7K3M-Q9XT"))?;
        let borne = self.register.select(Order::Due, |id, line| {
            line.kind == ThreadKind::Referral && line.side == Side::Receiver && Reference::of(id) == reference
        });
        let (live, ended): (Vec<_>, Vec<_>) = borne.into_iter().partition(|(_, line)| line.label.is_none());
        let mut found = Vec::new();
        for (id, _) in live {
            found.push(self.load(id).await?);
        }
        found.retain(|loaded: &Loaded| is_walk_in(&loaded.thread));
        match found.as_slice() {
            [] if self.was_walk_in(&ended).await? => {
                let sentence =
                    "the referral of this slip has ended: ask the structure that gave it for a new one";
                let sentence = sentence.to_owned();
                Err(answer::refused(Code::FailedPrecondition, "reference_ended", Some("reference"), sentence))
            }
            [] => Err(answer::not_there()),
            [one] => self.show(one.thread.id.as_bytes(), caller).await,
            [..] => {
                let sentence = "two slips bear this reference: look for the person in the list".to_owned();
                Err(answer::refused(Code::FailedPrecondition, "ambiguous", Some("reference"), sentence))
            }
        }
    }

    /// Whether one of these was a walk-in referral. A need that is erased says no more what it was.
    async fn was_walk_in(&self, ended: &[(ThreadId, Line)]) -> Result<bool, Status> {
        for (id, _) in ended {
            let thread = self.load(*id).await?.thread;
            if is_walk_in(&thread) || thread.opening().is_none_or(|content| content.need.is_none()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn is_walk_in(thread: &Thread) -> bool {
    let need = thread.opening().and_then(|content| content.need.as_ref());
    need.is_some_and(|need| need.walk_in.is_some())
}

/// What stands on the person's slip; empty when the thread is no walk-in referral, or its need is erased.
pub(super) fn reference(thread: &Thread) -> String {
    if is_walk_in(thread) { Reference::of(thread.id).to_string() } else { String::new() }
}
