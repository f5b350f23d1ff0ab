//! The node's configuration file, `relais.toml` in its folder: read whole, and every mistake told at once.

use super::gateway;
use crate::exit::Failure;
use config::{Config, File, FileFormat, Map, Value};
use relais_domain::territory;
use relais_server::dial::AddressPolicy;
use relais_server::home::Home;
use relais_server::node::Settings;
use relais_server::pairing::AGREEMENT;
use relais_wire::endpoint::Endpoint;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Longest agreement text, in bytes.
const AGREEMENT_BYTES_MAX: u64 = 256 * 1024;

/// What the file says, checked.
#[derive(Clone, Debug)]
pub(super) struct Configuration {
    /// What the node runs with.
    pub(super) settings: Settings,
    /// Code of the structure's commune.
    pub(super) commune: Option<String>,
    /// The structure's phone, as published.
    pub(super) phone: Option<String>,
    /// The gateway beside the node, if there is one.
    pub(super) gateway: Option<relais_gateway::Config>,
    /// The least severe log lines written.
    pub(super) log: tracing::Level,
}

/// The keys of the file, with what they are for.
const KEYS: &[(&str, &str)] = &[
    ("listen", "address and port where partners connect, like 0.0.0.0:7443"),
    ("pairing_listen", "address and port where invited structures connect, like 0.0.0.0:7444"),
    ("advertise", "host:port at which partners reach `listen`"),
    ("advertise_pairing", "host:port at which invited structures reach `pairing_listen`"),
    ("addresses", "which addresses may be dialled: public, private or loopback"),
    ("desk_socket", "path of the Desk's socket"),
    (
        "desk_listen",
        "address and port where gateways on other machines connect, like 10.0.0.1:7446; none when left out",
    ),
    ("agreement", "path of your own partnership agreement"),
    ("commune", "code of the structure's commune"),
    ("phone", "the structure's phone, shown to partners"),
    ("log", "error, warn, info, debug or trace"),
];

/// Every key of the file.
fn keys() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    KEYS.iter().chain(gateway::KEYS)
}

/// A new node's file.
#[derive(Clone, Debug)]
pub(super) struct NewFile<'a> {
    /// Where partners connect.
    pub(super) listen: &'a str,
    /// Where invited structures connect.
    pub(super) pairing_listen: &'a str,
    /// How partners reach it.
    pub(super) advertise: &'a str,
    /// How invited structures reach it.
    pub(super) advertise_pairing: &'a str,
    /// Which addresses may be dialled.
    pub(super) addresses: &'a str,
    /// Code of the commune.
    pub(super) commune: &'a str,
    /// Where browsers connect; none for a node without pages.
    pub(super) gateway: Option<&'a str>,
}

/// The text of a new node's file, every key with its meaning.
pub(super) fn text(new: &NewFile<'_>) -> String {
    let value = |key: &str| match key {
        "listen" => Some(new.listen),
        "pairing_listen" => Some(new.pairing_listen),
        "advertise" => Some(new.advertise),
        "advertise_pairing" => Some(new.advertise_pairing),
        "addresses" => Some(new.addresses),
        "commune" => Some(new.commune),
        "gateway" => new.gateway,
        _ => None,
    };
    let mut text = "# Configuration of this node. Restart it after a change.\n".to_owned();
    for (key, meaning) in keys() {
        text.push_str(&format!("\n# {meaning}\n"));
        text.push_str(&match value(key) {
            Some(value) => format!("{key} = {value:?}\n"),
            None => format!("# {key} = \"\"\n"),
        });
    }
    text
}

/// Collects every mistake.
struct Reading {
    values: Map<String, Value>,
    mistakes: Vec<String>,
}

/// Reads the file of a node.
///
/// # Errors
/// [`Failure`] that names every mistake.
pub(super) fn read(home: &Home) -> Result<Configuration, Failure> {
    let path = home.configuration();
    let source = File::from(path.as_path()).format(FileFormat::Toml);
    let read = Config::builder().add_source(source).build().and_then(Config::try_deserialize);
    let values: Map<String, Value> =
        read.map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
    let mut reading = Reading { values, mistakes: Vec::new() };
    let configuration = reading.configuration(home);
    match configuration {
        Some(configuration) if reading.mistakes.is_empty() => Ok(configuration),
        Some(_) | None => {
            let all = reading.mistakes.join("\n  ");
            Err(Failure::usage(format!(
                "{} has {} mistakes:\n  {all}",
                path.display(),
                reading.mistakes.len()
            )))
        }
    }
}

