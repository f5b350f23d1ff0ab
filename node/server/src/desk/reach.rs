//! Whether what is said of how to reach a person can reach them: nobody calls back to ask for another number.

use super::answer;
use relais_domain::content::{Contact, Reach};
use tonic::Status;

/// Fewest digits of a telephone number; the shortest that people are reached by have four.
const PHONE_DIGITS_MIN: usize = 4;

/// Checks that a telephone number has digits and that an e-mail address is one.
///
/// # Errors
/// `contact.detail`.
pub(super) fn check(contact: &Contact) -> Result<(), Status> {
    let Some(detail) = &contact.detail else { return Ok(()) };
    let detail = detail.expose().trim();
    let problem = match contact.reach {
        Reach::Phone if detail.chars().filter(char::is_ascii_digit).count() < PHONE_DIGITS_MIN => {
            "is no telephone number: write its digits, or choose another way"
        }
        Reach::Email
            if !detail.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')) =>
        {
            "is no e-mail address: write it like name@example.org, or choose another way"
        }
        Reach::Phone | Reach::Email | Reach::PresentAt | Reach::ThroughSender => return Ok(()),
    };
    Err(answer::field("contact.detail", problem))
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_domain::personal::Personal;

    #[test]
    fn a_number_has_digits_and_an_address_is_one() {
        let told = |reach, detail: &str| {
            let detail = Some(Personal::new(detail.to_owned()));
            check(&Contact { reach, detail, language: None, cautions: Default::default() }).is_ok()
        };
        for good in ["3646", "06 12 34 56 78", "+33 6 12 34 56 78", "chez sa sœur, 05.46.00.00.00"] {
            assert!(told(Reach::Phone, good), "{good}");
        }
        for bad in ["pas un numéro", "12", "le matin"] {
            assert!(!told(Reach::Phone, bad), "{bad}");
        }
        assert!(
            told(Reach::Email, "amina@exemple.fr")
                && !told(Reach::Email, "amina")
                && !told(Reach::Email, "@x.fr")
        );
        assert!(told(Reach::PresentAt, "mardi matin"));
    }
}
