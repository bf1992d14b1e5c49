//! From documents to shards and back, over small mappings.

use tantivy::columnar::DynamicColumn;
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, IndexWriter, TERMINATED, Term};

use super::build::{BuildOptions, LoadReport};
use super::row::Row;
use super::segment::{FieldStats, Segment};
use super::*;
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
use crate::plan::mapping::{Dynamic, Field, Object};

fn keyword() -> FieldType {
    FieldType::Keyword(Keyword::default())
}

fn long() -> FieldType {
    FieldType::Integer(Integer::new(Width::Long))
}

/// A strict mapping of these fields.
fn mapping(fields: impl IntoIterator<Item = (&'static str, FieldType)>) -> Mapping {
    let mut mapping = Mapping::default();
    mapping.set_root(Object { dynamic: Some(Dynamic::Strict), ..Object::new("") });
    for (path, ty) in fields {
        mapping.add_field(Field::new(path, ty)).unwrap();
    }
    mapping
}

fn load(mapping: Mapping, docs: &str, options: &BuildOptions) -> (Index, LoadReport) {
    Index::build(mapping, docs.as_bytes(), options, &mut |_, _| {}).unwrap()
}

fn segments(index: &Index) -> impl Iterator<Item = &Segment> {
    index.shards().iter().flat_map(Shard::segments)
}

fn ids(index: &Index) -> Vec<String> {
    let id = |segment: &Segment, doc| segment.id(doc).unwrap().to_owned();
    segments(index).flat_map(|segment| (0..segment.max_doc()).map(move |doc| id(segment, doc))).collect()
}

/// The values of a column, document by document.
fn column(index: &Index, path: &str) -> Vec<Vec<String>> {
    let slot = index.slot(path).unwrap();
    let mut all = Vec::new();
    for segment in segments(index) {
        let handles = segment.reader().fast_fields().dynamic_column_handles(&slot.column).unwrap();
        assert!(handles.len() <= 1, "{path} is one column");
        let column = handles.first().map(|handle| handle.open().unwrap());
        all.extend((0..segment.max_doc()).map(|doc| match &column {
            None => Vec::new(),
            Some(DynamicColumn::Bool(c)) => c.values_for_doc(doc).map(|v| v.to_string()).collect(),
            Some(DynamicColumn::I64(c)) => c.values_for_doc(doc).map(|v| v.to_string()).collect(),
            Some(DynamicColumn::U64(c)) => c.values_for_doc(doc).map(|v| v.to_string()).collect(),
            Some(DynamicColumn::F64(c)) => c.values_for_doc(doc).map(|v| v.to_string()).collect(),
            Some(DynamicColumn::IpAddr(c)) => c.values_for_doc(doc).map(|v| v.to_string()).collect(),
            Some(DynamicColumn::Str(c)) => {
                let text = |ord| {
                    let mut text = String::new();
                    assert!(c.ord_to_str(ord, &mut text).unwrap());
                    text
                };
                c.term_ords(doc).map(text).collect()
            }
            Some(other) => panic!("no column of {path} is {other:?}"),
        }));
    }
    all
}

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
            segment.reader().fast_fields().u64(layout::NESTED_COLUMN).unwrap().values.iter().collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(kinds, [2, 2, 1, 1, 0, 0, 2, 1, 0]);
    let roots: Vec<_> = segments(&index).map(|segment| segment.documents(None).unwrap().unwrap().len()).collect();
    assert_eq!((roots, index.doc_count().unwrap()), (vec![2, 1], 3));
}

