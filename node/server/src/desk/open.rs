//! Opening a referral or a handover: the person's agreement becomes a signed consent for exactly one recipient.

use super::notice::Occasion;
use super::problems::Problems;
use super::remarks::Remarks;
use super::threads::request_id;
use super::{Caller, Desk, answer, reach};
use crate::engine::EngineError;
use relais_domain::class::Stage;
use relais_domain::consent::{Purpose, SignedConsent};
use relais_domain::content::{Content, Need};
use relais_domain::directory::NameNeeded;
use relais_domain::event::ThreadKind;
use relais_domain::fold::WalkIn;
use relais_domain::id::{FollowUpId, ThreadId};
use relais_domain::refusal::Refusal;
use relais_domain::structure_id::StructureId;
use relais_domain::territory::{self, Territory};
use relais_domain::thread::{Opening, Signing};
use relais_domain::time::Timestamp;
use relais_proto::desk::v1 as desk;
use relais_wire::content as translate;
use tonic::{Code, Status};

/// What both kinds of opening have in common.
pub(super) struct Asked {
    pub(super) recipient: StructureId,
    pub(super) stage_one: desk::StageOne,
    pub(super) stage_two: desk::StageTwo,
    pub(super) consent: Option<desk::ConsentInput>,
    pub(super) until: Option<Timestamp>,
    pub(super) follow_up: Option<FollowUpId>,
    pub(super) kind: ThreadKind,
    pub(super) signing: Signing,
}

/// What could be read of what was asked.
pub(super) struct Form {
    pub(super) stage_one: Content,
    pub(super) stage_two: Content,
    pub(super) consent: Option<SignedConsent>,
    pub(super) remarks: Remarks,
}

impl Asked {
    /// A referral.
    pub(super) fn referral(request: desk::OpenReferralRequest) -> Result<Self, Status> {
        Ok(Self {
            recipient: structure(&request.recipient_id, "recipient_id")?,
            stage_one: request.stage_one.unwrap_or_default(),
            stage_two: request.stage_two.unwrap_or_default(),
            consent: request.consent,
            until: request.deadline_ms.map(Timestamp),
            follow_up: follow_up(&request.follow_up_id)?,
            kind: ThreadKind::Referral,
            signing: Signing::ByItself,
        })
    }

    fn handover(request: desk::OpenHandoverRequest) -> Result<Self, Status> {
        let signing = match desk::Signing::try_from(request.signing) {
            Ok(desk::Signing::Unspecified | desk::Signing::ByItself) => Signing::ByItself,
            Ok(desk::Signing::Asks) => Signing::Asks,
            Err(_) => return Err(answer::field("signing", "is not on the list")),
        };
        Ok(Self {
            recipient: structure(&request.recipient_id, "recipient_id")?,
            stage_one: request.stage_one.unwrap_or_default(),
            stage_two: request.stage_two.unwrap_or_default(),
            consent: request.consent,
            until: request.offer_until_ms.map(Timestamp),
            follow_up: follow_up(&request.follow_up_id)?,
            kind: ThreadKind::Handover,
            signing,
        })
    }

    /// What the person was told before: the notice is chosen by what was asked, not by what could be read of it.
    fn occasion(&self) -> Occasion {
        let purpose = match self.kind {
            ThreadKind::Referral => Purpose::Referral,
            ThreadKind::Handover => Purpose::Handover,
        };
        let offer =
            self.stage_one.need.as_ref().map(|need| need.walk_in_offer.as_slice()).unwrap_or_default();
        Occasion::of(purpose, if offer.is_empty() { WalkIn::No } else { WalkIn::Yes })
    }

    /// What is decided on, once everything could be read.
    pub(super) fn opening(&self, thread: ThreadId, form: &Form) -> Option<Opening> {
        Some(Opening {
            thread,
            kind: self.kind,
            recipient: self.recipient,
            consent: form.consent.clone()?,
            stage_one: form.stage_one.clone(),
            stage_two: form.stage_two.clone(),
            deadline: self.until,
            follow_up: self.follow_up,
            signing: self.signing,
        })
    }
}

