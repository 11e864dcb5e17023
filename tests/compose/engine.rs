//! The city on a Docker engine: it comes up, it works, what is killed comes back, nothing is lost and nothing stays.
//!
//! Builds the image, so it runs only if HAILSTORM_TEST_COMPOSE is set.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::time::{Duration, Instant, SystemTime};

use crate::file::root;

/// How long anything here may take: also on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(180);

/// Pause between two looks at something that is waited for.
const LOOK: Duration = Duration::from_millis(500);

/// Layers of ours in the image, beside those of its base, in bytes. With the 24 MB of the base it is below 60 MB.
const MOST_BYTES: u64 = 36_000_000;

/// What is killed, one after the other: each kind of service and each server.
const VICTIMS: [&str; 7] = ["matching", "trips", "live-location", "gateway", "redis", "mongodb", "kafka"];

/// A project of its own, on ports of its own. Dropped, it is taken down with its volumes.
struct Project {
    name: String,
    prefix: u16,
    clock: String,
}

impl Project {
    fn new() -> Self {
        let process = std::process::id();
        #[expect(clippy::disallowed_methods, reason = "the moment at which this city begins")]
        let now_ms = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock").as_millis();
        let prefix = (200..600).find(|prefix| is_free(*prefix)).expect("free ports");
        Self { name: format!("hailstorm-test-{process}"), prefix, clock: format!("{now_ms},{now_ms},20") }
    }

    /// `docker compose` of this project.
    fn compose(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("docker");
        command.args(["compose", "--project-name", &self.name]).args(arguments);
        command.current_dir(root()).env("HAILSTORM_PORT_PREFIX", self.prefix.to_string());
        // Twenty times as fast, so that rides end while one watches.
        command.env("HAILSTORM_CITY_CLOCK", &self.clock).env("HAILSTORM_DRIVERS", "200");
        command.output().expect("docker can be run")
    }

    /// The same, which has to succeed; what it wrote to standard output.
    fn must(&self, arguments: &[&str]) -> String {
        let output = self.compose(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "docker compose {}:\n{said}{}", arguments.join(" "), self.story());
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// What is up, and what was said last.
    fn story(&self) -> String {
        let [up, said] =
            [&["ps", "--all"][..], &["logs", "--tail", "5"]].map(|arguments| self.compose(arguments));
        [up.stdout, said.stdout].map(|text| String::from_utf8_lossy(&text).into_owned()).join("\n")
    }

    fn wait_until(&self, what: &str, is_so: impl Fn() -> bool) {
        let began = Instant::now();
        while !is_so() {
            assert!(began.elapsed() < PATIENCE, "still not so: {what}\n{}", self.story());
            std::thread::park_timeout(LOOK);
        }
    }

    /// Fares in MongoDB.
    fn fares(&self) -> u64 {
        let count = "db.getSiblingDB('hailstorm').fares.estimatedDocumentCount()";
        let output = self.compose(&["exec", "-T", "mongodb", "mongosh", "--quiet", "--eval", count]);
        String::from_utf8_lossy(&output.stdout).trim().parse().unwrap_or(0)
    }

    fn rides_complete(&self, after: &str) {
        let before = self.fares();
        self.wait_until(&format!("rides complete after {after}"), || self.fares() > before + 2);
    }

    /// What the gateway answers: the status line, headers and body.
    fn get(&self, path: &str) -> String {
        let mut stream =
            TcpStream::connect(("127.0.0.1", self.port("80"))).expect("the gateway's port is open");
        write!(stream, "GET {path} HTTP/1.1\r\nhost: city\r\nconnection: close\r\n\r\n").expect("it is read");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn port(&self, digits: &str) -> u16 {
        format!("{}{digits}", self.prefix).parse().expect("a port")
    }

    /// Containers, volumes and networks that bear the project's label.
    fn left(&self) -> String {
        let label = format!("label=com.docker.compose.project={}", self.name);
        let kinds = [&["ps", "--all"][..], &["volume", "ls"], &["network", "ls"]];
        kinds.map(|kind| docker(&[kind, &["--quiet", "--filter", &label]].concat())).join("")
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        self.compose(&["down", "--volumes", "--timeout", "1"]);
    }
}

/// Whether nobody listens on the ports of a prefix.
fn is_free(prefix: u16) -> bool {
    ["80", "92", "79", "17"].iter().all(|digits| {
        let port = format!("{prefix}{digits}").parse().expect("a port");
        TcpListener::bind(("127.0.0.1", port)).is_ok()
    })
}

fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().expect("docker can be run");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn the_city_comes_up_works_survives_and_leaves_nothing_behind() {
    if std::env::var_os("HAILSTORM_TEST_COMPOSE").is_none() {
        return println!("not asked for: set HAILSTORM_TEST_COMPOSE=1");
    }
    assert!(!docker(&["version", "--format", "{{.Server.Version}}"]).is_empty(), "no engine answers");
    let project = Project::new();
    project.must(&["build"]);
    the_image_is_small_and_bare();
    project.must(&["up", "--detach", "--wait", "--wait-timeout", "300"]);
    it_is_served(&project);
    nothing_is_root_or_writable(&project);
    project.rides_complete("the start");
    a_group_grows(&project);
    for victim in VICTIMS {
        project.must(&["kill", victim]);
        // Who loses the broker within a transaction may end and be started again, and for that an `up` does not wait.
        project.wait_until(&format!("all is well after the death of {victim}"), || {
            let again = ["up", "--detach", "--wait", "--wait-timeout", "60", "--scale", "matching=3"];
            project.compose(&again).status.success()
        });
        project.rides_complete(&format!("the death of {victim}"));
    }
    the_books_close(&project);
    project.must(&["down", "--volumes"]);
    assert_eq!(project.left(), "", "something stays");
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

/// The city closes, the services read to the end, and every record is accounted for.
fn the_books_close(project: &Project) {
    project.must(&["stop", "loadgen"]);
    project.must(&["stop", "gateway"]);
    project.wait_until("the audit is clean", || {
        project.compose(&["run", "--rm", "audit", "--closed"]).status.success()
    });
}
