//! The gateway's only look at the clock: to say «dans 2 jours», never to decide.

use jiff::Timestamp;

/// This instant.
#[expect(clippy::disallowed_methods, reason = "pages say how far away a date is; nothing is decided by it")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
