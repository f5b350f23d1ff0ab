//! What partners brought and was not taken: how much, why in words, and what to do about it.

use crate::pages::thread::Teller;
use relais_proto::desk::v1::DirectoryCarrier;
use std::collections::BTreeMap;

/// Most lines of each kind.
const TOLD_MAX: usize = 20;
/// How the node's codes begin.
const CODE: &str = "directory_";

/// Why something was not taken; what concerns an admin most comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Why {
    /// It is not signed by whom it says.
    Forged,
    /// It cannot be read, or breaks the rules of the directory.
    Unreadable,
    /// A structure signed two manifests that exclude each other.
    Rival,
    /// It is a record of this structure that the node did not know any more.
    Returned,
    /// It is signed with a key of this structure, and no node of it said so.
    Ahead,
    /// The partner asks more than it may.
    Insistent,
    /// It is dated ahead of this node's clock.
    Early,
    /// As much is held as may be.
    Full,
    /// It is out of date.
    Late,
    /// It is not kept here.
    Unwanted,
    /// It came by halves, or too often; it is asked for again.
    Halves,
    /// Another version of the program wrote it.
    Version,
    /// A reason that this program does not know.
    Other,
}

impl Why {
    /// The reason of a node's code; `None` for what is told of the structure itself.
    fn of(code: &str) -> Option<Self> {
        Some(match code.strip_prefix(CODE).unwrap_or(code) {
            "conflicting" | "equivocation" => return None,
            "bad_signature" | "foreign" | "bad_manifest" => Self::Forged,
            "unreadable" | "too_big" | "lifetime" | "backdated" | "long_chain" => Self::Unreadable,
            "compare_unasked" | "compare_limit" | "compare_unreadable" | "wanted_limit" => Self::Insistent,
            "future" => Self::Early,
            "manifest_conflict" => Self::Rival,
            "returned" => Self::Returned,
            "ahead" => Self::Ahead,
            "full" | "share" | "chains_full" => Self::Full,
            "older" | "expired" | "old_manifest" | "former_root" => Self::Late,
            "unknown" => Self::Version,
            "declined" | "outside" | "own" => Self::Unwanted,
            "no_manifest" | "wanted_unknown" | "bytes" | "compare_too_soon" | "compare_unending"
            | "churn" | "carrier_churn" => Self::Halves,
            _ => Self::Other,
        })
    }

    /// The key of how much it was; of those that ask for something, `…-do` is the key of what.
    const fn key(self) -> &'static str {
        match self {
            Self::Forged => "directory-not-taken-forged",
            Self::Unreadable => "directory-not-taken-unreadable",
            Self::Rival => "directory-not-taken-rival",
            Self::Returned => "directory-not-taken-returned",
            Self::Ahead => "directory-not-taken-ahead",
            Self::Insistent => "directory-not-taken-insistent",
            Self::Early => "directory-not-taken-early",
            Self::Full => "directory-not-taken-full",
            Self::Late => "directory-not-taken-late",
            Self::Unwanted => "directory-not-taken-unwanted",
            Self::Halves => "directory-not-taken-halves",
            Self::Version => "directory-not-taken-version",
            Self::Other => "directory-not-taken-other",
        }
    }

    /// Whether someone has to do something about it.
    const fn is_alarming(self) -> bool {
        match self {
            Self::Forged
            | Self::Unreadable
            | Self::Rival
            | Self::Returned
            | Self::Ahead
            | Self::Insistent
            | Self::Early
            | Self::Full => true,
            Self::Late | Self::Unwanted | Self::Halves | Self::Version | Self::Other => false,
        }
    }
}

/// One partner and one reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Told {
    /// Who brought it.
    pub(super) peer: String,
    /// How much, why, and when last.
    pub(super) words: String,
    /// What to do about it; empty for nothing.
    pub(super) advice: String,
}

/// What was not taken: what asks for something, and what does not.
pub(super) fn told(teller: &Teller<'_>, carriers: &[DirectoryCarrier]) -> (Vec<Told>, Vec<Told>) {
    let (mut alarming, mut harmless) = (Vec::new(), Vec::new());
    for carrier in carriers {
        let mut counts: BTreeMap<Why, (u64, i64)> = BTreeMap::new();
        for refusal in &carrier.refusals {
            let Some(why) = Why::of(&refusal.code) else { continue };
            let (count, last) = counts.entry(why).or_default();
            *count = count.saturating_add(refusal.count);
            *last = refusal.last_ms.max(*last);
        }
        for (why, (count, last)) in counts {
            let one = one(teller, carrier, why, count, last);
            if why.is_alarming() { alarming.push((why, one)) } else { harmless.push((why, one)) }
        }
    }
    let first = |mut all: Vec<(Why, Told)>| {
        all.sort_by_key(|(why, _)| *why);
        all.into_iter().take(TOLD_MAX).map(|(_, told)| told).collect()
    };
    (first(alarming), first(harmless))
}

