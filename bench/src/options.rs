//! What the benchmark can be told.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::scenario::Scenario;

/// Options of `hailstorm bench`.
#[derive(Args, Clone, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    pub(crate) action: Option<Action>,
    /// What is measured [default: everything]
    #[arg(value_enum, value_name = "SCENARIO")]
    pub(crate) scenarios: Vec<Scenario>,
    /// Fewer records and three repetitions: twenty minutes instead of an hour and a half
    #[arg(long)]
    pub(crate) quick: bool,
    /// Keeps every figure in bench/results of the repository around the current directory
    #[arg(long)]
    pub(crate) save: bool,
    /// Fails if our way costs too much processor time against the bare loop (produce, services)
    #[arg(long)]
    pub(crate) guard: bool,
    /// Repetitions that count, behind one that does not [default: 5, with --quick 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) repetitions: Option<u32>,
    #[command(flatten)]
    pub(crate) backends: backends::Options,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Action {
    /// Writes the tables of a saved run into README.md and docs/bench.md, between their markers
    Render {
        /// The saved run [default: the newest in bench/results]
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
}

impl Options {
    /// The scenarios that are wanted, each once, in their order.
    pub(crate) fn wanted(&self) -> Vec<Scenario> {
        let all = <Scenario as clap::ValueEnum>::value_variants();
        let is_wanted = |scenario: &&Scenario| self.scenarios.is_empty() || self.scenarios.contains(scenario);
        all.iter().filter(is_wanted).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    fn parse(line: &str) -> Result<Options, String> {
        Line::try_parse_from(line.split(' ')).map(|line| line.options).map_err(|error| error.to_string())
    }

    #[test]
    fn scenarios_are_run_in_their_order_and_all_of_them_if_none_is_named() {
        use Scenario::{Produce, Services};
        assert_eq!(parse("bench services produce services --quick").unwrap().wanted(), [Produce, Services]);
        assert_eq!(parse("bench").unwrap().wanted().len(), 9);
        assert!(matches!(
            parse("bench render --from x.json").unwrap().action,
            Some(Action::Render { from: Some(_) })
        ));
    }

    #[test]
    fn a_scenario_that_is_not_there_is_named_with_those_that_are() {
        let error = parse("bench prodcue").unwrap_err();
        assert!(error.contains("prodcue") && error.contains("produce"), "{error}");
        assert!(parse("bench produce --repetitions 0").is_err());
    }
}
