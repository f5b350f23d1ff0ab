//! One colleague: roles, work contact, a sign-in link shown once, the second factor, and closing the account.

use super::{Tick, address, field_of, mark, missing, professional, roles, row, ticks, users};
use crate::form::Form;
use crate::page::{self, Frame, MenuEntry, Mistakes, Place};
use crate::pages::structure::{Room, Shown, address as own, administer};
use crate::pages::writing::{Stage, Writing};
use crate::pages::{paper, refused};
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use relais_proto::desk::v1::{ChangeUserRequest, CreateSignInLinkRequest, RemoveTotpRequest, Role, UserView};
use relais_proto::peer::v1::{Professional, YesNo};

#[derive(Template)]
#[template(path = "pages/colleague.html")]
struct ColleaguePage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    address: String,
    name: String,
    form: Form,
    /// What of the account the form was shown for.
    seen: String,
    ticks: Vec<Tick>,
    may: bool,
    is_closed: bool,
    is_oneself: bool,
    mistakes: Mistakes,
}

#[derive(Template)]
#[template(path = "pages/colleague_link.html")]
struct LinkPage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    back: String,
    link: String,
    qr: String,
    until: String,
}

/// The account of an address.
async fn find(session: &Session, id: &str) -> Result<UserView, Trouble> {
    Room::Colleagues.enter(session)?;
    let wanted = format!("/structure/collegues/{id}");
    users(session).await?.into_iter().find(|user| address(&user.name) == wanted).ok_or(Trouble::NotFound)
}

/// Stands for what can be changed here of an account: when it is another, someone changed it.
fn stand(roles: &[i32], professional: Option<&Professional>) -> String {
    let none = Professional::default();
    let Professional { name, contact } = professional.unwrap_or(&none);
    mark(&format!("{roles:?}\n{name}\n{contact}"))
}

fn present(user: &UserView) -> String {
    stand(&user.roles, user.professional.as_ref())
}

/// Whether someone changed the account since its form was shown, and to something else than it says. The node keeps no
/// version of an account that a call could name, so it is compared here: of two that are sent within the same instant,
/// the later one still wins.
fn is_stale(user: &UserView, form: &Form) -> bool {
    let (seen, now) = (form.text("vu"), present(user));
    !seen.is_empty() && seen != now && stand(&roles(form), professional(form).as_ref()) != now
}

/// The form of an account as it is kept.
fn kept(user: &UserView) -> Form {
    let mut form = Form::default();
    let professional = user.professional.clone().unwrap_or_default();
    form.set("nom-travail", &professional.name);
    form.set("contact", &professional.contact);
    form
}

fn colleague_page(
    session: &Session,
    user: &UserView,
    typed: Option<(Form, Mistakes)>,
    done: String,
) -> Result<Response, Trouble> {
    let status = typed.as_ref().map_or(StatusCode::OK, |(_, mistakes)| mistakes.status());
    Ok(page::render(status, &colleague(session, user, typed, done)?))
}

fn colleague(
    session: &Session,
    user: &UserView,
    typed: Option<(Form, Mistakes)>,
    done: String,
) -> Result<ColleaguePage, Trouble> {
    let rooms = Room::Colleagues.enter(session)?;
    let kept_ticks = ticks(session, |role, _| user.roles().any(|one| one == role));
    let (form, ticked, mistakes) = match typed {
        None => (kept(user), kept_ticks, Mistakes::default()),
        Some((form, mistakes)) => {
            let ticked = ticks(session, |_, code| form.has("role", code));
            (form, ticked, mistakes)
        }
    };
    let title = refused::title(session.tongue(), "colleague-title", &mistakes);
    Ok(ColleaguePage {
        frame: Frame::signed(session, Place::Structure, &title).saying(done),
        rooms,
        address: address(&user.name),
        name: user.name.clone(),
        form,
        seen: present(user),
        ticks: ticked,
        may: session.has(Role::Admin),
        is_closed: user.closed() == YesNo::Yes,
        is_oneself: user.name == session.user.name,
        mistakes,
    })
}

/// Someone changed it meanwhile: what it is now, beside what was typed.
fn stale(session: &Session, user: &UserView, form: Form) -> Result<Response, Trouble> {
    let now = row(session, user);
    let now = [now.roles, now.contact].join(" · ");
    let mut mistakes = Mistakes::default();
    mistakes.add("role", session.tongue().with("colleague-changed", &[("now", now.trim_end_matches(" · "))]));
    let shown = colleague(session, user, Some((form, mistakes)), String::new())?;
    Ok(page::render(StatusCode::CONFLICT, &shown))
}

/// Shows it.
pub(crate) async fn show(
    session: Session,
    Path(id): Path<String>,
    Query(shown): Query<Shown>,
) -> Result<Response, Trouble> {
    let user = find(&session, &id).await?;
    let done = shown.done(&session, "colleague-done", &["ajoute", "change", "code", "ferme", "ouvert"]);
    colleague_page(&session, &user, None, done)
}

