//! Which parts each kind of event may carry: nothing travels where it is not expected.

use crate::content::{PART_CONSENT, PART_ERASURE};
use relais_domain::class::DataClass;
use relais_domain::event::EventKind;

const TIMES: u32 = DataClass::Times.number();

const SENT: &[u32] = &[
    DataClass::Need.number(),
    DataClass::Constraints.number(),
    DataClass::Level.number(),
    DataClass::Eligibility.number(),
    DataClass::Note.number(),
    DataClass::Professional.number(),
    TIMES,
    DataClass::Name.number(),
    PART_CONSENT,
];
const PROPOSED: &[u32] = &[
    DataClass::Need.number(),
    DataClass::Constraints.number(),
    DataClass::Level.number(),
    DataClass::Eligibility.number(),
    DataClass::Note.number(),
    DataClass::Professional.number(),
    TIMES,
    PART_CONSENT,
];
const INFO: &[u32] = &[DataClass::Answer.number(), TIMES];
const ACCEPTED: &[u32] = &[DataClass::Professional.number(), TIMES];
const DISCLOSED: &[u32] = &[
    TIMES,
    DataClass::Name.number(),
    DataClass::Contact.number(),
    DataClass::Handover.number(),
    DataClass::Documents.number(),
    DataClass::Sensitive.number(),
];
const NOTE: &[u32] = &[DataClass::Note.number(), TIMES];
const COURSE: &[u32] = &[DataClass::Course.number(), TIMES];
const ERASED: &[u32] = &[TIMES, PART_ERASURE];

/// The numbers of the parts that events of this kind may carry, ascending.
pub const fn may_carry(kind: EventKind) -> &'static [u32] {
    match kind {
        EventKind::Sent => SENT,
        EventKind::Proposed => PROPOSED,
        EventKind::InfoRequested | EventKind::InfoGiven => INFO,
        EventKind::Accepted => ACCEPTED,
        EventKind::Disclosed => DISCLOSED,
        EventKind::Note => NOTE,
        EventKind::Erased => ERASED,
        EventKind::Waitlisted
        | EventKind::Scheduled
        | EventKind::NoShow
        | EventKind::Arrived
        | EventKind::Closed
        | EventKind::Corrected
        | EventKind::Refused
        | EventKind::Released
        | EventKind::Withdrawn
        | EventKind::WithdrawalAsked
        | EventKind::Expired
        | EventKind::ConsentEnded
        | EventKind::Voided
        | EventKind::Renounced
        | EventKind::Effective
        | EventKind::Cancelled => COURSE,
    }
}
