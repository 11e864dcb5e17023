//! How a run ended.

use std::process::ExitCode;

/// The ending of a run that was not broken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Its books were closed and nothing was wrong.
    AddsUp,
    /// Its books were closed, or could not be, and something was wrong.
    WentWrong,
    /// It never began: what it was given can't be used.
    BadInput,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::AddsUp => Self::SUCCESS,
            Ending::WentWrong => Self::FAILURE,
            Ending::BadInput => Self::from(2),
        }
    }
}
