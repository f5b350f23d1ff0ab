//! A recovery sheet typed on the terminal, line by line, and a new one that must not be lost.

use crate::exit::Failure;
use crate::prompt::Prompt;
use relais_wire::recovery::{SheetError, read_sheet};
use secrecy::zeroize::Zeroizing;

/// Numbered lines of a sheet; the last one checks the others.
const LINES: usize = 5;
/// Most corrections of one typed sheet.
const CORRECTIONS_MAX: usize = 15;

/// Asks for the lines of a sheet; a mistyped one is asked again.
///
/// # Errors
/// [`Failure`] when the terminal is gone, or the sheet cannot be read after all.
pub(super) fn ask(prompt: &mut Prompt<'_>) -> Result<Zeroizing<String>, Failure> {
    prompt.say("The recovery sheet that counts, line by line. Case, spaces and hyphens do not matter.")?;
    let mut lines = Vec::with_capacity(LINES);
    for number in 1..=LINES {
        lines.push(line(prompt, number)?);
    }
    for _ in 0..CORRECTIONS_MAX {
        let typed = numbered(&lines);
        let Err(error) = read_sheet(&typed) else { return Ok(typed) };
        prompt.say(&format!("  {error}"))?;
        let again = match error {
            SheetError::MissingLine { line }
            | SheetError::RepeatedLine { line }
            | SheetError::Shape { line }
            | SheetError::Check { line } => line..=line,
            SheetError::Oversize | SheetError::Whole => 1..=LINES,
        };
        for number in again {
            if let Some(place) = lines.get_mut(number - 1) {
                *place = line(prompt, number)?;
            }
        }
    }
    Err(Failure::input("sheet", "cannot be read: nothing was changed").with_code("sheet_mistyped"))
}

/// Asks for the last line of a sheet just printed: whoever can type it has it before their eyes or on paper.
///
/// # Errors
/// [`Failure`] when the terminal is gone, or the line does not come.
pub(super) fn confirm(prompt: &mut Prompt<'_>, sheet: &str) -> Result<(), Failure> {
    let last = sheet.lines().find_map(|line| after_number(line, LINES)).unwrap_or_default();
    prompt.until(&format!("Once it is on paper: line {LINES} of the new sheet"), |typed| {
        let typed = after_number(typed, LINES).unwrap_or(typed);
        if symbols(typed) == symbols(last) { Ok(()) } else { Err("that is another line".to_owned()) }
    })
}

fn line(prompt: &mut Prompt<'_>, number: usize) -> Result<Zeroizing<String>, Failure> {
    let typed = Zeroizing::new(prompt.line(&format!("Line {number}"))?);
    Ok(Zeroizing::new(after_number(&typed, number).unwrap_or(&typed).to_owned()))
}

fn numbered(lines: &[Zeroizing<String>]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(256));
    for (index, line) in lines.iter().enumerate() {
        text.push_str(&format!("{}: ", index + 1));
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// What follows the number of a line, when it was typed as well.
fn after_number(typed: &str, number: usize) -> Option<&str> {
    let rest = typed.trim().strip_prefix(&number.to_string())?.trim_start();
    rest.strip_prefix([':', '.', ')']).map(str::trim)
}

fn symbols(typed: &str) -> Zeroizing<String> {
    let plain = typed.chars().filter(|c| c.is_alphanumeric());
    Zeroizing::new(plain.map(|c| c.to_ascii_uppercase()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_domain::structure_id::StructureId;
    use relais_wire::keys::SigningSecret;
    use relais_wire::recovery::write_sheet;
    use secrecy::ExposeSecret as _;

    fn sheet() -> String {
        let structure = StructureId::of_root_spki(b"spki");
        write_sheet(&SigningSecret::from_bytes(&[9; 32]), structure).expose_secret().to_owned()
    }

    fn typed() -> Vec<String> {
        sheet().lines().skip_while(|line| !line.starts_with('1')).map(str::to_owned).collect()
    }

    fn asked<T>(
        answers: &[String],
        ask: impl FnOnce(&mut Prompt<'_>) -> Result<T, Failure>,
    ) -> (Result<T, Failure>, String) {
        let (answers, mut questions) = (answers.join("\n") + "\n", Vec::new());
        let result = ask(&mut Prompt::new(&mut answers.as_bytes(), &mut questions));
        (result, String::from_utf8(questions).expect("text"))
    }

    #[test]
    fn a_sheet_is_typed_with_or_without_its_numbers() {
        let bare = typed().iter().map(|line| line[3..].to_lowercase().replace('-', " ")).collect::<Vec<_>>();
        for lines in [typed(), bare] {
            let (read, _) = asked(&lines, ask);
            let root = read_sheet(&read.expect("typed right")).expect("a sheet");
            assert_eq!(*root.expose_secret_bytes(), [9; 32]);
        }
    }

    #[test]
    fn the_mistyped_line_alone_is_asked_again() {
        let mut lines = typed();
        let good = lines[2].clone();
        let other = if good.ends_with('7') { "8" } else { "7" };
        lines[2].replace_range(good.len() - 1.., other);
        lines.push(good);
        let (read, said) = asked(&lines, ask);
        assert!(
            read.is_ok() && said.matches("line 3").count() == 1 && said.matches("Line 3").count() == 2,
            "{said}"
        );
        lines.pop();
        assert!(asked(&lines, ask).0.is_err(), "no answer came");
    }

    #[test]
    fn a_new_sheet_is_confirmed_by_its_last_line() {
        let lines = typed();
        let confirm = |answers: &[String]| asked(answers, |prompt| confirm(prompt, &sheet())).0;
        assert_eq!(confirm(&lines[4..]), Ok(()));
        assert_eq!(confirm(&["no".to_owned(), lines[4][3..].to_lowercase()]), Ok(()));
        assert!(confirm(&lines[3..4]).is_err());
        assert!(confirm(&[String::new()]).is_err());
    }
}
