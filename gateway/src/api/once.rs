//! One effect per Idempotency-Key: the key becomes the id of the call, which the node carries out once.
//!
//! The node answers a repeated id as it did the first time, whatever else it is told. So that a key that is used by mistake
//! for another request is not taken for done, the gateway remembers for a while what the latest keys stood for. It is a
//! help to who writes the software: after a restart, a key that was used is answered as the first time.

use super::problem::Problem;
use aws_lc_rs::digest::{Context, SHA256, digest};
use axum::http::HeaderMap;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// The header that bears the key.
const HEADER: &str = "idempotency-key";
/// Fewest characters of a key: too few would be used twice by chance.
const KEY_CHARS_MIN: usize = 16;
/// Most characters of a key.
const KEY_CHARS_MAX: usize = 64;
/// Bytes of a call's id.
const ID_BYTES: usize = 16;
/// Keys that are remembered.
const REMEMBERED_MAX: usize = 4_096;

/// The id of a call: what its key and its integration alone make.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct CallId(Vec<u8>);

impl CallId {
    /// The id of a request's key, under the token that bears it.
    ///
    /// # Errors
    /// The key is missing, there twice, or has the wrong form.
    pub(super) fn read(headers: &HeaderMap, token: &[u8]) -> Result<Self, Problem> {
        let mut values = headers.get_all(HEADER).iter();
        let (Some(value), None) = (values.next(), values.next()) else { return Err(Problem::key()) };
        let key = value.as_bytes();
        let is_long_enough = (KEY_CHARS_MIN..=KEY_CHARS_MAX).contains(&key.len());
        if !is_long_enough || !key.iter().all(u8::is_ascii_graphic) {
            return Err(Problem::key());
        }
        let mut hash = Context::new(&SHA256);
        hash.update(digest(&SHA256, token).as_ref());
        hash.update(key);
        Ok(Self(hash.finish().as_ref()[..ID_BYTES].to_vec()))
    }

    /// Its bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.0.clone()
    }
}

/// What a request asks, in so few bytes that nothing of it can be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Print(Vec<u8>);

impl Print {
    /// The print of what is asked at an address.
    pub(super) fn of(path: &str, body: &[u8]) -> Self {
        let mut hash = Context::new(&SHA256);
        hash.update(digest(&SHA256, path.as_bytes()).as_ref());
        hash.update(body);
        Self(hash.finish().as_ref().to_vec())
    }
}

/// What the latest keys stood for.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    prints: HashMap<CallId, Print>,
    order: VecDeque<CallId>,
}

impl Memory {
    /// Whether the id is free, or stands for just this.
    ///
    /// # Errors
    /// It stands for something else.
    pub(super) fn check(&self, id: &CallId, print: &Print) -> Result<(), Problem> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.prints.get(id) {
            Some(known) if known != print => Err(Problem::key_reused()),
            Some(_) | None => Ok(()),
        }
    }

    /// The node did what the id stands for.
    pub(super) fn keep(&self, id: CallId, print: Print) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.prints.insert(id.clone(), print).is_some() {
            return;
        }
        kept.order.push_back(id);
        if kept.order.len() > REMEMBERED_MAX
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.prints.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn id(key: &str, token: &[u8]) -> Result<CallId, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_bytes(key.as_bytes()).unwrap());
        CallId::read(&headers, token)
    }

    #[test]
    fn a_key_makes_one_id_for_each_integration() {
        let key = "0123456789abcdef";
        let one = id(key, b"one").unwrap();
        assert_eq!(one.bytes().len(), ID_BYTES);
        assert_eq!(one, id(key, b"one").unwrap());
        assert_ne!(one, id(key, b"other").unwrap());
        assert_ne!(one, id("0123456789abcdeF", b"one").unwrap());
    }

    #[test]
    fn a_key_of_another_form_is_refused() {
        for bad in ["", &"a".repeat(15), &"a".repeat(65), "0123456789 bcdef", "0123456789abcdé"] {
            assert_eq!(id(bad, b"one"), Err(Problem::key()), "{bad}");
        }
        assert!(id(&"a".repeat(16), b"one").is_ok() && id(&"a".repeat(64), b"one").is_ok());
        let mut twice = HeaderMap::new();
        twice.append(HEADER, HeaderValue::from_static("0123456789abcdef"));
        twice.append(HEADER, HeaderValue::from_static("0123456789abcdef"));
        assert_eq!(CallId::read(&twice, b"one"), Err(Problem::key()));
        assert_eq!(CallId::read(&HeaderMap::new(), b"one"), Err(Problem::key()));
    }

    #[test]
    fn a_key_stands_for_one_request() {
        let memory = Memory::default();
        let (one, print) = (id("0123456789abcdef", b"one").unwrap(), Print::of("/a", b"{}"));
        memory.check(&one, &print).unwrap();
        memory.keep(one.clone(), print.clone());
        memory.check(&one, &print).unwrap();
        for other in [Print::of("/a", b"{ }"), Print::of("/b", b"{}")] {
            assert_eq!(memory.check(&one, &other), Err(Problem::key_reused()));
        }
    }

    #[test]
    fn the_memory_is_bounded() {
        let memory = Memory::default();
        for number in 0..=REMEMBERED_MAX {
            memory.keep(CallId(number.to_be_bytes().to_vec()), Print::of("/a", b""));
        }
        let kept = memory.0.lock().unwrap();
        assert_eq!((kept.prints.len(), kept.order.len()), (REMEMBERED_MAX, REMEMBERED_MAX));
        assert!(!kept.prints.contains_key(&CallId(0_usize.to_be_bytes().to_vec())));
    }
}
