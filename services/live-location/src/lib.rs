//! live-location.
