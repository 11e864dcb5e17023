//! Redis as a process: kept in memory only, as everything in it can be rebuilt.

use anyhow::Result;

use super::{LOOPBACK, packages};
use crate::process::Command;
use crate::progress::Listener;
use crate::server::Server;
use crate::storage::Storage;

/// What the server is told wherever it runs: nothing is written to disk, and memory is bounded;
/// positions of 100,000 drivers take 34 MB.
pub(crate) const ARGUMENTS: [&str; 8] =
    ["--save", "", "--appendonly", "no", "--maxmemory", "256mb", "--maxmemory-policy", "noeviction"];

/// The name of the program and how it is started.
pub(super) async fn prepare(
    port: u16,
    storage: &Storage,
    progress: Listener<'_>,
) -> Result<(String, Command)> {
    let program = packages::program("redis-server", "redis-server", progress).await?;
    let name = program.display().to_string();
    let command = Command::new("redis", program)
        .args(["--port", &port.to_string(), "--bind", LOOPBACK])
        .arg("--dir")
        .arg(storage.data(Server::Redis))
        .args(ARGUMENTS);
    Ok((name, command))
}
