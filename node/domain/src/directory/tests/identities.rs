//! Records by identity, and where they belong, whatever becomes of them.

use super::*;

/// What is noted must be what a look at every record says; how many there are.
fn agrees(directory: &Directory, now: Timestamp) -> usize {
    let held = directory.all().filter(|held| held.record.expires_at > now);
    let all: Vec<(Timestamp, Digest, Partitions)> =
        held.map(|held| (held.record.issued_at, held.identity, directory.partitions(&held.record))).collect();
    assert_eq!(directory.placed(now).collect::<Vec<_>>(), all);
    for held in directory.all() {
        assert_eq!(found(directory, held.identity), Some(held));
    }
    let every: BTreeSet<Digest> = directory.all().map(|held| held.identity).collect();
    assert_eq!(directory.with_identities(&every).len(), directory.count());
    all.len()
}

fn found(directory: &Directory, identity: Digest) -> Option<&Held> {
    directory.with_identities(&BTreeSet::from([identity])).first().copied()
}

fn covering(name: &str, coverage: &str) -> Service {
    Service { coverage: Coverage::parse(&[coverage]).expect("a coverage"), ..service(name) }
}

#[test]
fn what_is_held_is_found_by_identity_and_where_it_belongs_whatever_becomes_of_it() {
    let mut directory = Directory::default();
    // Places before their service belong nowhere yet.
    admit(&mut directory, places("a", "s", 1));
    assert_eq!(directory.placed(NOW).next().map(|(_, _, partitions)| partitions), Some(Partitions::NONE));
    let first = Record { issued_at: NOW.minus(Span(9)), ..published("a", 1, covering("s", "17")) };
    let identity = Digest::of(format!("{first:?}").as_bytes());
    admit(&mut directory, first);
    admit(&mut directory, published("b", 1, covering("s", "79")));
    assert_eq!(agrees(&directory, NOW), 3);
    // They move with it, and are left behind by it.
    admit(&mut directory, published("a", 2, covering("s", "79")));
    assert_eq!((agrees(&directory, NOW), found(&directory, identity)), (3, None));
    admit(&mut directory, record("a", 3, Body::Withdrawn(RecordKey::Service(id("s")))));
    assert_eq!(agrees(&directory, NOW), 3);
    let later = NOW.plus(CAPACITY_LIFETIME_MAX);
    assert_eq!(agrees(&directory, later), 2, "places have expired and are still found by identity");
    directory.sweep(later);
    directory.forget(structure("b"));
    assert_eq!((agrees(&directory, later), directory.count()), (1, 1));
    directory.forget(structure("a"));
    assert_eq!(agrees(&directory, NOW), 0);
}

#[test]
fn who_makes_identities_that_begin_alike_hides_what_is_his_alone() {
    let mut directory = Directory::default();
    let alike = |last: u8| {
        let mut bytes = [7; 32];
        bytes[31] = last;
        Digest(bytes)
    };
    for (number, (of, name)) in [("a", "s"), ("a", "t"), ("b", "s")].into_iter().enumerate() {
        let number = u8::try_from(number).expect("a number");
        directory.admit(published(of, 1, service(name)), alike(number), NOW).expect("a good record");
    }
    assert!((0..3).all(|number| found(&directory, alike(number)).is_some()));
    directory.admit(published("a", 2, service("s")), identity(9), NOW).expect("a good record");
    assert_eq!(found(&directory, alike(1)), None, "it hid it himself");
    assert!(found(&directory, alike(2)).is_some() && found(&directory, identity(9)).is_some());
}
