//! Finding communes by a name or a postcode that someone typed.

use super::code::{CommuneCode, DepartementCode};
use super::place::Commune;
use super::table::{self, field};
use crate::letters;
use std::cmp::Reverse;

const ARTICLES: [&str; 4] = ["la ", "le ", "les ", "l "];

/// The communes whose name is `text` or begins with it: those of exactly that name first, then most inhabitants
/// first, at most `limit`. Accents, case, hyphens and a leading article do not count; `St` stands for `Saint`.
pub fn communes_named(text: &str, limit: usize) -> Vec<Commune> {
    communes_named_near(text, limit, |_| false)
}

/// The same; of those of exactly that name, and of those that begin with it, the ones of départements that are `near` come
/// first: most people live where they ask for help. Namesakes stand together, so that no one is taken for the other.
pub fn communes_named_near(text: &str, limit: usize, near: impl Fn(DepartementCode) -> bool) -> Vec<Commune> {
    let wanted = typed_name(text);
    if wanted.is_empty() {
        return Vec::new();
    }
    let mut name = String::new();
    let mut found = Vec::new();
    for row in table::COMMUNES.lines() {
        letters::plain_into(field(row, 1), &mut name);
        let bare = without_article(&name);
        if name.starts_with(&wanted) || bare.starts_with(&wanted) {
            let commune = Commune::of_row(row);
            let exact = Reverse(name == wanted || bare == wanted);
            found.push((exact, Reverse(near(commune.departement())), Reverse(commune.population()), commune));
        }
    }
    found.sort_unstable();
    found.into_iter().take(limit).map(|(_, _, _, commune)| commune).collect()
}

fn typed_name(text: &str) -> String {
    let words: Vec<String> = letters::plain(text).split(' ').map(whole_word).collect();
    words.join(" ")
}

fn whole_word(word: &str) -> String {
    match word {
        "st" => "saint",
        "ste" => "sainte",
        other => other,
    }
    .to_owned()
}

fn without_article(name: &str) -> &str {
    ARTICLES.iter().find_map(|article| name.strip_prefix(article)).unwrap_or(name)
}

/// The communes a postcode serves, most inhabitants first; none for what is no postcode.
///
/// About 2,900 postcodes are also the code of another commune: a form that takes codes may want to ask.
pub fn communes_of_postcode(text: &str) -> impl Iterator<Item = Commune> + use<> {
    let codes = table::row(table::POSTCODES, text).map(|row| field(row, 1)).unwrap_or_default();
    codes.split('|').filter(|code| !code.is_empty()).map(|code| CommuneCode::of(code).commune())
}
