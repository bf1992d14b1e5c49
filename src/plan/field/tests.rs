//! What terms, ranges and documents' values mean on each type: tables of recorded behaviour.

use std::net::Ipv6Addr;

use serde_json::{Value as Json, json};

use super::boolean::Boolean;
use super::date::Date;
use super::float::{Float, Precision};
use super::integer::{Integer, Width};
use super::ip::Ip;
use super::keyword::Keyword;
use super::number::NumberOptions;
use super::scaled_float::ScaledFloat;
use super::text::Text;
use super::unsigned_long::UnsignedLong;
use super::*;
use crate::plan::date::DateFormat;
use crate::plan::query::TermScoring;

/// Fields named after their types.
fn field(name: &str) -> Field {
    let ty = match name {
        "text" => FieldType::Text(Text::default()),
        "keyword" => FieldType::Keyword(Keyword::default()),
        "byte" => FieldType::Integer(Integer::new(Width::Byte)),
        "integer" => FieldType::Integer(Integer::new(Width::Integer)),
        "long" => FieldType::Integer(Integer::new(Width::Long)),
        "unsigned_long" => FieldType::UnsignedLong(UnsignedLong::default()),
        "half_float" => FieldType::Float(Float::new(Precision::Half)),
        "float" => FieldType::Float(Float::new(Precision::Single)),
        "double" => FieldType::Float(Float::new(Precision::Double)),
        "scaled_float" => {
            let options = NumberOptions::default();
            FieldType::ScaledFloat(ScaledFloat { scaling_factor: 1000.0, null_value: None, options })
        }
        "boolean" => FieldType::Boolean(Boolean::default()),
        "date" => FieldType::Date(Date::default()),
        "epoch" => FieldType::Date(Date { format: DateFormat::new("epoch_millis").unwrap(), ..Date::default() }),
        "ip" => FieldType::Ip(Ip::default()),
        "geo_point" => FieldType::GeoPoint(geo_point::GeoPoint::default()),
        other => FieldType::Unsupported(other.to_owned()),
    };
    Field::new(name, ty)
}

fn value(json: &Json) -> Value {
    match json {
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => match (n.as_i64(), n.as_u64()) {
            (Some(v), _) => Value::I64(v),
            (None, Some(v)) => Value::U64(v),
            (None, None) => n.as_f64().map_or(Value::Null, Value::F64),
        },
        Json::String(s) => Value::Str(s.clone()),
        Json::Null | Json::Array(_) | Json::Object(_) => Value::Null,
    }
}

/// A query in one line: `= value` (`~` where it is scored), `[low, high)`, `none`, `exists`, or the error's code.
fn line(query: Result<Query>) -> String {
    let lower = |b: &Bound<Value>| match b {
        Bound::Included(v) => format!("[{v}"),
        Bound::Excluded(v) => format!("({v}"),
        Bound::Unbounded => "(".to_owned(),
    };
    let upper = |b: &Bound<Value>| match b {
        Bound::Included(v) => format!("{v}]"),
        Bound::Excluded(v) => format!("{v})"),
        Bound::Unbounded => ")".to_owned(),
    };
    match query {
        Ok(Query::Term { value, scoring: TermScoring::Constant, .. }) => format!("= {value}"),
        Ok(Query::Term { value, scoring: TermScoring::Bm25, .. }) => format!("~ {value}"),
        Ok(Query::Range { lower: l, upper: u, .. }) => format!("{}, {}", lower(&l), upper(&u)),
        Ok(Query::MatchNone { .. }) => "none".to_owned(),
        Ok(Query::Exists { .. }) => "exists".to_owned(),
        Ok(other) => format!("{other:?}"),
        Err(e) => e.code().to_string(),
    }
}

