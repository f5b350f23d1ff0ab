//! Refusing a structure, or taking it again: each after a page that says what it does and what cannot be undone.

use super::row::name;
use super::{PAGE, Room, address, structure, structure_id};
use crate::page::{self, Frame, Mistakes, Place};
use crate::pages::refused;
use crate::pages::structure::administer;
use crate::pages::structure::partner::ChangePage;
use crate::pages::thread::Teller;
use crate::pages::writing::{Stage, Writing};
use crate::trouble::Trouble;
use crate::visit::Session;
use axum::extract::Path;
use axum::response::Response;
use relais_proto::desk::v1::{
    AllowStructureRequest, DirectoryStanding, DirectoryStructure, RefuseStructureRequest,
};

/// What becomes of a structure in the directory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Change {
    Refuse,
    Allow,
}

impl Change {
    /// What the address and the word files call it.
    const fn slug(self) -> &'static str {
        match self {
            Self::Refuse => "refuser",
            Self::Allow => "reprendre",
        }
    }

    fn parse(text: &str) -> Result<Self, Trouble> {
        let known = [Self::Refuse, Self::Allow].into_iter().find(|change| change.slug() == text);
        known.ok_or(Trouble::NotFound)
    }

    /// Whether it can be done to a structure of this standing.
    fn is_for(self, standing: DirectoryStanding) -> bool {
        match (self, standing) {
            (Self::Refuse, DirectoryStanding::Own | DirectoryStanding::Refused) => false,
            (Self::Refuse, _) => true,
            (Self::Allow, standing) => standing == DirectoryStanding::Refused,
        }
    }
}

fn change_page(
    session: &Session,
    change: Change,
    structure: &DirectoryStructure,
    mistakes: Mistakes,
) -> Result<Response, Trouble> {
    let rooms = Room::Directory.enter(session)?;
    let page = address(&structure.structure_id);
    if !change.is_for(structure.standing()) {
        return Ok(page::lead(&page));
    }
    let teller = Teller::of(session);
    let is_partner = matches!(
        structure.standing(),
        DirectoryStanding::Partner | DirectoryStanding::Awaited | DirectoryStanding::Suspended
    );
    let called = name(&teller, structure);
    let named = [("name", called.as_str())];
    let key = format!("directory-{}", change.slug());
    let mut what = vec![teller.with(&format!("{key}-what"), &named)];
    if change == Change::Refuse && is_partner {
        what.push(teller.say("directory-refuser-partner"));
    }
    let title = refused::title(session.tongue(), &key, &mistakes);
    let shown = ChangePage {
        frame: Frame::signed(session, Place::Structure, &title),
        rooms,
        address: format!("{page}/{}", change.slug()),
        back: page,
        heading: teller.with(&format!("{key}-ask"), &named),
        what: what.join(" "),
        act: teller.say(&key),
        is_final: change == Change::Refuse,
        reasons: Vec::new(),
        mistakes,
    };
    Ok(page::render(shown.mistakes.status(), &shown))
}

/// Says what it would do, before it is done.
pub(crate) async fn ask(
    session: Session,
    Path((id, slug)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    Room::Directory.enter(&session)?;
    administer(&session)?;
    let change = Change::parse(&slug)?;
    change_page(&session, change, &structure(&session, &id).await?, Mistakes::default())
}

/// Where it leads once it is done: who is taken again may not be known here for a while.
fn done(change: Change, structure_id: &[u8]) -> Response {
    let page = match change {
        Change::Refuse => address(structure_id),
        Change::Allow => PAGE.to_owned(),
    };
    page::lead(&format!("{page}?fait={}", change.slug()))
}

/// Does it. What is so already stays so: pressed twice, it is done once.
pub(crate) async fn change(
    Path((id, slug)): Path<(String, String)>,
    writing: Writing,
) -> Result<Response, Trouble> {
    let Writing { session, stage, .. } = writing;
    administer(&session)?;
    let change = Change::parse(&slug)?;
    let structure_id = structure_id(&id)?;
    let structure = match (structure(&session, &id).await, change) {
        (Ok(structure), _) => structure,
        // Taken again a moment ago, and nothing is held of it yet.
        (Err(Trouble::NotFound), Change::Allow) => return Ok(done(change, &structure_id)),
        (Err(trouble), _) => return Err(trouble),
    };
    if stage == Stage::Resumed {
        return change_page(&session, change, &structure, Mistakes::default());
    }
    let is_done = match change {
        Change::Refuse => structure.standing() == DirectoryStanding::Refused,
        Change::Allow => structure.standing() != DirectoryStanding::Refused,
    };
    if is_done {
        return Ok(done(change, &structure_id));
    }
    if !change.is_for(structure.standing()) {
        return Ok(page::lead(&address(&structure_id)));
    }
    let mut desk = session.desk();
    let request = structure_id.clone();
    let answer = match change {
        Change::Refuse => {
            desk.refuse_structure(session.ask(RefuseStructureRequest { structure_id: request })).await
        }
        Change::Allow => {
            desk.allow_structure(session.ask(AllowStructureRequest { structure_id: request })).await
        }
    };
    match answer {
        Ok(_) => Ok(done(change, &structure_id)),
        Err(status) => {
            let mistakes = refused::mistakes(&session, status, "directory-change-refused", |_| "raison")?;
            change_page(&session, change, &structure, mistakes)
        }
    }
}
