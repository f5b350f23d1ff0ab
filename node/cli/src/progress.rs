//! How far something long is: a bar on a terminal, a line now and then elsewhere, nothing for a script.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::Duration;

/// Lines written on the way, where there is no terminal.
const LINES: u64 = 10;
/// How often something without a measure is seen to move.
const TICK: Duration = Duration::from_millis(100);
/// After how many bytes a line is written when the whole is not known.
const LINE_BYTES: u64 = 33_554_432;

/// Where progress is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// On a terminal.
    Terminal,
    /// In a log or a file.
    Lines,
    /// Nowhere.
    Nowhere,
}

/// How far something is that reads bytes.
pub(crate) struct Progress {
    shown: Shown,
    bytes_all: Option<u64>,
}

enum Shown {
    Bar(ProgressBar),
    /// The step that was told last.
    Lines(u64),
    Nothing,
}

impl Progress {
    /// Nothing is read yet of so many bytes, if that is known.
    pub(crate) fn new(place: Place, bytes_all: Option<u64>) -> Self {
        let shown = match place {
            Place::Terminal => Shown::Bar(bar(bytes_all)),
            Place::Lines => Shown::Lines(0),
            Place::Nowhere => Shown::Nothing,
        };
        Self { shown, bytes_all }
    }

    /// Something goes on that has no measure.
    pub(crate) fn spinner(place: Place, what: &'static str) -> Self {
        let shown = match place {
            Place::Terminal => {
                let bar = ProgressBar::new_spinner().with_message(what);
                bar.set_draw_target(ProgressDrawTarget::stderr());
                bar.enable_steady_tick(TICK);
                Shown::Bar(bar)
            }
            Place::Lines | Place::Nowhere => Shown::Nothing,
        };
        Self { shown, bytes_all: None }
    }

    /// Shows how far it is.
    #[expect(clippy::print_stderr, reason = "progress is for whoever watches, beside the answer")]
    pub(crate) fn show(&mut self, bytes: u64, what: &str) {
        match &mut self.shown {
            Shown::Bar(bar) => {
                bar.set_position(bytes);
                bar.set_message(what.to_owned());
            }
            Shown::Lines(told) => {
                let step = step(bytes, self.bytes_all);
                if step > *told {
                    *told = step;
                    eprintln!("{}", line(bytes, self.bytes_all, what));
                }
            }
            Shown::Nothing => {}
        }
    }

    /// Shows no more.
    pub(crate) fn end(&self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

fn bar(bytes_all: Option<u64>) -> ProgressBar {
    let template = match bytes_all {
        Some(_) => "{bar:40} {percent:>3} % {bytes} of {total_bytes}, {msg}, {eta} left",
        None => "{spinner} {bytes}, {msg}, {elapsed}",
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = bytes_all.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    bar.set_draw_target(ProgressDrawTarget::stderr());
    bar.with_style(style)
}

/// A number that grows whenever a line is to be written.
fn step(bytes: u64, bytes_all: Option<u64>) -> u64 {
    match bytes_all {
        Some(all) if all > 0 => bytes.saturating_mul(LINES) / all,
        Some(_) | None => bytes / LINE_BYTES,
    }
}

fn line(bytes: u64, bytes_all: Option<u64>, what: &str) -> String {
    match bytes_all {
        Some(all) if all > 0 => format!("{} %: {what}", bytes.saturating_mul(100) / all),
        Some(_) | None => format!("{bytes} bytes: {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_has_ten_lines_of_the_whole() {
        let steps: std::collections::BTreeSet<u64> =
            (0..=1_000).map(|bytes| step(bytes, Some(1_000))).collect();
        assert_eq!(steps.len(), 11, "none is written of the first");
        assert_eq!(line(421, Some(1_000), "7 services"), "42 %: 7 services");
        assert_eq!(line(421, None, "7 services"), "421 bytes: 7 services");
        assert_eq!((step(5, Some(0)), step(LINE_BYTES, None)), (0, 1));
    }
}
