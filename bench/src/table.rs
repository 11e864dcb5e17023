//! A part as a table: for people at a terminal, and in Markdown.

use std::collections::BTreeSet;

use crate::figure::Figure;
use crate::outcome::{Part, Series};
use crate::spread::Spread;

/// Records per processor second against the reference, by which costs; 1 is as many, more is better.
const AGAINST: [(&str, &[Figure]); 2] =
    [("per client CPU s, × bare", &[Figure::ClientUs]), ("per CPU s in all, × bare", &Figure::PROCESSOR)];

/// Head and rows of a table.
struct Cells {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Cells {
    fn of(part: &Part) -> Self {
        let measured: BTreeSet<Figure> = part
            .series
            .iter()
            .flat_map(|series| &series.repetitions)
            .flat_map(|all| all.keys().copied())
            .collect();
        let columns: Vec<(Figure, &str)> =
            measured.into_iter().filter_map(|figure| Some((figure, figure.heading()?))).collect();
        let against: &[(&str, &[Figure])] = if part.reference.is_some() { &AGAINST } else { &[] };
        let headings =
            columns.iter().map(|(_, heading)| *heading).chain(against.iter().map(|(head, _)| *head));
        let row = |series: &Series| {
            let shown = |spread: Option<Spread>| spread.map_or(String::new(), |it| it.to_string());
            let own = columns.iter().map(|(figure, _)| shown(series.spread(*figure)));
            let compared = against
                .iter()
                .map(|(_, costs)| shown(part.cost_against_reference(series, costs).map(Spread::inverse)));
            std::iter::once(series.name.clone()).chain(own).chain(compared).collect()
        };
        Self {
            head: std::iter::once("").chain(headings).map(str::to_owned).collect(),
            rows: part.series.iter().map(row).collect(),
        }
    }

    fn lines(&self) -> impl Iterator<Item = &Vec<String>> {
        std::iter::once(&self.head).chain(&self.rows)
    }
}

/// Columns side by side, names to the left, figures to the right.
#[must_use]
pub fn text(part: &Part) -> String {
    let cells = Cells::of(part);
    let width = |column: usize| cells.lines().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..cells.head.len()).map(width).collect();
    let line = |line: &Vec<String>| {
        let figures = line.iter().zip(&widths).skip(1).map(|(cell, width)| format!("  {cell:>width$}"));
        format!("  {:<width$}{}\n", line[0], figures.collect::<String>(), width = widths[0])
    };
    let body: String = cells.lines().map(line).collect();
    format!("{}: {}\n{body}", part.scenario, part.title)
}

/// The same in Markdown.
#[must_use]
pub fn markdown(part: &Part) -> String {
    let cells = Cells::of(part);
    let line = |line: &Vec<String>| format!("| {} |\n", line.join(" | "));
    let rule = format!("| --- |{}\n", " ---: |".repeat(cells.head.len() - 1));
    let rows: String = cells.rows.iter().map(line).collect();
    format!("{}:\n\n{}{rule}{rows}", part.title, line(&cells.head))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::figure::Figures;
    use crate::outcome::Rounds;
    use crate::scenario::Scenario;

    /// A part with two contenders of two repetitions.
    pub(crate) fn part() -> Part {
        let figures = |per_s, us| {
            Figures::from([
                (Figure::Records, 1000.0),
                (Figure::RecordsPerS, per_s),
                (Figure::ClientUs, us),
                (Figure::KafkaUs, 0.5),
            ])
        };
        let ours = Series {
            name: "ours".into(),
            repetitions: vec![figures(250_000.0, 1.5), figures(240_000.0, 1.7)],
        };
        let bare = Series {
            name: "bare loop".into(),
            repetitions: vec![figures(300_000.0, 1.0), figures(310_000.0, 1.0)],
        };
        Part {
            scenario: Scenario::Produce,
            title: "1,000 reports".into(),
            reference: Some("bare loop".into()),
            rounds: Some(Rounds { warm_up: 1, counted: 2 }),
            series: vec![ours, bare],
        }
    }

    #[test]
    fn a_table_has_a_line_for_each_contender_and_stands_in_columns() {
        let text = text(&part());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "produce: 1,000 reports");
        assert_eq!(lines.len(), 4);
        assert!(lines[1].contains("records/s") && !lines[1].contains("Records"), "{text}");
        assert!(
            lines[2].contains("245,000 (240,000–250,000)") && lines[2].contains("1.60 (1.50–1.70)"),
            "{text}"
        );
        let widths: BTreeSet<usize> = lines[1..].iter().map(|line| line.trim_end().chars().count()).collect();
        assert!(widths.len() <= 2, "{text}");
    }

    #[test]
    fn markdown_has_a_rule_below_the_head() {
        let text = markdown(&part());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "1,000 reports:");
        assert_eq!(
            lines[2],
            "|  | records/s | client µs | broker µs | per client CPU s, × bare | per CPU s in all, × bare |"
        );
        assert_eq!(lines[3], "| --- | ---: | ---: | ---: | ---: | ---: |");
        assert!(lines[5].ends_with("|  |  |"), "{text}");
    }
}
