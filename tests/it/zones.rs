//! Zones that are skipped: how many of them, and that the answer is the one that visiting them all gives.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use serde_json::{Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::exec::index::Index;
use shardscript::exec::index::build::BuildOptions;
use shardscript::exec::response::Response;
use shardscript::pushdown::rule::Switches;
use shardscript::{Planner, Request, Result};

/// Documents in 16 windows: `level` and `word` are the same in 500 of them, `n` differs in each.
const DOCS: i64 = 16_000;

fn index(options: &BuildOptions) -> Index {
    let mapping = json!({"properties": {
        "text": {"type": "text"}, "level": {"type": "long"}, "n": {"type": "double"}, "rare": {"type": "long"},
        "at": {"type": "date"}, "word": {"type": "keyword"}, "words": {"type": "keyword"},
    }});
    let mut docs = String::new();
    for i in 0..DOCS {
        let level = i / 500 * 37 % 40;
        let text = ["red", "blue", "red blue"][i as usize % 3];
        let mut doc = json!({"text": text, "level": level,
            "n": (i * 7919 % DOCS) as f64 / 4.0, "at": 1_600_000_000_000i64 + i * 60_000});
        if i % 1000 != 999 {
            doc["word"] = json!(format!("w{level:02}"));
        }
        doc["words"] = json!([format!("w{:02}", i % 50), format!("w{level:02}")]);
        if i == 15_000 {
            doc["rare"] = json!(3);
        }
        docs.push_str(&format!("{doc}\n"));
    }
    let (index, report) =
        Index::build(read_mapping(&mapping).unwrap(), docs.as_bytes(), options, &mut |_, _| {}).unwrap();
    assert!(report.rejected.is_empty(), "{:?}", report.rejected);
    index
}

fn search(index: &Index, body: &Json, off: &[&str]) -> Result<Response> {
    let planner = Planner { switches: Switches::without(off)?, ..Planner::default() };
    planner.search(Request::new(body.to_string().as_bytes(), 0), index)
}

/// What an answer holds beside its time; an error as a client sees it.
fn answer(response: &Result<Response>) -> Json {
    match response {
        Ok(response) => serde_json::from_slice::<Json>(&response.body).unwrap()["hits"].clone(),
        Err(e) => e.to_json(),
    }
}

fn script_score(query: &Json, source: &str) -> Json {
    json!({"script_score": {"query": query, "script": {"source": source}}})
}

/// Bodies, and how many of the 16 windows of 1,024 documents are skipped at least.
fn cases() -> Vec<(Json, u64)> {
    let red = json!({"match": {"text": "red"}});
    let all = json!({"match_all": {}});
    let by_level = "_score * doc['level'].value";
    let filter = |source: &str| json!({"script": {"script": {"source": source}}});
    let factor = json!([{"field_value_factor": {"field": "level", "modifier": "log1p"}}]);
    let decay = json!([{"gauss": {"at": {"origin": 1_600_500_000_000i64, "scale": "2h"}}}]);
    let clauses = [red.clone(), script_score(&all, "doc['level'].value")];
    vec![
        (json!({"query": script_score(&red, by_level)}), 4),
        (json!({"query": script_score(&all, "doc['level'].value")}), 12),
        (json!({"query": {"bool": {"must": clauses}}}), 4),
        (json!({"query": {"dis_max": {"queries": clauses, "tie_breaker": 0.5}}}), 4),
        (json!({"query": {"function_score": {"query": red, "functions": factor}}}), 0),
        (json!({"query": {"function_score": {"query": red, "functions": decay}}}), 12),
        (json!({"query": red, "sort": [{"level": "desc"}, {"n": "asc"}]}), 12),
        (json!({"query": red, "sort": [{"level": "asc"}], "track_total_hits": true}), 12),
        (json!({"query": red, "sort": [{"_doc": "desc"}]}), 12),
        (
            json!({"query": red, "sort": [{"_script": {"type": "number", "order": "desc",
            "script": {"source": "doc['level'].value * 2 - doc['n'].value / 10000"}}}]}),
            12,
        ),
        (json!({"query": all}), 12),
        (json!({"query": {"bool": {"filter": filter("doc['level'].value * 2 > 70")}}, "track_total_hits": true}), 12),
        (json!({"query": {"bool": {"must": red, "filter": {"range": {"level": {"gte": 38}}}}}}), 12),
        (json!({"size": 0, "query": script_score(&all, by_level), "min_score": 38, "track_total_hits": true}), 12),
        // The score decides what counts, but only of a few windows.
        (json!({"query": script_score(&red, by_level), "min_score": 8, "track_total_hits": true}), 4),
        // Missing values, and a division: whoever may fail is looked at, however low it scores.
        (json!({"query": script_score(&all, "doc['level'].value / (doc['rare'].size() == 0 ? 1 : 3)")}), 12),
        (json!({"query": script_score(&red, "doc['level'].value + doc['rare'].value")}), 0),
        (json!({"query": script_score(&all, "doc['level'].value / (doc['rare'].size() == 0 ? 1 : 0)")}), 0),
        (json!({"query": script_score(&all, "doc['level'].value - 0.5")}), 0),
    ]
}

