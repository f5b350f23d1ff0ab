//! The suite held against stores with one flaw each: every flaw must break the rule that forbids it.

mod flawed;

use super::{Backend, Failure, RULES, sample};
use crate::batch::{Batch, DocumentWrite, Expected, OutboxChange, Prepared, ThreadWrite};
use crate::rows::{EventRow, OutboxRow, OutboxState, Shelf};
use flawed::{Commit, Flaw, Flawed, Read, Reopen, block_on};
use relais_domain::consent::Standing;
use relais_domain::content::ContentPart;
use relais_domain::event::Counts;
use relais_domain::fold::Parts;
use relais_domain::personal::Personal;
use relais_domain::time::{Quarter, Span, Timestamp};
use std::collections::BTreeSet;

fn broken_by(flaw: Flaw, name: &str) -> Result<(), Failure> {
    let rule = RULES.iter().find(|rule| rule.name() == name).expect("the rule is in the suite");
    let mut backend: Box<dyn Backend> = Box::new(Flawed::with(flaw));
    block_on(rule.check(&mut *backend))
}

fn in_thread(batch: &mut Batch, spoil: impl FnOnce(&mut ThreadWrite)) {
    if let Some(write) = &mut batch.thread {
        spoil(write);
    }
}

fn in_events(batch: &mut Batch, spoil: impl FnMut(&mut EventRow)) {
    in_thread(batch, |write| write.events.iter_mut().for_each(spoil));
}

fn in_outbox(batch: &mut Batch, spoil: impl FnMut(&mut OutboxRow)) {
    in_thread(batch, |write| write.outbox.iter_mut().for_each(spoil));
}

/// Makes a batch another one.
type Spoil = fn(&mut Batch);

