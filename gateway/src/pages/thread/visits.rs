//! Whole visits over a made-up node: who is let in, what the node is asked, what is shown when it says no.

use super::tests::{at, ended, view};
use crate::bench::{Bench, Page, french};
use crate::hex;
use axum::http::{StatusCode, header};
use relais_proto::desk::v1::act_request::Act;
use relais_proto::desk::v1::{
    ActRequest, CancelDelayedRequest, DiscardDraftRequest, DiscardDraftResponse, DraftView, DueKind,
    FindServicesResponse, FoundService, Label, ListDraftsResponse, ListPeersResponse, ListServicesResponse,
    ListThreadsRequest, ListThreadsResponse, PeerView, Possible, Role, ServiceView, Side, Step, ThreadFilter,
    ThreadView, WaitDeliveredResponse,
};
use relais_proto::peer::v1::EventKind;
use tonic::Code;

const ID: &str = "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";
const REQUEST: &str = "0102030405060708090a0b0c0d0e0f10";

fn service(structure: u8, name: &str) -> ServiceView {
    ServiceView {
        structure_id: vec![structure; 32],
        structure_name: format!("Maison {structure}"),
        service_id: "accompagnement".to_owned(),
        name: name.to_owned(),
        ..Default::default()
    }
}

/// A counsellor before a node that holds one thread.
fn before(view: &ThreadView) -> Bench {
    let found =
        [service(7, "de qui demande"), service(1, "le nôtre"), service(9, "Atelier"), service(8, "Cours")];
    let found = found.map(|service| FoundService { service: Some(service), ..Default::default() });
    let commune_name = "La Rochelle".to_owned();
    let found = FindServicesResponse { services: found.to_vec(), commune_name, ..Default::default() };
    Bench::of(&[Role::Counsellor])
        .answers("ShowThread", view)
        .answers(
            "ListServices",
            &ListServicesResponse { services: vec![service(1, "Accompagnement")], ..Default::default() },
        )
        .answers("FindServices", &found)
}

fn thread(rest: &str) -> String {
    format!("/orientations/{ID}{rest}")
}

async fn sent(bench: &Bench, act: &str, fields: &[(&str, &str)]) -> Page {
    let fields: Vec<_> = [("demande", REQUEST)].into_iter().chain(fields.iter().copied()).collect();
    bench.post(&thread(act), &fields).await
}

#[tokio::test]
async fn the_page_names_places_and_the_nearest_other_door() {
    let bench = before(&view(Side::Receiver));
    let page = bench.get(&thread("")).await;
    page.is_whole();
    assert!(page.has("La Rochelle") && page.has("Accompagnement"), "{}", page.text);
    assert!(page.has("Refuser et conseiller Atelier, Maison 9"), "{}", page.text);
    for other in ["de qui demande", "le nôtre", "Cours"] {
        assert!(!page.has(other), "{other}: {}", page.text);
    }
    assert!(bench.get(&thread("/refuser")).await.has("Refuser et conseiller Cours, Maison 8"));
}

#[tokio::test]
async fn a_page_is_right_without_the_names_around_it() {
    let bench = Bench::of(&[Role::Counsellor]).answers("ShowThread", &view(Side::Receiver));
    let page = bench.get(&thread("")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.has("Nous prenons contact"));
}

#[tokio::test]
async fn what_is_not_delivered_says_since_when() {
    let mut late = view(Side::Sender);
    late.summary.as_mut().unwrap().undelivered = 1;
    let since =
        WaitDeliveredResponse { not_delivered_since_ms: Some(1_795_345_200_000), ..Default::default() };
    let bench = before(&late).answers("WaitDelivered", &since);
    assert!(
        bench
            .get(&thread(""))
            .await
            .has("ne répond pas depuis le dimanche 22 novembre 2026 à 12\u{a0}h\u{a0}00")
    );
}

