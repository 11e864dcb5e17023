//! What is being done while the servers come up.

use std::fmt;
use std::time::Duration;

use crate::backends::Mode;
use crate::server::Server;

/// One step on the way to running servers; its `Display` is a line for people.
#[derive(Clone, Debug)]
pub enum Progress {
    /// Where the servers come from has been decided.
    Chosen {
        /// Where they come from.
        mode: Mode,
        /// What decided it.
        reason: String,
    },
    /// Something missing is being fetched; this happens once per machine.
    Installing {
        /// What is missing.
        what: String,
        /// How it is fetched.
        how: String,
    },
    /// A server has been started and is not ready yet.
    Starting {
        /// Which.
        server: Server,
        /// The program or image.
        what: String,
    },
    /// A server serves.
    Ready {
        /// Which.
        server: Server,
        /// Where.
        address: String,
        /// How long it took from its start.
        after: Duration,
    },
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chosen { mode, reason } => write!(f, "servers: {mode} ({reason})"),
            Self::Installing { what, how } => write!(f, "installing {what}: {how}"),
            Self::Starting { server, what } => write!(f, "starting {server}: {what}"),
            Self::Ready { server, address, after } => {
                write!(f, "{server} is ready at {address} after {:.1} s", after.as_secs_f64())
            }
        }
    }
}

/// Where progress is told.
pub(crate) type Listener<'a> = &'a (dyn Fn(Progress) + Send + Sync);
