//! What the professionals fill in: the persons of the story, what they need and what they agreed to. All invented; the
//! phone numbers are from the range kept for fiction.

use super::cast::COMMUNE;
use relais_proto::desk::v1::{ConsentInput, OpenFollowUpRequest, OpenReferralRequest, StageOne, StageTwo};
use relais_proto::peer::v1::{
    Caution, Connection, ConsentGiven, Contact, DataClass, Equipment, FeedbackLevel, GivenHow, Handover,
    Interpreter, Level, Name, Need, Presence, Professional, Reach, TeachBack, Urgency,
};

/// A person of the story.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    /// Usual first name.
    pub(crate) given: &'static str,
    /// Family name.
    pub(crate) family: &'static str,
    /// Phone number.
    pub(crate) phone: &'static str,
}

/// The jobseeker who cannot go online.
pub(crate) const NADIA: Person = Person { given: "Nadia", family: "Bensaïd", phone: "06 39 98 12 34" };
/// Someone who would like to read better.
pub(crate) const MARCEL: Person = Person { given: "Marcel", family: "Roy", phone: "06 39 98 23 45" };
/// Someone who changes their mind.
pub(crate) const INES: Person = Person { given: "Inès", family: "Faure", phone: "06 39 98 34 56" };

impl Person {
    /// First name and initial: what a referral may tell.
    pub(crate) fn initial(self) -> Name {
        let initial = self.family.chars().take(1).collect();
        Name { given: self.given.to_owned(), family: initial }
    }

    /// The whole name: what the structure that follows the person knows, and what a handover tells.
    pub(crate) fn full(self) -> Name {
        Name { given: self.given.to_owned(), family: self.family.to_owned() }
    }

    /// How to reach the person.
    pub(crate) fn contact(self) -> Contact {
        Contact {
            reach: Reach::Phone.into(),
            detail: Some(self.phone.to_owned()),
            language: Some("fr".to_owned()),
            cautions: vec![Caution::DoNotCallHome.into()],
        }
    }

    /// What opens the person's follow-up.
    pub(crate) fn follow_up(self) -> OpenFollowUpRequest {
        OpenFollowUpRequest {
            name: Some(self.full()),
            contact: Some(self.contact()),
            notes: vec!["Entretien d'embauche vendredi, à préparer.".to_owned()],
            ..OpenFollowUpRequest::default()
        }
    }
}

/// What is asked of a service.
pub(crate) fn need(theme: &str, service_id: &str, feedback: FeedbackLevel) -> Need {
    Need {
        themes: vec![theme.to_owned()],
        urgency: Urgency::Soon.into(),
        territory: COMMUNE.to_owned(),
        service_id: service_id.to_owned(),
        feedback: feedback.into(),
        ..Need::default()
    }
}

/// Hardly any digital autonomy: a prepaid phone, French spoken well.
pub(crate) fn level() -> Level {
    Level {
        digital_autonomy: Some(2),
        equipment: vec![Equipment::BasicPhone.into()],
        connection: Some(Connection::Prepaid.into()),
        french_spoken: Some(4),
        french_read: Some(3),
        languages: vec!["fr".to_owned()],
    }
}

/// What the person agreed to, said aloud and said back.
pub(crate) fn consent(theme: &str, classes: &[DataClass], feedback: FeedbackLevel) -> ConsentInput {
    ConsentInput {
        classes: classes.iter().map(|class| i32::from(*class)).collect(),
        themes: vec![theme.to_owned()],
        feedback: feedback.into(),
        given: Some(ConsentGiven {
            how: GivenHow::Oral.into(),
            language: "fr".to_owned(),
            interpreter: Interpreter::None.into(),
            teach_back: TeachBack::Done.into(),
            presence: Presence::None.into(),
        }),
        ..ConsentInput::default()
    }
}

/// What may leave for a referral that tells need, level, name and contact.
pub(crate) const REFERRAL_CLASSES: [DataClass; 4] =
    [DataClass::Need, DataClass::Level, DataClass::Name, DataClass::Contact];

/// A referral of a person to a service of another structure.
pub(crate) fn referral(person: Person, to: &[u8], need: Need) -> OpenReferralRequest {
    let theme = need.themes.first().cloned().unwrap_or_default();
    let feedback = FeedbackLevel::try_from(need.feedback).unwrap_or_default();
    OpenReferralRequest {
        recipient_id: to.to_vec(),
        stage_one: Some(StageOne { need: Some(need), level: Some(level()), ..StageOne::default() }),
        stage_two: Some(StageTwo {
            name: Some(person.initial()),
            contact: Some(person.contact()),
            ..StageTwo::default()
        }),
        consent: Some(consent(&theme, &REFERRAL_CLASSES, feedback)),
        ..OpenReferralRequest::default()
    }
}

/// Where the follow-up stands when it is handed over.
pub(crate) fn handover() -> Handover {
    Handover {
        done: vec!["Entretien d'embauche préparé".to_owned(), "Accès à Internet rétabli".to_owned()],
        pending: vec!["Ordinateur reconditionné à remettre".to_owned()],
        deadlines: Vec::new(),
        goals: vec!["Faire ses démarches en ligne sans aide".to_owned()],
    }
}

/// A professional to contact.
pub(crate) fn professional((name, contact): (&str, &str)) -> Professional {
    Professional { name: name.to_owned(), contact: contact.to_owned() }
}
