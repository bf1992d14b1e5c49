//! BM25 as Lucene 10 computes it: same formula, same precision, without the factor k1 + 1.

use tantivy::DocId;
use tantivy::directory::OwnedBytes;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::index::SegmentReader;
use tantivy::schema::Field;

use crate::exec::index::segment::FieldStats;

/// How fast the score saturates with the frequency.
const K1: f32 = 1.2;
/// How much the length of a field counts.
const B: f32 = 0.75;

/// The score of a term or phrase, prepared: a table over the 256 length norms.
#[derive(Debug)]
pub(crate) struct Bm25 {
    weight: f32,
    /// 1 / (k1 * (1 - b + b * length / average length)), by norm.
    inverse: Box<[f32; 256]>,
}

impl Bm25 {
    /// Prepares the score of terms that are looked for together: one, or those of a phrase.
    pub(crate) fn new(field: FieldStats, doc_freqs: impl IntoIterator<Item = u64>) -> Self {
        let weight = doc_freqs.into_iter().map(|n| idf(field.docs, n)).sum::<f64>() as f32;
        let average = if field.docs == 0 { 1.0 } else { (field.tokens as f64 / field.docs as f64) as f32 };
        let mut inverse = Box::new([0.0; 256]);
        for (norm, inverse) in (0..=u8::MAX).zip(inverse.iter_mut()) {
            let length = FieldNormReader::id_to_fieldnorm(norm) as f32;
            *inverse = 1.0 / (K1 * ((1.0 - B) + B * length / average));
        }
        Self { weight, inverse }
    }

    /// A score that no document exceeds, however often it has the term.
    pub(crate) fn limit(&self) -> f32 {
        self.weight
    }

    /// The score of a document by the frequency of the term in it and its length norm.
    #[inline]
    pub(crate) fn score(&self, freq: f32, norm: u8) -> f32 {
        self.weight - self.weight / (1.0 + freq * self.inverse[usize::from(norm)])
    }
}

impl Bm25 {
    /// The scores of a block of documents, by their frequencies; in loops of which all but the table look-ups vectorise.
    #[inline]
    pub(crate) fn score_block(&self, docs: &[DocId], freqs: &[u32], norms: &Norms, out: &mut [f32]) {
        match norms {
            Norms::Bytes(bytes) => {
                let bytes = bytes.as_slice();
                for (out, doc) in out.iter_mut().zip(docs) {
                    *out = self.inverse[usize::from(bytes.get(*doc as usize).copied().unwrap_or(0))];
                }
            }
            Norms::One => out.fill(self.inverse[1]),
        }
        for (out, freq) in out.iter_mut().zip(freqs) {
            // Frequencies are below 2^31; signed integers convert faster.
            *out *= *freq as i32 as f32;
        }
        for out in out.iter_mut() {
            *out = self.weight - self.weight / (1.0 + *out);
        }
    }
}

/// A term's inverse document frequency, rounded to a float as in Lucene.
fn idf(doc_count: u64, doc_freq: u64) -> f64 {
    let (all, with) = (doc_count as f64, doc_freq as f64);
    f64::from((1.0 + (all - with + 0.5) / (with + 0.5)).ln() as f32)
}

/// The length norms of a field.
#[derive(Clone)]
pub(crate) enum Norms {
    /// A byte for each document.
    Bytes(OwnedBytes),
    /// The field has none: every document counts as one term long.
    One,
}

impl Norms {
    /// The norms of a field of a segment.
    pub(crate) fn open(reader: &SegmentReader, field: Field) -> tantivy::Result<Self> {
        match reader.fieldnorms_readers().get_inner_file().open_read(field) {
            Some(file) => Ok(Self::Bytes(file.read_bytes()?)),
            None => Ok(Self::One),
        }
    }

    /// The norm of a document.
    #[inline]
    pub(crate) fn get(&self, doc: DocId) -> u8 {
        match self {
            Self::Bytes(bytes) => bytes.get(doc as usize).copied().unwrap_or(0),
            Self::One => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_lucenes() {
        // N = 10, n = 3: idf = ln(1 + 7.5 / 3.5); length 4 of 5 on average, frequency 2.
        let bm25 = Bm25::new(FieldStats { docs: 10, tokens: 50 }, [3]);
        let expected = (1.0f64 + 7.5 / 3.5).ln() * (2.0 / (2.0 + 1.2 * (0.25 + 0.75 * 4.0 / 5.0)));
        assert!((f64::from(bm25.score(2.0, 4)) / expected - 1.0).abs() < 1e-6);
        assert_eq!(FieldNormReader::id_to_fieldnorm(1), 1);
    }
}
