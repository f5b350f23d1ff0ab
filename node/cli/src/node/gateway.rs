//! `relais gateway`, and the gateway that `relais serve` runs beside the node: where it listens, how it is reached.

mod credentials;
mod running;
mod typed;
mod way;

pub(super) use running::Running;
pub(super) use typed::{KEYS, Typed, language, proxies};

use super::run::{Lifeline, log_to_standard_error, runtime, told_to_stop};
use crate::answer::Answer;
use crate::environment::Settings;
use crate::exit::Failure;
use clap::{Args, Subcommand};
use credentials::{CredentialsArgs, RevokeArgs};
use relais_gateway::Language;
use relais_server::home::Home;
use serde_json::json;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use way::{NodeAt, Way};

/// How `relais gateway` runs.
#[derive(Args, Clone, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  relais gateway --folder ./agence
  relais gateway --node /run/relais/desk.sock --listen 0.0.0.0:443 --certificate chain.pem --key key.pem
  relais gateway --node /run/relais/desk.sock --listen 10.0.0.2:8080 --proxies 10.0.0.1

On another machine than the node, which has `desk_listen` in its relais.toml:
  relais gateway credentials --out desk.pem    # at the node; bring the file over by a safe way
  relais gateway --node https://10.0.0.1:7446 --credentials desk.pem --listen 10.0.0.2:8080 --proxies 10.0.0.3"
)]
pub(crate) struct GatewayArgs {
    #[command(subcommand)]
    command: Option<GatewayCommand>,
    /// The node's socket, that of the folder unless said otherwise; or https://HOST:PORT of its `desk_listen`
    #[arg(long, value_name = "PATH|URL", value_parser = NodeAt::parse)]
    node: Option<NodeAt>,
    /// The file that `relais gateway credentials` made for this gateway, when the node is on another machine
    #[arg(long, value_name = "FILE")]
    credentials: Option<PathBuf>,
    /// Where browsers connect
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:7445")]
    listen: SocketAddr,
    /// PEM file of the certificate browsers see
    #[arg(long, value_name = "FILE", requires = "key")]
    certificate: Option<PathBuf>,
    /// PEM file of its private key
    #[arg(long, value_name = "FILE", requires = "certificate")]
    key: Option<PathBuf>,
    /// Addresses of the reverse proxy before it, separated by commas
    #[arg(long, value_name = "ADDRESSES", value_delimiter = ',')]
    proxies: Option<Vec<IpAddr>>,
    /// Language for browsers that ask for none that is here
    #[arg(long, value_name = "fr|en", value_parser = language)]
    language: Option<Language>,
    /// IANA time zone that dates are written in
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Stop when standard input ends: for a program that starts the gateway and may die
    #[arg(long, hide = true)]
    until_input_ends: bool,
}

#[derive(Subcommand, Clone, Debug)]
enum GatewayCommand {
    /// Make what a gateway on another machine needs to come in; at the node
    Credentials(CredentialsArgs),
    /// List the credentials given to gateways; at the node
    #[command(after_help = "Example:\n  relais gateway list --json")]
    List,
    /// Take the credentials of a gateway back; at the node
    Revoke(RevokeArgs),
}

/// Runs a gateway apart from its node, until it is told to stop; or makes, lists and takes back what lets one in.
///
/// # Errors
/// [`Failure`] when it cannot start; then no port is bound.
pub(crate) fn run(args: &GatewayArgs, settings: &Settings) -> Result<Answer, Failure> {
    let home = Home::at(&settings.folder);
    match &args.command {
        Some(GatewayCommand::Credentials(args)) => credentials::give(args, &home),
        Some(GatewayCommand::List) => credentials::list(&home),
        Some(GatewayCommand::Revoke(args)) => credentials::revoke(args, &home),
        None => apart(args, &home),
    }
}

fn apart(args: &GatewayArgs, home: &Home) -> Result<Answer, Failure> {
    let typed = Typed {
        listen: Some(args.listen),
        certificate: args.certificate.clone(),
        key: args.key.clone(),
        proxies: args.proxies.clone(),
        language: args.language,
        time_zone: args.time_zone.clone(),
    };
    let config = typed.config().map_err(|mistakes| Failure::usage(mistakes.join("\n  ")))?;
    let config = config.ok_or_else(|| Failure::usage("--listen: is missing"))?;
    log_to_standard_error(tracing::Level::INFO);
    let way = Way::of(args.node.as_ref(), args.credentials.as_deref(), home)?;
    let runtime = runtime()?;
    runtime.block_on(async {
        let gateway = Running::start(config, way.node()).await?;
        let lifeline = if args.until_input_ends { Lifeline::StandardInput } else { Lifeline::Nothing };
        told_to_stop(lifeline).await?;
        gateway.stop().await
    })?;
    Ok(Answer::new(json!({ "stopped": true }), ""))
}
