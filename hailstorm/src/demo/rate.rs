//! Whether a load held the rate it was asked for: reports acknowledged and stored a second, with all drivers on shift.

use std::time::{Duration, Instant};

use serde::Serialize;

use super::board::{Board, Tally};
use super::figures::Figures;
use super::options::Options;
use super::phrases::{grouped, seconds};

/// A rate is held if nearly all of it came, ...
const LEAST_SHARE: f64 = 0.98;

/// ... no report was late, and no group fell so far behind that it is not a batch or a short pause any more.
const FAR_BEHIND_MS: i64 = 10_000;

/// Over less than this what is under way is too large a share of what came to judge a rate by it.
const SHORTEST: Duration = Duration::from_secs(10);

/// Figures are up to this old.
const FIGURES_AGE: Duration = Duration::from_secs(1);

/// The rate of a load, over the time in which all its drivers were on shift and the city was open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Rate {
    /// Reports a second that were asked for.
    pub(crate) planned_per_s: f64,
    /// Reports a second that were due: fewer, if drivers rested.
    pub(crate) due_per_s: f64,
    /// Reports a second that were acknowledged.
    pub(crate) held_per_s: f64,
    /// Reports a second that were stored in MongoDB.
    pub(crate) stored_per_s: f64,
    /// How long that was looked at, s.
    pub(crate) seconds: f64,
    /// How far behind groups were meanwhile, before the city closed.
    pub(crate) lag: Lag,
}

/// The group that was furthest behind at any time, and how far, ms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Lag {
    pub(crate) group: &'static str,
    pub(crate) longest_ms: i64,
}

impl Lag {
    /// The longest of these.
    pub(crate) fn longest_of(lags_ms: impl IntoIterator<Item = (&'static str, i64)>) -> Self {
        let longest = lags_ms.into_iter().max_by_key(|(_, ms)| *ms);
        longest.map(|(group, longest_ms)| Self { group, longest_ms }).unwrap_or_default()
    }
}

/// How far behind reports and groups were at worst, ms.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Behind {
    pub(crate) reports_ms: i64,
    /// Of the whole run but its warm-up, the end of the city included.
    pub(crate) lag: Lag,
    /// How many reports were more than a second late.
    pub(crate) late: i64,
}

/// Takes the rate while a load runs.
#[derive(Debug)]
pub(super) struct RateMeter {
    planned_per_s: f64,
    drivers: f64,
    /// From when on all drivers are on shift.
    from: Instant,
    first: Option<Mark>,
    last: Option<Mark>,
    /// Sum of the drivers on shift at each look, and how many looks that were.
    on_shift: (f64, u32),
    lag: Lag,
}

/// What had come by some moment.
#[derive(Clone, Debug)]
struct Mark {
    acknowledged: Tally,
    stored: Tally,
}

impl RateMeter {
    /// A meter for a run that opens at this moment.
    pub(super) fn new(options: &Options, opens: Instant) -> Self {
        let every_s = options.report_every.as_secs_f64().max(0.001) / options.speed;
        // Drivers come on shift over the ramp, but not faster than they report.
        let ramp = options.ramp.max(Duration::from_secs_f64(every_s));
        Self {
            planned_per_s: f64::from(options.drivers) / every_s,
            drivers: f64::from(options.drivers),
            from: opens + ramp + FIGURES_AGE,
            first: None,
            last: None,
            on_shift: (0.0, 0),
            lag: Lag::default(),
        }
    }

