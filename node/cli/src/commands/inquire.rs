//! Inquiries: asking partners who can take a need, without any person, and answering theirs.

use super::find::{Way, known_theme};
use super::{Context, parse_request_id, request_id};
use crate::answer::Answer;
use crate::codes::{Code, Words, numbers};
use crate::desk::Desk;
use crate::exit::Failure;
use crate::ids::{Id, Prefix};
use crate::views::inquiry;
use clap::{Args, Subcommand};
use relais_domain::content::{Constraint, Urgency, YesNo};
use relais_domain::inquiry::MOBILITY;
use relais_domain::vocabulary::Vocabulary;
use relais_proto::desk::v1::{
    AnswerInquiryRequest, AskInquiryRequest, InquiryDirection, InquiryStanding, InquiryView,
    ListInquiriesRequest, ListInquiriesResponse, ReceivedInquiryView, SetInquiryAnswersRequest,
    ShowInquiryAnswersRequest, ShowInquiryRequest,
};
use relais_proto::peer::v1::{InquiryAnswerKind, InquiryConstraints};
use std::time::Duration;

/// Inquiries of one page.
const PAGE_SIZE: u32 = 100;
/// Most pages that are gone through: more than a node keeps.
const PAGES_MAX: usize = 200;
/// Longest that answers are waited for.
const WAIT_MAX: Duration = Duration::from_secs(60);
/// How often they are looked for.
const WAIT_PERIOD: Duration = Duration::from_millis(500);

/// Asks partners.
#[derive(Args, Debug)]
#[command(after_help = "\
Partners are told the need, the place (its group of communes when it is small) and what is given here: nothing of a
person. An answer is no commitment.

Examples:
  relais inquire --theme numerique--acceder-a-une-connexion-internet --commune 17300 --wait
  relais inquire --theme numerique--acceder-a-une-connexion-internet --commune 17300 --language ar --urgency soon")]
pub(crate) struct InquireArgs {
    /// The need, as data·inclusion code; a few words get the nearest codes named
    #[arg(long, value_name = "THEME")]
    theme: String,
    /// Where: code of the commune, present or former
    #[arg(long, value_name = "CODE")]
    commune: String,
    /// How soon; answers count for 24 hours, 3 days (soon) or 7 days (normal)
    #[arg(long, value_parser = Words::<Urgency>::any())]
    urgency: Option<Urgency>,
    /// A language that would do, like ar; may be given three times
    #[arg(long = "language", value_name = "LANGUAGE")]
    languages: Vec<String>,
    /// How one gets there; may be given several times
    #[arg(long, value_parser = Words::<Constraint>::of(&MOBILITY))]
    mobility: Vec<Constraint>,
    /// How one is to be received
    #[arg(long, value_enum, value_name = "WAY")]
    mode: Option<Way>,
    /// Whom it is to be for, as data·inclusion code, like jeunes; may be given three times
    #[arg(long = "audience", value_name = "AUDIENCE", value_parser = audience)]
    audiences: Vec<String>,
    /// Wait until all have answered, a minute at most
    #[arg(long)]
    wait: bool,
    /// Id of the call, to repeat it safely
    #[arg(long, value_name = "UUID", value_parser = parse_request_id)]
    request_id: Option<Id>,
}

/// Inquiries.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  relais inquiries                            # ours, and those of partners
  relais inquiries show 3f2a
  relais inquiries answer 9c01 --can-take 3
  relais inquiries answer 9c01 --waiting-list --days 10
  relais inquiries automatic yes              # the node answers from published places")]
pub(crate) struct InquiriesArgs {
    #[command(subcommand)]
    command: Option<InquiriesCommand>,
    /// The page of ours, as the one before named it
    #[arg(long, value_name = "PAGE")]
    page: Option<String>,
}

#[derive(Subcommand, Debug)]
enum InquiriesCommand {
    /// Show one of ours, with who answered what
    #[command(after_help = "Example:\n  relais inquiries show 3f2a --json")]
    Show {
        /// The inquiry: its id, or the first digits of it
        #[arg(value_name = "INQUIRY", value_parser = Prefix::parse)]
        inquiry: Prefix,
    },
    /// Answer one of a partner's; another answer takes the place of the last
    Answer(AnswerArgs),
    /// Show or set whether the node answers by itself, from published places
    #[command(after_help = "Examples:\n  relais inquiries automatic\n  relais inquiries automatic yes")]
    Automatic {
        /// Whether it does
        #[arg(value_parser = Words::<YesNo>::any())]
        set: Option<YesNo>,
    },
}

