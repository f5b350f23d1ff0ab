//! Dependencies: each has a reason, an allowed licence, and comes from the registry. `.deny.toml` holds the rules;
//! these tests hold them where cargo-deny is not installed. Advisories need a database and are not checked here.

use super::cargo::{Package, REGISTRY, all_packages, field, members, metadata, tree};
use super::repository::{files, read};
use std::collections::BTreeSet;

const RULES: &str = ".deny.toml";
/// Shortest reason that says something, in characters.
const REASON_CHARS_MIN: usize = 12;

/// The lines of a section of a TOML file, its heading excluded.
fn section<'a>(toml: &'a str, heading: &str) -> Vec<&'a str> {
    let lines = toml.lines().map(str::trim);
    let inside = lines.skip_while(|line| *line != heading).skip(1);
    inside.take_while(|line| !line.starts_with('[')).collect()
}

/// The quoted texts of the list `key` in a section; comments are skipped.
fn list(toml: &str, heading: &str, key: &str) -> Vec<String> {
    let lines = section(toml, heading);
    let head = format!("{key} = [");
    let inside = lines.iter().skip_while(|line| !line.starts_with(&head));
    let mut found = Vec::new();
    for line in inside {
        let line = if line.starts_with('#') { "" } else { line };
        found.extend(line.split('"').skip(1).step_by(2).map(str::to_owned));
        if line.ends_with(']') {
            break;
        }
    }
    found
}

/// The crates denied by `[bans]`: those of which one version is allowed, and those never allowed.
fn bans(toml: &str) -> (Vec<String>, Vec<String>) {
    let denied = section(toml, "[bans]").into_iter().filter(|line| line.starts_with("{ crate = \""));
    let (single, never): (Vec<&str>, Vec<&str>) =
        denied.partition(|line| line.contains("deny-multiple-versions = true"));
    let name = |line: &str| line.split('"').nth(1).unwrap_or_default().to_owned();
    (single.into_iter().map(name).collect(), never.into_iter().map(name).collect())
}

/// Tells whether a package is what `name` or `name:<major` denies.
fn is_denied(rule: &str, package: &Package) -> bool {
    let Some((name, below)) = rule.split_once(":<") else { return rule == package.name };
    let major = package.version.trim_start_matches('v').split('.').next();
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<u64>().ok());
    name == package.name && number(major) < number(Some(below))
}

/// The names of `[workspace.dependencies]`, our own crates excluded.
fn direct_dependencies(manifest: &str) -> BTreeSet<String> {
    let lines = section(manifest, "[workspace.dependencies]");
    let named = lines.into_iter().filter(|line| !line.starts_with('#') && line.contains('='));
    let names = named.filter_map(|line| line.split(['=', '.']).next());
    names.map(|name| name.trim().to_owned()).filter(|name| !name.starts_with("relais-")).collect()
}

/// The names to which `.deny.toml` gives a reason, each on a line `# name: reason`.
fn reasons(toml: &str) -> BTreeSet<String> {
    let comments = toml.lines().filter_map(|line| line.strip_prefix("# ")?.split_once(": "));
    let given = comments.filter(|(name, reason)| {
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        is_name && reason.chars().count() >= REASON_CHARS_MIN
    });
    given.map(|(name, _)| name.to_owned()).collect()
}

/// Tells whether a licence expression can be met with the `allowed` licences; `Err` for one that cannot be read.
fn is_met(expression: &str, allowed: &[String]) -> Result<bool, String> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, allowed };
    let met = reader.any().filter(|_| reader.words.is_empty());
    met.ok_or_else(|| format!("cannot read the licence `{expression}`"))
}

/// Reads an SPDX expression: OR of ANDs of licences or groups.
struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a [String],
}

impl Reader<'_> {
    fn any(&mut self) -> Option<bool> {
        let mut met = self.all()?;
        while self.take("OR") {
            met |= self.all()?;
        }
        Some(met)
    }

    fn all(&mut self) -> Option<bool> {
        let mut met = self.one()?;
        while self.take("AND") {
            met &= self.one()?;
        }
        Some(met)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let met = self.any()?;
            return self.take(")").then_some(met);
        }
        let mut licence =
            self.next().filter(|word| !matches!(*word, "OR" | "AND" | "WITH" | ")"))?.to_owned();
        if self.take("WITH") {
            licence = format!("{licence} WITH {}", self.next()?);
        }
        Some(self.allowed.contains(&licence))
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.words.first() == Some(&word);
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    fn next(&mut self) -> Option<&str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }
}

#[test]
fn every_licence_is_allowed() {
    let allowed = list(&read(RULES), "[licenses]", "allow");
    assert!(allowed.iter().any(|licence| licence == "Apache-2.0"), "{RULES} allows no licence");
    let mut found = Vec::new();
    for package in all_packages() {
        let licence = field(package, "license");
        let name = field(package, "name");
        match is_met(licence, &allowed) {
            Ok(true) => {}
            Ok(false) => found.push(format!("{name}: {licence}")),
            Err(why) => found.push(format!("{name}: {why}")),
        }
    }
    super::none("licences not allowed", found);
}

