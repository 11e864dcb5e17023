//! Tells the city how a service is doing: its figures as a record, once a second.

use std::collections::BTreeMap;
use std::sync::Arc;

use clap::{ArgAction, Args};
use events::Contract;
use events::service_figures::ServiceFigures;
use kafka::{Outbox, Settings};
use runtime::{Service, StatsLine};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Figures are taken twice a second; two of them make a record.
const LINES_PER_RECORD: u32 = 2;

/// Whether figures are published.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Publish figures to the topic service-figures once a second, for whoever shows the city
    #[arg(long, env = "HAILSTORM_FIGURES", default_value_t = true, action = ArgAction::Set, value_name = "BOOL")]
    figures_topic: bool,
}

/// Publishes figures until it is dropped. Never in the way of the service: what can't be sent at once is not sent.
#[derive(Debug)]
pub(crate) struct Publisher(JoinHandle<()>);

impl Publisher {
    /// Begins to publish the figures of a service, if that is wanted and possible.
    pub(crate) fn start(options: Options, settings: &Settings, service: &Service) -> Option<Self> {
        if !options.figures_topic {
            return None;
        }
        let outbox = Outbox::new(settings, &format!("{}-figures", service.member), 0);
        let outbox = outbox.inspect_err(|error| tracing::warn!(%error, "figures are not published")).ok()?;
        Some(Self(tokio::spawn(publish(outbox, service.name, service.lines()))))
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn publish(outbox: Outbox, service: &'static str, mut lines: watch::Receiver<Arc<StatsLine>>) {
    let mut gathered = Gathered::default();
    while lines.changed().await.is_ok() {
        gathered.add(&lines.borrow_and_update());
        // While Kafka is away one record at most waits for it: the next ones know better.
        if gathered.lines < LINES_PER_RECORD || outbox.under_way() > 0 {
            continue;
        }
        let record = std::mem::take(&mut gathered).figures(service).to_record();
        if let Err(error) = outbox.try_send(&record) {
            tracing::debug!(error = format!("{error:#}"), "figures were not published");
        }
    }
}

/// Lines of figures since the last record.
#[derive(Debug, Default)]
struct Gathered {
    lines: u32,
    newest: StatsLine,
    /// What is called `max_...` is the greatest since the line before.
    greatest: BTreeMap<String, i64>,
}

impl Gathered {
    fn add(&mut self, line: &StatsLine) {
        self.lines += 1;
        self.newest = line.clone();
        for (name, value) in line.values.iter().filter(|(name, _)| name.starts_with("max_")) {
            let greatest = self.greatest.entry(name.clone()).or_insert(*value);
            *greatest = (*greatest).max(*value);
        }
    }

    fn figures(self, service: &str) -> ServiceFigures {
        let StatsLine { member, mut values, histograms } = self.newest;
        values.extend(self.greatest);
        ServiceFigures { service: service.to_owned(), member, values, histograms }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(records: i64, max_age_ms: i64) -> StatsLine {
        let values = [("records", records), ("max_age_ms", max_age_ms)];
        let values = values.map(|(name, value)| (name.to_owned(), value)).into();
        let histograms = [("x_ms".to_owned(), format!("after {records}"))].into();
        StatsLine { member: "eta-1".to_owned(), values, histograms }
    }

    #[test]
    fn the_newest_figures_are_told_and_the_greatest_of_what_is_greatest_since() {
        let mut gathered = Gathered::default();
        [line(3, 90), line(5, 20)].iter().for_each(|line| gathered.add(line));
        assert_eq!(gathered.lines, LINES_PER_RECORD);
        let figures = gathered.figures("eta");
        assert_eq!((figures.service.as_str(), figures.key().as_str()), ("eta", "eta-1"));
        assert_eq!((figures.values["records"], figures.values["max_age_ms"]), (5, 90));
        assert_eq!(figures.histograms["x_ms"], "after 5");
    }
}
