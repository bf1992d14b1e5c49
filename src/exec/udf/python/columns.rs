//! Arguments in the shared area, laid out as `worker/columns.py` reads them.
//!
//! ```text
//! directory   for the result, then for each argument: where its values begin, how many, where its text begins
//! own         columns that were converted, or are one value for all rows
//! lent        columns that the area takes as they lie in the node's memory
//! results     written by the worker, and their text behind them
//! ```

use std::io;
use std::ops::Range;

use smallvec::SmallVec;

use crate::exec::udf::Input;
use crate::exec::udf::python::area::{AREA, Area};
use crate::exec::udf::rows::Rows;
use crate::plan::function::batch::{Batch, StrBatch};
use crate::plan::udf::UdfType;

/// Columns begin on a cache line.
const LINE: usize = 64;

/// The bytes of text that go to a worker at once.
const TEXT: usize = AREA / 4;

/// The bytes of numbers that go to a worker and come back at once; the text of results has what is left.
const NUMBERS: usize = AREA / 2;

/// An entry of the directory.
const ENTRY: usize = 12;

/// Some rows of a batch, ready to be written to an area.
#[derive(Debug)]
pub(super) struct Columns<'a> {
    /// The directory, and columns of the node's own making.
    own: &'a [u8],
    /// Columns as they are, and their places.
    lent: SmallVec<[(usize, &'a [u8]); 8]>,
    /// How many rows.
    pub(super) rows: usize,
    /// Where the results begin, and where their text does.
    pub(super) results: usize,
    pub(super) text: usize,
}

impl Columns<'_> {
    /// Writes them.
    pub(super) fn write(&self, area: &Area) -> io::Result<()> {
        area.write(0, self.own)?;
        self.lent.iter().try_for_each(|(at, bytes)| area.write(*at, bytes))
    }
}

/// Lays out columns; its memory is allocated once, as long as it was ever needed.
#[derive(Debug, Default)]
pub(super) struct Encoder {
    bytes: Vec<u8>,
    used: usize,
}

/// What a worker is called for: so many rows of these, from `start`, as go to a worker at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a, 'b> {
    pub(super) inputs: &'b [Input<'a>],
    pub(super) types: &'b [UdfType],
    pub(super) result: UdfType,
    pub(super) rows: Rows<'a>,
    pub(super) start: usize,
    /// How many rows at most.
    pub(super) most: usize,
}

