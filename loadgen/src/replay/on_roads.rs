//! Where the positions of a recording lie on the roads: looked up once, so that each copy of a car only has to be moved
//! ahead from there.

use std::path::Path;

use anyhow::Context;
use domain::LatLng;
use roads::{EdgeId, Place, RoadNetwork, Streets};

use super::recording::Ping;

/// Who moves less between two positions stands, and where they go is told by a later one.
const MOVING_M: f64 = 20.0;

/// A car that would have to be faster was not there: GPS jumped.
const FASTEST_MPS: f32 = 50.0;

/// No road, or no position.
const NONE: u32 = u32::MAX;

/// The roads under a recording.
#[derive(Clone, Debug)]
pub(super) struct OnRoads {
    streets: Streets,
    /// By index of the position.
    spots: Vec<Spot>,
}

/// Where a position lies on the roads; 12 bytes, for there are many.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spot {
    edge: u32,
    along_m: f32,
    /// Index of the position that the car goes to next.
    towards: u32,
}

/// A car that was moved ahead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moved {
    pub(super) position: LatLng,
    /// Direction of the road there, degrees clockwise from north, 0..360.
    pub(super) heading_deg: u16,
}

impl OnRoads {
    /// Reads the roads of a folder and finds the recording on them; of nothing if there is no folder.
    ///
    /// # Errors
    /// If the folder holds no road network: what is wrong, with file and line.
    pub(super) fn read(dir: Option<&Path>, pings: &[Ping]) -> anyhow::Result<Option<Self>> {
        let Some(dir) = dir else { return Ok(None) };
        let (network, _) =
            RoadNetwork::load(dir).with_context(|| format!("failed to load the roads {}", dir.display()))?;
        Ok(Some(Self::find(network, pings)))
    }

    /// Finds the positions of a recording on a network.
    pub(super) fn find(network: RoadNetwork, pings: &[Ping]) -> Self {
        let streets = Streets::of(network);
        let towards = destinations(pings);
        let spot = |(ping, &towards): (&Ping, &u32)| {
            let position = ping.position();
            let target = pings.get(towards as usize).map(Ping::position);
            let course_deg =
                target.map_or(f64::from(ping.heading_deg), |target| position.bearing_deg(target));
            match streets.nearest(position, course_deg) {
                Some(Place { edge, along_m }) => Spot { edge: edge.0, along_m, towards },
                None => Spot { edge: NONE, along_m: 0.0, towards },
            }
        };
        let spots = pings.iter().zip(&towards).map(spot).collect();
        Self { streets, spots }
    }

    /// How many positions lie far from every road.
    pub(super) fn beside(&self) -> usize {
        self.spots.iter().filter(|spot| spot.edge == NONE).count()
    }

    /// Where a car would be that is `ahead_m` farther along its road than a position, and as far beside it; `None` if
    /// that position lies far from every road.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..=360 degrees")]
    pub(super) fn ahead(&self, pings: &[Ping], index: usize, ahead_m: f64) -> Option<Moved> {
        let spot = self.spots.get(index).filter(|spot| spot.edge != NONE)?;
        let place = Place { edge: EdgeId(spot.edge), along_m: spot.along_m };
        let target = pings.get(spot.towards as usize).map(Ping::position);
        let point = self.streets.ahead(place, ahead_m, target);
        let (recorded, on_road) = (pings[index].position(), self.streets.position(place));
        let position = LatLng {
            lat: point.position.lat + recorded.lat - on_road.lat,
            lon: point.position.lon + recorded.lon - on_road.lon,
        };
        Some(Moved { position: position.rounded(), heading_deg: point.heading_deg as u16 % 360 })
    }
}

