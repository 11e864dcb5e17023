//! What to start: a program, its arguments, its environment and where its output goes.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::{Child, find_program, spawner};

/// Where a child's standard output or standard error goes.
#[derive(Clone, Debug, Default)]
pub enum Output {
    /// Thrown away.
    #[default]
    Null,
    /// Appended to this file, which is created if it is missing.
    Log(PathBuf),
    /// To us, through [`Child::take_stdout`] or [`Child::take_stderr`]; read it, or the child blocks when the pipe is full.
    Piped,
}

/// A child process to be started.
#[derive(Clone, Debug)]
pub struct Command {
    name: String,
    program: PathBuf,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    without_env: Vec<OsString>,
    current_dir: Option<PathBuf>,
    stdout: Output,
    stderr: Output,
}

impl Command {
    /// Starts the description of a child: `name` for logs and errors, `program` as a path or as a name sought on PATH.
    pub fn new(name: impl Into<String>, program: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            program: program.into(),
            args: Vec::new(),
            env: Vec::new(),
            without_env: Vec::new(),
            current_dir: None,
            stdout: Output::Null,
            stderr: Output::Null,
        }
    }

    /// The name it will be started under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Appends one argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Appends arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Adds one environment variable to those inherited from us.
    #[must_use]
    pub fn env(mut self, key: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((key.into(), value.into()));
        self
    }

    /// Leaves out one environment variable of those inherited from us; [`Command::env`] may set it anew.
    #[must_use]
    pub fn without_env(mut self, key: impl Into<OsString>) -> Self {
        self.without_env.push(key.into());
        self
    }

    /// Starts the child in this directory.
    #[must_use]
    pub fn current_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.current_dir = Some(dir.into());
        self
    }

    /// Says where standard output goes.
    #[must_use]
    pub fn stdout(mut self, output: Output) -> Self {
        self.stdout = output;
        self
    }

    /// Says where standard error goes.
    #[must_use]
    pub fn stderr(mut self, output: Output) -> Self {
        self.stderr = output;
        self
    }

    /// Starts the child; fails with `NotFound` if there is no such program.
    pub fn spawn(&self) -> io::Result<Child> {
        let child = spawner::spawn(self.prepare()?)
            .map_err(|e| io::Error::new(e.kind(), format!("could not start {}: {e}", self.name)))?;
        Child::watch(&self.name, child)
    }

    /// Builds the system's form: behind `setpriv`, if there is one, so that the child dies with us.
    fn prepare(&self) -> io::Result<std::process::Command> {
        let program = self.resolve()?;
        let mut command = match find_program("setpriv") {
            Some(setpriv) => {
                let mut command = std::process::Command::new(setpriv);
                command.args(["--pdeathsig", "KILL", "--"]).arg(program);
                command
            }
            None => std::process::Command::new(program),
        };
        self.without_env.iter().for_each(|key| {
            command.env_remove(key);
        });
        command
            .args(&self.args)
            .envs(self.env.iter().map(|(key, value)| (key, value)))
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(stdio(&self.stdout)?)
            .stderr(stdio(&self.stderr)?);
        if let Some(dir) = &self.current_dir {
            command.current_dir(dir);
        }
        Ok(command)
    }

    fn resolve(&self) -> io::Result<PathBuf> {
        let found = if self.program.components().count() > 1 {
            self.program.is_file().then(|| self.program.clone())
        } else {
            find_program(&self.program.to_string_lossy())
        };
        found.ok_or_else(|| {
            let program = self.program.display();
            io::Error::new(
                io::ErrorKind::NotFound,
                format!("could not start {}: no program {program}", self.name),
            )
        })
    }
}

fn stdio(output: &Output) -> io::Result<Stdio> {
    Ok(match output {
        Output::Null => Stdio::null(),
        Output::Log(path) => Stdio::from(open_log(path)?),
        Output::Piped => Stdio::piped(),
    })
}

fn open_log(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .map_err(|e| io::Error::new(e.kind(), format!("could not open log {}: {e}", path.display())))
}
