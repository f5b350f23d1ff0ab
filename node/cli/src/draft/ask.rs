//! A referral by questions on a terminal. Nothing is agreed to by pressing Enter.

use super::{Coming, Draft, places};
use crate::codes::Code;
use crate::exit::Failure;
use crate::prompt::{Agreement, Prompt};
use crate::views::directory::choice;
use relais_domain::class::DataClass;
use relais_domain::consent::{GivenHow, Interpreter, Presence, TeachBack};
use relais_domain::content::{
    Caution, Connection, Constraint, Equipment, FeedbackLevel, Reach, Statement, Urgency, YesNo,
};
use relais_domain::structure_id::StructureId;
use relais_proto::desk::v1::{FoundService, NoticeView};
use relais_proto::peer::v1 as peer;

/// Asks for need, place and urgency, as far as they are missing.
///
/// # Errors
/// [`Failure`] when no answer comes.
pub(crate) fn need(prompt: &mut Prompt<'_>, draft: &mut Draft) -> Result<(), Failure> {
    if draft.themes.is_empty() {
        let theme = choose_found(prompt, "What is needed? (a few words)", places::themes, |theme| {
            places::theme_choice(*theme)
        })?;
        draft.themes = vec![theme.code().to_owned()];
    }
    if draft.commune.is_none() {
        let question = "Where does the person live? (commune, postcode or code)";
        let commune = choose_found(prompt, question, places::communes, places::commune_choice)?;
        draft.commune = Some(commune.code().to_string());
    }
    if draft.urgency.is_none() {
        draft.urgency = Some(prompt.code("How soon?", Urgency::ALL, Some(Urgency::ALL.len() - 1))?);
    }
    Ok(())
}

/// Asks for words until something is found, and for one of what is found.
fn choose_found<T: Copy>(
    prompt: &mut Prompt<'_>,
    question: &str,
    find: impl Fn(&str) -> Vec<T>,
    show: impl Fn(&T) -> String,
) -> Result<T, Failure> {
    let found = prompt.until(question, |typed| {
        let found = find(typed);
        if found.is_empty() { Err("nothing is called so; try other words".to_owned()) } else { Ok(found) }
    })?;
    if let [only] = found.as_slice() {
        prompt.say(&format!("  {}", show(only)))?;
        return Ok(*only);
    }
    let choices: Vec<String> = found.iter().map(show).collect();
    let chosen = prompt.choose("Which one?", &choices, Some(0))?;
    found.get(chosen).copied().ok_or_else(|| Failure::usage("no answer that fits: nothing was done"))
}

/// Asks for one of the services found.
///
/// # Errors
/// [`Failure`] when there is none, or no answer comes.
pub(crate) fn service(
    prompt: &mut Prompt<'_>,
    draft: &mut Draft,
    found: &[FoundService],
) -> Result<(), Failure> {
    if found.is_empty() {
        let message = "no partner offers this there: try another need, or `relais find` for another place";
        return Err(Failure::input("service", message));
    }
    let open = |found: &&FoundService| {
        draft.coming == Coming::Answered
            || found.service.as_ref().is_some_and(|service| service.walk_in.is_some())
    };
    let found: Vec<&FoundService> = found.iter().filter(open).collect();
    if found.is_empty() {
        let message = "none of these receives people without an answer first: refer without --walk-in";
        return Err(Failure::input("service", message));
    }
    let choices: Vec<String> = found.iter().map(|found| choice(found)).collect();
    let chosen = prompt.choose("Which service?", &choices, None)?;
    let service = found.get(chosen).and_then(|found| found.service.as_ref());
    let service = service.ok_or_else(|| Failure::usage("no answer that fits: nothing was done"))?;
    let structure = StructureId::from_slice(&service.structure_id);
    draft.to = structure.map(|id| id.to_string());
    draft.service = Some(service.service_id.clone());
    Ok(())
}

/// Asks what the service may need to know of the person, and who they are.
///
/// # Errors
/// [`Failure`] when no answer comes.
pub(crate) fn person(prompt: &mut Prompt<'_>, draft: &mut Draft) -> Result<(), Failure> {
    prompt.say("Level (Enter leaves a question out)")?;
    draft.level.digital_autonomy = scale(prompt, "Digital autonomy, 1 (none) to 5 (full)")?;
    draft.level.equipment = crate::codes::numbers(&prompt.codes("What can the person use?", Equipment::ALL)?);
    draft.level.connection = prompt.codes("Connection", Connection::ALL)?.first().map(|code| code.wire());
    draft.level.french_spoken = scale(prompt, "Spoken French, 1 to 5")?;
    draft.level.french_read = scale(prompt, "Read French, 1 to 5")?;
    draft.level.languages = list(&prompt.line("Languages spoken, like ar fr")?);
    draft.constraints = prompt.codes("Constraints", Constraint::ALL)?;
    let stated = prompt.codes("What can you state?", Statement::ALL)?;
    draft.eligibility = stated.into_iter().map(|statement| (statement, YesNo::Yes)).collect();
    draft.note = optional(prompt.line("A note, at most 280 characters; no name, no number")?);
    if draft.coming == Coming::WalkIn {
        return Ok(());
    }
    prompt.say("The person: told only after they accepted")?;
    draft.name = ask_name(prompt)?;
    draft.contact = ask_contact(prompt)?;
    Ok(())
}

