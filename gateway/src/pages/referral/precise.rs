//! What makes a need precise, as a form says it. All of it is optional, and none of it names the person.

use super::choices::all;
use super::seen;
use crate::form::Form;
use crate::pages::languages;
use crate::tongue::Tongue;
use relais_proto::desk::v1::StageOne;
use relais_proto::peer::v1 as peer;

/// The numbers of a list that were ticked, ascending; what the list does not hold is left out.
fn ticked<T: TryFrom<i32>>(form: &Form, field: &str) -> Vec<i32> {
    all::<T>().map(|(number, _)| number).filter(|number| form.has(field, &number.to_string())).collect()
}

fn grade(form: &Form, field: &str) -> Option<u32> {
    form.text(field).parse().ok()
}

/// Practical constraints; `None` when none was ticked.
pub(crate) fn constraints(form: &Form) -> Option<peer::Constraints> {
    let constraints = ticked::<peer::Constraint>(form, "contrainte");
    (!constraints.is_empty()).then_some(peer::Constraints { constraints })
}

/// What the person can use, and which languages they speak and read; `None` when nothing was said.
pub(crate) fn level(form: &Form) -> Option<peer::Level> {
    let connection =
        form.text("connexion").parse().ok().and_then(|one: i32| peer::Connection::try_from(one).ok());
    let connection = connection.filter(|one| *one != peer::Connection::Unspecified);
    let level = peer::Level {
        digital_autonomy: grade(form, "autonomie"),
        equipment: ticked::<peer::Equipment>(form, "equipement"),
        connection: connection.map(i32::from),
        french_spoken: grade(form, "francais-parle"),
        french_read: grade(form, "francais-lu"),
        languages: languages::codes(form.text("langues")),
    };
    (level != peer::Level::default()).then_some(level)
}

/// What the sender states, yes or no; `None` when nothing was said.
pub(crate) fn eligibility(form: &Form) -> Option<peer::Eligibility> {
    let statements = all::<peer::Statement>().filter_map(|(number, _)| {
        let value = match form.text(&format!("critere-{number}")) {
            "oui" => peer::YesNo::Yes,
            "non" => peer::YesNo::No,
            _ => return None,
        };
        Some(peer::EligibilityStatement { statement: number, value: value.into() })
    });
    let statements: Vec<_> = statements.collect();
    (!statements.is_empty()).then_some(peer::Eligibility { statements })
}

/// Fills a form with what was told before.
pub(crate) fn fill(form: &mut Form, tongue: Tongue, told: &StageOne) {
    for one in told.constraints.iter().flat_map(|told| &told.constraints) {
        form.add("contrainte", &one.to_string());
    }
    if let Some(level) = &told.level {
        level.equipment.iter().for_each(|one| form.add("equipement", &one.to_string()));
        let numbers = [
            ("autonomie", level.digital_autonomy),
            ("francais-parle", level.french_spoken),
            ("francais-lu", level.french_read),
            ("connexion", level.connection.and_then(|one| one.try_into().ok())),
        ];
        for (field, number) in numbers {
            form.set(field, &number.map(|number| number.to_string()).unwrap_or_default());
        }
        let languages: Vec<String> =
            level.languages.iter().map(|code| seen::language(tongue, code)).collect();
        form.set("langues", &languages.join(", "));
    }
    for one in told.eligibility.iter().flat_map(|told| &told.statements) {
        let value = if one.value() == peer::YesNo::Yes { "oui" } else { "non" };
        form.set(&format!("critere-{}", one.statement), value);
    }
    if let Some(note) = &told.note {
        form.set("note", &note.text);
    }
}

/// Whether someone is said to have nothing, and something beside.
pub(crate) fn contradicts(form: &Form) -> bool {
    let equipment = ticked::<peer::Equipment>(form, "equipement");
    equipment.contains(&peer::Equipment::None.into()) && equipment.len() > 1
}

/// Whether anything was said at all: what is folded away is opened then.
pub(crate) fn says_something(form: &Form) -> bool {
    constraints(form).is_some() || level(form).is_some() || eligibility(form).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tongue::Language;

    fn form(text: &str) -> Form {
        Form::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn what_was_chosen_is_said_and_nothing_else() {
        let said = form(
            "contrainte=20&contrainte=1&contrainte=20&contrainte=77&equipement=5&equipement=3&connexion=2\
             &francais-lu=1&francais-parle=x&critere-1=oui&critere-2=non&critere-3=&critere-99=oui",
        );
        assert_eq!(constraints(&said).unwrap().constraints, [1, 20]);
        let level = level(&said).unwrap();
        assert_eq!(
            (level.equipment.as_slice(), level.connection()),
            ([3, 5].as_slice(), peer::Connection::Prepaid)
        );
        assert_eq!((level.french_read, level.french_spoken), (Some(1), None));
        let stated: Vec<_> =
            eligibility(&said).unwrap().statements.iter().map(|one| (one.statement, one.value())).collect();
        assert_eq!(stated, [(1, peer::YesNo::Yes), (2, peer::YesNo::No)]);
        assert!(
            says_something(&said) && !says_something(&form("connexion=0&critere-1=peut-etre&contrainte=x"))
        );
    }

    #[test]
    fn what_was_told_comes_back_as_it_was() {
        let said = form(
            "contrainte=1&contrainte=20&equipement=3&connexion=2&francais-lu=1&langues=ar,ckb&critere-1=oui&critere-2=non",
        );
        let told = StageOne {
            constraints: constraints(&said),
            level: level(&said),
            eligibility: eligibility(&said),
            note: Some(peer::Note { text: "matin".to_owned() }),
            ..Default::default()
        };
        let mut again = Form::default();
        fill(&mut again, Tongue(Language::English), &told);
        assert_eq!((constraints(&again), level(&again)), (told.constraints, told.level));
        assert_eq!((eligibility(&again), again.text("note")), (told.eligibility, "matin"));
        assert_eq!(again.text("langues"), "Arabic, ckb");
    }

    #[test]
    fn who_has_nothing_has_nothing_beside() {
        assert!(contradicts(&form("equipement=1&equipement=3")));
        assert!(!contradicts(&form("equipement=1")) && !contradicts(&form("equipement=2&equipement=3")));
    }
}
