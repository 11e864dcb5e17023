//! `hailstorm doctor`: what this machine has and lacks.

use std::process::ExitCode;

use backends::{Finding, State};

use crate::demo;

/// Prints a line for each thing that was looked for; exit 1 if something is missing.
pub(crate) async fn run(options: backends::Options) -> anyhow::Result<ExitCode> {
    let mut findings = backends::doctor(&options).await;
    findings.push(city_port());
    for finding in &findings {
        let mark = match finding.state {
            State::Ok => "ok     ",
            State::Warning => "warning",
            State::Missing => "missing",
        };
        println!("{mark}  {:<14} {}", finding.what, finding.detail);
        if !finding.remedy.is_empty() {
            println!("         {:<14} -> {}", "", finding.remedy);
        }
    }
    let missing = findings.iter().any(|finding| finding.state == State::Missing);
    Ok(if missing { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The demo gets along with any port, but people look for the city at this one.
fn city_port() -> Finding {
    let (what, port) = ("city's port", demo::DEFAULT_PORT);
    if demo::is_free(port) {
        let detail = format!("{port} is free");
        return Finding { what, state: State::Ok, detail, remedy: String::new() };
    }
    let remedy = "the demo takes the next free port; or give it one with --port".to_owned();
    Finding { what, state: State::Warning, detail: format!("{port} is taken"), remedy }
}
