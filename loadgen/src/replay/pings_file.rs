//! A file of recorded positions, row by row in order of time.

use std::path::{Path, PathBuf};

use anyhow::bail;
use domain::LatLng;
use roads::BrokenRows;
use roads::table_file::{self, Row, TableFile};

use super::cabs::Cabs;
use super::columns::{Columns, Mapping};
use super::in_order::{InOrder, TooLate, WINDOW_MS};
use super::recorded_time;

/// One row of a recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RawPing {
    /// The line of the file it stands on.
    pub(super) line: u64,
    /// When, in ms since 1970 (UTC).
    pub(super) at_ms: i64,
    /// Whose, by index.
    pub(super) cab: u32,
    /// Where.
    pub(super) position: LatLng,
    /// Whether a rider is on board, if the recording says so.
    pub(super) occupied: Option<bool>,
}

/// A file whose columns are known.
#[derive(Clone, Debug)]
pub(super) struct PingsFile {
    path: PathBuf,
    columns: Columns,
    offset_ms: i64,
}

/// What was read, beside the rows themselves.
#[derive(Clone, Debug)]
pub(super) struct ReadRows {
    pub(super) cabs: Cabs,
    /// Rows that were skipped.
    pub(super) broken: BrokenRows,
    /// Rows that came late and were put into order.
    pub(super) late: u64,
}

impl PingsFile {
    /// Looks at the header of a file. `utc_offset_h` leads from UTC to local times in it.
    ///
    /// # Errors
    /// If the file can't be opened or lacks a column.
    pub(super) fn open(path: &Path, mapping: &Mapping, utc_offset_h: f64) -> anyhow::Result<Self> {
        let columns = Columns::find(path, &table_file::header(path)?, mapping)?;
        #[expect(clippy::cast_possible_truncation, reason = "some hours")]
        let offset_ms = (utc_offset_h * 3_600_000.0).round() as i64;
        Ok(Self { path: path.to_owned(), columns, offset_ms })
    }

    /// Whether the file says who was occupied.
    pub(super) fn tells_occupied(&self) -> bool {
        self.columns.occupied.is_some()
    }

    /// Hands every good row to `take`, in order of time.
    ///
    /// # Errors
    /// If the file can't be read, over 5 % of its rows are broken, or it is not sorted by time.
    pub(super) fn for_each(&self, mut take: impl FnMut(&RawPing)) -> anyhow::Result<ReadRows> {
        let (mut cabs, mut order, mut refused) = (Cabs::default(), InOrder::default(), None);
        let columns = &self.columns;
        let required: Vec<&str> = [&columns.time, &columns.driver, &columns.lat, &columns.lon]
            .into_iter()
            .chain(&columns.occupied)
            .map(String::as_str)
            .collect();
        let broken = TableFile::open(&self.path, &required)?.for_each(|row| {
            if refused.is_some() {
                return Ok(());
            }
            let ping = self.ping(row, &mut cabs)?;
            if let Err(too_late) = order.push(ping) {
                refused = Some((ping.line, too_late));
            }
            while let Some(ping) = order.pop() {
                take(&ping);
            }
            Ok(())
        })?;
        if let Some((line, too_late)) = refused {
            self.refuse(line, too_late)?;
        }
        while let Some(ping) = order.pop_rest() {
            take(&ping);
        }
        Ok(ReadRows { cabs, broken, late: order.late() })
    }

    fn ping(&self, row: &Row<'_>, cabs: &mut Cabs) -> Result<RawPing, String> {
        let columns = &self.columns;
        let at_ms = recorded_time::parse(&row.get::<String>(&columns.time)?, self.offset_ms)?;
        let position =
            LatLng::new(row.get(&columns.lat)?, row.get(&columns.lon)?).map_err(|error| error.to_string())?;
        let occupied = match &columns.occupied {
            Some(column) => Some(parse_flag(&row.get::<String>(column)?, column)?),
            None => None,
        };
        let driver: String = row.get(&columns.driver)?;
        if driver.is_empty() {
            return Err(format!("{} is empty", columns.driver));
        }
        Ok(RawPing { line: row.line(), at_ms, cab: cabs.index_of(&driver), position, occupied })
    }

