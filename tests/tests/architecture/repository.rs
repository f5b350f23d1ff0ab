//! The files of the repository, and its Rust sources, read once.

use super::scan::Scan;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// One Rust source file.
pub(crate) struct Source {
    /// Where it is, from the root of the repository.
    pub(crate) path: String,
    /// What it holds.
    pub(crate) scan: Scan,
    /// Tells whether the whole file is compiled for tests only.
    pub(crate) room: Room,
}

/// What a source file is compiled into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Room {
    /// The program.
    Product,
    /// A build script.
    Build,
    /// Tests alone.
    Tests,
}

impl Source {
    /// Reads a source from its text.
    pub(crate) fn of(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), scan: Scan::of(text), room: room(path) }
    }

    /// Tells whether the byte at `offset` is test code.
    pub(crate) fn in_test(&self, offset: usize) -> bool {
        self.room == Room::Tests || self.scan.in_test(offset)
    }

    /// `path:line` of `offset`.
    pub(crate) fn place(&self, offset: usize) -> String {
        format!("{}:{}", self.path, self.scan.line(offset))
    }
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        tests.parent().expect("this crate lies in a folder of the repository").to_owned()
    })
}

/// Every file that is tracked or could be: with git, what it does not ignore; without, what lies there.
pub(crate) fn files() -> &'static [String] {
    static FILES: OnceLock<Vec<String>> = OnceLock::new();
    FILES.get_or_init(|| {
        let files = files_of_git().unwrap_or_else(files_that_lie_there);
        assert!(
            files.iter().any(|path| path == "Cargo.toml"),
            "the list of files is not that of the repository"
        );
        files
    })
}

/// Every Rust source of the repository.
pub(crate) fn sources() -> &'static [Source] {
    static SOURCES: OnceLock<Vec<Source>> = OnceLock::new();
    SOURCES.get_or_init(|| {
        let rust = files().iter().filter(|path| path.ends_with(".rs"));
        let mut sources: Vec<Source> = rust.map(|path| Source::of(path, &read(path))).collect();
        mark_test_modules(&mut sources);
        sources
    })
}

/// The text of a file; empty when it is not there or not text.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// Marks the files of modules declared under `#[cfg(test)]`, and all below them.
pub(crate) fn mark_test_modules(sources: &mut [Source]) {
    let mut modules = BTreeSet::new();
    for source in sources.iter() {
        let folder = module_folder(&source.path);
        modules.extend(source.scan.test_modules.iter().map(|name| format!("{folder}/{name}")));
    }
    for source in sources.iter_mut() {
        let path = source.path.trim_end_matches(".rs");
        let below = |module: &String| path == module || path.starts_with(&format!("{module}/"));
        if modules.iter().any(below) {
            source.room = Room::Tests;
        }
    }
}

/// The folder in which the modules declared by `path` lie.
fn module_folder(path: &str) -> &str {
    let stem = path.trim_end_matches(".rs");
    let crate_root = ["/lib", "/main"].iter().find_map(|name| stem.strip_suffix(name));
    crate_root.unwrap_or(stem)
}

fn room(path: &str) -> Room {
    let mut parts = path.split('/');
    let file = parts.next_back().unwrap_or(path);
    if file == "tests.rs" || parts.any(|folder| folder == "tests") {
        Room::Tests
    } else if path.contains("/src/") {
        Room::Product
    } else {
        Room::Build
    }
}

fn files_of_git() -> Option<Vec<String>> {
    let mut git = Command::new("git");
    git.current_dir(root()).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = git.stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let present = text.split_terminator('\0').filter(|path| root().join(path).is_file());
    let files: BTreeSet<String> = present.map(str::to_owned).collect();
    (output.status.success() && files.contains("Cargo.toml")).then(|| files.into_iter().collect())
}

fn files_that_lie_there() -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).expect("a folder of the repository can be read");
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if !path.is_dir() {
                let inside = path.strip_prefix(root()).expect("the walk began at the root");
                files.push(inside.to_string_lossy().replace('\\', "/"));
            } else if name != "target" && name != ".git" && name != "node_modules" {
                folders.push(path);
            }
        }
    }
    files.sort();
    files
}

#[test]
fn both_ways_to_list_files_see_the_sources() {
    let walked = files_that_lie_there();
    let missing: Vec<&String> = files().iter().filter(|path| !walked.contains(path)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn rooms_are_told_by_path_and_by_declaration() {
    let text = "#[cfg(test)] mod probe;\nmod real;\n";
    let mut sources = vec![
        Source::of("node/wire/src/lib.rs", text),
        Source::of("node/wire/src/probe.rs", ""),
        Source::of("node/wire/src/probe/deep.rs", ""),
        Source::of("node/wire/src/real.rs", ""),
        Source::of("node/wire/src/real/tests.rs", ""),
        Source::of("node/wire/src/probed.rs", ""),
        Source::of("node/wire/tests/a.rs", ""),
        Source::of("tests/src/lib.rs", ""),
        Source::of("proto/build.rs", ""),
    ];
    mark_test_modules(&mut sources);
    let rooms: Vec<Room> = sources.iter().map(|source| source.room).collect();
    let (product, tests) = (Room::Product, Room::Tests);
    assert_eq!(rooms, [product, tests, tests, product, tests, product, tests, tests, Room::Build]);
}
