//! Programs from the distribution's packages: found on PATH, or installed as root on Debian and its kin.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use anyhow::{Context, Result, bail};
use tokio::sync::{Mutex, oneshot};

use crate::process::find_program;
use crate::progress::{Listener, Progress};

/// Installs the packages given as arguments. The package lists are fetched only if the first try fails without them.
/// A policy file, ours only if there is none yet, keeps packages from starting services of their own.
/// The folder of manual pages is missing in slim images, and Java's packages stumble over that.
const INSTALL: &str = r#"
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' > $policy && chmod 755 $policy
fi
mkdir -p /usr/share/man/man1
export DEBIAN_FRONTEND=noninteractive
install() { apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"; }
install "$@" || { apt-get -o DPkg::Lock::Timeout=300 update && install "$@"; }
"#;

/// Lines of the package client's output that an error shows.
const SHOWN_LINES: usize = 15;

/// Whether missing packages can be installed from here: by root, on Debian or its kin.
pub fn can_install() -> bool {
    rustix::process::geteuid().is_root() && find_program("apt-get").is_some()
}

/// Finds a program on PATH, or installs its package and finds it then.
pub(super) async fn program(name: &str, package: &str, progress: Listener<'_>) -> Result<PathBuf> {
    if let Some(path) = find_program(name) {
        return Ok(path);
    }
    install(name, &[package], progress).await?;
    find_program(name)
        .with_context(|| format!("package {package} is installed, yet there is no {name} on PATH"))
}

/// Installs packages of the distribution, or says how to; `what` they are for is named in errors.
///
/// # Errors
///
/// If nothing can be installed from here, or if it fails: with the end of what the package client said.
pub async fn install(what: &str, packages: &[&str], progress: Listener<'_>) -> Result<()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());
    let _turn = ONE_AT_A_TIME.lock().await;
    let list = packages.join(" ");
    if !can_install() {
        bail!(
            "{what} is missing; install it (on Debian: apt-get install {list}), or choose other --backends"
        );
    }
    progress(Progress::Installing { what: what.to_owned(), how: format!("apt-get install {list}") });
    let packages = packages.iter().map(|package| (*package).to_owned()).collect();
    let output = apt(packages).await.context("could not run apt-get")?;
    if !output.status.success() {
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let lines: Vec<&str> = text.lines().collect();
        let end = lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n  ");
        bail!("apt-get install {list} failed ({}):\n  {end}", output.status);
    }
    Ok(())
}

/// Runs the script on a thread of its own and to its end, even if nobody waits for it any more:
/// a package client killed at work would leave half-configured packages behind.
async fn apt(packages: Vec<String>) -> io::Result<Output> {
    let (sender, outcome) = oneshot::channel();
    std::thread::Builder::new().name("apt-get".into()).spawn(move || {
        let output = std::process::Command::new("sh")
            .args(["-c", INSTALL, "sh"])
            .args(packages)
            .process_group(0)
            .stdin(Stdio::null())
            .output();
        // Nobody may be waiting any more; the packages are there all the same.
        let _ = sender.send(output);
    })?;
    outcome.await.unwrap_or_else(|_| Err(io::Error::other("the installing thread has ended")))
}
