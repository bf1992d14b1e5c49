//! What a script that reads one column of strings answers for each term of the column's dictionary.
//!
//! It is evaluated once for each term, not for each document. A term for which it fails stays open: the script is asked
//! again for the documents that have it, so that only those raise the error.

use std::sync::Arc;

use crate::error::Result;
use crate::exec::columns::{Column, Columns};
use crate::exec::kernel::{BATCH_ROWS, Failure, Machine, Program, Rows};
use crate::plan::function::batch::Batch;
use crate::plan::query::Answer;

/// The answers of a script by ordinal, and for documents without a value.
#[derive(Debug)]
pub(crate) struct TermTable {
    answers: Vec<Answer>,
    missing: Answer,
}

/// A dictionary of more terms than this is not asked as a whole.
const MAX_TERMS: usize = 1 << 16;

/// After so many failures whatever was not asked stays open.
const MAX_FAILURES: usize = 64;

impl TermTable {
    /// Asks a script about all terms of a column; none where that costs more than asking it about the documents.
    pub(crate) fn new(program: &Arc<Program>, path: &str, column: &Column, documents: u32) -> Result<Option<Self>> {
        let Some(terms) = column.terms().filter(|terms| *terms <= MAX_TERMS.min(documents as usize)) else {
            return Ok(None);
        };
        let Some(dictionary) = column.dictionary() else { return Ok(None) };
        let mut answers = vec![Answer::Open; terms];
        let mut failures = 0;
        let mut machine = Machine::new(Arc::clone(program), &Columns::from_columns([(path.to_owned(), dictionary)]))?;
        let ordinals: Vec<u32> = (0..terms as u32).collect();
        for (ordinals, answers) in ordinals.chunks(BATCH_ROWS).zip(answers.chunks_mut(BATCH_ROWS)) {
            ask(&mut machine, ordinals, answers, &mut failures)?;
        }
        let mut missing = [Answer::Open];
        let mut machine = Machine::new(Arc::clone(program), &Columns::from_columns([]))?;
        ask(&mut machine, &[0], &mut missing, &mut 0)?;
        Ok(Some(Self { answers, missing: missing[0] }))
    }

    /// The answer for an ordinal.
    pub(crate) fn answer(&self, ordinal: u64) -> Answer {
        self.answers.get(ordinal as usize).copied().unwrap_or(Answer::Open)
    }

    /// The answer for documents without a value.
    pub(crate) fn missing(&self) -> Answer {
        self.missing
    }

    /// The ordinals for which the script is true.
    pub(crate) fn holds(&self) -> impl Iterator<Item = u64> {
        (0..).zip(&self.answers).filter(|(_, answer)| **answer == Answer::Yes).map(|(ordinal, _)| ordinal)
    }

    /// Whether the script still has to be asked for some document of the column.
    pub(crate) fn asks(&self, column: &Column) -> bool {
        self.answers.contains(&Answer::Open) || (self.missing == Answer::Open && !column.is_full())
    }
}

/// Asks about some rows; those that fail stay open.
fn ask(machine: &mut Machine, mut docs: &[u32], mut answers: &mut [Answer], failures: &mut usize) -> Result<()> {
    while !docs.is_empty() && *failures <= MAX_FAILURES {
        let rows = |docs| Rows { docs, doc_base: 0, scores: &[], filters: &[] };
        let failed = match machine.run(&rows(docs)) {
            Ok(Batch::Bool(values)) => {
                for (answer, value) in answers.iter_mut().zip(values) {
                    *answer = if *value { Answer::Yes } else { Answer::No };
                }
                return Ok(());
            }
            Ok(_) => return Ok(()),
            Err(Failure::Storage(error)) => return Err(error),
            Err(Failure::Udf { .. }) => return Ok(()),
            Err(Failure::Row(error)) => error.row.min(docs.len() - 1),
        };
        *failures += 1;
        // What comes before the first failure is asked again, without it.
        if let Ok(Batch::Bool(values)) = machine.run(&rows(&docs[..failed])) {
            for (answer, value) in answers.iter_mut().zip(values) {
                *answer = if *value { Answer::Yes } else { Answer::No };
            }
        }
        docs = &docs[failed + 1..];
        answers = &mut answers[failed + 1..];
    }
    Ok(())
}
