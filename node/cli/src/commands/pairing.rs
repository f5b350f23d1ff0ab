//! Pairing, and the partners it makes.

use super::{Context, resolve};
use crate::answer::Answer;
use crate::codes::Words;
use crate::desk::Desk;
use crate::exit::Failure;
use crate::ids;
use crate::input::read_text;
use crate::lines::Lines;
use crate::prompt::Agreement;
use crate::views::{admin, instant, invitation};
use crate::when;
use clap::{Args, Subcommand};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use relais_domain::structure_id::StructureId;
use relais_proto::desk::v1::{
    ConfirmPairingRequest, CreateInvitationRequest, InvitationStanding, InvitationView,
    JoinInvitationRequest, ListInvitationsRequest, ListInvitationsResponse, PairingView, PhraseComparison,
    RemovePeerRequest, ResumePeerRequest, SuspendPeerRequest, WithdrawInvitationRequest,
};
use relais_proto::peer::v1::PeerChangeReason;
use serde_json::json;
use std::path::{Path, PathBuf};

/// How every link begins.
const LINK_SCHEME: &str = "relais://";

/// Makes an invitation.
#[derive(Args, Debug)]
#[command(after_help = "\
The link holds a secret: hand it over by a way that others do not read. It works for one structure; if their connection
drops before they are told that they joined, they run `relais join` with it again.

Examples:
  relais invite
  relais invite --hours 72 --qr
  relais invite --list                     # what became of those made here
  relais invite --withdraw 4f1a            # the one whose number begins so")]
pub(crate) struct InviteArgs {
    /// How long the link works, in hours
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=72))]
    hours: u32,
    /// Also draw the link as a QR code
    #[arg(long)]
    qr: bool,
    /// Make none: list those made here, and who used them
    #[arg(long, conflicts_with_all = ["hours", "qr"])]
    list: bool,
    /// Make none: take back the open one whose number begins so, as `--list` shows it
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["hours", "qr", "list"])]
    withdraw: Option<String>,
}

/// Joins an invitation.
#[derive(Args, Debug)]
#[command(after_help = "\
The link is pasted, or read from a file or standard input; never an argument, which other users could see.

Examples:
  relais join                     # asks for the link
  relais join link.txt
  relais --folder ./agence invite --json | jq -r .link | relais --folder ./hub join -")]
pub(crate) struct JoinArgs {
    /// File that holds the link; `-` for standard input
    #[arg(value_name = "FILE")]
    link: Option<PathBuf>,
}

/// Partners.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  relais peers
  relais peers confirm               # the pairing that waits
  relais peers suspend 'Emmaüs Connect' --reason key_compromise")]
pub(crate) struct PeersArgs {
    #[command(subcommand)]
    command: Option<PeersCommand>,
}

