//! Sending a referral.

use super::acts::{Sending, report};
use super::walk_in::{self, slip};
use super::{Context, request_id, resolve};
use crate::answer::Answer;
use crate::desk::Desk;
use crate::draft::flags::Flags;
use crate::draft::{self, Coming, Completion, Draft, Kind, ask};
use crate::exit::Failure;
use crate::ids::{Id, Prefix};
use crate::prompt::Agreement;
use crate::when::When;
use clap::Args;
use relais_domain::consent::Purpose;
use relais_proto::desk::v1::{FindServicesRequest, PeerView, ServiceView, ShowNoticeRequest};
use relais_proto::peer::v1::YesNo;

/// Services shown to choose from.
const SERVICES_SHOWN_MAX: u32 = 9;

/// Sends a referral.
#[derive(Args, Debug)]
#[command(after_help = draft::FORMAT)]
pub(crate) struct ReferArgs {
    #[command(flatten)]
    flags: Flags,
    /// Until when an answer is awaited (by urgency when left out: 24 h, 72 h, 14 days)
    #[arg(long, value_name = "DATE", value_parser = When::parse)]
    deadline: Option<When>,
    /// The person comes by themselves, in the hours the service offers: no name leaves, a slip is printed
    #[arg(long)]
    walk_in: bool,
    #[command(flatten)]
    sending: Sending,
}

/// Does it.
///
/// # Errors
/// [`Failure`] when something is missing, wrong, or not covered by the consent.
pub(crate) async fn run(args: &ReferArgs, context: &Context) -> Result<Answer, Failure> {
    let mut draft = args.flags.draft()?;
    draft.coming = if args.walk_in { Coming::WalkIn } else { Coming::Answered };
    draft.deadline = args.deadline.or(draft.deadline);
    let mut desk = context.desk().await?;
    if !args.flags.is_for_a_script(&draft, Kind::Referral) {
        complete(&mut draft, context, &mut desk).await?;
    }
    let follow_up = follow_up(&draft, &mut desk).await?;
    let peers = resolve::peers(&mut desk).await?.peers;
    let offering = offering(&mut draft, &peers, &mut desk).await?;
    let completion = Completion {
        request_id: request_id(args.sending.request_id)?,
        peers: &peers,
        follow_up,
        now: context.now(),
    };
    let request = draft.into_referral(&completion)?;
    let began = context.now();
    let view = desk.open_referral(request).await?.into_inner();
    let slip = offering.map(|service| slip(&view, &service)).unwrap_or_default();
    let mut answer = report(view, "referral sent", &args.sending, began.0, context, &mut desk).await;
    answer.text.push_str(&slip);
    Ok(answer)
}

/// The service whose standing offer a walk-in referral is sent against.
async fn offering(
    draft: &mut Draft,
    peers: &[PeerView],
    desk: &mut Desk,
) -> Result<Option<ServiceView>, Failure> {
    let service = match (draft.coming, draft.service.clone()) {
        (Coming::Answered, _) | (Coming::WalkIn, None) => return Ok(None),
        (Coming::WalkIn, Some(service)) => service,
    };
    let service = walk_in::offering(desk, draft.partner(peers)?, &service).await?;
    draft.offer = service.walk_in.as_ref().map(|offer| offer.digest.clone());
    Ok(Some(service))
}

/// The follow-up a draft names.
pub(super) async fn follow_up(draft: &Draft, desk: &mut Desk) -> Result<Option<Id>, Failure> {
    let Some(typed) = &draft.follow_up else { return Ok(None) };
    let prefix = Prefix::parse(typed).map_err(|problem| Failure::input("follow_up", problem))?;
    resolve::follow_up_id(desk, &prefix).await.map(Some)
}

/// Asks for what is missing, when there is someone to ask.
async fn complete(draft: &mut Draft, context: &Context, desk: &mut Desk) -> Result<(), Failure> {
    if context.ask(|prompt| ask::need(prompt, draft))?.is_none() {
        return Ok(());
    }
    if draft.to.is_none() || draft.service.is_none() {
        let request = FindServicesRequest {
            theme: draft.themes.first().cloned().unwrap_or_default(),
            commune: draft.commune.clone().unwrap_or_default(),
            limit: SERVICES_SHOWN_MAX,
            ..Default::default()
        };
        let found = desk.find_services(request).await?.into_inner();
        context.ask(|prompt| ask::service(prompt, draft, &found.services))?;
    }
    context.ask(|prompt| ask::person(prompt, draft))?;
    let walk_in = match draft.coming {
        Coming::Answered => YesNo::No,
        Coming::WalkIn => YesNo::Yes,
    };
    let request = ShowNoticeRequest {
        purpose: crate::codes::Code::wire(Purpose::Referral),
        walk_in: walk_in.into(),
        ..Default::default()
    };
    let notice = desk.show_notice(request).await?.into_inner();
    context.ask(|prompt| ask::consent(prompt, draft, &notice))?;
    match context.ask(|prompt| prompt.agrees("Send it now?"))? {
        Some(Agreement::Yes) => Ok(()),
        Some(Agreement::No) | None => Err(Failure::usage("nothing was sent")),
    }
}
