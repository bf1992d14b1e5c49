//! Moves the values of a batch into the driver's memory, and the results out of it.

use std::ops::Range;

use crate::error::{Code, Error, Place, Result};
use crate::exec::udf::Input;
use crate::exec::udf::bounds::check_bounds;
use crate::exec::udf::rows::Rows;
use crate::exec::udf::wasm::layout::{self, CELL};
use crate::exec::udf::wasm::simd::LANES;
use crate::plan::function::batch::{Batch, BatchMut, StrBatch};
use crate::plan::udf::{UdfProfile, UdfType};

/// How much text goes along with the rows of one call of the driver, unless a single row has more.
const TEXT: usize = 1 << 20;

impl Rows<'_> {
    /// The cells and values of a part of the rows.
    fn zip<'a, T>(
        self,
        part: Range<usize>,
        cells: &'a mut [u8],
        values: &'a [T],
        mut each: impl FnMut(&'a mut [u8], &'a T),
    ) {
        let cells = cells.chunks_exact_mut(CELL);
        match self {
            Self::All(_) => cells.zip(&values[part]).for_each(|(cell, value)| each(cell, value)),
            Self::Picked(rows) => cells.zip(&rows[part]).for_each(|(cell, row)| each(cell, &values[*row as usize])),
        }
    }

    /// The values in the cells of a part of the rows.
    fn collect<T>(self, part: Range<usize>, cells: &[[u8; CELL]], out: &mut [T], value: impl Fn([u8; CELL]) -> T) {
        match self {
            Self::All(_) => collect_all(cells, &mut out[part], value),
            Self::Picked(rows) => {
                rows[part].iter().zip(cells).for_each(|(row, cell)| out[*row as usize] = value(*cell));
            }
        }
    }
}

/// Not inlined: as parameters both are known to be apart, and doubles are moved by the library's `memcpy`.
#[inline(never)]
fn collect_all<T>(cells: &[[u8; CELL]], out: &mut [T], value: impl Fn([u8; CELL]) -> T) {
    out.iter_mut().zip(cells).for_each(|(out, cell)| *out = value(*cell));
}

/// How many rows from `start` go into one call of the driver.
pub(super) fn fitting(inputs: &[Input<'_>], rows: Rows<'_>, start: usize) -> usize {
    let most = layout::ROWS.min(rows.len() - start);
    let has_text = |input: &Input<'_>| matches!(input, Input::Each(Batch::Str(_)));
    if !inputs.iter().any(has_text) {
        return most;
    }
    let mut left = TEXT;
    for count in 0..most {
        for input in inputs {
            if let Input::Each(Batch::Str(strings)) = input {
                let (from, to) = strings.spans[rows.row(start + count)];
                left = left.saturating_sub((to - from) as usize);
            }
        }
        if left == 0 {
            return count.max(1);
        }
    }
    most
}

/// How many bytes of text an argument brings at most.
pub(super) fn text_bytes(input: &Input<'_>, rows: Rows<'_>, part: Range<usize>) -> usize {
    // UTF-16 has two bytes where UTF-8 has one.
    match input {
        Input::Each(Batch::Str(strings)) => part.map(|index| 2 * strings.get(rows.row(index)).len()).sum(),
        Input::Same(Batch::Str(strings)) => 2 * strings.get(0).len(),
        Input::Each(_) | Input::Same(_) => 0,
    }
}

/// An argument, its place among those that a call passes, and its type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arg<'a> {
    pub(super) input: Input<'a>,
    pub(super) index: usize,
    pub(super) ty: UdfType,
}

impl Arg<'_> {
    /// Writes the values of a part of the rows; text goes to `text` and moves it on.
    pub(super) fn write(
        self,
        memory: &mut [u8],
        rows: Rows<'_>,
        part: Range<usize>,
        text: &mut usize,
        utf16: bool,
    ) -> Result<(), String> {
        let (batch, rows, part, mask) = match self.input {
            Input::Each(batch) => (batch, rows, part, u32::MAX),
            // Twice: code that computes two rows at once reads two cells wherever they begin.
            Input::Same(batch @ Batch::F64(_)) => (batch, Rows::Picked(&[0; LANES]), 0..LANES, 0),
            Input::Same(batch) => (batch, Rows::All(1), 0..1, 0),
        };
        layout::set_cell(memory, layout::MASKS + 4 * self.index, mask);
        let begin = layout::column(self.index);
        let (columns, texts) = memory.split_at_mut(layout::column(self.index + 1));
        let cells = &mut columns[begin..begin + part.len() * CELL];
        match (batch, self.ty) {
            (Batch::F64(values), UdfType::F64) => {
                rows.zip(part, cells, values, |cell, value| cell.copy_from_slice(&value.to_le_bytes()));
            }
            (Batch::F64(values), UdfType::F32) => {
                rows.zip(part, cells, values, |cell, value| cell[..4].copy_from_slice(&(*value as f32).to_le_bytes()));
            }
            (Batch::I64(values), UdfType::I64) => {
                rows.zip(part, cells, values, |cell, value| cell.copy_from_slice(&value.to_le_bytes()));
            }
            (Batch::I64(values), UdfType::I32) => {
                let mut outside = None;
                rows.zip(part, cells, values, |cell, value| {
                    outside = outside.or(i32::try_from(*value).is_err().then_some(*value));
                    cell.copy_from_slice(&value.to_le_bytes());
                });
                if let Some(value) = outside {
                    return Err(format!("argument {} is {value}, which is no i32", self.index + 1));
                }
            }
            (Batch::Bool(values), UdfType::Bool) => {
                rows.zip(part, cells, values, |cell, value| {
                    cell[..4].copy_from_slice(&u32::from(*value).to_le_bytes());
                });
            }
            (Batch::Str(strings), UdfType::Str) => {
                let base = layout::column(self.index + 1);
                let mut place = *text - base;
                for (cell, index) in cells.chunks_exact_mut(CELL).zip(part) {
                    let length = write_text(&mut texts[place..], strings, rows.row(index), utf16);
                    cell[..4].copy_from_slice(&((base + place) as u32).to_le_bytes());
                    cell[4..].copy_from_slice(&(length as u32).to_le_bytes());
                    place += length;
                }
                *text = base + place;
            }
            (_, ty) => return Err(format!("argument {} is no {ty:?}", self.index + 1)),
        }
        Ok(())
    }
}

