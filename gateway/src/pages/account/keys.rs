//! My keys: what a professional lets their own software do, for themselves alone.

use crate::form::Form;
use crate::page::{self, Frame, Mistakes, Place};
use crate::pages::keys::{self, Row, Tick, Whose};
use crate::pages::refused;
use crate::pages::writing::{Stage, Writing};
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use relais_proto::desk::v1::Scope;
use serde::Deserialize;

/// What follows `/compte/logiciels?`.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Shown {
    /// What was just done.
    #[serde(default)]
    fait: String,
}

#[derive(Template)]
#[template(path = "pages/account_keys.html")]
struct KeysPage {
    frame: Frame,
    rows: Vec<Row>,
    form: Form,
    ticks: Vec<Tick>,
    mistakes: Mistakes,
}

#[derive(Template)]
#[template(path = "pages/account_key.html")]
struct KeyPage {
    frame: Frame,
    name: String,
    token: String,
    until: String,
}

/// The scopes that one's roles can fill.
fn among(session: &Session) -> &'static [Scope] {
    if session.follows() { &keys::ALL } else { &keys::OF_THE_STRUCTURE }
}

async fn keys_page(
    session: &Session,
    done: String,
    form: Form,
    mistakes: Mistakes,
) -> Result<Response, Trouble> {
    let title = refused::title(session.tongue(), "account-keys", &mistakes);
    let shown = KeysPage {
        frame: Frame::signed(session, Place::Account, &title).saying(done),
        rows: keys::rows(session, Whose::Own).await?,
        ticks: keys::ticks(session, among(session), &form),
        form,
        mistakes,
    };
    Ok(page::render(shown.mistakes.status(), &shown))
}

/// Shows them.
pub(crate) async fn show(session: Session, Query(shown): Query<Shown>) -> Result<Response, Trouble> {
    let done =
        if shown.fait == "revoque" { session.tongue().say("software-done-revoque") } else { String::new() };
    keys_page(&session, done, Form::default(), Mistakes::default()).await
}

/// Makes a key, which is shown once.
pub(crate) async fn create(writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    if stage == Stage::Resumed {
        return keys_page(&session, String::new(), form, Mistakes::default()).await;
    }
    let made = match keys::create(&session, among(&session), "", &form).await? {
        Ok(made) => made,
        Err(mistakes) => return keys_page(&session, String::new(), form, mistakes).await,
    };
    let title = session.tongue().say("software-key-title");
    let key = made.integration.unwrap_or_default();
    Ok(page::ok(&KeyPage {
        frame: Frame::signed(&session, Place::Account, &title),
        until: session.calendar().day(session.tongue(), key.expires_ms),
        name: key.name,
        token: made.token,
    }))
}

/// Ends a key at once.
pub(crate) async fn revoke(posted: Posted) -> Result<Response, Trouble> {
    keys::revoke(&posted).await?;
    Ok(page::lead("/compte/logiciels?fait=revoque"))
}

#[cfg(test)]
mod tests {
    use crate::bench::Bench;
    use axum::http::StatusCode;
    use relais_proto::desk::v1::{
        CreateIntegrationRequest, CreatedIntegration, IntegrationView, ListIntegrationsRequest,
        ListIntegrationsResponse, RevokeIntegrationRequest, RevokeIntegrationResponse, Role, Scope,
    };
    use relais_proto::peer::v1::YesNo;

    fn bench(role: Role) -> Bench {
        let one = IntegrationView {
            integration_id: vec![0xa1; 16],
            name: "agenda".to_owned(),
            scopes: vec![Scope::FollowUps.into()],
            ..Default::default()
        };
        let made = CreatedIntegration { integration: Some(one.clone()), token: "7K3M".to_owned() };
        Bench::of(&[role])
            .answers("ListIntegrations", &ListIntegrationsResponse { integrations: vec![one] })
            .answers("CreateIntegration", &made)
            .answers("RevokeIntegration", &RevokeIntegrationResponse::default())
    }

    #[tokio::test]
    async fn a_professional_lists_makes_and_ends_their_own_keys() {
        let bench = bench(Role::Counsellor);
        let page = bench.get("/compte/logiciels").await;
        page.is_whole();
        let asked: ListIntegrationsRequest = bench.asked("ListIntegrations").unwrap();
        assert_eq!(asked.own(), YesNo::Yes);
        assert!(page.has("agenda") && page.has("value=\"7\""), "{}", page.text);
        let made =
            bench.post("/compte/logiciels", &[("nom", "dossier"), ("droit", "7"), ("droit", "1")]).await;
        assert!(made.is_whole().has("7K3M"), "{}", made.text);
        let asked: CreateIntegrationRequest = bench.asked("CreateIntegration").unwrap();
        let scopes = vec![i32::from(Scope::ThreadsList), i32::from(Scope::FollowUps)];
        assert_eq!((asked.user.as_str(), asked.scopes), ("", scopes));
        let ended = bench.post("/compte/logiciels/retirer", &[("cle", &"a1".repeat(16))]).await;
        assert_eq!(ended.leads_to(), "/compte/logiciels?fait=revoque");
        let asked: RevokeIntegrationRequest = bench.asked("RevokeIntegration").unwrap();
        assert_eq!(asked.integration_id, vec![0xa1; 16]);
    }

    #[tokio::test]
    async fn nobody_is_offered_a_scope_that_their_role_does_not_fill() {
        let bench = bench(Role::Auditor);
        let page = bench.get("/compte/logiciels").await;
        assert!(!page.has("value=\"7\"") && page.has("value=\"6\""), "{}", page.text);
        let tampered = bench.post("/compte/logiciels", &[("nom", "dossier"), ("droit", "7")]).await;
        assert_eq!(tampered.status, StatusCode::UNPROCESSABLE_ENTITY);
        let none =
            bench.post("/compte/logiciels", &[("nom", "dossier"), ("droit", "6"), ("jours", "0")]).await;
        assert!(none.has("id=\"erreur-jours\""), "no day is not ninety: {}", none.text);
        assert_eq!(bench.times_asked("CreateIntegration"), 0);
    }
}
