//! Text to tokens.

use crate::error::{Code, Error, Result};
use crate::plan::script::ScriptSource;

/// A token with its bytes in the source.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'a> {
    /// A number as written, suffix included.
    Number(&'a str),
    /// A string, unescaped.
    Text(String),
    /// A regular expression.
    Regex,
    /// A name, or a type's.
    Name(&'a str),
    /// `def`, or a primitive type.
    Type(&'static str),
    /// A keyword, an operator or a bracket.
    Symbol(&'static str),
    /// The end of the source.
    End,
}

const KEYWORDS: [&str; 18] = [
    "if",
    "in",
    "else",
    "while",
    "do",
    "for",
    "continue",
    "break",
    "return",
    "new",
    "try",
    "catch",
    "throw",
    "this",
    "instanceof",
    "true",
    "false",
    "null",
];

const TYPES: [&str; 9] = ["def", "boolean", "byte", "short", "char", "int", "long", "float", "double"];

/// Longest first.
const SYMBOLS: [&str; 53] = [
    ">>>=", ">>>", "<<=", ">>=", "===", "!==", "==~", "?.", "?:", "::", "->", "=~", "==", "!=", "<=", ">=", "<<", ">>",
    "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "{", "}", "[", "]", "(", ")", ".", ",",
    ";", "!", "~", "*", "/", "%", "+", "-", "<", ">", "&", "^", "|", "?", ":",
];

/// All tokens of a source, an `End` at last.
pub(super) fn tokens(source: &ScriptSource) -> Result<Vec<Token<'_>>> {
    let mut lexer = Lexer { source, text: &source.source, at: 0, tokens: Vec::new() };
    while lexer.skip_blanks() {
        let start = lexer.at;
        let kind = lexer.token()?;
        lexer.tokens.push(Token { kind, start, end: lexer.at });
    }
    let end = source.source.len();
    lexer.tokens.push(Token { kind: Kind::End, start: end, end });
    Ok(lexer.tokens)
}

struct Lexer<'a> {
    source: &'a ScriptSource,
    text: &'a str,
    at: usize,
    tokens: Vec<Token<'a>>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Goes to the next token; false at the end.
    fn skip_blanks(&mut self) -> bool {
        loop {
            let rest = self.rest();
            let comment = if rest.starts_with("//") {
                rest.find(['\n', '\r'])
            } else {
                rest.strip_prefix("/*").and_then(|text| text.find("*/")).map(|i| i + 4)
            };
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
            match comment.unwrap_or(blanks) {
                0 => return !rest.is_empty(),
                skipped => self.at += skipped,
            }
        }
    }

    fn token(&mut self) -> Result<Kind<'a>> {
        let rest = self.rest();
        let first = rest.chars().next().unwrap_or(' ');
        let after_dot = matches!(self.tokens.last(), Some(Token { kind: Kind::Symbol("." | "?."), .. }));
        if first.is_ascii_alphabetic() || first == '_' {
            return Ok(self.word(after_dot));
        }
        if first.is_ascii_digit() {
            let length = if after_dot { count(rest, u8::is_ascii_digit) } else { number(rest) };
            self.at += length;
            return Ok(Kind::Number(&rest[..length]));
        }
        if first == '\'' || first == '"' {
            return self.string(first);
        }
        if first == '/' && self.slash_is_regex() {
            return self.regex();
        }
        // A single `=` comes after all that start with it.
        match SYMBOLS.iter().chain(&["="]).find(|symbol| rest.starts_with(**symbol)) {
            Some(symbol) => {
                self.at += symbol.len();
                Ok(Kind::Symbol(symbol))
            }
            None => Err(self.unexpected(first.len_utf8())),
        }
    }

    fn word(&mut self, after_dot: bool) -> Kind<'a> {
        let rest = self.rest();
        let word = &rest[..count(rest, |b| b.is_ascii_alphanumeric() || *b == b'_')];
        self.at += word.len();
        if after_dot {
            return Kind::Name(word);
        }
        if let Some(keyword) = KEYWORDS.iter().find(|keyword| **keyword == word) {
            return Kind::Symbol(keyword);
        }
        match TYPES.iter().find(|ty| **ty == word) {
            Some(ty) => Kind::Type(ty),
            None => Kind::Name(word),
        }
    }

    /// The only escapes are the backslash and the quote that the string is in.
    fn string(&mut self, quote: char) -> Result<Kind<'a>> {
        let rest = self.rest();
        let mut text = String::new();
        let mut chars = rest.char_indices().skip(1);
        while let Some((i, c)) = chars.next() {
            match c {
                _ if c == quote => {
                    self.at += i + 1;
                    return Ok(Kind::Text(text));
                }
                '\\' => match chars.next() {
                    Some((_, escaped)) if escaped == quote || escaped == '\\' => text.push(escaped),
                    _ => {
                        let hint = format!("the only escapes in a string are \\\\ and \\{quote}");
                        return Err(self.unexpected(i + 1).hint(hint));
                    }
                },
                _ => text.push(c),
            }
        }
        Err(self.unexpected(rest.len()).hint(format!("the string lacks its closing {quote}")))
    }

    /// Whether a slash starts a regular expression: not after something that can be divided.
    fn slash_is_regex(&self) -> bool {
        !matches!(
            self.tokens.last(),
            Some(Token { kind: Kind::Number(_) | Kind::Name(_) | Kind::Text(_) | Kind::Symbol(")" | "]"), .. })
        )
    }

    fn regex(&mut self) -> Result<Kind<'a>> {
        let rest = self.rest();
        let mut escaped = false;
        for (i, c) in rest.char_indices().skip(1) {
            match c {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '/' => {
                    self.at += i + 1 + count(&rest[i + 1..], u8::is_ascii_alphabetic);
                    return Ok(Kind::Regex);
                }
                _ => {}
            }
        }
        Err(self.unexpected(1))
    }

    fn unexpected(&self, length: usize) -> Error {
        let shown = &self.rest()[..length];
        let inner = Error::new(Code::ScriptCompile, "no token starts so").with_type("lexer_no_viable_alt_exception");
        let reason = format!("unexpected character [{shown}].");
        let cause = Error::new(Code::ScriptCompile, reason).with_type("illegal_argument_exception").because(inner);
        self.source.error(Code::ScriptCompile, self.at, "compile error").because(cause)
    }
}

