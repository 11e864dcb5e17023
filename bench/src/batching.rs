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

/// What a collection may be, as the worker calls it, and as the table does.
const LAYOUTS: [(&str, &str); 3] = [
    ("clustered", "clustered by _id, as the archive"),
    ("indexed", "an index on _id beside the documents, the default"),
    ("checked", "the same, with a schema that each document is held against"),
];

/// Documents of an operation where layouts are compared.
const LARGE: u64 = 5_000;

struct Inserts {
    name: String,
    documents: u64,
    in_all: u64,
    layout: &'static str,
}

pub(crate) async fn run(lab: &Lab) -> anyhow::Result<Vec<Part>> {
    let share = if lab.plan.quick { QUICK_SHARE } else { 1 };
    let [(clustered, _), ..] = LAYOUTS;
    let sizes = SIZES.map(|(documents, in_all)| Inserts {
        name: documents.to_string(),
        documents,
        in_all: in_all / share,
        layout: clustered,
    });
    let title =
        "documents per operation, unordered, w:1, whole number as _id, one operation at a time".to_owned();
    let by_size = take_turns(lab, Scenario::Batching, title, &sizes).await?;
    let layouts = LAYOUTS.map(|(layout, name)| Inserts {
        name: name.to_owned(),
        documents: LARGE,
        in_all: 400_000 / share,
        layout,
    });
    let title = "what the collection is, 5,000 documents per operation".to_owned();
    Ok(vec![by_size, take_turns(lab, Scenario::Batching, title, &layouts).await?])
}

impl Contender for Inserts {
    fn name(&self) -> String {
        self.name.clone()
    }

    async fn run(&self, lab: &Lab) -> anyhow::Result<Figures> {
        let (size, in_all) = (self.documents.to_string(), self.in_all.to_string());
        let options = ["insert", "--size", &size, "--documents", &in_all, "--layout", self.layout];
        let measured = lab.work(&lab.new_space(), &options).await?;
        Ok(measured.figures(&[("mongodb", Figure::MongodbUs)]))
    }
}
