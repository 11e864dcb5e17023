//! The pipeline of a city as bare loops: the same load generator, the same servers, and for each group that reads
//! reports a loop that makes the servers do the same, or only decodes.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use backends::process::{Child, Output, last_lines};
use domain::{CityClock, RealMs};
use runtime::StatsLine;

use super::MORNING;
use super::times::{Times, option};
use super::turn::{LEAST_SHARE, LONGEST_LAG_MS};
use crate::cpu;
use crate::crew::{Committed, Crew};
use crate::figure::{Figure, Figures};
use crate::ground::Ground;
use crate::lab::Lab;
use crate::worker::{self, Decoding};

/// As with ours: drivers report every 5 s, and riders ask for 60 rides a second, which here nobody serves.
const REPORT_EVERY_S: u32 = 5;
const LOAD: [&str; 4] = ["--report-every", "5s", "--requests-per-minute", "3600"];

/// Between two looks at how far groups are, as often as services tell of themselves.
const LOOK: Duration = Duration::from_millis(500);

/// What is seen while it counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Bare {
    reports_per_s: f64,
    longest_lag_ms: f64,
    /// Reports that left more than a second after they were due.
    late: i64,
    /// Processors in use.
    cores: Figures,
}

impl Bare {
    /// Lets bare loops follow a city that reports so often a second, on servers that nobody has used.
    pub(super) async fn run(lab: &Lab, rate: u32) -> anyhow::Result<Self> {
        let own = lab.with_servers_of_its_own().await?;
        let measured = own.while_servers_live(measure(&own, rate)).await;
        own.backends.stop().await.context("failed to stop the servers")?;
        measured
    }

    /// As with ours, but for the audit, which is about rides.
    pub(super) fn is_held(&self, rate: u32) -> bool {
        self.reports_per_s >= LEAST_SHARE * f64::from(rate)
            && self.late == 0
            && self.longest_lag_ms <= LONGEST_LAG_MS as f64
    }

    pub(super) fn figures(&self) -> Figures {
        let all: f64 = self.cores.values().sum();
        let mut figures = self.cores.clone();
        figures.extend([
            (Figure::RecordsPerS, self.reports_per_s),
            (Figure::LongestLagMs, self.longest_lag_ms),
            (Figure::AllCores, all),
            (Figure::AllUs, all * 1e6 / self.reports_per_s.max(1.0)),
        ]);
        figures
    }
}

async fn measure(lab: &Lab, rate: u32) -> anyhow::Result<Bare> {
    let ground = Ground::new(lab.new_space())?;
    ground.topics_of(events::topic::partitions_for_this_machine())?.create().await?;
    ground.archive(&lab.backends.endpoints.mongodb_uri).await?.create_collections().await?;
    let crew = start_loops(lab, &ground)?;
    let loadgen = Loadgen::start(lab, &ground, rate)?;
    let times = Times::of(lab.plan);
    let mut begun = None;
    let mut watch: Option<Watch> = None;
    let mut next_look = Instant::now();
    let bare = crew
        .until(|| {
            ensure!(loadgen.child.exit().is_none(), loadgen.story());
            let now = Instant::now();
            if now < next_look {
                return Ok(None);
            }
            next_look = now + LOOK;
            let look = Look::now(lab, &crew, &loadgen)?;
            if look.written == 0 {
                return Ok(None);
            }
            let begun = *begun.get_or_insert(now);
            if now < begun + times.before() {
                return Ok(None);
            }
            let watch = watch.get_or_insert_with(|| Watch::from(&look));
            watch.see(&look, rate);
            Ok((look.at >= watch.first.at + times.counted).then(|| watch.sum_up(&look)))
        })
        .await?;
    loadgen.child.kill();
    loadgen.child.wait().await;
    crew.dismiss().await?;
    Ok(bare)
}

fn start_loops<'a>(lab: &Lab, ground: &'a Ground) -> anyhow::Result<Crew<'a>> {
    let writing = [(worker::POSITIONS_GROUP, "positions"), (worker::DOCUMENTS_GROUP, "documents")];
    let writing = writing.map(|(group, work)| (group, vec![work]));
    let decoding = Decoding::ALL.map(|like| (like.group(), vec!["decode", like.name()]));
    let loops: Vec<_> = writing
        .into_iter()
        .chain(decoding)
        .map(|(group, arguments)| Ok((group, lab.worker(&ground.settings, &arguments)?)))
        .collect::<anyhow::Result<_>>()?;
    Crew::start(lab, ground, loops)
}

/// The load generator, with what it says of itself.
struct Loadgen {
    child: Child,
    log: std::path::PathBuf,
    figures: std::path::PathBuf,
}

impl Loadgen {
    fn start(lab: &Lab, ground: &Ground, rate: u32) -> anyhow::Result<Self> {
        let file = |ending| lab.folder().join(format!("loadgen.{ending}"));
        let (log, figures) = (file("log"), file("figures"));
        let drivers = (rate * REPORT_EVERY_S).to_string();
        let clock = CityClock::new(RealMs(runtime::clock::now_ms()), MORNING.1, 1.0);
        let command = lab
            .ourselves(&ground.settings, &["service", "loadgen", "--stats", "--drivers", &drivers])?
            .args(LOAD)
            .args(["--ramp", &option(Times::of(lab.plan).ramp)])
            .args(["--city-clock", &clock.to_string()])
            .stdout(Output::Log(figures.clone()))
            .stderr(Output::Log(log.clone()));
        Ok(Self { child: command.spawn()?, log, figures })
    }

