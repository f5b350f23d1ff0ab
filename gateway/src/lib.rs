//! THE DESK: the pages and the JSON API of a structure's node.
//!
//! It renders what the node's Desk API answers and decides nothing: no database, no rule of consent or lifecycle, no
//! person kept. Every form is a plain POST that works without JavaScript. Nothing personal enters an address, a log or the
//! browser's storage.

mod api;
mod app;
mod assets;
#[cfg(test)]
mod bench;
mod clock;
pub mod config;
mod cookie;
mod csrf;
mod door;
mod form;
mod headers;
mod hex;
mod hours;
mod listen;
mod node;
mod page;
mod pages;
pub mod remote;
mod serve;
mod tongue;
mod trouble;
mod upload;
mod visit;
mod way;
mod when;

pub use config::{Config, ConfigError};
pub use listen::{Bound, GatewayError};
pub use node::Node;
pub use tongue::Language;
