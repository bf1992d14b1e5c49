//! Random documents and search bodies over one small mapping, for property tests.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

/// The mapping that the documents and bodies are for.
pub(crate) fn mapping() -> Json {
    json!({"properties": {
        "title": {"type": "text"},
        "tag": {"type": "keyword"},
        "views": {"type": "long"},
        "stock": {"type": "integer"},
        "grade": {"type": "byte"},
        "price": {"type": "double"},
        "day": {"type": "date"},
        "flag": {"type": "boolean"},
        "items": {"type": "nested", "properties": {
            "qty": {"type": "integer"}, "cost": {"type": "double"}, "color": {"type": "keyword"}
        }}
    }})
}

/// The text fields of the mapping.
pub(crate) const TEXT_FIELDS: &[&str] = &["title"];
/// The nested fields of the mapping.
pub(crate) const NESTED_FIELDS: &[&str] = &["items"];

const WORDS: &[&str] = &["red", "green", "blue", "fox", "dog", "lamp"];
const TAGS: &[&str] = &["a", "b", "c", "sale"];

fn word() -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(WORDS)
}

fn tag() -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(TAGS)
}

fn price() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![4 => (0..400i32).prop_map(|v| f64::from(v) / 4.0), 1 => Just(0.0), 1 => -50.0..50.0f64]
}

fn day() -> impl Strategy<Value = i64> + Clone {
    (0..500i64).prop_map(|d| 1_700_000_000_000 + d * 43_200_000)
}

/// Missing, one value, or several.
fn some<T: Into<Json> + Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + Clone + 'static,
) -> impl Strategy<Value = Json> {
    prop_oneof![
        2 => Just(Json::Null),
        6 => value.clone().prop_map(Into::into),
        2 => prop::collection::vec(value.prop_map(Into::into), 2..4).prop_map(Json::Array),
    ]
}

/// One document's source.
pub(crate) fn document() -> impl Strategy<Value = Json> {
    let item = (some(0..20i64), some(price()), some(tag()))
        .prop_map(|(qty, cost, color)| json!({"qty": qty, "cost": cost, "color": color}));
    (
        prop::collection::vec(word(), 0..8),
        some(tag()),
        some(prop_oneof![0..1000i64, 0..10i64]),
        (some(-5..50i64), some(0..12i64)),
        some(price()),
        some(day()),
        some(any::<bool>()),
        prop::collection::vec(item, 0..3),
    )
        .prop_map(|(title, tag, views, (stock, grade), price, day, flag, items)| {
            json!({"title": title.join(" "), "tag": tag, "views": views, "stock": stock, "grade": grade, "price": price, "day": day,
                   "flag": flag, "items": items})
        })
}

/// So many documents whose values differ from zone to zone: in clusters, and with a few high ones. In most clusters, no
/// value is missing and none is one of several; nested objects are left out where they are not wanted.
pub(crate) fn clustered_documents(count: usize, nested: bool) -> impl Strategy<Value = Vec<Json>> {
    const CLUSTER: usize = 80;
    let clusters = prop::collection::vec((0..400i64, any::<bool>(), 0..4), count.div_ceil(CLUSTER));
    (prop::collection::vec(document(), count), clusters).prop_map(move |(mut documents, clusters)| {
        for (i, document) in documents.iter_mut().enumerate() {
            let (level, is_high, gaps) = clusters[i / CLUSTER];
            let high = if is_high && i % CLUSTER == 7 { 5000 } else { 0 };
            for (field, scale) in [("views", 1), ("stock", 2), ("price", 1), ("day", 86_400_000)] {
                let shift = |value: &Json| match value.as_i64() {
                    Some(value) => json!(value + (level + high) * scale),
                    None => json!(value.as_f64().unwrap_or(0.0) + ((level + high) * scale) as f64),
                };
                let value = match &document[field] {
                    Json::Array(values) if gaps > 0 => shift(&values[0]),
                    Json::Array(values) => values.iter().map(shift).collect(),
                    Json::Null if gaps > 0 => shift(&if field == "price" { json!(0.5) } else { json!(1) }),
                    Json::Null => Json::Null,
                    value => shift(value),
                };
                document[field] = value;
            }
            if !nested {
                document["items"] = json!([]);
            }
        }
        documents
    })
}

