//! Three noes of one gRPC code, each told in words of its own.

use crate::bench::{Bench, french};
use axum::http::StatusCode;
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::Role;
use tonic::Code;

const EXHAUSTED: Code = Code::ResourceExhausted;
const SIGN_IN: [(&str, &str); 2] = [("nom", "claire"), ("mot-de-passe", "le mien")];

fn admin() -> Bench {
    Bench::of(&[Role::Admin])
        .answers("ListUsers", &desk::ListUsersResponse::default())
        .answers("ListIntegrations", &desk::ListIntegrationsResponse::default())
}

#[tokio::test]
async fn as_many_as_there_may_be_is_no_matter_of_waiting() {
    for (rpc, address, fields) in [
        ("AddUser", "/structure/collegues", vec![("nom", "nora"), ("role", "counsellor")]),
        ("CreateIntegration", "/structure/logiciels", vec![("nom", "dossier"), ("droit", "4")]),
    ] {
        let bench = admin().refuses(rpc, EXHAUSTED, "limit", "");
        let page = bench.post(address, &fields).await;
        page.is_whole();
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{address}");
        assert!(page.has(&french("refusal-limit")), "{}", page.text);
        assert!(page.has(&format!("value=\"{}\"", fields[0].1)), "what was typed is kept: {}", page.text);
        assert!(!page.has(&french("trouble-too-often-what")), "{}", page.text);
    }
}

#[tokio::test]
async fn a_node_that_is_busy_is_not_one_that_was_tried_too_often() {
    for (name, status, key) in [
        ("busy", StatusCode::SERVICE_UNAVAILABLE, "trouble-busy"),
        ("too_often", StatusCode::TOO_MANY_REQUESTS, "trouble-too-often"),
    ] {
        let bench = Bench::of(&[Role::Counsellor]).refuses("SetPassword", EXHAUSTED, name, "");
        let page = bench.post("/mot-de-passe", &[("nouveau", "quatre mots sans lien")]).await;
        page.is_whole();
        assert_eq!(page.status, status, "{name}");
        assert!(page.has(&french(key)) && page.has(&french(&format!("{key}-what"))), "{}", page.text);
    }
    for (name, key) in [("busy", "sign-in-busy"), ("too_often", "sign-in-too-often")] {
        let page =
            Bench::of(&[]).refuses("SignIn", EXHAUSTED, name, "").post_as_is("/connexion", &SIGN_IN).await;
        assert!(page.has(&french(key)) && page.has("value=\"claire\""), "{}", page.text);
    }
}
