//! `relais gateway`, and the gateway that `relais serve` runs beside the node: where it listens, how it is reached.

mod credentials;
mod way;

use super::run::{Lifeline, log_to_standard_error, runtime, told_to_stop};
use crate::answer::Answer;
use crate::environment::Settings;
use crate::exit::{Exit, Failure};
use clap::{Args, Subcommand};
use credentials::{CredentialsArgs, RevokeArgs};
use relais_gateway::config::{Certificate, Config, Reached};
use relais_gateway::{Bound, GatewayError, Language, Node};
use relais_server::home::Home;
use serde_json::json;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use way::{NodeAt, Way};

/// The keys of the configuration file that are the gateway's, with what they are for.
pub(super) const KEYS: &[(&str, &str)] = &[
    (
        "gateway",
        "address and port where professionals' browsers connect, like 127.0.0.1:7445; none when left out",
    ),
    ("gateway_certificate", "PEM file of the certificate browsers see; needs gateway_key"),
    ("gateway_key", "PEM file of its private key"),
    (
        "gateway_proxies",
        "addresses of the reverse proxy, separated by commas, when one stands before the gateway",
    ),
    ("gateway_language", "fr or en, for browsers that ask for neither"),
    ("gateway_time_zone", "IANA time zone that dates are written in, like Europe/Paris"),
];

/// What the gateway is told, as typed.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    /// Where it listens; nothing for no gateway.
    pub(super) listen: Option<SocketAddr>,
    /// Its certificate.
    pub(super) certificate: Option<PathBuf>,
    /// The certificate's key.
    pub(super) key: Option<PathBuf>,
    /// The proxies before it.
    pub(super) proxies: Option<Vec<IpAddr>>,
    /// Its language.
    pub(super) language: Option<Language>,
    /// Its time zone.
    pub(super) time_zone: Option<String>,
}

impl Typed {
    /// The gateway's configuration; `None` when there is no gateway.
    ///
    /// # Errors
    /// Every mistake.
    pub(super) fn config(self) -> Result<Option<Config>, Vec<String>> {
        let Some(listen) = self.listen else { return Ok(None) };
        let mut mistakes = Vec::new();
        let reached = match (self.certificate, self.key, self.proxies) {
            (Some(chain), Some(key), None) => Reached::Https(Certificate { chain, key }),
            (None, None, Some(proxies)) => Reached::Proxy(proxies),
            (None, None, None) => Reached::Loopback,
            (Some(_), Some(_), Some(_)) => {
                mistakes.push(
                    "gateway_proxies: a gateway with its own certificate stands behind none".to_owned(),
                );
                Reached::Loopback
            }
            (Some(_), None, _) => {
                mistakes.push("gateway_key: is missing beside gateway_certificate".to_owned());
                Reached::Loopback
            }
            (None, Some(_), _) => {
                mistakes.push("gateway_certificate: is missing beside gateway_key".to_owned());
                Reached::Loopback
            }
        };
        let usual = Config::on(listen);
        let config = Config {
            reached,
            language: self.language.unwrap_or(usual.language),
            time_zone: self.time_zone.unwrap_or(usual.time_zone),
            ..usual
        };
        if mistakes.is_empty() {
            mistakes.extend(config.mistakes().iter().map(ToString::to_string));
        }
        if mistakes.is_empty() { Ok(Some(config)) } else { Err(mistakes) }
    }
}

/// Reads addresses separated by commas.
pub(super) fn proxies(text: &str) -> Result<Vec<IpAddr>, String> {
    let addresses = text.split(',').map(str::trim).filter(|one| !one.is_empty());
    addresses.map(|one| one.parse().map_err(|_| format!("`{one}` is no address"))).collect()
}

/// Reads a language that is offered.
pub(super) fn language(text: &str) -> Result<Language, String> {
    let found = Language::OFFERED.into_iter().find(|language| language.code() == text);
    found.ok_or_else(|| "is neither fr nor en".to_owned())
}

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

/// A gateway that serves.
#[derive(Debug)]
pub(super) struct Running {
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), GatewayError>>,
}

impl Running {
    /// Binds the gateway's address and serves.
    ///
    /// # Errors
    /// [`Failure`] naming every mistake.
    pub(super) async fn start(config: Config, node: Node) -> Result<Self, Failure> {
        let bound = Bound::bind(config).await.map_err(failure)?;
        tracing::info!(address = %bound.url(), "Gateway ready");
        let (stop, stopped) = oneshot::channel::<()>();
        // Asked to stop, or nobody is left to ask.
        let stopped = async move { stopped.await.unwrap_or(()) };
        let served = tokio::spawn(bound.serve(node, stopped));
        Ok(Self { stop, served })
    }

    /// Stops it; what is being answered is answered.
    ///
    /// # Errors
    /// [`Failure`] when it had stopped by itself.
    pub(super) async fn stop(self) -> Result<(), Failure> {
        // It has stopped by itself already when nobody listens.
        let _ = self.stop.send(());
        match tokio::time::timeout(STOP_TIME_MAX, self.served).await {
            Ok(Ok(served)) => served.map_err(failure),
            Ok(Err(error)) => Err(Failure::new(Exit::Internal, error.to_string())),
            // A browser that holds its connection open does not hold the program.
            Err(_) => Ok(()),
        }
    }
}

/// How long answers under way may take once it stops.
const STOP_TIME_MAX: std::time::Duration = std::time::Duration::from_secs(2);

fn failure(error: GatewayError) -> Failure {
    let exit = match &error {
        GatewayError::Config(_) => Exit::Usage,
        GatewayError::Listen { .. } => Exit::Unavailable,
        GatewayError::Certificate { .. } | GatewayError::Stopped(_) => Exit::Io,
    };
    Failure::new(exit, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(listen: &str) -> Typed {
        Typed { listen: Some(listen.parse().unwrap()), ..Typed::default() }
    }

    #[test]
    fn no_address_is_no_gateway() {
        assert_eq!(Typed::default().config(), Ok(None));
        assert!(typed("127.0.0.1:7445").config().unwrap().is_some());
    }

    #[test]
    fn a_gateway_that_others_reach_needs_a_certificate_or_a_proxy() {
        let open = typed("0.0.0.0:80").config().unwrap_err();
        assert!(open[0].contains("gateway_certificate"), "{open:?}");
        let key_alone = Typed { key: Some("k".into()), ..typed("127.0.0.1:1") }.config().unwrap_err();
        assert!(key_alone[0].starts_with("gateway_certificate: is missing"), "{key_alone:?}");
        let proxied = Typed { proxies: Some(proxies("10.0.0.1, ::1").unwrap()), ..typed("10.0.0.2:80") };
        assert!(proxied.config().is_ok());
        assert!(proxies("here").is_err());
        assert!(language("de").is_err() && language("fr").is_ok());
    }
}
