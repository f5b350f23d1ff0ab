//! Keys of the structure's own software: what each may do, for whom, until when. A key is shown once.

use super::{Room, Shown, administer, colleagues};
use crate::form::Form;
use crate::hex;
use crate::page::{self, Frame, MenuEntry, Mistakes, Place};
use crate::pages::refused;
use crate::pages::thread::Teller;
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use relais_proto::desk::v1::{
    CreateIntegrationRequest, IntegrationView, ListIntegrationsRequest, RevokeIntegrationRequest, Role, Scope,
};
use relais_proto::peer::v1::YesNo;

/// What a key may be for.
const SCOPES: [Scope; 6] = [
    Scope::ThreadsList,
    Scope::ThreadsRead,
    Scope::ThreadsAct,
    Scope::ServicesRead,
    Scope::ServicesWrite,
    Scope::FlowsRead,
];

/// A scope to tick.
struct Tick {
    number: i32,
    words: String,
    ticked: bool,
}

/// One key.
struct Row {
    id: String,
    name: String,
    scopes: String,
    user: String,
    until: String,
    used: String,
}

#[derive(Template)]
#[template(path = "pages/software.html")]
struct SoftwarePage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    rows: Vec<Row>,
    may: bool,
    form: Form,
    ticks: Vec<Tick>,
    users: Vec<String>,
    mistakes: Mistakes,
}

#[derive(Template)]
#[template(path = "pages/software_key.html")]
struct KeyPage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    name: String,
    token: String,
    until: String,
}

fn row(teller: &Teller<'_>, one: &IntegrationView) -> Row {
    let scopes: Vec<String> = one.scopes().map(|scope| teller.code(scope.as_str_name())).collect();
    let used = match one.used_ms {
        Some(ms) => teller.with("software-used", &[("when", &teller.distance(ms))]),
        None => teller.say("software-never-used"),
    };
    Row {
        id: hex::encode(&one.integration_id),
        name: one.name.clone(),
        scopes: scopes.join(", "),
        user: one.user.clone(),
        until: teller.day(one.expires_ms),
        used,
    }
}

/// The field of the page that a field of the node's refusal stands for.
fn field_of(node: &str) -> &'static str {
    match node {
        "scopes" => "droit",
        "user" => "compte",
        "validity_days" => "jours",
        _ => "nom",
    }
}

/// Scopes that were ticked.
fn scopes(form: &Form) -> Vec<i32> {
    let ticked = |scope: &Scope| form.has("droit", &i32::from(*scope).to_string());
    SCOPES.into_iter().filter(ticked).map(i32::from).collect()
}

async fn software_page(
    session: &Session,
    shown: &Shown,
    form: Form,
    mistakes: Mistakes,
) -> Result<Response, Trouble> {
    let rooms = Room::Software.enter(session)?;
    let teller = Teller::of(session);
    let answer = session.desk().list_integrations(session.ask(ListIntegrationsRequest {})).await?;
    let users = colleagues::users(session).await?;
    let users = users.into_iter().filter(|user| user.closed() != YesNo::Yes).map(|user| user.name);
    let ticked = scopes(&form);
    let tick = |scope: Scope| Tick {
        number: scope.into(),
        words: teller.code(scope.as_str_name()),
        ticked: ticked.contains(&i32::from(scope)),
    };
    let title = refused::title(session.tongue(), "structure-software", &mistakes);
    let done = shown.done(session, "software-done", &["revoque"]);
    let shown = SoftwarePage {
        frame: Frame::signed(session, Place::Structure, &title).saying(done),
        rooms,
        rows: answer.get_ref().integrations.iter().map(|one| row(&teller, one)).collect(),
        may: session.has(Role::Admin),
        form,
        ticks: SCOPES.map(tick).into_iter().collect(),
        users: users.collect(),
        mistakes,
    };
    Ok(page::render(shown.mistakes.status(), &shown))
}

/// Shows them.
pub(crate) async fn show(session: Session, Query(shown): Query<Shown>) -> Result<Response, Trouble> {
    software_page(&session, &shown, Form::default(), Mistakes::default()).await
}

/// Makes a key, which is shown once. A name that is taken is refused, so that nothing is made twice.
pub(crate) async fn create(posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    administer(&session)?;
    let tongue = session.tongue();
    let mut mistakes = Mistakes::default();
    if form.text("nom").is_empty() {
        mistakes.add("nom", tongue.say("software-name-empty"));
    }
    if scopes(&form).is_empty() {
        mistakes.add("droit", tongue.say("software-scope-empty"));
    }
    let days = form.text("jours");
    let validity_days = if days.is_empty() { Some(0) } else { days.parse().ok() };
    if validity_days.is_none() {
        mistakes.add("jours", tongue.say("refusal-field-validity-days"));
    }
    let request = CreateIntegrationRequest {
        name: form.text("nom").to_owned(),
        scopes: scopes(&form),
        user: form.text("compte").to_owned(),
        validity_days: validity_days.unwrap_or_default(),
    };
    if mistakes.is_empty() {
        match session.desk().create_integration(session.ask(request)).await {
            Ok(made) => {
                let made = made.into_inner();
                return key_page(&session, made.integration.unwrap_or_default(), made.token);
            }
            Err(status) => mistakes = refused::mistakes(&session, status, "software-refused", field_of)?,
        }
    }
    software_page(&session, &Shown::default(), form, mistakes).await
}

fn key_page(session: &Session, made: IntegrationView, token: String) -> Result<Response, Trouble> {
    let title = session.tongue().say("software-key-title");
    Ok(page::ok(&KeyPage {
        frame: Frame::signed(session, Place::Structure, &title),
        rooms: Room::Software.enter(session)?,
        name: made.name,
        token,
        until: session.calendar().day(session.tongue(), made.expires_ms),
    }))
}

/// Ends a key at once. One that is gone already is ended: nothing more is said.
pub(crate) async fn revoke(posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    administer(&session)?;
    let integration_id = hex::id(form.text("cle")).ok_or(Trouble::BadForm)?;
    let request = session.ask(RevokeIntegrationRequest { integration_id });
    let revoked = session.desk().revoke_integration(request).await.map_err(Trouble::from);
    if let Err(trouble) = revoked
        && trouble != Trouble::NotFound
    {
        return Err(trouble);
    }
    Ok(page::lead("/structure/logiciels?fait=revoque"))
}
