//! Where an error was found: in a body, in a text, in a script, in a batch.

use serde::{Deserialize, Serialize};

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

impl ScriptPlace {
    /// The line of the source that the offset is in, and the caret's column in it, in characters.
    pub(super) fn line_and_caret(&self) -> (&str, usize) {
        let offset =
            (0..=self.offset.min(self.source.len())).rev().find(|i| self.source.is_char_boundary(*i)).unwrap_or(0);
        let start = self.source[..offset].rfind('\n').map_or(0, |i| i + 1);
        let end = self.source[offset..].find('\n').map_or(self.source.len(), |i| offset + i);
        (&self.source[start..end], self.source[start..offset].chars().count())
    }
}
