//! Recommending, being introduced, and saying no.

use super::*;
use relais_proto::desk::v1::{IntroductionStanding as Standing, IntroductionTrouble as Trouble};

fn word() -> desk::EndorsementView {
    desk::EndorsementView {
        by_id: HUB.to_vec(),
        by_name: "Emmaüs Connect".to_owned(),
        subject_id: NEW.to_vec(),
        subject_name: "Mission locale".to_owned(),
        territories: vec!["17".to_owned(), "33".to_owned()],
        themes: vec!["numerique--acquerir-un-equipement".to_owned()],
        since_ms: NOW,
        until_ms: NOW,
        standing: desk::EndorsementStanding::Holds.into(),
    }
}

fn introduction(standing: Standing, side: desk::IntroductionSide) -> desk::IntroductionView {
    desk::IntroductionView {
        structure_id: NEW.to_vec(),
        name: "Mission locale".to_owned(),
        side: side.into(),
        standing: standing.into(),
        expires_ms: NOW,
        vouchers: vec![word()],
        ..Default::default()
    }
}

fn of_us(standing: Standing) -> desk::IntroductionView {
    introduction(standing, desk::IntroductionSide::AskedOfUs)
}

fn by_us(standing: Standing) -> desk::IntroductionView {
    introduction(standing, desk::IntroductionSide::AskedByUs)
}

fn holding(introductions: Vec<desk::IntroductionView>) -> Bench {
    admin().answers("ListIntroductions", &desk::ListIntroductionsResponse { introductions })
}

/// What a stranger may claim of itself.
pub(super) fn hostile() -> desk::ListIntroductionsResponse {
    let voucher = desk::EndorsementView {
        by_name: HOSTILE.to_owned(),
        territories: vec![HOSTILE.to_owned()],
        themes: vec![HOSTILE.to_owned()],
        ..word()
    };
    let hostile = |standing| desk::IntroductionView {
        name: HOSTILE.to_owned(),
        vouchers: vec![voucher.clone()],
        endpoints: vec![HOSTILE.to_owned()],
        ..of_us(standing)
    };
    let introductions = vec![hostile(Standing::AwaitsUs), hostile(Standing::Asking)];
    desk::ListIntroductionsResponse { introductions }
}

/// What a partner may say.
pub(super) fn hostile_words() -> desk::ListEndorsementsResponse {
    let hostile = desk::EndorsementView { territories: vec![HOSTILE.to_owned()], ..word() };
    let given = desk::EndorsementView { subject_id: HUB.to_vec(), ..hostile.clone() };
    desk::ListEndorsementsResponse { given: vec![given], received: vec![hostile] }
}

#[tokio::test]
async fn who_asks_and_who_vouches_is_shown_and_each_standing_has_words() {
    let page = holding(vec![of_us(Standing::AwaitsUs)]).get("/structure/partenaires").await;
    page.is_whole();
    for part in ["Mission locale", &french("introduction-asks-us"), "Emmaüs Connect", "(17, 33)"] {
        assert!(page.has(part), "{part}");
    }
    assert!(page.has(&peer_page(&NEW, "\"")) && page.has(&peer_page(&NEW, "/refus")));
    assert!(!page.has(&french("partners-waiting")), "it stands in one list alone");
    for standing in [
        Standing::Asking,
        Standing::AwaitsUs,
        Standing::Confirmed,
        Standing::RefusedHere,
        Standing::RefusedThere,
        Standing::Lapsed,
        Standing::Expired,
    ] {
        for language in [Language::French, Language::English] {
            let page = holding(vec![by_us(standing)]).reading(language).get("/structure/partenaires").await;
            page.is_whole();
            let open = matches!(standing, Standing::Asking | Standing::AwaitsUs);
            assert_eq!(page.has(&peer_page(&NEW, "/refus")), open, "{standing:?}");
        }
    }
    for trouble in 1..=7 {
        let asking = desk::IntroductionView { trouble, ..by_us(Standing::Asking) };
        holding(vec![asking]).get("/structure/partenaires").await.is_whole();
    }
    let trouble = Trouble::Unreachable.into();
    let asking = desk::IntroductionView { trouble, ..by_us(Standing::Asking) };
    let page = holding(vec![asking]).get("/structure/partenaires").await;
    assert!(
        page.has(&french("introduction-trouble-unreachable")) && page.has(&french("introduction-take-back"))
    );
}