/// Numeric fields of root documents.
fn number_field() -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(&["views", "stock", "price", "day"][..])
}

/// What is computed from a keyword only, or from one number with few values; some of it fails for some values.
fn of_few_values() -> impl Strategy<Value = String> + Clone {
    let of_tag = prop::sample::select(
        &[
            "TAG.length()",
            "TAG.hashCode() % 7",
            "(TAG.endsWith('e') ? 2 : 0.25)",
            "(TAG.compareTo('b') > 0 ? TAG.length() * 1.5 : 1)",
            "TAG.substring(1).length()",
            "(TAG == 'sale' ? doc['price'].size() : TAG.indexOf('a'))",
        ][..],
    );
    let of_grade = prop::sample::select(
        &[
            "Math.pow(Math.abs(doc['grade'].value), 0.3)",
            "Math.sin(doc['grade'].value) * Math.log(2 + Math.abs(doc['grade'].value))",
            "10000 / (doc['grade'].value % 5 - 1) % 3",
        ][..],
    );
    let of_flag = Just("Math.pow(doc['flag'].value ? 2 : params.a, 0.3)");
    let guarded = |field: &'static str, source: String, n: i32| match n {
        0 => source,
        1..4 => format!("(doc['{field}'].empty ? 3 : {source})"),
        _ => format!("(doc['{field}'].size() == 0 ? 0.5 : {source})"),
    };
    let of_tag = (of_tag, 0..12).prop_map(move |(s, n)| guarded("tag", s.replace("TAG", "doc['tag'].value"), n));
    let of_grade = (of_grade, 0..12).prop_map(move |(s, n)| guarded("grade", s.to_owned(), n));
    let of_flag = (of_flag, 0..12).prop_map(move |(s, n)| guarded("flag", s.to_owned(), n));
    prop_oneof![3 => of_tag, 1 => of_grade, 1 => of_flag]
}

/// A numeric Painless expression over `doc`, without `_score`.
fn number_script() -> impl Strategy<Value = String> + Clone {
    let leaf = prop_oneof![
        4 => number_leaf(),
        1 => of_few_values(),
    ];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), prop::sample::select(&["+", "-", "*"][..]), inner.clone())
                .prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} / (1.5 + Math.abs({b})))")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("Math.max({a}, {b})")),
            inner.clone().prop_map(|a| format!("Math.sqrt(Math.abs({a}))")),
            inner.clone().prop_map(|a| format!("Math.log(2 + Math.abs({a}))")),
            (boolean_script(&inner.clone().boxed()), inner.clone(), inner)
                .prop_map(|(test, a, b)| format!("({test} ? {a} : {b})")),
        ]
    })
}

fn number_leaf() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        number_field_guarded(),
        number_field().prop_map(|f| format!("doc['{f}'].size()")),
        Just("params.a".to_owned()),
        Just("params.b".to_owned()),
        (0..20i32).prop_map(|v| v.to_string()),
        (0..80i32).prop_map(|v| format!("{:?}", f64::from(v) / 8.0)),
    ]
}

/// A field that is guarded mostly, so that some requests fail on a missing value and most do not.
fn number_field_guarded() -> impl Strategy<Value = String> + Clone {
    (number_field(), 0..12).prop_map(|(f, n)| {
        let value = value_of(f);
        match n {
            0 => value,
            1..4 => format!("(doc['{f}'].empty ? 3 : {value})"),
            _ => format!("(doc['{f}'].size() == 0 ? 0.5 : {value})"),
        }
    })
}

/// A field's value as a number; that of a date is an object.
fn value_of(field: &str) -> String {
    let millis = if field == "day" { ".toInstant().toEpochMilli()" } else { "" };
    format!("doc['{field}'].value{millis}")
}

fn boolean_script(number: &BoxedStrategy<String>) -> impl Strategy<Value = String> + Clone + use<> {
    let simple = simple_boolean_script(number).boxed();
    prop_oneof![
        8 => simple.clone(),
        // Logic that can be said shorter, once the parameter is known.
        1 => simple.clone().prop_map(|s| format!("!(!({s}))")),
        1 => (simple, 0..9i64).prop_map(|(s, v)| format!("({s}) && !(params.a == {v})")),
    ]
}

