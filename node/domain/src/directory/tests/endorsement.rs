//! Who vouches for whom, and that what ended never comes to life again.

use super::*;
use crate::territory::Territory;

fn pin(number: u8) -> Pin {
    Pin { sequence: number.into(), manifest: identity(number) }
}

fn scope(territories: &[&str], themes: &[&str]) -> Scope {
    let themes = themes.iter().map(|code| Theme::parse(code).expect("a theme")).collect();
    Scope { territories: Coverage::parse(territories).expect("known"), themes }
}

fn endorsement(subject: &str) -> Endorsement {
    Endorsement { subject: structure(subject), pin: pin(1), scope: scope(&[], &[]) }
}

fn endorses(by: &str, sequence: u64, endorsement: Endorsement) -> Record {
    record(by, sequence, Body::Endorsement(Box::new(endorsement)))
}

fn withdraws(by: &str, subject: &str, sequence: u64) -> Record {
    record(by, sequence, Body::Withdrawn(RecordKey::Endorsement(structure(subject))))
}

/// Who vouches for `subject`, for one whose only partner is `b`.
fn vouch(directory: &Directory, subject: &str, now: Timestamp) -> Vec<StructureId> {
    vouch_for(directory, subject, None, &[], now)
}

fn vouch_for(
    directory: &Directory,
    subject: &str,
    territory: Option<&str>,
    themes: &[&str],
    now: Timestamp,
) -> Vec<StructureId> {
    let themes: BTreeSet<Theme> = themes.iter().map(|code| Theme::parse(code).expect("a theme")).collect();
    let territory = territory.map(|code| Territory::parse(code).expect("known"));
    let asked = Vouched { subject: structure(subject), territory, themes: &themes };
    let partner = structure("b");
    let found = directory.vouchers(asked, now, |by| by == partner, |pinned| pinned == pin(1));
    found.into_iter().map(|voucher| voucher.by).collect()
}

#[test]
fn a_partner_vouches_and_nobody_else() {
    let mut directory = Directory::default();
    admit(&mut directory, endorses("b", 1, endorsement("a")));
    admit(&mut directory, endorses("stranger", 1, endorsement("a")));
    assert_eq!(vouch(&directory, "a", NOW), [structure("b")]);
    assert_eq!(vouch(&directory, "other subject", NOW), []);
    assert_eq!(directory.endorsements_of(structure("a"), NOW).count(), 2);
}

#[test]
fn a_hundred_structures_that_endorse_each_other_are_worth_nothing() {
    let mut directory = Directory::default();
    let names: Vec<String> = (0..100).map(|number| format!("sybil {number}")).collect();
    for by in &names {
        for subject in names.iter().filter(|subject| *subject != by) {
            admit(&mut directory, endorses(by, 1, endorsement(subject)));
        }
        admit(&mut directory, endorses(by, 1, endorsement("a")));
    }
    // Nor are they what a partner vouches for worth more: that is not passed on.
    admit(&mut directory, endorses("b", 1, endorsement("sybil 0")));
    assert_eq!(vouch(&directory, "a", NOW), []);
    assert_eq!(vouch(&directory, "sybil 0", NOW), [structure("b")]);
    assert!(names.iter().skip(1).all(|name| vouch(&directory, name, NOW).is_empty()));
}

#[test]
fn it_counts_in_its_time_for_its_scope_and_its_pin() {
    let mut directory = Directory::default();
    let scoped = Endorsement { scope: scope(&["17"], &[THEME]), ..endorsement("a") };
    admit(&mut directory, endorses("b", 1, scoped));
    admit(&mut directory, endorses("b", 1, Endorsement { pin: pin(2), ..endorsement("pinned elsewhere") }));
    assert_eq!(vouch(&directory, "a", NOW), [], "a word for one need is none for every need");
    assert_eq!(vouch(&directory, "pinned elsewhere", NOW), []);
    assert_eq!(vouch_for(&directory, "a", Some("17300"), &[THEME], NOW), [structure("b")]);
    assert_eq!(vouch_for(&directory, "a", Some("33063"), &[THEME], NOW), []);
    let other = "logement-hebergement--changer-de-logement";
    assert_eq!(vouch_for(&directory, "a", Some("17300"), &[THEME, other], NOW), []);
    let end = NOW.plus(ENDORSEMENT_LIFETIME_MAX);
    let at = |now| vouch_for(&directory, "a", None, &[THEME], now);
    assert_eq!((at(end.minus(Span(1))), at(end)), (vec![structure("b")], Vec::new()));
}

