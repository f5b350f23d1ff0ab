//! The demo is the product: every step of its story comes true.

use anyhow::{Context as _, Result, ensure};
use relais_tests::process::relais;
use serde_json::Value;
use std::process::Command;

/// Steps the story has at least, from the first node to the handover's receipt.
const STEPS_MIN: usize = 25;

#[test]
fn every_step_of_the_demo_comes_true_at_both_ends() -> Result<()> {
    let output = Command::new(relais()?).args(["demo", "--exit", "--json"]).output()?;
    let text = String::from_utf8(output.stdout)?;
    let events: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    ensure!(output.status.success(), "the demo failed: {text}");
    for event in &events {
        ensure!(event.get("ok").is_none_or(|ok| ok == true), "a step did not come true: {event}");
    }
    ensure!(events.len() >= STEPS_MIN, "only {} steps", events.len());
    ensure!(!text.contains("/lien/"), "a link into pages that are gone: {text}");
    let last = events.last().context("no line")?;
    ensure!(last["step"] == "end", "the last line is {last}");
    Ok(())
}
