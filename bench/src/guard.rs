//! Bounds on what our way may cost against the bare loop of the same run.

use anyhow::{bail, ensure};

use crate::figure::Figure;
use crate::outcome::Part;
use crate::scenario::Scenario;
use crate::turns::{BARE, OURS};

/// Client processor time a record, ours by bare. Wider than what is measured on a quiet machine, since a busy one
/// shifts short runs; narrow enough that work done twice for each record shows.
const BOUND: f64 = 2.0;

/// Services whose loops only read, or write without deciding: what the rules cost is in the ratio, and a quick run has
/// one turn of each, with few records where there are transactions.
const WIDER: [(&str, f64); 5] =
    [("eta", 3.0), ("fare", 3.0), ("zones", 8.0), ("trips", 4.0), ("drivers", 4.0)];

/// The bound of a part, if it has one.
fn bound(part: &Part) -> Option<f64> {
    let service = part.title.split(',').next().unwrap_or_default();
    match part.scenario {
        Scenario::Produce => Some(BOUND),
        Scenario::Services => {
            Some(WIDER.iter().find(|(name, _)| *name == service).map_or(BOUND, |(_, bound)| *bound))
        }
        _ => None,
    }
}

/// Checks the bounds on all parts they are for.
///
/// # Errors
/// If one is broken, or if nothing was measured that has one.
pub(crate) fn check(parts: &[Part]) -> anyhow::Result<Vec<String>> {
    let (mut kept, mut broken) = (Vec::new(), Vec::new());
    for part in parts {
        let Some(bound) = bound(part) else { continue };
        debug_assert_eq!(part.reference.as_deref(), Some(BARE), "bounds are against the bare loop");
        let ours = part.find(OURS).and_then(|ours| part.cost_against_reference(ours, &[Figure::ClientUs]));
        let Some(ratio) = ours.map(|spread| spread.median) else { continue };
        let line = format!(
            "{}, {}: client CPU a record is {ratio:.2} × that of the bare loop, bound {bound:.2}",
            part.scenario, part.title
        );
        if ratio > bound { broken.push(line) } else { kept.push(line) }
    }
    if !broken.is_empty() {
        bail!("too expensive: {}", broken.join("; "));
    }
    ensure!(!kept.is_empty(), "nothing was measured that has a bound: name produce or services");
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Figures;
    use crate::outcome::Series;

    fn part(title: &str, ours_us: f64) -> Part {
        let series = |name: &str, us| Series {
            name: name.to_owned(),
            repetitions: vec![Figures::from([(Figure::ClientUs, us)])],
        };
        Part {
            scenario: Scenario::Services,
            title: title.to_owned(),
            reference: Some(BARE.to_owned()),
            rounds: None,
            series: vec![series(OURS, ours_us), series(BARE, 1.0)],
        }
    }

    #[test]
    fn what_costs_more_than_its_bound_is_an_error() {
        let archiver = |us| part("archiver, 5 reports", us);
        assert_eq!(check(&[archiver(1.2)]).unwrap().len(), 1);
        let error = check(&[archiver(1.2), archiver(2.1)]).unwrap_err().to_string();
        assert!(error.contains("archiver") && error.contains("2.10"), "{error}");
        assert!(check(&[]).is_err());
    }

    #[test]
    fn what_is_decided_beyond_the_loop_has_more_room() {
        assert_eq!(check(&[part("trips, 5 requests", 3.9)]).unwrap().len(), 1);
        assert!(check(&[part("trips, 5 requests", 4.1)]).is_err());
    }
}