/// Ways to write something else than what was asked.
const SPOILED: &[(Spoil, &str)] = &[
    (|b| in_thread(b, |w| w.steps.clear()), "a_thread_comes_back_as_it_was_written"),
    (|b| in_thread(b, |w| w.steps.reverse()), "a_thread_comes_back_as_it_was_written"),
    (|b| in_thread(b, |w| w.steps.clear()), "a_change_keeps_what_was_there"),
    (|b| in_thread(b, |w| w.row.follow_up = None), "every_code_of_a_thread_comes_back"),
    (|b| in_thread(b, |w| w.row.attention &= 0xffff), "every_code_of_a_thread_comes_back"),
    (|b| in_thread(b, |w| w.row.due = None), "every_code_of_a_thread_comes_back"),
    (|b| in_events(b, |e| e.counts = Counts::Yes), "every_code_of_an_event_comes_back"),
    (|b| in_events(b, |e| e.part = ContentPart::Course), "every_code_of_an_event_comes_back"),
    (
        |b| in_events(b, |e| e.content = e.content.take().filter(|c| !c.expose().is_empty())),
        "what_was_kept_is_told_from_what_was_empty",
    ),
    (|b| in_thread(b, |w| w.row.label = None), "a_change_replaces_the_whole_row"),
    (|b| in_thread(b, |w| w.prepared = Prepared::Unchanged), "prepared_content_is_put_replaced_and_gone"),
    (|b| in_events(b, |e| e.content = None), "an_event_is_read_alone_with_its_content"),
    (|b| in_thread(b, |w| w.events.truncate(63)), "a_thread_holds_256_events_a_side"),
    (
        |b| in_thread(b, |w| w.row.changed_at = w.row.opened_at.plus(Span::seconds(1))),
        "a_changed_thread_comes_first",
    ),
    (|b| in_thread(b, |w| w.row.wake_at = None), "threads_wake_earliest_first"),
    (
        |b| in_thread(b, |w| w.row.wake_at = w.row.wake_at.or(Some(Timestamp(0)))),
        "a_thread_wakes_at_its_last_instant_only",
    ),
    (|b| in_thread(b, |w| w.expected_version = None), "erasing_twice_or_nothing_is_harmless"),
    (|b| in_events(b, |e| e.content = None), "what_is_written_after_an_erasure_is_kept"),
    (|b| in_thread(b, |w| w.steps.clear()), "what_follows_an_erasure_at_once_is_kept"),
    (|b| in_thread(b, |w| w.outbox.clear()), "writes_that_rest_on_each_other_leave_no_gap"),
    (|b| in_events(b, |e| e.content = None), "erasing_one_thread_leaves_the_others"),
    (|b| in_thread(b, |w| w.erase = Parts::default()), "each_part_is_erased_alone"),
    (
        |b| in_thread(b, |w| w.erase = w.erase.with(Parts::of([ContentPart::StageOne]))),
        "each_part_is_erased_alone",
    ),
    (|b| in_thread(b, |w| w.erase = Parts::default()), "part_after_part_is_erased"),
    (|b| in_thread(b, |w| w.erase = Parts::default()), "several_parts_are_erased_at_once"),
    (|b| in_thread(b, |w| w.erase = Parts::default()), "an_erased_event_is_read_without_content"),
    (|b| in_thread(b, |w| w.erase = Parts::default()), "what_is_erased_on_arrival_is_not_kept"),
    (
        |b| {
            in_events(b, |e| {
                if e.part == ContentPart::Evidence {
                    e.content = None
                }
            })
        },
        "an_erasure_brings_its_own_evidence",
    ),
    (|b| in_thread(b, |w| w.outbox.clear()), "messages_leave_oldest_thread_first_and_in_order"),
    (|b| in_outbox(b, |r| r.next_at = Timestamp(0)), "a_message_waits_behind_one_not_yet_due"),
    (|b| in_outbox(b, |r| r.peer = sample::peer(1)), "messages_leave_for_their_peer_alone"),
    (|b| in_outbox(b, |r| r.state = OutboxState::Waiting), "what_waits_is_counted_by_peer"),
    (|b| in_outbox(b, |r| r.first_failed_at = None), "a_failure_to_deliver_is_noted_once"),
    (|b| b.outbox.clear(), "a_retry_changes_what_it_says"),
    (|b| b.outbox.clear(), "a_message_waits_behind_a_parked_one"),
    (|b| b.outbox.clear(), "a_peer_that_is_back_is_tried_at_once"),
    (|b| b.outbox.clear(), "a_failure_to_deliver_is_noted_once"),
    (|b| b.outbox.clear(), "a_dropped_thread_leaves_the_outbox"),
    (|b| b.outbox.iter_mut().for_each(forget_code), "a_retry_changes_what_it_says"),
    (
        |b| in_thread(b, |w| w.row.standing = Standing::Active),
        "once_the_consent_has_ended_nothing_waits_behind_another_message",
    ),
    (|b| in_thread(b, |w| w.blank.clear()), "a_blanked_event_holds_what_remains"),
    (|b| in_thread(b, |w| w.blank.truncate(1)), "a_blanked_event_holds_what_remains"),
    (|b| in_thread(b, |w| w.blank.reverse()), "a_blanked_event_holds_what_remains"),
    (
        |b| in_thread(b, |w| w.blank.iter_mut().for_each(|blank| blank.remains = None)),
        "a_blanked_event_holds_what_remains",
    ),
    (|b| in_thread(b, |w| w.blank.clear()), "what_is_blanked_as_it_arrives_holds_what_remains"),
    (|b| in_thread(b, |w| w.erase = Parts::default()), "what_holds_nothing_is_blanked_to_nothing"),
    (|b| in_events(b, fill), "what_holds_nothing_is_blanked_to_nothing"),
    (|b| in_thread(b, |w| w.erase = Parts::default()), "what_is_blanked_and_erased_is_gone"),
    (|b| in_thread(b, |w| w.erase = Parts::default()), "what_remains_is_erased_like_the_rest"),
    (|b| in_thread(b, |w| w.blank.clear()), "an_event_that_is_not_there_is_not_blanked"),
    (|b| in_thread(b, |w| w.blank.truncate(1)), "an_event_that_is_not_there_is_not_blanked"),
    (|b| b.inbox = None, "a_receipt_issued_comes_back"),
    (|b| b.inbox = None, "a_message_is_receipted_once"),
    (|b| b.acks.clear(), "a_receipt_lets_its_message_go"),
    (|b| b.acks.clear(), "a_message_that_left_is_not_brought_back"),
    (|b| b.acks.iter_mut().for_each(|a| a.receipt = vec![1]), "the_first_receipt_held_stays"),
    (|b| b.acks.truncate(1), "receipts_held_come_by_sequence"),
    (|b| b.documents.iter_mut().for_each(expect_any), "a_document_of_another_version_is_a_conflict"),
    (|b| b.documents.retain(|w| w.body.is_some()), "a_removed_document_begins_again"),
    (
        |b| b.documents.iter_mut().for_each(|w| w.shelf = Shelf::Peer),
        "a_document_grows_by_one_with_every_write",
    ),
    (
        |b| b.documents.iter_mut().for_each(|w| w.key.make_ascii_lowercase()),
        "documents_are_listed_by_prefix_and_key",
    ),
    (
        |b| b.documents.iter_mut().for_each(|w| w.body = w.body.take().filter(|body| !body.is_empty())),
        "a_document_may_be_empty_or_large",
    ),
    (|b| b.leaves.reverse(), "the_ledger_is_the_tree_of_its_leaves"),
    (|b| b.leaves.truncate(8), "the_ledger_is_the_tree_of_its_leaves"),
    (|b| b.leaves.truncate(1), "a_leaf_may_come_twice"),
    (|b| b.leaves.iter_mut().for_each(|l| l.salt = [0; 32]), "every_leaf_is_proven_from_stored_nodes"),
    (|b| b.leaves.truncate(63), "every_former_tree_is_proven_to_have_grown"),
    (|b| b.leaves.clear(), "a_commit_nobody_waits_for_is_whole"),
    (|b| b.leaves.push(sample::leaf(1)), "an_empty_batch_changes_nothing"),
    (|b| in_thread(b, |w| w.tally = None), "every_code_of_a_tally_row_comes_back"),
    (|b| in_thread(b, |w| w.tally_moved = None), "a_tally_row_moves_by_what_is_said"),
    (|b| in_thread(b, |w| w.tally_moved = None), "a_tally_row_opens_and_moves_at_once"),
    (|b| b.closing = None, "a_closed_quarter_is_counted_without_its_threads"),
    (|b| in_thread(b, |w| w.tally = None), "every_code_of_a_cell_comes_back"),
    (|b| b.closing = b.closing.map(Quarter::next), "a_quarter_closes_from_its_first_instant_to_its_last"),
    (|b| in_thread(b, |w| w.tally_moved = None), "what_opens_and_moves_with_the_closing_is_counted"),
    (
        |b| b.closing = b.closing.filter(|_| b.thread.is_none()),
        "what_opens_and_moves_with_the_closing_is_counted",
    ),
    (|b| b.refusals.truncate(1), "refusals_are_counted_by_peer_and_code"),
    (|b| b.refusals.iter_mut().for_each(|r| r.peer = None), "refusals_are_counted_by_peer_and_code"),
];

