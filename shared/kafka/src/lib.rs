//! The only crate that sees the Kafka client: sources, sinks, transactions, tables, topics.
//!
//! Everything outside speaks of `pipeline` records and `events` contracts; names here carry the namespace of a run.

mod admin;
mod config;
mod dead_letters;
mod exactly_once;
mod followed;
mod group;
mod ledger;
mod membership;
mod offsets;
mod outbox;
mod patience;
mod quiet;
mod reader;
mod record_sink;
mod restore;
mod settings;
mod source;
mod subscription;
mod topic_state;

pub use admin::TopicAdmin;
pub use dead_letters::{DeadLetterHeaders, DeadLetterSink};
pub use exactly_once::ExactlyOnce;
pub use group::{GroupLag, GroupProgress, GroupWatch};
pub use outbox::Outbox;
pub use reader::{TopicReader, Watermarks};
pub use record_sink::RecordSink;
pub use settings::{GroupProtocol, Settings};
pub use source::KafkaSource;
pub use subscription::{Reading, Subscription};
pub use topic_state::{Difference, TopicState};

/// The time of a record as the contracts check it: its timestamp in city time.
#[must_use]
pub fn moment(clock: &events::CityClock, record: &pipeline::Record<'_>) -> events::Moment {
    events::moment(clock, record.timestamp_ms)
}
