//! A Java that is new enough for Kafka.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::packages;
use crate::process::{Command, capture, find_program};
use crate::progress::Listener;

/// What Kafka 4 brokers ask for.
const OLDEST: u32 = 17;
/// Java 17 or later on every Debian from 12 on.
const PACKAGE: &str = "default-jre-headless";

/// Finds Java, or installs it.
pub(super) async fn require(progress: Listener<'_>) -> Result<PathBuf> {
    if let Some(java) = find().await {
        return Ok(java);
    }
    packages::install("Java 17 or later", &[PACKAGE], progress).await?;
    find()
        .await
        .with_context(|| format!("package {PACKAGE} is installed, yet there is no Java {OLDEST} or later"))
}

/// Finds a Java that is new enough: in JAVA_HOME, on PATH, or where distributions put them.
pub(crate) async fn find() -> Option<PathBuf> {
    let home = std::env::var_os("JAVA_HOME").map(|home| PathBuf::from(home).join("bin/java"));
    let installed = std::fs::read_dir("/usr/lib/jvm").into_iter().flatten().flatten();
    let installed = installed.map(|entry| entry.path().join("bin/java"));
    let candidates = home.into_iter().chain(find_program("java")).chain(installed);
    for java in candidates.filter(|java| java.is_file()) {
        if major_version(&said_of_itself(&java).await).is_some_and(|version| version >= OLDEST) {
            return Some(java);
        }
    }
    None
}

/// The version of the Java that a broker of ours runs on; none if there is none that is new enough.
pub async fn version() -> Option<String> {
    let said = said_of_itself(&find().await?).await;
    full_version(&said).map(str::to_owned)
}

/// What it says when it is asked for its version; nothing if it can't be run.
async fn said_of_itself(java: &Path) -> String {
    let captured = capture(&Command::new("java", java).arg("-version")).await;
    captured.map(|captured| captured.stderr).unwrap_or_default()
}

/// What stands in quotes in `openjdk version "17.0.15" 2025-04-15`.
fn full_version(said: &str) -> Option<&str> {
    said.lines().find(|line| line.contains(" version \""))?.split('"').nth(1)
}

/// The major version in what `java -version` says: `openjdk version "17.0.15" 2025-04-15`, of old `"1.8.0_452"`.
fn major_version(said: &str) -> Option<u32> {
    let mut numbers = full_version(said)?.split(|letter: char| !letter.is_ascii_digit()).map(str::parse);
    match numbers.next()?.ok()? {
        1 => numbers.next()?.ok(),
        major => Some(major),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_java_says() {
        let cases = [
            ("openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime", Some(17)),
            ("Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version \"21\" 2023-09-19", Some(21)),
            ("java version \"1.8.0_452\"", Some(8)),
            ("openjdk version \"25-ea\" 2025-09-16", Some(25)),
            ("java: command not found", None),
        ];
        for (said, expected) in cases {
            assert_eq!(major_version(said), expected, "{said}");
        }
        assert_eq!(full_version(cases[1].0), Some("21"));
    }
}
