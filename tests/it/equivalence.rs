//! Random requests over random documents: all rules on, each rule off, no rule, several shards, several segments and
//! brute force find the same hits, in the same order, with the same scores, totals and errors.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::exec::cluster::search;
use shardscript::exec::index::Index;
use shardscript::exec::index::build::BuildOptions;
use shardscript::exec::metrics::{Metrics, TableMetrics, ZoneMetrics};
use shardscript::exec::udf::Udfs;
use shardscript::plan::graph::LogicalPlan;
use shardscript::plan::mapping::Mapping;
use shardscript::plan::node::{Node, Predicate, SortBy, TopHits};
use shardscript::pushdown::physical::PhysicalPlan;
use shardscript::pushdown::pipeline;
use shardscript::pushdown::rule::Switches;
use shardscript::{Planner, Request};

use crate::brute::{Brute, Corpus, Doc, Failure};
use crate::compare::is_close;
use crate::random;

/// How many requests each random index is asked.
const REQUESTS_PER_INDEX: usize = 12;

#[test]
fn every_way_to_run_a_request_gives_the_same_answer() {
    let mapping = read_mapping(&random::mapping()).expect("the mapping is right");
    // The size counts requests; a case is an index with several of them.
    let requests = Config::default().cases.min(Config::default().cases / REQUESTS_PER_INDEX as u32 + 4);
    let mut runner = TestRunner::new(Config { cases: requests, failure_persistence: None, ..Config::default() });
    let documents = prop::collection::vec(random::document(), 1..60);
    let bodies = prop::collection::vec(random::body(), REQUESTS_PER_INDEX);
    let mut tally = Tally::default();
    let tally_cell = std::cell::RefCell::new(&mut tally);
    let result = runner.run(&(documents, bodies, any::<bool>()), |(documents, bodies, segments)| {
        let world = World::new(&mapping, &documents, segments.then_some(7));
        for body in &bodies {
            world.check(body, &mut tally_cell.borrow_mut()).map_err(TestCaseError::fail)?;
        }
        Ok(())
    });
    println!("{tally:?}");
    if let Err(e) = result {
        panic!("{e}");
    }
    assert!(tally.answered > 0 && tally.hits > 0, "requests that match nothing show nothing");
}

/// How many documents an index of many zones has: 44 of 32 documents, in several windows of 1,024.
const MANY: usize = 22 * 64;

#[test]
fn zones_are_skipped_without_a_trace() {
    let mapping = read_mapping(&random::mapping()).expect("the mapping is right");
    let cases = Config::default().cases;
    let mut runner =
        TestRunner::new(Config { cases: cases.div_ceil(8), failure_persistence: None, ..Config::default() });
    // An index of many documents is asked many requests.
    let worlds: Vec<_> = (0..3 + cases as usize / 5000)
        .map(|n| {
            let documents = random::clustered_documents(MANY, n % 3 == 2).new_tree(&mut runner);
            World::new(&mapping, &documents.expect("documents").current(), (n % 2 == 1).then_some(500))
        })
        .collect();
    let tally = std::cell::RefCell::new(Tally::default());
    let result = runner.run(&(0..worlds.len(), random::body()), |(world, body)| {
        worlds[world].check(&body, &mut tally.borrow_mut()).map_err(TestCaseError::fail)
    });
    println!("{:#?}", tally.borrow());
    if let Err(e) = result {
        panic!("{e}");
    }
    let zones = tally.borrow().zones;
    assert!(zones.coarse_skipped > 0 && zones.fine_skipped > 0, "nothing was skipped");
    if cases > 10_000 {
        assert!(tally.borrow().tables.tables > 0, "no table was made");
        for rule in pipeline::rules() {
            assert!(tally.borrow().rules.contains_key(rule.name), "`{}` never fired", rule.name);
        }
    }
}

/// How often the documents stand in an index where they are bounded: only segments of many documents have bounds.
const COPIES: usize = 12;

