//! Values that are the same as simpler ones, bit for bit (of NaN only that it is one).
//!
//! What is left out must not be able to fail. Where a rewriting needs to know between which values its arguments lie, the
//! graph knows: from constants, from the functions' own ranges, and from the columns of the segment that a program is
//! compiled for.

use super::graph::{Arg, Graph, Node};
use super::program::{Arithmetic, Comparison, FunctionRef, Op, Scalar};
use crate::exec::columns::Part;
use crate::plan::function::function;
use crate::plan::interval::{Doubles, Longs, higher, lower};
use crate::plan::script::ValueType;

/// The simpler value, if there is one.
pub(super) fn simplify(node: &Node, graph: &mut Graph) -> Option<Arg> {
    match (&node.op, node.args.as_slice()) {
        (Op::Select, [test, then, otherwise]) => match truth(test) {
            Some(test) => Some(if test { then.clone() } else { otherwise.clone() }),
            None if then == otherwise && is_safe(graph, test) => Some(then.clone()),
            None => {
                turned(graph, test, then, otherwise, node.ty).or_else(|| value_or_default(graph, test, then, otherwise))
            }
        },
        (Op::And, [left, right]) => decided(graph, left, right, false),
        (Op::Or, [left, right]) => decided(graph, left, right, true),
        (Op::Not, [value]) => match operation(graph, value) {
            Some(Node { op: Op::Not, args, .. }) => Some(args[0].clone()),
            _ => None,
        },
        (Op::Check { .. }, [value, present]) => (truth(present) == Some(true)).then(|| value.clone()),
        (Op::Compare(op), [left, right]) => presence(graph, *op, left, right),
        (Op::Load { column, part, guarded }, [null]) => {
            let first = Op::Load { column: *column, part: Part::First, guarded: *guarded };
            is_single_value(graph, *column, *part, node.ty).then(|| graph.add(first, [null.clone()], node.ty))
        }
        (Op::Arithmetic(op), [left, right]) if node.ty == ValueType::F64 => arithmetic(graph, *op, left, right),
        (Op::Call(f), args) => call(graph, f.0.name, args),
        _ => None,
    }
}

/// `if not a then b else c` is `if a then c else b`.
fn turned(graph: &mut Graph, test: &Arg, then: &Arg, otherwise: &Arg, ty: ValueType) -> Option<Arg> {
    let Node { op: Op::Not, args, .. } = operation(graph, test)? else { return None };
    let test = args[0].clone();
    Some(graph.add(Op::Select, [test, otherwise.clone(), then.clone()], ty))
}

/// A column's value where it has one, else a constant: that can stand for null at once.
fn value_or_default(graph: &mut Graph, test: &Arg, then: &Arg, otherwise: &Arg) -> Option<Arg> {
    let Op::Present { column: tested } = operation(graph, test)?.op else { return None };
    let loaded = operation(graph, then)?;
    let (Op::Load { column, part, .. }, ty) = (&loaded.op, loaded.ty) else { return None };
    // The number of values is never null: it is 0.
    let stands_for_null = *part != Part::Count && matches!(otherwise, Arg::Const(_));
    let load = Op::Load { column: *column, part: *part, guarded: false };
    (tested == *column && stands_for_null).then(|| graph.add(load, [otherwise.clone()], ty))
}

fn truth(arg: &Arg) -> Option<bool> {
    match arg {
        Arg::Const(Scalar::Bool(truth)) => Some(*truth),
        Arg::Const(_) | Arg::Node(_) => None,
    }
}

fn number(arg: &Arg) -> Option<f64> {
    match arg {
        Arg::Const(Scalar::F64(number)) => Some(*number),
        Arg::Const(_) | Arg::Node(_) => None,
    }
}

fn operation<'a>(graph: &'a Graph, arg: &Arg) -> Option<&'a Node> {
    match arg {
        Arg::Node(id) => Some(&graph.nodes[*id]),
        Arg::Const(_) => None,
    }
}

/// Whether a value may be left out.
fn is_safe(graph: &Graph, arg: &Arg) -> bool {
    !graph.facts(arg).fallible
}

/// `AND` (decided by false) and `OR` (decided by true) of which one side is known.
fn decided(graph: &Graph, left: &Arg, right: &Arg, by: bool) -> Option<Arg> {
    match (truth(left), truth(right)) {
        (Some(left), _) if left == by => Some(Arg::Const(Scalar::Bool(by))),
        (Some(_), _) => Some(right.clone()),
        (None, Some(right)) if right != by => Some(left.clone()),
        (None, Some(_)) if is_safe(graph, left) => Some(Arg::Const(Scalar::Bool(by))),
        (None, _) => (left == right).then(|| left.clone()),
    }
}

/// `count = 0`, in all its forms, asks whether there is a value.
fn presence(graph: &mut Graph, op: Comparison, left: &Arg, right: &Arg) -> Option<Arg> {
    let (count, op, bound) = match (left, right) {
        (count, Arg::Const(Scalar::I64(bound))) => (count, op, *bound),
        (Arg::Const(Scalar::I64(bound)), count) => (count, op.mirrored(), *bound),
        _ => return None,
    };
    let Op::Load { column, part: Part::Count, .. } = operation(graph, count)?.op else { return None };
    let present = match (op, bound) {
        (Comparison::Eq | Comparison::LtEq, 0) | (Comparison::Lt, 1) => false,
        (Comparison::NotEq | Comparison::Gt, 0) | (Comparison::GtEq, 1) => true,
        (Comparison::Eq, 1) if !graph.columns[column].multi => true,
        _ => return None,
    };
    let value = graph.add(Op::Present { column }, [], ValueType::Bool);
    Some(if present { value } else { graph.add(Op::Not, [value], ValueType::Bool) })
}