fn fill(event: &mut EventRow) {
    event.content.get_or_insert(Personal::new(Vec::new()));
}

fn forget_code(change: &mut OutboxChange) {
    if let OutboxChange::Retry { last_code, .. } = change {
        *last_code = 0;
    }
}

fn expect_any(write: &mut DocumentWrite) {
    write.expected_version = Expected::Any;
}

/// Ways to commit otherwise.
const COMMITTED: &[(Commit, &str)] = &[
    (Commit::Overwrites, "a_thread_that_exists_is_not_opened_again"),
    (Commit::Overwrites, "a_write_on_another_version_is_a_conflict"),
    (Commit::Overwrites, "a_row_that_skips_a_version_is_not_stored"),
    (Commit::ForgetsEveryTenth, "writes_that_rest_on_each_other_leave_no_gap"),
    (Commit::Overwrites, "one_of_several_writes_of_a_version_wins"),
    (Commit::InHalves, "a_batch_with_one_conflict_writes_nothing"),
    (Commit::InHalves, "a_conflict_harms_nobody_else"),
    (Commit::TakesMessagesTwice, "a_message_id_is_used_once"),
    (Commit::TakesMessagesTwice, "conflicts_are_seen_after_reopening"),
    (Commit::SaysYes, "a_place_in_a_chain_is_used_once"),
    (Commit::SaysYes, "one_of_several_documents_with_one_key_wins"),
    (Commit::DropsOthersAfterConflict, "a_conflict_harms_nobody_else"),
    (Commit::ForgetsEveryTenth, "commits_of_different_threads_all_land"),
    (Commit::ClosesOnce, "what_opens_in_a_closed_quarter_is_added_at_the_next_closing"),
    (Commit::ClosesOnce, "several_closings_of_a_quarter_count_once"),
    (Commit::RefusesLateMoves, "what_moves_after_the_closing_changes_no_count"),
];

