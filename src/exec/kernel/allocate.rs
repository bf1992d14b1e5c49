//! Few registers for many values: a register is free again after the last use of its value.
//!
//! The result of an operation never gets the register of an argument: the machine takes it out while the loop runs.

use std::collections::HashMap;

use super::program::{Op, Operand, Reg, RegisterCounts};
use super::schedule::Schedule;
use crate::plan::script::ValueType;

/// Renames the registers of a schedule, and says how many there are.
pub(super) fn allocate(schedule: &mut Schedule) -> RegisterCounts {
    let last_uses = last_uses(schedule);
    let mut pool = Pool::default();
    for (reg, _) in &mut schedule.constants {
        *reg = pool.take(*reg);
    }
    for (at, step) in schedule.steps.iter_mut().enumerate() {
        let reads: Vec<Reg> = reads(&step.args, step.mask).collect();
        let skip = matches!(step.op, Op::Skip(_));
        if let Some(out) = step.out.filter(|_| !skip) {
            step.out = Some(pool.take(out));
            if !last_uses.contains_key(&out) {
                pool.free(out);
            }
        }
        for arg in &mut step.args {
            if let Operand::Reg(reg) = arg {
                *reg = pool.name(*reg);
            }
        }
        step.mask = step.mask.map(|mask| pool.name(mask));
        for reg in reads {
            if last_uses.get(&reg) == Some(&at) {
                pool.free(reg);
            }
        }
    }
    // What a skip clears gets its name only afterwards.
    for step in schedule.steps.iter_mut().filter(|step| matches!(step.op, Op::Skip(_))) {
        step.out = step.out.map(|out| pool.name(out));
    }
    schedule.result = pool.name(schedule.result);
    pool.counts
}

fn reads(args: &[Operand], mask: Option<Reg>) -> impl Iterator<Item = Reg> {
    let args = args.iter().filter_map(|arg| match arg {
        Operand::Reg(reg) => Some(*reg),
        Operand::Const(_) => None,
    });
    args.chain(mask)
}

/// The step that uses a register last. Constants and the result are used to the end.
fn last_uses(schedule: &Schedule) -> HashMap<Reg, usize> {
    let mut last = HashMap::new();
    for (at, step) in schedule.steps.iter().enumerate() {
        last.extend(reads(&step.args, step.mask).map(|reg| (reg, at)));
    }
    last.insert(schedule.result, usize::MAX);
    last.extend(schedule.constants.iter().map(|(reg, _)| (*reg, usize::MAX)));
    last
}

#[derive(Default)]
struct Pool {
    counts: RegisterCounts,
    names: HashMap<Reg, Reg>,
    free: HashMap<ValueType, Vec<Reg>>,
}

impl Pool {
    fn take(&mut self, reg: Reg) -> Reg {
        let name = self.free.get_mut(&reg.ty).and_then(Vec::pop).unwrap_or_else(|| {
            let count = self.counts.of(reg.ty);
            *count += 1;
            Reg { ty: reg.ty, index: *count as u32 - 1 }
        });
        self.names.insert(reg, name);
        name
    }

    fn name(&self, reg: Reg) -> Reg {
        self.names[&reg]
    }

    fn free(&mut self, reg: Reg) {
        let name = self.name(reg);
        let free = self.free.entry(reg.ty).or_default();
        if !free.contains(&name) {
            free.push(name);
        }
    }
}
