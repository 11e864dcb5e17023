//! Turns a window into `reserve` commands: search, pair, ask.

use std::future::Future;

use anyhow::Context;
use domain::assignment::Method;
use domain::driver::{Assignment, DriverCommand};
use domain::{CityClock, CityMs, RealMs};
use events::driver_commands::DriverCommandRecord;
use events::{Contract, OutRecord};
use live::{Candidate, Reader, Search};
use pipeline::Sink;
use runtime::metrics::STORE_TIME;
use runtime::{Counter, Histogram, Operation, Stats, clock};
use tokio::time::Instant;
use traces::{Kind, TraceParent, Tracer};

use crate::asked::Asked;
use crate::budget::Budget;
use crate::pairing::{Pair, pair};
use crate::{Waiting, Window, metrics};

/// Finds idle drivers near places, nearest first.
pub trait NearbyDrivers: Send {
    /// For each search its candidates, all at once.
    ///
    /// # Errors
    /// If the store can't be asked.
    fn near(
        &mut self,
        searches: &[Search],
        now_ms: i64,
    ) -> impl Future<Output = anyhow::Result<Vec<Vec<Candidate>>>> + Send;
}

impl NearbyDrivers for Reader {
    async fn near(&mut self, searches: &[Search], now_ms: i64) -> anyhow::Result<Vec<Vec<Candidate>>> {
        self.candidates(searches, now_ms).await
    }
}

/// The sink of the `matching` service. Asking twice does no harm: the authorities see to that.
#[derive(Debug)]
pub struct MatchingSink<N, K> {
    nearby: N,
    commands: K,
    clock: CityClock,
    method: Method,
    candidates: usize,
    asked: Asked,
    budget: Budget,
    /// Commands that were decided but could not be written: they go first when the window is tried again.
    unsent: Vec<OutRecord>,
    figures: Figures,
    tracer: Tracer,
}

#[derive(Debug)]
struct Figures {
    windows: Counter,
    pairs: Counter,
    nobody_near: Counter,
    put_off: Counter,
    pickup_estimate_s: Counter,
    window_trips: Histogram,
    search_ms: Histogram,
    search: Operation,
    solve_ms: Histogram,
}

impl Figures {
    fn new(stats: &Stats) -> Self {
        Self {
            windows: stats.counter(&metrics::WINDOWS),
            pairs: stats.counter(&metrics::PAIRS),
            nobody_near: stats.counter(&metrics::NOBODY_NEAR),
            put_off: stats.counter(&metrics::PUT_OFF),
            pickup_estimate_s: stats.counter(&metrics::PICKUP_ESTIMATE),
            window_trips: stats.histogram(&metrics::WINDOW_TRIPS),
            search_ms: stats.histogram(&metrics::SEARCH),
            search: Operation::of(stats, &STORE_TIME, "redis", "search_idle"),
            solve_ms: stats.histogram(&metrics::SOLVE),
        }
    }
}

impl<N: NearbyDrivers, K: Sink<Item = OutRecord>> MatchingSink<N, K> {
    /// A sink that considers so many candidates for each trip.
    pub fn new(
        nearby: N,
        commands: K,
        clock: CityClock,
        method: Method,
        candidates: usize,
        stats: &Stats,
    ) -> Self {
        let (asked, budget, unsent) = (Asked::default(), Budget::default(), Vec::new());
        let (figures, tracer) = (Figures::new(stats), Tracer::default());
        Self { nearby, commands, clock, method, candidates, asked, budget, unsent, figures, tracer }
    }

    /// The same, with spans of its pairs.
    #[must_use]
    pub fn traced_by(self, tracer: Tracer) -> Self {
        Self { tracer, ..self }
    }

    async fn send(&mut self) -> anyhow::Result<()> {
        if !self.unsent.is_empty() {
            self.commands.apply(&self.unsent).await.context("failed to write reserve commands")?;
            self.unsent.clear();
        }
        Ok(())
    }

