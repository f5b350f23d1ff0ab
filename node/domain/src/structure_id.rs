//! A structure's id: the SHA-256 of its first root key, written so that a typing error is noticed.
//!
//! Text form: the 32 bytes in RFC 4648 base32 (52 symbols), a Luhn mod 32 check symbol after every 13, 56 symbols in
//! eight groups of seven. A name is a claim; this is the authenticator.

use crate::digest::Digest;
use std::fmt;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BLOCK: usize = 13;
const BLOCKS: usize = 4;

/// The id of a structure: SHA-256 of the SPKI (RFC 5280 SubjectPublicKeyInfo, DER) of its first Ed25519 root key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StructureId(Digest);

/// Why a text is not a structure id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StructureIdError {
    /// Not 56 symbols of A-Z and 2-7 (hyphens and spaces apart).
    Shape,
    /// A check symbol does not fit: one of the symbols of this group of 14 (counted from 1) was mistyped.
    Check {
        /// The group of 14 symbols, counted from 1.
        group: usize,
    },
}

impl fmt::Display for StructureIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape => f.write_str("a structure id has 56 symbols, A to Z and 2 to 7"),
            Self::Check { group } => {
                write!(f, "a symbol is mistyped in the group {group} of 14 symbols of the structure id")
            }
        }
    }
}

impl std::error::Error for StructureIdError {}

impl StructureId {
    /// The id of the structure whose first root key has this SPKI (DER).
    pub fn of_root_spki(spki: &[u8]) -> Self {
        Self(Digest::of(spki))
    }

    /// Reads the 32 bytes of an id; `None` for any other length.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Digest::from_slice(bytes).map(Self)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Reads the text form; hyphens, spaces and lower case are accepted.
    ///
    /// # Errors
    /// [`StructureIdError`] names what does not fit.
    pub fn parse(text: &str) -> Result<Self, StructureIdError> {
        let symbols: Vec<u8> = text
            .bytes()
            .filter(|b| !matches!(b, b'-' | b' '))
            .map(|b| symbol_value(b).ok_or(StructureIdError::Shape))
            .collect::<Result<_, _>>()?;
        if symbols.len() != BLOCKS * (BLOCK + 1) {
            return Err(StructureIdError::Shape);
        }
        let mut data = Vec::with_capacity(BLOCKS * BLOCK);
        for (index, block) in symbols.chunks_exact(BLOCK + 1).enumerate() {
            if check_symbol(&block[..BLOCK]) != block[BLOCK] {
                return Err(StructureIdError::Check { group: index + 1 });
            }
            data.extend_from_slice(&block[..BLOCK]);
        }
        from_symbols(&data).map(|bytes| Self(Digest(bytes))).ok_or(StructureIdError::Shape)
    }

    /// The 56 symbols without hyphens, as in certificates.
    pub fn compact(&self) -> String {
        to_symbols(self.as_bytes())
            .chunks(BLOCK)
            .flat_map(|block| block.iter().copied().chain([check_symbol(block)]))
            .map(|value| char::from(ALPHABET[usize::from(value)]))
            .collect()
    }

    /// The first group of seven symbols: enough for a table, never for a decision.
    pub fn short(&self) -> String {
        self.compact().chars().take(7).collect()
    }
}

fn symbol_value(byte: u8) -> Option<u8> {
    let upper = byte.to_ascii_uppercase();
    ALPHABET.iter().position(|symbol| *symbol == upper).and_then(|index| u8::try_from(index).ok())
}

/// Luhn mod N with N = 32 over symbol values.
pub(crate) fn check_symbol(block: &[u8]) -> u8 {
    let sum: u16 = block
        .iter()
        .rev()
        .enumerate()
        .map(|(index, value)| {
            let doubled = u16::from(*value) * if index % 2 == 0 { 2 } else { 1 };
            doubled / 32 + doubled % 32
        })
        .sum();
    u8::try_from((32 - sum % 32) % 32).unwrap_or(0)
}

fn to_symbols(bytes: &[u8; 32]) -> Vec<u8> {
    (0..BLOCKS * BLOCK)
        .map(|index| (0..5).fold(0, |value, bit| value << 1 | bit_at(bytes, index * 5 + bit)))
        .collect()
}

fn bit_at(bytes: &[u8; 32], position: usize) -> u8 {
    bytes.get(position / 8).map_or(0, |byte| byte >> (7 - position % 8) & 1)
}

fn from_symbols(symbols: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0u8; 32];
    for (index, symbol) in symbols.iter().enumerate() {
        for bit in 0..5 {
            let position = index * 5 + bit;
            let value = symbol >> (4 - bit) & 1;
            match bytes.get_mut(position / 8) {
                Some(byte) => *byte |= value << (7 - position % 8),
                None if value != 0 => return None,
                None => {}
            }
        }
    }
    Some(bytes)
}

impl fmt::Display for StructureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let compact = self.compact();
        for (index, symbol) in compact.chars().enumerate() {
            if index > 0 && index % 7 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{symbol}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for StructureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_form_comes_back() {
        for seed in 0u8..50 {
            let id = StructureId::of_root_spki(&[seed; 44]);
            assert_eq!(StructureId::parse(&id.to_string()), Ok(id));
            assert_eq!(StructureId::parse(&id.compact().to_lowercase()), Ok(id));
            assert_eq!(id.to_string().len(), 63);
        }
    }

    #[test]
    fn any_one_mistyped_symbol_is_noticed() {
        let compact = StructureId::of_root_spki(b"spki").compact();
        for index in 0..compact.len() {
            for symbol in ALPHABET.iter().map(|b| char::from(*b)) {
                let mut typed: Vec<char> = compact.chars().collect();
                if typed[index] == symbol {
                    continue;
                }
                typed[index] = symbol;
                let typed: String = typed.into_iter().collect();
                assert!(StructureId::parse(&typed).is_err(), "{typed}");
            }
        }
    }

    #[test]
    fn wrong_shapes_are_refused() {
        assert_eq!(StructureId::parse("ABC"), Err(StructureIdError::Shape));
        assert_eq!(StructureId::parse(&"1".repeat(56)), Err(StructureIdError::Shape));
    }
}
