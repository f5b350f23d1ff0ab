//! The gate: `permit` says whether these classes may go this way now.

use super::{Consent, ConsentFlaw, Purpose, SignedConsent, Standing};
use crate::class::{DataClass, Stage};
use crate::content::{Content, Course, FeedbackLevel, Reason};
use crate::digest::Digest;
use crate::event::EventKind;
use crate::structure_id::StructureId;
use crate::time::Timestamp;
use std::collections::BTreeSet;

/// Which way bytes go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// From the structure that collected the consent to its recipient.
    ToRecipient,
    /// Back.
    ToCollector,
}

/// How far the thread is: what decides between stage 1 and stage 2.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// No acceptance seen.
    BeforeAcceptance,
    /// Accepted.
    AfterAcceptance,
}

/// What is about to leave, or about to be kept.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The kind of event that carries it.
    pub kind: EventKind,
    /// The content.
    pub content: &'a Content,
    /// Whose structure wrote it.
    pub author: StructureId,
    /// Whose structure gets it.
    pub recipient: StructureId,
    /// Referral or handover.
    pub purpose: Purpose,
    /// How far the thread is.
    pub phase: Phase,
    /// Where the consent stands, as far as this node knows.
    pub standing: Standing,
    /// The judging node's own clock.
    pub now: Timestamp,
}

/// Why no permit is given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConsentRefusal {
    /// It is not well formed.
    Flawed(ConsentFlaw),
    /// It is for another recipient, or was collected by another structure.
    OtherParties,
    /// It is for another purpose.
    OtherPurpose,
    /// It no longer holds.
    Ended(Standing),
    /// It does not hold yet.
    NotYetValid,
    /// A theme is not covered.
    Theme,
    /// A class is not covered.
    Class(DataClass),
    /// A class may leave only after acceptance.
    TooEarly(DataClass),
    /// More is told back than agreed.
    Feedback,
}

/// The proof that a consent covers some classes for one recipient. Only [`SignedConsent::permit`] makes one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Permit {
    consent: Digest,
    recipient: StructureId,
    classes: BTreeSet<DataClass>,
}

impl Permit {
    /// The digest of the consent it rests on.
    pub fn consent(&self) -> Digest {
        self.consent
    }

    /// The only structure it is good for.
    pub fn recipient(&self) -> StructureId {
        self.recipient
    }

    /// Whether it covers every class of `content`.
    pub fn covers(&self, content: &Content) -> bool {
        content.classes().is_subset(&self.classes)
    }
}

impl SignedConsent {
    /// Gives a permit for what is asked, or says why not.
    ///
    /// # Errors
    /// [`ConsentRefusal`] names the first thing that is not covered.
    pub fn permit(&self, ask: &Ask<'_>) -> Result<Permit, ConsentRefusal> {
        let consent = &self.consent;
        consent.check().map_err(ConsentRefusal::Flawed)?;
        let direction = direction(consent, ask)?;
        if consent.purpose != ask.purpose {
            return Err(ConsentRefusal::OtherPurpose);
        }
        holds(consent, ask)?;
        covers(consent, ask, direction)?;
        Ok(Permit { consent: self.digest, recipient: ask.recipient, classes: ask.content.classes() })
    }
}

impl Permit {
    /// Gives a permit for an ending or an erasure receipt, which carry codes and instants only and must pass when the
    /// consent is gone; `None` for any other kind or content.
    pub fn coded(
        kind: EventKind,
        content: &Content,
        consent: Digest,
        recipient: StructureId,
    ) -> Option<Self> {
        let coded_course = content.course.as_ref().is_none_or(|course| {
            *course == Course { reason: course.reason, ..Course::default() }
                && course.reason.is_none_or(|reason| coded_reasons(kind).contains(&reason))
        });
        let only_codes =
            content.classes().iter().all(|class| matches!(class, DataClass::Times | DataClass::Course));
        let fits = may_outlive_consent(kind) && coded_course && only_codes && content.consent.is_none();
        fits.then(|| Self { consent, recipient, classes: content.classes() })
    }
}

/// Coded endings and erasure receipts carry nothing but codes, and must pass when the consent is gone.
pub fn may_outlive_consent(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::ConsentEnded
            | EventKind::Erased
            | EventKind::Withdrawn
            | EventKind::Expired
            | EventKind::Cancelled
            | EventKind::Effective
    )
}

/// The reasons that may pass without a consent: none of them says anything about the person's course.
fn coded_reasons(kind: EventKind) -> &'static [Reason] {
    match kind {
        EventKind::ConsentEnded => Reason::CONSENT_ENDS,
        EventKind::Withdrawn => Reason::WITHDRAWALS,
        EventKind::Cancelled => Reason::CANCELLATIONS,
        EventKind::Expired => &[Reason::Expired],
        EventKind::Sent
        | EventKind::Proposed
        | EventKind::InfoRequested
        | EventKind::InfoGiven
        | EventKind::Accepted
        | EventKind::Disclosed
        | EventKind::Waitlisted
        | EventKind::Scheduled
        | EventKind::NoShow
        | EventKind::Arrived
        | EventKind::Closed
        | EventKind::Refused
        | EventKind::Released
        | EventKind::WithdrawalAsked
        | EventKind::Note
        | EventKind::Voided
        | EventKind::Corrected
        | EventKind::Erased
        | EventKind::Renounced
        | EventKind::Effective => &[],
    }
}