/// Ways to read otherwise.
const READ: &[(Read, &str)] = &[
    (Read::OldestFirst, "pages_go_from_the_newest_change_on"),
    (Read::PageWithItsInstant, "a_page_ends_before_its_instant"),
    (Read::PageWithItsInstant, "pages_go_from_the_newest_change_on"),
    (Read::NoLimit, "pages_go_from_the_newest_change_on"),
    (Read::NoLimit, "a_page_holds_no_more_than_the_most"),
    (Read::NoLimit, "threads_wake_earliest_first"),
    (Read::NoLimit, "messages_leave_oldest_thread_first_and_in_order"),
    (Read::WakesLate, "threads_wake_earliest_first"),
    (Read::LeavesOutOfTurn, "a_message_waits_behind_one_not_yet_due"),
    (Read::LeavesOutOfTurn, "a_message_waits_behind_a_parked_one"),
    (Read::AllShelves, "documents_are_listed_by_prefix_and_key"),
    (Read::NoPrefix, "documents_are_listed_by_prefix_and_key"),
    (Read::PageWithItsKey, "documents_are_gone_through_piece_by_piece"),
    (Read::LongPieces, "documents_are_gone_through_piece_by_piece"),
    (Read::SortedNodes, "nodes_come_in_the_order_asked"),
    (Read::MadeUpNodes, "a_node_that_is_not_there_is_a_contradiction"),
    (Read::OneLeafOfEach, "leaves_are_found_by_subject"),
    (Read::TallyWithItsEnd, "the_tally_is_cut_by_the_opening"),
    (Read::HoldsWhatHasEnded, "once_the_consent_has_ended_nothing_waits_behind_another_message"),
    (Read::LeavesOutOfTurn, "once_the_consent_has_ended_nothing_waits_behind_another_message"),
    (Read::CellsWithTheirEnd, "cells_are_cut_by_quarter"),
    (Read::CountsEveryClosing, "a_quarter_closed_again_counts_nothing_twice"),
    (Read::CountsEveryClosing, "several_closings_of_a_quarter_count_once"),
    (Read::CountsLateMoves, "what_moves_after_the_closing_changes_no_count"),
    (Read::KeepsClosedRows, "a_closed_quarter_is_counted_without_its_threads"),
    (Read::TornThread, "a_thread_is_read_as_of_one_instant"),
];

/// Ways to lose what was durable.
const REOPENED: &[(Reopen, &str)] = &[
    (Reopen::Empty, "what_is_committed_is_there_after_reopening"),
    (Reopen::Empty, "documents_survive_reopening"),
    (Reopen::Empty, "an_erasure_survives_reopening"),
    (Reopen::Empty, "the_ledger_goes_on_after_reopening"),
    (Reopen::LessTheLast, "what_is_committed_is_there_after_reopening"),
    (Reopen::LessTheLast, "an_erasure_survives_reopening"),
    (Reopen::Empty, "a_closed_quarter_is_counted_without_its_threads"),
    (Reopen::Empty, "a_blanked_event_survives_reopening"),
    (Reopen::LessTheLast, "a_blanked_event_survives_reopening"),
    (Reopen::Empty, "conflicts_are_seen_after_reopening"),
];

fn flaws() -> Vec<(Flaw, &'static str)> {
    let spoiled = SPOILED.iter().map(|(spoil, name)| (Flaw::Spoil(*spoil), *name));
    let committed = COMMITTED.iter().map(|(commit, name)| (Flaw::Commit(*commit), *name));
    let read = READ.iter().map(|(read, name)| (Flaw::Read(*read), *name));
    let reopened = REOPENED.iter().map(|(reopen, name)| (Flaw::Reopen(*reopen), *name));
    spoiled.chain(committed).chain(read).chain(reopened).collect()
}

#[test]
fn every_flaw_breaks_the_rule_that_forbids_it() {
    let seen = |(index, (flaw, name)): (usize, (Flaw, &'static str))| {
        broken_by(flaw, name).is_ok().then(|| format!("flaw {index}, {name}"))
    };
    let unseen: Vec<String> = flaws().into_iter().enumerate().filter_map(seen).collect();
    assert!(unseen.is_empty(), "passed: {unseen:?}");
}

#[test]
fn every_rule_is_broken_by_some_flaw() {
    let rules: BTreeSet<&str> = RULES.iter().map(super::Rule::name).collect();
    let broken: BTreeSet<&str> = flaws().into_iter().map(|(_, name)| name).collect();
    assert_eq!(rules, broken);
}

#[test]
fn without_a_flaw_every_rule_holds() {
    let spoil_nothing = Flaw::Spoil(|_| {});
    let failures: Vec<String> = RULES
        .iter()
        .filter_map(|rule| broken_by(spoil_nothing, rule.name()).err())
        .map(|failure| failure.to_string())
        .collect();
    assert!(failures.is_empty(), "{failures:?}");
}

#[test]
fn a_failure_tells_its_rule_and_its_place() {
    let failure = broken_by(Flaw::Reopen(Reopen::Empty), "documents_survive_reopening").expect_err("broken");
    let told = failure.to_string();
    assert!(told.starts_with("documents_survive_reopening: "), "{told}");
    assert!(told.contains("documents.rs:"), "{told}");
}

#[test]
fn samples_of_two_seeds_share_no_id() {
    let mut ids = BTreeSet::new();
    for seed in 1..=200_u64 {
        assert!(ids.insert(sample::thread_id(seed).as_bytes().to_vec()));
        for event in sample::varied_events(seed) {
            assert!(ids.insert(event.message.as_bytes().to_vec()));
            assert!(ids.insert(event.identity.as_bytes().to_vec()));
        }
    }
}
