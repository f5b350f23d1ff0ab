//! What the node says both coded and in its own words; and what it did otherwise than asked, in the words of the page.

use crate::tongue::Tongue;
use relais_proto::desk::v1::{Remark, RemarkKind};

/// Each thing said in words. One that this version does not know, or that a former node did not code, is shown as the node
/// says it.
pub(crate) fn each<T>(
    coded: &[T],
    sentences: &[String],
    words: impl Fn(&T) -> Option<String>,
) -> Vec<String> {
    let said = coded.iter().map(words).chain(std::iter::repeat_with(|| None));
    sentences.iter().zip(said).map(|(sentence, words)| words.unwrap_or_else(|| sentence.clone())).collect()
}

/// Each remark in words.
pub(crate) fn words(tongue: Tongue, coded: &[Remark], sentences: &[String]) -> Vec<String> {
    each(coded, sentences, |remark| in_words(tongue, remark))
}

fn in_words(tongue: Tongue, remark: &Remark) -> Option<String> {
    let places = [("from", remark.from.as_str()), ("to", remark.to.as_str())];
    match remark.kind() {
        RemarkKind::Unspecified => None,
        RemarkKind::FormerCommune => Some(tongue.with("remark-former-commune", &places)),
        RemarkKind::SmallCommune => Some(tongue.with("remark-small-commune", &places)),
        RemarkKind::ActNotDone => Some(tongue.say("act-not-done")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tongue::Language;
    use relais_proto::desk::v1::Possible;

    fn remark(kind: RemarkKind) -> Remark {
        let (from, to) = ("Béon".to_owned(), "Culoz-Béon".to_owned());
        Remark { kind: kind.into(), from, to, act: Possible::Accept.into() }
    }

    #[test]
    fn what_the_node_changed_is_said_in_the_language_of_the_page() {
        let sentences = ["a", "b", "c", "d"].map(str::to_owned);
        let coded = [
            remark(RemarkKind::SmallCommune),
            remark(RemarkKind::FormerCommune),
            remark(RemarkKind::ActNotDone),
        ];
        let french = words(Tongue(Language::French), &coded, &sentences);
        assert_eq!(french[0], "Béon est une petite commune\u{a0}: nous disons Culoz-Béon à la place.");
        assert_eq!(french[1], "Béon fait maintenant partie de Culoz-Béon.");
        assert!(french[2].contains("n’a pas pu se faire"), "{french:?}");
        assert_eq!(french[3], "d", "what is not coded is said as the node says it");
        let english = words(Tongue(Language::English), &coded, &sentences);
        assert!(english[0].contains("small") && english[1].contains("is now part of"), "{english:?}");
        let unknown = [Remark { kind: 99, ..Remark::default() }];
        assert_eq!(words(Tongue(Language::French), &unknown, &sentences[..1]), ["a"]);
        assert_eq!(words(Tongue(Language::French), &[], &sentences).len(), 4, "of a former node");
    }
}