/// The same of sorts by keywords, after values, and of what is counted without being looked at.
fn more_cases() -> Vec<(Json, u64)> {
    let red = json!({"match": {"text": "red"}});
    let all = json!({"match_all": {}});
    let first = json!({"word": {"order": "desc", "missing": "_first"}});
    let second = json!({"word": {"order": "asc", "missing": "w01x"}});
    vec![
        (json!({"query": all, "sort": [{"word": "asc"}]}), 12),
        (json!({"query": red, "sort": [{"word": "desc"}]}), 12),
        (json!({"query": red, "sort": [first], "size": 3}), 4),
        (json!({"query": red, "sort": [second, {"n": "desc"}], "size": 400}), 4),
        (json!({"query": all, "sort": [{"word": "asc"}, {"n": "desc"}, {"_doc": "asc"}]}), 12),
        (json!({"query": red, "sort": [{"words": "asc"}]}), 0),
        (json!({"query": red, "sort": [{"words": {"order": "desc", "mode": "min"}}, {"_score": "desc"}]}), 0),
        (json!({"query": red, "sort": [{"level": "asc"}, {"n": "desc"}], "search_after": [20, 100.5]}), 8),
        (json!({"query": red, "sort": [{"word": "desc"}, {"_doc": "asc"}], "search_after": ["w20", 3000]}), 4),
        (json!({"query": red, "sort": [{"word": "asc"}], "search_after": ["w20x"], "size": 700}), 0),
        (json!({"query": red, "sort": [{"n": "asc"}], "search_after": [1000.25], "track_total_hits": true}), 0),
        (
            json!({"query": red, "sort": [{"_script": {"type": "number", "script": {"source": "doc['level'].value"}}},
            {"word": "desc"}], "search_after": [11.0, "w11"]}),
            0,
        ),
        (json!({"query": {"exists": {"field": "word"}}, "track_total_hits": true}), 12),
        (json!({"query": {"exists": {"field": "words"}}, "track_total_hits": true}), 12),
        (json!({"query": {"bool": {"must_not": {"exists": {"field": "word"}}}}, "track_total_hits": true}), 0),
        (json!({"query": {"prefix": {"word": "w1"}}, "track_total_hits": true}), 0),
        (json!({"query": {"terms": {"words": ["w10", "w20", "w10"]}}, "track_total_hits": true}), 0),
        (json!({"query": {"terms": {"word": ["w10", "w20", "w10", "none"]}}, "track_total_hits": true}), 0),
        (json!({"query": {"bool": {"must": red, "filter": {"range": {"n": {"gte": 10, "lt": 500}}}}}}), 0),
        (json!({"query": red, "size": 900, "from": 50}), 0),
    ]
}

#[test]
fn zones_without_a_hit_are_skipped_and_the_answer_stays() {
    let one = index(&BuildOptions::default());
    let several = index(&BuildOptions { shards: 2, flush_every: Some(3000), ..BuildOptions::default() });
    for (body, least) in cases().into_iter().chain(more_cases()) {
        let (skipping, visiting) = (search(&one, &body, &[]), search(&one, &body, &["skip_zones"]));
        assert_eq!(answer(&skipping), answer(&visiting), "{body}");
        let split = search(&several, &body, &[]);
        if visiting.is_ok() {
            assert_eq!(answer(&split), answer(&visiting), "{body}");
        }
        if let Ok(skipping) = skipping {
            let zones = skipping.metrics.zones;
            assert!(zones.coarse_skipped >= least, "{zones:?}: {body}");
            assert_eq!(visiting.unwrap().metrics.zones.coarse, 0);
        } else {
            assert_eq!(least, 0, "{body} fails");
        }
    }
}

#[test]
fn a_walk_in_vain_leaves_no_trace() {
    let mapping = json!({"properties": {"text": {"type": "text"}, "group": {"type": "keyword"},
        "a": {"type": "double"}, "b": {"type": "double"}, "c": {"type": "double"}, "d": {"type": "double"}}});
    let random = |i: u64, n: u64| (i * 4 + n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    let docs = (0..20_000u64).map(|i| {
        let [a, b, c, d] = [0, 1, 2, 3].map(|n| random(i, n) as f64);
        let text = ["red", "red red", "red blue"][i as usize % 3];
        json!({"text": text, "group": format!("g{}", i % 7),
            "a": a, "b": b, "c": c, "d": d})
    });
    let docs: String = docs.map(|doc| format!("{doc}\n")).collect();
    let build = |options: &BuildOptions| {
        Index::build(read_mapping(&mapping).unwrap(), docs.as_bytes(), options, &mut |_, _| {}).unwrap().0
    };
    let index = build(&BuildOptions::default());
    // What the best of four columns of a zone sum up to, no document reaches.
    let sum = "doc['a'].value + doc['b'].value + doc['c'].value + doc['d'].value";
    let red = json!({"match": {"text": "red"}});
    let by_sum = json!([{"_script": {"type": "number", "order": "desc", "script": {"source": sum}}}, {"group": "asc"}]);
    let bodies = [
        json!({"query": script_score(&red, sum)}),
        json!({"query": script_score(&red, sum), "track_total_hits": true, "size": 25}),
        json!({"query": red, "sort": by_sum, "track_scores": true}),
        json!({"query": red, "sort": by_sum, "post_filter": {"term": {"group": "g3"}}, "track_total_hits": true}),
    ];
    for body in bodies {
        let expected = answer(&search(&index, &body, &["skip_zones"]));
        // First it is given up, then not tried.
        for _ in 0..6 {
            let found = search(&index, &body, &[]);
            assert_eq!(answer(&found), expected, "{body}");
            assert_eq!(found.unwrap().metrics.zones.given_up, 1, "{body}");
        }
        let split = build(&BuildOptions { shards: 1, flush_every: Some(19_000), ..BuildOptions::default() });
        assert_eq!(answer(&search(&split, &body, &[])), expected, "{body}");
    }
}
