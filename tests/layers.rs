//! Who may import whom, which crate may see which client, and how large a file may grow.
//!
//! Think before changing a table here: what it forbids is what keeps rules apart from servers.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Workspace crates that each crate may use outside its tests. A crate without a row fails.
const MAY_USE: [(&str, &[&str]); 25] = [
    ("domain", &[]),
    ("figures", &[]),
    // Values alone, as `figures`: what exports them is `runtime`.
    ("traces", &[]),
    ("pipeline", &["figures", "traces"]),
    ("runtime", &["figures", "traces"]),
    ("events", &["domain", "traces"]),
    ("kafka", &["figures", "traces", "pipeline", "events"]),
    ("live", &["domain", "events", "pipeline"]),
    ("archive", &["domain", "events", "pipeline"]),
    ("roads", &["domain", "events", "pipeline"]),
    ("city", &["domain", "roads"]),
    ("backends", &["figures"]),
    ("testkit", &["domain", "events", "pipeline"]),
    ("trips", SERVICE),
    ("drivers", SERVICE),
    ("matching", SERVICE),
    ("live-location", SERVICE),
    ("eta", SERVICE),
    ("fare", SERVICE),
    ("zones", SERVICE),
    ("archiver", SERVICE),
    ("gateway", SERVICE),
    ("loadgen", SERVICE),
    ("bench", BENCH),
    ("hailstorm", COMMAND),
];

/// A service meets other services in `events` only. It finds its servers by address: `backends` is not for it.
const SERVICE: &[&str] =
    &["domain", "traces", "events", "pipeline", "kafka", "live", "archive", "roads", "city", "runtime"];

/// Measures what the others are made of; services it starts as processes, but for the window of matching. Of the others
/// it wants to know how large their batches are, for the bare loops beside them.
const BENCH: &[&str] = &[
    "domain",
    "events",
    "pipeline",
    "kafka",
    "live",
    "archive",
    "runtime",
    "backends",
    "loadgen",
    "trips",
    "drivers",
    "matching",
    "live-location",
    "eta",
    "fare",
    "zones",
    "archiver",
];

/// The command wires all of it together.
const COMMAND: &[&str] = &[
    "domain",
    "events",
    "pipeline",
    "kafka",
    "live",
    "archive",
    "runtime",
    "backends",
    "bench",
    "loadgen",
    "trips",
    "drivers",
    "matching",
    "live-location",
    "eta",
    "fare",
    "zones",
    "archiver",
    "gateway",
];

/// The one crate that may use each client outside its tests; and `bench`, whose references are bare loops around them.
/// Of servers of HTTP there are two: the public one, and the one that tells metrics and health.
/// Spans leave by `runtime` alone.
const CLIENTS: [(&str, &[&str]); 5] = [
    ("rdkafka", &["kafka", "bench"]),
    ("redis", &["live", "bench"]),
    ("mongodb", &["archive", "bench"]),
    ("axum", &["gateway", "runtime"]),
    ("opentelemetry-otlp", &["runtime"]),
];

/// Folders whose Rust files have budgets.
const SOURCES: [&str; 6] = ["shared", "services", "loadgen", "bench", "hailstorm", "tests"];

/// A file, its tests not counted, that can be read in one sitting ...
const LONG_LINES: usize = 250;

/// ... and one that has to be split.
const MOST_LINES: usize = 400;

/// `main` only turns a result into an exit code.
const MOST_LINES_OF_MAIN: usize = 40;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 4] = ["utils", "util", "common", "helpers"];

#[test]
fn crates_import_only_what_their_layer_allows() {
    let metadata = metadata();
    let rules: BTreeMap<&str, &[&str]> = MAY_USE.into_iter().collect();
    let names: BTreeSet<String> = members(&metadata).map(|package| package.name.to_string()).collect();
    let mut broken = Vec::new();
    for package in members(&metadata) {
        let Some(allowed) = rules.get(package.name.as_str()) else {
            broken.push(format!("{}: crate {} has no row in MAY_USE", place(package), package.name));
            continue;
        };
        for used in used(package).filter(|used| names.contains(*used) && !allowed.contains(used)) {
            broken.push(format!("{}: {} may not use {used}", place(package), package.name));
        }
    }
    for (name, _) in MAY_USE.iter().filter(|(name, _)| !names.contains(*name)) {
        broken.push(format!("tests/layers.rs: the row of {name} in MAY_USE belongs to no crate"));
    }
    assert_none(&broken);
}

