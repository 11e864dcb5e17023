//! The cache folder of downloaded servers: filled once, under a lock, and never half.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

/// Between two looks at a lock that another process holds while it downloads.
const LOCK_PAUSE: Duration = Duration::from_millis(200);

/// The user's cache folder of this project: `$XDG_CACHE_HOME/hailstorm`, else `~/.cache/hailstorm`.
///
/// # Errors
///
/// If neither variable holds an absolute path.
pub fn folder() -> Result<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    Ok(base.context("no cache folder: set HOME or XDG_CACHE_HOME to an absolute path")?.join("hailstorm"))
}

/// The right to fill one named folder of the cache; given back when dropped.
#[derive(Debug)]
pub struct Filling {
    cache: PathBuf,
    name: &'static str,
    _lock: File,
}

impl Filling {
    /// Waits until nobody else fills the folder, and sweeps what a killed one has left.
    ///
    /// # Errors
    ///
    /// If the cache folder can't be made or locked.
    pub async fn begin(cache: &Path, name: &'static str) -> Result<Self> {
        fs::create_dir_all(cache)
            .with_context(|| format!("could not make cache folder {}", cache.display()))?;
        let path = cache.join(format!("{name}.lock"));
        let lock = File::create(&path).with_context(|| format!("could not open {}", path.display()))?;
        while let Err(error) = lock.try_lock() {
            match error {
                TryLockError::WouldBlock => tokio::time::sleep(LOCK_PAUSE).await,
                TryLockError::Error(error) => return Err(error).context("could not lock the cache folder"),
            }
        }
        let filling = Self { cache: cache.to_owned(), name, _lock: lock };
        filling.sweep();
        Ok(filling)
    }

    /// A folder beside the finished ones, to be filled and then given its name; removed if it is not.
    ///
    /// # Errors
    ///
    /// If it can't be made.
    pub fn unfinished(&self) -> Result<TempDir> {
        let dir = tempfile::Builder::new().prefix(&self.unfinished_prefix()).tempdir_in(&self.cache);
        dir.with_context(|| format!("could not make a folder in {}", self.cache.display()))
    }

    /// Gives a filled folder its name, at one stroke.
    ///
    /// # Errors
    ///
    /// If an older folder of that name can't be removed, or this one can't be renamed.
    pub fn finish(self, filled: TempDir) -> Result<()> {
        let target = self.cache.join(self.name);
        if target.exists() {
            // Present but not whole, or it would not have been filled again.
            fs::remove_dir_all(&target).with_context(|| format!("could not replace {}", target.display()))?;
        }
        fs::rename(filled.path(), &target).with_context(|| format!("could not make {}", target.display()))?;
        // The folder has a new name now; there is nothing left to remove.
        let _ = filled.keep();
        Ok(())
    }

    fn unfinished_prefix(&self) -> String {
        format!(".unfinished-{}-", self.name)
    }

    fn sweep(&self) {
        let prefix = self.unfinished_prefix();
        let entries = fs::read_dir(&self.cache).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix)) {
            if let Err(error) = fs::remove_dir_all(entry.path()) {
                tracing::debug!(path = %entry.path().display(), %error, "could not sweep an unfinished download");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_unfinished_folder_is_never_taken_for_a_whole_one() {
        let cache = tempfile::tempdir().unwrap();
        let filling = Filling::begin(cache.path(), "thing-1").await.unwrap();
        let unfinished = filling.unfinished().unwrap();
        fs::write(unfinished.path().join("a"), "1").unwrap();
        let left_behind = unfinished.keep();
        drop(filling);

        let filling = Filling::begin(cache.path(), "thing-1").await.unwrap();
        assert!(!left_behind.exists());
        let filled = filling.unfinished().unwrap();
        fs::write(filled.path().join("a"), "2").unwrap();
        filling.finish(filled).unwrap();
        assert_eq!(fs::read_to_string(cache.path().join("thing-1/a")).unwrap(), "2");
    }

    #[tokio::test]
    async fn only_one_fills_a_folder_at_a_time() {
        let cache = tempfile::tempdir().unwrap();
        let first = Filling::begin(cache.path(), "thing-1").await.unwrap();
        let second = Filling::begin(cache.path(), "thing-1");
        tokio::pin!(second);
        let wait = tokio::time::timeout(LOCK_PAUSE * 2, &mut second).await;
        assert!(wait.is_err());
        Filling::begin(cache.path(), "another").await.unwrap();
        drop(first);
        second.await.unwrap();
    }
}
