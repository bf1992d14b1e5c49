//! Dynamic mapping: a document's unknown keys become fields.

use serde_json::{Map, Value as Json};

use super::{Dynamic, Field, Mapping, Object};
use crate::error::{Code, Error, Result};
use crate::plan::analysis::Analyzer;
use crate::plan::date::DateFormat;
use crate::plan::date::zone::TimeZone;
use crate::plan::field::boolean::Boolean;
use crate::plan::field::date::Date;
use crate::plan::field::float::{Float, Precision};
use crate::plan::field::integer::{Integer, Width};
use crate::plan::field::keyword::Keyword;
use crate::plan::field::text::Text;
use crate::plan::field::{FieldType, number::parse_java_double};

impl Mapping {
    /// Adds the fields that a document brings along.
    ///
    /// # Errors
    /// The document has a key that the mapping lacks where it is `strict`, or one that cannot become a field.
    pub fn add_dynamic(&mut self, document: &Json) -> Result<()> {
        match document {
            Json::Object(object) => self.add_children("", object),
            _ => Err(Error::new(Code::InvalidDocument, "a document is an object")),
        }
    }

    fn add_children(&mut self, parent: &str, object: &Map<String, Json>) -> Result<()> {
        for (key, value) in object {
            let path = if parent.is_empty() { key.clone() } else { format!("{parent}.{key}") };
            self.add_value(parent, &path, value)?;
        }
        Ok(())
    }

    fn add_value(&mut self, parent: &str, path: &str, value: &Json) -> Result<()> {
        if let Some(object) = self.object(path) {
            return if object.enabled { self.add_elements(path, value) } else { Ok(()) };
        }
        let Some(first) = first_value(value).filter(|_| !self.by_path.contains_key(path)) else { return Ok(()) };
        match self.dynamic_of(parent) {
            Dynamic::False => return Ok(()),
            Dynamic::Strict => {
                let parent = if parent.is_empty() { "_doc" } else { parent };
                return Err(Error::new(
                    Code::InvalidDocument,
                    format!("field `{path}` is not mapped, and dynamic introduction of fields within [{parent}] is not allowed"),
                )
                .with_type("strict_dynamic_mapping_exception"));
            }
            Dynamic::True => {}
        }
        // Dots in a key are objects in an object.
        if let Some((head, _)) = path[parent.len()..].trim_start_matches('.').split_once('.') {
            let head = if parent.is_empty() { head.to_owned() } else { format!("{parent}.{head}") };
            if self.object(&head).is_none() {
                self.add_object(Object::new(&head))?;
            }
            return self.add_value(&head, path, value);
        }
        if first.is_object() {
            self.add_object(Object::new(path))?;
            return self.add_elements(path, value);
        }
        self.add_scalar(path, first)
    }

    fn add_elements(&mut self, path: &str, value: &Json) -> Result<()> {
        match value {
            Json::Object(object) => self.add_children(path, object),
            Json::Array(items) => items.iter().try_for_each(|item| self.add_elements(path, item)),
            _ => Ok(()),
        }
    }

    fn add_scalar(&mut self, path: &str, value: &Json) -> Result<()> {
        let ty = match value {
            Json::Bool(_) => FieldType::Boolean(Boolean::default()),
            Json::Number(n) if n.is_f64() => FieldType::Float(Float::new(Precision::Single)),
            Json::Number(_) => FieldType::Integer(Integer::new(Width::Long)),
            Json::String(text) => match self.detect(text) {
                Some(ty) => ty,
                None => {
                    self.add_field(Field::new(
                        path,
                        FieldType::Text(Text { analyzer: Analyzer::Standard, ..Text::default() }),
                    ))?;
                    let keyword = Keyword { ignore_above: Some(256), ..Keyword::default() };
                    let multi = Field::new(format!("{path}.keyword"), FieldType::Keyword(keyword));
                    return self.add_field(Field { multi_of: Some(path.to_owned()), ..multi });
                }
            },
            Json::Null | Json::Array(_) | Json::Object(_) => return Ok(()),
        };
        self.add_field(Field::new(path, ty))
    }

    /// The type of a string that looks like a date or, where that is asked for, like a number.
    fn detect(&self, text: &str) -> Option<FieldType> {
        let (is_whole, is_number) = (text.parse::<i64>().is_ok(), parse_java_double(text).is_some());
        if is_whole || is_number {
            // A number is no date, although formats such as epoch_millis would read it.
            return match (self.detection.numbers, is_whole) {
                (false, _) => None,
                (true, true) => Some(FieldType::Integer(Integer::new(Width::Long))),
                (true, false) => Some(FieldType::Float(Float::new(Precision::Single))),
            };
        }
        if !self.detection.dates {
            return None;
        }
        let fits = |format: &&DateFormat| format.parse(text, &TimeZone::default()).is_ok();
        let format = self.detection.date_formats.iter().find(fits)?;
        Some(FieldType::Date(Date { format: format.clone(), ..Date::default() }))
    }
}

/// The first value of an array that is not null, at any depth; a value that is no array is itself.
fn first_value(value: &Json) -> Option<&Json> {
    match value {
        Json::Null => None,
        Json::Array(items) => items.iter().find_map(first_value),
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn types(mapping: &Mapping) -> Vec<String> {
        mapping.fields().iter().map(|f| format!("{}:{}", f.path, f.ty)).collect()
    }

    #[test]
    fn values_become_fields() {
        let mut mapping = Mapping::default();
        let document = json!({
            "s": "red", "n": 5, "d": 1.5, "b": true, "day": "2024-01-01", "slashes": "2024/01/01", "year": "2024",
            "null": null, "empty": [], "list": [null, [2, "x"]], "o": {"p": {"q": "x"}}, "dots.in.key": 1, "none": {},
        });
        mapping.add_dynamic(&document).unwrap();
        let expected = [
            "s:text",
            "s.keyword:keyword",
            "n:long",
            "d:float",
            "b:boolean",
            "day:date",
            "slashes:date",
            "year:text",
            "year.keyword:keyword",
            "list:long",
            "o.p.q:text",
            "o.p.q.keyword:keyword",
            "dots.in.key:long",
        ];
        assert_eq!(types(&mapping), expected);
        assert!(mapping.object("o.p").is_some() && mapping.object("dots.in").is_some());
        let before = mapping.clone();
        mapping.add_dynamic(&document).unwrap();
        assert_eq!(mapping, before, "a document of known shape changes nothing");
    }

    #[test]
    fn dynamic_is_inherited() {
        let mut mapping = Mapping::default();
        for (path, dynamic) in [("strict", Dynamic::Strict), ("ignored", Dynamic::False)] {
            mapping.add_object(Object { dynamic: Some(dynamic), ..Object::new(path) }).unwrap();
            mapping.add_object(Object::new(format!("{path}.inner"))).unwrap();
        }
        mapping.add_dynamic(&json!({"ignored": {"inner": {"a": 1}}, "off": 1})).unwrap();
        assert_eq!(types(&mapping), ["off:long"]);
        let e = mapping.add_dynamic(&json!({"strict": {"inner": {"a": 1}}})).unwrap_err();
        assert!(e.reason().starts_with("field `strict.inner.a` is not mapped"), "{e}");
    }
}
