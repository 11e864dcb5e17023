//! Feeds a recount from the real servers: Redis first, then the topics, then MongoDB.

use anyhow::Context;
use archive::{Archive, Collection, DocumentId};
use kafka::TopicReader;
use live::Census;
use pipeline::{Batch, Record};
use tokio::task::block_in_place;

use super::{AcknowledgedIds, AuditReport, Cut, Ledger, Options, Recount};

/// Records read at a time; their documents are fetched for comparison in one query for each topic.
const CHUNK: usize = 5_000;

/// Recounts what the servers hold, with the ledger that the options name, if any.
///
/// # Errors
/// If a server is away, a topic is missing, or the ledger can't be read.
pub async fn run(options: &Options) -> anyhow::Result<AuditReport> {
    let ledger = match &options.ledger {
        None => Ledger::default(),
        // Read below.
        Some(dir) if dir.is_dir() => Ledger::default(),
        Some(file) => {
            let name = file.display();
            let text = std::fs::read(file).with_context(|| format!("failed to read the ledger {name}"))?;
            serde_json::from_slice(&text).with_context(|| {
                format!("{name} is no ledger: expected {{\"<topic>\": {{\"<partition>\": <acknowledged>}}}}")
            })?
        }
    };
    run_with_ledger(options, &ledger).await
}

/// Recounts what the servers hold, against what producers were told is safe: this, and report by report the ledgers of the
/// folder that the options name, if it is one.
///
/// # Errors
/// If a server is away, a topic is missing, or a ledger of the folder is damaged.
pub async fn run_with_ledger(options: &Options, ledger: &Ledger) -> anyhow::Result<AuditReport> {
    let namespace = &options.kafka.namespace;
    let ids = match &options.ledger {
        Some(dir) if dir.is_dir() => block_in_place(|| AcknowledgedIds::read(dir))?,
        Some(_) | None => AcknowledgedIds::default(),
    };
    let archive = Archive::connect(&options.archive, namespace).await?;
    let cut = Cut::new(runtime::clock::now_ms(), options.closed);
    let mut recount = Recount::new(options.city_clock, cut);
    recount.ledger(ledger);
    recount.acknowledged_ids(ids);
    recount.live(&Census::new(&options.live, namespace)?.all().await?);
    for topic in events::ALL {
        read_topic(options, topic.name, &archive, &mut recount).await?;
    }
    for topic in events::ALL {
        block_in_place(|| read_dead_letters(options, &topic.dead_letters(), &mut recount))?;
    }
    for collection in Collection::all() {
        read_ids(&archive, collection, &mut recount).await?;
    }
    Ok(recount.finish())
}

async fn read_topic(
    options: &Options,
    topic: &str,
    archive: &Archive,
    recount: &mut Recount,
) -> anyhow::Result<()> {
    let mut reader = block_in_place(|| TopicReader::open(&options.kafka, topic))?;
    for mark in reader.watermarks() {
        recount.watermarks(topic, mark.partition, mark.low, mark.high);
    }
    let mut batch = Batch::new();
    let mut more = true;
    while more {
        batch.clear();
        more = block_in_place(|| {
            let more = reader.next_chunk(CHUNK, &mut batch);
            batch.iter().for_each(|record| recount.record(&record));
            more
        })?;
        compare_documents(topic, &batch, archive, recount).await?;
    }
    Ok(())
}

async fn compare_documents(
    topic: &str,
    batch: &Batch,
    archive: &Archive,
    recount: &mut Recount,
) -> anyhow::Result<()> {
    let Some(collection) = Collection::of_topic(topic) else { return Ok(()) };
    let mut wanted: Vec<(DocumentId, Record<'_>)> = Vec::new();
    for record in batch.iter().filter(|record| recount.wants(record)) {
        wanted.push((DocumentId::new(record.partition, record.offset)?, record));
    }
    if wanted.is_empty() {
        return Ok(());
    }
    wanted.sort_unstable_by_key(|(id, _)| *id);
    let ids: Vec<DocumentId> = wanted.iter().map(|(id, _)| *id).collect();
    for document in archive.documents(collection, &ids).await? {
        if let Ok(index) = ids.binary_search(&document.id) {
            recount.compare(&wanted[index].1, &document);
        }
    }
    Ok(())
}

fn read_dead_letters(options: &Options, topic: &str, recount: &mut Recount) -> anyhow::Result<()> {
    let mut reader = TopicReader::open(&options.kafka, topic)?;
    let mut more = true;
    while more {
        let (letters, rest) = reader.next_dead_letters(CHUNK)?;
        for letter in letters {
            recount.dead_letter((&letter.topic, letter.partition, letter.offset), &letter.service);
        }
        more = rest;
    }
    Ok(())
}

async fn read_ids(
    archive: &Archive,
    collection: &'static Collection,
    recount: &mut Recount,
) -> anyhow::Result<()> {
    let mut reader = archive.ids(collection).await?;
    let mut ids = Vec::new();
    while reader.next_chunk(&mut ids).await? {
        ids.iter().for_each(|id| recount.document(collection.topic.name, id.partition(), id.offset()));
    }
    reader.foreign().iter().for_each(|id| recount.foreign_document(collection.name, id));
    Ok(())
}
