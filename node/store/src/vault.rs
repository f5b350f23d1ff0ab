//! Sealing at rest: the node key wraps data keys, a data key seals what concerns a person (AES-256-GCM).
//!
//! There is one data key for each part of a thread's content and one for each personal document, so that destroying
//! the key destroys exactly that, in every copy. Sealed bytes are bound to what they are and where they lie: moved
//! elsewhere they do not open. No key ever prints.
//!
//! Layout of sealed bytes: version (1), nonce (12), ciphertext, tag (16). Nonces are random (NIST SP 800-38D §8.2.2);
//! a key seals far fewer than 2^32 times.

use crate::StoreError;
use crate::rows::Shelf;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use relais_domain::content::ContentPart;
use relais_domain::event::Side;
use relais_domain::id::ThreadId;
use std::fmt;
use zeroize::{Zeroize as _, Zeroizing};

/// Length of a key, in bytes.
pub const KEY_LENGTH: usize = 32;
/// How many bytes sealing adds.
pub const OVERHEAD: usize = 1 + NONCE_LEN + TAG_LENGTH;

const VERSION: u8 = 1;
const TAG_LENGTH: usize = 16;
const WRAPS: &[u8] = b"relais data key\0";
const SEALS: &[u8] = b"relais content\0";
const PROVES: &[u8] = b"relais node key\0";

/// What a data key is for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    /// One part of a thread's content.
    Part(ThreadId, ContentPart),
    /// One personal document.
    Document(Shelf, Vec<u8>),
}

/// Where sealed bytes lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The content of one event.
    Event(Side, u32),
    /// The content of one local step, by its position from 0.
    Step(u32),
    /// The prepared stage 2.
    Prepared,
    /// The body of a document.
    Body,
}

/// The key of the node: it wraps every data key, and opens nothing else.
pub struct NodeKey(Zeroizing<[u8; KEY_LENGTH]>);

/// The key of one [`Subject`].
pub struct DataKey(Zeroizing<[u8; KEY_LENGTH]>);

impl Subject {
    const PART: u8 = 1;
    const DOCUMENT: u8 = 2;

    /// The subject as bytes: a tag, then thread and part, or shelf and key.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Part(thread, part) => {
                [&[Self::PART][..], thread.as_bytes(), &[byte(part.number())]].concat()
            }
            Self::Document(shelf, key) => [&[Self::DOCUMENT, byte(shelf.number())][..], key].concat(),
        }
    }

    /// Reads the bytes of a subject; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (tag, rest) = bytes.split_first()?;
        match *tag {
            Self::PART => {
                let (part, thread) = rest.split_last()?;
                Some(Self::Part(ThreadId::from_slice(thread)?, ContentPart::from_number(u32::from(*part))?))
            }
            Self::DOCUMENT => {
                let (shelf, key) = rest.split_first()?;
                let shelf = Shelf::ALL.iter().find(|known| known.number() == i64::from(*shelf))?;
                Some(Self::Document(*shelf, key.to_vec()))
            }
            _ => None,
        }
    }
}

/// A stored number as one byte; all of ours are small.
fn byte(number: impl TryInto<u8>) -> u8 {
    number.try_into().unwrap_or(u8::MAX)
}

impl Place {
    fn to_bytes(self) -> Vec<u8> {
        match self {
            Self::Event(side, sequence) => [&[1, byte(side.number())][..], &sequence.to_be_bytes()].concat(),
            Self::Step(position) => [&[2][..], &position.to_be_bytes()].concat(),
            Self::Prepared => vec![3],
            Self::Body => vec![4],
        }
    }
}

impl NodeKey {
    /// Takes the key over and wipes where it came from.
    pub fn from_bytes(bytes: &mut [u8; KEY_LENGTH]) -> Self {
        let key = Self(Zeroizing::new(*bytes));
        bytes.zeroize();
        key
    }

    /// Wraps the data key of `subject`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the system gives no randomness.
    pub fn wrap(&self, subject: &Subject, key: &DataKey) -> Result<Vec<u8>, StoreError> {
        seal(&self.0, &[WRAPS, &subject.to_bytes()].concat(), key.0.as_slice())
    }