    /// Matches a window as of one moment of real time.
    async fn open(&mut self, window: &Window, now_ms: i64) -> anyhow::Result<()> {
        self.send().await?;
        self.asked.forget(now_ms);
        let trips = self.due(window, now_ms);
        if trips.is_empty() {
            return Ok(());
        }
        let opened_ns = self.tracer.now_ns();
        let found = self.search(&trips, now_ms).await?;
        let before_ms = clock::now_ms();
        let now = self.clock.city_at(RealMs(now_ms));
        let pairs = pair(&trips, &found, now, self.method);
        self.figures.solve_ms.record_ms(clock::now_ms() - before_ms);
        self.count(trips.len(), &pairs);
        for (waiting, candidates) in trips.iter().zip(&found) {
            if candidates.is_empty() {
                self.figures.nobody_near.add(1);
                tracing::debug!(trip = %waiting.trip, "no idle driver is near");
                self.asked.pause(waiting.trip, waiting.attempt, now_ms);
            }
        }
        for pair in pairs {
            let waiting = trips[pair.trip];
            tracing::debug!(trip = %waiting.trip, driver = %pair.driver, attempt = waiting.attempt, "driver asked for");
            self.asked.ask(waiting.trip, waiting.attempt, pair.driver, now_ms);
            let traceparent = self.trace(waiting, opened_ns);
            self.unsent.push(OutRecord { traceparent, ..reserve(waiting, &pair, now) });
        }
        self.send().await
    }

    /// The trips to find drivers for now: those who wait longest if Redis is too slow for all of them. The others
    /// are in the next window too.
    fn due<'a>(&self, window: &'a Window, now_ms: i64) -> Vec<&'a Waiting> {
        let is_due = |waiting: &&Waiting| !self.asked.has_trip(waiting.trip, waiting.attempt);
        let mut trips: Vec<&Waiting> = window.0.iter().filter(is_due).collect();
        let most = self.budget.trips(now_ms);
        if trips.len() > most {
            self.figures.put_off.add((trips.len() - most) as u64);
            trips.truncate(most);
        }
        trips
    }

    /// The candidates of each trip, without those who declined it and those who were asked for just now.
    async fn search(&mut self, trips: &[&Waiting], now_ms: i64) -> anyhow::Result<Vec<Vec<Candidate>>> {
        // Those asked for just now are still in Redis for a moment: more are fetched to make up for them.
        let spare = self.asked.drivers().min(self.candidates);
        let search = |waiting: &&Waiting| Search {
            position: waiting.pickup,
            count: self.candidates + waiting.excluded.len() + spare,
        };
        let searches: Vec<Search> = trips.iter().map(search).collect();
        let began = Instant::now();
        let found = self.figures.search.time(self.nearby.near(&searches, now_ms)).await;
        let took_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.budget.took(trips.len(), now_ms, took_ms);
        let mut found = found?;
        self.figures.search_ms.record_ms(took_ms);
        for (waiting, candidates) in trips.iter().zip(&mut found) {
            candidates
                .retain(|one| !waiting.excluded.contains(&one.driver) && !self.asked.has_driver(one.driver));
            candidates.truncate(self.candidates);
        }
        Ok(found)
    }

    /// The span of finding a driver for this trip, from when the window opened until now.
    fn trace(&self, waiting: &Waiting, opened_ns: u64) -> Option<TraceParent> {
        let cause = waiting.traceparent?;
        let context = self.tracer.context(cause, opened_ns)?;
        let mut span = self.tracer.begin(context, Some(cause.span_id), Kind::Internal, "match".to_owned())?;
        span.start_ns = opened_ns;
        span.tell("hailstorm.attempt", i64::from(waiting.attempt));
        self.tracer.end([span]);
        Some(context)
    }

    fn count(&self, trips: usize, pairs: &[Pair]) {
        self.figures.windows.add(1);
        self.figures.window_trips.record_ms(i64::try_from(trips).unwrap_or(i64::MAX));
        self.figures.pairs.add(pairs.len() as u64);
        let pickup_ds: i64 = pairs.iter().map(|pair| pair.pickup_ds).sum();
        self.figures.pickup_estimate_s.add(pickup_ds.unsigned_abs() / 10);
    }
}

impl<N: NearbyDrivers, K: Sink<Item = OutRecord>> Sink for MatchingSink<N, K> {
    type Item = Window;

    async fn apply(&mut self, windows: &[Window]) -> anyhow::Result<()> {
        // Each window holds all that waits, so an earlier one has nothing that the last has not.
        match windows.last() {
            Some(window) => self.open(window, clock::now_ms()).await,
            None => Ok(()),
        }
    }
}