#[test]
fn bad_documents_are_rejected_with_line_field_and_reason() {
    let mut mapping = mapping([("n", long()), ("k", keyword())]);
    mapping.add_object(Object { dynamic: Some(Dynamic::False), ..Object::new("o") }).unwrap();
    mapping.add_object(Object { enabled: false, ..Object::new("off") }).unwrap();
    mapping.add_alias("alias", "n").unwrap();
    mapping.add_field(Field::new("shape", FieldType::Unsupported("geo_shape".into()))).unwrap();
    let cases = [
        (r#"{"n": "x"}"#, Some("n"), "failed to parse field [n] of type [long] in document with id '1'"),
        (r#"{"n": {"m": 1}}"#, Some("n"), "failed to parse field [n] of type [long]"),
        (r#"{"n.m": 1}"#, Some("n"), "`n.m` is within `n`, which is of type [long]"),
        (r#"{"new": null}"#, Some("new"), "mapping set to strict, dynamic introduction of [new] within [_doc]"),
        (r#"{"o": 1}"#, Some("o"), "`o` is mapped as an object, found 1"),
        (r#"{"alias": 1}"#, Some("alias"), "cannot write to `alias`, an alias of `n`"),
        (r#"{"": 1}"#, Some(""), "field name `` in the document has an empty part"),
        (r#"{"o": {"a..b": 1}}"#, Some("o"), "field name `a..b` in `o` has an empty part"),
        (r#"{"_source": 1}"#, Some("_source"), "`_source` is a metadata field"),
        (r#"{"_id": []}"#, None, "`_id` is []"),
        (r#"{"_id": ""}"#, None, "`_id` is empty"),
        ("[1]", None, "the document is no object"),
        (r#"{"n": 1"#, None, "failed to parse the document: EOF while parsing"),
        ("\u{1}", None, "failed to parse the document: expected value"),
    ];
    for (doc, path, reason) in cases {
        let (index, report) = load(mapping.clone(), &format!("{doc}\n{{\"n\": 1}}"), &BuildOptions::default());
        let [rejection] = &report.rejected[..] else { panic!("{doc}: {:?}", report.rejected) };
        assert!(rejection.error.reason().starts_with(reason), "{doc}: {}", rejection.error);
        if let Some(path) = path {
            assert_eq!(rejection.error.found_at(), Some(&crate::error::Place::Path(path.into())), "{doc}");
        }
        assert_eq!((rejection.line, report.indexed, ids(&index)), (1, 1, vec!["2".to_owned()]), "{doc}");
    }
    for doc in
        [r#"{"o": {"x": {"y": 1}}, "off": [1, {"n": "x"}], "shape": {"n": [1]}, "shape.x": 2}"#, r#"{"o": [null, []]}"#]
    {
        let (index, report) = load(mapping.clone(), doc, &BuildOptions::default());
        assert_eq!((report.rejected.len(), segments(&index).next().unwrap().source(0).unwrap()), (0, doc));
    }
}

#[test]
fn forms_ids_and_replacements() {
    let long = || mapping([("n", long())]);
    // Form, ids in order, number of replaced documents, lines and types of rejections.
    type Case = (&'static str, &'static [&'static str], usize, &'static [(usize, &'static str)]);
    let cases: &[Case] = &[
        ("{\"n\": 1}\n\n{\"_id\": \"x\", \"n\": 2}\r\n{\"_id\": 7}", &["1", "x", "7"], 0, &[]),
        ("{\"index\": {}}\n{}\n{\"create\": {\"_id\": 5, \"routing\": \"r\"}}\n{}", &["2", "5"], 0, &[]),
        ("{\"_id\": \"a\"}\n{\"_id\": \"b\"}\n{\"_id\": \"a\"}", &["b", "a"], 1, &[]),
        ("{\"_id\": \"a\"}\n{\"_id\": \"a\", \"n\": \"x\"}", &["a"], 0, &[(2, "mapper_parsing_exception")]),
        (
            "{\"index\": {\"_id\": \"a\"}}\n{}\n{\"create\": {\"_id\": \"a\"}}\n{\"n\": 1}",
            &["a"],
            0,
            &[(4, "version_conflict_engine_exception")],
        ),
        (
            "{\"index\": {\"_id\": \"a\"}}\n{}\n{\"delete\": {\"_id\": \"b\"}}\n{\"indx\": {}}\n{}\n{\"index\": {}}",
            &["a"],
            0,
            &[(3, "illegal_argument_exception"), (4, "illegal_argument_exception"), (6, "illegal_argument_exception")],
        ),
        (
            "{\"index\": {}}\n{}\n{\"index\"}\n{}\n{\"index\": {}}\n{}",
            &["2", "6"],
            0,
            &[(3, "illegal_argument_exception")],
        ),
        ("{\"index\": {}}\n{\"_id\": \"a\"}", &[], 0, &[(2, "mapper_parsing_exception")]),
        ("", &[], 0, &[]),
    ];
    for (docs, expected, replaced, rejected) in cases {
        for shards in [1, 2] {
            let (index, report) = load(long(), docs, &BuildOptions { shards, ..BuildOptions::default() });
            let rejections: Vec<_> = report
                .rejected
                .iter()
                .map(|r| (r.line, r.error.to_json()["type"].as_str().unwrap().to_owned()))
                .collect();
            assert_eq!(rejections, rejected.iter().map(|(l, t)| (*l, (*t).to_owned())).collect::<Vec<_>>(), "{docs}");
            assert_eq!((ids(&index), report.replaced), (expected.iter().map(|s| (*s).to_owned()).collect(), *replaced));
            assert_eq!((report.indexed, index.shards().len()), (expected.len(), shards), "{docs}");
        }
    }
}

#[test]
fn documents_extend_a_dynamic_mapping_before_they_are_written() {
    let docs = "{\"_id\": \"a\", \"n\": 1}\n{\"o\": {\"s\": \"red fox\"}}\n{\"n\": \"no number\"}\n";
    let (index, report) = load(Mapping::default(), docs, &BuildOptions::default());
    assert_eq!(report.rejected.iter().map(|r| r.line).collect::<Vec<_>>(), [3]);
    assert_eq!(column(&index, "n"), [vec!["1"], vec![]]);
    assert_eq!(column(&index, "o.s.keyword"), [vec![], vec!["red fox"]]);
    assert!(index.mapping().field("_id").is_none());

    let many: Vec<_> = (0..1001).map(|i| format!("\"k{i}\": {i}")).collect();
    let docs = format!("{{\"n\": 1}}\n{{{}}}\n{{{}}}\n{{\"m\": 1}}\n", many.join(","), many[..999].join(","));
    let (index, report) = load(Mapping::default(), &docs, &BuildOptions::default());
    assert_eq!(report.rejected.iter().map(|r| r.line).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(report.rejected[1].error.reason(), "limit of total fields [1000] has been exceeded by document '4'");
    assert_eq!((index.mapping().fields().len(), index.doc_count().unwrap()), (1000, 2));
}

#[test]
fn merged_segments_keep_ids_and_sources_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let docs: String = (0..10).map(|i| format!("{{\"_id\": \"d{i}\",  \"n\": {i}}}\n")).collect();
    let options = BuildOptions { flush_every: Some(3), dir: Some(dir.path().to_owned()), ..BuildOptions::default() };
    let (built, _) = load(mapping([("n", long())]), &docs, &options);
    assert_eq!(segments(&built).map(Segment::max_doc).collect::<Vec<_>>(), [3, 3, 3, 1]);

    let mut shard = tantivy::Index::open_in_dir(shard_dir(dir.path(), 0)).unwrap();
    shard.register_plugin(Arc::new(plugin::DocumentFiles));
    let mut writer: IndexWriter<Row> = shard.writer_with_options(IndexWriterOptions::builder().build()).unwrap();
    writer.set_merge_policy(Box::new(NoMergePolicy));
    let in_order: Vec<_> = segments(&built).map(|segment| segment.reader().segment_id()).collect();
    writer.merge(&in_order).wait().unwrap();
    writer.wait_merging_threads().unwrap();

    let opened = Index::open(dir.path()).unwrap();
    assert_eq!(segments(&opened).map(Segment::max_doc).collect::<Vec<_>>(), [10]);
    assert_eq!(ids(&opened), (0..10).map(|i| format!("d{i}")).collect::<Vec<_>>());
    assert_eq!(column(&opened, "n"), (0..10).map(|i| vec![i.to_string()]).collect::<Vec<_>>());
    let merged = segments(&opened).next().unwrap();
    assert_eq!(merged.source(7).unwrap(), r#"{"_id": "d7",  "n": 7}"#);
    assert!(merged.id(10).is_err());
}