impl Encoder {
    /// Lays out as many rows as go to a worker at once; or says what does not fit.
    pub(super) fn encode<'a>(&'a mut self, part: Part<'a, '_>) -> Result<Columns<'a>, String> {
        let Part { inputs, types, result, rows, start, .. } = part;
        let count =
            part.fitting().ok_or_else(|| format!("row {} has more than {TEXT} bytes of text", rows.row(start)))?;
        let part = start..start + count;
        let mut lent = SmallVec::<[(usize, &[u8]); 8]>::new();
        self.used = 0;
        self.take((inputs.len() + 1) * ENTRY);
        for (index, (input, ty)) in inputs.iter().zip(types).enumerate() {
            if let Some(bytes) = lendable(input, *ty, rows, part.clone()) {
                lent.push((index, bytes));
                continue;
            }
            let (batch, rows, part) = match *input {
                Input::Each(batch) => (batch, rows, part.clone()),
                Input::Same(batch) => (batch, Rows::All(1), 0..1),
            };
            self.set_place(index + 1, [self.used, part.len(), self.used + aligned(4 * (part.len() + 1))]);
            self.convert(batch, *ty, rows, part).map_err(|what| format!("argument {} is {what}", index + 1))?;
        }
        let own = self.used;
        let mut at = own;
        for (place, bytes) in &mut lent {
            self.set_place(*place + 1, [at, count, at]);
            *place = at;
            at += aligned(bytes.len());
        }
        let (results, text) = (at, at + aligned(width(result) * (count + 1)));
        self.set_place(0, [results, count, text]);
        Ok(Columns { own: &self.bytes[..own], lent, rows: count, results, text })
    }

    fn convert(&mut self, batch: Batch<'_>, ty: UdfType, rows: Rows<'_>, part: Range<usize>) -> Result<(), String> {
        match (batch, ty) {
            (Batch::F64(values), UdfType::F64) => self.push(values, rows, part, |v| v.to_ne_bytes()),
            (Batch::F64(values), UdfType::F32) => self.push(values, rows, part, |v| (v as f32).to_ne_bytes()),
            (Batch::I64(values), UdfType::I64) => self.push(values, rows, part, |v| v.to_ne_bytes()),
            (Batch::I64(values), UdfType::I32) => {
                let outside = |row: &usize| i32::try_from(values[*row]).is_err();
                if let Some(row) = part.clone().map(|index| rows.row(index)).find(outside) {
                    return Err(format!("{}, which is no i32", values[row]));
                }
                self.push(values, rows, part, |v| (v as i32).to_ne_bytes());
            }
            (Batch::Bool(values), UdfType::Bool) => self.push(values, rows, part, |v| [u8::from(v)]),
            (Batch::Str(strings), UdfType::Str) => self.push_strings(strings, rows, part),
            (_, ty) => return Err(format!("no {ty}")),
        }
        Ok(())
    }

    /// Writes an entry of the directory.
    fn set_place(&mut self, index: usize, place: [usize; 3]) {
        let entry = &mut self.bytes[ENTRY * index..ENTRY * (index + 1)];
        for (bytes, value) in entry.as_chunks_mut::<4>().0.iter_mut().zip(place) {
            *bytes = (value as u32).to_ne_bytes();
        }
    }

    /// The next bytes, to be filled; what is between them and the next line is left as it is.
    fn take(&mut self, bytes: usize) -> &mut [u8] {
        let begin = self.used;
        self.used += aligned(bytes);
        if self.bytes.len() < self.used {
            self.bytes.resize(self.used, 0);
        }
        &mut self.bytes[begin..begin + bytes]
    }

    fn push<T: Copy, const N: usize>(
        &mut self,
        values: &[T],
        rows: Rows<'_>,
        part: Range<usize>,
        bytes: impl Fn(T) -> [u8; N],
    ) {
        let cells = self.take(N * part.len()).as_chunks_mut::<N>().0.iter_mut();
        match rows {
            Rows::All(_) => cells.zip(&values[part]).for_each(|(cell, value)| *cell = bytes(*value)),
            Rows::Picked(rows) => {
                cells.zip(&rows[part]).for_each(|(cell, row)| *cell = bytes(values[*row as usize]));
            }
        }
    }

    /// A 0 and the ends of strings, then on a new line their text.
    fn push_strings(&mut self, strings: StrBatch<'_>, rows: Rows<'_>, part: Range<usize>) {
        let ends = self.take(4 * (part.len() + 1)).as_chunks_mut::<4>().0;
        let mut end = 0_usize;
        ends[0] = [0; 4];
        for (cell, index) in ends[1..].iter_mut().zip(part.clone()) {
            end += strings.get(rows.row(index)).len();
            *cell = (end as u32).to_ne_bytes();
        }
        let mut text = self.take(end);
        for index in part {
            let (to, rest) = text.split_at_mut(strings.get(rows.row(index)).len());
            to.copy_from_slice(strings.get(rows.row(index)).as_bytes());
            text = rest;
        }
    }
}

impl Part<'_, '_> {
    /// How many rows go to a worker at once; `None`: not even one.
    fn fitting(&self) -> Option<usize> {
        let Self { inputs, rows, start, .. } = *self;
        let columns = 1 + inputs.iter().filter(|input| matches!(input, Input::Each(_))).count();
        let most = self.most.min(NUMBERS / 8 / columns).max(1).min(rows.len() - start);
        let same =
            |input: &Input<'_>| if let Input::Same(Batch::Str(strings)) = input { strings.get(0).len() } else { 0 };
        let mut left = TEXT.checked_sub(inputs.iter().map(same).sum())?;
        let strings: SmallVec<[StrBatch<'_>; 8]> = inputs.iter().filter_map(strings).collect();
        if strings.is_empty() {
            return Some(most);
        }
        for count in 0..most {
            let row = rows.row(start + count);
            match left.checked_sub(strings.iter().map(|strings| strings.get(row).len()).sum()) {
                Some(rest) => left = rest,
                None => return (count > 0).then_some(count),
            }
        }
        Some(most)
    }
}

fn strings<'a>(input: &Input<'a>) -> Option<StrBatch<'a>> {
    if let Input::Each(Batch::Str(strings)) = input { Some(*strings) } else { None }
}

/// The bytes of a column that the area takes as they are.
fn lendable<'a>(input: &Input<'a>, ty: UdfType, rows: Rows<'_>, part: Range<usize>) -> Option<&'a [u8]> {
    match (input, ty, rows) {
        (Input::Each(batch @ Batch::F64(_)), UdfType::F64, Rows::All(_))
        | (Input::Each(batch @ Batch::I64(_)), UdfType::I64, Rows::All(_)) => batch.bytes(part),
        _ => None,
    }
}

/// The bytes of a value in its column; of a string, those of its end.
pub(super) fn width(ty: UdfType) -> usize {
    match ty {
        UdfType::F64 | UdfType::I64 => 8,
        UdfType::F32 | UdfType::I32 | UdfType::Str => 4,
        UdfType::Bool => 1,
    }
}

fn aligned(bytes: usize) -> usize {
    bytes.next_multiple_of(LINE)
}
