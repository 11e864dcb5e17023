//! The tables of cities of more and more drivers.

use crate::figure::{Figure, Figures};
use crate::outcome::{Part, Rounds, Series};
use crate::scenario::Scenario;
use crate::spread::number;

/// Processor time of a report, by who takes it.
const COSTS: [Figure; 9] = [
    Figure::LoadgenUs,
    Figure::LiveLocationUs,
    Figure::ArchiverUs,
    Figure::EtaUs,
    Figure::FareUs,
    Figure::ZonesUs,
    Figure::KafkaUs,
    Figure::RedisUs,
    Figure::MongodbUs,
];

/// Memory, by who has it.
const MEMORY: [Figure; 9] = [
    Figure::LoadgenMib,
    Figure::LiveLocationMib,
    Figure::ArchiverMib,
    Figure::EtaMib,
    Figure::FareMib,
    Figure::ZonesMib,
    Figure::KafkaMib,
    Figure::RedisMib,
    Figure::MongodbMib,
];

const MILLION: f64 = 1_000_000.0;

/// Of fewer drivers memory tells little: what the servers happen to hold is more.
const LEAST_DIFFERENCE: u64 = 500_000;

/// Numbers of drivers with what was measured; in growing order.
pub(super) fn parts(per_s: u64, measured: &[(u64, Figures)]) -> Vec<Part> {
    let rate = number(per_s as f64, true);
    let rows = |figures: &dyn Fn(&Figures) -> Figures| -> Vec<Series> {
        measured.iter().map(|(drivers, all)| row(name(*drivers), figures(all))).collect()
    };
    let mut parts = vec![
        part(format!("processor time of a report, {rate} reports/s from so many drivers"), rows(&costs)),
        part(
            "the dearest of these cities by the cheapest: 1 is flat, the goal is at most 1.25".to_owned(),
            vec![row("a report", spread(measured))],
        ),
        part("resident memory at the end, MiB".to_owned(), rows(&|all| only(all, &MEMORY))),
    ];
    if let (Some(first), Some(last)) = (measured.first(), measured.last())
        && last.0 - first.0 > LEAST_DIFFERENCE
    {
        let title = format!(
            "memory that a million drivers take, MiB (a byte a driver is 0.95), from what {} drivers take beyond {}",
            number(last.0 as f64, true),
            number(first.0 as f64, true)
        );
        parts.push(part(title, vec![row("a million drivers", per_million(first, last))]));
    }
    parts
}

fn name(drivers: u64) -> String {
    format!("{} drivers", number(drivers as f64, true))
}

fn part(title: String, series: Vec<Series>) -> Part {
    Part { scenario: Scenario::Growth, title, reference: None, rounds: Some(Rounds::ONE), series }
}

fn row(name: impl Into<String>, figures: Figures) -> Series {
    Series { name: name.into(), repetitions: vec![figures] }
}

fn only(all: &Figures, wanted: &[Figure]) -> Figures {
    wanted.iter().filter_map(|figure| Some((*figure, *all.get(figure)?))).collect()
}

/// What a report has cost, and the sum of it.
fn costs(all: &Figures) -> Figures {
    let mut figures = only(all, &[Figure::Records, Figure::Seconds, Figure::RecordsPerS]);
    let costs = only(all, &COSTS);
    figures.insert(Figure::AllUs, costs.values().sum());
    figures.extend(costs);
    figures
}

/// The greatest cost by the least, of each and of all together.
fn spread(measured: &[(u64, Figures)]) -> Figures {
    let all: Vec<Figures> = measured.iter().map(|(_, all)| costs(all)).collect();
    let ratio = |figure: Figure| {
        let values = || all.iter().filter_map(|costs| costs.get(&figure).copied());
        let least = values().min_by(f64::total_cmp).filter(|least| *least > 0.0)?;
        Some((figure, values().max_by(f64::total_cmp)? / least))
    };
    COSTS.into_iter().chain([Figure::AllUs]).filter_map(ratio).collect()
}

/// What the drivers that one city has more take, for a million of them.
fn per_million((few, before): &(u64, Figures), (many, after): &(u64, Figures)) -> Figures {
    let share = MILLION / (many - few) as f64;
    let more = |figure: Figure| Some((figure, (after.get(&figure)? - before.get(&figure)?) * share));
    MEMORY.into_iter().filter_map(more).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured() -> Vec<(u64, Figures)> {
        let figures = |kafka, zones, mib| {
            Figures::from([
                (Figure::RecordsPerS, 20_000.0),
                (Figure::KafkaUs, kafka),
                (Figure::ZonesUs, zones),
                (Figure::ZonesMib, mib),
            ])
        };
        vec![
            (1_000, figures(10.0, 2.0, 30.0)),
            (10_000, figures(12.0, 2.0, 31.0)),
            (1_001_000, figures(9.0, 3.0, 50.0)),
        ]
    }

    #[test]
    fn costs_add_up_and_their_spread_is_told() {
        let parts = parts(20_000, &measured());
        assert_eq!(parts[0].series[1].name, "10,000 drivers");
        assert_eq!(parts[0].series[1].repetitions[0][&Figure::AllUs], 14.0);
        assert!(!parts[0].series[1].repetitions[0].contains_key(&Figure::ZonesMib));
        let spread = &parts[1].series[0].repetitions[0];
        assert_eq!((spread[&Figure::ZonesUs], spread[&Figure::KafkaUs]), (1.5, 12.0 / 9.0));
        assert_eq!(spread[&Figure::AllUs], 14.0 / 12.0);
        assert!(!spread.contains_key(&Figure::RecordsPerS));
    }

    #[test]
    fn memory_of_a_driver_is_what_more_drivers_take() {
        let parts = parts(20_000, &measured());
        assert_eq!(parts[2].series[2].repetitions[0], Figures::from([(Figure::ZonesMib, 50.0)]));
        assert!(parts[3].title.contains("1,001,000 drivers take beyond 1,000"), "{}", parts[3].title);
        assert_eq!(parts[3].series[0].repetitions[0][&Figure::ZonesMib], 20.0);
        assert_eq!(super::parts(20_000, &measured()[..2]).len(), 3);
    }
}
