//! Runs the `hailstorm` command and turns its result into an exit code.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let command = hailstorm::cli::Cli::parse();
    match command.run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("hailstorm: {}", runtime::without_secrets(&format!("{error:#}")));
            ExitCode::FAILURE
        }
    }
}
