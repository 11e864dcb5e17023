//! Contenders take turns: A B C A B C, so that what disturbs the machine for a while disturbs all of them.

use crate::figure::Figures;
use crate::lab::Lab;
pub(crate) use crate::outcome::Rounds;
use crate::outcome::{Part, Series};
use crate::scenario::Scenario;

/// Our way, in every part that has one.
pub(crate) const OURS: &str = "ours";

/// The reference: the same clients in one loop, without anything that a service needs beside.
pub(crate) const BARE: &str = "bare loop";

/// Someone who does the work of a part.
pub(crate) trait Contender {
    /// What it is called in the table.
    fn name(&self) -> String;

    /// Does the work once.
    async fn run(&self, lab: &Lab) -> anyhow::Result<Figures>;
}

/// Lets contenders work in turns, as often as planned; the first round warms up and does not count.
pub(crate) async fn take_turns<C: Contender>(
    lab: &Lab,
    scenario: Scenario,
    title: String,
    contenders: &[C],
) -> anyhow::Result<Part> {
    take_rounds(lab, Rounds { warm_up: 1, counted: lab.plan.repetitions }, scenario, title, contenders).await
}

/// Lets contenders work in turns, so often.
pub(crate) async fn take_rounds<C: Contender>(
    lab: &Lab,
    rounds: Rounds,
    scenario: Scenario,
    title: String,
    contenders: &[C],
) -> anyhow::Result<Part> {
    let mut series: Vec<Series> = contenders.iter().map(|contender| Series::new(contender.name())).collect();
    for round in 1..=rounds.warm_up + rounds.counted {
        let counted = round.checked_sub(rounds.warm_up).filter(|counted| *counted > 0);
        for (contender, series) in contenders.iter().zip(&mut series) {
            let which = counted.map_or("warm-up".to_owned(), |number| format!("{number}/{}", rounds.counted));
            eprintln!("  {scenario}: {title}: {}, {which}", series.name);
            let figures = lab.while_servers_live(contender.run(lab)).await?;
            if counted.is_some() {
                series.repetitions.push(figures);
            }
        }
    }
    let reference = series.iter().any(|series| series.name == BARE).then(|| BARE.to_owned());
    Ok(Part { scenario, title, reference, rounds: Some(rounds), series })
}
