//! Markers: words that occur nowhere else, and every way in which one could lie in a file.

use aho_corasick::AhoCorasick;
use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Letters of a marker: no vowel, so that none is a word; no digit, so that none is a number.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz";
/// Letters of one marker.
const LENGTH: usize = 16;

/// The marker of this number: sixteen letters, unlike those of other numbers.
pub fn marker(number: u32) -> String {
    // A fixed walk (splitmix64), so that a marker found in a file can be told again.
    let mut state = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x1234_5678_9abc_def1);
    let mut letter = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let place = usize::try_from((mixed ^ (mixed >> 31)) % 20).unwrap_or(0);
        char::from(LETTERS[place])
    };
    (0..LENGTH).map(|_| letter()).collect()
}

/// How a marker was written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Encoding {
    /// As it is.
    Utf8,
    /// Two bytes a letter, the low one first.
    Utf16Le,
    /// Two bytes a letter, the high one first.
    Utf16Be,
    /// Base64, beginning at this many bytes into a group of three.
    Base64(u8),
    /// Hexadecimal, small letters.
    HexLower,
    /// Hexadecimal, capitals.
    HexUpper,
}

/// Every encoding that is searched.
pub const ENCODINGS: [Encoding; 8] = [
    Encoding::Utf8,
    Encoding::Utf16Le,
    Encoding::Utf16Be,
    Encoding::Base64(0),
    Encoding::Base64(1),
    Encoding::Base64(2),
    Encoding::HexLower,
    Encoding::HexUpper,
];

/// The bytes that stand in a file when `text` lies there in this encoding, whatever stands around it.
pub fn encoded(text: &str, encoding: Encoding) -> Vec<u8> {
    let hex = |upper: bool| -> Vec<u8> {
        let digits: &[u8; 16] = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
        text.bytes().flat_map(|b| [digits[usize::from(b >> 4)], digits[usize::from(b & 15)]]).collect()
    };
    match encoding {
        Encoding::Utf8 => text.as_bytes().to_vec(),
        Encoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Encoding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Encoding::Base64(before) => base64_within(text.as_bytes(), usize::from(before)),
        Encoding::HexLower => hex(false),
        Encoding::HexUpper => hex(true),
    }
}

/// The base64 symbols that depend on `bytes` alone when `before` other bytes stand before them in their group.
fn base64_within(bytes: &[u8], before: usize) -> Vec<u8> {
    const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(bytes.iter().copied()).collect();
    let bit = |index: usize| padded.get(index / 8).map_or(0, |byte| byte >> (7 - index % 8) & 1);
    let (first, last) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
    let symbol = |place: usize| {
        let value = (0..6).fold(0, |value, offset| value << 1 | usize::from(bit(place * 6 + offset)));
        SYMBOLS[value]
    };
    (first..last).map(symbol).collect()
}

/// A marker that was found.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Found {
    /// Number of the marker.
    pub number: u32,
    /// How it was written.
    pub encoding: Encoding,
    /// Where.
    pub place: PathBuf,
    /// At which byte.
    pub offset: usize,
}

/// What is searched for: all markers in all encodings, at one walk over the bytes.
#[derive(Clone, Debug)]
pub struct Search {
    automaton: AhoCorasick,
    /// Number and encoding of each pattern.
    patterns: Vec<(u32, Encoding)>,
}

impl Search {
    /// Searches for the markers of these numbers.
    ///
    /// # Panics
    /// There are too many.
    pub fn for_markers(numbers: impl IntoIterator<Item = u32>) -> Self {
        let pairs = |number| ENCODINGS.into_iter().map(move |encoding| (number, encoding));
        let patterns: Vec<(u32, Encoding)> = numbers.into_iter().flat_map(pairs).collect();
        let needles = patterns.iter().map(|(number, encoding)| encoded(&marker(*number), *encoding));
        let automaton = AhoCorasick::new(needles).expect("fewer patterns than fit");
        Self { automaton, patterns }
    }

    /// Every marker in these bytes.
    pub fn in_bytes(&self, bytes: &[u8], place: &Path) -> Vec<Found> {
        let matches = self.automaton.find_overlapping_iter(bytes).map(|one| {
            let (number, encoding) = self.patterns[one.pattern().as_usize()];
            Found { number, encoding, place: place.to_owned(), offset: one.start() }
        });
        matches.collect()
    }

    /// Every marker in every file under `folder`.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn in_folder(&self, folder: &Path) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        for path in files(folder)? {
            let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
            found.extend(self.in_bytes(&bytes, &path));
            let name = path.to_string_lossy().into_owned();
            found.extend(self.in_bytes(name.as_bytes(), &path));
        }
        Ok(found)
    }
}

/// Every regular file under `folder`.
///
/// # Errors
/// A folder cannot be read.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            all.extend(files(&entry.path())?);
        } else if kind.is_file() {
            all.push(entry.path());
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn markers_are_unlike() {
        let all: BTreeSet<String> = (0..2_000).map(marker).collect();
        assert_eq!(all.len(), 2_000);
        assert!(all.iter().all(|one| one.len() == LENGTH));
    }

    #[test]
    fn base64_is_found_wherever_it_begins() {
        // "abcdef" is YWJjZGVm; with one byte before, eGFiY2RlZg==; with two, eHhhYmNkZWY=.
        assert_eq!(encoded("abcdef", Encoding::Base64(0)), b"YWJjZGVm");
        assert_eq!(encoded("abcdef", Encoding::Base64(1)), b"FiY2RlZ");
        assert_eq!(encoded("abcdef", Encoding::Base64(2)), b"hYmNkZW");
    }

    #[test]
    fn every_encoding_is_found_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let search = Search::for_markers(0..500);
        for (number, encoding) in (0_u32..).zip(ENCODINGS) {
            let mut bytes = vec![0x41; 777];
            bytes.extend(encoded(&marker(number + 100), encoding));
            bytes.extend([0x42; 99]);
            fs::write(folder.path().join(number.to_string()), bytes).unwrap();
        }
        let mut found: Vec<_> = search.in_folder(folder.path()).unwrap();
        found.sort();
        let expected: Vec<_> = (100_u32..).zip(ENCODINGS).collect();
        assert_eq!(found.iter().map(|one| (one.number, one.encoding)).collect::<Vec<_>>(), expected);
    }
}
