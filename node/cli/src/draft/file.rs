//! The JSON file a referral or a handover can be written in.

use super::{Agreed, Draft};
use crate::exit::Failure;
use crate::reader::{self, Object};
use crate::when;
use relais_domain::content::{Caution, Connection, Equipment, Reach};
use relais_proto::peer::v1 as peer;

/// The format, with an example, as `--help` shows it.
pub(crate) const FORMAT: &str = "\
Examples:
  relais refer                                   # asks everything on the terminal
  relais refer --file referral.json
  relais refer --person person.json --to Emmaüs --service hub-17--acces-internet --urgency soon --commune 17300 \\
      --theme numerique--acceder-a-une-connexion-internet --class need --class name --class contact --given oral
  relais handover propose --file handover.json

The file is JSON (`--file -` reads standard input). It says who the person is: `chmod 600` it. --person takes a file
with note, name and contact alone. The node judges what is in it.
  {
    \"to\": \"Emmaüs Connect La Rochelle\",          name, id, or the beginning of one
    \"service\": \"hub-17--acces-internet\",         as `relais find` shows it
    \"need\": { \"themes\": [\"numerique--acceder-a-une-connexion-internet\"],
              \"urgency\": \"soon\",                 now, soon, normal
              \"commune\": \"17300\" },
    \"level\": { \"digital_autonomy\": 1, \"equipment\": [\"basic-phone\"], \"connection\": \"none\",
               \"french_spoken\": 3, \"french_read\": 2, \"languages\": [\"ar\", \"fr\"] },
    \"constraints\": [\"mornings\", \"no-car\"],
    \"eligibility\": { \"registered-jobseeker\": \"yes\" },
    \"note\": \"Entretien d'embauche le 3 décembre\", at most 280 characters
    \"name\": { \"given\": \"Amina\", \"family\": \"B\" }, the initial; the whole name in a handover
    \"contact\": { \"reach\": \"phone\", \"detail\": \"06 00 00 00 00\", \"language\": \"ar\",
                 \"cautions\": [\"do-not-write\"] },  reach: phone, email, through-sender, present-at
    \"consent\": { \"classes\": [\"need\", \"level\", \"constraints\", \"eligibility\", \"note\", \"answer\",
                             \"name\", \"contact\"],
                 \"feedback\": \"outcome\",          accepted, attended, outcome
                 \"given\": \"oral\",                oral, written, screen
                 \"language\": \"ar\", \"interpreter\": \"professional\", \"teach_back\": \"done\",
                 \"presence\": \"none\", \"valid_until\": \"+90d\" },
    \"deadline\": \"+3d\",
    \"follow_up\": \"3f2a\"
  }
  Every field but to, service, need and consent may be left out. A handover also has
    \"handover\": { \"done\": [\"…\"], \"pending\": [\"…\"], \"goals\": [\"…\"],
                  \"deadlines\": [{ \"day\": \"2026-12-15\", \"what\": \"…\" }] },
    \"documents\": [\"…\"], \"sensitive\": \"…\", \"offer_until\": \"+30d\", \"signing\": \"by_itself\"";

impl Draft {
    /// Reads a whole draft.
    ///
    /// # Errors
    /// [`Failure`] that names the field that is wrong.
    pub(crate) fn from_json(text: &str) -> Result<Self, Failure> {
        let value = reader::json("the file", text)?;
        let whole = Object::whole(&value)?;
        let mut draft = Self {
            to: whole.text("to")?,
            service: whole.text("service")?,
            constraints: whole.codes("constraints")?,
            eligibility: whole.pairs("eligibility")?,
            documents: whole.texts("documents")?,
            sensitive: whole.text("sensitive")?,
            deadline: whole.when("deadline")?,
            follow_up: whole.text("follow_up")?,
            offer_until: whole.when("offer_until")?,
            signing: whole.code("signing")?,
            ..Self::default()
        };
        draft.read_need(&whole)?;
        draft.read_level(&whole)?;
        draft.read_person(&whole)?;
        draft.handover = whole.object("handover")?.map(read_handover).transpose()?;
        draft.consent = whole.object("consent")?.map(read_consent).transpose()?.unwrap_or_default();
        whole.done()?;
        Ok(draft)
    }

