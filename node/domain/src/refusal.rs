//! Every expected no. A peer gets its coarse code; a professional the sentence.

use crate::class::DataClass;
use crate::consent::ConsentRefusal;
use crate::content::check::FieldError;
use crate::event::EventKind;
use std::fmt;

/// An expected no: counted and answered, never an error of ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// No such thread for this structure: not yours and not there are the same answer.
    UnknownThread,
    /// The signer is no partner.
    UnknownPeer,
    /// The partnership is suspended: only endings, erasures and their receipts pass.
    PeerSuspended,
    /// The envelope is for another structure.
    WrongRecipient,
    /// The author named inside is not the one who signed.
    WrongSigner,
    /// The thread exists already.
    ThreadExists,
    /// Two different events bear one number: the thread is frozen.
    ChainForked,
    /// The event does not continue the chain held, or names as seen what was never written.
    ChainBroken,
    /// An earlier event has not arrived yet.
    OutOfOrder,
    /// The thread is frozen after a fork.
    ThreadFrozen,
    /// The author has written too many events in this thread.
    ChainTooLong,
    /// The author's clock is more than five minutes ahead.
    FromTheFuture,
    /// The consent does not cover it.
    Consent(ConsentRefusal),
    /// The opening event lacks its consent or a class it needs.
    Missing(DataClass),
    /// The opening event carries no consent.
    ConsentMissing,
    /// The content of the opening event has been erased by its sender.
    ContentGone,
    /// A field is wrong.
    Field(FieldError),
    /// The act is not possible in the state reached.
    NotAllowed {
        /// The event it would have written.
        kind: EventKind,
        /// What would be possible, in words.
        hint: &'static str,
    },
    /// The role does not allow it.
    RoleNotAllowed,
    /// The follow-up was already handed over or closed.
    FollowUpNotHeld,
}

impl Refusal {
    /// Whether sending the same again can never succeed.
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::OutOfOrder | Self::FromTheFuture | Self::PeerSuspended)
    }

    /// Whether it is proof that the author equivocates, so that the thread must be frozen and someone told.
    pub fn freezes(&self) -> bool {
        matches!(self, Self::ChainForked)
    }
}

impl From<FieldError> for Refusal {
    fn from(error: FieldError) -> Self {
        Self::Field(error)
    }
}

impl From<ConsentRefusal> for Refusal {
    fn from(refusal: ConsentRefusal) -> Self {
        Self::Consent(refusal)
    }
}

impl fmt::Display for ConsentRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flawed(flaw) => write!(f, "consent: it is not well formed ({flaw:?})"),
            Self::OtherParties => {
                f.write_str("consent.recipient: it was given for another structure; ask for a new one")
            }
            Self::OtherPurpose => {
                f.write_str("consent.purpose: it was given for another purpose; ask for a new one")
            }
            Self::Ended(standing) => write!(f, "consent: it no longer holds ({standing}); ask for a new one"),
            Self::NotYetValid => f.write_str("consent.valid_from: it does not hold yet by this clock"),
            Self::Theme => f.write_str("consent.themes: this need is not covered; ask again, or send less"),
            Self::Class(class) => {
                write!(f, "consent.classes: «{}» is not covered; ask again, or leave it out", class.as_str())
            }
            Self::TooEarly(class) => {
                write!(f, "{}: leaves only after the other structure accepted", class.as_str())
            }
            Self::Feedback => f.write_str("consent.feedback: more would be told back than was agreed"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownThread => f.write_str("no such referral or handover here"),
            Self::UnknownPeer => f.write_str("this structure is not a partner: pair first"),
            Self::PeerSuspended => f.write_str("the partnership with this structure is suspended"),
            Self::WrongRecipient => f.write_str("the envelope is for another structure"),
            Self::WrongSigner => f.write_str("the author named inside is not the signer"),
            Self::ThreadExists => f.write_str("this thread exists already"),
            Self::ChainForked => f.write_str("two different events bear one number: the thread is frozen"),
            Self::ChainBroken => f.write_str("the event does not continue what was exchanged"),
            Self::OutOfOrder => f.write_str("an earlier event has not arrived yet"),
            Self::ThreadFrozen => {
                f.write_str("the thread is frozen: the two ends disagree on its past; call the partner")
            }
            Self::ChainTooLong => f.write_str("too many events in this thread: open a new one"),
            Self::FromTheFuture => f.write_str(
                "it was written in our future: one of the two clocks is wrong by more than five minutes",
            ),
            Self::Consent(refusal) => refusal.fmt(f),
            Self::Missing(class) => write!(f, "{}: is missing", class.as_str()),
            Self::ConsentMissing => f.write_str("consent: is missing"),
            Self::ContentGone => f.write_str("the content was erased by its sender before delivery"),
            Self::Field(error) => error.fmt(f),
            Self::NotAllowed { kind, hint } => write!(f, "«{kind}» is not possible now: {hint}"),
            Self::RoleNotAllowed => f.write_str("your role does not allow this"),
            Self::FollowUpNotHeld => f.write_str("follow_up: this structure no longer holds it"),
        }
    }
}

impl std::error::Error for Refusal {}
