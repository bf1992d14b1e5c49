//! The form of a compiled expression: a straight line of operations over registers, with forward skips.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use smallvec::SmallVec;

use super::bounding::{ClassTable, Curve};
use super::table::Table;
use crate::exec::columns::{Part, Wanted};
use crate::exec::udf::worker_batch_rows;
use crate::plan::function::Function;
use crate::plan::script::ValueType;
use crate::plan::udf::{UdfProfile, UdfRuntime};

/// How many rows a batch has at most: a few registers of doubles stay in the first-level cache.
pub const BATCH_ROWS: usize = 1024;

/// An expression, compiled: runs over batches of documents in a [`Machine`](super::Machine).
#[derive(Debug)]
pub struct Program {
    /// The operations in order of evaluation.
    pub(super) steps: Vec<Step>,
    /// Registers that hold a constant in all rows.
    pub(super) constants: Vec<(Reg, Scalar)>,
    /// How many registers there are of each type.
    pub(super) registers: RegisterCounts,
    /// The columns that are read; loads name them by index.
    pub(super) columns: Vec<ProgramColumn>,
    /// The UDFs that are called; calls name them by index.
    pub(super) udfs: Vec<Arc<UdfProfile>>,
    /// The register of the result.
    pub(super) result: Reg,
    pub(super) uses_score: bool,
    pub(super) filters: usize,
}

impl Program {
    /// The type of the result.
    pub fn result_type(&self) -> ValueType {
        self.result.ty
    }

    /// Whether the program reads `_score`.
    pub fn uses_score(&self) -> bool {
        self.uses_score
    }

    /// How many filters (`_filter.N`) the rows must come with.
    pub fn filters(&self) -> usize {
        self.filters
    }

    /// How many rows a batch should have at most: a call of a worker process pays for the way there and back.
    pub(crate) fn batch_rows(&self) -> usize {
        let rows = |udf: &Arc<UdfProfile>| match udf.runtime {
            UdfRuntime::Wasm { .. } => BATCH_ROWS,
            UdfRuntime::Python { mode, .. } => worker_batch_rows(mode),
        };
        self.udfs.iter().map(rows).fold(BATCH_ROWS, usize::max)
    }

    /// How many operations there are.
    pub(crate) fn steps(&self) -> usize {
        self.steps.len()
    }

    /// Whether the program calls UDFs.
    pub(crate) fn calls_udfs(&self) -> bool {
        !self.udfs.is_empty()
    }

    /// The columns that the program reads.
    pub(crate) fn columns(&self) -> &[ProgramColumn] {
        &self.columns
    }
}

/// A column that a program reads: a field's, or a table by a field's values.
#[derive(Clone, Debug)]
pub(crate) struct ProgramColumn {
    /// The path of the field.
    pub(crate) path: String,
    /// The table.
    pub(crate) table: Option<Arc<Table>>,
}

/// How many registers of each type a program needs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RegisterCounts {
    pub(super) doubles: usize,
    pub(super) longs: usize,
    pub(super) booleans: usize,
    pub(super) strings: usize,
}

impl RegisterCounts {
    /// The count for a type.
    pub(super) fn of(&mut self, ty: ValueType) -> &mut usize {
        match ty {
            ValueType::F64 => &mut self.doubles,
            ValueType::I64 => &mut self.longs,
            ValueType::Bool => &mut self.booleans,
            ValueType::Str => &mut self.strings,
        }
    }
}

/// A register: a column of values, one a row of the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reg {
    pub(super) ty: ValueType,
    pub(super) index: u32,
}

/// What an operation reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operand {
    Reg(Reg),
    Const(Scalar),
}

impl Operand {
    pub(super) fn ty(&self) -> ValueType {
        match self {
            Self::Reg(reg) => reg.ty,
            Self::Const(scalar) => scalar.ty(),
        }
    }
}

/// A constant. Two are the same if they are the same bit for bit: `0.0` is not `-0.0`, NaN is NaN.
#[derive(Clone, Debug)]
pub(super) enum Scalar {
    F64(f64),
    I64(i64),
    Bool(bool),
    Str(Arc<str>),
}

impl Scalar {
    pub(super) fn ty(&self) -> ValueType {
        match self {
            Self::F64(_) => ValueType::F64,
            Self::I64(_) => ValueType::I64,
            Self::Bool(_) => ValueType::Bool,
            Self::Str(_) => ValueType::Str,
        }
    }

