//! The structure at a glance: each room with a word on how it stands, and what an admin still has to do.

use super::Room;
use super::partners::is_awaited;
use crate::hex;
use crate::page::{self, Frame, MenuEntry, Place};
use crate::pages::place;
use crate::pages::thread::{Teller, joined};
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::response::Response;
use relais_proto::desk::v1::{
    ListPeersRequest, ListUsersRequest, PageKind, PairingState, PairingView, PeerView, Role, ShowPageRequest,
    StatusRequest, StatusResponse,
};
use relais_proto::peer::v1::{PeerTrust, YesNo};

/// Fewest colleagues a structure is not stuck with when one is ill.
const COLLEAGUES_MIN: usize = 2;
/// The pages an admin completes, and what the address calls them.
const PAGES: [(PageKind, &str); 3] = [
    (PageKind::Legal, "mentions-legales"),
    (PageKind::Privacy, "confidentialite"),
    (PageKind::Accessibility, "accessibilite"),
];

/// One room.
struct Card {
    address: &'static str,
    words: String,
    told: String,
}

/// One thing left to do.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Task {
    address: String,
    words: String,
}

#[derive(Template)]
#[template(path = "pages/structure.html")]
struct OverviewPage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    kind: String,
    cards: Vec<Card>,
    tasks: Vec<Task>,
    pages: Vec<Task>,
}

/// What is known of the structure.
#[derive(Clone, Default)]
struct Facts {
    services: usize,
    partners: usize,
    /// Confirmed here, and not yet there.
    awaited: usize,
    waiting: Vec<PairingView>,
    /// Open accounts; none when the role does not see them.
    colleagues: Option<usize>,
    alarms: usize,
    /// Pages that nobody completed, as the address calls them.
    uncompleted: Vec<&'static str>,
}

async fn uncompleted(session: &Session) -> Result<Vec<&'static str>, Trouble> {
    let mut left = Vec::new();
    for (kind, name) in PAGES {
        let request = ShowPageRequest { kind: kind.into(), language: session.tongue().code().to_owned() };
        if session.visit.gate.desk().show_page(request).await?.into_inner().text.is_empty() {
            left.push(name);
        }
    }
    Ok(left)
}

async fn colleagues(session: &Session) -> Result<Option<usize>, Trouble> {
    if !Room::Colleagues.is_open_to(session) {
        return Ok(None);
    }
    let users = session.desk().list_users(session.ask(ListUsersRequest {})).await?.into_inner().users;
    Ok(Some(users.iter().filter(|user| user.closed() != YesNo::Yes).count()))
}

fn is_partner(peer: &PeerView) -> bool {
    peer.trust() == PeerTrust::Paired && !is_awaited(peer)
}

async fn facts(session: &Session, status: &StatusResponse) -> Result<Facts, Trouble> {
    let known = session.desk().list_peers(session.ask(ListPeersRequest {})).await?.into_inner();
    let uncompleted = if session.has(Role::Admin) { uncompleted(session).await? } else { Vec::new() };
    Ok(Facts {
        services: place::services(session, Vec::new()).await?.len(),
        partners: known.peers.iter().filter(|peer| is_partner(peer)).count(),
        awaited: known.peers.iter().filter(|peer| is_awaited(peer)).count(),
        waiting: known.pairings,
        colleagues: colleagues(session).await?,
        alarms: status.alarms.len(),
        uncompleted,
    })
}

/// What an admin still has to do, each with its page; gone when done.
fn tasks(teller: &Teller<'_>, facts: &Facts) -> Vec<Task> {
    let task = |address: &str, key: &str| Task { address: address.to_owned(), words: teller.say(key) };
    let ours =
        |pairing: &&PairingView| matches!(pairing.state(), PairingState::AwaitsUs | PairingState::AwaitsBoth);
    let compare = facts.waiting.iter().filter(ours).map(|pairing| Task {
        address: format!("/structure/partenaires/{}", hex::encode(&pairing.peer_id)),
        words: teller.with("task-compare", &[("peer", &pairing.name)]),
    });
    let alone = facts.partners + facts.awaited == 0 && facts.waiting.is_empty();
    let few = facts.colleagues.is_some_and(|count| count < COLLEAGUES_MIN);
    let pages = facts
        .uncompleted
        .iter()
        .map(|name| task(&format!("/structure/pages/{name}"), &format!("task-{name}")));
    let services = (facts.services == 0).then(|| task("/structure/services/import", "task-services"));
    let partner = alone.then(|| task("/structure/partenaires", "task-partner"));
    let colleagues = few.then(|| task("/structure/collegues", "task-colleagues"));
    compare.chain(services).chain(partner).chain(colleagues).chain(pages).collect()
}

