//! Child processes: watched, signalled, killed with us.

use std::time::Duration;

use backends::process::{Command, Output, capture, last_lines};
use tokio::io::AsyncReadExt;

fn shell(script: &str) -> Command {
    Command::new("shell", "sh").args(["-c", script])
}

#[tokio::test]
async fn output_environment_and_exit_come_back() {
    let captured =
        capture(&shell("echo $GREETING; echo no >&2; exit 3").env("GREETING", "hello")).await.unwrap();
    assert_eq!((captured.stdout.as_str(), captured.stderr.as_str()), ("hello\n", "no\n"));
    assert_eq!(captured.status.code(), Some(3));
}

#[tokio::test]
async fn a_log_holds_both_outputs_of_several_lives() {
    let dir = tempfile::tempdir().unwrap();
    let log = Output::Log(dir.path().join("a.log"));
    let command = shell("echo out; echo err >&2").stdout(log.clone()).stderr(log);
    command.spawn().unwrap().wait().await;
    command.spawn().unwrap().wait().await;
    assert_eq!(last_lines(&dir.path().join("a.log"), 9), ["out", "err", "out", "err"]);
}

#[tokio::test]
async fn an_obedient_child_is_terminated_in_order_and_a_deaf_one_killed() {
    let obedient = shell("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done")
        .stdout(Output::Piped)
        .spawn()
        .unwrap();
    obedient.take_stdout().unwrap().read_u8().await.unwrap();
    obedient.suspend();
    assert_eq!(obedient.terminate(Duration::from_secs(10)).await.code(), Some(7));

    let deaf = shell("trap '' TERM; echo ready; while :; do sleep 0.01; done")
        .stdout(Output::Piped)
        .spawn()
        .unwrap();
    deaf.take_stdout().unwrap().read_u8().await.unwrap();
    assert_eq!(deaf.terminate(Duration::from_millis(100)).await.code(), None);
    deaf.kill();
    assert!(deaf.exit().is_some());
}

#[tokio::test]
async fn a_dropped_child_is_gone_with_all_of_its_group() {
    let child = shell("sleep 600 & echo $!; wait").stdout(Output::Piped).spawn().unwrap();
    let mut said = [0; 32];
    let length = child.take_stdout().unwrap().read(&mut said).await.unwrap();
    let grandchild: u32 = String::from_utf8_lossy(&said[..length]).trim().parse().unwrap();
    let pid = child.pid();
    drop(child);
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    let dead = async {
        let alive = || {
            let status = std::fs::read_to_string(format!("/proc/{grandchild}/status")).unwrap_or_default();
            !status.is_empty() && !status.contains("Z (zombie)")
        };
        while alive() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), dead).await.unwrap();
}

#[tokio::test]
async fn a_missing_program_is_named() {
    let error = Command::new("server", "no-such-program").spawn().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    assert_eq!(error.to_string(), "could not start server: no program no-such-program");
    assert!(Command::new("server", "/no/such/program").spawn().is_err());
}

#[test]
fn children_can_be_spawned_by_a_thread_that_ends() {
    let child = std::thread::spawn(|| shell("read line").spawn().unwrap());
    let child = child.join().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // Standard input is empty, so that `read` fails; a parent-death signal would have killed it.
    assert_eq!(runtime.block_on(child.wait()).code(), Some(1));
}
