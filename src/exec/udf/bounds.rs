//! Whether results lie where a deployment declares: planning relies on it.

use std::ops::Range;

use crate::error::{Code, Error, Place, Result};
use crate::exec::udf::rows::Rows;
use crate::plan::function::batch::BatchMut;
use crate::plan::udf::UdfProfile;

/// Looks at the results of a part of the rows.
pub(super) fn check_bounds(profile: &UdfProfile, out: &BatchMut<'_>, rows: Rows<'_>, part: Range<usize>) -> Result<()> {
    let Some((low, high)) = profile.bounds else { return Ok(()) };
    let value = |row: usize| match out {
        BatchMut::F64(out) => out[row],
        BatchMut::I64(out) => out[row] as f64,
        BatchMut::Bool(_) | BatchMut::Str(..) => low,
    };
    match part.map(|index| rows.row(index)).find(|row| !(low..=high).contains(&value(*row))) {
        None => Ok(()),
        Some(row) => {
            let found = format!("{}, which is not between {low} and {high} as declared", value(row));
            Err(Error::new(Code::UdfFailed, format!("UDF [{profile}] gave {found}")).place(Place::Row(row)))
        }
    }
}
