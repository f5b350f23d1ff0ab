//! Signing in over hand-made answers of the node.

use crate::bench::{Bench, Page, french};
use axum::http::StatusCode;
use relais_proto::desk::v1 as desk;
use tonic::Code;

const TYPED: [(&str, &str); 3] = [("nom", "claire"), ("mot-de-passe", "le mien"), ("code", "000000")];

fn asks_digits(page: &Page) {
    page.is_whole();
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text);
    for part in [&french("code-wrong"), "href=\"#champ-code\"", "id=\"erreur-code\"", "<title>Erreur : "] {
        assert!(page.has(part), "{part}: {}", page.text);
    }
    assert!(!page.has("le mien"), "a password is never shown again");
}

#[tokio::test]
async fn wrong_digits_are_told_beside_the_digits() {
    let bench = Bench::of(&[]).refuses("SignIn", Code::Unauthenticated, "totp", "totp");
    let page = bench.post_as_is("/connexion", &TYPED).await;
    asks_digits(&page);
    assert!(page.has("value=\"claire\"") && !page.has(&french("sign-in-wrong")), "{}", page.text);
    let bench = bench.refuses("SignIn", Code::Unauthenticated, "sign_in", "");
    let page = bench.post_as_is("/connexion", &TYPED).await;
    assert!(page.has(&french("sign-in-wrong")) && !page.has(&french("code-wrong")), "{}", page.text);
}

#[tokio::test]
async fn wrong_digits_do_not_use_up_a_link() {
    let asked = desk::SignedIn { state: desk::SignInState::TotpNeeded.into(), ..Default::default() };
    let bench = Bench::of(&[]).answers("SignInWithLink", &asked);
    let page = bench.post_as_is("/lien/abc", &[]).await;
    assert!(page.is_whole().has("id=\"champ-code\""), "{}", page.text);
    let bench = bench.refuses("SignInWithLink", Code::Unauthenticated, "totp", "totp");
    let page = bench.post_as_is("/lien/abc", &[("code", "000000")]).await;
    asks_digits(&page);
    assert!(page.has("action=\"/lien/abc\"") && !page.has(&french("link-used")), "{}", page.text);
    let bench = bench.refuses("SignInWithLink", Code::Unauthenticated, "link", "");
    let page = bench.post_as_is("/lien/abc", &[]).await;
    assert!(page.has(&french("link-used")), "{}", page.text);
}
