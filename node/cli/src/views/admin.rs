//! The node, its users and its partners.

use super::content::{professional_json, professional_line};
use super::{instant, maybe_id, maybe_instant, maybe_structure, maybe_text};
use crate::answer::Answer;
use crate::codes;
use crate::ids;
use crate::lines::Lines;
use crate::when;
use relais_domain::content::YesNo as ContentYesNo;
use relais_domain::limits::CLOCK_TOLERANCE;
use relais_proto::desk::v1::{
    Alarm, LinkState, ListPeersResponse, ListUsersResponse, PairingState, PairingView, PeerStatus, PeerView,
    Role, StatusResponse, UserView, WhoamiResponse,
};
use relais_proto::peer::v1::{PeerChangeReason, PeerTrust, YesNo};
use relais_wire::manifest::StructureKind;
use serde_json::{Value, json};

fn user_json(user: &UserView) -> Value {
    json!({
        "name": user.name,
        "roles": codes::json_list::<Role>(&user.roles),
        "uid": user.uid,
        "professional": user.professional.as_ref().map(professional_json),
        "added": maybe_instant((user.added_ms != 0).then_some(user.added_ms)),
        "closed": is_closed(user),
    })
}

/// One user.
pub(crate) fn user(user: &UserView) -> Answer {
    let closed = if is_closed(user) { ", closed" } else { "" };
    let text = format!("{} is {}, uid {}{closed}", user.name, codes::words::<Role>(&user.roles), uid(user));
    Answer::new(json!({ "user": user_json(user) }), text)
}

/// A user who was added, among all: whom its system user acts as from now on.
pub(crate) fn added(user: &UserView, all: &[UserView]) -> Answer {
    let bound = |other: &&UserView| user.uid.is_some() && other.uid == user.uid && !is_closed(other);
    let mut same: Vec<&UserView> = all.iter().filter(bound).collect();
    same.sort_by_key(|other| (other.added_ms, other.name.as_str()));
    let mut answer = self::user(user);
    let Some(first) = same.first().filter(|first| first.name != user.name) else { return answer };
    answer.text = format!(
        "{}\nuid {} acts as {} ({}) as before, who was added first; as {new}: `relais --as {new} whoami`",
        answer.text,
        uid(user),
        first.name,
        codes::words::<Role>(&first.roles),
        new = user.name,
    );
    if let Some(object) = answer.json.as_object_mut() {
        object.insert("uid_acts_as".to_owned(), Value::String(first.name.clone()));
    }
    answer
}

/// The users.
pub(crate) fn users(found: &ListUsersResponse) -> Answer {
    let rows = found.users.iter().map(|user| {
        let professional = user.professional.as_ref().map(professional_line).unwrap_or_default();
        let roles = codes::words::<Role>(&user.roles);
        let roles = if is_closed(user) { format!("{roles} (closed)") } else { roles };
        [user.name.clone(), roles, uid(user), professional]
    });
    let mut lines = Lines::new();
    let otherwise = "no user; add one with `relais user add NAME --role counsellor`";
    lines.table(["name", "roles", "uid", "work contact"], rows.collect(), otherwise);
    Answer::new(json!({ "users": found.users.iter().map(user_json).collect::<Value>() }), lines.done())
}

/// Who is calling.
pub(crate) fn whoami(who: &WhoamiResponse) -> Answer {
    let json = json!({
        "structure_id": ids::structure(&who.structure_id),
        "structure_name": who.structure_name,
        "uid": who.uid,
        "user": who.user.as_ref().map(user_json),
    });
    let user = who.user.as_ref();
    let user = user.map_or_else(
        || format!("uid {}, bound to no user", who.uid),
        |user| format!("{} ({})", user.name, codes::words::<Role>(&user.roles)),
    );
    Answer::new(json, format!("{user} at {}, {}", who.structure_name, ids::structure(&who.structure_id)))
}