impl Desk {
    pub(super) async fn open_referral(
        &self,
        request: desk::OpenReferralRequest,
        caller: &Caller,
    ) -> Result<desk::ThreadView, Status> {
        // The thread's id is the call's: sent twice, it opens one thread.
        let thread = ThreadId::from_random(request_id(&request.request_id)?);
        self.open(thread, &Asked::referral(request)?, caller).await
    }

    pub(super) async fn open_handover(
        &self,
        request: desk::OpenHandoverRequest,
        caller: &Caller,
    ) -> Result<desk::ThreadView, Status> {
        let thread = ThreadId::from_random(request_id(&request.request_id)?);
        self.open(thread, &Asked::handover(request)?, caller).await
    }

    async fn open(
        &self,
        thread: ThreadId,
        asked: &Asked,
        caller: &Caller,
    ) -> Result<desk::ThreadView, Status> {
        self.check_follow_up(asked, caller).await?;
        // Sent twice, it opens one thread, whatever has changed since.
        if self.engine.load(thread).await.map_err(answer::engine)?.is_some() {
            return self.show(thread.as_bytes(), caller).await;
        }
        let mut problems = Problems::default();
        let form = self.read_form(asked, thread, &mut problems).await;
        problems.first()?;
        let opening =
            asked.opening(thread, &form).ok_or_else(|| answer::field("consent", "cannot be read"))?;
        match Box::pin(self.engine.open(opening)).await {
            Ok(_) | Err(EngineError::Refused(Refusal::ThreadExists)) => {}
            Err(error) => return Err(answer::engine(error)),
        }
        let mut view = self.show(thread.as_bytes(), caller).await?;
        form.remarks.tell(&mut view);
        Ok(view)
    }

    /// A follow-up that is named is one the caller may see.
    pub(super) async fn check_follow_up(&self, asked: &Asked, caller: &Caller) -> Result<(), Status> {
        match asked.follow_up {
            // The same answer as for another's.
            Some(follow_up) if !self.visible_follow_up(follow_up, caller).await? => Err(answer::not_there()),
            Some(_) | None => Ok(()),
        }
    }

    /// Reads a form as far as it can be read; what is wrong is told.
    pub(super) async fn read_form(&self, asked: &Asked, thread: ThreadId, problems: &mut Problems) -> Form {
        let mut remarks = Remarks::default();
        problems.take(self.check_recipient(asked.recipient));
        let stage_one = self.stage_one(&asked.stage_one, asked.recipient, &mut remarks, problems);
        if let Some(need) = &stage_one.need {
            problems.take(self.check_offer(need, asked.recipient, thread).await);
        }
        let stage_two = stage_two(&asked.stage_two, problems);
        if let Some(contact) = &stage_two.contact {
            problems.take(reach::check(contact));
        }
        let said = asked.consent.as_ref();
        let said =
            problems.take(said.ok_or_else(|| answer::field("consent", "say what the person agreed to")));
        let consent = said.and_then(|said| self.consent(said, asked.recipient, asked.occasion(), problems));
        if let (Some(need), Some(consent)) = (&stage_one.need, &consent) {
            problems.take(self.check_name_stage(need, asked.recipient, consent.consent.name_stage));
        }
        Form { stage_one, stage_two, consent, remarks }
    }

    fn stage_one(
        &self,
        message: &desk::StageOne,
        recipient: StructureId,
        remarks: &mut Remarks,
        problems: &mut Problems,
    ) -> Content {
        let need = message.need.clone();
        let need = problems.take(need.ok_or_else(|| answer::field("need", "say what the person needs")));
        let need = need.and_then(|need| self.need(need, recipient, remarks, problems));
        Content {
            need,
            constraints: optional(&message.constraints, translate::constraints_from_proto, problems),
            level: optional(&message.level, translate::level_from_proto, problems),
            eligibility: optional(&message.eligibility, translate::eligibility_from_proto, problems),
            note: optional(&message.note, translate::note_from_proto, problems),
            name: optional(&message.name, translate::name_from_proto, problems),
            ..Content::default()
        }
    }