fn ask_name(prompt: &mut Prompt<'_>) -> Result<Option<peer::Name>, Failure> {
    let Some(given) = optional(prompt.line("Usual first name")?) else { return Ok(None) };
    let family = prompt.text("Initial of the family name")?;
    Ok(Some(peer::Name { given, family }))
}

/// Asks how to reach someone.
///
/// # Errors
/// [`Failure`] when no answer comes.
pub(crate) fn ask_contact(prompt: &mut Prompt<'_>) -> Result<Option<peer::Contact>, Failure> {
    let through_sender = Reach::ALL.iter().position(|reach| *reach == Reach::ThroughSender);
    let reach = prompt.code("How can the person be reached safely?", Reach::ALL, through_sender)?;
    let detail = match reach {
        Reach::ThroughSender => None,
        Reach::Phone => Some(prompt.text("Phone number")?),
        Reach::Email => Some(prompt.text("E-mail address")?),
        Reach::PresentAt => Some(prompt.text("Days and hours")?),
    };
    let language = optional(prompt.line("Language to speak, like fr")?);
    let cautions = prompt.codes("What must not be done?", Caution::ALL)?;
    Ok(Some(peer::Contact {
        reach: reach.wire(),
        detail,
        language,
        cautions: crate::codes::numbers(&cautions),
    }))
}

fn scale(prompt: &mut Prompt<'_>, question: &str) -> Result<Option<u32>, Failure> {
    prompt.until(question, |answer| match answer.parse() {
        Ok(value) if (1..=5).contains(&value) => Ok(Some(value)),
        _ if answer.is_empty() => Ok(None),
        _ => Err("please write a number from 1 to 5, or press Enter".to_owned()),
    })
}

fn list(answer: &str) -> Vec<String> {
    answer.split([' ', ',']).filter(|part| !part.is_empty()).map(str::to_lowercase).collect()
}

fn optional(answer: String) -> Option<String> {
    (!answer.is_empty()).then_some(answer)
}

/// Shows the notice and asks what the person agreed to, bundle by bundle.
///
/// # Errors
/// [`Failure`] when the person did not agree, or no answer comes.
pub(crate) fn consent(
    prompt: &mut Prompt<'_>,
    draft: &mut Draft,
    notice: &NoticeView,
) -> Result<(), Failure> {
    prompt.say(&format!("\nRead this to the person, or show it:\n\n{}\n", notice.text))?;
    draft.consent.notice_id = Some(notice.notice_id.clone());
    draft.consent.notice_language = Some(notice.language.clone());
    agreed_classes(prompt, draft)?;
    draft.consent.feedback = Some(feedback(prompt)?);
    draft.consent.given = Some(prompt.code("How did the person agree?", GivenHow::ALL, None)?);
    let language = prompt.line("In which language? [fr]")?;
    draft.consent.language = optional(language).or_else(|| Some("fr".to_owned()));
    draft.consent.interpreter = Some(prompt.code("Who interpreted?", Interpreter::ALL, Some(0))?);
    draft.consent.teach_back =
        Some(prompt.code("Did the person say it back in their own words?", TeachBack::ALL, None)?);
    draft.consent.presence = Some(prompt.code("Who stood beside the person?", Presence::ALL, Some(0))?);
    Ok(())
}

fn agreed_classes(prompt: &mut Prompt<'_>, draft: &mut Draft) -> Result<(), Failure> {
    let need = need_bundle(draft);
    let words = crate::codes::choices(&need);
    if prompt.agrees(&format!("Does the person agree to tell the need now ({words})?"))? == Agreement::No {
        return Err(Failure::usage(
            "the person does not agree: nothing was sent. You can help without sending",
        ));
    }
    draft.consent.classes = need;
    let reach = reach_bundle(draft);
    if reach.is_empty() {
        return Ok(());
    }
    let words = crate::codes::choices(&reach);
    let question =
        format!("Does the person agree to tell, once the service accepted, how to reach them ({words})?");
    match prompt.agrees(&question)? {
        Agreement::Yes => draft.consent.classes.extend(reach),
        Agreement::No => (draft.name, draft.contact) = (None, None),
    }
    Ok(())
}

/// "Le besoin": what is told before the answer, as far as it was filled in; coded answers to coded questions with it.
fn need_bundle(draft: &Draft) -> Vec<DataClass> {
    let filled = [
        (DataClass::Need, true),
        (DataClass::Constraints, !draft.constraints.is_empty()),
        (DataClass::Level, draft.level != peer::Level::default()),
        (DataClass::Eligibility, !draft.eligibility.is_empty()),
        (DataClass::Note, draft.note.is_some()),
        (DataClass::Answer, draft.coming == Coming::Answered),
    ];
    filled.into_iter().filter(|(_, filled)| *filled).map(|(class, _)| class).collect()
}

