//! What is computed once for each value of a column: the same answers as document by document, and bounds to skip by.

use serde_json::{Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::exec::index::Index;
use shardscript::exec::index::build::BuildOptions;
use shardscript::exec::metrics::Metrics;
use shardscript::pushdown::rule::Switches;
use shardscript::{Planner, Request};

const DOCUMENTS: u32 = 12_000;

const BRANDS: [&str; 6] = ["acme", "globex", "initech", "umbrella", "hooli", "x"];

/// One segment: `brand` has few terms, `maker` too, but some documents lack it; `grade` has few values; `price` grows.
fn index() -> Index {
    let mapping = json!({"properties": {"brand": {"type": "keyword"}, "maker": {"type": "keyword"},
        "grade": {"type": "byte"}, "price": {"type": "double"}}});
    let document = |i: u32| {
        let brand = |i: u32| BRANDS[(i * 7919 % 65_521) as usize % BRANDS.len()];
        let mut doc = json!({"brand": brand(i), "grade": i * 31 % 12, "price": i});
        if !i.is_multiple_of(50) {
            doc["maker"] = if i.is_multiple_of(7) { json!([brand(i), brand(i + 1)]) } else { json!(brand(i)) };
        }
        format!("{doc}\n")
    };
    let docs: String = (0..DOCUMENTS).map(document).collect();
    let mapping = read_mapping(&mapping).unwrap();
    let (index, report) = Index::build(mapping, docs.as_bytes(), &BuildOptions::default(), &mut |_, _| {}).unwrap();
    assert!(report.rejected.is_empty(), "{:?}", report.rejected);
    index
}

fn without(rules: &[&str]) -> Planner {
    Planner { switches: Switches::without(rules).unwrap(), ..Planner::default() }
}

fn answer(planner: &Planner, index: &Index, body: &Json) -> (Json, Metrics) {
    match planner.search(Request::new(body.to_string().as_bytes(), 0), index) {
        Ok(response) => {
            let mut body: Json = serde_json::from_slice(&response.body).unwrap();
            body["took"].take();
            (body, response.metrics)
        }
        Err(error) => (error.to_json(), Metrics::default()),
    }
}

fn score(source: &str) -> Json {
    let script = json!({"source": source, "params": {"p": 0.3}});
    let query = json!({"script_score": {"query": {"match_all": {}}, "script": script}});
    json!({"query": query, "size": 20, "_source": false, "track_total_hits": true})
}

#[test]
fn answers_are_those_of_documents() {
    let index = index();
    let sort = |ty: &str, source: &str| {
        let sort = json!([{"_script": {"type": ty, "script": {"source": source}}}, "_doc"]);
        json!({"sort": sort, "size": 2000, "_source": false})
    };
    let filter = |source: &str| {
        let filter = json!({"script": {"script": {"source": source}}});
        json!({"query": {"bool": {"filter": filter}}, "size": 20, "_source": false, "track_total_hits": true})
    };
    let bodies = [
        score("doc['brand'].value.length() + 1.5"),
        score("_score * (doc['brand'].value.endsWith('x') ? 2 : 1)"),
        score("doc['maker'].size() == 0 ? 0.5 : doc['maker'].value.indexOf('o') + 2"),
        // Fails for a brand of one letter, but is not asked of it; then of all.
        score("doc['brand'].value == 'x' ? doc['price'].value : (int) doc['brand'].value.charAt(1)"),
        score("doc['brand'].value.substring(1, 2).length()"),
        // Fails for documents without a value.
        score("doc['maker'].value.length() * doc['price'].value"),
        score("doc['maker'].size() > 0 && doc['maker'].value.length() > 4 ? doc['price'].value : 1"),
        sort("number", "doc['brand'].value.hashCode() % 10 + doc['grade'].value"),
        sort("string", "doc['brand'].value.toUpperCase() + 's'"),
        sort("string", "doc['maker'].empty ? '-' : doc['maker'].value.substring(1)"),
        filter("doc['brand'].value.length() > doc['grade'].value"),
        filter("doc['price'].value > 5 * (doc['maker'].empty ? 1000 : doc['maker'].value.length())"),
    ];
    for body in bodies {
        let (expected, none) = answer(&without(&["tabulate_subtrees", "skip_zones"]), &index, &body);
        let (visited, metrics) = answer(&without(&["skip_zones"]), &index, &body);
        let (skipped, _) = answer(&Planner::default(), &index, &body);
        assert!(visited == expected && skipped == expected, "{body}: {visited}");
        assert!(none.tables.tables == 0 && (metrics.tables.tables > 0 || visited.get("hits").is_none()), "{body}");
    }
}

#[test]
fn tables_are_bounds() {
    let index = index();
    // The hash of a text may be negative, and a length may be anything.
    for source in
        ["doc['price'].value * doc['brand'].value.length()", "doc['price'].value + doc['brand'].value.length()"]
    {
        let body = score(source);
        let (expected, without_tables) = answer(&without(&["tabulate_subtrees"]), &index, &body);
        let (found, with_tables) = answer(&Planner::default(), &index, &body);
        assert_eq!(found, expected, "{source}");
        assert_eq!((without_tables.zones.coarse_skipped, with_tables.tables.tables), (0, 1), "{source}");
        assert!(with_tables.zones.coarse_skipped > 5, "{source}: {:?}", with_tables.zones);
    }
}

#[test]
fn numbers_of_few_values_have_tables_once_they_are_read_often() {
    let index = index();
    let body = score("_score + Math.pow(doc['grade'].value, params.p)");
    let planner = without(&["skip_zones"]);
    let (expected, _) = answer(&without(&["skip_zones", "tabulate_subtrees"]), &index, &body);
    let (_, _) = answer(&planner, &index, &body);
    let (found, metrics) = answer(&planner, &index, &body);
    assert_eq!(found, expected);
    assert_eq!((metrics.tables.tables, metrics.tables.entries), (1, 12));
    // A column with a value of its own in each document has none.
    let (_, metrics) = answer(&planner, &index, &score("Math.pow(doc['price'].value, params.p)"));
    let (_, again) = answer(&planner, &index, &score("Math.pow(doc['price'].value, params.p)"));
    assert_eq!((metrics.tables.tables, again.tables.tables), (0, 0));
}
