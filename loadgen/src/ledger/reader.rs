//! Reads the ledgers of a run back, and says where one is damaged.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use super::entry::{END, Entry, HEADER};

/// No line is longer: four numbers, and something to show if it is none.
const LONGEST_LINE: u64 = 200;

/// A ledger that was read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRead {
    /// Where it lies.
    pub path: PathBuf,
    /// How many reports it names.
    pub entries: u64,
    /// Whether its process closed it; otherwise it may have heard of more.
    pub closed: bool,
}

/// Reads all ledgers of a folder, one line at a time.
///
/// # Errors
/// If there is none, or one can't be read or is damaged: with file and line.
pub fn read(dir: &Path, mut each: impl FnMut(Entry)) -> anyhow::Result<Vec<LedgerRead>> {
    let files = files(dir)?;
    ensure!(
        !files.is_empty(),
        "there is no ledger in {}: expected files such as loadgen-1.csv",
        dir.display()
    );
    files.into_iter().map(|path| read_file(path, &mut each)).collect()
}

/// The ledgers of a folder, by name.
pub(super) fn files(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let failed = || format!("failed to read the folder {}", dir.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).with_context(failed)? {
        let path = entry.with_context(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "csv") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_file(path: PathBuf, each: &mut impl FnMut(Entry)) -> anyhow::Result<LedgerRead> {
    let name = path.display();
    let file = File::open(&path).with_context(|| format!("failed to read the ledger {name}"))?;
    let mut lines = Lines { reader: BufReader::with_capacity(1 << 16, file), line: Vec::new(), number: 0 };
    let mut read = LedgerRead { path: path.clone(), entries: 0, closed: false };
    let at = |number: u64| format!("{name} line {number}");
    match lines.next().with_context(|| at(1))? {
        Some(HEADER) => {}
        Some(other) => bail!("{}: expected the header {HEADER}, found {other:?}", at(1)),
        None => bail!("{name} is empty: expected the header {HEADER}"),
    }
    loop {
        let number = lines.number + 1;
        let Some(line) = lines.next().with_context(|| at(number))? else { return Ok(read) };
        ensure!(!read.closed, "{}: something follows the end", at(number));
        if let Some(entry) = Entry::parse(line) {
            read.entries += 1;
            each(entry);
        } else if let Some(entries) = end(line) {
            let found = read.entries;
            ensure!(found == entries, "{}: {entries} reports were written, {found} are there", at(number));
            read.closed = true;
        } else {
            bail!("{}: expected {HEADER}, found {line:?}", at(number));
        }
    }
}

/// How many entries the closing line tells of.
fn end(line: &str) -> Option<u64> {
    line.strip_prefix(END)?.strip_prefix(',')?.strip_suffix(",,")?.parse().ok()
}

/// The lines of a file, counted from 1.
struct Lines {
    reader: BufReader<File>,
    line: Vec<u8>,
    number: u64,
}

impl Lines {
    /// The next line, without its end.
    fn next(&mut self) -> anyhow::Result<Option<&str>> {
        self.line.clear();
        let read = self.reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        let Some(line) = self.line.strip_suffix(b"\n") else {
            let start = String::from_utf8_lossy(&self.line);
            bail!("cut off, or no ledger: {start:?} has no end");
        };
        Ok(Some(std::str::from_utf8(line).context("this is no text")?))
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn read_text(text: &[u8]) -> Result<Vec<LedgerRead>, String> {
        let dir = TempDir::with_prefix("hailstorm-test-").unwrap();
        std::fs::write(dir.path().join("loadgen-1.csv"), text).unwrap();
        read(dir.path(), |_| ()).map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn a_damaged_ledger_is_told_with_file_and_line() {
        let header = format!("{HEADER}\n");
        for (rest, told) in [
            (
                "1,2,3,4\n1,2,x,4\n",
                "loadgen-1.csv line 3: expected driver,at_ms,partition,offset, found \"1,2,x,4\"",
            ),
            ("1,2,3,4\n1,2,3", "loadgen-1.csv line 3: cut off"),
            ("1,2,3,4\nend,2,,\n", "loadgen-1.csv line 3: 2 reports were written, 1 are there"),
            ("1,2,3,4\nend,1,,\n1,2,3,5\n", "loadgen-1.csv line 4: something follows the end"),
            ("end,0\n", "loadgen-1.csv line 2: expected"),
        ] {
            let error = read_text(format!("{header}{rest}").as_bytes()).unwrap_err();
            assert!(error.contains(told), "{rest:?}: {error}");
        }
        assert!(read_text(b"").unwrap_err().contains("is empty"));
        assert!(read_text(b"a,b\n").unwrap_err().contains("line 1: expected the header"));
        assert!(read_text(&[0xff; 5_000]).unwrap_err().contains("line 1: cut off"));
        assert!(read_text(b"\xff\n").unwrap_err().contains("line 1: this is no text"));
    }

    #[test]
    fn a_ledger_that_was_never_closed_is_read() {
        let read = read_text(format!("{HEADER}\n1,2,3,4\n1,3,3,\n").as_bytes()).unwrap();
        assert_eq!((read[0].entries, read[0].closed), (2, false));
    }

    #[test]
    fn a_folder_without_a_ledger_is_told() {
        let dir = TempDir::with_prefix("hailstorm-test-").unwrap();
        assert!(read(dir.path(), |_| ()).unwrap_err().to_string().contains("there is no ledger in"));
        assert!(read(&dir.path().join("nowhere"), |_| ()).unwrap_err().to_string().contains("nowhere"));
    }
}
