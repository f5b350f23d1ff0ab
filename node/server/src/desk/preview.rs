//! What the other structure would see of a referral, and all that is wrong with the form.
//!
//! The same functions read and decide it as when it is sent; nothing is stored and no leaf is written. A refusal names
//! one thing: what it names is set aside, and the rest is judged again, so that the form is mended once.

use super::open::Asked;
use super::problems::Problems;
use super::{Caller, Desk, answer, view};
use crate::engine::EngineError;
use relais_domain::class::DataClass;
use relais_domain::consent::{ConsentRefusal, Purpose};
use relais_domain::content::Content;
use relais_domain::content::check::FieldError;
use relais_domain::id::ThreadId;
use relais_domain::personal::Personal;
use relais_domain::refusal::Refusal;
use relais_domain::thread::{Decision, Opening};
use relais_proto::desk::v1 as desk;
use tonic::Status;

/// How often a form is judged again without what was wrong: more often than there is to set aside.
const ROUNDS_MAX: usize = 32;
/// Stands for one part of a name that is wrong, so that the other is looked at too.
const STAND_IN: &str = "A";

impl Desk {
    /// A dry run of [`Desk::open_referral`].
    pub(super) async fn preview_referral(
        &self,
        request: desk::OpenReferralRequest,
        caller: &Caller,
    ) -> Result<desk::ReferralPreview, Status> {
        let asked = Asked::referral(request)?;
        self.check_follow_up(&asked, caller).await?;
        // An id of its own: a preview is no call that could be repeated.
        let thread = ThreadId::from_random(self.engine.dice().bytes());
        let mut problems = Problems::default();
        let form = self.read_form(&asked, thread, &mut problems).await;
        let mut told = desk::ReferralPreview {
            stage_one: Some(view::stage_one(&form.stage_one)),
            stage_two: Some(view::stage_two(&form.stage_two)),
            remarks: form.remarks.sentences.clone(),
            coded_remarks: form.remarks.coded.clone(),
            consent_until_ms: form.consent.as_ref().map_or(0, |consent| consent.consent.valid_until.0),
            ..desk::ReferralPreview::default()
        };
        let decision = match asked.opening(thread, &form) {
            Some(opening) => Box::pin(self.judged(opening, &mut problems)).await?,
            None => {
                check_alone(form.stage_one, &mut problems);
                check_alone(form.stage_two, &mut problems);
                None
            }
        };
        if let Some(decision) = decision {
            let sent = decision.drafts.first().map(|draft| &draft.content);
            let deadline = sent.and_then(|content| content.times?.deadline);
            told.deadline_ms = deadline.map_or(0, |deadline| deadline.0);
        }
        told.problems = problems.told()?;
        Ok(told)
    }

    /// What would be decided, once everything wrong is set aside; `None` when not all can be.
    async fn judged(
        &self,
        mut opening: Opening,
        problems: &mut Problems,
    ) -> Result<Option<Decision>, Status> {
        for _ in 0..ROUNDS_MAX {
            match self.engine.rehearse_open(opening.clone()).await {
                Ok(decision) => return Ok(Some(decision)),
                Err(EngineError::Refused(refusal)) => {
                    let aside = set_aside(&mut opening, &refusal);
                    problems.push(answer::engine(EngineError::Refused(refusal)));
                    if aside == Aside::Nothing {
                        return Ok(None);
                    }
                }
                Err(error) => return Err(answer::engine(error)),
            }
        }
        Ok(None)
    }
}

/// What each part says of itself, when there is no consent yet to judge it by.
fn check_alone(mut content: Content, problems: &mut Problems) {
    for _ in 0..ROUNDS_MAX {
        let Err(error) = content.check(Purpose::Referral) else { return };
        let aside = set_field_aside(&mut content, &error);
        problems.push(answer::engine(EngineError::Refused(Refusal::Field(error))));
        if aside == Aside::Nothing {
            return;
        }
    }
}

/// Whether something was set aside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Aside {
    Something,
    Nothing,
}

/// Takes out of an opening what a refusal names, if the rest can be judged without it.
fn set_aside(opening: &mut Opening, refusal: &Refusal) -> Aside {
    match refusal {
        Refusal::Field(error) if error.field == "deadline" => match opening.deadline.take() {
            Some(_) => Aside::Something,
            None => Aside::Nothing,
        },
        Refusal::Field(error) => match set_field_aside(&mut opening.stage_one, error) {
            Aside::Something => Aside::Something,
            Aside::Nothing => set_field_aside(&mut opening.stage_two, error),
        },
        Refusal::Consent(ConsentRefusal::Class(class) | ConsentRefusal::TooEarly(class)) => {
            let one = drop_class(&mut opening.stage_one, *class);
            let two = drop_class(&mut opening.stage_two, *class);
            if one == Aside::Something { one } else { two }
        }
        Refusal::Consent(
            ConsentRefusal::Flawed(_)
            | ConsentRefusal::OtherParties
            | ConsentRefusal::OtherPurpose
            | ConsentRefusal::Ended(_)
            | ConsentRefusal::NotYetValid
            | ConsentRefusal::Theme
            | ConsentRefusal::Feedback,
        )
        | Refusal::UnknownThread
        | Refusal::UnknownPeer
        | Refusal::PeerSuspended
        | Refusal::WrongRecipient
        | Refusal::WrongSigner
        | Refusal::ThreadExists
        | Refusal::ChainForked
        | Refusal::ChainBroken
        | Refusal::OutOfOrder
        | Refusal::ThreadFrozen
        | Refusal::ChainTooLong
        | Refusal::FromTheFuture
        | Refusal::Missing(_)
        | Refusal::ConsentMissing
        | Refusal::ContentGone
        | Refusal::NotAllowed { .. }
        | Refusal::RoleNotAllowed
        | Refusal::FollowUpNotHeld => Aside::Nothing,
    }
}

fn set_field_aside(content: &mut Content, error: &FieldError) -> Aside {
    if let Some(name) = &mut content.name {
        let part = match error.field {
            "name.given" => Some(&mut name.given),
            "name.family" => Some(&mut name.family),
            _ => None,
        };
        if let Some(part) = part.filter(|part| part.expose() != STAND_IN) {
            *part = Personal::new(STAND_IN.to_owned());
            return Aside::Something;
        }
    }
    let class = error.field.split('.').next().unwrap_or_default();
    DataClass::parse(class).map_or(Aside::Nothing, |class| drop_class(content, class))
}

/// Leaves a class out. A need is what a referral is about: it cannot be left out.
fn drop_class(content: &mut Content, class: DataClass) -> Aside {
    let held = match class {
        DataClass::Need | DataClass::Times => false,
        DataClass::Constraints => content.constraints.take().is_some(),
        DataClass::Level => content.level.take().is_some(),
        DataClass::Eligibility => content.eligibility.take().is_some(),
        DataClass::Note => content.note.take().is_some(),
        DataClass::Answer => content.answer.take().is_some(),
        DataClass::Professional => content.professional.take().is_some(),
        DataClass::Course => content.course.take().is_some(),
        DataClass::Name => content.name.take().is_some(),
        DataClass::Contact => content.contact.take().is_some(),
        DataClass::Handover => content.handover.take().is_some(),
        DataClass::Documents => content.documents.take().is_some(),
        DataClass::Sensitive => content.sensitive.take().is_some(),
    };
    if held { Aside::Something } else { Aside::Nothing }
}

#[cfg(test)]
mod tests;
