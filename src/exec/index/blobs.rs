//! A file of byte strings, one for each document: written in order, read by document id straight from the mapped file.
//!
//! ```text
//! bytes of all strings | end of each string (u64) ... | number of strings (u64)
//! ```
//! All numbers are little-endian. A document without a string (a nested one) has an empty one.

use std::io::{self, Write};
use std::ops::Range;

use tantivy::directory::{FileSlice, OwnedBytes, TerminatingWrite, WritePtr};

/// The size of a number in the file.
const WORD: usize = size_of::<u64>();

/// Writes a file of byte strings.
pub(super) struct BlobWriter {
    out: WritePtr,
    ends: Vec<u64>,
}

impl BlobWriter {
    pub(super) fn new(out: WritePtr) -> Self {
        Self { out, ends: Vec::new() }
    }

    /// Adds the string of the next document.
    pub(super) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        let start = self.ends.last().copied().unwrap_or(0);
        self.ends.push(start + bytes.len() as u64);
        Ok(())
    }

    /// Writes the table and closes the file.
    pub(super) fn finish(mut self) -> io::Result<()> {
        for end in &self.ends {
            self.out.write_all(&end.to_le_bytes())?;
        }
        self.out.write_all(&(self.ends.len() as u64).to_le_bytes())?;
        self.out.terminate()
    }

    /// How much memory the table holds; the strings go straight to the file.
    pub(super) fn mem_usage(&self) -> usize {
        self.ends.capacity() * WORD
    }
}

/// Reads a file of byte strings.
#[derive(Clone)]
pub(crate) struct Blobs {
    bytes: OwnedBytes,
    /// Where the table of ends starts.
    table: usize,
    len: usize,
}

impl Blobs {
    /// Opens a file; looks at its last bytes only.
    pub(super) fn open(file: &FileSlice) -> io::Result<Self> {
        let bytes = file.read_bytes()?;
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "file of byte strings is cut short");
        let count_at = bytes.len().checked_sub(WORD).ok_or_else(damaged)?;
        let len = usize::try_from(word(&bytes, count_at)).map_err(|_| damaged())?;
        let table = len.checked_mul(WORD).and_then(|size| count_at.checked_sub(size)).ok_or_else(damaged)?;
        Ok(Self { bytes, table, len })
    }

    /// The string of a document; none if the file does not hold it.
    pub(crate) fn get(&self, doc: u32) -> Option<&[u8]> {
        let doc = doc as usize;
        if doc >= self.len {
            return None;
        }
        let end_of = |i: usize| usize::try_from(word(&self.bytes, self.table + i * WORD)).ok();
        let start = if doc == 0 { 0 } else { end_of(doc - 1)? };
        let range: Range<usize> = start..end_of(doc)?;
        self.bytes[..self.table].get(range)
    }
}

/// The number at a place that is known to be in the file.
fn word(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; WORD];
    word.copy_from_slice(&bytes[at..at + WORD]);
    u64::from_le_bytes(word)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tantivy::directory::{Directory, RamDirectory};

    use super::*;

    #[test]
    fn strings_come_back_and_damage_is_no_panic() {
        let dir = RamDirectory::create();
        let path = Path::new("blobs");
        let mut writer = BlobWriter::new(dir.open_write(path).unwrap());
        for s in ["one", "", "drei"] {
            writer.push(s.as_bytes()).unwrap();
        }
        writer.finish().unwrap();
        let file = dir.open_read(path).unwrap();
        let blobs = Blobs::open(&file).unwrap();
        let all: Vec<_> = (0..4).map(|doc| blobs.get(doc)).collect();
        assert_eq!(all, [Some(&b"one"[..]), Some(b""), Some(b"drei"), None]);
        for cut in 0..file.read_bytes().unwrap().len() {
            if let Ok(blobs) = Blobs::open(&file.slice_to(cut)) {
                assert!((0..4).filter_map(|doc| blobs.get(doc)).count() <= 4);
            }
        }
    }
}
