//! Whether there is room for a structure that asks: what is remembered of it, and the shares of those that vouch.

use super::{
    INTRODUCTION_LIFETIME_MAX, INTRODUCTIONS_PER_VOUCHER_MAX, INTRODUCTIONS_WAITING_MAX, Introduction,
    Introductions, Side, Standing, TALKS_MAX,
};
use crate::pairing::PairRefusal;
use relais_domain::directory::Voucher;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_store::batch::Expected;

/// What lets a structure wait for the admin.
#[derive(Debug)]
pub(super) enum Place {
    /// It waits already, and talked again.
    Again(Box<Introduction>, Expected),
    /// It takes a new place, on the word of this partner; what was begun a short time ago goes on counting.
    New { charged: StructureId, begun: Timestamp, talks: u32, expected: Expected },
}

impl Introductions {
    pub(super) async fn place(
        &self,
        structure: StructureId,
        vouchers: &[Voucher],
    ) -> Result<Place, PairRefusal> {
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
}

/// Whether an introduction was begun so short a time ago that it counts.
fn is_recent(introduction: &Introduction, now: Timestamp) -> bool {
    introduction.begun.plus(INTRODUCTION_LIFETIME_MAX) > now
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
