//! Open data on a real node, through the real command line: seeded, found, replaced, exported, and what is wrong with a
//! dump.

#[path = "open_data/asked.rs"]
mod asked;
#[path = "open_data/bench.rs"]
mod bench;
#[path = "open_data/broken.rs"]
mod broken;
#[path = "open_data/own.rs"]
mod own;
#[path = "open_data/place.rs"]
mod place;
#[path = "open_data/seeded.rs"]
mod seeded;

use anyhow::{Context as _, Result, ensure};
use relais_proto::desk::v1::{OpenDataStatusRequest, OpenDataStatusResponse};
use relais_tests::desk::Desk;
use relais_tests::process::{Plan, Process};
use serde_json::Value;
use std::path::PathBuf;

/// A running node, and files beside it.
pub(crate) struct House {
    pub(crate) node: Process,
    pub(crate) desk: Desk,
}

impl House {
    pub(crate) async fn open() -> Result<Self> {
        let mut node = Process::init(&Plan::named("Maison de l'Essai"))?;
        node.start().await?;
        let desk = node.desk().await?;
        Ok(Self { node, desk })
    }

    /// Writes a file beside the node.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> Result<String> {
        let path: PathBuf = self.node.everything().join(name);
        std::fs::write(&path, bytes)?;
        Ok(path.display().to_string())
    }

    /// Runs a command; what it printed as JSON.
    pub(crate) fn told(&self, arguments: &[&str]) -> Result<Value> {
        let (code, out, error) = self.ran(arguments)?;
        ensure!(code == 0, "{arguments:?} ended with {code}: {error}{out}");
        serde_json::from_str(&out).with_context(|| format!("{arguments:?}: {out}"))
    }

    /// Runs a command: its exit code, what it printed, what it said beside.
    pub(crate) fn ran(&self, arguments: &[&str]) -> Result<(i32, String, String)> {
        let done = self.node.run(arguments)?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ok((done.status.code().context("a signal")?, text(done.stdout), text(done.stderr)))
    }

    /// How open data stand.
    pub(crate) async fn status(&self) -> Result<OpenDataStatusResponse> {
        Ok(self.desk.client().open_data_status(OpenDataStatusRequest::default()).await?.into_inner())
    }
}