/// "Comment vous joindre": what is told after acceptance.
fn reach_bundle(draft: &Draft) -> Vec<DataClass> {
    let filled = [(DataClass::Name, draft.name.is_some()), (DataClass::Contact, draft.contact.is_some())];
    filled.into_iter().filter(|(_, filled)| *filled).map(|(class, _)| class).collect()
}

/// Each step of telling back needs its own yes.
fn feedback(prompt: &mut Prompt<'_>) -> Result<FeedbackLevel, Failure> {
    if prompt.agrees("May they tell you whether the person came?")? == Agreement::No {
        return Ok(FeedbackLevel::Accepted);
    }
    match prompt.agrees("May they also tell you what came of it?")? {
        Agreement::Yes => Ok(FeedbackLevel::Outcome),
        Agreement::No => Ok(FeedbackLevel::Attended),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_proto::desk::v1::ServiceView;

    fn asked(
        answers: &str,
        draft: &mut Draft,
        ask: impl FnOnce(&mut Prompt<'_>, &mut Draft) -> Result<(), Failure>,
    ) -> (Result<(), Failure>, String) {
        let (mut answers, mut questions) = (answers.as_bytes(), Vec::new());
        let result = ask(&mut Prompt::new(&mut answers, &mut questions), draft);
        (result, String::from_utf8(questions).expect("text"))
    }

    #[test]
    fn the_need_is_found_from_words() {
        let mut draft = Draft::default();
        let (result, said) = asked("qqqq\nconnexion internet\n1\nla rochelle\n\n\n", &mut draft, need);
        result.expect("answered");
        assert_eq!(draft.themes, ["numerique--acceder-a-une-connexion-internet"]);
        assert_eq!((draft.commune.as_deref(), draft.urgency), (Some("17300"), Some(Urgency::Normal)));
        assert!(said.contains("nothing is called so"), "{said}");
    }

    #[test]
    fn a_service_is_chosen_and_names_its_structure() {
        let structure = StructureId::of_root_spki(&[1; 44]);
        let view = ServiceView {
            structure_id: structure.as_bytes().to_vec(),
            service_id: "hub".to_owned(),
            ..ServiceView::default()
        };
        let found = [FoundService { service: Some(view), ..FoundService::default() }];
        let mut draft = Draft::default();
        asked("1\n", &mut draft, |prompt, draft| service(prompt, draft, &found)).0.expect("chosen");
        assert_eq!(draft.to, Some(structure.to_string()));
        assert!(asked("", &mut draft, |prompt, draft| service(prompt, draft, &[])).0.is_err());
        let mut walk_in = Draft { coming: Coming::WalkIn, ..Draft::default() };
        assert!(asked("1\n", &mut walk_in, |prompt, draft| service(prompt, draft, &found)).0.is_err());
    }

    fn with_person() -> Draft {
        Draft {
            note: Some("x".to_owned()),
            name: Some(peer::Name::default()),
            contact: Some(peer::Contact::default()),
            ..Draft::default()
        }
    }

    fn ask_agreement(answers: &str, draft: &mut Draft) -> (Result<(), Failure>, String) {
        let notice = NoticeView { text: "Vous pouvez dire non.".to_owned(), ..NoticeView::default() };
        asked(answers, draft, |prompt, draft| consent(prompt, draft, &notice))
    }

    #[test]
    fn enter_agrees_to_nothing() {
        let mut draft = with_person();
        let (result, said) = ask_agreement("\n", &mut draft);
        assert!(result.is_err() && draft.consent.classes.is_empty());
        assert!(said.contains("Vous pouvez dire non."));
    }

    #[test]
    fn what_was_not_agreed_to_is_not_kept() {
        let mut draft = with_person();
        ask_agreement("yes\n\n\n1\n\n\n1\n\n", &mut draft).0.expect("answered");
        assert_eq!(draft.consent.classes, [DataClass::Need, DataClass::Note, DataClass::Answer]);
        assert!(draft.name.is_none() && draft.contact.is_none());
        assert_eq!(draft.consent.feedback, Some(FeedbackLevel::Accepted));
    }

    #[test]
    fn who_comes_by_themselves_is_not_asked_who_they_are() {
        let mut draft = Draft { coming: Coming::WalkIn, ..Draft::default() };
        let answers = "\n".repeat(9);
        let (result, said) = asked(&answers, &mut draft, person);
        result.expect("answered");
        assert!(!said.contains("first name"), "{said}");
        ask_agreement("yes\n\n\n1\n\n\n1\n\n", &mut draft).0.expect("answered");
        assert_eq!(draft.consent.classes, [DataClass::Need]);
    }

    #[test]
    fn each_step_of_telling_back_has_its_own_yes() {
        let mut draft = with_person();
        ask_agreement("yes\nyes\nyes\nyes\n1\nar\n2\n1\n\n", &mut draft).0.expect("answered");
        assert!(draft.consent.classes.contains(&DataClass::Contact));
        assert_eq!(draft.consent.feedback, Some(FeedbackLevel::Outcome));
        assert_eq!(draft.consent.interpreter, Some(Interpreter::Professional));
        assert_eq!(draft.consent.language.as_deref(), Some("ar"));
    }
}
