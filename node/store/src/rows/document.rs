//! Small versioned documents, and the shelves they stand on. A shelf's number is stored and never changes.

/// A shelf of small versioned documents. Numbers are stored and never change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Shelf {
    /// Partners: trust, pin, agreement. Key: structure id.
    Peer,
    /// Signed manifests. Key: structure id ‖ sequence (8 bytes, big-endian).
    Manifest,
    /// Invitations. Key: invitation id.
    Invitation,
    /// Professionals of this structure. Key: professional id.
    User,
    /// Signed directory records. Key: structure id ‖ kind ‖ key.
    Record,
    /// The last checkpoint of each partner, and any that contradicts it. Key: structure id ‖ size.
    PeerCheckpoint,
    /// This node's own signed checkpoints. Key: size (8 bytes, big-endian).
    Checkpoint,
    /// Follow-ups. Personal: the body is sealed at rest under a key of its own. Key: follow-up id.
    FollowUp,
    /// Answers to commands already done, by idempotency key.
    Done,
    /// Settings of this node.
    Setting,
    /// Open sessions: who, since when, used when. Key: SHA-256 of the token.
    Session,
    /// Passwords, authenticators and sign-in links. Sealed at rest like what is personal. Key: professional id.
    Credential,
    /// Keys of the structure's own software. Key: integration id.
    Integration,
    /// Forms that a professional has begun. Personal. Key: professional id ‖ draft id.
    Draft,
    /// Acts that wait so that they can be taken back, and those that could not be done. Personal. Key: thread id, then the
    /// act's id for one that could not be done.
    Delayed,
    /// Signed manifests of structures that are no partners. Key: structure id ‖ sequence (8 bytes, big-endian); at
    /// sequence 0 who first brought them.
    CarriedManifest,
    /// Entries of open data, and what is known of each source. Key: 0 ‖ source, or 1 (structure) or 2 (service) ‖ source ‖
    /// generation ‖ its place in it ‖ the entry’s key.
    OpenData,
    /// Inquiries, ours and partners'. Nothing of a person. Key: 1 ‖ inquiry id, or 2 ‖ structure id ‖ inquiry id.
    Inquiry,
    /// Introductions asked by this structure or of it. Key: the other structure's id.
    Introduction,
}

impl Shelf {
    /// Every shelf.
    pub const ALL: &'static [Self] = &[
        Self::Peer,
        Self::Manifest,
        Self::Invitation,
        Self::User,
        Self::Record,
        Self::PeerCheckpoint,
        Self::Checkpoint,
        Self::FollowUp,
        Self::Done,
        Self::Setting,
        Self::Session,
        Self::Credential,
        Self::Integration,
        Self::Draft,
        Self::Delayed,
        Self::CarriedManifest,
        Self::OpenData,
        Self::Inquiry,
        Self::Introduction,
    ];

    /// The stored number.
    pub const fn number(self) -> i64 {
        match self {
            Self::Peer => 1,
            Self::Manifest => 2,
            Self::Invitation => 3,
            Self::User => 4,
            Self::Record => 5,
            Self::PeerCheckpoint => 6,
            Self::Checkpoint => 7,
            Self::FollowUp => 8,
            Self::Done => 9,
            Self::Setting => 10,
            Self::Session => 11,
            Self::Credential => 12,
            Self::Integration => 13,
            Self::Draft => 14,
            Self::Delayed => 15,
            Self::CarriedManifest => 16,
            Self::OpenData => 17,
            Self::Inquiry => 18,
            Self::Introduction => 19,
        }
    }

    /// Whether bodies are sealed at rest, each under a key of its own.
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::FollowUp | Self::Credential | Self::Draft | Self::Delayed)
    }
}

/// A small versioned document.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// Its key on the shelf.
    pub key: Vec<u8>,
    /// 1 for the first; grows by one with every write.
    pub version: u64,
    /// Its body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document").field("version", &self.version).finish_non_exhaustive()
    }
}
