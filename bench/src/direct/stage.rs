//! Where reports are stored in a turn: a namespace of its own, and the services that keep them.

use anyhow::{Context, ensure};
use archive::{Archive, Collection};
use mongodb::Client;
use mongodb::bson::{Bson, Document, doc};

use crate::clients::Compression;
use crate::crew::Crew;
use crate::ground::{Ground, TOPIC};
use crate::lab::Lab;

/// Reports that the services have had before it counts: they are in their groups then.
pub(super) const SERVICE_WARM_UP: u64 = 1_000;

/// A namespace that is used for one turn.
pub(super) struct Stage<'a> {
    lab: &'a Lab,
    pub(super) ground: Ground,
    archive: Archive,
    mongodb: Client,
}

impl<'a> Stage<'a> {
    /// Collections with the archive's rules, whoever fills them.
    pub(super) async fn build(lab: &'a Lab) -> anyhow::Result<Self> {
        let ground = Ground::new(lab.new_space())?;
        let uri = &lab.backends.endpoints.mongodb_uri;
        let archive = ground.archive(uri).await?;
        archive.create_collections().await?;
        let mongodb = Client::with_uri_str(uri).await.context("failed to make a client of MongoDB")?;
        Ok(Self { lab, ground, archive, mongodb })
    }

    /// Starts the services and waits until they take reports.
    pub(super) async fn services(&self) -> anyhow::Result<Crew<'_>> {
        self.ground.topics()?.create().await?;
        let crew = Crew::of_services(self.lab, &self.ground)?;
        self.ground.fill(SERVICE_WARM_UP, runtime::clock::now_ms(), Compression::Lz4).await?;
        crew.reach(SERVICE_WARM_UP).await?;
        Ok(crew)
    }

    /// Ends the services and removes what they worked on.
    pub(super) async fn dismiss(&self, crew: Crew<'_>) -> anyhow::Result<()> {
        crew.dismiss().await?;
        self.ground.topics()?.delete().await?;
        self.ground.clear_redis(&self.lab.backends.endpoints.redis_url).await
    }

    /// Reports that lie in MongoDB.
    pub(super) async fn stored(&self) -> anyhow::Result<u64> {
        let collection = Collection::of_topic(TOPIC).context("reports are not archived")?;
        self.archive.count(collection).await
    }

    /// Commands that inserted or updated anything since MongoDB was started; one may write many documents.
    pub(super) async fn write_commands(&self) -> anyhow::Result<u64> {
        let status = self.mongodb.database("admin").run_command(doc! { "serverStatus": 1 }).await;
        let status = status.context("failed to read the status of MongoDB")?;
        ["insert", "update"].into_iter().map(|command| total(&status, command)).sum()
    }

    pub(super) async fn clear(self) -> anyhow::Result<()> {
        self.archive.remove_all().await
    }
}

fn total(status: &Document, command: &str) -> anyhow::Result<u64> {
    let commands = status.get_document("metrics").and_then(|metrics| metrics.get_document("commands"));
    let total = commands.and_then(|commands| commands.get_document(command)).ok();
    let total = match total.and_then(|command| command.get("total")) {
        Some(Bson::Int32(total)) => i64::from(*total),
        Some(Bson::Int64(total)) => *total,
        _ => -1,
    };
    ensure!(total >= 0, "MongoDB does not tell how many {command} commands it had");
    Ok(u64::try_from(total)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_from_the_status() {
        let status = doc! { "metrics": { "commands": { "insert": { "failed": 0i64, "total": 7i64 } } } };
        assert_eq!(total(&status, "insert").unwrap(), 7);
        let error = total(&status, "update").unwrap_err().to_string();
        assert!(error.contains("update"), "{error}");
    }
}
