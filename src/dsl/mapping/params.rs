//! The parameters of a mapping object: each is read once by name, what is left over is an error.

use crate::dsl::read::{Cursor, Path};
use crate::error::{Code, Result, did_you_mean};

/// An object of parameters, and which of them have been asked for.
pub(super) struct Params<'a> {
    /// The object.
    pub(super) cursor: Cursor<'a>,
    owner: &'a str,
    known: Vec<&'static str>,
}

impl<'a> Params<'a> {
    /// The parameters of `owner` (a type, a section).
    pub(super) fn new(cursor: Cursor<'a>, owner: &'a str) -> Self {
        Self { cursor, owner, known: Vec::new() }
    }

    /// Reads a parameter, if it is there.
    pub(super) fn read<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(Cursor<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.known.push(key);
        match self.cursor.object()?.get(key) {
            None => Ok(None),
            Some(value) => {
                let path = Path::Key(self.cursor.path, key);
                read(Cursor::new(value, &path)).map(Some)
            }
        }
    }

    /// Reads a boolean parameter that has a default.
    pub(super) fn boolean(&mut self, key: &'static str, default: bool) -> Result<bool> {
        Ok(self.read(key, |c| c.boolean())?.unwrap_or(default))
    }

    /// Accepts parameters that change nothing here.
    pub(super) fn accept(&mut self, keys: &[&'static str]) {
        self.known.extend(keys);
    }

    /// Refuses a parameter that OpenSearch knows and that does not work here yet.
    pub(super) fn refuse(&mut self, key: &'static str) -> Result<()> {
        self.read(key, |c| match c.value {
            serde_json::Value::Object(o) if o.is_empty() => Ok(()),
            serde_json::Value::Array(a) if a.is_empty() => Ok(()),
            _ => Err(c.error(Code::Unsupported, format!("`{key}` is not supported yet"))),
        })
        .map(|_| ())
    }

    /// Reports parameters that nobody asked for.
    pub(super) fn finish(self) -> Result<()> {
        for (key, value) in self.cursor.object()? {
            if !self.known.contains(&key.as_str()) {
                let path = Path::Key(self.cursor.path, key);
                let e = Cursor::new(value, &path)
                    .error(Code::InvalidMapping, format!("unknown parameter `{key}` in `{}`", self.owner))
                    .expected(format!("one of: {}", self.known.join(", ")));
                return Err(match did_you_mean(key, self.known.iter().copied()) {
                    Some(near) => e.hint(format!("did you mean `{near}`?")),
                    None => e,
                });
            }
        }
        Ok(())
    }
}