#[derive(Args, Debug)]
#[command(after_help = "\
An answer is no commitment: nobody is sent by it.

Examples:
  relais inquiries answer 9c01 --can-take 3
  relais inquiries answer 9c01 --can-take --service hub-17--acces-internet
  relais inquiries answer 9c01 --waiting-list --days 10
  relais inquiries answer 9c01 --cannot")]
struct AnswerArgs {
    /// The inquiry: its id, or the first digits of it
    #[arg(value_name = "INQUIRY", value_parser = Prefix::parse)]
    inquiry: Prefix,
    /// This structure can take it; how many, if you can say
    #[arg(long, value_name = "PLACES", num_args = 0..=1, conflicts_with_all = ["waiting_list", "cannot"],
        required_unless_present_any = ["waiting_list", "cannot"])]
    can_take: Option<Option<u32>>,
    /// There is a waiting list
    #[arg(long, conflicts_with = "cannot")]
    waiting_list: bool,
    /// This structure cannot take it
    #[arg(long)]
    cannot: bool,
    /// Days until a first meeting
    #[arg(long, value_name = "DAYS", conflicts_with = "cannot")]
    days: Option<u32>,
    /// The service that is meant, one of this structure's own
    #[arg(long, value_name = "ID")]
    service: Option<String>,
}

fn audience(text: &str) -> Result<String, String> {
    among(Vocabulary::Audiences, text)
}

fn among(list: Vocabulary, text: &str) -> Result<String, String> {
    let codes = || list.values().iter().map(|value| value.code()).collect::<Vec<_>>().join(", ");
    list.find(text).map(|value| value.code().to_owned()).ok_or_else(|| format!("not one of {}", codes()))
}

/// Asks.
///
/// # Errors
/// [`Failure`] when nobody is asked.
pub(crate) async fn run(args: InquireArgs, context: &Context) -> Result<Answer, Failure> {
    let constraints = InquiryConstraints {
        urgency: args.urgency.map(Code::wire),
        languages: args.languages,
        mobility: numbers(&args.mobility),
        mode: args.mode.map(|way| way.code().to_owned()),
        audiences: args.audiences,
    };
    let request = AskInquiryRequest {
        request_id: request_id(args.request_id)?.to_vec(),
        theme: known_theme(&args.theme)?,
        commune: args.commune,
        constraints: Some(constraints),
    };
    let mut desk = context.desk().await?;
    let asked = desk.ask_inquiry(request).await?.into_inner();
    let shown = if args.wait { awaited(&mut desk, asked).await? } else { asked };
    Ok(inquiry::ours(&shown))
}

/// The inquiry once all have answered, or when nobody waits any longer.
async fn awaited(desk: &mut Desk, asked: InquiryView) -> Result<InquiryView, Failure> {
    let id = asked.inquiry_id.clone();
    let answered = |view: &InquiryView| {
        view.partners.iter().all(|partner| partner.standing() == InquiryStanding::Answered)
    };
    let mut shown = asked;
    let mut waited = Duration::ZERO;
    while !answered(&shown) && waited < WAIT_MAX {
        tokio::time::sleep(WAIT_PERIOD).await;
        waited += WAIT_PERIOD;
        let request = ShowInquiryRequest { inquiry_id: id.clone() };
        shown = desk.show_inquiry(request).await?.into_inner();
    }
    Ok(shown)
}

/// Lists, shows, answers, sets.
///
/// # Errors
/// [`Failure`] when it is not done.
pub(crate) async fn inquiries(args: InquiriesArgs, context: &Context) -> Result<Answer, Failure> {
    let mut desk = context.desk().await?;
    match args.command {
        None => list(&mut desk, args.page.unwrap_or_default()).await,
        Some(InquiriesCommand::Show { inquiry }) => {
            let inquiry_id = our_id(&mut desk, &inquiry).await?.to_vec();
            Ok(inquiry::ours(&desk.show_inquiry(ShowInquiryRequest { inquiry_id }).await?.into_inner()))
        }
        Some(InquiriesCommand::Answer(args)) => {
            let theirs = their(&mut desk, &args.inquiry).await?;
            let answered = desk.answer_inquiry(args.request(theirs)).await?.into_inner();
            Ok(inquiry::theirs(&answered))
        }
        Some(InquiriesCommand::Automatic { set: None }) => {
            let setting = desk.show_inquiry_answers(ShowInquiryAnswersRequest {}).await?.into_inner();
            Ok(inquiry::setting(&setting))
        }
        Some(InquiriesCommand::Automatic { set: Some(automatic) }) => {
            let request = SetInquiryAnswersRequest { automatic: automatic.wire() };
            Ok(inquiry::setting(&desk.set_inquiry_answers(request).await?.into_inner()))
        }
    }
}