fn simple_boolean_script(number: &BoxedStrategy<String>) -> impl Strategy<Value = String> + Clone + use<> {
    prop_oneof![
        (number.clone(), prop::sample::select(&["<", "<=", ">", ">=", "==", "!="][..]), number.clone())
            .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        (number_field(), number.clone()).prop_map(|(f, b)| format!("doc['{f}'].size() > 0 && {} > {b}", value_of(f))),
        tag().prop_map(|t| format!("doc['tag'].size() > 0 && doc['tag'].value == '{t}'")),
        number_field().prop_map(|f| format!("!doc['{f}'].empty")),
    ]
}

fn script(source: impl Strategy<Value = String> + Clone) -> impl Strategy<Value = Json> + Clone {
    (source, 0..30i64, 0..40i32)
        .prop_map(|(source, a, b)| json!({"source": source, "params": {"a": a, "b": f64::from(b) / 4.0}}))
}

/// A script that gives a string.
fn string_script() -> impl Strategy<Value = Json> + Clone {
    let source = prop_oneof![
        Just("doc['tag'].value.toUpperCase()".to_owned()),
        Just("doc['tag'].empty ? 'none' : doc['tag'].value.substring(1)".to_owned()),
        tag().prop_map(|t| format!("doc['tag'].size() == 0 ? 'x' : doc['tag'].value.replace('{t}', 'y') + 'z'")),
        Just(
            "doc['tag'].empty || doc['views'].empty ? '' : doc['tag'].value.toUpperCase() + doc['views'].value"
                .to_owned()
        ),
    ];
    script(source)
}

/// A script that gives a score, mostly not negative.
fn score_script() -> impl Strategy<Value = Json> + Clone {
    script(prop_oneof![
        number_script().prop_map(|s| format!("Math.abs({s})")),
        number_script().prop_map(|s| format!("_score * Math.abs({s})")),
        number_script().prop_map(|s| format!("_score / (1 + Math.abs({s}))")),
        number_script().prop_map(|s| format!("_score + saturation(Math.abs({s}), 7)")),
        number_script(),
    ])
}

fn leaf_query() -> BoxedStrategy<Json> {
    prop_oneof![
        1 => Just(json!({"match_all": {}})),
        3 => prop::collection::vec(word(), 1..3).prop_map(|w| json!({"match": {"title": w.join(" ")}})),
        1 => prop::collection::vec(word(), 2..3).prop_map(|w| json!({"match_phrase": {"title": w.join(" ")}})),
        1 => (word(), word()).prop_map(|(a, b)| json!({"match": {"title": {"query": format!("{a} {b}"), "operator": "and"}}})),
        2 => tag().prop_map(|t| json!({"term": {"tag": t}})),
        1 => any::<bool>().prop_map(|b| json!({"term": {"flag": b}})),
        1 => (0..10i64).prop_map(|v| json!({"term": {"views": v}})),
        1 => prop::collection::vec(tag(), 0..3).prop_map(|t| json!({"terms": {"tag": t}})),
        2 => (prop::sample::select(&["views", "stock", "price"][..]), price(), price()).prop_map(|(f, a, b)| json!({"range": {f: {"gte": a.min(b), "lt": a.max(b)}}})),
        1 => (day(), day()).prop_map(|(a, b)| json!({"range": {"day": {"gt": a.min(b), "lte": a.max(b)}}})),
        1 => prop::sample::select(&["title", "tag", "views", "price", "day", "flag"][..]).prop_map(|f| json!({"exists": {"field": f}})),
        1 => prop::collection::vec(0..40u32, 0..4).prop_map(|ids| json!({"ids": {"values": ids.iter().map(u32::to_string).collect::<Vec<_>>()}})),
        1 => tag().prop_map(|t| json!({"prefix": {"tag": &t[..1]}})),
        3 => script(boolean_script(&number_script().boxed())).prop_map(|s| json!({"script": {"script": s}})),
        2 => (nested_query(), prop::sample::select(&["avg", "sum", "min", "max", "none"][..]))
            .prop_map(|(q, mode)| json!({"nested": {"path": "items", "query": q, "score_mode": mode}})),
    ]
    .boxed()
}

