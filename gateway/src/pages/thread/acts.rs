//! The acts: their addresses, and how each is done: by one press, or on a small page of its own.

use relais_proto::desk::v1::{Possible, ThreadView};
use relais_proto::peer::v1::ThreadKind;

use super::state::is_ours;

/// Every act.
pub(super) const ALL: [Possible; 18] = [
    Possible::Accept,
    Possible::Refuse,
    Possible::AskInfo,
    Possible::GiveInfo,
    Possible::Schedule,
    Possible::Arrive,
    Possible::NoShow,
    Possible::Waitlist,
    Possible::Close,
    Possible::Correct,
    Possible::Release,
    Possible::Withdraw,
    Possible::MakeEffective,
    Possible::Renounce,
    Possible::Cancel,
    Possible::WriteNote,
    Possible::Void,
    Possible::StopConsent,
];

/// How an act is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum How {
    /// By one press.
    Press,
    /// On a page of its own, with fields or one more question.
    Page,
}

/// The last part of an act's address; empty for none.
pub(super) fn slug(act: Possible) -> &'static str {
    match act {
        Possible::Unspecified => "",
        Possible::AskInfo => "question",
        Possible::GiveInfo => "reponse",
        Possible::Accept => "accepter",
        Possible::Refuse => "refuser",
        Possible::Waitlist => "attente",
        Possible::Schedule => "rendez-vous",
        Possible::NoShow => "absence",
        Possible::Arrive => "venue",
        Possible::Close => "terminer",
        Possible::Correct => "corriger",
        Possible::Release => "arreter",
        Possible::Withdraw => "reprendre",
        Possible::WriteNote => "note",
        Possible::Void => "effacer",
        Possible::StopConsent => "fin-accord",
        Possible::Renounce => "renoncer",
        Possible::MakeEffective => "passage",
        Possible::Cancel => "annuler",
    }
}

/// The act of an address.
pub(super) fn of_slug(text: &str) -> Option<Possible> {
    ALL.into_iter().find(|act| slug(*act) == text)
}

/// How it is done.
pub(super) fn how(act: Possible) -> How {
    match act {
        Possible::Accept | Possible::NoShow | Possible::Arrive => How::Press,
        Possible::Unspecified
        | Possible::AskInfo
        | Possible::GiveInfo
        | Possible::Refuse
        | Possible::Waitlist
        | Possible::Schedule
        | Possible::Close
        | Possible::Correct
        | Possible::Release
        | Possible::Withdraw
        | Possible::WriteNote
        | Possible::Void
        | Possible::StopConsent
        | Possible::Renounce
        | Possible::MakeEffective
        | Possible::Cancel => How::Page,
    }
}

/// What the word files call it: `POSSIBLE_ASK_INFO` → `ask-info`.
pub(super) fn stem(act: Possible) -> String {
    super::teller::spelled(act.as_str_name().trim_start_matches("POSSIBLE_"))
}

/// The same, where a handover or the other end has words of its own.
pub(super) fn stem_for(act: Possible, view: &ThreadView) -> String {
    let summary = view.summary.clone().unwrap_or_default();
    let handover = summary.kind() == ThreadKind::Handover;
    let disclosed =
        view.disclosure() == relais_proto::desk::v1::Disclosure::Done || super::state::is_walk_in(view);
    let variant = match act {
        Possible::Accept if handover => "-handover",
        Possible::Withdraw if disclosed => "-asked",
        Possible::StopConsent if is_ours(&summary) => "-ours",
        Possible::Unspecified
        | Possible::AskInfo
        | Possible::GiveInfo
        | Possible::Accept
        | Possible::Refuse
        | Possible::Waitlist
        | Possible::Schedule
        | Possible::NoShow
        | Possible::Arrive
        | Possible::Close
        | Possible::Correct
        | Possible::Release
        | Possible::Withdraw
        | Possible::WriteNote
        | Possible::Void
        | Possible::StopConsent
        | Possible::Renounce
        | Possible::MakeEffective
        | Possible::Cancel => "",
    };
    format!("{}{variant}", stem(act))
}
