//! `nested` of a field sort: which nested documents hold the values.

use crate::dsl::lower::Lowering;
use crate::dsl::query::{self, QueryShape};
use crate::dsl::read::Cursor;
use crate::error::{Code, Result};
use crate::plan::node::NestedSort;

/// The nested documents that a sort looks at, as the body gives them.
#[derive(Debug)]
pub(super) struct NestedShape {
    pub(super) path: String,
    pub(super) filter: Option<Box<dyn QueryShape>>,
    /// The JSON path, for errors.
    pub(super) at: String,
}

impl NestedShape {
    /// Reads `{"path": .., "filter": .., "nested": {..}}`.
    pub(super) fn read(value: Cursor<'_>) -> Result<Self> {
        let (mut path, mut filter, mut inner) = (None, None, None::<Self>);
        value.each_key(|key, option| {
            match key {
                "path" => path = Some(option.string()?.to_owned()),
                "filter" => filter = Some(query::read(option)?),
                "nested" => inner = Some(Self::read(option)?),
                "max_children" => {
                    return Err(option
                        .error(Code::Unsupported, "`max_children` of a nested sort does not run yet")
                        .hint("choose the nested documents with `filter`"));
                }
                _ => return Err(option.unknown_key(key, "nested", &["path", "filter", "nested"])),
            }
            Ok(())
        })?;
        let path = path.ok_or_else(|| value.error(Code::MissingKey, "`nested` has no `path`"))?;
        match (inner, filter) {
            (None, filter) => Ok(Self { path, filter, at: value.path.to_string() }),
            // The inner path says all where no document in between is left out.
            (Some(inner), None) => Ok(inner),
            (Some(_), Some(_)) => {
                Err(value.error(Code::Unsupported, "a `filter` above an inner `nested` of a sort does not run yet"))
            }
        }
    }

    /// The nested documents under a mapping.
    pub(super) fn lower(&self, cx: &mut Lowering<'_>) -> Result<NestedSort> {
        if cx.mapping.nested(&self.path).is_none() {
            return Err(cx.not_nested(&self.path).at(self.at.clone()));
        }
        cx.nested.push(self.path.clone());
        let filter = self.filter.as_ref().map(|f| f.lower(cx)).transpose();
        cx.nested.pop();
        Ok(NestedSort { path: self.path.clone(), filter: filter? })
    }
}
