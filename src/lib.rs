//! Plans and runs Elasticsearch-style search bodies with scripts, next to the data.
//!
//! A coordinator hands a body to a [`Planner`] and gets a plan: which part each shard runs, which part it runs itself,
//! and for every script how it runs and why. The library also runs the plan over real documents.
//!
//! ```
//! use serde_json::{Value, json};
//! use shardscript::dsl::mapping::read_mapping;
//! use shardscript::exec::index::Index;
//! use shardscript::exec::index::build::BuildOptions;
//! use shardscript::{Planner, Request};
//!
//! let mapping = read_mapping(&json!({"properties": {"name": {"type": "text"}, "price": {"type": "double"}}}))?;
//! let docs = br#"
//!     {"_id": "a", "name": "red phone", "price": 300}
//!     {"_id": "b", "name": "blue phone", "price": 200}
//!     {"_id": "c", "name": "red table", "price": 100}
//! "#;
//! let (index, report) = Index::build(mapping, docs, &BuildOptions::default(), &mut |_done, _all| {})?;
//! assert_eq!((report.indexed, report.rejected.len()), (3, 0));
//!
//! let body = json!({
//!     "query": {"script_score": {
//!         "query": {"match": {"name": "phone"}},
//!         "script": {"source": "1000 / doc['price'].value"},
//!     }},
//!     "_source": "name",
//! })
//! .to_string();
//! let planner = Planner::default();
//! let request = Request::new(body.as_bytes(), 0);
//!
//! // What would run, and how?
//! let plan = planner.plan(request, index.mapping())?;
//! let (_, script) = plan.fragment.scripts.iter().next().expect("the body has a script");
//! assert_eq!(script.verdict.as_ref().map(|v| v.tier.to_string()).as_deref(), Some("expression"));
//!
//! // Run it.
//! let answer: Value = serde_json::from_slice(&planner.search(request, &index)?.body).expect("answers are JSON");
//! assert_eq!(answer["hits"]["hits"][0]["_id"], "b");
//! assert_eq!(answer["hits"]["hits"][0]["_score"], 5.0);
//!
//! // A wrong body says what is wrong, where, and the way out.
//! let wrong = planner.plan(Request::new(br#"{"query": {"mach": {"name": "phone"}}}"#, 0), index.mapping());
//! assert_eq!(
//!     wrong.unwrap_err().to_string(),
//!     "error[E105]: unknown query type `mach`\n  at query.mach\n  hint: did you mean `match`?"
//! );
//! # Ok::<(), shardscript::Error>(())
//! ```
//!
//! The way of a request is `dsl -> plan -> pushdown -> exec`, and no way back: [`dsl`] knows the shape of bodies,
//! [`plan`] what they mean under a mapping, [`pushdown`] where and how each part runs, [`exec`] runs it.

pub mod dsl;
pub mod error;
pub mod evaluation;
pub mod exec;
pub mod explain;
mod json;
pub mod plan;
pub mod planner;
pub mod pushdown;

pub use error::{Code, Error, Place, Result, ScriptPlace, did_you_mean};
pub use evaluation::Evaluation;
pub use explain::ExplainStage;
pub use planner::{Planner, Request};
