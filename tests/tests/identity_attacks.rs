//! Attacks on identity and on the door, over real TCP and real TLS: trust is refused before HTTP/2, limits hold, and a
//! good partner is served meanwhile.

mod identity_attacks {
    mod alone;
    mod bench;
    mod certificates;
    mod client;
    mod door;
    mod host;
    mod http2;
    mod identity;
}
