//! What an administrator installs from: the unit is as closed as it claims, the sample says every key, the runbook names
//! commands that exist.

use anyhow::{Context as _, Result, ensure};
use relais_tests::process::relais;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `systemd-analyze security` may find at most; 0 is closed, 10 is open.
const EXPOSURE_MAX: f64 = 1.5;

fn deploy(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(file)
}

#[test]
fn the_unit_is_as_closed_as_systemd_can_make_it() -> Result<()> {
    let unit = deploy("relais.service");
    let judged = Command::new("systemd-analyze").args(["security", "--offline=true"]).arg(&unit).output();
    // Where there is no systemd nobody installs a unit.
    let Ok(judged) = judged else { return Ok(()) };
    let said = String::from_utf8(judged.stdout)?;
    let Some(line) = said.lines().find(|line| line.contains("Overall exposure level")) else {
        return Ok(()); // An older systemd that judges no file.
    };
    let level = line.split(':').nth(1).and_then(|rest| rest.split_whitespace().next()).context("a level")?;
    ensure!(level.parse::<f64>()? <= EXPOSURE_MAX, "{line}");
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
    Ok(())
}