#[derive(Subcommand, Debug)]
enum PeersCommand {
    /// List partners and pairings that wait
    #[command(after_help = "Example:\n  relais peers list --json")]
    List,
    /// Confirm a pairing once both read the same phrase, or give it up
    Confirm(ConfirmArgs),
    /// Suspend a partner: only endings, erasures, manifests and receipts pass
    #[command(after_help = "Example:\n  relais peers suspend Lire --reason key_compromise")]
    Suspend(ChangeArgs),
    /// End a suspension
    #[command(after_help = "Example:\n  relais peers resume Lire")]
    Resume {
        /// The partner: name, id, or the beginning of one
        #[arg(value_name = "PARTNER")]
        peer: String,
    },
    /// Remove a partner for good
    #[command(after_help = "\
It cannot be undone: only a new node of theirs can pair again. To pause, suspend. Without --yes it is asked for.

Examples:
  relais peers remove Lire --reason partnership_ended
  relais peers remove Lire --reason partnership_ended --yes        # in a script")]
    Remove {
        #[command(flatten)]
        change: ChangeArgs,
        /// Do not ask whether this is meant
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  relais peers confirm                        # shows the phrase and asks
  relais peers confirm Lire --phrase matches  # in a script, after a human compared
  relais peers confirm Lire --phrase differs  # someone stands between: give it up")]
pub(super) struct ConfirmArgs {
    /// The other structure; may be left out when one pairing waits
    #[arg(value_name = "PARTNER")]
    peer: Option<String>,
    /// What both admins read
    #[arg(long, value_enum)]
    phrase: Option<Phrase>,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Phrase {
    /// The same, and the agreement is accepted
    Matches,
    /// Not the same
    Differs,
}

#[derive(Args, Debug)]
struct ChangeArgs {
    /// The partner: name, id, or the beginning of one
    #[arg(value_name = "PARTNER")]
    peer: String,
    /// Why
    #[arg(long, value_parser = Words::<PeerChangeReason>::any())]
    reason: PeerChangeReason,
}

/// Makes an invitation.
///
/// # Errors
/// [`Failure`] when the node makes none.
pub(crate) async fn invite(args: &InviteArgs, context: &Context) -> Result<Answer, Failure> {
    if args.list {
        let mut desk = context.desk().await?;
        let found = desk.list_invitations(ListInvitationsRequest::default()).await?.into_inner();
        return Ok(invitation::list(&found, &resolve::everyone(resolve::peers(&mut desk).await?)));
    }
    if let Some(typed) = &args.withdraw {
        return withdraw(typed, &mut context.desk().await?).await;
    }
    let request =
        CreateInvitationRequest { validity_hours: args.hours, ..CreateInvitationRequest::default() };
    let made = context.desk().await?.create_invitation(request).await?.into_inner();
    let json = json!({ "link": made.link, "expires": instant(made.expires_ms) });
    let mut lines = Lines::new();
    lines.line(&made.link).gap();
    if args.qr {
        let code = QrCode::new(made.link.as_bytes()).map(|code| code.render::<Dense1x2>().build());
        lines.block(&code.unwrap_or_else(|_| "(the link is too long for a QR code)".to_owned())).gap();
    }
    lines.line(format!(
        "Works for one structure, until {}. The other admin runs `relais join` and pastes it.",
        when::human(made.expires_ms)
    ));
    lines.line("Then compare the phrase by voice: `relais peers confirm`.");
    Ok(Answer::new(json, lines.done()))
}

async fn withdraw(typed: &str, desk: &mut Desk) -> Result<Answer, Failure> {
    let found = desk.list_invitations(ListInvitationsRequest::default()).await?.into_inner().invitations;
    let (typed, open) =
        (typed.trim().to_lowercase(), |one: &InvitationView| one.standing() == InvitationStanding::Open);
    let mut meant = found.into_iter().filter(|one| open(one) && ids::hex(&one.number).starts_with(&typed));
    let number = match (meant.next(), meant.next()) {
        (Some(one), None) => one.number,
        (Some(_), Some(_)) => {
            return Err(Failure::input(
                "withdraw",
                "several open invitations begin so: write more of the number",
            ));
        }
        (None, _) => {
            let message = "no open invitation has a number that begins so: `relais invite --list`";
            return Err(Failure::input("withdraw", message));
        }
    };
    let withdrawn = desk.withdraw_invitation(WithdrawInvitationRequest { number }).await?.into_inner();
    Ok(invitation::list(&ListInvitationsResponse { invitations: vec![withdrawn] }, &[]))
}

/// Joins an invitation.
///
/// # Errors
/// [`Failure`] when the link is wrong, used, expired or another's.
pub(crate) async fn join(args: &JoinArgs, context: &Context) -> Result<Answer, Failure> {
    let link = read_link(args.link.as_deref(), context)?;
    let joined = context.desk().await?.join_invitation(JoinInvitationRequest { link }).await?.into_inner();
    Ok(admin::pairing(&joined))
}

fn read_link(path: Option<&Path>, context: &Context) -> Result<String, Failure> {
    if path.is_some_and(|path| path.to_string_lossy().starts_with(LINK_SCHEME)) {
        let message = "the link holds a secret, and other users of this machine can see arguments: run `relais join` \
                       and paste it, or give a file";
        return Err(Failure::usage(message));
    }
    let link = match path {
        Some(path) => read_text(path)?,
        None => match context.ask(|prompt| prompt.text("Paste the link"))? {
            Some(link) => link,
            None => read_text(Path::new("-"))?,
        },
    };
    let link = link.trim().to_owned();
    if link.starts_with(LINK_SCHEME) {
        Ok(link)
    } else {
        Err(Failure::input("link", format!("an invitation begins with {LINK_SCHEME}: copy the whole line")))
    }
}

/// Shows partners, or changes one.
///
/// # Errors
/// [`Failure`] when it is not done.
pub(crate) async fn peers(args: PeersArgs, context: &Context) -> Result<Answer, Failure> {
    let mut desk = context.desk().await?;
    match args.command {
        None | Some(PeersCommand::List) => Ok(admin::peers(&resolve::peers(&mut desk).await?)),
        Some(PeersCommand::Confirm(args)) => confirm(&args, context, &mut desk).await,
        Some(PeersCommand::Suspend(args)) => {
            let peer_id = peer_id(&mut desk, &args.peer).await?;
            let request = SuspendPeerRequest { peer_id, reason: args.reason.into() };
            Ok(admin::peer(&desk.suspend_peer(request).await?.into_inner()))
        }
        Some(PeersCommand::Resume { peer }) => {
            let peer_id = peer_id(&mut desk, &peer).await?;
            Ok(admin::peer(&desk.resume_peer(ResumePeerRequest { peer_id }).await?.into_inner()))
        }
        Some(PeersCommand::Remove { change, yes }) => {
            let peer_id = peer_id(&mut desk, &change.peer).await?;
            if !yes {
                meant(&change.peer, context)?;
            }
            let request = RemovePeerRequest { peer_id, reason: change.reason.into() };
            Ok(admin::peer(&desk.remove_peer(request).await?.into_inner()))
        }
    }
}

/// Asks whether a removal is meant; where nobody can be asked, it must be written.
fn meant(peer: &str, context: &Context) -> Result<(), Failure> {
    let question =
        format!("{peer} is removed for good: only a new node of theirs can pair again. Is this meant?");
    match context.ask(|prompt| prompt.agrees(&question))? {
        Some(Agreement::Yes) => Ok(()),
        Some(Agreement::No) => Err(Failure::usage("nothing was removed")),
        None => Err(Failure::usage("--yes: write it to remove the partner without being asked")),
    }
}

async fn peer_id(desk: &mut Desk, typed: &str) -> Result<Vec<u8>, Failure> {
    Ok(resolve::peer(desk, "peer", typed).await?.as_bytes().to_vec())
}

/// Says what the admin saw of a pairing that waits.
///
/// # Errors
/// [`Failure`] when none waits, or it is not done.
pub(super) async fn confirm(
    args: &ConfirmArgs,
    context: &Context,
    desk: &mut Desk,
) -> Result<Answer, Failure> {
    let waiting = waiting(args.peer.as_deref(), desk).await?;
    let comparison = match args.phrase {
        Some(Phrase::Matches) => PhraseComparison::Matches,
        Some(Phrase::Differs) => PhraseComparison::Differs,
        None => compare(&waiting, context)?,
    };
    let request = ConfirmPairingRequest {
        peer_id: waiting.peer_id,
        comparison: comparison.into(),
        agreement_hash: waiting.agreement_hash,
        comparison_phrase: waiting.comparison_phrase,
    };
    Ok(admin::pairing(&desk.confirm_pairing(request).await?.into_inner()))
}

/// The pairing that is meant: the one named, or the only one.
async fn waiting(typed: Option<&str>, desk: &mut Desk) -> Result<PairingView, Failure> {
    let found = resolve::peers(desk).await?;
    let mut pairings = found.pairings.clone();
    if let Some(typed) = typed {
        let peer = ids::peer("peer", typed, &resolve::everyone(found))?;
        pairings.retain(|pairing| StructureId::from_slice(&pairing.peer_id) == Some(peer));
    }
    match (pairings.pop(), pairings.is_empty()) {
        (Some(pairing), true) => Ok(pairing),
        (Some(_), false) => Err(Failure::usage("several pairings wait: name one, see `relais peers`")),
        (None, _) => {
            Err(Failure::input("peer", "no pairing waits: begin with `relais invite` or `relais join`"))
        }
    }
}

fn compare(pairing: &PairingView, context: &Context) -> Result<PhraseComparison, Failure> {
    if pairing.agreement_text.is_empty() {
        let message = "the agreement of this structure has changed since the two talked: give it up by \
                       `relais peers confirm --phrase differs`, and pair anew";
        return Err(Failure::input("agreement", message));
    }
    let asked = context.ask(|prompt| {
        prompt.say(&format!("\n{}\n", pairing.agreement_text))?;
        prompt.say(&format!("Phrase: {}", pairing.comparison_phrase))?;
        let question = format!(
            "Did {} read the same phrase to you, by voice, and do you accept the agreement?",
            pairing.name
        );
        prompt.agrees(&question)
    })?;
    match asked {
        Some(Agreement::Yes) => Ok(PhraseComparison::Matches),
        Some(Agreement::No) => {
            let message = "nothing was confirmed. If the phrases differ, give it up: `relais peers confirm --phrase differs`";
            Err(Failure::usage(message))
        }
        None => {
            Err(Failure::usage("--phrase: write matches or differs, once a human has compared the phrase"))
        }
    }
}
