//! The one door through which a thread changes: `decide(facts, command, now)`.
//!
//! Pure. What is decided is data, committed in one transaction or not at all. After what was asked, the node's own
//! duties are settled in the same decision: disclosure after acceptance, the answer to a request to withdraw, the end of
//! a consent, erasure.

mod act;
mod bench;
mod deliver;
mod due;
mod open;
mod settle;

#[cfg(test)]
pub(crate) mod tests;

pub use due::{Attention, Confirmation, Due, DueKind, Owner, attention, due};

use crate::authority::Authenticated;
use crate::refusal::Refusal;
use crate::thread::{Command, Decision, Facts};
use crate::time::Timestamp;
use bench::Bench;

/// Decides what a command does to a thread.
///
/// # Errors
/// A [`Refusal`] when it may not happen; then nothing changes.
pub fn decide(facts: &Facts, command: Authenticated<Command>, now: Timestamp) -> Result<Decision, Refusal> {
    let signer = command.signer();
    let mut bench = match command.into_inner() {
        Command::Open(opening) => open::open(facts, signer, *opening, now)?,
        Command::Act(act) => act::act(facts, signer, act, now)?,
        Command::Deliver(delivery) => deliver::deliver(facts, signer, *delivery, now)?,
        Command::HeedStop { reason, .. } => deliver::heed(facts, signer, reason, now)?,
        Command::Wake => Bench::resume(facts, now)?,
    };
    settle::settle(&mut bench)?;
    Ok(bench.finish())
}
