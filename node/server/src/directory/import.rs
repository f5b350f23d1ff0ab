//! Reading a data·inclusion v1 file: every object is checked field by field, every refusal is told, and the rest is
//! published. The same file again changes nothing.

use super::dump::{Broken, Dump, Entry, Kind};
use super::inclusion::{Fields, OWN, Wrong, service, shown, structure};
use super::publish::Words;
use super::{Directory, DirectoryError, Published};
use relais_domain::directory::{Body, Profile, Service};
use relais_domain::id::ServiceId;
use relais_domain::territory::Former;
use relais_store::batch::{Batch, DocumentWrite, Expected};
use relais_store::rows::Shelf;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Longest file, in bytes.
pub const IMPORT_BYTES_MAX: usize = 1_000_000;
/// Most services of one file.
pub const IMPORT_SERVICES_MAX: usize = 1_000;

/// The setting that is there once this structure has described itself in a file.
const DESCRIBED: &[u8] = b"directory/described";

/// What became of an import.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ImportReport {
    /// What became of the structure, if the file has one.
    pub structure: Option<Published>,
    /// Services published for the first time.
    pub created: u32,
    /// Services that took the place of an older version.
    pub updated: u32,
    /// Services that were published like this already.
    pub unchanged: u32,
    /// What was refused, and why: every problem of every object.
    pub refused: Vec<ImportRefusal>,
    /// Codes of former communes that were read as the present ones.
    pub replaced: Vec<ReplacedCode>,
}

/// Why an object of the file was not published.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImportRefusal {
    /// Its place in its array, or among the lines of a table, from 0.
    pub index: u32,
    /// The line of the file it begins on, from 1.
    pub line: u64,
    /// Its id in the file; empty when it has none that can be read.
    pub id: String,
    /// The field, as data·inclusion names it; of a structure, after `structures.`.
    pub field: String,
    /// What is wrong with it; its words say what to do.
    pub problem: Wrong,
}

/// A former commune that was read as the present one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplacedCode {
    /// The place of the object in its array, or among the lines of a table, from 0.
    pub index: u32,
    /// The line of the file it begins on, from 1.
    pub line: u64,
    /// The field.
    pub field: String,
    /// The former commune.
    pub former: Former,
}

/// The objects of a file, structures first.
fn entries(file: &[u8]) -> Result<Vec<Entry>, DirectoryError> {
    let no = |text: &str| Err(DirectoryError::File(text.to_owned()));
    if file.len() > IMPORT_BYTES_MAX {
        return no("the file is longer than 1,000,000 bytes: split it");
    }
    let mut dump = Dump::default();
    let read = dump.feed(file).and_then(|mut entries| {
        entries.extend(dump.end()?);
        Ok(entries)
    });
    let mut entries = read.map_err(|error| DirectoryError::File(error.to_string()))?;
    if entries.iter().all(|entry| entry.read.as_ref().is_ok_and(|(_, object)| is_around(object))) {
        return no(
            "the file holds no service: give an array of services, or an object with the array `services`",
        );
    }
    if entries.len() > IMPORT_SERVICES_MAX + 1
        || entries.iter().filter(|one| !one.is_structure()).count() > IMPORT_SERVICES_MAX
    {
        return no("the file holds more than 1,000 services: split it");
    }
    entries.sort_by_key(|entry| !entry.is_structure());
    Ok(entries)
}

/// Whether an object is none of a file's but the one around them, its arrays missing.
fn is_around(object: &Map<String, Value>) -> bool {
    !["id", "nom", "source", "structure_id"].iter().any(|field| object.contains_key(*field))
}

/// What all objects of a file share.
#[derive(Default)]
struct Reading {
    /// The one structure the file is about.
    structure_id: Option<String>,
    /// The id by which this structure was described before.
    described_as: Option<String>,
    ids: BTreeSet<ServiceId>,
    structures: u32,
    report: ImportReport,
}

/// Where an object stands in a file.
struct Place {
    line: u64,
    index: u32,
    prefix: &'static str,
}