/// How the node does.
pub(crate) fn status(status: &StatusResponse) -> Answer {
    let json = json!({
        "structure_id": ids::structure(&status.structure_id),
        "structure_name": status.structure_name,
        "kind": codes::json::<StructureKind>(status.kind),
        "version": status.version,
        "started": instant(status.started_ms),
        "clock": instant(status.clock_ms),
        "ledger_size": status.ledger_size,
        "listens": maybe_text(&status.listens),
        "peers": status.peers.iter().map(peer_status_json).collect::<Value>(),
        "alarms": status.alarms.iter().map(alarm_json).collect::<Value>(),
    });
    let mut lines = Lines::new();
    lines.line(format!("{} ({})", status.structure_name, codes::word::<StructureKind>(status.kind)));
    lines.field("id", ids::structure(&status.structure_id));
    lines.field("version", &status.version);
    lines.field("listens", &status.listens);
    let up = when::span(status.clock_ms.saturating_sub(status.started_ms));
    lines.field("running", format!("since {} ({up})", when::human(status.started_ms)));
    lines.field("ledger", format!("{} leaves", status.ledger_size));
    lines.gap();
    let rows = status.peers.iter().map(peer_row).collect();
    let otherwise = "no partner; pair with `relais invite` or `relais join`";
    lines.table(["partner", "trust", "link", "waiting", "parked", "delivery", "clock"], rows, otherwise);
    for alarm in &status.alarms {
        lines.line(alarm_line(alarm));
    }
    Answer::new(json, lines.done())
}

fn peer_status_json(peer: &PeerStatus) -> Value {
    json!({
        "peer_id": ids::structure(&peer.peer_id),
        "name": peer.name,
        "trust": codes::json::<PeerTrust>(peer.trust),
        "link": codes::json::<LinkState>(peer.link),
        "waiting": peer.waiting,
        "parked": peer.parked,
        "not_delivered_since": maybe_instant(peer.not_delivered_since_ms),
        "clock_difference_ms": peer.clock_difference_ms,
        "heard": maybe_instant(peer.heard_ms),
        "refused": peer.refused,
        "met": codes::json::<ContentYesNo>(peer.met),
    })
}

fn peer_row(peer: &PeerStatus) -> [String; 7] {
    let delivery = peer.not_delivered_since_ms;
    let nothing = if is_awaited(peer.trust(), peer.met()) { "never met" } else { "ok" };
    let delivery = delivery
        .map_or_else(|| nothing.to_owned(), |since| format!("not delivered since {}", when::human(since)));
    let clock = peer.clock_difference_ms.map_or_else(String::new, |ms| {
        let apart = if ms.abs() > CLOCK_TOLERANCE.0 { ", apart: disclosures are held" } else { "" };
        format!("{}{apart}", when::span(ms))
    });
    [
        peer.name.clone(),
        trust_word(peer.trust(), peer.met()),
        codes::word::<LinkState>(peer.link),
        peer.waiting.to_string(),
        peer.parked.to_string(),
        delivery,
        clock,
    ]
}

fn alarm_json(alarm: &Alarm) -> Value {
    json!({
        "code": alarm.code,
        "sentence": alarm.sentence,
        "peer_id": maybe_structure(&alarm.peer_id),
        "thread_id": maybe_id(&alarm.thread_id),
        "since": instant(alarm.since_ms),
        "phone": maybe_text(&alarm.phone),
    })
}

fn alarm_line(alarm: &Alarm) -> String {
    let thread = if alarm.thread_id.is_empty() {
        String::new()
    } else {
        format!(" [{}]", ids::short(&alarm.thread_id))
    };
    let phone = if alarm.phone.is_empty() { String::new() } else { format!(" Call {}.", alarm.phone) };
    format!("Alarm since {}{thread}: {}{phone}", when::human(alarm.since_ms), alarm.sentence)
}