    /// Looks at what has come, and at the longest lags so far; not any more when the city closes.
    #[expect(clippy::cast_precision_loss, reason = "a count of drivers")]
    pub(super) fn look(&mut self, board: &Board, longest_lags_ms: &[(&'static str, i64)], now: Instant) {
        self.lag = Lag::longest_of(longest_lags_ms.iter().copied());
        if now < self.from {
            return;
        }
        let mark = Mark {
            acknowledged: board.tally("loadgen", "reports_acknowledged"),
            stored: board.tally("archiver", "report_documents"),
        };
        self.first.get_or_insert_with(|| mark.clone());
        self.last = Some(mark);
        let figures = Figures::of(board);
        let states = ["idle", "offered", "to_pickup", "waiting", "on_trip"];
        let on_shift: i64 =
            states.iter().map(|state| figures.now("loadgen", &format!("drivers.{state}"))).sum();
        self.on_shift = (self.on_shift.0 + on_shift as f64, self.on_shift.1 + 1);
    }

    /// What was seen; `None` of a run that was over before all drivers were on shift.
    pub(super) fn rate(&self) -> Option<Rate> {
        let (first, last) = (self.first.as_ref()?, self.last.as_ref()?);
        let (held_per_s, seconds) = last.acknowledged.since(&first.acknowledged)?;
        let stored_per_s = last.stored.since(&first.stored).map_or(0.0, |(per_s, _)| per_s);
        let share = self.on_shift.0 / f64::from(self.on_shift.1.max(1)) / self.drivers;
        let due_per_s = self.planned_per_s * share.min(1.0);
        let (planned_per_s, lag) = (self.planned_per_s, self.lag);
        Some(Rate { planned_per_s, due_per_s, held_per_s, stored_per_s, seconds, lag })
    }
}

impl Rate {
    /// Whether the rate was held. What groups are behind while drivers go home says nothing of it.
    pub(crate) fn is_held(&self, behind: Behind) -> bool {
        let too_few =
            self.held_per_s < LEAST_SHARE * self.due_per_s && self.seconds >= SHORTEST.as_secs_f64();
        !too_few && behind.late == 0 && self.lag.longest_ms < FAR_BEHIND_MS
    }

    /// The rate as people read it.
    pub(crate) fn text(&self, behind: Behind) -> String {
        let due = if self.due_per_s < LEAST_SHARE * self.planned_per_s {
            format!(" ({}/s were due, other drivers rested)", whole(self.due_per_s))
        } else {
            String::new()
        };
        let lag = |lag: Lag| format!("{:.1} s", seconds(lag.longest_ms));
        let closing = if behind.lag.longest_ms > self.lag.longest_ms {
            format!(", {} while the city closed ({})", lag(behind.lag), behind.lag.group)
        } else {
            String::new()
        };
        format!(
            "asked for {}/s{due}, held {}/s, stored {}/s; reports left up to {:.1} s late, groups were up to {} behind ({}){closing}",
            whole(self.planned_per_s),
            whole(self.held_per_s),
            whole(self.stored_per_s),
            seconds(behind.reports_ms),
            lag(self.lag),
            self.lag.group
        )
    }
}

#[expect(clippy::cast_possible_truncation, reason = "rates are far below 2^52")]
fn whole(rate: f64) -> String {
    grouped(rate.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        planned_per_s: 60_000.0,
        due_per_s: 60_000.0,
        held_per_s: 59_990.0,
        stored_per_s: 59_000.0,
        seconds: 60.0,
        lag: Lag { group: "archiver", longest_ms: 1_200 },
    };
    const FAR: Lag = Lag { group: "trips", longest_ms: 10_000 };
    const BEHIND: Behind = Behind { reports_ms: 90, lag: RATE.lag, late: 0 };

    #[test]
    fn a_rate_is_held_if_nearly_all_came_nothing_was_late_and_no_group_far_behind() {
        let slow = Rate { held_per_s: 41_200.0, ..RATE };
        for (rate, behind, is_held) in [
            (RATE, BEHIND, true),
            (slow, BEHIND, false),
            (Rate { held_per_s: 58_801.0, ..RATE }, BEHIND, true),
            (Rate { held_per_s: 58_799.0, ..RATE }, BEHIND, false),
            (Rate { due_per_s: 42_000.0, ..slow }, BEHIND, true),
            (Rate { seconds: 5.0, ..slow }, BEHIND, true),
            (RATE, Behind { late: 1, ..BEHIND }, false),
            (Rate { lag: FAR, ..RATE }, Behind { lag: FAR, ..BEHIND }, false),
            (RATE, Behind { lag: FAR, ..BEHIND }, true),
        ] {
            assert_eq!(rate.is_held(behind), is_held, "{rate:?} {behind:?}");
        }
    }

    #[test]
    fn the_rate_is_told_in_one_line() {
        let slow = Rate { held_per_s: 41_200.4, stored_per_s: 40_000.0, ..RATE };
        let behind = Behind { reports_ms: 38_040, late: 9, ..BEHIND };
        let text = "asked for 60,000/s, held 41,200/s, stored 40,000/s; reports left up to 38.0 s late, groups were up to 1.2 s behind (archiver)";
        assert_eq!(slow.text(behind), text);
        let at_the_end = Behind { lag: Lag { group: "drivers", longest_ms: 3_300 }, ..behind };
        assert_eq!(slow.text(at_the_end), format!("{text}, 3.3 s while the city closed (drivers)"));
        let rested = Rate { due_per_s: 52_000.0, ..slow };
        assert!(
            rested
                .text(BEHIND)
                .starts_with("asked for 60,000/s (52,000/s were due, other drivers rested), held")
        );
    }

    #[test]
    fn a_rate_is_taken_from_when_all_drivers_are_on_shift() {
        let options = Options {
            drivers: 1_000,
            ramp: Duration::from_secs(1),
            report_every: Duration::from_secs(40),
            speed: 20.0,
            ..Options::default()
        };
        let (opens, board) = (Instant::now(), Board::default());
        let mut meter = RateMeter::new(&options, opens);
        assert_eq!(meter.planned_per_s, 500.0);
        meter.look(&board, &[], opens + Duration::from_millis(2_900));
        assert_eq!((meter.first.is_some(), meter.rate()), (false, None));
        for member in ["loadgen", "archiver"] {
            board.born(member, member, 1);
        }
        let write = |count: i64| {
            let line = |name: &str| runtime::StatsLine {
                values: [(name.to_owned(), count), ("drivers.idle".to_owned(), 500)].into(),
                ..runtime::StatsLine::default()
            };
            board.wrote("loadgen", line("reports_acknowledged"));
            board.wrote("archiver", line("report_documents"));
        };
        write(100);
        meter.look(&board, &[("eta", 7_000)], opens + Duration::from_millis(3_100));
        let before = Instant::now();
        while before.elapsed() < Duration::from_millis(20) {
            std::hint::spin_loop();
        }
        write(200);
        // What came before the warm-up was over is forgotten.
        meter.look(&board, &[("eta", 20), ("fare", 90), ("zones", 40)], opens + Duration::from_secs(5));
        let rate = meter.rate().unwrap();
        assert_eq!(rate.lag, Lag { group: "fare", longest_ms: 90 });
        assert_eq!((rate.planned_per_s, rate.due_per_s), (500.0, 250.0));
        let came = rate.held_per_s * rate.seconds;
        assert!((came - 100.0).abs() < 1e-6 && rate.seconds >= 0.02, "{rate:?}");
    }
}
