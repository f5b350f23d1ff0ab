//! Consent (*accord*): what a person agreed to, for exactly one recipient, and the one pure function that says
//! whether bytes may leave or be kept.
//!
//! No personal byte leaves without a [`Permit`], and only [`SignedConsent::permit`] makes one. It runs before sending
//! and again before storing. There is no override.

mod form;
mod permit;

#[cfg(test)]
mod tests;

pub use form::*;
pub use permit::*;
