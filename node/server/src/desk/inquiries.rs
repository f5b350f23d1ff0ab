//! Inquiries: asking partners who can take a need, and answering theirs. Nothing of a person is in any of it.

mod pages;

use super::threads::{code, request_id};
use super::view::number;
use super::{Caller, Desk, answer, paging};
use crate::directory::Doors;
use crate::inquiries::{DOORS_NAMED_MAX, InquiryError, Ours, OursPlace, Question, Reply, Theirs, doors_for};
use relais_domain::content::YesNo;
use relais_domain::directory::Service;
use relais_domain::id::{InquiryId, ProfessionalId, ServiceId};
use relais_domain::inquiry::{
    AUDIENCES_MAX, Answer, AnswerFlaw, AnswerKind, Asked, Automatic, Inquiry, InquiryFlaw, LANGUAGES_MAX,
    PLACES_MAX, Progress, Standing, WAITING_DAYS_MAX,
};
use relais_domain::structure_id::StructureId;
use relais_domain::territory;
use relais_domain::theme::Theme;
use relais_domain::vocabulary::Vocabulary;
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1 as peer;
use relais_wire::field::BadField;
use relais_wire::frame::inquiry::{wanted_from_proto, wanted_to_proto};
use std::collections::BTreeMap;
use tonic::{Code, Status};

/// Account names by who they are.
type Names = BTreeMap<ProfessionalId, String>;

impl Desk {
    pub(super) async fn ask_inquiry(
        &self,
        request: desk::AskInquiryRequest,
        caller: &Caller,
    ) -> Result<desk::InquiryView, Status> {
        let id = InquiryId::from_random(request_id(&request.request_id)?);
        let theme = Theme::parse(&request.theme)
            .ok_or_else(|| answer::field("theme", "no such theme: `relais find` names those near it"))?;
        let found = territory::commune(&request.commune)
            .map_err(|error| answer::field("commune", &error.to_string()))?;
        let wanted = wanted_from_proto(request.constraints.unwrap_or_default());
        let wanted = wanted.map_err(|error| field_of_constraints(&error))?;
        let (author, commune) = (caller.id, found.commune());
        let question = Question { id, author, theme, commune, wanted };
        let ours = self.inquiries.ask(question).await.map_err(|error| status(&error))?;
        self.shown_ours(&ours).await
    }

    pub(super) async fn show_inquiry(
        &self,
        request: &desk::ShowInquiryRequest,
        caller: &Caller,
    ) -> Result<desk::InquiryView, Status> {
        // What is no id at all is told like one that is not there.
        let id = InquiryId::from_slice(&request.inquiry_id).ok_or_else(answer::not_there)?;
        let found = self.inquiries.ours(id).await.map_err(|error| status(&error.into()))?;
        let ours = found.ok_or_else(answer::not_there)?;
        let shown = self.shown_ours(&ours).await?;
        // What cannot be noted is news once more, and is shown all the same.
        if ours.author == caller.id
            && let Err(error) = self.inquiries.saw(id, ours.heard()).await
        {
            tracing::warn!(%error, "It could not be noted that an inquiry was looked at");
        }
        Ok(shown)
    }

    pub(super) async fn list_inquiries(
        &self,
        request: &desk::ListInquiriesRequest,
        caller: &Caller,
    ) -> Result<desk::ListInquiriesResponse, Status> {
        let size = paging::size(request.page_size)?;
        let names = self.account_names().await?;
        match request.direction() {
            desk::InquiryDirection::Ours => {
                let (ours, end) = self.ours_of_page(request, size, caller).await?;
                Ok(desk::ListInquiriesResponse {
                    ours: ours.iter().map(|one| self.ours_view(one, &names)).collect(),
                    next_page_token: end.map(pages::ours_token).unwrap_or_default(),
                    ..Default::default()
                })
            }
            desk::InquiryDirection::Theirs => {
                let after = paging::place(&request.page_token, pages::theirs_place)?;
                let mut theirs = self.inquiries.theirs();
                let to_answer = count(theirs.iter().filter(|one| one.answer().is_none()).count());
                theirs.retain(|one| after.is_none_or(|after| one.place() > after));
                let (theirs, end) = pages::page(theirs, size, Theirs::place);
                let own = self.inquiries.own_services();
                Ok(desk::ListInquiriesResponse {
                    theirs: theirs.iter().map(|one| self.theirs_view(one, &names, &own)).collect(),
                    next_page_token: end.map(pages::theirs_token).unwrap_or_default(),
                    to_answer,
                    ..Default::default()
                })
            }
            desk::InquiryDirection::Unspecified => {
                Err(answer::field("direction", "say whose: ours, or theirs"))
            }
        }
    }