/// What the node says no to, beside its field.
fn refused(
    session: &Session,
    user: &UserView,
    status: tonic::Status,
    form: Form,
) -> Result<Response, Trouble> {
    let mistakes = refused::mistakes(session, status, "colleagues-refused", |node| match field_of(node) {
        "nom" => "role",
        known => known,
    })?;
    colleague_page(session, user, Some((form, mistakes)), String::new())
}

/// Where one goes on to: the page of the account, unless one has just closed it to oneself.
fn after(session: &Session, user: &UserView, done: &str) -> String {
    let sees = user.roles().any(|role| matches!(role, Role::Admin | Role::Auditor));
    match (user.name == session.user.name, user.closed() == YesNo::Yes) {
        (true, true) => "/connexion".to_owned(),
        (true, false) if !sees => "/structure".to_owned(),
        (true, false) | (false, _) => format!("{}?fait={done}", address(&user.name)),
    }
}

/// Changes roles and work contact.
pub(crate) async fn change(Path(id): Path<String>, writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    administer(&session)?;
    let user = find(&session, &id).await?;
    if stage == Stage::Resumed && !is_stale(&user, &form) {
        return colleague_page(&session, &user, Some((form, Mistakes::default())), String::new());
    }
    let mut mistakes = Mistakes::default();
    missing(&session, &form, &mut mistakes);
    if !mistakes.is_empty() {
        return colleague_page(&session, &user, Some((form, mistakes)), String::new());
    }
    if is_stale(&user, &form) {
        return stale(&session, &user, form);
    }
    let request = ChangeUserRequest {
        name: user.name.clone(),
        roles: roles(&form),
        professional: professional(&form),
        closed: YesNo::Unspecified.into(),
    };
    match session.desk().change_user(session.ask(request)).await {
        Ok(changed) => Ok(page::lead(&after(&session, &changed.into_inner(), "change"))),
        Err(status) => refused(&session, &user, status, form),
    }
}

/// Closes the account, or opens it again.
pub(crate) async fn close(Path(id): Path<String>, posted: Posted) -> Result<Response, Trouble> {
    let Posted { session, form } = posted;
    administer(&session)?;
    let user = find(&session, &id).await?;
    let (closed, done) = match form.text("acte") {
        "fermer" => (YesNo::Yes, "ferme"),
        "ouvrir" => (YesNo::No, "ouvert"),
        _ => return Err(Trouble::BadForm),
    };
    let request = ChangeUserRequest { name: user.name.clone(), closed: closed.into(), ..Default::default() };
    match session.desk().change_user(session.ask(request)).await {
        Ok(changed) => Ok(page::lead(&after(&session, &changed.into_inner(), done))),
        Err(status) => {
            let mut form = kept(&user);
            for tick in ticks(&session, |role, _| user.roles().any(|one| one == role)) {
                if tick.ticked {
                    form.add("role", tick.code);
                }
            }
            refused(&session, &user, status, form)
        }
    }
}

/// Removes the second factor of someone who lost it.
pub(crate) async fn remove_code(Path(id): Path<String>, posted: Posted) -> Result<Response, Trouble> {
    let session = posted.session;
    administer(&session)?;
    let user = find(&session, &id).await?;
    if user.name == session.user.name {
        // One's own takes one's password: it is asked on one's own page.
        return Ok(page::lead("/compte"));
    }
    let request = RemoveTotpRequest { name: user.name.clone(), password: String::new() };
    match session.desk().remove_totp(session.ask(request)).await {
        Ok(_) => Ok(page::lead(&format!("{}?fait=code", address(&user.name)))),
        Err(status) => {
            Trouble::refused(status)?;
            colleague_page(&session, &user, None, session.tongue().say("colleague-no-code"))
        }
    }
}

/// Makes a sign-in link, which is shown once.
pub(crate) async fn link(
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    posted: Posted,
) -> Result<Response, Trouble> {
    let session = posted.session;
    administer(&session)?;
    let user = find(&session, &id).await?;
    let request = CreateSignInLinkRequest { name: user.name.clone(), validity_hours: 0 };
    let made = session.desk().create_sign_in_link(session.ask(request)).await?.into_inner();
    let link = format!("{}/lien/{}", own::base(&session, &headers, &uri), made.token);
    let tongue = session.tongue();
    let title = tongue.say("colleague-link-title");
    Ok(page::ok(&LinkPage {
        frame: Frame::signed(&session, Place::Structure, &title),
        rooms: Room::Colleagues.enter(&session)?,
        back: address(&user.name),
        qr: paper::drawn(&link).unwrap_or_default(),
        link,
        until: session.calendar().instant(tongue, made.expires_ms),
    }))
}
