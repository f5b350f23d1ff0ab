//! How the node does, and who asks.

use super::Context;
use crate::answer::Answer;
use crate::exit::Failure;
use crate::views::admin;
use relais_proto::desk::v1::{StatusRequest, WhoamiRequest};

/// Shows how the node does.
///
/// # Errors
/// [`Failure`] when the node cannot be asked.
pub(crate) async fn status(context: &Context) -> Result<Answer, Failure> {
    let found = context.desk().await?.status(StatusRequest::default()).await?.into_inner();
    Ok(admin::status(&found))
}

/// Shows who asks.
///
/// # Errors
/// [`Failure`] when the node cannot be asked.
pub(crate) async fn whoami(context: &Context) -> Result<Answer, Failure> {
    let found = context.desk().await?.whoami(WhoamiRequest::default()).await?.into_inner();
    Ok(admin::whoami(&found))
}
