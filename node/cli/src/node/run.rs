//! `relais serve`: the node of the folder, until it is told to stop.

use super::ServeArgs;
use super::configuration::{self, Configuration};
use super::gateway::Running;
use crate::answer::Answer;
use crate::environment::Settings;
use crate::exit::{Exit, Failure};
use relais_gateway::Node as InsideNode;
use relais_server::clock::{Clock, Dice};
use relais_server::home::{Home, HomeError};
use relais_server::node::{Node, StartError};
use relais_store::vault::NodeKey;
use relais_store_sqlite::{OpenError, Options, SqliteStore};
use serde_json::json;
use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::LevelFilter;

/// How long the runtime may take to end.
const SHUTDOWN_TIME_MAX: Duration = Duration::from_millis(200);
/// Threads that serve; more do not help a node that writes through one.
const WORKERS: usize = 2;

/// Runs the node until it is told to stop.
///
/// # Errors
/// [`Failure`] when it cannot start; then no port is bound.
pub(super) fn serve(args: &ServeArgs, settings: &Settings) -> Result<Answer, Failure> {
    let home = Home::at(&settings.folder);
    if !home.holds_node() {
        return Err(start_failure(HomeError::NoNode(settings.folder.clone()).into()));
    }
    let configuration = configuration::read(&home)?;
    log_to_standard_error(configuration.log);
    let runtime = runtime()?;
    let ended = runtime.block_on(run(args, &home, configuration));
    // A reader of standard input may never end by itself.
    runtime.shutdown_timeout(SHUTDOWN_TIME_MAX);
    ended?;
    Ok(Answer::new(json!({ "stopped": true }), ""))
}

async fn run(args: &ServeArgs, home: &Home, configuration: Configuration) -> Result<(), Failure> {
    let secrets = home.secrets().map_err(|error| start_failure(error.into()))?;
    let store = open_store(home, *secrets.node_key).await?;
    drop(secrets);
    let dice = Dice::system().map_err(|error| Failure::new(Exit::Internal, error.to_string()))?;
    let clock = Clock::system();
    let listen = configuration.settings.listen;
    let shared: Arc<SqliteStore> = Arc::clone(&store);
    let node = Node::start(home, shared, configuration.settings, clock, dice).await.map_err(start_failure)?;
    node.publish(configuration.commune.as_deref(), configuration.phone.as_deref())
        .await
        .map_err(|error| Failure::new(Exit::Io, error.to_string()))?;
    let gateway = gateway_beside(&node, configuration.gateway).await?;
    tracing::info!(%listen, "Node ready");
    told_to_stop(lifeline(args)).await?;
    tracing::info!("Node stopping");
    if let Some(gateway) = gateway {
        gateway.stop().await?;
    }
    node.stop().await;
    store.close().await.map_err(|error| Failure::new(Exit::Io, error.to_string()))
}

fn lifeline(args: &ServeArgs) -> Lifeline {
    if args.until_input_ends { Lifeline::StandardInput } else { Lifeline::Nothing }
}

/// The gateway in the node's own process, if the configuration wants one.
async fn gateway_beside(
    node: &Node,
    config: Option<relais_gateway::Config>,
) -> Result<Option<Running>, Failure> {
    let Some(config) = config else { return Ok(None) };
    Running::start(config, InsideNode::inside(node.desk.clone())).await.map(Some)
}

/// What else than a signal ends the program.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lifeline {
    /// Nothing.
    Nothing,
    /// The end of standard input.
    StandardInput,
}

/// Waits for Ctrl-C, a termination, or the end of standard input if that was asked for.
pub(super) async fn told_to_stop(lifeline: Lifeline) -> Result<(), Failure> {
    let listen = |kind| signal(kind).map_err(|error| Failure::io("signals", &error));
    let mut interrupted = listen(SignalKind::interrupt())?;
    let mut terminated = listen(SignalKind::terminate())?;
    let input_ended = async {
        if lifeline == Lifeline::StandardInput {
            let mut byte = [0; 64];
            let mut input = tokio::io::stdin();
            while input.read(&mut byte).await.is_ok_and(|read| read > 0) {}
        } else {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        biased;
        _ = interrupted.recv() => {}
        _ = terminated.recv() => {}
        () = input_ended => {}
    }
    Ok(())
}

/// The runtime a node runs on.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    let built = tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build();
    built.map_err(|error| Failure::io("the runtime", &error))
}

/// Opens the database of a node's folder.
pub(super) async fn open_store(home: &Home, mut node_key: [u8; 32]) -> Result<Arc<SqliteStore>, Failure> {
    let options = Options::new(home.data(), NodeKey::from_bytes(&mut node_key));
    SqliteStore::open(options).await.map(Arc::new).map_err(|error: OpenError| {
        let in_use = matches!(error, OpenError::InUse(_));
        let exit = if in_use { Exit::Unavailable } else { Exit::Io };
        Failure::new(exit, error.to_string())
    })
}

/// Log lines hold ids and states, never a person.
pub(super) fn log_to_standard_error(level: tracing::Level) {
    let colours = io::stderr().is_terminal();
    let built = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(colours)
        .with_max_level(LevelFilter::from_level(level))
        // It would be said on standard error too: where that is a file on a full disk, saying it would stop the node.
        .log_internal_errors(false)
        .try_init();
    if let Err(error) = built {
        tracing::debug!(%error, "Logging was set up before");
    }
}

fn start_failure(error: StartError) -> Failure {
    let exit = match &error {
        StartError::Home(HomeError::NoNode(_)) => Exit::Usage,
        StartError::Home(HomeError::KeyReadable { .. }) => Exit::NotPermitted,
        StartError::Listen { .. } => Exit::Unavailable,
        StartError::Home(_) | StartError::Gateways(_) | StartError::Store(_) => Exit::Io,
        StartError::Manifest(_)
        | StartError::Peers(_)
        | StartError::Directory(_)
        | StartError::Ca(_)
        | StartError::Pin(_)
        | StartError::Ledger(_) => Exit::Internal,
    };
    Failure::new(exit, error.to_string())
}
