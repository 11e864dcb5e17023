//! One run of the demo on the shared servers, watched from outside.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use backends::process::{Child, Command, Output};
use events::Topic;
use kafka::{GroupWatch, Settings};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::records::read_all;
use crate::servers::Servers;

/// Nothing that is waited for takes longer, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A demo gives up by itself before: closing, waiting for the groups and counting are all bounded.
const CLOSING: Duration = Duration::from_secs(300);

/// Arguments of a city where nobody cancels, so that one ride that is asked for is driven and paid.
pub(crate) const PATIENT: [&str; 4] = ["--driver-cancels", "0", "--rider-cancels", "0,0,0,0,0"];

/// Waits for a condition, bounded.
pub(crate) fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited {} s in vain until {what}", PATIENCE.as_secs());
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

/// A demo under way.
pub(crate) struct City {
    pub(crate) namespace: String,
    /// Dies with us, and takes its processes along.
    child: Child,
    settings: Settings,
    dir: TempDir,
}

/// The command, with all it prints in one file.
pub(crate) fn command(name: &str, output: &Path) -> Command {
    Command::new(name, env!("CARGO_BIN_EXE_hailstorm"))
        .stdout(Output::Log(output.to_owned()))
        .stderr(Output::Log(output.to_owned()))
}

impl City {
    /// Opens a city: 200 drivers, 300 requests a minute, twenty times as fast as real time unless told otherwise.
    pub(crate) fn open(servers: &Servers, namespace: &str, arguments: &[&str]) -> Self {
        Self::open_with(servers, namespace, arguments, &[])
    }

    /// As `open`, with more in the environment.
    pub(crate) fn open_with(
        servers: &Servers,
        namespace: &str,
        arguments: &[&str],
        env: &[(&str, &str)],
    ) -> Self {
        let speed: &[&str] = if arguments.contains(&"--speed") { &[] } else { &["--speed", "20"] };
        let usual = ["--drivers", "200", "--requests-per-minute", "300"];
        let arguments: Vec<&str> = usual.iter().chain(speed).chain(arguments).copied().collect();
        Self::start(servers, "demo", namespace, &arguments, env)
    }

    /// A city as the load command opens it.
    pub(crate) fn load(servers: &Servers, namespace: &str, arguments: &[&str]) -> Self {
        Self::start(servers, "load", namespace, arguments, &[])
    }

    /// A city in which a recording is replayed.
    pub(crate) fn replay(servers: &Servers, namespace: &str, arguments: &[&str]) -> Self {
        Self::start(servers, "replay", namespace, arguments, &[])
    }

    fn start(
        servers: &Servers,
        name: &'static str,
        namespace: &str,
        arguments: &[&str],
        env: &[(&str, &str)],
    ) -> Self {
        let dir = TempDir::with_prefix("hailstorm-test-").expect("a folder");
        let command = command(name, &dir.path().join("output"))
            .args([name, "--backends", "external", "--namespace", namespace])
            .args(["--report".as_ref(), dir.path().join("report.json").as_os_str()])
            .args(["--data-dir".as_ref(), dir.path().as_os_str()])
            .args(arguments.iter().copied());
        let environment = servers.environment();
        let env =
            environment.iter().map(|(key, value)| (key.as_str(), value.as_str())).chain(env.iter().copied());
        let command = env.fold(command, |command, (key, value)| command.env(key, value));
        let settings = servers.kafka(namespace);
        Self {
            namespace: namespace.to_owned(),
            child: command.spawn().expect("the command starts"),
            settings,
            dir,
        }
    }

