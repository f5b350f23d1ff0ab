//! The address under which a browser reached this gateway: what a link for someone else begins with.

use crate::visit::Session;
use axum::http::{HeaderMap, Uri, header};

/// Most characters of a host and its port.
const HOST_CHARS_MAX: usize = 255;

/// What stands before the path of a page.
pub(crate) fn base(session: &Session, headers: &HeaderMap, uri: &Uri) -> String {
    let config = session.visit.gate.config();
    let named = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let host = uri.authority().map(|authority| authority.as_str()).or(named).filter(|host| is_host(host));
    let host = host.map_or_else(|| config.listen.to_string(), str::to_owned);
    let scheme = if config.is_https() { "https" } else { "http" };
    format!("{scheme}://{host}")
}

/// Whether a text is the name or address of a host, with or without a port.
fn is_host(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    !text.is_empty() && text.len() <= HOST_CHARS_MAX && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_host_and_nothing_else() {
        for good in ["relais.example", "127.0.0.1:8080", "[::1]:8080"] {
            assert!(is_host(good), "{good}");
        }
        for bad in ["", "a b", "evil.example/x", "user@evil.example", "é.example", &"a".repeat(256)] {
            assert!(!is_host(bad), "{bad}");
        }
    }
}
