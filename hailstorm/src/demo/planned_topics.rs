//! The topics of a run: made where they are missing, and refused where they are others than planned.

use anyhow::Context;
use kafka::{Difference, Settings, TopicAdmin};

/// Copies of a partition protect the data and change nothing for a run: a cluster may have more than we would make.
const NO_MATTER: &str = "replication";

/// Makes what is missing; gives what is wrong with those that were there, and what to do about it.
pub(super) async fn prepare(settings: &Settings, partitions: i32) -> anyhow::Result<Vec<String>> {
    let admin = TopicAdmin::new(settings, partitions, 1)?;
    let (wanted, created) = (admin.wanted().len(), admin.create().await?.len());
    let differences = admin.check().await.context("failed to check the topics")?;
    let wrong = complaint(&differences, partitions);
    if wrong.is_empty() {
        let there = match wanted - created {
            0 => String::new(),
            there => format!(", {there} were there"),
        };
        println!("  {created} topics created{there}, {partitions} partitions each");
    }
    Ok(wrong)
}

/// A line for each difference that matters, and one with what to do.
fn complaint(differences: &[Difference], partitions: i32) -> Vec<String> {
    let matters = |difference: &&Difference| difference.property != NO_MATTER;
    let mut lines: Vec<String> =
        differences.iter().filter(matters).map(|difference| format!("topic {difference}")).collect();
    if !lines.is_empty() {
        lines.push(format!(
            "the topics are not those of a run with {partitions} partitions: choose another --namespace{}, or delete \
             them with their data",
            as_they_are(differences).map(|found| format!(", or --partitions {found}")).unwrap_or_default()
        ));
    }
    lines
}

/// The number of partitions with which the topics would be as planned, if there is one.
fn as_they_are(differences: &[Difference]) -> Option<&str> {
    let matter = || differences.iter().filter(|difference| difference.property != NO_MATTER);
    let found = &matter().next()?.found;
    matter().all(|other| other.property == "partitions" && other.found == *found).then_some(found.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differing(topic: &str, property: &'static str, expected: &str, found: &str) -> Difference {
        Difference {
            topic: topic.to_owned(),
            property,
            expected: expected.to_owned(),
            found: found.to_owned(),
        }
    }

    #[test]
    fn topics_that_differ_are_told_one_by_one_with_what_to_do() {
        assert_eq!(complaint(&[], 12), Vec::<String>::new());
        let more_copies = differing("trips", "replication", "1", "3");
        assert_eq!(complaint(&[more_copies], 12), Vec::<String>::new());
        let fewer =
            [differing("trips", "partitions", "12", "3"), differing("fares", "partitions", "12", "3")];
        let told = complaint(&fewer, 12);
        assert_eq!(
            told[..2],
            ["topic trips: partitions is 3, should be 12", "topic fares: partitions is 3, should be 12"]
        );
        assert!(told[2].contains("another --namespace, or --partitions 3, or delete them"), "{told:?}");
        for other in
            [differing("fares", "partitions", "12", "4"), differing("fares", "policy", "delete", "compact")]
        {
            let told = complaint(&[fewer[0].clone(), other], 12);
            assert!(told[2].contains("another --namespace, or delete them"), "{told:?}");
        }
    }
}
