//! Shows a run while its city is open, and measures what its processes take.

use std::time::{Duration, Instant};

use domain::RealMs;
use runtime::clock::now_ms;
use tokio_util::sync::CancellationToken;

use super::Run;
use super::phases::{Phases, Turn};
use crate::demo::figures::Figures;
use crate::demo::meter::{Meter, Spent};
use crate::demo::opening::Opening;
use crate::demo::rate::{Rate, RateMeter};
use crate::demo::screen::{Header, Screen};
use crate::demo::waits::Waits;

/// What was measured of a run while its city was open.
#[derive(Debug)]
pub(in crate::demo) struct Measured {
    /// What the processes took, since they were warm if they ever were.
    pub(in crate::demo) spent: Spent,
    /// How long everything took, those of the warm-up included.
    pub(in crate::demo) waits: Waits,
    /// The rate of reports, of a run that is about it.
    pub(in crate::demo) rate: Option<Rate>,
    /// Whether the city opened to the millisecond, if that was asked for.
    pub(in crate::demo) is_punctual: Option<bool>,
}

impl Run {
    /// Shows the run until the city has closed or a process was given up; tells what was measured until the city was
    /// told to close.
    pub(super) async fn watch(
        &self,
        screen: &mut Screen,
        city_closed: &CancellationToken,
        opening: &Opening,
    ) -> Measured {
        let opens = opening.at;
        let mut second = tokio::time::interval(Duration::from_secs(1));
        let (mut phases, mut meter) = (Phases::new(opens, self.options.ramp), self.read_meter());
        let mut until_closing: Option<(Spent, Waits)> = None;
        let mut rate = self.options.holds_rate.then(|| RateMeter::new(&self.options, opens));
        while !city_closed.is_cancelled() {
            tokio::select! {
                _ = second.tick() => (),
                () = city_closed.cancelled() => (),
            }
            if self.board.with(|state| state.given_up.is_some()) {
                break;
            }
            match phases.look(Instant::now(), self.is_closing(opens)) {
                Some(Turn::Warm) => {
                    screen.forget_lag();
                    meter = self.read_meter();
                }
                Some(Turn::Closing) => until_closing = Some(self.sum_up(&meter)),
                None => {}
            }
            self.board.weigh();
            screen.draw(&self.board, &self.header(opens), now_ms());
            // What came before the last look: when the city closes fewer and fewer reports are due.
            if let Some(rate) = rate.as_mut().filter(|_| phases.is_open()) {
                rate.look(&self.board, &screen.worst_lag_ms, Instant::now());
            }
        }
        let (spent, waits) = until_closing.unwrap_or_else(|| self.sum_up(&meter));
        let rate = rate.and_then(|rate| rate.rate());
        Measured { spent, waits, rate, is_punctual: opening.is_punctual }
    }

    fn read_meter(&self) -> Meter {
        Meter::read(&self.processes(), self.reports_acknowledged())
    }

    fn sum_up(&self, meter: &Meter) -> (Spent, Waits) {
        let spent = meter.spent_until(&self.processes(), self.reports_acknowledged());
        (spent, Waits::of(&Figures::of(&self.board)))
    }

    fn reports_acknowledged(&self) -> i64 {
        Figures::of(&self.board).sum("loadgen", "reports_acknowledged")
    }

    /// Every process of the run that lives: its name and id.
    fn processes(&self) -> Vec<(String, u32)> {
        let mut processes: Vec<(String, u32)> = self.board.with(|state| {
            let members = state.members.iter();
            members.filter_map(|(name, member)| Some((name.clone(), member.pid?))).collect()
        });
        let servers = self.backends.processes();
        processes.extend(servers.iter().map(|server| (server.name.to_owned(), server.pid)));
        processes.push(("hailstorm".to_owned(), std::process::id()));
        processes
    }

    fn is_closing(&self, opens: Instant) -> bool {
        self.signals.close.is_cancelled() || self.options.run_for.is_some_and(|span| opens.elapsed() > span)
    }

    fn header(&self, opens: Instant) -> Header {
        let city_ms = self.clock.city_at(RealMs(now_ms())).0;
        let city_time =
            jiff::Timestamp::from_millisecond(city_ms).map(|time| time.strftime("%F %T").to_string());
        Header {
            servers: self.backends.mode.to_string(),
            gateway: self.gateways.urls().next(),
            phase: if self.is_closing(opens) { "closing" } else { "running (Ctrl-C closes the city)" },
            city_time: city_time.ok().filter(|_| self.options.speed != 1.0 || self.options.from.is_some()),
        }
    }
}
