//! The directory: who is known here, how fresh and by whom, what is wrong and what to do about it. Pages of at most
//! [`ROWS_MAX`] structures, looked for by name at the node.

mod change;
mod kept;
mod one;
mod refusals;
mod row;
mod summary;

pub(super) use change::{ask, change};
pub(super) use kept::choose;
pub(super) use one::show as show_one;

use super::{Room, Shown};
use crate::form::encode;
use crate::hex;
use crate::page::{self, Frame, MenuEntry, Mistakes, Place};
use crate::pages::refused;
use crate::pages::structure::introductions;
use crate::pages::thread::Teller;
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use kept::Kept;
use refusals::Told;
use relais_proto::desk::v1::{
    DirectoryPart, DirectoryStructure, DirectoryView, OpenDataStatusRequest, Role, ShowDirectoryRequest,
};
use row::{Row, Way, row};
use serde::Deserialize;
use summary::Summary;

/// The page's address.
const PAGE: &str = "/structure/annuaire";
/// Structures of one page.
const ROWS_MAX: u32 = 50;
/// Structures that contradict themselves, or are refused, shown before the list; all of them have pages of their own.
const FIRST_MAX: u32 = 5;
/// Most letters of a name that is looked for.
const NAME_CHARS_MAX: usize = 100;

/// What follows the address.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// What was just done.
    #[serde(default)]
    fait: String,
    /// From which on the list is shown.
    #[serde(default)]
    page: String,
    /// Letters of a name.
    #[serde(default)]
    nom: String,
    /// Which structures.
    #[serde(default)]
    voir: String,
}

/// Which structures a page lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    All,
    Conflicting,
    Refused,
}

impl Part {
    fn of(text: &str) -> Self {
        match text {
            "conflits" => Self::Conflicting,
            "refusees" => Self::Refused,
            _ => Self::All,
        }
    }

    /// What the address calls it; empty for all.
    const fn slug(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Conflicting => "conflits",
            Self::Refused => "refusees",
        }
    }

    /// The key of what stands above its list.
    const fn heading(self) -> &'static str {
        match self {
            Self::All => "directory-structures",
            Self::Conflicting => "directory-conflicting",
            Self::Refused => "directory-refused",
        }
    }

    const fn of_node(self) -> DirectoryPart {
        match self {
            Self::All => DirectoryPart::Unspecified,
            Self::Conflicting => DirectoryPart::Conflicting,
            Self::Refused => DirectoryPart::Refused,
        }
    }
}

/// Some structures before the list, with a way to all of them.
#[derive(Default)]
struct Few {
    rows: Vec<Row>,
    /// Where all of them are; empty when they are here.
    all: String,
    all_words: String,
}

#[derive(Template)]
#[template(path = "pages/directory.html")]
struct DirectoryPage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    summary: Summary,
    conflicting: Few,
    alarming: Vec<Told>,
    refused: Few,
    /// Whether this page lists some of them only.
    is_part: bool,
    heading: String,
    name: String,
    /// How many were found, when some are looked for.
    found: String,
    rows: Vec<Row>,
    /// The first page, from another one; else empty.
    first: String,
    /// The next page; empty after the last.
    next: String,
    harmless: Vec<Told>,
    kept: Option<Kept>,
    mistakes: Mistakes,
}

impl Asked {
    /// The letters that are looked for, as far as the node takes them.
    fn name(&self) -> String {
        self.nom.trim().chars().take(NAME_CHARS_MAX).collect()
    }

    fn part(&self) -> Part {
        Part::of(&self.voir)
    }

    /// What the node said of this page of the list; empty for the first.
    fn token(&self) -> String {
        Shown { fait: String::new(), page: self.page.clone() }.token()
    }

    /// The address of the same list, from a place on.
    fn address(&self, page: &str) -> String {
        let said = [("voir", self.part().slug().to_owned()), ("nom", self.name()), ("page", page.to_owned())];
        let said = said.iter().filter(|(_, value)| !value.is_empty());
        let said: Vec<String> = said.map(|(name, value)| format!("{name}={}", encode(value))).collect();
        if said.is_empty() { PAGE.to_owned() } else { format!("{PAGE}?{}", said.join("&")) }
    }
}

/// The page of a structure.
fn address(structure_id: &[u8]) -> String {
    format!("{PAGE}/{}", hex::encode(structure_id))
}

