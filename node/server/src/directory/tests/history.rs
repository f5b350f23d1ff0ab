//! How many referrals are looked at, of those that partners left unanswered.

use super::*;
use relais_domain::consent::Standing;
use relais_domain::digest::Digest;
use relais_domain::event::{Side, ThreadKind};
use relais_domain::fold::{Label, Parts, Step};
use relais_domain::id::ThreadId;
use relais_domain::thread::{Freeze, Signing};
use relais_store::batch::{Batch, Prepared, ThreadWrite};
use relais_store::rows::ThreadRow;

/// A referral that expired, the later the greater its number.
fn expired(number: u32, now: Timestamp) -> ThreadRow {
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    ThreadRow {
        id: ThreadId::from_random(id),
        kind: ThreadKind::Referral,
        side: Side::Sender,
        peer: StructureId::of_root_spki(b"partner"),
        consent: Digest::of(&id),
        valid_until: now,
        standing: Standing::Active,
        signing: Signing::ByItself,
        freeze: Freeze::No,
        follow_up: None,
        version: 1,
        opened_at: now,
        changed_at: now.plus(Span(i64::from(number))),
        wake_at: None,
        label: Some(Label::Expired),
        step: Step::Sent,
        due: None,
        attention: 0,
    }
}

#[tokio::test]
async fn the_latest_two_thousand_referrals_are_looked_at() {
    let us = Bench::new("us").await;
    let now = us.clock.now();
    for number in 0..2_001 {
        let write = ThreadWrite {
            expected_version: None,
            row: expired(number, now),
            events: Vec::new(),
            steps: Vec::new(),
            prepared: Prepared::Unchanged,
            blank: Vec::new(),
            erase: Parts::default(),
            outbox: Vec::new(),
            tally: None,
            tally_moved: None,
        };
        us.store.commit(Batch { thread: Some(write), ..Batch::default() }).await.unwrap();
    }
    us.directory.recall().await.unwrap();
    let history = us.directory.history(StructureId::of_root_spki(b"partner")).unwrap();
    assert_eq!((history.asked, history.unanswered, history.median_days), (2_000, 2_000, None));
}
