//! The ledger of one process on disk: written by whole lines, in pieces of some thousand, until the books are closed.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use anyhow::{Context, bail};
use kafka::Receipt;

use super::entry::{END, Entry, HEADER};

/// Lines are kept until there are this many bytes of them, some 2,400: what a process that is killed never writes.
const PIECE_BYTES: usize = 64 * 1024;

/// A ledger under way. A disk that is full ends it, not the run: that is said at once and once more at the end.
#[derive(Debug)]
pub(crate) struct LedgerFile {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    /// Whole lines that are not in the file yet.
    buffer: Vec<u8>,
    /// Entries in the buffer.
    buffered: u64,
    /// Entries in the file.
    entries: u64,
    /// Bytes of whole lines in the file.
    bytes: u64,
    /// Why nothing is written any more.
    trouble: Option<String>,
}

/// Makes the folder for the ledgers of a run.
///
/// # Errors
/// If it can't be made, or holds the ledger of another run.
pub fn prepare(dir: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("failed to make the folder {}", dir.display()))?;
    match super::reader::files(dir)?.first() {
        Some(file) => {
            bail!("{} is the ledger of another run: --ledger needs a folder without one", file.display())
        }
        None => Ok(()),
    }
}

impl LedgerFile {
    /// Begins the ledger of a member.
    ///
    /// # Errors
    /// If the file is there already, or can't be written.
    pub(crate) fn create(dir: &Path, member: &str) -> anyhow::Result<Self> {
        let path = dir.join(format!("{member}.csv"));
        let file =
            File::create_new(&path).with_context(|| format!("failed to make the ledger {}", path.display()));
        Self::begin(file?, path)
    }

    fn begin(file: File, path: PathBuf) -> anyhow::Result<Self> {
        let buffer = format!("{HEADER}\n").into_bytes();
        let mut state = State { file, buffer, buffered: 0, entries: 0, bytes: 0, trouble: None };
        state.write().with_context(|| format!("failed to write the ledger {}", path.display()))?;
        Ok(Self { path, state: Mutex::new(state) })
    }

    /// Writes down what a broker has taken.
    pub(crate) fn note(&self, receipt: Receipt<'_>) {
        let Some(entry) = Entry::of(receipt) else { return };
        let mut state = self.lock();
        if state.trouble.is_some() {
            return;
        }
        entry.write_to(&mut state.buffer);
        state.buffered += 1;
        if state.buffer.len() >= PIECE_BYTES
            && let Err(error) = state.write()
        {
            self.give_up(&mut state, &error);
        }
    }

    /// Whether the disk takes nothing more.
    pub(crate) fn has_stopped(&self) -> bool {
        self.lock().trouble.is_some()
    }

    /// Writes what is left and the end, and waits until the disk has it.
    ///
    /// # Errors
    /// If not all of it could be written, now or before.
    pub(crate) fn close(&self) -> anyhow::Result<()> {
        let mut state = self.lock();
        if state.trouble.is_none()
            && let Err(error) = state.end()
        {
            self.give_up(&mut state, &error);
        }
        match &state.trouble {
            Some(trouble) => {
                bail!("the ledger {} ends after {} reports: {trouble}", self.path.display(), state.entries)
            }
            None => Ok(()),
        }
    }

    fn give_up(&self, state: &mut State, error: &io::Error) {
        state.trouble = Some(error.to_string());
        state.buffer = Vec::new();
        // Half a line would make the rest unreadable; a disk that refuses this too leaves it to the reader.
        let _refused = state.file.set_len(state.bytes);
        let (ledger, entries) = (self.path.display(), state.entries);
        tracing::error!(%ledger, entries, %error, "the ledger can't be written any more, reports leave without it");
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics while holding the ledger")
    }
}

impl State {
    fn write(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.bytes += self.buffer.len() as u64;
        self.entries += self.buffered;
        self.buffered = 0;
        self.buffer.clear();
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.write()?;
        writeln!(self.buffer, "{END},{},,", self.entries)?;
        self.write()?;
        self.file.sync_data()
    }
}

#[cfg(test)]
mod tests {
    use domain::{CityMs, DriverId};
    use tempfile::TempDir;

    use super::super::{LedgerRead, read};
    use super::*;

    fn note(ledger: &LedgerFile, offset: i64) {
        ledger.note(Receipt {
            key: b"7",
            mark: Entry::mark(CityMs(offset)),
            partition: 1,
            offset: Some(offset),
        });
    }

    fn read_all(dir: &Path) -> (Vec<Entry>, Vec<LedgerRead>) {
        let mut entries = Vec::new();
        let files = read(dir, |entry| entries.push(entry)).unwrap();
        (entries, files)
    }

    #[test]
    fn what_was_noted_is_read_again_and_pieces_do_not_wait_for_the_end() {
        let dir = TempDir::with_prefix("hailstorm-test-").unwrap();
        let ledger = LedgerFile::create(dir.path(), "loadgen-1").unwrap();
        (0..10_000).for_each(|offset| note(&ledger, offset));
        let (entries, files) = read_all(dir.path());
        assert!(entries.len() > 5_000 && entries.len() < 10_000, "{}", entries.len());
        assert!(!files[0].closed);
        ledger.close().unwrap();
        let (entries, files) = read_all(dir.path());
        let entry =
            |offset| Entry { driver: DriverId(7), at: CityMs(offset), partition: 1, offset: Some(offset) };
        assert_eq!(entries, (0..10_000).map(entry).collect::<Vec<_>>());
        assert_eq!((files.len(), files[0].entries, files[0].closed), (1, 10_000, true));
    }

    #[test]
    fn a_folder_with_a_ledger_is_no_place_for_another() {
        let dir = TempDir::with_prefix("hailstorm-test-").unwrap();
        let inner = dir.path().join("run");
        prepare(&inner).unwrap();
        std::fs::write(inner.join("notes.txt"), "").unwrap();
        prepare(&inner).unwrap();
        LedgerFile::create(&inner, "loadgen-1").unwrap();
        assert!(
            prepare(&inner).unwrap_err().to_string().contains("loadgen-1.csv is the ledger of another run")
        );
        assert!(LedgerFile::create(&inner, "loadgen-1").unwrap_err().to_string().contains("failed to make"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_ends_the_ledger_and_is_told() {
        let full = || File::options().write(true).open("/dev/full").unwrap();
        let error = LedgerFile::begin(full(), "l.csv".into()).unwrap_err();
        assert!(format!("{error:#}").contains("No space left"), "{error:#}");
        let dir = TempDir::with_prefix("hailstorm-test-").unwrap();
        let ledger = LedgerFile::create(dir.path(), "loadgen-1").unwrap();
        (0..10_000).for_each(|offset| note(&ledger, offset));
        ledger.lock().file = full();
        (10_000..30_000).for_each(|offset| note(&ledger, offset));
        assert!(ledger.has_stopped() && ledger.lock().buffer.is_empty());
        let (entries, files) = read_all(dir.path());
        assert!(!entries.is_empty() && !files[0].closed);
        let told = ledger.close().unwrap_err().to_string();
        let expected = format!("loadgen-1.csv ends after {} reports: No space left", entries.len());
        assert!(told.contains(&expected), "{told}");
    }
}