#[tokio::test]
async fn introductions_are_for_who_runs_the_node() {
    for role in [Role::Counsellor, Role::Coordinator, Role::Auditor] {
        let page = bench(&[role]).get("/structure/partenaires").await;
        assert!(!page.has(&french("introduction-new")));
        let partner = bench(&[role]).get(&peer_page(&HUB, "")).await;
        assert!(!partner.has(&french("endorsement-open")), "{role:?}");
    }
}

#[tokio::test]
async fn asking_leads_to_the_phrase_or_to_the_list_or_says_what_is_wrong() {
    let ask = "/structure/partenaires/presentation";
    let fields = [("numero", "BDJTKA7-OE7KMCK"), ("adresse", "relais.exemple.fr:7444")];
    let answered = admin().answers("AskIntroduction", &by_us(Standing::AwaitsUs));
    assert_eq!(answered.post(ask, &fields).await.leads_to(), peer_page(&NEW, ""));
    let asked: desk::AskIntroductionRequest = answered.asked("AskIntroduction").unwrap();
    assert_eq!((asked.structure.as_str(), asked.structure_id.len()), ("BDJTKA7-OE7KMCK", 0));
    assert_eq!(asked.endpoint, "relais.exemple.fr:7444");
    let away = admin().answers("AskIntroduction", &by_us(Standing::Asking));
    let page = away.post(ask, &[("numero", &hex::encode(&NEW))]).await;
    assert_eq!(page.leads_to(), "/structure/partenaires?fait=demande");
    let asked: desk::AskIntroductionRequest = away.asked("AskIntroduction").unwrap();
    assert_eq!(asked.structure_id, NEW);
    let told = away.get("/structure/partenaires?fait=demande").await;
    assert!(told.has(&french("partners-done-demande")));
    for (code, name, field, words) in [
        (Code::FailedPrecondition, "not_vouched", "structure_id", "introduction-ask-refused-structure-id"),
        (Code::InvalidArgument, "field", "structure", "introduction-ask-refused-structure"),
        (Code::InvalidArgument, "endpoint_unknown", "endpoint", "introduction-ask-refused-endpoint"),
    ] {
        let page = admin().refuses("AskIntroduction", code, name, field).post(ask, &fields).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        page.is_whole();
        assert!(page.has(&french(words)), "{words}");
        assert!(page.has("value=\"relais.exemple.fr:7444\""), "what was typed is kept");
    }
    let empty = admin().post(ask, &[]).await;
    assert!(empty.has(&french("introduction-number-empty")));
    let resumed = away.post(ask, &[("numero", "ABC"), ("reprise", "oui")]).await;
    assert_eq!((resumed.status, away.times_asked("AskIntroduction")), (StatusCode::OK, 1));
    assert!(resumed.has("value=\"ABC\""));
}

