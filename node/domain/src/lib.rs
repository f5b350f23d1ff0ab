//! The room where Relais decides: consent, referral, handover, deadlines.
//!
//! Pure. No async, file, socket, clock, dice, protobuf or SQL ever enters; `now` and fresh ids come in as
//! arguments, and what is decided goes out as data.

pub mod class;
pub mod digest;
pub mod id;
pub mod limits;
pub mod merkle;
pub mod personal;
pub mod scan;
pub mod structure_id;
pub mod territory;
pub mod theme;
pub mod time;
