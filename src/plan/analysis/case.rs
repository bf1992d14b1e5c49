//! Letters in lower and upper case as Java maps them: one character to one character, without regard to its neighbours.

/// In lower case.
pub(super) fn lowercase(word: &str) -> String {
    // Of a mapping to several characters (only `İ` has one) Java's is the first.
    word.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect()
}

/// In upper case. What would become several characters (`ß`) stays as it is.
pub(super) fn uppercase(word: &str) -> String {
    let upper = |c: char| {
        let mut mapped = c.to_uppercase();
        match (mapped.next(), mapped.next()) {
            (Some(upper), None) => upper,
            _ => c,
        }
    };
    word.chars().map(upper).collect()
}

/// Without an English `'s` at the end.
pub(super) fn without_possessive(mut word: String) -> String {
    let stem = word.strip_suffix(['s', 'S']).and_then(|w| w.strip_suffix(['\'', '\u{2019}', '\u{ff07}']));
    if let Some(length) = stem.map(str::len) {
        word.truncate(length);
    }
    word
}
