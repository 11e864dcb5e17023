//! Rides as people remember them: what was asked for, how it ended, what it cost.

use std::collections::BTreeMap;

use anyhow::Context;
use domain::tariff::SurgeMultiplier;
use domain::trip::TripFact;
use domain::{CityMs, DriverId, LatLng, RiderId, TripId};
use events::Contract;
use events::fares::FareEvent;
use events::trip_events::TripEvent;
use mongodb::bson::{Document, doc};
use serde_json::Value;

use crate::collection::REQUESTED;
use crate::{Archive, Collection, Cursor, StoredDocument};

/// The most rides of one page.
const MOST_RIDES: u32 = 200;

/// One ride: its request as the trips' authority took it, and what became of it as far as is known.
#[derive(Clone, Debug, PartialEq)]
pub struct RideRecord {
    /// Which trip.
    pub trip: TripId,
    /// Who asked.
    pub rider: RiderId,
    /// From here.
    pub pickup: LatLng,
    /// To there.
    pub dropoff: LatLng,
    /// Locked at the request.
    pub surge: SurgeMultiplier,
    /// When it was asked for.
    pub requested_at: CityMs,
    /// What happened to it last; of a ride that has ended its end.
    pub last: TripEvent,
    /// Who is asked, drives or drove.
    pub driver: Option<DriverId>,
    /// Metres driven with the rider, if it was completed.
    pub distance_m: Option<u32>,
    /// Seconds of city time with the rider, if it was completed.
    pub duration_s: Option<u32>,
    /// The final fare, if there is one by now.
    pub fare: Option<FareEvent>,
}

impl Archive {
    /// A page of a rider's rides, newest first: at most `limit` (1 to 200) of those behind a cursor, and the cursor
    /// of the next page if there are more. Three queries; uses the indexes `rider_rides` and `trip`.
    ///
    /// # Errors
    /// If the server is away, or a document is not what its topic promises.
    pub async fn rider_rides(
        &self,
        rider: RiderId,
        before: Option<Cursor>,
        limit: u32,
    ) -> anyhow::Result<(Vec<RideRecord>, Option<Cursor>)> {
        // BSON has no unsigned numbers; a rider beyond them has no documents either.
        let Ok(number) = i64::try_from(rider.0) else { return Ok((Vec::new(), None)) };
        let limit = limit.clamp(1, MOST_RIDES);
        let sort = doc! { "at": -1, "_id": -1 };
        let filter = rides_filter(number, before);
        let mut page = self.find(of::<TripEvent>(), filter, sort, Some(i64::from(limit) + 1)).await?;
        let has_more = page.len() > limit as usize;
        page.truncate(limit as usize);
        let last_id = page.last().map(|document| document.id);
        let requests = typed::<TripEvent>(page)?;
        let next = requests.last().zip(last_id).filter(|_| has_more);
        let next = next.map(|(request, id)| Cursor { at: request.at, id });
        let trips: Vec<String> = requests.iter().map(|request| request.trip.to_string()).collect();
        if trips.is_empty() {
            return Ok((Vec::new(), None));
        }
        let (facts, fares) = self.outcomes(doc! { "$in": trips }).await?;
        Ok((rides(&requests, facts, fares), next))
    }

    /// One ride; `None` if no such ride was archived. Two queries; uses the index `trip`.
    ///
    /// # Errors
    /// If the server is away, or a document is not what its topic promises.
    pub async fn ride(&self, trip: TripId) -> anyhow::Result<Option<RideRecord>> {
        let (facts, fares) = self.outcomes(doc! { "$in": [trip.to_string()] }).await?;
        let requests: Vec<TripEvent> = facts.iter().filter(|event| is_request(event)).cloned().collect();
        Ok(rides(&requests, facts, fares).into_iter().next())
    }

    /// What happened to trips, in order, and their final fares.
    async fn outcomes(&self, trips: Document) -> anyhow::Result<(Vec<TripEvent>, Vec<FareEvent>)> {
        let in_order = || doc! { "_id": 1 };
        let final_fares = doc! { "trip": trips.clone(), "event": "fare_calculated" };
        let (facts, fares) = futures::try_join!(
            self.find(of::<TripEvent>(), doc! { "trip": trips }, in_order(), None),
            self.find(of::<FareEvent>(), final_fares, in_order(), None),
        )?;
        Ok((typed(facts)?, typed(fares)?))
    }
}

/// The requests of a rider, all or those behind a cursor. Equal moments are told apart by the place of the record.
fn rides_filter(rider: i64, before: Option<Cursor>) -> Document {
    let (field, value) = REQUESTED;
    let mut filter = doc! { "rider": rider, field: value };
    if let Some(Cursor { at, id }) = before {
        // The first condition bounds the index, the second leaves out what was on the page before.
        filter.insert("at", doc! { "$lte": at.0 });
        filter.insert("$or", [doc! { "at": { "$lt": at.0 } }, doc! { "_id": { "$lt": id.number() } }]);
    }
    filter
}

fn of<T: Contract>() -> &'static Collection {
    Collection::of_topic(T::TOPIC.name).expect("facts and fares are archived")
}

fn typed<T: Contract>(documents: Vec<StoredDocument>) -> anyhow::Result<Vec<T>> {
    let payload = |document: StoredDocument| {
        let (topic, id) = (T::TOPIC.name, document.id);
        serde_json::from_value(Value::Object(document.fields))
            .with_context(|| format!("the document of {topic}/{id} is not what the topic promises"))
    };
    documents.into_iter().map(payload).collect()
}

fn is_request(event: &TripEvent) -> bool {
    matches!(event.fact, TripFact::TripRequested { .. })
}

/// The rides that began with these requests, in their order; facts come in order of time.
fn rides(requests: &[TripEvent], facts: Vec<TripEvent>, fares: Vec<FareEvent>) -> Vec<RideRecord> {
    let mut last: BTreeMap<TripId, TripEvent> = facts.into_iter().map(|event| (event.trip, event)).collect();
    let mut fares: BTreeMap<TripId, FareEvent> = fares.into_iter().map(|fare| (fare.trip, fare)).collect();
    let ride = |request: &TripEvent| {
        let TripFact::TripRequested { pickup, dropoff, surge } = request.fact else { return None };
        let last = last.remove(&request.trip).unwrap_or_else(|| request.clone());
        let driven = match last.fact {
            TripFact::TripCompleted { distance_m, duration_s, .. } => Some((distance_m, duration_s)),
            _ => None,
        };
        Some(RideRecord {
            trip: request.trip,
            rider: request.rider,
            pickup,
            dropoff,
            surge,
            requested_at: request.at,
            driver: driver_of(&last.fact),
            distance_m: driven.map(|(distance_m, _)| distance_m),
            duration_s: driven.map(|(_, duration_s)| duration_s),
            last,
            fare: fares.remove(&request.trip),
        })
    };
    requests.iter().filter_map(ride).collect()
}

/// Whom a trip holds after this fact, or held at its end.
fn driver_of(fact: &TripFact) -> Option<DriverId> {
    match fact {
        TripFact::OfferDeclined { .. } | TripFact::OfferExpired { .. } => None,
        fact => fact.driver(),
    }
}
