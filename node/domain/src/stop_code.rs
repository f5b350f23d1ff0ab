//! The code on a person's slip. It can do one thing: stop.
//!
//! Twelve Crockford base32 symbols, printed 4-4-4: one routing symbol (the first 5 bits of SHA-256 of the id of the
//! structure that collected the consent; several structures share each, so that it betrays none), ten secret ones, and a
//! Luhn mod 32 check symbol over the other eleven. No person, need or place is in it.
//!
//! The check notices every single mistyped symbol, and every exchange of two neighbours but `0` with `Z`.

use crate::digest::Digest;
use crate::structure_id::{StructureId, check_symbol};
use std::fmt;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Secret symbols of a code: 50 bits.
pub const SECRET_SYMBOLS: usize = 10;
/// Symbols of a code.
pub const SYMBOLS: usize = 1 + SECRET_SYMBOLS + 1;
/// Symbols of a printed group.
const GROUP: usize = 4;
/// What a symbol holds.
const SYMBOL_BITS: usize = 5;

/// One of 32 tags; several structures share each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Routing(u8);

impl Routing {
    /// The tag of a structure.
    pub fn of(structure: StructureId) -> Self {
        let [first, ..] = Digest::of(structure.as_bytes()).0;
        Self(first >> (8 - SYMBOL_BITS))
    }
}

/// A stop code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StopCode {
    routing: Routing,
    secret: [u8; SECRET_SYMBOLS],
}

/// What was mistyped. It never holds what was typed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StopCodeError {
    /// There are not twelve symbols.
    Length {
        /// How many there are; counting ends soon after twelve.
        symbols: usize,
    },
    /// A character that no code holds.
    Alphabet {
        /// Which symbol, counted from 1.
        symbol: usize,
    },
    /// The check symbol does not fit: a symbol is wrong, or two stand in each other's place.
    Check,
}

impl fmt::Display for StopCodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { symbols } if *symbols < SYMBOLS => {
                write!(f, "a code has {SYMBOLS} symbols: {} are missing", SYMBOLS - symbols)
            }
            Self::Length { .. } => write!(f, "a code has {SYMBOLS} symbols: there are too many"),
            Self::Alphabet { symbol } => {
                write!(f, "symbol {symbol} is in no code: they hold digits and letters, but never U")
            }
            Self::Check => f.write_str("a symbol is mistyped, or two were exchanged: compare with the paper"),
        }
    }
}

impl std::error::Error for StopCodeError {}

impl StopCode {
    /// The code of a structure whose secret is the first 50 bits of `digest`.
    pub fn new(structure: StructureId, digest: &Digest) -> Self {
        let bit =
            |position: usize| digest.0.get(position / 8).map_or(0, |byte| byte >> (7 - position % 8) & 1);
        let symbol = |index: usize| {
            (0..SYMBOL_BITS).fold(0, |value, offset| value << 1 | bit(index * SYMBOL_BITS + offset))
        };
        Self { routing: Routing::of(structure), secret: std::array::from_fn(symbol) }
    }

    /// Reads what was typed from paper: case, spaces and hyphens do not matter, `O` reads as 0, `I` and `L` as 1.
    ///
    /// # Errors
    /// [`StopCodeError`] says which mistake was made.
    pub fn parse(text: &str) -> Result<Self, StopCodeError> {
        let mut values = [0; SYMBOLS];
        let mut symbols = 0;
        for typed in text.chars().filter(|typed| !is_between(*typed)) {
            symbols += 1;
            let value = value_of(typed).ok_or(StopCodeError::Alphabet { symbol: symbols })?;
            let place = values.get_mut(symbols - 1).ok_or(StopCodeError::Length { symbols })?;
            *place = value;
        }
        if symbols != SYMBOLS {
            return Err(StopCodeError::Length { symbols });
        }
        let [routing, secret @ .., check] = values;
        let code = Self { routing: Routing(routing), secret };
        if code.check() == check { Ok(code) } else { Err(StopCodeError::Check) }
    }

    /// Whom it may concern.
    pub fn routing(&self) -> Routing {
        self.routing
    }

    /// The ten secret symbols' values, 0 to 31.
    pub fn secret(&self) -> &[u8; SECRET_SYMBOLS] {
        &self.secret
    }

    /// The twelve symbols.
    pub fn compact(&self) -> String {
        let values = [self.routing.0].into_iter().chain(self.secret).chain([self.check()]);
        values.map(|value| char::from(ALPHABET[usize::from(value & 31)])).collect()
    }

    /// The twelve symbols as they are printed, 4-4-4.
    pub fn printed(&self) -> String {
        let compact = self.compact();
        let groups: Vec<&str> =
            (0..SYMBOLS).step_by(GROUP).filter_map(|start| compact.get(start..start + GROUP)).collect();
        groups.join("-")
    }

    fn check(&self) -> u8 {
        let mut values = [0; 1 + SECRET_SYMBOLS];
        values[0] = self.routing.0;
        values[1..].copy_from_slice(&self.secret);
        check_symbol(&values)
    }
}

