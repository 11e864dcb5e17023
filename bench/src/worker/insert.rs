//! Inserts documents, so many an operation.

use anyhow::Context;
use clap::Args;
use domain::CityMs;
use mongodb::bson::{RawDocumentBuf, serialize_to_raw_document_buf};
use mongodb::{Client, Collection};

use super::bare_documents::{Document, insert};
use crate::cpu::{Measured, Sample, Servers};
use crate::reports::Reports;

/// Documents, and how many an operation.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    #[arg(long)]
    size: usize,
    #[arg(long)]
    documents: u64,
    #[command(flatten)]
    archive: archive::Settings,
    #[arg(long, env = "HAILSTORM_NAMESPACE")]
    database: String,
    #[arg(long, default_value = "")]
    servers: Servers,
}

/// Operations before it counts.
const WARM_UP: usize = 2;

pub(crate) async fn run(options: &Options) -> anyhow::Result<Measured> {
    let client = Client::with_uri_str(&options.archive.mongodb_uri).await;
    let client = client.context("failed to make a client of MongoDB")?;
    let database = client.database(&options.database);
    let collection: Collection<RawDocumentBuf> = database.collection("documents");
    let now_ms = runtime::clock::now_ms();
    let mut reports = (0i64..).zip(Reports::from(CityMs(now_ms)));
    let mut next = || -> anyhow::Result<Vec<RawDocumentBuf>> {
        let document = |(id, report)| Ok(serialize_to_raw_document_buf(&Document::of(&report, id, now_ms)?)?);
        reports.by_ref().take(options.size).map(document).collect()
    };
    for _ in 0..WARM_UP {
        insert(&collection, &next()?).await?;
    }
    let before = Sample::of_self(&options.servers)?;
    let mut inserted = 0;
    while inserted < options.documents {
        insert(&collection, &next()?).await?;
        inserted += options.size as u64;
    }
    let measured = Sample::of_self(&options.servers)?.since(&before, inserted);
    database.drop().await.context("failed to remove the documents")?;
    Ok(measured)
}
