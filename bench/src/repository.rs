//! The repository that results are kept in: found from the current directory.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

/// A working copy of this project.
#[derive(Clone, Debug)]
pub struct Repository {
    root: PathBuf,
}

/// What was checked out when a run began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// Short id of the commit.
    pub commit: String,
    /// Whether tracked files differed from it.
    pub dirty: bool,
}

impl Repository {
    /// The repository around a directory.
    ///
    /// # Errors
    /// If there is none.
    pub fn around(directory: &Path) -> anyhow::Result<Self> {
        let is_root =
            |folder: &&Path| folder.join(".git").exists() && folder.join("bench/Cargo.toml").is_file();
        let root = directory.ancestors().find(is_root).context(
            "results are kept in bench/results of the project's repository, and this directory lies in none: go there first",
        )?;
        Ok(Self { root: root.to_owned() })
    }

    /// The repository around the current directory.
    ///
    /// # Errors
    /// If there is none.
    pub fn here() -> anyhow::Result<Self> {
        Self::around(&std::env::current_dir().context("failed to find the current directory")?)
    }

    /// The repository with this root.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Where it lies.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where saved runs lie.
    #[must_use]
    pub fn results(&self) -> PathBuf {
        self.root.join("bench/results")
    }

    /// What is checked out now.
    ///
    /// # Errors
    /// If git can't say.
    pub fn checkout(&self) -> anyhow::Result<Checkout> {
        let commit = self.git(&["rev-parse", "--short", "HEAD"])?;
        let changes = self.git(&["status", "--porcelain", "--untracked-files=no"])?;
        Ok(Checkout { commit, dirty: !changes.is_empty() })
    }

    fn git(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new("git");
        let output = command.current_dir(&self.root).args(arguments).output();
        let output = output.context("failed to run git, which says what commit is measured")?;
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        ensure!(output.status.success(), "git {} failed: {said}", arguments.join(" "));
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_of_the_repository_the_error_says_where_to_go() {
        let folder = tempfile::tempdir().unwrap();
        let error = Repository::around(folder.path()).unwrap_err().to_string();
        assert!(error.contains("bench/results"), "{error}");
    }

    #[test]
    fn the_root_is_found_from_below() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("a/b");
        std::fs::create_dir_all(&below).unwrap();
        std::fs::create_dir_all(folder.path().join(".git")).unwrap();
        std::fs::create_dir_all(folder.path().join("bench")).unwrap();
        std::fs::write(folder.path().join("bench/Cargo.toml"), "").unwrap();
        let repository = Repository::around(&below).unwrap();
        assert_eq!(repository.root(), folder.path());
        assert_eq!(repository.results(), folder.path().join("bench/results"));
    }
}
