//! `hailstorm topics create|describe|check`.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use kafka::{Difference, Settings, TopicAdmin, TopicState};

/// What to do with the topics.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// What to do
    #[arg(value_enum)]
    action: Action,
    #[command(flatten)]
    kafka: Settings,
    /// Partitions of each topic
    #[arg(long, env = "HAILSTORM_PARTITIONS", default_value_t = events::topic::DEFAULT_PARTITIONS, value_parser = clap::value_parser!(i32).range(1..=1000))]
    partitions: i32,
    /// Copies of each partition; a cluster has 3
    #[arg(long, env = "HAILSTORM_REPLICATION", default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..=9))]
    replication: i32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Action {
    /// Creates those that are missing; safe to repeat. Exit 1 if some that were there are not as they should be
    Create,
    /// Shows them as the broker has them
    Describe,
    /// Compares them with what they should be; exit 1 and a line for each difference
    Check,
}

/// Carries the action out.
pub(crate) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    runtime::init_logs();
    let admin = TopicAdmin::new(&options.kafka, options.partitions, options.replication)?;
    match options.action {
        Action::Create => {
            let created = admin.create().await?;
            created.iter().for_each(|name| println!("created {name}"));
            println!("{} topics created, {} were there", created.len(), admin.wanted().len() - created.len());
            // What was there may be another version's, or another city's.
            let differences = admin.check().await?;
            if !differences.is_empty() {
                println!(
                    "some that were there are not as they should be: delete them with their data, or ask for them as they are"
                );
            }
            Ok(told(&differences))
        }
        Action::Describe => {
            println!(
                "{:<30} {:>10} {:>11}  {:<8} {:>12}",
                "topic", "partitions", "replication", "policy", "retention"
            );
            admin.describe().await?.iter().for_each(|topic| println!("{}", line(topic)));
            Ok(ExitCode::SUCCESS)
        }
        Action::Check => {
            let differences = admin.check().await?;
            if differences.is_empty() {
                println!("all {} topics are as they should be", admin.wanted().len());
            }
            Ok(told(&differences))
        }
    }
}

/// A line for each difference; without any all is well.
fn told(differences: &[Difference]) -> ExitCode {
    differences.iter().for_each(|difference| println!("{difference}"));
    if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn line(topic: &TopicState) -> String {
    let retention = topic.retention_ms.map_or("-".to_owned(), |ms| format!("{} h", ms / 3_600_000));
    format!(
        "{:<30} {:>10} {:>11}  {:<8} {:>12}",
        topic.name, topic.partitions, topic.replication, topic.cleanup_policy, retention
    )
}