    /// What the demo has printed so far.
    pub(crate) fn output(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("output")).unwrap_or_default()
    }

    /// Where a gateway of this city listens, as the first lines of the demo tell; counted from 0.
    pub(crate) fn gateway(&self, place: usize) -> String {
        let mut found = None;
        wait_until("the demo tells where its gateways are", || {
            self.assert_alive();
            let output = self.output();
            let line = output.lines().find(|line| line.contains("the city: ")).unwrap_or_default();
            let addresses = line.split([' ', ',', ';']).filter(|word| word.starts_with("http://"));
            found = addresses.map(str::to_owned).nth(place);
            found.is_some()
        });
        found.expect("waited for it")
    }

    /// The number behind a word of the newest line of figures.
    pub(crate) fn figure(&self, word: &str) -> u64 {
        let output = self.output();
        let line =
            output.lines().rev().find(|line| line.contains(" requests ")).unwrap_or_default().to_owned();
        let mut words = line.split_whitespace().skip_while(|found| *found != word);
        words.nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
    }

    /// Waits until so many rides have been completed.
    pub(crate) fn wait_for_completed(&self, rides: u64) {
        wait_until("rides are completed", || {
            self.assert_alive();
            self.figure("completed") >= rides
        });
    }

    /// Waits until so many reports are stored.
    pub(crate) fn wait_for_stored_reports(&self, reports: u64) {
        self.pid_of("loadgen-1");
        wait_until("reports are stored", || {
            self.assert_alive();
            self.consumed("archiver", &[&events::driver_locations::TOPIC]) >= reports
        });
    }

    fn assert_alive(&self) {
        assert!(self.child.exit().is_none(), "the demo has ended too early");
    }

    /// How many records a group has dealt with.
    pub(crate) fn consumed(&self, group: &str, topics: &[&'static Topic]) -> u64 {
        let topics: Vec<&str> = topics.iter().map(|topic| topic.name).collect();
        let progress = GroupWatch::new(&self.settings, group, &topics).and_then(|watch| watch.progress());
        let progress = progress.expect("the broker answers");
        progress.iter().flat_map(|slot| slot.consumed.values()).sum()
    }

    /// Waits until a group deals with records that it has not dealt with by now.
    pub(crate) fn wait_until_group_goes_on(&self, group: &str, topics: &[&'static Topic]) {
        let before = self.consumed(group, topics);
        wait_until(&format!("{group} goes on"), || {
            self.assert_alive();
            self.consumed(group, topics) > before
        });
    }

    /// The process of a member; waits until it has one.
    pub(crate) fn pid_of(&self, member: &str) -> Pid {
        let mut found = None;
        wait_until(&format!("{member} runs"), || {
            found = find_process(&[("HAILSTORM_NAMESPACE", &self.namespace), ("HAILSTORM_MEMBER", member)]);
            found.is_some()
        });
        found.expect("waited for it")
    }

    /// Sends a signal to a member.
    pub(crate) fn signal(&self, member: &str, signal: Signal) {
        kill_process(self.pid_of(member), signal).expect("the process is ours");
    }

    /// Kills a member and waits until another process has taken its name.
    pub(crate) fn kill_and_wait(&self, member: &str) {
        let pid = self.pid_of(member);
        kill_process(pid, Signal::KILL).expect("the process is ours");
        wait_until(&format!("{member} is started again"), || {
            let keys = [("HAILSTORM_NAMESPACE", self.namespace.as_str()), ("HAILSTORM_MEMBER", member)];
            find_process(&keys).is_some_and(|other| other != pid)
        });
    }

    /// A variable of a member's environment.
    pub(crate) fn variable_of(&self, member: &str, name: &str) -> String {
        let pid = self.pid_of(member).as_raw_nonzero();
        let environ = std::fs::read(format!("/proc/{pid}/environ")).expect("the process runs");
        let text = String::from_utf8_lossy(&environ).into_owned();
        let found = text.split('\0').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        found.expect("the variable is set").to_owned()
    }

    /// Closes the city as Ctrl-C does, now that the mischief is done, and goes on as `finish_well`.
    pub(crate) fn close_well(self) -> Value {
        self.assert_alive();
        interrupt(&self.child);
        self.finish_well()
    }

    /// As `close_well`, of a city too short-lived for a ride.
    pub(crate) fn close_without_rides(self) -> Value {
        self.assert_alive();
        interrupt(&self.child);
        self.finish()
    }

    /// Waits for the end of a city in which nothing may have gone wrong; gives the report.
    pub(crate) fn finish_well(self) -> Value {
        let report = self.finish();
        assert!(number(&report, "completed") > 0, "no ride was completed: {report:#}");
        report
    }

    /// As `finish_well`, of a city too short-lived for a ride.
    pub(crate) fn finish_without_rides(self) -> Value {
        self.finish()
    }

    fn finish(self) -> Value {
        let code = self.wait_for_the_end();
        let text = std::fs::read_to_string(self.report_path());
        let report: Option<Value> = text.ok().and_then(|text| serde_json::from_str(&text).ok());
        let Some(report) = report else { panic!("the demo wrote no report; exit code {code:?}") };
        assert_eq!(report["open"], 0, "{}", self.open_trips());
        assert_eq!(code, Some(0));
        assert_eq!(report["audit"]["clean"], true);
        assert!(!self.story().contains("SIGSEGV"));
        report
    }

    /// All that the topics say of some trips that were still open at the end.
    fn open_trips(&self) -> String {
        let trips = read_all(&self.settings, events::trips::TOPIC.name);
        let newest: BTreeMap<String, &Value> =
            trips.iter().map(|trip| (trip["id"].to_string(), trip)).collect();
        let ended = ["completed", "cancelled", "unfulfilled"];
        let is_open = |trip: &&&Value| !ended.iter().any(|end| trip["status"]["state"] == *end);
        let mut told = String::new();
        for trip in newest.values().filter(is_open) {
            told += &format!("\n--- open: {trip}\n");
            let topics = events::ALL.iter().filter(|topic| topic.name != events::trips::TOPIC.name);
            for topic in topics {
                let records = read_all(&self.settings, topic.name);
                let of_it = records.iter().filter(|record| record["trip"] == trip["id"]);
                of_it.for_each(|record| told += &format!("{}: {record}\n", topic.name));
            }
        }
        told
    }

    fn wait_for_the_end(&self) -> Option<i32> {
        let deadline = Instant::now() + CLOSING;
        while self.child.exit().is_none() {
            assert!(Instant::now() < deadline, "waited {} s in vain for the end", CLOSING.as_secs());
            std::thread::park_timeout(Duration::from_millis(50));
        }
        self.child.exit().and_then(|status| status.code())
    }

    fn report_path(&self) -> PathBuf {
        self.dir.path().join("report.json")
    }

    /// Everything that helps to see what went wrong.
    fn story(&self) -> String {
        let mut story = self.output();
        let logs = std::fs::read_dir(self.dir.path().join("logs")).into_iter().flatten().flatten();
        for log in logs {
            let text = std::fs::read_to_string(log.path()).unwrap_or_default();
            let lines: Vec<&str> = text.lines().rev().take(12).collect();
            story += &format!("\n--- {}\n", log.file_name().to_string_lossy());
            lines.into_iter().rev().for_each(|line| story += &format!("{line}\n"));
        }
        story
    }
}

/// Whatever a test misses: what the city has told until then says why.
impl Drop for City {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the city {}\n{}", self.namespace, self.story());
        }
    }
}

