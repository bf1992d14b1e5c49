//! The shape of a script in a body: `"source"`, or an object of `source` or `id`, `lang`, `params`.

use serde_json::Value as Json;

use crate::dsl::lower::Lowering;
use crate::dsl::read::Cursor;
use crate::error::{Code, Error, Result};
use crate::plan::script::shown::ShownCase;
use crate::plan::script::udf::{default_language, is_udf_language};
use crate::plan::script::{ScriptContext, ScriptId, ScriptSource};
use crate::plan::value::Value;

const KEYS: &[&str] = &["source", "lang", "params", "id", "options"];

/// A script and the place that it stands in.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptShape {
    /// The language, where the body names one.
    pub lang: Option<String>,
    /// The source text, or the name of a deployed UDF.
    pub source: String,
    /// The parameters, in the body's order.
    pub params: Vec<(String, Value)>,
    /// Its JSON path.
    pub at: String,
}

impl ScriptShape {
    /// Reads a script.
    ///
    /// # Errors
    /// Neither `source` nor `id` is given, or both; a part has the wrong type; no script of that id is stored.
    pub fn read(at: Cursor<'_>) -> Result<Self> {
        if let Json::String(text) = at.value {
            return Ok(Self::new(at, text.clone(), None, Vec::new()));
        }
        if !at.value.is_object() {
            return Err(at.wrong_type("a script: its source as a string, or an object with `source`"));
        }
        let (mut source, mut id, mut lang, mut params) = (None, None, None, Vec::new());
        at.each_key(|key, value| {
            match key {
                "source" | "inline" => source = Some(value.string()?.to_owned()),
                "id" | "stored" => id = Some((value.text()?, value.path.to_string())),
                "lang" => lang = Some(value.string()?.to_owned()),
                "params" => params = read_params(value)?,
                "options" if value.object()?.is_empty() => {}
                "options" => return Err(value.error(Code::InvalidValue, "`options` of a script is for templates only")),
                _ => return Err(value.unknown_key(key, "script", KEYS)),
            }
            Ok(())
        })?;
        match (source, id) {
            (Some(source), None) => Ok(Self::new(at, source, lang, params)),
            (None, Some((id, _))) if lang.as_deref().is_some_and(is_udf_language) => {
                Ok(Self::new(at, id, lang, params))
            }
            (None, Some(_)) if lang.is_some() => Err(at
                .error(Code::ConflictingKeys, "`lang` beside the `id` of a stored script found")
                .hint("a stored script has its language already")),
            (None, Some((id, path))) => {
                Err(Error::new(Code::UnknownScript, format!("no script is stored under the id `{id}`"))
                    .at(path)
                    .hint("give the script's text as `source`, or with the name of a UDF `lang`: `wasm` or `python`"))
            }
            (Some(_), Some(_)) => Err(at
                .error(Code::ConflictingKeys, "both `source` and `id` of a script found")
                .expected("one of them: `source` for the text itself, `id` for a stored script")),
            (None, None) => Err(at
                .error(Code::MissingKey, "a script without `source` found")
                .expected("`source`, the text of the script")),
        }
    }

    fn new(at: Cursor<'_>, source: String, lang: Option<String>, params: Vec<(String, Value)>) -> Self {
        Self { lang, source, params, at: at.path.to_string() }
    }

    /// The script in its language. Where the body names none, a source that is exactly the name of a deployed UDF is that
    /// UDF, and any other is Painless.
    pub fn resolve(&self, cx: &Lowering<'_>) -> ScriptSource {
        let lang = self.lang.as_deref().unwrap_or_else(|| default_language(&self.source, cx.catalog));
        ScriptSource { lang: lang.to_owned(), source: self.source.clone(), params: self.params.clone() }
    }

    /// Compiles the script, or finds the same one of the plan again.
    ///
    /// # Errors
    /// See [`ScriptTable::add`](crate::plan::script::ScriptTable::add).
    pub fn lower(&self, cx: &mut Lowering<'_>, context: ScriptContext) -> Result<ScriptId> {
        let (source, scope) = (self.resolve(cx), cx.scope());
        cx.scripts.add(source, context, scope, &self.at)
    }

    /// Compiles the script of a script field into its cases.
    ///
    /// # Errors
    /// See [`ScriptTable::add_field`](crate::plan::script::ScriptTable::add_field).
    pub fn lower_field(&self, cx: &mut Lowering<'_>) -> Result<Vec<ShownCase<ScriptId>>> {
        let (source, scope) = (self.resolve(cx), cx.scope());
        cx.scripts.add_field(&source, scope, &self.at)
    }
}

fn read_params(at: Cursor<'_>) -> Result<Vec<(String, Value)>> {
    Ok(at.object()?.iter().map(|(name, value)| (name.clone(), Value::from_json(value))).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_both_forms() {
        let short = ScriptShape::read(Cursor::root(&json!("_score"))).unwrap();
        let long = ScriptShape::read(Cursor::root(&json!({"source": "_score", "params": {}, "options": {}}))).unwrap();
        assert_eq!(short, long);
        assert_eq!(short.lang, None);
        let with_params = json!({"lang": "expression", "source": "a", "params": {"a": 1, "b": [1.5, {"c": null}]}});
        let script = ScriptShape::read(Cursor::root(&with_params)).unwrap();
        let nested = Value::Object(vec![("c".into(), Value::Null)]);
        let b = Value::List(vec![Value::F64(1.5), nested]);
        assert_eq!(script.params, [("a".into(), Value::I64(1)), ("b".into(), b)]);
    }

    #[test]
    fn refuses_with_place() {
        for (body, code, path) in [
            (json!({"source": "1", "id": "x"}), Code::ConflictingKeys, ""),
            (json!({"id": "x"}), Code::UnknownScript, "id"),
            (json!({"id": "x", "lang": "painless"}), Code::ConflictingKeys, ""),
            (json!({"id": "x", "lang": "wasm", "source": "x"}), Code::ConflictingKeys, ""),
            (json!({"lang": "painless"}), Code::MissingKey, ""),
            (json!({"source": 5}), Code::WrongJsonType, "source"),
            (json!({"source": "1", "params": [1]}), Code::WrongJsonType, "params"),
            (json!({"source": "1", "parms": {}}), Code::UnknownKey, "parms"),
            (json!({"source": "1", "options": {"content_type": "x"}}), Code::InvalidValue, "options"),
            (json!(5), Code::WrongJsonType, ""),
        ] {
            let e = ScriptShape::read(Cursor::root(&body)).unwrap_err();
            assert_eq!((e.code(), e.found_at()), (code, Some(&crate::error::Place::Path(path.into()))), "{body}");
        }
    }
}
