//! Stores documents: those of one collection in few operations, all at the same time.

use archive::{Archive, Collection, Document};
use futures::future::try_join_all;
use pipeline::Sink;

use crate::Figures;

/// Most documents of one operation. A server works on one operation with one thread: behind a spike, when batches are
/// full, two do the work.
pub const OPERATION: usize = 5_000;

/// Inserts batches of documents into MongoDB. Idempotent: a document that is there already counts as done.
#[derive(Clone, Debug)]
pub struct ArchiveSink {
    archive: Archive,
    figures: Figures,
    now_ms: fn() -> i64,
    ready: bool,
}

impl ArchiveSink {
    /// A sink into an archive, whose collections it creates before the first insert.
    #[must_use]
    pub fn new(archive: Archive, figures: Figures, now_ms: fn() -> i64) -> Self {
        Self { archive, figures, now_ms, ready: false }
    }

    async fn insert(&self, collection: &Collection, documents: &[&Document]) -> anyhow::Result<()> {
        let inserted = self.figures.insert.time(self.archive.insert(collection, documents)).await?;
        self.figures.inserted(collection.topic.name, inserted);
        Ok(())
    }
}

impl Sink for ArchiveSink {
    type Item = Document;

    async fn apply(&mut self, documents: &[Document]) -> anyhow::Result<()> {
        if !self.ready {
            self.archive.create_collections().await?;
            self.ready = true;
        }
        let groups = by_collection(documents);
        let operations = groups.iter().flat_map(|(collection, group)| {
            group.chunks(OPERATION).map(|part| self.insert(collection, part))
        });
        try_join_all(operations).await?;
        if let Some(oldest) = documents.iter().map(Document::timestamp_ms).min() {
            self.figures.stored((self.now_ms)() - oldest);
        }
        Ok(())
    }
}

/// The documents of each collection, in the order they came.
fn by_collection(documents: &[Document]) -> Vec<(&'static Collection, Vec<&Document>)> {
    let mut groups: Vec<(&'static Collection, Vec<&Document>)> = Vec::new();
    for document in documents {
        match groups.iter_mut().find(|(collection, _)| *collection == document.collection()) {
            Some((_, group)) => group.push(document),
            None => groups.push((document.collection(), vec![document])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use events::Contract;

    fn document<T: Contract>(example: &str, offset: i64) -> Document {
        let payload: T = serde_json::from_str(example).unwrap();
        Document::of(&payload, 0, offset, 0).unwrap()
    }

    #[test]
    fn documents_are_grouped_by_collection_and_keep_their_order() {
        let report = |offset| {
            document::<events::driver_locations::LocationReport>(events::driver_locations::EXAMPLE, offset)
        };
        let fare = |offset| document::<events::fares::FareEvent>(events::fares::EXAMPLE, offset);
        let documents = [report(1), fare(1), report(2), report(3), fare(2)];
        let groups: Vec<(&str, Vec<i64>)> = by_collection(&documents)
            .into_iter()
            .map(|(collection, group)| {
                (collection.name, group.iter().map(|document| document.id().offset()).collect())
            })
            .collect();
        assert_eq!(groups, [("driver_locations", vec![1, 2, 3]), ("fares", vec![1, 2])]);
    }
}
