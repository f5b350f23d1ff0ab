//! The room where Relais decides: consent, referral, handover, deadlines.
//!
//! Pure. No async, file, socket, clock, dice, protobuf or SQL ever enters; `now` and fresh ids come in as
//! arguments, and what is decided goes out as data.

pub mod authority;
pub mod class;
mod code;
pub mod consent;
pub mod content;
pub mod decide;
pub mod digest;
pub mod directory;
pub mod event;
pub mod fold;
pub mod id;
pub mod inquiry;
pub mod ledger_leaf;
pub mod letters;
pub mod limits;
pub mod merkle;
pub mod personal;
pub mod refusal;
pub mod scan;
pub mod stop_code;
pub mod structure_id;
pub mod territory;
pub mod theme;
pub mod thread;
pub mod time;
pub mod vocabulary;
