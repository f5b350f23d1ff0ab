//! Keys for software: what a list of them shows, and the form that asks for one. An admin's room and one's own account both
//! show them; which scopes each offers, and to whom, is said there.

use crate::form::Form;
use crate::hex;
use crate::page::Mistakes;
use crate::pages::refused;
use crate::pages::thread::Teller;
use crate::trouble::Trouble;
use crate::visit::{Posted, Session};
use relais_proto::desk::v1::{
    CreateIntegrationRequest, CreatedIntegration, IntegrationView, ListIntegrationsRequest,
    RevokeIntegrationRequest, Scope,
};
use relais_proto::peer::v1::YesNo;

/// Scopes that open nothing of a person: an admin gives them to any account.
pub(crate) const OF_THE_STRUCTURE: [Scope; 3] = [Scope::ServicesRead, Scope::ServicesWrite, Scope::FlowsRead];
/// Every scope: what one may give to a key of one's own.
pub(crate) const ALL: [Scope; 8] = [
    Scope::ThreadsList,
    Scope::ThreadsRead,
    Scope::ThreadsAct,
    Scope::FollowUps,
    Scope::Inquiries,
    Scope::ServicesRead,
    Scope::ServicesWrite,
    Scope::FlowsRead,
];

/// A scope to tick.
#[derive(Debug)]
pub(crate) struct Tick {
    /// As the form sends it.
    pub(crate) number: i32,
    /// What it opens.
    pub(crate) words: String,
    /// Whether it is ticked.
    pub(crate) ticked: bool,
}

/// One key.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its id, in digits.
    pub(crate) id: String,
    /// What it is called.
    pub(crate) name: String,
    /// What it may do.
    pub(crate) scopes: String,
    /// For which account, until when, used when.
    pub(crate) remark: String,
}

/// Whose keys are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Whose {
    /// Everyone's.
    Everyones,
    /// The professional's own.
    Own,
}

/// The keys there are, by name.
///
/// # Errors
/// [`Trouble`] when the node does not answer.
pub(crate) async fn rows(session: &Session, whose: Whose) -> Result<Vec<Row>, Trouble> {
    let own = if whose == Whose::Own { YesNo::Yes } else { YesNo::No };
    let request = session.ask(ListIntegrationsRequest { own: own.into() });
    let listed = session.desk().list_integrations(request).await?.into_inner().integrations;
    let teller = Teller::of(session);
    Ok(listed.iter().map(|one| row(&teller, one)).collect())
}

fn row(teller: &Teller<'_>, one: &IntegrationView) -> Row {
    let scopes: Vec<String> = one.scopes().map(|scope| teller.code(scope.as_str_name())).collect();
    let used = match one.used_ms {
        Some(ms) => teller.with("software-used", &[("when", &teller.distance(ms))]),
        None => teller.say("software-never-used"),
    };
    let held = [("user", one.user.as_str()), ("date", &teller.day(one.expires_ms))];
    Row {
        id: hex::encode(&one.integration_id),
        name: one.name.clone(),
        scopes: scopes.join(", "),
        remark: format!("{} {used}", teller.with("software-for", &held)),
    }
}

/// The scopes of a form, as it ticks them.
pub(crate) fn ticks(session: &Session, among: &[Scope], form: &Form) -> Vec<Tick> {
    let teller = Teller::of(session);
    let tick = |scope: &Scope| Tick {
        number: (*scope).into(),
        words: teller.code(scope.as_str_name()),
        ticked: is_ticked(form, *scope),
    };
    among.iter().map(tick).collect()
}

fn is_ticked(form: &Form, scope: Scope) -> bool {
    form.has("droit", &i32::from(scope).to_string())
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

/// What a form asks for, or what must be mended in it.
fn read(
    session: &Session,
    among: &[Scope],
    user: &str,
    form: &Form,
) -> Result<CreateIntegrationRequest, Mistakes> {
    let tongue = session.tongue();
    let mut mistakes = Mistakes::default();
    let scopes: Vec<i32> =
        among.iter().filter(|one| is_ticked(form, **one)).map(|one| (*one).into()).collect();
    if form.text("nom").is_empty() {
        mistakes.add("nom", tongue.say("software-name-empty"));
    }
    if scopes.is_empty() {
        mistakes.add("droit", tongue.say("software-scope-empty"));
    }
    let days = form.text("jours");
    let validity_days = if days.is_empty() { Some(0) } else { days.parse().ok().filter(|days| *days > 0) };
    let (Some(validity_days), true) = (validity_days, mistakes.is_empty()) else {
        if validity_days.is_none() {
            mistakes.add("jours", tongue.say("refusal-field-validity-days"));
        }
        return Err(mistakes);
    };
    Ok(CreateIntegrationRequest {
        name: form.text("nom").to_owned(),
        scopes,
        user: user.to_owned(),
        validity_days,
    })
}

/// Makes a key for an account, the professional's own when `user` is empty. A name that is taken is refused, so that
/// nothing is made twice.
///
/// # Errors
/// [`Trouble`] when the node does not answer.
pub(crate) async fn create(
    session: &Session,
    among: &[Scope],
    user: &str,
    form: &Form,
) -> Result<Result<CreatedIntegration, Mistakes>, Trouble> {
    let request = match read(session, among, user, form) {
        Ok(request) => request,
        Err(mistakes) => return Ok(Err(mistakes)),
    };
    Ok(match session.desk().create_integration(session.ask(request)).await {
        Ok(made) => Ok(made.into_inner()),
        Err(status) => Err(refused::mistakes(session, status, "software-refused", field_of)?),
    })
}

/// Ends a key at once. One that is gone already is ended: nothing more is said.
///
/// # Errors
/// [`Trouble`] when the node does not answer.
pub(crate) async fn revoke(posted: &Posted) -> Result<(), Trouble> {
    let Posted { session, form } = posted;
    let integration_id = hex::id(form.text("cle")).ok_or(Trouble::BadForm)?;
    let request = session.ask(RevokeIntegrationRequest { integration_id });
    match session.desk().revoke_integration(request).await.map_err(Trouble::from) {
        Ok(_) | Err(Trouble::NotFound) => Ok(()),
        Err(trouble) => Err(trouble),
    }
}
