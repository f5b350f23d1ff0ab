//! What an administrator installs from: the unit is as closed as it claims, the sample says every key, the runbook names
//! commands that exist.

use anyhow::{Context as _, Result, ensure};
use relais_tests::process::relais;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `systemd-analyze security` may find at most; 0 is closed, 10 is open.
const EXPOSURE_MAX: f64 = 1.5;

fn deploy(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(file)
}

/// What a program says of the unit's exposure; why not, where it cannot.
fn judged(program: &str) -> Result<Result<f64, &'static str>> {
    let unit = deploy("relais.service");
    let Ok(judged) = Command::new(program).args(["security", "--offline=true"]).arg(&unit).output() else {
        return Ok(Err("systemd-analyze is not installed"));
    };
    let said = String::from_utf8(judged.stdout)?;
    let Some(line) = said.lines().find(|line| line.contains("Overall exposure level")) else {
        return Ok(Err("this systemd-analyze judges no file"));
    };
    let level = line.split(':').nth(1).and_then(|rest| rest.split_whitespace().next()).context("a level")?;
    Ok(Ok(level.parse()?))
}

/// Checks what was said of the unit; answers what to say where nothing was. In CI that fails.
fn held(judged: Result<f64, &'static str>, ci: Option<&str>) -> Result<Option<String>> {
    match judged {
        Ok(level) => {
            ensure!(level <= EXPOSURE_MAX, "{level}, at most {EXPOSURE_MAX}");
            Ok(None)
        }
        Err(why) => {
            ensure!(ci != Some("true"), "the unit was not judged: {why}");
            Ok(Some(format!("\nNOT RUN: systemd unit: {why}\n")))
        }
    }
}

#[test]
fn the_unit_is_as_closed_as_systemd_can_make_it() -> Result<()> {
    if let Some(words) = held(judged("systemd-analyze")?, std::env::var("CI").ok().as_deref())? {
        // Past what captures a test's words: `tests/run` repeats it.
        std::io::stderr().write_all(words.as_bytes())?;
    }
    Ok(())
}

#[test]
fn a_unit_that_nobody_judges_is_named_and_fails_in_ci() -> Result<()> {
    for program in ["there-is-no-such-program", "true"] {
        let said = held(judged(program)?, None)?.context("judged by nobody")?;
        ensure!(said.contains("NOT RUN: systemd unit: "), "{program}: {said}");
        ensure!(held(judged(program)?, Some("true")).is_err(), "{program}");
    }
    ensure!(held(Ok(EXPOSURE_MAX + 0.1), None).is_err() && held(Ok(EXPOSURE_MAX), None)?.is_none());
    Ok(())
}

#[test]
fn no_log_of_the_proxy_holds_a_sign_in_link() -> Result<()> {
    let conf = fs::read_to_string(deploy("reverse-proxy.conf"))?;
    let servers: Vec<&str> = conf.split("server {").skip(1).collect();
    ensure!(servers.len() == 2, "HTTPS, and what leads to it");
    let (_, link) = servers[0].split_once("location /lien/ {").context("no place for links")?;
    let link = link.split('}').next().context("its end")?;
    for rule in ["access_log off;", "error_log /dev/null;", "proxy_pass http://127.0.0.1:7445;"] {
        ensure!(link.contains(rule), "{rule} is missing: {link}");
    }
    ensure!(servers[1].contains("access_log off;"), "the address passes by here too: {}", servers[1]);
    // Set once for both places: a place that sets one of them forgets the others.
    let first = servers[0].split("location").next().context("what holds for both")?;
    ensure!(servers[0].matches("proxy_set_header").count() == first.matches("proxy_set_header").count());
    Ok(())
}

#[test]
fn the_sample_says_every_key_a_new_node_knows() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let made = Command::new(relais()?)
        .args(["--folder", &folder.path().display().to_string(), "init", "--non-interactive"])
        .args(["--name", "Essai", "--kind", "digital_hub", "--commune", "17300"])
        .args(["--listen", "127.0.0.1:1"])
        .output()?;
    ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let said = String::from_utf8(made.stdout)?;
    ensure!(said.contains(" user link admin\n"), "how the first admin signs in: {said}");
    let keys = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.trim_start_matches("# "));
        let named =
            lines.filter_map(|line| line.split_once(" = ").filter(|(_, value)| value.starts_with('"')));
        let mut keys: Vec<String> = named.map(|(key, _)| key.trim().to_owned()).collect();
        keys.sort();
        keys
    };
    let new = keys(&fs::read_to_string(folder.path().join("relais.toml"))?);
    let sample = fs::read_to_string(deploy("relais.sample.toml"))?;
    assert_eq!(keys(&sample), new);
    Ok(())
}

#[test]
fn every_command_of_the_runbook_is_there() -> Result<()> {
    let book = fs::read_to_string(deploy("runbook.md"))?;
    let mut commands = 0;
    for typed in book.split('`').skip(1).step_by(2).filter_map(|code| code.strip_prefix("R ")) {
        let words: Vec<&str> = typed
            .split_whitespace()
            .take_while(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
            .collect();
        let known = (1..=words.len()).rev().any(|count| {
            let asked = Command::new(relais().unwrap()).args(&words[..count]).arg("--help").output();
            asked.is_ok_and(|asked| asked.status.success())
        });
        ensure!(known, "`{typed}` is no command");
        for flag in typed.split_whitespace().filter(|word| word.starts_with("--")) {
            let help = Command::new(relais()?).args(&words[..2.min(words.len())]).arg("--help").output()?;
            ensure!(String::from_utf8_lossy(&help.stdout).contains(flag), "`{typed}`: no {flag}");
        }
        commands += 1;
    }
    ensure!(commands >= 6, "only {commands} commands were found");
    ensure!(book.contains("user add claire --role admin --role counsellor"), "she runs the structure");
    Ok(())
}
