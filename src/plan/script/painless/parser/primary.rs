//! What operators stand between: names, constants, calls and their arguments, and what follows them with a dot or brackets.

use super::Parser;
use crate::error::{Code, Error, Result};
use crate::plan::script::painless::ast::{Node, NodeKind, NullSafe};
use crate::plan::script::painless::lexer::Kind;

impl Parser<'_> {
    pub(super) fn chain(&mut self) -> Result<Node> {
        let primary = self.primary()?;
        self.postfix(primary)
    }

    pub(super) fn postfix(&mut self, mut target: Node) -> Result<Node> {
        let depth = self.depth;
        loop {
            let at = self.start();
            let kind = if self.take("[") {
                let index = self.expression()?;
                self.expect("]")?;
                NodeKind::Index(Box::new(target), Box::new(index))
            } else if self.is(".") || self.is("?.") {
                let null_safe = if self.is("?.") { NullSafe::Yes } else { NullSafe::No };
                self.next();
                let name = match self.peek() {
                    Kind::Name(name) | Kind::Number(name) => (*name).to_owned(),
                    _ => return Err(self.unexpected("a name")),
                };
                self.next();
                if self.is("(") {
                    NodeKind::Method(Box::new(target), name, null_safe, self.arguments()?)
                } else {
                    NodeKind::Member(Box::new(target), name, null_safe)
                }
            } else {
                self.depth = depth;
                return Ok(target);
            };
            target = self.deeper(1, |_| Ok(Node { at, kind }))?;
            self.depth += 1;
        }
    }

    fn primary(&mut self) -> Result<Node> {
        let at = self.start();
        let kind = match self.peek().clone() {
            Kind::Number(text) => {
                let kind = self.number(text, at)?;
                self.next();
                kind
            }
            Kind::Text(text) => self.one(NodeKind::Text(text)),
            Kind::Regex => self.one(NodeKind::Other("a regular expression")),
            Kind::Symbol("true") => self.one(NodeKind::Bool(true)),
            Kind::Symbol("false") => self.one(NodeKind::Bool(false)),
            Kind::Symbol("null") => self.one(NodeKind::Null),
            Kind::Symbol("(") => return self.parenthesised(),
            Kind::Symbol("[") => self.list_or_map()?,
            Kind::Symbol("new") => self.new_object()?,
            Kind::Type(name) if matches!(self.peek_at(1), Kind::Symbol(".")) => {
                self.one(NodeKind::Name(name.to_owned()))
            }
            Kind::Name(name) => {
                self.next();
                if self.is("(") {
                    NodeKind::Call(name.to_owned(), self.arguments()?)
                } else {
                    NodeKind::Name(name.to_owned())
                }
            }
            Kind::Symbol(_) | Kind::Type(_) | Kind::End => return Err(self.no_expression()),
        };
        Ok(Node { at, kind })
    }

    fn one(&mut self, kind: NodeKind) -> NodeKind {
        self.next();
        kind
    }

    fn no_expression(&self) -> Error {
        let token = &self.tokens[self.at];
        let reason = match token.kind {
            Kind::End => "unexpected end of script.".to_owned(),
            _ => {
                let shown = &self.source.source[token.start..token.end];
                format!("invalid sequence of tokens near ['{shown}'].")
            }
        };
        let inner = Error::new(Code::ScriptCompile, "no expression starts so").with_type("no_viable_alt_exception");
        let cause = Error::new(Code::ScriptCompile, reason).with_type("illegal_argument_exception").because(inner);
        self.source.error(Code::ScriptCompile, token.start, "compile error").because(cause)
    }

    /// `(a, b)`; an argument may be a lambda or a method reference.
    fn arguments(&mut self) -> Result<Vec<Node>> {
        self.expect("(")?;
        let mut args = Vec::new();
        if self.take(")") {
            return Ok(args);
        }
        loop {
            args.push(self.argument()?);
            if !self.take(",") {
                self.expect(")")?;
                return Ok(args);
            }
        }
    }

    fn argument(&mut self) -> Result<Node> {
        let at = self.start();
        if let Some(length) = self.lambda_head() {
            self.at += length;
            if self.is("{") {
                drop(self.block()?);
            } else {
                drop(self.expression()?);
            }
            return Ok(Node { at, kind: NodeKind::Other("a lambda") });
        }
        let type_length = if self.is("this") { Some(1) } else { self.type_length(0) };
        if let Some(length) = type_length.filter(|length| self.peek_at(*length) == &Kind::Symbol("::")) {
            self.at += length + 1;
            if !self.take("new") {
                self.name()?;
            }
            return Ok(Node { at, kind: NodeKind::Other("a method reference") });
        }
        self.expression()
    }

    /// The number of tokens of `x ->` or `(def x, y) ->`, if a lambda follows.
    fn lambda_head(&self) -> Option<usize> {
        let arrow = &Kind::Symbol("->");
        if !self.is("(") {
            let length = self.type_length(0)?;
            return match self.peek_at(length) {
                Kind::Name(_) => (self.peek_at(length + 1) == arrow).then_some(length + 2),
                _ => (self.peek_at(length) == arrow).then_some(length + 1),
            };
        }
        let close = (1..).find(|i| {
            !matches!(self.peek_at(*i), Kind::Name(_) | Kind::Type(_) | Kind::Symbol("," | "[" | "]" | "."))
        })?;
        (self.peek_at(close) == &Kind::Symbol(")") && self.peek_at(close + 1) == arrow).then_some(close + 2)
    }

    /// `[]`, `[a, b]`, `[:]`, `[k: v]`.
    fn list_or_map(&mut self) -> Result<NodeKind> {
        self.expect("[")?;
        if self.take(":") {
            self.expect("]")?;
            return Ok(NodeKind::Other("a map"));
        }
        let mut what = "a list";
        if self.take("]") {
            return Ok(NodeKind::Other(what));
        }
        loop {
            self.expression()?;
            if self.take(":") {
                what = "a map";
                self.expression()?;
            }
            if !self.take(",") {
                self.expect("]")?;
                return Ok(NodeKind::Other(what));
            }
        }
    }

    /// `new Name(..)`, `new int[2]`, `new int[] {1, 2}`.
    fn new_object(&mut self) -> Result<NodeKind> {
        self.expect("new")?;
        let ty = self.type_name()?;
        if self.is("(") {
            self.arguments()?;
            return Ok(NodeKind::New(ty));
        }
        if self.take("{") {
            while !self.take("}") {
                self.expression()?;
                if !self.take(",") && !self.is("}") {
                    return Err(self.unexpected("'}'"));
                }
            }
            return Ok(NodeKind::Other("an array"));
        }
        if !self.is("[") {
            return Err(self.unexpected("'('"));
        }
        while self.take("[") {
            self.expression()?;
            self.expect("]")?;
        }
        Ok(NodeKind::Other("an array"))
    }
}