fn nested_query() -> impl Strategy<Value = Json> + Clone {
    prop_oneof![
        tag().prop_map(|t| json!({"term": {"items.color": t}})),
        (0..20i64).prop_map(|v| json!({"range": {"items.qty": {"gte": v}}})),
        (0..20i64, tag()).prop_map(|(v, t)| json!({"bool": {"must": [{"range": {"items.qty": {"lt": v}}}], "must_not": [{"term": {"items.color": t}}]}})),
        Just(json!({"match_all": {"boost": 2}})),
        Just(json!({"script": {"script": "doc['items.qty'].size() > 0 && doc['items.qty'].value > 7"}})),
        Just(json!({"script_score": {"query": {"match_all": {}}, "script": {"source": "doc['items.cost'].empty ? 1 : Math.abs(doc['items.cost'].value)"}}})),
    ]
}

fn function() -> impl Strategy<Value = Json> + Clone {
    let decay = (prop::sample::select(&["gauss", "exp", "linear"][..]), number_field(), 1..50i32, prop::sample::select(&["min", "max", "avg", "sum"][..]))
        .prop_map(|(kind, f, scale, mode)| match f {
            "day" => json!({kind: {"day": {"origin": 1_710_000_000_000i64, "scale": format!("{scale}d"), "offset": "1d"}, "multi_value_mode": mode}}),
            _ => json!({kind: {f: {"origin": 10, "scale": scale, "offset": 1, "decay": 0.4}, "multi_value_mode": mode}}),
        });
    let factor = (number_field(), prop::sample::select(&["none", "log1p", "log2p", "ln1p", "ln2p", "sqrt", "square"][..]))
        .prop_map(|(f, modifier)| json!({"field_value_factor": {"field": f, "factor": 0.5, "modifier": modifier, "missing": 2}}));
    let base = prop_oneof![
        decay,
        factor,
        score_script().prop_map(|s| json!({"script_score": {"script": s}})),
        (1..9i32).prop_map(|w| json!({"weight": f64::from(w) / 2.0})),
    ];
    (base, prop::option::of(1..5i32), prop::option::of(leaf_query())).prop_map(|(mut f, weight, filter)| {
        if let Some(weight) = weight {
            f["weight"] = json!(weight);
        }
        if let Some(filter) = filter {
            f["filter"] = filter;
        }
        f
    })
}

/// A conjunction of scripts that cannot fail, over several fields, the dear one first.
fn safe_filters() -> impl Strategy<Value = Json> {
    let dear = (number_field(), number_field())
        .prop_map(|(a, b)| format!("Math.log(2 + Math.abs(doc['{a}'].size() + doc['{b}'].size())) < params.b"));
    let cheap = (number_field(), number_field()).prop_map(|(a, b)| format!("doc['{a}'].empty || !doc['{b}'].empty"));
    let known = Just("doc['views'].empty || 1 < 2".to_owned());
    (script(dear), script(cheap), prop::option::of(script(known))).prop_map(|(dear, cheap, known)| {
        let scripts = [Some(dear), Some(cheap), known].into_iter().flatten();
        let filters: Vec<_> = scripts.map(|script| json!({"script": {"script": script}})).collect();
        json!({"bool": {"filter": filters}})
    })
}

