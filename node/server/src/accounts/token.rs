//! Tokens: 32 random bytes that stand for a session, a sign-in link or an integration. The node keeps their hash only.

use crate::clock::Dice;
use relais_domain::digest::Digest;
use relais_wire::token::{self, TOKEN_BYTES};
use secrecy::SecretString;
use zeroize::Zeroizing;

/// A token in the clear: at the moment it is made, and while a call that bears it is judged.
#[derive(Clone)]
pub struct Token(Zeroizing<[u8; TOKEN_BYTES]>);

impl Token {
    /// Draws a fresh one.
    pub fn draw(dice: &Dice) -> Self {
        Self(Zeroizing::new(dice.bytes()))
    }

    /// Reads its 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// Reads its 52 symbols.
    pub fn parse(text: &str) -> Option<Self> {
        token::read(text).map(Self)
    }

    /// What is kept of it, and what it is found by. The token is random, so its plain hash tells nothing of it, and the
    /// time a search takes tells of the hash alone.
    pub fn digest(&self) -> Digest {
        Digest::of(&*self.0)
    }

    /// Its bytes, for whom it was made.
    pub fn expose(&self) -> &[u8; TOKEN_BYTES] {
        &self.0
    }

    /// Its symbols, for whom it was made.
    pub fn text(&self) -> SecretString {
        SecretString::from(token::write(&self.0).as_str())
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}
