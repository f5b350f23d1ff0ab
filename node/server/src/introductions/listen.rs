//! Being asked: whether a structure that talks at the pairing listener may wait for this node's admin.

use super::{
    INTRODUCTION_LIFETIME_MAX, INTRODUCTIONS_PER_VOUCHER_MAX, INTRODUCTIONS_WAITING_MAX, IntroduceError,
    Introduction, Introductions, Side, Standing, TALKS_MAX, confirm_until, write,
};
use crate::pairing::{Introduced, PairRefusal};
use crate::peers::{Origin, PeerTrust};
use relais_domain::directory::Voucher;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_store::batch::Expected;
use relais_wire::manifest::chain::Chain;

/// What lets a structure wait for the admin.
#[derive(Debug)]
enum Place {
    /// It waits already, and talked again.
    Again(Box<Introduction>, Expected),
    /// It takes a new place, on the word of this partner; what was begun a short time ago goes on counting.
    New { charged: StructureId, begun: Timestamp, talks: u32, expected: Expected },
}

impl Introductions {
    /// Whether a structure that showed what others say for it may be introduced. Whoever is not vouched for is told that
    /// and nothing else.
    pub(crate) async fn may_ask(&self, chain: &Chain) -> Result<(), PairRefusal> {
        let structure = chain.structure();
        let trust = self.engine.peers().peer(structure).map(|record| (record.trust(), record.origin()));
        let vouchers = self.vouchers(chain);
        match trust {
            Some((PeerTrust::Removed, _)) => return Err(PairRefusal::NotVouched),
            Some((PeerTrust::Paired | PeerTrust::Suspended, _)) => return Err(PairRefusal::Known),
            _ if vouchers.is_empty() => return Err(PairRefusal::NotVouched),
            // Two admins are comparing the words of an invitation: they are not changed under their eyes.
            Some((PeerTrust::Pending, Origin::Invitation)) => return Err(PairRefusal::Full),
            Some((PeerTrust::Pending, Origin::Introduction)) | None => {}
        }
        self.place(structure, &vouchers).await.map(|_| ())
    }

    async fn place(&self, structure: StructureId, vouchers: &[Voucher]) -> Result<Place, PairRefusal> {
        let all = self.read_all().await.map_err(|error| {
            tracing::error!(%error, "Introductions cannot be read");
            PairRefusal::Full
        })?;
        let now = self.now();
        let held = all.iter().find(|(introduction, _)| introduction.with == structure);
        let expected = held.map_or(Expected::Absent, |(_, version)| Expected::Version(*version));
        let former = held.map(|(introduction, _)| introduction).filter(|former| is_recent(former, now));
        if let Some((introduction, _)) = held {
            if former.is_some_and(|former| former.talks >= TALKS_MAX) {
                return Err(PairRefusal::Rate);
            }
            match introduction.standing {
                Standing::RefusedHere if introduction.expires > now => return Err(PairRefusal::Declined),
                Standing::Asking | Standing::AwaitsUs if introduction.expires > now => {
                    return Ok(Place::Again(Box::new(introduction.clone()), expected));
                }
                Standing::Asking
                | Standing::AwaitsUs
                | Standing::Confirmed
                | Standing::RefusedHere
                | Standing::RefusedThere
                | Standing::Lapsed
                | Standing::Expired => {}
            }
        }
        let all: Vec<&Introduction> = all.iter().map(|(introduction, _)| introduction).collect();
        let charged = charge(&all, structure, vouchers, now).ok_or(PairRefusal::Full)?;
        let (begun, talks) = former.map_or((now, 0), |former| (former.begun, former.talks));
        Ok(Place::New { charged, begun, talks, expected })
    }

