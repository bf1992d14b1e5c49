//! Dynamic mapping: a document's unknown keys become fields.

use serde_json::{Map, Value as Json};

use super::{Dynamic, Field, Mapping, Object};
use crate::error::{Code, Error, Result};
use crate::plan::analysis::Analyzer;
use crate::plan::date::{DateFormat, TimeZone};
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
        if self.by_path.contains_key(path) || is_empty(value) {
            return Ok(());
        }
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
        match first_scalar(value) {
            Some(Json::Object(_)) => {
                self.add_object(Object::new(path))?;
                self.add_elements(path, value)
            }
            Some(scalar) => self.add_scalar(path, scalar),
            None => Ok(()),
        }
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
        if self.detection.dates && text.contains([':', '-', '/']) {
            let fits = |format: &&DateFormat| format.parse(text, &TimeZone::default()).is_ok();
            if let Some(format) = self.detection.date_formats.iter().find(fits) {
                // The default's first alternative brings the second along.
                let format =
                    if format.source() == "strict_date_optional_time" { DateFormat::default() } else { format.clone() };
                return Some(FieldType::Date(Date { format, ..Date::default() }));
            }
        }
        if self.detection.numbers {
            if text.parse::<i64>().is_ok() {
                return Some(FieldType::Integer(Integer::new(Width::Long)));
            }
            if parse_java_double(text).is_some() {
                return Some(FieldType::Float(Float::new(Precision::Single)));
            }
        }
        None
    }
}

/// Whether a value brings no field along.
fn is_empty(value: &Json) -> bool {
    first_scalar(value).is_none()
}

/// The first value of an array that is not null, at any depth; a value that is no array is itself.
fn first_scalar(value: &Json) -> Option<&Json> {
    match value {
        Json::Null => None,
        Json::Array(items) => items.iter().find_map(first_scalar),
        other => Some(other),
    }
}
