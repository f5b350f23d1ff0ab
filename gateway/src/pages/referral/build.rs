//! From what was typed to what the node is asked. Nothing is judged here: the node says what is wrong.

use super::precise;
use crate::form::Form;
use crate::hex;
use crate::pages::{agreed, reach};
use relais_proto::desk::v1::{ConsentInput, OpenReferralRequest, StageOne, StageTwo};
use relais_proto::peer::v1 as peer;

/// Whether the person goes there with a slip, without a name.
pub(crate) fn is_walk_in(form: &Form) -> bool {
    !form.text("offre").is_empty()
}

/// The referral a form says, and the notice that was shown; none while it is only looked at.
pub(crate) fn referral(form: &Form, notice_id: &str) -> OpenReferralRequest {
    let walk_in = is_walk_in(form);
    OpenReferralRequest {
        request_id: hex::id(form.text("demande")).unwrap_or_default(),
        recipient_id: hex::bytes(form.text("structure")).unwrap_or_default(),
        stage_one: Some(stage_one(form)),
        stage_two: Some(if walk_in { StageTwo::default() } else { stage_two(form) }),
        consent: Some(ConsentInput { notice_id: notice_id.to_owned(), ..consent(form) }),
        deadline_ms: None,
        follow_up_id: hex::id(form.text("suivi")).unwrap_or_default(),
    }
}

/// Each level takes its own tick: who ticked the second alone has agreed to none, and the page says so.
fn feedback(form: &Form) -> peer::FeedbackLevel {
    match (form.has("retour", "venue"), form.has("retour", "resultat")) {
        (true, true) => peer::FeedbackLevel::Outcome,
        (true, false) => peer::FeedbackLevel::Attended,
        (false, _) => peer::FeedbackLevel::Accepted,
    }
}

/// Whether the outcome is to be told back and the attendance, which goes with it, is not.
pub(crate) fn feedback_lacks_attendance(form: &Form) -> bool {
    form.has("retour", "resultat") && !form.has("retour", "venue")
}

/// How urgent a form says it is.
pub(crate) fn urgency(form: &Form) -> peer::Urgency {
    match form.text("urgence") {
        "now" => peer::Urgency::Now,
        "soon" => peer::Urgency::Soon,
        _ => peer::Urgency::Normal,
    }
}

fn note(form: &Form) -> Option<peer::Note> {
    let text = form.text("note").replace("\r\n", "\n");
    (!text.is_empty()).then_some(peer::Note { text })
}

/// What a form calls an urgency.
pub(crate) fn urgency_word(urgency: peer::Urgency) -> &'static str {
    match urgency {
        peer::Urgency::Now => "now",
        peer::Urgency::Soon => "soon",
        peer::Urgency::Normal | peer::Urgency::Unspecified => "normal",
    }
}

fn stage_one(form: &Form) -> StageOne {
    let need = peer::Need {
        themes: vec![form.text("theme").to_owned()],
        urgency: urgency(form).into(),
        territory: form.text("commune-code").to_owned(),
        service_id: form.text("service").to_owned(),
        feedback: feedback(form).into(),
        walk_in_offer: hex::bytes(form.text("offre")).unwrap_or_default(),
        ..peer::Need::default()
    };
    StageOne {
        need: Some(need),
        constraints: precise::constraints(form),
        level: precise::level(form),
        eligibility: precise::eligibility(form),
        note: note(form),
        name: reach::name(form).filter(|_| name_is_early(form)),
    }
}

/// Whether the name leaves before the answer.
pub(crate) fn name_is_early(form: &Form) -> bool {
    form.has("nom-avant", "oui")
}

fn stage_two(form: &Form) -> StageTwo {
    StageTwo {
        name: reach::name(form).filter(|_| !name_is_early(form)),
        contact: Some(reach::contact(form)),
        ..StageTwo::default()
    }
}

/// The classes behind the two ticks: «le besoin» covers the need and what makes it precise, «comment vous joindre» the
/// name and the contact.
fn classes(form: &Form) -> Vec<i32> {
    let one = stage_one(form);
    let mut classes = Vec::new();
    if form.has("accepte", "besoin") {
        classes.push(peer::DataClass::Need);
        classes.extend(one.constraints.is_some().then_some(peer::DataClass::Constraints));
        classes.extend(one.level.is_some().then_some(peer::DataClass::Level));
        classes.extend(one.eligibility.is_some().then_some(peer::DataClass::Eligibility));
        classes.extend(one.note.is_some().then_some(peer::DataClass::Note));
    }
    if form.has("accepte", "joindre") && !is_walk_in(form) {
        classes.extend([peer::DataClass::Name, peer::DataClass::Contact]);
    }
    classes.into_iter().map(i32::from).collect()
}

fn consent(form: &Form) -> ConsentInput {
    ConsentInput {
        classes: classes(form),
        themes: vec![form.text("theme").to_owned()],
        feedback: feedback(form).into(),
        name_stage: if name_is_early(form) { peer::Stage::One.into() } else { 0 },
        given: Some(agreed::given(form)),
        notice_language: agreed::notice_language(form).to_owned(),
        ..ConsentInput::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Form {
        Form::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn nothing_is_agreed_to_that_was_not_ticked() {
        assert_eq!(consent(&form("prenom=Amina&joindre=06&voie=telephone")).classes, Vec::<i32>::new());
        let precise = "note=matin&autonomie=2&contrainte=1&critere-3=non";
        assert_eq!(consent(&form(precise)).classes, Vec::<i32>::new(), "what is said needs the tick too");
        let both = consent(&form(&format!("accepte=besoin&accepte=joindre&{precise}")));
        let classes = [
            peer::DataClass::Need,
            peer::DataClass::Constraints,
            peer::DataClass::Level,
            peer::DataClass::Eligibility,
            peer::DataClass::Note,
            peer::DataClass::Name,
            peer::DataClass::Contact,
        ];
        assert_eq!(both.classes, classes.map(i32::from));
    }

    #[test]
    fn a_walk_in_says_no_name_whatever_was_typed() {
        let offer = "ab".repeat(32);
        let typed =
            format!("offre={offer}&prenom=Amina&joindre=06&voie=telephone&accepte=besoin&accepte=joindre");
        let slip = referral(&form(&typed), "walk-in-1");
        assert_eq!(slip.stage_two, Some(StageTwo::default()));
        assert!(slip.stage_one.unwrap().name.is_none());
        assert_eq!(slip.consent.unwrap().classes, [i32::from(peer::DataClass::Need)]);
    }

    #[test]
    fn the_name_waits_for_the_answer_unless_it_is_asked_before() {
        let usual = referral(&form("prenom=Amina&initiale=B"), "");
        assert!(usual.stage_one.unwrap().name.is_none() && usual.stage_two.unwrap().name.is_some());
        let early = referral(&form("prenom=Amina&initiale=B&nom-avant=oui"), "");
        assert!(early.stage_one.unwrap().name.is_some() && early.stage_two.unwrap().name.is_none());
    }

    #[test]
    fn what_is_told_back_grows_with_each_tick() {
        assert_eq!(feedback(&form("")), peer::FeedbackLevel::Accepted);
        assert_eq!(feedback(&form("retour=venue")), peer::FeedbackLevel::Attended);
        assert_eq!(feedback(&form("retour=venue&retour=resultat")), peer::FeedbackLevel::Outcome);
        assert_eq!(feedback(&form("retour=resultat")), peer::FeedbackLevel::Accepted, "each its own tick");
    }
}
