//! The bounds of a field that hits are sorted by.

use super::Zone;
use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::plan::node::FieldSort;

/// A field over the zones of a segment.
pub(super) struct FieldBounds {}

impl FieldBounds {
    /// Prepares the bounds of a field; none where its values are no plain numbers.
    pub(super) fn new(_: SegmentContext<'_>, _: &FieldSort, _: bool) -> Result<Option<Self>> {
        Ok(None)
    }

    /// The key of the best document that a zone may hold.
    pub(super) fn best(&self, _: Zone) -> u64 {
        0
    }
}
