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

/// A delivery from Kafka to Kafka: all of a batch lasts, or nothing of it.
pub struct ExactlyOnce {
    outbox: Outbox,
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
            outbox,
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
        block_in_place(|| self.send_offsets(decided))?;
        block_in_place(|| {
            self.repeat("commit a transaction", || self.outbox.producer().commit_transaction(CALL_TIMEOUT))
        })
    }

    /// Sends the offsets with the group's generation: a member that froze and lost its partitions is refused here.
    fn send_offsets(&self, decided: &Decided<OutRecord>) -> anyhow::Result<()> {
        let mut list = offsets(&self.consumer, &self.settings, &self.member, &decided.progress)?;
        if list.count() == 0 {
            // Effects of time alone move no offset, and without one the broker would not look at the generation.
            let Some((slot, offset)) = self.consumer.context().any_committed() else { return Ok(()) };
            let tally = self.consumer.context().tallies().get(&slot).cloned().unwrap_or_default();
            let mut element = list.add_partition(&slot.0, slot.1);
            element.set_offset(Offset::Offset(offset))?;
            element.set_metadata(tally.encode());
        }
        self.repeat("send offsets to a transaction", || {
            let group = self
                .consumer
                .group_metadata()
                .ok_or(KafkaError::ClientCreation("no group metadata".to_owned()))?;
            self.outbox.producer().send_offsets_to_transaction(&list, &group, CALL_TIMEOUT)
        })
    }

    fn repeat(&self, what: &str, mut call: impl FnMut() -> KafkaResult<()>) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            match call() {
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
        block_in_place(|| {
            self.repeat("abort a transaction", || self.outbox.producer().abort_transaction(CALL_TIMEOUT))
        })
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
    error.chain().filter_map(|cause| cause.downcast_ref::<KafkaError>()).any(|error| match error {
        KafkaError::Transaction(error) => error.is_fatal(),
        _ => false,
    })
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
