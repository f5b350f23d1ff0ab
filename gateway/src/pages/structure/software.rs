//! Keys of the structure's own software: what each may do, for whom, until when. A key is shown once. What opens a person's
//! referral is no admin's to give: each professional makes such a key in their own account.

use super::{Room, Shown, administer, colleagues};
use crate::form::Form;
use crate::page::{self, Frame, MenuEntry, Mistakes, Place};
use crate::pages::keys::{self, Row, Tick, Whose};
use crate::pages::refused;
use crate::pages::writing::{Stage, Writing};
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use relais_proto::desk::v1::{CreatedIntegration, Role};
use relais_proto::peer::v1::YesNo;

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

async fn software_page(
    session: &Session,
    shown: &Shown,
    form: Form,
    mistakes: Mistakes,
) -> Result<Response, Trouble> {
    let rooms = Room::Software.enter(session)?;
    let rows = keys::rows(session, Whose::Everyones).await?;
    let users = colleagues::users(session).await?;
    let users = users.into_iter().filter(|user| user.closed() != YesNo::Yes).map(|user| user.name);
    let title = refused::title(session.tongue(), "structure-software", &mistakes);
    let done = shown.done(session, "software-done", &["revoque"]);
    let shown = SoftwarePage {
        frame: Frame::signed(session, Place::Structure, &title).saying(done),
        rooms,
        rows,
        may: session.has(Role::Admin),
        ticks: keys::ticks(session, &keys::OF_THE_STRUCTURE, &form),
        form,
        users: users.collect(),
        mistakes,
    };
    Ok(page::render(shown.mistakes.status(), &shown))
}

/// Shows them.
pub(crate) async fn show(session: Session, Query(shown): Query<Shown>) -> Result<Response, Trouble> {
    software_page(&session, &shown, Form::default(), Mistakes::default()).await
}

/// Makes a key, which is shown once.
pub(crate) async fn create(writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    administer(&session)?;
    if stage == Stage::Resumed {
        return software_page(&session, &Shown::default(), form, Mistakes::default()).await;
    }
    match keys::create(&session, &keys::OF_THE_STRUCTURE, form.text("compte"), &form).await? {
        Ok(made) => key_page(&session, made),
        Err(mistakes) => software_page(&session, &Shown::default(), form, mistakes).await,
    }
}

fn key_page(session: &Session, made: CreatedIntegration) -> Result<Response, Trouble> {
    let title = session.tongue().say("software-key-title");
    let key = made.integration.unwrap_or_default();
    Ok(page::ok(&KeyPage {
        frame: Frame::signed(session, Place::Structure, &title),
        rooms: Room::Software.enter(session)?,
        until: session.calendar().day(session.tongue(), key.expires_ms),
        name: key.name,
        token: made.token,
    }))
}

/// Ends a key at once.
pub(crate) async fn revoke(posted: Posted) -> Result<Response, Trouble> {
    administer(&posted.session)?;
    keys::revoke(&posted).await?;
    Ok(page::lead("/structure/logiciels?fait=revoque"))
}
