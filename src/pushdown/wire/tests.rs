//! Round trips, and what hostile bytes do.

use std::ops::Bound;

use datafusion_expr::{Expr, Operator};
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};

use super::*;
use crate::plan::expr::{binary, boolean, case, column, double, long, placeholder, string, to_double};
use crate::plan::function::call;
use crate::plan::node::Zones;
use crate::plan::query::{Answer, BoolQuery, ScriptRange, TermScoring, ValueRange};
use crate::plan::script::{ScriptId, Tier};
use crate::plan::udf::{NullPolicy, PythonMode, UdfArg, UdfRuntime, UdfType, udf_call};
use crate::plan::value::Value;

fn leaf() -> impl Strategy<Value = Expr> {
    prop_oneof![
        any::<i64>().prop_map(long),
        (-1e300..1e300).prop_map(double),
        any::<bool>().prop_map(boolean),
        ".{0,8}".prop_map(|s| string(&s)),
        "[a-z.]{1,8}".prop_map(|s| column(&s)),
        "[a-z]{1,8}".prop_map(|s| placeholder(&s)),
        Just(Expr::IsNull(Box::new(column("price")))),
        Just(Expr::IsNotNull(Box::new(column("price")))),
    ]
}

fn tree() -> impl Strategy<Value = Expr> {
    leaf().prop_recursive(6, 40, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| binary(a, Operator::Modulo, b)),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| binary(a, Operator::And, b)),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| case(a, b, c)),
            inner.clone().prop_map(|a| Expr::Not(Box::new(a))),
            inner.clone().prop_map(|a| Expr::Negative(Box::new(a))),
            inner.clone().prop_map(to_double),
            inner.clone().prop_map(|a| call("sqrt", vec![a])),
            (udf(), inner, any::<u16>()).prop_map(|(profile, a, site)| {
                let args = vec![a; profile.signature().len()];
                udf_call(&profile, args, usize::from(site))
            }),
        ]
    })
}

fn udf() -> impl Strategy<Value = Arc<UdfProfile>> {
    let ty = prop_oneof![Just(UdfType::I32), Just(UdfType::F64), Just(UdfType::Str)];
    let nulls = prop_oneof![Just(NullPolicy::Skip), Just(NullPolicy::Default), Just(NullPolicy::Flag)];
    let runtime = prop_oneof![
        "[a-z]{1,4}".prop_map(|export| UdfRuntime::Wasm { export }),
        Just(UdfRuntime::Python { function: "f".into(), mode: PythonMode::Vectorised, formula: None }),
    ];
    ("[a-c]{1,2}", 1u32..3, runtime, proptest::collection::vec((any::<Option<bool>>(), ty), 0..3), nulls, any::<bool>())
        .prop_map(|(name, version, runtime, args, nulls, deterministic)| {
            let args = args.into_iter().map(|(default, ty)| UdfArg {
                name: default.map(|_| "arg".to_owned()),
                ty,
                default: default.map(Value::Bool),
            });
            Arc::new(UdfProfile {
                name,
                version,
                hash: "0".repeat(64),
                runtime,
                args: args.collect(),
                result: UdfType::F64,
                nulls,
                deterministic,
                bounds: deterministic.then_some((0.0, 1.0)),
            })
        })
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::I64),
        any::<u64>().prop_map(Value::U64),
        (-1e9..1e9).prop_map(Value::F64),
        ".{0,8}".prop_map(Value::Str),
        any::<u128>().prop_map(|ip| Value::Ip(ip.into())),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::List),
            proptest::collection::vec((".{0,4}", inner), 0..3).prop_map(Value::Object),
        ]
    })
}

fn query() -> impl Strategy<Value = Query> {
    let leaf = prop_oneof![
        Just(Query::MatchAll),
        ".{0,8}".prop_map(|reason| Query::MatchNone { reason }),
        ("[a-z]{1,8}", value()).prop_map(|(field, value)| Query::Term { field, value, scoring: TermScoring::Bm25 }),
        ("[a-z]{1,8}", value()).prop_map(|(field, value)| Query::Range {
            field,
            lower: Bound::Included(value),
            upper: Bound::Unbounded
        }),
        Just(Query::Script { script: ScriptId(0) }),
        "[a-z]{1,8}".prop_map(|field| Query::ScriptTerms { field, script: ScriptId(0) }),
        ("[a-z]{1,8}", value(), any::<bool>()).prop_map(|(field, value, asks)| Query::ScriptRange(ScriptRange {
            field,
            holds: vec![ValueRange { lower: Bound::Included(value.clone()), upper: Bound::Unbounded }],
            open: vec![ValueRange { lower: Bound::Unbounded, upper: Bound::Included(value) }],
            missing: if asks { Answer::Open } else { Answer::No },
            script: asks.then_some(ScriptId(0)),
        })),
    ];
    leaf.prop_recursive(4, 16, 3, |inner| {
        let some = || proptest::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            (some(), some(), some(), any::<u32>()).prop_map(|(must, filter, must_not, minimum_should_match)| {
                Query::Bool(BoolQuery { must, filter, must_not, minimum_should_match, ..BoolQuery::default() })
            }),
            (some(), 0f32..1.0).prop_map(|(queries, tie_breaker)| Query::DisMax { queries, tie_breaker }),
            (inner.clone(), 0f32..9.0).prop_map(|(q, boost)| Query::Boost { query: Box::new(q), boost }),
        ]
    })
}