    /// Reports that left late so far.
    fn late(&self) -> i64 {
        let line = last_lines(&self.figures, 1).pop();
        let line = line.and_then(|line| serde_json::from_str::<StatsLine>(&line).ok());
        line.and_then(|line| line.values.get("reports_late").copied()).unwrap_or(0)
    }

    fn story(&self) -> String {
        format!("the load generator has ended by itself:\n  {}", last_lines(&self.log, 10).join("\n  "))
    }
}

/// How things stand at one moment.
#[derive(Clone, Debug, PartialEq)]
struct Look {
    at: Instant,
    written: u64,
    committed: Committed,
    late: i64,
    /// Processor time so far, under the figure of processors in use.
    cpu_s: Figures,
}

impl Look {
    fn now(lab: &Lab, crew: &Crew<'_>, loadgen: &Loadgen) -> anyhow::Result<Self> {
        // What was committed first: else a record may be counted as behind that came in between.
        let (committed, written) = (crew.committed()?, crew.written()?);
        let mut cpu_s = Figures::new();
        let mut add = |figure, pid| {
            let spent = cpu::seconds(pid).context("a process has ended while it was measured")?;
            *cpu_s.entry(figure).or_default() += spent;
            anyhow::Ok(())
        };
        crew.members().iter().try_for_each(|member| add(Figure::ServiceCores, member.pid()))?;
        add(Figure::LoadgenCores, loadgen.child.pid())?;
        for (name, pid) in lab.servers().0 {
            let figure = match name.as_str() {
                "kafka" => Figure::KafkaCores,
                "redis" => Figure::RedisCores,
                _ => Figure::MongodbCores,
            };
            add(figure, pid)?;
        }
        Ok(Self { at: Instant::now(), written, committed, late: loadgen.late(), cpu_s })
    }

    /// How far the group that is furthest behind is behind, ms of reports at this rate.
    fn lag_ms(&self, rate: u32) -> f64 {
        let least = self.committed.0.iter().min().copied().unwrap_or(0);
        self.written.saturating_sub(least) as f64 * 1_000.0 / f64::from(rate)
    }
}

/// What was seen since the first look that counts.
struct Watch {
    first: Look,
    longest_lag_ms: f64,
}

impl Watch {
    fn from(first: &Look) -> Self {
        Self { first: first.clone(), longest_lag_ms: 0.0 }
    }

    fn see(&mut self, look: &Look, rate: u32) {
        self.longest_lag_ms = self.longest_lag_ms.max(look.lag_ms(rate));
    }

    /// All of it; late reports are those of the whole turn, as with ours.
    fn sum_up(&self, last: &Look) -> Bare {
        let seconds = last.at.duration_since(self.first.at).as_secs_f64().max(f64::MIN_POSITIVE);
        let cores =
            |(figure, now): (&Figure, &f64)| Some((*figure, (now - self.first.cpu_s.get(figure)?) / seconds));
        Bare {
            reports_per_s: (last.written - self.first.written) as f64 / seconds,
            longest_lag_ms: self.longest_lag_ms,
            late: last.late,
            cores: last.cpu_s.iter().filter_map(cores).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(after_s: u64, written: u64, committed: [u64; 2], cpu_s: f64) -> Look {
        static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
        let at = *START.get_or_init(Instant::now) + Duration::from_secs(after_s);
        let cpu_s = Figures::from([(Figure::KafkaCores, cpu_s), (Figure::ServiceCores, cpu_s / 2.0)]);
        Look { at, written, committed: Committed(committed.into()), late: 0, cpu_s }
    }

    fn watched() -> Bare {
        let looks = [
            look(0, 100_000, [100_000, 99_000], 1.0),
            look(5, 200_000, [200_000, 140_000], 2.0),
            look(10, 300_000, [300_000, 299_000], 6.0),
        ];
        let mut watch = Watch::from(&looks[0]);
        looks.iter().for_each(|look| watch.see(look, 20_000));
        watch.sum_up(&looks[2])
    }

    #[test]
    fn the_furthest_behind_at_any_look_counts() {
        let bare = watched();
        assert_eq!((bare.reports_per_s, bare.longest_lag_ms), (20_000.0, 3_000.0));
        let figures = bare.figures();
        assert_eq!((figures[&Figure::KafkaCores], figures[&Figure::AllCores]), (0.5, 0.75));
        assert_eq!(figures[&Figure::AllUs], 37.5);
    }

    #[test]
    fn a_rate_is_held_by_the_rule_of_ours() {
        assert!(watched().is_held(20_000));
        let not_held: [fn(&mut Bare); 3] = [
            |bare| bare.reports_per_s = 19_000.0,
            |bare| bare.late = 1,
            |bare| bare.longest_lag_ms = 5_001.0,
        ];
        for (number, spoil) in not_held.iter().enumerate() {
            let mut bare = watched();
            spoil(&mut bare);
            assert!(!bare.is_held(20_000), "case {number}");
        }
    }
}
