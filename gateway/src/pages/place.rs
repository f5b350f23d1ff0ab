//! Where a person lives: the commune that was typed, found by the node.

use crate::form::Form;
use crate::page::Mistakes;
use crate::trouble::Trouble;
use crate::visit::Session;
use relais_proto::desk::v1::{CommuneView, FindCommunesRequest, ListServicesRequest, ServiceView};

/// Communes to choose from when a name is not enough.
const COMMUNES_MAX: u32 = 12;
/// Services asked for at once.
const PAGE_SIZE: u32 = 100;
/// Most pages of one structure: more records than it may publish.
const PAGES_MAX: usize = 41;
/// Fewest characters a commune is looked for by.
const TEXT_CHARS_MIN: usize = 2;
/// Most characters a commune is looked for by.
const TEXT_CHARS_MAX: usize = 80;

/// Every service of a structure, this one when its id is empty.
///
/// # Errors
/// [`Trouble`] when the node does not answer.
pub(crate) async fn services(session: &Session, of: Vec<u8>) -> Result<Vec<ServiceView>, Trouble> {
    let mut all = Vec::new();
    through(session, of, |services| {
        all.extend(services);
        Look::On
    })
    .await?;
    Ok(all)
}

/// One service of a structure, this one when its id is empty; `None` when it publishes none of this id.
///
/// # Errors
/// [`Trouble`] when the node does not answer.
pub(crate) async fn service(
    session: &Session,
    of: Vec<u8>,
    id: &str,
) -> Result<Option<ServiceView>, Trouble> {
    let mut found = None;
    through(session, of, |services| {
        found = services.into_iter().find(|service| service.service_id == id);
        if found.is_some() { Look::NoFurther } else { Look::On }
    })
    .await?;
    Ok(found)
}

/// Whether the next page is wanted.
enum Look {
    On,
    NoFurther,
}

/// Goes through the services of a structure, page by page.
async fn through(
    session: &Session,
    of: Vec<u8>,
    mut look: impl FnMut(Vec<ServiceView>) -> Look,
) -> Result<(), Trouble> {
    let mut request = ListServicesRequest { structure_id: of, page_size: PAGE_SIZE, ..Default::default() };
    for _ in 0..PAGES_MAX {
        let answer = session.desk().list_services(session.ask(request.clone())).await?.into_inner();
        let is_last = answer.next_page_token.is_empty();
        match look(answer.services) {
            Look::On if !is_last => request.page_token = answer.next_page_token,
            Look::On | Look::NoFurther => return Ok(()),
        }
    }
    Ok(())
}

/// Fills in the commune most people who come here live in: that of the structure's own first service.
///
/// # Errors
/// [`Trouble`] when the node does not answer.
pub(crate) async fn presume(session: &Session, form: &mut Form) -> Result<(), Trouble> {
    if !form.text("commune").is_empty() {
        return Ok(());
    }
    let own = services(session, Vec::new()).await?;
    if let Some(placed) = own.into_iter().find(|service| !service.commune_code.is_empty()) {
        set(form, &placed.commune_name, &placed.commune_code);
    }
    Ok(())
}

/// Fills in a commune by its name and code.
pub(crate) fn set(form: &mut Form, name: &str, code: &str) {
    form.set("commune", name);
    form.set("commune-nom", name);
    form.set("commune-code", code);
}

/// The commune a form knew before: its name and code.
pub(crate) fn known(form: &Form) -> (String, String) {
    (form.text("commune-nom").to_owned(), form.text("commune-code").to_owned())
}

/// Finds the commune that was typed; answers those to choose from when there are several.
///
/// # Errors
/// [`Trouble`] when the node does not answer.
pub(crate) async fn find(
    session: &Session,
    form: &mut Form,
    known: &(String, String),
    mistakes: &mut Mistakes,
) -> Result<Vec<CommuneView>, Trouble> {
    let chosen = form.text("commune-choix").to_owned();
    form.remove("commune-choix");
    if !chosen.is_empty() {
        // Its digits are a code, and may be the postcode of others.
        let request = session.ask(FindCommunesRequest { code: chosen.clone(), ..Default::default() });
        let found = session.desk().find_communes(request).await?.into_inner().communes;
        return Ok(settle(form, &chosen, found, |key| mistakes.add("commune", session.tongue().say(key))));
    }
    let text = form.text("commune").to_owned();
    if text == known.0 && !known.1.is_empty() {
        form.set("commune-code", &known.1);
        return Ok(Vec::new());
    }
    if text.chars().count() < TEXT_CHARS_MIN {
        mistakes.add("commune", session.tongue().say("need-commune-empty"));
        return Ok(Vec::new());
    }
    let text: String = text.chars().take(TEXT_CHARS_MAX).collect();
    let request =
        session.ask(FindCommunesRequest { text: text.clone(), limit: COMMUNES_MAX, ..Default::default() });
    let found = session.desk().find_communes(request).await?.into_inner().communes;
    Ok(settle(form, &text, found, |key| mistakes.add("commune", session.tongue().say(key))))
}

/// Takes the one that is meant; answers what is left to choose from.
fn settle(
    form: &mut Form,
    text: &str,
    found: Vec<CommuneView>,
    mut mistake: impl FnMut(&str),
) -> Vec<CommuneView> {
    let named_so = |one: &CommuneView| one.name.to_lowercase() == text.to_lowercase();
    let exact = found.len() == 1 || found.first().is_some_and(named_so);
    let has_namesakes = found.iter().filter(|one| named_so(one)).count() > 1;
    match found.first() {
        Some(first) if exact && !has_namesakes => {
            set(form, &first.name, &first.code);
            return Vec::new();
        }
        Some(_) => mistake("need-commune-several"),
        None => mistake("need-commune-unknown"),
    }
    form.remove("commune-code");
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commune(name: &str, code: &str) -> CommuneView {
        CommuneView { name: name.to_owned(), code: code.to_owned(), ..Default::default() }
    }

    fn settled(text: &str, found: Vec<CommuneView>) -> (String, usize, Option<String>) {
        let mut form = Form::default();
        let mut said = None;
        let left = settle(&mut form, text, found, |key| said = Some(key.to_owned())).len();
        (form.text("commune-code").to_owned(), left, said)
    }

    #[test]
    fn a_commune_is_taken_only_when_it_is_the_one_meant() {
        let several = || vec![commune("Rochefort", "17299"), commune("Rochefort-en-Yvelines", "78522")];
        assert_eq!(settled("rochefort", several()), ("17299".to_owned(), 0, None));
        assert_eq!(settled("Roche", several()), (String::new(), 2, Some("need-commune-several".to_owned())));
        let twins = vec![commune("Saint-Denis", "93066"), commune("Saint-Denis", "97411")];
        assert_eq!(settled("Saint-Denis", twins).2, Some("need-commune-several".to_owned()));
        let between = vec![commune("Bey", "01042"), commune("Beynost", "01043"), commune("Bey", "71033")];
        assert_eq!(
            settled("Bey", between).2,
            Some("need-commune-several".to_owned()),
            "wherever the namesake stands"
        );
        assert_eq!(settled("x", vec![]), (String::new(), 0, Some("need-commune-unknown".to_owned())));
        assert_eq!(settled("17300", vec![commune("La Rochelle", "17300")]), ("17300".to_owned(), 0, None));
    }
}
