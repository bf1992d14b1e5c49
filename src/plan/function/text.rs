//! Strings as Java has them: lengths and positions count UTF-16 units.

use super::batch::{Batch, BatchMut, RowErrors, Scalar, map_str, map_str2, strings, write_str};
use super::bounds::{any_text, either, failing, from_to};
use super::{functions, java_text};
use crate::plan::interval::Longs;

functions! {
    /// The length of a string in UTF-16 units.
    length(Str) -> I64, cost 8.0, "length('abc')" => "3", |args, out, _| map_str(args, out, |s| length(s) as i64), |_| from_to(0, i64::from(u32::MAX));
    /// Whether a string is empty.
    is_empty(Str) -> Bool, cost 1.0, "is_empty('')" => "true", |args, out, _| map_str(args, out, str::is_empty), either;
    /// Whether a string starts with another.
    starts_with(Str, Str) -> Bool, cost 4.0, "starts_with('abc', 'ab')" => "true", |args, out, _| map_str2(args, out, |s, t| s.starts_with(t)), either;
    /// Whether a string ends with another.
    ends_with(Str, Str) -> Bool, cost 4.0, "ends_with('abc', 'bc')" => "true", |args, out, _| map_str2(args, out, |s, t| s.ends_with(t)), either;
    /// Whether a string contains another.
    contains(Str, Str) -> Bool, cost 20.0, "contains('abc', 'b')" => "true", |args, out, _| map_str2(args, out, |s, t| s.contains(t)), either;
    /// Whether two strings are equal but for case.
    equals_ignore_case(Str, Str) -> Bool, cost 20.0, "equals_ignore_case('aB', 'Ab')" => "true", |args, out, _| map_str2(args, out, equals_ignore_case), either;
    /// How two strings compare by UTF-16 units: the difference of the first units that differ, or of the lengths.
    compare_to(Str, Str) -> I64, cost 30.0, "compare_to('ab', 'abcd')" => "-2", |args, out, _| map_str2(args, out, compare), |_| from_to(-i64::from(u32::MAX), i64::from(u32::MAX));
    /// Java's hash of a string, an int.
    hash_code(Str) -> I64, cost 10.0, "hash_code('hello')" => "99162322", |args, out, _| map_str(args, out, |s| i64::from(hash_code(s))), |_| Longs::INTS.into();
    /// Where a string first contains another, from a position on; -1 where it does not.
    index_of(Str, Str, I64) -> I64, cost 60.0, "index_of('abcabc', 'c', 3)" => "5", |args, out, _| find(args, out, index_of), |_| from_to(-1, i64::from(u32::MAX));
    /// Where a string last contains another, up to a position; -1 where it does not.
    last_index_of(Str, Str, I64) -> I64, cost 80.0, "last_index_of('abcabc', 'c', 4)" => "2", |args, out, _| find(args, out, last_index_of), |_| from_to(-1, i64::from(u32::MAX));
    /// The part of a string between two positions (the length, if the second is the greatest long); an error beyond the string. Then the place.
    substring(Str, I64, I64, I64) -> Str or fails, cost 30.0, "substring('hello', 1, 3, 0)" => "'el'", |args, out, errors| substring(args, out, errors), |a| failing(any_text(a));
    /// The UTF-16 unit at a position, a char; an error beyond the string. Then the place.
    char_at(Str, I64, I64) -> I64 or fails, cost 10.0, "char_at('abc', 1, 0)" => "98", |args, out, errors| char_at(args, out, errors), |_| failing(from_to(0, 0xFFFF));
    /// Two strings after one another.
    concat(Str, Str) -> Str, cost 10.0, "concat('a', 'b')" => "'ab'", |args, out, _| concat(args, out), any_text;
    /// A string with every occurrence of the second replaced by the third.
    replace(Str, Str, Str) -> Str, cost 50.0, "replace('aba', 'a', 'x')" => "'xbx'", |args, out, _| replace(args, out), any_text;
    /// In lower case.
    lower(Str) -> Str, cost 30.0, "lower('AB')" => "'ab'", |args, out, _| write_each(args, out, |s, text| text.push_str(&s.to_lowercase())), any_text;
    /// In upper case.
    upper(Str) -> Str, cost 30.0, "upper('ab')" => "'AB'", |args, out, _| write_each(args, out, |s, text| text.push_str(&s.to_uppercase())), any_text;
    /// Without spaces and control characters at both ends.
    trim(Str) -> Str, cost 8.0, "trim(' a ')" => "'a'", |args, out, _| write_each(args, out, |s, text| text.push_str(s.trim_matches(|c| c <= ' '))), any_text;
    /// A double as Java writes it.
    double_to_text(F64) -> Str, cost 80.0, "double_to_text(1e7)" => "'1.0E7'", |args, out, _| write_column(args, out, |x: f64, text| java_text::write_number(text, x, x)), any_text;
    /// A float as Java writes it.
    float_to_text(F64) -> Str, cost 80.0, "float_to_text(0.5)" => "'0.5'", |args, out, _| write_column(args, out, |x: f64, text| java_text::write_number(text, x as f32, x)), any_text;
    /// A long as text.
    long_to_text(I64) -> Str, cost 20.0, "long_to_text(-5)" => "'-5'", |args, out, _| write_column(args, out, |x: i64, text| text.push_str(&x.to_string())), any_text;
    /// A boolean as text.
    boolean_to_text(Bool) -> Str, cost 4.0, "boolean_to_text(true)" => "'true'", |args, out, _| write_column(args, out, |x: bool, text| text.push_str(if x { "true" } else { "false" })), any_text;
    /// A char as text.
    char_to_text(I64) -> Str, cost 4.0, "char_to_text(98)" => "'b'", |args, out, _| write_column(args, out, |x: i64, text| text.push(char::from_u32(x as u32).unwrap_or('\u{FFFD}'))), any_text;
}

