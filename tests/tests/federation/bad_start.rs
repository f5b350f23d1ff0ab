//! Bad starts: one clear sentence, the right exit code, and nothing lost.

use anyhow::{Context as _, Result, ensure};
use relais_tests::case::{Case, SERVICE, services};
use relais_tests::desk::Thread;
use relais_tests::marks::files;
use relais_tests::process::{Plan, Process, ended_within, relais};
use relais_tests::town::{Two, id_of};
use std::collections::BTreeSet;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Longest a start may take to fail.
const FAILS_WITHIN: Duration = Duration::from_secs(20);
/// A user without rights on this machine («nobody»).
const NOBODY: u32 = 65_534;

/// How a start failed.
struct Failed {
    code: i32,
    sentence: String,
}

/// Runs a command that must fail by itself: its code, and what it said in one piece.
fn fails(mut command: Command) -> Result<Failed> {
    let log = tempfile::NamedTempFile::new()?;
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log.reopen()?).spawn()?;
    let status = ended_within(&mut child, FAILS_WITHIN).context("it started, or hung")?;
    let said = fs::read_to_string(log.path())?;
    let code = status.code().with_context(|| format!("{status}: {said}"))?;
    ensure!(!said.contains("panicked"), "{said}");
    let errors: Vec<&str> = said.split("error: ").skip(1).collect();
    ensure!(errors.len() == 1, "not one sentence but {}: {said}", errors.len());
    Ok(Failed { code, sentence: errors.concat().trim().to_owned() })
}

fn serve(process: &Process) -> Result<Failed> {
    fails(process.command(&["serve", "--until-input-ends"])?)
}

/// Checks how a start failed, and that it bound no port.
fn expect(failed: &Failed, code: i32, words: &[&str], process: &Process) -> Result<()> {
    ensure!(failed.code == code, "exit {} not {code}: {}", failed.code, failed.sentence);
    for word in words {
        ensure!(failed.sentence.contains(word), "«{word}» is not in: {}", failed.sentence);
    }
    for address in [process.listen, process.pairing] {
        ensure!(is_free(address), "{address} is still bound");
    }
    Ok(())
}

fn is_free(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_ok()
}

/// A stopped node that holds a service.
async fn stopped() -> Result<Process> {
    let mut process = Process::init(&Plan::named("Espace de l'Essai"))?;
    process.start().await?;
    process.desk().await?.import(&services(&[SERVICE])).await?;
    process.stop()?;
    Ok(process)
}

/// Starts the node after the mend and finds the service again.
async fn as_before(process: &mut Process) -> Result<()> {
    process.start().await?;
    let desk = process.desk().await?;
    let held = desk.services(&desk.id().await?).await?;
    ensure!(held.iter().any(|service| service.service_id == SERVICE), "the service is lost");
    process.stop()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_one_folder_is_refused_and_the_first_goes_on() -> Result<()> {
    let two = Two::start().await?;
    let (agency, hub) = two.desks().await?;
    let failed = serve(&two.hub)?;
    ensure!(failed.code == 69, "exit {}: {}", failed.code, failed.sentence);
    ensure!(failed.sentence.contains("another program has this store open"), "{}", failed.sentence);
    let thread: Thread = id_of(&agency.refer(Case::default().referral(&two.hub_id)).await?)?;
    agency.delivered(&thread, Duration::from_secs(10)).await?;
    ensure!(hub.find(&thread).await?.is_some());
    // The same socket still answers whoever connects now.
    ensure!(two.hub.desk().await?.find(&thread).await?.is_some());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_named_with_its_setting() -> Result<()> {
    let mut process = stopped().await?;
    for (address, other, setting) in
        [(process.listen, process.pairing, "listen"), (process.pairing, process.listen, "pairing_listen")]
    {
        let taken = TcpListener::bind(address)?;
        let failed = serve(&process)?;
        ensure!(is_free(other), "{other} is still bound");
        drop(taken);
        expect(&failed, 69, &[&address.to_string(), setting], &process)?;
    }
    as_before(&mut process).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_others_can_read_is_refused_with_the_mend() -> Result<()> {
    let mut process = stopped().await?;
    let keys = process.home().join("keys");
    for key in files(&keys)? {
        fs::set_permissions(&key, fs::Permissions::from_mode(0o444))?;
        let failed = serve(&process)?;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o400))?;
        let name = key.display().to_string();
        expect(&failed, 77, &[&name, &format!("chmod 400 {name}")], &process)?;
    }
    as_before(&mut process).await
}

/// Gives a folder and everything in it to `owner`.
fn give(path: &Path, owner: u32) -> Result<()> {
    chown(path, Some(owner), Some(owner))?;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            give(&entry.path(), owner)?
        } else {
            chown(entry.path(), Some(owner), Some(owner))?
        }
    }
    Ok(())
}

