//! fare.
