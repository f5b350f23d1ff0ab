//! Opening a referral or a handover: the person's agreement becomes a signed consent for exactly one recipient.

use super::notice::{languages, notice};
use super::threads::{code, request_id};
use super::{Caller, Desk, answer};
use crate::engine::EngineError;
use relais_domain::class::{DataClass, Stage};
use relais_domain::consent::{
    Consent, Given, GivenHow, Interpreter, LegalBasis, Notice, Party, Presence, Purpose, SignedConsent,
    TeachBack,
};
use relais_domain::content::{Content, FeedbackLevel};
use relais_domain::event::ThreadKind;
use relais_domain::id::{ConsentId, FollowUpId, SiteId, ThreadId};
use relais_domain::limits;
use relais_domain::refusal::Refusal;
use relais_domain::structure_id::StructureId;
use relais_domain::territory::{self, Territory};
use relais_domain::theme::Theme;
use relais_domain::thread::{Opening, Signing};
use relais_domain::time::Timestamp;
use relais_proto::desk::v1 as desk;
use relais_wire::content as translate;
use relais_wire::manifest::StructureKind;
use std::collections::BTreeSet;
use tonic::Status;

/// What both kinds of opening have in common.
struct Asked {
    request: [u8; 16],
    recipient: StructureId,
    stage_one: desk::StageOne,
    stage_two: desk::StageTwo,
    consent: desk::ConsentInput,
    until: Option<Timestamp>,
    follow_up: Option<FollowUpId>,
    kind: ThreadKind,
    signing: Signing,
}

impl Desk {
    pub(super) async fn open_referral(
        &self,
        request: desk::OpenReferralRequest,
        caller: &Caller,
    ) -> Result<desk::ThreadView, Status> {
        let asked = Asked {
            request: request_id(&request.request_id)?,
            recipient: structure(&request.recipient_id, "recipient_id")?,
            stage_one: request.stage_one.unwrap_or_default(),
            stage_two: request.stage_two.unwrap_or_default(),
            consent: request
                .consent
                .ok_or_else(|| answer::field("consent", "say what the person agreed to"))?,
            until: request.deadline_ms.map(Timestamp),
            follow_up: follow_up(&request.follow_up_id)?,
            kind: ThreadKind::Referral,
            signing: Signing::ByItself,
        };
        self.open(asked, caller).await
    }

    pub(super) async fn open_handover(
        &self,
        request: desk::OpenHandoverRequest,
        caller: &Caller,
    ) -> Result<desk::ThreadView, Status> {
        let signing = match desk::Signing::try_from(request.signing) {
            Ok(desk::Signing::Unspecified | desk::Signing::ByItself) => Signing::ByItself,
            Ok(desk::Signing::Asks) => Signing::Asks,
            Err(_) => return Err(answer::field("signing", "is not on the list")),
        };
        let asked = Asked {
            request: request_id(&request.request_id)?,
            recipient: structure(&request.recipient_id, "recipient_id")?,
            stage_one: request.stage_one.unwrap_or_default(),
            stage_two: request.stage_two.unwrap_or_default(),
            consent: request
                .consent
                .ok_or_else(|| answer::field("consent", "say what the person agreed to"))?,
            until: request.offer_until_ms.map(Timestamp),
            follow_up: follow_up(&request.follow_up_id)?,
            kind: ThreadKind::Handover,
            signing,
        };
        self.open(asked, caller).await
    }

    async fn open(&self, asked: Asked, caller: &Caller) -> Result<desk::ThreadView, Status> {
        if let Some(follow_up) = asked.follow_up
            && !self.visible_follow_up(follow_up, caller).await?
        {
            return Err(answer::field("follow_up", "there is no such follow-up here"));
        }
        // The thread's id is the call's: sent twice, it opens one thread.
        let id = ThreadId::from_random(asked.request);
        let (stage_one, remarks) = self.stage_one(asked.stage_one, asked.recipient)?;
        let stage_two = stage_two(asked.stage_two)?;
        let purpose = match asked.kind {
            ThreadKind::Referral => Purpose::Referral,
            ThreadKind::Handover => Purpose::Handover,
        };
        let consent = self.consent(&asked.consent, asked.recipient, purpose)?;
        let opening = Opening {
            thread: id,
            kind: asked.kind,
            recipient: asked.recipient,
            consent,
            stage_one,
            stage_two,
            deadline: asked.until,
            follow_up: asked.follow_up,
            signing: asked.signing,
        };
        match Box::pin(self.engine.open(opening)).await {
            Ok(_) | Err(EngineError::Refused(Refusal::ThreadExists)) => {}
            Err(error) => return Err(answer::engine(error)),
        }
        let mut view = self.show(id.as_bytes(), caller).await?;
        view.remarks = remarks;
        Ok(view)
    }

    fn stage_one(
        &self,
        message: desk::StageOne,
        recipient: StructureId,
    ) -> Result<(Content, Vec<String>), Status> {
        let mut need = message.need.ok_or_else(|| answer::field("need", "say what the person needs"))?;
        let mut remarks = Vec::new();
        need.territory = place(&need.territory, &mut remarks)?;
        let need = read(translate::need_from_proto(need))?;
        self.check_service(&need.service, recipient)?;
        let content = Content {
            need: Some(need),
            constraints: optional(message.constraints, translate::constraints_from_proto)?,
            level: optional(message.level, translate::level_from_proto)?,
            eligibility: optional(message.eligibility, translate::eligibility_from_proto)?,
            note: optional(message.note, translate::note_from_proto)?,
            name: optional(message.name, translate::name_from_proto)?,
            ..Content::default()
        };
        Ok((content, remarks))
    }

