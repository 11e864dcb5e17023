//! All positions of a recording, read once and kept small: 20 bytes each, in order of time.

use std::path::Path;

use anyhow::bail;
use domain::{CityMs, LatLng};
use events::driver_locations::MAX_SPEED_MPS;

use super::config::RecordingOptions;
use super::on_roads::OnRoads;
use super::pings_file::{PingsFile, RawPing, ReadRows};

/// Who moved less than this stands, and looks where he looked before: GPS trembles by metres.
const STANDING_M: f64 = 3.0;

/// A position of a car, and how it was moving since its last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ping {
    /// After the first position of the recording.
    pub(super) offset_ms: u32,
    /// Whose, by index.
    pub(super) cab: u32,
    /// Degrees, times a million: as exact as reports are.
    lat_e6: i32,
    lon_e6: i32,
    /// Degrees clockwise from north, 0..360.
    pub(super) heading_deg: u16,
    /// Tenths of a metre per second.
    speed_dmps: u16,
}

/// The positions of a file.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    /// When the first position was measured, by the recording's own time.
    pub(super) first_at: CityMs,
    pub(super) pings: Vec<Ping>,
    /// By index, the number a car is known by.
    pub(super) cab_numbers: Vec<u32>,
    /// What could be passed over, for people to read.
    pub(super) remarks: Vec<String>,
}

/// What is in a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// When its first position was measured.
    pub first_at: CityMs,
    /// When its last position was measured.
    pub last_at: CityMs,
    /// How many positions it has.
    pub pings: usize,
    /// How many cars it has.
    pub cabs: usize,
    /// How many of its positions lie far from every road, if roads are known.
    pub beside_road: Option<usize>,
    /// What was wrong with it but could be passed over.
    pub remarks: Vec<String>,
}

/// Puts rows into the table, looking back at the last one of the same car.
#[derive(Default)]
struct Builder {
    first_ms: Option<i64>,
    pings: Vec<Ping>,
    last: Vec<Option<(i64, LatLng, u16, u16)>>,
    too_long: Option<u64>,
}

/// Reads a recording, and the roads of a folder, to tell what is in it, so that what is wrong is said before anything
/// is started.
///
/// # Errors
/// If it can't be used: why, with file and line.
pub fn contents(options: &RecordingOptions, city: Option<&Path>) -> anyhow::Result<Contents> {
    let recording = Recording::read(options)?;
    let roads = OnRoads::read(city, &recording.pings)?;
    Ok(Contents {
        first_at: recording.first_at,
        last_at: recording.last_at(),
        pings: recording.pings.len(),
        cabs: recording.cab_numbers.len(),
        beside_road: roads.as_ref().map(OnRoads::beside),
        remarks: recording.remarks,
    })
}

impl Recording {
    /// Reads a file.
    ///
    /// # Errors
    /// If it can't be used: why, with file and line.
    pub(super) fn read(options: &RecordingOptions) -> anyhow::Result<Self> {
        let path = options.pings.display();
        let file = PingsFile::open(&options.pings, &options.columns, options.utc_offset_h)?;
        let mut builder = Builder::default();
        let rows = file.for_each(|ping| builder.add(ping))?;
        if let Some(line) = builder.too_long {
            bail!(
                "{path} line {line}: over 49 days after the first row; cut the recording into shorter ones"
            );
        }
        let Some(first_ms) = builder.first_ms else {
            bail!("{path}: there is no position in it");
        };
        builder.pings.shrink_to_fit();
        Ok(Self {
            first_at: CityMs(first_ms),
            pings: builder.pings,
            cab_numbers: rows.cabs.numbers(),
            remarks: remarks(&path.to_string(), &rows),
        })
    }

    /// When the last position was measured, by the recording's own time.
    pub(super) fn last_at(&self) -> CityMs {
        self.first_at.plus_ms(self.pings.last().map_or(0, |ping| i64::from(ping.offset_ms)))
    }
}

impl Ping {
    /// Where the car is.
    pub(super) fn position(&self) -> LatLng {
        LatLng { lat: f64::from(self.lat_e6) / 1e6, lon: f64::from(self.lon_e6) / 1e6 }
    }

    /// Metres per second.
    pub(super) fn speed_mps(&self) -> f32 {
        f32::from(self.speed_dmps) / 10.0
    }
}

impl Builder {
    fn add(&mut self, raw: &RawPing) {
        let first_ms = *self.first_ms.get_or_insert(raw.at_ms);
        let Ok(offset_ms) = u32::try_from(raw.at_ms - first_ms) else {
            self.too_long.get_or_insert(raw.line);
            return;
        };
        let cab = raw.cab as usize;
        if self.last.len() <= cab {
            self.last.resize(cab + 1, None);
        }
        let (heading_deg, speed_dmps) = self.last[cab].map_or((0, 0), |last| motion(last, raw));
        self.last[cab] = Some((raw.at_ms, raw.position, heading_deg, speed_dmps));
        let (lat_e6, lon_e6) = (millionths(raw.position.lat), millionths(raw.position.lon));
        self.pings.push(Ping { offset_ms, cab: raw.cab, lat_e6, lon_e6, heading_deg, speed_dmps });
    }
}