    fn refuse(&self, line: u64, too_late: TooLate) -> anyhow::Result<()> {
        bail!(
            "{} line {line}: the row lies {} s before an earlier one, at most {} s can be put into order; sort the \
             file by {}",
            self.path.display(),
            too_late.by_ms / 1000,
            WINDOW_MS / 1000,
            self.columns.time,
        )
    }
}

fn parse_flag(text: &str, column: &str) -> Result<bool, String> {
    match text {
        "1" | "true" | "True" | "TRUE" => Ok(true),
        "0" | "false" | "False" | "FALSE" => Ok(false),
        _ => Err(format!("{column} is {text:?}, neither 1 or true nor 0 or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &str, mapping: &str, offset_h: f64) -> Result<(Vec<RawPing>, ReadRows), String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pings.csv");
        std::fs::write(&path, content).unwrap();
        let mut pings = Vec::new();
        PingsFile::open(&path, &mapping.parse().unwrap(), offset_h)
            .and_then(|file| file.for_each(|ping| pings.push(*ping)))
            .map(|rows| (pings, rows))
            .map_err(|error| format!("{error:#}"))
    }

    #[test]
    fn both_known_layouts_and_mapped_ones_are_read() {
        for (content, mapping, offset_h, occupied) in [
            ("t,cab,lat,lon,occ\n1202112000,249,39.9,116.3,1\n", "", 0.0, Some(true)),
            ("t_local,taxi,lat,lon\n2008-02-04T16:00:00,249,39.9,116.3\n", "", 8.0, None),
            (
                "hired,x,y,ts,vehicle\nfalse,116.3,39.9,2008-02-04 16:00:00,249\n",
                "time=ts,driver=vehicle,lat=y,lon=x,occupied=hired",
                8.0,
                Some(false),
            ),
        ] {
            let (pings, _) = read(content, mapping, offset_h).unwrap();
            let position = LatLng { lat: 39.9, lon: 116.3 };
            assert_eq!(pings, [RawPing { line: 2, at_ms: 1_202_112_000_000, cab: 0, position, occupied }]);
        }
    }

    #[test]
    fn rows_that_are_impossible_are_skipped_with_line_and_reason() {
        for (bad, reason) in [
            ("5,1,90.5,0,0", "latitude"),
            ("5,1,0,-180.5,0", "longitude"),
            ("5,1,NaN,0,0", "not a position"),
            ("5,1,north,0,0", "lat is \"north\""),
            ("5000000000,1,0,0,0", "not seconds since 1970"),
            ("5,,0,0,0", "cab is empty"),
            ("5,1,0,0,9", "occ is \"9\""),
            ("5,1,0", "too short"),
        ] {
            let content = format!("t,cab,lat,lon,occ\n{}{bad}\n", "5,1,46,0.5,0\n".repeat(20));
            let (pings, rows) = read(&content, "", 0.0).unwrap();
            let example = &rows.broken.examples[0];
            assert_eq!((pings.len(), rows.cabs.len(), rows.broken.broken, example.line), (20, 1, 1, 22));
            assert!(example.what.contains(reason), "{bad}: {}", example.what);
            let error = read(&format!("t,cab,lat,lon,occ\n{bad}\n"), "", 0.0).unwrap_err();
            assert!(error.contains("pings.csv") && error.contains("line 2"), "{error}");
        }
    }

    #[test]
    fn disorder_is_repaired_within_the_window_and_refused_beyond() {
        let row = |t: i64| format!("{t},1,46,0.5\n");
        let content = format!("t,cab,lat,lon\n{}{}{}", row(1000), row(700), row(1000));
        let (pings, rows) = read(&content, "", 0.0).unwrap();
        let lines: Vec<u64> = pings.iter().map(|ping| ping.line).collect();
        assert_eq!((lines, rows.late), (vec![3, 2, 4], 1));
        let error = read(&format!("{content}{}{}", row(699), row(1)), "", 0.0).unwrap_err();
        assert!(error.contains("pings.csv line 5: the row lies 301 s before"), "{error}");
        assert!(error.contains("at most 300 s") && error.contains("sort the file by t"), "{error}");
    }
}
