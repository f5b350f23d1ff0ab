//! The life of a referral in two browsers, before two real nodes: received, accepted, undone, accepted, met, closed.

use anyhow::{Result, ensure};
use relais_domain::ledger_leaf::LeafKind;
use relais_domain::time::Span;
use relais_proto::desk::v1 as desk;
use relais_proto::peer::v1 as peer;
use relais_server::clock::Clock;
use relais_tests::browser::{Browser, PASSWORD, Page, hides, shows};
use relais_tests::case::{Case, SERVICE, services};
use relais_tests::desk::{Desk, Thread};
use relais_tests::pages::Pages;
use relais_tests::town::{SOON, becomes, id_of, knows_services, pair};
use relais_tests::within::Within;
use std::time::Duration;

/// Longest wait for an acceptance that could be taken back.
const ACCEPTED_WITHIN: Duration = Duration::from_secs(15);

/// A structure with its node and its gateway, and one professional before a browser.
struct House {
    node: Within,
    desk: Desk,
    browser: Browser,
    pages: Pages,
    /// How far its clock was turned, ms.
    later: i64,
}

impl House {
    async fn open(name: &str) -> Result<Self> {
        let mut node = Within::init(name, Clock::system(), None).await?;
        node.start().await?;
        let desk = node.desk().await?;
        desk.import(&services(&[SERVICE])).await?;
        let pages = Pages::before(&node).await?;
        let mut browser = pages.browser();
        let link = desk::CreateSignInLinkRequest { name: "claire".to_owned(), validity_hours: 1 };
        let link = desk.client().create_sign_in_link(link).await?.into_inner();
        browser.sign_in(&link.token).await?;
        Ok(Self { node, desk, browser, pages, later: 0 })
    }

    /// Someone new before a browser, signed in.
    async fn professional(&self, name: &str, role: desk::Role) -> Result<Browser> {
        let request =
            desk::AddUserRequest { name: name.to_owned(), roles: vec![role.into()], ..Default::default() };
        self.desk.client().add_user(request).await?;
        let link = desk::CreateSignInLinkRequest { name: name.to_owned(), validity_hours: 1 };
        let link = self.desk.client().create_sign_in_link(link).await?.into_inner();
        let mut browser = self.pages.browser();
        browser.sign_in(&link.token).await?;
        Ok(browser)
    }

    /// Checks that this page is not there for someone, in the words for what never was, and that they are on record.
    async fn is_closed(&self, browser: &mut Browser, address: &str) -> Result<()> {
        let before = self.node.leaves(LeafKind::AccessRefused).await?;
        let nothing = browser.get("/nulle-part").await?;
        ensure!(self.node.leaves(LeafKind::AccessRefused).await? == before, "nothing is no door");
        let page = browser.get(address).await?;
        ensure!(page.status == 404, "{address}: {}", page.status);
        ensure!(page.text.replace(address, "/nulle-part") == nothing.text, "{address}: {}", page.text);
        let after = self.node.leaves(LeafKind::AccessRefused).await?;
        ensure!(after == before + 1, "{address}: {before} leaves, then {after}");
        Ok(())
    }

    async fn close(mut self) -> Result<()> {
        self.pages.close().await?;
        drop(self.desk);
        self.node.stop().await
    }
}

struct Street {
    agency: House,
    hub: House,
    hub_id: Vec<u8>,
}

impl Street {
    async fn open() -> Result<Self> {
        let (agency, hub) =
            (House::open("Agence de l'Essai").await?, House::open("Espace de l'Essai").await?);
        pair(&hub.desk, &agency.desk).await?;
        let hub_id = hub.desk.id().await?;
        knows_services(&agency.desk, &hub_id).await?;
        let professional =
            peer::Professional { name: "Claire M.".to_owned(), contact: "05 46 00 00 00".to_owned() };
        let change = desk::ChangeUserRequest {
            name: "claire".to_owned(),
            professional: Some(professional),
            ..Default::default()
        };
        hub.desk.client().change_user(change).await?;
        Ok(Self { agency, hub, hub_id })
    }

