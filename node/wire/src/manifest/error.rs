//! Why a manifest is not admitted or not accepted into its chain.

use crate::{
    dsse::{DsseError, Signed},
    keys::KeyError,
};
use std::fmt;

/// A field of a manifest, for errors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ManifestField {
    /// The structure's id.
    StructureId,
    /// The sequence.
    Sequence,
    /// The identity of the manifest before.
    PreviousHash,
    /// The root key.
    RootKey,
    /// The TLS CA certificate.
    TlsCa,
    /// The signing keys.
    SigningKeys,
    /// The sealing keys.
    SealingKeys,
    /// The witness keys.
    WitnessKeys,
    /// The endpoints.
    Endpoints,
    /// The endpoints of the pairing listener.
    PairingEndpoints,
    /// The name.
    Name,
    /// The kind.
    Kind,
    /// The two instants of validity.
    Validity,
    /// The hash of the next root key.
    NextRoot,
}

impl fmt::Display for ManifestField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StructureId => "structure id",
            Self::Sequence => "sequence",
            Self::PreviousHash => "previous hash",
            Self::RootKey => "root key",
            Self::TlsCa => "TLS CA",
            Self::SigningKeys => "signing keys",
            Self::SealingKeys => "sealing keys",
            Self::WitnessKeys => "witness keys",
            Self::Endpoints => "endpoints",
            Self::PairingEndpoints => "pairing endpoints",
            Self::Name => "name",
            Self::Kind => "kind",
            Self::Validity => "validity",
            Self::NextRoot => "next root",
        })
    }
}

/// Two manifests that one root key signed and that exclude each other: proof, to be kept and shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Equivocation {
    /// The one held.
    pub held: Signed,
    /// The one offered.
    pub offered: Signed,
}

/// Why a manifest is not admitted or not accepted into its chain.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ManifestError {
    /// Longer than the limit.
    #[error("the manifest is too long")]
    Oversize,
    /// Not a protobuf manifest.
    #[error("not a manifest")]
    Shape,
    /// Not signed by its root, or signed as another thing.
    #[error(transparent)]
    Signed(#[from] DsseError),
    /// A format this program does not know.
    #[error("manifest format {0} is unknown")]
    Version(u32),
    /// A field is missing, malformed or out of bounds.
    #[error("the manifest's {0} is missing, malformed or out of bounds")]
    Field(ManifestField),
    /// A key is not admitted.
    #[error("a key among the manifest's {field} is refused: {error}")]
    Key {
        /// Where the key stands.
        field: ManifestField,
        /// What is wrong with it.
        error: KeyError,
    },
    /// An entry stands twice in a list.
    #[error("an entry stands twice among the manifest's {0}")]
    Duplicate(ManifestField),
    /// The first manifest's root key does not give the structure's id.
    #[error("the structure id is not that of the root key")]
    WrongId,
    /// The manifest announces a root key that is or was in use.
    #[error("the next root key is one already used")]
    UsedSuccessor,
    /// The manifest speaks for another structure.
    #[error("the manifest is of another structure")]
    WrongStructure,
    /// Manifests between the chain and this one are missing.
    #[error("manifest {expected} is missing before manifest {offered}")]
    Gap {
        /// The sequence that would follow.
        expected: u64,
        /// The sequence offered.
        offered: u64,
    },
    /// The manifest names another one as the one before.
    #[error("the manifest does not follow the one before")]
    BrokenLink,
    /// The next root key changed without the signature of the one announced.
    #[error("the next root key changed without a rotation")]
    SuccessorChanged,
    /// Signed by a root key that is neither the current nor the announced one.
    #[error("the manifest is signed by a root key that was not announced")]
    WrongRoot,
    /// Signed by a former root key, at or after the rotation that superseded it.
    #[error("the manifest is of a former root key and superseded by a rotation")]
    Superseded,
    /// One root key signed two manifests that exclude each other.
    #[error("one root key signed two manifests that exclude each other")]
    Equivocation(Box<Equivocation>),
    /// The chain has reached its limit, or is empty.
    #[error("a chain has 1 to {0} manifests")]
    ChainLength(usize),
}
