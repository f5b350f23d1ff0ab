//! How the directory lies on its shelf: a record, the floor that one left, the proof that two share one sequence, by which
//! root a structure signs, and which own words came from a partner.

use relais_domain::digest::Digest;
use relais_domain::directory::{Floor, RecordKey};
use relais_domain::id::ServiceId;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_store::StoreError;
use relais_store::batch::{DocumentWrite, Expected};
use relais_store::rows::Shelf;

/// Where the kind byte of a document's key stands: after the structure id.
const KIND_AT: usize = 32;
/// Set in the kind byte of a document's key when it holds proof that two records share one sequence.
const CONFLICT: u8 = 0x80;
/// Set in the kind byte of a document's key when it holds a floor.
const FLOOR: u8 = 0x40;
/// The kind byte of the document that holds by which root a structure signs.
const ROOT: u8 = 0x20;

/// Set in the kind byte of a document's key that notes that an own record came back from a partner.
const RETURNED: u8 = 0x10;

/// What a document of the shelf holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Holds {
    /// A record.
    Record,
    /// The floor that a record left.
    Floor,
    /// Proof that two records share one sequence.
    Conflict,
    /// By which root the structure signs.
    Root,
    /// That what this structure says there came back from a partner, and nobody has said it here since.
    Returned,
}

impl Holds {
    const fn mark(self) -> u8 {
        match self {
            Self::Record => 0,
            Self::Floor => FLOOR,
            Self::Conflict => CONFLICT,
            Self::Root => ROOT,
            Self::Returned => RETURNED,
        }
    }

    /// What the document of this key holds.
    pub(super) fn of(key: &[u8]) -> Self {
        match key.get(KIND_AT) {
            Some(kind) if kind & CONFLICT != 0 => Self::Conflict,
            Some(kind) if kind & FLOOR != 0 => Self::Floor,
            Some(kind) if kind & ROOT != 0 => Self::Root,
            Some(kind) if kind & RETURNED != 0 => Self::Returned,
            Some(_) | None => Self::Record,
        }
    }
}

/// The key of a document: structure, kind (with a mark), service or endorsed structure.
pub(super) fn document_key(structure: StructureId, key: &RecordKey, holds: Holds) -> Vec<u8> {
    let (kind, id) = match key {
        RecordKey::Structure => (1, &b""[..]),
        RecordKey::Service(id) => (2, id.as_str().as_bytes()),
        RecordKey::Capacity(id) => (3, id.as_str().as_bytes()),
        RecordKey::Endorsement(subject) => (4, &subject.as_bytes()[..]),
    };
    [structure.as_bytes(), &[kind | holds.mark()][..], id].concat()
}

/// The key of the document that holds by which root a structure signs.
pub(super) fn root_key(structure: StructureId) -> Vec<u8> {
    [structure.as_bytes(), &[ROOT][..]].concat()
}

/// Reads by which root a structure signs.
///
/// # Errors
/// [`StoreError::Corrupt`] when the document holds no such thing.
pub(super) fn read_root(key: &[u8], body: &[u8]) -> Result<(StructureId, Digest), StoreError> {
    let structure = key.get(..KIND_AT).and_then(StructureId::from_slice);
    structure
        .zip(Digest::from_slice(body))
        .ok_or_else(|| StoreError::Corrupt("the root of a structure in the directory".to_owned()))
}

/// What a document's key is about.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is no key of a document here.
pub(super) fn subject_of(key: &[u8]) -> Result<(StructureId, RecordKey), StoreError> {
    let read = || {
        let structure = StructureId::from_slice(key.get(..KIND_AT)?)?;
        let id = || ServiceId::parse(std::str::from_utf8(key.get(KIND_AT + 1..)?).ok()?);
        let subject = match key.get(KIND_AT)? & !(CONFLICT | FLOOR | RETURNED) {
            1 => RecordKey::Structure,
            2 => RecordKey::Service(id()?),
            3 => RecordKey::Capacity(id()?),
            4 => RecordKey::Endorsement(StructureId::from_slice(key.get(KIND_AT + 1..)?)?),
            _ => return None,
        };
        Some((structure, subject))
    };
    read().ok_or_else(|| StoreError::Corrupt("the key of a directory document".to_owned()))
}

pub(super) fn encode_floor(floor: Floor) -> Vec<u8> {
    [floor.sequence.to_be_bytes(), floor.until.0.to_be_bytes()].concat()
}

/// Reads the body of a floor's document.
///
/// # Errors
/// [`StoreError::Corrupt`] when it is none.
pub(super) fn read_floor(body: &[u8]) -> Result<Floor, StoreError> {
    let (sequence, until) = body.split_at_checked(8).unwrap_or_default();
    match (sequence.try_into(), until.try_into()) {
        (Ok(sequence), Ok(until)) => {
            Ok(Floor { sequence: u64::from_be_bytes(sequence), until: Timestamp(i64::from_be_bytes(until)) })
        }
        _ => Err(StoreError::Corrupt("a floor of the directory".to_owned())),
    }
}

pub(super) fn write(key: Vec<u8>, body: Option<Vec<u8>>) -> DocumentWrite {
    DocumentWrite { shelf: Shelf::Record, key, expected_version: Expected::Any, body }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_key_is_about_is_read_back() {
        let structure = StructureId::of_root_spki(b"a");
        let id = || ServiceId::parse("essai--1/é").unwrap();
        for subject in [RecordKey::Structure, RecordKey::Service(id()), RecordKey::Capacity(id())] {
            for holds in [Holds::Record, Holds::Floor, Holds::Conflict, Holds::Returned] {
                let key = document_key(structure, &subject, holds);
                assert_eq!(Holds::of(&key), holds);
                assert_eq!(subject_of(&key).unwrap(), (structure, subject.clone()));
            }
        }
        for key in [&[][..], &[1; 32], &[0x0f; 33], &[2; 33]] {
            assert!(subject_of(key).is_err());
        }
    }

    #[test]
    fn a_root_is_read_back_and_nothing_else_is() {
        let (structure, root) = (StructureId::of_root_spki(b"a"), Digest::of(b"root"));
        let key = root_key(structure);
        assert_eq!(Holds::of(&key), Holds::Root);
        assert_eq!(read_root(&key, root.as_bytes()).unwrap(), (structure, root));
        assert!(read_root(&key[..31], root.as_bytes()).is_err() && read_root(&key, &[1; 31]).is_err());
    }

    #[test]
    fn a_floor_is_read_back_and_nothing_else_is() {
        let floor = Floor { sequence: 7, until: Timestamp(-9) };
        assert_eq!(read_floor(&encode_floor(floor)).unwrap(), floor);
        for body in [&[][..], &[1; 15], &[1; 17]] {
            assert!(read_floor(body).is_err());
        }
    }
}