    async fn refer(&self, case: &Case) -> Result<(Thread, String)> {
        let thread = id_of(&self.agency.desk.refer(case.referral(&self.hub_id)).await?)?;
        self.agency.desk.delivered(&thread, SOON).await?;
        let hex: String = thread.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok((thread, format!("/orientations/{hex}")))
    }

    async fn close(self) -> Result<()> {
        self.agency.close().await?;
        self.hub.close().await
    }
}

/// One referral that was just sent.
struct Tale {
    street: Street,
    case: Case,
    thread: Thread,
    address: String,
}

impl Tale {
    /// It waits at the hub, without a name; «Nous prenons contact» is one press from there.
    async fn is_received(&mut self) -> Result<Page> {
        let landing = self.street.hub.browser.get("/").await?;
        shows(&landing, &["Répondre à Agence de l&#39;Essai", &self.address, "Accéder à une connexion"])?;
        let received = self.street.hub.browser.get(&self.address).await?;
        shows(
            &received,
            &["Répondez à Agence de l&#39;Essai avant le", "Nous prenons contact", "La Rochelle"],
        )?;
        hides(&received, &[&self.case.given])?;
        Ok(received)
    }

    /// It can be taken back for ten seconds; nobody hears of it.
    async fn is_accepted(&mut self, received: &Page) -> Result<()> {
        let at = self.address.clone();
        let accept = format!("{at}/accepter");
        let waiting = self.street.hub.browser.send(received, &accept, &[]).await?;
        shows(&waiting, &["Nous prévenons Agence de l&#39;Essai dans 10 secondes", "Annuler"])?;
        hides(&waiting, &["Nous prenons contact<"])?;
        let undone = self.street.hub.browser.send(&waiting, &format!("{at}/defaire"), &[]).await?;
        shows(&undone, &["C’est annulé. Rien n’est parti.", "Nous prenons contact"])?;
        // Twice the same press is one act.
        let fields = undone.hidden(&accept)?;
        for _ in 0..2 {
            let answer = self.street.hub.browser.post(&accept, &fields).await?;
            ensure!(answer.status == 303, "{} {}", answer.status, answer.text);
        }
        let told = |view: &desk::ThreadView| view.disclosure() == desk::Disclosure::Done;
        tokio::time::timeout(
            ACCEPTED_WITHIN,
            becomes("stage 2 arrives", &self.street.hub.desk, &self.thread, told),
        )
        .await??;
        let accepted = self.street.hub.browser.get(&self.address).await?;
        shows(&accepted, &[&self.case.given, "Prenez contact avec la personne", "Fixer un rendez-vous"])?;
        Ok(())
    }

    /// The agency reads the answer in one press.
    async fn is_news(&mut self) -> Result<()> {
        let news = self.street.agency.browser.get("/").await?;
        shows(&news, &["Espace de l&#39;Essai a accepté", &self.address])?;
        let sent = self.street.agency.browser.get(&self.address).await?;
        shows(&sent, &["a accepté et prend contact avant le", "Claire M., 05 46 00 00 00"])?;
        Ok(())
    }

    /// An appointment that lacks its time is asked again, what was typed is kept.
    async fn meets(&mut self) -> Result<Page> {
        let at = self.address.clone();
        let set = format!("{at}/rendez-vous");
        let form = self.street.hub.browser.get(&set).await?;
        let wrong = self
            .street
            .hub
            .browser
            .send(&form, &set, &[("date", "2090-01-12"), ("lieu", "Salle <2>")])
            .await?;
        ensure!(wrong.status == 422, "{}", wrong.status);
        shows(&wrong, &["Erreur\u{a0}: Fixer", "#champ-heure", "value=\"2090-01-12\"", "Salle &#60;2&#62;"])?;
        let past = [("date", "2020-01-12"), ("heure", "10:00")];
        let past = self.street.hub.browser.send(&form, &set, &past).await?;
        ensure!(past.status == 422, "{}", past.status);
        shows(&past, &["Cette date est déjà passée", "#champ-date"])?;
        let right = [("date", "2090-01-12"), ("heure", "10:00"), ("lieu", "Salle 2")];
        let met = self.street.hub.browser.send(&wrong, &set, &right).await?;
        shows(&met, &["Vous recevez la personne le jeudi 12 janvier 2090 à 10\u{a0}h\u{a0}00", "Salle 2"])?;
        let file = self.street.hub.browser.get(&format!("{at}/rendez-vous.ics")).await?;
        ensure!(file.header("content-type").starts_with("text/calendar"), "{}", file.head);
        ensure!(file.text.contains("DTSTART:20900112T090000Z") && file.text.contains("SUMMARY:Rendez-vous"));
        hides(&file, &[&self.case.given, "Essai", "Salle"])?;
        Ok(met)
    }

