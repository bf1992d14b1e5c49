//! `script`: documents for which a script is true. It sees the candidates that the clauses beside it left, as a batch.

use tantivy::DocId;

use super::{BoxMatcher, Matcher};
use crate::error::Result;
use crate::exec::script::Evaluator;
use crate::exec::segment::SegmentContext;
use crate::exec::window::{Bits, NO_DOC, WINDOW};
use crate::plan::script::ScriptId;

/// Prepares a `script` query.
pub(super) fn matcher(segment: SegmentContext<'_>, script: ScriptId) -> Result<BoxMatcher<'_>> {
    Ok(Box::new(Script::new(segment, script)?))
}

/// Documents for which a script is true.
pub(super) struct Script<'a> {
    evaluator: Evaluator<'a>,
    docs: Vec<DocId>,
    max_doc: DocId,
}

/// What a script costs for each document, compared with a posting: so that clauses from the index come first.
const COST: u64 = 1000;

impl<'a> Script<'a> {
    pub(super) fn new(segment: SegmentContext<'a>, script: ScriptId) -> Result<Self> {
        Ok(Self {
            evaluator: Evaluator::new(segment, script)?,
            docs: Vec::with_capacity(WINDOW as usize),
            max_doc: segment.max_doc(),
        })
    }
}

impl Matcher for Script<'_> {
    fn seek(&mut self, base: DocId) -> DocId {
        if base < self.max_doc { base } else { NO_DOC }
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        self.docs.clear();
        self.docs.extend(candidates.iter().map(|at| base + at));
        if self.docs.is_empty() {
            return Ok(());
        }
        let passes = self.evaluator.booleans(&self.docs)?;
        for (doc, passes) in self.docs.iter().zip(passes) {
            if !passes {
                candidates.remove(doc - base);
            }
        }
        Ok(())
    }

    fn goes_back(&self) -> bool {
        true
    }

    fn keeps_place(&self) -> bool {
        self.evaluator.keeps_place()
    }

    fn cost(&self) -> u64 {
        u64::from(self.max_doc) * COST
    }
}
