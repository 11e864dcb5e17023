//! `hailstorm doctor`: what this machine has and lacks.

use std::process::ExitCode;

use backends::State;

/// Prints a line for each thing that was looked for; exit 1 if something is missing.
pub(crate) async fn run(options: backends::Options) -> anyhow::Result<ExitCode> {
    let findings = backends::doctor(&options).await;
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
