//! Closing the books of a run: the audit, the groups, the report.

use anyhow::Context;

use super::board::Board;
use super::course::{Measured, Run};
use super::figures::Figures;
use super::groups;
use super::report::{Audit, Report, schedule_hash};
use super::screen::Screen;
use crate::audit::{self, ALL_PARTITIONS, Acknowledged, AuditReport, LEDGER_COUNT, Ledger, Options};

const REPORTS: &str = events::driver_locations::TOPIC.name;

/// Most problems of one kind that are told one by one.
const MOST_TOLD: usize = 10;

/// Counts everything once more and compares.
pub(super) async fn close(
    run: &Run,
    figures: &Figures,
    screen: &Screen,
    measured: Measured,
) -> anyhow::Result<Report> {
    println!("  auditing topics, Redis and MongoDB");
    let mut ledger = Ledger::default();
    let acknowledged = u64::try_from(figures.sum("loadgen", "reports_acknowledged"))?;
    ledger.add(REPORTS, ALL_PARTITIONS, Acknowledged { records: acknowledged, checksum: None });
    for (partition, sum) in figures.ledger("loadgen") {
        ledger.add(REPORTS, partition, sum);
    }
    let audit = audit::run_with_ledger(&audit_options(run), &ledger).await.context("failed to audit")?;
    let audit_rss_mib = mib(backends::process::rss_kib(std::process::id()).unwrap_or(0));
    let count = |name: &str| audit.counts.get(name).copied().unwrap_or(0);
    let mut report = Report {
        reports_in_mongodb: count("driver-locations documents"),
        fares: count("final fares"),
        dead_letters: i64::try_from(count("records in dead letters"))?,
        longest_lag_ms: screen.worst_lag_ms.iter().copied().collect(),
        audit: Audit {
            clean: audit.clean,
            findings: audit
                .finding_counts()
                .into_iter()
                .map(|(name, count)| (name.to_owned(), count))
                .collect(),
        },
        first_match_s: first_match_s(run, figures),
        reports_in_ledger: run.options.ledger.as_ref().map(|_| count(LEDGER_COUNT)),
        audit_rss_mib,
        cpu: measured.spent,
        waits: measured.waits,
        rate: measured.rate,
        ..Report::default()
    };
    report.add_figures(figures);
    report.schedule.hash =
        measured.is_punctual.filter(|is| *is).map(|_| schedule_hash(&figures.ledger("loadgen")));
    add_processes(&mut report, run);
    let (counted, wrong) = groups::count(&run.settings, &audit.records, &run.board)?;
    let redis = counted.get("live-location").and_then(|group| group.topics.get("driver-locations"));
    report.reports_in_redis = redis.map_or(0, |topic| topic.consumed);
    report.groups = counted;
    report.problems = problems(&audit, &report, wrong, &run.board);
    Ok(report)
}

fn audit_options(run: &Run) -> Options {
    let endpoints = &run.backends.endpoints;
    Options {
        kafka: run.settings.clone(),
        live: live::Settings { redis_url: endpoints.redis_url.clone() },
        archive: archive::Settings { mongodb_uri: endpoints.mongodb_uri.clone() },
        city_clock: run.clock,
        closed: true,
        ledger: run.options.ledger.clone(),
        json: false,
    }
}

fn first_match_s(run: &Run, figures: &Figures) -> Option<f64> {
    let at_ms = figures.earliest("loadgen", "first_match_at_ms")?;
    Some(super::phrases::seconds(at_ms - run.started_ms))
}

fn add_processes(report: &mut Report, run: &Run) {
    run.board.with(|state| {
        for (name, member) in &state.members {
            report.rss_mib.insert(name.clone(), mib(member.peak_rss_kib));
            if member.restarts > 0 {
                report.restarts.insert(name.clone(), member.restarts);
            }
        }
    });
    for process in run.backends.processes() {
        report
            .rss_mib
            .insert(process.name.to_owned(), mib(backends::process::rss_kib(process.pid).unwrap_or(0)));
    }
    report.rss_mib.insert("hailstorm".to_owned(), mib(run.board.with(|state| state.own_peak_rss_kib)));
}

#[expect(clippy::cast_precision_loss, reason = "for display")]
fn mib(kib: u64) -> f64 {
    (kib as f64 / 102.4).round() / 10.0
}

/// Everything that makes the run a failure.
fn problems(audit: &AuditReport, report: &Report, wrong: Vec<String>, board: &Board) -> Vec<String> {
    let mut problems = wrong;
    if problems.len() > MOST_TOLD {
        let more = problems.len() - MOST_TOLD;
        problems.truncate(MOST_TOLD);
        problems.push(format!("... and {more} more partitions whose counts do not add up"));
    }
    for (name, finding) in audit.findings.iter().filter(|(_, finding)| finding.count > 0) {
        let examples = finding.examples.iter().map(String::as_str).collect::<Vec<_>>().join("; ");
        problems.push(format!("audit: {name} {}: {examples}", finding.count));
    }
    if let Some(named) = report.reports_in_ledger
        && i64::try_from(named) != Ok(report.reports_acknowledged)
    {
        let acknowledged = report.reports_acknowledged;
        problems.push(format!("the ledger names {named} of {acknowledged} acknowledged reports"));
    }
    if report.open > 0 {
        problems.push(format!("{} trips were still open when the city closed", report.open));
    }
    if report.api.refused > 0 {
        let refused = report.api.refused;
        problems.push(format!("a gateway refused {refused} requests of the city's apps: see their log"));
    }
    problems.extend(board.with(|state| state.given_up.clone()));
    problems
}