    /// A page of this structure's, and the place where it ends when there are more.
    async fn ours_of_page(
        &self,
        request: &desk::ListInquiriesRequest,
        size: usize,
        caller: &Caller,
    ) -> Result<(Vec<Ours>, Option<OursPlace>), Status> {
        let before = paging::place(&request.page_token, pages::ours_place)?;
        if request.open() != peer::YesNo::Yes {
            return self.inquiries.ours_page(before, size).await.map_err(|error| status(&error.into()));
        }
        let (theme, commune) = (&request.theme, &request.commune);
        let unseen = request.unseen() == peer::YesNo::Yes;
        let open = self.inquiries.open_ours(|ours| {
            before.is_none_or(|before| ours.place() < before)
                && (theme.is_empty() || ours.inquiry.theme.code() == theme)
                && (commune.is_empty() || ours.commune.to_string() == *commune)
                && (!unseen || (ours.author == caller.id && ours.is_news()))
        });
        Ok(pages::page(open, size, Ours::place))
    }

    pub(super) async fn answer_inquiry(
        &self,
        request: desk::AnswerInquiryRequest,
        caller: &Caller,
    ) -> Result<desk::ReceivedInquiryView, Status> {
        let ids = StructureId::from_slice(&request.peer_id).zip(InquiryId::from_slice(&request.inquiry_id));
        let of = ids.ok_or_else(answer::not_there)?;
        // Asked before anything else is read: whoever names what is not there is told so, whatever else they say.
        self.inquiries
            .their(of.0, of.1)
            .await
            .map_err(|error| status(&error))?
            .ok_or_else(answer::not_there)?;
        let service = |id: &str| {
            ServiceId::parse(id).ok_or_else(|| answer::field("service_id", "the id of a service you publish"))
        };
        let named = Some(request.service_id.as_str()).filter(|id| !id.is_empty());
        let reply = Reply {
            kind: code(AnswerKind::from_number, request.kind, "kind")?,
            places: request.places,
            waiting_days: request.waiting_days,
            service: named.map(service).transpose()?,
        };
        let theirs = self.inquiries.answer(of, reply, caller.id).await.map_err(|error| status(&error))?;
        Ok(self.theirs_view(&theirs, &self.account_names().await?, &self.inquiries.own_services()))
    }

    pub(super) fn show_inquiry_answers(&self) -> desk::InquiryAnswersView {
        let setting = self.inquiries.setting();
        desk::InquiryAnswersView {
            automatic: yes_no(setting.automatic),
            set_ms: setting.set_at.map(|at| at.0),
        }
    }

    pub(super) async fn set_inquiry_answers(
        &self,
        request: desk::SetInquiryAnswersRequest,
    ) -> Result<desk::InquiryAnswersView, Status> {
        let automatic = match code(YesNo::from_number, request.automatic, "automatic")? {
            YesNo::Yes => Automatic::Yes,
            YesNo::No => Automatic::No,
        };
        self.inquiries.set(automatic).await.map_err(|error| status(&error))?;
        Ok(self.show_inquiry_answers())
    }

    async fn account_names(&self) -> Result<Names, Status> {
        let users = self.users.all().await.map_err(|error| super::session::user_status(&error))?;
        Ok(users.into_iter().map(|(id, user)| (id, user.name)).collect())
    }

