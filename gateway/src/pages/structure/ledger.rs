//! The ledger, for who audits: whether it holds, its latest signed checkpoint, and what is known of the partners' ledgers.

use super::Room;
use crate::hex;
use crate::page::{self, Frame, MenuEntry, Place};
use crate::pages::thread::Teller;
use crate::tongue::Tongue;
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::response::Response;
use relais_proto::desk::v1::{
    LedgerCheck, LedgerCheckpointRequest, LedgerProblem, LedgerProblemKind as Kind, LedgerStatusRequest,
    LedgerStatusResponse, PeerLedger,
};

/// What is known of one partner's ledger.
struct Row {
    name: String,
    size: u64,
    seen: String,
    state: String,
    class: &'static str,
}

/// What the check of this node's ledger found.
#[derive(PartialEq, Eq, Debug)]
enum Found {
    /// Everything fits.
    Holds,
    /// The check could not be made; why, in the language of the page.
    NotChecked(String),
    /// Something does not fit: what, in the language of the page.
    Broken(String),
    /// The same, as a node says it that does not code it or codes something newer, in English.
    BrokenUncoded(String),
}

#[derive(Template)]
#[template(path = "pages/ledger.html")]
struct LedgerPage {
    frame: Frame,
    rooms: Vec<MenuEntry>,
    found: Found,
    size: u64,
    signed: u64,
    root: String,
    checkpoint: String,
    peers: Vec<Row>,
}

fn found(tongue: Tongue, status: &LedgerStatusResponse) -> Found {
    if status.check() == LedgerCheck::Holds {
        return Found::Holds;
    }
    let coded = status.coded_problem.unwrap_or_default();
    match in_words(tongue, &coded) {
        Some(words) if coded.kind() == Kind::NotChecked => Found::NotChecked(words),
        Some(words) => Found::Broken(words),
        None => Found::BrokenUncoded(status.problem.clone()),
    }
}

fn in_words(tongue: Tongue, problem: &LedgerProblem) -> Option<String> {
    let key = match problem.kind() {
        Kind::Unspecified => return None,
        Kind::LeavesMissing => "ledger-leaves-missing",
        Kind::NotAsSigned => "ledger-not-as-signed",
        Kind::LeafMissing => "ledger-leaf-missing",
        Kind::OtherTree => "ledger-other-tree",
        Kind::TreeNotWhole => "ledger-tree-not-whole",
        Kind::CheckpointBad => "ledger-checkpoint-bad",
        Kind::Corrupt => "ledger-corrupt",
        Kind::NotChecked => "ledger-not-checked",
    };
    let values = [
        ("signed", problem.signed.to_string()),
        ("held", problem.held.to_string()),
        ("place", problem.place.to_string()),
    ];
    Some(tongue.with(key, &values.each_ref().map(|(name, value)| (*name, value.as_str()))))
}

fn row(teller: &Teller<'_>, peer: &PeerLedger) -> Row {
    let (key, class) = match peer.consistent() {
        LedgerCheck::Holds => ("ledger-holds-short", "tag"),
        LedgerCheck::Broken | LedgerCheck::Unspecified => ("ledger-broken-short", "tag late"),
    };
    Row {
        name: peer.name.clone(),
        size: peer.size,
        seen: teller.distance(peer.seen_ms),
        state: teller.say(key),
        class,
    }
}

/// Shows it.
pub(crate) async fn show(session: Session) -> Result<Response, Trouble> {
    let rooms = Room::Ledger.enter(&session)?;
    let status = session.desk().ledger_status(session.ask(LedgerStatusRequest {})).await?.into_inner();
    let signed =
        session.desk().ledger_checkpoint(session.ask(LedgerCheckpointRequest {})).await?.into_inner();
    let teller = Teller::of(&session);
    let title = session.tongue().say("structure-ledger");
    Ok(page::ok(&LedgerPage {
        frame: Frame::signed(&session, Place::Structure, &title),
        rooms,
        found: found(session.tongue(), &status),
        size: status.size,
        signed: status.checkpoint_size,
        root: hex::encode(&status.root),
        checkpoint: signed.checkpoint,
        peers: status.peers.iter().map(|peer| row(&teller, peer)).collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tongue::Language;

    fn of_kind(kind: i32) -> LedgerStatusResponse {
        LedgerStatusResponse {
            check: LedgerCheck::Broken.into(),
            problem: "as the node says".to_owned(),
            coded_problem: Some(LedgerProblem { kind, signed: 7, held: 3, place: 4 }),
            ..LedgerStatusResponse::default()
        }
    }

    fn words(language: Language, kind: i32) -> String {
        match found(Tongue(language), &of_kind(kind)) {
            Found::Broken(words) | Found::NotChecked(words) => words,
            Found::Holds | Found::BrokenUncoded(_) => panic!("no words for {kind}"),
        }
    }

    #[test]
    fn every_problem_is_said_in_both_languages_and_an_unknown_one_as_the_node_says_it() {
        for kind in 1..=8 {
            let (french, english) = (words(Language::French, kind), words(Language::English, kind));
            assert_ne!(french, english, "{kind}");
            for words in [french, english] {
                assert!(!words.contains("Unknown") && !words.contains('$'), "{kind}: {words}");
            }
        }
        assert!(Kind::try_from(9).is_err(), "a problem that no test goes through");
        let former = LedgerStatusResponse { coded_problem: None, ..of_kind(0) };
        for status in [of_kind(0), of_kind(99), former] {
            let sentence = Found::BrokenUncoded("as the node says".to_owned());
            assert_eq!(found(Tongue(Language::French), &status), sentence);
        }
    }

    #[test]
    fn the_numbers_are_named_and_a_check_that_was_not_made_finds_nothing() {
        let french = |kind: Kind| words(Language::French, kind.into());
        assert!(french(Kind::LeavesMissing).contains('7') && french(Kind::LeavesMissing).contains('3'));
        assert!(french(Kind::NotAsSigned).contains('7') && french(Kind::LeafMissing).contains('4'));
        let status = of_kind(Kind::NotChecked.into());
        assert!(matches!(found(Tongue(Language::French), &status), Found::NotChecked(_)));
        let whole = LedgerStatusResponse { check: LedgerCheck::Holds.into(), ..status };
        assert_eq!(found(Tongue(Language::French), &whole), Found::Holds);
    }
}
