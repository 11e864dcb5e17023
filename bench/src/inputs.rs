//! What services drain beside reports: the wishes of a city's riders, and the shift changes of its drivers.

use domain::{CityMs, DriverId, LatLng, RiderId, Zone};
use events::driver_shifts::{DriverShift, ShiftChange};
use events::ride_requests::{RideRequest, Wish};
use events::{Contract, OutRecord};
use kafka::Outbox;

use crate::clients::LINGER_MS;
use crate::ground::Ground;
use crate::reports::place;

/// Records that are handed to the client at once.
const SLICE: usize = 1_000;

/// Fills the topic of requests: so many riders, each of whom asks for a ride.
pub(crate) async fn fill_requests(ground: &Ground, requests: u64) -> anyhow::Result<()> {
    let at = CityMs(runtime::clock::now_ms());
    send(ground, (1..=requests).map(|number| request(number, at).to_record())).await
}

/// Fills the topic of shifts: so many drivers, each of whom comes on shift.
pub(crate) async fn fill_shifts(ground: &Ground, shifts: u64) -> anyhow::Result<()> {
    let at = CityMs(runtime::clock::now_ms());
    send(ground, (1..=shifts).map(|number| shift(number, at).to_record())).await
}

/// A rider who asks for a ride to where another one stands.
pub(crate) fn request(number: u64, at: CityMs) -> RideRequest {
    let (pickup, dropoff) = (place(number), place(number + 1));
    let trip = format!("{}.0192f0c1-2345-7abc-8def-{number:012}", Zone::of(pickup));
    let trip = trip.parse().expect("a zone and a UUID");
    RideRequest { trip, rider: RiderId(number), at, wish: Wish::Ride { pickup, dropoff } }
}

/// A driver who comes on shift.
pub(crate) fn shift(number: u64, at: CityMs) -> DriverShift {
    let position: LatLng = place(number);
    DriverShift { driver: DriverId(number), at, change: ShiftChange::Start, position }
}

async fn send(ground: &Ground, mut records: impl Iterator<Item = OutRecord>) -> anyhow::Result<()> {
    let outbox = Outbox::on_schedule(&ground.settings, "bench-inputs", LINGER_MS)?;
    loop {
        let slice: Vec<OutRecord> = records.by_ref().take(SLICE).collect();
        if slice.is_empty() {
            return outbox.settled().await;
        }
        outbox.send_all(&slice).await?;
    }
}

#[cfg(test)]
mod tests {
    use events::decode;

    use super::*;

    #[test]
    fn requests_and_shifts_keep_their_contracts() {
        let at = CityMs(1_800_000_000_000);
        for number in 1..=200 {
            let (wish, change) = (request(number, at), shift(number, at));
            let record = wish.to_record();
            assert_eq!(decode(Some(&record.key), record.payload.as_deref(), Some(at)), Ok(wish));
            let record = change.to_record();
            assert_eq!(decode(Some(&record.key), record.payload.as_deref(), Some(at)), Ok(change));
        }
        assert_ne!(request(1, at).trip, request(2, at).trip);
    }
}
