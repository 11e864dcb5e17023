//! A small town for tests of the city: the same streets and clock for all of them.

use std::sync::{Arc, LazyLock};

use domain::{CityClock, CityMs, RealMs};
use loadgen::model::{City, Demand, Faults, Settings};
use roads::{CityOptions, Districts, RoadNetwork};

pub(crate) const START: RealMs = RealMs(1_700_000_000_000);

pub(crate) static STREETS: LazyLock<(Arc<RoadNetwork>, Arc<Districts>)> = LazyLock::new(|| {
    let options = CityOptions { width_m: 2_200.0, height_m: 2_200.0, ..CityOptions::default() };
    let network = RoadNetwork::generate(9, &options);
    let districts = Districts::generated(9, &options, &network);
    (Arc::new(network), Arc::new(districts))
});

pub(crate) fn clock(speed: f64) -> CityClock {
    CityClock::new(START, CityMs(START.0), speed)
}

pub(crate) fn new_city(seed: u64, speed: f64, settings: Settings) -> City {
    let (network, districts) = STREETS.clone();
    City::new(seed, settings, network, districts, clock(speed), CityMs(START.0))
}

pub(crate) fn settings(drivers: u32, requests_per_minute: f64, faults: Faults) -> Settings {
    Settings { drivers, demand: Demand::Generated { requests_per_minute }, faults, ..Settings::default() }
}
