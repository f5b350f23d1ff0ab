//! Real nodes: the `relais` binary in a folder of its own, on free ports of loopback, killed when dropped.

use crate::desk::Desk;
use crate::network::free_address;
use crate::wait::until;
use anyhow::{Context as _, Result, bail, ensure};
use std::fs::{self, File};
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longest a node may take until its desk answers.
pub const START_TIME_MAX: Duration = Duration::from_secs(30);
/// Longest a node may take to stop by itself.
pub const STOP_TIME_MAX: Duration = Duration::from_secs(15);
/// How often a child is looked at.
const PERIOD: Duration = Duration::from_millis(10);
/// An address that is never reached: nobody listens on the first port, and nobody may.
pub const NOWHERE: &str = "127.0.0.1:1";

/// Runs a program on which the limit of a file's size is no signal but a failed write, as on a full disk: see `disk`.
const DEAF_TO_LIMITS: &str = "trap '' XFSZ; exec \"$0\" \"$@\"";

/// Names another program to test, an older release for instance.
const PROGRAM_VARIABLE: &str = "RELAIS_TEST_PROGRAM";

/// The program under test: the one `RELAIS_TEST_PROGRAM` names, else the one built beside the test's own program.
///
/// # Errors
/// It was not built.
pub fn relais() -> Result<PathBuf> {
    if let Some(program) = std::env::var_os(PROGRAM_VARIABLE) {
        return Ok(program.into());
    }
    let own = std::env::current_exe()?;
    // target/debug/deps/federation-0123 → target/debug/relais
    let folder = own.parent().and_then(Path::parent).context("a test lies in target/debug/deps")?;
    let program = folder.join("relais");
    let shown = program.display();
    let mend = "run `cargo build --workspace --bins` first, as tests/run does";
    ensure!(program.is_file(), "there is no {shown}: {mend}");
    Ok(program)
}

/// How a node is made.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The structure's name.
    pub name: String,
    /// Its kind, as `relais init` knows it.
    pub kind: &'static str,
    /// Where partners are told to connect, when that is not where the node listens.
    pub advertise: Option<String>,
    /// How much is logged.
    pub log: &'static str,
}

impl Plan {
    /// A digital hub of this name.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), kind: "digital_hub", advertise: None, log: "debug" }
    }
}

/// A node: its folder, and its process when it runs.
#[derive(Debug)]
pub struct Process {
    folder: TempDir,
    /// Where partners connect.
    pub listen: SocketAddr,
    /// Where invited structures connect.
    pub pairing: SocketAddr,
    /// What `relais init` printed: the recovery sheet stands in it.
    pub printed: String,
    child: Option<Child>,
    starts: u32,
}

