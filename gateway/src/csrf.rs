//! Proof that a form was served to the session that posts it.
//!
//! The token is an HMAC under the session's own token, so that nothing is kept and every replica agrees. It is masked with
//! fresh bytes each time it is written: a compressed page never holds the same bytes twice. It names the account it was
//! given to: a form whose session ended while it was written still tells whose it is.

use crate::cookie::SessionToken;
use aws_lc_rs::{constant_time, hmac, rand};
use axum::http::{HeaderMap, Method};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The form field that bears it.
pub(crate) const FIELD: &str = "jeton";
const LABEL: &[u8] = b"relais/csrf/v2";
const BYTES: usize = 32;

fn proof(session: &SessionToken, account: &str) -> hmac::Tag {
    let key = hmac::Key::new(hmac::HMAC_SHA256, session.bytes());
    hmac::sign(&key, &[LABEL, account.as_bytes()].concat())
}

fn masked(mask: &[u8], bytes: &[u8]) -> Vec<u8> {
    mask.iter().zip(bytes).map(|(mask, byte)| mask ^ byte).collect()
}

/// A token for the forms of one page, given to a session of this account.
pub(crate) fn token(session: &SessionToken, account: &str) -> String {
    let mut mask = [0; BYTES];
    // Without randomness the token is still right, only not masked.
    rand::fill(&mut mask).unwrap_or(());
    let hidden = masked(&mask, proof(session, account).as_ref());
    URL_SAFE_NO_PAD.encode([mask.as_slice(), &hidden, account.as_bytes()].concat())
}

/// What a posted token says: the account it names, and the proof of it.
fn read(posted: &str) -> Option<(String, Vec<u8>)> {
    let bytes = URL_SAFE_NO_PAD.decode(posted).ok()?;
    let (mask, rest) = bytes.split_at_checked(BYTES)?;
    let (hidden, account) = rest.split_at_checked(BYTES)?;
    Some((String::from_utf8(account.to_vec()).ok()?, masked(mask, hidden)))
}

/// The account a posted token was given to, if it was given under this session.
pub(crate) fn account(session: &SessionToken, posted: &str) -> Option<String> {
    let (account, told) = read(posted)?;
    let holds = constant_time::verify_slices_are_equal(&told, proof(session, &account).as_ref()).is_ok();
    holds.then_some(account)
}

/// The account a posted token says it was given to, under whatever session: no proof.
pub(crate) fn claimed(posted: &str) -> Option<String> {
    read(posted).map(|(account, _)| account)
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
    fn a_token_holds_for_its_session_alone_and_names_its_account() {
        let (one, other) = (token(&session(1), "claire"), token(&session(1), "claire"));
        assert_ne!(one, other, "masked anew each time");
        let claire = Some("claire".to_owned());
        assert_eq!(
            (account(&session(1), &one), account(&session(1), &other)),
            (claire.clone(), claire.clone())
        );
        assert_eq!(account(&session(2), &one), None);
        assert_eq!(claimed(&one), claire, "under whatever session");
        let renamed = [&URL_SAFE_NO_PAD.decode(&one).unwrap()[..2 * BYTES], b"noor"].concat();
        for forged in [
            "",
            "AAAA",
            &one[..one.len() - 4],
            &format!("{one}AAAA"),
            &URL_SAFE_NO_PAD.encode([0; 64]),
            &URL_SAFE_NO_PAD.encode(renamed),
            &URL_SAFE_NO_PAD.encode([0xff; 80]),
        ] {
            assert_eq!(account(&session(1), forged), None, "{forged}");
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
