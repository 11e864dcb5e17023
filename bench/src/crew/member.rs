//! One process of a crew, or beside it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use backends::process::{Child, Command, Output, last_lines};
use runtime::StatsLine;

use crate::lab::Lab;

/// Time for a process to leave its group.
const GRACE: Duration = Duration::from_secs(10);

/// A process with its log and its figures.
pub(crate) struct Member {
    child: Child,
    log: PathBuf,
    figures: PathBuf,
}

impl Member {
    /// Starts the process that has this number in its crew.
    pub(crate) fn start(lab: &Lab, group: &str, number: usize, command: Command) -> anyhow::Result<Self> {
        let file = |ending| lab.folder().join(format!("{group}-{number}.{ending}"));
        let (log, figures) = (file("log"), file("figures"));
        // Of a turn before: what a member says is looked for.
        [&log, &figures].map(std::fs::remove_file).into_iter().for_each(drop);
        let command = command.stderr(Output::Log(log.clone())).stdout(Output::Log(figures.clone()));
        Ok(Self { child: command.spawn()?, log, figures })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.pid()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.child.exit().is_some()
    }

    pub(super) async fn dismiss(self) {
        self.child.terminate(GRACE).await;
    }

    /// Ends it without letting it close its books.
    pub(crate) async fn kill(self) {
        self.child.kill();
        self.child.wait().await;
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> anyhow::Result<String> {
        std::fs::read_to_string(&self.log).with_context(|| format!("failed to read {}", self.log.display()))
    }

    /// The newest figures of a service that was asked for them (`--stats`); none if it has told none yet.
    pub(crate) fn figures(&self) -> Option<StatsLine> {
        let line = last_lines(&self.figures, 1).pop()?;
        // A line that is just being written is read with the next look.
        serde_json::from_str(&line).ok()
    }

    /// What went wrong, with the end of its log.
    pub(crate) fn story(&self, why: &str) -> String {
        format!(
            "{}: {why}; the end of its log:\n  {}",
            self.child.name(),
            last_lines(&self.log, 10).join("\n  ")
        )
    }
}
