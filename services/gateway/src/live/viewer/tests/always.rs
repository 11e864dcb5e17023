//! Whatever happens, wherever the client looks and whatever it misses: once it took what it is owed, it has what the
//! server has.

use std::collections::{BTreeMap, BTreeSet};

use domain::driver::DriverStatus;
use domain::{DriverId, LatLng};
use proptest::prelude::*;
use testkit::town;

use super::super::super::board::Board;
use super::super::super::request::Layers;
use super::super::super::tile::Place;
use super::super::Viewer;
use super::client::{Client, Drivers};
use super::{CENTRE, request};
use crate::view::{Changes, DriverSpot, OpenTrip, Phase, TripChange};

/// What the server was told, kept in the plainest way.
#[derive(Debug, Default)]
struct Truth {
    drivers: BTreeMap<u64, DriverSpot>,
    trips: BTreeMap<u32, Phase>,
    now_ms: i64,
}

impl Truth {
    fn shown(&self) -> impl Iterator<Item = (u64, Place, u8)> {
        let fresh = self.drivers.values().filter(|spot| self.now_ms - spot.seen_ms <= 120_000);
        fresh.filter(|spot| spot.status != DriverStatus::Offline).map(|spot| {
            let state = if spot.status == DriverStatus::Idle { 1 } else { 5 };
            (spot.id.0, Place::of(spot.position), state)
        })
    }

    /// What a client that looks at these tiles should have.
    fn drivers_in(&self, tiles: &BTreeSet<(u32, u32)>) -> Drivers {
        let mut drivers = Drivers::new();
        for (id, place, state) in self.shown() {
            let tile = (place.tile.x, place.tile.y);
            if tiles.contains(&tile) {
                drivers.entry(tile).or_default().insert(id, (place.x, place.y, state));
            }
        }
        drivers
    }
}

/// One thing that happens between two pictures.
#[derive(Clone, Debug)]
enum Event {
    Report { id: u64, north: i8, east: i8, idle: bool },
    OffShift { id: u64 },
    Trip { number: u32, phase: Option<Phase> },
    Silence,
}

/// One step of the server and a client.
#[derive(Clone, Debug)]
struct Step {
    events: Vec<Event>,
    /// The client looks somewhere else: half the side of its view in hundreds of metres, and layers.
    look: Option<(i8, i8, u8, Layers)>,
    /// The client takes what it is owed; else it is too slow.
    takes: bool,
}

