//! The directory in a few sentences: how many, of where, compared when, and what open data stand beside it.

use crate::hex;
use crate::pages::structure::{FRANCE, PARTNERS};
use crate::pages::thread::{Teller, joined, spelled};
use relais_proto::desk::v1::{
    DirectoryCompared, DirectoryComparison, DirectoryView, OpenDataSource, OpenDataStatusResponse,
};
use relais_proto::peer::v1::YesNo;

/// Up to so many partners are shown at once; more are folded away.
const SHOWN_AT_ONCE: usize = 6;
/// Most partners whose comparison is told.
const COMPARISONS_MAX: usize = 200;

/// When a partner and this node compared last, and how it ended.
pub(super) struct Compared {
    pub(super) address: String,
    pub(super) name: String,
    pub(super) words: String,
    pub(super) class: &'static str,
}

/// The directory in a few sentences.
pub(super) struct Summary {
    /// How many structures and services.
    pub(super) lead: String,
    /// Of which départements.
    pub(super) kept: String,
    pub(super) open: Vec<String>,
    /// How many records another version of the program wrote; empty for none.
    pub(super) unread: String,
    pub(super) compared: Vec<Compared>,
    /// Whether the list of partners is shown at once.
    pub(super) is_short: bool,
}

/// The départements that are kept: «Charente-Maritime (17), Deux-Sèvres (79)».
fn kept(teller: &Teller<'_>, view: &DirectoryView) -> String {
    let named = view.departements.iter().zip(&view.departement_names).map(|(code, name)| {
        if code == FRANCE { teller.say("directory-everywhere") } else { format!("{name} ({code})") }
    });
    let all = named.collect::<Vec<_>>().join(", ");
    match (all.is_empty(), view.chosen()) {
        (true, _) => teller.say("directory-kept-none"),
        (false, YesNo::Yes) => teller.with("directory-kept-chosen", &[("places", &all)]),
        (false, YesNo::No | YesNo::Unspecified) => teller.with("directory-kept-home", &[("places", &all)]),
    }
}

fn source(teller: &Teller<'_>, source: &OpenDataSource) -> String {
    let services = teller.tongue.count("directory-services", source.services.into());
    let (when, newest) = (teller.distance(source.seeded_ms), teller.utc_day(source.newest_day));
    let named = [
        ("source", source.name.as_str()),
        ("services", services.as_str()),
        ("when", when.as_str()),
        ("newest", newest.as_str()),
    ];
    teller.with("directory-open-source", &named)
}

fn open(teller: &Teller<'_>, open: &OpenDataStatusResponse) -> Vec<String> {
    if open.sources.is_empty() {
        return vec![teller.say("directory-open-none")];
    }
    let loading = (open.loading() == YesNo::Yes).then(|| teller.say("directory-open-loading"));
    let sources = open.sources.iter().map(|one| source(teller, one));
    sources.chain(loading).collect()
}

fn compared(teller: &Teller<'_>, one: &DirectoryComparison) -> Compared {
    let class = match one.ended() {
        DirectoryCompared::NothingNew | DirectoryCompared::Exchanged | DirectoryCompared::Answered => "tag",
        DirectoryCompared::Partly | DirectoryCompared::Unspecified => "tag soon",
        DirectoryCompared::Unanswered | DirectoryCompared::Unreadable => "tag late",
    };
    let ended = one.ended();
    let how = if ended == DirectoryCompared::Unspecified {
        teller.say("directory-never-compared")
    } else {
        teller.say(&spelled(ended.as_str_name()))
    };
    let when = one.at_ms.map(|ms| teller.distance(ms)).unwrap_or_default();
    Compared {
        address: format!("{PARTNERS}/{}", hex::encode(&one.peer_id)),
        name: one.name.clone(),
        words: joined(&[how, when], " · "),
        class,
    }
}

/// Tells it.
pub(super) fn summary(
    teller: &Teller<'_>,
    view: &DirectoryView,
    of_open: &OpenDataStatusResponse,
) -> Summary {
    let structures = teller.tongue.count("directory-count", view.structures_known.into());
    let services = teller.tongue.count("directory-services", view.services_known.into());
    let lead = [("structures", structures.as_str()), ("services", services.as_str())];
    let partners = view.comparisons.iter().take(COMPARISONS_MAX);
    Summary {
        lead: teller.with("directory-lead", &lead),
        kept: kept(teller, view),
        open: open(teller, of_open),
        unread: (view.unread > 0)
            .then(|| teller.tongue.count("directory-unread-count", view.unread))
            .unwrap_or_default(),
        compared: partners.map(|one| compared(teller, one)).collect(),
        is_short: view.comparisons.len() <= SHOWN_AT_ONCE,
    }
}
