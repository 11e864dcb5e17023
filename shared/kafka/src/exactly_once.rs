//! Effects, dead letters and offsets in one Kafka transaction.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use events::OutRecord;
use figures::Stats;
use pipeline::{Decided, Delivered, Delivery, Source};
use rdkafka::consumer::{Consumer, StreamConsumer};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::producer::Producer;
use rdkafka::topic_partition_list::Offset;
use tokio::task::block_in_place;

use crate::calls::{Stuck, bounded};
use crate::membership::Membership;
use crate::offsets::{offsets, settle};
use crate::patience::{REQUEST_TIMEOUT, patiently};
use crate::transactions::Transactions;
use crate::{KafkaSource, Outbox, Settings, config, dead_letters};

/// How long one call about a transaction may take before it is looked at whether to repeat it.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a call is repeated before the transaction is given up. The broker aborts it by itself 10 s after it began
/// (`transaction.timeout.ms`): what takes longer never comes, and a process that is started anew goes on sooner.
const PATIENCE: Duration = Duration::from_secs(15);

/// After this long a call will never come back. librdkafka 2.12 does not look at the time that offsets may take: if the
/// group's coordinator goes away meanwhile and no other broker comes or goes, they wait for ever
/// (<https://github.com/confluentinc/librdkafka/issues/5456> and 5511).
const STUCK: Duration = Duration::from_secs(10);

/// A delivery from Kafka to Kafka: all of a batch lasts, or nothing of it.
pub struct ExactlyOnce {
    outbox: Arc<Outbox>,
    consumer: Arc<StreamConsumer<Membership>>,
    settings: Settings,
    service: String,
    member: String,
    figures: Transactions,
}

impl ExactlyOnce {
    /// A transactional delivery for the records of a source. The transactional id is the member's name: a member
    /// that starts again ends what its last life left open, at once.
    ///
    /// # Errors
    /// If the broker can't be asked for a producer id.
    pub fn new(
        settings: &Settings,
        source: &KafkaSource,
        service: &str,
        member: &str,
    ) -> anyhow::Result<Self> {
        let transactional_id = settings.full_name(member);
        let outbox = Outbox::with(settings, &config::transactional(settings, member, &transactional_id))?;
        block_in_place(|| {
            patiently("start transactions", || outbox.producer().init_transactions(REQUEST_TIMEOUT))
        })?;
        Ok(Self {
            outbox: Arc::new(outbox),
            consumer: Arc::clone(&source.consumer),
            settings: settings.clone(),
            service: service.to_owned(),
            member: member.to_owned(),
            figures: Transactions::shown_in(&Stats::default()),
        })
    }

    /// Counts and times its transactions among the figures of a process.
    #[must_use]
    pub fn shown_in(self, stats: &Stats) -> Self {
        Self { figures: Transactions::shown_in(stats), ..self }
    }

    async fn transact(&self, decided: &Decided<OutRecord>) -> anyhow::Result<()> {
        self.outbox.producer().begin_transaction().context("failed to begin a transaction")?;
        self.outbox.send_all(&decided.effects).await?;
        dead_letters::send(&self.outbox, &self.settings, &self.service, &decided.rejected)?;
        // The client's own flush, which a commit calls, waits in slices of 100 ms: be done before it begins.
        self.outbox.settled_within(PATIENCE).await?;
        self.send_offsets(decided).await?;
        self.repeat("commit a transaction", |outbox| outbox.producer().commit_transaction(CALL_TIMEOUT)).await
    }

    /// Sends the offsets with the group's generation: a member that froze and lost its partitions is refused here.
    async fn send_offsets(&self, decided: &Decided<OutRecord>) -> anyhow::Result<()> {
        let mut list = offsets(&self.consumer, &self.settings, &self.member, &decided.progress)?;
        if list.count() == 0 {
            // Effects of time alone move no offset, and without one the broker would not look at the generation.
            let Some((slot, offset)) = self.consumer.context().any_committed() else { return Ok(()) };
            let tally = self.consumer.context().tallies().get(&slot).cloned().unwrap_or_default();
            let mut element = list.add_partition(&slot.0, slot.1);
            element.set_offset(Offset::Offset(offset))?;
            element.set_metadata(tally.encode());
        }
        // Not the consumer: a call that never comes back would keep it, and the group would wait for a member that
        // can't leave.
        let group = Arc::new(self.consumer.group_metadata().context("the consumer is in no group")?);
        self.repeat("send offsets to a transaction", move |outbox| {
            outbox.producer().send_offsets_to_transaction(&list, &group, CALL_TIMEOUT)
        })
        .await
    }

