//! Child processes that never outlive us: spawned with a parent-death signal, in their own process group, stopped in order.
//!
//! The whole interface, for the demo's supervisor and for the native servers alike:
//!
//! ```text
//! Command::new(name, program)            name: for logs and errors; program: a path, or a name sought on PATH
//!     .args(["--port", "1"])             appended
//!     .env("KEY", "value")               added to what we inherit
//!     .current_dir(path)
//!     .stdout(Output::Log(path))         Null (default) | Log(file, appended) | Piped
//!     .stderr(Output::Log(path))         the same file may serve both
//!     .spawn() -> io::Result<Child>      about a millisecond; needs no tokio runtime
//!
//! child.name() -> &str
//! child.pid() -> u32
//! child.exit() -> Option<ExitStatus>     has it ended yet?
//! child.wait().await -> ExitStatus       any number of waiters; cancel-safe
//! child.take_stdout() -> io::Result<tokio::process::ChildStdout>    once, if Piped; likewise take_stderr
//! child.terminate(grace).await -> ExitStatus    SIGTERM, after `grace` SIGKILL; returns when it is gone
//! child.kill()                           SIGKILL, at once; `wait` tells when it is gone
//! child.suspend() / child.resume()       SIGSTOP / SIGCONT
//! drop(child)                            SIGKILL, and waits until it is gone (bounded)
//!
//! capture(&command).await -> io::Result<Captured>    runs a short-lived tool to its end, with its output
//! rss_kib(pid) -> Option<u64>            resident memory, from /proc
//! cpu_time(pid) -> Option<Duration>      processor time so far, from /proc
//! find_program(name) -> Option<PathBuf>  on PATH
//! last_lines(path, n) -> Vec<String>     the end of a log
//! ```
//!
//! If we are killed with SIGKILL the kernel kills the children (`setpriv --pdeathsig KILL`, util-linux).
//! A terminal's Ctrl-C reaches only us, as every child leads a process group of its own.

mod capture;
mod child;
mod command;
mod inspect;
mod spawner;

pub use capture::{Captured, capture};
pub use child::Child;
pub use command::{Command, Output};
pub use figures::process::{cpu_time, rss_kib};
pub use inspect::{find_program, last_lines};
