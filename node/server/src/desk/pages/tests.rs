//! Pages: empty until completed, plain text, bounded.

use super::super::bench::House;
use super::*;
use tonic::Code;

fn save(kind: desk::PageKind, language: &str, text: &str) -> desk::SavePageRequest {
    desk::SavePageRequest {
        kind: kind.into(),
        language: language.to_owned(),
        text: text.to_owned(),
        seen_saved_ms: None,
    }
}

async fn show(desk: &Desk, kind: desk::PageKind, language: &str) -> desk::PageView {
    let request = desk::ShowPageRequest { kind: kind.into(), language: language.to_owned() };
    desk.show_page(&request).await.unwrap()
}

#[tokio::test]
async fn a_page_is_empty_until_an_admin_completes_it() {
    let house = House::new("agency");
    let desk = house.desk().await;
    let empty = show(&desk, desk::PageKind::Legal, "").await;
    assert_eq!((empty.language.as_str(), empty.text.as_str(), empty.saved_ms), ("fr", "", None));
    let leaves = desk.engine.store().ledger_size().await.unwrap();
    let text = "Éditeur : l’agence.\r\n\r\nHébergeur : l’agence.\r\n";
    let saved = desk.save_page(save(desk::PageKind::Legal, "fr", text)).await.unwrap();
    assert_eq!(saved.text, "Éditeur : l’agence.\n\nHébergeur : l’agence.");
    assert_eq!(desk.engine.store().ledger_size().await.unwrap(), leaves + 1, "an admin's act is on record");
    drop(desk);
    let desk = house.desk().await;
    assert_eq!(show(&desk, desk::PageKind::Legal, "").await, saved);
    assert_eq!(show(&desk, desk::PageKind::Legal, "en").await.text, "", "no language stands for another");
    assert_eq!(show(&desk, desk::PageKind::Privacy, "fr").await.text, "");
    desk.save_page(save(desk::PageKind::Legal, "fr", " ")).await.unwrap();
    assert_eq!(show(&desk, desk::PageKind::Legal, "fr").await, empty, "taken back");
}

#[tokio::test]
async fn a_page_saved_since_it_was_seen_is_not_replaced() {
    let house = House::new("agency");
    let desk = house.desk().await;
    let request = |seen, text| desk::SavePageRequest {
        seen_saved_ms: Some(seen),
        ..save(desk::PageKind::Legal, "fr", text)
    };
    let first = desk.save_page(request(0, "un")).await.unwrap();
    let refused = desk.save_page(request(0, "autre")).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert_eq!(refused.metadata().get("relais-code").unwrap(), "changed");
    assert_eq!(show(&desk, desk::PageKind::Legal, "fr").await, first);
    assert_eq!(desk.save_page(request(0, "un")).await.unwrap(), first, "sent twice, it says the same");
    desk.save_page(request(first.saved_ms.unwrap(), "deux")).await.unwrap();
    desk.save_page(save(desk::PageKind::Legal, "fr", "trois")).await.expect("who did not look replaces it");
}

#[tokio::test]
async fn what_is_no_page_is_refused_and_names_its_field() {
    let desk = House::new("agency").desk().await;
    let legal = desk::PageKind::Legal;
    let wrong = [
        ("kind", save(desk::PageKind::Unspecified, "fr", "x")),
        ("kind", desk::SavePageRequest { kind: 99, ..save(legal, "fr", "x") }),
        ("kind", desk::SavePageRequest { kind: -1, ..save(legal, "fr", "x") }),
        ("language", save(legal, "f", "x")),
        ("language", save(legal, "FR", "x")),
        ("language", save(legal, "fr/x", "x")),
        ("text", save(legal, "fr", &"é".repeat(PAGE_CHARS_MAX + 1))),
        ("text", save(legal, "fr", "a\u{202e}b")),
        ("text", save(legal, "fr", "a\u{7}b")),
    ];
    for (field, request) in wrong {
        let refused = desk.save_page(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{field}");
        assert_eq!(refused.metadata().get("relais-field").unwrap(), field);
    }
    desk.save_page(save(legal, "fr", &"é".repeat(PAGE_CHARS_MAX))).await.expect("the most there may be");
}

#[tokio::test]
async fn a_page_has_so_many_languages_and_no_more() {
    let desk = House::new("agency").desk().await;
    let language = |index: usize| {
        let letter = |place: usize| char::from(b'a' + u8::try_from(place % 26).unwrap());
        [letter(index / 26), letter(index)].iter().collect::<String>()
    };
    for index in 0..LANGUAGES_MAX {
        desk.save_page(save(desk::PageKind::Legal, &language(index), "x")).await.unwrap();
    }
    let another = language(LANGUAGES_MAX);
    let refused = desk.save_page(save(desk::PageKind::Legal, &another, "x")).await.unwrap_err();
    assert_eq!(refused.metadata().get("relais-field").unwrap(), "language");
    desk.save_page(save(desk::PageKind::Legal, &language(0), "y")).await.expect("one that is there changes");
    desk.save_page(save(desk::PageKind::Privacy, &another, "x")).await.expect("another page has its own");
}
