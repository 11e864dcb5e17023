//! The tables of a city: each shows some of what turns tell.

use super::{Loops, Measured, Pipeline};
use crate::figure::{Figure, Figures};
use crate::outcome::{Part, Rounds, Series};
use crate::scenario::Scenario;

/// How long after.
const WAITS: [Figure; 9] = [
    Figure::RecordsPerS,
    Figure::LateP99Ms,
    Figure::RedisP50Ms,
    Figure::RedisP99Ms,
    Figure::RedisP999Ms,
    Figure::OfferP50Ms,
    Figure::OfferP99Ms,
    Figure::OfferP999Ms,
    Figure::LongestLagMs,
];

/// Processors in use, and a report's share of them.
const CORES: [Figure; 7] = [
    Figure::AllCores,
    Figure::KafkaCores,
    Figure::RedisCores,
    Figure::MongodbCores,
    Figure::ServiceCores,
    Figure::LoadgenCores,
    Figure::AllUs,
];

const MEMORY: [Figure; 6] = [
    Figure::AllMib,
    Figure::KafkaMib,
    Figure::RedisMib,
    Figure::MongodbMib,
    Figure::ServiceMib,
    Figure::LoadgenMib,
];

/// What is told of a turn of another pipeline, beside its processors; of offers only where there were some.
const SUMMARY: [Figure; 4] =
    [Figure::RecordsPerS, Figure::OfferP50Ms, Figure::OfferP99Ms, Figure::LongestLagMs];

/// The processes of our own by their names in a report, with the figures of each: processor and memory. The command
/// watches over the others.
pub(super) const PROCESSES: [(&str, Figure, Figure); 10] = [
    ("trips", Figure::TripsPercent, Figure::TripsMib),
    ("drivers", Figure::DriversPercent, Figure::DriversMib),
    ("matching", Figure::MatchingPercent, Figure::MatchingMib),
    ("live-location", Figure::LiveLocationPercent, Figure::LiveLocationMib),
    ("archiver", Figure::ArchiverPercent, Figure::ArchiverMib),
    ("eta", Figure::EtaPercent, Figure::EtaMib),
    ("fare", Figure::FarePercent, Figure::FareMib),
    ("zones", Figure::ZonesPercent, Figure::ZonesMib),
    ("gateway", Figure::GatewayPercent, Figure::GatewayMib),
    ("hailstorm", Figure::CommandPercent, Figure::CommandMib),
];

/// Those of ours with rides.
pub(super) fn of_ours(measured: &[Measured]) -> Vec<Part> {
    let (percents, mibs) = (PROCESSES.map(|(_, percent, _)| percent), PROCESSES.map(|(_, _, mib)| mib));
    let tables: [(&str, &[Figure]); 5] = [
        ("rates, and how long after", &WAITS),
        ("processors in use, 1 is one core", &CORES),
        ("processors in use by each service, % of one core", &percents),
        ("memory at the end, MiB", &MEMORY),
        ("memory of each service at the end, MiB", &mibs),
    ];
    tables.iter().map(|(title, figures)| part(title, figures, measured)).collect()
}

/// That of another pipeline.
pub(super) fn of_other(pipeline: Pipeline, measured: &[Measured]) -> Part {
    let title = format!("{}: rates, and processors in use", pipeline.name());
    part(&title, &[&SUMMARY[..], &CORES].concat(), measured)
}

/// The highest rates held, side by side, in the order of the pipelines.
pub(super) fn compared(held: [Option<u32>; 4]) -> Part {
    let all = Pipeline::ALL.into_iter().zip(held);
    let of_bare = |riders| {
        let bare = all.clone().find(|(other, _)| other.loops == Loops::Bare && other.riders == riders);
        bare.and_then(|(_, rate)| rate)
    };
    let row = |(pipeline, rate): (Pipeline, Option<u32>)| {
        let mut figures = Figures::from([(Figure::HeldPerS, f64::from(rate.unwrap_or(0)))]);
        let ours = rate.filter(|_| pipeline.loops == Loops::Ours);
        if let (Some(ours), Some(bare)) = (ours, of_bare(pipeline.riders)) {
            figures.insert(Figure::HeldAgainstBare, f64::from(ours) / f64::from(bare));
        }
        Series { name: pipeline.name().to_owned(), repetitions: vec![figures] }
    };
    let series = all.clone().map(row).collect();
    let title =
        "highest rate held, ours and the bare pipeline with the same to do; the goal is at least 0.75";
    table(title, series)
}

fn part(title: &str, figures: &[Figure], all: &[Measured]) -> Part {
    let series = |measured: &Measured| {
        let shown = figures.iter().filter_map(|figure| Some((*figure, *measured.figures.get(figure)?)));
        Series { name: measured.name(), repetitions: vec![shown.collect()] }
    };
    table(title, all.iter().map(series).collect())
}

fn table(title: &str, series: Vec<Series>) -> Part {
    let title = title.to_owned();
    Part { scenario: Scenario::City, title, reference: None, rounds: Some(Rounds::ONE), series }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_is_compared_with_the_bare_pipeline_by_what_each_holds() {
        let part = super::compared([Some(30_000), Some(40_000), Some(35_000), Some(50_000)]);
        let against = |row: usize| part.series[row].repetitions[0][&Figure::HeldAgainstBare];
        assert_eq!((against(0), against(2)), (0.75, 0.7));
        assert_eq!(part.series[1].repetitions[0], Figures::from([(Figure::HeldPerS, 40_000.0)]));
        let part = super::compared([None, Some(40_000), Some(30_000), None]);
        assert_eq!(part.series[0].repetitions[0], Figures::from([(Figure::HeldPerS, 0.0)]));
        assert_eq!(part.series[2].repetitions[0], Figures::from([(Figure::HeldPerS, 30_000.0)]));
    }

    #[test]
    fn each_table_shows_its_own_figures() {
        let figures =
            Figures::from([(Figure::AllCores, 1.5), (Figure::EtaPercent, 3.0), (Figure::AllMib, 9.0)]);
        let parts = of_ours(&[Measured { rate: 30_000, held: false, figures }]);
        let shown: Vec<_> = parts.iter().map(|part| part.series[0].repetitions[0].clone()).collect();
        let only = |figure, value| Figures::from([(figure, value)]);
        assert_eq!(parts[1].series[0].name, "30,000 reports/s, not held");
        assert_eq!(
            shown[1..4],
            [only(Figure::AllCores, 1.5), only(Figure::EtaPercent, 3.0), only(Figure::AllMib, 9.0)]
        );
    }
}
