//! Where a page of a list ended, as text for whoever asks for the next one.

use std::fmt;
use std::str::FromStr;

use domain::CityMs;

use crate::DocumentId;

/// Digits of each half of the text form.
const HALF: usize = 16;

/// The last line of a page: the next page begins behind it. Its text form is opaque, short, and safe in addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) at: CityMs,
    pub(crate) id: DocumentId,
}

/// Says why a text is no cursor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a cursor: expected one that came with a page")]
pub struct NotACursor(String);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.at.0, self.id.number())
    }
}

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let wrong = || NotACursor(text.chars().take(40).collect());
        let is_hex = text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() != 2 * HALF || !is_hex {
            return Err(wrong());
        }
        let half = |digits: &str| u64::from_str_radix(digits, 16).map(u64::cast_signed).map_err(|_| wrong());
        let (at, id) = text.split_at(HALF);
        let id = DocumentId::from_number(half(id)?).ok_or_else(wrong)?;
        Ok(Self { at: CityMs(half(at)?), id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_that_are_no_cursor_are_refused() {
        let good = "0000011a17ed1c000003000000000011";
        assert_eq!(good.parse::<Cursor>().unwrap().id, DocumentId::new(3, 17).unwrap());
        for text in [
            "",
            "1",
            &good[1..],
            "0000011a17ed1c0000030000000000110",
            "0000011A17ED1C000003000000000011",
            "+000011a17ed1c000003000000000011",
            "0000011a17ed1c00f003000000000011",
            "ääääääääääääääää",
        ] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_cursor_survives_its_text_form(at: i64, partition in 0i32..32_768, offset in 0i64..1 << 48) {
            let cursor = Cursor { at: CityMs(at), id: DocumentId::new(partition, offset).unwrap() };
            prop_assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
        }
    }
}
