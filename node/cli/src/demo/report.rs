//! What the demo prints: one line a step, when it has come true or failed; the same for scripts as one JSON object.

use super::ground::Ground;
use crate::answer::{Answer, Format, inert, one_line};
use crate::exit::Failure;
use relais_domain::time::Timestamp;
use relais_server::clock::Clock;
use serde_json::{Value, json};
use std::future::Future;
use std::io::{self, Write as _};
use std::path::Path;

/// A step of the story.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    /// Chapter and place in it, `1.3`.
    pub(crate) number: &'static str,
    /// Who acts.
    pub(crate) who: &'static str,
    /// What is to come true.
    pub(crate) aim: &'static str,
}

impl Step {
    /// A step.
    pub(crate) const fn new(number: &'static str, who: &'static str, aim: &'static str) -> Self {
        Self { number, who, aim }
    }
}

/// What a step brought: a sentence, and what the next ones need.
#[derive(Debug)]
pub(crate) struct Told<T> {
    what: String,
    value: T,
}

/// A step that came true.
pub(crate) fn told<T>(what: impl Into<String>, value: T) -> Told<T> {
    Told { what: what.into(), value }
}

/// Prints the story.
#[derive(Debug)]
pub(crate) struct Report {
    format: Format,
    clock: Clock,
    begun: Timestamp,
}

impl Report {
    /// A report that begins now.
    pub(crate) fn new(format: Format) -> Self {
        let clock = Clock::system();
        Self { format, begun: clock.now(), clock }
    }

    /// Now.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Says where the demo stands.
    pub(crate) fn opens(&self, ground: &Ground) {
        let folder = ground.folder().display();
        self.text(&format!("Three structures of La Rochelle, one node each, in {folder}"));
    }

    /// Says what the next steps are about.
    pub(crate) fn chapter(&self, title: &str) {
        self.text(&format!("\n{title}"));
    }

    /// Plays a step and prints its line.
    ///
    /// # Errors
    /// [`Failure`] naming the step, when it does not come true.
    pub(crate) async fn step<T>(
        &self,
        step: Step,
        play: impl Future<Output = Result<Told<T>, Failure>>,
    ) -> Result<T, Failure> {
        let begun = self.now();
        let played = Box::pin(play).await;
        let ms = self.since(begun);
        match played {
            Ok(told) => {
                self.line(&step, ms, &told.what, Truth::Came);
                Ok(told.value)
            }
            Err(failure) => {
                self.line(&step, ms, &failure.message, Truth::Failed);
                let message = format!(
                    "step {} ({}: {}) did not come true: {}",
                    step.number, step.who, step.aim, failure.message
                );
                Err(Failure { message, field: None, ..failure })
            }
        }
    }

    fn line(&self, step: &Step, ms: i64, what: &str, truth: Truth) {
        let (number, who) = (step.number, step.who);
        match (self.format, truth) {
            (Format::Text, Truth::Came) => self.text(&format!("{number:>5} {ms:>5} ms  {who} {what}")),
            (Format::Text, Truth::Failed) => {
                self.text(&format!(
                    "{number:>5} {ms:>5} ms  {who}: {}: NOT TRUE: {}",
                    step.aim,
                    one_line(what)
                ));
            }
            (Format::Json, _) => self.event(&json!({
                "step": number, "who": who, "what": what, "ms": ms, "ok": truth == Truth::Came,
            })),
        }
    }

    /// Prints lines for a human; a script gets none.
    pub(crate) fn text(&self, lines: &str) {
        if self.format == Format::Text {
            write_line(&inert(lines));
        }
    }

    /// Prints one JSON object for a script; a human gets none.
    pub(crate) fn event(&self, event: &Value) {
        if self.format == Format::Json {
            write_line(&event.to_string());
        }
    }

    /// Milliseconds since an instant.
    pub(crate) fn since(&self, begun: Timestamp) -> i64 {
        self.now().since(begun).0
    }

    /// Milliseconds since the report began.
    pub(crate) fn whole(&self) -> i64 {
        self.since(self.begun)
    }

    /// Says that the nodes stay up.
    pub(crate) fn stays(&self) {
        self.text("\nThe three nodes stay up. Ctrl-C stops them.");
    }

    /// The last words: the nodes are stopped.
    pub(crate) fn closed(&self, left: &str) -> Answer {
        let what = format!("stopped the three nodes; {left}");
        let json = json!({ "step": "end", "who": "demo", "what": what, "ms": self.whole(), "ok": true });
        Answer::new(json, format!("The three nodes are stopped; {left}."))
    }
}

/// Whether a step came true.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Truth {
    Came,
    Failed,
}

/// Whoever listened may have gone; the story goes on.
fn write_line(line: &str) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// A path as it can be typed in a shell.
pub(crate) fn typed(path: &Path) -> String {
    let path = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_');
    if path.chars().all(plain) { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    const STEP: Step = Step::new("1.2", "Emmaüs Connect", "sees no name");

    fn play<T>(play: impl Future<Output = Result<Told<T>, Failure>>) -> Result<T, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(Report::new(Format::Text).step(STEP, play))
    }

    #[test]
    fn a_step_that_does_not_come_true_is_named() {
        let failed = play::<()>(async { Err(Failure::new(Exit::StoryBroken, "the name is there")) });
        let failure = failed.expect_err("it failed");
        assert_eq!(failure.exit.number(), 1);
        for word in ["1.2", "Emmaüs Connect", "sees no name", "the name is there"] {
            assert!(failure.message.contains(word), "{}", failure.message);
        }
    }

    #[test]
    fn a_step_that_comes_true_gives_what_it_found() {
        assert_eq!(play(async { Ok(told("sees the need", 7)) }), Ok(7));
    }

    #[test]
    fn paths_can_be_typed() {
        assert_eq!(typed(Path::new("/tmp/relais-demo-x1/hub")), "/tmp/relais-demo-x1/hub");
        assert_eq!(typed(Path::new("/tmp/l'été")), "'/tmp/l'\\''été'");
    }
}
