//! What every request passes through.

use crate::bench::{Bench, french};
use axum::http::{StatusCode, header};
use relais_proto::desk::v1::Role;
use std::time::Duration;

/// A node that hangs is told by a whole page, and so is what still holds.
#[tokio::test(start_paused = true)]
async fn a_node_that_hangs_is_said() {
    let bench = Bench::of(&[Role::Counsellor]).hangs("ListThreads").hangs("SignIn");
    let longest = super::ANSWER_TIME_MAX + Duration::from_secs(1);
    let page = tokio::time::timeout(longest, bench.get("/")).await.expect("it does not wait longer");
    page.is_whole();
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    for words in ["trouble-slow", "trouble-slow-what"] {
        assert!(page.has(&french(words)), "{}", page.text);
    }
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    let typed = [("nom", "claire"), ("mot-de-passe", "le mien")];
    assert!(bench.post_as_is("/connexion", &typed).await.has(&french("trouble-slow")));
}