/// Takes the right to write from a folder and everything in it, or gives it back.
fn writable(path: &Path, folder_mode: u32, file_mode: u32) -> Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            writable(&entry.path(), folder_mode, file_mode)?;
        } else if entry.file_type()?.is_file() {
            fs::set_permissions(entry.path(), fs::Permissions::from_mode(file_mode))?;
        }
    }
    fs::set_permissions(path, fs::Permissions::from_mode(folder_mode))?;
    Ok(())
}

/// `relais serve` as someone whom rights hold: root may write everywhere, so root becomes nobody.
fn serve_unprivileged(process: &Process, program: &Path) -> Result<Failed> {
    let mut command = Command::new(program);
    command.arg("--folder").arg(process.home()).args(["serve", "--until-input-ends"]);
    command.env_clear().env("HOME", process.everything()).current_dir("/");
    if rustix::process::geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    fails(command)
}

/// The program where nobody can run it.
fn program_for_all(folder: &Path) -> Result<PathBuf> {
    let program = folder.join("relais");
    let built = relais()?;
    if fs::hard_link(&built, &program).is_err() {
        fs::copy(&built, &program)?;
    }
    Ok(program)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_cannot_be_written_is_named() -> Result<()> {
    let mut process = stopped().await?;
    let root = rustix::process::geteuid().is_root();
    let program = program_for_all(process.everything())?;
    if root {
        give(&process.home(), NOBODY)?;
        fs::set_permissions(process.everything(), fs::Permissions::from_mode(0o711))?;
    }
    writable(&process.home(), 0o500, 0o400)?;
    let failed = serve_unprivileged(&process, &program);
    writable(&process.home(), 0o700, 0o600)?;
    for key in files(&process.home().join("keys"))? {
        fs::set_permissions(key, fs::Permissions::from_mode(0o400))?;
    }
    if root {
        give(&process.home(), 0)?;
    }
    let data = process.home().join("data").display().to_string();
    expect(&failed?, 74, &[&data, "cannot be written"], &process)?;
    as_before(&mut process).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_left_alone() -> Result<()> {
    let mut process = stopped().await?;
    let path = process.home().join("data").join("data.db");
    let before = fs::read(&path)?;
    // The number of the only step taken, as SQLite writes it; the newer program took one of 2099.
    let [now, newer] =
        [202_611_220_001_u64, 209_901_010_001].map(|number| number.to_be_bytes()[2..].to_vec());
    let mut patched = before.clone();
    let places: Vec<usize> =
        (0..before.len() - now.len()).filter(|at| before[*at..].starts_with(&now)).collect();
    ensure!(!places.is_empty(), "the version is not where this test looks for it");
    for at in places {
        patched[at..at + newer.len()].copy_from_slice(&newer);
    }
    fs::write(&path, &patched)?;
    let failed = serve(&process)?;
    expect(&failed, 74, &["data.db", "newer version"], &process)?;
    ensure!(fs::read(&path)? == patched, "the newer database was changed");
    fs::write(&path, &before)?;
    as_before(&mut process).await
}

/// The names in a folder.
fn names(folder: &Path) -> Result<BTreeSet<String>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_gone_can_be_put_back() -> Result<()> {
    let mut process = stopped().await?;
    let (data, aside) = (process.home().join("data"), process.everything().join("aside"));
    for name in ["data.db", "keys.db"] {
        let path = data.join(name);
        let before = fs::read(&path)?;
        fs::rename(&path, &aside)?;
        let left = names(&data)?;
        let failed = serve(&process)?;
        expect(&failed, 74, &[name, "restore it"], &process)?;
        // What a failed start leaves behind would be taken for the log of the file that is put back.
        let now = names(&data)?;
        let made: Vec<&String> = now.difference(&left).collect();
        ensure!(now == left, "a start without {name} made {made:?}");
        fs::rename(&aside, &path)?;
        ensure!(fs::read(&path)? == before);
        as_before(&mut process).await.with_context(|| format!("after {name} was put back"))?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_none_is_named_and_left_alone() -> Result<()> {
    let mut process = stopped().await?;
    let (data, aside) = (process.home().join("data"), process.everything().join("aside"));
    for name in ["data.db", "keys.db"] {
        let path = data.join(name);
        fs::rename(&path, &aside)?;
        let other =
            b"this is no database, although it is long enough to be read as the head of one".repeat(99);
        fs::write(&path, &other)?;
        let failed = serve(&process)?;
        expect(&failed, 74, &[name, "not a database"], &process)?;
        ensure!(fs::read(&path)? == other, "{name} was changed");
        fs::rename(&aside, &path)?;
        as_before(&mut process).await.with_context(|| format!("after {name} was put back"))?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_of_a_configuration_is_told_at_once() -> Result<()> {
    let mut process = stopped().await?;
    let path = process.configuration();
    let before = fs::read_to_string(&path)?;
    let mistakes = [("listen", "partout"), ("addresses", "all"), ("commune", "00000"), ("log", "loud")];
    for (key, value) in mistakes {
        process.configure(key, value)?;
    }
    process.configure("adress", "0.0.0.0:7443")?;
    let failed = serve(&process)?;
    expect(&failed, 64, &["relais.toml", "adress: no such key"], &process)?;
    for (key, _) in mistakes {
        ensure!(failed.sentence.contains(&format!("{key}: ")), "{key} is not told: {}", failed.sentence);
    }
    fs::write(&path, "listen = \"127.0.0.1:7443\nand so on")?;
    let failed = serve(&process)?;
    expect(&failed, 64, &["relais.toml"], &process)?;
    fs::remove_file(&path)?;
    let failed = serve(&process)?;
    expect(&failed, 64, &["relais.toml"], &process)?;
    fs::write(&path, before)?;
    as_before(&mut process).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_without_a_node_and_one_with_a_node_are_not_mixed_up() -> Result<()> {
    let mut process = stopped().await?;
    let keys = |process: &Process| -> Result<Vec<Vec<u8>>> {
        let mut paths = files(&process.home().join("keys"))?;
        paths.sort();
        Ok(paths.iter().map(fs::read).collect::<Result<_, _>>()?)
    };
    let before = keys(&process)?;
    let again =
        ["init", "--non-interactive", "--name", "Autre", "--kind", "digital_hub", "--commune", "17300"];
    let failed = fails(process.command(&again)?)?;
    expect(&failed, 73, &["there is a node here already"], &process)?;
    ensure!(keys(&process)? == before, "the keys were changed");
    let empty = tempfile::tempdir()?;
    let mut command = Command::new(relais()?);
    command.env_clear().env("HOME", empty.path()).arg("--folder").arg(empty.path()).arg("serve");
    let failed = fails(command)?;
    expect(&failed, 64, &["there is no node here", "relais init"], &process)?;
    as_before(&mut process).await
}
