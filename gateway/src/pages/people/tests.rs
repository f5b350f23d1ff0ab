//! Persons and handovers, page by page, over hand-made answers of the node.

use crate::bench::{Bench, french};
use crate::form::Form;
use crate::hex;
use crate::tongue::Language;
use axum::http::StatusCode;
use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::Role;
use relais_proto::peer::v1 as peer;
use tonic::Code;

const PERSON: [u8; 16] = [3; 16];
const DRAFT: [u8; 16] = [4; 16];
const THREAD: [u8; 16] = [5; 16];
const HUB: [u8; 32] = [6; 32];
const THEME: &str = "numerique--acquerir-un-equipement";
const HOSTILE: &str = "<script>alert(1)</script>\u{202e}\"'><b>";

fn person() -> desk::FollowUpView {
    desk::FollowUpView {
        follow_up_id: PERSON.to_vec(),
        name: Some(peer::Name { given: "Noémie".to_owned(), family: "L".to_owned() }),
        contact: Some(peer::Contact {
            reach: peer::Reach::Phone.into(),
            detail: Some("06 12 34 56 78".to_owned()),
            language: Some("uk".to_owned()),
            cautions: vec![peer::Caution::Discreet.into()],
        }),
        notes: vec!["préfère le matin".to_owned()],
        referent: "claire".to_owned(),
        standing: desk::FollowUpStanding::Open.into(),
        opened_ms: 1_795_000_000_000,
        ended_ms: None,
        threads: vec![thread()],
    }
}

fn thread() -> desk::ThreadSummary {
    desk::ThreadSummary {
        thread_id: THREAD.to_vec(),
        kind: peer::ThreadKind::Referral.into(),
        side: desk::Side::Sender.into(),
        peer_id: HUB.to_vec(),
        peer_name: "Emmaüs Connect".to_owned(),
        step: desk::Step::Scheduled.into(),
        themes: vec![THEME.to_owned()],
        changed_ms: 1_795_000_000_000,
        ..Default::default()
    }
}

fn service() -> desk::ServiceView {
    desk::ServiceView {
        structure_id: HUB.to_vec(),
        structure_name: "Emmaüs Connect".to_owned(),
        service_id: "atelier-1".to_owned(),
        name: "Atelier numérique".to_owned(),
        themes: vec![THEME.to_owned()],
        commune_code: "17300".to_owned(),
        commune_name: "La Rochelle".to_owned(),
        ..Default::default()
    }
}

fn draft(fields: &str) -> desk::DraftView {
    let suivi = hex::encode(&PERSON);
    let structure = hex::encode(&HUB);
    let known = format!(
        "demande={}&suivi={suivi}&structure={structure}&service=atelier-1&theme={THEME}&prenom=Noémie&initiale=L\
         &voie=telephone&joindre=06&commune=La Rochelle&commune-nom=La Rochelle&commune-code=17300",
        hex::encode(&[9; 16])
    );
    let mut form = Form::parse(known.as_bytes()).unwrap();
    form.take_over(Form::parse(fields.as_bytes()).unwrap());
    desk::DraftView {
        draft_id: DRAFT.to_vec(),
        form: "relais".to_owned(),
        fields: form.encode(),
        subject: format!("prenom=Noémie&initiale=L&structure={structure}").into_bytes(),
        saved_ms: 1_795_000_000_000,
    }
}

fn bench(roles: &[Role]) -> Bench {
    let paired = desk::PeerView {
        peer_id: HUB.to_vec(),
        name: "Emmaüs Connect".to_owned(),
        trust: peer::PeerTrust::Paired.into(),
        ..Default::default()
    };
    let notice = desk::NoticeView {
        language: "fr".to_owned(),
        script: "Je voudrais demander à une autre structure.".to_owned(),
        ..Default::default()
    };
    Bench::of(roles)
        .shown_for(&format!("{}|atelier-1", hex::encode(&HUB)))
        .answers(
            "ListFollowUps",
            &desk::ListFollowUpsResponse { follow_ups: vec![person()], next_page_token: "25".to_owned() },
        )
        .answers("ListDrafts", &desk::ListDraftsResponse { drafts: vec![draft("")] })
        .answers("ShowFollowUp", &person())
        .answers("OpenFollowUp", &person())
        .answers("ShowDraft", &draft(""))
        .answers("SaveDraft", &draft(""))
        .answers("DiscardDraft", &desk::DiscardDraftResponse {})
        .answers("ListPeers", &desk::ListPeersResponse { peers: vec![paired], pairings: vec![] })
        .answers(
            "ListServices",
            &desk::ListServicesResponse { services: vec![service()], ..Default::default() },
        )
        .answers("ShowNotice", &notice)
        .answers(
            "PreviewReferral",
            &desk::ReferralPreview { consent_until_ms: 1_803_000_000_000, ..Default::default() },
        )
        .answers("OpenHandover", &desk::ThreadView { summary: Some(thread()), ..Default::default() })
}

