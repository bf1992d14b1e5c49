//! Takes a file of documents apart: one document a line, or the bulk form (an action line, then the document).
//!
//! The form is told by the first line. What the documents mean is not looked at, but for their `_id`.

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::error::{Code, Error, Place, Result, did_you_mean};
use crate::exec::index::build::Rejection;
use crate::json::strict;

/// What an action line may say beside `_id`; all of it is ignored.
const METADATA: &[&str] = &[
    "_id",
    "_index",
    "_type",
    "routing",
    "_routing",
    "version",
    "_version",
    "version_type",
    "_version_type",
    "pipeline",
    "if_seq_no",
    "if_primary_term",
    "require_alias",
    "dynamic_templates",
    "list_executed_pipelines",
];

/// What no document may hold.
const METADATA_FIELDS: &[&str] =
    &["_id", "_index", "_source", "_routing", "_field_names", "_ignored", "_nested_path", "_seq_no", "_version"];

/// Longer ids are refused, as by Elasticsearch.
const MAX_ID_BYTES: usize = 512;

/// A document of a file, not parsed yet.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// The line of the document, from 1.
    pub(super) line: usize,
    pub(super) id: String,
    /// Whether a document of the same id before it stands (`create`), rather than being replaced.
    pub(super) create: bool,
    /// The document's text.
    pub(super) source: &'a str,
    /// Whether a key `_id` of the document is its id, rather than a field.
    pub(super) id_in_source: bool,
}

impl Entry<'_> {
    /// The document, without its `_id`.
    pub(super) fn parse(&self) -> Result<Map<String, Json>> {
        let mut parser = serde_json::Deserializer::from_str(self.source);
        let json = strict(&mut parser).map_err(|(e, duplicate)| match duplicate {
            Some(key) => Error::new(Code::InvalidDocument, format!("key `{key}` stands twice in one object"))
                .place(Place::Text { line: self.line, column: e.column() }),
            None => not_json(self.line, &e),
        })?;
        let Json::Object(mut document) = json else {
            return Err(Error::new(Code::InvalidDocument, "the document is no object")
                .place(Place::Text { line: self.line, column: 1 })
                .expected("a JSON object"));
        };
        if self.id_in_source {
            document.shift_remove("_id");
        }
        if let Some(key) = document.keys().find(|key| METADATA_FIELDS.contains(&key.as_str())) {
            return Err(Error::new(
                Code::InvalidDocument,
                format!("`{key}` is a metadata field and cannot be in the document with id '{}'", self.id),
            )
            .at(key.clone()));
        }
        Ok(document)
    }
}

/// The entries of a file in order; what is none is rejected.
pub(super) fn read<'a>(docs: &'a [u8], rejected: &mut Vec<Rejection>) -> Vec<Entry<'a>> {
    let mut lines = docs
        .split(|byte| *byte == b'\n')
        .enumerate()
        .map(|(i, line)| (i + 1, line.trim_ascii()))
        .filter(|(_, line)| !line.is_empty())
        .peekable();
    let is_bulk = lines.peek().is_some_and(|(_, line)| Action::read(line).is_ok_and(|action| action.is_plain()));
    let mut entries = Vec::new();
    while let Some((line, bytes)) = lines.next() {
        let entry = if is_bulk {
            let action = match Action::read(bytes) {
                Ok(action) => action,
                Err(error) => {
                    rejected.push(Rejection { line, id: None, error });
                    // What follows is the document, unless it is the next action.
                    lines.next_if(|(_, next)| !Action::read(next).is_ok_and(|action| action.is_plain()));
                    continue;
                }
            };
            let document = if action.has_document() { lines.next() } else { None };
            action.entry(line, document)
        } else {
            plain_entry(line, bytes)
        };
        match entry {
            Ok(entry) => entries.push(entry),
            Err((id, error)) => rejected.push(Rejection { line, id, error }),
        }
    }
    entries
}

/// Why there is no entry, with the id where it is known.
type Refusal = (Option<String>, Error);