fn reserve(waiting: &Waiting, pair: &Pair, at: CityMs) -> OutRecord {
    let assignment = Assignment {
        trip: waiting.trip,
        attempt: waiting.attempt,
        pickup: waiting.pickup,
        dropoff: waiting.dropoff,
        surge: waiting.surge,
        started_at: None,
    };
    DriverCommandRecord { driver: pair.driver, at, command: DriverCommand::Reserve(assignment) }.to_record()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use domain::tariff::SurgeMultiplier;
    use domain::{DriverId, LatLng, TripId};
    use pipeline::fakes::FakeSink;
    use tokio::time::{sleep, timeout};
    use traces::fakes::FakeSpans;

    use super::*;

    const NOW: i64 = 1_800_000_000_000;
    const LONGEST: Duration = Duration::from_secs(5);
    const CENTRE: LatLng = LatLng { lat: 37.7749, lon: -122.4194 };

    /// Idle drivers on a line northwards: id -> metres; and how long a search for one trip takes.
    #[derive(Default)]
    struct Line(BTreeMap<u64, f64>, Duration);

    impl NearbyDrivers for Line {
        async fn near(&mut self, searches: &[Search], _now_ms: i64) -> anyhow::Result<Vec<Vec<Candidate>>> {
            let one = |search: &Search| {
                let distance = |north_m: f64| search.position.distance_m(CENTRE.offset_m(north_m, 0.0));
                let drivers = self.0.iter();
                let mut all: Vec<Candidate> = drivers
                    .map(|(id, m)| Candidate { driver: DriverId(*id), distance_m: distance(*m) })
                    .collect();
                all.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m));
                all.truncate(search.count);
                all
            };
            let found = searches.iter().map(one).collect();
            let took = self.1 * u32::try_from(searches.len()).unwrap();
            match timeout(LONGEST, sleep(took)).await {
                Ok(()) => Ok(found),
                Err(_) => anyhow::bail!("timed out"),
            }
        }
    }

    fn waiting(number: u32, north_m: f64, excluded: &[u64]) -> Waiting {
        let id: TripId = format!("88283082a3fffff.0192f0c1-2345-7abc-8def-{number:012}").parse().unwrap();
        Waiting {
            trip: id,
            attempt: 1,
            pickup: CENTRE.offset_m(north_m, 0.0),
            dropoff: CENTRE,
            surge: SurgeMultiplier::NONE,
            requested_at: CityMs(NOW),
            excluded: excluded.iter().copied().map(DriverId).collect(),
            traceparent: None,
        }
    }

    struct City {
        sink: MatchingSink<Line, FakeSink<OutRecord>>,
        commands: FakeSink<OutRecord>,
    }

    impl City {
        fn new(drivers: &[(u64, f64)], failures: u32) -> Self {
            let commands = FakeSink::failing(failures);
            let line = Line(drivers.iter().copied().collect(), Duration::ZERO);
            let stats = Stats::default();
            Self {
                sink: MatchingSink::new(line, commands.clone(), CityClock::REAL, Method::Optimal, 3, &stats),
                commands,
            }
        }

        /// All commands so far as (last digits of the trip, attempt, driver).
        fn asked(&self) -> Vec<(String, u32, u64)> {
            let read = |record: &OutRecord| {
                let command: DriverCommandRecord =
                    events::decode(Some(&record.key), record.payload.as_deref(), None).unwrap();
                let DriverCommand::Reserve(assignment) = command.command else {
                    panic!("only reserve is sent")
                };
                let trip = assignment.trip.to_string();
                (trip[trip.len() - 2..].to_owned(), assignment.attempt, command.driver.0)
            };
            self.commands.items().iter().map(read).collect()
        }
    }

    fn asked(trip: &str, attempt: u32, driver: u64) -> (String, u32, u64) {
        (trip.to_owned(), attempt, driver)
    }

    #[tokio::test]
    async fn each_waiting_trip_is_paired_and_asked_for_once_until_it_is_forgotten() {
        let mut city = City::new(&[(1, 0.0), (2, 500.0)], 0);
        let window = Window(vec![waiting(1, 100.0, &[]), waiting(2, 600.0, &[])]);
        city.sink.open(&window, NOW).await.unwrap();
        let first = [asked("01", 1, 1), asked("02", 1, 2)];
        assert_eq!(city.asked(), first);
        city.sink.open(&window, NOW + 1_999).await.unwrap();
        assert_eq!(city.asked(), first);
        city.sink.open(&window, NOW + 2_000).await.unwrap();
        assert_eq!(city.asked().len(), 4);
    }

    #[tokio::test]
    async fn a_command_goes_back_to_the_span_in_which_a_driver_was_found() {
        let mut city = City::new(&[(1, 0.0), (2, 500.0)], 0);
        let spans = FakeSpans::default();
        city.sink = city.sink.traced_by(spans.tracer());
        let heard = TraceParent::of("the table of trips");
        let traced = Waiting { traceparent: Some(heard), ..waiting(1, 0.0, &[]) };
        city.sink.open(&Window(vec![traced, waiting(2, 500.0, &[])]), NOW).await.unwrap();
        let spans = spans.taken();
        assert_eq!(spans.len(), 1);
        assert_eq!((spans[0].name.as_str(), spans[0].parent), ("match", Some(heard.span_id)));
        let commands = city.commands.items();
        let parents: Vec<_> = commands.iter().map(|command| command.traceparent).collect();
        assert_eq!(parents, [Some(spans[0].context), None]);
    }

    #[tokio::test]
    async fn the_next_attempt_takes_neither_the_excluded_nor_those_just_asked_for() {
        let mut city = City::new(&[(1, 0.0), (2, 500.0), (3, 900.0)], 0);
        city.sink.open(&Window(vec![waiting(1, 0.0, &[])]), NOW).await.unwrap();
        let again = Waiting { attempt: 2, ..waiting(1, 0.0, &[]) };
        city.sink.open(&Window(vec![again]), NOW + 100).await.unwrap();
        city.sink.open(&Window(vec![waiting(2, 0.0, &[1, 2])]), NOW + 5_000).await.unwrap();
        assert_eq!(city.asked(), [asked("01", 1, 1), asked("01", 2, 2), asked("02", 1, 3)]);
    }

    #[tokio::test]
    async fn a_trip_with_nobody_near_is_looked_at_again_after_a_pause() {
        let mut city = City::new(&[], 0);
        let window = Window(vec![waiting(1, 0.0, &[])]);
        city.sink.open(&window, NOW).await.unwrap();
        city.sink.nearby.0.insert(7, 10.0);
        city.sink.open(&window, NOW + 499).await.unwrap();
        assert!(city.asked().is_empty());
        city.sink.open(&window, NOW + 500).await.unwrap();
        assert_eq!(city.asked(), [asked("01", 1, 7)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_is_too_slow_has_pauses_and_is_asked_for_those_who_wait_longest() {
        let mut city = City::new(&[(1, 0.0), (2, 1.0), (3, 2.0)], 0);
        city.sink.nearby.1 = Duration::from_millis(5);
        let window = Window((1..=2_000).map(|number| waiting(number, 0.0, &[])).collect());
        // 2,000 times 5 ms: no answer in time, and none for the next ones that come too soon.
        assert!(city.sink.open(&window, NOW).await.is_err());
        let began = Instant::now();
        city.sink.open(&window, NOW + 9_999).await.unwrap();
        assert_eq!((city.asked(), began.elapsed()), (Vec::new(), Duration::ZERO));
        city.sink.open(&window, NOW + 10_000).await.unwrap();
        assert_eq!(began.elapsed(), Duration::from_millis(500), "100 searches");
        let trips: Vec<String> = window.0[..100].iter().map(|waiting| waiting.trip.to_string()).collect();
        let is_one_of_them = |command: &OutRecord| {
            let text = String::from_utf8(command.payload.clone().unwrap()).unwrap();
            trips.iter().any(|trip| text.contains(trip))
        };
        assert_eq!(city.commands.items().len(), 3);
        assert!(city.commands.items().iter().all(is_one_of_them));
    }

    #[tokio::test]
    async fn commands_that_could_not_be_written_are_written_when_the_window_is_tried_again() {
        let mut city = City::new(&[(1, 0.0)], 1);
        let window = Window(vec![waiting(1, 0.0, &[])]);
        assert!(city.sink.open(&window, NOW).await.is_err());
        city.sink.open(&window, NOW + 50).await.unwrap();
        assert_eq!(city.asked(), [asked("01", 1, 1)]);
    }
}
