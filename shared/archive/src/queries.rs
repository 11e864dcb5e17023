//! What people ask the archive: the story of a trip, the history of a rider. Each has its index.

use domain::{RiderId, TripId};
use mongodb::bson::doc;

use crate::{Archive, Collection, StoredDocument};

/// One document of a trip's story.
#[derive(Clone, Debug, PartialEq)]
pub struct StoryLine {
    /// The collection it lies in.
    pub collection: &'static str,
    /// The document.
    pub document: StoredDocument,
}

impl Archive {
    /// Everything about one trip, in order of time: what the rider asked, what drivers did, what came of it, what it
    /// cost. Uses the index `trip` of each collection that has one.
    ///
    /// # Errors
    /// If the server is away.
    pub async fn trip_story(&self, trip: TripId) -> anyhow::Result<Vec<StoryLine>> {
        let told_by_trip =
            |collection: &&Collection| collection.indexes.iter().any(|index| index.keys == ["trip"]);
        let mut story = Vec::new();
        for collection in Collection::all().iter().filter(told_by_trip) {
            let found =
                self.find(collection, doc! { "trip": trip.to_string() }, doc! { "_id": 1 }, None).await?;
            story.extend(
                found.into_iter().map(|document| StoryLine { collection: collection.name, document }),
            );
        }
        story.sort_by_key(|line| line.document.timestamp_ms);
        Ok(story)
    }

    /// The newest ride requests of a rider, newest first. Uses the index `rider_at`.
    ///
    /// # Errors
    /// If the server is away.
    pub async fn rider_history(&self, rider: RiderId, limit: u32) -> anyhow::Result<Vec<StoredDocument>> {
        let collection =
            Collection::of_topic(events::ride_requests::TOPIC.name).expect("ride requests are archived");
        // BSON has no unsigned numbers; a rider beyond them has no documents either.
        let Ok(number) = i64::try_from(rider.0) else { return Ok(Vec::new()) };
        self.find(collection, doc! { "rider": number }, doc! { "at": -1 }, Some(i64::from(limit.max(1))))
            .await
    }
}
