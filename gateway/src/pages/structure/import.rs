//! Publishing services from a data·inclusion file, and what was refused of it and why.

mod problem;

use super::{Room, publish};
use crate::page::{self, Frame, MenuEntry, Mistakes, Place};
use crate::pages::refused;
use crate::trouble::Trouble;
use crate::upload::PostedFile;
use crate::visit::Session;
use askama::Template;
use axum::response::Response;
use relais_proto::desk::v1::{ImportRefusal, ImportServicesRequest, ImportServicesResponse};

/// Something said of a file: in the language of the page, or as a former node says it, in English.
#[derive(PartialEq, Eq, Debug)]
enum Said {
    Here(String),
    Sentence(String),
}

/// One service that was refused; people count from one.
struct Refused {
    /// The line of the file; empty when the node does not say.
    line: String,
    place: u32,
    service: String,
    field: String,
    problem: Said,
}

/// What became of a file.
struct Report {
    counts: Vec<String>,
    refused: Vec<Refused>,
    replaced: Vec<Said>,
}

#[derive(Template)]
#[template(path = "pages/services_import.html")]
struct ImportPage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    report: Option<Report>,
    mistakes: Mistakes,
}

fn report(session: &Session, done: ImportServicesResponse) -> Report {
    let tongue = session.tongue();
    let counts = [
        ("import-accepted", done.accepted),
        ("import-updated", done.updated),
        ("import-unchanged", done.unchanged),
    ];
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    let refused = |one: ImportRefusal| Refused {
        line: if one.line > 0 { one.line.to_string() } else { String::new() },
        place: one.index.saturating_add(1),
        service: one.service_id,
        field: one.field,
        problem: problem::said(tongue, one.coded.as_ref(), one.problem),
    };
    Report {
        counts: counts.map(|(key, count)| tongue.count(key, count.into())).collect(),
        refused: done.refused.into_iter().map(refused).collect(),
        replaced: done.replaced.into_iter().map(|one| problem::replaced(tongue, one)).collect(),
    }
}

fn import_page(session: &Session, report: Option<Report>, mistakes: Mistakes) -> Result<Response, Trouble> {
    let rooms = Room::Services.enter(session)?;
    publish(session)?;
    let title = refused::title(session.tongue(), "import-title", &mistakes);
    let frame = Frame::signed(session, Place::Structure, &title);
    let shown = ImportPage { frame, rooms, report, mistakes };
    Ok(page::render(shown.mistakes.status(), &shown))
}

/// Shows the form.
pub(crate) async fn show(session: Session) -> Result<Response, Trouble> {
    import_page(&session, None, Mistakes::default())
}

/// Publishes what a file says. What is published already like this stays as it is, however often it is sent.
pub(crate) async fn import(posted: PostedFile) -> Result<Response, Trouble> {
    let PostedFile { session, bytes } = posted;
    publish(&session)?;
    let mut mistakes = Mistakes::default();
    if bytes.is_empty() {
        mistakes.add("fichier", session.tongue().say("import-no-file"));
        return import_page(&session, None, mistakes);
    }
    match session.desk().import_services(session.ask(ImportServicesRequest { json: bytes })).await {
        Ok(done) => {
            let report = report(&session, done.into_inner());
            import_page(&session, Some(report), mistakes)
        }
        Err(status) => {
            Trouble::refused(status)?;
            mistakes.add("fichier", session.tongue().say("import-unreadable"));
            import_page(&session, None, mistakes)
        }
    }
}
