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
mod prompt;
mod reader;
mod views;
mod when;

use answer::{Answer, Format, print_failure};
use args::{Cli, Command, NodeCommand};
use clap::Parser as _;
use clap::error::ErrorKind;
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
        Err(error) => Err(usage(&error, format)),
    }
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
