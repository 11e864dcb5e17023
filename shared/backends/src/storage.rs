//! Where servers of ours keep data and logs: the user's folder, or a temporary one that goes with us.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::server::Server;

/// How temporary folders are called.
const PREFIX: &str = "hailstorm-servers-";
/// The file in a temporary folder that its owner holds locked for as long as it lives.
const LOCK: &str = "lock";

/// The folder of one run: a folder per server, and `logs`.
#[derive(Debug)]
pub(crate) struct Storage {
    root: PathBuf,
    /// Removed when dropped; none if the folder is the user's.
    _temporary: Option<(TempDir, File)>,
}

impl Storage {
    /// Opens the user's folder, or makes a temporary one.
    pub(crate) fn open(chosen: Option<&Path>) -> Result<Self> {
        let storage = match chosen {
            Some(dir) => {
                fs::create_dir_all(dir)
                    .with_context(|| format!("could not make data folder {}", dir.display()))?;
                let root = dir.canonicalize().with_context(|| format!("could not open {}", dir.display()))?;
                Self { root, _temporary: None }
            }
            None => {
                let parent = std::env::temp_dir();
                sweep(&parent);
                let temporary =
                    temporary(&parent).context("could not make a temporary folder for the servers' data")?;
                Self { root: temporary.0.path().to_owned(), _temporary: Some(temporary) }
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

    /// Where a server keeps its data.
    pub(crate) fn data(&self, server: Server) -> PathBuf {
        self.root.join(server.name())
    }

    /// The file of a server's log.
    pub(crate) fn log(&self, server: Server) -> PathBuf {
        self.root.join("logs").join(format!("{server}.log"))
    }
}

/// A new temporary folder and the lock that says that it is in use.
fn temporary(parent: &Path) -> io::Result<(TempDir, File)> {
    let dir = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
    // Locked before it has its name, so that nobody can find it unlocked.
    let unnamed = dir.path().join("lock.new");
    let lock = File::create(&unnamed)?;
    lock.lock()?;
    fs::rename(unnamed, dir.path().join(LOCK))?;
    Ok((dir, lock))
}

/// Removes the temporary folders of runs that were killed before they could.
fn sweep(parent: &Path) {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        let folder = entry.path();
        let abandoned = File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok());
        if abandoned && let Err(error) = fs::remove_dir_all(&folder) {
            tracing::debug!(folder = %folder.display(), %error, "could not remove the folder of a killed run");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_folder_goes_when_dropped_and_the_users_stays() {
        let temporary = Storage::open(None).unwrap();
        let root = temporary.root().to_owned();
        assert!(temporary.data(Server::Kafka).is_dir());
        drop(temporary);
        assert!(!root.exists());

        let users = tempfile::tempdir().unwrap();
        let chosen = users.path().join("deep/er");
        drop(Storage::open(Some(&chosen)).unwrap());
        assert!(chosen.join("logs").is_dir());
    }

    #[test]
    fn the_folder_of_a_killed_run_is_swept_and_that_of_a_living_one_is_not() {
        let parent = tempfile::tempdir().unwrap();
        let (killed, lock) = temporary(parent.path()).unwrap();
        let killed = killed.keep();
        let (living, _lock) = temporary(parent.path()).unwrap();
        drop(lock);
        sweep(parent.path());
        assert!(!killed.exists() && living.path().exists());
    }
}
