//! One node as a process of its own: made by `relais init`, run by `relais serve`, stopped with the demo.
//!
//! A node must not outlive its demo, however that ends. So it holds a lifeline: its standard input, which closes when
//! the demo closes it, or when the demo itself is gone. Both the graceful end and the last resort go that way.

use super::cast::{COMMUNE, Structure};
use super::ground::Ground;
use crate::codes::Code as _;
use crate::desk::{self, Desk};
use crate::environment::Settings;
use crate::exit::{Exit, Failure};
use relais_proto::desk::v1::{WhoamiRequest, WhoamiResponse};
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::{sleep, timeout};

/// Longest a node may take until its Desk answers.
const START_TIME_MAX: Duration = Duration::from_secs(20);
/// How often its Desk is tried.
const START_PERIOD: Duration = Duration::from_millis(10);
/// Longest a node may take to stop by itself.
const STOP_TIME_MAX: Duration = Duration::from_secs(5);
/// Most of a log that is repeated in an error, in characters.
const LOG_CHARS_MAX: usize = 400;

/// Where a node listens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doors {
    /// For partners.
    pub(crate) peers: SocketAddr,
    /// For invited structures.
    pub(crate) pairing: SocketAddr,
    /// For professionals' browsers.
    pub(crate) gateway: SocketAddr,
}

impl Doors {
    /// Free ports of loopback, for as many nodes as asked.
    ///
    /// # Errors
    /// [`Failure`] when the system has none.
    pub(crate) fn free(nodes: usize) -> Result<Vec<Self>, Failure> {
        let bind = || TcpListener::bind(("127.0.0.1", 0));
        // All are held until all are found: no port is given twice.
        let held: Result<Vec<_>, _> = (0..nodes).map(|_| Ok((bind()?, bind()?, bind()?))).collect();
        let held = held.map_err(|error| Failure::io("a free port", &error))?;
        let doors: Result<Vec<_>, _> = held
            .iter()
            .map(|(peers, pairing, gateway)| {
                let [peers, pairing, gateway] =
                    [peers.local_addr()?, pairing.local_addr()?, gateway.local_addr()?];
                Ok(Self { peers, pairing, gateway })
            })
            .collect();
        doors.map_err(|error| Failure::io("a free port", &error))
    }
}

/// Makes the node of a structure.
///
/// # Errors
/// [`Failure`] with what `relais init` said.
pub(crate) async fn init(structure: &Structure, ground: &Ground, doors: Doors) -> Result<(), Failure> {
    let mut command = relais(structure, ground)?;
    command.args(["init", "--non-interactive", "--name", structure.name, "--commune", COMMUNE]);
    command.arg("--kind").arg(structure.kind.word());
    command.arg("--listen").arg(doors.peers.to_string());
    command.arg("--advertise").arg(doors.peers.to_string());
    command.arg("--pairing-listen").arg(doors.pairing.to_string());
    command.arg("--gateway").arg(doors.gateway.to_string());
    // The recovery sheet goes nowhere: this structure lasts as long as the demo.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let done = command.output().await.map_err(|error| Failure::io("`relais init`", &error))?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(Failure::new(Exit::CannotCreate, format!("{}: `relais init`: {}", structure.name, said.trim())))
}

/// This very program, for one node.
fn relais(structure: &Structure, ground: &Ground) -> Result<Command, Failure> {
    let program = std::env::current_exe().map_err(|error| Failure::io("this program", &error))?;
    let mut command = Command::new(program);
    command.arg("--folder").arg(ground.node(structure)).kill_on_drop(true);
    // A group of its own: Ctrl-C reaches the demo alone, which stops its nodes in order.
    command.process_group(0);
    Ok(command)
}

/// A running node.
#[derive(Debug)]
pub(crate) struct NodeProcess {
    name: &'static str,
    child: Child,
    lifeline: Option<ChildStdin>,
    log: PathBuf,
}

impl NodeProcess {
    /// Runs the node of a structure.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be started.
    pub(crate) fn start(structure: &Structure, ground: &Ground) -> Result<Self, Failure> {
        let log = ground.log(structure);
        let failed = |error| Failure::io(log.display(), &error);
        let file = File::options().append(true).create_new(true).open(&log).map_err(failed)?;
        let again = file.try_clone().map_err(failed)?;
        let mut command = relais(structure, ground)?;
        command.args(["serve", "--until-input-ends"]);
        command.stdin(Stdio::piped()).stdout(file).stderr(again);
        let child = command.spawn().map_err(|error| Failure::io("`relais serve`", &error))?;
        let mut node = Self { name: structure.name, child, lifeline: None, log };
        node.lifeline = node.child.stdin.take();
        Ok(node)
    }

    /// The number of the process; `None` once it has ended.
    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until the Desk of the node in `folder` answers.
    ///
    /// # Errors
    /// [`Failure`] with the end of the log when the node ended, or does not answer in time.
    pub(crate) async fn desk(&mut self, folder: PathBuf) -> Result<(Desk, WhoamiResponse), Failure> {
        let settings = Settings { folder, user: None };
        let answers = async {
            loop {
                if let Some(status) = self.child.try_wait().map_err(|error| Failure::io(self.name, &error))? {
                    return Err(self.fell(&format!("ended ({status})")));
                }
                if let Ok(answered) = greet(&settings).await {
                    return Ok(answered);
                }
                sleep(START_PERIOD).await;
            }
        };
        match timeout(START_TIME_MAX, answers).await {
            Ok(answered) => answered,
            Err(_) => Err(self.fell("does not answer")),
        }
    }

    fn fell(&self, how: &str) -> Failure {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let skipped = log.chars().count().saturating_sub(LOG_CHARS_MAX);
        let end: String = log.chars().skip(skipped).collect();
        Failure::new(Exit::StoryBroken, format!("the node of {} {how}: {}", self.name, end.trim()))
    }

    /// Stops the node: its lifeline first, then by force.
    pub(crate) async fn stop(mut self) {
        drop(self.lifeline.take());
        if timeout(STOP_TIME_MAX, self.child.wait()).await.is_err() {
            // It has had its time; a child that is gone already needs no force.
            let _ = self.child.kill().await;
        }
    }
}

async fn greet(settings: &Settings) -> Result<(Desk, WhoamiResponse), Failure> {
    let mut desk = desk::connect(settings).await?;
    let who = desk.whoami(WhoamiRequest {}).await?.into_inner();
    Ok((desk, who))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_doors_are_one() {
        let doors = Doors::free(4).expect("free ports");
        let all: BTreeSet<SocketAddr> =
            doors.iter().flat_map(|doors| [doors.peers, doors.pairing, doors.gateway]).collect();
        assert_eq!(all.len(), 12);
        assert!(all.iter().all(|address| address.ip().is_loopback()));
    }
}
