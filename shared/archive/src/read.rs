//! Documents read back: the ids of a collection in order, and documents by id.

use anyhow::Context;
use futures::TryStreamExt;
use mongodb::Cursor;
use mongodb::action::Action;
use mongodb::bson::{RawArray, RawBsonRef, RawDocument, RawDocumentBuf, doc};
use serde_json::{Map, Number, Value};

use crate::{Archive, Collection, DocumentId, StoredDocument};

/// Ids that come with one answer of the server: about 1 MiB.
const IDS_PER_CHUNK: u32 = 50_000;

/// Ids that are no farther apart are asked for as one range, with all that lies between. A server looks for a list of
/// ids in a clustered collection by reading all from the first to the last of them.
const LONGEST_GAP: i64 = 100;

/// Reads the ids of a collection in ascending order (by partition, then by offset), a chunk at a time.
#[derive(Debug)]
pub struct IdReader {
    cursor: Cursor<RawDocumentBuf>,
    collection: &'static str,
    foreign: Vec<String>,
}

impl IdReader {
    /// Replaces `ids` by the next ids; `false` when there are no more.
    ///
    /// # Errors
    /// If the server is away.
    pub async fn next_chunk(&mut self, ids: &mut Vec<DocumentId>) -> anyhow::Result<bool> {
        ids.clear();
        while ids.len() < IDS_PER_CHUNK as usize {
            let advanced = self.cursor.advance().await;
            if !advanced.with_context(|| format!("failed to read ids of {}", self.collection))? {
                return Ok(!ids.is_empty());
            }
            let document = self.cursor.current();
            match id_of(document) {
                Ok(id) => ids.push(id),
                Err(_) => self.foreign.push(format!("{:?}", document.get("_id"))),
            }
        }
        Ok(true)
    }

    /// What stands in `_id` where no id of ours stands: documents that somebody else has put there.
    #[must_use]
    pub fn foreign(&self) -> &[String] {
        &self.foreign
    }
}

impl Archive {
    /// Begins to read the ids of a collection, in the order in which its documents lie.
    ///
    /// # Errors
    /// If the server is away.
    pub async fn ids(&self, collection: &'static Collection) -> anyhow::Result<IdReader> {
        let documents = self.database.collection::<RawDocumentBuf>(collection.name);
        let query = documents.find(doc! {}).projection(doc! { "_id": 1 }).sort(doc! { "_id": 1 });
        let cursor = query.batch_size(IDS_PER_CHUNK).await;
        let cursor = cursor.with_context(|| format!("failed to read ids of {}", collection.name))?;
        Ok(IdReader { cursor, collection: collection.name, foreign: Vec::new() })
    }

    /// How many documents a collection holds.
    ///
    /// # Errors
    /// If the server is away.
    pub async fn count(&self, collection: &Collection) -> anyhow::Result<u64> {
        let documents = self.database.collection::<RawDocumentBuf>(collection.name);
        let count = documents.count_documents(doc! {}).await;
        count.with_context(|| format!("failed to count the documents of {}", collection.name))
    }

    /// The documents with these ids, in ascending order; those that are not there are left out. Ids in a row come with
    /// one query, single ones with one each.
    ///
    /// # Errors
    /// If the server is away.
    pub async fn documents(
        &self,
        collection: &Collection,
        ids: &[DocumentId],
    ) -> anyhow::Result<Vec<StoredDocument>> {
        let mut numbers: Vec<i64> = ids.iter().map(|id| id.number()).collect();
        numbers.sort_unstable();
        let mut found = Vec::new();
        for run in numbers.chunk_by(|earlier, later| later - earlier <= LONGEST_GAP) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            let between = doc! { "_id": { "$gte": first, "$lte": last } };
            found.extend(self.find(collection, between, doc! { "_id": 1 }, None).await?);
        }
        found.retain(|document| numbers.binary_search(&document.id.number()).is_ok());
        Ok(found)
    }

    pub(crate) async fn find(
        &self,
        collection: &Collection,
        filter: mongodb::bson::Document,
        sort: mongodb::bson::Document,
        limit: Option<i64>,
    ) -> anyhow::Result<Vec<StoredDocument>> {
        let documents = self.database.collection::<RawDocumentBuf>(collection.name);
        let answer = async {
            let query = documents.find(filter).sort(sort).limit(limit.unwrap_or(0));
            let query = query.optional(self.patience(), |query, patience| query.max_time(patience));
            query.await?.try_collect::<Vec<RawDocumentBuf>>().await
        };
        let found = self.in_time(answer).await;
        let found = found.with_context(|| format!("failed to read documents of {}", collection.name))?;
        found.iter().map(|document| stored(document)).collect()
    }
}

fn id_of(document: &RawDocument) -> anyhow::Result<DocumentId> {
    let number = document.get_i64("_id").context("a document has an _id that is no 64-bit number")?;
    DocumentId::from_number(number).with_context(|| format!("a document has the impossible _id {number}"))
}

fn stored(document: &RawDocument) -> anyhow::Result<StoredDocument> {
    let id = id_of(document)?;
    let mut fields = json_object(document).with_context(|| format!("document {id} is broken"))?;
    fields.remove("_id");
    let timestamp_ms = fields.remove("ts").and_then(|ts| ts.as_i64());
    let timestamp_ms = timestamp_ms.with_context(|| format!("document {id} has no date ts"))?;
    Ok(StoredDocument { id, timestamp_ms, fields })
}

fn json_object(document: &RawDocument) -> anyhow::Result<Map<String, Value>> {
    let elements = document.iter().map(|element| {
        let (name, value) = element?;
        Ok((name.as_str().to_owned(), json_value(value)?))
    });
    elements.collect()
}

fn json_array(array: &RawArray) -> anyhow::Result<Value> {
    array.into_iter().map(|value| json_value(value?)).collect()
}

/// A value as JSON: dates as milliseconds, what JSON has no word for as text.
fn json_value(value: RawBsonRef<'_>) -> anyhow::Result<Value> {
    if let Some(document) = value.as_document() {
        return Ok(Value::Object(json_object(document)?));
    }
    if let Some(array) = value.as_array() {
        return json_array(array);
    }
    Ok(match value {
        RawBsonRef::Double(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
        RawBsonRef::String(text) => Value::String(text.to_owned()),
        RawBsonRef::Boolean(truth) => Value::Bool(truth),
        RawBsonRef::Null => Value::Null,
        RawBsonRef::Int32(number) => Value::from(number),
        RawBsonRef::Int64(number) => Value::from(number),
        RawBsonRef::DateTime(date) => Value::from(date.timestamp_millis()),
        other => Value::String(format!("{other:?}")),
    })
}
