//! Tokens to a syntax tree, by precedence climbing.

use super::lexer::{Kind, Token, position, tokens};
use super::syntax_error;
use crate::error::{Code, Error, Result};
use crate::plan::script::{BRACKET_STEPS, MAX_DEPTH, ScriptSource};

/// A part of a source.
#[derive(Debug)]
pub(super) enum Node<'a> {
    Number(f64),
    Long(i64),
    /// A variable, and whether `()` follows, as in `doc['views'].max()`.
    Variable {
        text: &'a str,
        called: bool,
        start: usize,
    },
    Call {
        name: &'a str,
        args: Vec<Self>,
        start: usize,
    },
    Unary(&'static str, Box<Self>),
    Binary(&'static str, Box<Self>, Box<Self>),
    Conditional(Box<[Self; 3]>),
}

impl Node<'_> {
    /// Whether it gives true or false (as 1 or 0).
    pub(super) fn is_boolean(&self) -> bool {
        matches!(self, Node::Unary("!", _) | Node::Binary("&&" | "||" | "<" | "<=" | ">" | ">=" | "==" | "!=", _, _))
    }
}

/// Binary operators from loose to tight; all associate to the left.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<", "<=", ">", ">="],
    &["<<", ">>", ">>>"],
    &["+", "-"],
    &["*", "/", "%"],
];

/// Parses a source.
pub(super) fn parse(source: &ScriptSource) -> Result<Node<'_>> {
    let mut parser = Parser { source, tokens: tokens(source)?, at: 0, depth: 0 };
    let node = parser.conditional()?;
    match parser.peek().kind {
        Kind::End => Ok(node),
        _ => Err(parser.unexpected("<EOF>")),
    }
}

struct Parser<'a> {
    source: &'a ScriptSource,
    tokens: Vec<Token<'a>>,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> &Token<'a> {
        &self.tokens[self.at]
    }

    fn next(&mut self) -> Token<'a> {
        let token = self.peek().clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek().kind, Kind::Symbol(s) if s == symbol);
        if found {
            self.next();
        }
        found
    }

    fn expect(&mut self, symbol: &str, name: &str) -> Result<()> {
        if self.take(symbol) { Ok(()) } else { Err(self.unexpected(name)) }
    }

    fn unexpected(&self, expected: &str) -> Error {
        let token = self.peek();
        let place = position(&self.source.source, token.start);
        let reason = format!("unexpected token '{}'{place} was expecting one of {expected}", token.text);
        syntax_error(self.source, token.start, reason)
    }

    /// Goes one level deeper; a source that nests beyond the limit is refused before it can exhaust the stack.
    fn deeper(&mut self, steps: usize) -> Result<()> {
        self.depth += steps;
        if self.depth <= MAX_DEPTH {
            return Ok(());
        }
        Err(self.source.error(Code::ScriptCompile, self.peek().start, "the expression is nested too deeply"))
    }

    fn conditional(&mut self) -> Result<Node<'a>> {
        self.deeper(BRACKET_STEPS)?;
        let test = self.binary(0)?;
        let node = if self.take("?") {
            let then = self.conditional()?;
            self.expect(":", "COLON")?;
            let otherwise = self.conditional()?;
            Node::Conditional(Box::new([test, then, otherwise]))
        } else {
            test
        };
        self.depth -= BRACKET_STEPS;
        Ok(node)
    }

    /// An expression of operators that bind at least as tightly as `LEVELS[level]`.
    fn binary(&mut self, level: usize) -> Result<Node<'a>> {
        let depth = self.depth;
        let mut left = self.unary()?;
        while let Some((found, op)) = self.operator(level) {
            self.next();
            self.deeper(1)?;
            let right = self.binary(found + 1)?;
            left = Node::Binary(op, Box::new(left), Box::new(right));
        }
        self.depth = depth;
        Ok(left)
    }

    /// The binary operator that comes next, with its level, if it binds tightly enough.
    fn operator(&self, level: usize) -> Option<(usize, &'static str)> {
        let Kind::Symbol(op) = self.peek().kind else { return None };
        let found = LEVELS.iter().position(|ops| ops.contains(&op))?;
        (found >= level).then_some((found, op))
    }

    fn unary(&mut self) -> Result<Node<'a>> {
        let Kind::Symbol(op @ ("!" | "~" | "+" | "-")) = self.peek().kind else { return self.primary() };
        self.next();
        self.deeper(1)?;
        let operand = self.unary()?;
        self.depth -= 1;
        Ok(Node::Unary(op, Box::new(operand)))
    }

    fn primary(&mut self) -> Result<Node<'a>> {
        let token = self.peek().clone();
        match token.kind {
            Kind::Number(v) => {
                self.next();
                Ok(Node::Number(v))
            }
            Kind::Long(v) => {
                self.next();
                Ok(Node::Long(v))
            }
            Kind::Variable(text) => {
                self.next();
                self.variable(text, token.start)
            }
            Kind::Symbol("(") => {
                self.next();
                let inner = self.conditional()?;
                self.expect(")", "RP")?;
                Ok(inner)
            }
            Kind::Symbol(_) | Kind::End => {
                let place = position(&self.source.source, token.start);
                let reason = format!("invalid sequence of tokens near '{}'{place}", token.text);
                let inner =
                    Error::new(Code::ScriptCompile, "no viable alternative").with_type("no_viable_alt_exception");
                let cause = Error::new(Code::ScriptCompile, reason).with_type("parse_exception").because(inner);
                Err(self.source.error(Code::ScriptCompile, token.start, "compile error").because(cause))
            }
        }
    }

    /// What a name starts: a call of a function, of a field's method, or a variable.
    fn variable(&mut self, text: &'a str, start: usize) -> Result<Node<'a>> {
        if !self.take("(") {
            return Ok(Node::Variable { text, called: false, start });
        }
        let mut args = Vec::new();
        if !self.take(")") {
            loop {
                args.push(self.conditional()?);
                if !self.take(",") {
                    break;
                }
            }
            self.expect(")", "RP")?;
        }
        if args.is_empty() && text.contains('.') {
            return Ok(Node::Variable { text, called: true, start });
        }
        Ok(Node::Call { name: text, args, start })
    }
}
