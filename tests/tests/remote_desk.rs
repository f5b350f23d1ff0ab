//! A gateway on another machine than its node: over mTLS, under a CA that is in no manifest, and nobody by a uid.

#[path = "remote_desk/door.rs"]
mod door;
#[path = "remote_desk/gateway.rs"]
mod gateway;
#[path = "remote_desk/house.rs"]
mod house;