#[test]
fn documents_are_bounded_without_a_trace() {
    let mapping = read_mapping(&random::mapping()).expect("the mapping is right");
    let cases = Config::default().cases;
    let mut runner =
        TestRunner::new(Config { cases: cases.div_ceil(8), failure_persistence: None, ..Config::default() });
    let documents = random::clustered_documents(MANY, false).new_tree(&mut runner).expect("documents").current();
    let lines: String = documents.iter().map(|document| format!("{document}\n")).collect();
    let options = BuildOptions::default();
    let (index, _) =
        Index::build(mapping, lines.repeat(COPIES).as_bytes(), &options, &mut |_, _| {}).expect("an index");
    let tally = std::cell::RefCell::new(Tally::default());
    let result = runner.run(&random::body(), |mut body| {
        // Of documents that all match, there are enough.
        body["query"] = match &body["query"] {
            Json::Object(query) if query.contains_key("script_score") || query.contains_key("function_score") => {
                let mut query = query.clone();
                query.values_mut().for_each(|inner| inner["query"] = json!({"match_all": {}}));
                Json::Object(query)
            }
            query if body.get("sort").is_none() => query.clone(),
            _ => json!({"match_all": {}}),
        };
        let text = body.to_string();
        let expected = run(&index, &text, Switches::none(), &mut Tally::default());
        for off in [["bound_documents"].as_slice(), &["skip_zones"], &[]] {
            let switches = Switches::without(off).expect("the rules exist");
            let found = run(&index, &text, switches, &mut tally.borrow_mut());
            same(&expected, &found, &format!("without {off:?}"), &text).map_err(TestCaseError::fail)?;
        }
        Ok(())
    });
    println!("{:#?}", tally.borrow());
    if let Err(e) = result {
        panic!("{e}");
    }
    if cases >= 1000 {
        assert!(tally.borrow().dropped > 0, "no document was dropped");
    }
}

#[test]
fn documents_without_a_chance_are_dropped() {
    let mapping = read_mapping(&random::mapping()).expect("the mapping is right");
    let document = |i: usize| format!("{{\"price\": {}.5, \"views\": {}}}\n", i * 7919 % 997, i * 31 % 1009);
    let lines: String = (0..20_000).map(document).collect();
    let (index, _) =
        Index::build(mapping, lines.as_bytes(), &BuildOptions::default(), &mut |_, _| {}).expect("an index");
    let source = "Math.log(2 + doc['views'].value) / (1 + doc['price'].value)";
    let body =
        json!({"query": {"script_score": {"query": {"match_all": {}}, "script": {"source": source}}}}).to_string();
    let expected = run(&index, &body, Switches::none(), &mut Tally::default());
    let mut tally = Tally::default();
    // Columns are bounded once they are read often.
    for _ in 0..8 {
        let switches = Switches::without(&["skip_zones"]).expect("the rule exists");
        let found = run(&index, &body, switches, &mut tally);
        same(&expected, &found, "bounded", &body).expect("the same answer");
    }
    assert!(tally.dropped > 0, "no document was dropped");
}

/// What the run saw, so that a run that shows nothing is noticed.
#[derive(Debug, Default)]
struct Tally {
    answered: usize,
    failed: usize,
    hits: usize,
    /// How often each rule fired.
    rules: BTreeMap<&'static str, usize>,
    zones: ZoneMetrics,
    tables: TableMetrics,
    /// How many documents were dropped by a bound.
    dropped: u64,
}

/// The same documents as indices of several layouts, and as brute force sees them.
struct World {
    indices: Vec<(String, Index)>,
    corpus: Corpus,
}

/// What a request gives: hits by id with score bits and sort values, and the total; or an error's code.
#[derive(Debug, PartialEq)]
enum Outcome {
    Hits { total: Json, max_score: Json, hits: Vec<(String, Json, Json)> },
    Failed { code: String, error: Json },
}

