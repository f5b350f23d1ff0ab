//! Which addresses may be dialled.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses the node may dial. Link-local, cloud metadata, multicast, reserved and unspecified ones never.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum AddressPolicy {
    /// Addresses of the internet alone.
    #[default]
    Public,
    /// Those of private networks too, for partners on one site or one VPN.
    Private,
    /// Those of this very machine too, for trying things out.
    Loopback,
}

/// What kind of address it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reach {
    Public,
    Private,
    Loopback,
    Never,
}

/// Where clouds answer anyone on the machine with its secrets, outside the link-local range.
const METADATA_V4: [Ipv4Addr; 3] =
    [Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(192, 0, 0, 192), Ipv4Addr::new(168, 63, 129, 16)];
const METADATA_V6: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)];

impl AddressPolicy {
    /// Whether `address` may be dialled.
    pub fn permits(self, address: IpAddr) -> bool {
        let reach = match address {
            IpAddr::V4(address) => reach_v4(address),
            IpAddr::V6(address) => reach_v6(address),
        };
        match reach {
            Reach::Public => true,
            Reach::Private => self >= Self::Private,
            Reach::Loopback => self >= Self::Loopback,
            Reach::Never => false,
        }
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    let [first, second, ..] = address.octets();
    let never = address.is_link_local() || address.is_multicast() || first == 0 || first >= 240;
    if never || METADATA_V4.contains(&address) {
        Reach::Never
    } else if address.is_loopback() {
        Reach::Loopback
    } else if address.is_private() || (first == 100 && second & 0xc0 == 64) {
        // 100.64.0.0/10 is the carriers' own (RFC 6598).
        Reach::Private
    } else {
        Reach::Public
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    if address.is_loopback() {
        return Reach::Loopback;
    }
    if let Some(inner) = inner_v4(address) {
        return reach_v4(inner);
    }
    // fec0::/10 is the former site-local range.
    let site_local = address.segments()[0] & 0xffc0 == 0xfec0;
    let never = address.is_unicast_link_local() || address.is_multicast() || address.is_unspecified();
    if never || METADATA_V6.contains(&address) {
        Reach::Never
    } else if address.is_unique_local() || site_local {
        Reach::Private
    } else {
        Reach::Public
    }
}

/// The IPv4 address that an IPv6 one leads to: mapped, compatible, NAT64 (RFC 6052) or 6to4 (RFC 3056).
fn inner_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let octets = address.octets();
    let at = |start: usize| -> Option<Ipv4Addr> {
        octets.get(start..start + 4)?.try_into().ok().map(|inner: [u8; 4]| inner.into())
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => at(12),
        [0x2002, ..] => at(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(policy: AddressPolicy, text: &str) -> bool {
        policy.permits(text.parse().expect(text))
    }

    #[test]
    fn some_addresses_are_never_dialled() {
        for text in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "::169.254.169.254",
            "fe80::1",
            "fd00:ec2::254",
            "100.100.100.200",
            "168.63.129.16",
            "224.0.0.1",
            "ff02::1",
            "0.0.0.0",
            "0.1.2.3",
            "::",
            "255.255.255.255",
            "240.0.0.1",
        ] {
            assert!(!permits(AddressPolicy::Loopback, text), "{text}");
        }
    }

    #[test]
    fn private_and_loopback_addresses_are_dialled_when_allowed() {
        for text in
            ["10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fc00::1", "fec0::1", "::ffff:10.0.0.1"]
        {
            assert!(!permits(AddressPolicy::Public, text), "{text}");
            assert!(permits(AddressPolicy::Private, text), "{text}");
        }
        for text in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(!permits(AddressPolicy::Private, text), "{text}");
            assert!(permits(AddressPolicy::Loopback, text), "{text}");
        }
    }

    #[test]
    fn the_internet_is_dialled() {
        for text in ["192.0.2.1", "100.63.0.1", "100.128.0.1", "172.32.0.1", "2001:db8::1", "2a01::1"] {
            assert!(permits(AddressPolicy::Public, text), "{text}");
        }
    }
}
