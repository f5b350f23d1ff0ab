//! Proof that a form was served to the session that posts it.
//!
//! The token is an HMAC under the session's own token, so that nothing is kept and every replica agrees. It is masked with
//! fresh bytes each time it is written: a compressed page never holds the same bytes twice.

use crate::cookie::SessionToken;
use aws_lc_rs::{constant_time, hmac, rand};
use axum::http::{HeaderMap, Method};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The form field that bears it.
pub(crate) const FIELD: &str = "jeton";
const LABEL: &[u8] = b"relais/csrf/v1";
const BYTES: usize = 32;

fn proof(token: &SessionToken) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, token.bytes()), LABEL)
}

fn masked(mask: &[u8], bytes: &[u8]) -> Vec<u8> {
    mask.iter().zip(bytes).map(|(mask, byte)| mask ^ byte).collect()
}

/// A token for the forms of one page.
pub(crate) fn token(session: &SessionToken) -> String {
    let mut mask = [0; BYTES];
    // Without randomness the token is still right, only not masked.
    rand::fill(&mut mask).unwrap_or(());
    let hidden = masked(&mask, proof(session).as_ref());
    URL_SAFE_NO_PAD.encode([mask.as_slice(), &hidden].concat())
}

/// Whether a posted token is the session's.
pub(crate) fn holds(session: &SessionToken, posted: &str) -> bool {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(posted) else { return false };
    let Some((mask, hidden)) = bytes.split_at_checked(BYTES) else { return false };
    hidden.len() == BYTES
        && constant_time::verify_slices_are_equal(&masked(mask, hidden), proof(session).as_ref()).is_ok()
}

/// Whether the browser says that the request comes from another site. Every browser of the last years says where a
/// request comes from; one that does not is judged by its token alone.
pub(crate) fn is_foreign(method: &Method, headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    !method.is_safe() && site.is_some_and(|site| !matches!(site, "same-origin" | "none"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn session(byte: u8) -> SessionToken {
        SessionToken::new(vec![byte; 32]).unwrap()
    }

    #[test]
    fn a_token_holds_for_its_session_alone() {
        let (one, other) = (token(&session(1)), token(&session(1)));
        assert_ne!(one, other, "masked anew each time");
        assert!(holds(&session(1), &one) && holds(&session(1), &other));
        assert!(!holds(&session(2), &one));
        for forged in
            ["", "AAAA", &one[..one.len() - 4], &format!("{one}AAAA"), &URL_SAFE_NO_PAD.encode([0; 64])]
        {
            assert!(!holds(&session(1), forged), "{forged}");
        }
    }

    #[test]
    fn another_site_posts_nothing() {
        let from = |site: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("sec-fetch-site", HeaderValue::from_static(site));
            headers
        };
        for site in ["cross-site", "same-site", "anything"] {
            assert!(is_foreign(&Method::POST, &from(site)), "{site}");
            assert!(!is_foreign(&Method::GET, &from(site)), "a link from elsewhere may be followed");
        }
        assert!(!is_foreign(&Method::POST, &from("same-origin")));
        assert!(!is_foreign(&Method::POST, &HeaderMap::new()));
    }
}
