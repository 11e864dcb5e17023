//! One window of matching: how long it takes, and how long riders wait for what it decides.
//!
//! Drivers and riders stand in a square city; the candidates of each rider are the nearest drivers, found in memory.
//! Measured is the service's own code on them, with both of its methods, and an independent exact one to check it.

mod city;
mod exact;
mod rider;
mod search;

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::ensure;
use domain::assignment::Method;
use domain::{CityClock, CityMs, TripId};
use events::{Contract, OutRecord};
use live::{Candidate, Search};
use matching::{MatchingHandler, MatchingSink, NearbyDrivers, Waiting, Window, pickup_ds};
use pipeline::{Handler, Record, Sink};
use runtime::Stats;

use crate::figure::{Figure, Figures};
use crate::outcome::{Part, Rounds, Series};
use crate::scenario::Scenario;
use city::City;
use rider::{snapshot, waiting};

pub(crate) use search::run as run_search;

/// Drivers considered for each trip, as the service does unless it is told otherwise.
const CANDIDATES: usize = 10;

/// How many drivers are idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supply {
    /// A hundred thousand, whatever is asked for.
    Plenty,
    /// Three for each rider.
    Enough,
    /// Eleven for ten riders.
    Scarce,
}

impl Supply {
    fn drivers(self, riders: usize) -> usize {
        match self {
            Self::Plenty => 100_000,
            Self::Enough => riders * 3,
            Self::Scarce => riders * 11 / 10,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Plenty => "100,000 idle drivers, 10 candidates a rider",
            Self::Enough => "3 idle drivers a rider, 10 candidates a rider",
            Self::Scarce => "1.1 idle drivers a rider, 10 candidates a rider",
        }
    }
}

/// Riders of a window with the candidates of each.
struct Case {
    trips: Vec<Waiting>,
    candidates: Vec<Vec<Candidate>>,
}

/// Measures windows of these sizes, all methods in turns.
///
/// # Errors
/// If a method breaks its promise: ours has to be as good as the exact one.
pub async fn run(supply: Supply, sizes: &[usize], repetitions: u32) -> anyhow::Result<Part> {
    let mut series = Vec::new();
    for &riders in sizes {
        let case = Case::new(supply, riders);
        let mut optimal = Series::new(format!("{riders} riders, optimal"));
        let mut greedy = Series::new(format!("{riders} riders, greedy"));
        for round in 0..=repetitions {
            for (series, method) in [(&mut optimal, Method::Optimal), (&mut greedy, Method::Greedy)] {
                let figures = case.measure(method).await?;
                if round > 0 {
                    series.repetitions.push(figures);
                }
            }
        }
        let checked = case.check(&optimal)?;
        series.extend([optimal, greedy, checked]);
    }
    let rounds = Some(Rounds { warm_up: 1, counted: repetitions });
    Ok(Part {
        scenario: Scenario::Matching,
        title: supply.title().to_owned(),
        reference: None,
        rounds,
        series,
    })
}

impl Case {
    fn new(supply: Supply, riders: usize) -> Self {
        let city = City::new(supply.drivers(riders));
        Self::of(riders, |trip| city.nearest(trip.pickup, CANDIDATES))
    }

    /// So many riders, each with the candidates that are found.
    fn of(riders: usize, candidates: impl FnMut(&Waiting) -> Vec<Candidate>) -> Self {
        let now = CityMs(runtime::clock::now_ms());
        let trips: Vec<Waiting> = (0..riders as u64).map(|number| waiting(number, now)).collect();
        let candidates = trips.iter().map(candidates).collect();
        Self { trips, candidates }
    }

    /// Lets the service's handler and sink deal with the window once.
    async fn measure(&self, method: Method) -> anyhow::Result<Figures> {
        let records: Vec<OutRecord> =
            self.trips.iter().map(|waiting| snapshot(waiting).to_record()).collect();
        let mut windows = Vec::new();
        let began = Instant::now();
        take_in(&records, &mut windows)?;
        let handler_ms = ms_since(began);
        ensure!(windows[0].0.len() == self.trips.len(), "the window lacks trips");

        let candidates = self.in_order_of(&windows[0]);
        let rows = rows(&candidates);
        let began = Instant::now();
        let chosen = method.solve(&rows);
        let solve_ms = ms_since(began);

        let (stats, mut commands) = (Stats::default(), Commands::default());
        let nearby = Prepared(Some(candidates));
        let mut sink = MatchingSink::new(nearby, &mut commands, CityClock::REAL, method, CANDIDATES, &stats);
        let began = Instant::now();
        sink.apply(&windows).await?;
        let pairing_ms = ms_since(began);
        let value = Value::of(&rows, &chosen);
        ensure!(commands.0.len() == value.pairs, "the service asks for other pairs than its method chose");
        let mut figures = value.figures();
        figures.extend([
            (Figure::HandlerMs, handler_ms),
            (Figure::PairingMs, pairing_ms),
            (Figure::SolveMs, solve_ms),
        ]);
        Ok(figures)
    }

