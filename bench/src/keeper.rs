//! The file of a run that is under way: written anew with each scenario, so that what was measured outlasts what fails
//! later.

use std::path::{Path, PathBuf};

use crate::outcome::Part;
use crate::saved::{Conditions, SavedRun};

/// Keeps what was measured, in a file too if it shall be saved.
#[derive(Debug)]
pub(crate) struct Keeper {
    run: SavedRun,
    path: Option<PathBuf>,
}

impl Keeper {
    /// A run without anything measured; nothing is saved without a folder.
    pub(crate) fn new(conditions: Conditions, folder: Option<&Path>) -> anyhow::Result<Self> {
        let run = SavedRun { conditions, parts: Vec::new() };
        let path = folder.map(|folder| run.free_path(folder)).transpose()?;
        Ok(Self { run, path })
    }

    /// Keeps the parts of one more scenario.
    pub(crate) fn add(&mut self, parts: Vec<Part>) -> anyhow::Result<()> {
        self.run.parts.extend(parts);
        self.path.as_deref().map_or(Ok(()), |path| self.run.write(path))
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.run.parts
    }

    /// Where what was measured lies, for people; none if nothing was saved.
    pub(crate) fn story(&self) -> Option<String> {
        let path = self.path.as_deref().filter(|_| !self.run.parts.is_empty())?;
        let mut scenarios: Vec<String> = self.parts().iter().map(|part| part.scenario.to_string()).collect();
        scenarios.dedup();
        Some(format!("saved as {} ({})", path.display(), scenarios.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saved::tests::run;
    use crate::table::tests::part;

    #[test]
    fn what_was_measured_is_in_the_file_before_the_run_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let whole = run("2026-11-21T08:00:00Z");
        let mut keeper = Keeper::new(whole.conditions.clone(), Some(folder.path())).unwrap();
        assert_eq!(keeper.story(), None);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing measured, no file");
        keeper.add(vec![part()]).unwrap();
        let (path, read) = SavedRun::newest(folder.path()).unwrap().unwrap();
        assert_eq!(read, whole);
        keeper.add(vec![part()]).unwrap();
        assert_eq!(SavedRun::read(&path).unwrap().parts.len(), 2, "the same file, written anew");
        assert_eq!(keeper.story().unwrap(), format!("saved as {} (produce)", path.display()));
    }

    #[test]
    fn without_a_folder_nothing_is_written() {
        let mut keeper = Keeper::new(run("2026-11-21T08:00:00Z").conditions, None).unwrap();
        keeper.add(vec![part()]).unwrap();
        assert_eq!((keeper.parts().len(), keeper.story()), (1, None));
    }
}
