//! Committing what is dealt with, now or, when the group is just changing, as soon as it has.

use pipeline::Progress;
use rdkafka::consumer::{CommitMode, Consumer};
use rdkafka::error::KafkaError;
use tokio::task::block_in_place;

use super::KafkaSource;
use crate::offsets::{offsets, settle};
use crate::patience::{is_lost_membership, patiently};

impl KafkaSource {
    /// Commits a progress, and with it what is owed; nothing is asked of the broker if there is neither.
    ///
    /// A member that stays in a group which changes is refused until it has heard of the change, though it may keep its
    /// partitions and read on in them. What was refused is then committed before the next records are read: those
    /// that follow may be long in coming, and their tally has to hold these too.
    pub(super) fn commit_all(&mut self, progress: &Progress) -> anyhow::Result<()> {
        let mut owed = std::mem::take(&mut self.owed);
        let is_news = owed.is_empty();
        let due = if is_news {
            progress
        } else {
            owed.extend(progress);
            &owed
        };
        if due.is_empty() {
            return Ok(());
        }
        match self.try_commit(due)? {
            None => settle(&self.consumer, &self.settings, &self.member, due),
            Some(refusal) => {
                if is_news {
                    tracing::warn!(error = %refusal, "offsets not committed, the group changes");
                }
                self.owed = if is_news { progress.clone() } else { owed };
            }
        }
        Ok(())
    }

    /// Commits; gives the refusal if the group does not take it from this member, or not now.
    fn try_commit(&self, progress: &Progress) -> anyhow::Result<Option<KafkaError>> {
        let list = offsets(&self.consumer, &self.settings, &self.member, progress)?;
        let commit = || match self.consumer.commit(&list, CommitMode::Sync) {
            Err(error) if is_lost_membership(&error) => Ok(Some(error)),
            result => result.map(|()| None),
        };
        block_in_place(|| patiently("commit offsets", commit))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use pipeline::{Batch, Polled, Source};
    use rdkafka::ClientConfig;
    use rdkafka::mocking::MockCluster;
    use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer};
    use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::{GroupWatch, Reading, Settings, Subscription};

    const TOPIC: &events::Topic = &events::driver_commands::TOPIC;

    fn join(settings: &Settings) -> KafkaSource {
        let subscription = Subscription {
            group: "group",
            topics: vec![TOPIC],
            tables: Vec::new(),
            followed: Vec::new(),
            reading: Reading::Commands { pace: Duration::ZERO },
            max_records: 10,
            linger: Duration::from_millis(20),
        };
        KafkaSource::join(settings, subscription, "member", CancellationToken::new()).unwrap()
    }

    fn produce(settings: &Settings, records: usize) {
        let producer: BaseProducer =
            ClientConfig::new().set("bootstrap.servers", &settings.kafka_bootstrap_servers).create().unwrap();
        for _ in 0..records {
            producer.send(BaseRecord::<(), str>::to(TOPIC.name).payload("{}")).unwrap();
        }
        producer.flush(Duration::from_secs(10)).unwrap();
    }

    /// Reads so many records.
    async fn read(source: &mut KafkaSource, records: u64) -> Progress {
        let deadline = Instant::now() + Duration::from_secs(30);
        let (mut progress, mut batch) = (Progress::default(), Batch::new());
        while progress.of(TOPIC.name, 0).is_none_or(|at| at.records < records) {
            assert!(Instant::now() < deadline, "only {progress:?} came");
            batch.clear();
            if source.poll(&mut batch).await.unwrap() == Polled::Records {
                batch.iter().for_each(|record| progress.add(&record));
            }
        }
        progress
    }

    /// The committed offset, and how many records the member has dealt with.
    fn committed(settings: &Settings) -> (Option<i64>, u64) {
        let progress = GroupWatch::new(settings, "group", &[TOPIC.name]).unwrap().progress().unwrap();
        (progress[0].committed, progress[0].consumed.get("member").copied().unwrap_or(0))
    }

    /// A member that has read seven records and was refused their commit; so many more commits are refused.
    async fn refused(more: usize) -> (MockCluster<'static, DefaultProducerContext>, Settings, KafkaSource) {
        let brokers = MockCluster::new(1).unwrap();
        brokers.create_topic(TOPIC.name, 1, 1).unwrap();
        let settings = Settings::new(&brokers.bootstrap_servers(), "");
        produce(&settings, 7);
        let mut source = join(&settings);
        let first = read(&mut source, 7).await;
        let refusal = RDKafkaRespErr::RD_KAFKA_RESP_ERR_STALE_MEMBER_EPOCH;
        brokers.request_errors(RDKafkaApiKey::OffsetCommit, &vec![refusal; 1 + more]);
        source.commit(&first).await.unwrap();
        assert_eq!(committed(&settings), (None, 0));
        (brokers, settings, source)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_refused_while_the_group_changed_is_committed_and_counted_before_more_is_read() {
        let (_brokers, settings, mut source) = refused(1).await;
        let mut batch = Batch::new();
        source.poll(&mut batch).await.unwrap();
        assert_eq!(committed(&settings), (None, 0), "it is refused once more");
        source.poll(&mut batch).await.unwrap();
        assert_eq!(committed(&settings), (Some(7), 7), "though no record has come since");

        produce(&settings, 5);
        let second = read(&mut source, 5).await;
        source.commit(&second).await.unwrap();
        assert_eq!(committed(&settings), (Some(12), 12));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_refused_is_forgotten_with_the_partition_before_anything_is_committed() {
        let (_brokers, _settings, mut source) = refused(1_000).await;
        source.consumer.unsubscribe();
        let deadline = Instant::now() + Duration::from_secs(30);
        while !source.consumer.context().has_changed() {
            assert!(Instant::now() < deadline && !source.owed.is_empty(), "nothing was taken away");
            source.poll(&mut Batch::new()).await.unwrap();
        }
        assert!(source.owed.is_empty(), "another member may have gone on from there");
    }
}
