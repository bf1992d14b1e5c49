//! The loops over doubles that are compiled for wider vectors, too: see [`widened`].

#![expect(unsafe_code, reason = "a function for certain processors may only be called after asking the processor")]

use super::bounds::{BoundsMachine, ZoneInputs};
use super::ops::{self, Values};
use super::program::{Arithmetic, Comparison};
use crate::plan::function::wide::widened;

widened! {
    /// Arithmetic on doubles.
    doubles(op: Arithmetic, a: Values<'_, f64>, b: Values<'_, f64>, out: &mut [f64]) = ops::doubles;
    /// Comparisons of doubles.
    compare_doubles(op: Comparison, a: Values<'_, f64>, b: Values<'_, f64>, out: &mut [bool]) = ops::compare_doubles;
    /// One double or another.
    select_doubles(test: Values<'_, bool>, then: Values<'_, f64>, otherwise: Values<'_, f64>, out: &mut [f64])
        = ops::select_doubles;
    /// A program over the zones of documents.
    evaluate(machine: &mut BoundsMachine, inputs: &ZoneInputs<'_>) = BoundsMachine::evaluate;
}
