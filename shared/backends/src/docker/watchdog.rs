//! Removes the containers of a run whatever becomes of us: a shell that waits for the end of a pipe that we hold.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use super::engine::docker;

/// The label by which the containers of a run are found; its value is the run.
pub const LABEL: &str = "hailstorm.run";

/// Ends at once when told that all is removed. Otherwise, when the pipe closes, removes what carries the label,
/// thrice, as the engine may still be making a container that was asked for just before.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
if read -r told; then exit 0; fi
for round in 1 2 3; do
    ids=$(docker ps --all --quiet --filter "label=$0")
    if [ -n "$ids" ]; then docker rm --force --volumes $ids; fi
    sleep 1
done
"#;

/// The watching shell; dropping it makes it remove the containers.
#[derive(Debug)]
pub struct Watchdog {
    run: String,
    shell: Child,
}

impl Watchdog {
    /// Starts to watch over a new run.
    ///
    /// # Errors
    ///
    /// If there is no shell, or no temporary folder to name the run after.
    pub fn start() -> Result<Self> {
        // A temporary name is as good as any to tell runs apart.
        let name = tempfile::Builder::new().prefix("").tempdir().context("could not name the run")?;
        let run =
            name.path().file_name().expect("a folder just made has a name").to_string_lossy().to_lowercase();
        let shell = Command::new("sh")
            .args(["-c", SCRIPT])
            .arg(format!("{LABEL}={run}"))
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("could not start the watchdog of the containers")?;
        Ok(Self { run, shell })
    }

    /// The label's value.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Removes all containers of the run and dismisses the shell.
    ///
    /// # Errors
    ///
    /// If the engine does not answer or refuses; the shell tries again then.
    pub async fn remove_containers(mut self) -> Result<()> {
        let filter = format!("label={LABEL}={}", self.run);
        let ids = docker(["ps", "--all", "--quiet", "--filter", &filter]).await?;
        if !ids.is_empty() {
            docker(["rm", "--force", "--volumes"].into_iter().chain(ids.lines())).await?;
        }
        if let Some(mut pipe) = self.shell.stdin.take() {
            // If the shell is gone already there is nobody to be told.
            let _ = pipe.write_all(b"removed\n");
        }
        self.shell.wait().context("could not dismiss the watchdog of the containers")?;
        Ok(())
    }
}
