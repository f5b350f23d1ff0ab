//! What keeping the directory alike on many nodes costs: bytes and time of a comparison, time of a verification, and a
//! network of ten thousand structures, record by record.
//!
//! Figures are printed (`cargo test -p relais-tests --test replication -- --nocapture`). Bytes and rounds are held to
//! their bounds in any build; times in a release build alone (`cargo test --release …`).

mod replication {
    mod measured;
    mod network;
}
