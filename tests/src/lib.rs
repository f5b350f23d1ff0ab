//! The yard's tools: real nodes as processes or in this one, a network that can be cut, a peer that lies.
//!
//! Nothing here is part of the product. Every wait has an end and says what did not happen; every process is killed
//! when it is dropped; everything listens on loopback and lives in a folder that is removed afterwards.

pub mod browser;
pub mod carrier;
pub mod case;
pub mod desk;
pub mod disk;
pub mod dump;
pub mod marks;
pub mod network;
pub mod pages;
pub mod process;
pub mod raw;
pub mod records;
pub mod tamper;
pub mod town;
pub mod wait;
pub mod within;
