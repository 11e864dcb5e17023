//! Requests to the whole router, with a real view and fake servers; every answer is held against the document.

mod document;
mod drivers;
pub(super) mod gate;
mod past;
mod requests;
mod rides;
mod streams;
