//! Batches of values and the monomorphised loops over them.

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
    /// The first failure.
    pub first: Option<RowError>,
}

impl RowErrors<'_> {
    /// Reports that a row failed; ignored where the row is not active or an earlier row has failed.
    pub fn raise(&mut self, row: usize, elastic_type: &'static str, site: usize, reason: impl FnOnce() -> String) {
        let active = self.active.is_none_or(|active| active[row]);
        if active && self.first.as_ref().is_none_or(|first| row < first.row) {
            self.first = Some(RowError { row, elastic_type, reason: reason(), site });
        }
    }
}

/// One double in, one double out.
pub(crate) fn f64_to_f64(args: &[Batch<'_>], out: &mut BatchMut<'_>, f: impl Fn(f64) -> f64) {
    let ([Batch::F64(a)], BatchMut::F64(out)) = (args, out) else { unreachable!("trees are type-checked") };
    for (o, a) in out.iter_mut().zip(*a) {
        *o = f(*a);
    }
}
