//! What every page shares: its frame, and how it is written.

use crate::assets;
use crate::pages::Kept;
use crate::tongue::{Language, Tongue};
use crate::visit::{Session, Visit};
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use relais_proto::desk::v1::Role;

/// A part of the desk that the menu leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// À traiter.
    Home,
    /// A new referral.
    New,
    /// Persons I follow.
    People,
    /// My structure.
    Structure,
    /// My account.
    Account,
    /// None of them.
    Elsewhere,
}

/// One entry of the menu.
#[derive(Clone, Debug)]
pub(crate) struct MenuEntry {
    /// Where it leads.
    pub(crate) address: &'static str,
    /// What it says.
    pub(crate) words: String,
    /// Whether this is the page.
    pub(crate) here: bool,
}

/// What stands around every page.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The language of the page.
    pub(crate) tongue: Tongue,
    /// The page's title, without the program's name.
    pub(crate) title: String,
    /// The structure's name; empty for someone who is not signed in.
    pub(crate) structure: String,
    /// The professional's account name; empty for someone who is not signed in.
    pub(crate) user: String,
    /// The menu.
    pub(crate) menu: Vec<MenuEntry>,
    /// Its address, to come back to once another language was chosen.
    pub(crate) here: String,
    /// What was being written, in hidden fields: the choice of another language carries it along.
    pub(crate) carried: Vec<(String, String)>,
    /// The token for the forms of the page; empty for someone who is not signed in.
    pub(crate) csrf: String,
    /// Said once at the top after something was done; empty for nothing.
    pub(crate) done: String,
}

impl Frame {
    /// A frame for someone who is not signed in.
    pub(crate) fn bare(tongue: Tongue, title: &str) -> Self {
        Self {
            tongue,
            title: title.to_owned(),
            structure: String::new(),
            user: String::new(),
            menu: Vec::new(),
            here: "/".to_owned(),
            carried: Vec::new(),
            csrf: String::new(),
            done: String::new(),
        }
    }

    /// A frame for a visit.
    pub(crate) fn public(visit: &Visit, title: &str) -> Self {
        Self::bare(visit.tongue, title).at(&visit.here)
    }

    /// The same, of the page at this address.
    pub(crate) fn at(self, here: &str) -> Self {
        Self { here: here.to_owned(), ..self }
    }

    /// The same, of a page that carries what was being written at this address.
    pub(crate) fn carrying(self, kept: &Kept) -> Self {
        Self { carried: kept.hidden(), ..self.at(kept.address()) }
    }

    /// A frame for a professional who is signed in.
    pub(crate) fn signed(session: &Session, place: Place, title: &str) -> Self {
        Self {
            structure: session.structure_name.clone(),
            user: session.user.name.clone(),
            menu: menu(session, place),
            csrf: session.csrf(),
            ..Self::public(&session.visit, title)
        }
    }

    /// The same, with what was just done said at the top.
    pub(crate) fn saying(self, done: String) -> Self {
        Self { done, ..self }
    }

    /// The address of a file.
    pub(crate) fn file(&self, name: &str) -> String {
        assets::address(name)
    }

    /// What a key says.
    pub(crate) fn say(&self, key: &str) -> String {
        self.tongue.say(key)
    }

    /// The languages to choose from, but the page's own.
    pub(crate) fn languages(&self) -> Vec<Language> {
        Language::OFFERED.into_iter().filter(|language| *language != self.tongue.0).collect()
    }
}

/// The menu of what a role opens: nobody is shown a door that is closed to them.
fn menu(session: &Session, place: Place) -> Vec<MenuEntry> {
    let tongue = session.tongue();
    let entry =
        |to: Place, address, key: &str| MenuEntry { address, words: tongue.say(key), here: to == place };
    let mut entries = Vec::new();
    if session.follows() {
        entries.push(entry(Place::Home, "/", "menu-home"));
        entries.push(entry(Place::People, "/personnes", "menu-people"));
    }
    entries.push(entry(Place::Structure, "/structure", "menu-structure"));
    entries
}

impl Session {
    /// Where the professional begins: what is to do, or the structure for who follows no one.
    pub(crate) fn home(&self) -> &'static str {
        if self.follows() || !(self.has(Role::Admin) || self.has(Role::Auditor)) { "/" } else { "/structure" }
    }
}

/// Writes a page.
pub(crate) fn render(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => {
            let kind = (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            (status, [kind], text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "A page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Writes a page that is as it should be.
pub(crate) fn ok(page: &impl Template) -> Response {
    render(StatusCode::OK, page)
}

/// Leads on to another page of this gateway.
pub(crate) fn lead(address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(value) => (StatusCode::SEE_OTHER, [(header::LOCATION, value)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A field that must be mended, for the summary at the top and the words beside it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Mistake {
    /// The field's name, which is also the end of its id: `champ-…`.
    pub(crate) field: String,
    /// What is wrong and how to mend it.
    pub(crate) words: String,
}

/// The mistakes of a form, in the order of its fields.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Mistakes(pub(crate) Vec<Mistake>);

impl Mistakes {
    pub(crate) fn add(&mut self, field: &str, words: String) {
        self.0.push(Mistake { field: field.to_owned(), words });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What stands above the list of them.
    pub(crate) fn heading(&self, tongue: &Tongue) -> String {
        tongue.count("error-summary", u64::try_from(self.0.len()).unwrap_or(u64::MAX))
    }

    /// The first mistake of a field.
    pub(crate) fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|mistake| mistake.field == field).map(|mistake| mistake.words.as_str())
    }

    /// The status of a page that shows them.
    pub(crate) fn status(&self) -> StatusCode {
        if self.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
    }
}
