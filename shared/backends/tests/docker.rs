//! Real servers as Docker containers; where no engine answers these tests say so and check nothing.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod wire;

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use backends::process::{Command, capture};
use backends::{Backends, Choice, Options, Progress, Server};
use tokio::time::{sleep, timeout};

fn options() -> Options {
    Options { choice: Choice::Docker, ..Options::default() }
}

async fn docker(arguments: &[&str]) -> Option<String> {
    let captured = capture(&Command::new("docker", "docker").args(arguments.iter().copied())).await.ok()?;
    captured.status.success().then(|| captured.stdout.trim().to_owned())
}

async fn engine_answers() -> bool {
    let answers = docker(&["info"]).await.is_some();
    if !answers {
        eprintln!("not checked: no Docker engine answers");
    }
    answers
}

async fn containers(backends: &Backends) -> Vec<String> {
    let mut ids = Vec::new();
    for server in Server::ALL {
        let port = match server {
            Server::Kafka => backends.endpoints.kafka_bootstrap_servers.rsplit(':').next(),
            Server::Redis => backends.endpoints.redis_url.rsplit(':').next(),
            Server::Mongodb => backends.endpoints.mongodb_uri.split(['/', ':']).nth(4),
        };
        let filter = format!("publish={}", port.unwrap());
        ids.push(docker(&["ps", "--quiet", "--filter", &filter]).await.unwrap());
    }
    ids
}

async fn until_removed(ids: &[String]) {
    let removed = async {
        for id in ids {
            while docker(&["inspect", id]).await.is_some() {
                sleep(Duration::from_millis(100)).await;
            }
        }
    };
    timeout(Duration::from_secs(40), removed).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_answer_keep_their_data_over_a_restart_and_are_removed() {
    if !engine_answers().await {
        return;
    }
    let began = Instant::now();
    let backends = backends::start(&options(), |progress| eprintln!("{progress}")).await.unwrap();
    eprintln!("all ready in {:?}", began.elapsed());
    let at = backends.endpoints.clone();
    let ids = containers(&backends).await;
    assert!(ids.len() == 3 && ids.iter().all(|id| !id.is_empty()));
    assert_eq!(wire::redis(&at.redis_url, "PING"), "+PONG");
    assert_eq!(wire::create_topic(&at.kafka_bootstrap_servers, "things"), 0);
    assert!(wire::mongodb_insert(&at.mongodb_uri, 7));
    for process in backends.processes() {
        eprintln!("{} has {:?} KiB", process.name, backends::process::rss_kib(process.pid));
    }

    let kafka = backends.server(Server::Kafka).unwrap();
    kafka.kill().await.unwrap();
    eprintln!("kafka started again after a kill in {:?}", kafka.start().await.unwrap());
    let mongodb = backends.server(Server::Mongodb).unwrap();
    eprintln!("mongodb restarted in {:?}", mongodb.restart().await.unwrap());
    let redis = backends.server(Server::Redis).unwrap();
    redis.pause().await.unwrap();
    redis.resume().await.unwrap();
    assert_eq!(wire::redis(&at.redis_url, "PING"), "+PONG");
    assert!(wire::has_topic(&at.kafka_bootstrap_servers, "things"));
    assert!(wire::mongodb_has(&at.mongodb_uri, 7));

    let began = Instant::now();
    backends.stop().await.unwrap();
    eprintln!("stopped and removed in {:?}", began.elapsed());
    for id in ids {
        assert_eq!(docker(&["inspect", &id]).await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_is_given_up_leaves_no_container() {
    if !engine_answers().await {
        return;
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let options = Options { redis_port: Some(port), ..options() };
    let (started, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let mut given_up = Box::pin(backends::start(&options, move |progress| {
        if matches!(progress, Progress::Ready { server: Server::Redis, .. }) {
            started.send(()).unwrap();
        }
    }));
    tokio::select! {
        outcome = &mut given_up => panic!("it was to be given up before it is ready: {outcome:?}"),
        _ = seen.recv() => {}
    }
    let filter = format!("publish={port}");
    let id = docker(&["ps", "--quiet", "--filter", &filter]).await.unwrap();
    assert!(!id.is_empty());
    drop(given_up);
    until_removed(&[id]).await;
}

/// Set in the process that this test starts from its own executable, to be killed.
const DOOMED: &str = "HAILSTORM_TEST_DOOMED";

#[tokio::test(flavor = "multi_thread")]
async fn containers_are_removed_when_their_owner_is_killed() {
    if std::env::var_os(DOOMED).is_some() {
        let backends = backends::start(&options(), |_| ()).await.unwrap();
        println!("\ndoomed {}", containers(&backends).await.join(" "));
        std::future::pending::<()>().await;
    }
    if !engine_answers().await {
        return;
    }
    let mut owner = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "containers_are_removed_when_their_owner_is_killed", "--nocapture"])
        .env(DOOMED, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(owner.stdout.take().unwrap()).lines().map_while(Result::ok);
    let line = { said }.find_map(|line| line.strip_prefix("doomed ").map(str::to_owned)).unwrap();
    let ids: Vec<String> = line.split(' ').map(str::to_owned).collect();
    assert!(ids.len() == 3 && ids.iter().all(|id| !id.is_empty()));
    owner.kill().unwrap();
    owner.wait().unwrap();
    until_removed(&ids).await;
}
