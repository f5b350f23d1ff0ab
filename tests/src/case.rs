//! A person's case, as a professional would type it: every name is made up.

use crate::desk::{Id, fresh};
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::act_request::{self, Act};
use relais_proto::peer::v1 as peer;
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};

/// The need of every case unless said otherwise.
pub const THEME: &str = "numerique--acceder-a-une-connexion-internet";
/// Another need.
pub const OTHER_THEME: &str = "lecture-ecriture-calcul--maitriser-le-francais";
/// La Rochelle.
pub const COMMUNE: &str = "17300";
/// The service of every structure in these tests.
pub const SERVICE: &str = "accompagnement";

/// Milliseconds since 1970 by this machine's clock.
pub fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

/// Some minutes from now.
pub fn in_minutes(minutes: i64) -> i64 {
    now_ms() + minutes * 60_000
}

/// A file of services in data·inclusion v1.
pub fn services(ids: &[&str]) -> String {
    let service = |id: &&str| {
        json!({
            "source": "essai",
            "structure_id": "structure-essai",
            "id": id,
            "nom": "Accompagnement au numérique",
            "description": "Prêt d'un ordinateur et aide aux démarches en ligne, sur rendez-vous ou sans.",
            "date_maj": "2026-10-01",
            "thematiques": [THEME, OTHER_THEME],
            "publics": ["tous-publics"],
            "frais": "gratuit",
            "modes_accueil": ["en-presentiel"],
            "zone_eligibilite": ["17"],
            "commune": "La Rochelle",
            "code_insee": COMMUNE,
            "code_postal": "17000",
            "adresse": "1 rue de l'Essai",
            "telephone": "+33546000000"
        })
    };
    json!(ids.iter().map(service).collect::<Vec<_>>()).to_string()
}

/// What a professional knows of the person.
#[derive(Clone)]
pub struct Case {
    /// First name.
    pub given: String,
    /// Family name, or its initial.
    pub family: String,
    /// Phone number, or where the person is found.
    pub contact: String,
    /// A note that leaves at once.
    pub note: Option<String>,
    /// How much may be told back.
    pub feedback: peer::FeedbackLevel,
    /// The service asked.
    pub service: String,
    /// Until when an answer is awaited, ms.
    pub deadline_ms: Option<i64>,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            given: "Amina".to_owned(),
            family: "D".to_owned(),
            contact: "06 12 34 56 78".to_owned(),
            note: None,
            feedback: peer::FeedbackLevel::Outcome,
            service: SERVICE.to_owned(),
            deadline_ms: None,
        }
    }
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Case([personal])")
    }
}

impl Case {
    /// A case where this much may be told back.
    pub fn telling(feedback: peer::FeedbackLevel) -> Self {
        Self { feedback, ..Self::default() }
    }

    fn stage_one(&self) -> desk::StageOne {
        let need = peer::Need {
            themes: vec![THEME.to_owned()],
            urgency: peer::Urgency::Normal.into(),
            territory: COMMUNE.to_owned(),
            service_id: self.service.clone(),
            feedback: self.feedback.into(),
            ..Default::default()
        };
        let level = peer::Level {
            digital_autonomy: Some(1),
            equipment: vec![peer::Equipment::BasicPhone.into()],
            french_spoken: Some(3),
            french_read: Some(1),
            languages: vec!["fr".to_owned()],
            ..Default::default()
        };
        desk::StageOne {
            need: Some(need),
            level: Some(level),
            note: self.note.clone().map(|text| peer::Note { text }),
            ..Default::default()
        }
    }

    fn name(&self) -> peer::Name {
        peer::Name { given: self.given.clone(), family: self.family.clone() }
    }

    /// How the person is reached.
    pub fn reach(&self) -> peer::Contact {
        peer::Contact {
            reach: peer::Reach::PresentAt.into(),
            detail: Some(self.contact.clone()),
            language: Some("fr".to_owned()),
            cautions: vec![peer::Caution::DoNotWrite.into()],
        }
    }

    fn consent(&self, classes: &[peer::DataClass]) -> desk::ConsentInput {
        desk::ConsentInput {
            classes: classes.iter().map(|class| i32::from(*class)).collect(),
            themes: vec![THEME.to_owned()],
            feedback: self.feedback.into(),
            given: Some(given()),
            ..Default::default()
        }
    }