fn counsellor() -> Bench {
    bench(&[Role::Counsellor])
}

fn pages() -> Vec<String> {
    let (person, draft) = (hex::encode(&PERSON), hex::encode(&DRAFT));
    vec![
        "/personnes".to_owned(),
        "/personnes/nouvelle".to_owned(),
        format!("/personnes/{person}"),
        format!("/relais/{draft}/service"),
        format!("/relais/{draft}/accord"),
    ]
}

fn offer() -> String {
    format!("/relais/{}/accord", hex::encode(&DRAFT))
}

const AGREED: [(&str, &str); 10] = [
    ("prenom", "Noémie"),
    ("initiale", "L"),
    ("voie", "telephone"),
    ("joindre", "06"),
    ("commune", "La Rochelle"),
    ("theme", THEME),
    ("reste", "CAF"),
    ("accepte", "besoin"),
    ("accepte", "suivi"),
    ("maniere", "oral"),
];

#[tokio::test]
async fn every_page_is_whole_in_both_languages() {
    for role in [Role::Counsellor, Role::Coordinator] {
        for language in [Language::French, Language::English] {
            let bench = bench(&[role]).reading(language);
            for address in pages() {
                let page = bench.get(&address).await;
                assert_eq!(page.status, StatusCode::OK, "{address}");
                page.is_whole();
            }
        }
    }
}

#[tokio::test]
async fn a_handover_that_was_begun_is_given_up_from_the_list() {
    let page = counsellor().get("/personnes").await;
    let address = format!("action=\"/relais/{}/abandon\"", hex::encode(&DRAFT));
    assert!(page.has(&address) && page.has("aria-describedby=\"brouillon-1\""), "{}", page.text);
}

#[tokio::test]
async fn who_follows_no_one_finds_nothing_here() {
    for role in [Role::Admin, Role::Auditor] {
        let bench = bench(&[role])
            .refuses("ListFollowUps", Code::PermissionDenied, "role", "")
            .refuses("ShowFollowUp", Code::NotFound, "not_there", "")
            .refuses("PreviewReferral", Code::PermissionDenied, "role", "");
        for address in pages().into_iter().chain([format!("/personnes/{}/relais", hex::encode(&PERSON))]) {
            assert_eq!(bench.get(&address).await.status, StatusCode::NOT_FOUND, "{address}");
        }
        for address in ["/personnes", "/personnes/nouvelle"] {
            assert_eq!(bench.post(address, &[]).await.status, StatusCode::NOT_FOUND, "{address}");
        }
        for rpc in ["ListFollowUps", "ShowFollowUp", "PreviewReferral"] {
            assert!(bench.times_asked(rpc) > 0, "{rpc}: the node puts them on record");
        }
        for rpc in ["OpenFollowUp", "ShowDraft", "SaveDraft", "ListDrafts"] {
            assert_eq!(bench.times_asked(rpc), 0, "{rpc}");
        }
    }
}

#[tokio::test]
async fn nobody_is_shown_a_person_without_signing_in() {
    let bench = counsellor();
    for address in pages() {
        let page = bench.get_as_nobody(&address).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{address}");
        assert!(page.leads_to().starts_with("/connexion"), "{address}");
    }
}

#[tokio::test]
async fn a_form_of_another_session_does_nothing() {
    let bench = counsellor();
    let addresses = ["/personnes".to_owned(), "/personnes/nouvelle".to_owned(), offer()];
    for address in addresses {
        for fields in [vec![], vec![("jeton", "AAAA")]] {
            assert_eq!(bench.post_as_is(&address, &fields).await.status, StatusCode::FORBIDDEN, "{address}");
        }
    }
    assert_eq!(bench.times_asked("OpenFollowUp") + bench.times_asked("OpenHandover"), 0);
}