#[tokio::test]
async fn only_who_follows_persons_is_let_in_and_the_node_says_so() {
    for roles in [vec![Role::Admin], vec![Role::Auditor], vec![Role::Admin, Role::Auditor]] {
        let bench = Bench::of(&roles)
            .refuses("ShowThread", Code::NotFound, "not_there", "")
            .refuses("Act", Code::NotFound, "not_there", "")
            .refuses("CancelDelayed", Code::NotFound, "not_there", "")
            .refuses("ListThreads", Code::PermissionDenied, "role", "")
            .refuses("PreviewReferral", Code::PermissionDenied, "role", "");
        let nothing = bench.get("/nulle-part").await;
        assert_eq!(nothing.status, StatusCode::NOT_FOUND);
        let addresses =
            [thread(""), thread("/refuser"), thread("/rendez-vous.ics"), "/orientations".to_owned()];
        for address in addresses.into_iter().chain(["/orientations/nouvelle".to_owned()]) {
            let page = bench.get(&address).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}");
            assert_eq!(page.words(), nothing.words(), "{address}");
        }
        assert_eq!(sent(&bench, "/accepter", &[]).await.status, StatusCode::NOT_FOUND);
        let undone = bench.post(&thread("/defaire"), &[("acte", &"b2".repeat(16))]).await;
        assert_eq!(undone.status, StatusCode::NOT_FOUND);
        for (rpc, times) in
            [("ShowThread", 3), ("ListThreads", 1), ("PreviewReferral", 1), ("Act", 1), ("CancelDelayed", 1)]
        {
            assert_eq!(bench.times_asked(rpc), times, "{rpc}: the node puts them on record");
        }
    }
    let bench = before(&view(Side::Receiver));
    for address in [thread(""), thread("/refuser"), "/".to_owned(), "/orientations".to_owned()] {
        let page = bench.get_as_nobody(&address).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{address}");
        assert!(page.leads_to().starts_with("/connexion"), "{address}");
    }
}

