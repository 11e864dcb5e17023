//! Tolerant tables: `.csv` and `.csv.gz` files with named columns, in which some rows may be broken.
//!
//! Broken rows are counted and skipped; if more than one in twenty is broken, the file is refused.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use csv::ByteRecord;
use flate2::read::MultiGzDecoder;

/// One broken row in this many is too many: 5 %.
const TOLERATED_ONE_IN: u64 = 20;

/// How many broken rows are kept as examples.
const MOST_EXAMPLES: usize = 10;

/// The first two bytes of a gzip file (RFC 1952).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Says why a table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file is not there or may not be read.
    #[error("cannot open {}", path.display())]
    Open {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Neither the plain nor the compressed file is there.
    #[error("neither {name}.csv nor {name}.csv.gz is in {}", dir.display())]
    NotThere {
        /// Where it was looked for.
        dir: PathBuf,
        /// The name without its ending.
        name: String,
    },
    /// A column is missing from the header line.
    #[error("{}: column {column:?} is missing (the header has: {header})", path.display())]
    MissingColumn {
        /// Which file.
        path: PathBuf,
        /// The column that was looked for.
        column: String,
        /// What the header line says.
        header: String,
    },
    /// Reading stopped, as with a cut gzip file.
    #[error("{}: reading stopped after line {line}; is the file cut or damaged?", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// The last line that was read.
        line: u64,
        /// What went wrong.
        source: io::Error,
    },
    /// More than 5 % of the rows are broken.
    #[error("{}: {broken}, over 5 %; {}", path.display(), broken.first_text())]
    TooManyBroken {
        /// Which file.
        path: PathBuf,
        /// What was broken.
        broken: BrokenRows,
    },
}

/// A row that was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenRow {
    /// The line it begins at; the header is line 1.
    pub line: u64,
    /// What is wrong with it.
    pub what: String,
}

/// How many rows a file has and which of them were skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BrokenRows {
    /// All rows, good and broken, without the header.
    pub rows: u64,
    /// Those skipped.
    pub broken: u64,
    /// The first few of them.
    pub examples: Vec<BrokenRow>,
}

/// A row of the table: the required columns by index, optional ones by name.
pub struct Row<'a> {
    record: &'a ByteRecord,
    required: &'a [(String, usize)],
    header: &'a ByteRecord,
    line: u64,
}

/// An open table.
pub struct TableFile {
    path: PathBuf,
    reader: csv::Reader<Box<dyn Read>>,
    header: ByteRecord,
    required: Vec<(String, usize)>,
}

/// Finds `<name>.csv` or `<name>.csv.gz` in a folder.
pub fn find(dir: &Path, name: &str) -> Result<PathBuf, TableError> {
    let candidates = [dir.join(format!("{name}.csv")), dir.join(format!("{name}.csv.gz"))];
    let found = candidates.into_iter().find(|path| path.exists());
    found.ok_or_else(|| TableError::NotThere { dir: dir.to_owned(), name: name.to_owned() })
}

/// The names of the columns of a file, compressed or not.
pub fn header(path: &Path) -> Result<Vec<String>, TableError> {
    let table = TableFile::open(path, &[])?;
    Ok(table.header.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect())
}

impl TableFile {
    /// Opens a table, compressed or not, and checks that it has the columns.
    pub fn open(path: &Path, required: &[&str]) -> Result<Self, TableError> {
        let opened = |source| TableError::Open { path: path.to_owned(), source };
        let mut file = BufReader::new(File::open(path).map_err(opened)?);
        let compressed = file.fill_buf().map_err(opened)?.starts_with(&GZIP_MAGIC);
        let input: Box<dyn Read> =
            if compressed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .buffer_capacity(1 << 16)
            .from_reader(input);
        let header = reader.byte_headers().map_err(|error| reading_stopped(path, 1, error))?.clone();
        let required = required
            .iter()
            .map(|&column| match header.iter().position(|name| name == column.as_bytes()) {
                Some(position) => Ok((column.to_owned(), position)),
                None => Err(TableError::MissingColumn {
                    path: path.to_owned(),
                    column: column.to_owned(),
                    header: header.iter().map(String::from_utf8_lossy).collect::<Vec<_>>().join(","),
                }),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { path: path.to_owned(), reader, header, required })
    }

    /// Hands every row to `take`, which says what is wrong with it if it is broken.
    pub fn for_each(
        mut self,
        mut take: impl FnMut(&Row<'_>) -> Result<(), String>,
    ) -> Result<BrokenRows, TableError> {
        let mut broken = BrokenRows::default();
        let mut record = ByteRecord::new();
        loop {
            let before = self.reader.position().line();
            let more = self
                .reader
                .read_byte_record(&mut record)
                .map_err(|error| reading_stopped(&self.path, before, error))?;
            if !more {
                break;
            }
            let line = record.position().map_or(before, csv::Position::line);
            broken.rows += 1;
            let row = Row { record: &record, required: &self.required, header: &self.header, line };
            if let Err(what) = take(&row) {
                broken.add(line, what);
            }
        }
        if broken.broken * TOLERATED_ONE_IN > broken.rows {
            return Err(TableError::TooManyBroken { path: self.path, broken });
        }
        Ok(broken)
    }
}

impl Row<'_> {
    /// The line the row begins at.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// A required column as a value; what is wrong with it otherwise.
    pub fn get<T: FromStr>(&self, column: &str) -> Result<T, String> {
        let position = self.required.iter().find(|(name, _)| name == column).map(|(_, position)| *position);
        let text =
            self.text(position.ok_or_else(|| format!("column {column:?} was not asked for"))?, column)?;
        text.parse().map_err(|_| format!("{column} is {text:?}, not a number of its kind"))
    }

    /// A column that the file may lack, or leave empty in this row.
    #[must_use]
    pub fn optional(&self, column: &str) -> Option<&str> {
        let position = self.header.iter().position(|name| name == column.as_bytes())?;
        self.text(position, column).ok().filter(|text| !text.is_empty())
    }

    fn text(&self, position: usize, column: &str) -> Result<&str, String> {
        let field =
            self.record.get(position).ok_or_else(|| format!("{column} is missing: the row is too short"))?;
        std::str::from_utf8(field).map_err(|_| format!("{column} is not UTF-8"))
    }
}

impl BrokenRows {
    fn add(&mut self, line: u64, what: String) {
        self.broken += 1;
        if self.examples.len() < MOST_EXAMPLES {
            self.examples.push(BrokenRow { line, what });
        }
    }

