//! Limits of the domain, each with a name. (Limits of sockets and frames live in `server`.)

use crate::time::Span;

/// Longest note, in characters.
pub const NOTE_CHARS_MAX: usize = 280;
/// Longest person's own account at the end of a referral, in characters.
pub const ACCOUNT_CHARS_MAX: usize = 280;
/// Longest name, place, work contact or other short text, in characters.
pub const TEXT_CHARS_MAX: usize = 120;
/// Most entries of any list a person's answers hold (themes, languages, statements…).
pub const LIST_ENTRIES_MAX: usize = 16;
/// Most events one author writes in one thread.
pub const CHAIN_EVENTS_MAX: u32 = 256;
/// Most questions whose waiting time moves the answer deadline.
pub const QUESTIONS_COUNTED_MAX: usize = 3;
/// Longest time one question adds to the answer deadline.
pub const QUESTION_TIME_MAX: Span = Span::days(7);
/// What the sender's node waits past the deadline before it writes `Expired`.
pub const EXPIRY_GRACE: Span = Span::minutes(15);
/// Latest answer deadline after sending.
pub const DEADLINE_MAX: Span = Span::days(30);
/// How long a consent holds unless said otherwise.
pub const CONSENT_DEFAULT: Span = Span::days(90);
/// Longest a consent may hold.
pub const CONSENT_MAX: Span = Span::days(366);
/// How far another node's clock may be from ours before disclosures are held.
pub const CLOCK_TOLERANCE: Span = Span::minutes(5);
/// Longest time a handover offer may stay open.
pub const OFFER_MAX: Span = Span::days(90);
/// A commune with fewer inhabitants is replaced by its EPCI.
pub const COMMUNE_INHABITANTS_MIN: u32 = 2_000;
/// Longest a receiver keeps its own file of a person after last contact.
pub const OWN_FILE_MAX: Span = Span::days(730);
/// Redirect suggestions in one refusal.
pub const SUGGESTIONS_MAX: usize = 5;
/// What passes after a quarter until it is closed: its counts stay, the rows they came from go.
pub const QUARTER_CLOSES_AFTER: Span = Span::days(45);
