//! Bytes to JSON, as strict as OpenSearch's parser: a key stands once in an object, and nesting is limited.
//!
//! `serde_json` alone keeps the last of two equal keys, and stops at 128 levels where OpenSearch allows 1,000. Levels
//! are counted before parsing; what is deep is worked on where the stack is large enough for it ([`with_stack_for`]).

use serde_json::{Map, Value as Json};

use crate::error::{Code, Error, Place, Result};
use crate::json::strict;

/// How many levels of objects and arrays a body may have.
pub const MAX_DEPTH: usize = 1_000;

/// Up to this many levels every thread's own stack will do.
const SHALLOW: usize = 48;

/// Room for [`MAX_DEPTH`] levels of parsing, reading, lowering and rewriting, without optimisation. Only what is used
/// of it costs memory.
const DEEP_STACK: usize = 64 << 20;

/// Parses a body. Nothing but white space is the empty object: a search without a body matches everything.
///
/// # Errors
/// The bytes are not JSON, a key stands twice in an object, or the nesting is deeper than [`MAX_DEPTH`].
pub fn parse(bytes: &[u8]) -> Result<Json> {
    if bytes.trim_ascii().is_empty() {
        return Ok(Json::Object(Map::new()));
    }
    depth(bytes)?;
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    parser.disable_recursion_limit();
    strict(&mut parser).map_err(|(e, duplicate)| {
        let place = Place::Text { line: e.line(), column: e.column() };
        match duplicate {
            Some(key) => Error::new(Code::DuplicateKey, format!("key `{key}` stands twice in one object"))
                .place(place)
                .expected("each key once")
                .hint("leave one of the two out"),
            None => syntax_error(&e).place(place),
        }
    })
}

/// How many levels of objects and arrays the text has.
///
/// # Errors
/// There are more than [`MAX_DEPTH`].
pub fn depth(text: &[u8]) -> Result<usize> {
    let (mut level, mut deepest, mut in_string, mut escaped) = (0usize, 0, false, false);
    for (i, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                level += 1;
                deepest = deepest.max(level);
                if level > MAX_DEPTH {
                    return Err(Error::new(Code::TooDeep, format!("more than {MAX_DEPTH} levels of nesting"))
                        .place(position(text, i))
                        .hint("an object or array opens here; flatten nested `bool` queries"));
                }
            }
            b'}' | b']' if !in_string => level = level.saturating_sub(1),
            _ => {}
        }
    }
    Ok(deepest)
}

/// Does work on a text of this depth where the stack suffices: here, or for deep ones on a thread made for it.
///
/// # Errors
/// No thread can be started.
pub fn with_stack_for<T: Send>(depth: usize, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    if depth <= SHALLOW {
        return work();
    }
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(DEEP_STACK).spawn_scoped(scope, work)?;
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// The line and column of a byte.
fn position(text: &[u8], at: usize) -> Place {
    let before = &text[..at];
    let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    Place::Text {
        line: before.iter().filter(|b| **b == b'\n').count() + 1,
        column: String::from_utf8_lossy(&before[line_start..]).chars().count() + 1,
    }
}

/// serde_json's message without its position, which stands in another text's lines where the text is a part of one.
pub fn reason(e: &serde_json::Error) -> String {
    let text = e.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason).to_owned()
}

/// The error for what is no JSON, with what usually is behind it.
fn syntax_error(e: &serde_json::Error) -> Error {
    let reason = reason(e);
    let error = Error::new(Code::InvalidJson, format!("the body is not JSON: {reason}"));
    if e.is_eof() {
        error.hint("a quote, bracket or brace is not closed")
    } else if reason.contains("trailing characters") {
        error.hint("a body is one JSON object; nothing may follow it")
    } else if reason.contains("trailing comma") {
        error.hint("take the comma before the closing bracket away")
    } else if reason.contains("key must be a string") {
        error.hint("keys stand in double quotes")
    } else {
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_serde_json_reads() {
        for text in [r#"{"a": [1, -2, 1.5, "x\"{", null, true], "b": {"": 18446744073709551615}}"#, "3", " [] "] {
            assert_eq!(parse(text.as_bytes()).unwrap(), serde_json::from_str::<Json>(text).unwrap(), "{text}");
        }
        assert_eq!(parse(b" \n").unwrap(), Json::Object(Map::new()));
    }

    #[test]
    fn refuses_with_place() {
        for (text, expected) in [
            ("{\"a\": 1,\n \"a\": 2}", "error[E109]: key `a` stands twice in one object\n  at line 2, column 4"),
            ("{\"a\": }", "error[E100]: the body is not JSON: expected value\n  at line 1, column 7"),
            ("{} x", "error[E100]: the body is not JSON: trailing characters\n  at line 1, column 4"),
            ("{\"a\": NaN}", "error[E100]: the body is not JSON: expected value\n  at line 1, column 7"),
            ("{\"a\": [1", "error[E100]: the body is not JSON: EOF while parsing a list\n  at line 1, column 8"),
        ] {
            let found = parse(text.as_bytes()).unwrap_err().to_string();
            assert!(found.starts_with(expected), "{text}: {found}");
        }
    }

    #[test]
    fn counts_levels() {
        let nested = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert_eq!(depth(br#"{"a": "[[[", "b": [{"\"{": 1}]}"#).unwrap(), 3);
        let deepest = nested(MAX_DEPTH);
        let parsed = with_stack_for(MAX_DEPTH, || parse(deepest.as_bytes()).map(drop));
        assert!(parsed.is_ok());
        let e = parse(nested(MAX_DEPTH + 1).as_bytes()).unwrap_err();
        assert_eq!((e.code(), e.found_at()), (Code::TooDeep, Some(&Place::Text { line: 1, column: 1001 })));
    }
}