    fn first_text(&self) -> String {
        self.examples
            .first()
            .map(|row| format!("the first at line {}: {}", row.line, row.what))
            .unwrap_or_default()
    }
}

impl fmt::Display for BrokenRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} rows are broken", self.broken, self.rows)
    }
}

fn reading_stopped(path: &Path, line: u64, error: csv::Error) -> TableError {
    let source = match error.into_kind() {
        csv::ErrorKind::Io(source) => source,
        other => io::Error::other(format!("{other:?}")),
    };
    TableError::Read { path: path.to_owned(), line, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn file(name: &str, content: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        (dir, path)
    }

    fn gzip(content: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn read(path: &Path) -> Result<(Vec<(u64, i64)>, BrokenRows), TableError> {
        let mut rows = Vec::new();
        let broken = TableFile::open(path, &["id"])?.for_each(|row| {
            rows.push((row.line(), row.get("id")?));
            Ok(())
        })?;
        Ok((rows, broken))
    }

    #[test]
    fn plain_and_compressed_files_read_alike() {
        let text = "name, id\na,1\nb,2\n";
        for (name, content) in [
            ("t.csv", text.as_bytes().to_vec()),
            ("t.csv.gz", gzip(text)),
            ("bom.csv", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ] {
            let (_dir, path) = file(name, &content);
            assert_eq!(read(&path).unwrap().0, vec![(2, 1), (3, 2)]);
        }
    }

    #[test]
    fn a_few_broken_rows_are_counted_with_line_and_reason() {
        let mut text = String::from("id\n");
        (0..60).for_each(|n| text.push_str(&format!("{n}\n")));
        text.push_str("x\n");
        let (_dir, path) = file("t.csv", text.as_bytes());
        let (rows, broken) = read(&path).unwrap();
        assert_eq!((rows.len(), broken.rows, broken.broken, broken.examples[0].line), (60, 61, 1, 62));
        assert!(broken.examples[0].what.contains("id is \"x\""));
    }

    #[test]
    fn over_one_broken_row_in_twenty_is_too_many() {
        for (good, refused) in [(18, true), (19, false)] {
            let text = format!("a,id\n{}1\n", "1,1\n".repeat(good));
            let (_dir, path) = file("t.csv", text.as_bytes());
            assert_eq!(read(&path).is_err(), refused, "{good} good rows");
        }
        let (_dir, path) = file("t.csv", b"id\nx\n\xff\n");
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("2 of 2 rows are broken") && error.contains("line 2"), "{error}");
    }

    #[test]
    fn a_missing_column_names_file_and_column() {
        for content in ["", "\n", "ident,lat\n1,2\n"] {
            let (_dir, path) = file("t.csv", content.as_bytes());
            let error = read(&path).unwrap_err().to_string();
            assert!(error.contains("t.csv") && error.contains("\"id\" is missing"), "{error}");
        }
    }

    #[test]
    fn a_cut_gzip_is_an_error_that_says_where() {
        let text: String =
            (0..20_000).fold("id\n".to_owned(), |text, n| text + &format!("{}\n", n * 7919 % 10_007));
        let whole = gzip(&text);
        for kept in [whole.len() / 2, whole.len() - 4, 15] {
            let (_dir, path) = file("t.csv.gz", &whole[..kept]);
            let error = read(&path).unwrap_err();
            assert!(matches!(error, TableError::Read { .. }), "{kept}: {error}");
        }
    }

    #[test]
    fn files_that_are_not_there_are_named() {
        let dir = tempfile::tempdir().unwrap();
        assert!(find(dir.path(), "nodes").unwrap_err().to_string().contains("nodes.csv.gz"));
        assert!(read(&dir.path().join("no.csv")).unwrap_err().to_string().contains("no.csv"));
    }
}