    /// Unwraps the data key of `subject`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when another node key wrapped it, or it was altered or moved.
    pub fn unwrap_key(&self, subject: &Subject, wrapped: &[u8]) -> Result<DataKey, StoreError> {
        let bytes = Zeroizing::new(open(&self.0, &[WRAPS, &subject.to_bytes()].concat(), wrapped)?);
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        if bytes.len() != KEY_LENGTH {
            return Err(StoreError::Corrupt("a wrapped key has not the length of a key".to_owned()));
        }
        key.copy_from_slice(&bytes);
        Ok(DataKey(key))
    }

    /// A proof of this key that tells nothing about it, made once when a store is laid out.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the system gives no randomness.
    pub fn proof(&self, store: &[u8]) -> Result<Vec<u8>, StoreError> {
        seal(&self.0, &[PROVES, store].concat(), &[])
    }

    /// Whether this is the key that made `proof` for `store`.
    pub fn proves(&self, store: &[u8], proof: &[u8]) -> bool {
        open(&self.0, &[PROVES, store].concat(), proof).is_ok()
    }
}

impl DataKey {
    /// A fresh key from the system's randomness.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the system gives none.
    pub fn fresh() -> Result<Self, StoreError> {
        let mut key = Zeroizing::new([0; KEY_LENGTH]);
        fill(key.as_mut_slice())?;
        Ok(Self(key))
    }

    /// Seals `plain`, which is of `subject` and lies at `place`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the system gives no randomness.
    pub fn seal(&self, subject: &Subject, place: Place, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        seal(&self.0, &content_aad(subject, place), plain)
    }

    /// Opens what [`DataKey::seal`] made for the same `subject` and `place`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for another key, subject or place, and for altered bytes.
    pub fn open(&self, subject: &Subject, place: Place, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        open(&self.0, &content_aad(subject, place), sealed)
    }
}

/// `N` bytes from the system's randomness.
///
/// # Errors
/// [`StoreError::Unavailable`] when the system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

fn fill(bytes: &mut [u8]) -> Result<(), StoreError> {
    aws_lc_rs::rand::fill(bytes)
        .map_err(|_| StoreError::Unavailable("the system gives no randomness".to_owned()))
}

/// Subject and place, the first preceded by its length so that no two pairs have the same bytes.
fn content_aad(subject: &Subject, place: Place) -> Vec<u8> {
    let subject = subject.to_bytes();
    let length = u32::try_from(subject.len()).unwrap_or(u32::MAX).to_be_bytes();
    [SEALS, &length, &subject, &place.to_bytes()].concat()
}

fn cipher(key: &[u8; KEY_LENGTH]) -> Result<LessSafeKey, StoreError> {
    let key = UnboundKey::new(&AES_256_GCM, key);
    key.map(LessSafeKey::new)
        .map_err(|_| StoreError::Unavailable("no AES-256-GCM on this machine".to_owned()))
}

fn seal(key: &[u8; KEY_LENGTH], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    let nonce: [u8; NONCE_LEN] = random()?;
    let mut sealed = Vec::with_capacity(plain.len() + OVERHEAD);
    sealed.push(VERSION);
    sealed.extend_from_slice(&nonce);
    let start = sealed.len();
    sealed.extend_from_slice(plain);
    let tag = cipher(key)?
        .seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(aad),
            sealed.get_mut(start..).unwrap_or_default(),
        )
        .map_err(|_| StoreError::Unavailable("sealing failed".to_owned()))?;
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

fn open(key: &[u8; KEY_LENGTH], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
    let unreadable =
        || StoreError::Corrupt("sealed bytes do not open: altered, moved, or another key".to_owned());
    let (version, rest) = sealed.split_first().ok_or_else(unreadable)?;
    if *version != VERSION {
        return Err(StoreError::Corrupt(format!("sealed bytes are of version {version}, unknown here")));
    }
    let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(unreadable)?;
    let mut bytes = ciphertext.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let length =
        cipher(key)?.open_in_place(nonce, Aad::from(aad), &mut bytes).map_err(|_| unreadable())?.len();
    bytes.truncate(length);
    Ok(bytes)
}

