//! The notices read to a person before they agree: text files, each with an id, a language and its hash.
//!
//! `assets/notices/manifest.json` says what each file is. A text that was shown once never changes: a better one gets
//! the next version, and the former stays known. A translation that no human has reviewed says so.

use relais_domain::consent::{Notice, Purpose};
use relais_domain::content::YesNo;
use relais_domain::digest::Digest;
use serde::Deserialize;
use std::sync::LazyLock;

/// The language that a notice is written in first; the others translate it.
const FIRST_LANGUAGE: &str = "fr";

const MANIFEST: &str = include_str!("../../assets/notices/manifest.json");

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../assets/notices/", $name)))),+]
    };
}

/// Every text, by its file's name.
const FILES: &[(&str, &str)] = files![
    "handover-1.en.txt",
    "handover-1.fr.txt",
    "handover-2.ar.txt",
    "handover-2.en.txt",
    "handover-2.fa.txt",
    "handover-2.fr.txt",
    "handover-2.ps.txt",
    "handover-2.ru.txt",
    "handover-2.script.en.txt",
    "handover-2.script.fr.txt",
    "handover-2.ti.txt",
    "handover-2.uk.txt",
    "referral-1.en.txt",
    "referral-1.fr.txt",
    "referral-2.ar.txt",
    "referral-2.en.txt",
    "referral-2.fa.txt",
    "referral-2.fr.txt",
    "referral-2.ps.txt",
    "referral-2.ru.txt",
    "referral-2.script.en.txt",
    "referral-2.script.fr.txt",
    "referral-2.ti.txt",
    "referral-2.uk.txt",
];

/// What the manifest says of one text. It says also in which direction the text runs, for whoever makes pages of it.
#[derive(Deserialize)]
struct Entry {
    purpose: Of,
    version: u32,
    language: String,
    file: String,
    sha256: String,
    reviewed: Reviewed,
    script: Option<String>,
    script_sha256: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Of {
    Referral,
    Handover,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Reviewed {
    Yes,
    No,
}

/// A notice with its text.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// What a consent says of it.
    pub(super) notice: Notice,
    /// The exact text.
    pub(super) text: &'static str,
    /// Whether a speaker of the language has reviewed it.
    pub(super) reviewed: YesNo,
    /// What is read aloud; empty where none is written yet.
    pub(super) script: &'static str,
    purpose: Purpose,
    version: u32,
}

static NOTICES: LazyLock<Vec<Shown>> = LazyLock::new(|| entries().iter().filter_map(shown).collect());

fn entries() -> Vec<Entry> {
    serde_json::from_str(MANIFEST).expect("the manifest is part of the program, and a test reads it")
}

/// The notice of an entry; `None` when a file is not there or is another than the manifest names.
fn shown(entry: &Entry) -> Option<Shown> {
    let text = text(&entry.file, &entry.sha256)?;
    let script = match (&entry.script, &entry.script_sha256) {
        (None, None) => "",
        (Some(file), Some(hash)) => self::text(file, hash)?,
        (Some(_), None) | (None, Some(_)) => return None,
    };
    let purpose = match entry.purpose {
        Of::Referral => Purpose::Referral,
        Of::Handover => Purpose::Handover,
    };
    let notice = Notice {
        id: format!("{}-{}", purpose.as_str(), entry.version),
        language: entry.language.clone(),
        text: Digest::of(text.as_bytes()),
    };
    let reviewed = match entry.reviewed {
        Reviewed::Yes => YesNo::Yes,
        Reviewed::No => YesNo::No,
    };
    Some(Shown { notice, text, reviewed, script, purpose, version: entry.version })
}

fn text(file: &str, sha256: &str) -> Option<&'static str> {
    let (_, text) = FILES.iter().find(|(name, _)| *name == file)?;
    (Digest::from_hex(sha256) == Some(Digest::of(text.as_bytes()))).then_some(*text)
}

/// The notices of a purpose that are shown today.
fn current(purpose: Purpose) -> impl Iterator<Item = &'static Shown> {
    let of_purpose = move || NOTICES.iter().filter(move |known| known.purpose == purpose);
    let first = of_purpose().filter(|known| known.notice.language == FIRST_LANGUAGE);
    let latest = first.map(|known| known.version).max();
    of_purpose().filter(move |known| Some(known.version) == latest)
}

fn language_or_first(language: &str) -> &str {
    if language.is_empty() { FIRST_LANGUAGE } else { language }
}

/// The notice of a purpose in a language, as it is shown today; `None` when there is no such translation.
pub(super) fn notice(purpose: Purpose, language: &str) -> Option<&'static Shown> {
    let language = language_or_first(language);
    current(purpose).find(|known| known.notice.language == language)
}

/// The notice of this id, of a former version too: someone may have been shown it before the program was renewed.
pub(super) fn known(purpose: Purpose, id: &str, language: &str) -> Option<&'static Shown> {
    let language = language_or_first(language);
    let mut of_purpose = NOTICES.iter().filter(|known| known.purpose == purpose);
    of_purpose.find(|known| known.notice.id == id && known.notice.language == language)
}

/// The languages in which a notice of this purpose is shown today.
pub(super) fn languages(purpose: Purpose) -> Vec<&'static str> {
    current(purpose).map(|known| known.notice.language.as_str()).collect()
}

#[cfg(test)]
mod tests;
