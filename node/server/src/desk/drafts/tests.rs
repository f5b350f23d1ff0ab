//! Drafts: their author's alone, bounded, and gone after a week.

use super::super::bench::{House, caller};
use super::*;
use crate::users::Role;
use relais_domain::time::Span;
use tonic::Code;

fn save(id: u8, form: &str, fields: &[u8]) -> desk::SaveDraftRequest {
    let (draft_id, form, fields) = (vec![id; 16], form.to_owned(), fields.to_vec());
    desk::SaveDraftRequest { draft_id, form, fields, subject: b"theme=a".to_vec() }
}

fn show(id: u8) -> desk::ShowDraftRequest {
    desk::ShowDraftRequest { draft_id: vec![id; 16] }
}

async fn listed(desk: &Desk, caller: &Caller, form: &str) -> Vec<u8> {
    let request = desk::ListDraftsRequest { form: form.to_owned() };
    let drafts = desk.list_drafts(&request, caller).await.unwrap().drafts;
    assert!(drafts.iter().all(|draft| draft.fields.is_empty()), "fields are left out of lists");
    assert!(drafts.iter().all(|draft| draft.subject == b"theme=a"), "what tells them apart is not");
    drafts.iter().map(|draft| draft.draft_id[0]).collect()
}

/// How many drafts lie on the shelf, whoever wrote them.
async fn kept(desk: &Desk) -> usize {
    desk.engine.store().documents(Shelf::Draft, &[]).await.unwrap().len()
}

