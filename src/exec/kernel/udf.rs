//! Calls of deployed UDFs by a machine: an instance of each, made when it is first called.

use std::sync::Arc;

use smallvec::SmallVec;

use super::program::{Operand, Scalar, Step};
use super::registers::Registers;
use crate::error::Result;
use crate::exec::context::Deadline;
use crate::exec::udf::{Calls, Input, Instance, Udfs};
use crate::plan::function::batch::{Batch, StrBatch};
use crate::plan::udf::UdfProfile;

/// What a machine calls.
#[derive(Debug, Default)]
pub(super) struct Callees {
    udfs: Udfs,
    deadline: Deadline,
    /// For each UDF of the program: what runs it, from the first call on.
    pub(super) instances: Vec<Option<Box<dyn Instance>>>,
}

impl Callees {
    /// Nothing is called yet; all of it ends by a deadline.
    pub(super) fn new(udfs: Udfs, deadline: Deadline) -> Self {
        Self { udfs, deadline, instances: Vec::new() }
    }

    /// Runs a step that calls UDF number `udf` of the program for all active rows.
    pub(super) fn call(
        &mut self,
        step: &Step,
        (udf, profile): (usize, &Arc<UdfProfile>),
        rows: usize,
        registers: &mut Registers,
    ) -> Result<()> {
        let Some(out) = step.out else { return Ok(()) };
        let deadline = self.deadline;
        let instance = self.instance(udf, profile)?;
        let mut result = Ok(());
        registers.write_batch(out, rows, |from, out| {
            // Each argument has room for the one span of a constant string.
            let spans: SmallVec<[[(u32, u32); 1]; 8]> = step.args.iter().map(|arg| [constant_span(arg)]).collect();
            let args = step.args.iter().zip(&spans);
            let inputs: SmallVec<[Input<'_>; 8]> = args.map(|(arg, span)| input(arg, span, rows, from)).collect();
            let calls = Calls { rows, active: step.mask.map(|mask| from.rows(mask, rows)), deadline };
            result = instance.call(calls, &inputs, out);
        });
        result
    }

    fn instance(&mut self, udf: usize, profile: &Arc<UdfProfile>) -> Result<&mut Box<dyn Instance>> {
        if self.instances.len() <= udf {
            self.instances.resize_with(udf + 1, || None);
        }
        match &mut self.instances[udf] {
            Some(instance) => Ok(instance),
            none => Ok(none.insert(self.udfs.instance(profile)?)),
        }
    }
}

fn constant_span(arg: &Operand) -> (u32, u32) {
    match arg {
        Operand::Const(Scalar::Str(s)) => (0, s.len() as u32),
        Operand::Const(Scalar::F64(_) | Scalar::I64(_) | Scalar::Bool(_)) | Operand::Reg(_) => (0, 0),
    }
}

fn input<'a>(arg: &'a Operand, span: &'a [(u32, u32); 1], rows: usize, registers: &'a Registers) -> Input<'a> {
    match arg {
        Operand::Reg(reg) => Input::Each(registers.batch(*reg, rows)),
        Operand::Const(Scalar::F64(v)) => Input::Same(Batch::F64(std::slice::from_ref(v))),
        Operand::Const(Scalar::I64(v)) => Input::Same(Batch::I64(std::slice::from_ref(v))),
        Operand::Const(Scalar::Bool(v)) => Input::Same(Batch::Bool(std::slice::from_ref(v))),
        Operand::Const(Scalar::Str(text)) => Input::Same(Batch::Str(StrBatch { text, spans: span })),
    }
}