impl Process {
    /// Makes a node with `relais init`; it does not run yet.
    ///
    /// # Errors
    /// `relais init` failed.
    pub fn init(plan: &Plan) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("relais-").tempdir()?;
        let (listen, pairing) = (free_address()?, free_address()?);
        let advertise = plan.advertise.clone().unwrap_or_else(|| listen.to_string());
        let mut process = Self { folder, listen, pairing, printed: String::new(), child: None, starts: 0 };
        let (listen, pairing) = (listen.to_string(), pairing.to_string());
        let made = process.run(&[
            "init",
            "--non-interactive",
            "--gateway",
            "none",
            "--name",
            &plan.name,
            "--kind",
            plan.kind,
            "--commune",
            "17300",
            "--listen",
            &listen,
            "--pairing-listen",
            &pairing,
            "--advertise",
            &advertise,
        ])?;
        ensure!(made.status.success(), "relais init: {}", String::from_utf8_lossy(&made.stderr));
        process.printed = String::from_utf8(made.stdout)?;
        let configuration = process.configuration();
        let mut text = fs::read_to_string(&configuration)?;
        text.push_str(&format!("\nlog = {:?}\n", plan.log));
        fs::write(&configuration, text)?;
        Ok(process)
    }

    /// The node's folder.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("node")
    }

    /// Its configuration file.
    pub fn configuration(&self) -> PathBuf {
        self.home().join("relais.toml")
    }

    /// What it wrote to standard error since it was made, all runs.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn log(&self) -> Result<String> {
        let mut all = String::new();
        for run in 1..=self.starts {
            all.push_str(&fs::read_to_string(self.log_file(run))?);
        }
        Ok(all)
    }

    fn log_file(&self, run: u32) -> PathBuf {
        self.folder.path().join(format!("log-{run}"))
    }

    /// The folder of the node's logs and of everything else of it.
    pub fn everything(&self) -> &Path {
        self.folder.path()
    }

    /// `relais` with these arguments on this node's folder, not started yet; nothing of this machine's user reaches it.
    ///
    /// # Errors
    /// The program was not built.
    pub fn command(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new(relais()?);
        command.arg("--folder").arg(self.home()).args(arguments);
        command.env_clear().env("HOME", self.folder.path()).current_dir(self.folder.path());
        command.stdin(Stdio::null());
        Ok(command)
    }

    /// Runs `relais` with these arguments to its end.
    ///
    /// # Errors
    /// The program could not be run.
    pub fn run(&self, arguments: &[&str]) -> Result<Output> {
        self.command(arguments)?.output().context("relais could not be run")
    }

    /// Runs `relais` with these arguments and this standard input to its end.
    ///
    /// # Errors
    /// The program could not be run.
    pub fn run_with(&self, arguments: &[&str], input: &[u8]) -> Result<Output> {
        let mut command = self.command(arguments)?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().context("relais could not be run")?;
        if let Some(mut standard_input) = child.stdin.take() {
            // A command that fails early reads nothing.
            let _ = standard_input.write_all(input);
        }
        Ok(child.wait_with_output()?)
    }

    /// Starts the node, without waiting for it.
    ///
    /// # Errors
    /// It runs already, or the program could not be run.
    pub fn spawn(&mut self) -> Result<()> {
        ensure!(self.child.is_none(), "it runs already");
        self.starts += 1;
        let log = File::create(self.log_file(self.starts))?;
        let mut command = deaf_to_limits(&self.command(&["serve", "--until-input-ends"])?);
        // The node ends when its standard input does: it cannot outlive whoever tests it.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
        self.child = Some(command.spawn().context("relais serve")?);
        Ok(())
    }

    /// Starts the node and waits until its desk answers; how long that took.
    ///
    /// # Errors
    /// It ended, or did not answer in time.
    pub async fn start(&mut self) -> Result<Duration> {
        self.spawn()?;
        self.answering().await
    }

    /// Waits until the desk of the node just started answers.
    ///
    /// # Errors
    /// It ended, or did not answer in time.
    pub async fn answering(&mut self) -> Result<Duration> {
        let mut ended = None;
        let waited = until("the node answers at its desk", START_TIME_MAX, async || {
            if let Some(status) = self.child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                ended = Some(status);
                return Ok(Some(()));
            }
            self.desk().await?.id().await?;
            Ok(Some(()))
        });
        let ((), took) = waited.await.with_context(|| self.last_words())?;
        match ended {
            Some(status) => bail!("the node ended by itself ({status}): {}", self.last_words()),
            None => Ok(took),
        }
    }

    /// The end of what the node itself logged in its last run.
    pub fn last_words(&self) -> String {
        let log = fs::read_to_string(self.log_file(self.starts)).unwrap_or_default();
        let lines: Vec<&str> = log.lines().filter(|line| !line.contains(" h2::")).collect();
        lines[lines.len().saturating_sub(25)..].join("\n")
    }

    /// How the node ended, if it did.
    ///
    /// # Errors
    /// It was not started, or cannot be asked.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.as_mut().context("the node was not started")?.try_wait()?)
    }

    /// Asks the node to stop and waits until it has, well or not.
    ///
    /// # Errors
    /// It did not run, or did not stop in time.
    pub fn stop_anyhow(&mut self) -> Result<ExitStatus> {
        let mut child = self.child.take().context("the node does not run")?;
        drop(child.stdin.take());
        ended_within(&mut child, STOP_TIME_MAX)
    }

    /// The process's number.
    ///
    /// # Errors
    /// It does not run.
    pub fn pid(&self) -> Result<u32> {
        self.child.as_ref().map(Child::id).context("the node does not run")
    }

    /// Kills the node: nothing of it gets to say or write another word.
    ///
    /// # Errors
    /// It did not run.
    pub fn kill9(&mut self) -> Result<()> {
        let mut child = self.child.take().context("the node does not run")?;
        child.kill()?;
        let status = child.wait()?;
        ensure!(status.signal() == Some(9), "it was not the kill that ended it: {status}");
        Ok(())
    }

    /// Asks the node to stop, and waits until it has.
    ///
    /// # Errors
    /// It did not run, or did not stop in time.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        let status = self.stop_anyhow()?;
        ensure!(status.success(), "the node stopped with {status}: {}", self.last_words());
        Ok(status)
    }

    /// Stops the node and starts it again.
    ///
    /// # Errors
    /// It did not stop or start.
    pub async fn restart(&mut self) -> Result<Duration> {
        self.stop()?;
        self.start().await
    }

    /// A connection to the node's desk.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn desk(&self) -> Result<Desk> {
        Desk::connect(&self.home().join("desk.sock")).await
    }

    /// Changes one key of the configuration file.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn configure(&self, key: &str, value: &str) -> Result<()> {
        let path = self.configuration();
        let text = fs::read_to_string(&path)?;
        let begins = format!("{key} =");
        let kept = text.lines().filter(|line| !line.starts_with(&begins));
        let mut lines: Vec<String> = kept.map(str::to_owned).collect();
        lines.push(format!("{key} = {value:?}"));
        fs::write(&path, lines.join("\n") + "\n")?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() || std::env::var_os("RELAIS_TEST_LOGS").is_some() {
            let log = self.last_words();
            let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("--\n{log}\n").as_bytes());
        }
    }
}

/// The same program, arguments, environment and folder, started so that [`DEAF_TO_LIMITS`] holds.
fn deaf_to_limits(command: &Command) -> Command {
    let mut deaf = Command::new("/bin/sh");
    deaf.args(["-c", DEAF_TO_LIMITS]).arg(command.get_program()).args(command.get_args());
    deaf.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = command.get_current_dir() {
        deaf.current_dir(folder);
    }
    deaf
}

/// Waits until a child ends.
///
/// # Errors
/// It did not end in time; then it is killed.
pub fn ended_within(child: &mut Child, longest: Duration) -> Result<ExitStatus> {
    let started = Instant::now();
    while started.elapsed() < longest {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        std::thread::sleep(PERIOD);
    }
    child.kill()?;
    child.wait()?;
    bail!("it did not end within {longest:?}");
}
