//! What lies where in the repository, and what may not be said in it.

use super::repository::{files, read, root};
use std::collections::BTreeSet;

/// The rooms and papers at the top; dot-files beside them.
const TOP: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "deploy",
    "gateway",
    "node",
    "proto",
    "tests",
];

/// Papers that must be there.
const PAPERS: &[&str] = &["ARCHITECTURE.md", "CHANGELOG.md", "Cargo.lock", "LICENSE", "README.md"];

/// Commands that must be there and start.
const COMMANDS: &[&str] = &["tests/run", ".ci/run"];

const README_LINES_MAX: usize = 120;

/// What a newcomer types first; the README holds both.
const README_COMMANDS: &[&str] = &["cargo run --release -- demo", "tests/run"];

/// Hosts that serve packages, and folders of one machine; cut in two so that this file does not hold them.
const UNSAYABLE: &[&str] = &[
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("registry.npmjs", ".org"),
    concat!("pypi", ".org"),
    concat!("deb.debian", ".org"),
];
const MACHINE_FOLDERS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/")];

/// What of `text` may not be said.
fn said(text: &str) -> Vec<&'static str> {
    let hosts = UNSAYABLE.iter().filter(|host| text.contains(**host));
    let starts_path = |at: usize| {
        let before = text[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '-' | '_' | '}' | '~'))
    };
    let folders =
        MACHINE_FOLDERS.iter().filter(|folder| text.match_indices(**folder).any(|(at, _)| starts_path(at)));
    hosts.chain(folders).copied().collect()
}

#[test]
fn the_top_holds_only_its_rooms_and_papers() {
    let names: BTreeSet<&str> = files().iter().filter_map(|path| path.split('/').next()).collect();
    let strange = names.into_iter().filter(|name| !name.starts_with('.') && !TOP.contains(name));
    super::none("not a name of the top level", strange.map(str::to_owned).collect());
}

#[test]
fn the_papers_and_commands_are_there() {
    let missing = PAPERS.iter().filter(|path| read(path).trim().is_empty());
    super::none("papers missing", missing.map(|path| (*path).to_owned()).collect());
    assert!(read("LICENSE").contains("Apache License\n                           Version 2.0, January 2004"));
    super::none(
        "commands that do not start",
        COMMANDS.iter().filter_map(|path| cannot_start(path)).collect(),
    );
}

#[cfg(unix)]
fn cannot_start(path: &str) -> Option<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = std::fs::metadata(root().join(path));
    let executable = metadata.is_ok_and(|metadata| metadata.permissions().mode() & 0o111 == 0o111);
    (!executable || !read(path).starts_with("#!")).then(|| path.to_owned())
}

#[cfg(not(unix))]
fn cannot_start(path: &str) -> Option<String> {
    (!root().join(path).is_file()).then(|| path.to_owned())
}

#[test]
fn the_readme_is_short_and_says_how_to_begin() {
    let readme = read("README.md");
    let lines = readme.lines().count();
    assert!(lines <= README_LINES_MAX, "README.md has {lines} lines, at most {README_LINES_MAX}");
    let missing = README_COMMANDS.iter().filter(|command| !readme.contains(**command));
    super::none("README.md does not hold", missing.map(|command| (*command).to_owned()).collect());
}

#[test]
fn no_file_names_a_package_host_or_a_machine() {
    let mut found = Vec::new();
    for path in files() {
        let bytes = std::fs::read(root().join(path)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        found.extend(said(&text).into_iter().map(|what| format!("{path}: {what}")));
    }
    super::none("may not be said", found);
}

#[test]
fn hosts_and_machine_folders_are_heard() {
    let [work, home] = MACHINE_FOLDERS else { return assert!(MACHINE_FOLDERS.len() == 2) };
    assert_eq!(said(&format!("see {work}main")), [*work]);
    assert_eq!(said(&format!("\"{home}x\" {work}y https://{}/", UNSAYABLE[0])), [UNSAYABLE[0], work, home]);
    assert!(said(&format!("net{work}a ./{} https://crates.io", &work[1..])).is_empty());
}
