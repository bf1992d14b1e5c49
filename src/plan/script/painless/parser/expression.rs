//! Expressions, by precedence climbing.

use super::Parser;
use crate::error::Result;
use crate::plan::script::BRACKET_STEPS;
use crate::plan::script::painless::ast::{Node, NodeKind, Step};
use crate::plan::script::painless::lexer::Kind;

/// Binary operators from loose to tight; all associate to the left.
const LEVELS: [&[&str]; 12] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "===", "!=", "!=="],
    &["instanceof"],
    &["<", "<=", ">", ">="],
    &["<<", ">>", ">>>"],
    &["=~", "==~"],
    &["+", "-"],
    &["*", "/", "%"],
];

const ASSIGNMENTS: [(&str, &str); 11] = [
    ("+=", "+"),
    ("-=", "-"),
    ("*=", "*"),
    ("/=", "/"),
    ("%=", "%"),
    ("&=", "&"),
    ("^=", "^"),
    ("|=", "|"),
    ("<<=", "<<"),
    (">>=", ">>"),
    (">>>=", ">>>"),
];

impl Parser<'_> {
    /// Any expression, assignments included.
    pub(super) fn expression(&mut self) -> Result<Node> {
        self.deeper(BRACKET_STEPS, |parser| {
            let target = parser.elvis()?;
            let at = target.at;
            let Kind::Symbol(symbol) = parser.peek() else { return Ok(target) };
            let op = match ASSIGNMENTS.iter().find(|(assignment, _)| assignment == symbol) {
                Some((_, op)) => Some(*op),
                None if *symbol == "=" => None,
                None => return Ok(target),
            };
            parser.next();
            let value = parser.expression()?;
            Ok(Node { at, kind: NodeKind::Assign(Box::new(target), op, Box::new(value)) })
        })
    }

    pub(super) fn parenthesised(&mut self) -> Result<Node> {
        self.expect("(")?;
        let inner = self.expression()?;
        self.expect(")")?;
        Ok(inner)
    }

    fn elvis(&mut self) -> Result<Node> {
        let left = self.conditional()?;
        if !self.take("?:") {
            return Ok(left);
        }
        let right = self.deeper(1, Self::elvis)?;
        Ok(Node { at: left.at, kind: NodeKind::Elvis(Box::new(left), Box::new(right)) })
    }

    fn conditional(&mut self) -> Result<Node> {
        let test = self.binary(0)?;
        if !self.take("?") {
            return Ok(test);
        }
        let then = self.expression()?;
        self.expect(":")?;
        let otherwise = self.deeper(1, Self::conditional)?;
        Ok(Node { at: test.at, kind: NodeKind::Conditional(Box::new([test, then, otherwise])) })
    }

    /// An expression of operators that bind at least as tightly as `LEVELS[level]`.
    fn binary(&mut self, level: usize) -> Result<Node> {
        let depth = self.depth;
        let mut left = self.unary()?;
        while let Some((found, op)) = self.operator(level) {
            self.next();
            let at = left.at;
            // The left side grows by a level each time.
            self.depth += 1;
            if op == "instanceof" {
                let class = self.deeper(1, Self::type_name)?;
                left = Node { at, kind: NodeKind::InstanceOf(Box::new(left), class) };
                continue;
            }
            let right = self.deeper(1, |parser| parser.binary(found + 1))?;
            let kind = match op {
                "=~" | "==~" => NodeKind::Other("a regular expression"),
                _ => NodeKind::Binary(op, Box::new(left), Box::new(right)),
            };
            left = Node { at, kind };
        }
        self.depth = depth;
        Ok(left)
    }

    /// The binary operator that comes next, with its level, if it binds tightly enough.
    fn operator(&self, level: usize) -> Option<(usize, &'static str)> {
        let Kind::Symbol(op) = self.peek() else { return None };
        let found = LEVELS.iter().position(|ops| ops.contains(op))?;
        (found >= level).then_some((found, op))
    }

    fn unary(&mut self) -> Result<Node> {
        let at = self.start();
        match self.peek() {
            Kind::Symbol(op @ ("++" | "--")) => {
                let by = if *op == "++" { 1 } else { -1 };
                self.next();
                let target = Box::new(self.chain()?);
                Ok(Node { at, kind: NodeKind::Increment(target, Step { by, value_before: false }) })
            }
            Kind::Symbol(op @ ("!" | "~" | "+" | "-")) => {
                let op = *op;
                self.next();
                // A minus belongs to the number after it, so that the least numbers can be written.
                if let (Kind::Number(text), "-") = (self.peek(), op) {
                    let negative = format!("-{text}");
                    if let Ok(kind) = self.number(&negative, at) {
                        self.next();
                        return self.postfix(Node { at, kind });
                    }
                }
                let operand = Box::new(self.deeper(1, Self::unary)?);
                Ok(Node { at, kind: NodeKind::Unary(op, operand) })
            }
            Kind::Symbol("(") if self.cast_follows() => {
                self.next();
                let ty = self.type_name()?;
                self.expect(")")?;
                let operand = Box::new(self.deeper(1, Self::unary)?);
                Ok(Node { at, kind: NodeKind::Cast(ty, operand) })
            }
            _ => {
                let target = self.chain()?;
                let by = match self.peek() {
                    Kind::Symbol("++") => 1,
                    Kind::Symbol("--") => -1,
                    _ => return Ok(target),
                };
                self.next();
                Ok(Node { at, kind: NodeKind::Increment(Box::new(target), Step { by, value_before: true }) })
            }
        }
    }

    /// `(int) x` and `(String) x` are casts, `(x) + 1` and `(x)` are not.
    fn cast_follows(&self) -> bool {
        let Some(length) = self.type_length(1) else { return false };
        if self.peek_at(1 + length) != &Kind::Symbol(")") {
            return false;
        }
        match (self.peek_at(1), self.peek_at(2 + length)) {
            (Kind::Type(_), _) => true,
            (_, Kind::Number(_) | Kind::Text(_) | Kind::Regex | Kind::Name(_)) => true,
            (Kind::Name(name), Kind::Symbol("(" | "[")) => name.starts_with(|c: char| c.is_ascii_uppercase()),
            (_, Kind::Symbol("!" | "~" | "new" | "true" | "false" | "null")) => true,
            _ => false,
        }
    }
}
