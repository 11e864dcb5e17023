//! eta.
