//! Numbers as written: ints, longs (`5L`), floats (`1.5f`), doubles, hexadecimal and octal.

use super::Parser;
use crate::error::Result;
use crate::plan::script::painless::ast::NodeKind;
use crate::plan::script::painless::compile_error;

impl Parser<'_> {
    /// The value of a number as written, its sign included.
    pub(super) fn number(&self, text: &str, at: usize) -> Result<NodeKind> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
        let invalid = |what: &str| {
            let reason = format!("Invalid {what} constant [{text}].");
            compile_error(self.source, at, "illegal_argument_exception", reason)
        };
        let is_hex = digits.starts_with("0x") || digits.starts_with("0X");
        let is_octal = !is_hex
            && digits.len() > 1
            && digits.starts_with('0')
            && digits[1..].starts_with(|c: char| c.is_ascii_digit());
        let last = digits.chars().last().map(|c| c.to_ascii_lowercase());
        let (radix, body) = if is_hex {
            (16, &digits[2..])
        } else if is_octal {
            (8, &digits[1..])
        } else {
            (10, digits)
        };
        let signed = |body: &str| if negative { format!("-{body}") } else { body.to_owned() };
        match last {
            Some('l') => {
                let body = &body[..body.len() - 1];
                i64::from_str_radix(&signed(body), radix).map(NodeKind::Long).map_err(|_| invalid("long"))
            }
            Some('f' | 'd') if is_hex => {
                // OpenSearch takes the digit for a suffix and then cannot go on.
                Err(compile_error(self.source, at, "illegal_state_exception", "Illegal tree structure."))
            }
            Some('f') => {
                let value: f32 = signed(&body[..body.len() - 1]).parse().map_err(|_| invalid("float"))?;
                Ok(NodeKind::Float(value))
            }
            Some('d') => {
                let value = signed(&body[..body.len() - 1]).parse().map_err(|_| invalid("double"))?;
                Ok(NodeKind::Double(value))
            }
            _ if radix == 10 && body.contains(['.', 'e', 'E']) => {
                Ok(NodeKind::Double(signed(body).parse().map_err(|_| invalid("double"))?))
            }
            _ => i32::from_str_radix(&signed(body), radix).map(NodeKind::Int).map_err(|_| {
                let e = invalid("int");
                if i64::from_str_radix(&signed(body), radix).is_ok() {
                    e.hint(format!("write [{text}L] for a long constant"))
                } else {
                    e
                }
            }),
        }
    }
}
