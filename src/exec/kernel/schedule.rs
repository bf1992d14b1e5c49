//! An order of evaluation for the graph: values before their users, branches under a mask.
//!
//! A branch that may fail or calls functions is a scope of its own: its steps follow a skip that jumps over them where no
//! row takes the branch, and its mask says which rows may fail. What is used more than once and cannot fail is computed
//! outside of all branches, so that it is computed once. What can fail is computed again in another scope unless an
//! enclosing one has it, since it is a question of which rows are active.

use smallvec::{SmallVec, smallvec};

use super::graph::{Arg, Graph, NodeId};
use super::program::{Op, Operand, Reg, Scalar, Step};
use crate::plan::script::ValueType;

/// A straight line of steps over as many registers as there are values.
pub(super) struct Schedule {
    pub(super) steps: Vec<Step>,
    pub(super) constants: Vec<(Reg, Scalar)>,
    pub(super) result: Reg,
}

/// Puts what a result needs into order.
pub(super) fn schedule(graph: &Graph, result: &Arg) -> Schedule {
    let mut scheduler = Scheduler {
        graph,
        uses: graph.uses(result),
        done: vec![None; graph.nodes.len()],
        scopes: vec![Scope { steps: Vec::new(), mask: None, done: Vec::new() }],
        constants: Vec::new(),
        registers: 0,
    };
    let result = scheduler.emit(result, OUTERMOST);
    let result = scheduler.in_register(result);
    let Scheduler { mut scopes, constants, .. } = scheduler;
    Schedule { steps: std::mem::take(&mut scopes[OUTERMOST].steps), constants, result }
}

const OUTERMOST: usize = 0;

struct Scheduler<'a> {
    graph: &'a Graph,
    uses: Vec<u32>,
    /// Where the value of a node is, while its scope is open.
    done: Vec<Option<Reg>>,
    scopes: Vec<Scope>,
    constants: Vec<(Reg, Scalar)>,
    registers: u32,
}

struct Scope {
    steps: Vec<Step>,
    mask: Option<Reg>,
    /// The nodes whose values are known in here only.
    done: Vec<NodeId>,
}

impl Scheduler<'_> {
    /// Emits what a value needs, into a scope or an enclosing one.
    fn emit(&mut self, arg: &Arg, scope: usize) -> Operand {
        match arg {
            Arg::Const(scalar) => Operand::Const(scalar.clone()),
            Arg::Node(id) => Operand::Reg(self.emit_node(*id, scope)),
        }
    }

    fn emit_node(&mut self, id: NodeId, scope: usize) -> Reg {
        if let Some(reg) = self.done[id] {
            return reg;
        }
        let graph = self.graph;
        let (node, facts) = (&graph.nodes[id], graph.facts[id]);
        let scope = if self.uses[id] > 1 && !facts.fallible { OUTERMOST } else { scope };
        let reg = match (&node.op, node.args.as_slice()) {
            (Op::Check { .. }, [value, present]) => {
                let value = self.emit(value, scope);
                let present = self.emit(present, scope);
                let present = self.in_register(present);
                self.push(scope, node.op.clone(), smallvec![Operand::Reg(present)], None);
                self.in_register(value)
            }
            (Op::And | Op::Or, [left, right]) => {
                let left = self.emit(left, scope);
                let right = self.emit_branch(right, scope, &left, node.op == Op::And);
                self.compute(scope, node.op.clone(), smallvec![left, right], node.ty)
            }
            (Op::Select, [test, then, otherwise]) => {
                let test = self.emit(test, scope);
                let then = self.emit_branch(then, scope, &test, true);
                let otherwise = self.emit_branch(otherwise, scope, &test, false);
                self.compute(scope, node.op.clone(), smallvec![test, then, otherwise], node.ty)
            }
            (Op::Call(_), args) => {
                let args = args.iter().map(|arg| {
                    let operand = self.emit(arg, scope);
                    Operand::Reg(self.in_register(operand))
                });
                let args = args.collect();
                self.compute(scope, node.op.clone(), args, node.ty)
            }
            (_, args) => {
                let args = args.iter().map(|arg| self.emit(arg, scope)).collect();
                self.compute(scope, node.op.clone(), args, node.ty)
            }
        };
        self.done[id] = Some(reg);
        self.scopes[scope].done.push(id);
        reg
    }

    /// Emits a value that only the rows need where `test` is `taken`.
    fn emit_branch(&mut self, arg: &Arg, scope: usize, test: &Operand, taken: bool) -> Operand {
        let facts = self.graph.facts(arg);
        if !facts.fallible && !facts.calls {
            return self.emit(arg, scope);
        }
        let mask = self.mask(scope, test, taken);
        self.scopes.push(Scope { steps: Vec::new(), mask: Some(mask), done: Vec::new() });
        let value = self.emit(arg, self.scopes.len() - 1);
        let Some(closed) = self.scopes.pop() else { return value };
        for id in closed.done {
            self.done[id] = None;
        }
        if !closed.steps.is_empty() {
            // A string of a batch before must not be read: its text is gone.
            let stale = match &value {
                Operand::Reg(reg) if reg.ty == ValueType::Str => Some(*reg),
                Operand::Reg(_) | Operand::Const(_) => None,
            };
            let stale = stale.filter(|reg| closed.steps.iter().any(|step| step.out == Some(*reg)));
            let skip = Step { op: Op::Skip(closed.steps.len()), args: SmallVec::new(), mask: Some(mask), out: stale };
            self.scopes[scope].steps.push(skip);
            self.scopes[scope].steps.extend(closed.steps);
        }
        value
    }

    /// The rows of a scope where a test is `taken`.
    fn mask(&mut self, scope: usize, test: &Operand, taken: bool) -> Reg {
        let args = match (self.scopes[scope].mask, test, taken) {
            (None, Operand::Reg(test), true) => return *test,
            (None, test, true) => return self.in_register(test.clone()),
            (None, test, false) => return self.compute(scope, Op::Not, smallvec![test.clone()], ValueType::Bool),
            (Some(mask), test, _) => smallvec![Operand::Reg(mask), test.clone()],
        };
        self.compute(scope, if taken { Op::And } else { Op::AndNot }, args, ValueType::Bool)
    }

    fn compute(&mut self, scope: usize, op: Op, args: SmallVec<[Operand; 3]>, ty: ValueType) -> Reg {
        let out = self.register(ty);
        self.push(scope, op, args, Some(out));
        out
    }

    fn push(&mut self, scope: usize, op: Op, args: SmallVec<[Operand; 3]>, out: Option<Reg>) {
        let Scope { steps, mask, .. } = &mut self.scopes[scope];
        let fallible = match &op {
            Op::Check { .. } | Op::Udf { .. } => true,
            Op::Call(function) => function.0.fallible,
            _ => false,
        };
        steps.push(Step { op, args, mask: mask.filter(|_| fallible), out });
    }

    fn register(&mut self, ty: ValueType) -> Reg {
        let index = self.registers;
        self.registers += 1;
        Reg { ty, index }
    }

    /// The value in a register: a constant fills one, once.
    fn in_register(&mut self, operand: Operand) -> Reg {
        let constant = match operand {
            Operand::Reg(reg) => return reg,
            Operand::Const(constant) => constant,
        };
        if let Some((reg, _)) = self.constants.iter().find(|(_, other)| *other == constant) {
            return *reg;
        }
        let reg = self.register(constant.ty());
        self.constants.push((reg, constant));
        reg
    }
}
