//! One suite for every backend: what a store promises, rule by rule.
//!
//! It needs no runtime: a backend's tests call [`all`] with a way to open a fresh, empty store, and run the future on
//! whatever they have. Nothing here stops the program; a broken promise comes back as a [`Failure`].

mod blanking;
mod closing;
mod concurrency;
mod counts;
mod documents;
mod erasure;
mod failure;
mod join;
mod ledger;
mod outbox;
mod pages;
mod receipts;
pub mod sample;
mod snapshot;
#[cfg(test)]
mod tests;
mod threads;
mod whole;

pub use failure::Failure;
pub use snapshot::Snapshot;

use crate::Store;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What a backend does, later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A backend under test.
pub trait Backend: Send {
    /// The store that is open now.
    fn store(&self) -> Arc<dyn Store>;

    /// Closes the store and opens again what it kept. No check holds a handle on the former store by then.
    fn reopen(&mut self) -> Later<'_, ()>;
}

/// One promise.
#[derive(Clone, Copy)]
pub struct Rule {
    name: &'static str,
    check: for<'a> fn(&'a mut (dyn Backend + 'static)) -> Later<'a, Result<(), Failure>>,
}

impl Rule {
    /// The promise, as a sentence.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Checks it on a backend whose store is empty.
    ///
    /// # Errors
    /// [`Failure`] says what is not as promised.
    pub async fn check(&self, backend: &mut (dyn Backend + 'static)) -> Result<(), Failure> {
        (self.check)(backend).await.map_err(|failure| failure.of(self.name))
    }
}

/// Checks every rule, each on a backend of its own.
///
/// # Errors
/// Every [`Failure`] met.
pub async fn all<B: Backend + 'static>(fresh: impl AsyncFn() -> B) -> Result<(), Vec<Failure>> {
    let mut failures = Vec::new();
    for rule in RULES {
        let mut backend = fresh().await;
        failures.extend(rule.check(&mut backend).await.err());
    }
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}

macro_rules! rules {
    ($($room:ident::$check:ident),+ $(,)?) => {
        /// Every rule of the suite.
        pub const RULES: &[Rule] = &[$(Rule {
            name: stringify!($check),
            check: |backend| Box::pin($room::$check(backend)),
        }),+];
    };
}

rules![
    threads::a_thread_comes_back_as_it_was_written,
    threads::every_code_of_a_thread_comes_back,
    threads::every_code_of_an_event_comes_back,
    threads::what_was_kept_is_told_from_what_was_empty,
    threads::a_thread_that_exists_is_not_opened_again,
    threads::a_write_on_another_version_is_a_conflict,
    threads::a_row_that_skips_a_version_is_not_stored,
    threads::a_message_id_is_used_once,
    threads::a_place_in_a_chain_is_used_once,
    threads::a_change_keeps_what_was_there,
    threads::prepared_content_is_put_replaced_and_gone,
    threads::an_event_is_read_alone_with_its_content,
    threads::a_thread_holds_256_events_a_side,
    threads::a_change_replaces_the_whole_row,
    pages::pages_go_from_the_newest_change_on,
    pages::a_page_ends_before_its_instant,
    pages::a_changed_thread_comes_first,
    pages::a_page_holds_no_more_than_the_most,
    pages::threads_wake_earliest_first,
    pages::a_thread_wakes_at_its_last_instant_only,
    receipts::a_receipt_issued_comes_back,
    receipts::a_message_is_receipted_once,
    receipts::receipts_held_come_by_sequence,
    receipts::a_receipt_lets_its_message_go,
    receipts::the_first_receipt_held_stays,
    outbox::messages_leave_oldest_thread_first_and_in_order,
    outbox::messages_leave_for_their_peer_alone,
    outbox::a_message_waits_behind_one_not_yet_due,
    outbox::a_message_waits_behind_a_parked_one,
    outbox::once_the_consent_has_ended_nothing_waits_behind_another_message,
    outbox::a_retry_changes_what_it_says,
    outbox::a_message_that_left_is_not_brought_back,
    outbox::a_peer_that_is_back_is_tried_at_once,
    outbox::a_failure_to_deliver_is_noted_once,
    outbox::a_dropped_thread_leaves_the_outbox,
    outbox::what_waits_is_counted_by_peer,
    documents::a_document_grows_by_one_with_every_write,
    documents::a_document_of_another_version_is_a_conflict,
    documents::a_removed_document_begins_again,
    documents::documents_are_listed_by_prefix_and_key,
    documents::documents_are_gone_through_piece_by_piece,
    documents::a_document_may_be_empty_or_large,
    documents::documents_survive_reopening,
    erasure::each_part_is_erased_alone,
    erasure::part_after_part_is_erased,
    erasure::several_parts_are_erased_at_once,
    erasure::an_erased_event_is_read_without_content,
    erasure::erasing_one_thread_leaves_the_others,
    erasure::what_is_erased_on_arrival_is_not_kept,
    erasure::an_erasure_brings_its_own_evidence,
    erasure::what_is_written_after_an_erasure_is_kept,
    erasure::what_follows_an_erasure_at_once_is_kept,
    erasure::erasing_twice_or_nothing_is_harmless,
    erasure::an_erasure_survives_reopening,
    blanking::a_blanked_event_holds_what_remains,
    blanking::what_is_blanked_as_it_arrives_holds_what_remains,
    blanking::what_holds_nothing_is_blanked_to_nothing,
    blanking::what_is_blanked_and_erased_is_gone,
    blanking::what_remains_is_erased_like_the_rest,
    blanking::an_event_that_is_not_there_is_not_blanked,
    blanking::a_blanked_event_survives_reopening,
    ledger::the_ledger_is_the_tree_of_its_leaves,
    ledger::every_leaf_is_proven_from_stored_nodes,
    ledger::every_former_tree_is_proven_to_have_grown,
    ledger::nodes_come_in_the_order_asked,
    ledger::a_node_that_is_not_there_is_a_contradiction,
    ledger::leaves_are_found_by_subject,
    ledger::a_leaf_may_come_twice,
    ledger::the_ledger_goes_on_after_reopening,
    counts::every_code_of_a_tally_row_comes_back,
    counts::the_tally_is_cut_by_the_opening,
    counts::a_tally_row_moves_by_what_is_said,
    counts::a_tally_row_opens_and_moves_at_once,
    counts::refusals_are_counted_by_peer_and_code,
    closing::a_closed_quarter_is_counted_without_its_threads,
    closing::every_code_of_a_cell_comes_back,
    closing::a_quarter_closes_from_its_first_instant_to_its_last,
    closing::a_quarter_closed_again_counts_nothing_twice,
    closing::what_opens_in_a_closed_quarter_is_added_at_the_next_closing,
    closing::what_moves_after_the_closing_changes_no_count,
    closing::what_opens_and_moves_with_the_closing_is_counted,
    closing::cells_are_cut_by_quarter,
    closing::several_closings_of_a_quarter_count_once,
    whole::a_batch_with_one_conflict_writes_nothing,
    whole::an_empty_batch_changes_nothing,
    whole::what_is_committed_is_there_after_reopening,
    whole::conflicts_are_seen_after_reopening,
    concurrency::commits_of_different_threads_all_land,
    concurrency::one_of_several_writes_of_a_version_wins,
    concurrency::writes_that_rest_on_each_other_leave_no_gap,
    concurrency::one_of_several_documents_with_one_key_wins,
    concurrency::a_conflict_harms_nobody_else,
    concurrency::a_thread_is_read_as_of_one_instant,
    concurrency::a_commit_nobody_waits_for_is_whole,
];
