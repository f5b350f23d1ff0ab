//! Who is responsible for a person who is being handed over, and whether that is confirmed.

use super::timeline::receipt;
use super::{Names, side};
use crate::desk::threads::Loaded;
use relais_domain::event::{EventKind, Side};
use relais_domain::fold::State;
use relais_domain::thread::Signing;
use relais_proto::desk::v1 as desk;

pub(super) fn handover(loaded: &Loaded, state: &State, names: &Names) -> desk::HandoverView {
    let thread = &loaded.thread;
    let responsible = state.responsible();
    let ours = responsible == thread.side;
    let confirmed =
        thread.chain(Side::Sender).iter().find(|event| event.skeleton.kind == EventKind::Effective);
    let confirmed = confirmed.and_then(|event| receipt(&loaded.acks, event));
    let name = if ours { &names.own } else { &names.peer };
    desk::HandoverView {
        responsible: side(responsible),
        responsible_id: if ours { Vec::new() } else { thread.peer.as_bytes().to_vec() },
        responsible_name: name.clone(),
        not_before_ms: state.not_before.map(|at| at.0),
        offer_until_ms: state.offer_until.map(|at| at.0),
        signing: match (thread.side, thread.signing) {
            (Side::Receiver, _) => desk::Signing::Unspecified.into(),
            (Side::Sender, Signing::ByItself) => desk::Signing::ByItself.into(),
            (Side::Sender, Signing::Asks) => desk::Signing::Asks.into(),
        },
        confirmed_ms: confirmed,
        sentence: sentence(thread.side, state, confirmed, names),
    }
}

/// What the professional has to know now.
fn sentence(at: Side, state: &State, confirmed: Option<i64>, names: &Names) -> String {
    match (at, state.effective, confirmed) {
        (Side::Sender, true, None) => {
            format!("passé à {}, pas encore confirmé : continuez", names.peer)
        }
        (Side::Sender, true, Some(_)) => format!("suivi par {}, confirmé", names.peer),
        (Side::Sender, false, _) => format!("toujours suivi par {}", names.own),
        (Side::Receiver, true, _) => format!("suivi par {}", names.own),
        (Side::Receiver, false, _) => format!("toujours suivi par {}", names.peer),
    }
}
