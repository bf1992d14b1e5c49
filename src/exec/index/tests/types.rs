//! What becomes of the values of a document.

use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, TERMINATED, Term};

use super::{column, ids, keyword, load, long, mapping, segments};
use crate::exec::index::build::BuildOptions;
use crate::exec::index::layout::NESTED_COLUMN;
use crate::exec::index::segment::FieldStats;
use crate::plan::analysis::Analyzer;
use crate::plan::field::FieldType;
use crate::plan::field::boolean::Boolean;
use crate::plan::field::date::Date;
use crate::plan::field::float::{Float, Precision};
use crate::plan::field::geo_point::{GeoPoint, encode};
use crate::plan::field::integer::{Integer, Width};
use crate::plan::field::ip::Ip;
use crate::plan::field::keyword::Keyword;
use crate::plan::field::scaled_float::ScaledFloat;
use crate::plan::field::text::Text;
use crate::plan::field::unsigned_long::UnsignedLong;
use crate::plan::mapping::{Field, Object};

#[test]
fn every_type_comes_back_as_lucene_keeps_it() {
    let float = |precision| FieldType::Float(Float::new(precision));
    let scaled = ScaledFloat { scaling_factor: 100.0, null_value: None, options: Default::default() };
    let point = encode(41.5, -71.25).to_string();
    let cases: Vec<(FieldType, &str, Vec<&str>)> = vec![
        (keyword(), r#"["b", "a", "b", null]"#, vec!["a", "b"]),
        (FieldType::Keyword(Keyword { ignore_above: Some(2), ..Keyword::default() }), r#"["abc", "ab"]"#, vec!["ab"]),
        (FieldType::Keyword(Keyword { null_value: Some("none".into()), ..Keyword::default() }), "null", vec!["none"]),
        (FieldType::Integer(Integer::new(Width::Byte)), "[3, -1, 3]", vec!["-1", "3", "3"]),
        (long(), "[9223372036854775807, [\"-5\"]]", vec!["-5", "9223372036854775807"]),
        (FieldType::UnsignedLong(UnsignedLong::default()), "18446744073709551615", vec!["18446744073709551615"]),
        (float(Precision::Double), "[0.1, -0.5]", vec!["-0.5", "0.1"]),
        (float(Precision::Single), "0.1", vec!["0.10000000149011612"]),
        (float(Precision::Half), "0.1", vec!["0.0999755859375"]),
        (FieldType::ScaledFloat(scaled), "[1.005, 0.5]", vec!["50", "100"]),
        (FieldType::Boolean(Boolean::default()), "[true, \"false\", true]", vec!["false", "true", "true"]),
        (FieldType::Date(Date::default()), r#"["1970-01-02", 5]"#, vec!["5", "86400000"]),
        (FieldType::Ip(Ip::default()), r#"["::1", "1.2.3.4", "::1"]"#, vec!["::1", "::ffff:1.2.3.4"]),
        (FieldType::GeoPoint(GeoPoint::default()), "[-71.25, 41.5]", vec![&point]),
        (FieldType::Text(Text::default()), "[\"\"]", vec!["true"]),
    ];
    for (ty, json, expected) in cases {
        let name = ty.to_string();
        let docs = format!("{{}}\n{{\"f\": {json}}}\n{{\"f\": []}}\n");
        let (index, report) = load(mapping([("f", ty)]), &docs, &BuildOptions::default());
        assert!(report.rejected.is_empty(), "{name}: {:?}", report.rejected);
        assert_eq!(column(&index, "f"), [vec![], expected, vec![]], "{name} {json}");
    }
}

#[test]
fn text_is_indexed_with_positions_norms_and_statistics() {
    let mut mapping = mapping([("body", FieldType::Text(Text { analyzer: Analyzer::Standard, ..Text::default() }))]);
    mapping.add_field(Field { copy_to: vec!["body".into()], ..Field::new("title", keyword()) }).unwrap();
    mapping.add_field(Field { multi_of: Some("body".into()), ..Field::new("body.raw", keyword()) }).unwrap();
    let docs = r#"{"body": ["Quick fox", "quick"], "title": "fox"}
{"body": ""}
{"title": "Red fox"}
{"body": null}
"#;
    let (index, report) = load(mapping, docs, &BuildOptions::default());
    assert!(report.rejected.is_empty(), "{:?}", report.rejected);
    assert_eq!(index.stats("body").unwrap(), FieldStats { docs: 2, tokens: 6 });
    assert_eq!(column(&index, "body"), [vec!["true"], vec!["true"], vec!["true"], vec![]]);
    assert_eq!(column(&index, "body.raw"), [vec!["Quick fox", "fox", "quick"], vec![""], vec!["Red fox"], vec![]]);
    assert_eq!(column(&index, "title"), [vec!["fox"], vec![], vec!["Red fox"], vec![]]);

    let field = index.slot("body").unwrap().field;
    let reader = segments(&index).next().unwrap().reader();
    let norms = reader.get_fieldnorms_reader(field).unwrap();
    assert_eq!((0..4).map(|doc| norms.fieldnorm(doc)).collect::<Vec<_>>(), [4, 0, 2, 0]);
    let index = reader.inverted_index(field).unwrap();
    let term = Term::from_field_text(field, "fox");
    let mut postings = index.read_postings(&term, IndexRecordOption::WithFreqsAndPositions).unwrap().unwrap();
    let mut found = Vec::new();
    while postings.doc() != TERMINATED {
        let mut positions = Vec::new();
        tantivy::postings::Postings::positions(&mut postings, &mut positions);
        found.push((postings.doc(), positions));
        postings.advance();
    }
    // 100 positions between values: 1 is followed by 102, that by 203.
    assert_eq!(found, [(0, vec![1, 203]), (2, vec![1])]);
}

#[test]
fn a_boolean_has_the_statistics_of_its_terms() {
    let docs = "{\"f\": true}\n{\"f\": [true, false, true]}\n{}\n";
    let (index, _) = load(mapping([("f", FieldType::Boolean(Boolean::default()))]), docs, &BuildOptions::default());
    assert_eq!(index.stats("f").unwrap(), FieldStats { docs: 2, tokens: 3 });
    let field = index.layout().schema().get_field_entry(index.slot("f").unwrap().field);
    assert!(field.is_indexed() && !field.has_fieldnorms());
}

#[test]
fn nested_objects_stand_before_the_object_that_holds_them() {
    let mut mapping = mapping([]);
    mapping.add_object(Object { is_nested: true, include_in_root: true, ..Object::new("a") }).unwrap();
    mapping.add_field(Field::new("a.n", long())).unwrap();
    mapping.add_object(Object { is_nested: true, ..Object::new("a.b") }).unwrap();
    mapping.add_field(Field { copy_to: vec!["all".into()], ..Field::new("a.b.k", keyword()) }).unwrap();
    mapping.add_field(Field::new("all", keyword())).unwrap();
    let docs = r#"{"a": [{"n": 2, "b": [{"k": "x"}, {"k": "y"}]}, {"a.n": 0, "n": 1}]}
{"a": [{"n": 2, "b": [{"k": "x"}, {"k": "y"}]}, {"n": 1}]}
{}
{"a": null, "a.b.k": "z"}
"#;
    let (index, report) = load(mapping, docs, &BuildOptions { flush_every: Some(2), ..BuildOptions::default() });
    assert_eq!(report.rejected.len(), 1);
    assert!(report.rejected[0].error.reason().contains("introduction of [a] within [a] is not allowed"));
    assert_eq!(ids(&index), ["", "", "", "", "2", "3", "", "", "4"]);
    let none: Vec<&str> = vec![];
    assert_eq!(column(&index, "a.b.k")[..5], [vec!["x"], vec!["y"], none.clone(), none.clone(), none.clone()]);
    assert_eq!(column(&index, "a.n")[..5], [none.clone(), none, vec!["2"], vec!["1"], vec!["1", "2"]]);
    assert_eq!(column(&index, "all")[4..], [vec!["x", "y"], vec![], vec![], vec![], vec!["z"]]);
    let kinds: Vec<u64> = segments(&index)
        .flat_map(|segment| {
            segment.reader().fast_fields().u64(NESTED_COLUMN).unwrap().values.iter().collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(kinds, [2, 2, 1, 1, 0, 0, 2, 1, 0]);
    let roots: Vec<_> = segments(&index).map(|segment| segment.documents(None).unwrap().unwrap().len()).collect();
    assert_eq!((roots, index.doc_count().unwrap()), (vec![2, 1], 3));
}
