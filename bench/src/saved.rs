//! A saved run: every figure of every repetition, and what one has to know to judge them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::machine::Machine;
use crate::outcome::Part;
use crate::settings::Settings;
use crate::software::Software;

/// A run as it lies in `bench/results`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedRun {
    /// Under what conditions.
    pub conditions: Conditions,
    /// What it came to.
    pub parts: Vec<Part>,
}

/// Where, when and how a run was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditions {
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// Short id of the commit.
    pub commit: String,
    /// Whether tracked files differed from it.
    pub dirty: bool,
    /// The command line behind the program's name.
    pub arguments: Vec<String>,
    /// Repetitions that counted.
    pub repetitions: u32,
    /// Whether it was a short one.
    pub quick: bool,
    /// The machine.
    pub machine: Machine,
    /// The servers.
    pub servers: Versions,
    /// Versions of the rest; none in files of before they were kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software: Option<Software>,
    /// What servers and clients were told; none in files of before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
}

/// The servers of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// External, docker or native.
    pub mode: String,
    /// Version of the broker.
    pub kafka: String,
    /// Version of Redis.
    pub redis: String,
    /// Version of MongoDB.
    pub mongodb: String,
}

impl SavedRun {
    /// Where a run is kept, `<day>-<commit>.json`; a second one of the day is numbered.
    ///
    /// # Errors
    /// If the folder can't be made.
    pub(crate) fn free_path(&self, folder: &Path) -> anyhow::Result<PathBuf> {
        fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
        let day = self.conditions.started.get(..10).unwrap_or("undated");
        let stem = format!("{day}-{}", self.conditions.commit);
        let names = std::iter::once(format!("{stem}.json"))
            .chain((2..).map(|number| format!("{stem}-{number}.json")));
        let mut free = names.map(|name| folder.join(name)).filter(|path| !path.exists());
        free.next().context("every name for the result is taken")
    }

    /// Writes the run, over what an earlier part of it has left there.
    ///
    /// # Errors
    /// If it can't be written.
    pub(crate) fn write(&self, path: &Path) -> anyhow::Result<()> {
        let json = serde_json::to_string_pretty(self).context("failed to encode the result")?;
        // Whole or not at all: who is killed while it writes leaves what was there.
        let unfinished = path.with_extension("unfinished");
        let written = fs::write(&unfinished, json + "\n").and_then(|()| fs::rename(&unfinished, path));
        written.with_context(|| format!("failed to write {}", path.display()))
    }

    /// Writes the run to a file of its own; returns it.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn save(&self, folder: &Path) -> anyhow::Result<PathBuf> {
        let path = self.free_path(folder)?;
        self.write(&path)?;
        Ok(path)
    }

    /// Reads a run back.
    ///
    /// # Errors
    /// If the file is not there or holds no run.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("failed to read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} holds no saved run", path.display()))
    }

    /// The run that began last of all in a folder; none if there is none.
    ///
    /// # Errors
    /// If one of them can't be read.
    pub fn newest(folder: &Path) -> anyhow::Result<Option<(PathBuf, Self)>> {
        let Ok(entries) = fs::read_dir(folder) else { return Ok(None) };
        let files = entries.flatten().map(|entry| entry.path());
        let runs = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
        let read = |path: PathBuf| Self::read(&path).map(|run| (path, run));
        let runs: Vec<_> = runs.map(read).collect::<anyhow::Result<_>>()?;
        Ok(runs.into_iter().max_by(|(_, a), (_, b)| a.conditions.started.cmp(&b.conditions.started)))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::table::tests::part;

    /// A run that began at this time.
    pub(crate) fn run(started: &str) -> SavedRun {
        SavedRun {
            conditions: Conditions {
                started: started.to_owned(),
                commit: "abc1234".to_owned(),
                dirty: false,
                arguments: vec!["bench".to_owned(), "--save".to_owned()],
                repetitions: 2,
                quick: false,
                machine: Machine { cpu: "Some CPU".into(), cores: 2, memory_mib: 8000, kernel: "6.1".into() },
                servers: Versions {
                    mode: "native".into(),
                    kafka: "4.3.1".into(),
                    redis: "7.0.15".into(),
                    mongodb: "6.0.5".into(),
                },
                software: Some(Software { librdkafka: "2.12.1".into(), ..Software::default() }),
                settings: Some(Settings::default()),
            },
            parts: vec![part()],
        }
    }

    #[test]
    fn a_run_is_read_as_it_was_saved_and_the_newest_is_found() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(SavedRun::newest(folder.path()).unwrap(), None);
        let (early, late) = (run("2026-11-21T08:00:00Z"), run("2026-11-21T20:00:00Z"));
        let late_path = late.save(folder.path()).unwrap();
        let early_path = early.save(folder.path()).unwrap();
        assert!(late_path.ends_with("2026-11-21-abc1234.json"), "{late_path:?}");
        assert!(early_path.ends_with("2026-11-21-abc1234-2.json"), "{early_path:?}");
        assert_eq!(SavedRun::read(&early_path).unwrap(), early);
        assert_eq!(SavedRun::newest(folder.path()).unwrap(), Some((late_path, late)));
    }

    #[test]
    fn a_run_of_before_settings_were_kept_is_still_read() {
        let mut json = serde_json::to_value(run("2026-11-21T08:00:00Z")).unwrap();
        let conditions = json["conditions"].as_object_mut().unwrap();
        assert!(conditions.remove("software").is_some() && conditions.remove("settings").is_some());
        json["parts"][0].as_object_mut().unwrap().remove("rounds").unwrap();
        let read: SavedRun = serde_json::from_value(json).unwrap();
        assert_eq!((read.conditions.settings, read.conditions.software), (None, None));
        assert_eq!(read.parts[0].rounds, None);
    }

    #[test]
    fn what_is_no_run_is_said_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("x.json"), "{}").unwrap();
        let error = format!("{:#}", SavedRun::newest(folder.path()).unwrap_err());
        assert!(error.contains("x.json"), "{error}");
    }
}
