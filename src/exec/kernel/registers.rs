//! The registers of a machine: columns of values, allocated once.

use super::ops::{Texts, Values};
use super::program::{Operand, Program, Reg, Scalar};
use crate::exec::columns::Doubles;
use crate::plan::function::batch::{Batch, BatchMut, StrBatch};
use crate::plan::script::ValueType;

/// All registers of a machine.
#[derive(Debug)]
pub(super) struct Registers {
    doubles: Vec<Register<f64>>,
    /// For each register of doubles: where its values are, if not in it.
    in_place: Vec<Option<Doubles>>,
    longs: Vec<Register<i64>>,
    booleans: Vec<Register<bool>>,
    strings: Vec<Strings>,
}

/// A register of values that begin on a cache line: a vector that lies across two lines costs double.
#[derive(Debug, Default)]
pub(super) struct Register<T> {
    values: Vec<T>,
    start: usize,
}

/// The bytes of a cache line.
const LINE: usize = 64;

impl<T: Copy + Default> Register<T> {
    fn new(rows: usize) -> Self {
        let values = vec![T::default(); rows + LINE / size_of::<T>()];
        let start = values.as_ptr().align_offset(LINE).min(values.len() - rows);
        Self { values, start }
    }

    fn rows(&self, rows: usize) -> &[T] {
        &self.values[self.start..self.start + rows]
    }

    fn rows_mut(&mut self, rows: usize) -> &mut [T] {
        &mut self.values[self.start..self.start + rows]
    }
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
    /// The first rows of a register.
    fn rows(registers: &Registers, reg: Reg, rows: usize) -> &[Self];
    /// A register to be overwritten.
    fn register_mut(registers: &mut Registers, reg: Reg) -> &mut Register<Self>;
    /// The constant of this type.
    fn constant(scalar: &Scalar) -> Option<Self>;
}

impl Lane for f64 {
    fn rows(registers: &Registers, reg: Reg, rows: usize) -> &[Self] {
        let index = reg.index as usize;
        match &registers.in_place[index] {
            Some(values) => values.first(rows),
            None => registers.doubles[index].rows(rows),
        }
    }

    fn register_mut(registers: &mut Registers, reg: Reg) -> &mut Register<Self> {
        registers.in_place[reg.index as usize] = None;
        &mut registers.doubles[reg.index as usize]
    }

    fn constant(scalar: &Scalar) -> Option<Self> {
        if let Scalar::F64(v) = scalar { Some(*v) } else { None }
    }
}

impl Lane for i64 {
    fn rows(registers: &Registers, reg: Reg, rows: usize) -> &[Self] {
        registers.longs[reg.index as usize].rows(rows)
    }

    fn register_mut(registers: &mut Registers, reg: Reg) -> &mut Register<Self> {
        &mut registers.longs[reg.index as usize]
    }

    fn constant(scalar: &Scalar) -> Option<Self> {
        if let Scalar::I64(v) = scalar { Some(*v) } else { None }
    }
}

impl Lane for bool {
    fn rows(registers: &Registers, reg: Reg, rows: usize) -> &[Self] {
        registers.booleans[reg.index as usize].rows(rows)
    }

    fn register_mut(registers: &mut Registers, reg: Reg) -> &mut Register<Self> {
        &mut registers.booleans[reg.index as usize]
    }

    fn constant(scalar: &Scalar) -> Option<Self> {
        if let Scalar::Bool(v) = scalar { Some(*v) } else { None }
    }
}

impl Registers {
    /// Registers of so many rows for a program, its constants filled in.
    pub(super) fn new(program: &Program, rows: usize) -> Self {
        let counts = program.registers;
        let mut registers = Self {
            doubles: (0..counts.doubles).map(|_| Register::new(rows)).collect(),
            in_place: vec![None; counts.doubles],
            longs: (0..counts.longs).map(|_| Register::new(rows)).collect(),
            booleans: (0..counts.booleans).map(|_| Register::new(rows)).collect(),
            strings: (0..counts.strings).map(|_| Strings::default()).collect(),
        };
        for (reg, constant) in &program.constants {
            let index = reg.index as usize;
            match constant {
                Scalar::F64(v) => registers.doubles[index].rows_mut(rows).fill(*v),
                Scalar::I64(v) => registers.longs[index].rows_mut(rows).fill(*v),
                Scalar::Bool(v) => registers.booleans[index].rows_mut(rows).fill(*v),
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
        T::rows(self, reg, rows)
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
        let mut out = std::mem::take(T::register_mut(self, reg));
        fill(self, out.rows_mut(rows));
        *T::register_mut(self, reg) = out;
    }

    /// Lets a register stand for values that are elsewhere.
    pub(super) fn point(&mut self, reg: Reg, values: Doubles) {
        self.in_place[reg.index as usize] = Some(values);
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
