//! Writes changes to Redis and measures how old the reports were when they arrived there.

use live::{DriverUpdate, Writer};
use pipeline::Sink;
use runtime::metrics::STORE_TIME;
use runtime::{Counter, Histogram, Operation, Stats, clock};

use crate::{Change, metrics};

/// The sink of the `live-location` service.
#[derive(Debug)]
pub struct LiveSink {
    writer: Writer,
    report_to_redis: Histogram,
    written: Counter,
    fenced: Counter,
    below_watermark: Counter,
    write: Operation,
}

impl LiveSink {
    /// A sink that shows its figures in `stats`.
    #[must_use]
    pub fn new(writer: Writer, stats: &Stats) -> Self {
        Self {
            writer,
            report_to_redis: stats.histogram(&metrics::REPORT_TO_REDIS),
            written: stats.counter(&metrics::WRITTEN),
            fenced: stats.counter(&metrics::FENCED),
            below_watermark: stats.counter(&metrics::BELOW_WATERMARK),
            write: Operation::of(stats, &STORE_TIME, "redis", "write_drivers"),
        }
    }
}

impl Sink for LiveSink {
    type Item = Change;

    async fn apply(&mut self, changes: &[Change]) -> anyhow::Result<()> {
        let updates: Vec<DriverUpdate> = changes.iter().map(|change| change.update).collect();
        let applied = self.write.time(self.writer.apply(&updates, clock::now_ms())).await?;
        self.written.add(applied.written as u64);
        self.fenced.add(applied.fenced as u64);
        self.below_watermark.add(applied.below_watermark as u64);
        // A batch that is read again after a restart says nothing about how long its reports took.
        if applied.fenced == 0 && applied.below_watermark == 0 {
            let now_ms = clock::now_ms();
            let reports = changes.iter().filter(|change| change.reported);
            let mut ages: Vec<i64> = reports
                .filter_map(|change| change.update.report)
                .map(|report| now_ms - report.seen_ms)
                .collect();
            ages.sort_unstable();
            for same in ages.chunk_by(|a, b| a == b) {
                self.report_to_redis.record_many_ms(same[0], same.len() as u64);
            }
        }
        Ok(())
    }
}