/// Heading (degrees) and speed (tenths of a metre per second) since the last position. A jump is kept: its speed is the
/// highest that a report may have.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "0..360 degrees, a speed within its limits, less than 50 days"
)]
fn motion((at_ms, position, heading_deg, speed_dmps): (i64, LatLng, u16, u16), now: &RawPing) -> (u16, u16) {
    let (moved_m, took_ms) = (position.distance_m(now.position), now.at_ms - at_ms);
    if took_ms <= 0 {
        return (heading_deg, speed_dmps);
    }
    let speed_mps = (moved_m * 1000.0 / took_ms as f64).min(f64::from(MAX_SPEED_MPS));
    let heading_deg =
        if moved_m < STANDING_M { heading_deg } else { position.bearing_deg(now.position) as u16 % 360 };
    (heading_deg, (speed_mps * 10.0).round() as u16)
}

#[expect(clippy::cast_possible_truncation, reason = "degrees, at most 180")]
fn millionths(degrees: f64) -> i32 {
    (degrees * 1e6).round() as i32
}

fn remarks(path: &str, rows: &ReadRows) -> Vec<String> {
    let broken = rows.broken.examples.iter();
    let mut remarks: Vec<String> =
        broken.map(|row| format!("{path} line {}: {}; row skipped", row.line, row.what)).collect();
    if rows.broken.broken > 0 {
        remarks.push(format!("{path}: {}", rows.broken));
    }
    if rows.late > 0 {
        remarks.push(format!("{path}: {} rows stood after later ones and were put into order", rows.late));
    }
    remarks
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A recording of these rows: seconds, car, latitude, longitude.
    pub(crate) fn recording(rows: &str) -> anyhow::Result<Recording> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pings.csv");
        std::fs::write(&path, format!("t,cab,lat,lon\n{rows}")).unwrap();
        let options = RecordingOptions { pings: path, columns: "".parse().unwrap(), utc_offset_h: 0.0 };
        Recording::read(&options)
    }

    #[test]
    fn heading_and_speed_come_from_the_last_position_of_the_same_car() {
        let rows = "100,7,46.0,0.5\n105,9,10,10\n110,7,46.001,0.5\n120,7,46.001,0.5\n120,7,46.001,0.6\n";
        let recording = recording(rows).unwrap();
        let motions: Vec<(u32, u16, u16)> =
            recording.pings.iter().map(|ping| (ping.cab, ping.heading_deg, ping.speed_dmps)).collect();
        let expected = [(0, 0, 0), (1, 0, 0), (0, 0, 111), (0, 0, 0), (0, 0, 0)];
        assert_eq!(motions, expected, "north for 111 m in 10 s, then still");
        assert_eq!((recording.first_at, recording.last_at()), (CityMs(100_000), CityMs(120_000)));
        assert_eq!(recording.cab_numbers, [7, 9]);
        assert_eq!(recording.pings[4].position(), LatLng { lat: 46.001, lon: 0.6 });
    }

    #[test]
    fn a_jump_is_kept_at_the_highest_speed_a_report_may_have() {
        let recording = recording("100,7,46.0,0.5\n101,7,47.0,-0.5\n").unwrap();
        let ping = recording.pings[1];
        assert_eq!((ping.speed_mps(), ping.position()), (MAX_SPEED_MPS, LatLng { lat: 47.0, lon: -0.5 }));
        assert!((270..360).contains(&ping.heading_deg));
    }

    #[test]
    fn what_was_passed_over_is_told() {
        let rows = format!("{}90,1,46,0.5\n100,1,95,0\n", "100,1,46,0.5\n".repeat(30));
        let remarks = recording(&rows).unwrap().remarks;
        for (remark, part) in
            remarks.iter().zip(["line 33: ", "1 of 32 rows", "1 rows stood after later ones"])
        {
            assert!(remark.contains("pings.csv") && remark.contains(part), "{remark}");
        }
        assert_eq!(remarks.len(), 3);
    }

    #[test]
    fn recordings_without_rows_or_of_months_are_refused() {
        assert!(recording("").unwrap_err().to_string().contains("no position"));
        let error = recording("100,1,46,0.5\n4295068,1,46,0.5\n").unwrap_err().to_string();
        assert!(error.contains("line 3: over 49 days"), "{error}");
    }

    #[test]
    fn a_position_takes_twenty_bytes() {
        assert_eq!(size_of::<Ping>(), 20);
    }
}
