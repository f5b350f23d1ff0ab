//! From a draft to what the node is asked.

use super::{Agreed, Coming, Draft, Kind};
use crate::codes::{Code, numbers};
use crate::exit::Failure;
use crate::ids::{self, Id};
use crate::when::When;
use relais_domain::class::DataClass;
use relais_domain::consent::{Interpreter, Presence, TeachBack};
use relais_domain::content::{Statement, YesNo};
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_proto::desk::v1::{
    ConsentInput, OpenHandoverRequest, OpenReferralRequest, PeerView, StageOne, StageTwo,
};
use relais_proto::peer::v1 as peer;

/// The language taken when none is said.
const LANGUAGE: &str = "fr";

/// What a draft is completed with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Completion<'a> {
    /// Fresh id of the call.
    pub(crate) request_id: Id,
    /// The partners, to find the one that was typed.
    pub(crate) peers: &'a [PeerView],
    /// The follow-up it belongs to, once found.
    pub(crate) follow_up: Option<Id>,
    /// Now.
    pub(crate) now: Timestamp,
}

impl Draft {
    /// The referral to be sent.
    ///
    /// # Errors
    /// [`Failure`] that names what is missing or wrong.
    pub(crate) fn into_referral(self, with: &Completion<'_>) -> Result<OpenReferralRequest, Failure> {
        self.check(Kind::Referral)?;
        self.check_coming()?;
        self.check_told(with)?;
        let recipient = self.recipient(with)?;
        Ok(OpenReferralRequest {
            request_id: with.request_id.to_vec(),
            recipient_id: recipient.as_bytes().to_vec(),
            deadline_ms: instant("deadline", self.deadline, with.now)?,
            follow_up_id: with.follow_up.map(Vec::from).unwrap_or_default(),
            consent: Some(self.consent_input(with)?),
            stage_one: Some(self.stage_one()),
            stage_two: Some(self.into_stage_two()),
        })
    }

    /// The handover to be proposed.
    ///
    /// # Errors
    /// [`Failure`] that names what is missing or wrong.
    pub(crate) fn into_handover(self, with: &Completion<'_>) -> Result<OpenHandoverRequest, Failure> {
        self.check(Kind::Handover)?;
        let recipient = self.recipient(with)?;
        Ok(OpenHandoverRequest {
            request_id: with.request_id.to_vec(),
            recipient_id: recipient.as_bytes().to_vec(),
            follow_up_id: with.follow_up.map(Vec::from).unwrap_or_default(),
            offer_until_ms: instant("offer_until", self.offer_until, with.now)?,
            signing: self.signing.map(Code::wire).unwrap_or_default(),
            consent: Some(self.consent_input(with)?),
            stage_one: Some(self.stage_one()),
            stage_two: Some(self.into_stage_two()),
        })
    }

    fn check(&self, kind: Kind) -> Result<(), Failure> {
        let missing = self.missing(kind);
        match missing.first() {
            None => Ok(()),
            Some(first) => {
                let message =
                    format!("missing: {}; give them by --file or flags, see --help", missing.join(", "));
                Err(Failure { field: Some((*first).to_owned()), ..Failure::usage(message) })
            }
        }
    }

    /// A person who comes by themselves is not named.
    fn check_coming(&self) -> Result<(), Failure> {
        let early = [("name", self.name.is_some()), ("contact", self.contact.is_some())];
        match (self.coming, early.into_iter().find(|(_, told)| *told)) {
            (Coming::WalkIn, Some((field, _))) => {
                let problem = "never leaves in a walk-in referral: leave it out, the person shows the slip";
                Err(Failure::input(field, problem))
            }
            (Coming::WalkIn, None) | (Coming::Answered, _) => Ok(()),
        }
    }

    /// What the person agreed to have told is there: else the other structure accepts, and can reach nobody.
    fn check_told(&self, with: &Completion<'_>) -> Result<(), Failure> {
        let agreed = &self.consent.classes;
        let told = [
            ("name", DataClass::Name, self.name.is_some()),
            ("contact", DataClass::Contact, self.contact.is_some()),
        ];
        let absent = told.into_iter().find(|(_, class, is_there)| agreed.contains(class) && !is_there);
        match absent.filter(|_| with.follow_up.is_none()) {
            Some((field, ..)) => {
                let problem = "the person agreed that it is told, and it is missing: give it by --person, or leave \
                               the class out";
                Err(Failure::input(field, problem))
            }
            None => Ok(()),
        }
    }

