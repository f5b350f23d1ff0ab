//! Someone comes with a paper: its reference leads to their referral. It is posted, so that it stands in no address.

use crate::door::Door;
use crate::form::Form;
use crate::hex;
use crate::page::{self, Frame, Mistakes, Place};
use crate::pages::refused;
use crate::pages::writing::{Stage, Writing};
use crate::trouble::Trouble;
use crate::visit::Session;
use askama::Template;
use axum::response::Response;
use relais_proto::desk::v1::FindReferenceRequest;

/// Most characters of what is looked at as a reference.
const REFERENCE_CHARS_MAX: usize = 40;

#[derive(Template)]
#[template(path = "pages/walk_in.html")]
struct WalkInPage {
    frame: Frame,
    heading: String,
    form: Form,
    mistakes: Mistakes,
}

fn walk_in_page(session: &Session, form: Form, mistakes: Mistakes) -> Response {
    let title = refused::title(session.tongue(), "walk-in-title", &mistakes);
    let shown = WalkInPage {
        frame: Frame::signed(session, Place::Home, &title),
        heading: session.tongue().say("walk-in-title"),
        form,
        mistakes,
    };
    page::render(shown.mistakes.status(), &shown)
}

/// Shows where the reference is typed.
pub(crate) async fn show(session: Session) -> Result<Response, Trouble> {
    session.follow(Door::People)?;
    Ok(walk_in_page(&session, Form::default(), Mistakes::default()))
}

/// Leads to the referral of a reference.
pub(crate) async fn find(writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    if stage == Stage::Resumed {
        // Looking one up is on record: it is asked for anew.
        session.follow(Door::People)?;
        return Ok(walk_in_page(&session, form, Mistakes::default()));
    }
    let reference: String = form.text("reference").chars().take(REFERENCE_CHARS_MAX).collect();
    let asked = session.ask(FindReferenceRequest { reference });
    let status = match session.desk().find_reference(asked).await {
        Ok(found) => {
            let summary = found.into_inner().summary.unwrap_or_default();
            return Ok(page::lead(&format!("/orientations/{}", hex::encode(&summary.thread_id))));
        }
        Err(status) => status,
    };
    // Whoever may not look is told what they would be told of any page that is not there.
    let not_there = status.code() == tonic::Code::NotFound && session.follows();
    let mistakes = if not_there {
        let mut mistakes = Mistakes::default();
        mistakes.add("reference", session.tongue().say("walk-in-none"));
        mistakes
    } else {
        refused::mistakes(&session, status, "walk-in-refused", |_| "reference")?
    };
    Ok(walk_in_page(&session, form, mistakes))
}

#[cfg(test)]
mod tests {
    use crate::bench::Bench;
    use axum::http::StatusCode;
    use relais_proto::desk::v1::{FindReferenceRequest, Role, ThreadSummary, ThreadView};
    use tonic::Code;

    fn found() -> ThreadView {
        ThreadView {
            summary: Some(ThreadSummary { thread_id: vec![0xa1; 16], ..Default::default() }),
            ..Default::default()
        }
    }

    #[tokio::test]
    async fn a_reference_leads_to_the_referral_of_who_came() {
        let bench = Bench::of(&[Role::Counsellor]).answers("FindReference", &found());
        bench.get("/papier").await.is_whole();
        let answer = bench.post("/papier", &[("reference", "7k3m q9xt")]).await;
        assert_eq!(answer.leads_to(), format!("/orientations/{}", "a1".repeat(16)));
        let asked: FindReferenceRequest = bench.asked("FindReference").unwrap();
        assert_eq!(asked.reference, "7k3m q9xt", "how it is written is the node's to judge");
    }

    #[tokio::test]
    async fn a_reference_that_leads_nowhere_says_why_and_is_kept() {
        for (code, name, words) in [
            (Code::NotFound, "not_there", "Aucun papier en cours"),
            (Code::FailedPrecondition, "reference_ended", "a pris fin"),
            (Code::FailedPrecondition, "ambiguous", "Deux papiers"),
            (Code::InvalidArgument, "field", "les huit signes"),
        ] {
            let bench = Bench::of(&[Role::Counsellor]).refuses("FindReference", code, name, "reference");
            let page = bench.post("/papier", &[("reference", "<7K3M>")]).await;
            page.is_whole();
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            assert!(page.has(words) && page.has("id=\"erreur-reference\""), "{name}: {}", page.text);
            assert!(page.has("value=\"&#60;7K3M&#62;\""), "{name}: {}", page.text);
        }
    }

    #[tokio::test]
    async fn a_reference_that_is_opened_again_is_shown_and_looked_up_by_nobody() {
        let fields = [("reference", "7k3m q9xt"), ("reprise", "oui")];
        let bench = Bench::of(&[Role::Counsellor]).answers("FindReference", &found());
        let page = bench.post("/papier", &fields).await;
        page.is_whole();
        assert_eq!((page.status, bench.times_asked("FindReference")), (StatusCode::OK, 0));
        assert!(page.has("value=\"7k3m q9xt\"") && !page.has("id=\"erreurs\""), "{}", page.text);
        let admin = Bench::of(&[Role::Admin]);
        assert_eq!(admin.post("/papier", &fields).await.status, StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn only_who_receives_persons_looks_a_reference_up() {
        for role in [Role::Admin, Role::Auditor] {
            let bench = Bench::of(&[role]).refuses("FindReference", Code::NotFound, "not_there", "");
            assert_eq!(bench.get("/papier").await.status, StatusCode::NOT_FOUND);
            let posted = bench.post("/papier", &[("reference", "7K3M-Q9XT")]).await;
            assert_eq!(posted.status, StatusCode::NOT_FOUND);
        }
    }
}