/// Sends SIGINT to the demo alone, as a terminal does.
pub(crate) fn interrupt(demo: &Child) {
    let pid = Pid::from_raw(i32::try_from(demo.pid()).expect("a process id")).expect("not 0");
    kill_process(pid, Signal::INT).expect("the process is ours");
}

/// Waits for the end of a demo; gives its exit code, if it was not killed.
pub(crate) fn end(demo: &Child) -> Option<i32> {
    wait_until("the demo ends", || demo.exit().is_some());
    demo.exit().and_then(|status| status.code())
}

/// A whole number of a report.
pub(crate) fn number(report: &Value, field: &str) -> u64 {
    report[field].as_u64().unwrap_or_else(|| panic!("{field} of {report:#}"))
}

/// A process of the command with these variables in its environment.
pub(crate) fn find_process(variables: &[(&str, &str)]) -> Option<Pid> {
    let wanted: Vec<String> = variables.iter().map(|(key, value)| format!("{key}={value}")).collect();
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw)
        else {
            continue;
        };
        let Ok(environ) = std::fs::read(entry.path().join("environ")) else { continue };
        let environ = String::from_utf8_lossy(&environ);
        if wanted.iter().all(|pair| environ.split('\0').any(|found| found == pair)) {
            return Some(pid);
        }
    }
    None
}