    /// The candidates of the trips of a window.
    fn in_order_of(&self, window: &Window) -> Vec<Vec<Candidate>> {
        let of: BTreeMap<TripId, &Vec<Candidate>> =
            self.trips.iter().map(|trip| trip.trip).zip(&self.candidates).collect();
        window.0.iter().map(|waiting| of[&waiting.trip].clone()).collect()
    }

    /// Solves the window by another method and compares.
    fn check(&self, ours: &Series) -> anyhow::Result<Series> {
        let rows = rows(&self.candidates);
        let began = Instant::now();
        let chosen = exact::assign(&rows);
        let solve_ms = ms_since(began);
        let mut figures = Value::of(&rows, &chosen).figures();
        for figure in [Figure::Pairs, Figure::TotalPickupS] {
            let (own, exact) = (ours.spread(figure).map(|it| it.median), figures.get(&figure).copied());
            ensure!(own == exact, "{figure:?} is {own:?} by our method and {exact:?} by the exact one");
        }
        figures.insert(Figure::SolveMs, solve_ms);
        let name = format!("{} riders, exact check (Hungarian, full matrix)", self.trips.len());
        Ok(Series { name, repetitions: vec![figures] })
    }
}

/// What an assignment is worth.
struct Value {
    pairs: usize,
    total_ds: i64,
}

impl Value {
    fn of(rows: &[Vec<(usize, i64)>], chosen: &[Option<usize>]) -> Self {
        let cost = |(row, driver): (&Vec<(usize, i64)>, &Option<usize>)| {
            row.iter().find(|(candidate, _)| Some(*candidate) == *driver).map(|(_, cost)| *cost)
        };
        let costs: Vec<i64> = rows.iter().zip(chosen).filter_map(cost).collect();
        Self { pairs: costs.len(), total_ds: costs.iter().sum() }
    }

    fn figures(&self) -> Figures {
        let total_s = self.total_ds as f64 / 10.0;
        Figures::from([
            (Figure::Pairs, self.pairs as f64),
            (Figure::TotalPickupS, total_s),
            (Figure::MeanPickupS, total_s / self.pairs.max(1) as f64),
        ])
    }
}

/// Trips with the estimated ways of their candidates, as the service gives them to its method; all riders came at the
/// same time, so nobody's wait makes a difference.
fn rows(candidates: &[Vec<Candidate>]) -> Vec<Vec<(usize, i64)>> {
    let pair = |one: &Candidate| (one.driver.0 as usize, pickup_ds(one.distance_m));
    candidates.iter().map(|found| found.iter().map(pair).collect()).collect()
}

/// Lets the handler take the records in and open its window.
fn take_in(records: &[OutRecord], windows: &mut Vec<Window>) -> anyhow::Result<()> {
    let mut handler = MatchingHandler::new(100);
    handler.assigned(0);
    for (offset, record) in (0i64..).zip(records) {
        let record = Record {
            topic: record.topic.name,
            partition: 0,
            offset,
            timestamp_ms: 0,
            key: Some(&record.key),
            payload: record.payload.as_deref(),
            traceparent: None,
        };
        let taken = handler.handle(&record, windows);
        ensure!(taken.is_ok(), "a trip was rejected: {taken:?}");
    }
    handler.tick(runtime::clock::now_ms(), windows);
    ensure!(windows.len() == 1, "no window opened");
    Ok(())
}

fn ms_since(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}

/// Candidates that were fetched before.
struct Prepared(Option<Vec<Vec<Candidate>>>);

impl NearbyDrivers for Prepared {
    async fn near(&mut self, _searches: &[Search], _now_ms: i64) -> anyhow::Result<Vec<Vec<Candidate>>> {
        Ok(self.0.take().unwrap_or_default())
    }
}

/// Keeps what would be written.
#[derive(Default)]
struct Commands(Vec<OutRecord>);

impl Sink for &mut Commands {
    type Item = OutRecord;

    async fn apply(&mut self, items: &[OutRecord]) -> anyhow::Result<()> {
        self.0.extend_from_slice(items);
        Ok(())
    }
}
