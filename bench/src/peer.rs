//! The program in Node that does it as tutorials teach: where it lies, and what it needs.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use backends::process::{Command, capture, find_program};
use kafka::Settings;

use crate::crew::Crew;
use crate::ground::{Ground, TOPIC};
use crate::lab::Lab;
use crate::repository::Repository;

/// Where it lies in the repository.
const FOLDER: &str = "bench/peers/kafkajs";

/// Its groups, and what each of them keeps.
const GROUPS: [(&str, &str); 2] =
    [("bench-tutorial-documents", "documents"), ("bench-tutorial-positions", "positions")];

/// Packages that it imports.
const PACKAGES: [&str; 3] = ["kafkajs", "mongodb", "ioredis"];

/// The oldest Node that its packages are for, as its package file says.
const OLDEST_NODE: u32 = 20;

/// How to come by one: packages of distributions are often older.
const GET_NODE: &str = "install Node 20 or later (https://nodejs.org/en/download) and put it first on PATH";

/// What versions its packages have.
const LOCK: &str = include_str!("../peers/kafkajs/package-lock.json");

/// The program, ready to be run.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    node: PathBuf,
    node_version: String,
    folder: PathBuf,
}

impl Peer {
    pub(crate) async fn find() -> anyhow::Result<Self> {
        let node = find_program("node").with_context(|| format!("node is not on PATH: {GET_NODE}"))?;
        let said = capture(&Command::new("node", &node).arg("--version")).await;
        let said = said.with_context(|| format!("failed to run {}: {GET_NODE}", node.display()))?.stdout;
        let node_version = new_enough(&said).with_context(|| node.display().to_string())?.to_owned();
        let repository =
            Repository::here().with_context(|| format!("{FOLDER} lies in the repository of this project"))?;
        let folder = repository.root().join(FOLDER);
        check_packages(&folder)?;
        Ok(Self { node, node_version, folder })
    }

    pub(crate) fn node_version(&self) -> &str {
        &self.node_version
    }

    /// The version of kafkajs that its lock file names.
    pub(crate) fn kafkajs_version() -> Option<String> {
        let lock: serde_json::Value = serde_json::from_str(LOCK).ok()?;
        Some(lock["packages"]["node_modules/kafkajs"]["version"].as_str()?.to_owned())
    }

    /// One of its scripts on these servers.
    pub(crate) fn command(&self, lab: &Lab, settings: &Settings, script: &str, way: &str) -> Command {
        let command = Command::new(format!("{script} {way}"), &self.node)
            .arg(self.folder.join(script))
            .arg(way)
            .args(["--topic", &settings.full_name(TOPIC)]);
        lab.on_servers(settings, command)
    }

    /// Its processes that store reports, each a member of a group of its own, as ours are.
    pub(crate) fn crew<'a>(&self, lab: &Lab, ground: &'a Ground, way: &str) -> anyhow::Result<Crew<'a>> {
        let settings = &ground.settings;
        let storing = |(group, keep): (&'static str, &str)| {
            let options = ["--group", &settings.full_name(group), "--keep", keep];
            (group, self.command(lab, settings, "store.mjs", way).args(options))
        };
        Crew::start(lab, ground, GROUPS.map(storing))
    }
}

/// The version in what `node --version` says, if it is new enough.
fn new_enough(said: &str) -> anyhow::Result<&str> {
    let version = said.trim().trim_start_matches('v');
    let major: Option<u32> = version.split('.').next().and_then(|major| major.parse().ok());
    let major = major.with_context(|| format!("node does not tell its version but {said:?}: {GET_NODE}"))?;
    ensure!(major >= OLDEST_NODE, "node {version} is too old: {GET_NODE}");
    Ok(version)
}

fn check_packages(folder: &Path) -> anyhow::Result<()> {
    let missing: Vec<&str> =
        PACKAGES.into_iter().filter(|package| !folder.join("node_modules").join(package).is_dir()).collect();
    ensure!(missing.is_empty(), "packages are missing ({}): run (cd {FOLDER} && npm ci)", missing.join(", "));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_with_the_command_that_brings_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("node_modules/kafkajs")).unwrap();
        let error = check_packages(folder.path()).unwrap_err().to_string();
        assert!(error.contains("(mongodb, ioredis)"), "{error}");
        assert!(error.contains("cd bench/peers/kafkajs && npm ci"), "{error}");
        for package in PACKAGES {
            std::fs::create_dir_all(folder.path().join("node_modules").join(package)).unwrap();
        }
        check_packages(folder.path()).unwrap();
    }

    #[test]
    fn a_node_that_is_too_old_is_said_with_what_is_needed() {
        assert_eq!(new_enough("v20.0.0\n").unwrap(), "20.0.0");
        assert_eq!(new_enough("v22.20.0").unwrap(), "22.20.0");
        let error = new_enough("v18.19.0\n").unwrap_err().to_string();
        assert!(error.contains("node 18.19.0 is too old") && error.contains("Node 20 or later"), "{error}");
        assert!(new_enough("no node").is_err());
        assert!(GET_NODE.contains(&OLDEST_NODE.to_string()));
    }

    #[test]
    fn the_packages_are_those_of_its_package_file() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/kafkajs/package.json");
        let package: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let listed = package["dependencies"].as_object().unwrap();
        assert_eq!(package["engines"]["node"], format!(">={OLDEST_NODE}"));
        assert_eq!(listed.len(), PACKAGES.len());
        assert!(PACKAGES.iter().all(|name| listed.contains_key(*name)), "{listed:?}");
    }
}