    /// Reads name, contact and note alone, over what is there.
    ///
    /// # Errors
    /// [`Failure`] that names the field that is wrong.
    pub(crate) fn add_person(&mut self, text: &str) -> Result<(), Failure> {
        let value = reader::json("the file of the person", text)?;
        let whole = Object::whole(&value)?;
        self.read_person(&whole)?;
        whole.done()
    }

    fn read_need(&mut self, whole: &Object<'_>) -> Result<(), Failure> {
        let Some(need) = whole.object("need")? else { return Ok(()) };
        self.themes = need.texts("themes")?;
        self.urgency = need.code("urgency")?;
        self.commune = need.text("commune")?;
        need.done()
    }

    fn read_level(&mut self, whole: &Object<'_>) -> Result<(), Failure> {
        let Some(level) = whole.object("level")? else { return Ok(()) };
        self.level = peer::Level {
            digital_autonomy: level.number("digital_autonomy")?,
            equipment: crate::codes::numbers::<Equipment>(&level.codes("equipment")?),
            connection: level.code::<Connection>("connection")?.map(crate::codes::Code::wire),
            french_spoken: level.number("french_spoken")?,
            french_read: level.number("french_read")?,
            languages: level.texts("languages")?,
        };
        level.done()
    }

    fn read_person(&mut self, whole: &Object<'_>) -> Result<(), Failure> {
        self.note = whole.text("note")?.or_else(|| self.note.take());
        if let Some(name) = whole.object("name")? {
            self.name = Some(read_name(name)?);
        }
        if let Some(contact) = whole.object("contact")? {
            self.contact = Some(read_contact(contact)?);
        }
        Ok(())
    }
}

/// Reads a name.
///
/// # Errors
/// [`Failure`] that names the field that is wrong or missing.
pub(crate) fn read_name(name: Object<'_>) -> Result<peer::Name, Failure> {
    let given = required(&name, "given", name.text("given")?)?;
    let family = required(&name, "family", name.text("family")?)?;
    name.done()?;
    Ok(peer::Name { given, family })
}

/// Reads how to reach someone.
///
/// # Errors
/// [`Failure`] that names the field that is wrong or missing.
pub(crate) fn read_contact(contact: Object<'_>) -> Result<peer::Contact, Failure> {
    let reach = required(&contact, "reach", contact.code::<Reach>("reach")?)?;
    let read = peer::Contact {
        reach: crate::codes::Code::wire(reach),
        detail: contact.text("detail")?,
        language: contact.text("language")?,
        cautions: crate::codes::numbers::<Caution>(&contact.codes("cautions")?),
    };
    contact.done()?;
    Ok(read)
}

fn required<T>(object: &Object<'_>, key: &str, value: Option<T>) -> Result<T, Failure> {
    value.ok_or_else(|| Failure::input(object.field(key), "is missing"))
}

fn read_handover(handover: Object<'_>) -> Result<peer::Handover, Failure> {
    let mut deadlines = Vec::new();
    for deadline in handover.objects("deadlines")? {
        let day = deadline.text("day")?.as_deref().and_then(when::read_day);
        let day = day.ok_or_else(|| Failure::input(deadline.field("day"), "write a day, like 2026-12-15"))?;
        let what = required(&deadline, "what", deadline.text("what")?)?;
        deadline.done()?;
        deadlines.push(peer::HandoverDeadline { day, what });
    }
    let read = peer::Handover {
        done: handover.texts("done")?,
        pending: handover.texts("pending")?,
        deadlines,
        goals: handover.texts("goals")?,
    };
    handover.done()?;
    Ok(read)
}