fn peer_json(peer: &PeerView) -> Value {
    json!({
        "peer_id": ids::structure(&peer.peer_id),
        "name": peer.name,
        "kind": codes::json::<StructureKind>(peer.kind),
        "trust": codes::json::<PeerTrust>(peer.trust),
        "reason": codes::json::<PeerChangeReason>(peer.reason),
        "since": instant(peer.since_ms),
        "endpoints": peer.endpoints,
        "agreement_sha256": ids::hex(&peer.agreement_hash),
        "manifest_sequence": peer.manifest_sequence,
        "manifest_until": instant(peer.manifest_until_ms),
        "met": codes::json::<ContentYesNo>(peer.met),
    })
}

/// One partner.
pub(crate) fn peer(peer: &PeerView) -> Answer {
    let text = format!("{} is {} now", peer.name, trust_word(peer.trust(), peer.met()));
    Answer::new(json!({ "peer": peer_json(peer) }), text)
}

/// Partners and pairings.
pub(crate) fn peers(found: &ListPeersResponse) -> Answer {
    let mut lines = Lines::new();
    let rows = found.peers.iter().map(|peer| {
        [
            peer.name.clone(),
            codes::word::<StructureKind>(peer.kind),
            trust_word(peer.trust(), peer.met()),
            when::human(peer.since_ms),
            ids::structure(&peer.peer_id),
            peer.endpoints.join(", "),
        ]
    });
    let otherwise = "no partner; pair with `relais invite` or `relais join`";
    lines.table(["name", "kind", "trust", "since", "id", "address"], rows.collect(), otherwise);
    for peer in found.peers.iter().filter(|peer| is_awaited(peer.trust(), peer.met())) {
        let short = ids::structure_short(&peer.peer_id);
        lines.gap().line(format!(
            "{} was confirmed here on {}, and its node was not seen yet: that takes a minute once they have confirmed too. \
             If it stays so they have not, said no, or cannot be reached. Call them, check address and port. Then pair anew (`relais introduce {short}` or `relais invite`), or give it up: `relais peers suspend {short}`.",
            peer.name,
            when::human(peer.since_ms)
        ));
    }
    for pairing in &found.pairings {
        lines.gap().block(&pairing_text(pairing));
    }
    let json = json!({
        "peers": found.peers.iter().map(peer_json).collect::<Value>(),
        "pairings": found.pairings.iter().map(pairing_json).collect::<Value>(),
    });
    Answer::new(json, lines.done())
}

fn pairing_json(pairing: &PairingView) -> Value {
    json!({
        "peer_id": ids::structure(&pairing.peer_id),
        "name": pairing.name,
        "kind": codes::json::<StructureKind>(pairing.kind),
        "comparison_phrase": pairing.comparison_phrase,
        "agreement_text": pairing.agreement_text,
        "agreement_sha256": ids::hex(&pairing.agreement_hash),
        "state": codes::json::<PairingState>(pairing.state),
        "expires": instant(pairing.expires_ms),
    })
}

/// A pairing.
pub(crate) fn pairing(pairing: &PairingView) -> Answer {
    Answer::new(json!({ "pairing": pairing_json(pairing) }), pairing_text(pairing))
}

fn pairing_text(pairing: &PairingView) -> String {
    let mut lines = Lines::new();
    lines.line(format!("pairing with {} ({})", pairing.name, codes::word::<StructureKind>(pairing.kind)));
    lines.field("id", ids::structure(&pairing.peer_id));
    lines.field("phrase", &pairing.comparison_phrase);
    lines.field("agreement", format!("sha256 {}", ids::hex(&pairing.agreement_hash)));
    let short = ids::structure_short(&pairing.peer_id);
    let confirm = format!("relais peers confirm {short}");
    let next = match codes::code::<PairingState>(pairing.state) {
        Some(PairingState::AwaitsBoth | PairingState::AwaitsUs) => {
            format!("Call them. When both read the same phrase, both run `{confirm}` (theirs names you).")
        }
        Some(PairingState::AwaitsThem) => {
            "Confirmed here. Letters pass once their admin has confirmed too: `relais status` shows the link."
                .to_owned()
        }
        Some(PairingState::Paired) => "You are partners now.".to_owned(),
        Some(PairingState::Failed) => "The pairing was given up: make a new invitation.".to_owned(),
        Some(PairingState::Unspecified) | None => String::new(),
    };
    lines.field("until", when::human(pairing.expires_ms)).line(next);
    lines.done()
}