fn fragment() -> impl Strategy<Value = Fragment> {
    let verdict = Verdict { tier: Tier::Expression, reason: "a tree".into(), cost: 1.5 };
    (tree(), query(), any::<bool>(), any::<Option<u64>>(), proptest::collection::vec(("[a-z]{1,4}", value()), 0..3))
        .prop_map(move |(expr, query, scored, timeout_ms, params)| {
            let mut scripts = ScriptTable::default();
            scripts.push(Script {
                source: ScriptSource { lang: "painless".into(), source: "1".into(), params },
                context: ScriptContext::Field,
                places: vec!["query.script".into()],
                expr,
                ty: ValueType::F64,
                verdict: Some(verdict.clone()),
            });
            Fragment {
                scripts,
                query: query.clone(),
                scored,
                filters: vec![Predicate::Script(ScriptId(0))],
                score: None,
                min_score: Some(0.5),
                post_filters: vec![Predicate::Query(query)],
                top_hits: TopHits {
                    from: 0,
                    size: 10,
                    sort: vec![],
                    search_after: None,
                    track_scores: false,
                    zones: Zones::All,
                    bounded: false,
                },
                track_total_hits: TrackTotalHits::UpTo(10_000),
                fetch: Fetch { source: None, script_fields: vec![], named_queries: vec![] },
                timeout_ms,
            }
        })
}

/// Gives a payload a right header, so that what is behind the checksum is tested too.
fn seal(bytes: &mut [u8]) {
    let checksum = fnv1a(&bytes[HEADER..]);
    bytes[6..HEADER].copy_from_slice(&checksum.to_le_bytes());
}

proptest! {
    #[test]
    fn round_trip(fragment in fragment()) {
        let bytes = fragment.to_bytes().unwrap();
        assert_eq!(Fragment::from_bytes(&bytes).unwrap(), fragment);
    }

    #[test]
    fn damaged_bytes_are_refused(fragment in fragment(), at in any::<usize>(), flip in 1u8..) {
        let mut bytes = fragment.to_bytes().unwrap();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        assert_eq!(Fragment::from_bytes(&bytes).unwrap_err().code(), Code::InvalidFragment);
        assert!(Fragment::from_bytes(&bytes[..at]).is_err());
    }

    #[test]
    fn forged_bytes_do_not_panic(fragment in fragment(), edits in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..8)) {
        let mut bytes = fragment.to_bytes().unwrap();
        for (at, byte) in edits {
            let at = HEADER + at % (bytes.len() - HEADER);
            bytes[at] = byte;
        }
        seal(&mut bytes);
        let _ = Fragment::from_bytes(&bytes);
    }
}

#[test]
fn other_versions_are_refused() {
    let e = Fragment::from_bytes(b"SSFR\x63\x00--------").unwrap_err();
    assert_eq!(e.to_string(), "error[E302]: fragment of version 99\n  expected version 3");
}

#[test]
fn depth_is_limited() {
    // A `Boost` is its tag, then a query: tags alone nest as deep as there are bytes.
    let boost = Query::Boost { query: Box::new(Query::MatchAll), boost: 1.0 };
    let tag = postcard::to_extend(&boost, Vec::new()).unwrap()[0];
    assert!(with_limit(MAX_SHALLOW, || postcard::from_bytes::<Query>(&vec![tag; 100_000])).is_err());
    // So does a list as the first element of a list.
    let tag = postcard::to_extend(&Value::List(vec![]), Vec::new()).unwrap()[0];
    assert!(with_limit(MAX_SHALLOW, || postcard::from_bytes::<Value>(&[tag, 1].repeat(100_000))).is_err());
    // And a whole fragment of such bytes is refused, after a second look with more stack.
    let mut bytes = vec![0; HEADER];
    bytes.extend(vec![tag; 100_000]);
    bytes[..4].copy_from_slice(MAGIC);
    bytes[4..6].copy_from_slice(&VERSION.to_le_bytes());
    seal(&mut bytes);
    assert!(Fragment::from_bytes(&bytes).is_err());
}

#[test]
fn deep_queries_cross() {
    let mut query = Query::MatchAll;
    for _ in 0..600 {
        query = Query::Bool(BoolQuery { filter: vec![query], ..BoolQuery::default() });
    }
    let fragment = Fragment {
        scripts: ScriptTable::default(),
        query,
        scored: true,
        filters: vec![],
        score: None,
        min_score: None,
        post_filters: vec![],
        top_hits: TopHits {
            from: 0,
            size: 10,
            sort: vec![],
            search_after: None,
            track_scores: false,
            zones: Zones::All,
            bounded: false,
        },
        track_total_hits: TrackTotalHits::Exact,
        fetch: Fetch { source: None, script_fields: vec![], named_queries: vec![] },
        timeout_ms: None,
    };
    assert!(Fragment::from_bytes(&fragment.to_bytes().unwrap()).unwrap() == fragment);
}
