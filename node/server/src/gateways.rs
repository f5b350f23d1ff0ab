//! Gateways on other machines: which CA vouches for them, which credentials were given out, and the door they come
//! through.
//!
//! Threat: the machine of a gateway stands nearer to the internet than the node and may be lost first. So it holds no key
//! of the node; what it holds opens the Desk and nothing among partners, runs out by itself, and can be taken back in
//! seconds. Whoever comes through this door is nobody until a session or an integration speaks for them.

mod door;
mod roll;
mod verify;

pub use door::{GATEWAYS_CONNECTIONS_MAX, GatewayInfo};
pub(crate) use door::{GatewayDoor, serve_gateways};
pub use roll::{GATEWAYS_MAX, Given, Roll};

use crate::clock::Dice;
use crate::home::{DeskLock, Home, HomeError};
use crate::tls::{CaError, Credentials, DeskCa, Serial, structure_of_ca};
use relais_domain::time::{Span, Timestamp};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Why nothing can be done about gateways.
#[derive(Debug, thiserror::Error)]
pub enum GatewaysError {
    /// The folder.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The CA for gateways.
    #[error(transparent)]
    Ca(#[from] CaError),
    /// The roll is none.
    #[error(
        "{0}: is no roll of gateways; restore it from your backup, or remove it and give every gateway new credentials"
    )]
    Roll(PathBuf),
    /// No credentials bear this serial number.
    #[error("no gateway was given credentials of this serial number; `relais gateway list` shows them")]
    Unknown,
    /// Too many are in use.
    #[error("{GATEWAYS_MAX} credentials are in use; take some back first")]
    TooMany,
}

/// What vouches for a structure's gateways.
#[derive(Debug)]
pub struct Gateways {
    ca: DeskCa,
    roll: Roll,
}

impl Gateways {
    /// Those of the node in this folder, whether it runs or not; the Desk CA is made the first time.
    ///
    /// # Errors
    /// [`GatewaysError`].
    pub fn open(home: &Home) -> Result<Self, GatewaysError> {
        let alone = home.lock_desk()?;
        Ok(Self { ca: desk_ca(home, &alone)?, roll: Roll::of(home) })
    }

    /// Makes the credentials of one gateway and takes them into the roll.
    ///
    /// # Errors
    /// [`GatewaysError`]; nothing was given.
    pub fn give(&self, now: Timestamp, lifetime: Span, dice: &Dice) -> Result<Credentials, GatewaysError> {
        let credentials = self.ca.issue_credentials(Serial::draw(dice), now, lifetime)?;
        self.roll.add(Given::new(&credentials, now), now)?;
        Ok(credentials)
    }

    /// The CA.
    pub(crate) fn ca(&self) -> &DeskCa {
        &self.ca
    }

    /// The roll.
    pub fn roll(&self) -> &Roll {
        &self.roll
    }
}

fn desk_ca(home: &Home, alone: &DeskLock) -> Result<DeskCa, GatewaysError> {
    let structure = structure_of_ca(&home.ca_certificate()?)?;
    if let Some(bytes) = home.desk_ca(alone)? {
        let text = std::str::from_utf8(&bytes).map_err(|_| CaError::Mismatch)?;
        return Ok(DeskCa::from_pem(structure, Zeroizing::new(text.to_owned()))?);
    }
    let made = DeskCa::generate(structure)?;
    home.write_desk_ca(alone, made.pem())?;
    Ok(made)
}

#[cfg(test)]
mod tests;
