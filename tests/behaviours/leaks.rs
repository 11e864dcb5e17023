//! A test run leaves no container behind, however it ends.
//!
//! The runs that end are processes of this same executable, which are told so by a variable.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use backends::docker::engine_version;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::city::wait_until;
use crate::servers::{Servers, Test};

pub(crate) const TESTS: &[Test] =
    &[("a_run_leaves_no_container_behind_after_success_panic_and_ctrl_c", nothing_is_left)];

/// What a run does whose end is looked at: starts servers, tells how to find them, waits for a line, and ends.
pub(crate) const SUBJECTS: &[Test] = &[("succeeds", tell_and_wait), ("panics", panics)];

/// Set in the processes that are subjects.
const SUBJECT: &str = "HAILSTORM_TEST_SUBJECT";

/// What stands before the label in the output of a subject.
const TOLD: &str = "the label is ";

/// Whether this process is a subject of the test here.
pub(crate) fn is_subject() -> bool {
    std::env::var_os(SUBJECT).is_some()
}

fn tell_and_wait(servers: &Servers) {
    println!("\n{TOLD}{}", servers.label().expect("they are containers"));
    std::io::stdin().read_line(&mut String::new()).expect("a line");
}

fn panics(servers: &Servers) {
    tell_and_wait(servers);
    panic!("as it was told to");
}

fn nothing_is_left(_: &Servers) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    if runtime.block_on(engine_version()).is_none() {
        return print!("skipped, no Docker engine answers: ");
    }
    let (status, _) = end_of("succeeds", say_go);
    assert!(status.success(), "{status}");
    let (status, said) = end_of("panics", say_go);
    assert!(!status.success(), "{status}");
    // A broker in good health may have said nothing: it is told to write warnings only.
    for (server, is_silent) in [("kafka", true), ("redis", false), ("mongodb", false)] {
        let log = said.split_once(&format!("--- the log of {server}\n")).map(|(_, log)| log);
        assert!(log.is_some_and(|log| is_silent || !log.starts_with("---")), "no log of {server}: {said}");
    }
    let (status, said) = end_of("succeeds", |subject| {
        let pid = Pid::from_child(subject);
        kill_process(pid, Signal::INT).expect("the process is ours");
    });
    assert!(!status.success(), "{status}: {said}");
}

/// Starts a subject, ends it in this way once it has its containers, and waits until they are gone; how it ended and
/// what it said.
fn end_of(subject: &str, end: impl FnOnce(&mut Child)) -> (ExitStatus, String) {
    let dir = TempDir::with_prefix("hailstorm-test-").expect("a folder");
    let output = dir.path().join("output");
    let mut child = start(subject, &output);
    let said = || std::fs::read_to_string(&output).unwrap_or_default();
    let mut label = None;
    wait_until("a subject has its servers", || {
        label = said().lines().find_map(|line| line.strip_prefix(TOLD).map(str::to_owned));
        let ended = child.try_wait().expect("a status");
        assert!(label.is_some() || ended.is_none(), "it has ended: {}", said());
        label.is_some()
    });
    let label = label.expect("waited for it");
    assert_eq!(containers(&label).lines().count(), 3, "{label}");
    end(&mut child);
    let status = child.wait().expect("it ends");
    wait_until("its containers are gone", || containers(&label).is_empty());
    (status, said())
}

fn start(subject: &str, output: &Path) -> Child {
    let file = File::create(output).expect("a file");
    Command::new(std::env::current_exe().expect("this executable"))
        .args(["--exact", subject])
        .env(SUBJECT, "1")
        .env("HAILSTORM_BACKENDS", "docker")
        .stdin(Stdio::piped())
        .stdout(file.try_clone().expect("a second handle"))
        .stderr(file)
        .spawn()
        .expect("it starts")
}

fn say_go(subject: &mut Child) {
    let mut pipe = subject.stdin.take().expect("a pipe");
    pipe.write_all(b"go\n").expect("it listens");
}

/// Containers with this label, running or not.
fn containers(label: &str) -> String {
    let filter = format!("label={label}");
    let output = Command::new("docker").args(["ps", "--all", "--quiet", "--filter", &filter]).output();
    let output = output.expect("docker can be run");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
