//! The session's cookie: one opaque token that the node drew, and nothing else.

use crate::config::Config;
use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretSlice};

/// Bytes of a session's token.
const TOKEN_BYTES: usize = 32;

/// The token of a session; prints as nothing.
#[derive(Clone, Debug)]
pub(crate) struct SessionToken(SecretSlice<u8>);

impl SessionToken {
    /// The token the node gave; `None` when it has another length.
    pub(crate) fn new(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() == TOKEN_BYTES).then(|| Self(bytes.into()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

/// The cookie's name. `__Host-` binds it to this origin alone; on plain HTTP of this machine, where several nodes share one
/// host, its port tells it apart.
fn name(config: &Config) -> String {
    if config.is_https() { "__Host-relais".to_owned() } else { format!("relais-{}", config.listen.port()) }
}

/// The session a request bears.
pub(crate) fn read(config: &Config, headers: &HeaderMap) -> Option<SessionToken> {
    let name = name(config);
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let value = pairs.into_iter().find(|(key, _)| *key == name)?.1;
    SessionToken::new(URL_SAFE_NO_PAD.decode(value).ok()?)
}

/// The header that gives a browser its session: gone when the browser closes, never seen by a script or another site.
pub(crate) fn give(config: &Config, token: &SessionToken) -> Option<HeaderValue> {
    let secure = if config.is_https() { "; Secure" } else { "" };
    let value = URL_SAFE_NO_PAD.encode(token.bytes());
    let cookie = format!("{}={value}; Path=/; HttpOnly; SameSite=Strict{secure}", name(config));
    let mut value = HeaderValue::from_str(&cookie).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The header that takes it back.
pub(crate) fn take(config: &Config) -> Option<HeaderValue> {
    let secure = if config.is_https() { "; Secure" } else { "" };
    let cookie = format!("{}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0{secure}", name(config));
    HeaderValue::from_str(&cookie).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Reached;

    fn token() -> SessionToken {
        SessionToken::new(vec![7; TOKEN_BYTES]).unwrap()
    }

    #[test]
    fn a_session_comes_back_and_is_never_printed() {
        let config = Config::on("127.0.0.1:8081".parse().unwrap());
        let given = give(&config, &token()).unwrap();
        let pair = given.to_str().unwrap().split(';').next().unwrap().to_owned();
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_str(&format!("a=b; {pair}")).unwrap());
        assert_eq!(read(&config, &headers).unwrap().bytes(), token().bytes());
        assert!(given.is_sensitive());
        assert!(!format!("{:?}", token()).contains('7'));
        let other = Config::on("127.0.0.1:8082".parse().unwrap());
        assert!(read(&other, &headers).is_none(), "another node on this machine");
    }

    #[test]
    fn over_https_it_is_bound_to_the_origin() {
        let listen = "10.0.0.1:443".parse().unwrap();
        let config = Config { reached: Reached::Proxy(vec![]), ..Config::on(listen) };
        let given = give(&config, &token()).unwrap();
        let text = given.to_str().unwrap();
        assert!(text.starts_with("__Host-relais=") && text.ends_with("; Secure"));
        for rule in ["Path=/;", "HttpOnly", "SameSite=Strict"] {
            assert!(text.contains(rule), "{rule}");
        }
        assert!(!text.contains("Domain"));
    }

    #[test]
    fn a_cookie_of_another_length_is_no_session() {
        let config = Config::on("127.0.0.1:1".parse().unwrap());
        for value in ["", "AAAA", "not base64 !", &"A".repeat(4_000)] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_str(&format!("relais-1={value}")).unwrap());
            assert!(read(&config, &headers).is_none(), "{value}");
        }
    }
}
