//! Syntax tree to typed tree.
//!
//! Lucene compiles each node for the type that its consumer wants: a double as a rule, a long below a bit operator, an
//! int where a truth or a shift count is wanted. What that cuts off is visible (`0.5 ? 1 : 2` is 2), so it is done alike.

use datafusion_expr::{Expr, Operator, not};

use super::parser::Node;
use super::syntax_error;
use super::variable::variable;
use crate::error::{Code, Result, did_you_mean};
use crate::plan::expr::{binary, boolean, case, double, long, to_double};
use crate::plan::function::{call, function};
use crate::plan::mapping::Mapping;
use crate::plan::script::{ScriptContext, ScriptSource, ValueType};
use crate::plan::udf::Catalog;

/// What names are bound to, and the source for errors.
pub(super) struct Lowering<'a> {
    pub(super) source: &'a ScriptSource,
    pub(super) context: ScriptContext,
    pub(super) mapping: &'a Mapping,
    pub(super) catalog: &'a Catalog,
}

/// The functions of the language and those of the tree; the rest have the same name in both.
const FUNCTIONS: [(&str, &str); 26] = [
    ("abs", "abs"),
    ("acos", "acos"),
    ("acosh", "acosh"),
    ("asin", "asin"),
    ("asinh", "asinh"),
    ("atan", "atan"),
    ("atan2", "atan2"),
    ("atanh", "atanh"),
    ("ceil", "ceil"),
    ("cos", "cos"),
    ("cosh", "cosh"),
    ("exp", "exp"),
    ("floor", "floor"),
    ("haversin", "haversin"),
    ("haversinMeters", "arc_distance"),
    ("ln", "log"),
    ("log10", "log10"),
    ("logn", "log"),
    ("max", "max"),
    ("min", "min"),
    ("pow", "pow"),
    ("sin", "sin"),
    ("sinh", "sinh"),
    ("sqrt", "sqrt"),
    ("tan", "tan"),
    ("tanh", "tanh"),
];

