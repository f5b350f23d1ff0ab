//! How the node does: what someone must know of, and how it goes with each partner.

use super::Room;
use crate::hex;
use crate::page::{self, Frame, MenuEntry, Place};
use crate::pages::thread::Teller;
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::response::Response;
use relais_proto::desk::v1::{Alarm, LinkState, PeerStatus, StatusRequest, StatusResponse};
use relais_proto::peer::v1::{PeerTrust, YesNo};

/// From how far apart two clocks are told, ms.
const CLOCKS_APART_MS: u64 = 60_000;
/// Milliseconds of a minute.
const MINUTE_MS: u64 = 60_000;

/// Something to know of.
#[derive(Debug)]
struct Told {
    words: String,
    since: String,
    phone: String,
    /// The referral or handover it is about; empty for none, or for who does not see it.
    thread: String,
}

/// How it goes with one partner.
struct Link {
    name: String,
    state: String,
    class: &'static str,
    details: Vec<String>,
}

#[derive(Template)]
#[template(path = "pages/health.html")]
struct HealthPage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    alarms: Vec<Told>,
    links: Vec<Link>,
    version: String,
    started: String,
    listens: String,
    number: String,
}

/// Whether alarms lead to the referrals they are about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Threads {
    Shown,
    Hidden,
}

/// What the node's code says, with the partner's name; the node's own sentence for one that is not known here.
fn alarm(teller: &Teller<'_>, status: &StatusResponse, alarm: &Alarm, threads: Threads) -> Told {
    let peer = status.peers.iter().find(|peer| peer.peer_id == alarm.peer_id);
    let peer = peer.map(|peer| peer.name.clone()).unwrap_or_default();
    let plain = alarm.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let key = format!("alarm-{}", alarm.code);
    let words = if plain { teller.tongue.maybe_with(&key, &[("peer", &peer)]) } else { None };
    let words = words.unwrap_or_else(|| alarm.sentence.clone());
    let sees = threads == Threads::Shown && !alarm.thread_id.is_empty();
    Told {
        words,
        since: teller.distance(alarm.since_ms),
        phone: alarm.phone.clone(),
        thread: if sees { format!("/orientations/{}", hex::encode(&alarm.thread_id)) } else { String::new() },
    }
}

/// The link's state in words, and the class of its mark.
fn state(peer: &PeerStatus) -> (&'static str, &'static str) {
    match (peer.trust(), peer.link()) {
        (PeerTrust::Unspecified, _) => ("link-state-pairing", "tag soon"),
        (PeerTrust::Suspended, _) => ("link-state-suspended", "tag soon"),
        (PeerTrust::Removed, _) => ("link-state-removed", "tag late"),
        (PeerTrust::Paired, _) if peer.met() == YesNo::No => ("link-state-awaited", "tag soon"),
        (PeerTrust::Paired, LinkState::Open) => ("link-state-open", "tag"),
        (PeerTrust::Paired, LinkState::EndingsOnly) => ("link-state-endings-only", "tag soon"),
        (PeerTrust::Paired, LinkState::Closed | LinkState::Unspecified) => ("link-state-closed", "tag late"),
    }
}

fn link(teller: &Teller<'_>, peer: &PeerStatus) -> Link {
    let (key, class) = state(peer);
    let count = |key: &str, number: u64| (number > 0).then(|| teller.tongue.count(key, number));
    let since = peer
        .not_delivered_since_ms
        .map(|ms| teller.with("health-not-delivered", &[("date", &teller.instant(ms))]));
    let apart = peer.clock_difference_ms.map(i64::unsigned_abs).filter(|apart| *apart >= CLOCKS_APART_MS);
    let apart = apart.map(|apart| teller.tongue.count("health-clocks", apart / MINUTE_MS));
    let heard = match peer.heard_ms {
        Some(ms) => teller.with("health-heard", &[("when", &teller.distance(ms))]),
        None => teller.say("health-never-heard"),
    };
    let details = [
        since,
        count("health-waiting", peer.waiting.into()),
        count("health-parked", peer.parked.into()),
        apart,
        count("health-refused", peer.refused),
        Some(heard),
    ];
    Link {
        name: peer.name.clone(),
        state: teller.say(key),
        class,
        details: details.into_iter().flatten().collect(),
    }
}