/// Whether a partner was confirmed here, and its node never seen since: its admin's word is not known here.
fn is_awaited(trust: PeerTrust, met: YesNo) -> bool {
    trust == PeerTrust::Paired && met == YesNo::No
}

fn trust_word(trust: PeerTrust, met: YesNo) -> String {
    if is_awaited(trust, met) {
        "confirmed here, awaits them".to_owned()
    } else {
        codes::word::<PeerTrust>(trust.into())
    }
}

fn is_closed(user: &UserView) -> bool {
    user.closed() == YesNo::Yes
}

/// The uid a user is bound to, in words.
fn uid(user: &UserView) -> String {
    user.uid.map_or_else(|| "none".to_owned(), |uid| uid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partner_by_this_structures_word_alone_is_told_as_such_with_what_to_do() {
        let view = |met: YesNo| PeerView {
            peer_id: vec![6; 32],
            name: "Lire".to_owned(),
            trust: PeerTrust::Paired.into(),
            since_ms: 1_795_000_000_000,
            met: met.into(),
            ..PeerView::default()
        };
        let listed = |met| peers(&ListPeersResponse { peers: vec![view(met)], ..Default::default() });
        let awaited = listed(YesNo::No);
        for words in ["confirmed here, awaits them", "Call them", "relais peers suspend", "2026"] {
            assert!(awaited.text.contains(words), "{words}: {}", awaited.text);
        }
        assert_eq!(awaited.json["peers"][0]["met"], "no");
        for met in [YesNo::Yes, YesNo::Unspecified] {
            let text = listed(met).text;
            assert!(text.contains("paired") && !text.contains("awaits"), "{text}");
        }
        let row = |met: YesNo| {
            let trust = PeerTrust::Paired.into();
            peer_row(&PeerStatus { trust, met: met.into(), ..PeerStatus::default() })
        };
        assert_eq!(
            (row(YesNo::No)[1].as_str(), row(YesNo::No)[5].as_str()),
            ("confirmed here, awaits them", "never met")
        );
        assert_eq!((row(YesNo::Yes)[1].as_str(), row(YesNo::Yes)[5].as_str()), ("paired", "ok"));
    }

    fn one(name: &str, role: Role, added_ms: i64) -> UserView {
        let name = name.to_owned();
        UserView { name, roles: vec![role.into()], uid: Some(1_000), added_ms, ..UserView::default() }
    }

    #[test]
    fn whom_a_system_user_acts_as_is_told_when_another_is_bound_to_it() {
        let (claire, paul) = (one("claire", Role::Admin, 0), one("paul", Role::Counsellor, 5));
        let told = added(&paul, &[paul.clone(), claire.clone()]);
        assert!(told.text.contains("uid 1000 acts as claire (admin) as before"), "{}", told.text);
        assert!(told.text.contains("`relais --as paul whoami`"), "{}", told.text);
        assert_eq!(told.json["uid_acts_as"], "claire");
        let closed = UserView { closed: YesNo::Yes.into(), ..claire };
        let alone = added(&paul, &[closed, paul.clone()]);
        assert_eq!(alone.text, "paul is counsellor, uid 1000");
    }

    #[test]
    fn when_a_user_was_added_is_not_said_when_it_is_unknown() {
        assert_eq!(user_json(&one("claire", Role::Admin, 0))["added"], Value::Null);
        assert_eq!(
            user_json(&one("paul", Role::Admin, 1_790_000_000_000))["added"],
            "2026-09-21T14:13:20.000Z"
        );
    }
}