    /// The partner that was typed.
    ///
    /// # Errors
    /// [`Failure`] when none or several are meant.
    pub(crate) fn partner(&self, peers: &[PeerView]) -> Result<StructureId, Failure> {
        ids::peer("to", self.to.as_deref().unwrap_or_default(), peers)
    }

    fn recipient(&self, with: &Completion<'_>) -> Result<StructureId, Failure> {
        self.partner(with.peers)
    }

    fn name_is_early(&self) -> bool {
        self.consent.name_stage == Some(peer::Stage::One)
    }

    fn stage_one(&self) -> StageOne {
        let need = peer::Need {
            themes: self.themes.clone(),
            urgency: self.urgency.map(Code::wire).unwrap_or_default(),
            territory: self.commune.clone().unwrap_or_default(),
            service_id: self.service.clone().unwrap_or_default(),
            feedback: self.consent.feedback_wire(),
            walk_in_offer: self.offer.clone().unwrap_or_default(),
            ..peer::Need::default()
        };
        let level = Some(self.level.clone()).filter(|level| *level != peer::Level::default());
        let constraints = numbers(&self.constraints);
        StageOne {
            need: Some(need),
            constraints: (!constraints.is_empty()).then_some(peer::Constraints { constraints }),
            level,
            eligibility: eligibility(&self.eligibility),
            note: self.note.clone().map(|text| peer::Note { text }),
            name: self.name.clone().filter(|_| self.name_is_early()),
        }
    }

    fn into_stage_two(self) -> StageTwo {
        let early = self.name_is_early();
        StageTwo {
            name: self.name.filter(|_| !early),
            contact: self.contact,
            handover: self.handover,
            documents: (!self.documents.is_empty()).then_some(peer::Documents { titles: self.documents }),
            sensitive: self.sensitive.map(|text| peer::Sensitive { text }),
        }
    }

    fn consent_input(&self, with: &Completion<'_>) -> Result<ConsentInput, Failure> {
        let agreed = &self.consent;
        let onward = agreed.onward.iter().map(|typed| ids::peer("consent.onward", typed, with.peers));
        let onward: Vec<StructureId> = onward.collect::<Result<_, _>>()?;
        let themes = if agreed.themes.is_empty() { &self.themes } else { &agreed.themes };
        Ok(ConsentInput {
            classes: numbers(&agreed.classes),
            themes: themes.clone(),
            feedback: agreed.feedback_wire(),
            name_stage: agreed.name_stage.map(Code::wire).unwrap_or_default(),
            given: Some(agreed.given()),
            notice_id: agreed.notice_id.clone().unwrap_or_default(),
            notice_language: agreed.notice_language.clone().unwrap_or_default(),
            valid_until_ms: instant("consent.valid_until", agreed.valid_until, with.now)?,
            onward: onward.iter().map(|id| id.as_bytes().to_vec()).collect(),
            ..ConsentInput::default()
        })
    }
}

impl Agreed {
    fn feedback_wire(&self) -> i32 {
        self.feedback.unwrap_or(relais_domain::content::FeedbackLevel::Accepted).wire()
    }

    fn given(&self) -> peer::ConsentGiven {
        peer::ConsentGiven {
            how: self.given.map(Code::wire).unwrap_or_default(),
            language: self.language.clone().unwrap_or_else(|| LANGUAGE.to_owned()),
            interpreter: self.interpreter.unwrap_or(Interpreter::None).wire(),
            teach_back: self.teach_back.unwrap_or(TeachBack::NotDone).wire(),
            presence: self.presence.unwrap_or(Presence::None).wire(),
        }
    }
}

fn eligibility(statements: &[(Statement, YesNo)]) -> Option<peer::Eligibility> {
    let statements = statements.iter().map(|(statement, value)| peer::EligibilityStatement {
        statement: statement.wire(),
        value: value.wire(),
    });
    let statements: Vec<_> = statements.collect();
    (!statements.is_empty()).then_some(peer::Eligibility { statements })
}