impl Lowering<'_> {
    /// The node as a double.
    pub(super) fn double(&self, node: &Node<'_>) -> Result<Expr> {
        Ok(match node {
            Node::Number(v) => double(*v),
            Node::Long(v) => double(*v as f64),
            Node::Variable { text, called, start } => variable(self, text, *called, *start)?,
            Node::Call { name, args, start } => self.call(name, args, *start)?,
            Node::Unary("+", a) => self.double(a)?,
            Node::Unary("-", a) => self.negative(a)?,
            Node::Binary(op @ ("+" | "-" | "*" | "/" | "%"), a, b) => {
                let op = match *op {
                    "+" => Operator::Plus,
                    "-" => Operator::Minus,
                    "*" => Operator::Multiply,
                    "/" => Operator::Divide,
                    _ => Operator::Modulo,
                };
                binary(self.double(a)?, op, self.double(b)?)
            }
            Node::Conditional(parts) => {
                let [test, then, otherwise] = &**parts;
                case(self.truth(test)?, self.double(then)?, self.double(otherwise)?)
            }
            Node::Unary(..) | Node::Binary(..) if node.is_boolean() => {
                case(self.truth(node)?, double(1.0), double(0.0))
            }
            Node::Unary(..) | Node::Binary(..) => to_double(self.long(node)?),
        })
    }

    fn negative(&self, node: &Node<'_>) -> Result<Expr> {
        Ok(match self.double(node)? {
            Expr::Literal(datafusion_common::ScalarValue::Float64(Some(v)), _) => double(-v),
            expr => Expr::Negative(Box::new(expr)),
        })
    }

    /// The node as a long, as a bit operator wants it.
    pub(super) fn long(&self, node: &Node<'_>) -> Result<Expr> {
        Ok(match node {
            Node::Long(v) => long(*v),
            Node::Number(v) => long(*v as i64),
            Node::Unary("+", a) => self.long(a)?,
            Node::Unary("~", a) => binary(self.long(a)?, Operator::BitwiseXor, long(-1)),
            Node::Binary("&", a, b) => binary(self.long(a)?, Operator::BitwiseAnd, self.long(b)?),
            Node::Binary("|", a, b) => binary(self.long(a)?, Operator::BitwiseOr, self.long(b)?),
            Node::Binary("^", a, b) => binary(self.long(a)?, Operator::BitwiseXor, self.long(b)?),
            Node::Binary("<<", a, b) => call("int_shl", vec![self.long(a)?, self.int(b)?]),
            Node::Binary(">>", a, b) => call("int_shr", vec![self.long(a)?, self.int(b)?]),
            Node::Binary(">>>", a, b) => call("int_ushr", vec![self.long(a)?, self.int(b)?]),
            Node::Conditional(parts) => {
                let [test, then, otherwise] = &**parts;
                case(self.truth(test)?, self.long(then)?, self.long(otherwise)?)
            }
            _ if node.is_boolean() => case(self.truth(node)?, long(1), long(0)),
            _ => call("to_i64", vec![self.double(node)?]),
        })
    }

    /// The node as an int, as a shift count or a truth wants it.
    fn int(&self, node: &Node<'_>) -> Result<Expr> {
        Ok(match node {
            Node::Long(v) => long(i64::from(*v as i32)),
            Node::Number(v) => long(i64::from(*v as i32)),
            Node::Unary("+", a) => self.int(a)?,
            Node::Unary("~", _) | Node::Binary("&" | "|" | "^" | "<<" | ">>" | ">>>", _, _) => {
                call("wrap_i32", vec![self.long(node)?])
            }
            Node::Conditional(parts) => {
                let [test, then, otherwise] = &**parts;
                case(self.truth(test)?, self.int(then)?, self.int(otherwise)?)
            }
            _ if node.is_boolean() => case(self.truth(node)?, long(1), long(0)),
            _ => call("to_i32", vec![self.double(node)?]),
        })
    }

    /// The node as a boolean: whether it is not 0 as an int.
    pub(super) fn truth(&self, node: &Node<'_>) -> Result<Expr> {
        Ok(match node {
            Node::Unary("!", a) => not(self.truth(a)?),
            Node::Unary("+", a) => self.truth(a)?,
            Node::Binary("&&", a, b) => binary(self.truth(a)?, Operator::And, self.truth(b)?),
            Node::Binary("||", a, b) => binary(self.truth(a)?, Operator::Or, self.truth(b)?),
            Node::Binary(op, a, b) if node.is_boolean() => {
                let op = match *op {
                    "<" => Operator::Lt,
                    "<=" => Operator::LtEq,
                    ">" => Operator::Gt,
                    ">=" => Operator::GtEq,
                    "==" => Operator::Eq,
                    _ => Operator::NotEq,
                };
                binary(self.double(a)?, op, self.double(b)?)
            }
            Node::Conditional(parts) => {
                let [test, then, otherwise] = &**parts;
                case(self.truth(test)?, self.truth(then)?, self.truth(otherwise)?)
            }
            Node::Number(v) => boolean(*v as i32 != 0),
            Node::Long(v) => boolean(*v as i32 != 0),
            _ => binary(self.int(node)?, Operator::NotEq, long(0)),
        })
    }

    fn call(&self, name: &str, args: &[Node<'_>], start: usize) -> Result<Expr> {
        let invalid = |reason: String| {
            syntax_error(self.source, start, format!("Invalid expression '{}': {reason}", self.source.source))
        };
        let Some((_, target)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
            if let Some(profile) = self.catalog.find(name) {
                return self.udf_call(profile, args, start);
            }
            let e = invalid(format!("Unrecognized function call ({name})."));
            let near = did_you_mean(name, FUNCTIONS.iter().map(|(known, _)| *known).chain(self.catalog.names()));
            return Err(match near {
                Some(near) => e.hint(format!("did you mean `{near}`?")),
                None => e,
            });
        };
        let arity = if name == "logn" { 2 } else { function(target).map_or(0, |f| f.args.len()) };
        if args.len() != arity {
            let found = args.len();
            return Err(invalid(format!(
                "Expected ({arity}) arguments for function call ({name}), but found ({found})."
            )));
        }
        let args = args.iter().map(|arg| self.double(arg)).collect::<Result<Vec<_>>>()?;
        if let ("logn", [base, x]) = (name, args.as_slice()) {
            let log = |of: &Expr| call("log", vec![of.clone()]);
            return Ok(binary(log(x), Operator::Divide, log(base)));
        }
        Ok(call(target, args))
    }

    /// The type that a parameter has in the tree, for numbers.
    pub(super) fn parameter(&self, name: &str, start: usize) -> Option<Result<Expr>> {
        let (_, value) = self.source.params.iter().find(|(key, _)| key == name)?;
        Some(match crate::plan::script::parameter(name, value) {
            Some((expr, ValueType::F64)) => Ok(expr),
            Some((expr, ValueType::I64)) => Ok(to_double(expr)),
            _ => Err(super::link_error(
                self.source,
                Code::ScriptCompile,
                start,
                "parse_exception",
                format!("Parameter [{name}] must be a numeric type"),
            )),
        })
    }
}
