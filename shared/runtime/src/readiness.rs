//! Whether a process does its work yet, and what it waits for if not.

use std::fmt;
use std::sync::{Arc, Mutex};

/// Tells what a process waits for; nothing if it is ready.
type Waiting = Box<dyn Fn() -> Option<String> + Send>;

/// Whether a process is ready; clones share it. Until it is told otherwise it is starting.
#[derive(Clone)]
pub struct Readiness(Arc<Mutex<Waiting>>);

impl Default for Readiness {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Box::new(|| Some("the process to start".to_owned())))))
    }
}

impl Readiness {
    /// From now on `waiting` tells what the process waits for, nothing if it is ready.
    pub fn ask(&self, waiting: impl Fn() -> Option<String> + Send + 'static) {
        *self.0.lock().expect("nobody panics while asking") = Box::new(waiting);
    }

    /// The process is ready.
    pub fn set_ready(&self) {
        self.ask(|| None);
    }

    /// What the process waits for; nothing if it is ready.
    #[must_use]
    pub fn waiting_for(&self) -> Option<String> {
        (self.0.lock().expect("nobody panics while asking"))()
    }
}

impl fmt::Debug for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Readiness").field(&self.waiting_for()).finish()
    }
}