    /// Two have the page open; the second is told that the first was faster, and loses nothing of what was typed.
    async fn closes(&mut self, met: &Page) -> Result<()> {
        let at = self.address.clone();
        let close = format!("{at}/terminer");
        let form = self.street.hub.browser.get(&close).await?;
        let arrived = self.street.hub.browser.send(met, &format!("{at}/venue"), &[]).await?;
        shows(&arrived, &["La personne est venue. Dites le résultat"])?;
        let typed = [("resultat", "need-met"), ("recit", "Je sais envoyer un message")];
        let closed = self.street.hub.browser.send(&form, &close, &typed).await?;
        shows(&closed, &["Vous avez terminé le", "Besoin satisfait", "Corriger le résultat"])?;
        let late = self.street.hub.browser.send(&form, &close, &[]).await?;
        ensure!(late.status == 422, "nothing was chosen: {}", late.status);
        let late = [("resultat", "need-not-met"), ("recit", "Trop tard")];
        let fields: Vec<(String, String)> = form
            .hidden(&close)?
            .into_iter()
            .map(|(name, value)| if name == "demande" { (name, "ab".repeat(16)) } else { (name, value) })
            .chain(late.map(|(name, value)| (name.to_owned(), value.to_owned())))
            .collect();
        let late = self.street.hub.browser.post(&close, &fields).await?;
        ensure!(late.status == 409, "{} {}", late.status, late.text);
        shows(&late, &["La situation a changé", "Trop tard", "Vous avez terminé le"])?;

        let done = |view: &desk::ThreadView| {
            view.summary.as_ref().is_some_and(|told| told.label() == desk::Label::Closed)
        };
        becomes("the end is told", &self.street.agency.desk, &self.thread, done).await?;
        let news = self.street.agency.browser.get("/").await?;
        shows(&news, &["Espace de l&#39;Essai a terminé"])?;
        let answer = self.street.agency.browser.get(&self.address).await?;
        shows(&answer, &["a terminé le", "Besoin satisfait", "Je sais envoyer un message"])?;
        Ok(())
    }