fn event() -> impl Strategy<Value = Event> {
    let phases = prop_oneof![
        Just(None),
        Just(Some(Phase::Requested)),
        Just(Some(Phase::Matched)),
        Just(Some(Phase::Started)),
    ];
    prop_oneof![
        8 => (1u64..12, -20i8..20, -20i8..20, any::<bool>())
            .prop_map(|(id, north, east, idle)| Event::Report { id, north, east, idle }),
        2 => (1u64..12).prop_map(|id| Event::OffShift { id }),
        3 => (0u32..5, phases).prop_map(|(number, phase)| Event::Trip { number, phase }),
        1 => Just(Event::Silence),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let layers = (prop::bool::weighted(0.9), any::<bool>()).prop_map(|(drivers, trips)| Layers {
        drivers,
        trips,
        ..Layers::ALL
    });
    let look = prop::option::weighted(0.2, (-20i8..20, -20i8..20, 1u8..120, layers));
    let takes = prop::bool::weighted(0.7);
    (prop::collection::vec(event(), 0..6), look, takes).prop_map(|(events, look, takes)| Step {
        events,
        look,
        takes,
    })
}

fn at(north: i8, east: i8) -> LatLng {
    CENTRE.offset_m(f64::from(north) * 300.0, f64::from(east) * 300.0)
}

fn happen(truth: &mut Truth, event: &Event, changes: &mut Changes) {
    match *event {
        Event::Report { id, north, east, idle } => {
            let status = if idle { DriverStatus::Idle } else { DriverStatus::OnTrip };
            let (position, seen_ms) = (at(north, east), truth.now_ms);
            let spot = DriverSpot {
                id: DriverId(id),
                status,
                position,
                heading: 0,
                speed_mps: 0.0,
                seen_ms,
                reported: true,
            };
            truth.drivers.insert(id, spot);
            changes.drivers.retain(|other| other.id.0 != id);
            changes.drivers.push(spot);
        }
        Event::OffShift { id } => {
            if let Some(spot) = truth.drivers.get_mut(&id) {
                spot.status = DriverStatus::Offline;
                changes.drivers.retain(|other| other.id.0 != id);
                changes.drivers.push(*spot);
            }
        }
        Event::Trip { number, phase } => {
            let open = |phase| OpenTrip { pickup: CENTRE, dropoff: CENTRE, driver: None, phase, surge: 100 };
            changes.trips.retain(|other| other.id != town::trip(number));
            changes.trips.push(TripChange { id: town::trip(number), open: phase.map(open) });
            match phase {
                Some(phase) => truth.trips.insert(number, phase),
                None => truth.trips.remove(&number),
            };
        }
        Event::Silence => truth.now_ms += 40_000,
    }
}

fn check(client: &Client, truth: &Truth, board: &mut Board, layers: Layers) -> Result<(), TestCaseError> {
    if layers.drivers {
        let mut expected = truth.drivers_in(&client.tiles);
        if client.mode == "points" {
            let mut drivers = client.drivers.clone();
            drivers.retain(|_, drivers| !drivers.is_empty());
            prop_assert_eq!(drivers, expected);
        } else {
            let sums = client.counts.iter().map(|(tile, cells)| {
                let sum = cells.values().map(|(idle, busy)| usize::from(idle + busy)).sum::<usize>();
                (*tile, sum)
            });
            let mut sums: BTreeMap<_, _> = sums.collect();
            sums.retain(|_, sum| *sum > 0);
            let expected: BTreeMap<_, _> = std::mem::take(&mut expected)
                .into_iter()
                .map(|(tile, drivers)| (tile, drivers.len()))
                .collect();
            prop_assert_eq!(sums, expected);
        }
    } else {
        prop_assert!(client.tiles.is_empty() && client.drivers.is_empty() && client.counts.is_empty());
    }
    if layers.trips {
        prop_assert_eq!(client.trips.len(), truth.trips.len());
    }
    let shown = u32::try_from(truth.shown().count()).unwrap();
    prop_assert_eq!(board.drivers.by_state().iter().sum::<u32>(), shown);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_client_that_took_all_it_is_owed_has_what_the_server_has(
        steps in prop::collection::vec(step(), 1..60), most_points in prop_oneof![Just(6usize), Just(1000)],
    ) {
        let (mut board, mut truth, mut client) = (Board::default(), Truth::default(), Client::default());
        let mut viewer = Viewer::new(most_points);
        let mut layers = Layers::ALL;
        viewer.look_at(request(CENTRE, 3000.0, layers));
        for step in &steps {
            let mut changes = Changes::default();
            step.events.iter().for_each(|event| happen(&mut truth, event, &mut changes));
            // Silent drivers go within four pictures: all of them are made, so that the truth is simple.
            board.advance(truth.now_ms, changes);
            while board.tick() % 4 != 0 {
                board.advance(truth.now_ms, Changes::default());
            }
            if let Some((north, east, half, wanted)) = step.look {
                layers = wanted;
                viewer.look_at(request(at(north, east), f64::from(half) * 1000.0, layers));
            }
            if step.takes {
                let mut owed = Vec::new();
                viewer.owed(&mut board, &mut owed);
                client.take(&owed);
                check(&client, &truth, &mut board, layers)?;
                let mut nothing = Vec::new();
                viewer.owed(&mut board, &mut nothing);
                prop_assert!(nothing.is_empty(), "owed twice: {nothing:?}");
            }
        }
    }
}
