//! The consent as signed bytes: made by the structure that collected it, read by the one it is for.
//!
//! Its digest is the SHA-256 of the DSSE pre-authentication encoding of the exact payload: all that survives it.

use crate::content::{ContentError, PartKind};
use crate::dsse::{self, DsseError, PayloadType, Signed};
use crate::field::{self, BadField, Problem};
use crate::keys::{SIGNATURE_BYTES, SigningSecret, VerifyKey};
use prost::Message as _;
use relais_domain::class::{DataClass, Stage};
use relais_domain::consent::{
    Consent, Given, GivenHow, Interpreter, LegalBasis, Notice, Party, Presence, Purpose, SignedConsent,
    TeachBack,
};
use relais_domain::content::FeedbackLevel;
use relais_domain::id::{ConsentId, SiteId};
use relais_domain::limits;
use relais_domain::structure_id::StructureId;
use relais_domain::theme::Theme;
use relais_domain::time::Timestamp;
use relais_proto::peer::v1 as proto;
use std::collections::BTreeSet;

/// Longest consent, in bytes as signed.
pub const CONSENT_BYTES_MAX: usize = 8 * 1024;
/// The format written and read.
pub const CONSENT_FORMAT: u32 = 1;

/// Signs a consent with the collector's key, which its manifest of sequence `manifest` names.
pub fn sign(consent: &Consent, key: &SigningSecret, manifest: u64) -> SignedConsent {
    let payload = to_proto(consent).encode_to_vec();
    let signed = Signed::sign(PayloadType::Consent, payload, key);
    SignedConsent {
        consent: consent.clone(),
        payload: signed.payload_unverified().to_vec(),
        signature: *signed.signature(),
        manifest,
        digest: signed.identity(),
    }
}

/// Reads a signed consent; the signature is not checked yet.
///
/// # Errors
/// [`ContentError`] names the first field that is not as [`sign`] would have written it.
pub fn read(payload: &[u8], signature: &[u8], manifest: u64) -> Result<SignedConsent, ContentError> {
    read_signed(payload, signature, manifest).map_err(in_consent)
}

/// Checks that one of the collector's keys signed.
///
/// # Errors
/// [`DsseError::Signature`].
pub fn verify(signed: &SignedConsent, keys: &[VerifyKey]) -> Result<(), DsseError> {
    let encoding = dsse::pre_authentication_encoding(PayloadType::Consent, &signed.payload);
    let good = keys.iter().any(|key| key.verifies(&encoding, &signed.signature));
    if good { Ok(()) } else { Err(DsseError::Signature) }
}

/// The message of a signed consent.
pub fn signed_to_proto(signed: &SignedConsent) -> proto::SignedConsent {
    proto::SignedConsent {
        payload: signed.payload.clone(),
        signature: signed.signature.to_vec(),
        manifest_sequence: signed.manifest,
    }
}

/// Reads the message of a signed consent; the signature is not checked yet.
///
/// # Errors
/// [`ContentError`] names the first wrong field.
pub fn signed_from_proto(message: proto::SignedConsent) -> Result<SignedConsent, ContentError> {
    read(&message.payload, &message.signature, message.manifest_sequence)
}

/// The message of a consent, as it is signed.
pub fn to_proto(consent: &Consent) -> proto::Consent {
    proto::Consent {
        format: CONSENT_FORMAT,
        consent_id: consent.id.as_bytes().to_vec(),
        version: consent.version,
        supersedes: field::digest_bytes(consent.supersedes),
        collected_by: Some(party_to_proto(&consent.collected_by)),
        recipient: Some(party_to_proto(&consent.recipient)),
        purpose: consent.purpose.number().cast_signed(),
        themes: consent.themes.iter().map(|theme| theme.code().to_owned()).collect(),
        classes: field::numbers(&consent.classes, DataClass::number),
        name_stage: stage_number(consent.name_stage).cast_signed(),
        feedback: consent.feedback.number().cast_signed(),
        onward: consent.onward.iter().map(|structure| structure.as_bytes().to_vec()).collect(),
        valid_from_ms: consent.valid_from.0,
        valid_until_ms: consent.valid_until.0,
        collector_basis: consent.collector_basis.number().cast_signed(),
        recipient_basis: consent.recipient_basis.number().cast_signed(),
        given: Some(given_to_proto(&consent.given)),
        notice: Some(notice_to_proto(&consent.notice)),
        stop_code_hash: field::digest_bytes(consent.stop_code),
    }
}

/// Reads the message of a consent. Whether it is well formed in the domain's sense is [`Consent::check`]'s to say.
///
/// # Errors
/// [`ContentError`] names the first wrong field.
pub fn from_proto(message: &proto::Consent) -> Result<Consent, ContentError> {
    document(message).map_err(in_consent)
}

fn in_consent(bad: BadField) -> ContentError {
    ContentError::at(PartKind::Consent, bad)
}

