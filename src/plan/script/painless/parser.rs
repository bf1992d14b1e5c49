//! Tokens to statements; their expressions are read in [`expression`] and [`primary`].

mod expression;
mod number;
mod primary;

use super::ast::{Program, Statement, StatementKind, TypeName};
use super::compile_error;
use super::lexer::{Kind, Token, tokens};
use crate::error::{Code, Error, Result};
use crate::plan::script::{BRACKET_STEPS, MAX_DEPTH, ScriptSource};

/// Parses a source.
pub(super) fn parse(source: &ScriptSource) -> Result<Program> {
    let mut parser = Parser { source, tokens: tokens(source)?, at: 0, depth: 0 };
    let mut function = None;
    while parser.function_follows() {
        function = function.or(Some(parser.start()));
        parser.function()?;
    }
    let mut statements = Vec::new();
    while parser.peek() != &Kind::End {
        statements.push(parser.statement()?);
    }
    Ok(Program { function, statements })
}

struct Parser<'a> {
    source: &'a ScriptSource,
    tokens: Vec<Token<'a>>,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> &Kind<'a> {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> &Kind<'a> {
        &self.tokens[(self.at + ahead).min(self.tokens.len() - 1)].kind
    }

    /// Where the next token starts.
    fn start(&self) -> usize {
        self.tokens[self.at].start
    }

    fn next(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    fn is(&self, symbol: &str) -> bool {
        matches!(self.peek(), Kind::Symbol(s) if *s == symbol)
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        if found {
            self.next();
        }
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<()> {
        if self.take(symbol) { Ok(()) } else { Err(self.unexpected(&format!("'{symbol}'"))) }
    }

    fn name(&mut self) -> Result<String> {
        let Kind::Name(name) = self.peek() else { return Err(self.unexpected("a name")) };
        let name = (*name).to_owned();
        self.next();
        Ok(name)
    }

    fn unexpected(&self, expected: &str) -> Error {
        let token = &self.tokens[self.at];
        let reason = match token.kind {
            Kind::End => format!("unexpected end of script, was expecting one of [{expected}]."),
            _ => {
                let shown = &self.source.source[token.start..token.end];
                format!("unexpected token ['{shown}'] was expecting one of [{expected}].")
            }
        };
        compile_error(self.source, token.start, "illegal_argument_exception", reason)
    }

    /// Reads one level deeper; a source that nests beyond the limit is refused before it can exhaust the stack.
    fn deeper<T>(&mut self, steps: usize, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth + steps > MAX_DEPTH {
            return Err(self.source.error(Code::ScriptCompile, self.start(), "the script is nested too deeply"));
        }
        self.depth += steps;
        let result = read(self);
        self.depth -= steps;
        result
    }

    /// The number of tokens of the type that follows, if one does: `int`, `java.util.List[]`.
    fn type_length(&self, from: usize) -> Option<usize> {
        let mut length = match self.peek_at(from) {
            Kind::Type(_) => 1,
            Kind::Name(_) => {
                let mut length = 1;
                while self.peek_at(from + length) == &Kind::Symbol(".")
                    && matches!(self.peek_at(from + length + 1), Kind::Name(_))
                {
                    length += 2;
                }
                length
            }
            _ => return None,
        };
        while self.peek_at(from + length) == &Kind::Symbol("[") && self.peek_at(from + length + 1) == &Kind::Symbol("]")
        {
            length += 2;
        }
        Some(length)
    }

    /// The type that stands here.
    fn type_name(&mut self) -> Result<TypeName> {
        let Some(length) = self.type_length(0) else { return Err(self.unexpected("a type")) };
        let at = self.start();
        let mut ty = TypeName { name: String::new(), dimensions: 0, at };
        for _ in 0..length {
            match self.peek() {
                Kind::Type(name) => ty.name.push_str(name),
                Kind::Name(name) => ty.name.push_str(name),
                Kind::Symbol(".") => ty.name.push('.'),
                Kind::Symbol("[") => ty.dimensions += 1,
                _ => {}
            }
            self.next();
        }
        Ok(ty)
    }

    fn declaration_follows(&self) -> bool {
        self.type_length(0).is_some_and(|length| matches!(self.peek_at(length), Kind::Name(_)))
    }

    fn function_follows(&self) -> bool {
        let is_void = self.peek() == &Kind::Name("void");
        let length = self.type_length(0).filter(|length| matches!(self.peek_at(*length), Kind::Name(_)));
        length.is_some_and(|length| self.peek_at(length + 1) == &Kind::Symbol("(")) || is_void
    }

    /// `int f(int x, def y) {..}`.
    fn function(&mut self) -> Result<()> {
        self.type_name()?;
        self.name()?;
        self.expect("(")?;
        if !self.take(")") {
            loop {
                self.type_name()?;
                self.name()?;
                if !self.take(",") {
                    break;
                }
            }
            self.expect(")")?;
        }
        self.block().map(drop)
    }

    fn statement(&mut self) -> Result<Statement> {
        let at = self.start();
        let kind = self.deeper(BRACKET_STEPS, |parser| match parser.peek() {
            Kind::Symbol("if") => parser.if_statement(),
            Kind::Symbol("for") => parser.for_loop(),
            Kind::Symbol("while") => {
                parser.next();
                parser.parenthesised()?;
                parser.loop_body()?;
                Ok(StatementKind::Other("a loop"))
            }
            Kind::Symbol("try") => parser.try_statement(),
            _ => {
                let kind = parser.simple_statement()?;
                if parser.peek() != &Kind::End && !parser.take(";") {
                    return Err(parser.unexpected("{<EOF>, ';'}"));
                }
                Ok(kind)
            }
        })?;
        Ok(Statement { at, kind })
    }

    /// A statement that ends with a semicolon (or before the bracket of its block).
    fn simple_statement(&mut self) -> Result<StatementKind> {
        match self.peek() {
            Kind::Symbol("return") => {
                self.next();
                Ok(StatementKind::Return(self.expression()?))
            }
            Kind::Symbol("throw") => {
                self.next();
                self.expression()?;
                Ok(StatementKind::Other("`throw`"))
            }
            Kind::Symbol(jump @ ("break" | "continue")) => {
                let jump = *jump;
                self.next();
                Ok(StatementKind::Jump(jump))
            }
            Kind::Symbol("do") => {
                self.next();
                self.block()?;
                self.expect("while")?;
                self.parenthesised()?;
                Ok(StatementKind::Other("a loop"))
            }
            _ if self.declaration_follows() => self.declaration(),
            _ => Ok(StatementKind::Expression(self.expression()?)),
        }
    }

    fn declaration(&mut self) -> Result<StatementKind> {
        let ty = self.type_name()?;
        let mut names = Vec::new();
        loop {
            let at = self.start();
            let name = self.name()?;
            let value = if self.take("=") { Some(self.expression()?) } else { None };
            names.push((name, at, value));
            if !self.take(",") {
                return Ok(StatementKind::Declare(ty, names));
            }
        }
    }

    fn if_statement(&mut self) -> Result<StatementKind> {
        self.next();
        let test = self.parenthesised()?;
        let then = self.trailer()?;
        let otherwise = if self.take("else") { Some(self.trailer()?) } else { None };
        Ok(StatementKind::If(test, then, otherwise))
    }

    fn for_loop(&mut self) -> Result<StatementKind> {
        self.next();
        self.expect("(")?;
        let each = matches!(self.peek(), Kind::Name(_)) && self.peek_at(1) == &Kind::Symbol("in")
            || self.type_length(0).is_some_and(|length| self.peek_at(length + 1) == &Kind::Symbol(":"));
        if each {
            if self.peek_at(1) != &Kind::Symbol("in") {
                self.type_name()?;
            }
            self.name()?;
            self.next();
            self.expression()?;
        } else {
            if !self.is(";") {
                self.simple_statement()?;
            }
            self.expect(";")?;
            if !self.is(";") {
                self.expression()?;
            }
            self.expect(";")?;
            if !self.is(")") {
                self.expression()?;
            }
        }
        self.expect(")")?;
        self.loop_body()?;
        Ok(StatementKind::Other("a loop"))
    }

    fn try_statement(&mut self) -> Result<StatementKind> {
        self.next();
        self.block()?;
        if !self.is("catch") {
            return Err(self.unexpected("'catch'"));
        }
        while self.take("catch") {
            self.expect("(")?;
            self.type_name()?;
            self.name()?;
            self.expect(")")?;
            self.block()?;
        }
        Ok(StatementKind::Other("`try`"))
    }

    fn loop_body(&mut self) -> Result<()> {
        if self.take(";") { Ok(()) } else { self.trailer().map(drop) }
    }

    /// A block, or one statement.
    fn trailer(&mut self) -> Result<Vec<Statement>> {
        if self.is("{") { self.block() } else { Ok(vec![self.statement()?]) }
    }

    /// `{..}`; the last statement needs no semicolon unless it is a jump.
    fn block(&mut self) -> Result<Vec<Statement>> {
        self.expect("{")?;
        let mut statements = Vec::new();
        while !self.take("}") {
            if self.peek() == &Kind::End {
                return Err(self.unexpected("'}'"));
            }
            let at = self.start();
            if matches!(self.peek(), Kind::Symbol("if" | "for" | "while" | "try")) {
                statements.push(self.statement()?);
                continue;
            }
            let kind = self.deeper(BRACKET_STEPS, Self::simple_statement)?;
            statements.push(Statement { at, kind });
            if !self.take(";") && !self.is("}") {
                return Err(self.unexpected("{<EOF>, ';'}"));
            }
        }
        Ok(statements)
    }
}
