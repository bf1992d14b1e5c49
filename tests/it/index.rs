//! Building and opening indices over the fixtures' documents.

use std::fs;

use serde_json::Value as Json;
use shardscript::dsl::mapping::read_mapping;
use shardscript::exec::index::Index;
use shardscript::exec::index::build::BuildOptions;

#[test]
fn every_fixture_is_indexed_whole_and_opens_again() {
    for (name, documents) in [("products", 1000), ("forum", 125), ("quakes", 1707)] {
        let body: Json =
            serde_json::from_slice(&fs::read(format!("fixtures/data/{name}.mapping.json")).unwrap()).unwrap();
        let docs = fs::read(format!("fixtures/data/{name}.ndjson")).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let options =
            BuildOptions { name: name.to_owned(), shards: 3, flush_every: Some(200), dir: Some(dir.path().to_owned()) };
        let mut told = Vec::new();
        let (built, report) =
            Index::build(read_mapping(&body).unwrap(), &docs, &options, &mut |done, of| told.push((done, of))).unwrap();
        assert!(report.rejected.is_empty(), "{:?}", report.rejected);
        assert_eq!((report.indexed, report.replaced, built.doc_count().unwrap()), (documents, 0, documents as u64));
        assert_eq!(told.last(), Some(&(documents, documents)));
        let opened = Index::open(dir.path()).unwrap();
        assert_eq!((opened.name(), opened.doc_count().unwrap()), (name, documents as u64));
        assert_eq!(opened.mapping(), built.mapping());
        let again = Index::build(read_mapping(&body).unwrap(), &docs, &options, &mut |_, _| {}).unwrap_err();
        assert!(again.reason().ends_with("index.json exists already"), "{again}");
    }
}
