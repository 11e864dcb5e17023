//! Where the logs of a run lie.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::options::Options;

/// Logs lie with the servers' data if that is kept, else in a temporary folder.
pub(super) fn log_folder(options: &Options) -> anyhow::Result<LogFolder> {
    if let Some(dir) = &options.backends.data_dir {
        let dir = dir.join("logs");
        std::fs::create_dir_all(&dir)
            .with_context(|| format!("failed to make the folder {}", dir.display()))?;
        return Ok(LogFolder::Kept(dir));
    }
    let dir = tempfile::Builder::new()
        .prefix("hailstorm-logs-")
        .tempdir()
        .context("failed to make a folder for logs")?;
    Ok(LogFolder::Temporary(dir))
}

/// Where the logs of a run lie; a temporary folder goes with it.
pub(super) enum LogFolder {
    Kept(PathBuf),
    Temporary(tempfile::TempDir),
}

impl LogFolder {
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Temporary(dir) => dir.path(),
        }
    }

    /// Leaves the folder where it is.
    pub(super) fn keep(self) -> PathBuf {
        match self {
            Self::Kept(path) => path,
            Self::Temporary(dir) => dir.keep(),
        }
    }
}
