//! The codes on the slips of the persons whose agreement this structure recorded.
//!
//! A code follows from the consent's random id and a key of this node, so that a slip can be printed again and no code is
//! kept. A consent carries a hash of its code under another key: whoever holds the consent cannot find the code by trying
//! them all. Both keys come from the key that wraps what is at rest: it lies in one file, and no rotation of the root or
//! of what the manifest names changes it.

use super::session::Rpc;
use super::{Caller, Desk};
use aws_lc_rs::hkdf::{self, HKDF_SHA256};
use aws_lc_rs::hmac;
use relais_domain::consent::{SignedConsent, Standing};
use relais_domain::digest::Digest;
use relais_domain::event::Side;
use relais_domain::id::ConsentId;
use relais_domain::stop_code::StopCode;
use relais_domain::structure_id::StructureId;
use relais_domain::thread::Thread;
use relais_domain::time::Timestamp;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What the key of the codes is derived under.
const CODE_LABEL: &[u8] = b"relais/stop-code/code-key/1";
/// What the key of their hashes is derived under.
const HASH_LABEL: &[u8] = b"relais/stop-code/hash-key/1";

/// Makes the stop codes of one structure.
#[derive(Clone)]
pub struct StopCodes {
    structure: StructureId,
    code_key: Arc<hmac::Key>,
    hash_key: Arc<hmac::Key>,
}

impl std::fmt::Debug for StopCodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StopCodes")
    }
}

impl StopCodes {
    /// The codes of a structure whose node has this key.
    pub fn new(structure: StructureId, node_key: &[u8; 32]) -> Self {
        let secret = hkdf::Salt::new(HKDF_SHA256, &[]).extract(node_key);
        let key = |label| Arc::new(hmac::Key::new(hmac::HMAC_SHA256, derived(&secret, label).as_slice()));
        Self { structure, code_key: key(CODE_LABEL), hash_key: key(HASH_LABEL) }
    }

    /// The code of a consent.
    pub(super) fn code(&self, consent: ConsentId) -> StopCode {
        StopCode::new(self.structure, &mac(&self.code_key, consent.as_bytes()))
    }

    /// What a consent says of its code.
    pub(super) fn hash(&self, code: &StopCode) -> Digest {
        mac(&self.hash_key, code.secret())
    }

    /// The code that stops this thread's consent, while it holds: only at the structure that collected it, and only one
    /// that the consent itself names.
    pub(super) fn of_thread(&self, thread: &Thread, now: Timestamp) -> Option<StopCode> {
        let SignedConsent { consent, .. } = thread.consent.as_ref()?;
        let ours = thread.side == Side::Sender && consent.collected_by.structure == self.structure;
        let holds = thread.standing == Standing::Active && now < thread.valid_until;
        let code = self.code(consent.id);
        (ours && holds && consent.stop_code == Some(self.hash(&code))).then_some(code)
    }
}

impl Desk {
    /// The twelve symbols on the person's slip, for who may act; empty for anyone else and once the consent is over.
    pub(super) fn stop_code(&self, thread: &Thread, caller: &Caller) -> String {
        if !caller.may(Rpc::Act) {
            return String::new();
        }
        let now = self.engine.clock().now();
        self.stop_codes.of_thread(thread, now).map(|code| code.compact()).unwrap_or_default()
    }
}

fn derived(secret: &hkdf::Prk, label: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    secret
        .expand(&[label], HKDF_SHA256)
        .and_then(|drawn| drawn.fill(key.as_mut_slice()))
        .expect("HKDF-SHA-256 gives 32 bytes under a short label");
    key
}

fn mac(key: &hmac::Key, bytes: &[u8]) -> Digest {
    let tag = hmac::sign(key, bytes);
    Digest::from_slice(tag.as_ref()).expect("HMAC-SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests;
