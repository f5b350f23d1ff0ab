//! The shell around the pure rooms: the only clock, dice, sockets and tasks of a node.
//!
//! `bytes → Received → Authenticated<Command> → Facts → decide() → Decision → Committed → answer`. Handlers never send:
//! they write the outbox, and the courier sends.

pub mod accept;
pub mod accounts;
pub mod carried;
pub mod clock;
pub mod courier;
pub mod cuts;
pub mod delayed;
pub mod desk;
pub mod dial;
pub mod directory;
pub mod engine;
pub mod gateways;
pub mod home;
pub mod init;
pub mod inquiries;
pub mod introductions;
pub mod ledger;
pub mod link;
pub mod node;
pub mod own;
pub mod pairing;
pub mod peer_service;
pub mod peers;
pub mod pruner;
pub mod register;
pub mod rotation;
mod shared;
pub mod sweeper;
pub mod sync;
pub mod tls;
pub mod users;
