//! The JSON API: what the pages do, for a structure's own software.
//!
//! An integration bears its token (`Authorization: Bearer`); the node says what it may do. Requests and answers are the
//! messages of the Desk's protocol, translated member by member as its descriptors say ([`schema`]): nothing is decided and
//! nothing kept here. Every operation stands once in [`OPERATIONS`], and is described in `assets/openapi.json`; a test
//! compares the two with the protocol.

mod answer;
mod asked;
mod follow_ups;
mod inquiries;
mod known;
mod once;
#[cfg(test)]
mod openapi;
mod problem;
mod read;
mod schema;
mod services;
mod strict;
mod structure;
#[cfg(test)]
mod tests;
mod threads;
mod wire;
mod write;

use crate::trouble::Trouble;
use crate::visit::Gate;
use axum::Router;
use axum::extract::{Extension, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post, put};
use once::Memory;
use problem::Problem;
use std::time::Duration;

/// What the address of every operation begins with.
const PREFIX: &str = "/api/v1";
/// Longest time for an answer: less than the gateway's own, so that the end is told as a problem.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(25);

/// What an operation is asked with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Asks {
    /// Its address alone.
    Nothing,
    /// Parameters, which are the members of this message.
    Parameters(&'static str),
    /// A body, which is this message.
    Body(&'static str),
    /// A body, which is this message, and an Idempotency-Key.
    Act(&'static str),
    /// A file of data·inclusion.
    File,
}

/// What an operation answers with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tells {
    /// This message.
    Message(&'static str),
    /// The description of the API.
    Description,
}

/// One operation.
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the description is held against what an operation asks and tells")
)]
struct Operation {
    method: &'static str,
    path: &'static str,
    asks: Asks,
    tells: Tells,
    serve: fn() -> MethodRouter<Gate>,
}

const fn operation(
    (method, path): (&'static str, &'static str),
    asks: Asks,
    tells: &'static str,
    serve: fn() -> MethodRouter<Gate>,
) -> Operation {
    Operation { method, path, asks, tells: Tells::Message(tells), serve }
}

use Asks::{Act, Body, File, Nothing, Parameters};

/// Every operation.
#[rustfmt::skip]
const OPERATIONS: &[Operation] = &[
    Operation { method: "get", path: "/openapi.json", asks: Nothing, tells: Tells::Description, serve: || get(structure::describe) },
    operation(("get", "/structure"), Nothing, "WhoamiResponse", || get(structure::show)),
    operation(("get", "/communes"), Parameters("FindCommunesRequest"), "FindCommunesResponse", || get(structure::communes)),
    operation(("get", "/notices/{purpose}"), Parameters("ShowNoticeRequest"), "NoticeView", || get(structure::notice)),
    operation(("get", "/flows"), Parameters("FlowsRequest"), "FlowsResponse", || get(structure::flows)),
    operation(("post", "/find"), Body("FindServicesRequest"), "FindServicesResponse", || post(services::find)),
    operation(("get", "/services"), Parameters("ListServicesRequest"), "ListServicesResponse", || get(services::list)),
    operation(("post", "/services/import"), File, "ImportServicesResponse", || post(services::import)),
    operation(("put", "/services/{service_id}/capacity"), Body("SetCapacityRequest"), "ServiceView", || put(services::set_capacity)),
    operation(("put", "/services/{service_id}/walk-in"), Body("SetWalkInRequest"), "ServiceView", || put(services::set_walk_in)),
    operation(("delete", "/services/{service_id}"), Parameters("WithdrawServiceRequest"), "WithdrawnService", || delete(services::withdraw)),
    operation(("post", "/referrals"), Act("OpenReferralRequest"), "ThreadView", || post(threads::refer)),
    operation(("post", "/referrals/preview"), Body("OpenReferralRequest"), "ReferralPreview", || post(threads::preview)),
    operation(("post", "/handovers"), Act("OpenHandoverRequest"), "ThreadView", || post(threads::propose)),
    operation(("get", "/threads"), Parameters("ListThreadsRequest"), "ListThreadsResponse", || get(threads::list)),
    operation(("post", "/threads/search"), Body("FindReferenceRequest"), "ThreadView", || post(threads::find_reference)),
    operation(("get", "/threads/{thread_id}"), Nothing, "ThreadView", || get(threads::show)),
    operation(("get", "/threads/{thread_id}/consent"), Nothing, "ConsentView", || get(threads::consent)),
    operation(("post", "/threads/{thread_id}/acts"), Act("ActRequest"), "ThreadView", || post(threads::act)),
    operation(("delete", "/threads/{thread_id}/acts/{delayed_id}"), Nothing, "ThreadView", || delete(threads::take_back)),
    operation(("post", "/follow-ups"), Act("OpenFollowUpRequest"), "FollowUpView", || post(follow_ups::open)),
    operation(("post", "/follow-ups/search"), Body("ListFollowUpsRequest"), "ListFollowUpsResponse", || post(follow_ups::search)),
    operation(("get", "/follow-ups/{follow_up_id}"), Nothing, "FollowUpView", || get(follow_ups::show)),
    operation(("post", "/inquiries"), Act("AskInquiryRequest"), "InquiryView", || post(inquiries::ask)),
    operation(("get", "/inquiries"), Parameters("ListInquiriesRequest"), "ListInquiriesResponse", || get(inquiries::list)),
    operation(("get", "/inquiries/{inquiry_id}"), Nothing, "InquiryView", || get(inquiries::show)),
    operation(("put", "/inquiries/received/{peer_id}/{inquiry_id}/answer"), Body("AnswerInquiryRequest"), "ReceivedInquiryView", || put(inquiries::answer)),
];

/// Every operation's route.
pub(crate) fn router() -> Router<Gate> {
    let routes = OPERATIONS.iter().fold(Router::new(), |router, operation| {
        router.route(&format!("{PREFIX}{}", operation.path), (operation.serve)())
    });
    routes
        .method_not_allowed_fallback(|| async { Problem::method() })
        .layer(Extension(Memory::default()))
        .layer(middleware::from_fn(in_time))
}

/// What goes wrong around the operations, as a problem too.
pub(crate) fn trouble(trouble: &Trouble) -> Response {
    match trouble {
        Trouble::NotFound | Trouble::Closed(_) => Problem::not_there(),
        Trouble::SignIn(_) | Trouble::PasswordFirst => Problem::token(),
        Trouble::BadForm => Problem::media_type(),
        Trouble::Stale => Problem::foreign(),
        Trouble::TooBig => Problem::too_big(),
        Trouble::TooOften => Problem::too_often(),
        Trouble::Slow => Problem::time(),
        Trouble::Busy | Trouble::NodeAway => Problem::away(),
        Trouble::Refused(_) | Trouble::Failed => Problem::failed(),
    }
    .into_response()
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(ANSWER_TIME_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::time().into_response(),
    }
}
