//! Opening the content of an envelope whose signature was verified: it must be what was signed, and nothing else.

use super::receive::Received;
use super::{carried, names_consent, parts};
use crate::content::ContentError;
use crate::seal::{KeyRing, SealError};
use relais_domain::content::Content;
use std::fmt;

/// Content that arrived, opened.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// What it says.
    pub content: Content,
    /// Salts and content, in the open: to be kept sealed at rest.
    pub parts: Vec<u8>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened([sealed content])")
    }
}

/// Why content is not opened. It never tells anything of the content.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OpenError {
    /// The envelope carries no sealed content.
    #[error("the envelope carries no sealed content")]
    Absent,
    /// None of the node's keys opens it: the sender is asked to seal again.
    #[error("no key opens the content")]
    NoKey,
    /// It does not open, or is not what any sender writes.
    #[error("the content does not open")]
    Broken,
    /// A part is not what the signature committed to, or one of the two is missing.
    #[error("part {part} is not what was signed")]
    Commitments {
        /// Number of the first such part.
        part: u32,
    },
    /// This kind of event never carries this part.
    #[error("this kind of event does not carry part {part}")]
    NotCarried {
        /// Number of the part.
        part: u32,
    },
    /// The consent carried is not the one the skeleton names.
    #[error("the consent carried is not the one that was signed")]
    OtherConsent,
    /// A part cannot be read.
    #[error(transparent)]
    Content(#[from] ContentError),
}

/// Opens the content of an envelope with the node's keys. The signature must have been verified before.
///
/// # Errors
/// [`OpenError`].
pub fn open(received: &Received, ring: &KeyRing) -> Result<Opened, OpenError> {
    let sealed = received.sealed.as_ref().ok_or(OpenError::Absent)?;
    let parts = ring.open(sealed, &received.identity).map_err(|error| match error {
        SealError::NoKey | SealError::Suite(_) => OpenError::NoKey,
        SealError::Shape
        | SealError::Broken
        | SealError::NotCanonical
        | SealError::Parts
        | SealError::Oversize
        | SealError::Key(_) => OpenError::Broken,
    })?;
    let skeleton = &received.skeleton;
    parts::committed(&parts, &skeleton.commitments).map_err(|part| OpenError::Commitments { part })?;
    carried(skeleton, parts.iter().map(|part| part.class)).map_err(|part| OpenError::NotCarried { part })?;
    let content = parts::content(&parts)?;
    if !names_consent(skeleton, &content) {
        return Err(OpenError::OtherConsent);
    }
    Ok(Opened { content, parts: parts::encode(parts) })
}
