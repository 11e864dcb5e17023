//! Finds or starts real Kafka, Redis and MongoDB: external servers, else Docker containers, else native processes.
//!
//! [`start`] decides by [`Options`], reports [`Progress`], and returns [`Backends`] once all three servers really serve.
//! What was started is stopped and removed by [`Backends::stop`], by dropping it, by dropping the future of [`start`],
//! and even if this process is killed with SIGKILL. Catching signals is the caller's part.
//!
//! Reading order: `options`, `backends`, `native`, `docker`, `external`, then `readiness`.
//! Knows nothing of topics, keys or collections; speaks to the servers only to learn whether they are ready.

mod backends;
pub mod docker;
mod doctor;
mod endpoints;
mod external;
mod kafka_settings;
mod native;
mod options;
mod ports;
pub mod process;
mod progress;
mod readiness;
mod server;
mod storage;
mod told;

pub use backends::{Backends, Mode, Process, start};
pub use docker::Recipe;
pub use doctor::{Finding, State, doctor, free_disk_mib};
pub use endpoints::Endpoints;
pub use native::{Filling, KAFKA_VERSION, cache_folder, can_install, install, java_version, kafka_tool};
pub use options::{Choice, Options};
pub use ports::pick as pick_ports;
pub use progress::Progress;
pub use server::{ManagedServer, Server};
pub use told::told;