    /// Takes up a structure that was introduced: it waits for this node's admin.
    pub(crate) async fn asked(&self, introduced: Introduced) -> Result<(), PairRefusal> {
        let _writing = self.writing.lock().await;
        self.may_ask(&introduced.chain).await?;
        let (structure, now) = (introduced.chain.structure(), self.now());
        let name = introduced.chain.current().claims().name.clone();
        let (introduction, expected) = match self.place(structure, &self.vouchers(&introduced.chain)).await? {
            Place::Again(held, expected) => {
                let expires = confirm_until(now, held.begun);
                let talks = held.talks.saturating_add(1);
                let again = held.standing(Standing::AwaitsUs, now).until(expires);
                (Introduction { name, talks, ..again }, expected)
            }
            Place::New { charged, begun, talks, expected } => {
                let fresh = waiting(structure, name, charged, now);
                let expires = confirm_until(now, begun);
                (Introduction { begun, expires, talks: talks.saturating_add(1), ..fresh }, expected)
            }
        };
        let noted = write(&introduction, expected);
        let Introduced { chain, phrase, agreement, .. } = introduced;
        let proposed = self.engine.peers().propose_introduced(chain, phrase, agreement, noted).await;
        proposed.map_err(|error| {
            tracing::warn!(peer.id = %structure, %error, "A structure was introduced in vain");
            PairRefusal::Rate
        })?;
        tracing::info!(peer.id = %structure, "A structure asks to be introduced");
        Ok(())
    }

    /// Notes that the other structure was reached and waits for this node's admin, as this node asked.
    pub(super) async fn answered(&self, introduced: Introduced) -> Result<(), IntroduceError> {
        let _writing = self.writing.lock().await;
        let structure = introduced.chain.structure();
        let (held, version) = self.read(structure).await?.ok_or(IntroduceError::Unknown)?;
        if held.standing != Standing::Asking {
            return Err(IntroduceError::Unknown);
        }
        let now = self.now();
        let expires = confirm_until(now, held.begun);
        let name = introduced.chain.current().claims().name.clone();
        let answered = held.standing(Standing::AwaitsUs, now).until(expires);
        let answered = Introduction { name, talks: held.talks.saturating_add(1), trouble: None, ..answered };
        let noted = write(&answered, Expected::Version(version));
        let Introduced { chain, phrase, agreement, .. } = introduced;
        self.engine.peers().propose_introduced(chain, phrase, agreement, noted).await?;
        tracing::info!(peer.id = %structure, "An introduction was answered: compare the phrase, then confirm");
        Ok(())
    }
}

/// Whether an introduction was begun so short a time ago that it counts.
fn is_recent(introduction: &Introduction, now: Timestamp) -> bool {
    introduction.begun.plus(INTRODUCTION_LIFETIME_MAX) > now
}

fn waiting(with: StructureId, name: String, charged: StructureId, now: Timestamp) -> Introduction {
    Introduction {
        with,
        name,
        side: Side::AskedOfUs,
        standing: Standing::AwaitsUs,
        begun: now,
        changed: now,
        expires: confirm_until(now, now),
        endpoints: Vec::new(),
        charged: Some(charged),
        talks: 0,
        tries: 0,
        next_try: now,
        trouble: None,
    }
}

/// The first partner, of those that vouch, whose share is not full; none when nobody's is, or too many wait in all.
fn charge(
    all: &[&Introduction],
    structure: StructureId,
    vouchers: &[Voucher],
    now: Timestamp,
) -> Option<StructureId> {
    let others = |one: &&&Introduction| one.side == Side::AskedOfUs && one.with != structure;
    let asked = || all.iter().filter(others);
    let waiting = asked().filter(|introduction| introduction.standing == Standing::AwaitsUs).count();
    if waiting >= INTRODUCTIONS_WAITING_MAX {
        return None;
    }
    let counts = |one: &&&Introduction| is_recent(one, now) && one.standing != Standing::Confirmed;
    let share = |by: StructureId| {
        asked().filter(counts).filter(|introduction| introduction.charged == Some(by)).count()
    };
    vouchers.iter().map(|voucher| voucher.by).find(|by| share(*by) < INTRODUCTIONS_PER_VOUCHER_MAX)
}