    /// The referral of this case to `to`.
    pub fn referral(&self, to: &Id) -> desk::OpenReferralRequest {
        use peer::DataClass::{Answer, Contact, Level, Name, Need, Note};
        let stage_two =
            desk::StageTwo { name: Some(self.name()), contact: Some(self.reach()), ..Default::default() };
        desk::OpenReferralRequest {
            request_id: fresh(),
            recipient_id: to.clone(),
            stage_one: Some(self.stage_one()),
            stage_two: Some(stage_two),
            consent: Some(self.consent(&[Need, Level, Note, Answer, Name, Contact])),
            deadline_ms: self.deadline_ms,
            follow_up_id: Vec::new(),
        }
    }

    /// The follow-up of this case, with these notes for the structure alone.
    pub fn follow_up(&self, notes: Vec<String>) -> desk::OpenFollowUpRequest {
        desk::OpenFollowUpRequest {
            request_id: fresh(),
            name: Some(self.name()),
            contact: Some(self.reach()),
            notes,
            referent: String::new(),
        }
    }

    /// The handover of this case's follow-up to `to`.
    pub fn handover(&self, to: &Id, follow_up: &[u8], content: peer::Handover) -> desk::OpenHandoverRequest {
        use peer::DataClass::{Contact, Documents, Handover, Level, Name, Need, Note, Sensitive};
        let stage_two = desk::StageTwo {
            name: Some(self.name()),
            contact: Some(self.reach()),
            handover: Some(content),
            ..Default::default()
        };
        let consent = self.consent(&[Need, Level, Note, Name, Contact, Handover, Documents, Sensitive]);
        desk::OpenHandoverRequest {
            request_id: fresh(),
            recipient_id: to.clone(),
            stage_one: Some(self.stage_one()),
            stage_two: Some(stage_two),
            consent: Some(consent),
            follow_up_id: follow_up.to_vec(),
            offer_until_ms: None,
            signing: desk::Signing::ByItself.into(),
        }
    }
}

fn given() -> peer::ConsentGiven {
    peer::ConsentGiven {
        how: peer::GivenHow::Oral.into(),
        language: "fr".to_owned(),
        interpreter: peer::Interpreter::None.into(),
        teach_back: peer::TeachBack::Done.into(),
        presence: peer::Presence::None.into(),
    }
}

/// A plain content of a handover.
pub fn handover_content() -> peer::Handover {
    peer::Handover {
        done: vec!["Espace personnel ouvert".to_owned()],
        pending: vec!["Demande de carte".to_owned()],
        deadlines: Vec::new(),
        goals: vec!["Pouvoir écrire à son fils".to_owned()],
    }
}

/// «Nous prenons contact».
pub fn accept() -> Act {
    accept_by("Claire M.", "05 46 00 00 00")
}

/// The same, by this professional.
pub fn accept_by(name: &str, contact: &str) -> Act {
    let professional = peer::Professional { name: name.to_owned(), contact: contact.to_owned() };
    Act::Accept(act_request::Accept { professional: Some(professional), not_before_ms: None })
}

/// No.
pub fn refuse(reason: peer::Reason, suggestions: Vec<peer::Suggestion>) -> Act {
    Act::Refuse(act_request::Refuse { reason: reason.into(), suggestions })
}

/// An appointment tomorrow.
pub fn schedule(place: &str) -> Act {
    let appointment_ms = in_minutes(24 * 60);
    Act::Schedule(act_request::Schedule { appointment_ms, place: Some(place.to_owned()) })
}

/// The person came.
pub fn arrive() -> Act {
    Act::Arrive(act_request::Arrive {})
}

/// Closed with the need met.
pub fn close(account: Option<&str>) -> Act {
    let account = account.map(str::to_owned);
    Act::Close(act_request::Close { outcome: peer::Outcome::NeedMet.into(), account })
}

/// The person stops.
pub fn stop() -> Act {
    Act::StopConsent(act_request::StopConsent {})
}

/// A note both ends see.
pub fn note(text: &str) -> Act {
    Act::Note(act_request::WriteNote { text: text.to_owned() })
}

/// Taken back.
pub fn withdraw() -> Act {
    Act::Withdraw(act_request::Withdraw { reason: peer::Reason::NoLongerNeeded.into() })
}