fn count(text: &str, is_part: impl Fn(&u8) -> bool) -> usize {
    text.bytes().take_while(|b| is_part(b)).count()
}

/// The length of the number that a text starts with.
fn number(text: &str) -> usize {
    let suffix = |at: usize, suffixes: &[char]| at + usize::from(text[at..].starts_with(suffixes));
    if text.starts_with("0x") || text.starts_with("0X") {
        let digits = count(&text[2..], u8::is_ascii_hexdigit);
        if digits > 0 {
            return suffix(2 + digits, &['l', 'L']);
        }
    }
    if text.starts_with('0') && text[1..].starts_with(|c| matches!(c, '0'..='7')) {
        return suffix(count(text, |b| matches!(b, b'0'..=b'7')), &['l', 'L']);
    }
    let whole = if text.starts_with('0') { 1 } else { count(text, u8::is_ascii_digit) };
    let fraction = text[whole..].strip_prefix('.').map_or(0, |rest| count(rest, u8::is_ascii_digit));
    let mut end = if fraction > 0 { whole + 1 + fraction } else { whole };
    if let Some(exponent) = text[end..].strip_prefix(['e', 'E']) {
        let sign = usize::from(exponent.starts_with(['+', '-']));
        match count(&exponent[sign..], u8::is_ascii_digit) {
            0 => {}
            digits => end += 1 + sign + digits,
        }
    }
    if end == whole { suffix(end, &['l', 'L', 'f', 'F', 'd', 'D']) } else { suffix(end, &['f', 'F', 'd', 'D']) }
}
