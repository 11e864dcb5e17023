//! Documents per operation into MongoDB: what bulk writing is about.

use crate::figure::{Figure, Figures};
use crate::lab::Lab;
use crate::outcome::Part;
use crate::scenario::Scenario;
use crate::turns::{Contender, take_turns};

/// Documents of an operation, and how many are inserted in all: one to some seconds of work.
const SIZES: [(u64, u64); 6] =
    [(1, 10_000), (10, 60_000), (100, 200_000), (1_000, 300_000), (5_000, 400_000), (10_000, 400_000)];

/// A quick run inserts a part of it.
const QUICK_SHARE: u64 = 4;

struct Size {
    documents: u64,
    in_all: u64,
}

pub(crate) async fn run(lab: &Lab) -> anyhow::Result<Vec<Part>> {
    let share = if lab.plan.quick { QUICK_SHARE } else { 1 };
    let sizes = SIZES.map(|(documents, in_all)| Size { documents, in_all: in_all / share });
    let title =
        "documents per operation, unordered, w:1, whole number as _id, one operation at a time".to_owned();
    Ok(vec![take_turns(lab, Scenario::Batching, title, &sizes).await?])
}

impl Contender for Size {
    fn name(&self) -> String {
        self.documents.to_string()
    }

    async fn run(&self, lab: &Lab) -> anyhow::Result<Figures> {
        let (size, in_all) = (self.documents.to_string(), self.in_all.to_string());
        let measured =
            lab.work(&lab.new_space(), &["insert", "--size", &size, "--documents", &in_all]).await?;
        Ok(measured.figures(&[("mongodb", Figure::MongodbUs)]))
    }
}
