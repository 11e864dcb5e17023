//! What every runner counts.

use figures::{COUNTS, Metric, SECONDS};

/// All metrics of this crate.
pub static ALL: [&Metric; 21] = [
    &RECORDS,
    &CONSUMED,
    &BATCHES,
    &EFFECTS,
    &SKIPPED,
    &DEAD_LETTERS,
    &RETRIES,
    &ABORTS,
    &COMMITS,
    &REBALANCES,
    &RESTORED,
    &PARTITIONS,
    &TABLE_ENTRIES,
    &PENDING_SINCE,
    &MAX_AGE,
    &BATCH_RECORDS,
    &HANDLER_TIME,
    &DELIVERY_TIME,
    &PROCESS_TIME,
    &STAGE_LATENCY,
    &ASSIGNMENT_TIME,
];

/// Records handled.
pub static RECORDS: Metric = Metric::only_in_lines("records", "Records handled");

/// Records handled, by topic.
pub static CONSUMED: Metric =
    Metric::counter("messaging_client_consumed_messages_total", "Records that were read and dealt with")
        .by(&["messaging_destination_name"]);

/// Batches.
pub static BATCHES: Metric =
    Metric::counter("hailstorm_batches_total", "Batches with at least one record").in_lines("batches");

/// Effects.
pub static EFFECTS: Metric = Metric::counter(
    "hailstorm_effects_total",
    "Effects that last: records written, positions stored, documents inserted",
)
.in_lines("effects");

/// Records passed over.
pub static SKIPPED: Metric = Metric::counter(
    "hailstorm_skipped_records_total",
    "Records understood but passed over, as not for this service or not possible now",
)
.by(&["reason"])
.in_lines("skipped");

/// Records that can never be used.
pub static DEAD_LETTERS: Metric = Metric::counter(
    "hailstorm_dead_letters_total",
    "Records that can never be used: written to the dead-letter topic of their topic",
)
.by(&["reason"])
.in_lines("rejected");

/// Attempts repeated.
pub static RETRIES: Metric =
    Metric::counter("hailstorm_sink_retries_total", "Failures of a sink after which it was tried again")
        .in_lines("retries");

/// Transactions given up.
pub static ABORTS: Metric =
    Metric::counter("hailstorm_transaction_aborts_total", "Transactions that were aborted")
        .in_lines("aborts");

/// Commits.
pub static COMMITS: Metric = Metric::counter(
    "hailstorm_commits_total",
    "Commits of offsets, alone or in the transaction with the effects",
);

/// Changes of what is assigned.
pub static REBALANCES: Metric =
    Metric::counter("hailstorm_rebalances_total", "Partitions were assigned or revoked")
        .in_lines("rebalances");

/// Table records read back.
pub static RESTORED: Metric = Metric::counter(
    "hailstorm_restored_records_total",
    "Records of tables that were read back when partitions were assigned",
)
.in_lines("restored");

/// Partition numbers held.
pub static PARTITIONS: Metric =
    Metric::gauge("hailstorm_assigned_partitions", "Partition numbers that this member holds now")
        .in_lines("partitions");

/// State held.
pub static TABLE_ENTRIES: Metric = Metric::gauge(
    "hailstorm_table_entries",
    "Entries of the tables that this member holds in memory for its partitions",
)
.by(&["table"]);

/// Since when the batch waits.
pub static PENDING_SINCE: Metric = Metric::only_in_lines(
    "pending_since_ms",
    "Timestamp of the oldest record of the batch that is being dealt with; 0 between batches",
);

/// How old records were when they were dealt with.
pub static MAX_AGE: Metric = Metric::only_in_lines(
    "max_age_ms",
    "Greatest age of a record when its batch was done, since the line before",
);

/// Records of a batch.
pub static BATCH_RECORDS: Metric = Metric::histogram("hailstorm_batch_records", COUNTS, "Records of a batch");

/// Time in the handler.
pub static HANDLER_TIME: Metric = Metric::histogram(
    "hailstorm_handler_duration_seconds",
    SECONDS,
    "Time in which the handler decided about a batch",
);

/// Time in the delivery.
pub static DELIVERY_TIME: Metric = Metric::histogram(
    "hailstorm_delivery_duration_seconds",
    SECONDS,
    "Time in which what was decided about a batch was made to last: sink, dead letters and commit, retries included",
);

/// Time of a batch.
pub static PROCESS_TIME: Metric = Metric::histogram(
    "messaging_process_duration_seconds",
    SECONDS,
    "Time from when a batch was there until it was committed",
);

/// Time from record to done.
pub static STAGE_LATENCY: Metric = Metric::histogram(
    "hailstorm_stage_latency_seconds",
    SECONDS,
    "Time from when the oldest record of a batch was written until the batch was dealt with; the service is the stage",
);

/// Time until a partition is ours.
pub static ASSIGNMENT_TIME: Metric = Metric::histogram(
    "hailstorm_rebalance_duration_seconds",
    SECONDS,
    "Time from when partitions were assigned until their tables were restored and reading went on",
);