#[test]
fn it_lasts_a_month_at_least_and_a_year_at_most() {
    let mut directory = Directory::default();
    let lasting = |span: Span| {
        let record = Record { expires_at: NOW.plus(span), ..endorses("b", 1, endorsement("a")) };
        directory.clone().admit(record, identity(1), NOW)
    };
    let wrong = Err(DirectoryRefusal::Lifetime);
    assert_eq!(lasting(ENDORSEMENT_LIFETIME_MIN), Ok(Admitted::New));
    assert_eq!(lasting(ENDORSEMENT_LIFETIME_MAX), Ok(Admitted::New));
    assert_eq!(lasting(Span(ENDORSEMENT_LIFETIME_MIN.0 - 1)), wrong);
    assert_eq!(lasting(Span(ENDORSEMENT_LIFETIME_MAX.0 + 1)), wrong);
    // One that is taken back is so for as long as any older version could last.
    let short = Record { expires_at: NOW.plus(Span::days(365)), ..withdraws("b", "a", 2) };
    assert_eq!(directory.admit(short, identity(2), NOW), wrong);
    assert_eq!(directory.admit(withdraws("b", "a", 2), identity(2), NOW), Ok(Admitted::New));
}

#[test]
fn one_taken_back_or_shortened_never_comes_to_life_again() {
    let first = endorses("b", 1, endorsement("a"));
    let later = NOW.plus(Span::days(1));
    let at = |record: Record| Record { issued_at: later, ..record };
    let taken_back =
        at(Record { expires_at: later.plus(ENDORSEMENT_LIFETIME_MAX), ..withdraws("b", "a", 2) });
    let shortened =
        at(Record { expires_at: later.plus(Span::days(30)), ..endorses("b", 2, endorsement("a")) });
    for second in [taken_back, shortened] {
        let mut directory = Directory::default();
        directory.admit(first.clone(), identity(1), NOW).expect("good");
        directory.admit(second.clone(), identity(2), later).expect("newer");
        let last = first.expires_at.minus(Span(1));
        assert_eq!(directory.sweep(last), [], "it still stands in the way");
        assert_eq!(vouch(&directory, "a", last), []);
        let older = Err(DirectoryRefusal::Older { held: 2 });
        assert_eq!(directory.admit(first.clone(), identity(1), last), older);
        // So it is after a restart.
        let mut restarted = Directory::default();
        restarted.restore(second.clone(), identity(2), last).expect("it is kept");
        assert_eq!(restarted.admit(first.clone(), identity(1), last), older);
        let end = later.plus(ENDORSEMENT_LIFETIME_MAX);
        assert_eq!(directory.sweep(end).len(), 1);
        assert_eq!(Directory::default().restore(second, identity(2), end), Err(DirectoryRefusal::Expired));
        assert_eq!(directory.admit(first.clone(), identity(1), end), Err(DirectoryRefusal::Expired));
    }
}

#[test]
fn a_newer_one_was_not_signed_before_the_one_it_replaces() {
    let mut directory = Directory::default();
    directory.admit(endorses("b", 1, endorsement("a")), identity(1), NOW).expect("good");
    let before = NOW.minus(Span(1));
    let expires_at = before.plus(ENDORSEMENT_LIFETIME_MAX);
    let backdated = Record { issued_at: before, expires_at, ..withdraws("b", "a", 2) };
    assert_eq!(directory.admit(backdated, identity(2), NOW), Err(DirectoryRefusal::Backdated));
    assert_eq!(directory.admit(withdraws("b", "a", 2), identity(3), NOW), Ok(Admitted::Newer));
}
