//! A running child process: watched, signalled, and never left behind.

use std::io;
use std::process::{self, ChildStderr, ChildStdout, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::sync::watch;

/// How long dropping a [`Child`] waits for a killed process to be gone; the kernel needs milliseconds.
const DROP_WAIT: Duration = Duration::from_secs(3);

/// A running (or ended) child process. Dropping it kills it.
#[derive(Debug)]
pub struct Child {
    name: String,
    pid: Pid,
    /// Held while signalling and while reaping, so that a signal can never hit a later process with the same id.
    reaped: Arc<Mutex<bool>>,
    exit: watch::Receiver<Option<ExitStatus>>,
    /// Closed by the watching thread when the child is gone: lets `drop` wait without a runtime.
    gone: Mutex<std::sync::mpsc::Receiver<()>>,
    stdout: Mutex<Option<ChildStdout>>,
    stderr: Mutex<Option<ChildStderr>>,
}

impl Child {
    /// Takes charge of a child just forked and starts the thread that waits for its end.
    pub(super) fn watch(name: &str, mut child: process::Child) -> io::Result<Self> {
        let pid = Pid::from_child(&child);
        let reaped = Arc::new(Mutex::new(false));
        let (exit_sender, exit) = watch::channel(None);
        let (gone_sender, gone) = std::sync::mpsc::channel();
        let stdout = Mutex::new(child.stdout.take());
        let stderr = Mutex::new(child.stderr.take());
        let watched = Arc::clone(&reaped);
        std::thread::Builder::new().name(format!("wait-{name}")).stack_size(128 * 1024).spawn(move || {
            let status = reap(pid, &mut child, &watched);
            exit_sender.send_replace(Some(status));
            drop(gone_sender);
        })?;
        let name = name.to_owned();
        let gone = Mutex::new(gone);
        Ok(Self { name, pid, reaped, exit, gone, stdout, stderr })
    }

    /// The name it was started under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its process id, which is also its process group's.
    pub fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// How it ended, if it has.
    pub fn exit(&self) -> Option<ExitStatus> {
        *self.exit.borrow()
    }

    /// Waits until it has ended.
    pub async fn wait(&self) -> ExitStatus {
        let mut exit = self.exit.clone();
        let status = exit.wait_for(Option::is_some).await.expect("the watching thread sends before it ends");
        status.expect("waited for it to be there")
    }

    /// Hands out standard output, once, if it was piped. Needs a tokio runtime.
    pub fn take_stdout(&self) -> io::Result<tokio::process::ChildStdout> {
        let taken = self.stdout.lock().unwrap_or_else(PoisonError::into_inner).take();
        tokio::process::ChildStdout::from_std(taken.ok_or_else(not_piped)?)
    }

    /// Hands out standard error, once, if it was piped. Needs a tokio runtime.
    pub fn take_stderr(&self) -> io::Result<tokio::process::ChildStderr> {
        let taken = self.stderr.lock().unwrap_or_else(PoisonError::into_inner).take();
        tokio::process::ChildStderr::from_std(taken.ok_or_else(not_piped)?)
    }

    /// Ends it: SIGTERM, and SIGKILL if it is still there after `grace`. A suspended child is resumed so that it can obey.
    pub async fn terminate(&self, grace: Duration) -> ExitStatus {
        self.signal(Signal::TERM);
        self.signal(Signal::CONT);
        match tokio::time::timeout(grace, self.wait()).await {
            Ok(status) => status,
            Err(_) => {
                tracing::warn!(child = %self.name, grace_s = grace.as_secs_f64(), "child did not stop in time, killing it");
                self.kill();
                self.wait().await
            }
        }
    }

    /// Kills it with SIGKILL and returns at once; [`Child::wait`] tells when it is gone.
    pub fn kill(&self) {
        self.signal(Signal::KILL);
    }

    /// Freezes it with SIGSTOP.
    pub fn suspend(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on with SIGCONT.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// Signals its process group unless it has been reaped.
    fn signal(&self, signal: Signal) {
        let reaped = self.reaped.lock().unwrap_or_else(PoisonError::into_inner);
        if *reaped {
            return;
        }
        if let Err(error) = kill_process_group(self.pid, signal) {
            tracing::debug!(child = %self.name, ?signal, %error, "could not signal child");
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.exit().is_some() {
            return;
        }
        self.kill();
        // Ends with an error either way: disconnected once the child is gone, or timed out.
        let _ = self.gone.get_mut().unwrap_or_else(PoisonError::into_inner).recv_timeout(DROP_WAIT);
    }
}

/// Waits for the end without reaping, then reaps under the lock that signalling takes.
fn reap(pid: Pid, child: &mut process::Child, reaped: &Mutex<bool>) -> ExitStatus {
    let unreaped_end = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), unreaped_end) {}
    let mut reaped = reaped.lock().unwrap_or_else(PoisonError::into_inner);
    *reaped = true;
    child.wait().expect("a child that has ended and that nobody else waits for can be reaped")
}

fn not_piped() -> io::Error {
    io::Error::other("output was not piped, or was taken before")
}