#[tokio::test]
async fn what_is_no_id_is_not_there() {
    let bench = counsellor();
    for address in ["/personnes/xyz", "/personnes/00", "/relais/xyz/accord", "/relais/00/service"] {
        assert_eq!(bench.get(address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
    let other = desk::DraftView { form: "orientation".to_owned(), ..draft("") };
    let bench = counsellor().answers("ShowDraft", &other);
    assert_eq!(bench.get(&offer()).await.status, StatusCode::NOT_FOUND, "the draft of another form");
}

#[tokio::test]
async fn a_name_stands_in_no_address_and_no_tab() {
    let bench = counsellor();
    let list = bench.post("/personnes", &[("debut", "Noé"), ("equipe", "oui")]).await;
    assert_eq!(list.status, StatusCode::OK);
    let asked: desk::ListFollowUpsRequest = bench.asked("ListFollowUps").unwrap();
    assert_eq!(asked.name_prefix, "Noé");
    assert_eq!(asked.team(), peer::YesNo::Unspecified, "a counsellor does not ask for the team's");
    assert!(list.has("value=\"Noé\""), "what was typed is kept");
    assert!(list.has("<bdi>Noémie L. · Emmaüs Connect</bdi>"), "which handover was begun: {}", list.text);
    for address in pages() {
        let page = bench.get(&address).await;
        let title = page.text.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0;
        assert!(!title.contains("Noémie"), "{address}");
        assert!(!page.text.contains("href=\"/personnes?"), "{address}");
    }
}

#[tokio::test]
async fn a_coordinator_sees_the_team_when_they_ask() {
    let bench = bench(&[Role::Coordinator]);
    let page = bench.post("/personnes", &[("equipe", "oui"), ("page", "25")]).await;
    let asked: desk::ListFollowUpsRequest = bench.asked("ListFollowUps").unwrap();
    assert_eq!((asked.team(), asked.page_token.as_str()), (peer::YesNo::Yes, "25"));
    assert!(page.has(">claire<"), "who follows them");
    let page = bench.post("/personnes", &[("page", "1' or <b>")]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(bench.asked::<desk::ListFollowUpsRequest>("ListFollowUps").unwrap().page_token, "");
}

#[tokio::test]
async fn a_search_that_is_opened_again_is_filled_in_and_looks_for_nobody() {
    let bench = bench(&[Role::Coordinator]);
    let page = bench.post("/personnes", &[("debut", "Noé"), ("equipe", "oui"), ("reprise", "oui")]).await;
    page.is_whole();
    assert!(page.has("name=\"debut\" value=\"Noé\"") && page.has("value=\"oui\" checked"), "{}", page.text);
    let asked: desk::ListFollowUpsRequest = bench.asked("ListFollowUps").unwrap();
    assert_eq!((asked.name_prefix.as_str(), asked.team()), ("", peer::YesNo::Unspecified));
}

#[tokio::test]
async fn the_page_of_a_person_leads_on_as_long_as_they_are_followed() {
    let address = format!("/personnes/{}", hex::encode(&PERSON));
    let page = counsellor().get(&address).await;
    let referral = format!("/orientations/nouvelle?suivi={}", hex::encode(&PERSON));
    let handover = format!("/personnes/{}/relais", hex::encode(&PERSON));
    assert!(page.has(&referral) && page.has(&handover));
    assert!(page.has("06 12 34 56 78") && page.has("préfère le matin") && page.has("Emmaüs Connect"));
    assert!(page.has(&french("caution-discreet")));
    for standing in [desk::FollowUpStanding::HandedOver, desk::FollowUpStanding::Closed] {
        let gone =
            desk::FollowUpView { standing: standing.into(), ended_ms: Some(1_795_100_000_000), ..person() };
        let bench = counsellor().answers("ShowFollowUp", &gone);
        let page = bench.get(&address).await;
        assert!(!page.has(&referral) && !page.has(&handover));
        assert_eq!(bench.get(&handover).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn hostile_text_is_shown_and_does_nothing() {
    let hostile = desk::FollowUpView {
        name: Some(peer::Name { given: HOSTILE.to_owned(), family: HOSTILE.to_owned() }),
        contact: Some(peer::Contact {
            reach: peer::Reach::Phone.into(),
            detail: Some(HOSTILE.to_owned()),
            language: Some(HOSTILE.to_owned()),
            cautions: vec![],
        }),
        notes: vec![HOSTILE.to_owned()],
        referent: HOSTILE.to_owned(),
        threads: vec![desk::ThreadSummary { peer_name: HOSTILE.to_owned(), ..thread() }],
        ..person()
    };
    let service = desk::ServiceView {
        name: HOSTILE.to_owned(),
        structure_name: HOSTILE.to_owned(),
        service_id: HOSTILE.to_owned(),
        themes: vec![HOSTILE.to_owned()],
        ..service()
    };
    let bench = bench(&[Role::Coordinator])
        .answers(
            "ListFollowUps",
            &desk::ListFollowUpsResponse { follow_ups: vec![hostile.clone()], ..Default::default() },
        )
        .answers("ShowFollowUp", &hostile)
        .answers(
            "ListServices",
            &desk::ListServicesResponse { services: vec![service], ..Default::default() },
        );
    for address in pages() {
        let page = bench.get(&address).await;
        assert!(!page.has("<script>alert") && !page.has("\"'><b>"), "{address}");
    }
    let page = bench.post("/personnes/nouvelle", &[("prenom", HOSTILE), ("note", HOSTILE)]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.is_whole();
    assert!(!page.has("<script>alert"));
}

#[tokio::test]
async fn following_a_person_is_one_act() {
    let bench = counsellor();
    let shown = bench.get("/personnes/nouvelle").await;
    let act = shown.text.split_once("name=\"demande\" value=\"").unwrap().1.split_once('"').unwrap().0;
    assert_eq!(act.len(), 32);
    let fields =
        [("demande", act), ("prenom", "Amina"), ("initiale", "B"), ("voie", "telephone"), ("joindre", "06")];
    let page = bench.post("/personnes/nouvelle", &fields).await;
    assert_eq!(page.leads_to(), format!("/personnes/{}?fait=suivie", hex::encode(&PERSON)));
    let asked: desk::OpenFollowUpRequest = bench.asked("OpenFollowUp").unwrap();
    assert_eq!(hex::encode(&asked.request_id), act);
    assert_eq!(asked.name.unwrap().given, "Amina");
}

#[tokio::test]
async fn a_mistake_is_said_beside_its_field_and_nothing_is_lost() {
    let page = counsellor().post("/personnes/nouvelle", &[("note", "vient le lundi")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.is_whole();
    assert!(page.has("href=\"#champ-prenom\"") && page.has("href=\"#champ-initiale\""));
    assert!(page.has("vient le lundi") && page.has("<title>Erreur"));
    let bench = counsellor().refuses("OpenFollowUp", Code::InvalidArgument, "field", "contact.detail");
    let fields = [("prenom", "Amina"), ("initiale", "B"), ("voie", "telephone"), ("joindre", "x")];
    let page = bench.post("/personnes/nouvelle", &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has("href=\"#champ-joindre\"") && page.has(&french("refusal-field-contact-detail")));
    assert!(page.has("value=\"Amina\""));
}

#[tokio::test]
async fn a_handover_begins_with_what_is_known() {
    let bench = counsellor();
    let page = bench.get(&format!("/personnes/{}/relais", hex::encode(&PERSON))).await;
    assert!(page.leads_to().starts_with("/relais/") && page.leads_to().ends_with("/service"));
    let kept: desk::SaveDraftRequest = bench.asked("SaveDraft").unwrap();
    assert_eq!(kept.form, "relais");
    let form = Form::parse(&kept.fields).unwrap();
    assert_eq!(form.text("suivi"), hex::encode(&PERSON));
    assert_eq!((form.text("prenom"), form.text("joindre")), ("Noémie", "06 12 34 56 78"));
    assert_eq!((form.text("precaution"), form.text("commune-code")), ("3", "17300"));
}

#[tokio::test]
async fn a_door_is_one_button_and_nothing_else_is_taken_for_one() {
    let bench = counsellor();
    let address = format!("/relais/{}/service", hex::encode(&DRAFT));
    let page = bench.get(&address).await;
    let door = format!("{} {THEME} atelier-1", hex::encode(&HUB));
    assert!(page.has(&format!("value=\"{door}\"")));
    let chosen = bench.post(&address, &[("porte", &door)]).await;
    assert_eq!(chosen.leads_to(), offer());
    for bad in ["", "x", "00 a b", &hex::encode(&HUB)] {
        assert_eq!(bench.post(&address, &[("porte", bad)]).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
    let page = bench.get(&format!("{address}?cherche=rien")).await;
    assert!(page.has(&french("handover-no-door")));
}

#[tokio::test]
async fn a_handover_is_proposed_under_what_was_ticked() {
    let bench = counsellor();
    let page = bench.post(&offer(), &AGREED).await;
    assert_eq!(page.leads_to(), format!("/orientations/{}/envoyee", hex::encode(&THREAD)));
    let asked: desk::OpenHandoverRequest = bench.asked("OpenHandover").unwrap();
    assert_eq!(asked.request_id, [9; 16], "the act of the draft, however often it is pressed");
    assert_eq!((asked.recipient_id, asked.follow_up_id), (HUB.to_vec(), PERSON.to_vec()));
    let need = asked.stage_one.unwrap().need.unwrap();
    assert_eq!((need.territory.as_str(), need.service_id.as_str()), ("17300", "atelier-1"));
    assert_eq!(asked.stage_two.unwrap().handover.unwrap().pending, ["CAF"]);
    let kept: desk::SaveDraftRequest = bench.asked("SaveDraft").unwrap();
    assert_eq!(kept.form, "relais-propose", "nothing of the person is left in the draft");
    let sent = desk::DraftView { form: kept.form, fields: kept.fields, ..draft("") };
    let again = counsellor().answers("ShowDraft", &sent);
    let page = again.post(&offer(), &AGREED).await;
    assert_eq!(page.leads_to(), format!("/orientations/{}/envoyee", hex::encode(&THREAD)));
    assert_eq!(again.times_asked("OpenHandover"), 0);
}

#[tokio::test]
async fn hidden_fields_that_were_tampered_with_change_nothing() {
    let bench = counsellor();
    let other = hex::encode(&[8; 32]);
    let tampered = [("structure", other.as_str()), ("service", "x"), ("suivi", "00"), ("demande", "00")];
    let fields: Vec<(&str, &str)> = AGREED.into_iter().chain(tampered).collect();
    bench.post(&offer(), &fields).await;
    let asked: desk::OpenHandoverRequest = bench.asked("OpenHandover").unwrap();
    assert_eq!((asked.recipient_id, asked.request_id), (HUB.to_vec(), vec![9; 16]));
    assert_eq!(asked.follow_up_id, PERSON);
}

#[tokio::test]
async fn nothing_is_proposed_without_the_agreement() {
    for left_out in ["besoin", "suivi", "oral"] {
        let bench = counsellor();
        let fields: Vec<(&str, &str)> = AGREED.into_iter().filter(|(_, value)| *value != left_out).collect();
        let page = bench.post(&offer(), &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{left_out}");
        page.is_whole();
        assert_eq!(bench.times_asked("OpenHandover"), 0, "{left_out}");
        assert!(page.has(">CAF</textarea>"), "what was typed is kept");
    }
    let bench = counsellor();
    let fields: Vec<(&str, &str)> = AGREED.into_iter().chain([("jusqua", "demain")]).collect();
    let page = bench.post(&offer(), &fields).await;
    assert!(page.has("href=\"#champ-jusqua\"") && page.has("<details open>"));
}

#[tokio::test]
async fn the_nodes_no_is_said_beside_its_field() {
    for (field, place) in [
        ("handover.pending", "reste"),
        ("handover.done", "fait"),
        ("offer_until", "jusqua"),
        ("name.family", "initiale"),
        ("need.commune", "commune"),
        ("consent.classes", "accepte-besoin"),
    ] {
        let bench = counsellor().refuses("OpenHandover", Code::InvalidArgument, "field", field);
        let page = bench.post(&offer(), &AGREED).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(page.has(&format!("href=\"#champ-{place}\"")), "{field}");
        assert!(page.has(&format!("id=\"champ-{place}\"")), "{field}");
        assert!(!page.has("the node says no"), "{field}: said in French");
    }
}

#[tokio::test]
async fn what_the_other_will_see_is_shown_before() {
    let foreseen = desk::ReferralPreview {
        consent_until_ms: 1_803_000_000_000,
        remarks: vec!["small towns are told as a group".to_owned()],
        ..Default::default()
    };
    let bench = counsellor().answers("PreviewReferral", &foreseen);
    let look = format!("/relais/{}/apercu", hex::encode(&DRAFT));
    let page = bench.post(&look, &AGREED).await;
    assert_eq!(page.status, StatusCode::OK);
    for told in ["Noémie L.", "CAF", "La Rochelle", "small towns are told as a group"] {
        assert!(page.has(told), "{told}");
    }
    assert!(page.has("19 février 2027"), "the end of the agreement stands by what is read out");
    let vague = counsellor().refuses("PreviewReferral", Code::InvalidArgument, "field", "need.commune");
    assert_eq!(vague.get(&offer()).await.status, StatusCode::OK, "what is wrong is said when it is sent");
    assert_eq!(bench.times_asked("OpenHandover"), 0);
}

#[tokio::test]
async fn who_stood_beside_the_person_is_part_of_a_handover_too() {
    let bench = counsellor();
    assert!(bench.get(&offer()).await.has("id=\"champ-presence\""));
    let fields: Vec<(&str, &str)> = AGREED.into_iter().chain([("presence", "temoin")]).collect();
    assert_eq!(bench.post(&offer(), &fields).await.status, StatusCode::SEE_OTHER);
    let given =
        bench.asked::<desk::OpenHandoverRequest>("OpenHandover").unwrap().consent.unwrap().given.unwrap();
    assert_eq!(given.presence(), peer::Presence::Witness);
}

#[tokio::test]
async fn a_handover_names_the_notice_that_was_shown_or_the_page_comes_back_with_it() {
    let notice_id = "handover-3".to_owned();
    let today = desk::NoticeView { notice_id, text_hash: vec![7; 32], ..Default::default() };
    let unseen = counsellor().answers("ShowNotice", &today);
    let page = unseen.post(&offer(), &AGREED).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has(&french("agreement-notice-unseen")) && page.has("href=\"#champ-avis\""));
    assert_eq!(unseen.times_asked("OpenHandover"), 0);
    let bench = counsellor().answers("ShowNotice", &today);
    let shown = hex::encode(&[7; 32]);
    let fields: Vec<(&str, &str)> = AGREED.into_iter().chain([("avis-vu", shown.as_str())]).collect();
    assert_eq!(bench.post(&offer(), &fields).await.status, StatusCode::SEE_OTHER);
    let consent = bench.asked::<desk::OpenHandoverRequest>("OpenHandover").unwrap().consent.unwrap();
    assert_eq!(consent.notice_id, "handover-3");
}

#[tokio::test]
async fn a_whole_name_is_called_one_and_a_language_can_be_mended() {
    let look = format!("/relais/{}/apercu", hex::encode(&DRAFT));
    for (family, told, other) in
        [("Lefèvre", "seen-name-whole", "seen-name"), ("L", "seen-name", "seen-name-whole")]
    {
        let fields: Vec<(&str, &str)> = AGREED
            .iter()
            .map(|(name, value)| (*name, if *name == "initiale" { family } else { *value }))
            .collect();
        let page = counsellor().post(&look, &fields).await;
        let label = |key: &str| format!("<dt>{}</dt>", french(key));
        assert!(page.has(&label(told)) && !page.has(&label(other)), "{family}");
    }
    let bench = counsellor().refuses("OpenHandover", Code::InvalidArgument, "content", "contact.language");
    let fields: Vec<(&str, &str)> = AGREED.into_iter().chain([("langue", "klingonais")]).collect();
    let page = bench.post(&offer(), &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has("href=\"#champ-langue\"") && page.has("id=\"champ-langue\""), "the summary leads to it");
    assert!(page.has(&french("refusal-content-contact-language")) && page.has("value=\"klingonais\""));
}

/// Journey C of the measured targets: two pages, at most 100 words newly shown, five acts, four characters.
#[tokio::test]
async fn handing_over_shows_few_words_and_asks_few_acts() {
    let bench = counsellor();
    let doors = bench.get(&format!("/relais/{}/service", hex::encode(&DRAFT))).await;
    let offer = bench.get(&offer()).await;
    let words = doors.words().len() + offer.words().len();
    assert!(words <= 100, "{words}: {:?} {:?}", doors.words(), offer.words());
    // Door, two ticks, how it was given, send: nothing else is wanted, and the text has the focus already.
    assert!(offer.has("autofocus"));
    let fields: Vec<(&str, &str)> = AGREED.into_iter().filter(|(name, _)| *name != "reste").collect();
    assert_eq!(
        bench.post(&self::offer(), &fields).await.status,
        StatusCode::SEE_OTHER,
        "free text is not required"
    );
}

#[tokio::test]
async fn a_handover_that_is_opened_again_keeps_what_was_written_and_leaves_nothing() {
    let bench = counsellor();
    let fields: Vec<(&str, &str)> = AGREED.into_iter().chain([("reprise", "oui")]).collect();
    let page = bench.post(&offer(), &fields).await;
    page.is_whole();
    assert_eq!((page.status, bench.times_asked("OpenHandover")), (StatusCode::OK, 0), "{}", page.text);
    let kept: desk::SaveDraftRequest = bench.asked("SaveDraft").unwrap();
    let kept = String::from_utf8(kept.fields).unwrap();
    assert!(kept.contains("maniere=") && !kept.contains("reprise"), "{kept}");
    assert!(!page.has("id=\"erreurs\""));
}
