//! The codes of errors: for each a number, an HTTP status and Elasticsearch's name of the kind.

use std::fmt;

use serde::{Deserialize, Serialize};

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