    /// One of ours with every partner.
    async fn shown_ours(&self, ours: &Ours) -> Result<desk::InquiryView, Status> {
        let now = self.engine.clock().now();
        let expires_at = ours.inquiry.expires_at;
        let is_asked = |structure| ours.partners.iter().any(|asked| asked.partner == structure);
        let doors = self.directory.doors(ours.inquiry.theme, ours.commune.commune(), is_asked);
        let mut partners: Vec<&Asked> = ours.partners.iter().collect();
        partners.sort_by_key(|asked| asked.order(expires_at, now));
        let partners = partners.into_iter().map(|asked| {
            let answer = asked.answer();
            desk::InquiryPartner {
                peer_id: asked.partner.as_bytes().to_vec(),
                name: self.names(asked.partner).peer,
                standing: standing(asked.standing(expires_at, now)).into(),
                answer: answer.map(answer_view),
                service: self.door(asked.partner, answer, &doors),
                taken_back_ms: asked.taken_back_at().map(|at| at.0),
            }
        });
        let view = self.ours_view(ours, &self.account_names().await?);
        Ok(desk::InquiryView { partners: partners.collect(), ..view })
    }

    /// Where a partner that answered is referred to: the service it names, while that is a door of this need for this
    /// commune; else its nearest one. What its node answered by itself is about the service it names and no other.
    fn door(
        &self,
        partner: StructureId,
        answer: Option<&Answer>,
        doors: &Doors,
    ) -> Option<desk::ServiceView> {
        let mut of_it = doors.services.iter().filter(|shown| shown.structure == partner);
        let named = answer.and_then(|answer| answer.service.as_ref());
        let found = match answer.map(|answer| answer.automatic) {
            Some(Automatic::Yes) => of_it.find(|shown| Some(&shown.service.id) == named),
            Some(Automatic::No) | None => {
                let mut nearest_first: Vec<_> = of_it.collect();
                nearest_first.sort_by_key(|shown| Some(&shown.service.id) != named);
                nearest_first.first().copied()
            }
        };
        found.map(|shown| self.service_view(shown))
    }

    fn ours_view(&self, ours: &Ours, names: &Names) -> desk::InquiryView {
        let Inquiry { id, theme, territory, wanted, expires_at } = &ours.inquiry;
        let progress = Progress::of(&ours.partners);
        let open = if ours.is_open(self.engine.clock().now()) { YesNo::Yes } else { YesNo::No };
        let unseen = if ours.is_news() { YesNo::Yes } else { YesNo::No };
        desk::InquiryView {
            inquiry_id: id.as_bytes().to_vec(),
            theme: theme.code().to_owned(),
            commune_code: ours.commune.to_string(),
            territory: territory.to_string(),
            territory_name: territory.name().to_owned(),
            constraints: Some(wanted_to_proto(wanted)),
            asked_ms: ours.asked_at.0,
            expires_ms: expires_at.0,
            open: number(open.number()),
            asked_by: names.get(&ours.author).cloned().unwrap_or_default(),
            partners: Vec::new(),
            asked: count(progress.asked),
            answered: count(progress.answered),
            can_take: count(progress.can_take),
            left_out: ours.left_out,
            beyond: ours.beyond,
            unseen: number(unseen.number()),
            commune_name: ours.commune.name().to_owned(),
        }
    }

    fn theirs_view(&self, theirs: &Theirs, names: &Names, own: &[Service]) -> desk::ReceivedInquiryView {
        let Inquiry { id, theme, territory, wanted, expires_at } = &theirs.inquiry;
        let doors = doors_for(&theirs.inquiry, own);
        let by = theirs.answered_by.and_then(|by| names.get(&by).cloned());
        desk::ReceivedInquiryView {
            peer_id: theirs.peer.as_bytes().to_vec(),
            name: self.names(theirs.peer).peer,
            inquiry_id: id.as_bytes().to_vec(),
            theme: theme.code().to_owned(),
            territory: territory.to_string(),
            territory_name: territory.name().to_owned(),
            constraints: Some(wanted_to_proto(wanted)),
            received_ms: theirs.received_at.0,
            expires_ms: expires_at.0,
            answer: theirs.answer().map(answer_view),
            answered_by: by.unwrap_or_default(),
            doors: doors.into_iter().take(DOORS_NAMED_MAX).map(door).collect(),
        }
    }
}

