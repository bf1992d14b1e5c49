//! Each query type over a small mapping: what is read, and what it lowers to.

use serde_json::{Value as Json, json};

use super::*;
use crate::error::Place;
use crate::plan::mapping::Mapping;
use crate::plan::script::ScriptTable;
use crate::plan::script::scope::ScriptScope;

fn mapping() -> Mapping {
    let body = json!({"properties": {
        "name": {"type": "text"},
        "tag": {"type": "keyword"},
        "stock": {"type": "integer"},
        "price": {"type": "double"},
        "weight": {"type": "scaled_float", "scaling_factor": 100},
        "available": {"type": "boolean"},
        "created": {"type": "date"},
        "location": {"type": "geo_point"},
        "attrs": {"properties": {"color": {"type": "keyword"}, "size": {"type": "short"}}},
        "variants": {"type": "nested", "properties": {"color": {"type": "keyword"}, "qty": {"type": "integer"}}},
        "feature": {"type": "rank_feature"},
    }});
    crate::dsl::mapping::read_mapping(&body).unwrap()
}

/// Lowers a query over a small mapping of every type.
pub(super) fn lower(body: &Json) -> Result<Query> {
    let (mapping, mut scripts) = (mapping(), ScriptTable::default());
    read(Cursor::root(body))?.lower(&mut Lowering::new(ScriptScope::without_udfs(&mapping), 0, &mut scripts))
}

#[test]
fn every_type_is_listed_once_in_order() {
    assert!(QUERY_TYPES.is_sorted_by(|a, b| a.name < b.name));
}

#[test]
fn wrong_bodies_are_refused_with_their_place() {
    for (body, code, path) in [
        (json!({}), Code::MissingKey, ""),
        (json!([]), Code::WrongJsonType, ""),
        (json!({"match": {"name": "a"}, "term": {"tag": "b"}}), Code::ConflictingKeys, ""),
        (json!({"mach": {"name": "a"}}), Code::UnknownQuery, "mach"),
        (json!({"fuzzy": {"name": "a"}}), Code::Unsupported, "fuzzy"),
        (json!({"match_all": null}), Code::WrongJsonType, "match_all"),
        (json!({"match": {"name": {"query": "a", "boost": null}}}), Code::WrongJsonType, "match.name.boost"),
        (json!({"match": {"name": {"query": "a", "boost": -1}}}), Code::InvalidValue, "match.name.boost"),
        (json!({"match": {"name": {"query": "a", "boost": "NaN"}}}), Code::InvalidValue, "match.name.boost"),
        (json!({"match": {"name": {"query": "a", "fuzziness": 1}}}), Code::Unsupported, "match.name.fuzziness"),
        (json!({"match": {"name": {"query": "a", "analyzer": "x"}}}), Code::UnknownAnalyzer, "match.name.analyzer"),
        (json!({"match": {"name": ["a"]}}), Code::WrongJsonType, "match.name"),
        (json!({"term": {"tag": {}}}), Code::MissingKey, "term.tag"),
        (json!({"term": {"tag": ["a"]}}), Code::WrongJsonType, "term.tag"),
        (json!({"term": {"location": "1,2"}}), Code::UnsupportedField, "term.location"),
        (json!({"term": {"feature": 1}}), Code::Unsupported, "term.feature"),
        (json!({"term": {"_version": 1}}), Code::Unsupported, "term._version"),
        (json!({"terms": {"tag": "a"}}), Code::WrongJsonType, "terms.tag"),
        (json!({"terms": {"tag": ["a", null]}}), Code::MissingKey, "terms.tag[1]"),
        (json!({"terms": {"tag": {"index": "i", "id": "1", "path": "p"}}}), Code::Unsupported, "terms.tag"),
        (json!({"range": {"stock": {"gte": "x"}}}), Code::InvalidFieldValue, "range.stock"),
        (json!({"range": {"stock": {"gte": 1, "time_zone": "Mars"}}}), Code::InvalidDate, "range.stock.time_zone"),
        (json!({"range": {"stock": {"gte": 1, "relation": "disjoint"}}}), Code::InvalidValue, "range.stock.relation"),
        (json!({"prefix": {"stock": "1"}}), Code::UnsupportedField, "prefix.stock"),
        (json!({"exists": {"field": ""}}), Code::MissingKey, "exists"),
        (json!({"ids": {"values": [], "type": "x"}}), Code::UnknownKey, "ids.type"),
        (json!({"bool": {"must": [null]}}), Code::WrongJsonType, "bool.must[0]"),
        (json!({"bool": {"filter": {}}}), Code::MissingKey, "bool.filter"),
        (
            json!({"bool": {"should": [{"match_all": {}}], "minimum_should_match": "most"}}),
            Code::InvalidValue,
            "bool.minimum_should_match",
        ),
        (json!({"nested": {"path": "attrs", "query": {"match_all": {}}}}), Code::NotNested, "nested.path"),
        (
            json!({"nested": {"path": "variants", "query": {"match_all": {}}, "score_mode": "total"}}),
            Code::InvalidValue,
            "nested.score_mode",
        ),
        (json!({"dis_max": {"queries": [], "tie_breaker": 1.5}}), Code::InvalidValue, "dis_max.tie_breaker"),
        (json!({"dis_max": {"queries": []}}), Code::MissingKey, "dis_max"),
        (
            json!({"script_score": {"query": {"match_all": {}}, "script": "1"}}),
            Code::WrongJsonType,
            "script_score.script",
        ),
        (
            json!({"function_score": {"functions": [{"weight": 1}], "weight": 2}}),
            Code::ConflictingKeys,
            "function_score.weight",
        ),
        (json!({"function_score": {"functions": [{}]}}), Code::MissingKey, "function_score.functions[0]"),
        (
            json!({"function_score": {"gauss": {"tag": {"origin": 1, "scale": 1}}}}),
            Code::UnsupportedField,
            "function_score.gauss.tag",
        ),
        (
            json!({"function_score": {"gauss": {"created": {"origin": "2024-01-01", "scale": "5 weeks"}}}}),
            Code::InvalidValue,
            "function_score.gauss.created.scale",
        ),
        (
            json!({"function_score": {"field_value_factor": {"field": "nope"}}}),
            Code::UnknownField,
            "function_score.field_value_factor.field",
        ),
        (
            json!({"function_score": {"script_score": {"script": {"id": "x"}}}}),
            Code::UnknownScript,
            "function_score.script_score.script.id",
        ),
    ] {
        let e = lower(&body).unwrap_err();
        assert_eq!((e.code(), e.found_at()), (code, Some(&Place::Path(path.into()))), "{body}: {e}");
    }
}

/// Every body of the fixtures, over the mapping that they are for.
#[test]
fn fixtures_lower() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let json = |path: std::path::PathBuf| -> Json { serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap() };
    let mapping = crate::dsl::mapping::read_mapping(&json(root.join("data/products.mapping.json"))).unwrap();
    for folder in std::fs::read_dir(root.join("queries")).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let body = json(path.clone());
            let Some(query) = body.get("query") else { continue };
            let mut scripts = ScriptTable::default();
            let lowered = read(Cursor::root(query))
                .and_then(|q| q.lower(&mut Lowering::new(ScriptScope::without_udfs(&mapping), 0, &mut scripts)));
            if let Err(e) = lowered {
                panic!("{}: {e}", path.display());
            }
        }
    }
}
