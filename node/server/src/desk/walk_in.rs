//! Walk-in referrals: sent against a service's standing offer, found again by the reference on the person's slip.

use super::threads::Loaded;
use super::{Caller, Desk, answer};
use crate::register::Order;
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

    /// The live walk-in referral of a reference. The reading is noted before it is shown.
    pub(super) async fn find_reference(
        &self,
        typed: &str,
        caller: &Caller,
    ) -> Result<desk::ThreadView, Status> {
        let reference = Reference::parse(typed)
            .ok_or_else(|| answer::field("reference", "the 8 symbols of the slip, like 7K3M-Q9XT"))?;
        let awaited = self.register.select(Order::Due, |id, line| {
            let live =
                line.kind == ThreadKind::Referral && line.side == Side::Receiver && line.label.is_none();
            live && Reference::of(id) == reference
        });
        let mut found = Vec::new();
        for (id, _) in awaited {
            found.push(self.load(id).await?);
        }
        found.retain(|loaded: &Loaded| is_walk_in(&loaded.thread));
        match found.as_slice() {
            [] => Err(answer::not_there()),
            [one] => self.show(one.thread.id.as_bytes(), caller).await,
            [..] => {
                let sentence = "two slips bear this reference: look for the person in the list".to_owned();
                Err(answer::refused(Code::FailedPrecondition, "ambiguous", Some("reference"), sentence))
            }
        }
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
