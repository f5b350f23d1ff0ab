//! Reading objects of data·inclusion v1: every field is checked, every problem kept, with the values it names.

mod added;
mod fields;
pub(super) mod service;
pub(super) mod structure;
mod wrong;

pub(super) use fields::{Fields, OPEN, OWN};
pub use wrong::{Count, Wrong};
pub(crate) use wrong::{VALUES_SHOWN_MAX, early, shown};
