//! One error type for the whole crate: code, kind, place, expectation, hint, cause.
//!
//! The JSON form is Elasticsearch's (`type`, `reason`, `caused_by`, `script_stack`, `position`) plus `code`, `path`
//! and `hint`; the text form is a compiler's. Reasons are lower case, name what was found and have no full stop.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal, $status:literal, $type:literal;)+) => {
        /// What went wrong, for programs. Numbers are part of the public contract and are never reused:
        /// E1xx request shape (dsl), E2xx mapping, values and scripts (plan), E3xx pushdown, E4xx execution and limits.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Code {
            $($(#[doc = $doc])+ $name = $number,)+
        }

        impl Code {
            /// Every code, in order of its number.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The HTTP status that Elasticsearch answers with.
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }

            /// The name that Elasticsearch gives to this kind of error.
            pub fn elastic_type(self) -> &'static str {
                match self { $(Self::$name => $type,)+ }
            }

            /// One sentence about the code, from its doc comment.
            pub fn summary(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc,)+).trim_ascii(),)+ }
            }
        }
    };
}

codes! {
    /// The body is not JSON.
    InvalidJson = 100, 400, "parse_exception";
    /// The body, or a part of it, has another JSON type than expected.
    WrongJsonType = 101, 400, "parsing_exception";
    /// A key is not known here.
    UnknownKey = 102, 400, "parsing_exception";
    /// A required key is missing.
    MissingKey = 103, 400, "parsing_exception";
    /// A value is outside of what the key allows.
    InvalidValue = 104, 400, "illegal_argument_exception";
    /// A query type is not known.
    UnknownQuery = 105, 400, "parsing_exception";
    /// OpenSearch knows this, shardscript does not run it yet.
    Unsupported = 106, 400, "illegal_argument_exception";
    /// Two keys contradict each other.
    ConflictingKeys = 107, 400, "parsing_exception";
    /// A limit on the size of a request is exceeded.
    TooLarge = 108, 400, "too_many_clauses";
    /// The same key stands twice in an object.
    DuplicateKey = 109, 400, "parsing_exception";
    /// `search_after` does not fit the sort.
    InvalidSearchAfter = 110, 400, "illegal_argument_exception";
    /// The body is nested too deeply.
    TooDeep = 111, 400, "parsing_exception";

    /// The mapping is wrong.
    InvalidMapping = 200, 400, "mapper_parsing_exception";
    /// A field has no mapping where one is needed.
    UnknownField = 201, 400, "query_shard_exception";
    /// A query or sort cannot run on a field of this type.
    UnsupportedField = 202, 400, "query_shard_exception";
    /// A value does not fit the type of its field.
    InvalidFieldValue = 203, 400, "query_shard_exception";
    /// A date, date math expression, format or time zone cannot be parsed.
    InvalidDate = 204, 400, "parse_exception";
    /// An IP address or CIDR range cannot be parsed.
    InvalidIp = 205, 400, "illegal_argument_exception";
    /// An analyzer or normalizer is not known.
    UnknownAnalyzer = 206, 400, "query_shard_exception";
    /// A path is not a nested object.
    NotNested = 207, 400, "query_shard_exception";
    /// A script does not compile.
    ScriptCompile = 220, 400, "script_exception";
    /// A script is valid, but is no expression tree yet.
    ScriptNotTree = 221, 400, "script_exception";
    /// A script names a field that the mapping lacks, or uses it as its type does not allow.
    ScriptField = 222, 400, "script_exception";
    /// A script's result does not fit the place that it stands in.
    ScriptResult = 223, 400, "script_exception";
    /// A script language is not known.
    UnknownLanguage = 224, 400, "illegal_argument_exception";
    /// A stored script or a deployed UDF of that name does not exist.
    UnknownScript = 225, 404, "resource_not_found_exception";
    /// A call of a UDF does not fit the arguments that it takes.
    UdfArguments = 226, 400, "script_exception";

    /// A rule of that name does not exist.
    UnknownRule = 300, 400, "illegal_argument_exception";
    /// An expression is outside of the accepted subset.
    UnsupportedExpression = 301, 400, "illegal_argument_exception";
    /// A fragment's wire form cannot be read.
    InvalidFragment = 302, 400, "illegal_argument_exception";
    /// A logical plan has a shape that no executor runs.
    UnplaceablePlan = 303, 400, "illegal_argument_exception";

    /// A document is not indexed.
    InvalidDocument = 400, 400, "mapper_parsing_exception";
    /// A script failed on a document.
    ScriptRuntime = 401, 400, "script_exception";
    // 402 was a score that is negative or not a number: such a script fails like any other.
    /// An index cannot be read or written.
    Storage = 403, 500, "exception";
    /// A limit on memory or result size is exceeded.
    LimitExceeded = 404, 400, "illegal_argument_exception";
    /// A file cannot be read or written.
    Io = 405, 400, "exception";
    /// A UDF cannot be deployed as it is.
    InvalidUdf = 406, 400, "illegal_argument_exception";
    /// A UDF trapped, raised, or gave a value that it must not give.
    UdfFailed = 407, 400, "script_exception";
    /// A UDF exceeded a limit: time, memory, table, stack, the size of a module or a function.
    UdfLimit = 408, 400, "script_exception";
    /// What runs UDFs is not there or not usable: Python, NumPy, a worker process.
    UdfRuntime = 409, 500, "exception";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "E{}", *self as u16)
    }
}

/// Where an error was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// A JSON path in the body, such as `query.bool.filter[0].term.status`.
    Path(String),
    /// A position in a text (a body that is not JSON, a line of a document file); both count from 1.
    Text {
        /// Line, from 1.
        line: usize,
        /// Column in characters, from 1.
        column: usize,
    },
    /// A position in a script's source.
    Script(ScriptPlace),
    /// A row of a batch of calls, from 0; who made the batch knows the document.
    Row(usize),
}

/// A position in a script's source, in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptPlace {
    /// The language, such as `painless`.
    pub lang: String,
    /// The whole source.
    pub source: String,
    /// Where the caret points.
    pub offset: usize,
    /// The JSON path of the script in the body, if it stands in one.
    pub path: Option<String>,
}

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

impl ScriptPlace {
    /// The line of the source that the offset is in, and the caret's column in it, in characters.
    fn line_and_caret(&self) -> (&str, usize) {
        let offset =
            (0..=self.offset.min(self.source.len())).rev().find(|i| self.source.is_char_boundary(*i)).unwrap_or(0);
        let start = self.source[..offset].rfind('\n').map_or(0, |i| i + 1);
        let end = self.source[offset..].find('\n').map_or(self.source.len(), |i| offset + i);
        (&self.source[start..end], self.source[start..offset].chars().count())
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

/// The candidate that is nearest to a misspelt word, if one is near enough to be worth a hint.
///
/// ```
/// assert_eq!(shardscript::did_you_mean("vlaue", ["value", "boost"]), Some("value"));
/// assert_eq!(shardscript::did_you_mean("zzz", ["value", "boost"]), None);
/// ```
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|c| (edit_distance(&word, &c.to_lowercase()), c))
        .filter(|(d, c)| *d <= 1 + c.len().min(word.len()) / 4)
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
}

/// Damerau-Levenshtein distance (optimal string alignment): a swap of neighbours counts as one.
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        rows[i][0] = i;
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}
