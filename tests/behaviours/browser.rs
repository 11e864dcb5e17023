//! A visit to the pages: a script of `tests/browser` that drives a browser against a running gateway.

use std::path::{Path, PathBuf};
use std::time::Duration;

use backends::process::{Child, Command, Output};
use tempfile::TempDir;

use crate::city::{City, find_process, wait_until};
use crate::tools;

/// A script gives up by itself before.
const PATIENCE_S: u64 = 300;

/// A script under way. Dropped, it dies, and the browser with it.
pub(crate) struct Visit {
    script: &'static str,
    child: Child,
    dir: TempDir,
}

impl Visit {
    /// Starts a script against the gateway at `url`.
    pub(crate) fn start(script: &'static str, url: &str, arguments: &[&str]) -> Self {
        let tools = tools::browser();
        let dir = TempDir::with_prefix("hailstorm-visit-").expect("a folder");
        let tmp = dir.path().join("tmp");
        std::fs::create_dir(&tmp).expect("a folder");
        let output = dir.path().join("output");
        let child = Command::new(script, tools.node)
            .arg(folder().join(script))
            .args(["--url", url, "--patience", &PATIENCE_S.to_string()])
            .args(["--chromium".as_ref(), tools.chromium.as_os_str()])
            .args(["--out".as_ref(), pictures().as_os_str()])
            .args(arguments.iter().copied())
            .env("NODE_PATH", tools.modules)
            .env("TMPDIR", tmp)
            .stdout(Output::Log(output.clone()))
            .stderr(Output::Log(output))
            .spawn()
            .expect("the script starts");
        Self { script, child, dir }
    }

    /// Waits until the script has said something.
    pub(crate) fn wait_until_it_says(&self, words: &str) {
        wait_until(&format!("{} says {words:?}", self.script), || {
            let output = self.output();
            assert!(
                self.child.exit().is_none() || output.contains(words),
                "{} has ended:\n{output}",
                self.script
            );
            output.contains(words)
        });
    }

    /// Waits for the end of the script, which has to be a good one. Nothing of the browser may be left then.
    pub(crate) fn finish(self, city: &City) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let limit = Duration::from_secs(PATIENCE_S + 30);
        let ended = runtime.block_on(async { tokio::time::timeout(limit, self.child.wait()).await });
        let story = || format!("{}\n--- the city\n{}", self.output(), city.output());
        let Ok(status) = ended else { panic!("{} did not end in {limit:?}:\n{}", self.script, story()) };
        assert!(status.success(), "{}: {status}\n{}", self.script, story());
        let tmp = self.dir.path().join("tmp").display().to_string();
        wait_until("the browser is gone", || find_process(&[("TMPDIR", &tmp)]).is_none());
    }

    fn output(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("output")).unwrap_or_default()
    }
}

/// Where the scripts lie.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("tests/browser")
}

/// Where pictures of the pages are kept.
fn pictures() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target folder");
    let pictures = target.join("pictures");
    std::fs::create_dir_all(&pictures).expect("a folder");
    pictures
}
