//! A session that ends while someone writes, over hand-made answers of the node.

use crate::bench::{Bench, Page, french};
use crate::cookie::SessionToken;
use crate::csrf;
use crate::form::encode;
use crate::tongue::{Language, Tongue};
use axum::body::Body;
use axum::http::{StatusCode, header};
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::Role;
use tonic::Code;

/// The session that signing in opens.
const NEXT: [u8; 32] = [9; 32];
const ADDRESS: &str = "/personnes/nouvelle";
const NAME: &str = "Noémie \"L\" <b>&amp;";
const NOTE: &str = "Première ligne\r\nseconde + 50 %";
const WRITTEN: [(&str, &str); 6] = [
    ("demande", "0102030405060708090a0b0c0d0e0f10"),
    ("prenom", NAME),
    ("note", NOTE),
    ("precaution", "1"),
    ("precaution", "3"),
    ("vide", ""),
];

fn over(roles: &[Role]) -> Bench {
    Bench::of(roles).refuses("Whoami", Code::Unauthenticated, "session", "")
}

/// The value of a page's text as a browser reads it.
fn read(text: &str) -> String {
    [("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

/// The hidden fields of the form that a page posts to an address.
fn hidden(page: &Page, action: &str) -> Vec<(String, String)> {
    let (_, form) = page.text.split_once(&format!("action=\"{action}\"")).expect("the form");
    let form = form.split("</form>").next().unwrap();
    let fields = form.split("type=\"hidden\" name=\"").skip(1).map(|part| {
        let (name, rest) = part.split_once("\" value=\"").unwrap();
        (read(name), read(rest.split('"').next().unwrap()))
    });
    fields.collect()
}

async fn send(bench: &Bench, address: &str, fields: &[(String, String)], more: &[(&str, &str)]) -> Page {
    let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let fields: Vec<(&str, &str)> = fields.chain(more.iter().copied()).collect();
    bench.post_as_is(address, &fields).await
}

fn signed(name: &str) -> desk::SignedIn {
    desk::SignedIn {
        state: desk::SignInState::Open.into(),
        token: NEXT.to_vec(),
        user: Some(desk::UserView { name: name.to_owned(), ..Default::default() }),
        ..Default::default()
    }
}

/// Nothing that was written stands in what a server or a history keeps.
fn nothing_leaves(page: &Page) {
    for value in page.headers.values() {
        let value = value.to_str().unwrap();
        for written in ["mie", "seconde", "ligne"] {
            assert!(!value.contains(written), "{value}");
        }
    }
}

async fn sign_in(bench: &Bench, page: &Page, name: &str) -> Page {
    send(bench, "/connexion", &hidden(page, "/connexion"), &[("nom", name), ("mot-de-passe", "le mien")])
        .await
}

#[tokio::test]
async fn what_was_written_comes_back_behind_one_button() {
    let bench = over(&[Role::Counsellor]);
    let asked = bench.post(ADDRESS, &WRITTEN).await;
    asked.is_whole();
    nothing_leaves(&asked);
    assert_eq!((asked.status, asked.leads_to()), (StatusCode::FORBIDDEN, ""));
    for part in [&french("sign-in-kept"), "value=\"claire\"", "action=\"/connexion\""] {
        assert!(asked.has(part), "{part}: {}", asked.text);
    }
    assert!(!asked.has("name=\"jeton\""), "no form of the page is served to the session that ended");

    // A wrong password, an empty one, too many tries, digits that are asked and wrong, a node that is away: still there.
    let carried = hidden(&asked, "/connexion");
    let bench = bench.refuses("SignIn", Code::Unauthenticated, "sign_in", "");
    let wrong = sign_in(&bench, &asked, "claire").await;
    assert!(wrong.has(&french("sign-in-wrong")) && hidden(&wrong, "/connexion") == carried);
    let empty = send(&bench, "/connexion", &carried, &[]).await;
    assert!(hidden(&empty, "/connexion") == carried, "{}", empty.text);
    for (code, name, key) in [
        (Code::ResourceExhausted, "too_often", "sign-in-too-often"),
        (Code::Unauthenticated, "totp", "code-wrong"),
        (Code::Unavailable, "", "trouble-node-away-what"),
    ] {
        let bench = over(&[Role::Counsellor]).refuses("SignIn", code, name, name);
        let told = sign_in(&bench, &wrong, "claire").await;
        assert!(told.has(&french(key)) && hidden(&told, "/connexion") == carried, "{key}: {}", told.text);
    }
    let digits = desk::SignedIn { state: desk::SignInState::TotpNeeded.into(), ..Default::default() };
    let digits = sign_in(&bench.answers("SignIn", &digits), &wrong, "claire").await;
    assert!(digits.has("id=\"champ-code\"") && hidden(&digits, "/connexion") == carried);

    let back = sign_in(&over(&[]).answers("SignIn", &signed("claire")), &digits, "claire").await;
    back.is_whole();
    nothing_leaves(&back);
    assert!(back.has(&french("resume-act")) && back.status == StatusCode::OK, "{}", back.text);
    let cookie = back.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("relais-8080=") && cookie.contains("HttpOnly"), "{cookie}");
    let fields = hidden(&back, ADDRESS);
    let proof = fields.iter().find(|(name, _)| name == csrf::FIELD).unwrap().1.clone();
    let next = SessionToken::new(NEXT.to_vec()).unwrap();
    assert_eq!(csrf::account(&next, &proof).as_deref(), Some("claire"));
    let mut given: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    given.retain(|(name, _)| !["jeton", "reprise"].contains(name));
    let mut written = WRITTEN.to_vec();
    written.sort_by_key(|(name, _)| *name);
    assert_eq!(given, written, "every field, each of its values, as typed");
}

/// What the button sends opens the form again, and does nothing.
#[tokio::test]
async fn a_form_that_is_opened_again_does_nothing() {
    let bench = Bench::of(&[Role::Counsellor]);
    let fields: Vec<(&str, &str)> = WRITTEN.into_iter().chain([("reprise", "oui")]).collect();
    let page = bench.post(ADDRESS, &fields).await;
    page.is_whole();
    assert_eq!((page.status, bench.times_asked("OpenFollowUp")), (StatusCode::OK, 0));
    assert!(read(&page.text).contains(NAME) && read(&page.text).contains("seconde + 50 %</textarea>"));
    assert!(!page.has("id=\"erreurs\""), "it is not wrong, it is not sent yet");
}

#[tokio::test]
async fn another_account_is_shown_nothing_of_it() {
    let asked = over(&[Role::Counsellor]).post(ADDRESS, &WRITTEN).await;
    for name in ["noor", "Claire", "claire2"] {
        let back = sign_in(&over(&[]).answers("SignIn", &signed(name)), &asked, name).await;
        assert_eq!((back.status, back.leads_to()), (StatusCode::SEE_OTHER, "/"), "{name}");
        assert!(back.headers.contains_key(header::SET_COOKIE) && back.text.is_empty());
    }
}

#[tokio::test]
async fn only_what_was_served_to_the_session_that_ended_is_carried() {
    let bench = over(&[Role::Counsellor]);
    let other = csrf::token(&SessionToken::new(vec![8; 32]).unwrap(), "claire");
    for token in ["", "AAAA", &other] {
        let fields: Vec<(&str, &str)> = WRITTEN.into_iter().chain([("jeton", token)]).collect();
        let page = bench.post_as_is(ADDRESS, &fields).await;
        assert_eq!(page.leads_to(), "/connexion?suite=%2Fpersonnes%2Fnouvelle", "{token}");
        assert!(page.text.is_empty());
    }
    // Without a cookie nobody knows whose it is.
    let body = format!("jeton={}&prenom=Marie", Bench::csrf());
    let request = axum::http::Request::builder().method("POST").uri(ADDRESS);
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let page = bench.answer(request.body(Body::from(body)).unwrap()).await;
    assert!(page.leads_to().starts_with("/connexion?") && page.text.is_empty());
}

#[tokio::test]
async fn secrets_and_presses_are_not_carried_and_nothing_too_long_is() {
    let bench = over(&[Role::Counsellor]);
    let fields = [
        ("note", "Marie"),
        ("mot-de-passe", "SECRET"),
        ("nouveau", "SECRET"),
        ("actuel", "SECRET"),
        ("code", "SECRET"),
    ];
    let page = bench.post(ADDRESS, &fields).await;
    assert!(page.has("value=\"Marie\"") && !page.has("SECRET"), "{}", page.text);
    let accept = format!("/orientations/{}/accepter", "a1".repeat(16));
    let page = bench.post(&accept, &[("demande", &"01".repeat(16))]).await;
    assert_eq!(page.leads_to(), format!("/connexion?suite={}", encode(&accept)), "nothing was written");
}

/// What the sign-in page carries, as a browser sends it.
fn sent(page: &Page) -> usize {
    let mut fields = hidden(page, "/connexion");
    fields.retain(|(name, _)| name != "suite");
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    pairs.collect::<Vec<_>>().join("&").len()
}

/// Signs in with the digits of an authenticator, the most there is to send, and opens what is given back.
async fn opens_again(page: &Page) {
    let typed = [("nom", "claire"), ("mot-de-passe", "le mien"), ("code", "000000")];
    let back = over(&[]).answers("SignIn", &signed("claire"));
    let back = send(&back, "/connexion", &hidden(page, "/connexion"), &typed).await;
    assert_eq!((back.status, back.leads_to()), (StatusCode::OK, ""));
    let given = hidden(&back, ADDRESS);
    let given: Vec<_> = given.into_iter().filter(|(name, _)| name != csrf::FIELD).collect();
    let opened = send(&Bench::of(&[Role::Counsellor]), ADDRESS, &given, &[("jeton", &Bench::csrf())]).await;
    assert_eq!(opened.status, StatusCode::OK);
}

#[tokio::test]
async fn as_much_is_carried_as_can_be_sent_again() {
    let bench = over(&[Role::Counsellor]);
    let short = sent(&bench.post(ADDRESS, &[("note", "~")]).await);
    let room = super::CARRIED_BYTES_MAX - short;
    let long = |more: usize| format!("~{}", "x".repeat(room + more));
    let page = bench.post(ADDRESS, &[("note", &long(0))]).await;
    assert_eq!(sent(&page), super::CARRIED_BYTES_MAX);
    opens_again(&page).await;
    let page = bench.post(ADDRESS, &[("note", &long(1))]).await;
    assert!(page.leads_to().starts_with("/connexion?") && page.text.is_empty());
}

#[tokio::test]
async fn as_many_fields_are_carried_as_can_be_sent_again() {
    let bench = over(&[Role::Counsellor]);
    // The form's own token is one of them.
    let many = |count: usize| vec![("precaution", "1"); count - 1];
    let page = bench.post(ADDRESS, &many(super::CARRIED_FIELDS_MAX)).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.leads_to());
    opens_again(&page).await;
    let page = bench.post(ADDRESS, &many(super::CARRIED_FIELDS_MAX + 1)).await;
    assert!(page.leads_to().starts_with("/connexion?") && page.text.is_empty());
}

/// Where it goes is a page of this gateway, whatever the sign-in form says.
#[tokio::test]
async fn nobody_is_led_elsewhere_with_what_was_written() {
    let bench = over(&[]).answers("SignIn", &signed("claire"));
    let token = Bench::csrf();
    for evil in ["//evil.example", "https://evil.example/", "/a\"><script>", ""] {
        let fields = [
            ("suite", evil),
            ("ecrit-jeton", &token),
            ("ecrit-note", "Marie"),
            ("nom", "claire"),
            ("mot-de-passe", "x"),
        ];
        let page = bench.post_as_is("/connexion", &fields).await;
        assert_eq!((page.status, page.leads_to()), (StatusCode::SEE_OTHER, "/"), "{evil}");
    }
}

/// Whose it is, is not what the sign-in form says but what its token proves.
#[tokio::test]
async fn what_nothing_proves_is_given_to_nobody() {
    let other = csrf::token(&SessionToken::new(vec![8; 32]).unwrap(), "claire");
    for token in ["", "AAAA", &other] {
        let fields = [
            ("suite", ADDRESS),
            ("auteur", "claire"),
            ("ecrit-jeton", token),
            ("ecrit-note", "Marie"),
            ("nom", "claire"),
            ("mot-de-passe", "le mien"),
        ];
        let bench = over(&[]).answers("SignIn", &signed("claire"));
        let page = bench.post_as_is("/connexion", &fields).await;
        assert_eq!((page.status, page.leads_to()), (StatusCode::SEE_OTHER, "/"), "{token}");
        assert!(page.headers.contains_key(header::SET_COOKIE) && page.text.is_empty());
        let wrong = over(&[]).refuses("SignIn", Code::Unauthenticated, "sign_in", "");
        let page = wrong.post_as_is("/connexion", &fields).await;
        assert!(page.has(&french("sign-in-wrong")) && !page.has("Marie") && !page.has(ADDRESS));
    }
    let without = [("suite", ADDRESS), ("nom", "claire"), ("mot-de-passe", "le mien")];
    let page = over(&[]).answers("SignIn", &signed("claire")).post_as_is("/connexion", &without).await;
    assert_eq!(page.leads_to(), ADDRESS, "without anything carried the way back is a way back");
}

/// In another tab, beside the sign-in page that carries it, or by the sign-in page that is sent twice.
#[tokio::test]
async fn who_signed_in_beside_the_sign_in_page_loses_nothing() {
    let former = csrf::token(&SessionToken::new(NEXT.to_vec()).unwrap(), "claire");
    let fields = [
        ("suite", ADDRESS),
        ("ecrit-jeton", former.as_str()),
        ("ecrit-prenom", NAME),
        ("nom", "claire"),
        ("mot-de-passe", "le mien"),
    ];
    let bench = Bench::of(&[Role::Counsellor]).answers("SignIn", &signed("claire"));
    let back = bench.post_as_is("/connexion", &fields).await;
    assert!(hidden(&back, ADDRESS).contains(&("prenom".to_owned(), NAME.to_owned())), "{}", back.text);
    // A token that names another than who is signed in by now proves nothing, whoever signs in.
    let anothers = csrf::token(&SessionToken::new(NEXT.to_vec()).unwrap(), "noor");
    let anothers = |(name, value)| if name == "ecrit-jeton" { (name, &*anothers) } else { (name, value) };
    for name in ["claire", "noor"] {
        let bench = Bench::of(&[Role::Counsellor]).answers("SignIn", &signed(name));
        let page = bench.post_as_is("/connexion", &fields.map(anothers)).await;
        assert_eq!((page.status, page.leads_to()), (StatusCode::SEE_OTHER, "/"), "{name}");
    }
}

/// The page is shown at once in the other language: what it carries stands in no address, and a cookie holds the language.
#[tokio::test]
async fn another_language_carries_along_what_was_written() {
    let asked = over(&[Role::Counsellor]).post(ADDRESS, &WRITTEN).await;
    let carried = hidden(&asked, "/connexion");
    let wrong = over(&[]).refuses("SignIn", Code::Unauthenticated, "sign_in", "");
    let wrong = sign_in(&wrong, &asked, "claire").await;
    for page in [asked, wrong] {
        let told = send(&over(&[]), "/langue", &hidden(&page, "/langue"), &[("langue", "en")]).await;
        told.is_whole();
        nothing_leaves(&told);
        assert_eq!((told.status, told.leads_to()), (StatusCode::OK, ""));
        assert_eq!(
            told.headers[header::SET_COOKIE].to_str().unwrap().split(';').next(),
            Some("relais-langue=en")
        );
        assert!(told.has(&Tongue(Language::English).say("sign-in-kept")) && told.has("value=\"claire\""));
        assert_eq!(
            (hidden(&told, "/connexion"), hidden(&told, "/langue")),
            (carried.clone(), carried.clone())
        );
        let back = sign_in(&over(&[]).answers("SignIn", &signed("claire")), &told, "claire").await;
        assert!(hidden(&back, ADDRESS).contains(&("prenom".to_owned(), NAME.to_owned())), "{}", back.text);
        // And so does the page that gives it back, whose language is that of the session by now.
        let live = Bench::of(&[Role::Counsellor]);
        let again = send(&live, "/langue", &hidden(&back, "/langue"), &[("langue", "en")]).await;
        again.is_whole();
        assert!(again.has(&Tongue(Language::English).say("resume-act")), "{}", again.text);
        assert!(hidden(&again, ADDRESS).contains(&("prenom".to_owned(), NAME.to_owned())), "{}", again.text);
    }
    let forged = [("langue", "en"), ("suite", ADDRESS), ("ecrit-jeton", "AAAA"), ("ecrit-prenom", NAME)];
    let page = over(&[]).post_as_is("/langue", &forged).await;
    assert_eq!((page.status, page.leads_to(), page.text.as_str()), (StatusCode::SEE_OTHER, "/", ""));
}

/// In another tab, beside the one they write in.
#[tokio::test]
async fn who_signed_in_again_beside_the_form_loses_nothing_either() {
    let bench = Bench::of(&[Role::Counsellor]);
    let former = csrf::token(&SessionToken::new(NEXT.to_vec()).unwrap(), "claire");
    let fields: Vec<(&str, &str)> = WRITTEN.into_iter().chain([("jeton", former.as_str())]).collect();
    let page = bench.post_as_is(ADDRESS, &fields).await;
    page.is_whole();
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let again = hidden(&page, ADDRESS);
    assert!(again.iter().any(|(name, value)| name == "prenom" && value == NAME), "{again:?}");
    let opened = send(&bench, ADDRESS, &again, &[]).await;
    assert!(opened.status == StatusCode::OK && read(&opened.text).contains(NAME), "{}", opened.text);
    let anothers = csrf::token(&SessionToken::new(NEXT.to_vec()).unwrap(), "noor");
    let fields: Vec<(&str, &str)> = WRITTEN.into_iter().chain([("jeton", anothers.as_str())]).collect();
    let page = bench.post_as_is(ADDRESS, &fields).await;
    assert!(
        page.status == StatusCode::FORBIDDEN && page.has(&french("trouble-stale")) && !page.has("Noémie")
    );
    assert_eq!(bench.times_asked("OpenFollowUp"), 0);
}

/// A form that nothing is written in leads back to its page, or to the one above it.
#[tokio::test]
async fn what_is_pressed_leads_back_to_its_page() {
    let bench = over(&[Role::Admin]);
    for address in ["/structure/partenaires/invitation", "/compte/sessions", "/structure/logiciels/revoquer"]
    {
        let page = bench.post(address, &[("cle", "00"), ("session", "00")]).await;
        assert_eq!(page.leads_to(), format!("/connexion?suite={}", encode(address)));
    }
}

/// The part of a page that is refreshed while one types is not replaced by a form to sign in with.
#[tokio::test]
async fn a_part_of_a_page_stays_as_it_is() {
    let bench = over(&[Role::Counsellor]);
    let (draft, thread) = ("d1".repeat(16), "a1".repeat(16));
    for (method, address) in [
        ("POST", format!("/orientations/nouvelle/{draft}/apercu")),
        ("POST", format!("/relais/{draft}/apercu")),
        ("GET", format!("/orientations/{thread}")),
    ] {
        let request = bench.request(method, &address).header("hx-request", "true");
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let page = bench.answer(request.body(Body::from("prenom=Marie")).unwrap()).await;
        assert_eq!((page.status, page.leads_to()), (StatusCode::FORBIDDEN, ""), "{address}");
    }
}

#[tokio::test]
async fn an_act_without_a_form_is_never_done_by_taking_up_again() {
    let bench = Bench::of(&[Role::Counsellor, Role::Admin]);
    let id = "a1".repeat(16);
    for (address, fields) in [
        ("/deconnexion".to_owned(), vec![]),
        ("/compte/sessions".to_owned(), vec![("session", id.as_str())]),
        ("/compte/logiciels/retirer".to_owned(), vec![("cle", id.as_str())]),
        (format!("/orientations/{id}/defaire"), vec![("acte", id.as_str())]),
    ] {
        let fields: Vec<_> = fields.into_iter().chain([("reprise", "oui")]).collect();
        let page = bench.post(&address, &fields).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{address}");
    }
    for rpc in ["SignOut", "RevokeSession", "RevokeIntegration", "CancelDelayed"] {
        assert_eq!(bench.times_asked(rpc), 0, "{rpc}");
    }
}