impl Reading {
    fn configuration(&mut self, home: &Home) -> Option<Configuration> {
        self.unknown_keys();
        let listen = self.needed("listen", address);
        let pairing_listen = self.needed("pairing_listen", address);
        let advertise = self.needed("advertise", endpoint);
        let advertise_pairing = self.needed("advertise_pairing", endpoint);
        let policy = self.maybe("addresses", policy).unwrap_or_default();
        let desk_socket = self.maybe("desk_socket", |text| Ok(PathBuf::from(text)));
        let desk_listen = self.maybe("desk_listen", address);
        let agreement = self.maybe("agreement", agreement).unwrap_or_else(|| AGREEMENT.to_owned());
        let commune = self.maybe("commune", commune);
        let phone = self.maybe("phone", |text| Ok(text.to_owned()));
        let log = self.maybe("log", level).unwrap_or(tracing::Level::INFO);
        let gateway = self.gateway();
        let settings = Settings {
            listen: listen?,
            pairing_listen: pairing_listen?,
            advertise: vec![advertise?],
            advertise_pairing: vec![advertise_pairing?],
            policy,
            desk_socket: desk_socket.unwrap_or_else(|| home.desk_socket()),
            desk_listen,
            agreement,
        };
        Some(Configuration { settings, commune, phone, gateway, log })
    }

    fn gateway(&mut self) -> Option<relais_gateway::Config> {
        let typed = gateway::Typed {
            listen: self.maybe("gateway", address),
            certificate: self.maybe("gateway_certificate", |text| Ok(PathBuf::from(text))),
            key: self.maybe("gateway_key", |text| Ok(PathBuf::from(text))),
            proxies: self.maybe("gateway_proxies", gateway::proxies),
            language: self.maybe("gateway_language", gateway::language),
            time_zone: self.maybe("gateway_time_zone", |text| Ok(text.to_owned())),
        };
        let config = typed.config();
        config.map_err(|mistakes| self.mistakes.extend(mistakes)).ok().flatten()
    }

    fn unknown_keys(&mut self) {
        let known: Vec<&str> = keys().map(|(key, _)| *key).collect();
        for key in self.values.keys().filter(|key| !known.contains(&key.as_str())) {
            self.mistakes.push(format!("{key}: no such key; there are {}", known.join(", ")));
        }
    }

    fn needed<T>(&mut self, key: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        if !self.values.contains_key(key) {
            self.mistakes.push(format!("{key}: is missing; {}", meaning(key)));
            return None;
        }
        self.maybe(key, read)
    }

    fn maybe<T>(&mut self, key: &str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let value = self.values.get(key)?.clone();
        let told = match value.into_string() {
            Ok(text) => read(&text),
            Err(_) => Err("is not a text".to_owned()),
        };
        match told {
            Ok(value) => Some(value),
            Err(problem) => {
                self.mistakes.push(format!("{key}: {problem}; {}", meaning(key)));
                None
            }
        }
    }
}

fn meaning(key: &str) -> &'static str {
    keys().find(|(known, _)| *known == key).map_or("", |(_, meaning)| meaning)
}

/// Reads an address to listen on.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "is not an address with a port".to_owned())
}

/// Reads a host and port.
pub(super) fn endpoint(text: &str) -> Result<Endpoint, String> {
    Endpoint::parse(text).map_err(|error| error.to_string())
}

fn policy(text: &str) -> Result<AddressPolicy, String> {
    match text {
        "public" => Ok(AddressPolicy::Public),
        "private" => Ok(AddressPolicy::Private),
        "loopback" => Ok(AddressPolicy::Loopback),
        _ => Err("is not one of public, private, loopback".to_owned()),
    }
}

/// Reads the code of a commune; a former one becomes the present one.
pub(super) fn commune(text: &str) -> Result<String, String> {
    let found = territory::commune(text).map_err(|error| error.to_string())?;
    Ok(found.commune().code().to_string())
}

fn level(text: &str) -> Result<tracing::Level, String> {
    text.parse().map_err(|_| "is no log level".to_owned())
}

fn agreement(path: &str) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > AGREEMENT_BYTES_MAX {
        return Err(format!("{path} is longer than {AGREEMENT_BYTES_MAX} bytes"));
    }
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Configuration, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        std::fs::write(home.configuration(), text).unwrap();
        read(&home)
    }

    #[test]
    fn a_new_file_is_read_back() {
        let new = NewFile {
            listen: "127.0.0.1:7443",
            pairing_listen: "127.0.0.1:7444",
            advertise: "relais.example.org:7443",
            advertise_pairing: "relais.example.org:7444",
            addresses: "loopback",
            commune: "17300",
            gateway: Some("127.0.0.1:7445"),
        };
        let configuration = read_text(&text(&new)).unwrap();
        assert_eq!(configuration.gateway.unwrap().listen.port(), 7445);
        assert_eq!(configuration.settings.listen.port(), 7443);
        assert_eq!(configuration.settings.policy, AddressPolicy::Loopback);
        assert_eq!(configuration.commune.as_deref(), Some("17300"));
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let text = "gateway = \"0.0.0.0:80\"\nlisten = \"here\"\nlog = \"loud\"\nadresses = \"public\"\ncommune = \"00000\"\n";
        let failure = read_text(text).unwrap_err();
        assert_eq!(failure.exit.number(), 64);
        for key in [
            "gateway",
            "listen",
            "log",
            "adresses",
            "commune",
            "pairing_listen",
            "advertise",
            "advertise_pairing",
        ] {
            assert!(failure.message.contains(&format!("\n  {key}:")), "{key} in {}", failure.message);
        }
    }
}
