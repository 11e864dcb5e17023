//! How many members each group has.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::fleet::SERVICES;

/// Most members of a group that make sense to try: more than partitions, to see one idle.
const MOST: u32 = 64;

/// Members by group; groups not named have one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Members(BTreeMap<String, u32>);

impl Members {
    /// How many members a group has.
    pub(crate) fn of(&self, group: &str) -> u32 {
        self.0.get(group).copied().unwrap_or(1)
    }

    /// How many members the largest group has.
    pub(crate) fn most(&self) -> i32 {
        let most = self.0.values().copied().max().unwrap_or(1);
        i32::try_from(most).unwrap_or(i32::MAX)
    }
}

impl FromStr for Members {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut members = BTreeMap::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, count) =
                part.split_once('=').ok_or_else(|| format!("{part:?} is not of the form service=count"))?;
            if !SERVICES.iter().any(|service| service.name == name) {
                let known: Vec<&str> = SERVICES.iter().map(|service| service.name).collect();
                return Err(format!("there is no service {name:?}; there are {}", known.join(", ")));
            }
            let count = count.parse().ok().filter(|count| (1..=MOST).contains(count));
            let count = count.ok_or_else(|| format!("{name} can have 1 to {MOST} members"))?;
            members.insert(name.to_owned(), count);
        }
        Ok(Self(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_or_refused_with_a_reason() {
        let members: Members = "matching=3, archiver=2".parse().unwrap();
        assert_eq!((members.most(), Members::default().most()), (3, 1));
        assert_eq!((members.of("matching"), members.of("archiver"), members.of("fare")), (3, 2, 1));
        for (text, reason) in
            [("matching", "service=count"), ("pricing=2", "no service"), ("fare=0", "1 to 64")]
        {
            assert!(text.parse::<Members>().unwrap_err().contains(reason), "{text}");
        }
    }
}
