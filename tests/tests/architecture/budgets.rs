//! Files and functions stay small (style.md of the house: a screen is the goal).

use super::repository::{Room, Source, sources};

const FILE_LINES_MAX: usize = 500;
const FILE_LINES_MEDIAN_MAX: usize = 130;
const FILE_LINES_P90_MAX: usize = 350;
const FUNCTION_LINES_MAX: usize = 60;
const FUNCTION_LINES_MEDIAN_MAX: usize = 8;
const FUNCTION_LINES_P95_MAX: usize = 40;

/// A file or a function, and its lines outside tests.
struct Sized {
    lines: usize,
    what: String,
}

fn files(sources: &[Source]) -> Vec<Sized> {
    let product = sources.iter().filter(|source| source.room == Room::Product);
    product
        .map(|source| Sized { lines: source.scan.lines_outside_tests(), what: source.path.clone() })
        .collect()
}

fn functions(sources: &[Source]) -> Vec<Sized> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| source.room == Room::Product) {
        for function in source.scan.functions() {
            if !source.in_test(function.span.start) {
                let what = format!("{} {}", source.place(function.span.start), function.name);
                found.push(Sized { lines: function.lines, what });
            }
        }
    }
    found
}

fn over(sizes: &[Sized], lines_max: usize) -> Vec<String> {
    let long = sizes.iter().filter(|size| size.lines > lines_max);
    long.map(|size| format!("{}: {} lines, at most {lines_max}", size.what, size.lines)).collect()
}

/// The nearest-rank percentile; 0 of nothing.
fn percentile(sizes: &[Sized], percent: usize) -> usize {
    let mut lines: Vec<usize> = sizes.iter().map(|size| size.lines).collect();
    lines.sort_unstable();
    let rank = (lines.len() * percent).div_ceil(100).max(1);
    lines.get(rank - 1).copied().unwrap_or(0)
}

fn summary(name: &str, sizes: &[Sized]) -> String {
    let [median, p90, p95, longest] = [50, 90, 95, 100].map(|percent| percentile(sizes, percent));
    let count = sizes.len();
    format!("{name}: {count}, lines median {median}, p90 {p90}, p95 {p95}, longest {longest}")
}

#[test]
fn files_keep_their_budget() {
    let sizes = files(sources());
    println!("{}", summary("files", &sizes));
    super::none("files too long outside tests", over(&sizes, FILE_LINES_MAX));
    assert!(percentile(&sizes, 50) <= FILE_LINES_MEDIAN_MAX, "{}", summary("files", &sizes));
    assert!(percentile(&sizes, 90) <= FILE_LINES_P90_MAX, "{}", summary("files", &sizes));
}

#[test]
fn functions_keep_their_budget() {
    let sizes = functions(sources());
    println!("{}", summary("functions", &sizes));
    super::none("functions too long", over(&sizes, FUNCTION_LINES_MAX));
    assert!(percentile(&sizes, 50) <= FUNCTION_LINES_MEDIAN_MAX, "{}", summary("functions", &sizes));
    assert!(percentile(&sizes, 95) <= FUNCTION_LINES_P95_MAX, "{}", summary("functions", &sizes));
}

#[test]
fn one_line_too_many_is_seen() {
    let body = "    g();\n".repeat(FUNCTION_LINES_MAX - 1);
    let text = format!("fn f() {{\n{body}}}\n#[cfg(test)]\nmod tests {{\n fn t() {{\n{body}{body}}}\n}}\n");
    let sources = [Source::of("node/wire/src/a.rs", &text), Source::of("tests/src/a.rs", &text)];
    let long = over(&functions(&sources), FUNCTION_LINES_MAX);
    assert_eq!(long, ["node/wire/src/a.rs:1 f: 61 lines, at most 60"]);
    assert_eq!(over(&files(&sources), 60), ["node/wire/src/a.rs: 61 lines, at most 60"]);
}

#[test]
fn percentiles_are_those_of_the_nearest_rank() {
    let sizes: Vec<Sized> = (1..=20).map(|lines| Sized { lines, what: String::new() }).collect();
    assert_eq!([50, 90, 95, 100].map(|percent| percentile(&sizes, percent)), [10, 18, 19, 20]);
    assert_eq!(percentile(&[], 50), 0);
}
