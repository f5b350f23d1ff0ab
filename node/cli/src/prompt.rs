//! Questions on a terminal: plain lines, numbered choices, a default for Enter.
//!
//! Questions go to standard error, so that standard output holds the answer alone.

use crate::answer::one_line;
use crate::codes::Code;
use crate::exit::Failure;
use std::io::{self, BufRead, IsTerminal as _, Write};

/// Most times one question is put again after an answer that does not fit.
const ATTEMPTS_MAX: usize = 5;

/// Someone who can be asked.
pub(crate) struct Prompt<'a> {
    answers: &'a mut dyn BufRead,
    questions: &'a mut dyn Write,
}

/// Whether someone sits at the terminal.
pub(crate) fn someone_is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Whether someone sees what is written beside the answer.
pub(crate) fn errors_are_seen() -> bool {
    io::stderr().is_terminal()
}

/// Puts questions on the terminal.
///
/// # Errors
/// What `ask` returns.
pub(crate) fn on_terminal<T>(ask: impl FnOnce(&mut Prompt<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
    let (mut answers, mut questions) = (io::stdin().lock(), io::stderr());
    ask(&mut Prompt::new(&mut answers, &mut questions))
}

impl<'a> Prompt<'a> {
    /// Asks through these.
    pub(crate) fn new(answers: &'a mut dyn BufRead, questions: &'a mut dyn Write) -> Self {
        Self { answers, questions }
    }

    /// Says something.
    ///
    /// # Errors
    /// [`Failure`] when the terminal is gone.
    pub(crate) fn say(&mut self, text: &str) -> Result<(), Failure> {
        let text = crate::answer::inert(text);
        writeln!(self.questions, "{text}").map_err(|error| Failure::io("the terminal", &error))
    }

    /// Asks for a line; Enter gives an empty one.
    ///
    /// # Errors
    /// [`Failure`] when the terminal is gone, or no answer comes any more.
    pub(crate) fn line(&mut self, question: &str) -> Result<String, Failure> {
        let gone = |error: &io::Error| Failure::io("the terminal", error);
        write!(self.questions, "{}: ", one_line(question)).map_err(|error| gone(&error))?;
        self.questions.flush().map_err(|error| gone(&error))?;
        let mut answer = String::new();
        if self.answers.read_line(&mut answer).map_err(|error| gone(&error))? == 0 {
            return Err(Failure::usage("no answer came: nothing was done"));
        }
        Ok(answer.trim().to_owned())
    }

    /// Asks until `read` takes the answer.
    ///
    /// # Errors
    /// [`Failure`] when the terminal is gone, or no answer fits.
    pub(crate) fn until<T>(
        &mut self,
        question: &str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Failure> {
        for _ in 0..ATTEMPTS_MAX {
            let answer = self.line(question)?;
            match read(&answer) {
                Ok(value) => return Ok(value),
                Err(problem) => self.say(&format!("  {problem}"))?,
            }
        }
        Err(Failure::usage("no answer that fits: nothing was done"))
    }

    /// Asks for a text that may not be empty.
    ///
    /// # Errors
    /// As [`Prompt::until`].
    pub(crate) fn text(&mut self, question: &str) -> Result<String, Failure> {
        let read = |answer: &str| {
            if answer.is_empty() { Err("please write something".to_owned()) } else { Ok(answer.to_owned()) }
        };
        self.until(question, read)
    }

    /// Asks for one of several, by number; `default` (from 0) is taken for Enter.
    ///
    /// # Errors
    /// As [`Prompt::until`].
    pub(crate) fn choose(
        &mut self,
        question: &str,
        choices: &[String],
        default: Option<usize>,
    ) -> Result<usize, Failure> {
        self.list(choices)?;
        let hint = default.map(|index| format!(" [{}]", index + 1)).unwrap_or_default();
        self.until(&format!("{question}{hint}"), |answer| match (answer, default) {
            ("", Some(index)) => Ok(index),
            _ => number(answer, choices.len()),
        })
    }

    /// Asks for any of several, by numbers; Enter for none.
    ///
    /// # Errors
    /// As [`Prompt::until`].
    pub(crate) fn choose_several(
        &mut self,
        question: &str,
        choices: &[String],
    ) -> Result<Vec<usize>, Failure> {
        self.list(choices)?;
        self.until(&format!("{question} (numbers, Enter for none)"), |answer| {
            let numbers = answer.split([' ', ',']).filter(|part| !part.is_empty());
            numbers.map(|part| number(part, choices.len())).collect()
        })
    }

    fn list(&mut self, choices: &[String]) -> Result<(), Failure> {
        choices
            .iter()
            .enumerate()
            .try_for_each(|(index, choice)| self.say(&format!("  {:>2}  {}", index + 1, one_line(choice))))
    }

    /// Asks for one code of a list.
    ///
    /// # Errors
    /// As [`Prompt::until`].
    pub(crate) fn code<T: Code>(
        &mut self,
        question: &str,
        among: &[T],
        default: Option<usize>,
    ) -> Result<T, Failure> {
        let choices: Vec<String> = among.iter().map(|code| code.word()).collect();
        let chosen = self.choose(question, &choices, default)?;
        among.get(chosen).copied().ok_or_else(|| Failure::usage("no answer that fits: nothing was done"))
    }

    /// Asks for any codes of a list; Enter for none.
    ///
    /// # Errors
    /// As [`Prompt::until`].
    pub(crate) fn codes<T: Code>(&mut self, question: &str, among: &[T]) -> Result<Vec<T>, Failure> {
        let choices: Vec<String> = among.iter().map(|code| code.word()).collect();
        let chosen = self.choose_several(question, &choices)?;
        Ok(chosen.into_iter().filter_map(|index| among.get(index).copied()).collect())
    }

    /// Asks for a yes; Enter is a no.
    ///
    /// # Errors
    /// As [`Prompt::until`].
    pub(crate) fn agrees(&mut self, question: &str) -> Result<Agreement, Failure> {
        self.until(&format!("{question} (yes/no) [no]"), |answer| match answer.to_lowercase().as_str() {
            "y" | "yes" | "o" | "oui" => Ok(Agreement::Yes),
            "" | "n" | "no" | "non" => Ok(Agreement::No),
            _ => Err("please answer yes or no".to_owned()),
        })
    }
}

/// A yes or a no.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Agreement {
    /// Yes.
    Yes,
    /// No.
    No,
}

fn number(answer: &str, count: usize) -> Result<usize, String> {
    let chosen = answer.trim().parse::<usize>().ok().filter(|number| (1..=count).contains(number));
    chosen.map(|number| number - 1).ok_or_else(|| format!("please write a number from 1 to {count}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_domain::content::Urgency;

    fn asked<T>(
        answers: &str,
        ask: impl FnOnce(&mut Prompt<'_>) -> Result<T, Failure>,
    ) -> (Result<T, Failure>, String) {
        let (mut answers, mut questions) = (answers.as_bytes(), Vec::new());
        let result = ask(&mut Prompt::new(&mut answers, &mut questions));
        (result, String::from_utf8(questions).expect("text"))
    }

    #[test]
    fn enter_takes_the_default_and_a_wrong_number_asks_again() {
        let (chosen, _) = asked("\n", |prompt| prompt.code("Urgency", Urgency::ALL, Some(2)));
        assert_eq!(chosen, Ok(Urgency::Normal));
        let (chosen, said) = asked("7\nsoon\n2\n", |prompt| prompt.code("Urgency", Urgency::ALL, None));
        assert_eq!(chosen, Ok(Urgency::Soon));
        assert_eq!(said.matches("a number from 1 to 3").count(), 2);
    }

    #[test]
    fn several_may_be_chosen_or_none() {
        let choose = |answers: &str| asked(answers, |prompt| prompt.codes("Urgency", Urgency::ALL)).0;
        assert_eq!(choose("1, 3\n"), Ok(vec![Urgency::Now, Urgency::Normal]));
        assert_eq!(choose("\n"), Ok(Vec::new()));
    }

    #[test]
    fn agreement_is_never_the_default() {
        assert_eq!(asked("\n", |prompt| prompt.agrees("Sure?")).0, Ok(Agreement::No));
        assert_eq!(asked("perhaps\noui\n", |prompt| prompt.agrees("Sure?")).0, Ok(Agreement::Yes));
    }

    #[test]
    fn silence_and_stubbornness_end_the_asking() {
        assert!(asked("", |prompt| prompt.text("Name")).0.is_err());
        assert!(asked(&"\n".repeat(9), |prompt| prompt.text("Name")).0.is_err());
    }
}
