//! Which drawings a saved run makes: `docs/plots/NAME.svg`.

use crate::figure::Figure;
use crate::outcome::{Part, Series};
use crate::plot::{Bars, Lines};
use crate::saved::SavedRun;
use crate::scenario::Scenario;

/// What is drawn over the rate, ms.
const WAITS: [(&str, Figure); 5] = [
    ("report → Redis p50", Figure::RedisP50Ms),
    ("report → Redis p99", Figure::RedisP99Ms),
    ("request → offer p50", Figure::OfferP50Ms),
    ("request → offer p99", Figure::OfferP99Ms),
    ("longest lag", Figure::LongestLagMs),
];

/// What is drawn over the rate, processors in use.
const CORES: [(&str, Figure); 6] = [
    ("all", Figure::AllCores),
    ("Kafka", Figure::KafkaCores),
    ("MongoDB", Figure::MongodbCores),
    ("services", Figure::ServiceCores),
    ("Redis", Figure::RedisCores),
    ("load generator", Figure::LoadgenCores),
];

/// What a document costs, µs.
const DOCUMENT: [(&str, Figure); 2] = [("MongoDB", Figure::MongodbUs), ("client", Figure::ClientUs)];

/// How old the newest stored report is, ms.
const AGE: [(&str, Figure); 2] =
    [("half of the time", Figure::NewestAgeMs), ("at most", Figure::LongestAgeMs)];

/// What a report costs, µs.
const COSTS: [(&str, Figure); 4] = [
    ("client", Figure::ClientUs),
    ("Kafka", Figure::KafkaUs),
    ("Redis", Figure::RedisUs),
    ("MongoDB", Figure::MongodbUs),
];

/// What is drawn over the number of drivers, µs.
const REPORT: [(&str, Figure); 9] = [
    ("load generator", Figure::LoadgenUs),
    ("live-location", Figure::LiveLocationUs),
    ("archiver", Figure::ArchiverUs),
    ("Kafka", Figure::KafkaUs),
    ("Redis", Figure::RedisUs),
    ("MongoDB", Figure::MongodbUs),
    ("eta", Figure::EtaUs),
    ("fare", Figure::FareUs),
    ("zones", Figure::ZonesUs),
];

/// The drawings of a run: file name without its ending, and SVG. `file` is the name of the run's file, which each of
/// them names.
///
/// # Errors
/// If a scenario was measured without the figures of its drawing.
pub(crate) fn plots(file: &str, run: &SavedRun) -> anyhow::Result<Vec<(&'static str, String)>> {
    let mut plots = Vec::new();
    for part in &run.parts {
        let measured = |figure| part.series.iter().any(|series| series.spread(figure).is_some());
        let drawing = match part.scenario {
            Scenario::City if measured(Figure::OfferP50Ms) => (
                "city-waits",
                lines(part, "How long after, whole city", "location reports a second", "ms", &WAITS)?,
            ),
            Scenario::City if measured(Figure::AllCores) => (
                "city-cores",
                lines(part, "Processors in use, whole city", "location reports a second", "cores", &CORES)?,
            ),
            // The table of ratios has these costs too, but no rate.
            Scenario::Growth if measured(Figure::LoadgenUs) && measured(Figure::RecordsPerS) => (
                "growth",
                lines(
                    part,
                    "What a report costs as the city grows",
                    "drivers",
                    "µs of processor time a report",
                    &REPORT,
                )?,
            ),
            Scenario::Batching if measured(Figure::NewestAgeMs) => (
                "batching-age",
                lines(
                    part,
                    "How old the newest stored report is",
                    "documents an operation, 20,000 reports a second",
                    "ms",
                    &AGE,
                )?,
            ),
            Scenario::Batching if part.series.iter().all(|series| leading_number(&series.name).is_some()) => {
                (
                    "batching",
                    lines(
                        part,
                        "What a document costs",
                        "documents an operation",
                        "µs of processor time a document",
                        &DOCUMENT,
                    )?,
                )
            }
            Scenario::Direct if measured(Figure::OperationsPerS) => {
                ("direct", bars(part, "A report stored, with the newest position of its driver")?)
            }
            Scenario::Tutorial if measured(Figure::MongodbUs) => {
                ("tutorial", bars(part, "A report stored from a full topic")?)
            }
            _ => continue,
        };
        // The bare pipeline of a city has processors in use too; what is drawn is ours, which comes first.
        if plots.iter().any(|(name, _)| *name == drawing.0) {
            continue;
        }
        plots.push((drawing.0, format!("<!-- bench/results/{file} -->\n{}\n", drawing.1)));
    }
    Ok(plots)
}