/// The length in UTF-16 units.
fn length(s: &str) -> usize {
    if s.is_ascii() { s.len() } else { s.encode_utf16().count() }
}

/// The byte at a UTF-16 position; in the middle of a character: its start.
fn byte_at(s: &str, position: usize) -> usize {
    if s.is_ascii() {
        return position.min(s.len());
    }
    let mut units = 0;
    for (byte, c) in s.char_indices() {
        units += c.len_utf16();
        if units > position {
            return byte;
        }
    }
    s.len()
}

fn equals_ignore_case(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    // Java folds each unit up, then down; a letter that needs two units for it stays.
    let fold = |c: char| {
        let mut upper = c.to_uppercase();
        let one = if upper.len() == 1 { upper.next().unwrap_or(c) } else { c };
        let mut lower = one.to_lowercase();
        if lower.len() == 1 { lower.next().unwrap_or(one) } else { one }
    };
    a.chars().map(fold).eq(b.chars().map(fold))
}

fn compare(a: &str, b: &str) -> i64 {
    let different = a.encode_utf16().zip(b.encode_utf16()).find(|(a, b)| a != b);
    different.map_or_else(|| length(a) as i64 - length(b) as i64, |(a, b)| i64::from(a) - i64::from(b))
}

pub(super) fn hash_code(s: &str) -> i32 {
    s.encode_utf16().fold(0, |hash: i32, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

fn find(args: &[Batch<'_>], out: &mut BatchMut<'_>, f: impl Fn(&str, &str, i64) -> Option<usize>) {
    let (s, t, from) = (strings(&args[0]), strings(&args[1]), i64::column(&args[2]));
    for (row, out) in i64::column_mut(out).iter_mut().enumerate() {
        let s = s.get(row);
        *out = f(s, t.get(row), from[row]).map_or(-1, |byte| length(&s[..byte]) as i64);
    }
}

fn index_of(s: &str, t: &str, from: i64) -> Option<usize> {
    let start = byte_at(s, from.max(0) as usize);
    s[start..].find(t).map(|byte| start + byte)
}

fn last_index_of(s: &str, t: &str, from: i64) -> Option<usize> {
    let latest = byte_at(s, usize::try_from(from).ok()?);
    let end = (latest.saturating_add(t.len())).min(s.len());
    let end = (end..=s.len()).find(|i| s.is_char_boundary(*i))?;
    s[..end].rfind(t).filter(|byte| *byte <= latest)
}

fn substring(args: &[Batch<'_>], out: &mut BatchMut<'_>, errors: &mut RowErrors<'_>) {
    let s = strings(&args[0]);
    let [from, to, site] = [1, 2, 3].map(|i| i64::column(&args[i]));
    write_str(args, out, |row, text| {
        let s = s.get(row);
        let len = length(s) as i64;
        let (from, to) = (from[row], if to[row] == i64::MAX { len } else { to[row] });
        if from < 0 || from > to || to > len {
            errors.raise(row, "string_index_out_of_bounds_exception", site[row] as usize, || {
                format!("Range [{from}, {to}) out of bounds for length {len}")
            });
        } else {
            text.push_str(&s[byte_at(s, from as usize)..byte_at(s, to as usize)]);
        }
    });
}

fn char_at(args: &[Batch<'_>], out: &mut BatchMut<'_>, errors: &mut RowErrors<'_>) {
    let (s, index, site) = (strings(&args[0]), i64::column(&args[1]), i64::column(&args[2]));
    for (row, out) in i64::column_mut(out).iter_mut().enumerate() {
        let s = s.get(row);
        match usize::try_from(index[row]).ok().and_then(|i| s.encode_utf16().nth(i)) {
            Some(unit) => *out = i64::from(unit),
            None => errors.raise(row, "string_index_out_of_bounds_exception", site[row] as usize, || {
                format!("Index {} out of bounds for length {}", index[row], length(s))
            }),
        }
    }
}

fn concat(args: &[Batch<'_>], out: &mut BatchMut<'_>) {
    let (a, b) = (strings(&args[0]), strings(&args[1]));
    write_str(args, out, |row, text| {
        text.push_str(a.get(row));
        text.push_str(b.get(row));
    });
}

fn replace(args: &[Batch<'_>], out: &mut BatchMut<'_>) {
    let [s, from, to] = [0, 1, 2].map(|i| strings(&args[i]));
    write_str(args, out, |row, text| text.push_str(&s.get(row).replace(from.get(row), to.get(row))));
}

fn write_each(args: &[Batch<'_>], out: &mut BatchMut<'_>, write: impl Fn(&str, &mut String)) {
    let s = strings(&args[0]);
    write_str(args, out, |row, text| write(s.get(row), text));
}

fn write_column<A: Scalar>(args: &[Batch<'_>], out: &mut BatchMut<'_>, write: impl Fn(A, &mut String)) {
    let a = A::column(&args[0]);
    write_str(args, out, |row, text| write(a[row], text));
}
