//! Both ends of the view, on a server of their own.

use domain::{DriverId, LatLng};
use live::{Applied, Census, DriverUpdate, LiveDriver, Reader, Report, Search, Sweeper, Writer};

use crate::server::Server;

pub(crate) const CENTRE: LatLng = LatLng { lat: 37.7749, lon: -122.4194 };
pub(crate) const NOW: i64 = 1_800_000_000_000;

pub(crate) fn place(north_m: f64) -> LatLng {
    CENTRE.offset_m(north_m, 0.0)
}

/// Driver `id` at `north_m` metres north of the centre, reported at `seen_ms` with this offset of partition 0.
pub(crate) fn update(id: u64, north_m: f64, seen_ms: i64, offset: i64) -> DriverUpdate {
    let report = Some(Report { position: place(north_m), seen_ms, offset });
    DriverUpdate { driver: DriverId(id), partition: 0, epoch: 1, idle: true, report }
}

pub(crate) struct Ends {
    pub(crate) server: Server,
    pub(crate) reader: Reader,
    pub(crate) sweeper: Sweeper,
    pub(crate) census: Census,
}

impl Ends {
    pub(crate) async fn start() -> Self {
        let server = Server::start().await;
        let settings = server.settings();
        Self {
            reader: Reader::new(&settings, "t").unwrap(),
            sweeper: Sweeper::new(&settings, "t").unwrap(),
            census: Census::new(&settings, "t").unwrap(),
            server,
        }
    }

    pub(crate) fn writer(&self) -> Writer {
        Writer::new(&self.server.settings(), "t").unwrap()
    }

    pub(crate) async fn found(&mut self, count: usize) -> Vec<u64> {
        let found = self.reader.candidates(&[Search { position: CENTRE, count }], NOW).await.unwrap();
        found[0].iter().map(|candidate| candidate.driver.0).collect()
    }

    pub(crate) async fn driver(&mut self, id: u64) -> Option<LiveDriver> {
        self.census.all().await.unwrap().into_iter().find(|found| found.driver.0 == id)
    }

    /// Metres north of the centre, to the nearest ten.
    pub(crate) async fn north_m(&mut self, id: u64) -> f64 {
        let position = self.driver(id).await.unwrap().position.unwrap();
        (CENTRE.distance_m(position) / 10.0).round() * 10.0
    }
}

pub(crate) fn written(count: usize) -> Applied {
    Applied { written: count, ..Applied::default() }
}

pub(crate) fn fenced(count: usize) -> Applied {
    Applied { fenced: count, ..Applied::default() }
}
