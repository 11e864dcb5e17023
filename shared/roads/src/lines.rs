//! The streets of a generated city before they cross: class, speed, direction, and whether they bridge the river.

use rand::{Rng, RngExt};

use crate::parts::RoadClass;

/// Share of the lines that are no arterial and lead one way only.
const ONE_WAY_LINES: f64 = 0.35;

/// Speed limits: 60 km/h on the ring, 50 on arterials, 40 and 30 on streets.
const RING_MPS: f64 = 16.7;
const ARTERIAL_MPS: f64 = 13.9;
const STREET_MPS: f64 = 11.1;
const RESIDENTIAL_MPS: f64 = 8.3;

/// A street through the whole city.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    pub(crate) class: RoadClass,
    pub(crate) speed_mps: f64,
    pub(crate) ways: Ways,
    pub(crate) bridge: bool,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Ways {
    Both,
    Forward,
    Backward,
}

impl Line {
    pub(crate) fn arterial(bridge: bool) -> Self {
        Self { class: RoadClass::Arterial, speed_mps: ARTERIAL_MPS, ways: Ways::Both, bridge }
    }
}

/// A ring road around the city, an arterial every six to nine lines, every other one of them with a bridge.
pub(crate) fn draw_lines(rng: &mut impl Rng, count: usize) -> Vec<Line> {
    let mut next_arterial = rng.random_range(3..6);
    let mut arterials = 0;
    (0..count)
        .map(|line| {
            if line == 0 || line + 1 == count {
                return Line { speed_mps: RING_MPS, ..Line::arterial(true) };
            }
            if line == next_arterial {
                next_arterial += rng.random_range(6..=9);
                arterials += 1;
                return Line::arterial(arterials % 2 == 1);
            }
            let one_way = if line % 2 == 0 { Ways::Forward } else { Ways::Backward };
            let ways = if rng.random_bool(ONE_WAY_LINES) { one_way } else { Ways::Both };
            let (class, speed_mps) = if rng.random_bool(0.35) {
                (RoadClass::Street, STREET_MPS)
            } else {
                (RoadClass::Residential, RESIDENTIAL_MPS)
            };
            Line { class, speed_mps, ways, bridge: false }
        })
        .collect()
}
