//! `relais identity show`: the structure's id, its manifest, and the file of its manifests for partners.

use super::{file, io_failure};
use crate::answer::Answer;
use crate::exit::Failure;
use crate::input::write_new;
use crate::lines::Lines;
use crate::when;
use clap::Args;
use relais_server::init;
use relais_store_sqlite::SqliteStore;
use relais_wire::manifest::chain::Chain;
use serde_json::json;
use std::path::PathBuf;

#[derive(Args, Clone, Debug)]
#[command(after_help = "\
The node must be stopped.

Examples:
  relais identity show --json
  relais identity show --manifests agence.txt")]
pub(super) struct ShowArgs {
    /// Write the signed manifests into this file, for partners
    #[arg(long, value_name = "FILE")]
    manifests: Option<PathBuf>,
}

pub(super) async fn show(args: &ShowArgs, store: &SqliteStore) -> Result<Answer, Failure> {
    let chain = init::read_chain(store).await.map_err(io_failure)?;
    if let Some(path) = &args.manifests {
        write_new(path, &file::write(&chain))?;
    }
    let (current, claims) = (chain.current(), chain.current().claims());
    let until = claims.valid_until.0;
    let file = args.manifests.as_ref().map(|path| path.display().to_string());
    let mut lines = Lines::new();
    lines.field("id", chain.structure().to_string()).field("name", &claims.name);
    lines.field("manifest", current.sequence().to_string()).field("until", when::human(until));
    lines.field("rotations", rotations(&chain).to_string());
    lines.field("file", file.clone().unwrap_or_default());
    let json = json!({
        "structure_id": chain.structure().to_string(),
        "name": claims.name,
        "manifest_sequence": current.sequence(),
        "manifest_until": when::machine(until),
        "rotations": rotations(&chain),
        "file": file,
    });
    Ok(Answer::new(json, lines.done()))
}

/// How many roots came after the first.
fn rotations(chain: &Chain) -> usize {
    let pairs = chain.manifests().zip(chain.manifests().skip(1));
    pairs.filter(|(before, after)| before.root() != after.root()).count()
}