#[test]
fn terms() {
    for (name, term, expected) in [
        ("integer", json!(100), "= 100"),
        ("integer", json!("100"), "= 100"),
        ("integer", json!(1.5), "none"),
        ("integer", json!(3_000_000_000_u64), "E203"),
        ("integer", json!("five"), "E203"),
        ("integer", json!(true), "E203"),
        ("byte", json!(200), "= 200"),
        ("long", json!(9_007_199_254_740_993_i64), "= 9007199254740993"),
        ("long", json!(1e30), "E203"),
        ("unsigned_long", json!(u64::MAX), "= 18446744073709551615"),
        ("unsigned_long", json!(-1), "E203"),
        ("half_float", json!(1.1), "= 1.099609375"),
        ("float", json!("0.1"), "= 0.10000000149011612"),
        ("double", json!("NaN"), "E203"),
        ("scaled_float", json!(8.9568), "= 8957"),
        ("boolean", json!(false), "~ false"),
        ("boolean", json!("true"), "~ true"),
        ("boolean", json!("yes"), "E203"),
        ("boolean", json!(""), "E203"),
        ("date", json!("2024-02"), "[1706745600000, 1706831999999]"),
        ("date", json!(1_706_745_600_000_i64), "= 1706745600000"),
        ("ip", json!("192.168.2.77/24"), "[192.168.2.0, 192.168.2.255]"),
        ("ip", json!("2001:0db8:0000:0000:0000:0000:0000:21FE"), "= 2001:db8::21fe"),
        ("ip", json!("::ffff:192.168.0.0"), "= 192.168.0.0"),
        ("ip", json!("192.168.3.0/33"), "E205"),
        ("ip", json!("192.168.003.001"), "E205"),
        ("keyword", json!(5), "= \"5\""),
        ("text", json!("Phone"), "~ \"Phone\""),
        ("geo_point", json!("52.52,13.405"), "E202"),
        ("integer_range", json!(5), "E106"),
    ] {
        let query = field(name).term(&value(&term), &ValueContext::default());
        assert_eq!(line(query), expected, "{name} {term}");
    }
}

#[test]
fn ranges() {
    use Bound::{Excluded as Ex, Included as In, Unbounded as Open};
    for (name, lower, upper, expected) in [
        ("integer", Ex(json!(49.5)), Ex(json!(100.5)), "[50, 100]"),
        ("integer", In(json!(-1.5)), In(json!(-0.5)), "[-1, -1]"),
        ("integer", Ex(json!(5)), Ex(json!(7)), "[6, 6]"),
        ("integer", Ex(json!(5)), Ex(json!(6)), "none"),
        ("integer", In(json!(3_000_000_000_u64)), Open, "E203"),
        ("double", In(json!(20)), In(json!(10)), "[20.0, 10.0]"),
        ("half_float", In(json!(4.9)), In(json!(4.9)), "(4.8984375, 4.8984375]"),
        ("half_float", Ex(json!(4.5)), Ex(json!(4.75)), "(4.5, 4.75)"),
        ("scaled_float", Ex(json!(8.9565)), Ex(json!(8.9575)), "(8957, 8958)"),
        ("boolean", In(json!("false")), Ex(json!("true")), "~ false"),
        ("boolean", Open, Open, "exists"),
        ("boolean", Ex(json!(false)), Ex(json!(true)), "none"),
        ("date", In(json!("2024-08-23")), In(json!("2024-08-23")), "[1724371200000, 1724457599999]"),
        ("date", Ex(json!("2024-08-23")), Ex(json!("2024-08-25")), "[1724457600000, 1724543999999]"),
        ("epoch", In(json!("2024-01-01")), Open, "E204"),
        ("keyword", In(json!("m")), Ex(json!("t")), "[\"m\", \"t\")"),
        ("ip", In(json!("192.168.3.250")), In(json!("2001:db8::1000")), "[192.168.3.250, 2001:db8::1000]"),
        ("geo_point", In(json!("1,1")), Open, "E202"),
    ] {
        let bound = |b: Bound<Json>| b.map(|json| value(&json));
        let range = RangeSpec::new(bound(lower), bound(upper));
        assert_eq!(line(field(name).range(&range, &ValueContext::default())), expected, "{name}");
    }
    let day = Bound::Included(Value::Str("2024-08-23".into()));
    let range = RangeSpec { time_zone: Some("-08:00".into()), ..RangeSpec::new(day.clone(), day) };
    let range = field("date").range(&range, &ValueContext::default());
    assert_eq!(line(range), "[1724400000000, 1724486399999]");
}

