//! The city on a Docker engine: it comes up, it works, what is killed comes back, nothing is lost and nothing stays.
//!
//! Builds the image, so it runs only if HAILSTORM_TEST_COMPOSE is set.

use std::net::TcpListener;
use std::process::Command;

use backends::Server;

use crate::project::{Project, Squatter, address_of, docker};

/// Layers of ours in the image, beside those of its base, in bytes. With the 24 MB of the base it is below 60 MB.
const MOST_BYTES: u64 = 36_000_000;

/// What is killed, one after the other: each kind of service and each server.
const VICTIMS: [&str; 7] = ["matching", "trips", "live-location", "gateway", "redis", "mongodb", "kafka"];

/// Starts all and waits until it is well.
const UP: [&str; 5] = ["up", "--detach", "--wait", "--wait-timeout", "300"];

#[test]
fn the_city_comes_up_works_survives_and_leaves_nothing_behind() {
    let Some(project) = built(&[]) else { return };
    the_image_is_small_and_bare();
    a_port_that_is_taken_is_told(&project);
    // Who is started before its servers waits for them.
    project.must(&["up", "--detach", "--no-deps", "trips"]);
    project.must(&UP);
    it_is_served(&project);
    nothing_is_root_or_writable(&project);
    project.rides_complete("the start");
    a_group_grows(&project);
    for victim in VICTIMS {
        it_dies_and_comes_back(&project, victim);
    }
    the_books_close(&project);
    topics_that_are_not_as_asked_for_are_told(&project);
    nothing_stays(&project);
}

#[test]
fn any_broker_of_three_may_be_lost() {
    let Some(project) = built(&["--env-file", "deploy/cluster.env"]) else { return };
    project.must(&UP);
    project.rides_complete("the start");
    for victim in ["kafka-2", "kafka"] {
        project.must(&["kill", victim]);
        project.rides_complete(&format!("the loss of {victim}"));
        project.wait_until(&format!("{victim} is back"), || project.compose(&UP).status.success());
        project.rides_complete(&format!("the return of {victim}"));
    }
    the_books_close(&project);
    nothing_stays(&project);
}

/// A project with the image of now, if it is asked for.
fn built(options: &'static [&'static str]) -> Option<Project> {
    if std::env::var_os("HAILSTORM_TEST_COMPOSE").is_none() {
        println!("not asked for: set HAILSTORM_TEST_COMPOSE=1");
        return None;
    }
    assert!(!docker(&["version", "--format", "{{.Server.Version}}"]).is_empty(), "no engine answers");
    let project = Project::new(options);
    project.must(&["build"]);
    Some(project)
}

fn the_image_is_small_and_bare() {
    let image = format!("hailstorm:{}", env!("CARGO_PKG_VERSION"));
    let sizes = docker(&["history", "--human=false", "--format", "{{.CreatedBy}}\t{{.Size}}", &image]);
    let copied = sizes.lines().find(|line| line.starts_with("COPY /out")).expect("a layer of ours");
    let bytes: u64 = copied.rsplit('\t').next().and_then(|size| size.parse().ok()).expect("a size");
    assert!(bytes <= MOST_BYTES, "{bytes} bytes");
    for shell in ["sh", "/bin/sh", "bash"] {
        let output = Command::new("docker").args(["run", "--rm", "--entrypoint", shell, &image]).output();
        assert!(!output.expect("docker can be run").status.success(), "there is a shell: {shell}");
    }
}

fn a_port_that_is_taken_is_told(project: &Project) {
    let port = project.port("79");
    let _taken = TcpListener::bind(("127.0.0.1", port)).expect("it was free");
    let output = project.compose(&["up", "--detach", "redis"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(&port.to_string()), "{said}");
}

fn it_is_served(project: &Project) {
    for (path, expected) in [("/", "<title>"), ("/readyz", "\"ready\""), ("/v1/city", "content-length")] {
        let answer = project.get(path);
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains(expected), "{path}: {answer}");
    }
}

fn nothing_is_root_or_writable(project: &Project) {
    for service in ["trips", "gateway", "loadgen"] {
        let id = project.must(&["ps", "--quiet", service]);
        let facts = docker(&[
            "inspect",
            "--format",
            "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Memory}}",
            &id,
        ]);
        let mut facts = facts.split(' ');
        assert_eq!((facts.next(), facts.next()), (Some("65532:65532"), Some("true")), "{service}");
        assert!(facts.next().is_some_and(|memory| memory != "0"), "{service} has no limit");
    }
}

/// Three members of a group, each under a name of its own.
fn a_group_grows(project: &Project) {
    project.must(&[
        "up",
        "--detach",
        "--wait",
        "--wait-timeout",
        "180",
        "--no-recreate",
        "--scale",
        "matching=3",
    ]);
    assert_eq!(project.must(&["ps", "--quiet", "matching"]).lines().count(), 3);
    project.rides_complete("a group has grown");
}

/// A service by SIGKILL; a server so too, and when it comes back somebody else has its address.
fn it_dies_and_comes_back(project: &Project, victim: &str) {
    let address = || address_of(&project.must(&["ps", "--quiet", victim]));
    let is_server = Server::ALL.iter().any(|server| server.name() == victim);
    let before = is_server.then(address);
    project.must(&["kill", victim]);
    let _squatter = before.as_ref().map(|before| Squatter::on(project, before));
    // Who loses the broker within a transaction may end and be started again, and for that an `up` does not wait.
    project.wait_until(&format!("all is well after the death of {victim}"), || {
        let again = ["up", "--detach", "--wait", "--wait-timeout", "60", "--scale", "matching=3"];
        project.compose(&again).status.success()
    });
    assert!(before.is_none_or(|before| before != address()), "{victim} has the same address");
    project.rides_complete(&format!("the death of {victim}"));
}

/// The city closes, the services read to the end, and every record is accounted for.
fn the_books_close(project: &Project) {
    project.must(&["stop", "loadgen"]);
    project.must(&["stop", "gateway"]);
    project.wait_until("the audit is clean", || {
        let audit = project.compose(&["run", "--rm", "audit", "--closed"]);
        println!("{}", String::from_utf8_lossy(&audit.stdout));
        audit.status.success()
    });
}

/// A volume with twelve partitions is not taken for one with six.
fn topics_that_are_not_as_asked_for_are_told(project: &Project) {
    let output = project.compose(&["run", "--rm", "--env", "HAILSTORM_PARTITIONS=6", "topics"]);
    let said =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(!output.status.success() && said.contains("fares: partitions is 12, should be 6"), "{said}");
}

fn nothing_stays(project: &Project) {
    project.must(&["down", "--volumes"]);
    assert_eq!(project.left(), "", "something stays");
}
