//! Choosing the départements whose records are kept.

use super::{Asked, PAGE, directory_page};
use crate::form::Form;
use crate::page::{self, Mistakes};
use crate::pages::refused;
use crate::pages::structure::FRANCE;
use crate::pages::structure::administer;
use crate::pages::writing::{Stage, Writing};
use crate::trouble::Trouble;
use axum::response::Response;
use relais_proto::desk::v1::{DirectoryView, SubscribeDirectoryRequest};
use relais_proto::peer::v1::YesNo;

/// Where this structure is at home.
const HOME: &str = "chez-nous";
/// Those that are written.
const LIST: &str = "liste";

/// What is chosen, or was typed.
pub(super) struct Kept {
    /// One of `chez-nous`, `liste`, `france`; empty when none was chosen.
    pub(super) choice: String,
    /// The codes, as they are written.
    pub(super) codes: String,
    /// Whether the form is shown at once.
    pub(super) open: bool,
}

impl Kept {
    /// What holds now.
    pub(super) fn of(view: &DirectoryView) -> Self {
        let is_france = view.departements.iter().any(|code| code == FRANCE);
        let (choice, codes) = match view.chosen() {
            YesNo::Yes if is_france => (FRANCE, String::new()),
            YesNo::Yes => (LIST, view.departements.join(", ")),
            YesNo::No | YesNo::Unspecified => (HOME, String::new()),
        };
        Self { choice: choice.to_owned(), codes, open: false }
    }

    fn typed(form: &Form) -> Self {
        let known = [HOME, LIST, FRANCE].into_iter().find(|known| *known == form.text("choix"));
        let choice = known.unwrap_or_default().to_owned();
        Self { choice, codes: form.text("codes").to_owned(), open: true }
    }

    /// What the node is asked for; the field and the key of what is wrong with it.
    fn request(&self) -> Result<SubscribeDirectoryRequest, (&'static str, &'static str)> {
        let departements = match self.choice.as_str() {
            HOME => Vec::new(),
            FRANCE => vec![FRANCE.to_owned()],
            LIST => {
                let codes = self.codes.split([',', ';', ' ', '\t', '\n', '\r']);
                let codes: Vec<String> = codes.filter(|code| !code.is_empty()).map(str::to_owned).collect();
                if codes.is_empty() {
                    return Err(("codes", "directory-codes-empty"));
                }
                codes
            }
            _ => return Err(("choix", "directory-choice-empty")),
        };
        Ok(SubscribeDirectoryRequest { departements })
    }
}

/// Chooses them. Said twice, it is said once.
pub(crate) async fn choose(writing: Writing) -> Result<Response, Trouble> {
    let Writing { session, form, stage } = writing;
    administer(&session)?;
    let typed = Kept::typed(&form);
    let asked = Asked::default();
    if stage == Stage::Resumed {
        return directory_page(&session, &asked, Some(typed), Mistakes::default()).await;
    }
    let request = match typed.request() {
        Ok(request) => request,
        Err((field, key)) => {
            let mut mistakes = Mistakes::default();
            mistakes.add(field, session.tongue().say(key));
            return directory_page(&session, &asked, Some(typed), mistakes).await;
        }
    };
    match session.desk().subscribe_directory(session.ask(request)).await {
        Ok(_) => Ok(page::lead(&format!("{PAGE}?fait=departements"))),
        Err(status) => {
            let mistakes = refused::mistakes(&session, status, "directory-kept-refused", |_| "codes")?;
            directory_page(&session, &asked, Some(typed), mistakes).await
        }
    }
}
