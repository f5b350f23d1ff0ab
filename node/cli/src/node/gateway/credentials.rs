//! What lets gateways on other machines in: made, listed and taken back in the node's folder, whether the node runs or not.

use crate::answer::Answer;
use crate::exit::{Exit, Failure};
use crate::input::write_new;
use crate::lines::Lines;
use crate::when;
use clap::Args;
use relais_domain::time::{Span, Timestamp};
use relais_server::clock::{Clock, Dice};
use relais_server::gateways::{Gateways, GatewaysError, Given, Roll};
use relais_server::home::{Home, HomeError};
use relais_server::tls::Serial;
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Args, Clone, Debug)]
#[command(after_help = "\
One file for one gateway: its certificate and key, and how it knows this node. It opens the Desk to whoever holds it, and
nobody's account: professionals still sign in. Bring it over by a safe way and keep no copy. The node needs `desk_listen`
in its relais.toml; it may run meanwhile. `relais identity rotate` makes every such file void.

Examples:
  relais gateway credentials --out desk.pem
  relais gateway credentials --out desk.pem --days 90")]
pub(super) struct CredentialsArgs {
    /// Where to write the file; it must not be there yet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// For how many days it holds
    #[arg(long, value_name = "DAYS", default_value = "365", value_parser = clap::value_parser!(u16).range(1..=1096))]
    days: u16,
}

#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Within seconds a running node sends that gateway away. The others connect again by themselves.

Example:
  relais gateway revoke 5a1f0c3377e0b2d4")]
pub(super) struct RevokeArgs {
    /// The serial number, as `relais gateway list` shows it
    #[arg(value_name = "SERIAL", value_parser = serial)]
    serial: Serial,
}

fn serial(text: &str) -> Result<Serial, String> {
    Serial::parse(text).ok_or_else(|| "is not a serial number: sixteen hexadecimal digits".to_owned())
}

/// Makes the credentials of one gateway.
///
/// # Errors
/// [`Failure`] when nothing was given.
pub(super) fn give(args: &CredentialsArgs, home: &Home) -> Result<Answer, Failure> {
    let dice = Dice::system().map_err(|error| Failure::new(Exit::Internal, error.to_string()))?;
    let gateways = Gateways::open(home).map_err(failure)?;
    let now = Clock::system().now();
    let credentials = gateways.give(now, Span::days(args.days.into()), &dice).map_err(failure)?;
    if let Err(unwritten) = write_new(&args.out, &credentials.pem) {
        // Nobody has it: it need not stay in use.
        gateways.roll().revoke(credentials.serial, now).map_err(failure)?;
        return Err(unwritten);
    }
    let file = args.out.display().to_string();
    let mut lines = Lines::new();
    lines.field("file", &file).field("serial", credentials.serial.to_string());
    lines.field("until", when::human(credentials.until.0));
    lines.line("Bring it to the gateway's machine by a safe way, and remove it here.");
    let json = json!({
        "file": file,
        "serial": credentials.serial.to_string(),
        "until": when::machine(credentials.until.0),
    });
    Ok(Answer::new(json, lines.done()))
}

/// Lists what was given.
///
/// # Errors
/// [`Failure`] when the roll cannot be read.
pub(super) fn list(home: &Home) -> Result<Answer, Failure> {
    if !home.holds_node() {
        return Err(failure(HomeError::NoNode(home.folder().to_owned()).into()));
    }
    let now = Clock::system().now();
    let entries = Roll::of(home).entries().map_err(failure)?;
    let mut lines = Lines::new();
    if entries.is_empty() {
        lines.line("No gateway was given credentials.");
    }
    for entry in &entries {
        let (serial, until) = (entry.serial(), when::human(entry.until().0));
        lines.line(format!("{serial}  {:8}  until {until}", state(entry, now)));
    }
    let all: Vec<Value> = entries.iter().map(|entry| shown(entry, now)).collect();
    Ok(Answer::new(json!({ "gateways": all }), lines.done()))
}

/// Takes credentials back.
///
/// # Errors
/// [`Failure`] when there are none of this serial number.
pub(super) fn revoke(args: &RevokeArgs, home: &Home) -> Result<Answer, Failure> {
    let now = Clock::system().now();
    let taken = Roll::of(home).revoke(args.serial, now).map_err(failure)?;
    let text = format!("Taken back: {}. A running node sends that gateway away within seconds.", args.serial);
    Ok(Answer::new(shown(&taken, now), text))
}

fn state(entry: &Given, now: Timestamp) -> &'static str {
    match entry.revoked() {
        Some(_) => "revoked",
        None if entry.holds(now) => "in use",
        None => "run out",
    }
}

fn shown(entry: &Given, now: Timestamp) -> Value {
    json!({
        "serial": entry.serial(),
        "state": state(entry, now).replace(' ', "_"),
        "given": when::machine(entry.given().0),
        "until": when::machine(entry.until().0),
        "revoked": entry.revoked().and_then(|at| when::machine(at.0)),
    })
}

fn failure(error: GatewaysError) -> Failure {
    let exit = match &error {
        GatewaysError::Home(HomeError::NoNode(_)) => Exit::Usage,
        GatewaysError::Home(HomeError::KeyReadable { .. }) => Exit::NotPermitted,
        GatewaysError::Unknown => Exit::Input,
        GatewaysError::TooMany => Exit::CannotCreate,
        GatewaysError::Home(_) | GatewaysError::Ca(_) | GatewaysError::Roll(_) => Exit::Io,
    };
    let field = matches!(error, GatewaysError::Unknown).then(|| "serial".to_owned());
    Failure { field, ..Failure::new(exit, error.to_string()) }
}
