//! Where a node listens: `host:port`. Checked for shape here; whether an address may be dialled is judged where it is.

use std::fmt;

/// A host name, an IPv4 address or a bracketed IPv6 address, with a port from 1 to 65535.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Endpoint(String);

/// The text is not `host:port`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("an endpoint is host:port, at most 255 bytes")]
pub struct EndpointError;

impl Endpoint {
    /// Longest endpoint, in bytes.
    pub const BYTES_MAX: usize = 255;

    /// Reads `host:port`.
    ///
    /// # Errors
    /// [`EndpointError`] for any other shape.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let (host, port) = text.rsplit_once(':').ok_or(EndpointError)?;
        let fits = text.len() <= Self::BYTES_MAX;
        if fits && is_port(port) && (is_name(host) || is_ipv6(host)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(EndpointError)
        }
    }

    /// The endpoint as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host, without the brackets of an IPv6 address.
    pub fn host(&self) -> &str {
        let host = self.0.rsplit_once(':').map_or("", |(host, _)| host);
        host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.0.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).unwrap_or(0)
    }
}

fn is_port(text: &str) -> bool {
    let digits = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && text.parse::<u16>().is_ok()
}

fn is_name(text: &str) -> bool {
    let clean = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.split('.').all(clean)
}

fn is_ipv6(text: &str) -> bool {
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    inner.is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok())
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_addresses_are_endpoints() {
        for (text, host, port) in [
            ("relais.example.org:8443", "relais.example.org", 8443),
            ("localhost:1", "localhost", 1),
            ("192.0.2.7:65535", "192.0.2.7", 65535),
            ("[2001:db8::7]:443", "2001:db8::7", 443),
        ] {
            let endpoint = Endpoint::parse(text).expect(text);
            assert_eq!((endpoint.host(), endpoint.port(), endpoint.as_str()), (host, port, text));
        }
    }

    #[test]
    fn other_shapes_are_refused() {
        let long = format!("{}:443", "a".repeat(252));
        for text in [
            "",
            "host",
            "host:",
            ":443",
            "host:0",
            "host:0443",
            "host:65536",
            "host:+1",
            "a b:1",
            "a/b:1",
            "a,b:1",
            "u@h:1",
            "-a:1",
            "a..b:1",
            "2001:db8::7:443",
            "[::1:443",
            "é:1",
            &long,
        ] {
            assert_eq!(Endpoint::parse(text), Err(EndpointError), "{text}");
        }
    }
}