fn door(service: &Service) -> desk::InquiryDoor {
    desk::InquiryDoor { service_id: service.id.to_string(), name: service.name.clone() }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn yes_no(automatic: Automatic) -> i32 {
    number(match automatic {
        Automatic::Yes => YesNo::Yes.number(),
        Automatic::No => YesNo::No.number(),
    })
}

fn standing(standing: Standing) -> desk::InquiryStanding {
    match standing {
        Standing::NotReached => desk::InquiryStanding::NotReached,
        Standing::Asked => desk::InquiryStanding::Asked,
        Standing::Answered => desk::InquiryStanding::Answered,
        Standing::NoAnswer => desk::InquiryStanding::NoAnswer,
    }
}

fn answer_view(answer: &Answer) -> desk::InquiryAnswerView {
    desk::InquiryAnswerView {
        kind: number(answer.kind.number()),
        places: answer.places,
        waiting_days: answer.waiting_days,
        service_id: answer.service.as_ref().map(ToString::to_string).unwrap_or_default(),
        automatic: yes_no(answer.automatic),
        answered_ms: answer.answered_at.0,
    }
}

/// The field as the request names it, and what may stand there.
fn field_of_constraints(error: &BadField) -> Status {
    let field = error.field.strip_prefix("inquiry.").unwrap_or(&error.field);
    let codes = |list: Vocabulary| list.values().iter().map(|one| one.code()).collect::<Vec<_>>().join(", ");
    let mend = match field {
        "constraints.urgency" => "now, soon or normal".to_owned(),
        "constraints.languages" => {
            format!("ISO 639 codes of two or three letters, each once, {LANGUAGES_MAX} at most")
        }
        "constraints.mobility" => "no_car, on_foot or cannot_travel, each once".to_owned(),
        "constraints.mode" => format!("one of {}", codes(Vocabulary::WelcomeModes)),
        "constraints.audiences" => {
            format!("{AUDIENCES_MAX} at most, each once, of {}", codes(Vocabulary::Audiences))
        }
        _ => return answer::field(field, &error.problem.to_string()),
    };
    answer::field(field, &format!("{}: {mend}", error.problem))
}

fn flaw(flaw: InquiryFlaw) -> Status {
    match flaw {
        InquiryFlaw::TooManyLanguages => {
            answer::field("constraints.languages", &format!("{LANGUAGES_MAX} at most"))
        }
        InquiryFlaw::TooManyAudiences => {
            answer::field("constraints.audiences", &format!("{AUDIENCES_MAX} at most"))
        }
        InquiryFlaw::NotMobility => answer::field("constraints.mobility", "would describe someone"),
        InquiryFlaw::TooWide => answer::field("commune", "is too wide"),
    }
}

fn status(error: &InquiryError) -> Status {
    let sentence = error.to_string();
    match error {
        InquiryError::NotThere => answer::not_there(),
        InquiryError::NobodyToAsk => {
            answer::refused(Code::FailedPrecondition, "nobody_to_ask", None, sentence)
        }
        InquiryError::TooMany(_) => {
            answer::refused(Code::FailedPrecondition, "asked_too_often", None, sentence)
        }
        InquiryError::AnsweredTooOften => {
            answer::refused(Code::FailedPrecondition, "answered_too_often", None, sentence)
        }
        InquiryError::Over => answer::refused(Code::FailedPrecondition, "inquiry_over", None, sentence),
        InquiryError::UnknownService | InquiryError::NoDoor(_) => answer::field("service_id", &sentence),
        InquiryError::Flaw(error) => flaw(*error),
        InquiryError::Answer(AnswerFlaw::Places) => {
            answer::field("places", &format!("1 to {PLACES_MAX}, and only of who can take it"))
        }
        InquiryError::Answer(AnswerFlaw::WaitingDays) => answer::field(
            "waiting_days",
            &format!("{WAITING_DAYS_MAX} at most, and not of who cannot take it"),
        ),
        InquiryError::Store(error) => {
            tracing::error!(%error, "Inquiries could not be read or kept");
            answer::refused(Code::Unavailable, "store", None, sentence)
        }
    }
}

#[cfg(test)]
mod tests;