async fn view(session: &Session, request: ShowDirectoryRequest) -> Result<DirectoryView, Trouble> {
    Ok(session.desk().show_directory(session.ask(request)).await?.into_inner())
}

/// The first of a part, if there is any and the page does not list them anyway.
async fn first_of(
    session: &Session,
    teller: &Teller<'_>,
    part: Part,
    count: u32,
    shown: Part,
) -> Result<Few, Trouble> {
    if count == 0 || part == shown {
        return Ok(Few::default());
    }
    let request =
        ShowDirectoryRequest { page_size: FIRST_MAX, part: part.of_node().into(), ..Default::default() };
    let found = view(session, request).await?;
    let rows = found.structures.iter().take(usize_of(FIRST_MAX)).map(|one| row(teller, session, one, &[]));
    let more = count > FIRST_MAX;
    let all = Asked { voir: part.slug().to_owned(), ..Asked::default() }.address("");
    Ok(Few {
        rows: rows.collect(),
        all: if more { all } else { String::new() },
        all_words: teller.tongue.count("directory-see-all", count.into()),
    })
}

fn usize_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// The structure of an id in an address.
///
/// # Errors
/// [`Trouble::NotFound`] for what is no id, and for a structure that is not known here.
async fn structure(session: &Session, id: &str) -> Result<DirectoryStructure, Trouble> {
    let structure_id = structure_id(id)?;
    let request = ShowDirectoryRequest { structure_id: structure_id.clone(), ..Default::default() };
    let found = view(session, request).await?.structures;
    found.into_iter().find(|one| one.structure_id == structure_id).ok_or(Trouble::NotFound)
}

/// Bytes of a structure's id.
const ID_BYTES: usize = 32;

fn structure_id(id: &str) -> Result<Vec<u8>, Trouble> {
    hex::bytes(id).filter(|bytes| bytes.len() == ID_BYTES).ok_or(Trouble::NotFound)
}

/// The page; `kept` is what was typed to choose départements, and refused.
async fn directory_page(
    session: &Session,
    asked: &Asked,
    typed: Option<Kept>,
    mistakes: Mistakes,
) -> Result<Response, Trouble> {
    let rooms = Room::Directory.enter(session)?;
    let (name, part, page_token) = (asked.name(), asked.part(), asked.token());
    let request = ShowDirectoryRequest {
        page_size: ROWS_MAX,
        page_token: page_token.clone(),
        name: name.clone(),
        part: part.of_node().into(),
        ..Default::default()
    };
    let found = view(session, request).await?;
    let open = session.desk().open_data_status(session.ask(OpenDataStatusRequest {})).await?.into_inner();
    let introduced = introductions::all(session).await?;
    let teller = Teller::of(session);
    let done = ["departements", "reprendre"].contains(&asked.fait.as_str());
    let done = if done { teller.say(&format!("directory-done-{}", asked.fait)) } else { String::new() };
    let (alarming, harmless) = refusals::told(&teller, &found.carriers);
    let title = refused::title(session.tongue(), "structure-directory", &mistakes);
    let may = session.has(Role::Admin);
    let narrowed = !name.is_empty() || part != Part::All;
    let rows = found.structures.iter().take(usize_of(ROWS_MAX));
    let shown = DirectoryPage {
        frame: Frame::signed(session, Place::Structure, &title).saying(done),
        rooms,
        conflicting: first_of(session, &teller, Part::Conflicting, found.conflicting, part).await?,
        refused: first_of(session, &teller, Part::Refused, found.refused, part).await?,
        is_part: part != Part::All,
        heading: teller.say(part.heading()),
        found: if narrowed {
            teller.tongue.count("directory-found", found.structures_found.into())
        } else {
            String::new()
        },
        rows: rows.map(|one| row(&teller, session, one, &introduced)).collect(),
        first: if page_token.is_empty() { String::new() } else { asked.address("") },
        next: if found.next_page_token.is_empty() {
            String::new()
        } else {
            asked.address(&found.next_page_token)
        },
        kept: may.then(|| typed.unwrap_or_else(|| Kept::of(&found))),
        summary: summary::summary(&teller, &found, &open),
        alarming,
        harmless,
        name,
        mistakes,
    };
    Ok(page::render(shown.mistakes.status(), &shown))
}

/// Shows it.
pub(crate) async fn show(session: Session, Query(asked): Query<Asked>) -> Result<Response, Trouble> {
    directory_page(&session, &asked, None, Mistakes::default()).await
}
