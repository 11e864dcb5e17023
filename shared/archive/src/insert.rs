//! Many documents in one operation; what is there already counts as done.

use std::time::Duration;

use anyhow::{Context, bail};
use mongodb::bson::RawDocumentBuf;
use mongodb::error::{Error, ErrorKind, IndexedWriteError, InsertManyError};
use mongodb::options::{Acknowledgment, WriteConcern};

use crate::{Archive, Collection, Document};

/// An insert that takes longer hangs on a server that is frozen or cut off: give it up, it will be repeated.
const INSERT_TIMEOUT: Duration = Duration::from_secs(30);

/// The most documents of one operation (the server's `maxWriteBatchSize`).
const MAX_DOCUMENTS: usize = 100_000;

/// The most bytes of one operation, well below the server's 48 MB for a message.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// The server's code for an `_id` that is taken (MongoDB `error_codes.yml`, `DuplicateKey`).
const DUPLICATE_KEY: i32 = 11_000;

/// What an insert did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inserted {
    /// Documents that are new.
    pub documents: u64,
    /// Documents that were there already.
    pub duplicates: u64,
    /// Commands sent to the server.
    pub operations: u64,
}

impl std::ops::AddAssign for Inserted {
    fn add_assign(&mut self, other: Self) {
        self.documents += other.documents;
        self.duplicates += other.duplicates;
        self.operations += other.operations;
    }
}

impl Archive {
    /// Inserts documents of one collection, unordered, in one operation unless they are too many for one. Returns when a
    /// majority of the servers has them in its journal: whoever commits offsets then loses none when a server is killed.
    ///
    /// # Errors
    /// If the server is away or refuses a document; which others were inserted is open then: repeat all.
    pub async fn insert(&self, collection: &Collection, documents: &[&Document]) -> anyhow::Result<Inserted> {
        let mut inserted = Inserted::default();
        for part in parts(documents) {
            let outcome = tokio::time::timeout(INSERT_TIMEOUT, self.insert_part(collection, part)).await;
            let outcome = outcome.with_context(|| format!("no answer within {} s", INSERT_TIMEOUT.as_secs()));
            inserted += outcome.flatten().with_context(|| {
                format!("failed to insert {} documents into {}", part.len(), collection.name)
            })?;
        }
        Ok(inserted)
    }

    async fn insert_part(&self, collection: &Collection, part: &[&Document]) -> anyhow::Result<Inserted> {
        let done = |duplicates: usize| Inserted {
            documents: (part.len() - duplicates) as u64,
            duplicates: duplicates as u64,
            operations: 1,
        };
        let target = self.database.collection::<RawDocumentBuf>(collection.name);
        let bytes = part.iter().map(|document| document.bytes());
        match target.insert_many(bytes).ordered(false).write_concern(journaled()).await {
            Ok(_) => Ok(done(0)),
            Err(error) => Ok(done(duplicates(error, collection, part)?)),
        }
    }
}

/// Cuts documents into operations.
fn parts<'d, 'a>(documents: &'d [&'a Document]) -> impl Iterator<Item = &'d [&'a Document]> {
    let mut rest = documents;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fitting = rest.iter().take(MAX_DOCUMENTS).take_while(|document| {
            bytes += document.bytes().as_bytes().len();
            bytes <= MAX_BYTES
        });
        let (part, behind) = rest.split_at(fitting.count());
        rest = behind;
        (!part.is_empty()).then_some(part)
    })
}

/// How many documents were there already, if that is all that went wrong.
fn duplicates(error: Error, collection: &Collection, part: &[&Document]) -> anyhow::Result<usize> {
    let ErrorKind::InsertMany(InsertManyError {
        write_errors: Some(failures),
        write_concern_error: None,
        ..
    }) = &*error.kind
    else {
        return Err(error.into());
    };
    match failures.iter().find(|failure| failure.code != DUPLICATE_KEY) {
        None => Ok(failures.len()),
        Some(IndexedWriteError { index, code, message, .. }) => {
            let place = part.get(*index).map_or("unknown".to_owned(), |document| document.id().to_string());
            bail!("the document of {}/{place} was refused with code {code}: {message}", collection.topic.name)
        }
    }
}

/// In memory alone a document is lost with the server, for a tenth of a second.
fn journaled() -> WriteConcern {
    WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_one_operation_and_only_a_monstrous_one_is_cut() {
        let report: events::driver_locations::LocationReport =
            serde_json::from_str(events::driver_locations::EXAMPLE).unwrap();
        let document = Document::of(&report, 0, 0, 0).unwrap();
        let many = vec![&document; 150_001];
        for (count, operations) in [(0, 0), (1, 1), (5000, 1), (100_000, 1), (150_001, 2)] {
            assert_eq!(parts(&many[..count]).count(), operations, "{count}");
            assert_eq!(parts(&many[..count]).map(<[_]>::len).sum::<usize>(), count);
        }
    }
}
