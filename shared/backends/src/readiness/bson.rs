//! Just enough BSON for a command: writes small documents, reads their top-level scalars.

/// A value to be written.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    Int(i32),
    Text(&'a str),
}

/// A value that was read; whatever nobody here asks for is left out.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    Number(f64),
    Bool(bool),
    Text(String),
}

/// Writes a document.
pub(super) fn write(fields: &[(&str, Value)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        write_field(&mut body, name, value);
    }
    framed(body)
}

fn write_field(out: &mut Vec<u8>, name: &str, value: &Value) {
    let (kind, bytes) = match value {
        Value::Text(text) => (0x02, text_bytes(text)),
        Value::Int(value) => (0x10, value.to_le_bytes().to_vec()),
    };
    out.push(kind);
    out.extend(name.as_bytes());
    out.push(0);
    out.extend(bytes);
}

fn text_bytes(text: &str) -> Vec<u8> {
    let mut bytes = length(text.len() + 1).to_vec();
    bytes.extend(text.as_bytes());
    bytes.push(0);
    bytes
}

/// Puts the length before and the end mark behind the fields of a document.
fn framed(body: Vec<u8>) -> Vec<u8> {
    let mut document = length(4 + body.len() + 1).to_vec();
    document.extend(body);
    document.push(0);
    document
}

fn length(length: usize) -> [u8; 4] {
    i32::try_from(length).expect("our documents have some hundred bytes").to_le_bytes()
}

/// Reads the top-level scalars of a document, up to its end or to the first thing that is not understood.
pub(super) fn read(document: &[u8]) -> Vec<(String, Scalar)> {
    let mut fields = Vec::new();
    let mut rest = document.get(4..).unwrap_or_default();
    while let Some((name, value, after)) = read_field(rest) {
        fields.extend(value.map(|value| (name, value)));
        rest = after;
    }
    fields
}

/// Name, value if it is a scalar of interest, and what follows.
fn read_field(bytes: &[u8]) -> Option<(String, Option<Scalar>, &[u8])> {
    let (&kind, rest) = bytes.split_first()?;
    let name_length = rest.iter().position(|byte| *byte == 0)?;
    let name = String::from_utf8_lossy(&rest[..name_length]).into_owned();
    let rest = &rest[name_length + 1..];
    let size = size_of_value(kind, rest)?;
    let (bytes, after) = rest.split_at_checked(size)?;
    let value = match kind {
        0x01 => Some(Scalar::Number(f64::from_le_bytes(bytes.try_into().ok()?))),
        0x02 => Some(Scalar::Text(String::from_utf8_lossy(bytes.get(4..size - 1)?).into_owned())),
        0x08 => Some(Scalar::Bool(bytes[0] == 1)),
        0x10 => Some(Scalar::Number(f64::from(i32::from_le_bytes(bytes.try_into().ok()?)))),
        _ => None,
    };
    Some((name, value, after))
}

/// How many bytes a value takes; none for the end mark and for kinds that no server reply here holds.
fn size_of_value(kind: u8, rest: &[u8]) -> Option<usize> {
    let prefix = || usize::try_from(i32::from_le_bytes(*rest.first_chunk()?)).ok();
    match kind {
        0x0A => Some(0),
        0x08 => Some(1),
        0x10 => Some(4),
        0x01 | 0x09 | 0x11 | 0x12 => Some(8),
        0x07 => Some(12),
        0x02 => prefix()?.checked_add(4).filter(|size| *size >= 5),
        0x03 | 0x04 => prefix(),
        0x05 => prefix()?.checked_add(5),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_written_as_the_specification_says() {
        // The first example of the BSON specification.
        let expected = b"\x16\x00\x00\x00\x02hello\x00\x06\x00\x00\x00world\x00\x00";
        assert_eq!(write(&[("hello", Value::Text("world"))]), expected);
    }

    #[test]
    fn scalars_are_read_back_and_other_values_passed_over() {
        let nested = write(&[("ok", Value::Int(9))]);
        let mut body = [b"\x03nested\0", nested.as_slice(), b"\x04list\0", nested.as_slice()].concat();
        write_field(&mut body, "ok", &Value::Int(1));
        body.extend(b"\x08isWritablePrimary\0\x01");
        write_field(&mut body, "setName", &Value::Text("rs0"));
        let document = framed(body);
        let expected = [
            ("ok".to_owned(), Scalar::Number(1.0)),
            ("isWritablePrimary".to_owned(), Scalar::Bool(true)),
            ("setName".to_owned(), Scalar::Text("rs0".into())),
        ];
        assert_eq!(read(&document), expected);
    }

    #[test]
    fn a_cut_or_hostile_document_never_panics() {
        let whole = write(&[("a", Value::Text("b")), ("c", Value::Int(1))]);
        for length in 0..whole.len() {
            assert!(read(&whole[..length]).len() <= 2);
        }
        for kind in 0..=255u8 {
            assert!(read(&[9, 0, 0, 0, kind, 0, 0, 0, 0, 0]).len() <= 3);
            assert!(read(&[9, 0, 0, 0, kind, 0, 255, 255, 255, 255, 0]).len() <= 2);
        }
    }
}
