//! Names to columns: `doc['f'].value`, `.max()`, `.date.year`, `doc['where'].lat`, bare parameters, `_score`.

use datafusion_expr::{Expr, Operator};

use super::link_error;
use super::lower::Lowering;
use crate::error::{Code, Result, did_you_mean};
use crate::plan::expr::{
    ColumnPart, binary, boolean, case, coalesce, column, column_part, double, long, score, to_double,
};
use crate::plan::field::DocType;
use crate::plan::function::call;
use crate::plan::mapping::Field;
use crate::plan::script::ScriptContext;

/// One part of a variable: `.name`, `['text']` or `[5]`.
#[derive(Debug, PartialEq)]
enum Part {
    Member(String),
    Index(String),
    Number,
}

/// The value of a variable; `called` is whether `()` follows it.
pub(super) fn variable(cx: &Lowering<'_>, text: &str, called: bool, start: usize) -> Result<Expr> {
    let no_link =
        |offset, reason: String| link_error(cx.source, Code::ScriptCompile, offset, "parse_exception", reason);
    if !called {
        match (text, cx.context) {
            // A sort has no scorer when it binds variables: OpenSearch reads 0.
            ("_score", ScriptContext::NumberSort) => return Ok(double(0.0)),
            ("_score", ScriptContext::Filter | ScriptContext::Score) => return Ok(score()),
            _ => {}
        }
        if let Some(parameter) = cx.parameter(text, start) {
            return parameter;
        }
    }
    let parts = parts(text);
    match parts.first() {
        Some(Part::Member(name)) if name == "doc" => {}
        Some(Part::Member(name)) => {
            let e = no_link(start, format!("Unknown variable [{name}]"));
            let params = cx.source.params.iter().map(|(key, _)| key.as_str());
            return Err(match did_you_mean(name, params.chain(["doc", "_score"])) {
                Some(near) => e.hint(format!("did you mean `{near}`?")),
                None => e.hint("a variable is a parameter, `_score`, or a field such as doc['price'].value"),
            });
        }
        _ => return Err(no_link(start, format!("Unknown variable [{text}]"))),
    }
    let Some(Part::Index(path)) = parts.get(1) else {
        return Err(no_link(
            start + 3,
            "Variable 'doc' must be used with a specific field like: doc['myfield']".into(),
        ));
    };
    let Some(field) = cx.mapping.field(path) else {
        let reason = format!("Field [{path}] does not exist in mappings");
        let e = link_error(cx.source, Code::ScriptField, start + 5, "parse_exception", reason);
        let fields = cx.mapping.fields().iter().map(|f| f.path.as_str());
        return Err(match did_you_mean(path, fields) {
            Some(near) => e.hint(format!("did you mean `{near}`?")),
            None => e,
        });
    };
    let wrong_field = |ty, reason: String| link_error(cx.source, Code::ScriptField, start + 5, ty, reason);
    let (name, on_date) = match &parts[2..] {
        [] => ("value", false),
        [Part::Member(name)] => (name.as_str(), false),
        [Part::Member(date), Part::Member(name)] if date == "date" || date == "getDate" => (name.as_str(), true),
        _ => {
            let reason = format!(
                "Variable [{text}] does not follow an allowed format of either doc['field'] or doc['field'].method()"
            );
            return Err(no_link(start, reason));
        }
    };
    let Some(doc_type) = field.doc_type() else {
        let ty = &field.ty;
        return Err(if field.is_text() || field.doc_values {
            wrong_field("parse_exception", format!("Field [{path}] must be numeric, date, or geopoint"))
        } else {
            let reason = format!(
                "Can't load fielddata on [{path}] because fielddata is unsupported on fields of type [{ty}]. Use doc values instead."
            );
            wrong_field("illegal_argument_exception", reason)
        });
    };
    let value = match doc_type {
        DocType::String | DocType::Ip => {
            return Err(wrong_field("parse_exception", format!("Field [{path}] must be numeric, date, or geopoint")));
        }
        DocType::GeoPoint => geo(field, name, called),
        DocType::Date if on_date => date_object(field, name, called),
        DocType::Date => number(field, doc_type, name, called).or_else(|| date_method(field, name, called)),
        DocType::Long | DocType::Double | DocType::Boolean => number(field, doc_type, name, called),
    };
    value.ok_or_else(|| {
        let what = if called { "method" } else { "variable" };
        let owner = match doc_type {
            DocType::GeoPoint => "geo field",
            DocType::Date if on_date => "date object on field",
            DocType::Date => "date field",
            _ => "numeric field",
        };
        wrong_field(
            "illegal_argument_exception",
            format!("Member {what} [{name}] does not exist for {owner} [{path}]."),
        )
    })
}

