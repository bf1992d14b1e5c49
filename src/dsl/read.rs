//! Reads JSON with its path: every wrong type, unknown key or value is reported with the place it stands in.
//!
//! A [`Cursor`] is a value and the way to it. The way is a linked list on the stack, so reading a right body allocates
//! nothing for it; it becomes text (`query.bool.filter[0]`) only in an error.

use std::fmt;

use serde_json::{Map, Value as Json};

use crate::error::{Code, Error, Result, did_you_mean};
use crate::plan::field::number::parse_java_double;

/// The way from the root of a body to a value.
#[derive(Clone, Copy, Debug)]
pub enum Path<'a> {
    /// The body itself.
    Root,
    /// A key of an object.
    Key(&'a Self, &'a str),
    /// An element of an array, from 0.
    Index(&'a Self, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(Path::Root, key) => f.write_str(key),
            Self::Key(parent, key) => write!(f, "{parent}.{key}"),
            Self::Index(parent, i) => write!(f, "{parent}[{i}]"),
        }
    }
}

/// A JSON value and the way to it.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    /// The value.
    pub value: &'a Json,
    /// The way to it.
    pub path: &'a Path<'a>,
}

impl<'a> Cursor<'a> {
    /// A cursor at the root of a body.
    pub fn root(value: &'a Json) -> Self {
        Self { value, path: &Path::Root }
    }

    /// A cursor at a value.
    pub fn new(value: &'a Json, path: &'a Path<'a>) -> Self {
        Self { value, path }
    }

    /// An error at this place.
    pub fn error(&self, code: Code, reason: impl Into<String>) -> Error {
        Error::new(code, reason).at(self.path.to_string())
    }

    /// The error for a value of another JSON type than `expected` (such as "an object").
    pub fn wrong_type(&self, expected: &str) -> Error {
        let found = match self.value {
            Json::Bool(_) | Json::Number(_) | Json::String(_) => {
                format!("{} found: {}", self.describe(), self.excerpt())
            }
            Json::Null | Json::Array(_) | Json::Object(_) => format!("{} found", self.describe()),
        };
        self.error(Code::WrongJsonType, found).expected(expected)
    }

    /// The beginning of what stands here.
    fn excerpt(&self) -> String {
        const SHOWN: usize = 60;
        let text = self.value.to_string();
        if text.chars().count() <= SHOWN { text } else { text.chars().take(SHOWN).chain("...".chars()).collect() }
    }