fn instant(field: &str, when: Option<When>, now: Timestamp) -> Result<Option<i64>, Failure> {
    when.map(|when| when.instant(field, now).map(|at| at.0)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_domain::consent::GivenHow;
    use relais_domain::content::Urgency;

    fn draft() -> Draft {
        Draft {
            to: Some("Lire".to_owned()),
            service: Some("s".to_owned()),
            themes: vec!["numerique--acceder-a-une-connexion-internet".to_owned()],
            urgency: Some(Urgency::Soon),
            commune: Some("17300".to_owned()),
            name: Some(peer::Name { given: "Amina".to_owned(), family: "B".to_owned() }),
            consent: Agreed {
                classes: vec![DataClass::Need, DataClass::Name],
                given: Some(GivenHow::Oral),
                ..Agreed::default()
            },
            ..Draft::default()
        }
    }

    fn lire() -> PeerView {
        let peer_id = StructureId::of_root_spki(&[7; 44]).as_bytes().to_vec();
        PeerView { peer_id, name: "Lire".to_owned(), ..PeerView::default() }
    }

    fn built(draft: Draft) -> Result<OpenReferralRequest, Failure> {
        let peers = [lire()];
        draft.into_referral(&Completion {
            request_id: [1; 16],
            peers: &peers,
            follow_up: None,
            now: Timestamp(0),
        })
    }

    #[test]
    fn the_name_leaves_after_acceptance_unless_agreed_otherwise() {
        let late = built(draft()).expect("whole");
        assert!(late.stage_one.expect("stage 1").name.is_none());
        assert!(late.stage_two.expect("stage 2").name.is_some());
        let mut early = draft();
        early.consent.name_stage = Some(peer::Stage::One);
        let early = built(early).expect("whole");
        assert!(early.stage_one.expect("stage 1").name.is_some());
        assert!(early.stage_two.expect("stage 2").name.is_none());
    }

    #[test]
    fn what_is_agreed_to_be_told_is_there() {
        let failure = built(Draft { name: None, ..draft() }).expect_err("nobody is named");
        assert_eq!((failure.exit.number(), failure.field.as_deref()), (65, Some("name")));
        let mut unreachable = draft();
        unreachable.consent.classes.push(DataClass::Contact);
        assert_eq!(built(unreachable).expect_err("no contact").field.as_deref(), Some("contact"));
    }

    #[test]
    fn a_person_who_comes_by_themselves_is_not_named() {
        let walk_in = || Draft { coming: Coming::WalkIn, offer: Some(vec![7; 32]), ..draft() };
        let failure = built(walk_in()).expect_err("named");
        assert_eq!((failure.exit.number(), failure.field.as_deref()), (65, Some("name")));
        let contact = Some(peer::Contact::default());
        let failure = built(Draft { name: None, contact, ..walk_in() }).expect_err("to be reached");
        assert_eq!(failure.field.as_deref(), Some("contact"));
        let mut unnamed = Draft { name: None, ..walk_in() };
        unnamed.consent.classes = vec![DataClass::Need];
        let sent = built(unnamed).expect("whole");
        assert_eq!(sent.stage_one.and_then(|one| one.need).map(|need| need.walk_in_offer), Some(vec![7; 32]));
        assert_eq!(sent.stage_two, Some(StageTwo::default()));
    }

    #[test]
    fn nothing_is_agreed_to_by_itself() {
        let consent = built(draft()).expect("whole").consent.expect("a consent");
        assert_eq!(consent.classes, [1, 10]);
        assert_eq!(consent.feedback, 1);
        let given = consent.given.expect("how it was given");
        assert_eq!((given.interpreter, given.teach_back, given.presence), (1, 2, 1));
        let mut silent = draft();
        silent.consent.classes.clear();
        let failure = built(silent).expect_err("no class agreed to");
        assert_eq!((failure.exit.number(), failure.field.as_deref()), (64, Some("consent.classes")));
    }

    #[test]
    fn everything_missing_is_said_at_once() {
        let failure = built(Draft::default()).expect_err("empty");
        assert!(failure.message.contains("to, service, need.themes, need.urgency"), "{}", failure.message);
    }
}
