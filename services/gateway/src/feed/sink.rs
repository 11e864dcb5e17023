//! Where decoded records go: into the view. Nothing of it lasts, so nothing of it can fail.

use std::sync::Arc;

use pipeline::{Rejected, Sink};

use crate::view::{News, View};

/// Puts news into the view, a batch under one lock.
#[derive(Debug)]
pub struct ViewSink(Arc<View>);

impl ViewSink {
    /// A sink into this view.
    #[must_use]
    pub fn new(view: Arc<View>) -> Self {
        Self(view)
    }
}

impl Sink for ViewSink {
    type Item = News;

    async fn apply(&mut self, news: &[News]) -> anyhow::Result<()> {
        self.0.apply(news);
        Ok(())
    }
}

/// Passes rejected records over: the services that decide send them to the dead letters, once.
#[derive(Debug)]
pub struct PassOver;

impl Sink for PassOver {
    type Item = Rejected;

    async fn apply(&mut self, _rejected: &[Rejected]) -> anyhow::Result<()> {
        Ok(())
    }
}