/// How a room stands, in a few words; empty for one that has nothing to say.
fn told(teller: &Teller<'_>, room: Room, facts: &Facts) -> String {
    let count =
        |key: &str, number: usize| teller.tongue.count(key, u64::try_from(number).unwrap_or(u64::MAX));
    match room {
        Room::Services => count("overview-services", facts.services),
        Room::Partners if !facts.waiting.is_empty() => count("overview-waiting", facts.waiting.len()),
        Room::Partners if facts.awaited > 0 => {
            let partners = count("overview-partners", facts.partners);
            joined(&[partners, count("overview-awaited", facts.awaited)], " · ")
        }
        Room::Partners => count("overview-partners", facts.partners),
        Room::Colleagues => {
            facts.colleagues.map(|number| count("overview-colleagues", number)).unwrap_or_default()
        }
        Room::Health => count("overview-alarms", facts.alarms),
        Room::Directory => teller.say("overview-directory"),
        Room::Software => teller.say("overview-software"),
        Room::Flows => teller.say("overview-flows"),
        Room::Ledger => teller.say("overview-ledger"),
        Room::Overview => String::new(),
    }
}

/// Shows it.
pub(crate) async fn show(session: Session) -> Result<Response, Trouble> {
    let rooms = Room::Overview.enter(&session)?;
    let teller = Teller::of(&session);
    let status = session.desk().status(session.ask(StatusRequest {})).await?.into_inner();
    let facts = facts(&session, &status).await?;
    let is_admin = session.has(Role::Admin);
    let open = Room::ALL.into_iter().filter(|room| *room != Room::Overview && room.is_open_to(&session));
    let cards = open.map(|room| Card {
        address: room.address(),
        words: session.tongue().say(room.key()),
        told: told(&teller, room, &facts),
    });
    let page = |(_, name): (PageKind, &str)| Task {
        address: format!("/structure/pages/{name}"),
        words: teller.say(&format!("overview-page-{name}")),
    };
    let title = session.tongue().say("menu-structure");
    Ok(page::ok(&OverviewPage {
        frame: Frame::signed(&session, Place::Structure, &title),
        rooms,
        kind: teller.code(status.kind().as_str_name()),
        cards: cards.collect(),
        tasks: if is_admin { tasks(&teller, &facts) } else { Vec::new() },
        pages: if is_admin { PAGES.map(page).to_vec() } else { Vec::new() },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tongue::{Language, Tongue};
    use crate::when::Calendar;
    use jiff::Timestamp;

    fn left(facts: &Facts) -> Vec<String> {
        let calendar = Calendar::new("Europe/Paris");
        let teller =
            Teller { tongue: Tongue(Language::French), calendar: &calendar, now: Timestamp::UNIX_EPOCH };
        tasks(&teller, facts).into_iter().map(|task| task.address).collect()
    }

    fn all_done() -> Facts {
        Facts { services: 1, partners: 1, colleagues: Some(2), ..Facts::default() }
    }

    #[test]
    fn each_task_is_gone_when_it_is_done() {
        assert_eq!(left(&all_done()), Vec::<String>::new());
        let begun = Facts {
            colleagues: Some(1),
            uncompleted: PAGES.map(|(_, name)| name).to_vec(),
            ..Facts::default()
        };
        let wanted = [
            "/structure/services/import",
            "/structure/partenaires",
            "/structure/collegues",
            "/structure/pages/mentions-legales",
            "/structure/pages/confidentialite",
            "/structure/pages/accessibilite",
        ];
        assert_eq!(left(&begun), wanted);
        assert_eq!(left(&Facts { services: 0, ..all_done() }), ["/structure/services/import"]);
        assert_eq!(left(&Facts { colleagues: Some(1), ..all_done() }), ["/structure/collegues"]);
    }

    #[test]
    fn who_has_not_confirmed_waits_and_is_no_partner() {
        let peer = |trust: PeerTrust, met: YesNo| PeerView {
            trust: trust.into(),
            met: met.into(),
            ..PeerView::default()
        };
        assert!(!is_partner(&peer(PeerTrust::Paired, YesNo::No)));
        assert!(is_partner(&peer(PeerTrust::Paired, YesNo::Yes)));
        assert!(is_partner(&peer(PeerTrust::Paired, YesNo::Unspecified)), "a node of before does not say");
        assert!(!is_partner(&peer(PeerTrust::Suspended, YesNo::No)));
        let calendar = Calendar::new("Europe/Paris");
        let teller =
            Teller { tongue: Tongue(Language::French), calendar: &calendar, now: Timestamp::UNIX_EPOCH };
        let words = |facts: &Facts| told(&teller, Room::Partners, facts);
        let awaited = Facts { partners: 0, awaited: 1, ..all_done() };
        assert_eq!(words(&awaited), "aucun partenaire · 1 en attente");
        assert_eq!(words(&Facts { partners: 3, ..awaited.clone() }), "3 partenaires · 1 en attente");
        assert_eq!(words(&all_done()), teller.tongue.count("overview-partners", 1));
        assert_eq!(left(&awaited), Vec::<String>::new(), "a partner in the making");
    }

    #[test]
    fn a_pairing_that_waits_for_us_comes_first_and_is_a_partner_in_the_making() {
        let pairing = |state: PairingState| PairingView {
            peer_id: vec![6; 32],
            state: state.into(),
            ..PairingView::default()
        };
        let waiting = |state| Facts { partners: 0, waiting: vec![pairing(state)], ..all_done() };
        let address = format!("/structure/partenaires/{}", "06".repeat(32));
        assert_eq!(left(&waiting(PairingState::AwaitsUs)), [address]);
        assert_eq!(left(&waiting(PairingState::AwaitsThem)), Vec::<String>::new());
    }
}
