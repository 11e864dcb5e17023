//! `hailstorm demo`: servers, services and a city, started, shown, checked and cleaned away.

mod board;
mod books;
mod browser;
mod caretaker;
mod course;
mod ending;
mod figures;
mod gateways;
mod groups;
mod jobs;
mod lives;
mod log_folder;
mod members;
mod meter;
mod observers;
mod opening;
mod options;
mod phrases;
mod planned_topics;
mod rate;
mod report;
mod screen;
mod settle;
mod signals;
mod start_time;
mod supervisor;
mod waits;

pub(crate) use course::run;
pub(crate) use gateways::{DEFAULT_PORT, Options as Gateways, is_free};
pub(crate) use members::Members;
pub(crate) use options::{Options, Replay, parse_speed};
pub(crate) use start_time::StartTime;
