//! A test of one column, answered by the class of each document's value where the class tells: only the others are asked.
//!
//! Documents fall into at most 256 classes of like values ([`Classes`](crate::exec::columns::Classes)). Interval arithmetic
//! says of a class whether all of its documents pass, none, or whether that is open; where one could fail, it is open.

use std::sync::Arc;

use tantivy::DocId;

use crate::error::Result;
use crate::exec::columns::{CLASSES, Classes, value_type};
use crate::exec::kernel::{BoundsMachine, Program, ProgramColumn, ZoneInputs};
use crate::exec::segment::SegmentContext;
use crate::exec::zones::{ColumnLanes, ColumnZone, LANES, Lanes};
use crate::plan::interval::{Interval, Longs};
use crate::plan::query::Answer;

/// The answers of a test, by class.
#[derive(Debug)]
pub(super) struct ClassAnswers {
    classes: Arc<Classes>,
    by_class: Box<[Answer; CLASSES]>,
    /// Of the documents that were looked up last, what their classes tell, and what is found in the end.
    known: Vec<Answer>,
    found: Vec<bool>,
    /// Those that are open, and their places among them.
    open: Vec<DocId>,
    places: Vec<usize>,
}

impl ClassAnswers {
    /// Prepares the answers of a program in a segment; none where it does not read just one column that has classes.
    pub(super) fn new(segment: SegmentContext<'_>, program: &Arc<Program>) -> Result<Option<Self>> {
        let [ProgramColumn { path, table: None }] = program.columns() else { return Ok(None) };
        let ty = value_type(segment.mapping, path);
        let (Some(ty), false) = (ty, program.uses_score() || program.calls_udfs()) else { return Ok(None) };
        let zones = segment.zones(path, ty)?;
        let column = segment.segment.columns(segment.mapping).column(path)?;
        let Some(classes) = column.classes(zones.class_values()) else { return Ok(None) };
        let all: Option<Vec<ColumnZone>> = classes.classes().iter().map(|class| zones.class(class)).collect();
        let Some(all) = all else { return Ok(None) };
        let mut by_class = Box::new([Answer::Open; CLASSES]);
        let mut machine = BoundsMachine::new(Arc::clone(program));
        let scores = Lanes::of(Interval::doubles(0.0, 0.0));
        for (answers, zones) in by_class.chunks_mut(LANES).zip(all.chunks(LANES)) {
            // What zones know of points are doubles, whatever the field's type.
            let columns = [ColumnLanes::of(zones[0].values.ty(), zones)];
            let docs = |_| Longs::new(0, i64::MAX);
            let inputs =
                ZoneInputs { zones: zones.len(), columns: &columns, scores: &scores, filters: &[], docs: &docs };
            let results = machine.run(&inputs);
            for (lane, answer) in answers.iter_mut().enumerate().take(zones.len()) {
                let bounds = results.zone(lane);
                *answer = match bounds.value {
                    Interval::Bool { no: false, yes: true } if !bounds.fails => Answer::Yes,
                    Interval::Bool { no: true, yes: false } if !bounds.fails => Answer::No,
                    _ => Answer::Open,
                };
            }
        }
        let is_told = by_class.iter().any(|answer| *answer != Answer::Open);
        Ok(is_told.then(|| Self {
            classes: Arc::clone(classes),
            by_class,
            known: Vec::new(),
            found: Vec::new(),
            open: Vec::new(),
            places: Vec::new(),
        }))
    }

    /// Looks documents up; those that are open.
    pub(super) fn look_up(&mut self, docs: &[DocId]) -> &[DocId] {
        self.known.resize(docs.len(), Answer::Open);
        self.classes.look_up(docs, &self.by_class, &mut self.known);
        self.found.clear();
        self.found.extend(self.known.iter().map(|answer| *answer == Answer::Yes));
        self.open.clear();
        self.places.clear();
        for (place, (doc, answer)) in docs.iter().zip(&self.known).enumerate() {
            if *answer == Answer::Open {
                self.open.push(*doc);
                self.places.push(place);
            }
        }
        &self.open
    }

    /// Takes the answers of those that are open.
    pub(super) fn take(&mut self, asked: &[bool]) {
        self.places.iter().zip(asked).for_each(|(place, passes)| self.found[*place] = *passes);
    }

    /// Whether each document passes.
    pub(super) fn found(&self) -> &[bool] {
        &self.found
    }

    /// Whether too many are open for looking up to pay.
    pub(super) fn are_mostly_open(&self) -> bool {
        2 * self.open.len() > self.known.len()
    }
}
