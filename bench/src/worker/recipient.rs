//! Who takes a client's report: the database itself, with two commands, or Kafka.

use std::time::Duration;

use anyhow::Context;
use clap::{Args, ValueEnum};
use domain::CityMs;
use events::Contract;
use events::driver_locations::LocationReport;
use kafka::Courier;
use mongodb::bson::{self, doc};
use mongodb::options::{Acknowledgment, ClientOptions, WriteConcern};
use mongodb::{Client, Collection};

use super::bare_documents::Document;
use crate::reports::Reports;

/// How long a client waits for its answer once it is its turn.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// Which one, and how it is reached.
#[derive(Args, Clone, Debug)]
pub(crate) struct RecipientOptions {
    #[arg(value_enum)]
    to: To,
    /// Reports that are under way at the same time.
    #[arg(long)]
    pub(crate) in_flight: u32,
    #[command(flatten)]
    kafka: kafka::Settings,
    #[command(flatten)]
    archive: archive::Settings,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum To {
    Database,
    Kafka,
}

/// Whoever takes reports; clones share the connections.
#[derive(Clone)]
pub(crate) enum Recipient {
    Database(Database),
    Kafka(Courier),
}

/// The two collections that a report changes.
#[derive(Clone)]
pub(crate) struct Database {
    reports: Collection<Document>,
    newest: Collection<bson::Document>,
}

/// Reports with the numbers that they have as documents.
pub(crate) fn numbered_reports() -> impl Iterator<Item = (i64, LocationReport)> + Send {
    (0..).zip(Reports::from(CityMs(runtime::clock::now_ms())))
}

impl Recipient {
    pub(crate) async fn open(options: &RecipientOptions) -> anyhow::Result<Self> {
        Ok(match options.to {
            To::Database => Self::Database(Database::open(options).await?),
            To::Kafka => Self::Kafka(Courier::new(&options.kafka, "bench-clients")?),
        })
    }

    /// Returns when the client has its answer.
    pub(crate) async fn take(&self, number: i64, report: &LocationReport) -> anyhow::Result<()> {
        match self {
            Self::Database(database) => database.store(number, report).await,
            Self::Kafka(courier) => Ok(courier.deliver(&[report.to_record()]).await.map(drop)?),
        }
    }
}

impl Database {
    /// As many connections as there are reports under way, so that none waits for one; a write is done when the
    /// primary has it in memory, which is less than the archive asks for.
    async fn open(options: &RecipientOptions) -> anyhow::Result<Self> {
        let mut client = ClientOptions::parse(&options.archive.mongodb_uri)
            .await
            .context("MONGODB_URI is not an address of MongoDB")?;
        client.max_pool_size = Some(options.in_flight);
        client.write_concern = Some(WriteConcern::builder().w(Acknowledgment::Nodes(1)).build());
        client.server_selection_timeout = Some(PATIENCE);
        client.connect_timeout = Some(PATIENCE);
        let client = Client::with_options(client).context("failed to make a client of MongoDB")?;
        let database = client.database(&options.kafka.namespace);
        Ok(Self {
            reports: database.collection("driver_locations"),
            newest: database.collection("newest_positions"),
        })
    }

    /// The report as a document of its own, then the newest position of its driver.
    async fn store(&self, number: i64, report: &LocationReport) -> anyhow::Result<()> {
        let document = Document::of(report, number, runtime::clock::now_ms())?;
        self.reports.insert_one(document).await.context("failed to insert a report")?;
        let newest = doc! {
            "at": report.at.0,
            "lat": report.lat,
            "lon": report.lon,
            "heading": i32::from(report.heading),
            "speed": report.speed,
        };
        let driver = doc! { "_id": i64::try_from(report.driver.0)? };
        let updated = self.newest.update_one(driver, doc! { "$set": newest }).upsert(true).await;
        updated.context("failed to write the newest position of a driver")?;
        Ok(())
    }
}
