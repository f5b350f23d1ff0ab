//! Communes as people name them: by their name, by a postcode, by their code.

use super::answer;
use relais_domain::directory::Subscription;
use relais_domain::territory::{self, Commune, communes_named_near, communes_of_postcode};
use relais_proto::desk::v1 as desk;
use tonic::Status;

/// Fewest characters that communes are looked for by.
pub(super) const TEXT_CHARS_MIN: usize = 2;
/// Most characters that communes are looked for by.
pub(super) const TEXT_CHARS_MAX: usize = 80;
/// Most communes of one answer.
pub(super) const FOUND_MAX: usize = 20;
/// Communes of one answer when nobody says how many.
const FOUND_USUAL: usize = 10;

/// Looks for communes, those of the départements that the node keeps first.
pub(super) fn find(
    request: &desk::FindCommunesRequest,
    kept: Subscription,
) -> Result<desk::FindCommunesResponse, Status> {
    if !request.code.is_empty() {
        let known = territory::commune(&request.code).map(|found| view(&found.commune()));
        return Ok(desk::FindCommunesResponse { communes: known.into_iter().collect() });
    }
    let text = request.text.trim();
    if !(TEXT_CHARS_MIN..=TEXT_CHARS_MAX).contains(&text.chars().count()) {
        return Err(answer::field("text", &format!("{TEXT_CHARS_MIN} to {TEXT_CHARS_MAX} characters")));
    }
    let limit = match usize::try_from(request.limit) {
        Ok(0) => FOUND_USUAL,
        Ok(limit) if limit <= FOUND_MAX => limit,
        Ok(_) | Err(_) => return Err(answer::field("limit", &format!("1 to {FOUND_MAX}"))),
    };
    Ok(desk::FindCommunesResponse { communes: found(text, limit, kept).iter().map(view).collect() })
}

/// Digits are a postcode first, which is what people know, then a code; letters are a name.
fn found(text: &str, limit: usize, kept: Subscription) -> Vec<Commune> {
    let by_postcode: Vec<Commune> = communes_of_postcode(text).take(limit).collect();
    if !by_postcode.is_empty() {
        return by_postcode;
    }
    match territory::commune(text) {
        Ok(found) => vec![found.commune()],
        Err(_) => {
            let near = |departement| !kept.is_france() && kept.departements().any(|one| one == departement);
            communes_named_near(text, limit, near)
        }
    }
}

fn view(commune: &Commune) -> desk::CommuneView {
    let departement = commune.departement().departement();
    desk::CommuneView {
        code: commune.code().to_string(),
        name: commune.name().to_owned(),
        departement_code: departement.code().to_string(),
        departement_name: departement.name().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_domain::territory::DepartementCode;

    fn names(text: &str) -> Vec<String> {
        let request = desk::FindCommunesRequest { text: text.to_owned(), limit: 3, ..Default::default() };
        find(&request, Subscription::default())
            .unwrap()
            .communes
            .into_iter()
            .map(|commune| commune.name)
            .collect()
    }

    #[test]
    fn a_commune_is_found_as_people_name_it() {
        assert_eq!(names("La Rochelle")[0], "La Rochelle");
        assert_eq!(names("rochel")[0], "La Rochelle");
        assert!(names("17000").contains(&"La Rochelle".to_owned()));
        assert!(
            names("17300").contains(&"Rochefort".to_owned()),
            "a postcode first, though La Rochelle has this code"
        );
        assert_eq!(names("2A004"), ["Ajaccio"]);
        assert_eq!(names("xyzxyz"), Vec::<String>::new());
    }

    #[test]
    fn those_nearby_come_before_others_and_namesakes_before_both() {
        let found = |kept: Subscription| {
            let request = desk::FindCommunesRequest {
                text: "Saint-Martin".to_owned(),
                limit: 12,
                ..Default::default()
            };
            find(&request, kept).unwrap().communes
        };
        let charente = Subscription::of(["17"].iter().filter_map(|code| DepartementCode::parse(code)));
        let near = found(charente);
        let namesakes = near.iter().take_while(|one| one.name == "Saint-Martin").count();
        assert!(namesakes > 1 && near[namesakes..].iter().all(|one| one.name != "Saint-Martin"), "{near:?}");
        let next = &near[namesakes..namesakes + 4];
        assert!(next.iter().all(|one| one.departement_code == "17"), "{next:?}");
        assert_eq!(
            found(Subscription::FRANCE),
            found(Subscription::default()),
            "all of France is near to nobody"
        );
    }

    #[test]
    fn a_code_is_never_taken_for_a_postcode() {
        let named = |code: &str| {
            let request = desk::FindCommunesRequest { code: code.to_owned(), ..Default::default() };
            find(&request, Subscription::default())
                .unwrap()
                .communes
                .into_iter()
                .map(|one| one.name)
                .collect::<Vec<_>>()
        };
        // 97411 is the postcode of Saint-Paul, 17300 that of Rochefort.
        assert_eq!(
            (named("97411"), named("17300")),
            (vec!["Saint-Denis".to_owned()], vec!["La Rochelle".to_owned()])
        );
        assert_eq!((named("99999"), named("x")), (Vec::<String>::new(), Vec::<String>::new()));
    }

    #[test]
    fn too_little_or_too_much_is_refused() {
        for (text, limit) in [("a", 1), ("", 1), (&*"a".repeat(81), 1), ("La Rochelle", 21)] {
            let request = desk::FindCommunesRequest { text: text.to_owned(), limit, ..Default::default() };
            assert_eq!(
                find(&request, Subscription::default()).unwrap_err().code(),
                tonic::Code::InvalidArgument
            );
        }
    }
}
