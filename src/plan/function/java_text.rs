//! Numbers as Java writes them: `Double.toString`, `Float.toString`.

use std::fmt::{LowerExp, Write};

/// A double as `Double.toString` writes it: `1.0`, `1.0E7`, `NaN`.
pub(crate) fn double(x: f64) -> String {
    let mut out = String::new();
    write_number(&mut out, x, x);
    out
}

/// A float as `Float.toString` writes it.
pub(crate) fn float(x: f32) -> String {
    let mut out = String::new();
    write_number(&mut out, x, f64::from(x));
    out
}

/// Writes the shortest decimal that reads back as `x`; `value` is the same number as a double.
pub(super) fn write_number(out: &mut String, x: impl LowerExp, value: f64) {
    if !value.is_finite() {
        out.push_str(if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        });
        return;
    }
    let mut text = format!("{x:e}");
    if !text.contains('.') {
        // Java writes two digits at least, and of those that read back the nearest: 4.9E-324, not 5.0E-324.
        text = format!("{x:.1e}");
    }
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, digits) = mantissa.strip_prefix('-').map_or(("", mantissa), |digits| ("-", digits));
    let digits = digits.replace('.', "");
    out.push_str(sign);
    let written = match exponent {
        0..=6 => {
            let whole = exponent as usize + 1;
            let digits = format!("{digits:0<width$}", width = whole + 1);
            let (whole, fraction) = digits.split_at(whole);
            write!(out, "{whole}.{}", strip_zeros(fraction))
        }
        -3..=-1 => write!(out, "0.{}{}", "0".repeat((-exponent - 1) as usize), strip_zeros(&digits)),
        _ => write!(out, "{}.{}E{exponent}", &digits[..1], strip_zeros(&digits[1..])),
    };
    debug_assert!(written.is_ok(), "a string takes everything");
}

/// Without zeros at the end, but one digit at least.
fn strip_zeros(digits: &str) -> &str {
    match digits.trim_end_matches('0') {
        "" => "0",
        digits => digits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_as_java_does() {
        for (x, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (100.0, "100.0"),
            (12.5, "12.5"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (1.0E21, "1.0E21"),
            (0.001, "0.001"),
            (0.0012, "0.0012"),
            (1e-4, "1.0E-4"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1_234_567.891, "1234567.891"),
            (f64::MAX, "1.7976931348623157E308"),
            (5e-324, "4.9E-324"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(double(x), text);
        }
        assert_eq!(float(1.0 / 3.0), "0.33333334");
        assert_eq!(float(1.5), "1.5");
    }
}
