//! The pipeline of a city as bare loops: the same load generator, the same servers, and for each group that reads
//! reports a loop that makes the servers do the same, or only decodes; for each that serves rides a loop around what
//! its service decides.

mod loadgen;
mod watch;

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use backends::process::Command;

use self::loadgen::Loadgen;
use self::watch::{Look, Watch};
use super::times::Times;
use super::turn::{LEAST_SHARE, LONGEST_LAG_MS, Riders};
use crate::crew::Crew;
use crate::figure::{Figure, Figures};
use crate::ground::Ground;
use crate::lab::Lab;
use crate::worker::{self, Decoding, Serving, Transacting};

/// Between two looks at how far groups are, as often as services tell of themselves.
const LOOK: Duration = Duration::from_millis(500);

/// What is seen while it counts; nothing if a loop has ended by itself, at a rate that is far too high.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Bare {
    reports_per_s: f64,
    longest_lag_ms: f64,
    /// Reports that left more than a second after they were due, in the whole turn, as with ours.
    late: i64,
    /// Processors in use.
    cores: Figures,
    /// How long riders waited for an offer, in the whole turn.
    offers: Figures,
}

impl Bare {
    /// Lets bare loops follow a city that reports so often a second, on servers that nobody has used.
    pub(super) async fn run(lab: &Lab, rate: u32, riders: Riders) -> anyhow::Result<Self> {
        let own = lab.with_servers_of_its_own().await?;
        let measured = own.while_servers_live(measure(&own, rate, riders)).await;
        own.backends.stop().await.context("failed to stop the servers")?;
        measured
    }

    /// As with ours, but for the audit, which is about what services keep books of.
    pub(super) fn is_held(&self, rate: u32) -> bool {
        self.reports_per_s >= LEAST_SHARE * f64::from(rate)
            && self.late == 0
            && self.longest_lag_ms <= LONGEST_LAG_MS as f64
    }

    pub(super) fn figures(&self) -> Figures {
        if self.cores.is_empty() {
            return Figures::new();
        }
        let all: f64 = self.cores.values().sum();
        let mut figures: Figures =
            self.cores.iter().chain(&self.offers).map(|(figure, value)| (*figure, *value)).collect();
        figures.extend([
            (Figure::RecordsPerS, self.reports_per_s),
            (Figure::LongestLagMs, self.longest_lag_ms),
            (Figure::AllCores, all),
            (Figure::AllUs, all * 1e6 / self.reports_per_s.max(1.0)),
        ]);
        figures
    }
}

async fn measure(lab: &Lab, rate: u32, riders: Riders) -> anyhow::Result<Bare> {
    let ground = Ground::new(lab.new_space())?;
    ground.topics_of(events::topic::partitions_for_this_machine())?.create().await?;
    ground.archive(&lab.backends.endpoints.mongodb_uri).await?.create_collections().await?;
    let clock = loadgen::clock();
    let mut crew = start_loops(lab, &ground, riders)?;
    if riders == Riders::Busy {
        let clock = clock.to_string();
        for like in Serving::ALL {
            let command = lab.worker(&ground.settings, &["serve", like.name(), "--city-clock", &clock])?;
            crew.enlist(&like.topics(), lab, like.group(), command)?;
        }
    }
    let loadgen = Loadgen::start(lab, &ground, rate, riders, clock)?;
    let bare = watch(lab, &crew, &loadgen).await;
    loadgen.end().await;
    if let (Err(_), Some(story)) = (&bare, crew.loss()) {
        // A loop tries nothing again: what does not come in time ends it.
        eprintln!("    {}", story.replace('\n', "\n    "));
        return Ok(Bare::default());
    }
    let bare = bare?;
    crew.dismiss().await?;
    ensure!(riders == Riders::Away || !bare.offers.is_empty(), "riders asked for rides, and nobody got one");
    Ok(bare)
}

/// Looks at loops and load until the time that counts is over.
async fn watch(lab: &Lab, crew: &Crew<'_>, loadgen: &Loadgen) -> anyhow::Result<Bare> {
    let times = Times::of(lab.plan);
    let mut begun = None;
    let mut watch: Option<Watch> = None;
    let mut next_look = Instant::now();
    crew.until(|| {
        loadgen.goes_on()?;
        let now = Instant::now();
        if now < next_look {
            return Ok(None);
        }
        next_look = now + LOOK;
        let look = Look::now(lab, crew, loadgen)?;
        if look.written() == 0 {
            return Ok(None);
        }
        let begun = *begun.get_or_insert(now);
        if now < begun + times.before() {
            return Ok(None);
        }
        let watch = watch.get_or_insert_with(|| Watch::from(&look));
        watch.see(&look);
        let is_over = look.at >= watch.first.at + times.counted;
        Ok(is_over.then(|| {
            let told = loadgen.told();
            Bare { late: told.late(), offers: told.offers(), ..watch.sum_up(&look) }
        }))
    })
    .await
}

/// Those that read reports. A fare is written with the offsets of the reports it was made of, in a transaction.
fn start_loops<'a>(lab: &Lab, ground: &'a Ground, riders: Riders) -> anyhow::Result<Crew<'a>> {
    let positions = match riders {
        Riders::Busy => vec!["positions", "--idle"],
        Riders::Away => vec!["positions"],
    };
    let fare = Transacting::Fare;
    let decoding = Decoding::ALL.map(|like| (like.group(), vec!["decode", like.name()]));
    let loops: Vec<(&'static str, Command)> = [
        (worker::POSITIONS_GROUP, positions),
        (worker::DOCUMENTS_GROUP, vec!["documents"]),
        (fare.group(), vec!["transact", fare.name()]),
    ]
    .into_iter()
    .chain(decoding)
    .map(|(group, arguments)| Ok((group, lab.worker(&ground.settings, &arguments)?)))
    .collect::<anyhow::Result<_>>()?;
    Crew::start(lab, ground, loops)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_held_by_the_rule_of_ours() {
        let bare = Bare { reports_per_s: 20_000.0, longest_lag_ms: 3_000.0, ..Bare::default() };
        assert!(bare.is_held(20_000));
        let not_held: [fn(&mut Bare); 3] = [
            |bare| bare.reports_per_s = 19_000.0,
            |bare| bare.late = 1,
            |bare| bare.longest_lag_ms = 5_001.0,
        ];
        for (number, spoil) in not_held.iter().enumerate() {
            let mut bare = bare.clone();
            spoil(&mut bare);
            assert!(!bare.is_held(20_000), "case {number}");
        }
        let ended = Bare::default();
        assert!(!ended.is_held(20_000) && ended.figures().is_empty(), "nothing is known of it");
    }
}