#[tokio::test]
async fn a_draft_is_read_again_as_it_was_left_even_after_a_restart() {
    let house = House::new("agency");
    let desk = house.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    let saved = desk.save_draft(save(1, "referral", b"first"), &nadia).await.unwrap();
    assert_eq!((saved.form.as_str(), saved.fields.len()), ("referral", 0));
    house.clock.shift(Span::seconds(1));
    desk.save_draft(save(1, "referral", b"second"), &nadia).await.unwrap();
    drop(desk);
    let desk = house.desk().await;
    let shown = desk.show_draft(&show(1), &nadia).await.unwrap();
    assert_eq!(shown.fields, b"second");
    assert!(shown.saved_ms > saved.saved_ms);
    assert_eq!(listed(&desk, &nadia, "").await, [1]);
    let discard = desk::DiscardDraftRequest { draft_id: vec![1; 16] };
    desk.discard_draft(&discard, &nadia).await.unwrap();
    assert_eq!(desk.show_draft(&show(1), &nadia).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(kept(&desk).await, 0);
    desk.discard_draft(&discard, &nadia).await.expect("what is not there is forgotten already");
}

#[tokio::test]
async fn nobody_reads_changes_or_forgets_the_draft_of_another() {
    let desk = House::new("agency").desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    let chief = caller(&desk, "chief", Role::Coordinator).await;
    desk.save_draft(save(1, "referral", b"hers"), &nadia).await.unwrap();
    let refused = desk.show_draft(&show(1), &chief).await.unwrap_err();
    let nothing = desk.show_draft(&show(9), &chief).await.unwrap_err();
    assert_eq!((refused.code(), refused.message()), (nothing.code(), nothing.message()), "the same answer");
    assert!(listed(&desk, &chief, "").await.is_empty());
    desk.save_draft(save(1, "referral", b"his"), &chief).await.unwrap();
    let discard = desk::DiscardDraftRequest { draft_id: vec![1; 16] };
    desk.discard_draft(&discard, &chief).await.unwrap();
    assert_eq!(desk.show_draft(&show(1), &nadia).await.unwrap().fields, b"hers");
}

#[tokio::test]
async fn of_too_many_drafts_of_a_form_the_oldest_gives_way() {
    let house = House::new("agency");
    let desk = house.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    let other = caller(&desk, "other", Role::Counsellor).await;
    desk.save_draft(save(1, "referral", b"theirs"), &other).await.unwrap();
    let most = u8::try_from(DRAFTS_OF_A_FORM_MAX).unwrap();
    for id in 1..=most {
        house.clock.shift(Span::seconds(i64::from(id)));
        desk.save_draft(save(id, "referral", b"x"), &nadia).await.unwrap();
    }
    // The oldest is saved again: now it is the newest, and the second gives way.
    house.clock.shift(Span::seconds(100));
    desk.save_draft(save(1, "referral", b"again"), &nadia).await.unwrap();
    let all = listed(&desk, &nadia, "").await;
    assert_eq!(all.len(), DRAFTS_OF_A_FORM_MAX, "saved again, none gives way");
    house.clock.shift(Span::seconds(200));
    desk.save_draft(save(99, "referral", b"x"), &nadia).await.unwrap();
    let left = listed(&desk, &nadia, "").await;
    assert_eq!((left.len(), &left[..2]), (DRAFTS_OF_A_FORM_MAX, [99, 1].as_slice()));
    assert!(!left.contains(&2));
    assert_eq!(listed(&desk, &other, "").await, [1], "another's stay");
}

#[tokio::test]
async fn what_is_being_written_outlasts_whatever_is_sent() {
    let house = House::new("agency");
    let desk = house.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    desk.save_draft(save(1, "referral", b"begun"), &nadia).await.unwrap();
    for id in 2..=u8::try_from(DRAFTS_OF_A_FORM_MAX).unwrap() + 10 {
        house.clock.shift(Span::seconds(i64::from(id)));
        desk.save_draft(save(id, "referral-sent", b"x"), &nadia).await.unwrap();
    }
    assert_eq!(desk.show_draft(&show(1), &nadia).await.unwrap().fields, b"begun");
    assert_eq!(listed(&desk, &nadia, "referral-sent").await.len(), DRAFTS_OF_A_FORM_MAX);
}

#[test]
fn of_whatever_form_there_is_an_end_to_them() {
    let draft = |at: usize| {
        let form = format!("form-{}", "a".repeat(at % FORM_CHARS_MAX));
        (at.to_be_bytes().to_vec(), desk::DraftView { form, ..Default::default() })
    };
    let gone: Vec<_> = too_many((0..DRAFTS_MAX + 1).map(draft).collect(), "another").collect();
    assert_eq!(gone, [draft(DRAFTS_MAX - 1).0, draft(DRAFTS_MAX).0], "the oldest");
}

#[tokio::test]
async fn a_draft_is_gone_a_week_after_it_was_saved_last() {
    let house = House::new("agency");
    let desk = house.desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    desk.save_draft(save(1, "referral", b"old"), &nadia).await.unwrap();
    desk.save_draft(save(2, "referral", b"kept"), &nadia).await.unwrap();
    house.clock.shift(Span(DRAFT_KEPT.0 - Span::minutes(1).0));
    assert_eq!(desk.show_draft(&show(1), &nadia).await.unwrap().fields, b"old");
    desk.save_draft(save(2, "referral", b"kept"), &nadia).await.unwrap();
    prune(&desk.engine, &desk.users).await.unwrap();
    assert_eq!(kept(&desk).await, 2, "none is too old yet");
    house.clock.shift(Span(DRAFT_KEPT.0 + Span::minutes(1).0));
    assert_eq!(desk.show_draft(&show(1), &nadia).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(listed(&desk, &nadia, "").await, [2], "before anyone has swept");
    assert_eq!(kept(&desk).await, 2);
    prune(&desk.engine, &desk.users).await.unwrap();
    assert_eq!(kept(&desk).await, 1);
    assert_eq!(listed(&desk, &nadia, "").await, [2]);
}

#[tokio::test]
async fn what_is_no_draft_is_refused_and_names_its_field() {
    let desk = House::new("agency").desk().await;
    let nadia = caller(&desk, "nadia", Role::Counsellor).await;
    let long = vec![0; FIELDS_BYTES_MAX + 1];
    let subject = |bytes| desk::SaveDraftRequest { subject: vec![0; bytes], ..save(1, "referral", b"") };
    let wrong = [
        ("draft_id", desk::SaveDraftRequest { draft_id: vec![1; 15], ..save(1, "referral", b"") }),
        ("form", save(1, "", b"")),
        ("form", save(1, &"a".repeat(FORM_CHARS_MAX + 1), b"")),
        ("form", save(1, "Referral", b"")),
        ("form", save(1, "réf", b"")),
        ("fields", save(1, "referral", &long)),
        ("subject", subject(SUBJECT_BYTES_MAX + 1)),
    ];
    for (field, request) in wrong {
        let refused = desk.save_draft(request, &nadia).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{field}");
        assert_eq!(refused.metadata().get("relais-field").unwrap(), field);
    }
    assert_eq!(kept(&desk).await, 0);
    desk.save_draft(save(1, &"a".repeat(FORM_CHARS_MAX), &long[1..]), &nadia)
        .await
        .expect("the most there may be");
    desk.save_draft(subject(SUBJECT_BYTES_MAX), &nadia).await.expect("the most that may tell it apart");
}

#[test]
fn drafts_are_sealed_at_rest() {
    assert!(Shelf::Draft.is_personal() && Shelf::Delayed.is_personal());
}
