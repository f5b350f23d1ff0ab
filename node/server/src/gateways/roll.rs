//! The roll: which credentials were given out and which were taken back. Only what stands in it comes in, so that a lost
//! or older roll shuts out, and never lets in.

use super::GatewaysError;
use crate::home::Home;
use crate::tls::{Credentials, Serial};
use relais_domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// Most credentials in use at once.
pub const GATEWAYS_MAX: usize = 64;
/// How long what has run out stays on the roll.
const KEPT_AFTER_END: Span = Span::days(90);
/// Most entries, in use or not.
const ENTRIES_MAX: usize = 1_000;

/// One gateway's entry.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Given {
    serial: String,
    given_ms: i64,
    until_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked_ms: Option<i64>,
}

impl Given {
    pub(super) fn new(credentials: &Credentials, now: Timestamp) -> Self {
        let serial = credentials.serial.to_string();
        Self { serial, given_ms: now.0, until_ms: credentials.until.0, revoked_ms: None }
    }

    /// The serial number, as it is typed.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// When it was given.
    pub fn given(&self) -> Timestamp {
        Timestamp(self.given_ms)
    }

    /// When it runs out.
    pub fn until(&self) -> Timestamp {
        Timestamp(self.until_ms)
    }

    /// When it was taken back, if it was.
    pub fn revoked(&self) -> Option<Timestamp> {
        self.revoked_ms.map(Timestamp)
    }

    /// Whether it opens the Desk at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.revoked_ms.is_none() && now <= self.until()
    }
}

/// The roll of one node's folder. It is read anew each time it is asked.
#[derive(Clone, Debug)]
pub struct Roll {
    home: Home,
}

impl Roll {
    /// The roll of this folder.
    pub fn of(home: &Home) -> Self {
        Self { home: home.clone() }
    }

    /// Every entry, the oldest first.
    ///
    /// # Errors
    /// [`GatewaysError`] when it cannot be read.
    pub fn entries(&self) -> Result<Vec<Given>, GatewaysError> {
        let text = self.home.read_gateway_roll()?;
        if text.is_empty() {
            return Ok(Vec::new());
        }
        serde_json::from_str(&text).map_err(|_| GatewaysError::Roll(self.home.gateway_roll()))
    }

    /// Takes credentials back: whoever bears them is sent away within seconds. Doing it twice changes nothing.
    ///
    /// # Errors
    /// [`GatewaysError`].
    pub fn revoke(&self, serial: Serial, now: Timestamp) -> Result<Given, GatewaysError> {
        let alone = self.home.lock_desk()?;
        let mut entries = self.entries()?;
        let entry = entries.iter_mut().find(|entry| entry.serial == serial.to_string());
        let entry = entry.ok_or(GatewaysError::Unknown)?;
        entry.revoked_ms = entry.revoked_ms.or(Some(now.0));
        let entry = entry.clone();
        self.home.write_gateway_roll(&alone, &written(&entries))?;
        Ok(entry)
    }

    pub(super) fn add(&self, given: Given, now: Timestamp) -> Result<(), GatewaysError> {
        let alone = self.home.lock_desk()?;
        let mut entries = self.entries()?;
        entries.retain(|entry| now <= entry.until().plus(KEPT_AFTER_END));
        let in_use = entries.iter().filter(|entry| entry.holds(now)).count();
        if in_use >= GATEWAYS_MAX || entries.len() >= ENTRIES_MAX {
            return Err(GatewaysError::TooMany);
        }
        entries.push(given);
        Ok(self.home.write_gateway_roll(&alone, &written(&entries))?)
    }

    /// Whether credentials of this serial number were given out and not taken back. When the roll cannot be read, none
    /// were.
    pub(super) fn admits(&self, serial: Serial) -> bool {
        match self.entries() {
            Ok(entries) => {
                entries.iter().any(|entry| entry.revoked_ms.is_none() && entry.serial == serial.to_string())
            }
            Err(error) => {
                tracing::error!(%error, "No gateway is let in");
                false
            }
        }
    }
}

fn written(entries: &[Given]) -> String {
    serde_json::to_string_pretty(entries).expect("numbers and short texts are JSON")
}
