//! Which column of a recording says what: found by the names of known recordings, or told by the user.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use anyhow::bail;

/// What a column can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Time,
    Driver,
    Lat,
    Lon,
    Occupied,
}

/// Names of columns that the user gave, by role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping(Vec<(Role, String)>);

/// The columns of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) time: String,
    pub(super) driver: String,
    pub(super) lat: String,
    pub(super) lon: String,
    /// Not every recording knows whether a rider was on board.
    pub(super) occupied: Option<String>,
}

impl Role {
    const ALL: [Self; 5] = [Self::Time, Self::Driver, Self::Lat, Self::Lon, Self::Occupied];

    fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Driver => "driver",
            Self::Lat => "lat",
            Self::Lon => "lon",
            Self::Occupied => "occupied",
        }
    }

    /// Names of this column in known recordings.
    fn known(self) -> &'static [&'static str] {
        match self {
            Self::Time => &["t", "t_local"],
            Self::Driver => &["cab", "taxi"],
            Self::Lat => &["lat"],
            Self::Lon => &["lon"],
            Self::Occupied => &["occ"],
        }
    }
}

impl Columns {
    /// Finds the columns in the header of a file.
    ///
    /// # Errors
    /// If a column is missing that a recording needs or that the user named: which, what is there, and what to do.
    pub(super) fn find(path: &Path, header: &[String], mapping: &Mapping) -> anyhow::Result<Self> {
        let [time, driver, lat, lon, occupied] = Role::ALL.map(|role| mapping.column(role, header));
        match (time, driver, lat, lon) {
            (Some(time), Some(driver), Some(lat), Some(lon))
                if occupied.is_some() || !mapping.names(Role::Occupied) =>
            {
                Ok(Self { time, driver, lat, lon, occupied })
            }
            _ => bail!("{}: {}", path.display(), mapping.missing(header)),
        }
    }

    /// Whether a header is that of a known recording of positions.
    pub(super) fn are_known(header: &[String]) -> bool {
        Self::find(Path::new(""), header, &Mapping::default()).is_ok()
    }
}

impl Mapping {
    /// The column of a role, if the header has it.
    fn column(&self, role: Role, header: &[String]) -> Option<String> {
        let there = |name: &str| header.iter().any(|column| column == name);
        self.wanted(role).into_iter().find(|name| there(name)).map(str::to_owned)
    }

    fn wanted(&self, role: Role) -> Vec<&str> {
        match self.0.iter().find(|(mapped, _)| *mapped == role) {
            Some((_, name)) => vec![name],
            None => role.known().to_vec(),
        }
    }

    fn names(&self, role: Role) -> bool {
        self.0.iter().any(|(mapped, _)| *mapped == role)
    }

    /// Says which columns are missing, what is there, and how to map it.
    fn missing(&self, header: &[String]) -> String {
        let needed = |role: Role| role != Role::Occupied || self.names(role);
        let missing: Vec<Role> = Role::ALL
            .into_iter()
            .filter(|&role| needed(role) && self.column(role, header).is_none())
            .collect();
        let looked_for: Vec<String> = missing
            .iter()
            .map(|&role| format!("{} (looked for {})", role.name(), self.wanted(role).join(" or ")))
            .collect();
        let option: Vec<String> = missing.iter().map(|role| format!("{}=NAME", role.name())).collect();
        format!(
            "no column for {}; the header has: {}; name the right ones with --columns {}",
            looked_for.join(", "),
            header.join(","),
            option.join(","),
        )
    }
}

/// As it is read.
impl fmt::Display for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<String> =
            self.0.iter().map(|(role, column)| format!("{}={column}", role.name())).collect();
        f.write_str(&pairs.join(","))
    }
}

impl FromStr for Mapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut mapping = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, column) =
                part.split_once('=').ok_or_else(|| format!("{part:?} is not of the form time=COLUMN"))?;
            let role = Role::ALL.into_iter().find(|role| role.name() == name.trim()).ok_or_else(|| {
                let names = Role::ALL.map(Role::name).join(", ");
                format!("there is no {name:?}; there are {names}")
            })?;
            if mapping.names(role) {
                return Err(format!("{name} is named twice"));
            }
            mapping.0.push((role, column.trim().to_owned()));
        }
        Ok(mapping)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(header: &str, mapping: &str) -> Result<Columns, String> {
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        Columns::find(Path::new("pings.csv"), &header, &mapping.parse()?).map_err(|error| error.to_string())
    }

    #[test]
    fn known_recordings_are_recognized_by_their_header() {
        let cabs = find("t,cab,lat,lon,occ", "").unwrap();
        assert_eq!((cabs.time.as_str(), cabs.occupied.as_deref()), ("t", Some("occ")));
        let taxis = find("t_local,taxi,lat,lon", "").unwrap();
        assert_eq!((taxis.driver.as_str(), taxis.occupied), ("taxi", None));
    }

    #[test]
    fn other_names_can_be_mapped_all_or_some() {
        let mapping = "time=ts,driver=vehicle,lat=y,lon=x,occupied=hired";
        let all = find("x,y,vehicle,ts,hired", mapping).unwrap();
        assert_eq!((all.lat.as_str(), all.lon.as_str(), all.occupied.as_deref()), ("y", "x", Some("hired")));
        assert_eq!(find("t,cab,lat,lng", "lon=lng").unwrap().lon, "lng");
    }

    #[test]
    fn missing_columns_are_told_with_those_there_and_the_option() {
        let error = find("ts,cab,lat,lng", "").unwrap_err();
        for part in [
            "pings.csv",
            "no column for time (looked for t or t_local), lon (looked for lon)",
            "the header has: ts,cab,lat,lng",
            "--columns time=NAME,lon=NAME",
        ] {
            assert!(error.contains(part), "{error}");
        }
        let error = find("t,cab,lat,lon", "occupied=hired").unwrap_err();
        assert!(error.contains("no column for occupied (looked for hired)"), "{error}");
    }

    #[test]
    fn mappings_that_make_no_sense_are_refused_with_a_reason() {
        for (text, reason) in
            [("time", "time=COLUMN"), ("speed=v", "there is no \"speed\""), ("lat=a,lat=b", "named twice")]
        {
            assert!(text.parse::<Mapping>().unwrap_err().contains(reason), "{text}");
        }
    }
}
