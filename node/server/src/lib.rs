//! The shell around the pure rooms: the only clock, dice, sockets and tasks of a node.
//!
//! `bytes → Received → Authenticated<Command> → Facts → decide() → Decision → Committed → answer`. Handlers never send:
//! they write the outbox, and the courier sends.

pub mod clock;
pub mod engine;
pub mod home;
pub mod own;
pub mod peers;
