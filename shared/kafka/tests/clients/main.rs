//! Groups, broadcasts, couriers and replays on a real broker, started once for all tests that do not stop it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod backlogs;
mod broadcasts;
mod broker;
mod couriers;
mod groups;
mod markers;
mod replays;
mod timestamps;