/// Whether a part of a column is its first value, since no document has several.
fn is_single_value(graph: &Graph, column: usize, part: Part, ty: ValueType) -> bool {
    let zone = &graph.columns[column];
    let same = match part {
        Part::Max | Part::Median => true,
        // They start to add from 0.0: -0.0 would become that.
        Part::Sum | Part::Avg => !Part::First.bounds(zone, ty).as_doubles().contains(-0.0),
        Part::First | Part::Count | Part::Lat | Part::Lon | Part::Distance(_) | Part::GeoDistance(_) => false,
    };
    same && !zone.multi
}

fn arithmetic(graph: &mut Graph, op: Arithmetic, left: &Arg, right: &Arg) -> Option<Arg> {
    let has_bits = |arg: &Arg, wanted: f64| number(arg).is_some_and(|number| number.to_bits() == wanted.to_bits());
    let may_be = |arg: &Arg, value: f64| graph.facts(arg).value.as_doubles().contains(value);
    match op {
        Arithmetic::Multiply if has_bits(right, 1.0) => Some(left.clone()),
        Arithmetic::Multiply if has_bits(left, 1.0) => Some(right.clone()),
        Arithmetic::Subtract if has_bits(right, 0.0) => Some(left.clone()),
        Arithmetic::Add if has_bits(right, -0.0) => Some(left.clone()),
        Arithmetic::Add if has_bits(left, -0.0) => Some(right.clone()),
        Arithmetic::Add if has_bits(right, 0.0) && !may_be(left, -0.0) => Some(left.clone()),
        Arithmetic::Add if has_bits(left, 0.0) && !may_be(right, -0.0) => Some(right.clone()),
        Arithmetic::Divide => {
            let inverse = exact_inverse(number(right)?)?;
            let inverse = Arg::Const(Scalar::F64(inverse));
            Some(graph.add(Op::Arithmetic(Arithmetic::Multiply), [left.clone(), inverse], ValueType::F64))
        }
        Arithmetic::Multiply | Arithmetic::Subtract | Arithmetic::Add | Arithmetic::Remainder => None,
    }
}

/// The inverse of a power of two: a product with it is rounded as the quotient, since both are the same real number.
fn exact_inverse(x: f64) -> Option<f64> {
    const MANTISSA: u64 = (1 << 52) - 1;
    let inverse = 1.0 / x;
    (x.is_normal() && inverse.is_normal() && x.to_bits() & MANTISSA == 0).then_some(inverse)
}

/// Calls that give one of their arguments, and powers that are something simpler.
fn call(graph: &mut Graph, name: &str, args: &[Arg]) -> Option<Arg> {
    let first = || Some(args[0].clone());
    match name {
        "abs" if is_positive(graph.facts(&args[0]).value.as_doubles()) => first(),
        "min" | "max" => extreme(graph, name == "max", args),
        "wrap_i32" if is_within(graph, &args[0], Longs::INTS) => first(),
        "check_script_score"
        | "check_function_score"
        | "check_script_function"
        | "check_field_value_factor"
        | "nonzero"
        | "not_negative"
        | "not_nan"
        | "not_infinite" => {
            let passes = function(name).is_some_and(|f| !(f.bounds)(&[graph.facts(&args[0]).value]).fails);
            // Of what can fail, the bounds are those of the rows that do not.
            (passes && args.iter().all(|arg| is_safe(graph, arg))).then(first).flatten()
        }
        "pow" => power(graph, &args[0], number(&args[1])?),
        _ => None,
    }
}

fn is_within(graph: &Graph, arg: &Arg, range: Longs) -> bool {
    let value = graph.facts(arg).value.as_longs();
    range.lo <= value.lo && value.hi <= range.hi
}

/// `min` or `max` of two numbers of which one is never beyond the other.
fn extreme(graph: &Graph, greatest: bool, args: &[Arg]) -> Option<Arg> {
    let [a, b] = args else { return None };
    let (x, y) = (graph.facts(a).value.as_doubles(), graph.facts(b).value.as_doubles());
    let beyond = |x: Doubles, y: Doubles| {
        let (x, y) = if greatest { (x, y) } else { (y, x) };
        higher(x.lo, y.hi).to_bits() == x.lo.to_bits() && lower(x.lo, y.hi).to_bits() == y.hi.to_bits()
    };
    if x.nan || y.nan || x.is_empty() || y.is_empty() {
        None
    } else if beyond(x, y) && is_safe(graph, b) {
        Some(a.clone())
    } else if beyond(y, x) && is_safe(graph, a) {
        Some(b.clone())
    } else {
        None
    }
}

/// Powers that `libm::pow` itself computes in another way: its source says so for these exponents.
fn power(graph: &mut Graph, base: &Arg, exponent: f64) -> Option<Arg> {
    let arithmetic =
        |graph: &mut Graph, op, a: Arg| Some(graph.add(Op::Arithmetic(op), [a, base.clone()], ValueType::F64));
    if exponent == 1.0 {
        Some(base.clone())
    } else if exponent == 2.0 {
        arithmetic(graph, Arithmetic::Multiply, base.clone())
    } else if exponent == -1.0 {
        arithmetic(graph, Arithmetic::Divide, Arg::Const(Scalar::F64(1.0)))
    } else if exponent == 0.5 && is_positive(graph.facts(base).value.as_doubles()) {
        let root = function("sqrt").expect("it is a function of the list");
        Some(graph.add(Op::Call(FunctionRef(root)), [base.clone()], ValueType::F64))
    } else {
        None
    }
}

/// Whether all numbers are 0.0 or above.
fn is_positive(x: Doubles) -> bool {
    !x.is_empty() && x.lo.is_sign_positive()
}