impl World {
    fn new(mapping: &Mapping, documents: &[Json], flush_every: Option<usize>) -> Self {
        let lines: String = documents.iter().map(|d| format!("{d}\n")).collect();
        let build = |shards: usize, flush_every: Option<usize>| {
            let options = BuildOptions { shards, flush_every, ..BuildOptions::default() };
            let (index, report) =
                Index::build(mapping.clone(), lines.as_bytes(), &options, &mut |_, _| {}).expect("an index in memory");
            assert!(report.rejected.is_empty(), "{:?}", report.rejected);
            (format!("{shards} shards, a segment every {flush_every:?} documents"), index)
        };
        let docs = (1..).zip(documents);
        let docs =
            docs.map(|(n, d)| Doc::read(&n.to_string(), d, random::TEXT_FIELDS, random::NESTED_FIELDS)).collect();
        Self { indices: vec![build(1, flush_every), build(3, None), build(7, flush_every)], corpus: Corpus::new(docs) }
    }

    fn check(&self, body: &Json, tally: &mut Tally) -> Result<(), String> {
        let text = body.to_string();
        let (_, first) = &self.indices[0];
        let mut silent = Tally::default();
        let expected = run(first, &text, Switches::default(), tally);
        for (layout, index) in &self.indices[1..] {
            same(&expected, &run(index, &text, Switches::default(), &mut silent), layout, &text)?;
        }
        same(&expected, &run(first, &text, Switches::none(), &mut silent), "no rules", &text)?;
        for rule in pipeline::rules() {
            let switches = Switches::without(&[rule.name]).expect("the rule exists");
            same(&expected, &run(first, &text, switches, &mut silent), rule.name, &text)?;
        }
        match &expected {
            Outcome::Failed { .. } => tally.failed += 1,
            Outcome::Hits { hits, .. } => {
                tally.answered += 1;
                tally.hits += hits.len();
            }
        }
        self.check_by_brute_force(body, &expected)
    }

    fn check_by_brute_force(&self, body: &Json, outcome: &Outcome) -> Result<(), String> {
        let text = body.to_string();
        let logical = Planner::default()
            .logical(Request::new(text.as_bytes(), 0), self.indices[0].1.mapping())
            .map_err(|e| e.to_string())?;
        let matched: Result<Vec<(&Doc, f32)>, Failure> = self.matches(&logical);
        match (outcome, matched) {
            // Brute force evaluates every clause on every document; a request need not reach a script that fails.
            (_, Err(_)) => Ok(()),
            (Outcome::Failed { error, .. }, Ok(_)) => {
                Err(format!("brute force answers, but the request failed: {error}\n{text}"))
            }
            (Outcome::Hits { total, hits, .. }, Ok(mut matched)) => {
                let due = match &body["track_total_hits"] {
                    Json::Bool(false) => Json::Null,
                    Json::Number(limit) if matched.len() as u64 > limit.as_u64().unwrap_or(0) => {
                        json!({"value": limit, "relation": "gte"})
                    }
                    Json::Number(limit) if limit.as_u64() == Some(0) => json!({"value": 0, "relation": "gte"}),
                    _ => json!({"value": matched.len(), "relation": "eq"}),
                };
                if *total != due {
                    return Err(format!("a total of {due} by brute force, {total} found\n{text}"));
                }
                for (id, score, _) in hits {
                    let Some((_, wanted)) = matched.iter().find(|(doc, _)| doc.id == *id) else {
                        return Err(format!("document {id} does not match by brute force\n{text}"));
                    };
                    if score.as_f64().is_some_and(|score| !is_close(score, f64::from(*wanted))) {
                        return Err(format!("document {id} scores {wanted} by brute force, {score} found\n{text}"));
                    }
                }
                if body.get("sort").is_none() {
                    matched.sort_by(|a, b| b.1.total_cmp(&a.1));
                    let from = body["from"].as_u64().unwrap_or(0) as usize;
                    for ((id, score, _), (_, wanted)) in hits.iter().zip(&matched[from.min(matched.len())..]) {
                        if score.as_f64().is_none_or(|score| !is_close(score, f64::from(*wanted))) {
                            return Err(format!("{wanted} is due where document {id} with {score} stands\n{text}"));
                        }
                    }
                }
                Ok(())
            }
        }
    }