fn read_signed(payload: &[u8], signature: &[u8], manifest: u64) -> Result<SignedConsent, BadField> {
    if payload.len() > CONSENT_BYTES_MAX {
        return Err(BadField::new("payload", Problem::TooLong));
    }
    let signature: Option<[u8; SIGNATURE_BYTES]> = signature.try_into().ok();
    let consent = document(&field::message(payload)?)?;
    field::canonical(payload, &to_proto(&consent))?;
    Ok(SignedConsent {
        consent,
        payload: payload.to_vec(),
        signature: field::valid("signature", signature)?,
        manifest: field::nonzero("manifest_sequence", manifest)?,
        digest: dsse::identity(PayloadType::Consent, payload),
    })
}

fn document(message: &proto::Consent) -> Result<Consent, BadField> {
    if message.format != CONSENT_FORMAT {
        return Err(BadField::new("format", Problem::UnknownVersion));
    }
    Ok(Consent {
        id: field::bytes("consent_id", &message.consent_id, ConsentId::from_slice)?,
        version: field::nonzero("version", message.version)?,
        supersedes: field::optional_digest("supersedes", &message.supersedes)?,
        collected_by: party("collected_by", message.collected_by.as_ref())?,
        recipient: party("recipient", message.recipient.as_ref())?,
        purpose: field::code("purpose", message.purpose, Purpose::from_number)?,
        themes: themes(&message.themes)?,
        classes: field::codes("classes", &message.classes, DataClass::from_number)?,
        name_stage: field::code("name_stage", message.name_stage, stage)?,
        feedback: field::code("feedback", message.feedback, FeedbackLevel::from_number)?,
        onward: onward(&message.onward)?,
        valid_from: Timestamp(message.valid_from_ms),
        valid_until: Timestamp(message.valid_until_ms),
        collector_basis: field::code("collector_basis", message.collector_basis, LegalBasis::from_number)?,
        recipient_basis: field::code("recipient_basis", message.recipient_basis, LegalBasis::from_number)?,
        given: given(field::required("given", message.given.as_ref())?)?,
        notice: notice(field::required("notice", message.notice.as_ref())?)?,
        stop_code: field::optional_digest("stop_code_hash", &message.stop_code_hash)?,
    })
}

fn themes(codes: &[String]) -> Result<BTreeSet<Theme>, BadField> {
    if codes.len() > limits::LIST_ENTRIES_MAX {
        return Err(BadField::new("themes", Problem::TooMany));
    }
    let mut themes = BTreeSet::new();
    for code in codes {
        field::insert("themes", &mut themes, field::theme("themes", code)?)?;
    }
    Ok(themes)
}

fn onward(ids: &[Vec<u8>]) -> Result<BTreeSet<StructureId>, BadField> {
    if ids.len() > limits::LIST_ENTRIES_MAX {
        return Err(BadField::new("onward", Problem::TooMany));
    }
    let mut onward = BTreeSet::new();
    for id in ids {
        field::insert("onward", &mut onward, field::structure("onward", id)?)?;
    }
    Ok(onward)
}

fn party_to_proto(party: &Party) -> proto::ConsentParty {
    proto::ConsentParty {
        structure_id: party.structure.as_bytes().to_vec(),
        site_id: party.site.map(|site| site.as_bytes().to_vec()).unwrap_or_default(),
    }
}

/// Reads one of the two parties; an error names the party.
fn party(name: &'static str, message: Option<&proto::ConsentParty>) -> Result<Party, BadField> {
    let message = field::required(name, message)?;
    Ok(Party {
        structure: field::structure(name, &message.structure_id)?,
        site: field::optional_bytes(name, &message.site_id, SiteId::from_slice)?,
    })
}

fn given_to_proto(given: &Given) -> proto::ConsentGiven {
    proto::ConsentGiven {
        how: given.how.number().cast_signed(),
        language: given.language.clone(),
        interpreter: given.interpreter.number().cast_signed(),
        teach_back: given.teach_back.number().cast_signed(),
        presence: given.presence.number().cast_signed(),
    }
}

fn given(message: &proto::ConsentGiven) -> Result<Given, BadField> {
    Ok(Given {
        how: field::code("given.how", message.how, GivenHow::from_number)?,
        language: field::language("given.language", message.language.clone())?,
        interpreter: field::code("given.interpreter", message.interpreter, Interpreter::from_number)?,
        teach_back: field::code("given.teach_back", message.teach_back, TeachBack::from_number)?,
        presence: field::code("given.presence", message.presence, Presence::from_number)?,
    })
}

fn notice_to_proto(notice: &Notice) -> proto::ConsentNotice {
    proto::ConsentNotice {
        notice_id: notice.id.clone(),
        language: notice.language.clone(),
        text_hash: field::digest_bytes(Some(notice.text)),
    }
}

fn notice(message: &proto::ConsentNotice) -> Result<Notice, BadField> {
    Ok(Notice {
        id: field::text("notice.notice_id", message.notice_id.clone())?,
        language: field::language("notice.language", message.language.clone())?,
        text: field::digest("notice.text_hash", &message.text_hash)?,
    })
}

const fn stage_number(stage: Stage) -> u32 {
    match stage {
        Stage::One => 1,
        Stage::Two => 2,
    }
}

fn stage(number: u32) -> Option<Stage> {
    [Stage::One, Stage::Two].into_iter().find(|stage| stage_number(*stage) == number)
}

#[cfg(test)]
mod tests;
