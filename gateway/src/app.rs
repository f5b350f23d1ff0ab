//! The routes, and what every request passes through.

use crate::config::Config;
use crate::node::Node;
use crate::trouble::Trouble;
use crate::visit::Gate;
use crate::{api, assets, csrf, door, headers, page, pages, trouble, way};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::time::Duration;
use tower_http::compression::CompressionLayer;

/// Longest body of a request, bytes.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;
/// Longest time for an answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);

/// Every page, behind what every request passes through.
pub(crate) fn router(config: Config, node: Node) -> Router {
    let gate = Gate::new(config, node);
    Router::new()
        .merge(pages::router())
        .merge(api::router())
        .route("/fichiers/{hash}/{name}", get(assets::serve))
        .fallback(|| async { Trouble::NotFound })
        .method_not_allowed_fallback(shows_nothing)
        .layer(middleware::from_fn(same_origin))
        .layer(middleware::from_fn_with_state(gate.clone(), door::record))
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn_with_state(gate.clone(), trouble::dress))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(gate.clone(), headers::put))
        .with_state(gate)
}

/// An address that takes forms alone shows nothing: who comes back to it, by the language or after signing in again, finds
/// the page it belongs to.
async fn shows_nothing(request: Request) -> Response {
    if request.method().is_safe() {
        return page::lead(way::above(request.uri()));
    }
    Trouble::NotFound.into_response()
}

/// Nothing is done on behalf of another site.
async fn same_origin(request: Request, next: Next) -> Response {
    if csrf::is_foreign(request.method(), request.headers()) {
        return Trouble::Stale.into_response();
    }
    next.run(request).await
}

/// An answer comes in time, or it is said that it does not. What waits for it is given up.
async fn in_time(request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(ANSWER_TIME_MAX, next.run(request)).await;
    answer.unwrap_or_else(|_| Trouble::Slow.into_response())
}

#[cfg(test)]
mod tests;