    /// The constant as what is looked for in a column.
    pub(super) fn wanted(&self) -> Wanted<'_> {
        match self {
            Self::F64(v) => Wanted::F64(*v),
            Self::I64(v) => Wanted::I64(*v),
            Self::Bool(v) => Wanted::Bool(*v),
            Self::Str(v) => Wanted::Str(v),
        }
    }

    /// What a row without a value holds where nothing else is said.
    pub(super) fn zero(ty: ValueType) -> Self {
        match ty {
            ValueType::F64 => Self::F64(0.0),
            ValueType::I64 => Self::I64(0),
            ValueType::Bool => Self::Bool(false),
            ValueType::Str => Self::Str(Arc::from("")),
        }
    }
}

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::F64(a), Self::F64(b)) => a.to_bits() == b.to_bits(),
            (Self::I64(a), Self::I64(b)) => a == b,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Str(a), Self::Str(b)) => a == b,
            (Self::F64(_) | Self::I64(_) | Self::Bool(_) | Self::Str(_), _) => false,
        }
    }
}

impl Eq for Scalar {}

impl Hash for Scalar {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::F64(v) => (0u8, v.to_bits()).hash(state),
            Self::I64(v) => (1u8, v).hash(state),
            Self::Bool(v) => (2u8, v).hash(state),
            Self::Str(v) => (3u8, v).hash(state),
        }
    }
}

/// One operation: over all rows of the batch.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) op: Op,
    pub(super) args: SmallVec<[Operand; 3]>,
    /// Which rows are active: only they may fail. `None`: all.
    pub(super) mask: Option<Reg>,
    /// Where the value goes; of a check nothing is written, of a skip the register that it clears.
    pub(super) out: Option<Reg>,
}

/// What an operation does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Op {
    /// The score of the inner query.
    Score,
    /// The document's number in the shard.
    Doc,
    /// Whether a filter matches.
    Filter(usize),
    /// A part of a column; its argument is the constant that stands for null. It is `guarded` where no row that lacks a
    /// value is asked for it: then the constant is in the register, but bounds need not contain it.
    Load {
        column: usize,
        part: Part,
        guarded: bool,
    },
    /// Whether a column has a value.
    Present {
        column: usize,
    },
    /// A number for each class of like values of a column: a bound of what a script makes of it.
    Bound {
        column: usize,
        table: ClassTable,
    },
    /// A bound of a function, by the step of its argument, which has no sign.
    Curve(Curve),
    /// Whether a column has the value that is its argument, a constant.
    Contains {
        column: usize,
    },
    /// Fails where its argument, the presence, is false.
    Check {
        site: usize,
    },
    /// `-x`, `NOT x`, long to double, by the types of argument and result.
    Negate,
    Not,
    ToDouble,
    Arithmetic(Arithmetic),
    Bits(Bits),
    Compare(Comparison),
    And,
    /// `a AND NOT b`: the mask of a branch that is taken where a test is false.
    AndNot,
    Or,
    /// `if a then b else c`.
    Select,
    /// A function of the list.
    Call(FunctionRef),
    /// A UDF of the program; a failure is reported at byte `site` of the source.
    Udf {
        udf: usize,
        site: usize,
    },
    /// Skips the next operations where the mask is false in all rows.
    Skip(usize),
}

/// Arithmetic on doubles (IEEE) and longs (wrapping; no division, which can fail).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// Bit operations on longs; shifts take the lowest six bits of the distance, as Java's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Bits {
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
}

/// Comparisons; of doubles as IEEE says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Comparison {
    Eq,
    NotEq,
    Lt,
    LtEq,
    Gt,
    GtEq,
}

impl Comparison {
    /// The comparison with its sides exchanged.
    pub(super) fn mirrored(self) -> Self {
        match self {
            Self::Eq => Self::Eq,
            Self::NotEq => Self::NotEq,
            Self::Lt => Self::Gt,
            Self::LtEq => Self::GtEq,
            Self::Gt => Self::Lt,
            Self::GtEq => Self::LtEq,
        }
    }
}

/// A function of the list; the same if it has the same name.
#[derive(Clone, Copy, Debug)]
pub(super) struct FunctionRef(pub(super) &'static Function);

impl PartialEq for FunctionRef {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for FunctionRef {}

impl Hash for FunctionRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.name.hash(state);
    }
}
