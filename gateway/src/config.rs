//! What a gateway is told at its start: where it listens, how it is reached, in which language it begins.

use crate::tongue::Language;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// The files of a certificate that browsers trust.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Certificate {
    /// PEM: the certificate and those between it and its root.
    pub chain: PathBuf,
    /// PEM: its private key.
    pub key: PathBuf,
}

/// How browsers reach the gateway.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reached {
    /// By plain HTTP, on this machine only.
    Loopback,
    /// By HTTPS, with a certificate of its own.
    Https(Certificate),
    /// Through a reverse proxy that speaks HTTPS; only these addresses may say who asks (`X-Forwarded-For`).
    Proxy(Vec<IpAddr>),
}

/// A gateway's configuration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// How browsers reach it.
    pub reached: Reached,
    /// The language of a visitor whose browser asks for none that is here.
    pub language: Language,
    /// The time zone that dates are written in, as IANA names it.
    pub time_zone: String,
}

/// One mistake in a configuration.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ConfigError {
    /// Plain HTTP would cross a network.
    #[error(
        "gateway: {0} is not this machine alone: give gateway_certificate and gateway_key, or gateway_proxies behind a \
         reverse proxy"
    )]
    PlainHttp(SocketAddr),
    /// Nobody is trusted as proxy.
    #[error("gateway_proxies: name the addresses of the reverse proxy")]
    NoProxy,
    /// No such time zone.
    #[error("gateway_time_zone: `{0}` is no IANA time zone, such as Europe/Paris or Indian/Reunion")]
    TimeZone(String),
}

impl Config {
    /// A gateway on this machine, in French.
    pub fn on(listen: SocketAddr) -> Self {
        Self {
            listen,
            reached: Reached::Loopback,
            language: Language::French,
            time_zone: "Europe/Paris".to_owned(),
        }
    }

    /// Every mistake at once; empty when there is none.
    pub fn mistakes(&self) -> Vec<ConfigError> {
        let reached = match &self.reached {
            Reached::Loopback if !self.listen.ip().is_loopback() => Some(ConfigError::PlainHttp(self.listen)),
            Reached::Proxy(trusted) if trusted.is_empty() => Some(ConfigError::NoProxy),
            Reached::Loopback | Reached::Https(_) | Reached::Proxy(_) => None,
        };
        let zone = jiff::tz::TimeZone::get(&self.time_zone).err();
        let zone = zone.map(|_| ConfigError::TimeZone(self.time_zone.clone()));
        reached.into_iter().chain(zone).collect()
    }

    /// Whether browsers speak HTTPS to it.
    pub(crate) fn is_https(&self) -> bool {
        !matches!(self.reached, Reached::Loopback)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Config {
        Config::on(text.parse().unwrap())
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        assert_eq!(at("127.0.0.1:8080").mistakes(), []);
        assert_eq!(at("[::1]:8080").mistakes(), []);
        let open = at("0.0.0.0:8080");
        assert_eq!(open.mistakes(), [ConfigError::PlainHttp(open.listen)]);
        let proxied = Config { reached: Reached::Proxy(vec!["10.0.0.1".parse().unwrap()]), ..open.clone() };
        assert_eq!(proxied.mistakes(), []);
        assert_eq!(Config { reached: Reached::Proxy(vec![]), ..open }.mistakes(), [ConfigError::NoProxy]);
    }

    #[test]
    fn all_mistakes_are_said_at_once() {
        let wrong = Config { time_zone: "Europe/Atlantis".to_owned(), ..at("0.0.0.0:80") };
        assert_eq!(wrong.mistakes().len(), 2);
    }
}