    async fn repeat(
        &self,
        what: &'static str,
        call: impl Fn(&Outbox) -> KafkaResult<()> + Clone + Send + 'static,
    ) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let (outbox, call) = (Arc::clone(&self.outbox), call.clone());
            match bounded(what, STUCK, move || call(&outbox)).await? {
                Ok(()) => return Ok(()),
                Err(KafkaError::Transaction(error)) if error.is_retriable() && began.elapsed() < PATIENCE => {
                    tracing::debug!(%error, what, "trying again");
                }
                Err(error) => return Err(error).with_context(|| format!("failed to {what}")),
            }
        }
    }

    /// Gives the transaction up, if the producer can go on at all.
    async fn abort(&self, cause: anyhow::Error) -> anyhow::Result<Delivered> {
        if is_fatal(&cause) || self.outbox.producer().client().fatal_error().is_some() {
            bail!(cause.context("the transactional producer can't go on"));
        }
        tracing::warn!(cause = format!("{cause:#}"), "aborting a transaction");
        self.repeat("abort a transaction", |outbox| outbox.producer().abort_transaction(CALL_TIMEOUT))
            .await
            .map_err(|error| anyhow!("{error:#}, after: {cause:#}"))?;
        if let Err(error) = self.outbox.settled_within(PATIENCE).await {
            // Those that were given up with the transaction are told of as failed; nobody may be counted with the next one.
            if self.outbox.under_way() > 0 {
                return Err(error.context("the client can't give a transaction up"));
            }
            tracing::debug!(%error, "records of the aborted transaction");
        }
        Ok(Delivered::Aborted)
    }
}

fn is_fatal(error: &anyhow::Error) -> bool {
    let is_fatal = |error: &KafkaError| matches!(error, KafkaError::Transaction(error) if error.is_fatal());
    error.is::<Stuck>() || error.chain().filter_map(|cause| cause.downcast_ref()).any(is_fatal)
}

impl Delivery<OutRecord> for ExactlyOnce {
    async fn deliver<S: Source>(
        &mut self,
        decided: &Decided<OutRecord>,
        _source: &mut S,
    ) -> anyhow::Result<Delivered> {
        let began = self.figures.begin();
        match self.transact(decided).await {
            Ok(()) => {
                self.figures.committed(began);
                settle(&self.consumer, &self.settings, &self.member, &decided.progress);
                Ok(Delivered::Done)
            }
            Err(error) => {
                let delivered = self.abort(error).await?;
                self.figures.aborted(began);
                Ok(delivered)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use pipeline::{Progress, Record};
    use rdkafka::mocking::{MockCluster, MockCoordinator};
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::{GroupProtocol, Reading, Subscription};

    const TOPIC: &events::Topic = &events::driver_commands::TOPIC;

    fn one_record_read() -> Decided<OutRecord> {
        let mut progress = Progress::default();
        progress.add(&Record {
            topic: TOPIC.name,
            partition: 0,
            offset: 0,
            timestamp_ms: 0,
            key: None,
            payload: None,
            traceparent: None,
        });
        Decided { effects: Vec::new(), rejected: Vec::new(), progress }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_member_whose_offsets_wait_for_ever_ends_so_that_it_is_started_anew() {
        let brokers = MockCluster::new(3).unwrap();
        brokers.create_topic(TOPIC.name, 1, 3).unwrap();
        brokers.coordinator(MockCoordinator::Transaction("member".to_owned()), 1).unwrap();
        brokers.coordinator(MockCoordinator::Group("group".to_owned()), 2).unwrap();
        let settings = Settings {
            group_protocol: GroupProtocol::Classic,
            ..Settings::new(&brokers.bootstrap_servers(), "")
        };
        let subscription = Subscription {
            group: "group",
            topics: vec![TOPIC],
            tables: Vec::new(),
            followed: Vec::new(),
            reading: Reading::Bulk,
            max_records: 1,
            linger: Duration::ZERO,
        };
        let stop = CancellationToken::new();
        let mut source = KafkaSource::join(&settings, subscription, "member", stop).unwrap();
        let mut delivery = ExactlyOnce::new(&settings, &source, "service", "member").unwrap();
        let decided = one_record_read();
        assert_eq!(delivery.deliver(&decided, &mut source).await.unwrap(), Delivered::Done);

        brokers.broker_down(2).unwrap();
        let error = delivery.deliver(&decided, &mut source).await.unwrap_err();
        assert!(error.is::<Stuck>(), "{error:#}");
        let consumer = Arc::downgrade(&source.consumer);
        drop((source, delivery));
        assert!(consumer.upgrade().is_none(), "the call keeps the member in its group");
    }
}
