//! The consent as a document: its fields and what makes it well formed.

use crate::class::{DataClass, Stage};
use crate::code::codes;
use crate::content::FeedbackLevel;
use crate::content::Reason;
use crate::digest::Digest;
use crate::id::{ConsentId, SiteId};
use crate::limits;
use crate::structure_id::StructureId;
use crate::theme::Theme;
use crate::time::Timestamp;
use std::collections::BTreeSet;

codes! {
    /// What the consent is for.
    Purpose {
        /// A referral.
        Referral = 1 "referral",
        /// A handover.
        Handover = 2 "handover",
    }

    /// The legal basis a side relies on. A public body normally relies on its public task; the person's agreement is
    /// recorded besides, never instead.
    LegalBasis {
        /// GDPR article 6(1)(e).
        PublicTask = 1 "public-task",
        /// GDPR article 6(1)(a).
        Agreement = 2 "agreement",
        /// GDPR article 6(1)(f).
        LegitimateInterest = 3 "legitimate-interest",
        /// GDPR article 6(1)(c).
        LegalObligation = 4 "legal-obligation",
    }

    /// How the agreement was given.
    GivenHow {
        /// Said.
        Oral = 1 "oral",
        /// Signed on paper.
        Written = 2 "written",
        /// Signed on a screen.
        Screen = 3 "screen",
    }

    /// Who interpreted.
    Interpreter {
        /// Nobody.
        None = 1 "none",
        /// A professional interpreter.
        Professional = 2 "professional",
        /// A relative.
        Relative = 3 "relative",
    }

    /// Whether the person said it back in their own words.
    TeachBack {
        /// Yes.
        Done = 1 "done",
        /// No.
        NotDone = 2 "not-done",
    }

    /// Who stood beside the person.
    Presence {
        /// Nobody.
        None = 1 "none",
        /// A witness.
        Witness = 2 "witness",
        /// A guardian.
        Guardian = 3 "guardian",
    }

    /// Where a consent stands.
    Standing {
        /// It holds.
        Active = 1 "active",
        /// A newer version took its place.
        Superseded = 2 "superseded",
        /// Its time is over.
        Expired = 3 "expired",
        /// The person stopped it.
        Stopped = 4 "stopped",
        /// It was never valid.
        Invalidated = 5 "invalidated",
    }
}

/// A structure and one of its sites.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Party {
    /// The structure.
    pub structure: StructureId,
    /// The site, if named.
    pub site: Option<SiteId>,
}

/// How the agreement was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    /// Oral, written, on screen.
    pub how: GivenHow,
    /// In which language, ISO 639.
    pub language: String,
    /// Who interpreted.
    pub interpreter: Interpreter,
    /// Whether it was said back.
    pub teach_back: TeachBack,
    /// Who stood beside.
    pub presence: Presence,
}

/// The notice that was shown or read aloud.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notice {
    /// Its id.
    pub id: String,
    /// Its language, ISO 639.
    pub language: String,
    /// SHA-256 of its exact text.
    pub text: Digest,
}

/// A consent, as signed by the structure that collected it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Consent {
    /// Random; the same through all versions.
    pub id: ConsentId,
    /// 1 for the first.
    pub version: u32,
    /// The digest of the version this one replaces.
    pub supersedes: Option<Digest>,
    /// Who collected it.
    pub collected_by: Party,
    /// Who it is for: exactly one.
    pub recipient: Party,
    /// What for.
    pub purpose: Purpose,
    /// The needs it covers.
    pub themes: BTreeSet<Theme>,
    /// The classes it covers.
    pub classes: BTreeSet<DataClass>,
    /// Whether `name` may be told before the answer (only for a service that must know it).
    pub name_stage: Stage,
    /// How much may be told back.
    pub feedback: FeedbackLevel,
    /// Structures the recipient may refer onward to; empty by default.
    pub onward: BTreeSet<StructureId>,
    /// Holds from.
    pub valid_from: Timestamp,
    /// Holds until (excluded).
    pub valid_until: Timestamp,
    /// The collector's legal basis.
    pub collector_basis: LegalBasis,
    /// The recipient's legal basis.
    pub recipient_basis: LegalBasis,
    /// How it was given.
    pub given: Given,
    /// What was shown.
    pub notice: Notice,
    /// Keyed hash of the stop code, if one was printed.
    pub stop_code: Option<Digest>,
}

/// Why a consent is not well formed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConsentFlaw {
    /// It ends before it begins.
    EndsBeforeItBegins,
    /// It lasts longer than twelve months.
    TooLong,
    /// It names no theme, or too many.
    Themes,
    /// It covers no class.
    NoClass,
    /// It covers a class that only a handover may carry.
    HandoverOnly(DataClass),
    /// It is for the structure that collected it.
    SelfConsent,
    /// Too many structures onward.
    OnwardTooMany,
}

impl Consent {
    /// Checks what must hold of every consent.
    ///
    /// # Errors
    /// [`ConsentFlaw`] names the first thing that does not hold.
    pub fn check(&self) -> Result<(), ConsentFlaw> {
        if self.valid_until <= self.valid_from {
            return Err(ConsentFlaw::EndsBeforeItBegins);
        }
        if self.valid_until.since(self.valid_from) > limits::CONSENT_MAX {
            return Err(ConsentFlaw::TooLong);
        }
        if self.themes.is_empty() || self.themes.len() > limits::LIST_ENTRIES_MAX {
            return Err(ConsentFlaw::Themes);
        }
        if self.classes.is_empty() {
            return Err(ConsentFlaw::NoClass);
        }
        if self.onward.len() > limits::LIST_ENTRIES_MAX {
            return Err(ConsentFlaw::OnwardTooMany);
        }
        if self.collected_by.structure == self.recipient.structure {
            return Err(ConsentFlaw::SelfConsent);
        }
        let handover_only = [DataClass::Handover, DataClass::Documents, DataClass::Sensitive];
        match handover_only.into_iter().find(|class| self.classes.contains(class)) {
            Some(class) if self.purpose == Purpose::Referral => Err(ConsentFlaw::HandoverOnly(class)),
            Some(_) | None => Ok(()),
        }
    }
}

/// A consent with the exact bytes that were signed. The digest is SHA-256 of their DSSE pre-authentication encoding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedConsent {
    /// What the bytes say.
    pub consent: Consent,
    /// The signed bytes, as received.
    pub payload: Vec<u8>,
    /// The collector's Ed25519 signature.
    pub signature: [u8; 64],
    /// The manifest of the collector whose key signed.
    pub manifest: u64,
    /// The consent's identity; what survives it.
    pub digest: Digest,
}

impl Standing {
    /// Where a consent stands once it ended for a reason; stopped unless the reason says otherwise.
    pub fn ended_by(reason: Option<Reason>) -> Self {
        match reason {
            Some(Reason::Expired) => Self::Expired,
            Some(Reason::Superseded) => Self::Superseded,
            Some(Reason::Invalidated) => Self::Invalidated,
            Some(_) | None => Self::Stopped,
        }
    }
}
