//! The room where Relais translates: protobuf to domain and back; signs, verifies, seals and opens bytes.
//!
//! Bytes are signed, stored and forwarded exactly as received. No tokio, no SQL, no clock and no dice ever enter: `now`
//! and randomness come in as arguments. Secrets are wiped when dropped and never print.

pub mod consent;
pub mod content;
mod crockford;
pub mod dsse;
pub mod endpoint;
pub mod envelope;
pub mod field;
pub mod frame;
pub mod keys;
pub mod ledger;
pub mod manifest;
pub mod pairing;
pub mod peer_change;
pub mod receipt;
pub mod reconcile;
pub mod record;
pub mod recovery;
pub mod seal;
pub mod text;
pub mod token;
pub mod walk_in;
