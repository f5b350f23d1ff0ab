//! One professional: their roles, their standing, the work contact that partners learn.

use relais_domain::consent::Purpose;
use relais_domain::content::check::FieldError;
use relais_domain::content::{Content, Professional};
use relais_domain::personal::Personal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a professional may do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sends, answers, follows.
    Counsellor,
    /// The same, for the whole team.
    Coordinator,
    /// Pairs, imports, adds users. Sees no person.
    Admin,
    /// Reads the ledger and the flows. Sees no person.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Counsellor, Self::Coordinator, Self::Admin, Self::Auditor];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counsellor => "counsellor",
            Self::Coordinator => "coordinator",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }

    /// The role of a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// A professional.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct User {
    /// The name to sign in with and to show.
    pub name: String,
    /// What they may do.
    pub roles: BTreeSet<Role>,
    /// The system user whose processes are theirs; none for those who only sign in from a browser.
    #[serde(default)]
    pub uid: Option<u32>,
    /// Work name and contact, as partners learn them when this professional accepts.
    #[serde(default)]
    pub work: Option<Work>,
    /// When the user was added, ms; 0 when it was not noted.
    #[serde(default)]
    pub added_ms: i64,
    /// Since when the account is closed, ms: its owner is nobody here any more.
    #[serde(default)]
    pub closed_ms: Option<i64>,
}

impl User {
    /// A user without work contact.
    pub fn new(name: String, roles: BTreeSet<Role>, uid: Option<u32>) -> Self {
        Self { name, roles, uid, work: None, added_ms: 0, closed_ms: None }
    }

    /// Whether the account is open.
    pub fn is_open(&self) -> bool {
        self.closed_ms.is_none()
    }

    pub(super) fn administers(&self) -> bool {
        self.is_open() && self.roles.contains(&Role::Admin)
    }
}

/// What becomes of a user. What is absent stays as it is.
#[derive(Clone, Default, Debug)]
pub struct Change {
    /// What they may do from now on.
    pub roles: Option<BTreeSet<Role>>,
    /// Work name and contact.
    pub work: Option<Work>,
    /// Whether the account is open.
    pub standing: Option<Standing>,
}

/// Whether an account is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// Its owner may sign in.
    Open,
    /// Nobody may.
    Closed,
}

/// Work name and contact of a professional. They are not logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    name: String,
    contact: String,
}

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Work")
    }
}

impl Work {
    /// What is to be kept of a professional.
    ///
    /// # Errors
    /// [`FieldError`] when no partner would take it in an acceptance.
    pub fn of(professional: Professional) -> Result<Self, FieldError> {
        let content = Content { professional: Some(professional.clone()), ..Content::default() };
        content.check(Purpose::Referral)?;
        let Professional { name, contact } = professional;
        Ok(Self { name: name.into_exposed(), contact: contact.into_exposed() })
    }

    /// What partners learn.
    pub fn professional(&self) -> Professional {
        Professional { name: Personal::new(self.name.clone()), contact: Personal::new(self.contact.clone()) }
    }
}
