//! The one thread that forks.
//!
//! A parent-death signal fires when the *thread* that forked ends, not the process: so every child is forked by a thread
//! that lives as long as we do, never by one of a runtime's pool.

use std::io;
use std::process;
use std::sync::OnceLock;
use std::sync::mpsc::{Sender, channel};

struct Request {
    command: process::Command,
    reply: Sender<io::Result<process::Child>>,
}

/// Forks `command` on the spawner thread and waits for the outcome, which takes about a millisecond.
pub(super) fn spawn(command: process::Command) -> io::Result<process::Child> {
    static SPAWNER: OnceLock<Sender<Request>> = OnceLock::new();
    let (reply, outcome) = channel();
    SPAWNER.get_or_init(start).send(Request { command, reply }).map_err(|_| gone())?;
    outcome.recv().map_err(|_| gone())?
}

fn start() -> Sender<Request> {
    let (requests, inbox) = channel::<Request>();
    std::thread::Builder::new()
        .name("spawner".into())
        .spawn(move || {
            for mut request in inbox {
                // The caller waits for the reply without a time-out, so there is always someone to take it.
                let _ = request.reply.send(request.command.spawn());
            }
        })
        .expect("a thread can be started before any child is");
    requests
}

fn gone() -> io::Error {
    io::Error::other("the spawner thread has ended")
}