#[tokio::test]
async fn what_is_no_thread_or_act_is_not_there() {
    let bench = before(&view(Side::Receiver));
    for address in ["/orientations/zz", "/orientations/a1", &thread("/inconnu"), &thread("/Refuser")] {
        assert_eq!(bench.get(address).await.status, StatusCode::NOT_FOUND, "{address}");
    }
    assert_eq!(sent(&bench, "/inconnu", &[]).await.status, StatusCode::NOT_FOUND);
    let gone = Bench::of(&[Role::Counsellor]).refuses("ShowThread", Code::NotFound, "not_there", "");
    assert_eq!(gone.get(&thread("")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_acceptance_waits_ten_seconds_and_any_other_act_does_not() {
    let bench = before(&view(Side::Receiver)).answers("Act", &view(Side::Receiver));
    let answer = sent(&bench, "/accepter", &[]).await;
    assert_eq!(
        (answer.status, answer.leads_to()),
        (StatusCode::SEE_OTHER, thread("?fait=accepter").as_str())
    );
    let asked: ActRequest = bench.asked("Act").unwrap();
    assert_eq!((asked.delay_ms, asked.request_id.len(), asked.thread_id), (10_000, 16, vec![0xa1; 16]));
    assert!(matches!(asked.act, Some(Act::Accept(_))));
    sent(&bench, "/refuser", &[("raison", "full")]).await;
    let asked: ActRequest = bench.asked("Act").unwrap();
    assert_eq!(asked.delay_ms, 0);
    assert!(bench.get(&thread("?fait=refuser")).await.has("C’est refusé."));
}

#[tokio::test]
async fn a_form_of_another_session_or_without_its_id_does_nothing() {
    let bench = before(&view(Side::Receiver)).answers("Act", &view(Side::Receiver));
    for token in ["", "AAAA"] {
        let fields = [("jeton", token), ("demande", REQUEST)];
        assert_eq!(bench.post_as_is(&thread("/accepter"), &fields).await.status, StatusCode::FORBIDDEN);
    }
    for bad in ["", "zz", "0102"] {
        assert_eq!(
            bench.post(&thread("/accepter"), &[("demande", bad)]).await.status,
            StatusCode::BAD_REQUEST
        );
    }
    let no_number = sent(&bench, "/effacer", &[("n", "x")]).await;
    assert_eq!(no_number.status, StatusCode::BAD_REQUEST, "a hidden field that was tampered with");
    assert_eq!(bench.times_asked("Act"), 0);
}

#[tokio::test]
async fn what_was_typed_comes_back_with_what_must_be_mended() {
    let meeting = at(Side::Receiver, Step::Arrived, DueKind::Outcome);
    let bench = before(&ThreadView { possible: vec![Possible::Close.into()], ..meeting });
    let page = sent(&bench, "/terminer", &[("recit", "Elle est <contente>")]).await;
    page.is_whole();
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.has("<title>Erreur\u{a0}: Terminer l’orientation") && page.has("href=\"#champ-resultat\""),
        "{}",
        page.text
    );
    assert!(page.has("Elle est &#60;contente&#62;</textarea>"), "{}", page.text);
    assert_eq!(bench.times_asked("Act"), 0);
    let bench = bench.refuses("Act", Code::InvalidArgument, "field", "course.account");
    let page = sent(&bench, "/terminer", &[("recit", "06 12 34 56 78"), ("resultat", "need-met")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.has("id=\"erreur-recit\"") && page.has("06 12 34 56 78</textarea>"), "{}", page.text);
    assert!(page.has("value=\"need-met\" id=\"champ-resultat\" checked"), "{}", page.text);
}

#[tokio::test]
async fn who_comes_second_sees_what_changed_and_loses_nothing() {
    let over = ended(Side::Receiver, Label::Closed, EventKind::Closed);
    let bench = before(&over).refuses("Act", Code::FailedPrecondition, "not_allowed", "");
    let page = sent(&bench, "/terminer", &[("recit", "Tout va bien"), ("resultat", "need-met")]).await;
    page.is_whole();
    assert_eq!(page.status, StatusCode::CONFLICT);
    for part in ["La situation a changé", "Tout va bien", "Vous avez terminé le"] {
        assert!(page.has(part), "{part}: {}", page.text);
    }
    let page = bench.get(&thread("/terminer")).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "the page of an act that is no longer possible");
    assert!(page.has("La situation a changé"));
}

#[tokio::test]
async fn a_no_that_is_about_no_field_stands_above_the_thread() {
    for (name, words) in [
        ("partner", "suspendu"),
        ("consent", "ne le permet plus"),
        ("act_waits", "attend encore quelques secondes"),
        ("busy", "au même moment"),
    ] {
        let bench = before(&view(Side::Receiver)).refuses("Act", Code::FailedPrecondition, name, "");
        let page = sent(&bench, "/accepter", &[]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(page.has(words), "{name}: {}", page.text);
    }
}

#[tokio::test]
async fn an_act_is_taken_back_or_was_done_already() {
    let delayed = "b2".repeat(16);
    let bench = before(&view(Side::Receiver)).answers("CancelDelayed", &view(Side::Receiver));
    let answer = bench.post(&thread("/defaire"), &[("acte", &delayed)]).await;
    assert_eq!(answer.leads_to(), thread("?fait=defait"));
    let asked: CancelDelayedRequest = bench.asked("CancelDelayed").unwrap();
    assert_eq!((asked.delayed_id, asked.thread_id), (vec![0xb2; 16], vec![0xa1; 16]));
    assert!(bench.get(&thread("?fait=defait")).await.has("Rien n’est parti."));
    let bench = bench.refuses("CancelDelayed", Code::FailedPrecondition, "too_late", "delayed_id");
    let late = bench.post(&thread("/defaire"), &[("acte", &delayed)]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.has("trop tard pour annuler"), "{}", late.text);
    assert_eq!(bench.post(&thread("/defaire"), &[("acte", "zz")]).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_address_says_nothing_that_is_not_so() {
    let page = before(&view(Side::Receiver)).get(&thread("?fait=%3Cscript%3E")).await;
    assert!(page.status == StatusCode::OK && !page.has("class=\"done\""), "{}", page.text);
    let page = before(&view(Side::Receiver)).get(&thread("/accepter")).await;
    assert_eq!(page.leads_to(), thread(""), "an act of one press has no page");
}

#[tokio::test]
async fn there_is_no_appointment_to_take_along_before_one_is_set() {
    let bench = before(&view(Side::Receiver));
    assert_eq!(bench.get(&thread("/rendez-vous.ics")).await.status, StatusCode::NOT_FOUND);
    let mut met = at(Side::Receiver, Step::Scheduled, DueKind::Appointment);
    let mut entry = met.timeline[0].clone();
    entry.kind = EventKind::Scheduled.into();
    let course = relais_proto::peer::v1::Course {
        appointment_ms: Some(1_795_345_200_000),
        place: Some("CSAPA".to_owned()),
        ..Default::default()
    };
    entry.course = Some(course);
    met.timeline.push(entry);
    let file = before(&met).get(&thread("/rendez-vous.ics")).await;
    assert!(file.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/calendar"));
    assert!(file.headers[header::CONTENT_DISPOSITION].to_str().unwrap().contains("rendez-vous.ics"));
    assert!(
        file.has("SUMMARY:Rendez-vous\r\n") && !file.has("CSAPA") && !file.has("Noémie"),
        "{}",
        file.text
    );
}

fn landing(threads: &[ThreadView], drafts: usize) -> Bench {
    let threads = threads.iter().filter_map(|view| view.summary.clone()).collect();
    let draft = DraftView { draft_id: vec![0xd1; 16], saved_ms: 0, ..Default::default() };
    Bench::of(&[Role::Counsellor])
        .answers("ListThreads", &ListThreadsResponse { threads, next_page_token: "25".to_owned() })
        .answers("ListDrafts", &ListDraftsResponse { drafts: vec![draft; drafts] })
}

#[tokio::test]
async fn the_landing_page_says_what_waits_what_is_new_and_what_was_begun() {
    let bench = landing(&[view(Side::Receiver)], 1);
    let page = bench.get("/").await;
    page.is_whole();
    for part in
        ["Répondre à Emmaüs Connect", "Nouvelles de vos orientations", "Continuer l’orientation commencée"]
    {
        assert!(page.has(part), "{part}: {}", page.text);
    }
    assert!(page.has(&format!("/orientations/nouvelle/{}", "d1".repeat(16))), "{}", page.text);
    assert!(page.has("Voir tout ce qui est à traiter") && page.has(&thread("")));
    assert_eq!(page.text.matches("main big").count(), 1, "one big button");
    let news: ListThreadsRequest = bench.asked("ListThreads").unwrap();
    assert_eq!(news.filter(), ThreadFilter::News);
    let own = landing(&[], 1).get("/").await;
    assert!(!own.has("Rien ne vous attend") && own.has("Continuer l"), "what was begun waits: {}", own.text);
    let empty = Bench::of(&[Role::Counsellor])
        .answers("ListThreads", &ListThreadsResponse::default())
        .answers("ListDrafts", &ListDraftsResponse::default());
    let page = empty.get("/").await;
    assert!(
        page.has("Rien ne vous attend. Bonne journée\u{202f}!") && !page.has("Continuer l"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn drafts_are_told_apart_by_person_need_and_door() {
    let draft = |id, subject: &str| {
        let (draft_id, subject) = (vec![id; 16], subject.as_bytes().to_vec());
        DraftView { draft_id, subject, ..Default::default() }
    };
    let door = format!("structure={}", "06".repeat(32));
    let theme = "theme=numerique--acquerir-un-equipement";
    let drafts = vec![
        draft(1, &format!("prenom=Amina&initiale=B&{theme}&{door}")),
        draft(2, theme),
        draft(3, "theme=%3Cscript%3E"),
        draft(4, ""),
        draft(5, "%"),
    ];
    let bench = landing(&[], 0).answers("ListDrafts", &ListDraftsResponse { drafts });
    let page = bench.get("/").await;
    page.is_whole();
    let need = french("theme-numerique--acquerir-un-equipement");
    assert!(page.has(&format!("<bdi>Amina B. · {need}</bdi>")), "no name of the door: {}", page.text);
    assert!(page.has(&format!("<bdi>{need}</bdi>")) && page.has("<bdi>&#60;script&#62;</bdi>"));
    assert_eq!(bench.times_asked("ShowDraft"), 0, "no form is read for a list");
    let peer_id = vec![6; 32];
    let peer = PeerView { peer_id, name: "Emmaüs Connect".to_owned(), ..Default::default() };
    let bench = bench.answers("ListPeers", &ListPeersResponse { peers: vec![peer], ..Default::default() });
    let told = format!("<bdi>Amina B. · {need} · Emmaüs Connect</bdi>");
    assert!(bench.get("/").await.has(&told), "once the partners are told");
    let bench = bench.answers("ListDrafts", &ListDraftsResponse { drafts: vec![draft(2, theme)] });
    let asked = bench.times_asked("ListPeers");
    bench.get("/").await;
    assert_eq!(bench.times_asked("ListPeers"), asked, "nobody is asked for when no door was chosen");
}

#[tokio::test]
async fn a_draft_is_given_up_from_the_list_by_a_press() {
    let (referral, handover) = (vec![0xd1; 16], vec![0xd2; 16]);
    let kept = |draft_id: &[u8], form: &str| DraftView {
        draft_id: draft_id.to_vec(),
        form: form.to_owned(),
        subject: b"prenom=Amina&commune=Royan".to_vec(),
        ..Default::default()
    };
    let drafts = vec![kept(&referral, "orientation"), kept(&handover, "relais")];
    let bench = landing(&[], 0)
        .answers("ListDrafts", &ListDraftsResponse { drafts })
        .answers("DiscardDraft", &DiscardDraftResponse {});
    let page = bench.get("/").await;
    page.is_whole();
    assert!(page.has("<bdi>Amina · Royan</bdi>"), "the place tells drafts apart: {}", page.text);
    for (root, id, form) in
        [("/orientations/nouvelle", &referral, "orientation"), ("/relais", &handover, "relais")]
    {
        let address = format!("{root}/{}/abandon", hex::encode(id));
        assert!(page.has(&format!("method=\"post\" action=\"{address}\"")), "{address}: {}", page.text);
        let bench = landing(&[], 0)
            .answers("ShowDraft", &kept(id, form))
            .answers("DiscardDraft", &DiscardDraftResponse {});
        assert_eq!(bench.post(&address, &[]).await.status, StatusCode::SEE_OTHER);
        let asked: DiscardDraftRequest = bench.asked("DiscardDraft").unwrap();
        assert_eq!(asked.draft_id, *id);
        bench.get(&address).await;
        assert_eq!(bench.times_asked("DiscardDraft"), 1, "no link does it");
    }
    assert!(page.has(&format!("<summary aria-describedby=\"brouillon-1\">{}", french("draft-abandon"))));
    assert!(page.has(&french("draft-abandon-yes")), "nothing is erased by one press");
    assert!(page.has(&french("draft-abandon")) && page.has("aria-describedby=\"brouillon-1\""));
}

#[tokio::test]
async fn the_list_goes_on_page_by_page() {
    let bench = landing(&[view(Side::Sender)], 0);
    let page = bench.get("/orientations?voir=envoyees").await;
    page.is_whole();
    assert!(
        page.has("/orientations?voir=envoyees&amp;page=25") && page.has("aria-current=\"page\""),
        "{}",
        page.text
    );
    let asked: ListThreadsRequest = bench.asked("ListThreads").unwrap();
    assert_eq!((asked.filter(), asked.page_size, asked.page_token.as_str()), (ThreadFilter::Outbox, 25, ""));
    bench.get("/orientations?voir=autre&page=25").await;
    let asked: ListThreadsRequest = bench.asked("ListThreads").unwrap();
    assert_eq!((asked.filter(), asked.page_token.as_str()), (ThreadFilter::All, "25"));
    bench.get("/orientations?page=%3Cb%3E").await;
    let asked: ListThreadsRequest = bench.asked("ListThreads").unwrap();
    assert_eq!(asked.page_token, "", "what is no token is the first page");
}

#[tokio::test]
async fn a_node_that_is_away_is_said() {
    let bench = Bench::of(&[Role::Counsellor]).refuses("ListThreads", Code::Unavailable, "", "").refuses(
        "ShowThread",
        Code::Unavailable,
        "",
        "",
    );
    for address in ["/", "/orientations", &thread("")] {
        let page = bench.get(address).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{address}");
        assert!(page.has("Rien n’est perdu"), "{address}");
    }
}

/// Nothing is accepted, refused, ended or stopped by a press that says «take up again».
#[tokio::test]
async fn an_act_that_is_opened_again_is_filled_in_and_not_done() {
    let acts =
        [Possible::Accept, Possible::Refuse, Possible::Close, Possible::WriteNote, Possible::StopConsent];
    let open = ThreadView { possible: acts.map(i32::from).to_vec(), ..view(Side::Receiver) };
    for (act, fields, shown) in [
        ("/refuser", &[("raison", "full")][..], "value=\"full\" id=\"champ-raison\" checked"),
        (
            "/terminer",
            &[("resultat", "need-met"), ("recit", "Tout <va> bien")],
            "Tout &#60;va&#62; bien</textarea>",
        ),
        ("/note", &[("note", "À rappeler")], "À rappeler</textarea>"),
        ("/fin-accord", &[], "On ne peut pas revenir en arrière"),
    ] {
        let bench = before(&open);
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("reprise", "oui")]).collect();
        let page = sent(&bench, act, &fields).await;
        page.is_whole();
        assert_eq!((page.status, bench.times_asked("Act")), (StatusCode::OK, 0), "{act}: {}", page.text);
        assert!(page.has(shown) && !page.has("id=\"erreurs\""), "{act}: {}", page.text);
    }
    let bench = before(&open);
    assert_eq!(sent(&bench, "/accepter", &[("reprise", "oui")]).await.leads_to(), thread(""));
    let over = before(&ended(Side::Receiver, Label::Closed, EventKind::Closed));
    let page = sent(&over, "/terminer", &[("recit", "Tout va bien"), ("reprise", "oui")]).await;
    assert!(page.status == StatusCode::CONFLICT && page.has("Tout va bien"), "{}", page.text);
    assert_eq!(bench.times_asked("Act") + over.times_asked("Act"), 0);
}
