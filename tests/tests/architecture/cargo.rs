//! Asks cargo what the workspace depends on. Without the network first; with it only when a package is not there yet.

use super::repository::root;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The registry from which alone packages come, as cargo names it.
pub(crate) const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// One package of a tree.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Package {
    /// Its name.
    pub(crate) name: String,
    /// Its version, with a leading `v`.
    pub(crate) version: String,
}

/// The packages that `cargo tree` lists with `arguments`.
pub(crate) fn tree(arguments: &[&str]) -> BTreeSet<Package> {
    let output = run("tree", &[&["--prefix", "none"], arguments].concat());
    assert!(output.status.success(), "cargo tree {arguments:?}: {}", text(&output.stderr));
    packages(&text(&output.stdout))
}

/// What `cargo tree` prints about who needs `name`, on any platform; empty when it is never compiled.
pub(crate) fn who_needs(name: &str) -> String {
    let output = run("tree", &["-i", name, "--target", "all", "-e", "normal,build,dev"]);
    let complaint = text(&output.stderr);
    let unknown = complaint.contains("did not match any packages");
    assert!(output.status.success() || unknown, "cargo tree -i {name}: {complaint}");
    text(&output.stdout).trim().to_owned()
}

/// `cargo metadata` of the workspace, asked once.
pub(crate) fn metadata() -> &'static Value {
    static METADATA: OnceLock<Value> = OnceLock::new();
    METADATA.get_or_init(|| {
        let output = run("metadata", &["--format-version", "1"]);
        assert!(output.status.success(), "cargo metadata: {}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
    })
}

/// Every package of the lock file, as `cargo metadata` describes it.
pub(crate) fn all_packages() -> &'static [Value] {
    metadata()["packages"].as_array().expect("cargo metadata lists packages")
}

/// The packages of this workspace.
pub(crate) fn members() -> impl Iterator<Item = &'static Value> {
    all_packages().iter().filter(|package| package["source"].is_null())
}

/// A text field of a package; empty when absent.
pub(crate) fn field<'a>(package: &'a Value, name: &str) -> &'a str {
    package[name].as_str().unwrap_or_default()
}

fn run(command: &str, arguments: &[&str]) -> Output {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let ask = |network: &[&str]| {
        let mut cargo = Command::new(&program);
        cargo.current_dir(root()).arg(command).args(arguments).arg("--locked").args(network);
        cargo.output().expect("cargo can be started: it started these tests")
    };
    let offline = ask(&["--offline"]);
    let absent = text(&offline.stderr).contains("--offline was specified");
    if offline.status.success() || !absent { offline } else { ask(&[]) }
}

fn packages(listing: &str) -> BTreeSet<Package> {
    let mut found = BTreeSet::new();
    for line in listing.lines() {
        let mut words = line.split_whitespace();
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            found.insert(Package { name: name.to_owned(), version: version.to_owned() });
        }
    }
    found
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_listing_is_read_by_name_and_version() {
    let found = packages("a v1.0.0 (/x/a)\nb v2.0.0\n\nb v2.0.0 (*)\nb v3.0.0 (proc-macro)\n");
    let names: Vec<&str> = found.iter().map(|package| package.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "b"]);
}
