//! Recommending partners.

use super::{Context, resolve};
use crate::answer::Answer;
use crate::exit::Failure;
use crate::views::endorsement as views;
use crate::when;
use clap::Args;
use relais_domain::time::Day;
use relais_proto::desk::v1::{EndorsePeerRequest, ListEndorsementsRequest, WithdrawEndorsementRequest};

/// What can be asked, when nothing of it was.
const WAYS: &str = "say what you want: `relais endorse PARTNER --territory CODE` recommends, `relais endorse PARTNER --withdraw` takes it \
                    back, `relais endorse --list` shows what is said";

/// Recommends a partner.
#[derive(Args, Debug)]
#[command(after_help = "\
Your other partners are told that you know this one, and where. It counts for them alone, and lets them become
partners with it once the admins of both agree. Nothing of a person is in it.

Examples:
  relais endorse Lire --territory 17
  relais endorse Lire --territory france --until 2027-06-30
  relais endorse Lire --withdraw
  relais endorse --list                # what you say for others, and others for you")]
pub(crate) struct EndorseArgs {
    /// The partner: name, id, or the beginning of one
    #[arg(value_name = "PARTNER")]
    peer: Option<String>,
    /// Where: code of a commune, EPCI or département, `region:…` or `france`; may be given several times
    #[arg(long = "territory", value_name = "CODE")]
    territories: Vec<String>,
    /// Until which day, 30 days ahead at least and a year at most; a year when left out
    #[arg(long, value_name = "DATE", value_parser = read_day)]
    until: Option<i32>,
    /// Take the recommendation back
    #[arg(long, conflicts_with_all = ["territories", "until"])]
    withdraw: bool,
    /// Recommend nobody: list what you say for others, and others for you
    #[arg(long, conflicts_with_all = ["peer", "territories", "until", "withdraw"])]
    list: bool,
}

fn read_day(text: &str) -> Result<i32, String> {
    when::read_day(text).ok_or_else(|| "not a date; write 2027-06-30".to_owned())
}

/// Recommends a partner, takes that back, or lists recommendations.
///
/// # Errors
/// [`Failure`] when it is not done.
pub(crate) async fn endorse(args: EndorseArgs, context: &Context) -> Result<Answer, Failure> {
    let peer = about(&args)?;
    let mut desk = context.desk().await?;
    let Some(peer) = peer else {
        let found = desk.list_endorsements(ListEndorsementsRequest::default()).await?.into_inner();
        return Ok(views::endorsements(&found));
    };
    let id = resolve::peer(&mut desk, "peer", peer).await?.as_bytes().to_vec();
    if args.withdraw {
        let request = WithdrawEndorsementRequest { subject_id: id };
        return Ok(views::endorsement(&desk.withdraw_endorsement(request).await?.into_inner()));
    }
    let request = EndorsePeerRequest {
        peer_id: id,
        territories: args.territories,
        themes: Vec::new(),
        // The day is one of those on which it holds.
        until_ms: args.until.map_or(0, |day| Day(day.saturating_add(1)).start().0),
    };
    Ok(views::endorsement(&desk.endorse_peer(request).await?.into_inner()))
}

/// The partner whom it is about; none when recommendations are listed.
fn about(args: &EndorseArgs) -> Result<Option<&str>, Failure> {
    match &args.peer {
        _ if args.list => Ok(None),
        Some(peer) if args.withdraw || !args.territories.is_empty() => Ok(Some(peer)),
        Some(_) | None => Err(Failure::usage(WAYS)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser, Debug)]
    struct Typed {
        #[command(flatten)]
        args: EndorseArgs,
    }

    fn typed(arguments: &[&str]) -> EndorseArgs {
        let all = std::iter::once("endorse").chain(arguments.iter().copied());
        Typed::try_parse_from(all).expect("well formed").args
    }

    #[test]
    fn who_says_not_what_is_told_all_that_can_be_asked() {
        for nothing in [&[] as &[&str], &["Lire"], &["--territory", "17"], &["--withdraw"]] {
            let failure = about(&typed(nothing)).expect_err("nothing is asked");
            assert_eq!(failure.exit.number(), 64, "{nothing:?}");
            for way in ["--territory CODE", "--withdraw", "--list"] {
                assert!(failure.message.contains(way), "{way}: {}", failure.message);
            }
        }
        assert_eq!(about(&typed(&["Lire", "--territory", "17"])), Ok(Some("Lire")));
        assert_eq!(about(&typed(&["Lire", "--withdraw"])), Ok(Some("Lire")));
        assert_eq!(about(&typed(&["--list"])), Ok(None));
    }
}
