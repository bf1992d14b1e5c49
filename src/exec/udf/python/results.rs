//! Results in the shared area, as `worker/columns.py` writes them, checked for what the node relies on.

use std::ops::Range;

use crate::exec::udf::python::area::Area;
use crate::exec::udf::python::columns::width;
use crate::exec::udf::rows::Rows;
use crate::plan::function::batch::BatchMut;
use crate::plan::udf::UdfType;

/// A result that its type does not allow; a sound worker writes none.
#[derive(Debug)]
pub(super) struct Nonsense(pub(super) &'static str);

/// Where results lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) values: usize,
    pub(super) text: usize,
    /// How many bytes of text there are.
    pub(super) text_bytes: usize,
}

/// Reads results; its memory is allocated once, as long as it was ever needed.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    bytes: Vec<u8>,
}

impl Decoder {
    /// Takes the results of `part` of the rows out of the area into a buffer's rows.
    pub(super) fn decode(
        &mut self,
        area: &Area,
        place: Place,
        ty: UdfType,
        rows: Rows<'_>,
        part: Range<usize>,
        out: &mut BatchMut<'_>,
    ) -> Result<(), Nonsense> {
        let bytes = &mut self.bytes;
        let count = part.len() + usize::from(ty == UdfType::Str);
        bytes.resize(bytes.len().max(width(ty) * count + place.text_bytes), 0);
        let (values, rest) = bytes.split_at_mut(width(ty) * count);
        area.read(place.values, values).map_err(|_| Nonsense("results that cannot be read"))?;
        match (out, ty) {
            (BatchMut::F64(out), UdfType::F64) => scatter(values, rows, part, out, f64::from_ne_bytes),
            (BatchMut::F64(out), UdfType::F32) => {
                scatter(values, rows, part, out, |bytes| f64::from(f32::from_ne_bytes(bytes)));
            }
            (BatchMut::I64(out), UdfType::I64) => scatter(values, rows, part, out, i64::from_ne_bytes),
            (BatchMut::I64(out), UdfType::I32) => {
                scatter(values, rows, part, out, |bytes| i64::from(i32::from_ne_bytes(bytes)));
            }
            (BatchMut::Bool(out), UdfType::Bool) => {
                if values.iter().any(|byte| *byte > 1) {
                    return Err(Nonsense("a boolean that is neither true nor false"));
                }
                scatter(values, rows, part, out, |[byte]| byte != 0);
            }
            (BatchMut::Str(out, spans), UdfType::Str) => {
                let text = &mut rest[..place.text_bytes];
                area.read(place.text, text).map_err(|_| Nonsense("text that cannot be read"))?;
                let text = str::from_utf8(text).map_err(|_| Nonsense("text that is not UTF-8"))?;
                decode_strings(values, text, rows, part, out, spans)?;
            }
            _ => return Err(Nonsense("results of another type")),
        }
        Ok(())
    }
}

fn scatter<T, const N: usize>(
    values: &[u8],
    rows: Rows<'_>,
    part: Range<usize>,
    out: &mut [T],
    value: impl Fn([u8; N]) -> T,
) {
    let cells = values.as_chunks::<N>().0.iter();
    match rows {
        Rows::All(_) => out[part].iter_mut().zip(cells).for_each(|(out, cell)| *out = value(*cell)),
        Rows::Picked(rows) => rows[part].iter().zip(cells).for_each(|(row, cell)| out[*row as usize] = value(*cell)),
    }
}

/// Appends the strings and their spans; rows between those that are called get an empty string.
fn decode_strings(
    ends: &[u8],
    text: &str,
    rows: Rows<'_>,
    part: Range<usize>,
    out: &mut String,
    spans: &mut Vec<(u32, u32)>,
) -> Result<(), Nonsense> {
    let mut ends = ends.as_chunks::<4>().0.iter().map(|end| u32::from_ne_bytes(*end) as usize);
    let base = out.len();
    u32::try_from(base + text.len()).map_err(|_| Nonsense("more text than a batch holds"))?;
    let mut start = ends.next().unwrap_or(0);
    if start != 0 {
        return Err(Nonsense("strings that do not begin at 0"));
    }
    for (index, end) in part.zip(ends) {
        if text.get(start..end).is_none() {
            return Err(Nonsense("a string outside of its text"));
        }
        spans.resize(rows.row(index), (0, 0));
        spans.push(((base + start) as u32, (base + end) as u32));
        start = end;
    }
    out.push_str(text);
    Ok(())
}