#[tokio::test]
async fn an_introduction_is_compared_on_the_page_of_pairings_and_refused_there() {
    let bench = holding(vec![of_us(Standing::AwaitsUs)])
        .answers("RefuseIntroduction", &of_us(Standing::RefusedHere))
        .answers("ConfirmPairing", &pairing(desk::PairingState::Paired));
    let page = bench.get(&peer_page(&NEW, "")).await;
    page.is_whole();
    for part in ["pomme rivière tambour", "Emmaüs Connect", &french("introduction-refuse-what")] {
        assert!(page.has(part), "{part}");
    }
    let refused = bench.post(&peer_page(&NEW, "/refus"), &[]).await;
    assert_eq!(refused.leads_to(), "/structure/partenaires?fait=non");
    let asked: desk::RefuseIntroductionRequest = bench.asked("RefuseIntroduction").unwrap();
    assert_eq!(asked.structure_id, NEW);
    let twice = bench.refuses("RefuseIntroduction", Code::NotFound, "no_introduction", "structure_id");
    assert_eq!(
        twice.post(&peer_page(&NEW, "/refus"), &[]).await.leads_to(),
        "/structure/partenaires?fait=non"
    );
    let unread = twice.post(&peer_page(&NEW, "/accord"), &[("phrase", "meme")]).await;
    assert!(unread.has("Emmaüs Connect"), "who vouches stands there still");
    let invited = admin().get(&peer_page(&NEW, "")).await;
    assert!(!invited.has("/refus"));
    assert_eq!(twice.get(&peer_page(&NEW, "/refus")).await.leads_to(), peer_page(&NEW, ""));
}

#[tokio::test]
async fn a_partner_is_recommended_and_no_longer() {
    let given = desk::EndorsementView { subject_id: HUB.to_vec(), ..word() };
    let bench = admin()
        .answers("EndorsePeer", &given)
        .answers("WithdrawEndorsement", &desk::EndorsementView::default());
    let (page, form) = (peer_page(&HUB, ""), peer_page(&HUB, "/recommandation"));
    let shown = bench.get(&page).await;
    assert!(shown.has(&french("endorsement-open")) && !shown.has("value=\"retirer\""));
    assert!(shown.has("value=\"france\""));
    let fields = [("lieu", "17, 33"), ("fin", "2027-06-30")];
    let done = bench.post(&form, &fields).await;
    assert_eq!(done.leads_to(), format!("{page}?fait=recommande"));
    let asked: desk::EndorsePeerRequest = bench.asked("EndorsePeer").unwrap();
    assert_eq!((asked.territories, asked.themes.len()), (vec!["17".to_owned(), "33".to_owned()], 0));
    assert_eq!(asked.until_ms, 1_814_392_740_000, "the whole day, in the time of Paris");
    bench.post(&form, &[("lieu", "france")]).await;
    let asked: desk::EndorsePeerRequest = bench.asked("EndorsePeer").unwrap();
    assert_eq!((asked.until_ms, asked.themes.len()), (0, 0));
    let said = desk::ListEndorsementsResponse { given: vec![given], received: vec![word()] };
    let bench = bench.answers("ListEndorsements", &said);
    let shown = bench.get(&page).await;
    shown.is_whole();
    assert!(shown.has("Vous recommandez cette structure") && shown.has("Cette structure vous recommande"));
    let undone = bench.post(&form, &[("acte", "retirer")]).await;
    assert_eq!(undone.leads_to(), format!("{page}?fait=plus-recommande"));
    let asked: desk::WithdrawEndorsementRequest = bench.asked("WithdrawEndorsement").unwrap();
    assert_eq!(asked.subject_id, HUB);
}

