//! A file of numbered sections, each with a checksum: what zone maps are kept in.
//!
//! ```text
//! the sections' bytes | number, start, length, checksum (u64 each) of each section ... |
//! checksum of this table (u64) | number of sections (u64) | version (u64) | magic (8 bytes)
//! ```
//! All numbers are little-endian. Opening a file looks at the table only; a section is checked when it is asked for.

use std::io::Write;

use tantivy::TantivyError;
use tantivy::directory::error::OpenReadError;
use tantivy::directory::{OwnedBytes, TerminatingWrite};
use tantivy::index::{Segment, SegmentComponent, SegmentReader};

use crate::error::{Code, Error, Result};

const MAGIC: u64 = u64::from_le_bytes(*b"sszones\n");
/// The version of the form; files of another one are not read, but what they hold is computed again.
const VERSION: u64 = 4;

const WORD: usize = size_of::<u64>();
/// What a section takes in the table.
const ENTRY: usize = 4 * WORD;
/// What stands after the table.
const FOOTER: usize = 4 * WORD;

/// The sections of a file that is being written.
#[derive(Debug, Default)]
pub(super) struct SectionWriter {
    bytes: Vec<u8>,
    table: Vec<[u64; 4]>,
}

impl SectionWriter {
    /// Adds a section. Numbers ascend.
    pub(super) fn push(&mut self, number: u64, section: &[u8]) {
        self.table.push([number, self.bytes.len() as u64, section.len() as u64, checksum(section)]);
        self.bytes.extend_from_slice(section);
    }

    /// Writes the file of an extension.
    pub(super) fn finish(mut self, segment: &Segment, extension: &str) -> tantivy::Result<()> {
        let start = self.bytes.len();
        self.bytes.extend(self.table.iter().flatten().flat_map(|word| word.to_le_bytes()));
        let footer = [checksum(&self.bytes[start..]), self.table.len() as u64, VERSION, MAGIC];
        self.bytes.extend(footer.iter().flat_map(|word| word.to_le_bytes()));
        let mut out = segment.open_write(SegmentComponent::Custom(extension.to_owned()))?;
        out.write_all(&self.bytes)?;
        Ok(out.terminate()?)
    }
}

/// A file of sections that is there.
#[derive(Clone)]
pub(super) struct Sections {
    bytes: OwnedBytes,
    table: Vec<[u64; 4]>,
    /// The file's name, for errors.
    name: String,
}

impl Sections {
    /// Opens the file of an extension; none where a segment has none, or one of another version.
    ///
    /// # Errors
    /// The file is damaged.
    pub(super) fn open(reader: &SegmentReader, extension: &str) -> Result<Option<Self>> {
        let name = format!("{}.{extension}", reader.segment_id().uuid_string());
        let file = match reader.open_read(SegmentComponent::Custom(extension.to_owned())) {
            Ok(file) => file,
            Err(OpenReadError::FileDoesNotExist(_)) => return Ok(None),
            Err(error) => return Err(unreadable(&name, TantivyError::from(error))),
        };
        let bytes = file.read_bytes().map_err(|error| unreadable(&name, error))?;
        let Some(table_end) = bytes.len().checked_sub(FOOTER) else { return Err(damaged(&name, "it is cut short")) };
        let word = |at: usize| load(&bytes, table_end + at * WORD);
        if word(3) != MAGIC {
            return Err(damaged(&name, "it does not end as it should"));
        }
        if word(2) != VERSION {
            return Ok(None);
        }
        let start = usize::try_from(word(1)).ok().and_then(|len| len.checked_mul(ENTRY));
        let Some(start) = start.and_then(|size| table_end.checked_sub(size)) else {
            return Err(damaged(&name, "its table is cut short"));
        };
        let table = &bytes[start..table_end];
        if checksum(table) != word(0) {
            return Err(damaged(&name, "the checksum of its table is wrong"));
        }
        let table = table.chunks_exact(ENTRY).map(|entry| std::array::from_fn(|i| load(entry, i * WORD))).collect();
        Ok(Some(Self { bytes, table, name }))
    }

    /// The section of a number, if there is one.
    ///
    /// # Errors
    /// It is damaged.
    pub(super) fn get(&self, number: u64) -> Result<Option<OwnedBytes>> {
        let Ok(at) = self.table.binary_search_by_key(&number, |entry| entry[0]) else { return Ok(None) };
        let [_, start, len, sum] = self.table[at];
        let section = usize::try_from(start).ok().zip(usize::try_from(len).ok());
        let section = section.and_then(|(start, len)| Some(start..start.checked_add(len)?));
        match section.filter(|range| range.end <= self.bytes.len()) {
            Some(range) if checksum(&self.bytes[range.clone()]) == sum => Ok(Some(self.bytes.slice(range))),
            _ => Err(damaged(&self.name, "a checksum is wrong")),
        }
    }

    /// The error of a section that holds something else than it should.
    pub(super) fn damaged(&self, what: &str) -> Error {
        damaged(&self.name, what)
    }
}

/// The number at a place; 0 behind the end.
#[inline]
pub(super) fn load(bytes: &[u8], at: usize) -> u64 {
    match bytes.get(at..at + WORD).and_then(|word| word.try_into().ok()) {
        Some(word) => u64::from_le_bytes(word),
        None => 0,
    }
}

/// Tells damage, not malice.
fn checksum(bytes: &[u8]) -> u64 {
    let step = |sum: u64, word: u64| (sum.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    let (words, rest) = bytes.as_chunks::<WORD>();
    let sum = words.iter().fold(bytes.len() as u64, |sum, word| step(sum, u64::from_le_bytes(*word)));
    rest.iter().fold(sum, |sum, byte| step(sum, u64::from(*byte)))
}

fn damaged(name: &str, what: &str) -> Error {
    Error::new(Code::Storage, format!("the file {name} of the index is damaged: {what}"))
        .hint("index the documents again, or remove the file: what it holds is then computed when it is needed")
}

fn unreadable(name: &str, error: impl std::fmt::Display) -> Error {
    Error::new(Code::Storage, format!("the file {name} of the index cannot be read: {error}"))
}