/// Shows it.
pub(crate) async fn show(session: Session) -> Result<Response, Trouble> {
    let rooms = Room::Health.enter(&session)?;
    let status = session.desk().status(session.ask(StatusRequest {})).await?.into_inner();
    let teller = Teller::of(&session);
    let threads = if session.follows() { Threads::Shown } else { Threads::Hidden };
    let title = session.tongue().say("structure-health");
    Ok(page::ok(&HealthPage {
        frame: Frame::signed(&session, Place::Structure, &title),
        rooms,
        alarms: status.alarms.iter().map(|one| alarm(&teller, &status, one, threads)).collect(),
        links: status.peers.iter().map(|peer| link(&teller, peer)).collect(),
        version: status.version.clone(),
        started: teller.distance(status.started_ms),
        listens: status.listens.clone(),
        number: hex::encode(&status.structure_id),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tongue::{Language, Tongue};
    use crate::when::Calendar;
    use jiff::Timestamp;

    /// Every code the node gives an alarm.
    const CODES: [&str; 12] = [
        "partner-never-met",
        "messages-set-aside",
        "partner-removed-messages-wait",
        "ledger-contradiction",
        "ledger-unproven",
        "more-threads",
        "delayed-act-refused",
        "erasure-receipt-missing",
        "event-without-effect",
        "forked",
        "handover-unconfirmed",
        "disclosure-held",
    ];

    fn with_teller<T>(language: Language, look: impl Fn(&Teller<'_>) -> T) -> T {
        let calendar = Calendar::new("Europe/Paris");
        look(&Teller { tongue: Tongue(language), calendar: &calendar, now: Timestamp::UNIX_EPOCH })
    }

    fn of_code(code: &str) -> Alarm {
        Alarm {
            code: code.to_owned(),
            sentence: "as the node says it".to_owned(),
            peer_id: vec![6; 32],
            thread_id: vec![5; 16],
            ..Alarm::default()
        }
    }

    #[test]
    fn every_alarm_is_said_in_both_languages_and_an_unknown_one_as_the_node_says_it() {
        let peer = PeerStatus { peer_id: vec![6; 32], name: "Emmaüs".to_owned(), ..PeerStatus::default() };
        let status = StatusResponse { peers: vec![peer], ..StatusResponse::default() };
        for language in [Language::French, Language::English] {
            for code in CODES {
                let told =
                    with_teller(language, |teller| alarm(teller, &status, &of_code(code), Threads::Shown));
                assert_ne!(told.words, "as the node says it", "{code}");
                assert!(!told.words.contains('$'), "{code}: {}", told.words);
            }
            for code in ["of-tomorrow", "<b>", ""] {
                let told =
                    with_teller(language, |teller| alarm(teller, &status, &of_code(code), Threads::Shown));
                assert_eq!(told.words, "as the node says it", "{code}");
            }
        }
    }

    #[test]
    fn who_follows_no_one_is_led_to_no_thread() {
        let status = StatusResponse::default();
        let told = |threads| {
            with_teller(Language::French, |teller| alarm(teller, &status, &of_code("forked"), threads).thread)
        };
        assert_eq!(told(Threads::Hidden), "");
        assert_eq!(told(Threads::Shown), format!("/orientations/{}", "05".repeat(16)));
    }

    #[test]
    fn clocks_apart_and_messages_that_wait_are_told() {
        let peer = PeerStatus {
            trust: PeerTrust::Paired.into(),
            link: LinkState::Closed.into(),
            waiting: 3,
            not_delivered_since_ms: Some(1_000),
            clock_difference_ms: Some(-180_000),
            ..PeerStatus::default()
        };
        let shown = with_teller(Language::French, |teller| link(teller, &peer));
        assert_eq!(shown.class, "tag late");
        let all = shown.details.join(" ");
        assert!(all.contains('3') && all.contains("1970"), "{all}");
        let awaited = PeerStatus { met: YesNo::No.into(), ..peer };
        let shown = with_teller(Language::French, |teller| link(teller, &awaited).state);
        assert_eq!(shown, crate::bench::french("link-state-awaited"));
        let near = PeerStatus { clock_difference_ms: Some(59_999), ..PeerStatus::default() };
        let shown = with_teller(Language::French, |teller| link(teller, &near));
        assert_eq!(shown.details.len(), 1, "only when it was heard: {:?}", shown.details);
    }
}
