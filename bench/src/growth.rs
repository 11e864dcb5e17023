//! What grows with the city: drivers, entries of tables, members of groups, partitions of topics.

mod drain;
mod drivers;
mod restore;

use crate::lab::Lab;
use crate::outcome::Part;
use crate::scenario::Plan;

/// Numbers of drivers.
const DRIVERS: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// A quick run has no more drivers than this.
const MOST_DRIVERS_QUICK: u64 = 100_000;

/// Repetitions at most: each turn of this scenario has a city or a topic of its own to be made.
const MOST_REPETITIONS: u32 = 3;

pub(crate) async fn run(lab: &Lab) -> anyhow::Result<Vec<Part>> {
    let mut parts = drivers::run(lab, &drivers(lab.plan)).await?;
    parts.push(restore::run(lab).await?);
    parts.extend(drain::run(lab).await?);
    Ok(parts)
}

/// The numbers of drivers of a run.
fn drivers(plan: Plan) -> Vec<u64> {
    let most = if plan.quick { MOST_DRIVERS_QUICK } else { u64::MAX };
    DRIVERS.into_iter().filter(|drivers| *drivers <= most).collect()
}

fn repetitions(plan: Plan) -> u32 {
    if plan.quick { 1 } else { plan.repetitions.min(MOST_REPETITIONS) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_run_leaves_the_largest_city_out_and_does_everything_once() {
        let (quick, full) = (Plan::new(true, None), Plan::new(false, None));
        assert_eq!(drivers(quick), [1_000, 10_000, 100_000]);
        assert_eq!(drivers(full), DRIVERS);
        assert_eq!((repetitions(quick), repetitions(full)), (1, 3));
        assert_eq!(repetitions(Plan::new(false, Some(2))), 2);
    }
}
