//! What becomes of a file of documents.

use tantivy::IndexWriter;
use tantivy::index::SegmentComponent;
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy};

use super::{column, ids, keyword, load, long, mapping, segments};
use crate::error::Place;
use crate::exec::index::build::BuildOptions;
use crate::exec::index::row::Row;
use crate::exec::index::segment::Segment;
use crate::exec::index::shard::plugins;
use crate::exec::index::{Index, shard_dir};
use crate::plan::field::FieldType;
use crate::plan::mapping::{Dynamic, Field, Mapping, Object};

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
        (r#"{"n": 1, "o": {"a": 1, "a": 2}}"#, None, "key `a` stands twice in one object"),
        (r#"{"n": 1"#, None, "failed to parse the document: EOF while parsing"),
        ("\u{1}", None, "failed to parse the document: expected value"),
    ];
    for (doc, path, reason) in cases {
        let (index, report) = load(mapping.clone(), &format!("{doc}\n{{\"n\": 1}}"), &BuildOptions::default());
        let [rejection] = &report.rejected[..] else { panic!("{doc}: {:?}", report.rejected) };
        assert!(rejection.error.reason().starts_with(reason), "{doc}: {}", rejection.error);
        if let Some(path) = path {
            assert_eq!(rejection.error.found_at(), Some(&Place::Path(path.into())), "{doc}");
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
fn an_index_has_between_one_and_1024_shards() {
    for shards in [0, 1025] {
        let options = BuildOptions { shards, ..BuildOptions::default() };
        let error = Index::build(Mapping::default(), b"{}", &options, &mut |_, _| {}).unwrap_err();
        assert_eq!(error.reason(), format!("an index of {shards} shards"));
    }
}

#[test]
fn merged_segments_keep_ids_and_sources_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let docs: String = (0..10).map(|i| format!("{{\"_id\": \"d{i}\",  \"n\": {i}}}\n")).collect();
    let options = BuildOptions { flush_every: Some(3), dir: Some(dir.path().to_owned()), ..BuildOptions::default() };
    let (built, _) = load(mapping([("n", long())]), &docs, &options);
    assert_eq!(segments(&built).map(Segment::max_doc).collect::<Vec<_>>(), [3, 3, 3, 1]);

    let mut shard = tantivy::Index::open_in_dir(shard_dir(dir.path(), 0)).unwrap();
    plugins(built.layout()).into_iter().for_each(|plugin| shard.register_plugin(plugin));
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
    assert!(merged.reader().open_read(SegmentComponent::Custom("zones".into())).is_ok());
}

/// The documents of a fixture: ids and sources.
fn fixture(name: &str) -> (String, Vec<(String, String)>) {
    let docs = std::fs::read_to_string(format!("fixtures/data/{name}.ndjson")).unwrap();
    let lines: Vec<&str> = docs.lines().collect();
    let id = |action: &str| -> String {
        let json: serde_json::Value = serde_json::from_str(action).unwrap();
        json["index"]["_id"].as_str().unwrap().to_owned()
    };
    let pairs = lines.chunks(2).map(|pair| (id(pair[0]), pair[1].to_owned())).collect();
    (docs, pairs)
}

#[test]
fn ids_and_sources_come_back_byte_for_byte_however_they_are_dealt() {
    for name in ["products", "quakes"] {
        let (docs, expected) = fixture(name);
        for (shards, flush_every) in [(1, None), (3, Some(100)), (7, None)] {
            let options = BuildOptions { shards, flush_every, ..BuildOptions::default() };
            let (index, report) = load(Mapping::default(), &docs, &options);
            assert!(report.rejected.is_empty(), "{name}: {:?}", report.rejected.first());
            let found: Vec<_> = segments(&index)
                .flat_map(|segment| (0..segment.max_doc()).map(move |doc| (segment.id(doc), segment.source(doc))))
                .map(|(id, source)| (id.unwrap().to_owned(), source.unwrap().to_owned()))
                .collect();
            assert!(found == expected, "{name} in {shards} shards");
            let counts: Vec<_> = index.shards().iter().map(|shard| shard.root_count().unwrap()).collect();
            assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1, "{counts:?}");
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 32, ..Default::default() })]

    /// No input is too broken, and every document is accounted for.
    #[test]
    fn damaged_files_never_panic(edits in proptest::collection::vec((0..20_000usize, proptest::num::u8::ANY), 0..60)) {
        let (docs, _) = fixture("products");
        let mut docs = docs.into_bytes();
        docs.truncate(20_000);
        for (at, byte) in edits {
            docs[at] = byte;
        }
        let (index, report) =
            Index::build(Mapping::default(), &docs, &BuildOptions::default(), &mut |_, _| {}).unwrap();
        proptest::prop_assert_eq!(index.doc_count().unwrap(), report.indexed as u64);
        let lines = docs.split(|b| *b == b'\n').count();
        proptest::prop_assert!(report.indexed + report.replaced + report.rejected.len() <= lines);
    }
}
