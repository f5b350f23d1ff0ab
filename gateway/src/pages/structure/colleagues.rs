//! Colleagues: who has an account, what they may do, and adding one. An account stands in addresses under a digest of its
//! name, as a name has no place there.

pub(crate) mod one;

use super::{Room, administer};
use crate::form::Form;
use crate::hex;
use crate::page::{self, Frame, MenuEntry, Mistakes, Place};
use crate::pages::refused;
use crate::pages::writing::{Stage, Writing};
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use aws_lc_rs::digest;
use axum::response::Response;
use relais_proto::desk::v1::{AddUserRequest, ListUsersRequest, Role, UserView};
use relais_proto::peer::v1::{Professional, YesNo};

/// The roles one may have, as forms and word files call them.
const ROLES: [(Role, &str); 4] = [
    (Role::Counsellor, "counsellor"),
    (Role::Coordinator, "coordinator"),
    (Role::Admin, "admin"),
    (Role::Auditor, "auditor"),
];

/// A role to tick.
pub(crate) struct Tick {
    code: &'static str,
    words: String,
    what: String,
    ticked: bool,
}

/// One colleague of the list.
struct Row {
    address: String,
    name: String,
    roles: String,
    contact: String,
    is_closed: bool,
}

#[derive(Template)]
#[template(path = "pages/colleagues.html")]
struct ColleaguesPage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    rows: Vec<Row>,
    may: bool,
    form: Form,
    ticks: Vec<Tick>,
    mistakes: Mistakes,
}

/// Where the page of an account is.
pub(crate) fn address(name: &str) -> String {
    format!("/structure/collegues/{}", mark(name))
}

/// Stands for a text where the text itself has no place.
fn mark(text: &str) -> String {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    let id: Vec<u8> = digest.as_ref().iter().copied().take(hex::ID_BYTES).collect();
    hex::encode(&id)
}

/// Every account, by name.
///
/// # Errors
/// [`Trouble::NotFound`] for who does not see them.
pub(crate) async fn users(session: &Session) -> Result<Vec<UserView>, Trouble> {
    Ok(session.desk().list_users(session.ask(ListUsersRequest {})).await?.into_inner().users)
}

/// The roles, those of an account or of a form ticked.
pub(crate) fn ticks(session: &Session, ticked: impl Fn(Role, &str) -> bool) -> Vec<Tick> {
    let tongue = session.tongue();
    let tick = |(role, code): (Role, &'static str)| Tick {
        code,
        words: tongue.say(&format!("role-{code}")),
        what: tongue.say(&format!("role-what-{code}")),
        ticked: ticked(role, code),
    };
    ROLES.map(tick).into_iter().collect()
}

/// The roles that were ticked.
pub(crate) fn roles(form: &Form) -> Vec<i32> {
    let ticked = ROLES.into_iter().filter(|(_, code)| form.has("role", code));
    ticked.map(|(role, _)| role.into()).collect()
}

/// Work name and contact; `None` when neither was typed.
pub(crate) fn professional(form: &Form) -> Option<Professional> {
    let (name, contact) = (form.text("nom-travail").to_owned(), form.text("contact").to_owned());
    (!name.is_empty() || !contact.is_empty()).then_some(Professional { name, contact })
}

/// What is missing of the roles and the work contact: one half of a contact leads nowhere.
pub(crate) fn missing(session: &Session, form: &Form, mistakes: &mut Mistakes) {
    if roles(form).is_empty() {
        mistakes.add("role", session.tongue().say("colleagues-role-empty"));
    }
    let typed = |field: &str| !form.text(field).is_empty();
    if typed("nom-travail") != typed("contact") {
        let empty = if typed("contact") { "nom-travail" } else { "contact" };
        mistakes.add(empty, session.tongue().say("colleagues-work-half"));
    }
}

/// The field of the page that a field of the node's refusal stands for.
pub(crate) fn field_of(node: &str) -> &'static str {
    match node {
        "roles" => "role",
        "professional.name" | "professional" => "nom-travail",
        "professional.contact" => "contact",
        _ => "nom",
    }
}

fn row(session: &Session, user: &UserView) -> Row {
    let role = |role: Role| {
        let code = ROLES.into_iter().find(|(one, _)| *one == role).map_or("unspecified", |(_, code)| code);
        session.tongue().say(&format!("role-{code}"))
    };
    let professional = user.professional.clone().unwrap_or_default();
    Row {
        address: address(&user.name),
        name: user.name.clone(),
        roles: user.roles().map(role).collect::<Vec<_>>().join(", "),
        contact: [professional.name, professional.contact].join(" ").trim().to_owned(),
        is_closed: user.closed() == YesNo::Yes,
    }
}

async fn colleagues_page(session: &Session, form: Form, mistakes: Mistakes) -> Result<Response, Trouble> {
    let rooms = Room::Colleagues.enter(session)?;
    let title = refused::title(session.tongue(), "structure-colleagues", &mistakes);
    let rows = users(session).await?.iter().map(|user| row(session, user)).collect();
    let shown = ColleaguesPage {
        frame: Frame::signed(session, Place::Structure, &title),
        rooms,
        rows,
        may: session.has(Role::Admin),
        ticks: ticks(session, |_, code| form.has("role", code)),
        form,
        mistakes,
    };
    Ok(page::render(shown.mistakes.status(), &shown))
}

/// Shows them.
pub(crate) async fn show(session: Session) -> Result<Response, Trouble> {
    colleagues_page(&session, Form::default(), Mistakes::default()).await
}

/// Adds a colleague, who signs in from a browser alone. A name that is taken is refused, so that nothing is done twice.
pub(crate) async fn add(writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    administer(&session)?;
    if stage == Stage::Resumed {
        return colleagues_page(&session, form, Mistakes::default()).await;
    }
    let mut mistakes = Mistakes::default();
    if form.text("nom").is_empty() {
        mistakes.add("nom", session.tongue().say("colleagues-name-empty"));
    }
    missing(&session, &form, &mut mistakes);
    let name = form.text("nom").to_owned();
    let request = AddUserRequest { name, roles: roles(&form), uid: None, professional: professional(&form) };
    if mistakes.is_empty() {
        match session.desk().add_user(session.ask(request)).await {
            Ok(added) => {
                return Ok(page::lead(&format!("{}?fait=ajoute", address(&added.into_inner().name))));
            }
            Err(status) => mistakes = refused::mistakes(&session, status, "colleagues-refused", field_of)?,
        }
    }
    colleagues_page(&session, form, mistakes).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_does_not_tell_whose_account_it_is() {
        assert!(!address("claire").contains("claire"));
        assert_ne!(address("claire"), address("Claire"));
        assert_eq!(address("claire"), address("claire"));
        let id = address("claire").rsplit('/').next().and_then(hex::id);
        assert!(id.is_some());
    }

    #[test]
    fn only_roles_that_exist_are_ticked() {
        let form = Form::parse(b"role=admin&role=king&role=counsellor").unwrap();
        assert_eq!(roles(&form), [i32::from(Role::Counsellor), i32::from(Role::Admin)]);
        assert_eq!(professional(&form), None);
    }
}
