//! `relais identity follow`: a partner's newer manifests, from a file it made.

use super::{file, home_failure, io_failure};
use crate::answer::Answer;
use crate::exit::{Exit, Failure};
use crate::input::read_text;
use clap::Args;
use relais_domain::thread::Trust;
use relais_server::clock::{Clock, Dice};
use relais_server::home::Home;
use relais_server::init;
use relais_server::own::Own;
use relais_server::peers::Peers;
use relais_store_sqlite::SqliteStore;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Args, Clone, Debug)]
#[command(after_help = "\
The node must be stopped. The file needs no safe way: its signatures say whether it is good.

Example:
  relais identity follow agence.txt")]
pub(super) struct FollowArgs {
    /// The file the partner made with `relais identity show --manifests FILE`, or `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) async fn follow(
    args: &FollowArgs,
    home: &Home,
    store: &Arc<SqliteStore>,
) -> Result<Answer, Failure> {
    let run = file::read(&read_text(&args.file)?).map_err(|problem| Failure::input("file", problem))?;
    let peers = partners(home, store).await?;
    let structure = run.structure();
    let held = match peers.trust(structure) {
        Some(Trust::Paired | Trust::Suspended) => peers.chain(structure),
        Some(Trust::Removed) | None => None,
    };
    let no_partner = || Failure::input("file", format!("{structure} is no partner of this node"));
    let held = held.ok_or_else(no_partner)?;
    let accepted = held.accept_run(run.manifests().cloned().collect()).map_err(|error| {
        Failure::input("file", format!("{error}; nothing was changed")).with_code("manifest")
    })?;
    let sequence = accepted.chain.current().sequence();
    let news = accepted.chain != *held;
    if news {
        peers.set_chain(accepted.chain).await.map_err(io_failure)?;
    }
    let text = if news {
        format!("{structure} is followed up to its manifest {sequence}. Next: relais serve")
    } else {
        format!("Nothing new: manifest {sequence} of {structure} was known.")
    };
    let json = json!({ "peer_id": structure.to_string(), "manifest_sequence": sequence, "new": news });
    Ok(Answer::new(json, text))
}

/// The partners of the node.
async fn partners(home: &Home, store: &Arc<SqliteStore>) -> Result<Peers, Failure> {
    let chain = init::read_chain(&**store).await.map_err(io_failure)?;
    home.settle(chain.current().root()).map_err(home_failure)?;
    let secrets = home.secrets().map_err(home_failure)?;
    let own = Arc::new(Own::new(chain, secrets.signing, vec![secrets.sealing]));
    let dice = Dice::system().map_err(|error| Failure::new(Exit::Internal, error.to_string()))?;
    let store = Arc::<SqliteStore>::clone(store);
    Peers::load(store, own, Clock::system(), dice).await.map_err(io_failure)
}