    fn consent(
        &self,
        input: &desk::ConsentInput,
        recipient: StructureId,
        purpose: Purpose,
    ) -> Result<SignedConsent, Status> {
        let now = self.engine.clock().now();
        let own = self.engine.own();
        let valid_until = input.valid_until_ms.map_or(now.plus(limits::CONSENT_DEFAULT), Timestamp);
        if valid_until <= now {
            return Err(answer::field("consent.valid_until", "is in the past: choose a later date"));
        }
        let consent = Consent {
            id: ConsentId::from_random(self.engine.dice().bytes()),
            version: 1,
            supersedes: None,
            collected_by: Party { structure: own.structure(), site: site(&input.site_id)? },
            recipient: Party { structure: recipient, site: None },
            purpose,
            themes: themes(&input.themes)?,
            classes: classes(&input.classes)?,
            name_stage: match input.name_stage {
                1 => Stage::One,
                0 | 2 => Stage::Two,
                _ => return Err(answer::field("consent.name_stage", "is not on the list")),
            },
            feedback: match input.feedback {
                0 => FeedbackLevel::Accepted,
                number => code(FeedbackLevel::from_number, number, "consent.feedback")?,
            },
            onward: input
                .onward
                .iter()
                .map(|bytes| structure(bytes, "consent.onward"))
                .collect::<Result<BTreeSet<_>, _>>()?,
            valid_from: now,
            valid_until,
            collector_basis: basis(input.collector_basis, self.own_kind())?,
            recipient_basis: basis(input.recipient_basis, self.kind_of(recipient))?,
            given: given(input)?,
            notice: shown(input, purpose)?,
            stop_code: None,
        };
        Ok(relais_wire::consent::sign(&consent, own.signing(), own.manifest()))
    }

    /// A referral goes to a service that its structure publishes.
    fn check_service(
        &self,
        service: &relais_domain::id::ServiceId,
        recipient: StructureId,
    ) -> Result<(), Status> {
        if self.directory.service(recipient, service).is_some() {
            return Ok(());
        }
        let known = self.engine.peers().peer(recipient).is_some();
        let problem = if known {
            "this structure publishes no such service: `relais find` or `relais service list` shows them"
        } else {
            return Err(answer::engine(EngineError::Refused(Refusal::UnknownPeer)));
        };
        Err(answer::field("need.service", problem))
    }
}

/// Small communes are told as their EPCI; former codes become the present one, and it is said.
fn place(text: &str, remarks: &mut Vec<String>) -> Result<String, Status> {
    if let Ok(Territory::Commune(_)) | Err(_) = Territory::parse(text) {
        let found =
            territory::commune(text).map_err(|error| answer::field("need.commune", &error.to_string()))?;
        let commune = found.commune();
        if let Some(former) = found.replaced() {
            remarks.push(format!(
                "{} ({}) is now part of {} ({})",
                former.name(),
                former.code(),
                commune.name(),
                commune.code()
            ));
        }
        let told = territory::needed_territory(commune);
        if told != Territory::Commune(commune.code()) {
            remarks.push(format!("{} is small: {} is told instead", commune.name(), told.name()));
        }
        return Ok(told.to_string());
    }
    Ok(text.to_owned())
}

fn stage_two(message: desk::StageTwo) -> Result<Content, Status> {
    Ok(Content {
        name: optional(message.name, translate::name_from_proto)?,
        contact: optional(message.contact, translate::contact_from_proto)?,
        handover: optional(message.handover, translate::handover_from_proto)?,
        documents: optional(message.documents, translate::documents_from_proto)?,
        sensitive: optional(message.sensitive, translate::sensitive_from_proto)?,
        ..Content::default()
    })
}

fn read<T>(result: Result<T, translate::ContentError>) -> Result<T, Status> {
    result.map_err(|error| answer::content(&error))
}

fn optional<M, T>(
    message: Option<M>,
    translate: impl Fn(M) -> Result<T, translate::ContentError>,
) -> Result<Option<T>, Status> {
    message.map(|message| read(translate(message))).transpose()
}

/// Reads a structure's 32 bytes.
pub(super) fn structure(bytes: &[u8], name: &str) -> Result<StructureId, Status> {
    StructureId::from_slice(bytes).ok_or_else(|| answer::field(name, "32 bytes of a structure id"))
}

fn follow_up(bytes: &[u8]) -> Result<Option<FollowUpId>, Status> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let id = FollowUpId::from_slice(bytes).ok_or_else(|| answer::field("follow_up_id", "16 bytes"))?;
    Ok(Some(id))
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

fn basis(number: i32, kind: Option<StructureKind>) -> Result<LegalBasis, Status> {
    if number != 0 {
        return code(LegalBasis::from_number, number, "consent.basis");
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

fn shown(input: &desk::ConsentInput, purpose: Purpose) -> Result<Notice, Status> {
    let (notice, _) = notice(purpose, &input.notice_language).ok_or_else(|| {
        let known = languages(purpose).join(", ");
        answer::field("consent.notice_language", &format!("there is no such translation; there are: {known}"))
    })?;
    if !input.notice_id.is_empty() && input.notice_id != notice.id {
        return Err(answer::field("consent.notice_id", "there is no such notice"));
    }
    Ok(notice)
}
