//! The `relais` program: it makes and runs a node, and speaks to a running one as any other client does.
//!
//! It decides nothing: the node does. What concerns a person never stands in an argument, a log line or an error.

mod answer;
mod args;
mod codes;
mod commands;
mod demo;
mod desk;
mod draft;
mod environment;
mod exit;
mod ids;
mod input;
mod lines;
mod node;
mod progress;
mod prompt;
mod reader;
mod views;
mod when;

use answer::{Answer, Format, print_failure};
use args::{Cli, Command, NodeCommand};
use clap::Parser as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use commands::Context;
use environment::{Environment, Settings};
use exit::{Exit, Failure};
use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let format = asked_format(&arguments);
    let done = parse(&arguments, format).and_then(|cli| match cli {
        Some(cli) => run(cli, format).map(Some),
        None => Ok(None),
    });
    let ended = done.and_then(|answer| match answer {
        Some(answer) => answer.print(format, &mut io::stdout().lock()).map(|()| answer.exit),
        None => Ok(None),
    });
    match ended {
        Ok(exit) => ExitCode::from(exit.map_or(0, Exit::number)),
        Err(failure) => {
            print_failure(&failure, format, &mut io::stderr().lock());
            ExitCode::from(failure.exit.number())
        }
    }
}

/// The format errors are written in, even when the arguments cannot be read.
fn asked_format(arguments: &[OsString]) -> Format {
    if arguments.iter().any(|argument| argument == "--json") { Format::Json } else { Format::Text }
}

/// Reads the arguments; `None` when help or the version was asked for, and is printed.
fn parse(arguments: &[OsString], format: Format) -> Result<Option<Cli>, Failure> {
    match Cli::try_parse_from(arguments) {
        Ok(cli) => Ok(Some(cli)),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            let text = Answer::new(serde_json::Value::Null, error.render().to_string());
            text.print(Format::Text, &mut io::stdout().lock()).map(|()| None)
        }
        Err(error) => Err(usage(&unrepeated(error), format)),
    }
}

/// What was typed in a wrong place may concern a person, a note without its file for instance: it is not repeated.
fn unrepeated(mut error: clap::Error) -> clap::Error {
    let typed = |kind| match error.get(kind) {
        Some(ContextValue::String(typed)) => typed.as_str(),
        Some(_) | None => "",
    };
    let stray =
        error.kind() == ErrorKind::UnknownArgument && !typed(ContextKind::InvalidArg).starts_with('-');
    let (value, argument) = (!typed(ContextKind::InvalidValue).is_empty(), stray);
    for (kind, hidden) in [(ContextKind::InvalidValue, value), (ContextKind::InvalidArg, argument)] {
        if hidden {
            error.insert(kind, ContextValue::String("…".to_owned()));
        }
    }
    error
}

fn usage(error: &clap::Error, format: Format) -> Failure {
    let said = error.render().to_string();
    let said = said.trim_start_matches("error: ").trim_end();
    match format {
        Format::Text => Failure::usage(said),
        Format::Json => Failure::usage(said.split("\n\n").next().unwrap_or(said)),
    }
}

fn run(cli: Cli, format: Format) -> Result<Answer, Failure> {
    // The demo makes its own nodes: only a folder named here is meant for it.
    let demo_folder = cli.folder.clone();
    let settings = Settings::settle((cli.folder, cli.user), &Environment::read())?;
    match cli.command {
        Command::Node(NodeCommand::Init(args)) => node::init(&args, &settings),
        Command::Node(NodeCommand::Serve(args)) => node::serve(&args, &settings),
        Command::Node(NodeCommand::Gateway(args)) => node::gateway(&args, &settings),
        Command::Node(NodeCommand::Identity(args)) => node::identity(&args, &settings, format),
        Command::Node(NodeCommand::Demo(args)) => node::demo(&args, demo_folder, format),
        Command::Desk(command) => ask(commands::run(*command, &Context::new(settings, format))),
        Command::Act(command) => ask(commands::acts::run(command, &Context::new(settings, format))),
    }
}

/// Runs what asks the node.
fn ask(asking: impl Future<Output = Result<Answer, Failure>>) -> Result<Answer, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::io("the runtime", &error))?.block_on(asking)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(words: &[&str]) -> Vec<OsString> {
        std::iter::once("relais").chain(words.iter().copied()).map(OsString::from).collect()
    }

    #[test]
    fn a_usage_error_ends_with_64_and_no_colour() {
        let failure = parse(&arguments(&["refuse"]), Format::Text).expect_err("arguments are missing");
        assert_eq!(failure.exit.number(), 64);
        assert!(failure.message.contains("--reason") && !failure.message.contains('\u{1b}'));
    }

    #[test]
    fn what_was_typed_in_a_wrong_place_is_not_repeated() {
        let wrong: [&[&str]; 4] = [
            &["note", "a1b2", "Amina"],
            &["show", "Amina"],
            &["close", "a1b2", "--outcome", "Amina"],
            &["refer", "--name=Amina"],
        ];
        for words in wrong {
            for format in [Format::Text, Format::Json] {
                let failure = parse(&arguments(words), format).expect_err("it is wrong");
                assert!(!failure.message.contains("Amina"), "{}", failure.message);
            }
        }
        let failure =
            parse(&arguments(&["refer", "--name", "Amina"]), Format::Text).expect_err("no such flag");
        assert!(failure.message.contains("--name"), "{}", failure.message);
    }

    #[test]
    fn scripts_get_usage_errors_as_one_json_object() {
        let words = arguments(&["nonsense", "--json"]);
        let format = asked_format(&words);
        let failure = parse(&words, format).expect_err("no such command");
        let mut out = Vec::new();
        print_failure(&failure, format, &mut out);
        let value: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
        assert_eq!(value["error"]["code"], "usage");
        assert!(value["error"]["message"].as_str().is_some_and(|message| message.contains("nonsense")));
    }
}
