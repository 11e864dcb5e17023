//! Real servers as native processes: they come up, keep data over a restart, can be frozen, and leave nothing behind.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod wire;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use backends::{Backends, Choice, Options, Server};
use tokio::time::{sleep, timeout};

fn options(data_dir: Option<&Path>) -> Options {
    Options { choice: Choice::Native, data_dir: data_dir.map(Path::to_owned), ..Options::default() }
}

async fn start(data_dir: Option<&Path>) -> Backends {
    backends::start(&options(data_dir), |progress| eprintln!("{progress}")).await.unwrap()
}

/// Whether a process runs; one that is dead and not yet reaped by whoever inherited it does not.
fn runs(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains('Z'))
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    let met = async {
        while !condition() {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(20), met).await.unwrap_or_else(|_| panic!("waited in vain: {what}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_answer_keep_their_data_over_a_restart_and_leave_nothing_behind() {
    let backends = start(None).await;
    let at = backends.endpoints.clone();
    let folder = backends.folder().unwrap().to_owned();
    assert_eq!(wire::redis(&at.redis_url, "SET a 1"), "+OK");
    assert_eq!(wire::create_topic(&at.kafka_bootstrap_servers, "things"), 0);
    assert!(wire::mongodb_insert(&at.mongodb_uri, 7));

    let before = backends.processes();
    for process in &before {
        let mib = backends::process::rss_kib(process.pid).unwrap() / 1024;
        eprintln!("{} has {mib} MiB", process.name);
        assert!((1..600).contains(&mib));
    }
    for server in Server::ALL {
        let took = backends.server(server).unwrap().restart().await.unwrap();
        eprintln!("{server} restarted in {took:?}");
    }
    let after = backends.processes();
    assert_eq!(after.len(), 3);
    assert!(before.iter().all(|process| !runs(process.pid)));
    assert!(backends.ended().is_empty());
    assert_eq!(wire::redis(&at.redis_url, "EXISTS a"), ":0");
    assert!(wire::has_topic(&at.kafka_bootstrap_servers, "things"));
    assert!(!wire::has_topic(&at.kafka_bootstrap_servers, "never-made"));
    assert!(wire::mongodb_has(&at.mongodb_uri, 7));

    let began = std::time::Instant::now();
    backends.stop().await.unwrap();
    eprintln!("stopped in {:?}", began.elapsed());
    assert!(after.iter().all(|process| !runs(process.pid)));
    assert!(!folder.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_data_folder_is_taken_up_again_on_other_ports_even_after_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let first = start(Some(dir.path())).await;
    assert_eq!(wire::create_topic(&first.endpoints.kafka_bootstrap_servers, "kept"), 0);
    assert!(wire::mongodb_insert(&first.endpoints.mongodb_uri, 7));
    let old = first.endpoints.clone();
    for server in [Server::Kafka, Server::Mongodb] {
        first.server(server).unwrap().kill().await.unwrap();
    }
    drop(first);

    let began = std::time::Instant::now();
    let second = start(Some(dir.path())).await;
    eprintln!("up again after a kill in {:?}", began.elapsed());
    assert_ne!(second.endpoints, old);
    assert!(wire::has_topic(&second.endpoints.kafka_bootstrap_servers, "kept"));
    assert!(wire::mongodb_has(&second.endpoints.mongodb_uri, 7));
    second.stop().await.unwrap();
    assert!(dir.path().join("mongodb").is_dir());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_server_is_silent_until_it_is_resumed_and_a_killed_one_is_reported() {
    let backends = start(None).await;
    let url = backends.endpoints.redis_url.clone();
    let redis = backends.server(Server::Redis).unwrap();
    redis.pause().await.unwrap();
    let asked = std::thread::spawn(move || wire::redis(&url, "PING"));
    let state = format!("/proc/{}/status", redis.pid().unwrap());
    until("it is frozen", || {
        std::fs::read_to_string(&state).is_ok_and(|status| status.contains("T (stopped)"))
    })
    .await;
    assert!(!asked.is_finished());
    redis.resume().await.unwrap();
    assert_eq!(asked.join().unwrap(), "+PONG");

    let pid = rustix::process::Pid::from_raw(redis.pid().unwrap().try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    until("its end is seen", || backends.ended().len() == 1).await;
    assert_eq!(backends.ended()[0].0, Server::Redis);
    redis.start().await.unwrap();
    assert!(backends.ended().is_empty());

    let pids: Vec<u32> = backends.processes().iter().map(|process| process.pid).collect();
    let folder = backends.folder().unwrap().to_owned();
    assert_eq!(pids.len(), 3);
    drop(backends);
    assert!(!pids.into_iter().any(runs), "dropping kills");
    assert!(!folder.exists());
}

/// Pids of processes that run on files of this folder.
fn users_of(folder: &Path) -> Vec<u32> {
    let folder = folder.to_string_lossy().into_owned();
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_string_lossy().parse().ok());
    let uses = |pid: &u32| {
        std::fs::read(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| String::from_utf8_lossy(&line).contains(&folder))
    };
    pids.filter(uses).filter(|pid| runs(*pid)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_is_given_up_leaves_no_process() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let options = options(Some(&root));
    let mut given_up = Box::pin(backends::start(&options, |_| ()));
    let two_run = async {
        while users_of(&root).len() < 2 {
            sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        _ = &mut given_up => panic!("it was to be given up before it is ready"),
        () = two_run => {}
    }
    drop(given_up);
    assert_eq!(users_of(&root), Vec::<u32>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_refused_by_its_number() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let options = Options { redis_port: Some(port), ..options(None) };
    let error = backends::start(&options, |_| ()).await.unwrap_err();
    assert!(error.to_string().contains(&port.to_string()), "{error:#}");
}

/// Set in the process that this test starts from its own executable, to be killed.
const DOOMED: &str = "HAILSTORM_TEST_DOOMED";

#[tokio::test(flavor = "multi_thread")]
async fn servers_die_with_a_parent_that_is_killed() {
    if std::env::var_os(DOOMED).is_some() {
        return be_doomed().await;
    }
    let mut parent = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "servers_die_with_a_parent_that_is_killed", "--nocapture"])
        .env(DOOMED, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(parent.stdout.take().unwrap()).lines().map_while(Result::ok);
    let line = { said }.find_map(|line| line.strip_prefix("doomed ").map(str::to_owned)).unwrap();
    let (folder, pids) = line.split_once(' ').unwrap();
    let pids: Vec<u32> = pids.split(' ').map(|pid| pid.parse().unwrap()).collect();
    assert!(pids.len() == 3 && pids.iter().all(|pid| runs(*pid)));
    parent.kill().unwrap();
    parent.wait().unwrap();
    until("all servers are dead", || !pids.iter().any(|pid| runs(*pid))).await;

    let folder = PathBuf::from(folder);
    assert!(folder.exists());
    start(None).await.stop().await.unwrap();
    assert!(!folder.exists(), "the next run sweeps the folder");
}

async fn be_doomed() {
    let backends = start(None).await;
    let pids: Vec<String> = backends.processes().iter().map(|process| process.pid.to_string()).collect();
    println!("\ndoomed {} {}", backends.folder().unwrap().display(), pids.join(" "));
    std::future::pending::<()>().await;
}