    /// What stands here, for messages: "a string", "an array".
    pub fn describe(&self) -> &'static str {
        match self.value {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "an array",
            Json::Object(_) => "an object",
        }
    }

    /// The object that stands here.
    pub fn object(&self) -> Result<&'a Map<String, Json>> {
        self.value.as_object().ok_or_else(|| self.wrong_type("an object"))
    }

    /// The array that stands here.
    pub fn array(&self) -> Result<&'a [Json]> {
        self.value.as_array().map(Vec::as_slice).ok_or_else(|| self.wrong_type("an array"))
    }

    /// The string that stands here.
    pub fn string(&self) -> Result<&'a str> {
        self.value.as_str().ok_or_else(|| self.wrong_type("a string"))
    }

    /// A string, or a number or boolean as text, as Elasticsearch's parser takes it.
    pub fn text(&self) -> Result<String> {
        match self.value {
            Json::String(s) => Ok(s.clone()),
            Json::Number(n) => Ok(n.to_string()),
            Json::Bool(b) => Ok(b.to_string()),
            _ => Err(self.wrong_type("a string")),
        }
    }

    /// A boolean, or the strings "true" and "false".
    pub fn boolean(&self) -> Result<bool> {
        match self.value {
            Json::Bool(b) => Ok(*b),
            Json::String(s) if s == "true" => Ok(true),
            Json::String(s) if s == "false" => Ok(false),
            _ => Err(self.wrong_type("a boolean")),
        }
    }

    /// A number, or a string that holds one.
    pub fn number(&self) -> Result<f64> {
        match self.value {
            Json::Number(n) => n.as_f64().ok_or_else(|| self.wrong_type("a number")),
            Json::String(s) => s.trim().parse().map_err(|_| self.wrong_type("a number")),
            _ => Err(self.wrong_type("a number")),
        }
    }

    /// A number as a float, or a string that holds one. Words for infinity and NaN pass: they may be refused later.
    pub fn float(&self) -> Result<f32> {
        match self.value {
            Json::String(s) => match parse_java_double(s) {
                Some(n) => Ok(n as f32),
                None => Err(self.wrong_type("a number")),
            },
            _ => self.number().map(|n| n as f32),
        }
    }

    /// One of the words that a key allows.
    pub fn word<T: Copy>(&self, words: &[(&str, T)]) -> Result<T> {
        let text = self.text()?;
        words
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value)
            .ok_or_else(|| self.unknown_word(&text, words))
    }

    /// One of the words that a key allows, without regard to case.
    pub fn word_of_any_case<T: Copy>(&self, words: &[(&str, T)]) -> Result<T> {
        let text = self.text()?;
        let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text));
        found.map(|(_, value)| *value).ok_or_else(|| self.unknown_word(&text, words))
    }

    fn unknown_word<T>(&self, text: &str, words: &[(&str, T)]) -> Error {
        let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        let e =
            self.error(Code::InvalidValue, format!("`{text}` found")).expected(format!("one of: {}", known.join(", ")));
        match did_you_mean(text, known) {
            Some(near) => e.hint(format!("did you mean `{near}`?")),
            None => e,
        }
    }

    /// A whole number, or a string that holds one. A fraction is cut off, as Elasticsearch's parser does with coercion.
    pub fn integer(&self) -> Result<i64> {
        match self.value {
            Json::Number(n) => n
                .as_i64()
                .or_else(|| n.as_f64().filter(|f| f.abs() < 9.2e18).map(|f| f as i64))
                .ok_or_else(|| self.wrong_type("an integer")),
            Json::String(s) => s.trim().parse().map_err(|_| self.wrong_type("an integer")),
            _ => Err(self.wrong_type("an integer")),
        }
    }

    /// Calls `read` with each key of the object that stands here, in the body's order.
    pub fn each_key(&self, mut read: impl FnMut(&'a str, Cursor<'_>) -> Result<()>) -> Result<()> {
        for (key, value) in self.object()? {
            let path = Path::Key(self.path, key);
            read(key, Cursor::new(value, &path))?;
        }
        Ok(())
    }

    /// Calls `read` with each element of the array that stands here.
    pub fn each_element(&self, mut read: impl FnMut(Cursor<'_>) -> Result<()>) -> Result<()> {
        for (i, value) in self.array()?.iter().enumerate() {
            let path = Path::Index(self.path, i);
            read(Cursor::new(value, &path))?;
        }
        Ok(())
    }

    /// Calls `read` with each element of an array, or with the single value that stands here.
    pub fn one_or_many(&self, mut read: impl FnMut(Cursor<'_>) -> Result<()>) -> Result<()> {
        if self.value.is_array() { self.each_element(read) } else { read(Cursor::new(self.value, self.path)) }
    }

    /// Calls `read` with the one key of an object that must have exactly one, as in `{"term": {"status": ..}}`.
    pub fn one_key<T>(&self, what: &str, read: impl FnOnce(&'a str, Cursor<'_>) -> Result<T>) -> Result<T> {
        let object = self.object()?;
        let mut entries = object.iter();
        match (entries.next(), entries.next()) {
            (Some((key, value)), None) => {
                let path = Path::Key(self.path, key);
                read(key, Cursor::new(value, &path))
            }
            (None, _) => Err(self.error(Code::MissingKey, format!("empty object found where {what} is needed"))),
            _ => {
                let keys: Vec<_> = object.keys().take(4).map(|k| format!("`{k}`")).collect();
                Err(self
                    .error(Code::ConflictingKeys, format!("several keys found ({})", keys.join(", ")))
                    .expected(what))
            }
        }
    }

    /// The error for a key that `owner` (a query type, say) does not know. `self` is the cursor at the key's value.
    pub fn unknown_key(&self, key: &str, owner: &str, known: &[&str]) -> Error {
        let e = self
            .error(Code::UnknownKey, format!("unknown key `{key}` in `{owner}`"))
            .expected(format!("one of: {}", known.join(", ")));
        match did_you_mean(key, known.iter().copied()) {
            Some(near) => e.hint(format!("did you mean `{near}`?")),
            None => e,
        }
    }
}
