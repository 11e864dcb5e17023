//! A project of Docker Compose on ports of its own, as a test uses it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use backends::{Recipe, Server};

use crate::file::root;

/// How long anything here may take: also on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(180);

/// Pause between two looks at something that is waited for.
const LOOK: Duration = Duration::from_millis(500);

/// A few addresses below the wanted one may be free, of what was killed before.
const MOST_SQUATTERS: usize = 16;

/// Two cities at once would be more than a small machine can do.
static TURN: Mutex<()> = Mutex::new(());

/// A project of its own, on ports of its own. Dropped, it is taken down with its volumes.
pub(crate) struct Project {
    name: String,
    options: &'static [&'static str],
    prefix: u16,
    clock: String,
    _turn: MutexGuard<'static, ()>,
}

impl Project {
    /// With options of `docker compose`; waits until no other is there.
    pub(crate) fn new(options: &'static [&'static str]) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let process = std::process::id();
        #[expect(clippy::disallowed_methods, reason = "the moment at which this city begins")]
        let now_ms = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock").as_millis();
        let prefix = (200..600).find(|prefix| is_free(*prefix)).expect("free ports");
        let (name, clock) = (format!("hailstorm-test-{process}"), format!("{now_ms},{now_ms},20"));
        Self { name, options, prefix, clock, _turn: turn }
    }

    /// `docker compose` of this project.
    pub(crate) fn compose(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("docker");
        command.args(["compose", "--project-name", &self.name]).args(self.options).args(arguments);
        command.current_dir(root()).env("HAILSTORM_PORT_PREFIX", self.prefix.to_string());
        // Twenty times as fast, so that rides end while one watches.
        command.env("HAILSTORM_CITY_CLOCK", &self.clock).env("HAILSTORM_DRIVERS", "200");
        command.output().expect("docker can be run")
    }

    /// The same, which has to succeed; what it wrote to standard output.
    pub(crate) fn must(&self, arguments: &[&str]) -> String {
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

    pub(crate) fn wait_until(&self, what: &str, is_so: impl Fn() -> bool) {
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

    pub(crate) fn rides_complete(&self, after: &str) {
        let before = self.fares();
        self.wait_until(&format!("rides complete after {after}"), || self.fares() > before + 2);
    }

    /// What the gateway answers: the status line, headers and body.
    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream =
            TcpStream::connect(("127.0.0.1", self.port("80"))).expect("the gateway's port is open");
        write!(stream, "GET {path} HTTP/1.1\r\nhost: city\r\nconnection: close\r\n\r\n").expect("it is read");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub(crate) fn port(&self, digits: &str) -> u16 {
        format!("{}{digits}", self.prefix).parse().expect("a port")
    }

    /// Containers, volumes and networks that bear the project's label.
    pub(crate) fn left(&self) -> String {
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

/// Sits on an address of the project's network. Dropped, it is gone.
pub(crate) struct Squatter(Vec<String>);

impl Squatter {
    /// An address can't be asked for on a network like this one, and the lowest that is free is given out: so some come
    /// until one has it.
    pub(crate) fn on(project: &Project, address: &str) -> Self {
        let mut all = Self(Vec::new());
        while all.0.last().is_none_or(|id| address_of(id) != address) {
            assert!(all.0.len() < MOST_SQUATTERS, "nobody gets {address}");
            all.0.push(Self::one_more(project));
        }
        all
    }

    fn one_more(project: &Project) -> String {
        let (network, image) = (format!("{}_default", project.name), Recipe::of(Server::Redis).image);
        let (run, sleep) =
            (["run", "--detach", "--rm", "--network"], ["--entrypoint", "sleep", image, "600"]);
        let id = docker(&[&run[..], &[&network], &sleep].concat());
        assert!(!id.is_empty(), "nothing runs on {network}");
        id
    }
}

impl Drop for Squatter {
    fn drop(&mut self) {
        let remove = ["rm", "--force", "--volumes"].into_iter().chain(self.0.iter().map(String::as_str));
        docker(&remove.collect::<Vec<_>>());
    }
}

/// Where a container is on its network.
pub(crate) fn address_of(id: &str) -> String {
    docker(&["inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", id])
}

/// Whether nobody listens on the ports of a prefix.
fn is_free(prefix: u16) -> bool {
    ["80", "92", "93", "94", "79", "17"].iter().all(|digits| {
        let port = format!("{prefix}{digits}").parse().expect("a port");
        TcpListener::bind(("127.0.0.1", port)).is_ok()
    })
}

/// What `docker` says.
pub(crate) fn docker(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().expect("docker can be run");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