fn plain_entry(line: usize, bytes: &[u8]) -> Result<Entry<'_>, Refusal> {
    /// Only the `_id` is looked at; the rest is checked to be JSON.
    #[derive(Deserialize)]
    struct Head {
        #[serde(default)]
        _id: Option<Json>,
    }
    let source = text(line, bytes).map_err(|error| (None, error))?;
    let head: Head = serde_json::from_str(source).map_err(|e| (None, not_json(line, &e)))?;
    let id = match head._id {
        None => line.to_string(),
        Some(id) => checked_id(&id).map_err(|error| (None, error))?,
    };
    Ok(Entry { line, id, create: false, source, id_in_source: true })
}

/// An action line of the bulk form.
struct Action {
    name: String,
    metadata: Map<String, Json>,
}

impl Action {
    fn read(bytes: &[u8]) -> Result<Self> {
        let malformed = |found: String| {
            Error::new(Code::InvalidDocument, format!("malformed action line: {found}"))
                .expected("an object such as {\"index\": {\"_id\": \"1\"}}")
                .with_type("illegal_argument_exception")
        };
        let json: Json = serde_json::from_slice(bytes).map_err(|e| malformed(e.to_string()))?;
        let Json::Object(object) = json else { return Err(malformed("no object".into())) };
        let mut entries = object.into_iter();
        match (entries.next(), entries.next()) {
            (Some((name, Json::Object(metadata))), None) => Ok(Self { name, metadata }),
            (Some((name, _)), None) => Err(malformed(format!("`{name}` is no object"))),
            (None, _) => Err(malformed("empty object".into())),
            (Some((name, _)), Some((other, _))) => Err(malformed(format!("two actions, `{name}` and `{other}`"))),
        }
    }

    /// Whether this cannot be meant as a document.
    fn is_plain(&self) -> bool {
        ["index", "create", "delete", "update"].contains(&self.name.as_str())
            && self.metadata.keys().all(|key| METADATA.contains(&key.as_str()))
    }

    fn has_document(&self) -> bool {
        self.name != "delete"
    }

    fn entry<'a>(&self, line: usize, document: Option<(usize, &'a [u8])>) -> Result<Entry<'a>, Refusal> {
        let id = self.metadata.get("_id").map(checked_id).transpose().map_err(|error| (None, error))?;
        let refuse = |error: Error| (id.clone(), error);
        let create = match self.name.as_str() {
            "index" => false,
            "create" => true,
            other => {
                let error = Error::new(Code::InvalidDocument, format!("action `{other}` does not add a document"))
                    .expected("one of: index, create")
                    .with_type("illegal_argument_exception");
                return Err(refuse(match did_you_mean(other, ["index", "create"]) {
                    Some(meant) => error.hint(format!("did you mean `{meant}`?")),
                    None => error,
                }));
            }
        };
        let Some((document_line, bytes)) = document else {
            return Err(refuse(
                Error::new(Code::InvalidDocument, format!("no document follows the action of line {line}"))
                    .with_type("illegal_argument_exception"),
            ));
        };
        let source = text(document_line, bytes).map_err(refuse)?;
        let id = id.unwrap_or_else(|| document_line.to_string());
        Ok(Entry { line: document_line, id, create, source, id_in_source: false })
    }
}

fn text(line: usize, bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|e| {
        Error::new(Code::InvalidDocument, format!("line {line} is not UTF-8: {e}")).with_type("parse_exception")
    })
}

/// The error for a document that is no JSON.
fn not_json(line: usize, error: &serde_json::Error) -> Error {
    Error::new(Code::InvalidDocument, format!("failed to parse the document: {error}"))
        .place(Place::Text { line, column: error.column() })
}

fn checked_id(id: &Json) -> Result<String> {
    let id = match id {
        Json::String(id) => id.clone(),
        Json::Number(id) => id.to_string(),
        other => {
            return Err(Error::new(Code::InvalidDocument, format!("`_id` is {other}"))
                .expected("a string or a number")
                .with_type("illegal_argument_exception"));
        }
    };
    let reason = match id.len() {
        0 => "`_id` is empty".to_owned(),
        n if n > MAX_ID_BYTES => format!("`_id` has {n} bytes, more than {MAX_ID_BYTES}"),
        _ => return Ok(id),
    };
    Err(Error::new(Code::InvalidDocument, reason).with_type("illegal_argument_exception"))
}
