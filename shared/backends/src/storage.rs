//! Where servers of ours keep data and logs: the user's folder, or a temporary one that goes with us.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::server::Server;

/// The folder of one run: a folder per server, and `logs`.
#[derive(Debug)]
pub(crate) struct Storage {
    root: PathBuf,
    /// Removed when dropped; none if the folder is the user's.
    temporary: Option<TempDir>,
}

impl Storage {
    /// Opens the user's folder, or makes a temporary one.
    pub(crate) fn open(chosen: Option<&Path>) -> Result<Self> {
        let storage = match chosen {
            Some(dir) => {
                fs::create_dir_all(dir).with_context(|| format!("could not make data folder {}", dir.display()))?;
                let root = dir.canonicalize().with_context(|| format!("could not open {}", dir.display()))?;
                Self { root, temporary: None }
            }
            None => {
                let dir = tempfile::Builder::new().prefix("hailstorm-").tempdir();
                let dir = dir.context("could not make a temporary folder for the servers' data")?;
                Self { root: dir.path().to_owned(), temporary: Some(dir) }
            }
        };
        for dir in Server::ALL.map(Server::name).into_iter().chain(["logs"]) {
            let dir = storage.root.join(dir);
            fs::create_dir_all(&dir).with_context(|| format!("could not make {}", dir.display()))?;
        }
        Ok(storage)
    }

    /// The folder itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether it goes with us.
    pub(crate) fn is_temporary(&self) -> bool {
        self.temporary.is_some()
    }

    /// Where a server keeps its data.
    pub(crate) fn data(&self, server: Server) -> PathBuf {
        self.root.join(server.name())
    }

    /// The file of a server's log.
    pub(crate) fn log(&self, server: Server) -> PathBuf {
        self.root.join("logs").join(format!("{server}.log"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_folder_goes_when_dropped_and_the_users_stays() {
        let temporary = Storage::open(None).unwrap();
        let root = temporary.root().to_owned();
        assert!(temporary.is_temporary() && temporary.data(Server::Kafka).is_dir());
        drop(temporary);
        assert!(!root.exists());

        let users = tempfile::tempdir().unwrap();
        let chosen = users.path().join("deep/er");
        let storage = Storage::open(Some(&chosen)).unwrap();
        assert!(!storage.is_temporary());
        drop(storage);
        assert!(chosen.join("logs").is_dir());
    }
}
