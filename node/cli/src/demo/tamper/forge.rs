//! The forged referral: well formed, truly signed, sealed to the right key, and wider than the agreement it carries.
//!
//! `compose` of the node refuses to sign it, so it is put together here piece by piece.

use super::{Cheat, defect};
use crate::demo::cast::{COMMUNE, THEME_ONLINE};
use crate::demo::end::there;
use crate::exit::Failure;
use prost::Message as _;
use relais_domain::class::{DataClass, Stage};
use relais_domain::consent::{
    Consent, Given, GivenHow, Interpreter, LegalBasis, Notice, Party, Presence, Purpose, SignedConsent,
    TeachBack,
};
use relais_domain::content::{Content, FeedbackLevel, Level, Name, Need, Times, Urgency};
use relais_domain::digest::Digest;
use relais_domain::id::{ConsentId, MessageId, ServiceId, ThreadId};
use relais_domain::personal::Personal;
use relais_domain::territory::Territory;
use relais_domain::theme::Theme;
use relais_domain::time::{Span, Timestamp};
use relais_proto::peer::v1 as proto;
use relais_wire::dsse::{PayloadType, Signed};
use relais_wire::manifest::chain::Chain;
use relais_wire::seal::{self, Part};
use relais_wire::{consent, content};

/// How long the forged agreement holds.
const CONSENT_LIFETIME: Span = Span::days(90);
/// How long an answer is awaited.
const DEADLINE: Span = Span::hours(72);
/// Format of the skeleton.
const SKELETON_VERSION: u32 = 1;

/// What is forged, for whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'a> {
    /// The partner it is sent to.
    pub(crate) partner: &'a Chain,
    /// The service asked.
    pub(crate) service: &'a str,
    /// What the person agreed to tell.
    pub(crate) agreed: &'a [DataClass],
    /// Whose name is told all the same.
    pub(crate) given: &'a str,
}

/// A forged envelope.
#[derive(Debug)]
pub(crate) struct Forged {
    /// Its message.
    pub(crate) message: MessageId,
    /// Its thread.
    pub(crate) thread: ThreadId,
    /// Its bytes.
    pub(crate) envelope: Vec<u8>,
}

/// Forges a referral that tells level and name whatever was agreed.
///
/// # Errors
/// [`Failure`] when the pieces do not fit.
pub(crate) fn forge(cheat: &Cheat, case: &Case<'_>) -> Result<Forged, Failure> {
    let now = cheat.clock.now();
    let agreement = agreement(cheat, case, now)?;
    let digest = agreement.digest;
    let parts = salted(cheat, &wide(case, agreement, now)?);
    let (message, thread) =
        (MessageId::from_random(cheat.dice.bytes()), ThreadId::from_random(cheat.dice.bytes()));
    let skeleton = proto::EventSkeleton {
        version: SKELETON_VERSION,
        thread_kind: proto::ThreadKind::Referral.into(),
        kind: proto::EventKind::Sent.into(),
        author_id: cheat.id().as_bytes().to_vec(),
        author_manifest_sequence: cheat.own.manifest(),
        recipient_id: case.partner.structure().as_bytes().to_vec(),
        message_id: message.as_bytes().to_vec(),
        thread_id: thread.as_bytes().to_vec(),
        day: now.day().0,
        sequence: 1,
        previous_hash: Vec::new(),
        seen: None,
        consent_digest: digest.as_bytes().to_vec(),
        commitments: parts.iter().map(committed).collect(),
    };
    let signed = Signed::sign(PayloadType::Envelope, skeleton.encode_to_vec(), cheat.own.signing());
    let key = there("the partner's sealing key", case.partner.seal_key())?;
    let sealed = seal::seal(parts, &key, &signed.identity(), &mut cheat.dice.generator()).map_err(defect)?;
    let envelope = proto::Envelope {
        payload: signed.payload_unverified().to_vec(),
        signature: signed.signature().to_vec(),
        sealed: Some(sealed.to_proto()),
    };
    Ok(Forged { message, thread, envelope: envelope.encode_to_vec() })
}

/// The agreement, truly signed: it covers what the person agreed to, and no more.
fn agreement(cheat: &Cheat, case: &Case<'_>, now: Timestamp) -> Result<SignedConsent, Failure> {
    let party = |structure| Party { structure, site: None };
    let agreed = Consent {
        id: ConsentId::from_random(cheat.dice.bytes()),
        version: 1,
        supersedes: None,
        collected_by: party(cheat.id()),
        recipient: party(case.partner.structure()),
        purpose: Purpose::Referral,
        themes: [theme()?].into(),
        classes: case.agreed.iter().copied().collect(),
        name_stage: Stage::Two,
        feedback: FeedbackLevel::Accepted,
        onward: [].into(),
        valid_from: now,
        valid_until: now.plus(CONSENT_LIFETIME),
        collector_basis: LegalBasis::Agreement,
        recipient_basis: LegalBasis::Agreement,
        given: Given {
            how: GivenHow::Oral,
            language: "fr".to_owned(),
            interpreter: Interpreter::None,
            teach_back: TeachBack::NotDone,
            presence: Presence::None,
        },
        notice: Notice { id: "notice".to_owned(), language: "fr".to_owned(), text: Digest::of(b"") },
        stop_code: None,
    };
    Ok(consent::sign(&agreed, cheat.own.signing(), cheat.own.manifest()))
}

fn theme() -> Result<Theme, Failure> {
    there("the theme", Theme::parse(THEME_ONLINE))
}

/// What is told: need, level and name.
fn wide(case: &Case<'_>, agreement: SignedConsent, now: Timestamp) -> Result<Content, Failure> {
    let need = Need {
        themes: vec![theme()?],
        urgency: Urgency::Soon,
        territory: Territory::parse(COMMUNE).map_err(defect)?,
        service: there("the service", ServiceId::parse(case.service))?,
        site: None,
        feedback: FeedbackLevel::Accepted,
        walk_in: None,
    };
    let personal = |text: &str| Personal::new(text.to_owned());
    Ok(Content {
        consent: Some(agreement),
        need: Some(need),
        level: Some(Level { digital_autonomy: Some(1), ..Level::default() }),
        name: Some(Name { given: personal(case.given), family: personal("X") }),
        times: Some(Times {
            created: now,
            deadline: Some(now.plus(DEADLINE)),
            not_before: None,
            offer_until: None,
        }),
        ..Content::default()
    })
}

fn salted(cheat: &Cheat, content: &Content) -> Vec<Part> {
    let encoded = content::encode(content).into_iter();
    encoded.map(|(class, bytes)| Part { class, salt: cheat.dice.bytes(), bytes }).collect()
}

fn committed(part: &Part) -> proto::PartCommitment {
    proto::PartCommitment { part: part.class, hmac: seal::commitment(part).as_bytes().to_vec() }
}
