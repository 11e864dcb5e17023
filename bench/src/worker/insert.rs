//! Inserts documents, so many an operation.

use anyhow::Context;
use clap::{Args, ValueEnum};
use domain::CityMs;
use mongodb::bson::{RawDocumentBuf, doc, serialize_to_raw_document_buf};
use mongodb::options::{Acknowledgment, WriteConcern};
use mongodb::{Client, Collection, Database};

use super::bare_documents::{Document, insert};
use crate::cpu::{Measured, Sample, Servers};
use crate::reports::Reports;

/// How a collection keeps its documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Layout {
    /// In the tree of their `_id`, as the archive does.
    Clustered,
    /// In a tree of their own, with an index on `_id` beside it: what is made without a word.
    Indexed,
    /// The same, and each document is held against a schema.
    Checked,
}

/// Documents, and how many an operation.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    #[arg(long)]
    size: usize,
    #[arg(long)]
    documents: u64,
    #[arg(long, value_enum)]
    layout: Layout,
    #[command(flatten)]
    archive: archive::Settings,
    #[arg(long, env = "HAILSTORM_NAMESPACE")]
    database: String,
    #[arg(long, default_value = "")]
    servers: Servers,
}

pub(super) const COLLECTION: &str = "documents";

/// Done when the server has it in memory: what is measured is the work of the server, not the wait for its disk.
pub(super) fn taken() -> WriteConcern {
    WriteConcern::builder().w(Acknowledgment::Nodes(1)).build()
}

/// Operations before it counts.
pub(super) const WARM_UP: usize = 2;

pub(crate) async fn run(options: &Options) -> anyhow::Result<Measured> {
    let client = Client::with_uri_str(&options.archive.mongodb_uri).await;
    let client = client.context("failed to make a client of MongoDB")?;
    let database = client.database(&options.database);
    options.layout.create(&database).await.context("failed to create a collection")?;
    let collection: Collection<RawDocumentBuf> = database.collection(COLLECTION);
    let now_ms = runtime::clock::now_ms();
    let mut reports = (0i64..).zip(Reports::from(CityMs(now_ms)));
    let mut next = || -> anyhow::Result<Vec<RawDocumentBuf>> {
        let document = |(id, report)| Ok(serialize_to_raw_document_buf(&Document::of(&report, id, now_ms)?)?);
        reports.by_ref().take(options.size).map(document).collect()
    };
    for _ in 0..WARM_UP {
        insert(&collection, &next()?, taken()).await?;
    }
    let before = Sample::of_self(&options.servers)?;
    let mut inserted = 0;
    while inserted < options.documents {
        insert(&collection, &next()?, taken()).await?;
        inserted += options.size as u64;
    }
    let measured = Sample::of_self(&options.servers)?.since(&before, inserted);
    database.drop().await.context("failed to remove the documents")?;
    Ok(measured)
}

impl Layout {
    pub(super) async fn create(self, database: &Database) -> mongodb::error::Result<()> {
        let mut create = doc! { "create": COLLECTION };
        match self {
            Self::Clustered => {
                create.insert("clusteredIndex", doc! { "key": { "_id": 1 }, "unique": true });
            }
            Self::Indexed => {}
            Self::Checked => {
                let types = [
                    ("_id", "long"),
                    ("ts", "date"),
                    ("driver", "long"),
                    ("at", "long"),
                    ("lat", "double"),
                    ("lon", "double"),
                    ("heading", "int"),
                    ("speed", "double"),
                ];
                let required: Vec<&str> = types.iter().map(|(name, _)| *name).collect();
                let properties: mongodb::bson::Document = types
                    .iter()
                    .map(|(name, kind)| ((*name).to_owned(), doc! { "bsonType": *kind }.into()))
                    .collect();
                create.insert(
                    "validator",
                    doc! { "$jsonSchema": { "required": required, "properties": properties } },
                );
            }
        }
        database.run_command(create).await.map(drop)
    }
}