fn one(teller: &Teller<'_>, carrier: &DirectoryCarrier, why: Why, count: u64, last: i64) -> Told {
    let what = teller.tongue.count(why.key(), count);
    let when = teller.distance(last);
    Told {
        peer: if carrier.name.is_empty() { teller.say("directory-unnamed") } else { carrier.name.clone() },
        words: teller.with("directory-not-taken", &[("what", &what), ("when", &when)]),
        advice: if why.is_alarming() { teller.say(&format!("{}-do", why.key())) } else { String::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tongue::{Language, Tongue};
    use crate::when::Calendar;
    use jiff::Timestamp;
    use relais_proto::desk::v1::DirectoryRefusals;
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    /// Every code under which the node counts what it did not take, as they stand in its source.
    fn codes() -> BTreeSet<String> {
        let mut folders = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/../node/server/src").into()];
        let mut codes = BTreeSet::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir::<PathBuf>(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = std::fs::read_to_string(path).unwrap();
                    let quoted = text.split('"').skip(1).step_by(2).filter_map(|one| one.strip_prefix(CODE));
                    let is_code = |one: &&str| {
                        !one.is_empty() && one.chars().all(|sign| sign.is_ascii_lowercase() || sign == '_')
                    };
                    codes.extend(quoted.filter(is_code).map(str::to_owned));
                }
            }
        }
        assert!(codes.len() > 30, "{codes:?}");
        codes
    }

    fn carrier(refusals: &[(&str, u64)]) -> DirectoryCarrier {
        let refusal = |(code, count): &(&str, u64)| DirectoryRefusals {
            code: format!("{CODE}{code}"),
            count: *count,
            last_ms: 0,
        };
        DirectoryCarrier {
            name: "Mairie".to_owned(),
            refusals: refusals.iter().map(refusal).collect(),
            ..DirectoryCarrier::default()
        }
    }

    fn tell(language: Language, carriers: &[DirectoryCarrier]) -> (Vec<Told>, Vec<Told>) {
        let calendar = Calendar::new("Europe/Paris");
        told(&Teller { tongue: Tongue(language), calendar: &calendar, now: Timestamp::UNIX_EPOCH }, carriers)
    }

    #[test]
    fn every_reason_of_the_node_has_words_in_both_languages() {
        for language in [Language::French, Language::English] {
            for code in &codes() {
                let code = code.as_str();
                if ["conflicting", "equivocation"].contains(&code) {
                    assert_eq!(Why::of(code), None, "it is told of its structure");
                    continue;
                }
                assert_ne!(Why::of(code), Some(Why::Other), "{code}");
                let (alarming, harmless) = tell(language, &[carrier(&[(code, 1)])]);
                let all: Vec<&Told> = alarming.iter().chain(&harmless).collect();
                assert_eq!(all.len(), 1, "{code}");
                let words = format!("{} {}", all[0].words, all[0].advice);
                assert!(!words.contains("Unknown") && !words.contains(code), "{words}");
                assert_eq!(alarming.is_empty(), all[0].advice.is_empty());
            }
        }
        assert_eq!(Why::of("directory_of_tomorrow"), Some(Why::Other));
    }

    #[test]
    fn reasons_are_summed_the_worst_first_and_a_conflict_is_told_of_its_structure() {
        let refusals =
            [("older", 40), ("expired", 2), ("bad_signature", 3), ("foreign", 1), ("conflicting", 9)];
        let (alarming, harmless) = tell(Language::French, &[carrier(&[("too_big", 1)]), carrier(&refusals)]);
        let words: Vec<&str> = alarming.iter().map(|told| told.words.as_str()).collect();
        assert!(words.len() == 2 && words[0].starts_with("4 ") && words[1].starts_with("1 "), "{words:?}");
        assert!(harmless.len() == 1 && harmless[0].words.starts_with("42 "), "{harmless:?}");
    }

    #[test]
    fn no_more_than_so_many_lines_are_told() {
        let many = vec![carrier(&[("older", 1), ("future", 1)]); TOLD_MAX + 5];
        let (alarming, harmless) = tell(Language::French, &many);
        assert_eq!((alarming.len(), harmless.len()), (TOLD_MAX, TOLD_MAX));
    }
}
