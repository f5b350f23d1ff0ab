//! One's own account over hand-made answers of the node.

use crate::bench::{Bench, french};
use axum::http::StatusCode;
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::Role;
use relais_proto::peer::v1::YesNo;
use tonic::Code;

const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ADDRESS: &str = "otpauth://totp/Agence:claire?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

fn open(number: u8, current: YesNo) -> desk::SessionView {
    desk::SessionView {
        session_id: vec![number; 16],
        agent: format!("Navigateur {number}"),
        current: current.into(),
        ..Default::default()
    }
}

fn account(totp: YesNo) -> desk::AccountView {
    desk::AccountView {
        user: Some(desk::UserView {
            name: "claire".to_owned(),
            roles: vec![Role::Counsellor.into()],
            ..Default::default()
        }),
        has_password: YesNo::Yes.into(),
        has_totp: totp.into(),
        sessions: vec![open(1, YesNo::Yes), open(2, YesNo::No)],
    }
}

fn before(totp: YesNo) -> Bench {
    Bench::of(&[Role::Counsellor]).answers("ShowAccount", &account(totp))
}

#[tokio::test]
async fn the_account_says_what_is_set_and_what_is_open() {
    let page = before(YesNo::No).get("/compte").await;
    page.is_whole();
    for part in ["claire", "conseiller", "href=\"/compte/code\"", "Navigateur 1", "Navigateur 2"] {
        assert!(page.has(part), "{part}: {}", page.text);
    }
    assert_eq!(page.text.matches("action=\"/compte/sessions\"").count(), 1, "not the one of this page");
    let page = before(YesNo::Yes).get("/compte").await;
    assert!(page.has(&french("account-code-on")) && !page.has("href=\"/compte/code\""), "{}", page.text);
}

#[tokio::test]
async fn looking_at_the_code_s_page_draws_no_secret() {
    let bench = before(YesNo::No);
    bench.get("/compte/code").await.is_whole();
    assert_eq!(bench.times_asked("BeginTotp"), 0);
    let told = desk::TotpSecret { secret: SECRET.to_owned(), address: ADDRESS.to_owned() };
    let bench = bench.answers("BeginTotp", &told);
    let page = bench.post("/compte/code", &[("mot-de-passe", "le mien")]).await;
    page.is_whole();
    assert!(page.has(SECRET) && page.has("<svg"), "{}", page.text);
    let bench = bench.refuses("BeginTotp", Code::InvalidArgument, "password", "current");
    let page = bench.post("/compte/code", &[("mot-de-passe", "un autre")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has(&french("account-password-wrong")) && !page.has("un autre"), "{}", page.text);
}

#[tokio::test]
async fn wrong_digits_are_asked_again_under_the_same_secret() {
    let bench = before(YesNo::No).refuses("ConfirmTotp", Code::Unauthenticated, "totp", "totp");
    let fields = [("code", "000000"), ("secret", SECRET), ("adresse", ADDRESS)];
    let page = bench.post("/compte/code/confirmer", &fields).await;
    page.is_whole();
    assert_eq!(
        (page.status, page.leads_to()),
        (StatusCode::UNPROCESSABLE_ENTITY, ""),
        "nobody is signed out"
    );
    assert!(page.has(&french("code-wrong")) && page.has("<title>Erreur : "), "{}", page.text);
    assert!(page.has(&format!("value=\"{SECRET}\"")) && page.has("<svg"), "{}", page.text);
}

#[tokio::test]
async fn a_code_that_is_set_already_leads_to_the_account() {
    for (rpc, address) in [("BeginTotp", "/compte/code"), ("ConfirmTotp", "/compte/code/confirmer")] {
        let bench = before(YesNo::Yes).refuses(rpc, Code::FailedPrecondition, "totp", "");
        let page = bench.post(address, &[("mot-de-passe", "le mien"), ("code", "123456")]).await;
        assert_eq!((page.status, page.leads_to()), (StatusCode::SEE_OTHER, "/compte"), "{address}");
    }
}

#[tokio::test]
async fn the_code_is_removed_with_the_password_alone() {
    let bench = before(YesNo::Yes).refuses("RemoveTotp", Code::InvalidArgument, "password", "current");
    let page = bench.post("/compte/code/retirer", &[("mot-de-passe", "un autre")]).await;
    page.is_whole();
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has(&french("account-password-wrong")) && page.has("<title>Erreur : "), "{}", page.text);
    let bench = bench.answers("RemoveTotp", &account(YesNo::No));
    let page = bench.post("/compte/code/retirer", &[("mot-de-passe", "le mien")]).await;
    assert_eq!(page.leads_to(), "/compte");
}

#[tokio::test]
async fn a_session_is_closed_once_and_once_more_is_no_error() {
    let bench = before(YesNo::No).answers("RevokeSession", &account(YesNo::No));
    let id = "02".repeat(16);
    let page = bench.post("/compte/sessions", &[("session", &id)]).await;
    assert_eq!((page.status, page.leads_to()), (StatusCode::SEE_OTHER, "/compte"));
    assert_eq!(bench.asked::<desk::RevokeSessionRequest>("RevokeSession").unwrap().session_id, [2; 16]);
    let gone = before(YesNo::No).refuses("RevokeSession", Code::NotFound, "not_there", "");
    let page = gone.post("/compte/sessions", &[("session", &id)]).await;
    assert_eq!((page.status, page.leads_to()), (StatusCode::SEE_OTHER, "/compte"), "closed already");
    let away = before(YesNo::No).refuses("RevokeSession", Code::Unavailable, "", "");
    let page = away.post("/compte/sessions", &[("session", &id)]).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
}

/// No id would mean every other session.
#[tokio::test]
async fn what_names_no_session_closes_none() {
    let bench = before(YesNo::No).answers("RevokeSession", &account(YesNo::No));
    for bad in ["", "zz", "0202"] {
        let page = bench.post("/compte/sessions", &[("session", bad)]).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{bad}");
    }
    assert_eq!(bench.times_asked("RevokeSession"), 0);
}

#[tokio::test]
async fn a_key_that_was_being_described_is_made_when_it_is_sent() {
    let bench = before(YesNo::No).answers("ListIntegrations", &desk::ListIntegrationsResponse::default());
    let fields = [("nom", "Mon dossier"), ("droit", "1"), ("reprise", "oui")];
    let page = bench.post("/compte/logiciels", &fields).await;
    page.is_whole();
    assert!(page.status == StatusCode::OK && page.has("value=\"Mon dossier\""), "{}", page.text);
    assert_eq!(bench.times_asked("CreateIntegration"), 0);
}
