//! What all sockets share: the present picture of the city, and when there is a new one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::extract::ws::Message;
use domain::Currency;
use roads::BoundingBox;
use runtime::{Gauge, Histogram, Stats};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::metrics;
use crate::view::View;

use super::board::Board;
use super::city_figures::CityFigures;
use super::figures::{FiguresDesk, Present};
use super::messages::{self, TICK_MS};
use super::versions::Tick;
use super::viewer::Viewer;

/// Figures are made every so many ticks: once a second.
const FIGURES_TICKS: Tick = 2;

/// Strangers (drivers who only report) are forgotten every so many ticks: once a minute.
const STRANGERS_TICKS: Tick = 120;

/// Strangers are remembered so long after their last report.
const STRANGERS_MS: i64 = 600_000;

/// What the map is told about the city.
#[derive(Clone, Copy, Debug)]
pub struct LiveOptions {
    /// The rectangle around its roads.
    pub bounds: BoundingBox,
    /// Drivers that one viewer gets one by one.
    pub max_points: u32,
    /// In which fares are paid.
    pub currency: Currency,
}

/// The map, shared by all sockets.
#[derive(Debug)]
pub struct LiveHub {
    view: Arc<View>,
    options: LiveOptions,
    picture: Mutex<Picture>,
    ticks: watch::Sender<Tick>,
    viewers: AtomicUsize,
    viewers_gauge: Gauge,
    report_to_map: Histogram,
    city: CityFigures,
}

#[derive(Debug)]
struct Picture {
    board: Board,
    figures: FiguresDesk,
}

/// Counts a viewer while it is held.
#[derive(Debug)]
pub(crate) struct Counted<'a>(&'a LiveHub);

impl LiveHub {
    /// A map of a view, without a picture yet; [`paint`] makes them.
    #[must_use]
    pub fn new(view: Arc<View>, options: LiveOptions, stats: &Stats) -> Self {
        let figures = FiguresDesk::new(view.clock(), options.currency);
        Self {
            view,
            options,
            picture: Mutex::new(Picture { board: Board::default(), figures }),
            ticks: watch::Sender::new(0),
            viewers: AtomicUsize::new(0),
            viewers_gauge: stats.gauge(&metrics::VIEWERS),
            report_to_map: stats.histogram(&metrics::REPORT_TO_MAP),
            city: CityFigures::new(stats),
        }
    }

    /// How many sockets are open.
    #[must_use]
    pub fn viewers(&self) -> usize {
        self.viewers.load(Ordering::Relaxed)
    }

    /// Makes the next picture, at `now_ms` of real time, and tells the sockets.
    pub(crate) fn tick(&self, now_ms: i64) {
        let changes = self.view.take_changes();
        let mut picture = self.picture();
        let Picture { board, figures } = &mut *picture;
        for spot in changes.drivers.iter().filter(|spot| spot.reported) {
            self.report_to_map.record_ms(now_ms - spot.seen_ms);
            figures.shown(now_ms - spot.seen_ms);
        }
        board.advance(now_ms, changes);
        let tick = board.tick();
        if tick.is_multiple_of(FIGURES_TICKS) {
            let present = Present {
                now_ms,
                drivers: board.drivers.by_state(),
                trips: board.trips.by_phase(),
                totals: self.view.totals(),
                services: self.view.services(now_ms),
                viewers: self.viewers(),
            };
            self.city.show(&present, board.zones.surge());
            board.put_up_figures(figures.message(present));
        }
        drop(picture);
        if tick.is_multiple_of(STRANGERS_TICKS) {
            self.view.forget_strangers(now_ms - STRANGERS_MS);
        }
        self.ticks.send_replace(tick);
    }

    /// Counts a viewer until what is returned is dropped.
    pub(crate) fn enter(&self) -> Counted<'_> {
        self.count(self.viewers.fetch_add(1, Ordering::Relaxed) + 1);
        Counted(self)
    }

    /// Is told of every new picture; who is late is told of the newest.
    pub(crate) fn ticks(&self) -> watch::Receiver<Tick> {
        self.ticks.subscribe()
    }

    /// What is said first on a socket.
    pub(crate) fn hello(&self) -> Message {
        messages::hello(self.view.clock(), self.options.bounds, runtime::clock::now_ms())
    }

    /// Adds what a viewer is owed of the present picture.
    pub(crate) fn owed(&self, viewer: &mut Viewer, out: &mut Vec<Message>) {
        viewer.owed(&mut self.picture().board, out);
    }

    /// Drivers that one viewer gets one by one.
    pub(crate) fn most_points(&self) -> usize {
        usize::try_from(self.options.max_points).unwrap_or(usize::MAX)
    }

    fn picture(&self) -> MutexGuard<'_, Picture> {
        self.picture.lock().expect("nobody panics while painting")
    }

    fn count(&self, viewers: usize) {
        self.viewers_gauge.set(i64::try_from(viewers).unwrap_or(i64::MAX));
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.count(self.0.viewers.fetch_sub(1, Ordering::Relaxed) - 1);
    }
}

/// Makes a picture twice a second until `stop`.
pub async fn paint(hub: Arc<LiveHub>, stop: CancellationToken) {
    let mut ticks = interval(Duration::from_millis(TICK_MS));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = ticks.tick() => hub.tick(runtime::clock::now_ms()),
        }
    }
}
