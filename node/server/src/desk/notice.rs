//! The notices read to a person before they agree: text files, each with an id, a language and its hash.
//!
//! `assets/notices/manifest.json` says what each file is. A text that was shown once never changes: a better one gets
//! the next version, and the former stays known by its id and its hash. A translation that no human has reviewed says
//! so. What leaves differs when the person goes there by themselves, so that referral has a notice of its own.

use super::threads::code;
use super::view::number;
use super::{Desk, answer};
use relais_domain::consent::{Notice, Purpose};
use relais_domain::content::YesNo;
use relais_domain::digest::Digest;
use relais_domain::fold::WalkIn;
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1 as peer;
use serde::Deserialize;
use std::sync::LazyLock;
use tonic::Status;

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
    "handover-3.ar.txt",
    "handover-3.en.txt",
    "handover-3.fa.txt",
    "handover-3.fr.txt",
    "handover-3.ps.txt",
    "handover-3.ru.txt",
    "handover-3.script.en.txt",
    "handover-3.script.fr.txt",
    "handover-3.ti.txt",
    "handover-3.uk.txt",
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
    "referral-3.ar.txt",
    "referral-3.en.txt",
    "referral-3.fa.txt",
    "referral-3.fr.txt",
    "referral-3.ps.txt",
    "referral-3.ru.txt",
    "referral-3.script.en.txt",
    "referral-3.script.fr.txt",
    "referral-3.ti.txt",
    "referral-3.uk.txt",
    "walk-in-1.ar.txt",
    "walk-in-1.en.txt",
    "walk-in-1.fa.txt",
    "walk-in-1.fr.txt",
    "walk-in-1.ps.txt",
    "walk-in-1.ru.txt",
    "walk-in-1.script.en.txt",
    "walk-in-1.script.fr.txt",
    "walk-in-1.ti.txt",
    "walk-in-1.uk.txt",
];

/// What the manifest says of one text. It says also in which direction the text runs, for whoever makes pages of it.
#[derive(Deserialize)]
struct Entry {
    purpose: Occasion,
    version: u32,
    language: String,
    file: String,
    sha256: String,
    reviewed: Reviewed,
    script: Option<String>,
    script_sha256: Option<String>,
}

/// What a notice is read for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Occasion {
    /// A referral that is answered.
    Referral,
    /// A referral against a standing offer: no name leaves, and nobody answers.
    WalkIn,
    /// A handover.
    Handover,
}

impl Occasion {
    /// That of an opening.
    pub(super) fn of(purpose: Purpose, walk_in: WalkIn) -> Self {
        match (purpose, walk_in) {
            (Purpose::Handover, _) => Self::Handover,
            (Purpose::Referral, WalkIn::No) => Self::Referral,
            (Purpose::Referral, WalkIn::Yes) => Self::WalkIn,
        }
    }

    /// What a consent given on it is for.
    pub(super) fn purpose(self) -> Purpose {
        match self {
            Self::Referral | Self::WalkIn => Purpose::Referral,
            Self::Handover => Purpose::Handover,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Referral => "referral",
            Self::WalkIn => "walk-in",
            Self::Handover => "handover",
        }
    }

    /// Whether what a notice of another occasion tells is true of this one. Before there was one for them, walk-in
    /// referrals were told what every referral was told: more than leaves.
    fn takes(self, other: Self) -> bool {
        self == other || (self, other) == (Self::WalkIn, Self::Referral)
    }
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
    occasion: Occasion,
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
    let occasion = entry.purpose;
    let notice = Notice {
        id: format!("{}-{}", occasion.name(), entry.version),
        language: entry.language.clone(),
        text: Digest::of(text.as_bytes()),
    };
    let reviewed = match entry.reviewed {
        Reviewed::Yes => YesNo::Yes,
        Reviewed::No => YesNo::No,
    };
    Some(Shown { notice, text, reviewed, script, occasion, version: entry.version })
}

fn text(file: &str, sha256: &str) -> Option<&'static str> {
    let (_, text) = FILES.iter().find(|(name, _)| *name == file)?;
    (Digest::from_hex(sha256) == Some(Digest::of(text.as_bytes()))).then_some(*text)
}

/// The notices of an occasion that are shown today.
fn current(occasion: Occasion) -> impl Iterator<Item = &'static Shown> {
    let of_occasion = move || NOTICES.iter().filter(move |known| known.occasion == occasion);
    let first = of_occasion().filter(|known| known.notice.language == FIRST_LANGUAGE);
    let latest = first.map(|known| known.version).max();
    of_occasion().filter(move |known| Some(known.version) == latest)
}

fn language_or_first(language: &str) -> &str {
    if language.is_empty() { FIRST_LANGUAGE } else { language }
}

/// The notice of an occasion in a language, as it is shown today; `None` when there is no such translation.
pub(super) fn notice(occasion: Occasion, language: &str) -> Option<&'static Shown> {
    let language = language_or_first(language);
    current(occasion).find(|known| known.notice.language == language)
}

/// The notice of this id, of a former version too: someone may have been shown it before the program was renewed.
pub(super) fn known(occasion: Occasion, id: &str, language: &str) -> Option<&'static Shown> {
    named(id, language).filter(|known| occasion.takes(known.occasion))
}

fn named(id: &str, language: &str) -> Option<&'static Shown> {
    let language = language_or_first(language);
    NOTICES.iter().find(|known| known.notice.id == id && known.notice.language == language)
}

/// The notice with exactly this text, of any version, as a consent says it.
fn of_text(hash: &[u8]) -> Option<&'static Shown> {
    NOTICES.iter().find(|known| known.notice.text.as_bytes() == hash)
}

/// The languages in which a notice of this occasion is shown today.
pub(super) fn languages(occasion: Occasion) -> Vec<&'static str> {
    current(occasion).map(|known| known.notice.language.as_str()).collect()
}

impl Desk {
    /// The notice that is asked for: the very one of a hash, that of an id, or the one of today.
    pub(super) fn show_notice(request: &desk::ShowNoticeRequest) -> Result<desk::NoticeView, Status> {
        let found = if !request.text_hash.is_empty() {
            of_text(&request.text_hash).ok_or_else(answer::not_there)
        } else if !request.notice_id.is_empty() {
            named(&request.notice_id, &request.language).ok_or_else(answer::not_there)
        } else {
            of_today(request)
        };
        found.map(view)
    }
}

fn of_today(request: &desk::ShowNoticeRequest) -> Result<&'static Shown, Status> {
    let purpose = code(Purpose::from_number, request.purpose, "purpose")?;
    let walk_in = match request.walk_in() {
        peer::YesNo::Yes => WalkIn::Yes,
        peer::YesNo::No | peer::YesNo::Unspecified => WalkIn::No,
    };
    let occasion = Occasion::of(purpose, walk_in);
    notice(occasion, &request.language).ok_or_else(|| no_translation("language", occasion))
}

/// A missing translation is said, never made up.
pub(super) fn no_translation(field: &str, occasion: Occasion) -> Status {
    let known = languages(occasion).join(", ");
    answer::field(field, &format!("there is no such translation; there are: {known}"))
}

fn view(shown: &Shown) -> desk::NoticeView {
    desk::NoticeView {
        notice_id: shown.notice.id.clone(),
        language: shown.notice.language.clone(),
        text: shown.text.to_owned(),
        text_hash: shown.notice.text.as_bytes().to_vec(),
        reviewed: number(shown.reviewed.number()),
        script: shown.script.to_owned(),
    }
}

#[cfg(test)]
mod tests;
