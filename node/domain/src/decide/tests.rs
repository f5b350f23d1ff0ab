//! The decisions, told as stories, provoked as refusals, and proven by chance between two nodes.

pub(crate) mod fixtures;
pub(crate) mod harness;

mod chance;
mod dates;
mod handover;
mod referral;
mod refused;
mod stopped;
