//! Runs a program over batches of documents.

use std::sync::Arc;

use smallvec::SmallVec;

use super::program::{BATCH_ROWS, Op, Operand, Program, ProgramColumn, Reg, RegisterCounts, Scalar, Step};
use super::registers::Registers;
use super::step::{check, run_step, skip};
use super::udf::Callees;
use crate::error::{Error, Result};
use crate::exec::columns::{Columns, Cursor};
use crate::exec::context::Deadline;
use crate::exec::udf::Udfs;
use crate::plan::function::batch::{Batch, RowError};

/// The documents of a batch and what is known of them beside their columns.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Their numbers in the segment, ascending, at most [`BATCH_ROWS`].
    pub docs: &'a [u32],
    /// The number of the segment's first document in the shard.
    pub doc_base: u32,
    /// The score of each document; empty where nothing is scored: then scores are 0.
    pub scores: &'a [f32],
    /// For each filter, whether each document matches; as many as [`Program::filters`].
    pub filters: &'a [&'a [bool]],
}

/// Why a batch has no result.
#[derive(Clone, Debug)]
pub enum Failure {
    /// A row failed; it is the first that does.
    Row(RowError),
    /// A UDF failed.
    Udf {
        /// Where in the source, in bytes.
        site: usize,
        /// Why.
        error: Error,
    },
    /// The columns cannot be read.
    Storage(Error),
}

/// A program with its registers, and the columns of a segment.
///
/// All memory is allocated when it is made; a run allocates nothing, but for strings that are longer than any before,
/// and what the UDFs that it calls need.
#[derive(Debug)]
pub struct Machine {
    program: Arc<Program>,
    registers: Registers,
    /// How many rows the registers have.
    rows: usize,
    cursors: Vec<Cursor>,
    pub(super) callees: Callees,
}

impl Machine {
    /// A machine for a program over the documents of a segment.
    ///
    /// # Errors
    /// A column cannot be read.
    pub fn new(program: Arc<Program>, columns: &Columns) -> Result<Self> {
        Self::for_batches(program, columns, BATCH_ROWS)
    }

    /// A machine that takes batches of other than [`BATCH_ROWS`] rows.
    pub(crate) fn for_batches(program: Arc<Program>, columns: &Columns, rows: usize) -> Result<Self> {
        let registers = Registers::new(&program, rows);
        let mut machine = Self { registers, rows, cursors: Vec::new(), callees: Callees::default(), program };
        machine.enter(columns)?;
        Ok(machine)
    }

    /// With what runs the UDFs that the program calls, until a deadline.
    #[must_use]
    pub(crate) fn calling(mut self, udfs: Udfs, deadline: Deadline) -> Self {
        self.callees = Callees::new(udfs, deadline);
        self
    }

    /// Goes on with the documents of another segment; a program with tables is for those of one only.
    ///
    /// # Errors
    /// A column cannot be read.
    pub fn enter(&mut self, columns: &Columns) -> Result<()> {
        let opened = self.program.columns.iter().map(|ProgramColumn { path, table }| match table {
            Some(table) => Ok(Cursor::new(Arc::clone(table.column()))),
            None => columns.column(path).map(Cursor::new),
        });
        self.cursors = opened.collect::<Result<_>>()?;
        Ok(())
    }

    /// The program's value for each row.
    ///
    /// # Errors
    /// A row fails; or the columns cannot be read.
    ///
    /// # Panics
    /// There are more rows than the machine was made for.
    pub fn run(&mut self, rows: &Rows<'_>) -> Result<Batch<'_>, Failure> {
        let count = rows.docs.len();
        assert!(count <= self.rows, "callers cut documents into batches");
        self.cursors.iter_mut().for_each(Cursor::next_batch);
        let mut first = None;
        let mut at = 0;
        while let Some(step) = self.program.steps.get(at) {
            at += 1;
            if let Op::Skip(steps) = step.op {
                at += skip(step, steps, count, &mut self.registers);
            } else if let Op::Udf { udf, site } = step.op {
                // After a row has failed its values are no arguments any more.
                if first.is_some() {
                    break;
                }
                let callee = (udf, &self.program.udfs[udf]);
                let called = self.callees.call(step, callee, count, &mut self.registers);
                called.map_err(|error| Failure::Udf { site, error })?;
            } else if step.out.is_none() {
                check(step, count, &self.registers, &mut first);
            } else {
                run_step(step, rows, &mut self.registers, &mut self.cursors, &mut first).map_err(Failure::Storage)?;
            }
        }
        match first {
            Some(error) => Err(Failure::Row(error)),
            None => Ok(self.registers.batch(self.program.result, count)),
        }
    }
}

/// The value of an operation on constants.
pub(super) fn fold(op: Op, args: SmallVec<[Operand; 3]>, out: Reg) -> Scalar {
    let mut registers = RegisterCounts::default();
    let mut register = |ty| {
        let count = registers.of(ty);
        *count += 1;
        Reg { ty, index: *count as u32 - 1 }
    };
    let result = register(out.ty);
    let mut constants = Vec::new();
    let args = args.into_iter().map(|arg| match arg {
        Operand::Const(scalar) => {
            let reg = register(scalar.ty());
            constants.push((reg, scalar));
            Operand::Reg(reg)
        }
        Operand::Reg(reg) => Operand::Reg(reg),
    });
    let step = Step { op, args: args.collect(), mask: None, out: Some(result) };
    let program = Program {
        steps: vec![step],
        constants,
        registers,
        columns: Vec::new(),
        udfs: Vec::new(),
        result,
        uses_score: false,
        filters: 0,
    };
    let rows = Rows { docs: &[0], doc_base: 0, scores: &[], filters: &[] };
    let registers = Registers::new(&program, 1);
    let mut machine =
        Machine { program: Arc::new(program), registers, rows: 1, cursors: Vec::new(), callees: Callees::default() };
    match machine.run(&rows) {
        Ok(Batch::F64(v)) => Scalar::F64(v[0]),
        Ok(Batch::I64(v)) => Scalar::I64(v[0]),
        Ok(Batch::Bool(v)) => Scalar::Bool(v[0]),
        Ok(Batch::Str(v)) => Scalar::Str(Arc::from(v.get(0))),
        Err(_) => Scalar::zero(out.ty),
    }
}