fn asking(direction: InquiryDirection, page_token: String) -> ListInquiriesRequest {
    ListInquiriesRequest {
        direction: direction.into(),
        page_token,
        page_size: PAGE_SIZE,
        ..Default::default()
    }
}

async fn list(desk: &mut Desk, page: String) -> Result<Answer, Failure> {
    let ours = desk.list_inquiries(asking(InquiryDirection::Ours, page)).await?.into_inner();
    let theirs = all(desk, InquiryDirection::Theirs).await?;
    Ok(inquiry::list(&ours, &theirs))
}

/// All of a direction, page by page.
async fn all(desk: &mut Desk, direction: InquiryDirection) -> Result<ListInquiriesResponse, Failure> {
    gathered(async |token| Ok(desk.list_inquiries(asking(direction, token)).await?.into_inner())).await
}

/// What `page` answers to each token, from the first page on.
async fn gathered(
    mut page: impl AsyncFnMut(String) -> Result<ListInquiriesResponse, Failure>,
) -> Result<ListInquiriesResponse, Failure> {
    let mut found = ListInquiriesResponse::default();
    for _ in 0..PAGES_MAX {
        let page = page(std::mem::take(&mut found.next_page_token)).await?;
        found.ours.extend(page.ours);
        found.theirs.extend(page.theirs);
        (found.to_answer, found.next_page_token) = (page.to_answer, page.next_page_token);
        if found.next_page_token.is_empty() {
            break;
        }
    }
    Ok(found)
}

/// The one of this structure's inquiries that begins so.
async fn our_id(desk: &mut Desk, typed: &Prefix) -> Result<Id, Failure> {
    if let Some(id) = typed.whole() {
        return Ok(id);
    }
    let found = all(desk, InquiryDirection::Ours).await?;
    typed.pick("inquiry", found.ours.iter().map(|view| view.inquiry_id.as_slice()))
}

/// The one of partners' inquiries that begins so.
async fn their(desk: &mut Desk, typed: &Prefix) -> Result<ReceivedInquiryView, Failure> {
    let found = all(desk, InquiryDirection::Theirs).await?;
    let id = typed.pick("inquiry", found.theirs.iter().map(|view| view.inquiry_id.as_slice()))?;
    let mut meant = found.theirs.into_iter().filter(|view| view.inquiry_id == id);
    match (meant.next(), meant.next()) {
        (Some(view), None) => Ok(view),
        (_, _) => {
            let message = "two partners ask under this id: call one of them";
            Err(Failure::input("inquiry", message).with_code("ambiguous"))
        }
    }
}

impl AnswerArgs {
    fn request(self, theirs: ReceivedInquiryView) -> AnswerInquiryRequest {
        let kind = match (self.waiting_list, self.cannot) {
            (true, _) => InquiryAnswerKind::WaitingList,
            (false, true) => InquiryAnswerKind::Cannot,
            (false, false) => InquiryAnswerKind::CanTake,
        };
        AnswerInquiryRequest {
            peer_id: theirs.peer_id,
            inquiry_id: theirs.inquiry_id,
            kind: kind.into(),
            places: self.can_take.flatten(),
            waiting_days: self.days,
            service_id: self.service.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of one inquiry, that leads to the next one before the last.
    fn page(token: &str, last: u8) -> ListInquiriesResponse {
        let number: u8 = token.parse().unwrap_or_default();
        let next_page_token = if number < last { (number + 1).to_string() } else { String::new() };
        let ours = vec![InquiryView { inquiry_id: vec![number; 16], ..Default::default() }];
        ListInquiriesResponse { ours, next_page_token, to_answer: 7, ..Default::default() }
    }

    #[tokio::test]
    async fn what_a_later_page_holds_is_found_too() {
        let found = gathered(async |token| Ok(page(&token, 3))).await.unwrap();
        let typed = Prefix::parse("0303").unwrap();
        let id = typed.pick("inquiry", found.ours.iter().map(|view| view.inquiry_id.as_slice()));
        assert_eq!(id.unwrap(), [3; 16]);
        assert_eq!((found.ours.len(), found.to_answer), (4, 7));
    }

    #[tokio::test]
    async fn pages_without_end_are_gone_through_so_far_and_no_further() {
        let again = || ListInquiriesResponse { next_page_token: "1".to_owned(), ..page("0", 0) };
        let found = gathered(async |_| Ok(again())).await.unwrap();
        assert_eq!(found.ours.len(), PAGES_MAX);
    }
}