impl Place {
    fn of(entry: &Entry) -> Self {
        let prefix = if entry.is_structure() { "structures." } else { "" };
        Self { line: entry.line, index: entry.index, prefix }
    }
}

impl Reading {
    /// Notes what is wrong with an object and what was replaced in it; gives what was read if nothing is wrong.
    fn note<T>(&mut self, place: &Place, fields: Fields<'_>, read: Option<T>) -> Option<T> {
        let Place { line, index, prefix } = *place;
        let id = fields.id();
        let refused = !fields.problems.is_empty();
        let named = |field: String| format!("{prefix}{field}");
        let replaced = fields.replaced.into_iter();
        let replaced =
            replaced.map(|(field, former)| ReplacedCode { index, line, field: named(field), former });
        self.report.replaced.extend(replaced);
        let problems = fields.problems.into_iter();
        let problems = problems.map(|(field, problem)| ImportRefusal {
            index,
            line,
            id: id.clone(),
            field: named(field),
            problem,
        });
        self.report.refused.extend(problems);
        read.filter(|_| !refused)
    }

    /// Notes an object that cannot be read at all.
    fn broken(&mut self, place: &Place, broken: Broken) {
        let Place { line, index, .. } = *place;
        let problem = Wrong::Broken(broken);
        let refusal = ImportRefusal { index, line, id: String::new(), field: String::new(), problem };
        self.report.refused.push(refusal);
    }

    /// Checks that an object is about the structure of the file; the first one says which that is.
    fn one_structure(&mut self, fields: &mut Fields<'_>, field: &str) {
        let Some(id) = fields.glance(field) else { return };
        let expected = self.structure_id.get_or_insert_with(|| id.to_owned());
        if expected != id {
            let wrong = Wrong::OtherStructure { value: shown(id), expected: expected.clone() };
            fields.problem(field, wrong);
        }
    }

    /// Checks that a description is of the structure that publishes: who imports another's file by mistake would speak in
    /// its name. A structure whose id has changed has its name or its SIRET still.
    fn own_structure(&mut self, fields: &mut Fields<'_>, described: &Profile, published: Option<&Profile>) {
        let (Some(expected), Some(id)) = (&self.described_as, fields.glance("id")) else { return };
        // Where nothing is said of it any more, whoever describes it begins anew.
        let is_another = published.is_some_and(|published| {
            let same_siret = described.siret.is_some() && described.siret == published.siret;
            !same_siret && described.name != published.name
        });
        if expected != id && is_another {
            let wrong = Wrong::NotOwnStructure { value: shown(id), expected: expected.clone() };
            return fields.problem("id", wrong);
        }
        self.described_as = Some(id.to_owned());
    }

    /// Checks that a service is of the structure that publishes, as far as a file has described it.
    fn own_service(&self, fields: &mut Fields<'_>) {
        let (Some(expected), Some(id)) = (&self.described_as, fields.glance("structure_id")) else { return };
        if expected != id {
            let wrong = Wrong::NotOwnStructure { value: shown(id), expected: expected.clone() };
            fields.problem("structure_id", wrong);
        }
    }

    /// The structure of an object, if it is the one of the file.
    fn structure(&mut self, fields: &mut Fields<'_>) -> Option<Profile> {
        let described = structure::read(fields);
        self.structures += 1;
        if self.structures > 1 {
            fields.problem("", Wrong::SecondStructure);
        }
        self.one_structure(fields, "id");
        described.map(|described| described.profile)
    }

    /// The service of an object, if it is the structure's and the first of its id.
    fn service(&mut self, fields: &mut Fields<'_>) -> Option<Service> {
        let service = service::read(fields).map(|offered| offered.service);
        if service.as_ref().is_some_and(|service| !self.ids.insert(service.id.clone())) {
            fields.problem("id", Wrong::ServiceTwice);
        }
        self.one_structure(fields, "structure_id");
        if fields.problems.is_empty() {
            self.own_service(fields);
        }
        service
    }

    fn count(&mut self, published: Published) {
        match published {
            Published::Created => self.report.created += 1,
            Published::Updated => self.report.updated += 1,
            Published::Unchanged => self.report.unchanged += 1,
        }
    }
}

