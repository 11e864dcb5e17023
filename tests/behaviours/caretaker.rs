//! Servers of a demo that end by themselves.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};

use backends::process::{Command, Output};
use rustix::process::{Signal, kill_process};
use tempfile::TempDir;

use crate::city::{end, interrupt, wait_until};
use crate::own::Own;
use crate::servers::{Servers, Test};

pub(crate) const TESTS: &[Test] = &[
    ("servers_that_die_are_started_again_and_nothing_is_lost", servers_die),
    ("a_full_disk_is_told_and_with_room_again_nothing_is_lost", disk_is_full),
];

fn servers_die(_: &Servers) {
    let own = Own::start("dying-servers");
    for name in ["redis", "mongodb", "kafka"] {
        kill_process(own.server(name), Signal::KILL).expect("the process is ours");
        wait_until("it is back", || own.output().contains(&format!("{name} is back after")));
        let told = format!("{name} ended by itself (signal: 9 (SIGKILL)); starting it again in 1 s");
        assert!(own.output().contains(&told), "{}", own.output());
    }
    close(&own);
}

/// Ends a demo: its books have to close.
fn close(own: &Own) {
    interrupt(&own.child);
    assert_eq!(end(&own.child), Some(0), "{}", own.output());
    assert!(own.output().contains("everything adds up"), "{}", own.output());
}

/// Mounts a small disk where nobody else sees it, and becomes what follows.
const ON_A_SMALL_DISK: &str = r#"mount -t tmpfs -o size=600m none "$1" && shift && exec "$@""#;

fn disk_is_full(_: &Servers) {
    let Some(unshare) = unshare() else { return print!("skipped, mounting is not allowed: ") };
    let disk = TempDir::with_prefix("hailstorm-test-").expect("a folder");
    let place = disk.path().display().to_string();
    let on_disk = |output: &Path| {
        Command::new("demo", "unshare")
            .args(unshare)
            .args(["sh", "-c", ON_A_SMALL_DISK, "sh", &place, env!("CARGO_BIN_EXE_hailstorm")])
            .stdout(Output::Log(output.to_owned()))
            .stderr(Output::Log(output.to_owned()))
    };
    let own = Own::start_by("full-disk", on_disk, &["--data-dir", &place]);
    // As the demo sees it.
    let seen = PathBuf::from(format!("/proc/{}/root{place}", own.child.pid()));
    let ballast = fill(&seen);
    wait_until("a server has ended", || own.output().contains("0 MiB are left on the disk of"));
    std::fs::remove_file(ballast).expect("it is ours");
    wait_until("it is back", || own.output().contains("is back after"));
    close(&own);
}

/// The arguments with which mounting is allowed here, if there are any.
fn unshare() -> Option<&'static [&'static str]> {
    let ways: [&[&str]; 2] = [&["--mount"], &["--user", "--map-root-user", "--mount"]];
    ways.into_iter().find(|way| {
        let mut try_it = process::Command::new("unshare");
        try_it.args(*way).args(["sh", "-c", "mount -t tmpfs none /mnt"]).stderr(Stdio::null());
        try_it.status().is_ok_and(|status| status.success())
    })
}

/// Writes until the disk is full.
fn fill(disk: &Path) -> PathBuf {
    let path = disk.join("ballast");
    let mut file = File::create(&path).expect("there is room");
    let mut chunk = vec![0; 1024 * 1024];
    while !chunk.is_empty() {
        if file.write_all(&chunk).is_err() {
            chunk.truncate(chunk.len() / 2);
        }
    }
    path
}
