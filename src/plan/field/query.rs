//! What `term`, `terms` and `range` mean on a field: handed to its type, with what all types have in common.

use super::{FieldType, RangeSpec, ValueContext, text};
use crate::error::{Code, Error, Result};
use crate::plan::mapping::Field;
use crate::plan::query::{BoolQuery, Query, TermScoring};
use crate::plan::value::Value;

impl Field {
    /// What a `term` query for a value means on this field.
    ///
    /// # Errors
    /// The value does not fit the type, or the type has no terms.
    pub fn term(&self, value: &Value, cx: &ValueContext) -> Result<Query> {
        self.check_searchable()?;
        match &self.ty {
            FieldType::Text(t) => t.term(self, value),
            FieldType::Keyword(t) => t.term(self, value),
            FieldType::Integer(t) => t.term(self, value),
            FieldType::UnsignedLong(t) => t.term(self, value),
            FieldType::Float(t) => t.term(self, value),
            FieldType::ScaledFloat(t) => t.term(self, value),
            FieldType::Boolean(t) => t.term(self, value),
            FieldType::Date(t) => t.term(self, value, cx),
            FieldType::Ip(t) => t.term(self, value),
            FieldType::GeoPoint(_) => Err(self.refuse("geo fields have no terms, use a geo query instead:")),
            FieldType::Unsupported(_) => Err(self.unsupported()),
        }
    }

    /// What a `term` query that ignores case means on this field.
    ///
    /// # Errors
    /// The type is not a string, or the value does not fit.
    pub fn term_ignoring_case(&self, value: &Value, cx: &ValueContext) -> Result<Query> {
        match (&self.ty, self.term(value, cx)?) {
            (FieldType::Text(_) | FieldType::Keyword(_), Query::Term { field, value: Value::Str(term), .. }) => {
                Ok(Query::Wildcard { field, pattern: escape_wildcard(&term), case_insensitive: true })
            }
            (FieldType::Boolean(_), Query::Term { field, value, .. }) => {
                Ok(Query::Term { field, value, scoring: TermScoring::Constant })
            }
            _ => Err(self.refuse("`case_insensitive` works on keyword, text and boolean fields only:")),
        }
    }

    /// What a `terms` query for values means on this field.
    ///
    /// # Errors
    /// As [`Self::term`].
    pub fn terms(&self, values: &[Value], cx: &ValueContext) -> Result<Query> {
        self.check_searchable()?;
        if let FieldType::Boolean(t) = &self.ty {
            return t.terms(self, values);
        }
        let mut terms = Vec::with_capacity(values.len());
        let mut others = Vec::new();
        for value in values {
            match self.term(value, cx)? {
                Query::Term { value, .. } => terms.push(value),
                Query::MatchNone { .. } => {}
                other => others.push(other),
            }
        }
        if terms.is_empty() && others.is_empty() {
            return Ok(self.nothing("no value of `terms` fits the field"));
        }
        if !terms.is_empty() {
            let query = Query::Terms { field: self.path.clone(), values: terms };
            if others.is_empty() {
                return Ok(query);
            }
            others.push(query);
        }
        let should = BoolQuery { should: others, minimum_should_match: 1, ..Default::default() };
        Ok(Query::ConstantScore { query: Box::new(Query::Bool(should)), score: 1.0 })
    }

    /// What a `range` query means on this field.
    ///
    /// # Errors
    /// A bound does not fit the type, or the type has no order.
    pub fn range(&self, range: &RangeSpec, cx: &ValueContext) -> Result<Query> {
        self.check_searchable()?;
        match &self.ty {
            FieldType::Text(_) => text::range(self, range),
            FieldType::Keyword(t) => t.range(self, range),
            FieldType::Integer(t) => t.range(self, range),
            FieldType::UnsignedLong(t) => t.range(self, range),
            FieldType::Float(t) => t.range(self, range),
            FieldType::ScaledFloat(t) => t.range(self, range),
            FieldType::Boolean(t) => t.range(self, range),
            FieldType::Date(t) => t.range(self, range, cx),
            FieldType::Ip(t) => t.range(self, range),
            FieldType::GeoPoint(_) => Err(self.refuse("geo fields have no order, `range` does not work on")),
            FieldType::Unsupported(_) => Err(self.unsupported()),
        }
    }

    fn check_searchable(&self) -> Result<()> {
        let by_values = !matches!(self.ty, FieldType::Text(_)) && self.doc_values;
        if self.indexed || by_values {
            return Ok(());
        }
        Err(Error::new(
            Code::UnsupportedField,
            format!("cannot search on field `{}`: it is neither indexed nor has doc values", self.path),
        ))
    }
}

/// A pattern that matches exactly this text.
fn escape_wildcard(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