    /// The need, with the place that is told of it.
    fn need(
        &self,
        mut message: relais_proto::peer::v1::Need,
        recipient: StructureId,
        remarks: &mut Remarks,
        problems: &mut Problems,
    ) -> Option<Need> {
        let told = problems.take(place(&message.territory, remarks));
        // What else is wrong is looked for all the same; without its place no need goes on from here.
        message.territory = told.clone().unwrap_or_else(|| Territory::France.to_string());
        let need = problems.take(read(translate::need_from_proto(message)))?;
        problems.take(self.check_service(&need.service, recipient));
        told.map(|_| need)
    }

    /// A structure that was confirmed here alone may have said no, which nobody is told: what is sent to it may wait for
    /// ever.
    fn check_recipient(&self, recipient: StructureId) -> Result<(), Status> {
        if !self.engine.peers().is_awaited_in_vain(recipient) {
            return Ok(());
        }
        let problem = "this structure was confirmed here alone, and its node was never seen: call them first"
            .to_owned();
        Err(answer::refused(Code::FailedPrecondition, "awaited", Some("recipient"), problem))
    }

    /// The name is told with the need only to a service that says that it must know it to decide (domain, §4).
    fn check_name_stage(&self, need: &Need, recipient: StructureId, stage: Stage) -> Result<(), Status> {
        let service = self.directory.service(recipient, &need.service);
        match service.map(|shown| shown.service.name_needed) {
            Some(NameNeeded::No) if stage == Stage::One => Err(answer::field(
                "consent.name_stage",
                "this service needs no name to decide: the name follows once it has accepted",
            )),
            Some(NameNeeded::No | NameNeeded::Yes) | None => Ok(()),
        }
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
        if self.engine.peers().peer(recipient).is_none() {
            return Err(answer::engine(EngineError::Refused(Refusal::UnknownPeer)));
        }
        let problem = if self.directory.withdrawn(recipient, service).is_some() {
            "its structure has taken this service back: choose another one, `relais find` shows them"
        } else {
            "this structure publishes no such service: `relais find` or `relais service list` shows them"
        };
        Err(answer::field("need.service", problem))
    }
}

/// Small communes are told as their EPCI; former codes become the present one, and it is said.
fn place(text: &str, remarks: &mut Remarks) -> Result<String, Status> {
    if let Ok(Territory::Commune(_)) | Err(_) = Territory::parse(text) {
        let found =
            territory::commune(text).map_err(|error| answer::field("need.commune", &error.to_string()))?;
        let commune = found.commune();
        if let Some(former) = found.replaced() {
            let present = (commune.name(), &*commune.code().to_string());
            remarks.former_commune((former.name(), former.code()), present);
        }
        let told = territory::needed_territory(commune);
        if told != Territory::Commune(commune.code()) {
            remarks.small_commune(commune.name(), told.name());
        }
        return Ok(told.to_string());
    }
    Ok(text.to_owned())
}

fn stage_two(message: &desk::StageTwo, problems: &mut Problems) -> Content {
    Content {
        name: optional(&message.name, translate::name_from_proto, problems),
        contact: optional(&message.contact, translate::contact_from_proto, problems),
        handover: optional(&message.handover, translate::handover_from_proto, problems),
        documents: optional(&message.documents, translate::documents_from_proto, problems),
        sensitive: optional(&message.sensitive, translate::sensitive_from_proto, problems),
        ..Content::default()
    }
}

fn read<T>(result: Result<T, translate::ContentError>) -> Result<T, Status> {
    result.map_err(|error| answer::content(&error))
}

fn optional<M: Clone, T>(
    message: &Option<M>,
    translate: impl Fn(M) -> Result<T, translate::ContentError>,
    problems: &mut Problems,
) -> Option<T> {
    message.clone().and_then(|message| problems.take(read(translate(message))))
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
