//! A demo on servers of its own.

use std::fs::DirEntry;
use std::path::Path;

use backends::process::{Child, Command};
use rustix::process::Pid;
use tempfile::TempDir;

use crate::city::{command, find_process, wait_until};

/// A demo on servers of its own, with a temporary folder of its own. Dropped, it dies and takes them along.
pub(crate) struct Own {
    pub(crate) child: Child,
    tmp: TempDir,
    namespace: String,
}

impl Own {
    /// A demo with servers of its own, with rides under way.
    pub(crate) fn start(namespace: &str) -> Self {
        Self::start_by(namespace, |output| command("demo", output), &[])
    }

    /// As `start`, by a command that ends with the program and writes its output there, with more arguments.
    pub(crate) fn start_by(
        namespace: &str,
        command: impl FnOnce(&Path) -> Command,
        arguments: &[&str],
    ) -> Self {
        let tmp = TempDir::with_prefix("hailstorm-test-").expect("a folder");
        std::fs::create_dir(tmp.path().join("tmp")).expect("a folder");
        let child = command(&tmp.path().join("output"))
            .args(["demo", "--backends", "native", "--namespace", namespace])
            .args(["--drivers", "50", "--requests-per-minute", "120", "--speed", "20"])
            .args(arguments)
            .env("TMPDIR", tmp.path().join("tmp"))
            .spawn()
            .expect("the command starts");
        let own = Self { child, tmp, namespace: namespace.to_owned() };
        wait_until("rides are under way", || {
            assert!(own.child.exit().is_none(), "the demo has ended too early:\n{}", own.output());
            own.has_open_trips() && own.has_processes()
        });
        own
    }

    fn has_open_trips(&self) -> bool {
        let output = self.output();
        let words: Vec<&str> = output.lines().last().unwrap_or_default().split_whitespace().collect();
        words.windows(2).any(|pair| pair[0] == "open" && pair[1] != "0")
    }

    /// What it has printed.
    pub(crate) fn output(&self) -> String {
        std::fs::read_to_string(self.tmp.path().join("output")).unwrap_or_default()
    }

    /// Whether a service or a server of this run is alive; servers carry our TMPDIR, services the namespace as well.
    pub(crate) fn has_processes(&self) -> bool {
        find_process(&[("HAILSTORM_NAMESPACE", &self.namespace)]).is_some()
    }

    /// Whether a server of this run is alive.
    pub(crate) fn has_servers(&self) -> bool {
        let tmp = self.tmp.path().join("tmp").display().to_string();
        find_process(&[("TMPDIR", &tmp)]).is_some()
    }

    /// What lies in its temporary folder.
    pub(crate) fn files_left(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.tmp.path().join("tmp")).expect("the folder is ours");
        files.flatten().map(|file| file.file_name().to_string_lossy().into_owned()).collect()
    }

    /// The process of a server of its own: each works in a folder of its name.
    pub(crate) fn server(&self, name: &str) -> Pid {
        let tmp = self.tmp.path().join("tmp");
        let of_server = |process: &DirEntry| {
            let folder = std::fs::read_link(process.path().join("cwd")).ok()?;
            let pid = Pid::from_raw(process.file_name().to_str()?.parse().ok()?)?;
            (folder.starts_with(&tmp) && folder.ends_with(name)).then_some(pid)
        };
        let processes = std::fs::read_dir("/proc").expect("this is Linux").flatten();
        processes.filter_map(|process| of_server(&process)).next().expect("it runs")
    }
}
