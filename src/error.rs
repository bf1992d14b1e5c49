//! One error type for the whole crate: code, kind, place, expectation, hint, cause.
//!
//! The JSON form is Elasticsearch's (`type`, `reason`, `caused_by`, `script_stack`, `position`) plus `code`, `path`
//! and `hint`; the text form is a compiler's. Reasons are lower case, name what was found and have no full stop.

mod code;
mod nearest;
mod place;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

pub use code::Code;
pub use nearest::did_you_mean;
pub use place::{Place, ScriptPlace};

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error with everything that a program and a person need to mend it.
///
/// ```
/// use shardscript::{Code, Error};
/// let e = Error::new(Code::UnknownKey, "unknown key `vlaue` in `term`")
///     .at("query.term.status")
///     .expected("one of: value, boost, case_insensitive")
///     .hint("did you mean `value`?");
/// assert_eq!(e.code().to_string(), "E102");
/// assert!(e.to_string().starts_with("error[E102]: unknown key `vlaue` in `term`\n  at query.term.status"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Error(Box<Inner>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Inner {
    code: Code,
    reason: String,
    place: Option<Place>,
    expected: Option<String>,
    hint: Option<String>,
    cause: Option<Error>,
    elastic_type: Option<String>,
}

impl Error {
    /// Makes an error of a code and a reason (lower case, no full stop).
    pub fn new(code: Code, reason: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            reason: reason.into(),
            place: None,
            expected: None,
            hint: None,
            cause: None,
            elastic_type: None,
        }))
    }

    /// Says where in the body: a JSON path. An inner place that is already there stays.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        match &mut self.0.place {
            None => self.0.place = Some(Place::Path(path.into())),
            Some(Place::Script(script)) if script.path.is_none() => script.path = Some(path.into()),
            Some(_) => {}
        }
        self
    }

    /// Says where in the body, whatever was said before.
    #[must_use]
    pub fn moved_to(mut self, path: impl Into<String>) -> Self {
        self.0.place = Some(Place::Path(path.into()));
        self
    }

    /// Says where, in any form.
    #[must_use]
    pub fn place(mut self, place: Place) -> Self {
        self.0.place = Some(place);
        self
    }

    /// Says what would have been right, as in `expected one of: a, b`.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.0.expected = Some(expected.into());
        self
    }

    /// Shows a way out, as in ``did you mean `value`?``.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Names the error that caused this one.
    #[must_use]
    pub fn because(mut self, cause: Self) -> Self {
        self.0.cause = Some(cause);
        self
    }

    /// Overrides the Elasticsearch type, where one code covers several of them (a script's `arithmetic_exception`).
    #[must_use]
    pub fn with_type(mut self, elastic_type: impl Into<String>) -> Self {
        self.0.elastic_type = Some(elastic_type.into());
        self
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// Whether a UDF failed, exceeded a limit, or could not be run.
    pub(crate) fn is_of_udf(&self) -> bool {
        matches!(self.0.code, Code::UdfFailed | Code::UdfLimit | Code::UdfRuntime)
    }

    /// What was found.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Where it was found.
    pub fn found_at(&self) -> Option<&Place> {
        self.0.place.as_ref()
    }

    /// The error without the row of the batch that it was found in, and that row.
    pub(crate) fn take_row(mut self) -> (Self, Option<usize>) {
        let row = self.0.place.take_if(|place| matches!(place, Place::Row(_)));
        (self, row.and_then(|place| if let Place::Row(row) = place { Some(row) } else { None }))
    }

    /// The error that caused this one.
    pub fn cause(&self) -> Option<&Self> {
        self.0.cause.as_ref()
    }

    /// The HTTP status that Elasticsearch would answer with.
    pub fn status(&self) -> u16 {
        self.0.code.status()
    }

    /// The error in Elasticsearch's shape, with `code`, `path` and `hint` added.
    pub fn to_json(&self) -> Json {
        let inner = &*self.0;
        let mut out = Map::new();
        out.insert("type".into(), json!(inner.elastic_type.as_deref().unwrap_or(inner.code.elastic_type())));
        out.insert("reason".into(), json!(inner.reason));
        out.insert("code".into(), json!(inner.code.to_string()));
        match &inner.place {
            None => {}
            Some(Place::Path(path)) => {
                out.insert("path".into(), json!(path));
            }
            Some(Place::Text { line, column }) => {
                out.insert("line".into(), json!(line));
                out.insert("col".into(), json!(column));
            }
            Some(Place::Row(row)) => {
                out.insert("row".into(), json!(row));
            }
            Some(Place::Script(script)) => {
                if let Some(path) = &script.path {
                    out.insert("path".into(), json!(path));
                }
                let (line, caret) = script.line_and_caret();
                out.insert("script_stack".into(), json!([line, format!("{}^---- HERE", " ".repeat(caret))]));
                out.insert("script".into(), json!(script.source));
                out.insert("lang".into(), json!(script.lang));
                out.insert("position".into(), json!({"offset": script.offset, "start": 0, "end": script.source.len()}));
            }
        }
        if let Some(expected) = &inner.expected {
            out.insert("expected".into(), json!(expected));
        }
        if let Some(hint) = &inner.hint {
            out.insert("hint".into(), json!(hint));
        }
        if let Some(cause) = &inner.cause {
            out.insert("caused_by".into(), cause.to_json());
        }
        Json::Object(out)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        write!(f, "error[{}]: {}", inner.code, inner.reason)?;
        match &inner.place {
            None => {}
            Some(Place::Path(path)) if path.is_empty() => write!(f, "\n  at the top")?,
            Some(Place::Path(path)) => write!(f, "\n  at {path}")?,
            Some(Place::Text { line, column }) => write!(f, "\n  at line {line}, column {column}")?,
            Some(Place::Row(row)) => write!(f, "\n  at row {row} of the batch")?,
            Some(Place::Script(script)) => {
                if let Some(path) = &script.path {
                    write!(f, "\n  at {path}")?;
                }
                let (line, caret) = script.line_and_caret();
                write!(f, "\n  | {line}\n  | {}^ {}", " ".repeat(caret), script.lang)?;
            }
        }
        if let Some(expected) = &inner.expected {
            write!(f, "\n  expected {expected}")?;
        }
        if let Some(hint) = &inner.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        if let Some(cause) = &inner.cause {
            write!(f, "\ncaused by {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(e: std::io::Error) -> Self {
        Self::new(Code::Io, e.to_string())
    }
}
