//! Documents per operation into MongoDB: what bulk writing is about, and what it costs in age.

use crate::figure::{Figure, Figures};
use crate::lab::Lab;
use crate::outcome::Part;
use crate::scenario::Scenario;
use crate::spread::number;
use crate::turns::{Contender, Rounds, take_rounds, take_turns};
use crate::worker::paced_insert::Ages;

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

/// Documents a second where it is asked how old the newest stored one is: the reports of a hundred thousand drivers.
const RATE: u32 = 20_000;

/// For so long they come: ten times what fills the largest operation, or four times.
const SECONDS: u32 = 5;
const QUICK_SECONDS: u32 = 2;

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
    let by_layout = take_turns(lab, Scenario::Batching, title, &layouts).await?;
    Ok(vec![by_size, ages(lab).await?, by_layout])
}

/// How old the newest stored report is with operations of each size. Every turn warms up by itself.
async fn ages(lab: &Lab) -> anyhow::Result<Part> {
    let seconds = if lab.plan.quick { QUICK_SECONDS } else { SECONDS };
    let sizes = SIZES.map(|(documents, _)| Paced { documents, seconds });
    let rounds = Rounds { warm_up: 0, counted: lab.plan.repetitions };
    let rate = number(f64::from(RATE), true);
    let title = format!("documents per operation while {rate} reports a second come, for {seconds} s");
    take_rounds(lab, rounds, Scenario::Batching, title, &sizes).await
}

/// Documents that come at the rate, so many an operation.
struct Paced {
    documents: u64,
    seconds: u32,
}

impl Contender for Paced {
    fn name(&self) -> String {
        self.documents.to_string()
    }

    async fn run(&self, lab: &Lab) -> anyhow::Result<Figures> {
        let [size, rate, seconds] =
            [self.documents, u64::from(RATE), u64::from(self.seconds)].map(|number| number.to_string());
        let options = ["paced-insert", "--size", &size, "--rate", &rate, "--seconds", &seconds];
        let ages: Ages = lab.told(lab.worker(&lab.new_space(), &options)?).await?;
        Ok(ages.figures())
    }
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