fn write_text(out: &mut [u8], strings: StrBatch<'_>, row: usize, utf16: bool) -> usize {
    let string = strings.get(row);
    if !utf16 {
        out[..string.len()].copy_from_slice(string.as_bytes());
        return string.len();
    }
    let mut length = 0;
    for (unit, out) in string.encode_utf16().zip(out.chunks_exact_mut(2)) {
        out.copy_from_slice(&unit.to_le_bytes());
        length += 2;
    }
    length
}

/// The results of a batch, as they come in.
#[derive(Debug)]
pub(super) struct Results<'a, 'b> {
    pub(super) out: &'a mut BatchMut<'b>,
    pub(super) profile: &'a UdfProfile,
    /// How many arguments a call passes; the results lie behind them.
    pub(super) args: usize,
    pub(super) utf16: bool,
    /// With strings: the row that comes next.
    pub(super) next: usize,
}

impl Results<'_, '_> {
    /// Reads those of a part of the rows of a chunk that begins at `start`.
    pub(super) fn read(&mut self, memory: &[u8], rows: Rows<'_>, start: usize, part: Range<usize>) -> Result<()> {
        let column = layout::column(self.args);
        let cells = memory[column + part.start * CELL..column + part.end * CELL].as_chunks().0;
        let part = start + part.start..start + part.end;
        let whole = u64::from_le_bytes;
        let low = |cell| whole(cell) as u32;
        match (&mut *self.out, self.profile.result) {
            (BatchMut::F64(out), UdfType::F64) => {
                rows.collect(part.clone(), cells, out, f64::from_le_bytes);
            }
            (BatchMut::F64(out), UdfType::F32) => {
                rows.collect(part.clone(), cells, out, |cell| f64::from(f32::from_bits(low(cell))));
            }
            (BatchMut::I64(out), UdfType::I64) => rows.collect(part.clone(), cells, out, i64::from_le_bytes),
            (BatchMut::I64(out), UdfType::I32) => {
                rows.collect(part.clone(), cells, out, |cell| i64::from(low(cell) as i32));
            }
            (BatchMut::Bool(out), UdfType::Bool) => rows.collect(part.clone(), cells, out, |cell| low(cell) != 0),
            (BatchMut::Str(text, spans), UdfType::Str) => {
                for (cell, index) in cells.iter().zip(part.clone()) {
                    let cell = *cell;
                    let row = rows.row(index);
                    // Rows that are not called have the empty string.
                    let end = text.len() as u32;
                    spans.extend((self.next..row).map(|_| (end, end)));
                    self.next = row + 1;
                    let (from, length) = (low(cell) as usize, (whole(cell) >> 32) as usize);
                    let bytes = &memory[from..from + length];
                    let read = if self.utf16 { read_utf16(bytes, text) } else { read_utf8(bytes, text) };
                    let fail = |reason: String| failed(self.profile, row, &reason);
                    read.map_err(fail)?;
                    let too_long = |_| fail("strings of more than 4 GiB in one batch".into());
                    spans.push((end, u32::try_from(text.len()).map_err(too_long)?));
                }
            }
            (_, ty) => {
                return Err(failed(self.profile, start, &format!("a value of type {ty:?} where another was planned")));
            }
        }
        check_bounds(self.profile, self.out, rows, part)
    }

    /// Fills up what is missing behind the last row that was called.
    pub(super) fn finish(&mut self, rows: usize) {
        if let BatchMut::Str(text, spans) = &mut *self.out {
            let end = text.len() as u32;
            spans.extend((self.next..rows).map(|_| (end, end)));
        }
    }
}

fn failed(profile: &UdfProfile, row: usize, what: &str) -> Error {
    Error::new(Code::UdfFailed, format!("UDF [{profile}] gave {what}")).place(Place::Row(row))
}

fn read_utf8(bytes: &[u8], out: &mut String) -> Result<(), String> {
    out.push_str(std::str::from_utf8(bytes).map_err(|e| format!("a string that is not UTF-8 ({e})"))?);
    Ok(())
}

fn read_utf16(bytes: &[u8], out: &mut String) -> Result<(), String> {
    let units = bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    for c in char::decode_utf16(units) {
        out.push(c.map_err(|_| "a string that is not UTF-16 (half of a surrogate pair)".to_owned())?);
    }
    Ok(())
}
