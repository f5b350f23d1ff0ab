//! A disk that fills up, for one running node alone, without mounting anything and without rights.
//!
//! The largest size of a file is lowered in the running process: from then on every write beyond it fails, as on a full
//! disk or over a quota, until it is raised again. [`Process`] starts its nodes so that this is no signal to them.

use crate::marks::files;
use crate::process::Process;
use anyhow::{Context as _, Result};
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use std::fs;

/// How much a node can write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Room {
    /// As much as it likes.
    Enough,
    /// No file can grow, and nothing can be written over.
    None,
    /// Files can grow to this many bytes more than the largest of the node's files has.
    Little(u64),
}

/// Gives a running node this much room.
///
/// # Errors
/// It does not run, or its files cannot be read.
pub fn give(node: &Process, room: Room) -> Result<()> {
    let bytes_max = match room {
        Room::Enough => None,
        Room::None => Some(0),
        Room::Little(more) => Some(largest(node)? + more),
    };
    let pid = i32::try_from(node.pid()?).ok().and_then(Pid::from_raw).context("a process has a number")?;
    // The hard limit, the same as this process's, stays: what was lowered can be raised again.
    let hard = getrlimit(Resource::Fsize).maximum;
    prlimit(Some(pid), Resource::Fsize, Rlimit { current: bytes_max.or(hard), maximum: hard })?;
    Ok(())
}

fn largest(node: &Process) -> Result<u64> {
    let sizes = files(&node.home())?.into_iter().filter_map(|file| fs::metadata(file).ok());
    Ok(sizes.map(|metadata| metadata.len()).max().unwrap_or_default())
}
