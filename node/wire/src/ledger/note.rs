//! Signed notes (C2SP signed-note, Ed25519 signatures of type 0x01): a text, a blank line, signature lines.

use super::{CheckpointError, NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX};
use crate::keys::{SIGNATURE_BYTES, SigningSecret, VerifyKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use relais_domain::digest::Digest;

const KEY_ID_LENGTH: usize = 4;
const ED25519: u8 = 0x01;
const SIGNATURE_MARK: &str = "\u{2014} ";

type KeyId = [u8; KEY_ID_LENGTH];

/// The first four bytes of SHA-256(name, newline, 0x01, public key).
pub(super) fn key_id(name: &str, key: &VerifyKey) -> KeyId {
    let digest = Digest::of_parts(&[name.as_bytes(), b"\n", &[ED25519], key.as_bytes()]);
    let [first, second, third, fourth, ..] = digest.0;
    [first, second, third, fourth]
}

/// Signs `text`, which ends in a newline, and appends the signature line.
pub(super) fn sign(text: &str, name: &str, key: &SigningSecret) -> String {
    let signature = key.sign_note(text.as_bytes());
    let bytes = [&key_id(name, &key.verify_key())[..], &signature].concat();
    format!("{text}\n{SIGNATURE_MARK}{name} {}\n", STANDARD.encode(bytes))
}

/// A note taken apart, nothing verified.
pub(super) struct Note<'a> {
    /// The signed text, with its final newline.
    pub(super) text: &'a str,
    signatures: Vec<SignatureLine<'a>>,
}

struct SignatureLine<'a> {
    name: &'a str,
    key_id: KeyId,
    signature: Vec<u8>,
}

impl<'a> Note<'a> {
    pub(super) fn parse(note: &'a str) -> Result<Self, CheckpointError> {
        if note.len() > NOTE_BYTES_MAX {
            return Err(CheckpointError::TooLong { bytes: note.len() });
        }
        if let Some(position) = note.find(|c: char| c < ' ' && c != '\n') {
            return Err(CheckpointError::ControlCharacter { line: line_at(note, position) });
        }
        let blank = note.rfind("\n\n").ok_or(CheckpointError::NoSignatures)?;
        let (text, signatures) = (&note[..=blank], &note[blank + 2..]);
        let first = line_at(note, blank + 2);
        if signatures.is_empty() {
            return Err(CheckpointError::NoSignatures);
        }
        let lines = signatures.strip_suffix('\n').ok_or(CheckpointError::NoFinalNewline)?.split('\n');
        let signatures = (first..)
            .zip(lines)
            .map(|(line, text)| SignatureLine::parse(text).ok_or(CheckpointError::SignatureLine { line }))
            .collect::<Result<Vec<_>, _>>()?;
        if signatures.len() > NOTE_SIGNATURES_MAX {
            return Err(CheckpointError::TooManySignatures { count: signatures.len() });
        }
        Ok(Self { text, signatures })
    }

    /// The text, once at least one signature is by this key and every one that claims to be is good. Signatures by
    /// other keys are ignored, as signed-note demands.
    pub(super) fn verified(self, name: &str, key: &VerifyKey) -> Result<&'a str, CheckpointError> {
        let key_id = key_id(name, key);
        let mut ours =
            self.signatures.iter().filter(|line| line.name == name && line.key_id == key_id).peekable();
        if ours.peek().is_none() {
            return Err(CheckpointError::NotSigned);
        }
        for line in ours {
            let signature: &[u8; SIGNATURE_BYTES] =
                line.signature.as_slice().try_into().map_err(|_| CheckpointError::BadSignature)?;
            if !key.verifies_note(self.text.as_bytes(), signature) {
                return Err(CheckpointError::BadSignature);
            }
        }
        Ok(self.text)
    }
}

impl<'a> SignatureLine<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix(SIGNATURE_MARK)?.split_once(' ')?;
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '+') {
            return None;
        }
        let mut bytes = STANDARD.decode(encoded).ok()?;
        let key_id: KeyId = bytes.get(..KEY_ID_LENGTH)?.try_into().ok()?;
        let signature = bytes.split_off(KEY_ID_LENGTH);
        (!signature.is_empty()).then_some(Self { name, key_id, signature })
    }
}

/// The line, counted from 1, on which byte `position` stands.
fn line_at(text: &str, position: usize) -> usize {
    text.bytes().take(position).filter(|byte| *byte == b'\n').count() + 1
}
