//! Clients that come on schedule, whatever the answers, as those of a web service do: so many are served at a time, so
//! many more may wait, all others are turned away.

use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use events::driver_locations::LocationReport;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::recipient::{PATIENCE, Recipient, RecipientOptions, numbered_reports};
use crate::waits::{WaitTimes, Waits};

/// Reports that may wait until it is their turn; a second of them at the usual rate.
const MOST_WAITING: u32 = 1_000;

/// When which reports come, and to whom.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    recipient: RecipientOptions,
    /// When the first report comes, Unix time in ms.
    #[arg(long)]
    starts_at_ms: i64,
    /// Rates, one after the other, as `<reports a second>x<seconds>`
    #[arg(long, required = true)]
    phase: Vec<Phase>,
    /// As every worker is told; here nobody looks at processor time.
    #[arg(long, default_value = "")]
    servers: String,
}

/// A rate that is kept for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Phase {
    pub(crate) per_s: u64,
    pub(crate) seconds: u64,
}

impl FromStr for Phase {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('x').map(|(per_s, seconds)| (per_s.parse(), seconds.parse()));
        match numbers {
            Some((Ok(per_s), Ok(seconds))) if per_s > 0 => Ok(Self { per_s, seconds }),
            _ => Err("expected <reports a second>x<seconds>".to_owned()),
        }
    }
}

impl Phase {
    pub(crate) fn to_text(self) -> String {
        format!("{}x{}", self.per_s, self.seconds)
    }

    pub(crate) fn reports(self) -> u64 {
        self.per_s * self.seconds
    }

    /// When each of its reports comes, counted from its beginning.
    fn times(self) -> impl Iterator<Item = Duration> {
        (0..self.reports()).map(move |number| Duration::from_micros(number * 1_000_000 / self.per_s))
    }
}

/// The times of all reports of phases one after the other, counted from the beginning.
fn times(phases: &[Phase]) -> impl Iterator<Item = Duration> {
    let begins = phases.iter().scan(0, |seconds, phase| {
        let begin = *seconds;
        *seconds += phase.seconds;
        Some((Duration::from_secs(begin), *phase))
    });
    begins.flat_map(|(begin, phase)| phase.times().map(move |time| begin + time))
}

/// What became of the reports.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Offered {
    pub(crate) offered: u64,
    /// Their clients were told that all is well.
    pub(crate) accepted: u64,
    /// Turned away at once.
    pub(crate) refused: u64,
    /// Not answered in time, or told of a failure.
    pub(crate) given_up: u64,
    /// Of all that were not turned away.
    pub(crate) waits: Waits,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<Offered> {
    let service = Service::open(&options.recipient).await?;
    let wait_ms = u64::try_from(options.starts_at_ms - runtime::clock::now_ms());
    let wait = Duration::from_millis(wait_ms.context("the schedule has begun already")?);
    let began = Instant::now() + wait;
    let (mut offered, mut refused) = (0, 0);
    for (time, (number, report)) in times(&options.phase).zip(numbered_reports()) {
        let due = began + time;
        if due > Instant::now() {
            tokio::time::sleep_until(due).await;
        }
        offered += 1;
        refused += u64::from(!service.admit(number, report, due));
    }
    let (accepted, given_up, waits) = service.close().await?;
    ensure!(accepted + given_up + refused == offered, "some reports were lost sight of");
    Ok(Offered { offered, accepted, refused, given_up, waits })
}

/// Serves some clients at a time and lets some more wait.
struct Service {
    recipient: Recipient,
    /// Room for those who are served or wait.
    places: Arc<Semaphore>,
    room: u32,
    /// Taken in turn by those who are served.
    turns: Arc<Semaphore>,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    accepted: AtomicU64,
    given_up: AtomicU64,
    waits: Mutex<WaitTimes>,
}

impl Service {
    async fn open(options: &RecipientOptions) -> anyhow::Result<Self> {
        let room = options.in_flight + MOST_WAITING;
        let semaphore = |permits: u32| anyhow::Ok(Arc::new(Semaphore::new(usize::try_from(permits)?)));
        Ok(Self {
            recipient: Recipient::open(options).await?,
            places: semaphore(room)?,
            room,
            turns: semaphore(options.in_flight)?,
            seen: Arc::default(),
        })
    }

    /// Lets a client in that came at this time; `false` if there is no room.
    fn admit(&self, number: i64, report: LocationReport, due: Instant) -> bool {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { return false };
        let (recipient, turns, seen) =
            (self.recipient.clone(), Arc::clone(&self.turns), Arc::clone(&self.seen));
        tokio::spawn(async move {
            let _turn = turns.acquire().await;
            let answer = tokio::time::timeout(PATIENCE, recipient.take(number, &report)).await;
            let count = if matches!(answer, Ok(Ok(()))) { &seen.accepted } else { &seen.given_up };
            count.fetch_add(1, Ordering::Relaxed);
            seen.waits.lock().expect("nobody panics while holding it").add(due.elapsed());
            drop(place);
        });
        true
    }

    /// Waits until all have their answers.
    async fn close(self) -> anyhow::Result<(u64, u64, Waits)> {
        let _all_places = self.places.acquire_many(self.room).await?;
        let waits = self.seen.waits.lock().expect("nobody panics while holding it").sum_up();
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Ok((count(&self.seen.accepted), count(&self.seen.given_up), waits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_are_read_as_they_are_written() {
        let phase = Phase { per_s: 1_000, seconds: 60 };
        assert_eq!(phase.to_text().parse(), Ok(phase));
        for text in ["", "5", "0x3", "ax3", "3x-1"] {
            assert!(text.parse::<Phase>().is_err(), "{text}");
        }
    }

    #[test]
    fn reports_come_evenly_and_phase_follows_phase() {
        let phases = [Phase { per_s: 2, seconds: 1 }, Phase { per_s: 4, seconds: 1 }];
        let ms: Vec<u128> = times(&phases).map(|time| time.as_millis()).collect();
        assert_eq!(ms, [0, 500, 1_000, 1_250, 1_500, 1_750]);
    }
}
