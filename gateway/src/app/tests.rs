//! What every request passes through.

use crate::bench::{Bench, Page, french};
use axum::body::Body;
use axum::http::{StatusCode, header};
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::Role;
use std::time::Duration;
use tonic::Code;

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

/// What the form that chooses a language sends.
fn way_back(page: &Page) -> &str {
    let (_, form) = page.text.split_once("action=\"/langue\"").expect("the form");
    let (_, value) = form.split_once("name=\"suite\" value=\"").expect("where to come back to");
    value.split('"').next().expect("its end")
}

async fn in_english(bench: &Bench, page: &Page) -> Page {
    bench.post_as_is("/langue", &[("langue", "en"), ("suite", &way_back(page).replace("&#38;", "&"))]).await
}

#[tokio::test]
async fn another_language_leads_back_to_the_same_page() {
    let bench = Bench::of(&[Role::Counsellor])
        .answers("ShowAccount", &desk::AccountView::default())
        .answers("ListThreads", &desk::ListThreadsResponse::default());
    for address in [
        "/compte",
        "/compte/code",
        "/orientations?voir=recues&page=25",
        "/connexion?suite=%2Fpersonnes%2F00",
        "/lien/abc",
        "/nulle-part",
    ] {
        let page = bench.get(address).await;
        let back = in_english(&bench, &page).await;
        assert_eq!((back.status, back.leads_to()), (StatusCode::SEE_OTHER, address));
        assert!(back.headers[header::SET_COOKIE].to_str().unwrap().starts_with("relais-langue=en;"));
    }
    let elsewhere = bench.post_as_is("/langue", &[("langue", "en"), ("suite", "//evil.example")]).await;
    assert_eq!(elsewhere.leads_to(), "/");
}

/// What was typed is not kept by it, but the page is found again, be it above the address that took the form.
#[tokio::test]
async fn another_language_leads_back_from_a_form_that_was_refused() {
    let bench =
        Bench::of(&[Role::Counsellor]).refuses("BeginTotp", Code::InvalidArgument, "password", "current");
    let page = bench.post("/compte/code", &[("mot-de-passe", "un autre")]).await;
    assert_eq!(in_english(&bench, &page).await.leads_to(), "/compte/code");
    let bench = bench.refuses("ConfirmTotp", Code::Unauthenticated, "totp", "totp");
    let page = bench.post("/compte/code/confirmer", &[("code", "000000")]).await;
    let back = in_english(&bench, &page).await;
    assert_eq!(back.leads_to(), "/compte/code/confirmer");
    let shown = bench.get(back.leads_to()).await;
    assert_eq!((shown.status, shown.leads_to()), (StatusCode::SEE_OTHER, "/compte/code"));
    let unknown = bench.answer(bench.request("PUT", "/compte/code").body(Body::empty()).unwrap()).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

const FORM: &str = "application/x-www-form-urlencoded";
const LIMIT: usize = crate::app::BODY_BYTES_MAX;

/// A form of so many bytes, with the proof of its session in it.
fn form(bytes: usize) -> Vec<u8> {
    let mut body = format!("jeton={}&session=zz&note=", Bench::csrf()).into_bytes();
    body.resize(bytes, b'a');
    body
}

#[tokio::test]
async fn a_form_that_is_too_long_is_said_to_be() {
    let bench = Bench::of(&[Role::Counsellor]);
    for address in ["/compte/sessions", "/personnes/nouvelle", "/connexion", "/langue"] {
        let page = bench.post_body(address, FORM, form(LIMIT + 1)).await;
        page.is_whole();
        assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{address}");
        assert!(page.has(&french("trouble-too-big-what")), "{}", page.text);
    }
    let page = bench.post_body("/compte/sessions", FORM, form(LIMIT)).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "it is read: it names no session");
}

#[tokio::test]
async fn what_is_no_form_is_said_to_be_none() {
    let bench = Bench::of(&[Role::Counsellor]);
    for kind in ["text/plain", "application/json", "multipart/form-data; boundary=x", "", "form"] {
        for address in ["/compte/sessions", "/personnes/nouvelle", "/connexion", "/langue", "/mot-de-passe"] {
            let page = bench.post_body(address, kind, form(200)).await;
            page.is_whole();
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{address} {kind}");
            assert!(page.has(&french("trouble-bad-form-what")), "{}", page.text);
        }
    }
    let kind = "Application/X-WWW-Form-Urlencoded; charset=UTF-8";
    assert_eq!(bench.post_body("/connexion", kind, form(200)).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(bench.times_asked("SetPassword") + bench.times_asked("SignIn"), 0);
}
