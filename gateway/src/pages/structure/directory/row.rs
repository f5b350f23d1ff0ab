//! One structure of the directory, in words.

use super::address;
use crate::hex;
use crate::pages::thread::{Teller, joined};
use crate::visit::Session;
use relais_proto::desk::v1::{
    DirectoryStanding, DirectoryStructure, IntroductionStanding, IntroductionView, Role,
};

/// Partners named one by one that recommend a structure.
const NAMED_MAX: usize = 3;

/// What an admin may do about a structure that is no partner.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// Nothing, or it is nobody's to do.
    None,
    /// Asking to be introduced: its number.
    Introduce(String),
    /// An introduction is under way: it stands among the partners.
    Asked,
    /// Nobody recommends it: it is invited, by its name, with the id of the one invitation that a press makes.
    Invite { name: String, request: String },
}

/// One structure.
pub(super) struct Row {
    pub(super) address: String,
    pub(super) name: String,
    /// Where it is and how much it offers.
    pub(super) offers: String,
    /// How fresh that is, and by whom it came.
    pub(super) fresh: String,
    pub(super) relation: String,
    pub(super) class: &'static str,
    /// That it contradicts itself; empty when it does not.
    pub(super) conflict: String,
    pub(super) way: Way,
    /// Where it is taken again; empty for who may not, and for one that is not refused.
    pub(super) allow: String,
}

/// Its name, or that it has none.
pub(super) fn name(teller: &Teller<'_>, structure: &DirectoryStructure) -> String {
    if structure.name.is_empty() { teller.say("directory-unnamed") } else { structure.name.clone() }
}

/// Who recommends it: «A, B et d’autres»; empty for nobody.
pub(super) fn vouchers(teller: &Teller<'_>, structure: &DirectoryStructure) -> String {
    let known = structure.vouchers.iter().map(|one| match one.by_name.as_str() {
        "" => teller.say("directory-unnamed"),
        name => name.to_owned(),
    });
    let named = known.take(NAMED_MAX).collect::<Vec<_>>().join(", ");
    if structure.vouchers.len() > NAMED_MAX {
        teller.with("directory-and-others", &[("names", &named)])
    } else {
        named
    }
}

/// What it is to this structure, and the class of its mark.
pub(super) fn relation(teller: &Teller<'_>, structure: &DirectoryStructure) -> (String, &'static str) {
    let (key, class) = match structure.standing() {
        DirectoryStanding::Own => ("directory-standing-own", "tag"),
        DirectoryStanding::Partner => ("directory-standing-partner", "tag"),
        DirectoryStanding::Awaited => ("directory-standing-awaited", "tag soon"),
        DirectoryStanding::Suspended => ("directory-standing-suspended", "tag soon"),
        DirectoryStanding::Removed => ("directory-standing-removed", "tag late"),
        DirectoryStanding::Refused => ("directory-standing-refused", "tag late"),
        DirectoryStanding::Third if !structure.vouchers.is_empty() => {
            let names = vouchers(teller, structure);
            return (teller.with("directory-standing-vouched", &[("names", &names)]), "tag");
        }
        DirectoryStanding::Third | DirectoryStanding::Unspecified => ("directory-standing-third", "tag soon"),
    };
    (teller.say(key), class)
}

/// How many services it publishes.
pub(super) fn services(teller: &Teller<'_>, structure: &DirectoryStructure) -> String {
    teller.tongue.count("directory-services", structure.services.into())
}

/// «dit il y a 2 jours, valable jusqu’au …»; that nothing is held when it is so.
pub(super) fn freshness(teller: &Teller<'_>, structure: &DirectoryStructure) -> String {
    let Some(fresh) = structure.fresh_ms else { return teller.say("directory-nothing-held") };
    let since = teller.distance(fresh);
    match structure.expires_ms {
        Some(until) => {
            teller.with("directory-fresh-until", &[("since", &since), ("until", &teller.day(until))])
        }
        None => teller.with("directory-fresh", &[("since", &since)]),
    }
}

/// By whom it came; empty when it brought itself.
pub(super) fn via(teller: &Teller<'_>, structure: &DirectoryStructure) -> String {
    match (structure.carrier_name.as_str(), structure.carrier_id.is_empty()) {
        (_, true) => String::new(),
        ("", false) => teller.say("directory-via-unnamed"),
        (name, false) => teller.with("directory-via", &[("peer", name)]),
    }
}

/// That it contradicts itself; empty when it does not.
pub(super) fn conflict(teller: &Teller<'_>, structure: &DirectoryStructure) -> String {
    match structure.conflicts {
        0 => String::new(),
        count => teller.tongue.count("directory-conflict", count.into()),
    }
}

/// What an admin may do about it.
pub(super) fn way(session: &Session, structure: &DirectoryStructure, introduced: &[IntroductionView]) -> Way {
    if !session.has(Role::Admin) || structure.standing() != DirectoryStanding::Third {
        return Way::None;
    }
    let is_under_way = |one: &IntroductionView| {
        let goes_on =
            [IntroductionStanding::Asking, IntroductionStanding::AwaitsUs, IntroductionStanding::Confirmed];
        one.structure_id == structure.structure_id && goes_on.contains(&one.standing())
    };
    if introduced.iter().any(is_under_way) {
        Way::Asked
    } else if structure.vouchers.is_empty() {
        Way::Invite { name: structure.name.clone(), request: hex::encode(&hex::fresh()) }
    } else {
        Way::Introduce(hex::encode(&structure.structure_id))
    }
}

/// A structure as the list shows it.
pub(super) fn row(
    teller: &Teller<'_>,
    session: &Session,
    structure: &DirectoryStructure,
    introduced: &[IntroductionView],
) -> Row {
    let (relation, class) = relation(teller, structure);
    let page = address(&structure.structure_id);
    let is_refused = structure.standing() == DirectoryStanding::Refused;
    let (fresh, via) = (freshness(teller, structure), via(teller, structure));
    Row {
        name: name(teller, structure),
        offers: joined(&[structure.commune_name.clone(), services(teller, structure)], " · "),
        fresh: joined(&[fresh, via], " · "),
        relation,
        class,
        conflict: conflict(teller, structure),
        way: way(session, structure, introduced),
        allow: if is_refused && session.has(Role::Admin) {
            format!("{page}/reprendre")
        } else {
            String::new()
        },
        address: page,
    }
}