fn read_consent(consent: Object<'_>) -> Result<Agreed, Failure> {
    let agreed = Agreed {
        classes: consent.codes("classes")?,
        themes: consent.texts("themes")?,
        feedback: consent.code("feedback")?,
        name_stage: consent.code("name_stage")?,
        given: consent.code("given")?,
        language: consent.text("language")?,
        interpreter: consent.code("interpreter")?,
        teach_back: consent.code("teach_back")?,
        presence: consent.code("presence")?,
        valid_until: consent.when("valid_until")?,
        onward: consent.texts("onward")?,
        notice_id: consent.text("notice_id")?,
        notice_language: consent.text("notice_language")?,
    };
    consent.done()?;
    Ok(agreed)
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;
    use relais_domain::class::DataClass;
    use relais_domain::content::Urgency;

    /// The example of the help, its remarks taken out.
    fn example() -> String {
        let from = FORMAT.find('{').expect("it begins");
        let to = FORMAT.find("\n  }\n").expect("it ends") + 4;
        let lines = FORMAT[from..to].lines().map(|line| match line.rfind(['"', '}', ']', '{', ',']) {
            Some(end) => &line[..=end],
            None => line,
        });
        let lines: Vec<&str> = lines.map(|line| remark_start(line).map_or(line, |at| &line[..at])).collect();
        lines.join("\n")
    }

    /// Remarks stand after a run of three spaces behind a comma or brace.
    fn remark_start(line: &str) -> Option<usize> {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        [",  ", ", at most", ", the initial"]
            .iter()
            .filter_map(|mark| body.find(mark))
            .min()
            .map(|at| indent + at + 1)
    }

    #[test]
    fn the_example_of_the_help_is_a_whole_referral() {
        let draft =
            Draft::from_json(&example()).map_err(|failure| format!("{}\n{}", failure.line(), example()));
        let draft = draft.unwrap_or_else(|said| panic!("{said}"));
        assert!(draft.missing(Kind::Referral).is_empty());
        assert_eq!(draft.missing(Kind::Handover), ["handover"]);
        assert_eq!(draft.urgency, Some(Urgency::Soon));
        assert_eq!(draft.name.map(|name| name.given).as_deref(), Some("Amina"));
        assert!(draft.consent.classes.contains(&DataClass::Contact));
    }

    fn refused(text: &str) -> (String, String) {
        let failure = Draft::from_json(text).err().expect("refused");
        assert_eq!(failure.exit.number(), 65);
        (failure.field.clone().unwrap_or_default(), failure.line())
    }

    #[test]
    fn errors_name_the_field_and_never_the_value() {
        for (text, field) in [
            (r#"{"consent":{"classes":["need","Amina"]}}"#, "consent.classes[1]"),
            (r#"{"need":{"urgency":"Amina"}}"#, "need.urgency"),
            (r#"{"need":{"themes":"Amina"}}"#, "need.themes"),
            (r#"{"level":{"digital_autonomy":"Amina"}}"#, "level.digital_autonomy"),
            (r#"{"eligibility":{"student":"Amina"}}"#, "eligibility.student"),
            (r#"{"name":{"given":"Amina"}}"#, "name.family"),
            (r#"{"name":"Amina"}"#, "name"),
            (r#"{"contact":{"detail":"Amina"}}"#, "contact.reach"),
            (r#"{"contact":{"reach":"phone","cautions":["Amina"]}}"#, "contact.cautions[0]"),
            (r#"{"handover":{"deadlines":[{"day":"Amina","what":"x"}]}}"#, "handover.deadlines[0].day"),
            (r#"{"deadline":"Amina"}"#, "deadline"),
            (r#"{"consent":{"Amina":1}}"#, "consent"),
            (r#"{"Amina":1}"#, "the file"),
            (r#"{"note":Amina}"#, "the file"),
        ] {
            let (named, line) = refused(text);
            assert_eq!(named, field, "{text}");
            assert!(!line.contains("Amina"), "{line}");
        }
    }

    #[test]
    fn a_long_note_is_left_for_the_node_to_judge() {
        let note = "a".repeat(300);
        let draft = Draft::from_json(&format!(r#"{{"note":"{note}"}}"#));
        assert_eq!(draft.ok().and_then(|draft| draft.note), Some(note));
    }

    #[test]
    fn the_person_can_come_in_a_file_of_its_own() {
        let mut draft = Draft { note: Some("before".to_owned()), ..Draft::default() };
        draft.add_person(r#"{"name":{"given":"Amina","family":"B"}}"#).expect("read");
        assert_eq!((draft.note.as_deref(), draft.name.is_some()), (Some("before"), true));
        let failure = draft.add_person(r#"{"to":"x"}"#).expect_err("not of the person");
        assert!(failure.message.contains("note, name, contact"));
    }
}