#[test]
fn many_terms() {
    let terms = |name: &str, values: &[Json]| {
        let values: Vec<_> = values.iter().map(value).collect();
        field(name).terms(&values, &ValueContext::default())
    };
    assert_eq!(line(terms("boolean", &[json!(true), json!("true")])), "~ true");
    assert_eq!(line(terms("boolean", &[json!(true), json!(false)])), "exists");
    assert_eq!(line(terms("integer", &[json!(1.5)])), "none");
    let Ok(Query::ConstantScore { query, .. }) = terms("ip", &[json!("10.0.0.1"), json!("10.1.0.0/16")]) else {
        panic!("a range among addresses is a combination")
    };
    assert!(matches!(*query, Query::Bool(b) if b.should.len() == 2));
}

#[test]
fn values_of_documents() {
    for (name, json, expected) in [
        ("integer", json!("12.7"), Ok(Some(Value::I64(12)))),
        ("integer", json!(""), Ok(None)),
        ("integer", json!(null), Ok(None)),
        ("byte", json!(200), Err(())),
        ("long", json!(true), Err(())),
        ("half_float", json!(1.1), Ok(Some(Value::F64(1.099609375)))),
        ("half_float", json!(1e6), Err(())),
        ("scaled_float", json!(0.0005), Ok(Some(Value::I64(1)))),
        ("boolean", json!(""), Ok(Some(Value::Bool(false)))),
        ("boolean", json!(1), Err(())),
        ("date", json!("2024-01-01"), Ok(Some(Value::I64(1_704_067_200_000)))),
        ("date", json!("yesterday"), Err(())),
        ("ip", json!("::1"), Ok(Some(Value::Ip(Ipv6Addr::LOCALHOST)))),
        ("keyword", json!(1.5), Ok(Some(Value::Str("1.5".into())))),
        ("keyword", json!({}), Err(())),
        ("join", json!({"name": "answer"}), Ok(None)),
    ] {
        assert_eq!(field(name).parse_doc(&json).map_err(|_| ()), expected, "{name} {json}");
    }
    let short = Keyword { ignore_above: Some(3), null_value: Some("none".into()), ..Keyword::default() };
    let short = Field::new("k", FieldType::Keyword(short));
    assert_eq!(short.parse_doc(&json!("🚀ab")), Ok(None), "a pair counts twice");
    assert_eq!(short.parse_doc(&json!(null)), Ok(None), "a null value may be too long, too");
}

#[test]
fn sort_values() {
    let cx = ValueContext::default();
    for (ty, given, expected) in [
        (SortType::Long, json!(5.5), Some(Value::I64(5))),
        (SortType::Int, json!(99_999_999_999_i64), Some(Value::I64(1_215_752_191))),
        (SortType::Int, json!("50"), Some(Value::I64(50))),
        (SortType::Int, json!(true), None),
        (SortType::Double, json!("cheap"), None),
        (SortType::Double, json!(null), None),
        (SortType::Float, json!("Infinity"), Some(Value::F64(f64::INFINITY))),
        (SortType::Keyword, json!(5), Some(Value::Str("5".into()))),
        (SortType::Keyword, json!(null), Some(Value::Null)),
        (SortType::Date, json!("2024-01-01"), Some(Value::I64(1_704_067_200_000))),
    ] {
        let parsed = ty.parse_search_after(&value(&given), &DateFormat::default(), &cx);
        assert_eq!(parsed.ok(), expected, "{ty:?} {given}");
    }
    assert!(SortType::Date.parse_missing(&Value::Str("2020-01-01".into())).is_err());
    assert_eq!(SortType::Float.display(&Value::F64(f64::from(0.1_f32))), json!(0.1));
    assert_eq!(SortType::Float.display(&SortType::Float.missing_sentinel(false)), json!("-Infinity"));
    assert_eq!(DocType::Date.display(&Value::I64(1_734_849_091_000)), json!("2024-12-22T06:31:31.000Z"));
}

#[test]
fn terms_ignore_case_where_they_are_text() {
    let cx = ValueContext { now_ms: 0 };
    let term = |ty: &str, value: Value| field(ty).term_ignoring_case(&value, &cx).map_err(|e| e.code());
    let boolean = term("boolean", Value::Bool(true)).unwrap();
    assert!(matches!(boolean, Query::Term { scoring: TermScoring::Constant, .. }));
    let keyword = term("keyword", Value::Str("a*".into())).unwrap();
    assert!(matches!(keyword, Query::Wildcard { case_insensitive: true, .. }));
    assert_eq!(term("long", Value::I64(1)), Err(Code::UnsupportedField));
}
