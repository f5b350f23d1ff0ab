//! What is measured of a whole process is measured in a process of its own: this program once more, for one test.

use std::io::{Read as _, Seek as _};
use std::process::Command;

/// Runs the ignored test `name` alone, and fails as it fails.
pub(crate) fn run_alone(name: &str) {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program)
        .args(["--exact", name, "--ignored", "--nocapture", "--test-threads=1"])
        .output()
        .expect("started");
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}\n{errors}");
}

/// Bytes of memory this process holds.
pub(crate) fn resident_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let resident = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("resident memory");
    let kibibytes: u64 = resident.trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes * 1024
}

/// Files this process has open.
pub(crate) fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("Linux").count()
}

/// Reads the processor time this process has used, with a file opened beforehand.
pub(crate) struct Processor(std::fs::File);

impl Processor {
    pub(crate) fn open() -> Self {
        Self(std::fs::File::open("/proc/self/stat").expect("Linux"))
    }

    /// Hundredths of a second so far.
    pub(crate) fn ticks(&mut self) -> u64 {
        let mut text = String::new();
        self.0.rewind().expect("the beginning");
        self.0.read_to_string(&mut text).expect("the numbers");
        let (_, fields) = text.rsplit_once(") ").expect("a name");
        let field = |index: usize| -> u64 {
            fields.split(' ').nth(index).and_then(|ticks| ticks.parse().ok()).expect("ticks")
        };
        field(11) + field(12)
    }
}
