//! The only crate that sees the Kafka client: sources, sinks, transactions, tables, topics.
//!
//! Everything outside speaks of `pipeline` records and `events` contracts; names here carry the namespace of a run.

mod admin;
mod broadcast;
mod calls;
mod config;
mod courier;
mod dead_letters;
mod ends;
mod exactly_once;
mod followed;
mod group;
mod lag;
mod ledger;
mod listening;
mod membership;
mod message;
pub mod metrics;
mod offsets;
mod outbox;
mod partitions;
mod patience;
mod polled;
mod positions;
mod quiet;
mod reader;
mod receipt;
mod record_sink;
mod record_sum;
mod replay;
mod restore;
mod settings;
mod source;
mod subscription;
mod table_scan;
pub mod told;
mod topic_state;
mod topic_tail;
mod trace_header;
mod transactions;
mod vacancy;

pub use admin::TopicAdmin;
pub use broadcast::Broadcast;
pub use courier::{Courier, Delivered, Undelivered};
pub use dead_letters::{DeadLetterHeaders, DeadLetterSink};
pub use exactly_once::ExactlyOnce;
pub use group::{GroupLag, GroupProgress, GroupWatch};
pub use listening::{Listening, TablesRead};
pub use message::record_of;
pub use outbox::Outbox;
pub use reader::{TopicReader, Watermarks};
pub use receipt::{Receipt, Witness};
pub use record_sink::RecordSink;
pub use record_sum::RecordSum;
pub use replay::{Replayed, replay};
pub use settings::{GroupProtocol, Settings};
pub use source::KafkaSource;
pub use subscription::{Reading, Subscription};
pub use topic_state::{Difference, TopicState};
pub use topic_tail::TopicTail;

/// The time of a record as the contracts check it: its timestamp in city time.
#[must_use]
pub fn moment(clock: &events::CityClock, record: &pipeline::Record<'_>) -> events::Moment {
    events::moment(clock, record.timestamp_ms)
}
