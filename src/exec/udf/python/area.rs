//! A batch in the memory that a node and a worker share, laid out as `worker/columns.py` reads it.
//!
//! The node reads and writes it as a file: whatever a worker does to it, the node's own memory is not concerned.

use std::fs::File;
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileExt;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};

use crate::exec::udf::Input;
use crate::exec::udf::rows::Rows;
use crate::plan::function::batch::{Batch, BatchMut, StrBatch};
use crate::plan::udf::UdfType;

/// The bytes of an area. Only those that were written take memory.
pub(super) const AREA: usize = 8 << 20;

/// So many rows go to a worker at once: enough for the way there and back to weigh little, and few enough for their values
/// to stay in the caches of the processor.
pub(super) const ROWS: usize = 8192;

/// Columns begin on a cache line.
const LINE: usize = 64;

/// The bytes of text that go to a worker at once: numbers of all arguments and results have room beside them.
const TEXT: usize = 2 << 20;

/// The shared memory.
#[derive(Debug)]
pub(super) struct Area(File);

impl Area {
    /// An area of [`AREA`] bytes, which nobody can make larger or smaller.
    pub(super) fn new() -> std::io::Result<Self> {
        let file = memfd_create("shardscript-udf", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        ftruncate(&file, AREA as u64)?;
        fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        Ok(Self(File::from(file)))
    }

    /// Reads from a place.
    pub(super) fn read(&self, at: usize, bytes: &mut [u8]) -> std::io::Result<()> {
        self.0.read_exact_at(bytes, at as u64)
    }

    /// Writes to the beginning.
    pub(super) fn write(&self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.write_all_at(bytes, 0)
    }
}

impl AsFd for Area {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Some rows of a batch, as bytes for an area.
#[derive(Debug, Default)]
pub(super) struct Encoded {
    /// Allocated once, as long as they were ever needed.
    bytes: Vec<u8>,
    /// How many of them are of this batch.
    used: usize,
    /// Where the results begin, and where their text does.
    results: usize,
    text: usize,
}

/// A result that its type does not allow; a sound worker writes none.
#[derive(Debug)]
pub(super) struct Nonsense(pub(super) &'static str);

impl Encoded {
    /// How many bytes there are.
    pub(super) fn len(&self) -> usize {
        self.used
    }

    /// Puts the rows into an area.
    pub(super) fn send(&self, area: &Area) -> std::io::Result<()> {
        area.write(&self.bytes[..self.used])
    }

    /// Lays out as many rows from `start` as go to a worker at once; gives how many, or what does not fit.
    pub(super) fn encode(
        &mut self,
        inputs: &[Input<'_>],
        types: &[UdfType],
        result: UdfType,
        rows: Rows<'_>,
        start: usize,
    ) -> Result<usize, String> {
        let count = fitting(inputs, rows, start)
            .ok_or_else(|| format!("row {} has more than {} bytes of text", rows.row(start), TEXT))?;
        let part = start..start + count;
        self.results = aligned((inputs.len() + 1) * 12);
        self.used = 0;
        self.take(self.results + aligned(width(result) * (count + 1)));
        for (index, (input, ty)) in inputs.iter().zip(types).enumerate() {
            let (batch, rows, part) = match *input {
                Input::Each(batch) => (batch, rows, part.clone()),
                Input::Same(batch) => (batch, Rows::All(1), 0..1),
            };
            let begin = self.used;
            self.set_place(index + 1, [begin, part.len(), begin + aligned(4 * (part.len() + 1))]);
            match (batch, ty) {
                (Batch::F64(values), UdfType::F64) => self.push(values, rows, part, |v| v.to_ne_bytes()),
                (Batch::F64(values), UdfType::F32) => self.push(values, rows, part, |v| (v as f32).to_ne_bytes()),
                (Batch::I64(values), UdfType::I64) => self.push(values, rows, part, |v| v.to_ne_bytes()),
                (Batch::I64(values), UdfType::I32) => {
                    let outside = |row: &usize| i32::try_from(values[*row]).is_err();
                    if let Some(row) = part.clone().map(|index| rows.row(index)).find(outside) {
                        return Err(format!("argument {} is {}, which is no i32", index + 1, values[row]));
                    }
                    self.push(values, rows, part, |v| (v as i32).to_ne_bytes());
                }
                (Batch::Bool(values), UdfType::Bool) => self.push(values, rows, part, |v| [u8::from(v)]),
                (Batch::Str(strings), UdfType::Str) => self.push_strings(strings, rows, part),
                (_, ty) => return Err(format!("argument {} is no {ty}", index + 1)),
            }
        }
        // The text of results takes what is left.
        self.text = self.used;
        self.set_place(0, [self.results, count, self.text]);
        Ok(count)
    }

    /// Takes the results of `part` of the rows out of the area into a buffer's rows.
    pub(super) fn decode(
        &mut self,
        area: &Area,
        ty: UdfType,
        text_bytes: usize,
        rows: Rows<'_>,
        part: Range<usize>,
        out: &mut BatchMut<'_>,
    ) -> Result<(), Nonsense> {
        let bytes = &mut self.bytes;
        let count = part.len() + usize::from(ty == UdfType::Str);
        bytes.resize(bytes.len().max(width(ty) * count + text_bytes), 0);
        let (values, rest) = bytes.split_at_mut(width(ty) * count);
        area.read(self.results, values).map_err(|_| Nonsense("results that cannot be read"))?;
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
                let text = &mut rest[..text_bytes];
                area.read(self.text, text).map_err(|_| Nonsense("text that cannot be read"))?;
                let text = str::from_utf8(text).map_err(|_| Nonsense("text that is not UTF-8"))?;
                decode_strings(values, text, rows, part, out, spans)?;
            }
            _ => return Err(Nonsense("results of another type")),
        }
        Ok(())
    }

    /// Writes an entry of the directory.
    fn set_place(&mut self, index: usize, place: [usize; 3]) {
        let entry = &mut self.bytes[12 * index..12 * (index + 1)];
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

/// How many rows from `start` go to a worker at once; `None`: not even one.
fn fitting(inputs: &[Input<'_>], rows: Rows<'_>, start: usize) -> Option<usize> {
    let most = ROWS.min(rows.len() - start);
    let same = |input: &Input<'_>| if let Input::Same(Batch::Str(strings)) = input { strings.get(0).len() } else { 0 };
    let mut left = TEXT.checked_sub(inputs.iter().map(same).sum())?;
    for count in 0..most {
        for input in inputs {
            if let Input::Each(Batch::Str(strings)) = input {
                match left.checked_sub(strings.get(rows.row(start + count)).len()) {
                    Some(rest) => left = rest,
                    None => return (count > 0).then_some(count),
                }
            }
        }
    }
    Some(most)
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

/// The bytes of a value in its column; of a string, those of its end.
fn width(ty: UdfType) -> usize {
    match ty {
        UdfType::F64 | UdfType::I64 => 8,
        UdfType::F32 | UdfType::I32 | UdfType::Str => 4,
        UdfType::Bool => 1,
    }
}

fn aligned(bytes: usize) -> usize {
    bytes.next_multiple_of(LINE)
}
