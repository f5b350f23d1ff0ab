//! Introductions over real TCP and real TLS: what a common partner's word brings about, everything it does not, and the
//! attacks on it.

mod introduction {
    mod again;
    mod asking;
    mod attacks;
    #[expect(dead_code, reason = "not all that its other users need is needed here")]
    #[path = "../identity_attacks/bench.rs"]
    mod bench;
    mod crowd;
    mod house;
    mod lapsing;
    mod raw;
    mod story;
}
