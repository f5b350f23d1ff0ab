//! Where the pages of a node are opened, as far as the configuration in its folder says.

use super::configuration;
use relais_gateway::config::{Config, Reached};
use relais_server::home::Home;
use std::path::Path;

/// How browsers reach the pages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Pages {
    /// On this machine alone, at this address, like `http://127.0.0.1:7445`.
    Here(String),
    /// By HTTPS at this port, under the name that the gateway's certificate is for.
    Certificate(u16),
    /// Under the name of the reverse proxy before the gateway.
    Proxy,
    /// The folder does not say: the gateway runs apart, or the configuration cannot be read by who asks.
    Unsaid,
}

impl Pages {
    /// Those of the node of a folder.
    pub(crate) fn of(folder: &Path) -> Self {
        let read = configuration::read(&Home::at(folder)).ok();
        read.and_then(|configuration| configuration.gateway).map_or(Self::Unsaid, |config| Self::by(&config))
    }

    fn by(config: &Config) -> Self {
        match &config.reached {
            // The system picks the port when the node starts.
            Reached::Loopback if config.listen.port() == 0 => Self::Unsaid,
            Reached::Loopback => Self::Here(format!("http://{}", config.listen)),
            Reached::Https(_) => Self::Certificate(config.listen.port()),
            Reached::Proxy(_) => Self::Proxy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::configuration::{NewFile, text};
    use super::*;

    fn of(gateway: Option<&str>, more: &str) -> Pages {
        let folder = tempfile::tempdir().expect("a folder");
        let new = NewFile {
            listen: "127.0.0.1:7443",
            pairing_listen: "127.0.0.1:7444",
            advertise: "relais.example.org:7443",
            advertise_pairing: "relais.example.org:7444",
            addresses: "loopback",
            commune: "17300",
            gateway,
        };
        let file = format!("{}{more}", text(&new));
        std::fs::write(Home::at(folder.path()).configuration(), file).expect("written");
        Pages::of(folder.path())
    }

    #[test]
    fn the_configuration_says_where_the_pages_are() {
        assert_eq!(of(Some("127.0.0.1:7445"), ""), Pages::Here("http://127.0.0.1:7445".to_owned()));
        assert_eq!(of(Some("[::1]:80"), ""), Pages::Here("http://[::1]:80".to_owned()));
        let own = "gateway_certificate = \"chain.pem\"\ngateway_key = \"key.pem\"\n";
        assert_eq!(of(Some("0.0.0.0:443"), own), Pages::Certificate(443));
        assert_eq!(of(Some("127.0.0.1:7445"), "gateway_proxies = \"127.0.0.1\"\n"), Pages::Proxy);
    }

    #[test]
    fn an_address_that_is_not_known_is_not_made_up() {
        assert_eq!(of(None, ""), Pages::Unsaid);
        assert_eq!(of(Some("127.0.0.1:0"), ""), Pages::Unsaid);
        assert_eq!(of(Some("0.0.0.0:80"), ""), Pages::Unsaid, "a mistake");
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(Pages::of(folder.path()), Pages::Unsaid);
    }
}
