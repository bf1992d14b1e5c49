//! Text to tokens. A variable with its indexes and members (`doc['views'].value`) is one token, as in Lucene.

use super::syntax_error;
use crate::error::{Code, Error, Result};
use crate::plan::script::ScriptSource;

/// A token and where it starts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) start: usize,
    pub(super) text: &'a str,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind<'a> {
    Number(f64),
    /// A hexadecimal or octal number; kept as a long, for the bit operators.
    Long(i64),
    Variable(&'a str),
    /// An operator or bracket.
    Symbol(&'static str),
    End,
}

/// Longest first, so that `>>>` is not `>>` and `>`.
const SYMBOLS: [&str; 25] = [
    ">>>", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "(", ")", ",", "?", ":", "+", "-", "*", "/", "%", "<", ">",
    "!", "~", "&", "|",
];

/// All tokens of a source, an `End` at last.
pub(super) fn tokens(source: &ScriptSource) -> Result<Vec<Token<'_>>> {
    let text = source.source.as_str();
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start_matches([' ', '\t', '\r', '\n']).len();
        let rest = &text[at..];
        let Some(first) = rest.chars().next() else { break };
        let (kind, length) = if first.is_ascii_digit() || (first == '.' && digits(&rest[1..]) > 0) {
            number(source, at)?
        } else if is_name_start(first) {
            let length = variable(rest);
            (Kind::Variable(&rest[..length]), length)
        } else if let Some(symbol) = SYMBOLS.iter().chain(&["^"]).find(|s| rest.starts_with(**s)) {
            (Kind::Symbol(symbol), symbol.len())
        } else {
            return Err(syntax_error(source, at, format!("unexpected character '{first}'{}", position(text, at))));
        };
        tokens.push(Token { kind, start: at, text: &rest[..length] });
        at += length;
    }
    tokens.push(Token { kind: Kind::End, start: text.len(), text: "<EOF>" });
    Ok(tokens)
}

/// ` on line (1) position (5)`, as Lucene says it.
pub(super) fn position(text: &str, at: usize) -> String {
    let before = &text[..at];
    let line = before.matches('\n').count() + 1;
    let column = before.len() - before.rfind('\n').map_or(0, |i| i + 1);
    format!(" on line ({line}) position ({column})")
}

fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || c == '$'
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The number at `at`, and its length.
fn number(source: &ScriptSource, at: usize) -> Result<(Kind<'_>, usize)> {
    let rest = &source.source[at..];
    let radix_error = |digits: &str, radix: u32| {
        let reason = format!("For input string: \"{digits}\" under radix {radix}");
        let cause = Error::new(Code::ScriptCompile, reason).with_type("number_format_exception");
        source.error(Code::ScriptCompile, at, "compile error").because(cause)
    };
    if let Some(hex) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
        let length = hex.bytes().take_while(u8::is_ascii_hexdigit).count();
        if length > 0 {
            let value = i64::from_str_radix(&hex[..length], 16).map_err(|_| radix_error(&hex[..length], 16))?;
            return Ok((Kind::Long(value), length + 2));
        }
    }
    if rest.starts_with('0') && rest[1..].starts_with(|c| matches!(c, '0'..='7')) {
        let length = rest.bytes().take_while(|b| matches!(b, b'0'..=b'7')).count();
        let value = i64::from_str_radix(&rest[..length], 8).map_err(|_| radix_error(&rest[..length], 8))?;
        return Ok((Kind::Long(value), length));
    }
    let whole = if rest.starts_with('0') { 1 } else { digits(rest) };
    let fraction = match rest[whole..].strip_prefix('.') {
        Some(fraction) => 1 + digits(fraction),
        None => 0,
    };
    let mut length = whole + fraction;
    if let Some(exponent) = rest[length..].strip_prefix(['e', 'E']) {
        let sign = usize::from(exponent.starts_with(['+', '-']));
        match digits(&exponent[sign..]) {
            0 => {}
            digits => length += 1 + sign + digits,
        }
    }
    let value = rest[..length].parse().map_err(|_| syntax_error(source, at, "not a number"))?;
    Ok((Kind::Number(value), length))
}

/// The length of the variable that a text starts with: `name`, then any of `.name`, `['text']`, `[5]`.
fn variable(text: &str) -> usize {
    let name = |text: &str| text.bytes().take_while(|b| is_name_start(char::from(*b)) || b.is_ascii_digit()).count();
    let mut end = name(text);
    loop {
        let rest = &text[end..];
        let more = match rest.strip_prefix('.') {
            Some(member) if member.starts_with(is_name_start) => 1 + name(member),
            Some(_) => 0,
            None => index(rest),
        };
        if more == 0 {
            return end;
        }
        end += more;
    }
}

/// The length of `['text']`, `["text"]` or `[5]` at the start of a text, or 0.
fn index(text: &str) -> usize {
    let Some(inner) = text.strip_prefix('[') else { return 0 };
    let length = match inner.chars().next() {
        Some(quote @ ('\'' | '"')) => string(inner, quote),
        _ => digits(inner),
    };
    if length > 0 && inner[length..].starts_with(']') { length + 2 } else { 0 }
}

/// The length of the quoted string at the start of a text, or 0.
fn string(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return i + 1,
            _ => {}
        }
    }
    0
}
