//! Attacks on pairing, over real TCP and real TLS: the link is used once, by whoever holds it, on one connection, and
//! nobody is believed for less than proofs.

mod pairing {
    #[path = "../identity_attacks/bench.rs"]
    mod bench;
    mod invitation;
    mod liar;
    mod proof;
    mod relay;
    mod scene;
}