    /// The documents that a plan matches, with their scores: the plan's operators one after the other.
    fn matches(&self, plan: &LogicalPlan) -> Result<Vec<(&Doc, f32)>, Failure> {
        let brute = Brute { corpus: &self.corpus, scripts: &plan.scripts };
        let mut matched = Vec::new();
        for doc in &self.corpus.docs {
            let mut score = None;
            for node in plan.graph.node_weights() {
                match node {
                    Node::Match { query, .. } => score = brute.score(query, doc)?,
                    Node::Filter { predicate } => score = self.filter(&brute, predicate, doc, score)?,
                    Node::Score(_) => return Err("a plan before any rule has no Score".to_owned()),
                    Node::Compute { .. } | Node::TopHits(_) | Node::Count { .. } | Node::Fetch(_) | Node::Respond => {}
                }
            }
            let Some(score) = score else { continue };
            for node in plan.graph.node_weights() {
                if let Node::TopHits(top_hits) = node {
                    self.sort(&brute, top_hits, doc, score)?;
                }
            }
            matched.push((doc, score));
        }
        Ok(matched)
    }

    /// Runs the scripts of a sort, which may fail.
    fn sort(&self, brute: &Brute<'_>, top_hits: &TopHits, doc: &Doc, score: f32) -> Result<(), Failure> {
        for key in &top_hits.sort {
            if let SortBy::NumberScript(script) | SortBy::StringScript(script) = &key.by
                && top_hits.from + top_hits.size > 0
            {
                brute.run(brute.scripts.get(*script), doc, score, &[])?;
            }
        }
        Ok(())
    }

    fn filter(
        &self,
        brute: &Brute<'_>,
        predicate: &Predicate,
        doc: &Doc,
        score: Option<f32>,
    ) -> Result<Option<f32>, Failure> {
        let Some(score) = score else { return Ok(None) };
        let passes = match predicate {
            Predicate::MinScore(least) => score >= *least,
            Predicate::Query(query) => brute.score(query, doc)?.is_some(),
            Predicate::Script(_) => return Err("a plan before any rule has no script filter".to_owned()),
        };
        Ok(passes.then_some(score))
    }
}

impl Tally {
    fn note(&mut self, plan: &PhysicalPlan, metrics: &Metrics) {
        for firing in &plan.trace.firings {
            *self.rules.entry(firing.rule).or_default() += 1;
        }
        self.zones.add(&metrics.zones);
        self.tables.add(metrics.tables);
        let bounds = metrics.operators.iter().filter(|operator| operator.name == "Bound");
        self.dropped += bounds.map(|operator| operator.rows_in - operator.rows_out).sum::<u64>();
    }
}

fn run(index: &Index, body: &str, switches: Switches, tally: &mut Tally) -> Outcome {
    let planner = Planner { switches, ..Planner::default() };
    let answer = planner.plan(Request::new(body.as_bytes(), 0), index.mapping()).and_then(|plan| {
        let response = search(index, &plan, &Udfs::default())?;
        tally.note(&plan, &response.metrics);
        Ok(response)
    });
    match answer {
        Err(e) => Outcome::Failed { code: e.code().to_string(), error: e.to_json() },
        Ok(response) => {
            let json: Json = serde_json::from_slice(&response.body).expect("an answer is JSON");
            let hits = json["hits"]["hits"].as_array().expect("hits are an array");
            let hits = hits
                .iter()
                .map(|hit| (hit["_id"].as_str().unwrap_or("").to_owned(), hit["_score"].clone(), hit["sort"].clone()));
            Outcome::Hits {
                total: json["hits"]["total"].clone(),
                max_score: json["hits"]["max_score"].clone(),
                hits: hits.collect(),
            }
        }
    }
}

fn same(expected: &Outcome, found: &Outcome, variant: &str, body: &str) -> Result<(), String> {
    let is_same = match (expected, found) {
        // What is skipped decides neither whether a request fails nor on which document.
        (Outcome::Failed { .. }, Outcome::Failed { .. }) if variant == "skip_zones" => expected == found,
        // Which document of several fails first depends on the order of the filters.
        (Outcome::Failed { code: expected, .. }, Outcome::Failed { code: found, .. }) => expected == found,
        _ => expected == found,
    };
    if is_same { Ok(()) } else { Err(format!("{variant}: {expected:?} expected, {found:?} found\n{body}")) }
}
