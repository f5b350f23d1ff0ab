//! Whole nodes: real processes on loopback that are paired, used, cut off, killed, suspended and lied to.
//!
//! They need the `relais` program: `cargo build --workspace --bins` first, as `tests/run` does.

mod federation {
    mod attacks;
    mod bad_start;
    mod carried;
    mod clocks;
    mod erasure;
    mod full_disk;
    mod inquiries;
    mod kill_loop;
    mod lying_receiver;
    mod one_way;
    mod peer_down;
    mod reading;
    mod set_aside;
    mod story;
    mod suspension;
    mod withdrawal;
}
