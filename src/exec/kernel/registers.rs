//! The registers of a machine: columns of values, allocated once.

use super::ops::{Texts, Values};
use super::program::{BATCH_ROWS, Operand, Program, Reg, Scalar};
use crate::plan::function::batch::{Batch, BatchMut, StrBatch};
use crate::plan::script::ValueType;

/// All registers of a machine.
#[derive(Debug)]
pub(super) struct Registers {
    doubles: Vec<Vec<f64>>,
    longs: Vec<Vec<i64>>,
    booleans: Vec<Vec<bool>>,
    strings: Vec<Strings>,
}

/// A register of strings: spans of one text.
#[derive(Debug, Default)]
pub(super) struct Strings {
    pub(super) text: String,
    pub(super) spans: Vec<(u32, u32)>,
}

impl Strings {
    /// Replaces all by as many empty strings.
    pub(super) fn clear(&mut self, rows: usize) {
        self.text.clear();
        self.spans.clear();
        self.spans.resize(rows, (0, 0));
    }

    fn batch(&self) -> StrBatch<'_> {
        StrBatch { text: &self.text, spans: &self.spans }
    }
}

/// A type that registers hold by value.
pub(super) trait Lane: Copy + Default {
    /// The registers of this type.
    fn registers(registers: &Registers) -> &[Vec<Self>];
    fn registers_mut(registers: &mut Registers) -> &mut [Vec<Self>];
    /// The constant of this type.
    fn constant(scalar: &Scalar) -> Option<Self>;
}

macro_rules! lane {
    ($ty:ty, $registers:ident, $scalar:ident) => {
        impl Lane for $ty {
            fn registers(registers: &Registers) -> &[Vec<Self>] {
                &registers.$registers
            }

            fn registers_mut(registers: &mut Registers) -> &mut [Vec<Self>] {
                &mut registers.$registers
            }

            fn constant(scalar: &Scalar) -> Option<Self> {
                match scalar {
                    Scalar::$scalar(v) => Some(*v),
                    _ => None,
                }
            }
        }
    };
}

lane!(f64, doubles, F64);
lane!(i64, longs, I64);
lane!(bool, booleans, Bool);

impl Registers {
    /// Registers of so many rows for a program, its constants filled in.
    pub(super) fn new(program: &Program, rows: usize) -> Self {
        let rows = rows.min(BATCH_ROWS);
        let counts = program.registers;
        let mut registers = Self {
            doubles: vec![vec![0.0; rows]; counts.doubles],
            longs: vec![vec![0; rows]; counts.longs],
            booleans: vec![vec![false; rows]; counts.booleans],
            strings: (0..counts.strings).map(|_| Strings::default()).collect(),
        };
        for (reg, constant) in &program.constants {
            let index = reg.index as usize;
            match constant {
                Scalar::F64(v) => registers.doubles[index].fill(*v),
                Scalar::I64(v) => registers.longs[index].fill(*v),
                Scalar::Bool(v) => registers.booleans[index].fill(*v),
                Scalar::Str(v) => {
                    let strings = &mut registers.strings[index];
                    strings.text.push_str(v);
                    strings.spans.resize(rows, (0, v.len() as u32));
                }
            }
        }
        registers
    }

    /// What an operation reads.
    pub(super) fn read<T: Lane>(&self, operand: &Operand, rows: usize) -> Values<'_, T> {
        match operand {
            Operand::Reg(reg) => Values::Each(self.rows(*reg, rows)),
            Operand::Const(scalar) => Values::All(T::constant(scalar).expect("programs are typed")),
        }
    }

    /// What an operation reads of strings.
    pub(super) fn read_strings<'a>(&'a self, operand: &'a Operand) -> Texts<'a> {
        match operand {
            Operand::Reg(reg) => Texts::Each(self.strings[reg.index as usize].batch()),
            Operand::Const(Scalar::Str(s)) => Texts::All(s),
            Operand::Const(_) => unreachable!("programs are typed"),
        }
    }

    /// The first rows of a register.
    pub(super) fn rows<T: Lane>(&self, reg: Reg, rows: usize) -> &[T] {
        &T::registers(self)[reg.index as usize][..rows]
    }

    /// A register as functions and callers take it.
    pub(super) fn batch(&self, reg: Reg, rows: usize) -> Batch<'_> {
        match reg.ty {
            ValueType::F64 => Batch::F64(self.rows(reg, rows)),
            ValueType::I64 => Batch::I64(self.rows(reg, rows)),
            ValueType::Bool => Batch::Bool(self.rows(reg, rows)),
            ValueType::Str => {
                let strings = self.strings[reg.index as usize].batch();
                Batch::Str(StrBatch { text: strings.text, spans: &strings.spans[..rows] })
            }
        }
    }

    /// Fills the first rows of a register, which is taken out meanwhile, from others.
    pub(super) fn write<T: Lane>(&mut self, reg: Reg, rows: usize, fill: impl FnOnce(&Self, &mut [T])) {
        let mut out = std::mem::take(&mut T::registers_mut(self)[reg.index as usize]);
        fill(self, &mut out[..rows]);
        T::registers_mut(self)[reg.index as usize] = out;
    }

    /// Fills a register of strings, which is taken out meanwhile, from others.
    pub(super) fn write_strings<R>(&mut self, reg: Reg, fill: impl FnOnce(&Self, &mut Strings) -> R) -> R {
        let mut out = std::mem::take(&mut self.strings[reg.index as usize]);
        let result = fill(self, &mut out);
        self.strings[reg.index as usize] = out;
        result
    }

    /// Fills a register of any type by a function, as [`Self::write`].
    pub(super) fn write_batch(&mut self, reg: Reg, rows: usize, fill: impl FnOnce(&Self, &mut BatchMut<'_>)) {
        match reg.ty {
            ValueType::F64 => self.write(reg, rows, |from, out| fill(from, &mut BatchMut::F64(out))),
            ValueType::I64 => self.write(reg, rows, |from, out| fill(from, &mut BatchMut::I64(out))),
            ValueType::Bool => self.write(reg, rows, |from, out| fill(from, &mut BatchMut::Bool(out))),
            ValueType::Str => self.write_strings(reg, |from, out| {
                out.text.clear();
                out.spans.clear();
                fill(from, &mut BatchMut::Str(&mut out.text, &mut out.spans));
                // A function that fails may leave rows out.
                out.spans.resize(rows, (0, 0));
            }),
        }
    }
}
