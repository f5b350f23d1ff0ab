//! What the other structure sees, line by line: shown live before sending, and on the referral's page after.

use crate::tongue::Tongue;
use relais_proto::desk::v1::{StageOne, StageTwo};
use relais_proto::peer::v1 as peer;

/// One thing told, and what it is called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Line {
    /// What it is called.
    pub(crate) label: String,
    /// What is told.
    pub(crate) words: String,
}

/// What the other structure would see.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Seen {
    /// Its name.
    pub(crate) recipient: String,
    /// Before it answers.
    pub(crate) before: Vec<Line>,
    /// After it accepts.
    pub(crate) after: Vec<Line>,
    /// What the node would change, in words.
    pub(crate) remarks: Vec<String>,
    /// Until when an answer is awaited; empty when not known yet.
    pub(crate) deadline: String,
    /// Until when everything is kept at most; empty when not known yet.
    pub(crate) until: String,
}

fn line(tongue: Tongue, key: &str, words: String) -> Line {
    Line { label: tongue.say(key), words }
}

/// The short name of a code, as the word files spell it: `REACH_THROUGH_SENDER` → `through-sender`.
pub(crate) fn short(prefix: &str, name: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_ascii_lowercase().replace('_', "-")
}

/// What is told before the answer.
pub(crate) fn stage_one(tongue: Tongue, told: &StageOne, commune: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(name) = &told.name {
        lines.push(named(tongue, name));
    }
    if let Some(need) = &told.need {
        let themes: Vec<String> =
            need.themes.iter().map(|code| tongue.say(&format!("theme-{code}"))).collect();
        lines.push(line(tongue, "seen-need", themes.join(", ")));
        let urgency = short("URGENCY_", need.urgency().as_str_name());
        lines.push(line(tongue, "seen-urgency", tongue.say(&format!("urgency-{urgency}"))));
        let place = if commune.is_empty() { need.territory.clone() } else { commune.to_owned() };
        lines.push(line(tongue, "seen-place", place));
    }
    if let Some(constraints) = &told.constraints {
        let words: Vec<String> = constraints.constraints().map(|one| constraint(tongue, one)).collect();
        lines.push(line(tongue, "seen-constraints", words.join(", ")));
    }
    if let Some(level) = &told.level {
        lines.extend(level_lines(tongue, level));
    }
    if let Some(eligibility) = &told.eligibility {
        let words: Vec<String> = eligibility.statements.iter().map(|one| stated(tongue, *one)).collect();
        lines.push(line(tongue, "seen-eligibility", words.join(", ")));
    }
    if let Some(note) = &told.note {
        lines.push(line(tongue, "seen-note", note.text.clone()));
    }
    lines
}

/// A practical constraint.
pub(crate) fn constraint(tongue: Tongue, one: peer::Constraint) -> String {
    tongue.say(&format!("constraint-{}", short("CONSTRAINT_", one.as_str_name())))
}

/// A device.
pub(crate) fn equipment(tongue: Tongue, one: peer::Equipment) -> String {
    tongue.say(&format!("equipment-{}", short("EQUIPMENT_", one.as_str_name())))
}

/// A connection that can be afforded.
pub(crate) fn connection(tongue: Tongue, one: peer::Connection) -> String {
    tongue.say(&format!("connection-{}", short("CONNECTION_", one.as_str_name())))
}

/// What may be stated of the person.
pub(crate) fn statement(tongue: Tongue, one: peer::Statement) -> String {
    tongue.say(&format!("statement-{}", short("STATEMENT_", one.as_str_name())))
}

/// What is stated, and whether it is so.
fn stated(tongue: Tongue, one: peer::EligibilityStatement) -> String {
    let key = if one.value() == peer::YesNo::Yes { "stated-yes" } else { "stated-no" };
    tongue.with(key, &[("what", &statement(tongue, one.statement()))])
}

fn level_lines(tongue: Tongue, level: &peer::Level) -> Vec<Line> {
    let grade = |key: &str, value: Option<u32>| {
        value.map(|value| line(tongue, key, tongue.say(&format!("{key}-{}", value.clamp(1, 5)))))
    };
    let languages = (!level.languages.is_empty()).then(|| {
        let words: Vec<String> = level.languages.iter().map(|code| language(tongue, code)).collect();
        line(tongue, "seen-languages", words.join(", "))
    });
    let graded = [
        grade("seen-autonomy", level.digital_autonomy),
        grade("seen-french-spoken", level.french_spoken),
        grade("seen-french-read", level.french_read),
    ];
    let devices: Vec<String> = level.equipment().map(|one| equipment(tongue, one)).collect();
    let devices = (!devices.is_empty()).then(|| line(tongue, "seen-equipment", devices.join(", ")));
    let afforded =
        level.connection.map(|_| line(tongue, "seen-connection", connection(tongue, level.connection())));
    graded.into_iter().chain([devices, afforded, languages]).flatten().collect()
}

/// A language by its name, or by its code when it has none here.
pub(crate) fn language(tongue: Tongue, code: &str) -> String {
    let plain = code.len() <= 3 && code.bytes().all(|byte| byte.is_ascii_lowercase());
    let named = if plain { tongue.maybe(&format!("language-{code}")) } else { None };
    named.unwrap_or_else(|| code.to_owned())
}

/// Who the person is: a referral tells the initial, a handover the whole name.
fn named(tongue: Tongue, name: &peer::Name) -> Line {
    let initial = name.family.trim_end_matches('.').chars().count() <= 1;
    line(tongue, if initial { "seen-name" } else { "seen-name-whole" }, whole(name))
}

fn whole(name: &peer::Name) -> String {
    let dot = if name.family.chars().count() == 1 { "." } else { "" };
    format!("{} {}{dot}", name.given, name.family).trim().to_owned()
}

/// What is told once the other structure has accepted.
pub(crate) fn stage_two(tongue: Tongue, told: &StageTwo) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Some(name) = &told.name {
        lines.push(named(tongue, name));
    }
    if let Some(contact) = &told.contact {
        let reach = tongue.say(&format!("reach-{}", short("REACH_", contact.reach().as_str_name())));
        let words =
            if contact.detail().is_empty() { reach } else { format!("{reach} : {}", contact.detail()) };
        lines.push(line(tongue, "seen-contact", words));
        if !contact.language().is_empty() {
            lines.push(line(tongue, "seen-language", language(tongue, contact.language())));
        }
        let cautions = contact
            .cautions()
            .map(|one| tongue.say(&format!("caution-{}", short("CAUTION_", one.as_str_name()))));
        let cautions: Vec<String> = cautions.collect();
        if !cautions.is_empty() {
            lines.push(line(tongue, "seen-cautions", cautions.join(", ")));
        }
    }
    if let Some(handover) = &told.handover {
        let lists = [
            ("seen-done", &handover.done),
            ("seen-pending", &handover.pending),
            ("seen-goals", &handover.goals),
        ];
        lines.extend(
            lists
                .into_iter()
                .filter(|(_, list)| !list.is_empty())
                .map(|(key, list)| line(tongue, key, list.join(" · "))),
        );
    }
    if let Some(documents) = &told.documents {
        lines.push(line(tongue, "seen-documents", documents.titles.join(" · ")));
    }
    if let Some(sensitive) = &told.sensitive {
        lines.push(line(tongue, "seen-sensitive", sensitive.text.clone()));
    }
    lines
}
