//! The ledger: checkpoints, proofs, and verifying a proof without any node.

use super::{Context, resolve};
use crate::answer::Answer;
use crate::exit::Failure;
use crate::ids::Prefix;
use crate::input::{read_text, write_new};
use crate::lines::Lines;
use crate::views::ledger;
use clap::{Args, Subcommand};
use relais_domain::id::MessageId;
use relais_domain::structure_id::StructureId;
use relais_proto::desk::v1::ledger_prove_request::Subject;
use relais_proto::desk::v1::{
    EventPlace, LedgerCheckpointRequest, LedgerProveRequest, LedgerStatusRequest, Side,
};
use relais_wire::keys::VerifyKey;
use relais_wire::ledger::{CheckpointError, ProofFile, ProofRejected, Verified, read, verify};
use relais_wire::manifest::Manifest;
use relais_wire::manifest::chain::Chain;
use serde_json::json;
use std::path::PathBuf;

/// The ledger.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  relais ledger status")]
pub(crate) struct LedgerArgs {
    #[command(subcommand)]
    command: LedgerCommand,
}

#[derive(Subcommand, Debug)]
enum LedgerCommand {
    /// Print the latest signed checkpoint (a C2SP signed note)
    #[command(after_help = "Example:\n  relais ledger checkpoint > checkpoint.txt")]
    Checkpoint,
    /// Check the ledger against itself and against the partners' checkpoints
    #[command(after_help = "Example:\n  relais ledger status")]
    Status,
    /// Write a file that proves to anyone that an event is in the ledger
    Prove(ProveArgs),
    /// Verify a proof file, without any node
    Verify(VerifyArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  relais ledger prove 3f2a 2 --out proof.txt
  relais ledger prove --message 1b4e28ba-2fa1-41d2-883f-0016d3cca427")]
struct ProveArgs {
    /// The referral or handover: its id, or the first digits of it
    #[arg(value_name = "THREAD", value_parser = Prefix::parse, required_unless_present = "message", requires = "event")]
    thread: Option<Prefix>,
    /// The event's number in its chain, the column NO of `relais show`
    #[arg(value_name = "NUMBER")]
    event: Option<u32>,
    /// Take the partner's chain instead of this structure's own
    #[arg(long)]
    theirs: bool,
    /// The event by its message instead
    #[arg(long, value_name = "UUID", conflicts_with_all = ["thread", "event", "theirs"], value_parser = parse_message)]
    message: Option<MessageId>,
    /// Write the proof into a new file instead of printing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
It needs no node and no network. Whose ledger it is follows from the file: compare the id with one you trust, or give it.

Examples:
  relais ledger verify proof.txt
  relais ledger verify proof.txt --structure ABCDEFG-…")]
struct VerifyArgs {
    /// The proof file; `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The structure whose ledger it must be
    #[arg(long, value_name = "ID", value_parser = StructureId::parse)]
    structure: Option<StructureId>,
}

fn parse_message(text: &str) -> Result<MessageId, String> {
    MessageId::parse(text).ok_or_else(|| "is not the id of a message".to_owned())
}

/// Does it.
///
/// # Errors
/// [`Failure`] when it is not done, or a proof does not hold.
pub(crate) async fn run(args: LedgerArgs, context: &Context) -> Result<Answer, Failure> {
    match args.command {
        LedgerCommand::Checkpoint => {
            let request = LedgerCheckpointRequest::default();
            let found = context.desk().await?.ledger_checkpoint(request).await?.into_inner();
            Ok(ledger::checkpoint(&found))
        }
        LedgerCommand::Status => {
            let found =
                context.desk().await?.ledger_status(LedgerStatusRequest::default()).await?.into_inner();
            Ok(ledger::status(&found))
        }
        LedgerCommand::Prove(args) => prove(&args, context).await,
        LedgerCommand::Verify(args) => verify_file(&args),
    }
}

async fn prove(args: &ProveArgs, context: &Context) -> Result<Answer, Failure> {
    let mut desk = context.desk().await?;
    let subject = match (&args.thread, args.event, args.message) {
        (_, _, Some(message)) => Subject::MessageId(message.as_bytes().to_vec()),
        (Some(typed), Some(sequence), None) => {
            let summary = resolve::thread(&mut desk, typed).await?;
            let side = if args.theirs { other(summary.side) } else { summary.side };
            Subject::Event(EventPlace { thread_id: summary.thread_id, side, sequence })
        }
        (Some(_) | None, _, None) => return Err(Failure::usage("name a thread and an event, or --message")),
    };
    let proof = desk.ledger_prove(LedgerProveRequest { subject: Some(subject) }).await?.into_inner();
    let json = json!({ "proof_file": proof.proof_file, "index": proof.index, "size": proof.size });
    let Some(path) = &args.out else { return Ok(Answer::new(json, proof.proof_file)) };
    write_new(path, &proof.proof_file)?;
    let shown = path.display();
    let text = format!(
        "leaf {} of {} in {shown}; anyone can run `relais ledger verify {shown}`",
        proof.index, proof.size
    );
    Ok(Answer::new(json, text))
}

fn other(side: i32) -> i32 {
    if side == i32::from(Side::Sender) { Side::Receiver.into() } else { Side::Sender.into() }
}

fn verify_file(args: &VerifyArgs) -> Result<Answer, Failure> {
    let text = read_text(&args.file)?;
    let (verified, chain) =
        checked(&text).map_err(|problem| Failure::input("proof", problem).with_code("not_proven"))?;
    let structure = chain.structure();
    if args.structure.is_some_and(|expected| expected != structure) {
        let message = format!("the proof is of the ledger of {structure}, not of the structure you named");
        return Err(Failure::input("structure", message).with_code("not_proven"));
    }
    Ok(told(&verified, &chain))
}

/// The proof of a file and the manifests that vouch for its key, checked against each other.
fn checked(text: &str) -> Result<(Verified, Chain), String> {
    let proof = read(text).map_err(|error| error.to_string())?;
    let chain = manifests(&proof)?;
    let claimed = proof.claimed_ledger().map_err(|error| error.to_string())?;
    if chain.structure() != claimed {
        return Err(format!("the manifests are of {}, the checkpoint of {claimed}", chain.structure()));
    }
    let claims = chain.current().claims();
    let keys = claims.witness_keys.iter().chain(&claims.signing_keys).chain([chain.current().root()]);
    let verified = first_that_holds(&proof, keys)?;
    Ok((verified, chain))
}

/// The proof under the key that signed its checkpoint; the manifest vouches for each of `keys`.
fn first_that_holds<'a>(
    proof: &ProofFile,
    keys: impl Iterator<Item = &'a VerifyKey>,
) -> Result<Verified, String> {
    let mut problem = ProofRejected::Checkpoint(CheckpointError::NotSigned);
    for key in keys {
        match verify(proof, key) {
            Ok(verified) => return Ok(verified),
            Err(ProofRejected::Checkpoint(CheckpointError::NotSigned)) => {}
            Err(rejected) => problem = rejected,
        }
    }
    Err(problem.to_string())
}

fn manifests(proof: &ProofFile) -> Result<Chain, String> {
    if proof.manifests.is_empty() {
        return Err(
            "the file holds no manifest, so nothing says whose key signed; ask for the file again".to_owned()
        );
    }
    let admitted = proof.manifests.iter().map(|bytes| Manifest::admit(bytes));
    let admitted: Vec<Manifest> = admitted.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    Chain::from_manifests(admitted).map_err(|error| error.to_string())
}

fn told(verified: &Verified, chain: &Chain) -> Answer {
    let (leaf, checkpoint) = (verified.leaf(), verified.checkpoint());
    let name = &chain.current().claims().name;
    let json = json!({
        "structure_id": chain.structure().to_string(),
        "structure_name": name,
        "manifest_sequence": chain.current().sequence(),
        "index": verified.index(),
        "size": checkpoint.size,
        "root": checkpoint.root.to_string(),
        "kind": leaf.kind.as_str(),
        "subject": leaf.subject.to_string(),
    });
    let mut lines = Lines::new();
    lines.line("The proof holds.");
    lines.field("ledger of", chain.structure().to_string()).field("who says", name);
    lines.field("leaf", format!("{} of {}", verified.index(), checkpoint.size));
    lines.field("kind", leaf.kind.as_str()).field("subject", leaf.subject.to_string());
    lines.line("The name is a claim: compare the id with one you trust, or give it with --structure.");
    Answer::new(json, lines.done())
}
