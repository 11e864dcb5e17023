//! Kafka as a process: its jars from Maven artifacts, one node that is broker and controller, on Java.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::cache::{self, Filling};
use super::{LOOPBACK, java, packages};
use crate::kafka_settings::{self, CLUSTER_ID, HEAP, JVM, Place};
use crate::process::{Command, capture};
use crate::progress::{Listener, Progress};
use crate::server::Server;
use crate::storage::Storage;

/// The version that is installed: the newest but those that lose transactions. From 4.3.0 to 4.4.0 a broker that is
/// killed may take a transaction for ended though none of its markers is written, while its partitions have no leader
/// (KAFKA-20734, <https://github.com/apache/kafka/pull/22680>); what was committed is then aborted with the next, or read
/// by nobody.
pub const KAFKA_VERSION: &str = "4.2.1";

/// The folder in the cache.
const CACHED: &str = "kafka-4.2.1";

/// What to fetch. The logging back end must be the one for the slf4j 1.7 that Kafka brings, and of Kafka's own log4j version.
const POM: &str = r#"<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>hailstorm</groupId>
  <artifactId>kafka-server</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>4.2.1</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>4.2.1</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.25.4</version></dependency>
  </dependencies>
</project>
"#;

/// Warnings and errors, to standard output, which goes to the log file.
const LOGGING: &str = "\
rootLogger.level=warn
rootLogger.appenderRef.stdout.ref=STDOUT
appender.stdout.type=Console
appender.stdout.name=STDOUT
appender.stdout.layout.type=PatternLayout
appender.stdout.layout.pattern=[%d] %p %m (%c)%n
";

/// The name of the program and how it is started; its data folder is formatted if it is new.
pub(super) async fn prepare(
    port: u16,
    controller_port: u16,
    storage: &Storage,
    progress: Listener<'_>,
) -> Result<(String, Command)> {
    let java = java::require(progress).await?;
    let libs = libs(progress).await?;
    let data = storage.data(Server::Kafka).join("data");
    let config = storage.data(Server::Kafka).join("server.properties");
    let logging = storage.data(Server::Kafka).join("log4j2.properties");
    let advertised = format!("{LOOPBACK}:{port}");
    let data_dir = data.display().to_string();
    let place = Place { bind: LOOPBACK, port, controller_port, advertised, own_port: None, data: data_dir };
    let properties = kafka_settings::as_properties(&kafka_settings::settings(&place));
    fs::write(&config, properties).context("could not write the broker's settings")?;
    fs::write(&logging, LOGGING).context("could not write the broker's log settings")?;

    // The compression library unpacks itself here; in the common temporary folder it would stay after a SIGKILL.
    let unpacked = storage.data(Server::Kafka).join("tmp");
    fs::create_dir_all(&unpacked).context("could not make a folder for the broker's temporary files")?;
    let command = on_java(&java, &libs, &logging, &unpacked);
    if !data.join("meta.properties").exists() {
        format(&command, &config).await?;
    }
    let name = format!("Kafka {KAFKA_VERSION} on {}", java.display());
    Ok((name, command.arg("kafka.Kafka").arg(config)))
}

fn on_java(java: &Path, libs: &Path, logging: &Path, unpacked: &Path) -> Command {
    let mut log_option = OsString::from("-Dlog4j2.configurationFile=");
    log_option.push(logging);
    let mut tmp_option = OsString::from("-Djava.io.tmpdir=");
    tmp_option.push(unpacked);
    Command::new("kafka", java)
        .args(HEAP)
        .args(JVM)
        .arg(log_option)
        .arg(tmp_option)
        .arg("-cp")
        .arg(libs.join("*"))
        // Memory pools of the C library, one per core by default, would add some ten MB.
        .env("MALLOC_ARENA_MAX", "2")
}

async fn format(java: &Command, config: &Path) -> Result<()> {
    let tool =
        java.clone().args(["kafka.tools.StorageTool", "format", "--cluster-id", CLUSTER_ID, "--config"]);
    let captured = capture(&tool.arg(config)).await?;
    let story = || format!("could not format Kafka's data folder:\n  {}", captured.last_lines(20));
    ensure!(captured.status.success(), story());
    Ok(())
}

/// One of Kafka's own tools by its class, with the heap and the collector that Kafka's scripts give it; `unpacked` takes
/// its temporary files. None if Java or the jars are not here: nothing is installed for a tool.
pub async fn kafka_tool(class: &str, unpacked: &Path) -> Option<Command> {
    let libs = libs_in(&cache::folder().ok()?)?;
    let java = java::find().await?;
    let mut tmp_option = OsString::from("-Djava.io.tmpdir=");
    tmp_option.push(unpacked);
    let command =
        Command::new(class, java).args(["-Xmx512m", "-XX:+UseG1GC", "-XX:-UsePerfData"]).arg(tmp_option);
    Some(command.arg("-cp").arg(libs.join("*")).arg(class))
}

/// Whether Kafka's jars lie in the cache.
pub(crate) fn is_cached() -> bool {
    cache::folder().is_ok_and(|cache| libs_in(&cache).is_some())
}

fn broker_jar() -> String {
    format!("kafka_2.13-{KAFKA_VERSION}.jar")
}

fn libs_in(cache: &Path) -> Option<PathBuf> {
    let libs = cache.join(CACHED).join("libs");
    libs.join(broker_jar()).is_file().then_some(libs)
}

/// Finds Kafka's jars in the cache, or fetches them.
async fn libs(progress: Listener<'_>) -> Result<PathBuf> {
    let cache = cache::folder()?;
    if let Some(libs) = libs_in(&cache) {
        return Ok(libs);
    }
    let mvn = packages::program("mvn", "maven", progress).await?;
    let filling = Filling::begin(&cache, CACHED).await?;
    if let Some(libs) = libs_in(&cache) {
        return Ok(libs);
    }
    progress(Progress::Installing {
        what: format!("Kafka {KAFKA_VERSION}"),
        how: "mvn dependency:copy-dependencies".into(),
    });
    let unfinished = filling.unfinished()?;
    let pom = unfinished.path().join("pom.xml");
    fs::write(&pom, POM).context("could not write the list of Kafka's artifacts")?;
    let mut target = OsString::from("-DoutputDirectory=");
    target.push(unfinished.path().join("libs"));
    let fetch = Command::new("maven", mvn)
        .args(["-B", "-q", "-Dstyle.color=never", "dependency:copy-dependencies", "-DincludeScope=runtime"])
        .arg(target)
        .arg("-f")
        .arg(pom);
    let captured = capture(&fetch).await?;
    let story =
        || format!("could not fetch Kafka's artifacts ({}):\n  {}", captured.status, captured.last_lines(20));
    ensure!(captured.status.success(), story());
    filling.finish(unfinished)?;
    let story = || format!("Kafka's artifacts have been fetched, yet {} is not among them", broker_jar());
    libs_in(&cache).with_context(story)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_version_is_meant_everywhere() {
        assert_eq!(CACHED, format!("kafka-{KAFKA_VERSION}"));
        assert_eq!(POM.matches(&format!("<version>{KAFKA_VERSION}</version>")).count(), 2);
    }
}
