//! A rare term by zones: how the best document of each scores. Its postings are few, so that is found out for each search.

use tantivy::postings::BlockSegmentPostings;

use super::lanes::{Level, ZoneList};
use super::term::NONE;
use crate::exec::bm25::{Bm25, Norms};

/// A term of a query over the zones of a segment.
pub(crate) struct RareTerm {
    /// The highest score in each zone of each level.
    highest: [Box<[f32]>; 3],
}

impl RareTerm {
    /// Reads the documents of a term in a segment of so many documents; without a scoring, all score 1.
    pub(crate) fn new(postings: &mut BlockSegmentPostings, docs: u32, scoring: Option<&(Bm25, Norms)>) -> Self {
        let mut highest = Level::ALL.map(|level| vec![NONE; level.count(docs) as usize].into_boxed_slice());
        while postings.block_len() > 0 {
            let freqs = postings.freqs();
            for (i, doc) in postings.docs().iter().enumerate() {
                // Where an index keeps no frequencies, every document has the term once.
                let freq = freqs.get(i).copied().unwrap_or(1);
                let score = scoring.map_or(1.0, |(bm25, norms)| bm25.score(freq as f32, norms.get(*doc)));
                for (level, highest) in Level::ALL.into_iter().zip(&mut highest) {
                    let zone = &mut highest[(doc / level.size()) as usize];
                    *zone = zone.max(score);
                }
            }
            postings.advance();
        }
        Self { highest }
    }

    /// For each of some zones the highest score of its documents; [`NONE`] where no document has the term.
    pub(crate) fn highest(&self, list: &ZoneList, to: &mut [f32]) {
        let highest = &self.highest[list.level as usize];
        to.iter_mut().zip(list.numbers()).for_each(|(to, number)| *to = highest[*number as usize]);
    }
}

#[cfg(test)]
mod tests {
    use tantivy::schema::{Field, IndexRecordOption, STRING, Schema};
    use tantivy::{Index, TantivyDocument, Term};

    use super::super::lanes::LANES;
    use super::*;

    #[test]
    fn zones_without_a_document_are_known() -> tantivy::Result<()> {
        let mut schema = Schema::builder();
        let word: Field = schema.add_text_field("word", STRING);
        let index = Index::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads(1, 20_000_000)?;
        for doc in 0..2_000 {
            let mut document = TantivyDocument::new();
            document.add_text(word, if [3, 40, 1_999].contains(&doc) { "rare" } else { "other" });
            writer.add_document(document)?;
        }
        writer.commit()?;
        let searcher = index.reader()?.searcher();
        let inverted = searcher.segment_reader(0).inverted_index(word)?;
        let term = Term::from_field_text(word, "rare");
        let mut postings = inverted.read_block_postings(&term, IndexRecordOption::Basic)?.expect("it is there");
        let rare = RareTerm::new(&mut postings, 2_000, None);
        let with = |level| {
            let mut zones = Vec::new();
            for list in ZoneList::all(level, 2_000) {
                let mut highest = [0.0; LANES];
                rare.highest(&list, &mut highest);
                let with = list.numbers().iter().zip(highest).filter(|(_, score)| *score != NONE);
                zones.extend(with.map(|(number, _)| *number));
            }
            zones
        };
        assert_eq!(with(Level::Coarse), [0, 1]);
        assert_eq!(with(Level::Middle), [0, 7]);
        assert_eq!(with(Level::Fine), [0, 1, 62]);
        Ok(())
    }
}
