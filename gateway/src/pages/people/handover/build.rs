//! From what was typed to what the node is asked. Nothing is judged here: the node says what is wrong.

use crate::form::Form;
use crate::hex;
use crate::pages::{agreed, reach};
use relais_proto::desk::v1::{
    ConsentInput, OpenHandoverRequest, OpenReferralRequest, Signing, StageOne, StageTwo,
};
use relais_proto::peer::v1 as peer;

/// The handover a form says, and the notice that was shown; `offer_until` is the end of the offer, when one was chosen.
pub(crate) fn handover(form: &Form, notice_id: &str, offer_until: Option<i64>) -> OpenHandoverRequest {
    let signing = if form.has("signature", "demander") { Signing::Asks } else { Signing::ByItself };
    OpenHandoverRequest {
        request_id: hex::id(form.text("demande")).unwrap_or_default(),
        recipient_id: hex::bytes(form.text("structure")).unwrap_or_default(),
        stage_one: Some(stage_one(form)),
        stage_two: Some(stage_two(form)),
        consent: Some(ConsentInput { notice_id: notice_id.to_owned(), ..consent(form) }),
        follow_up_id: hex::id(form.text("suivi")).unwrap_or_default(),
        offer_until_ms: offer_until,
        signing: signing.into(),
    }
}

/// What the node is asked before: what it would change of the need, and until when an agreement given now would hold.
/// There is no dry run of a handover; of these two, that of a referral says the same. Nothing is stored or sent.
pub(crate) fn dry_run(form: &Form) -> OpenReferralRequest {
    let given = peer::ConsentGiven { how: peer::GivenHow::Oral.into(), ..agreed::given(form) };
    OpenReferralRequest {
        request_id: hex::id(form.text("demande")).unwrap_or_default(),
        recipient_id: hex::bytes(form.text("structure")).unwrap_or_default(),
        stage_one: Some(stage_one(form)),
        stage_two: Some(StageTwo::default()),
        consent: Some(ConsentInput {
            classes: vec![peer::DataClass::Need.into()],
            given: Some(given),
            ..consent(form)
        }),
        ..Default::default()
    }
}

/// What leaves now: the need alone.
pub(crate) fn stage_one(form: &Form) -> StageOne {
    let need = peer::Need {
        themes: vec![form.text("theme").to_owned()],
        urgency: peer::Urgency::Normal.into(),
        territory: form.text("commune-code").to_owned(),
        service_id: form.text("service").to_owned(),
        feedback: peer::FeedbackLevel::Accepted.into(),
        ..Default::default()
    };
    StageOne { need: Some(need), ..Default::default() }
}

/// What leaves after acceptance.
pub(crate) fn stage_two(form: &Form) -> StageTwo {
    let handover = peer::Handover {
        done: lines(form, "fait"),
        pending: lines(form, "reste"),
        goals: lines(form, "buts"),
        ..Default::default()
    };
    StageTwo {
        name: reach::name(form),
        contact: Some(reach::contact(form)),
        handover: Some(handover),
        ..Default::default()
    }
}

/// One entry a line.
fn lines(form: &Form, field: &str) -> Vec<String> {
    form.text(field).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The classes behind the two ticks: «le besoin», then the name, the contact and where the follow-up stands.
fn classes(form: &Form) -> Vec<i32> {
    let need = form.has("accepte", "besoin").then_some(peer::DataClass::Need);
    let rest = [peer::DataClass::Name, peer::DataClass::Contact, peer::DataClass::Handover];
    let rest = rest.into_iter().filter(|_| form.has("accepte", "suivi"));
    need.into_iter().chain(rest).map(i32::from).collect()
}

fn consent(form: &Form) -> ConsentInput {
    ConsentInput {
        classes: classes(form),
        themes: vec![form.text("theme").to_owned()],
        feedback: peer::FeedbackLevel::Accepted.into(),
        given: Some(agreed::given(form)),
        notice_language: agreed::notice_language(form).to_owned(),
        ..Default::default()
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
        assert_eq!(classes(&form("prenom=Amina&reste=CAF")), Vec::<i32>::new());
        assert_eq!(classes(&form("accepte=besoin")), [i32::from(peer::DataClass::Need)]);
        let both = [
            peer::DataClass::Need,
            peer::DataClass::Name,
            peer::DataClass::Contact,
            peer::DataClass::Handover,
        ];
        assert_eq!(classes(&form("accepte=suivi&accepte=besoin")), both.map(i32::from));
    }

    #[test]
    fn before_the_answer_only_the_need_is_told() {
        let asked = handover(&form("prenom=Amina&initiale=Benali&reste=CAF&theme=t&service=s"), "", None);
        let one = asked.stage_one.unwrap();
        assert!(one.name.is_none() && one.note.is_none());
        let two = asked.stage_two.unwrap();
        assert_eq!(two.name.unwrap().family, "Benali", "a handover tells the whole name when it is known");
        assert_eq!(two.handover.unwrap().pending, ["CAF"]);
    }

    #[test]
    fn a_dry_run_tells_nothing_of_the_person() {
        let asked =
            dry_run(&form("prenom=Amina&initiale=B&joindre=06&voie=telephone&reste=CAF&accepte=suivi"));
        assert_eq!(asked.stage_two, Some(StageTwo::default()));
        assert!(asked.stage_one.unwrap().name.is_none());
        assert_eq!(asked.consent.unwrap().classes, [i32::from(peer::DataClass::Need)]);
    }

    #[test]
    fn each_line_is_one_entry() {
        let two = stage_two(&form("fait=CV%0D%0A%0D%0A+Dossier+logement+&buts="));
        let told = two.handover.unwrap();
        assert_eq!(told.done, ["CV", "Dossier logement"]);
        assert!(told.goals.is_empty());
    }

    #[test]
    fn the_node_signs_by_itself_unless_it_is_to_ask() {
        assert_eq!(handover(&form(""), "", None).signing(), Signing::ByItself);
        assert_eq!(handover(&form("signature=demander"), "", Some(7)).signing(), Signing::Asks);
        assert_eq!(handover(&form(""), "", Some(7)).offer_until_ms, Some(7));
    }
}