impl fmt::Debug for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NodeKey")
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part() -> Subject {
        Subject::Part(ThreadId::from_random([7; 16]), ContentPart::StageOne)
    }

    fn node_key(byte: u8) -> NodeKey {
        NodeKey::from_bytes(&mut [byte; KEY_LENGTH])
    }

    fn is_corrupt<T>(result: Result<T, StoreError>) -> bool {
        matches!(result, Err(StoreError::Corrupt(_)))
    }

    #[test]
    fn what_was_sealed_opens_at_its_place_alone() {
        let key = DataKey::fresh().unwrap();
        let place = Place::Event(Side::Sender, 1);
        let sealed = key.seal(&part(), place, b"Amina").unwrap();
        assert_eq!(sealed.len(), 5 + OVERHEAD);
        assert_eq!(key.open(&part(), place, &sealed).unwrap(), b"Amina");
        let elsewhere = [
            (part(), Place::Event(Side::Receiver, 1)),
            (part(), Place::Event(Side::Sender, 2)),
            (part(), Place::Prepared),
            (part(), Place::Step(1)),
            (Subject::Part(ThreadId::from_random([7; 16]), ContentPart::StageTwo), place),
            (Subject::Part(ThreadId::from_random([8; 16]), ContentPart::StageOne), place),
            (Subject::Document(Shelf::FollowUp, vec![7]), Place::Body),
        ];
        for (subject, place) in elsewhere {
            assert!(is_corrupt(key.open(&subject, place, &sealed)), "{subject:?} {place:?}");
        }
        assert!(is_corrupt(DataKey::fresh().unwrap().open(&part(), place, &sealed)));
    }

    #[test]
    fn every_altered_or_missing_byte_is_noticed() {
        let key = DataKey::fresh().unwrap();
        let sealed = key.seal(&part(), Place::Prepared, b"note").unwrap();
        for index in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[index] ^= 1;
            assert!(is_corrupt(key.open(&part(), Place::Prepared, &altered)), "byte {index}");
            assert!(is_corrupt(key.open(&part(), Place::Prepared, &sealed[..index])), "cut at {index}");
        }
    }

    #[test]
    fn the_same_bytes_are_never_sealed_alike() {
        let key = DataKey::fresh().unwrap();
        let seal = || key.seal(&part(), Place::Prepared, b"note").unwrap();
        assert_ne!(seal(), seal());
    }

    #[test]
    fn a_data_key_unwraps_for_its_subject_and_node_alone() {
        let key = DataKey::fresh().unwrap();
        let wrapped = node_key(1).wrap(&part(), &key).unwrap();
        let sealed = key.seal(&part(), Place::Prepared, b"note").unwrap();
        let again = node_key(1).unwrap_key(&part(), &wrapped).unwrap();
        assert_eq!(again.open(&part(), Place::Prepared, &sealed).unwrap(), b"note");
        let other = Subject::Document(Shelf::FollowUp, vec![7]);
        assert!(is_corrupt(node_key(1).unwrap_key(&other, &wrapped)));
        assert!(is_corrupt(node_key(2).unwrap_key(&part(), &wrapped)));
        assert!(is_corrupt(node_key(1).unwrap_key(&part(), &wrapped[..wrapped.len() - 1])));
    }

    #[test]
    fn a_proof_holds_for_its_key_and_store_alone() {
        let proof = node_key(1).proof(b"a").unwrap();
        assert!(node_key(1).proves(b"a", &proof));
        assert!(!node_key(2).proves(b"a", &proof));
        assert!(!node_key(1).proves(b"b", &proof));
    }

    #[test]
    fn subjects_go_there_and_back() {
        let document = |key: &[u8]| Subject::Document(Shelf::FollowUp, key.to_vec());
        for subject in [part(), document(b""), document(b"key")] {
            assert_eq!(Subject::from_bytes(&subject.to_bytes()), Some(subject));
        }
        let mut unknown_part = part().to_bytes();
        unknown_part[17] = 9;
        for bytes in [&[][..], &[1], &[2], &[3, 1], &[2, 99], &unknown_part] {
            assert_eq!(Subject::from_bytes(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn keys_print_as_nothing_and_the_source_is_wiped() {
        let mut bytes = [0xab; KEY_LENGTH];
        let key = NodeKey::from_bytes(&mut bytes);
        assert_eq!(bytes, [0; KEY_LENGTH]);
        assert_eq!(format!("{key:?} {:?}", DataKey::fresh().unwrap()), "NodeKey DataKey");
    }
}
