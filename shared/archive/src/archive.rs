//! The connection: one client, one database, and its collections made ready.

use std::time::Duration;

use anyhow::Context;
use mongodb::bson::{Document, doc};
use mongodb::error::{Error, ErrorKind};
use mongodb::options::ClientOptions;
use mongodb::{Client, Database};

use crate::Collection;
use crate::collection::Index;
use crate::settings::{Settings, database_name};

/// Without a server for this long an operation fails, and the runner tries it again.
const SERVER_SELECTION_TIMEOUT: Duration = Duration::from_secs(5);

/// The same where a person waits for what is read: soon enough to be told that it can't be had now.
const READER_SELECTION_TIMEOUT: Duration = Duration::from_secs(1);

/// The longest that a person waits for one query, also of a server that is frozen or busy.
const READER_PATIENCE: Duration = Duration::from_millis(1500);

/// A server that takes longer to say a word is not there for anybody.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// A service has few operations in flight; more connections only cost the server memory.
const MAX_POOL_SIZE: u32 = 8;

/// The server's code for a collection that is there already (MongoDB `error_codes.yml`, `NamespaceExists`).
const NAMESPACE_EXISTS: i32 = 48;

/// The archive of one run. Cloning is cheap and shares the connections.
#[derive(Clone, Debug)]
pub struct Archive {
    pub(crate) database: Database,
    /// How long a query may take; `None` is as long as it needs.
    patience: Option<Duration>,
}

impl Archive {
    /// Prepares a connection to the database of a namespace. No server is asked yet, so none need be up.
    ///
    /// # Errors
    /// If the address can't be read.
    pub async fn connect(settings: &Settings, namespace: &str) -> anyhow::Result<Self> {
        Self::prepare(settings, namespace, SERVER_SELECTION_TIMEOUT, None).await
    }

    /// The same for whoever answers people: without a server each query fails within 1.5 s.
    ///
    /// # Errors
    /// If the address can't be read.
    pub async fn connect_for_reading(settings: &Settings, namespace: &str) -> anyhow::Result<Self> {
        Self::prepare(settings, namespace, READER_SELECTION_TIMEOUT, Some(READER_PATIENCE)).await
    }

    async fn prepare(
        settings: &Settings,
        namespace: &str,
        selection_timeout: Duration,
        patience: Option<Duration>,
    ) -> anyhow::Result<Self> {
        let mut options = ClientOptions::parse(&settings.mongodb_uri)
            .await
            .context("MONGODB_URI is not an address of MongoDB: expected mongodb://host:port/?options")?;
        options.app_name.get_or_insert_with(|| "hailstorm".to_owned());
        options.server_selection_timeout.get_or_insert(selection_timeout);
        options.connect_timeout.get_or_insert(selection_timeout);
        options.max_pool_size.get_or_insert(MAX_POOL_SIZE);
        let client = Client::with_options(options).context("failed to make a client of MongoDB")?;
        Ok(Self { database: client.database(&database_name(namespace)), patience })
    }

    /// Whether the server answers within a second.
    pub async fn is_up(&self) -> bool {
        let ping = self.database.run_command(doc! { "ping": 1 });
        matches!(tokio::time::timeout(PING_TIMEOUT, ping).await, Ok(Ok(_)))
    }

    /// How long a query may take at the server; `None` is as long as it needs.
    pub(crate) fn patience(&self) -> Option<Duration> {
        self.patience
    }

    /// An answer of the server, if it comes before patience is at its end.
    pub(crate) async fn in_time<T>(
        &self,
        answer: impl Future<Output = Result<T, Error>>,
    ) -> anyhow::Result<T> {
        let Some(patience) = self.patience else { return Ok(answer.await?) };
        let answer = tokio::time::timeout(patience, answer).await;
        Ok(answer.with_context(|| format!("no answer within {} ms", patience.as_millis()))??)
    }

    /// Creates what is missing of collections, validators and indexes; what is there stays, validators are renewed.
    ///
    /// # Errors
    /// If the server is away or refuses.
    pub async fn create_collections(&self) -> anyhow::Result<()> {
        for collection in Collection::all() {
            self.create(collection)
                .await
                .with_context(|| format!("failed to create collection {}", collection.name))?;
        }
        Ok(())
    }

    async fn create(&self, collection: &Collection) -> anyhow::Result<()> {
        let rules = doc! { "validator": collection.validation.validator(collection.fields) };
        let mut create = command("create", collection, &rules);
        if collection.is_clustered() {
            create.insert("clusteredIndex", doc! { "key": { "_id": 1 }, "unique": true });
        }
        match self.database.run_command(create).await {
            Ok(_) => tracing::info!(collection = collection.name, "collection created"),
            Err(error) if is_command_error(&error, NAMESPACE_EXISTS) => {
                self.database.run_command(command("collMod", collection, &rules)).await?;
            }
            Err(error) => return Err(error.into()),
        }
        if collection.indexes.is_empty() {
            return Ok(());
        }
        let indexes: Vec<Document> = collection.indexes.iter().map(Index::specification).collect();
        self.database.run_command(doc! { "createIndexes": collection.name, "indexes": indexes }).await?;
        Ok(())
    }

    /// Removes the whole database of this run.
    ///
    /// # Errors
    /// If the server is away or refuses.
    pub async fn remove_all(&self) -> anyhow::Result<()> {
        self.database
            .drop()
            .await
            .with_context(|| format!("failed to remove database {}", self.database.name()))
    }
}

fn command(name: &str, collection: &Collection, rules: &Document) -> Document {
    let mut command = doc! { name: collection.name };
    command.extend(rules.clone());
    command
}

fn is_command_error(error: &Error, code: i32) -> bool {
    matches!(&*error.kind, ErrorKind::Command(command) if command.code == code)
}