    /// The person stops: asked once more, then gone at both ends.
    async fn stops(&mut self) -> Result<()> {
        let at = self.address.clone();
        let stop = format!("{at}/fin-accord");
        let asked = self.street.agency.browser.get(&stop).await?;
        shows(&asked, &["effacera tout ce que vous avez transmis", "On ne peut pas revenir en arrière"])?;
        let stopped = self.street.agency.browser.send(&asked, &stop, &[]).await?;
        shows(&stopped, &["L’accord a pris fin."])?;
        let gone = |view: &desk::ThreadView| {
            view.erased_here.contains(&1) && view.stage_one.as_ref().is_none_or(|one| one.need.is_none())
        };
        becomes("the hub erases", &self.street.hub.desk, &self.thread, gone).await?;
        let left = self.street.hub.browser.get(&self.address).await?;
        shows(&left, &["Les données de la personne sont effacées ici."])?;
        hides(&left, &[&self.case.given, "Je sais envoyer", "La Rochelle", "Salle 2"])?;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_is_lived_through_in_the_browser() -> Result<()> {
    let mut street = Street::open().await?;
    let empty = street.hub.browser.get("/").await?;
    shows(&empty, &["Rien ne vous attend", "Pas encore de nouvelles", "Nouvelle orientation"])?;
    let case = Case::telling(peer::FeedbackLevel::Outcome);
    let (thread, address) = street.refer(&case).await?;
    let mut tale = Tale { street, case, thread, address };
    let received = tale.is_received().await?;
    tale.is_accepted(&received).await?;
    tale.is_news().await?;
    let met = tale.meets().await?;
    tale.closes(&met).await?;
    tale.stops().await?;
    tale.street.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_a_refusal_and_who_may_see_what() -> Result<()> {
    let mut street = Street::open().await?;
    let (thread, address) = street.refer(&Case::default()).await?;
    let ask = format!("{address}/question");
    let form = street.hub.browser.get(&ask).await?;
    let asked = street.hub.browser.send(&form, &ask, &[("question", "has-device")]).await?;
    shows(&asked, &["Vous avez posé une question"])?;
    let open = |view: &desk::ThreadView| view.possible().any(|act| act == desk::Possible::GiveInfo);
    becomes("the question arrives", &street.agency.desk, &thread, open).await?;
    let landing = street.agency.browser.get("/").await?;
    shows(&landing, &["Répondre à la question de Espace"])?;
    let page = street.agency.browser.get(&address).await?;
    shows(&page, &["La personne a-t-elle un ordinateur, une tablette ou un téléphone"])?;
    let given =
        street.agency.browser.send(&page, &format!("{address}/reponse"), &[("reponse", "no")]).await?;
    shows(&given, &["La réponse est envoyée.", "Réponse\u{a0}: Non"])?;
    let answered = |view: &desk::ThreadView| {
        view.timeline.iter().any(|entry| entry.kind() == peer::EventKind::InfoGiven)
    };
    becomes("the answer arrives", &street.hub.desk, &thread, answered).await?;

    let page = street.hub.browser.get(&address).await?;
    let refuse = format!("{address}/refuser");
    let empty = street.hub.browser.send(&page, &refuse, &[]).await?;
    ensure!(empty.status == 422, "{}", empty.status);
    shows(&empty, &["Choisissez une réponse dans la liste", "#champ-raison"])?;
    let refused = street.hub.browser.send(&page, &refuse, &[("raison", "full")]).await?;
    shows(&refused, &["C’est refusé.", "Vous avez refusé le", "Complet."])?;
    let over = |view: &desk::ThreadView| {
        view.summary.as_ref().is_some_and(|told| told.label() == desk::Label::Refused)
    };
    becomes("the refusal is told", &street.agency.desk, &thread, over).await?;
    shows(&street.agency.browser.get(&address).await?, &["a refusé le", "Complet."])?;
    shows(&street.agency.browser.get("/orientations?voir=envoyees").await?, &["refusée", &address])?;
    hides(&street.agency.browser.get("/orientations?voir=recues").await?, &[&address])?;

    let unknown = format!("/orientations/{}", "00".repeat(16));
    for nothing in [unknown.as_str(), "/orientations/zz", &format!("{address}/rien")] {
        let page = street.hub.browser.get(nothing).await?;
        ensure!(page.status == 404, "{nothing}: {}", page.status);
    }
    let forged = street.hub.browser.post(&refuse, &[("raison".to_owned(), "full".to_owned())]).await?;
    ensure!(forged.status == 403, "{}", forged.status);
    let mut nobody = street.hub.browser.clone();
    nobody.forget();
    shows(&nobody.get(&address).await?, &["Se connecter"])?;
    street.close().await
}

/// Admins and auditors see no person and counsellors no account, and who tries is on record.
#[tokio::test(flavor = "multi_thread")]
async fn a_door_that_a_role_does_not_open_is_not_there_and_notes_who_came() -> Result<()> {
    let street = Street::open().await?;
    let (thread, address) = street.refer(&Case::default()).await?;
    becomes("the referral arrives", &street.hub.desk, &thread, |_| true).await?;
    let hub = &street.hub;
    let read = hub.node.leaves(LeafKind::FileRead).await?;
    let mut admin = hub.professional("ada", desk::Role::Admin).await?;
    let person = format!("/personnes/{}", "00".repeat(16));
    for closed in [&address, "/orientations", "/orientations/nouvelle", "/personnes", &person] {
        hub.is_closed(&mut admin, closed).await?;
    }
    let mut auditor = hub.professional("abel", desk::Role::Auditor).await?;
    let (refuse, draft) = (format!("{address}/refuser"), format!("/relais/{}/accord", "00".repeat(16)));
    for closed in [refuse.as_str(), "/personnes/nouvelle", &draft, "/structure/pages/confidentialite"] {
        hub.is_closed(&mut auditor, closed).await?;
    }
    ensure!(hub.node.leaves(LeafKind::FileRead).await? == read, "nobody's file was read");
    let mut counsellor = hub.professional("noor", desk::Role::Counsellor).await?;
    for closed in
        ["/structure/collegues", "/structure/logiciels", "/structure/registre", "/structure/services/import"]
    {
        hub.is_closed(&mut counsellor, closed).await?;
    }
    street.close().await
}

impl House {
    /// Half an hour later every session has ended. What is sent now is asked to sign in for.
    async fn sends_too_late(&mut self, form: &Page, action: &str, typed: &[(&str, &str)]) -> Result<Page> {
        self.later += Span::minutes(31).0;
        self.node.clock.shift(Span(self.later));
        let asked = self.browser.send(form, action, typed).await?;
        ensure!(asked.status == 403, "{} {}", asked.status, asked.text);
        shows(&asked, &["Ce que vous écriviez n’est pas perdu", "action=\"/connexion\""])?;
        Ok(asked)
    }

    async fn signs_in(&mut self, asked: &Page, name: &str, password: &str) -> Result<Page> {
        self.browser.send(asked, "/connexion", &[("nom", name), ("mot-de-passe", password)]).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_in_mid_form_loses_nothing_and_does_nothing() -> Result<()> {
    let mut street = Street::open().await?;
    let (thread, address) = street.refer(&Case::default()).await?;
    becomes("the referral arrives", &street.hub.desk, &thread, |_| true).await?;
    street.hub.professional("noor", desk::Role::Counsellor).await?;
    let hub = &mut street.hub;

    // Someone new: typed, kept over a wrong password, read again, then opened.
    let new = "/personnes/nouvelle";
    let typed = [("prenom", "Anaïs"), ("initiale", "D"), ("note", "L'eau & <le feu>")];
    let form = hub.browser.get(new).await?;
    let asked = hub.sends_too_late(&form, new, &typed).await?;
    hides(&Page { text: asked.head.clone(), ..asked.clone() }, &["Ana", "feu"])?;
    let wrong = hub.signs_in(&asked, "claire", "un autre mot").await?;
    let back = hub.signs_in(&wrong, "claire", PASSWORD).await?;
    shows(&back, &["Vous étiez en train d’écrire", "Reprendre ce que j’écrivais"])?;
    hides(&Page { text: back.head.clone(), ..back.clone() }, &["Ana", "feu"])?;
    let again = hub.browser.send(&back, new, &[]).await?;
    shows(&again, &["value=\"Anaïs\"", "L&#39;eau &#38; &#60;le feu&#62;</textarea>"])?;
    hides(&hub.browser.get("/personnes").await?, &["Anaïs"])?;
    shows(&hub.browser.send(&again, new, &typed).await?, &["Anaïs D"])?;

    // An act that ends a referral is not done by taking it up again.
    let refuse = format!("{address}/refuser");
    let form = hub.browser.get(&refuse).await?;
    let asked = hub.sends_too_late(&form, &refuse, &[("raison", "full")]).await?;
    let back = hub.signs_in(&asked, "claire", PASSWORD).await?;
    let again = hub.browser.send(&back, &refuse, &[]).await?;
    shows(&again, &["value=\"full\" id=\"champ-raison\" checked"])?;
    let open = |view: &desk::ThreadView| view.possible().any(|act| act == desk::Possible::Refuse);
    becomes("it waits for an answer", &hub.desk, &thread, open).await?;
    shows(&hub.browser.send(&again, &refuse, &[("raison", "full")]).await?, &["C’est refusé."])?;

    // Someone else at the same machine is shown nothing of it.
    let form = hub.browser.get(new).await?;
    let asked = hub.sends_too_late(&form, new, &typed).await?;
    let other = hub.signs_in(&asked, "noor", PASSWORD).await?;
    shows(&other, &["noor", "À traiter"])?;
    hides(&other, &["Anaïs", "le feu"])?;
    street.close().await
}
