//! What the gateway is told, as typed in the configuration file or on the command line, and what it makes of it.

use relais_gateway::Language;
use relais_gateway::config::{Certificate, Config, Reached};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// The keys of the configuration file that are the gateway's, with what they are for.
pub(in crate::node) const KEYS: &[(&str, &str)] = &[
    (
        "gateway",
        "address and port where professionals' browsers connect, like 127.0.0.1:7445; none when left out",
    ),
    ("gateway_certificate", "PEM file of the certificate browsers see; needs gateway_key"),
    ("gateway_key", "PEM file of its private key"),
    (
        "gateway_proxies",
        "addresses of the reverse proxy, separated by commas, when one stands before the gateway",
    ),
    ("gateway_language", "fr or en, for browsers that ask for neither"),
    ("gateway_time_zone", "IANA time zone that dates are written in, like Europe/Paris"),
];

/// What the gateway is told, as typed.
#[derive(Clone, Debug, Default)]
pub(in crate::node) struct Typed {
    /// Where it listens; nothing for no gateway.
    pub(in crate::node) listen: Option<SocketAddr>,
    /// Its certificate.
    pub(in crate::node) certificate: Option<PathBuf>,
    /// The certificate's key.
    pub(in crate::node) key: Option<PathBuf>,
    /// The proxies before it.
    pub(in crate::node) proxies: Option<Vec<IpAddr>>,
    /// Its language.
    pub(in crate::node) language: Option<Language>,
    /// Its time zone.
    pub(in crate::node) time_zone: Option<String>,
}

impl Typed {
    /// The gateway's configuration; `None` when there is no gateway.
    ///
    /// # Errors
    /// Every mistake.
    pub(in crate::node) fn config(self) -> Result<Option<Config>, Vec<String>> {
        let Some(listen) = self.listen else { return Ok(None) };
        let mut mistakes = Vec::new();
        let reached = match (self.certificate, self.key, self.proxies) {
            (Some(chain), Some(key), None) => Reached::Https(Certificate { chain, key }),
            (None, None, Some(proxies)) => Reached::Proxy(proxies),
            (None, None, None) => Reached::Loopback,
            (Some(_), Some(_), Some(_)) => {
                mistakes.push(
                    "gateway_proxies: a gateway with its own certificate stands behind none".to_owned(),
                );
                Reached::Loopback
            }
            (Some(_), None, _) => {
                mistakes.push("gateway_key: is missing beside gateway_certificate".to_owned());
                Reached::Loopback
            }
            (None, Some(_), _) => {
                mistakes.push("gateway_certificate: is missing beside gateway_key".to_owned());
                Reached::Loopback
            }
        };
        let usual = Config::on(listen);
        let config = Config {
            reached,
            language: self.language.unwrap_or(usual.language),
            time_zone: self.time_zone.unwrap_or(usual.time_zone),
            ..usual
        };
        if mistakes.is_empty() {
            mistakes.extend(config.mistakes().iter().map(ToString::to_string));
        }
        if mistakes.is_empty() { Ok(Some(config)) } else { Err(mistakes) }
    }
}

/// Reads addresses separated by commas.
pub(in crate::node) fn proxies(text: &str) -> Result<Vec<IpAddr>, String> {
    let addresses = text.split(',').map(str::trim).filter(|one| !one.is_empty());
    addresses.map(|one| one.parse().map_err(|_| format!("`{one}` is no address"))).collect()
}

/// Reads a language that is offered.
pub(in crate::node) fn language(text: &str) -> Result<Language, String> {
    let found = Language::OFFERED.into_iter().find(|language| language.code() == text);
    found.ok_or_else(|| "is neither fr nor en".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(listen: &str) -> Typed {
        Typed { listen: Some(listen.parse().unwrap()), ..Typed::default() }
    }

    #[test]
    fn no_address_is_no_gateway() {
        assert_eq!(Typed::default().config(), Ok(None));
        assert!(typed("127.0.0.1:7445").config().unwrap().is_some());
    }

    #[test]
    fn a_gateway_that_others_reach_needs_a_certificate_or_a_proxy() {
        let open = typed("0.0.0.0:80").config().unwrap_err();
        assert!(open[0].contains("gateway_certificate"), "{open:?}");
        let key_alone = Typed { key: Some("k".into()), ..typed("127.0.0.1:1") }.config().unwrap_err();
        assert!(key_alone[0].starts_with("gateway_certificate: is missing"), "{key_alone:?}");
        let proxied = Typed { proxies: Some(proxies("10.0.0.1, ::1").unwrap()), ..typed("10.0.0.2:80") };
        assert!(proxied.config().is_ok());
        assert!(proxies("here").is_err());
        assert!(language("de").is_err() && language("fr").is_ok());
    }
}
