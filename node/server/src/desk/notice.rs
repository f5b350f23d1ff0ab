//! The notices read to a person before they agree: text files, each with an id, a language and its hash.

use relais_domain::consent::{Notice, Purpose};
use relais_domain::digest::Digest;

struct Text {
    id: &'static str,
    purpose: Purpose,
    language: &'static str,
    text: &'static str,
}

const TEXTS: &[Text] = &[
    Text {
        id: "referral-1",
        purpose: Purpose::Referral,
        language: "fr",
        text: include_str!("../../assets/notice-referral-1.fr.txt"),
    },
    Text {
        id: "referral-1",
        purpose: Purpose::Referral,
        language: "en",
        text: include_str!("../../assets/notice-referral-1.en.txt"),
    },
    Text {
        id: "handover-1",
        purpose: Purpose::Handover,
        language: "fr",
        text: include_str!("../../assets/notice-handover-1.fr.txt"),
    },
    Text {
        id: "handover-1",
        purpose: Purpose::Handover,
        language: "en",
        text: include_str!("../../assets/notice-handover-1.en.txt"),
    },
];

/// The notice of a purpose in a language, and its text; `None` when there is no such translation.
pub(super) fn notice(purpose: Purpose, language: &str) -> Option<(Notice, &'static str)> {
    let language = if language.is_empty() { "fr" } else { language };
    let found = TEXTS.iter().find(|text| text.purpose == purpose && text.language == language)?;
    let notice = Notice {
        id: found.id.to_owned(),
        language: found.language.to_owned(),
        text: Digest::of(found.text.as_bytes()),
    };
    Some((notice, found.text))
}

/// The languages a notice of this purpose exists in.
pub(super) fn languages(purpose: Purpose) -> Vec<&'static str> {
    TEXTS.iter().filter(|text| text.purpose == purpose).map(|text| text.language).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_of_a_notice_are_short_and_no_is_an_answer() {
        for text in TEXTS {
            for sentence in text.text.split(['.', '\n', '?', ':']) {
                let words = sentence.split_whitespace().count();
                assert!(words <= 14, "{}.{}: {sentence}", text.id, text.language);
            }
        }
        assert!(notice(Purpose::Referral, "").unwrap().1.contains("Vous pouvez dire non"));
        assert!(notice(Purpose::Referral, "xx").is_none());
    }
}
