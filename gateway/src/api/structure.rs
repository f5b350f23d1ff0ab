//! The structure, the places and the counts; and the description of all of this.

use super::answer::{Answer, told};
use super::asked::{At, Integration, Parameters};
use super::problem::Problem;
use super::schema::Schema;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use relais_proto::desk::v1 as desk;

/// The description, as it is served and as it can be read in the repository.
pub(super) const DESCRIPTION: &str = include_str!("../../assets/openapi.json");

/// The description of the API; no token is asked for.
pub(super) async fn describe() -> Response {
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    ([kind], DESCRIPTION).into_response()
}

/// This structure, and the account that the integration acts for.
pub(super) async fn show(who: Integration) -> Answer {
    told(who.desk().whoami(who.ask(desk::WhoamiRequest {})).await)
}

/// Communes as someone types them.
pub(super) async fn communes(
    who: Integration,
    Parameters(request): Parameters<desk::FindCommunesRequest>,
) -> Answer {
    told(who.desk().find_communes(who.ask(request)).await)
}

/// What is shown or read to the person before they agree.
pub(super) async fn notice(
    who: Integration,
    At(purpose): At<String>,
    Parameters(request): Parameters<desk::ShowNoticeRequest>,
) -> Answer {
    let purposes = Schema::get().list(".relais.peer.v1.Purpose");
    let purpose = purposes.and_then(|purposes| purposes.number(&purpose));
    let purpose = purpose.and_then(|number| i32::try_from(number).ok()).ok_or_else(Problem::not_there)?;
    told(who.desk().show_notice(who.ask(desk::ShowNoticeRequest { purpose, ..request })).await)
}

/// The counts of referrals.
pub(super) async fn flows(who: Integration, Parameters(request): Parameters<desk::FlowsRequest>) -> Answer {
    told(who.desk().flows(who.ask(request)).await)
}
