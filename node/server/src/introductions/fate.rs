//! What becomes of an introduction as time passes and partners change.

use super::{Introduction, Introductions, Standing};
use crate::peers::{Origin, PeerTrust};
use relais_domain::time::Timestamp;

/// What becomes of an introduction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// It goes on.
    GoesOn,
    /// Nobody vouches for it any more.
    Lapses,
    /// Its time is over.
    Expires,
    /// Nothing of it needs to be remembered.
    Forgotten,
}

impl Introductions {
    /// What becomes of one now.
    pub(super) fn fate(&self, introduction: &Introduction, now: Timestamp) -> Fate {
        let over = introduction.expires <= now;
        let peers = self.engine.peers();
        let record = peers.peer(introduction.with);
        let vouched = || record.as_ref().is_some_and(|record| !self.vouchers(&record.chain()).is_empty());
        let paired = record.as_ref().is_some_and(|record| record.trust() == PeerTrust::Paired);
        // Only a node whose admin confirmed, too, lets us in or comes to us.
        let seen = paired && !peers.is_awaited(introduction.with);
        match introduction.standing {
            Standing::Asking if seen => Fate::Forgotten,
            Standing::Asking if over => Fate::Expires,
            Standing::Asking if self.recommended_by(introduction.with).is_empty() => Fate::Lapses,
            Standing::Asking => Fate::GoesOn,
            Standing::AwaitsUs => {
                let waits = record.as_ref().is_some_and(|record| {
                    record.trust() == PeerTrust::Pending && record.origin() == Origin::Introduction
                });
                match (waits, over) {
                    (false, _) => Fate::Forgotten,
                    (true, true) => Fate::Expires,
                    (true, false) if vouched() => Fate::GoesOn,
                    (true, false) => Fate::Lapses,
                }
            }
            Standing::Confirmed => match (paired && !seen, vouched()) {
                (false, _) => Fate::Forgotten,
                (true, true) => Fate::GoesOn,
                (true, false) => Fate::Lapses,
            },
            Standing::RefusedHere | Standing::RefusedThere | Standing::Lapsed | Standing::Expired => {
                if over {
                    Fate::Forgotten
                } else {
                    Fate::GoesOn
                }
            }
        }
    }
}