fn direction(consent: &Consent, ask: &Ask<'_>) -> Result<Direction, ConsentRefusal> {
    let collector = consent.collected_by.structure;
    let recipient = consent.recipient.structure;
    if (ask.author, ask.recipient) == (collector, recipient) {
        Ok(Direction::ToRecipient)
    } else if (ask.author, ask.recipient) == (recipient, collector) {
        Ok(Direction::ToCollector)
    } else {
        Err(ConsentRefusal::OtherParties)
    }
}

fn holds(consent: &Consent, ask: &Ask<'_>) -> Result<(), ConsentRefusal> {
    if ask.standing != Standing::Active {
        return Err(ConsentRefusal::Ended(ask.standing));
    }
    if ask.now >= consent.valid_until {
        return Err(ConsentRefusal::Ended(Standing::Expired));
    }
    if ask.now.plus(crate::limits::CLOCK_TOLERANCE) < consent.valid_from {
        return Err(ConsentRefusal::NotYetValid);
    }
    Ok(())
}

fn covers(consent: &Consent, ask: &Ask<'_>, direction: Direction) -> Result<(), ConsentRefusal> {
    if let Some(need) = &ask.content.need {
        if need.walk_in.is_some() {
            stage_one_only(consent)?;
        }
        if !need.themes.iter().all(|theme| consent.themes.contains(theme)) {
            return Err(ConsentRefusal::Theme);
        }
        if need.feedback > consent.feedback {
            return Err(ConsentRefusal::Feedback);
        }
    }
    for class in ask.content.classes() {
        covers_class(consent, ask, direction, class)?;
    }
    match direction {
        Direction::ToCollector => told_back(consent.feedback, ask),
        Direction::ToRecipient => coded_course(ask.content),
    }
}

/// A walk-in referral rests on a consent of stage 1 alone.
fn stage_one_only(consent: &Consent) -> Result<(), ConsentRefusal> {
    let told_early = |class: DataClass| class == DataClass::Name && consent.name_stage == Stage::One;
    match consent.classes.iter().find(|class| class.stage() == Stage::Two && !told_early(**class)) {
        Some(class) => Err(ConsentRefusal::TooEarly(*class)),
        None => Ok(()),
    }
}

/// The collector's side of the course is codes only; its free text belongs to the classes the consent names.
fn coded_course(content: &Content) -> Result<(), ConsentRefusal> {
    let coded = content.course.as_ref().is_none_or(|course| {
        *course == Course { reason: course.reason, voids: course.voids, ..Course::default() }
    });
    if coded { Ok(()) } else { Err(ConsentRefusal::Class(DataClass::Course)) }
}

fn covers_class(
    consent: &Consent,
    ask: &Ask<'_>,
    direction: Direction,
    class: DataClass,
) -> Result<(), ConsentRefusal> {
    match class {
        // The skeleton's own instants, staff and coded course are how a thread speaks at all.
        DataClass::Times | DataClass::Professional | DataClass::Course => return Ok(()),
        // A coded question tells nothing; the coded answer needs the class.
        DataClass::Answer if direction == Direction::ToCollector => return Ok(()),
        DataClass::Need
        | DataClass::Constraints
        | DataClass::Level
        | DataClass::Eligibility
        | DataClass::Note
        | DataClass::Answer
        | DataClass::Name
        | DataClass::Contact
        | DataClass::Handover
        | DataClass::Documents
        | DataClass::Sensitive => {}
    }
    if !consent.classes.contains(&class) {
        return Err(ConsentRefusal::Class(class));
    }
    if class.stage() == Stage::One {
        return Ok(());
    }
    // The person's identity never travels back.
    if direction == Direction::ToCollector {
        return Err(ConsentRefusal::Class(class));
    }
    let told_early = class == DataClass::Name && consent.name_stage == Stage::One;
    let disclosing = ask.kind == EventKind::Disclosed && ask.phase == Phase::AfterAcceptance;
    if disclosing || told_early { Ok(()) } else { Err(ConsentRefusal::TooEarly(class)) }
}

/// What the receiver tells back stays within the feedback level.
pub(crate) fn told_back(level: FeedbackLevel, ask: &Ask<'_>) -> Result<(), ConsentRefusal> {
    let kind_ok = match ask.kind {
        EventKind::Scheduled | EventKind::NoShow | EventKind::Arrived => level >= FeedbackLevel::Attended,
        EventKind::Corrected => level >= FeedbackLevel::Outcome,
        EventKind::Sent
        | EventKind::Proposed
        | EventKind::InfoRequested
        | EventKind::InfoGiven
        | EventKind::Accepted
        | EventKind::Disclosed
        | EventKind::Waitlisted
        | EventKind::Closed
        | EventKind::Refused
        | EventKind::Released
        | EventKind::Withdrawn
        | EventKind::WithdrawalAsked
        | EventKind::Expired
        | EventKind::ConsentEnded
        | EventKind::Note
        | EventKind::Voided
        | EventKind::Erased
        | EventKind::Renounced
        | EventKind::Effective
        | EventKind::Cancelled => true,
    };
    let Some(course) = &ask.content.course else {
        return if kind_ok { Ok(()) } else { Err(ConsentRefusal::Feedback) };
    };
    let outcome_ok =
        (course.outcome.is_none() && course.account.is_none()) || level >= FeedbackLevel::Outcome;
    let meeting_ok =
        (course.appointment.is_none() && course.place.is_none()) || level >= FeedbackLevel::Attended;
    let reason_ok = course.reason.is_none_or(|reason| reason.level_needed() <= level);
    if kind_ok && outcome_ok && meeting_ok && reason_ok { Ok(()) } else { Err(ConsentRefusal::Feedback) }
}