#[test]
fn every_package_comes_from_the_registry_or_from_here() {
    let here = field(metadata(), "workspace_root");
    let is_ours = |path: &str| path.strip_prefix(here).is_some_and(|rest| rest.starts_with(['/', '\\']));
    let strange = all_packages().iter().filter(|package| match package["source"].as_str() {
        Some(source) => source != REGISTRY,
        None => !is_ours(field(package, "manifest_path")),
    });
    super::none("packages from elsewhere", strange.map(|package| field(package, "id").to_owned()).collect());
}

#[test]
fn no_denied_package_is_compiled() {
    let (single, never) = bans(&read(RULES));
    assert!(!single.is_empty() && !never.is_empty(), "{RULES} denies nothing");
    let all = tree(&["--workspace", "--target", "all", "-e", "normal,build,dev"]);
    let mut found = Vec::new();
    for rule in &never {
        found.extend(
            all.iter().filter(|package| is_denied(rule, package)).map(|package| format!("{package:?}")),
        );
    }
    for name in &single {
        let versions: Vec<&Package> = all.iter().filter(|package| package.name == *name).collect();
        if versions.len() > 1 {
            found.push(format!("{versions:?}"));
        }
    }
    super::none("denied packages", found);
}

#[test]
fn every_direct_dependency_has_its_reason() {
    let direct = direct_dependencies(&read("Cargo.toml"));
    let reasons = reasons(&read(RULES));
    assert!(direct.contains("tonic"), "the dependencies of the workspace could not be read");
    let without = direct.difference(&reasons).map(|name| format!("{name}: no reason in {RULES}"));
    let stale = reasons.difference(&direct).map(|name| format!("{name}: a reason, but no dependency"));
    super::none("reasons", without.chain(stale).collect());
}

#[test]
fn crates_take_their_dependencies_from_the_workspace() {
    let direct = direct_dependencies(&read("Cargo.toml"));
    let mut found = Vec::new();
    for member in members() {
        let dependencies = member["dependencies"].as_array().into_iter().flatten();
        let foreign = dependencies.filter(|dependency| !dependency["source"].is_null());
        let unknown = foreign.filter(|dependency| !direct.contains(field(dependency, "name")));
        found.extend(
            unknown.map(|dependency| format!("{}: {}", field(member, "name"), field(dependency, "name"))),
        );
    }
    for path in files().iter().filter(|path| path.ends_with("/Cargo.toml")) {
        found.extend(versioned(&read(path)).into_iter().map(|line| format!("{path}: {line}")));
    }
    super::none("not from [workspace.dependencies]", found);
}

/// The dependency lines of a member's manifest that do not say `workspace`.
fn versioned(manifest: &str) -> Vec<String> {
    let mut inside = false;
    let mut found = Vec::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if inside && line.contains('=') && !line.starts_with('#') && !line.contains("workspace = true")
        {
            found.push(line.to_owned());
        }
    }
    found
}

#[test]
fn licence_expressions_are_understood() {
    let allowed = ["MIT", "Apache-2.0", "ISC", "A WITH E"].map(str::to_owned);
    let met = |expression: &str| is_met(expression, &allowed);
    for expression in [
        "MIT",
        "GPL-3.0 OR MIT",
        "GPL-3.0/MIT",
        "(GPL-3.0 OR MIT) AND ISC",
        "MIT AND (X OR (ISC AND MIT))",
        "A WITH E",
        "GPL-3.0 AND X OR MIT",
    ] {
        assert_eq!(met(expression), Ok(true), "{expression}");
    }
    for expression in ["GPL-3.0", "MIT AND GPL-3.0", "MIT WITH E", "MIT AND X OR GPL-3.0", "mit"] {
        assert_eq!(met(expression), Ok(false), "{expression}");
    }
    for expression in ["", "MIT OR", "(MIT", "MIT)", "MIT ISC", "AND MIT", "MIT WITH"] {
        assert!(met(expression).is_err(), "{expression}");
    }
}

#[test]
fn denials_are_by_name_and_major_version() {
    let package = |version: &str| Package { name: "bincode".to_owned(), version: version.to_owned() };
    assert!(is_denied("bincode", &package("v2.0.1")) && is_denied("bincode:<2", &package("v1.3.3")));
    assert!(!is_denied("bincode:<2", &package("v2.0.1")) && !is_denied("code", &package("v1.0.0")));
}

#[test]
fn the_rules_are_read_as_written() {
    let toml = "[licenses]\nallow = [\n  \"MIT\", # \n  # \"GPL-3.0\",\n  \"ISC\",\n]\n[bans]\ndeny = [\n\
                { crate = \"ring\", reason = \"x\" },\n\
                { crate = \"h2\", deny-multiple-versions = true },\n]\n# sha2: hashes everything we sign\n# note\n# x: short\n";
    assert_eq!(list(toml, "[licenses]", "allow"), ["MIT", "ISC"]);
    assert_eq!(bans(toml), (vec!["h2".to_owned()], vec!["ring".to_owned()]));
    assert_eq!(reasons(toml).into_iter().collect::<Vec<_>>(), ["sha2"]);
    let manifest = "[workspace.dependencies]\nrelais-x = { path = \"x\" }\n# y = \"1\"\na-b = \"1\"\nc.workspace = true\n[z]\nd = 1\n";
    assert_eq!(direct_dependencies(manifest).into_iter().collect::<Vec<_>>(), ["a-b", "c"]);
    assert_eq!(
        versioned("[dependencies]\na = \"1\"\nb.workspace = true\n[features]\nc = []\n"),
        ["a = \"1\""]
    );
}