/// The parts of a variable, unescaped.
fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first != '[' {
            let name = rest.strip_prefix('.').unwrap_or(rest);
            let end = name.find(['.', '[']).unwrap_or(name.len());
            parts.push(Part::Member(name[..end].to_owned()));
            rest = &name[end..];
            continue;
        }
        let inner = &rest[1..];
        let Some(quote) = inner.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
            parts.push(Part::Number);
            rest = inner.split_once(']').map_or("", |(_, rest)| rest);
            continue;
        };
        let (mut value, mut end, mut escaped) = (String::new(), inner.len(), false);
        for (i, c) in inner.char_indices().skip(1) {
            match c {
                '\\' if !escaped => escaped = true,
                _ if c == quote && !escaped => {
                    end = i + 1;
                    break;
                }
                _ => {
                    value.push(c);
                    escaped = false;
                }
            }
        }
        parts.push(Part::Index(value));
        rest = inner[end..].strip_prefix(']').unwrap_or("");
    }
    parts
}

/// What every field of numbers, booleans and dates has.
fn number(field: &Field, doc_type: DocType, name: &str, called: bool) -> Option<Expr> {
    let path = field.path.as_str();
    let part = match (name, called) {
        ("value", false) | ("getValue" | "min", true) => ColumnPart::First,
        ("max", true) => ColumnPart::Max,
        ("avg", true) => ColumnPart::Avg,
        ("median", true) => ColumnPart::Median,
        ("sum", true) => ColumnPart::Sum,
        ("length", false) | ("size" | "count", true) => return Some(to_double(column_part(path, ColumnPart::Count))),
        ("empty", false) | ("isEmpty", true) => return Some(one_if(column(path).is_null())),
        _ => return None,
    };
    let column = column_part(path, part);
    Some(match (part, doc_type) {
        (ColumnPart::Avg | ColumnPart::Median | ColumnPart::Sum, _) | (_, DocType::Double) => {
            coalesce(column, double(0.0))
        }
        (_, DocType::Boolean) => one_if(coalesce(column, boolean(false))),
        _ => to_double(coalesce(column, long(0))),
    })
}

fn one_if(test: Expr) -> Expr {
    case(test, double(1.0), double(0.0))
}

/// The methods of date fields, named as `java.util.Calendar` has them: months count from 0.
fn date_method(field: &Field, name: &str, called: bool) -> Option<Expr> {
    if !called {
        return None;
    }
    date(field, |ms| {
        Some(match name {
            "getYear" => call("date_year", vec![ms]),
            "getMonth" => binary(call("date_month", vec![ms]), Operator::Minus, long(1)),
            "getDayOfMonth" => call("date_day", vec![ms]),
            "getHourOfDay" => call("date_hour", vec![ms]),
            "getMinutes" => call("date_minute", vec![ms]),
            "getSeconds" => call("date_second", vec![ms]),
            _ => return None,
        })
    })
}

/// The members of `.date`, as Joda names them, and their getters: `year`, `getYear()`.
fn date_object(field: &Field, name: &str, called: bool) -> Option<Expr> {
    let name = if called {
        let mut chars = name.strip_prefix("get")?.chars();
        chars.next()?.to_lowercase().chain(chars).collect()
    } else {
        name.to_owned()
    };
    let divide = |a: Expr, by: i64| call("int_div", vec![a, long(by), long(0)]);
    let remainder = |a: Expr, by: i64| call("int_rem", vec![a, long(by), long(0)]);
    date(field, |ms| {
        let of = |function: &str| call(function, vec![ms.clone()]);
        let year_of_era = || {
            let year = of("date_year");
            case(binary(year.clone(), Operator::Gt, long(0)), year.clone(), binary(long(1), Operator::Minus, year))
        };
        Some(match name.as_str() {
            "centuryOfEra" => divide(year_of_era(), 100),
            "dayOfMonth" => of("date_day"),
            "dayOfWeek" => of("date_day_of_week"),
            "dayOfYear" => of("date_day_of_year"),
            "era" => case(binary(of("date_year"), Operator::Gt, long(0)), long(1), long(0)),
            "hourOfDay" => of("date_hour"),
            "millisOfDay" => of("date_milli_of_day"),
            "millisOfSecond" => of("date_milli"),
            "minuteOfDay" => divide(of("date_milli_of_day"), 60_000),
            "minuteOfHour" => of("date_minute"),
            "monthOfYear" => of("date_month"),
            "secondOfDay" => divide(of("date_milli_of_day"), 1000),
            "secondOfMinute" => of("date_second"),
            "weekOfWeekyear" => of("date_week"),
            "weekyear" => of("date_week_year"),
            "year" => of("date_year"),
            "yearOfCentury" => remainder(year_of_era(), 100),
            "yearOfEra" => year_of_era(),
            _ => return None,
        })
    })
}

/// A part of the first date, 0 where there is none.
fn date(field: &Field, part: impl Fn(Expr) -> Option<Expr>) -> Option<Expr> {
    let value = part(coalesce(column(&field.path), long(0)))?;
    Some(case(column(&field.path).is_null(), double(0.0), to_double(value)))
}

fn geo(field: &Field, name: &str, called: bool) -> Option<Expr> {
    let path = field.path.as_str();
    Some(match (name, called) {
        ("lat", false) | ("getLat", true) => coalesce(column_part(path, ColumnPart::Lat), double(0.0)),
        ("lon", false) | ("getLon", true) => coalesce(column_part(path, ColumnPart::Lon), double(0.0)),
        // The other way round than for numbers, and so it is in OpenSearch.
        ("empty", false) | ("isEmpty", true) => one_if(column(path).is_not_null()),
        _ => return None,
    })
}
