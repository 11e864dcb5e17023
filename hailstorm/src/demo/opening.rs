//! When the city opens: once its services are there, or at a moment that was planned before they were started.

use std::time::{Duration, Instant};

use domain::{CityClock, CityMs, RealMs};

use super::options::Options;

/// The processes of a city open it at the same moment, so long after they were started: by then each has read the roads
/// and found its brokers.
const PROCESSES_START: Duration = Duration::from_secs(3);

/// From when the servers are there until a planned opening. Topics, services and groups take three to five seconds, the
/// processes of the city three more.
const PLANNED: Duration = Duration::from_secs(12);

/// The moment at which the city opens, as different clocks show it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening {
    pub(super) at: Instant,
    pub(super) at_ms: i64,
    /// Whether all its processes have to be told; one alone opens the city when it is ready.
    pub(super) is_fixed: bool,
    /// Whether the city clock shows the time that was asked for, to the millisecond, so that all reports are at the
    /// times of another run; `None` if that was not asked for.
    pub(super) is_punctual: Option<bool>,
}

/// The clock of a city whose servers are there by now. That of a punctual one shows its first moment only when it opens,
/// which is planned now, since services are told of the clock before anybody knows how long they take to start.
pub(super) fn city_clock(options: &Options, now_ms: i64) -> (CityClock, Option<i64>) {
    let planned_ms = options.from.filter(|_| options.punctual).map(|_| now_ms + millis(PLANNED));
    let city_origin = options.from.map_or(CityMs(now_ms), |from| from.at);
    (CityClock::new(RealMs(planned_ms.unwrap_or(now_ms)), city_origin, options.speed), planned_ms)
}

impl Opening {
    /// The opening of a city whose services are there by now.
    pub(super) fn new(planned_ms: Option<i64>, processes: u32, now_ms: i64) -> Self {
        let soon_ms = now_ms + millis(PROCESSES_START);
        let in_time_ms = planned_ms.filter(|planned_ms| soon_ms <= *planned_ms);
        let is_fixed = planned_ms.is_some() || processes > 1;
        let at_ms = in_time_ms.unwrap_or(if is_fixed { soon_ms } else { now_ms });
        let until = Duration::from_millis(u64::try_from(at_ms - now_ms).unwrap_or(0));
        let is_punctual = planned_ms.map(|_| in_time_ms.is_some());
        Self { at: Instant::now() + until, at_ms, is_fixed, is_punctual }
    }

    /// What has to be said of it.
    pub(super) fn remark(&self) -> Option<&'static str> {
        (self.is_punctual == Some(false)).then_some(
            "the services were not there in time for the planned opening: the reports will differ from those of other runs",
        )
    }
}

pub(super) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_punctual_city_opens_when_its_clock_shows_the_time_that_was_asked_for() {
        let from = Some("2008-05-23T17:00:00-07:00".parse().unwrap());
        let options = Options { from, punctual: true, speed: 20.0, ..Options::default() };
        let (clock, planned_ms) = city_clock(&options, 1_000_000);
        let opening = Opening::new(planned_ms, 1, 1_005_000);
        assert_eq!((opening.at_ms, opening.is_fixed, opening.is_punctual), (1_012_000, true, Some(true)));
        assert_eq!(clock.city_at(RealMs(opening.at_ms)), CityMs(1_211_587_200_000));
        assert!(opening.remark().is_none());
        let late = Opening::new(planned_ms, 1, 1_009_001);
        assert_eq!((late.at_ms, late.is_fixed, late.is_punctual), (1_012_001, true, Some(false)));
        assert!(late.remark().is_some_and(|remark| remark.contains("will differ")));
    }

    #[test]
    fn any_other_city_opens_when_its_services_are_there() {
        let options = Options { from: Some("2008-05-23".parse().unwrap()), ..Options::default() };
        let (clock, planned_ms) = city_clock(&options, 1_000_000);
        assert_eq!((clock.city_at(RealMs(1_000_000)), planned_ms), (options.from.unwrap().at, None));
        let (clock, _) = city_clock(&Options { punctual: true, ..Options::default() }, 1_000_000);
        assert_eq!(clock.city_at(RealMs(1_000_000)), CityMs(1_000_000));
        for (processes, opens_ms, is_fixed) in [(1, 1_005_000, false), (2, 1_008_000, true)] {
            let opening = Opening::new(None, processes, 1_005_000);
            let found = (opening.at_ms, opening.is_fixed, opening.is_punctual);
            assert_eq!(found, (opens_ms, is_fixed, None), "{processes} processes");
        }
    }
}
