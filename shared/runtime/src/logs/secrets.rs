//! What may stand in an address and never in a log.

use std::borrow::Cow;

/// Stands where a secret was.
const HIDDEN: &str = "***";

/// What a setting with a secret is called at its end, in addresses: `tlsCertificateKeyFilePassword=`, say.
const PASSWORD: &str = "password=";

/// Text without the users and passwords of the addresses in it (`scheme://user:password@host`), and without what stands
/// behind `password=`. In doubt it hides more: whatever lies between `://` and the last `@` of a word.
#[must_use]
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    if !text.contains("://") && !contains_password(text) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len());
    for word in text.split_inclusive(ends_a_word) {
        hide_in_word(word, &mut clean);
    }
    Cow::Owned(clean)
}

fn contains_password(text: &str) -> bool {
    text.len() >= PASSWORD.len() && text.to_ascii_lowercase().contains(PASSWORD)
}

fn ends_a_word(letter: char) -> bool {
    letter.is_whitespace() || "\"'`<>".contains(letter)
}

fn hide_in_word(word: &str, clean: &mut String) {
    let mut rest = word;
    if let Some(scheme) = rest.find("://") {
        let behind = scheme + "://".len();
        if let Some(at) = rest[behind..].rfind('@') {
            clean.push_str(&rest[..behind]);
            clean.push_str(HIDDEN);
            rest = &rest[behind + at..];
        }
    }
    // Lowercase letters of ASCII take the same bytes, so places are the same in both.
    while let Some(found) = rest.to_ascii_lowercase().find(PASSWORD) {
        let behind = found + PASSWORD.len();
        clean.push_str(&rest[..behind]);
        clean.push_str(HIDDEN);
        let end = rest[behind..].find(|letter| letter == '&' || ends_a_word(letter));
        rest = &rest[end.map_or(rest.len(), |end| behind + end)..];
    }
    clean.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_of_addresses_are_hidden_and_the_rest_is_told() {
        for (text, told) in [
            ("redis://:hunter2@10.0.0.7:6379/0", "redis://***@10.0.0.7:6379/0"),
            (
                "failed: mongodb://ann:p%40ss@a:1,b:2/?w=1 is away",
                "failed: mongodb://***@a:1,b:2/?w=1 is away",
            ),
            ("\"redis://u:a/b@c@host\" and more", "\"redis://***@host\" and more"),
            (
                "mongodb://h/?tlsCertificateKeyFilePassword=x&w=1",
                "mongodb://h/?tlsCertificateKeyFilePassword=***&w=1",
            ),
            ("sasl.password=hunter2", "sasl.password=***"),
            ("two: redis://:a@h redis://:b@h", "two: redis://***@h redis://***@h"),
        ] {
            assert_eq!(without_secrets(text), told);
        }
        for harmless in
            ["http://127.0.0.1:8080/", "trips/3@17", "redis://127.0.0.1:6379", "", "Grüße, kein Wort"]
        {
            assert_eq!(without_secrets(harmless), harmless);
        }
    }
}