/// By position, the index of the one that its car goes to: the next that is some way off, and `NONE` if there is none.
/// A position that can't be reached is a mistake of GPS: nobody goes there.
#[expect(clippy::cast_possible_truncation, reason = "a recording has far fewer than 2^32 positions")]
fn destinations(pings: &[Ping]) -> Vec<u32> {
    let mut towards = vec![NONE; pings.len()];
    // By car, the position after the one that is looked at.
    let mut later: Vec<u32> = Vec::new();
    for (index, ping) in pings.iter().enumerate().rev() {
        let cab = ping.cab as usize;
        if later.len() <= cab {
            later.resize(cab + 1, NONE);
        }
        if let Some(next) = pings.get(later[cab] as usize) {
            let is_way_off = ping.position().distance_m(next.position()) >= MOVING_M;
            let is_jump = next.speed_mps() > FASTEST_MPS;
            towards[index] = if is_way_off && !is_jump { later[cab] } else { towards[later[cab] as usize] };
        }
        later[cab] = index as u32;
    }
    towards
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::replay::recording::tests::recording;

    const ORIGIN: LatLng = LatLng { lat: 46.0, lon: 0.5 };

    fn at(north_m: f64, east_m: f64) -> LatLng {
        ORIGIN.offset_m(north_m, east_m)
    }

    /// A folder with the roads of a town: both ways, a kilometre to the north, and from there one to the east.
    pub(crate) fn town() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let junctions = (0..=10).map(|n| at(100.0 * f64::from(n), 0.0));
        let junctions = junctions.chain((1..=10).map(|n| at(1000.0, 100.0 * f64::from(n))));
        let nodes = junctions.zip(0..).map(|(place, id)| format!("{id},{},{}\n", place.lat, place.lon));
        let edges = (0..20).map(|n| format!("{n},{},100,10\n{},{n},100,10\n", n + 1, n + 1));
        let file = |header: &str, rows: String| format!("{header}\n{rows}");
        std::fs::write(dir.path().join("nodes.csv"), file("id,lat,lon", nodes.collect())).unwrap();
        let edges = file("from,to,length_m,freespeed_mps", edges.collect());
        std::fs::write(dir.path().join("edges.csv"), edges).unwrap();
        dir
    }

    /// Positions in metres north and east of one car, ten seconds apart.
    fn drive(places: &[(f64, f64)]) -> Vec<Ping> {
        let row = |(second, &(north_m, east_m)): (u32, &(f64, f64))| {
            let place = at(north_m, east_m);
            format!("{},7,{:.6},{:.6}\n", 1000 + 10 * second, place.lat, place.lon)
        };
        recording(&(0..).zip(places).map(row).collect::<String>()).unwrap().pings
    }

    /// The positions `ahead_m` ahead of each of these, and their directions.
    fn moved(places: &[(f64, f64)], ahead_m: f64) -> Vec<Option<Moved>> {
        let pings = drive(places);
        let roads = OnRoads::read(Some(town().path()), &pings).unwrap().unwrap();
        let moved: Vec<_> = (0..pings.len()).map(|index| roads.ahead(&pings, index, ahead_m)).collect();
        assert_eq!(roads.beside(), moved.iter().filter(|moved| moved.is_none()).count());
        moved
    }

    fn assert_at(moved: Option<Moved>, north_m: f64, east_m: f64, heading_deg: u16) {
        let Some(moved) = moved else { panic!("{north_m} {east_m}: beside the road") };
        let off_m = moved.position.distance_m(at(north_m, east_m));
        assert!(off_m < 1.0, "{off_m} m from {north_m} {east_m}");
        let turned = (i32::from(moved.heading_deg) - i32::from(heading_deg)).rem_euclid(360);
        assert!(!(2..359).contains(&turned), "{moved:?}, not {heading_deg}");
    }

    #[test]
    fn a_copy_goes_ahead_on_the_road_and_as_far_beside_it() {
        let moved = moved(&[(120.0, 8.0), (240.0, 8.0), (360.0, -8.0)], 150.0);
        assert_at(moved[0], 270.0, 8.0, 0);
        assert_at(moved[1], 390.0, 8.0, 0);
        assert_at(moved[2], 510.0, -8.0, 0);
        let moved = self::moved(&[(360.0, 8.0), (240.0, 8.0)], 150.0);
        assert_at(moved[0], 210.0, 8.0, 180);
        assert_at(moved[1], 90.0, 8.0, 180);
    }

    #[test]
    fn a_track_stays_continuous_around_a_corner() {
        let track: Vec<(f64, f64)> = (0..=40)
            .map(|step| 50.0 * f64::from(step))
            .map(|along_m| if along_m < 1000.0 { (along_m, 0.0) } else { (1000.0, along_m - 1000.0) })
            .collect();
        let moved: Vec<Moved> = moved(&track, 130.0).into_iter().map(Option::unwrap).collect();
        for pair in moved[..37].windows(2) {
            let step_m = pair[0].position.distance_m(pair[1].position);
            assert!((30.0..=51.0).contains(&step_m), "{step_m}: {pair:?}");
        }
        assert_at(Some(moved[18]), 1000.0, 30.0, 90);
    }

    #[test]
    fn who_stands_is_moved_to_where_they_will_go() {
        let moved = moved(&[(500.0, 3.0), (504.0, 0.0), (498.0, -4.0), (300.0, 0.0)], 100.0);
        for (moved, (north_m, east_m)) in moved.into_iter().zip([(400.0, 3.0), (404.0, 0.0), (398.0, -4.0)]) {
            assert_at(moved, north_m, east_m, 180);
        }
    }

    #[test]
    fn a_jump_stays_a_jump_and_turns_nobody_around() {
        let moved = moved(&[(300.0, 0.0), (400.0, 0.0), (-9000.0, 4000.0), (600.0, 0.0), (700.0, 0.0)], 50.0);
        assert_at(moved[1], 450.0, 0.0, 0);
        assert_eq!(moved[2], None, "it lies beside the road");
        assert_at(moved[3], 650.0, 0.0, 0);
        // On the road, but out of reach: over 800 m in 10 s.
        let moved =
            self::moved(&[(0.0, 0.0), (80.0, 0.0), (1000.0, 900.0), (160.0, 0.0), (240.0, 0.0)], 50.0);
        assert_at(moved[1], 130.0, 0.0, 0);
        assert_eq!(moved[2].map(|moved| moved.position.distance_m(at(1000.0, 900.0)) < 51.0), Some(true));
        assert_at(moved[3], 210.0, 0.0, 0);
    }

    #[test]
    fn a_position_far_from_every_road_is_on_none() {
        let moved = moved(&[(500.0, 49.0), (500.0, 52.0)], 100.0);
        assert!(moved[0].is_some() && moved[1].is_none());
        assert!(OnRoads::read(None, &[]).unwrap().is_none());
        let empty = tempfile::tempdir().unwrap();
        let error = format!("{:#}", OnRoads::read(Some(empty.path()), &[]).unwrap_err());
        assert!(error.contains("nodes.csv"), "{error}");
    }
}
