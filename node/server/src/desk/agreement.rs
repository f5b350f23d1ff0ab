//! The person's agreement as a form tells it, made into a signed consent for exactly one recipient.

use super::notice::{self, Occasion};
use super::open::structure;
use super::problems::Problems;
use super::threads::code;
use super::{Desk, answer};
use relais_domain::class::{DataClass, Stage};
use relais_domain::consent::{
    Consent, Given, GivenHow, Interpreter, LegalBasis, Notice, Party, Presence, SignedConsent, TeachBack,
};
use relais_domain::content::FeedbackLevel;
use relais_domain::id::{ConsentId, SiteId};
use relais_domain::limits;
use relais_domain::structure_id::StructureId;
use relais_domain::theme::Theme;
use relais_domain::time::Timestamp;
use relais_proto::desk::v1 as desk;
use relais_wire::manifest::StructureKind;
use std::collections::BTreeSet;
use tonic::Status;

impl Desk {
    /// The consent that the form describes, signed; `None` when something is wrong with it.
    pub(super) fn consent(
        &self,
        input: &desk::ConsentInput,
        recipient: StructureId,
        occasion: Occasion,
        problems: &mut Problems,
    ) -> Option<SignedConsent> {
        let now = self.engine.clock().now();
        let own = self.engine.own();
        let id = ConsentId::from_random(self.engine.dice().bytes());
        let valid_until = problems.take(valid_until(input, now));
        let site = problems.take(site(&input.site_id));
        let themes = problems.take(themes(&input.themes));
        let classes = problems.take(classes(&input.classes));
        let name_stage = problems.take(name_stage(input.name_stage));
        let feedback = problems.take(feedback(input.feedback));
        let onward = problems.take(onward(&input.onward));
        let collector_basis =
            problems.take(basis("consent.collector_basis", input.collector_basis, self.own_kind()));
        let recipient_basis =
            problems.take(basis("consent.recipient_basis", input.recipient_basis, self.kind_of(recipient)));
        let given = problems.take(given(input));
        let notice = problems.take(shown(input, occasion));
        let consent = Consent {
            id,
            version: 1,
            supersedes: None,
            collected_by: Party { structure: own.structure(), site: site? },
            recipient: Party { structure: recipient, site: None },
            purpose: occasion.purpose(),
            themes: themes?,
            classes: classes?,
            name_stage: name_stage?,
            feedback: feedback?,
            onward: onward?,
            valid_from: now,
            valid_until: valid_until?,
            collector_basis: collector_basis?,
            recipient_basis: recipient_basis?,
            given: given?,
            notice: notice?,
            stop_code: Some(self.stop_codes.hash(&self.stop_codes.code(id))),
        };
        Some(relais_wire::consent::sign(&consent, own.signing(), own.manifest()))
    }
}

fn valid_until(input: &desk::ConsentInput, now: Timestamp) -> Result<Timestamp, Status> {
    let until = input.valid_until_ms.map_or(now.plus(limits::CONSENT_DEFAULT), Timestamp);
    if until <= now {
        return Err(answer::field("consent.valid_until", "is in the past: choose a later date"));
    }
    Ok(until)
}

fn site(bytes: &[u8]) -> Result<Option<SiteId>, Status> {
    if bytes.is_empty() {
        return Ok(None);
    }
    SiteId::from_slice(bytes).map(Some).ok_or_else(|| answer::field("consent.site", "16 bytes"))
}

fn themes(codes: &[String]) -> Result<BTreeSet<Theme>, Status> {
    let theme = |code: &String| {
        Theme::parse(code).ok_or_else(|| {
            let close: Vec<&str> = Theme::closest(code, 3).iter().map(|theme| theme.code()).collect();
            answer::field("consent.themes", &format!("no such theme; close to it: {}", close.join(", ")))
        })
    };
    codes.iter().map(theme).collect()
}

fn classes(numbers: &[i32]) -> Result<BTreeSet<DataClass>, Status> {
    numbers.iter().map(|number| code(DataClass::from_number, *number, "consent.classes")).collect()
}

fn name_stage(number: i32) -> Result<Stage, Status> {
    match number {
        1 => Ok(Stage::One),
        0 | 2 => Ok(Stage::Two),
        _ => Err(answer::field("consent.name_stage", "is not on the list")),
    }
}

fn feedback(number: i32) -> Result<FeedbackLevel, Status> {
    match number {
        0 => Ok(FeedbackLevel::Accepted),
        number => code(FeedbackLevel::from_number, number, "consent.feedback"),
    }
}

fn onward(ids: &[Vec<u8>]) -> Result<BTreeSet<StructureId>, Status> {
    ids.iter().map(|bytes| structure(bytes, "consent.onward")).collect()
}

fn basis(field: &str, number: i32, kind: Option<StructureKind>) -> Result<LegalBasis, Status> {
    if number != 0 {
        return code(LegalBasis::from_number, number, field);
    }
    let public = matches!(
        kind,
        Some(
            StructureKind::EmploymentService
                | StructureKind::SocialActionCentre
                | StructureKind::Department
                | StructureKind::MissionLocale
        )
    );
    Ok(if public { LegalBasis::PublicTask } else { LegalBasis::Agreement })
}

fn given(input: &desk::ConsentInput) -> Result<Given, Status> {
    let given = input.given.as_ref().ok_or_else(|| answer::field("consent.given", "say how it was given"))?;
    Ok(Given {
        how: code(GivenHow::from_number, given.how, "consent.given.how")?,
        language: if given.language.is_empty() { "fr".to_owned() } else { given.language.clone() },
        interpreter: match given.interpreter {
            0 => Interpreter::None,
            number => code(Interpreter::from_number, number, "consent.given.interpreter")?,
        },
        teach_back: match given.teach_back {
            0 => TeachBack::NotDone,
            number => code(TeachBack::from_number, number, "consent.given.teach_back")?,
        },
        presence: match given.presence {
            0 => Presence::None,
            number => code(Presence::from_number, number, "consent.given.presence")?,
        },
    })
}

/// The notice that was shown: the one of today, or a former one that is named.
fn shown(input: &desk::ConsentInput, occasion: Occasion) -> Result<Notice, Status> {
    let language = &input.notice_language;
    if !input.notice_id.is_empty() {
        let found = notice::known(occasion, &input.notice_id, language);
        let found = found.map(|shown| shown.notice.clone());
        return found.ok_or_else(|| answer::field("consent.notice_id", "there is no such notice"));
    }
    let found = notice::notice(occasion, language).map(|shown| shown.notice.clone());
    found.ok_or_else(|| notice::no_translation("consent.notice_language", occasion))
}
