//! The walls between the rooms: what may never stand in a crate's dependency tree.

use super::cargo::{Package, field, members, metadata, tree, who_needs};
use super::repository::read;
use std::collections::BTreeSet;

/// A crate and the names that may not appear below it; `name*` forbids every name that begins so.
struct Wall {
    package: &'static str,
    forbidden: &'static [&'static str],
}

/// One row for each crate of the workspace but the yard. Features unify, so each is asked for alone.
#[rustfmt::skip]
const WALLS: &[Wall] = &[
    Wall { package: "relais-proto", forbidden: &["tokio*", "tonic*", "prost-build", "axum*", "relais-*"] },
    Wall { package: "relais-domain", forbidden: &["tokio*", "tonic*", "prost*", "sqlx*", "rustls*", "axum*", "tracing*", "rand", "getrandom", "serde_json", "chrono", "time", "jiff*", "futures*", "async-*", "relais-*"] },
    Wall { package: "relais-wire", forbidden: &["tokio*", "sqlx*", "axum*", "tonic*", "getrandom", "jiff*", "time", "chrono", "relais-store*", "relais-server"] },
    Wall { package: "relais-store", forbidden: &["sqlx*", "tonic*", "prost*", "rustls*", "relais-wire", "relais-proto", "relais-server", "relais-store-*"] },
    Wall { package: "relais-store-sqlite", forbidden: &["tonic*", "prost*", "axum*", "sqlx-postgres", "relais-store-postgres", "relais-wire", "relais-proto", "relais-server"] },
    Wall { package: "relais-store-postgres", forbidden: &["tonic*", "prost*", "axum*", "sqlx-sqlite", "libsqlite3-sys", "relais-store-sqlite", "relais-wire", "relais-proto", "relais-server"] },
    Wall { package: "relais-server", forbidden: &["askama*", "sqlx*", "relais-gateway", "relais-store-*", "relais-cli"] },
    Wall { package: "relais-gateway", forbidden: &["sqlx*", "relais-domain", "relais-wire", "relais-store*", "relais-server", "relais-cli"] },
    Wall { package: "relais-cli", forbidden: &["rsa", "relais-tests"] },
];

/// Crates that need no wall: nothing of the product stands behind them.
const YARD: &[&str] = &["relais-tests"];

/// Never compiled, on any platform, not even for a build script or a test.
const NEVER: &[&str] = &["ring", "openssl-sys", "openssl", "native-tls"];

/// Compiled in one version at most.
const SINGLE: &[&str] = &["rustls", "tokio", "h2", "prost", "libsqlite3-sys"];

/// What a crate may not name in its own manifest, though another crate brings it.
const UNNAMED: &[(&str, &str)] = &[("node/server/Cargo.toml", "axum")];

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(name == pattern, |prefix| name.starts_with(prefix))
}

fn breaches(wall: &Wall, tree: &BTreeSet<Package>) -> Vec<String> {
    let below = tree.iter().filter(|package| package.name != wall.package);
    let forbidden =
        below.filter(|package| wall.forbidden.iter().any(|pattern| matches(pattern, &package.name)));
    forbidden
        .map(|package| format!("{} reaches {} {}", wall.package, package.name, package.version))
        .collect()
}

fn member_names() -> BTreeSet<&'static str> {
    members().map(|package| field(package, "name")).collect()
}

#[test]
fn every_crate_stands_behind_its_wall() {
    let members = member_names();
    let mut found = Vec::new();
    for wall in WALLS.iter().filter(|wall| members.contains(wall.package)) {
        found.extend(breaches(wall, &tree(&["-p", wall.package, "-e", "normal"])));
    }
    super::none("walls broken", found);
}

#[test]
fn every_crate_has_a_wall() {
    let has_wall = |name: &&str| YARD.contains(name) || WALLS.iter().any(|wall| wall.package == *name);
    let without = member_names().into_iter().filter(|name| !has_wall(name)).map(str::to_owned).collect();
    super::none("crates without a row in WALLS", without);
}

#[test]
fn some_packages_are_never_compiled() {
    let needed = NEVER.iter().map(|name| (name, who_needs(name))).filter(|(_, who)| !who.is_empty());
    super::none(
        "packages that must not be compiled",
        needed.map(|(name, who)| format!("{name}:\n{who}")).collect(),
    );
}

#[test]
fn some_packages_are_compiled_in_one_version() {
    let all = tree(&["--workspace", "--target", "all", "-e", "normal,build,dev"]);
    let versions = |name: &str| all.iter().filter(|package| package.name == name).collect::<Vec<_>>();
    let twice = SINGLE.iter().filter(|name| versions(name).len() > 1);
    super::none("packages in several versions", twice.map(|name| format!("{:?}", versions(name))).collect());
}

#[test]
fn tonic_never_brings_its_own_tls() {
    let nodes = metadata()["resolve"]["nodes"].as_array().expect("cargo metadata resolves");
    let tonic = nodes.iter().filter(|node| field(node, "id").contains("#tonic@"));
    let features = tonic.flat_map(|node| node["features"].as_array().into_iter().flatten());
    let tls = features.filter_map(|feature| feature.as_str()).filter(|feature| feature.contains("tls"));
    super::none("TLS features of tonic", tls.map(str::to_owned).collect());
}

#[test]
fn some_names_stay_out_of_a_manifest() {
    let names = |manifest: &str, name: &str| {
        read(manifest).lines().any(|line| line.split(['.', ' ', '=']).next() == Some(name))
    };
    let found = UNNAMED.iter().filter(|(manifest, name)| names(manifest, name));
    super::none("named in a manifest", found.map(|(manifest, name)| format!("{manifest}: {name}")).collect());
}

#[test]
fn a_forbidden_name_is_seen() {
    let wall = Wall { package: "relais-wire", forbidden: &["tokio*", "rand", "relais-*"] };
    let named = |name: &str| Package { name: name.to_owned(), version: "v1".to_owned() };
    let tree = ["relais-wire", "rand_core", "rand", "tokio-util", "tok"].map(named).into_iter().collect();
    assert_eq!(breaches(&wall, &tree), ["relais-wire reaches rand v1", "relais-wire reaches tokio-util v1"]);
}