#[test]
fn each_client_is_seen_by_one_crate() {
    let metadata = metadata();
    let mut broken = Vec::new();
    for package in members(&metadata) {
        for (client, owners) in CLIENTS {
            if !owners.contains(&package.name.as_str()) && used(package).any(|used| used == client) {
                broken.push(format!("{}: only {} may use {client}", place(package), owners.join(" and ")));
            }
        }
    }
    assert_none(&broken);
}

#[test]
fn files_keep_their_budgets() {
    let root = root();
    let mut broken = Vec::new();
    for file in rust_files(&root) {
        let text = fs::read_to_string(&file).expect("a source file is text");
        let shown = file.strip_prefix(&root).expect("it lies below the root").display().to_string();
        let lines = lines_without_tests(&text);
        if (LONG_LINES + 1..=MOST_LINES).contains(&lines) {
            println!("{shown}: {lines} lines without tests, better {LONG_LINES} at most");
        }
        broken.extend(broken_budgets(&file, &text).into_iter().map(|rule| format!("{shown}: {rule}")));
    }
    assert_none(&broken);
}

#[test]
fn a_file_that_breaks_its_budget_is_told_by_rule() {
    let long = format!("//! Long.\n{}", "fn f() {}\n".repeat(MOST_LINES));
    let tested = format!("//! Tested.\n#[cfg(test)]\nmod tests {{\n{}}}\n", "fn f() {}\n".repeat(MOST_LINES));
    let tests_first = long.replacen('\n', "\n#[cfg(test)]\nmod tests;\n", 1);
    for (path, text, expected) in [
        ("a.rs", "//! One noun.\n", None),
        ("a.rs", "use std::fs;\n", Some("//!")),
        ("a.rs", long.as_str(), Some("401 lines")),
        ("a.rs", tested.as_str(), None),
        ("a.rs", tests_first.as_str(), Some("403 lines")),
        ("main.rs", tested.as_str(), None),
        ("main.rs", long[..long.len() / 2].trim_end(), Some("main.rs")),
        ("common.rs", "//! Things.\n", Some("says nothing")),
        ("common/mod.rs", "//! Things.\n", Some("says nothing")),
    ] {
        let broken = broken_budgets(Path::new(path), text).join("; ");
        assert_eq!(expected.is_none(), broken.is_empty(), "{path}: {broken}");
        assert!(broken.contains(expected.unwrap_or_default()), "{path}: {broken}");
    }
}

/// The rules that a file breaks.
fn broken_budgets(file: &Path, text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let lines = lines_without_tests(text);
    if !text.starts_with("//! ") {
        broken.push("a file opens with a `//!` sentence".to_owned());
    }
    if lines > MOST_LINES {
        broken.push(format!("{lines} lines without tests, at most {MOST_LINES}: split it by nouns"));
    }
    if file.ends_with("main.rs") && lines > MOST_LINES_OF_MAIN {
        broken.push(format!("{lines} lines, main.rs has {MOST_LINES_OF_MAIN} at most"));
    }
    let names = [Some(file), file.parent()].into_iter().flatten().filter_map(Path::file_stem);
    for name in names.filter_map(OsStr::to_str).filter(|name| EMPTY_NAMES.contains(name)) {
        broken.push(format!("the name {name:?} says nothing: take a noun"));
    }
    broken
}

/// Lines up to the module with the tests of this file.
fn lines_without_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let begins = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].ends_with('{');
    lines.windows(2).position(begins).unwrap_or(lines.len())
}

/// All Rust files that have budgets.
fn rust_files(root: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = SOURCES.iter().map(|name| root.join(name)).collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a source folder can be read") {
            let path = entry.expect("its entries can be read").path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn root() -> PathBuf {
    let hailstorm = Path::new(env!("CARGO_MANIFEST_DIR"));
    hailstorm.parent().expect("the crate lies in the workspace").to_owned()
}

fn metadata() -> Metadata {
    let manifest = root().join("Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("cargo knows its workspace")
}

fn members(metadata: &Metadata) -> impl Iterator<Item = &Package> {
    metadata.packages.iter().filter(|package| metadata.workspace_members.contains(&package.id))
}

/// What a crate uses outside its tests.
fn used(package: &Package) -> impl Iterator<Item = &str> {
    let outside_tests = |kind| kind != DependencyKind::Development;
    package.dependencies.iter().filter(move |used| outside_tests(used.kind)).map(|used| used.name.as_str())
}

fn place(package: &Package) -> String {
    let manifest = package.manifest_path.as_std_path();
    manifest.strip_prefix(root()).unwrap_or(manifest).display().to_string()
}

fn assert_none(broken: &[String]) {
    assert!(broken.is_empty(), "{} rules broken:\n  {}", broken.len(), broken.join("\n  "));
}