#[tokio::test]
async fn what_cannot_be_recommended_is_said_beside_its_field() {
    let form = peer_page(&HUB, "/recommandation");
    let bench = admin().refuses("EndorsePeer", Code::InvalidArgument, "field", "territories");
    let page = bench.post(&form, &[("lieu", "99"), ("fin", "2027-06-30")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.is_whole();
    assert!(page.has(&french("endorsement-refused-territories")) && page.has("value=\"99\""));
    assert!(page.has("href=\"#champ-lieu\"") && page.has("<details open>"));
    let bench = admin().refuses("EndorsePeer", Code::InvalidArgument, "endorsement", "until_ms");
    let page = bench.post(&form, &[("lieu", "17")]).await;
    assert!(page.has(&french("endorsement-refused-until-ms")) && page.has("href=\"#champ-fin\""));
    for fields in [[("lieu", ""), ("fin", "")], [("lieu", "17"), ("fin", "demain")]] {
        let page = bench.post(&form, &fields).await;
        assert_eq!((page.status, bench.times_asked("EndorsePeer")), (StatusCode::UNPROCESSABLE_ENTITY, 1));
    }
    let resumed = bench.post(&form, &[("lieu", "2A"), ("reprise", "oui")]).await;
    assert!(resumed.status == StatusCode::OK && resumed.has("value=\"2A\""));
    let known =
        desk::ListPeersResponse { peers: vec![partner(peer::PeerTrust::Suspended)], pairings: vec![] };
    let page = admin().answers("ListPeers", &known).get(&peer_page(&HUB, "")).await;
    assert!(!page.has(&french("endorsement-open")), "a suspended partner is not recommended");
}

/// A partner by this structure's word alone.
fn awaited(since_ms: i64) -> desk::ListPeersResponse {
    let peer = desk::PeerView { met: peer::YesNo::No.into(), since_ms, ..partner(peer::PeerTrust::Paired) };
    desk::ListPeersResponse { peers: vec![peer], pairings: vec![] }
}

#[tokio::test]
async fn who_has_not_confirmed_stands_among_what_waits_and_in_one_list_alone() {
    let name = "Emmaüs Connect";
    let confirmed = desk::IntroductionView {
        structure_id: HUB.to_vec(),
        name: name.to_owned(),
        vouchers: Vec::new(),
        ..by_us(Standing::Confirmed)
    };
    let now = crate::clock::now().as_millisecond();
    for (since_ms, class) in [(now - 60_000, "tag soon"), (now - 8 * 86_400_000, "tag late")] {
        for language in [Language::French, Language::English] {
            let bench = holding(vec![confirmed.clone()]).reading(language);
            bench.answers("ListPeers", &awaited(since_ms)).get("/structure/partenaires").await.is_whole();
        }
        let bench = holding(vec![confirmed.clone()]).answers("ListPeers", &awaited(since_ms));
        let page = bench.get("/structure/partenaires").await;
        assert_eq!(page.text.matches(name).count(), 1, "{}", page.text);
        assert!(
            page.has(&french("partners-waiting")) && page.has(&format!("class=\"{class}\">confirmé ici le"))
        );
    }
    // Once met, and at a node of before, it is a partner.
    for met in [peer::YesNo::Yes, peer::YesNo::Unspecified] {
        let mut known = awaited(now);
        known.peers[0].met = met.into();
        let page = admin().answers("ListPeers", &known).get("/structure/partenaires").await;
        assert!(!page.has("confirmé ici le") && !page.has(&french("partners-waiting")), "{met:?}");
    }
}

#[tokio::test]
async fn the_page_of_who_has_not_confirmed_says_what_to_do() {
    let number = format!("name=\"numero\" value=\"{}\"", hex::encode(&HUB));
    let invites = "action=\"/structure/partenaires/invitation\"";
    let introduced = desk::IntroductionView { structure_id: HUB.to_vec(), ..by_us(Standing::Confirmed) };
    for (introductions, asks) in [(vec![introduced], true), (Vec::new(), false)] {
        let bench = holding(introductions).answers("ListPeers", &awaited(NOW));
        let page = bench.get(&peer_page(&HUB, "")).await;
        page.is_whole();
        assert!(page.has("n’a jamais été vu") && page.has(&french("partner-awaited-do")));
        assert_eq!(page.has(&number), asks, "{}", page.text);
        assert_eq!(page.has("action=\"/structure/partenaires/presentation\""), asks);
        assert!(page.has(invites) && page.has("name=\"structure\" value=\"Emmaüs Connect\""));
        assert!(page.has(&peer_page(&HUB, "/suspendre")), "and it can be given up");
    }
    for role in [Role::Counsellor, Role::Coordinator, Role::Auditor] {
        let page = bench(&[role]).answers("ListPeers", &awaited(NOW)).get(&peer_page(&HUB, "")).await;
        page.is_whole();
        assert!(page.has("n’a jamais été vu") && !page.has(invites) && !page.has(&number), "{role:?}");
    }
    let met = admin().get(&peer_page(&HUB, "")).await;
    assert!(!met.has("n’a jamais été vu") && !met.has(invites));
}