impl Directory {
    /// Publishes the services (and the structure) of a data·inclusion v1 file: JSON (an array of services, or an object
    /// with the arrays `structures` and `services`), JSON Lines, or CSV. An object that is refused keeps no other from
    /// being published.
    ///
    /// # Errors
    /// [`DirectoryError`] when the file cannot be read at all, or the store cannot.
    pub async fn import(&self, file: &[u8]) -> Result<ImportReport, DirectoryError> {
        let entries = entries(file)?;
        let _writing = self.writing.lock().await;
        let mut reading = Reading { described_as: self.described_as().await?, ..Reading::default() };
        let mut signed = Vec::new();
        for entry in entries {
            let place = Place::of(&entry);
            match entry.read {
                Err(broken) => reading.broken(&place, broken),
                Ok((Kind::Structure, object)) => {
                    let mut fields = Fields::of_object(&object, &OWN);
                    let profile = reading.structure(&mut fields);
                    if let Some(profile) = &profile {
                        reading.own_structure(
                            &mut fields,
                            profile,
                            self.profile(self.own.structure()).as_ref(),
                        );
                    }
                    let draft = profile
                        .and_then(|profile| self.try_draft(&mut fields, Body::Structure(Box::new(profile))));
                    if let Some(draft) = reading.note(&place, fields, draft) {
                        reading.report.structure = Some(draft.published);
                        signed.extend(draft.signed);
                    }
                }
                Ok((Kind::Service, object)) => {
                    let mut fields = Fields::of_object(&object, &OWN);
                    let draft = self.draft_service(&mut reading, &mut fields);
                    if let Some(draft) = reading.note(&place, fields, draft) {
                        reading.count(draft.published);
                        signed.extend(draft.signed);
                    }
                }
            }
        }
        if let (Some(_), Some(id)) = (reading.report.structure, &reading.structure_id) {
            self.note_described(id).await?;
        }
        self.commit_own(signed, Words::Said).await?;
        Ok(reading.report)
    }

    /// The id by which a file described this structure last; `None` when none did, or before ids were noted.
    async fn described_as(&self) -> Result<Option<String>, DirectoryError> {
        let noted = self.store.document(Shelf::Setting, DESCRIBED).await?;
        Ok(noted.and_then(|noted| String::from_utf8(noted.body).ok()).filter(|id| !id.is_empty()))
    }

    /// Notes that this structure describes itself in a file, by this id, so that no start says less of it and no other file
    /// takes its place.
    async fn note_described(&self, id: &str) -> Result<(), DirectoryError> {
        if self.described_as().await?.is_none_or(|known| known != id) {
            let (key, body) = (DESCRIBED.to_vec(), Some(id.as_bytes().to_vec()));
            let write = DocumentWrite { shelf: Shelf::Setting, key, expected_version: Expected::Any, body };
            self.store.commit(Batch { documents: vec![write], ..Batch::default() }).await?;
        }
        Ok(())
    }

    /// Whether this structure has described itself in a file, and what it said is held.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn is_described(&self) -> Result<bool, DirectoryError> {
        let noted = self.store.document(Shelf::Setting, DESCRIBED).await?.is_some();
        Ok(noted && self.profile(self.own.structure()).is_some())
    }

    fn draft_service(&self, reading: &mut Reading, fields: &mut Fields<'_>) -> Option<super::publish::Draft> {
        let mut service = reading.service(fields)?;
        // A standing offer is made at the desk: a file that says nothing of it does not take it back.
        service.walk_in = service.walk_in.take().or_else(|| self.own_walk_in(&service.id));
        self.try_draft(fields, Body::Service(Box::new(service)))
    }

    /// A record to publish, unless something is wrong already or no partner would accept it.
    fn try_draft(&self, fields: &mut Fields<'_>, body: Body) -> Option<super::publish::Draft> {
        if !fields.problems.is_empty() {
            return None;
        }
        self.draft(body).map_err(|error| fields.problem("", Wrong::Record(error))).ok()
    }
}
