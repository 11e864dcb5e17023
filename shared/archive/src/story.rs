//! Stories: every document about one trip, or about one driver.

use std::cmp::Reverse;

use domain::{DriverId, TripId};
use futures::future::try_join_all;
use mongodb::bson::{Document, doc};

use crate::collection::{BY_DRIVER, BY_TRIP, Index};
use crate::{Archive, Collection, StoredDocument};

/// The most lines of a driver's story at once.
const MOST_LINES: u32 = 1000;

/// One document of a story.
#[derive(Clone, Debug, PartialEq)]
pub struct StoryLine {
    /// The collection it lies in.
    pub collection: &'static str,
    /// The topic that its record lies in, without the namespace of a run.
    pub topic: &'static str,
    /// The document.
    pub document: StoredDocument,
}

impl Archive {
    /// Everything about one trip, in order of time: what the rider asked, what drivers did and were kept for, what
    /// came of it, what it cost. Uses the index `trip` of each collection that has one.
    ///
    /// # Errors
    /// If the server is away.
    pub async fn trip_story(&self, trip: TripId) -> anyhow::Result<Vec<StoryLine>> {
        let mut story =
            self.told(&BY_TRIP, &doc! { "trip": trip.to_string() }, &doc! { "_id": 1 }, None).await?;
        story.sort_by_key(|line| line.document.timestamp_ms);
        Ok(story)
    }

    /// The newest of what a driver said (shifts, actions) and was told (commands), newest first by city time; at most
    /// `limit` lines, 1 to 1,000. Uses the index `driver_at` of each collection that has one.
    ///
    /// # Errors
    /// If the server is away.
    pub async fn driver_story(&self, driver: DriverId, limit: u32) -> anyhow::Result<Vec<StoryLine>> {
        // BSON has no unsigned numbers; a driver beyond them has no documents either.
        let Ok(number) = i64::try_from(driver.0) else { return Ok(Vec::new()) };
        let limit = limit.clamp(1, MOST_LINES);
        let newest_first = doc! { "at": -1, "_id": -1 };
        let mut story = self.told(&BY_DRIVER, &doc! { "driver": number }, &newest_first, Some(limit)).await?;
        story.sort_by_key(|line| Reverse((line.at(), line.document.timestamp_ms)));
        story.truncate(limit as usize);
        Ok(story)
    }

    /// What each collection with an index tells; at most `limit` lines of each.
    async fn told(
        &self,
        index: &Index,
        filter: &Document,
        sort: &Document,
        limit: Option<u32>,
    ) -> anyhow::Result<Vec<StoryLine>> {
        let telling = Collection::all().iter().filter(|collection| collection.has_index(index));
        let lines = telling.map(|collection| async move {
            let found = self.find(collection, filter.clone(), sort.clone(), limit.map(i64::from)).await?;
            let line =
                |document| StoryLine { collection: collection.name, topic: collection.topic.name, document };
            anyhow::Ok(found.into_iter().map(line).collect::<Vec<_>>())
        });
        Ok(try_join_all(lines).await?.concat())
    }
}

impl StoryLine {
    /// When it happened, in city time.
    fn at(&self) -> Option<i64> {
        self.document.fields.get("at").and_then(serde_json::Value::as_i64)
    }
}
