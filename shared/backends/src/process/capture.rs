//! Running a short-lived tool to its end and collecting what it says.

use std::io;
use std::process::ExitStatus;

use tokio::io::AsyncReadExt;

use super::{Command, Output};

/// How a tool ended and what it said.
#[derive(Clone, Debug)]
pub struct Captured {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Captured {
    /// The last `count` lines of both outputs, standard error last.
    pub fn last_lines(&self, count: usize) -> String {
        let lines: Vec<&str> = self.stdout.lines().chain(self.stderr.lines()).collect();
        lines[lines.len().saturating_sub(count)..].join("\n")
    }
}

/// Runs a tool to its end. Dropping the future kills it.
pub async fn capture(command: &Command) -> io::Result<Captured> {
    let child = command.clone().stdout(Output::Piped).stderr(Output::Piped).spawn()?;
    let (mut stdout, mut stderr) = (child.take_stdout()?, child.take_stderr()?);
    let (mut said, mut complained) = (Vec::new(), Vec::new());
    tokio::try_join!(stdout.read_to_end(&mut said), stderr.read_to_end(&mut complained))?;
    Ok(Captured {
        status: child.wait().await,
        stdout: String::from_utf8_lossy(&said).into_owned(),
        stderr: String::from_utf8_lossy(&complained).into_owned(),
    })
}