/// A query of any kind.
pub(crate) fn query() -> impl Strategy<Value = Json> {
    leaf_query().prop_recursive(3, 10, 4, |inner| {
        let clauses = || prop::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            4 => (clauses(), clauses(), clauses(), clauses(), prop::option::of(0..3i32)).prop_map(|(must, filter, should, must_not, msm)| {
                let mut body = json!({"must": must, "filter": filter, "should": should, "must_not": must_not});
                if let Some(msm) = msm {
                    body["minimum_should_match"] = json!(msm);
                }
                json!({"bool": body})
            }),
            1 => (inner.clone(), inner.clone(), 0..4i32).prop_map(|(p, n, b)| json!({"boosting": {"positive": p, "negative": n, "negative_boost": f64::from(b) / 4.0}})),
            1 => (inner.clone(), 1..5i32).prop_map(|(q, b)| json!({"constant_score": {"filter": q, "boost": b}})),
            1 => (clauses(), 0..4i32).prop_map(|(q, t)| json!({"dis_max": {"queries": q, "tie_breaker": f64::from(t) / 4.0}}))
                .prop_filter("dis_max needs a query", |q| !q["dis_max"]["queries"].as_array().is_some_and(Vec::is_empty)),
            2 => (inner.clone(), score_script(), prop::option::of(0..20i32)).prop_map(|(q, s, min)| {
                let mut body = json!({"query": q, "script": s});
                if let Some(min) = min {
                    body["min_score"] = json!(min);
                }
                json!({"script_score": body})
            }),
            2 => (inner.clone(), prop::collection::vec(function(), 0..3), prop::sample::select(&["multiply", "sum", "avg", "first", "max", "min"][..]),
                  prop::sample::select(&["multiply", "replace", "sum", "avg", "max", "min"][..]), prop::option::of(1..30i32))
                .prop_map(|(q, functions, score_mode, boost_mode, max_boost)| {
                    let mut body = json!({"query": q, "functions": functions, "score_mode": score_mode, "boost_mode": boost_mode});
                    if let Some(max) = max_boost {
                        body["max_boost"] = json!(max);
                    }
                    json!({"function_score": body})
                }),
        ]
    })
}

/// A search body: by score or sorted, with the keys that change which hits come back.
pub(crate) fn body() -> impl Strategy<Value = Json> {
    let sort = prop_oneof![
        3 => Just(Json::Null),
        1 => (number_field(), prop::sample::select(&["asc", "desc"][..]), prop::sample::select(&["_first", "_last"][..]))
            .prop_map(|(f, order, missing)| json!([{f: {"order": order, "missing": missing}}])),
        1 => (script(number_script()), prop::sample::select(&["asc", "desc"][..]))
            .prop_map(|(s, order)| json!([{"_script": {"type": "number", "script": s, "order": order}}])),
        1 => (string_script(), prop::sample::select(&["asc", "desc"][..]))
            .prop_map(|(s, order)| json!([{"_script": {"type": "string", "script": s, "order": order}}])),
        1 => Just(json!([{"tag": "desc"}, "_score"])),
        1 => (prop::sample::select(&["asc", "desc"][..]), prop::sample::select(&["_first", "_last", "b"][..]), number_field())
            .prop_map(|(order, missing, second)| json!([{"tag": {"order": order, "missing": missing}}, {second: "desc"}])),
        1 => Just(json!(["_score", {"views": "desc"}])),
        1 => prop::sample::select(&["asc", "desc"][..]).prop_map(|order| json!([{"_doc": order}])),
    ];
    let track = prop_oneof![
        5 => Just(json!(true)),
        1 => Just(json!(false)),
        2 => (0..40u32).prop_map(|limit| json!(limit)),
    ];
    (
        prop_oneof![12 => query().boxed(), 1 => safe_filters().boxed()],
        sort,
        0..4usize,
        prop_oneof![Just(0usize), Just(3), Just(10), Just(100), Just(200)],
        prop::option::of(0..5i32),
        prop::option::weighted(0.3, leaf_query()),
        (track, prop::bool::weighted(0.2), prop::bool::weighted(0.05)),
    )
        .prop_map(|(query, sort, from, size, min_score, post_filter, (track, track_scores, shares_script))| {
            let mut body =
                json!({"query": query, "from": from, "size": size, "_source": false, "track_total_hits": track});
            if !sort.is_null() {
                body["sort"] = sort;
                body["track_scores"] = json!(track_scores);
            }
            if shares_script {
                // The same script for two uses.
                let script = json!({"lang": "expression", "source": "doc['views'] * 2 + doc['stock']"});
                body["script_fields"] = json!({"values": {"script": script}});
                body["sort"] = json!([{"_script": {"type": "number", "script": script}}]);
            }
            if let Some(min) = min_score {
                body["min_score"] = json!(f64::from(min) / 2.0);
            }
            if let Some(filter) = post_filter {
                body["post_filter"] = filter;
            }
            body
        })
}