impl fmt::Debug for StopCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StopCode")
    }
}

/// What stands between symbols: spaces, and hyphens as keyboards and printers write them.
fn is_between(typed: char) -> bool {
    typed.is_whitespace() || matches!(typed, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn value_of(typed: char) -> Option<u8> {
    let upper = match typed.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|symbol| char::from(*symbol) == upper).and_then(|index| u8::try_from(index).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(seed: u8) -> StopCode {
        StopCode::new(StructureId::of_root_spki(&[seed]), &Digest::of(&[seed, 1]))
    }

    fn with(values: &[u8]) -> String {
        values.iter().map(|value| char::from(ALPHABET[usize::from(*value)])).collect()
    }

    fn values(code: &StopCode) -> Vec<u8> {
        code.compact().chars().filter_map(value_of).collect()
    }

    #[test]
    fn every_version_prints_the_same() {
        let code = StopCode::new(StructureId::of_root_spki(b"spki"), &Digest([0x5a; 32]));
        assert_eq!(code.printed(), "7B9D-5MPJ-TB9S");
        assert_eq!(code.compact(), "7B9D5MPJTB9S");
        assert_eq!(code.secret(), &[11, 9, 13, 5, 20, 22, 18, 26, 11, 9]);
        assert_eq!(code.routing(), Routing::of(StructureId::of_root_spki(b"spki")));
        assert_eq!(format!("{code:?}"), "StopCode", "it is not logged");
    }

    #[test]
    fn what_is_typed_from_paper_is_read() {
        for seed in 0..=u8::MAX {
            let code = code(seed);
            let printed = code.printed();
            assert_eq!(printed.len(), SYMBOLS + 2);
            let typed = [
                printed.to_lowercase(),
                printed.replace('-', " "),
                printed.replace('-', "\u{2013}"),
                format!(" {} ", code.compact()),
                printed.replace('0', "o").replace('1', "l"),
                printed.replace('0', "O").replace('1', "I"),
            ];
            for typed in typed {
                assert_eq!(StopCode::parse(&typed), Ok(code), "{typed}");
            }
        }
    }

    #[test]
    fn the_mistake_is_named() {
        let good = code(7).compact();
        let missing = StopCode::parse(&good[..11]).expect_err("one is missing");
        assert_eq!(missing, StopCodeError::Length { symbols: 11 });
        assert!(missing.to_string().contains("1 are missing"));
        assert_eq!(StopCode::parse(""), Err(StopCodeError::Length { symbols: 0 }));
        let long = StopCode::parse(&good.repeat(1_000)).expect_err("too many");
        assert_eq!(long, StopCodeError::Length { symbols: 13 });
        assert!(long.to_string().contains("too many"));
        for stranger in ['U', 'u', 'é', '!', '\0', '٣'] {
            let typed = format!("{}{stranger}{}", &good[..4], &good[5..]);
            let refused = StopCode::parse(&typed).expect_err("no symbol");
            assert_eq!(refused, StopCodeError::Alphabet { symbol: 5 }, "{stranger}");
            assert!(refused.to_string().contains("symbol 5"));
        }
        let mut other = values(&code(7));
        other[5] = (other[5] + 1) % 32;
        assert_eq!(StopCode::parse(&with(&other)), Err(StopCodeError::Check));
        assert!(StopCodeError::Check.to_string().contains("compare with the paper"));
    }

    #[test]
    fn several_structures_share_a_routing_symbol() {
        let tags: std::collections::BTreeSet<Routing> =
            (0..=u8::MAX).map(|seed| code(seed).routing()).collect();
        assert_eq!(tags.len(), 32);
    }

    proptest! {
        #[test]
        fn any_one_mistyped_symbol_is_noticed(
            seed: u8, digest: [u8; 32], at in 0..SYMBOLS, value in 0u8..32,
        ) {
            let code = StopCode::new(StructureId::of_root_spki(&[seed]), &Digest(digest));
            let mut typed = values(&code);
            prop_assume!(typed[at] != value);
            typed[at] = value;
            prop_assert_eq!(StopCode::parse(&with(&typed)), Err(StopCodeError::Check));
        }

        #[test]
        fn two_neighbours_exchanged_are_noticed_but_0_with_z(
            seed: u8, digest: [u8; 32], at in 0..SYMBOLS - 1,
        ) {
            let code = StopCode::new(StructureId::of_root_spki(&[seed]), &Digest(digest));
            let mut typed = values(&code);
            let (one, other) = (typed[at], typed[at + 1]);
            prop_assume!(one != other);
            typed.swap(at, at + 1);
            let blind = (one.min(other), one.max(other)) == (0, 31);
            prop_assert_eq!(StopCode::parse(&with(&typed)).is_err(), !blind);
        }

        #[test]
        fn whatever_is_typed_is_answered(text in ".{0,40}") {
            let _ = StopCode::parse(&text);
        }
    }
}