/// The run that a drawing names.
pub(crate) fn source(svg: &str) -> Option<&str> {
    svg.lines().next()?.strip_prefix("<!-- bench/results/")?.strip_suffix(" -->")
}

fn lines(
    part: &Part,
    title: &'static str,
    x: &'static str,
    y: &'static str,
    figures: &[(&'static str, Figure)],
) -> anyhow::Result<String> {
    let line = |(name, figure): &(&'static str, Figure)| {
        let point = |series: &Series| Some((leading_number(&series.name)?, series.spread(*figure)?.median));
        (*name, part.series.iter().filter_map(point).collect())
    };
    Lines { title, x, y, lines: figures.iter().map(line).collect() }.svg()
}

fn bars(part: &Part, title: &'static str) -> anyhow::Result<String> {
    let cost = |series: &Series, figure| series.spread(figure).map_or(0.0, |spread| spread.median);
    let bar = |series: &Series| {
        (series.name.clone(), COSTS.iter().map(|(_, figure)| cost(series, *figure)).collect())
    };
    let parts = COSTS.iter().map(|(name, _)| *name).collect();
    let bars = part.series.iter().map(bar).collect();
    Bars { title, unit: "µs of processor time a report", parts, bars }.svg()
}

/// The number that a name begins with, commas between its thousands or not.
fn leading_number(name: &str) -> Option<f64> {
    let digits = name.chars().take_while(|letter| letter.is_ascii_digit() || *letter == ',');
    digits.filter(|letter| *letter != ',').collect::<String>().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Figures;
    use crate::saved::tests::run;

    fn part(scenario: Scenario, names: [&str; 2], figures: &[Figure]) -> Part {
        let values = |at: f64| figures.iter().map(|figure| (*figure, at)).collect::<Figures>();
        let series =
            |(name, at): (&str, f64)| Series { name: name.to_owned(), repetitions: vec![values(at)] };
        let series = names.into_iter().zip([3.0, 40.0]).map(series).collect();
        Part { scenario, title: "t".to_owned(), reference: None, rounds: None, series }
    }

    #[test]
    fn each_scenario_with_a_curve_is_drawn_and_names_its_run() {
        let mut run = run("2026-11-21T08:00:00Z");
        assert_eq!(plots("r.json", &run).unwrap(), []);
        let rates = ["10,000 reports/s", "20,000 reports/s, not held"];
        run.parts.push(part(Scenario::City, rates, &[Figure::OfferP50Ms, Figure::RedisP50Ms]));
        run.parts.push(part(Scenario::City, rates, &[Figure::AllCores]));
        run.parts.push(part(Scenario::City, rates, &[Figure::AllMib]));
        run.parts.push(part(Scenario::City, rates, &[Figure::AllCores]));
        run.parts.push(part(Scenario::Batching, ["1", "1000"], &[Figure::MongodbUs, Figure::ClientUs]));
        run.parts.push(part(Scenario::Batching, ["1", "1000"], &[Figure::RecordsPerS, Figure::NewestAgeMs]));
        run.parts.push(part(
            Scenario::Direct,
            ["straight", "ours"],
            &[Figure::OperationsPerS, Figure::KafkaUs],
        ));
        let sizes = ["1,000 drivers", "10,000 drivers"];
        run.parts.push(part(Scenario::Growth, sizes, &[Figure::RecordsPerS, Figure::LoadgenUs]));
        run.parts.push(part(Scenario::Growth, ["a report", "x"], &[Figure::LoadgenUs]));
        run.parts.push(part(Scenario::Growth, ["1 member", "2 members"], &[Figure::RecordsPerS]));
        let plots = plots("r.json", &run).unwrap();
        assert_eq!(
            plots.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
            ["city-waits", "city-cores", "batching", "batching-age", "direct", "growth"]
        );
        assert!(plots.iter().all(|(_, svg)| source(svg) == Some("r.json")));
    }

    #[test]
    fn numbers_are_read_from_names() {
        assert_eq!(leading_number("20,000 reports/s, not held"), Some(20_000.0));
        assert_eq!(leading_number("ours"), None);
    }
}
