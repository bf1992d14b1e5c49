//! Batches of values and the monomorphised loops over them.

use std::ops::Range;

use datafusion_common::arrow::datatypes::ToByteSlice;

/// A column of argument values, one a row.
#[derive(Clone, Copy, Debug)]
pub enum Batch<'a> {
    /// Doubles.
    F64(&'a [f64]),
    /// Longs and ints.
    I64(&'a [i64]),
    /// Booleans.
    Bool(&'a [bool]),
    /// Strings.
    Str(StrBatch<'a>),
}

/// Strings as spans of one buffer.
#[derive(Clone, Copy, Debug)]
pub struct StrBatch<'a> {
    /// The text that the spans point into.
    pub text: &'a str,
    /// Start and end of each row's string, in bytes.
    pub spans: &'a [(u32, u32)],
}

impl<'a> StrBatch<'a> {
    /// The string of a row.
    pub fn get(&self, row: usize) -> &'a str {
        let (start, end) = self.spans[row];
        &self.text[start as usize..end as usize]
    }
}

/// A column of results to fill, one a row.
#[derive(Debug)]
pub enum BatchMut<'a> {
    /// Doubles.
    F64(&'a mut [f64]),
    /// Longs and ints.
    I64(&'a mut [i64]),
    /// Booleans.
    Bool(&'a mut [bool]),
    /// Strings: rows append to the text and push their span.
    Str(&'a mut String, &'a mut Vec<(u32, u32)>),
}

/// Why a row failed, as Java names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// The row in the batch.
    pub row: usize,
    /// The Elasticsearch type, such as `arithmetic_exception`.
    pub elastic_type: &'static str,
    /// The message, such as `/ by zero`.
    pub reason: String,
    /// Where in the source, in bytes.
    pub site: usize,
}

/// Collects the first failing row of a batch, among the rows that a branch makes active.
#[derive(Debug)]
pub struct RowErrors<'a> {
    /// Which rows are evaluated for their value; `None`: all. Rows in a branch that is not taken may not fail.
    pub active: Option<&'a [bool]>,
    /// The first failure of the batch so far.
    pub first: &'a mut Option<RowError>,
}

impl RowErrors<'_> {
    /// Reports that a row failed; ignored where the row is not active or an earlier row has failed.
    pub fn raise(&mut self, row: usize, elastic_type: &'static str, site: usize, reason: impl FnOnce() -> String) {
        let active = self.active.is_none_or(|active| active[row]);
        if active && self.first.as_ref().is_none_or(|first| row < first.row) {
            *self.first = Some(RowError { row, elastic_type, reason: reason(), site });
        }
    }
}

/// A value that a batch holds as an array of its own.
pub(crate) trait Scalar: Copy {
    /// The argument column of this type.
    fn column<'a>(batch: &Batch<'a>) -> &'a [Self];
    /// The result column of this type.
    fn column_mut<'a>(batch: &'a mut BatchMut<'_>) -> &'a mut [Self];
}

macro_rules! scalar {
    ($ty:ty, $variant:ident) => {
        impl Scalar for $ty {
            fn column<'a>(batch: &Batch<'a>) -> &'a [Self] {
                let Batch::$variant(values) = batch else { unreachable!("trees are type-checked") };
                values
            }

            fn column_mut<'a>(batch: &'a mut BatchMut<'_>) -> &'a mut [Self] {
                let BatchMut::$variant(values) = batch else { unreachable!("trees are type-checked") };
                values
            }
        }
    };
}

scalar!(f64, F64);
scalar!(i64, I64);
scalar!(bool, Bool);

/// The argument column of strings.
pub(crate) fn strings<'a>(batch: &Batch<'a>) -> StrBatch<'a> {
    let Batch::Str(values) = batch else { unreachable!("trees are type-checked") };
    *values
}

/// One value in, one out.
pub(crate) fn map1<A: Scalar, R: Scalar>(args: &[Batch<'_>], out: &mut BatchMut<'_>, f: impl Fn(A) -> R) {
    for (out, a) in R::column_mut(out).iter_mut().zip(A::column(&args[0])) {
        *out = f(*a);
    }
}

/// One double in, one out, by a function that replaces many at once.
pub(crate) fn map_in_place(args: &[Batch<'_>], out: &mut BatchMut<'_>, f: impl Fn(&mut [f64])) {
    let out = f64::column_mut(out);
    out.copy_from_slice(f64::column(&args[0]));
    f(out);
}

/// The value that all rows have, bit for bit.
pub(crate) fn constant(rows: &[f64]) -> Option<f64> {
    let first = rows.first()?;
    rows.iter().fold(true, |same, row| same & (row.to_bits() == first.to_bits())).then_some(*first)
}

/// Two values in, one out.
pub(crate) fn map2<A: Scalar, B: Scalar, R: Scalar>(args: &[Batch<'_>], out: &mut BatchMut<'_>, f: impl Fn(A, B) -> R) {
    for ((out, a), b) in R::column_mut(out).iter_mut().zip(A::column(&args[0])).zip(B::column(&args[1])) {
        *out = f(*a, *b);
    }
}

/// Any number of values of one type in, one out.
pub(crate) fn map_n<const N: usize, A: Scalar, R: Scalar>(
    args: &[Batch<'_>],
    out: &mut BatchMut<'_>,
    mut f: impl FnMut([A; N]) -> R,
) {
    let columns: [&[A]; N] = std::array::from_fn(|i| A::column(&args[i]));
    for (row, out) in R::column_mut(out).iter_mut().enumerate() {
        *out = f(std::array::from_fn(|i| columns[i][row]));
    }
}

/// A string in, a value out.
pub(crate) fn map_str<R: Scalar>(args: &[Batch<'_>], out: &mut BatchMut<'_>, f: impl Fn(&str) -> R) {
    let a = strings(&args[0]);
    for (row, out) in R::column_mut(out).iter_mut().enumerate() {
        *out = f(a.get(row));
    }
}

/// Two strings in, a value out.
pub(crate) fn map_str2<R: Scalar>(args: &[Batch<'_>], out: &mut BatchMut<'_>, f: impl Fn(&str, &str) -> R) {
    let (a, b) = (strings(&args[0]), strings(&args[1]));
    for (row, out) in R::column_mut(out).iter_mut().enumerate() {
        *out = f(a.get(row), b.get(row));
    }
}

/// Appends a string for each row.
pub(crate) fn write_str(args: &[Batch<'_>], out: &mut BatchMut<'_>, mut write: impl FnMut(usize, &mut String)) {
    let BatchMut::Str(text, spans) = out else { unreachable!("trees are type-checked") };
    for row in 0..args[0].rows() {
        let start = text.len() as u32;
        write(row, text);
        spans.push((start, text.len() as u32));
    }
}

impl<'a> Batch<'a> {
    /// The bytes of a part of the rows, as they lie in memory; `None`: they are not numbers.
    pub(crate) fn bytes(&self, part: Range<usize>) -> Option<&'a [u8]> {
        match *self {
            Self::F64(values) => Some(values[part].to_byte_slice()),
            Self::I64(values) => Some(values[part].to_byte_slice()),
            Self::Bool(_) | Self::Str(_) => None,
        }
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        match self {
            Self::F64(v) => v.len(),
            Self::I64(v) => v.len(),
            Self::Bool(v) => v.len(),
            Self::Str(v) => v.spans.len(),
        }
    }
}
