//! Who a person is and how to reach them, as a form says it. Its fields are those of the macro `reach.html`.

use super::languages;
use super::referral::seen;
use crate::form::Form;
use crate::tongue::Tongue;
use relais_proto::peer::v1 as peer;

/// The way that a form shows as chosen before anything was.
pub(crate) const USUAL_WAY: &str = "telephone";

/// The person's name; `None` when nothing was typed.
pub(crate) fn name(form: &Form) -> Option<peer::Name> {
    let name = peer::Name { given: form.text("prenom").to_owned(), family: form.text("initiale").to_owned() };
    (name != peer::Name::default()).then_some(name)
}

/// Whether the way chosen needs a number, an address or hours beside it.
pub(crate) fn wants_detail(form: &Form) -> bool {
    matches!(form.text("voie"), "telephone" | "courriel" | "presence")
}

/// How to reach the person.
pub(crate) fn contact(form: &Form) -> peer::Contact {
    let reach = match form.text("voie") {
        "telephone" => peer::Reach::Phone,
        "courriel" => peer::Reach::Email,
        "presence" => peer::Reach::PresentAt,
        _ => peer::Reach::ThroughSender,
    };
    let detail = form.text("joindre").to_owned();
    let told = reach != peer::Reach::ThroughSender && !detail.is_empty();
    let language = languages::code(form.text("langue"));
    let mut cautions: Vec<i32> = form.all("precaution").iter().filter_map(|one| one.parse().ok()).collect();
    cautions.sort_unstable();
    cautions.dedup();
    peer::Contact {
        reach: reach.into(),
        detail: told.then_some(detail),
        language: (!language.is_empty()).then_some(language),
        cautions,
    }
}

/// Fills a form with a person who is known.
pub(crate) fn fill(
    form: &mut Form,
    tongue: Tongue,
    name: Option<&peer::Name>,
    contact: Option<&peer::Contact>,
) {
    if let Some(name) = name {
        form.set("prenom", &name.given);
        form.set("initiale", &name.family);
    }
    if let Some(contact) = contact {
        let way = match contact.reach() {
            peer::Reach::Phone => "telephone",
            peer::Reach::Email => "courriel",
            peer::Reach::PresentAt => "presence",
            peer::Reach::ThroughSender | peer::Reach::Unspecified => "moi",
        };
        form.set("voie", way);
        form.set("joindre", contact.detail());
        form.set("langue", &seen::language(tongue, contact.language()));
        for caution in contact.cautions() {
            form.add("precaution", &i32::from(caution).to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tongue::Language;

    #[test]
    fn what_is_known_of_a_person_comes_back_as_it_was() {
        let name = peer::Name { given: "Noémie".to_owned(), family: "L".to_owned() };
        for reach in
            [peer::Reach::Phone, peer::Reach::Email, peer::Reach::PresentAt, peer::Reach::ThroughSender]
        {
            let told = reach != peer::Reach::ThroughSender;
            let known = peer::Contact {
                reach: reach.into(),
                detail: told.then(|| "06 12 34 56 78".to_owned()),
                language: Some("uk".to_owned()),
                cautions: vec![1, 3],
            };
            let mut form = Form::default();
            fill(&mut form, Tongue(Language::French), Some(&name), Some(&known));
            assert_eq!(form.text("langue"), "ukrainien", "nobody need know the code");
            assert_eq!(contact(&form), known);
            assert_eq!(super::name(&form), Some(name.clone()));
        }
        assert_eq!(super::name(&Form::default()), None);
    }

    #[test]
    fn a_detail_is_dropped_when_the_person_is_reached_through_us() {
        let form = Form::parse(b"voie=moi&joindre=06").unwrap();
        assert_eq!(contact(&form).detail, None);
        assert!(!wants_detail(&form));
        assert!(wants_detail(&Form::parse(b"voie=presence").unwrap()));
    }
}
