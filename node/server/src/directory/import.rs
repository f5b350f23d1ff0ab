//! Reading a data·inclusion v1 file: every object is checked field by field, every refusal is told, and the rest is
//! published. The same file again changes nothing.

mod fields;
mod service;
mod structure;
mod wrong;

pub use wrong::{Count, Wrong};
pub(crate) use wrong::{VALUES_SHOWN_MAX, early, shown};

use super::{Directory, DirectoryError, Published};
use fields::Fields;
use relais_domain::directory::Body;
use relais_domain::id::ServiceId;
use relais_domain::territory::Former;
use serde_json::Value;
use std::collections::BTreeSet;

/// Longest file, in bytes.
pub const IMPORT_BYTES_MAX: usize = 1_000_000;
/// Most services of one file.
pub const IMPORT_SERVICES_MAX: usize = 1_000;

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
    /// Its place in its array, from 0.
    pub index: u32,
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
    /// The place of the object in its array, from 0.
    pub index: u32,
    /// The field.
    pub field: String,
    /// The former commune.
    pub former: Former,
}

/// The two arrays of a file.
struct File {
    structures: Vec<Value>,
    services: Vec<Value>,
}

impl File {
    fn read(json: &[u8]) -> Result<Self, DirectoryError> {
        let no = |text: &str| Err(DirectoryError::File(text.to_owned()));
        if json.len() > IMPORT_BYTES_MAX {
            return no("the file is longer than 1,000,000 bytes: split it");
        }
        let value: Value = serde_json::from_slice(json).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            DirectoryError::File(format!("the file is not JSON: look at line {line}, column {column}"))
        })?;
        let file = match value {
            Value::Array(services) => Self { structures: Vec::new(), services },
            Value::Object(mut object) => Self {
                structures: array(&mut object, "structures")?,
                services: array(&mut object, "services")?,
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                return no("give an array of services, or an object with the arrays structures and services");
            }
        };
        if file.services.is_empty() && file.structures.is_empty() {
            return no("the file holds no service: give an array of services, or an object with `services`");
        }
        if file.services.len() > IMPORT_SERVICES_MAX {
            return no("the file holds more than 1,000 services: split it");
        }
        Ok(file)
    }
}

fn array(object: &mut serde_json::Map<String, Value>, name: &str) -> Result<Vec<Value>, DirectoryError> {
    match object.remove(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(entries)) => Ok(entries),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => {
            Err(DirectoryError::File(format!("`{name}` must be an array")))
        }
    }
}

/// What all objects of a file share.
#[derive(Default)]
struct Reading {
    /// The one structure the file is about.
    structure_id: Option<String>,
    ids: BTreeSet<ServiceId>,
    report: ImportReport,
}

impl Reading {
    /// Notes what is wrong with an object and what was replaced in it; gives what was read if nothing is wrong.
    fn note<T>(&mut self, index: usize, prefix: &str, fields: Fields<'_>, read: Option<T>) -> Option<T> {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let id = fields.id();
        let refused = !fields.problems.is_empty();
        let named = |field: String| format!("{prefix}{field}");
        self.report.replaced.extend(fields.replaced.into_iter().map(|(field, former)| ReplacedCode {
            index,
            field: named(field),
            former,
        }));
        self.report.refused.extend(fields.problems.into_iter().map(|(field, problem)| ImportRefusal {
            index,
            id: id.clone(),
            field: named(field),
            problem,
        }));
        read.filter(|_| !refused)
    }

    /// Checks that an object is about the structure of the file; the first one says which that is.
    fn one_structure(&mut self, fields: &mut Fields<'_>, field: &str, id: Option<&String>) {
        let Some(id) = id else { return };
        let expected = self.structure_id.get_or_insert_with(|| id.clone());
        if expected != id {
            let wrong = Wrong::OtherStructure { value: shown(id), expected: expected.clone() };
            fields.problem(field, wrong);
        }
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
    /// Publishes the services (and the structure) of a data·inclusion v1 file, JSON: an array of services, or an object
    /// with the arrays `structures` and `services`. An object that is refused keeps no other from being published.
    ///
    /// # Errors
    /// [`DirectoryError`] when the file cannot be read at all, or the store cannot.
    pub async fn import(&self, json: &[u8]) -> Result<ImportReport, DirectoryError> {
        let file = File::read(json)?;
        let mut reading = Reading::default();
        let _writing = self.writing.lock().await;
        let mut signed = Vec::new();
        for (index, value) in file.structures.iter().enumerate() {
            let mut fields = Fields::of(value);
            let profile = structure::read(&mut fields, index, &mut reading);
            let draft =
                profile.and_then(|profile| self.try_draft(&mut fields, Body::Structure(Box::new(profile))));
            if let Some(draft) = reading.note(index, "structures.", fields, draft) {
                reading.report.structure = Some(draft.published);
                signed.extend(draft.signed);
            }
        }
        for (index, value) in file.services.iter().enumerate() {
            let mut fields = Fields::of(value);
            let mut service = service::read(&mut fields, &mut reading);
            if let Some(service) = &mut service {
                // A standing offer is made at the desk: a file that says nothing of it does not take it back.
                service.walk_in = service.walk_in.take().or_else(|| self.own_walk_in(&service.id));
            }
            let draft =
                service.and_then(|service| self.try_draft(&mut fields, Body::Service(Box::new(service))));
            if let Some(draft) = reading.note(index, "", fields, draft) {
                reading.count(draft.published);
                signed.extend(draft.signed);
            }
        }
        self.commit_own(signed).await?;
        Ok(reading.report)
    }

    /// A record to publish, unless something is wrong already or no partner would accept it.
    fn try_draft(&self, fields: &mut Fields<'_>, body: Body) -> Option<super::publish::Draft> {
        if !fields.problems.is_empty() {
            return None;
        }
        self.draft(body).map_err(|error| fields.problem("", Wrong::Record(error))).ok()
    }
}
