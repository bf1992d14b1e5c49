//! What Python UDFs give, and what they cannot do.

mod evil;
mod numpy;
mod types;

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::error::Place;
use crate::exec::context::Deadline;
use crate::exec::udf::{Calls, DeclaredArg, Input, Source};
use crate::plan::function::batch::{Batch, BatchMut};
use crate::plan::udf::{UdfArg, UdfRuntime, UdfType};

/// A runtime, and the function of a file that was deployed to it.
struct Udf {
    runtime: Arc<PythonRuntime>,
    profile: Arc<UdfProfile>,
    source: String,
}

fn runtime(call: Duration) -> Arc<PythonRuntime> {
    let limits = Limits { call, memory: 16 << 20, ..Limits::default() };
    Arc::new(PythonRuntime::new(limits, interpreter()))
}

fn deployment(source: &str, args: &str, returns: Option<UdfType>, mode: PythonMode) -> Deployment {
    Deployment {
        name: "f".into(),
        source: Source::Python { source: source.into(), function: None, mode },
        args: (!args.is_empty()).then(|| DeclaredArg::list(args).unwrap()),
        returns,
        nulls: None,
        bounds: None,
        deterministic: true,
    }
}

impl Udf {
    fn deploy(runtime: &Arc<PythonRuntime>, source: &str, deployment: &Deployment) -> Result<Self> {
        let Source::Python { function, mode, .. } = &deployment.source else { unreachable!() };
        let prepared = runtime.prepare(deployment, source, function.as_deref(), *mode)?;
        let mut profile = deployment.profile(&prepared)?;
        (profile.version, profile.hash) = (1, source.to_owned());
        Ok(Self { runtime: Arc::clone(runtime), profile: Arc::new(profile), source: source.to_owned() })
    }

    /// A row function of doubles.
    fn row(runtime: &Arc<PythonRuntime>, source: &str) -> Self {
        Self::deploy(runtime, source, &deployment(source, "", None, PythonMode::Row)).unwrap()
    }

    fn instance(&self) -> Box<dyn Instance> {
        self.runtime.instance(&self.profile, || Ok(self.source.clone().into_bytes())).unwrap()
    }

    /// Calls it for doubles.
    fn doubles(&self, columns: &[&[f64]]) -> Result<Vec<f64>> {
        doubles(&mut *self.instance(), columns)
    }
}

fn doubles(instance: &mut dyn Instance, columns: &[&[f64]]) -> Result<Vec<f64>> {
    let inputs: Vec<_> = columns.iter().map(|column| Input::Each(Batch::F64(column))).collect();
    let mut out = vec![0.0; columns[0].len()];
    instance.call(all(out.len()), &inputs, &mut BatchMut::F64(&mut out))?;
    Ok(out)
}

fn all(rows: usize) -> Calls<'static> {
    Calls { rows, active: None, deadline: Deadline::after(None) }
}

const HONEST: &str = "def f(score, boost):\n    return score * boost + 1.0\n";

#[test]
fn a_worker_answers_again_and_again() {
    let runtime = runtime(Duration::from_secs(10));
    let udf = Udf::row(&runtime, HONEST);
    assert_eq!(udf.doubles(&[&[1.0, 2.0], &[3.0, 4.0]]).unwrap(), [4.0, 9.0]);
    let many: Vec<f64> = (0..20_000).map(f64::from).collect();
    let mut instance = udf.instance();
    let out = doubles(&mut *instance, &[&many, &many]).unwrap();
    assert!(out.iter().zip(&many).all(|(out, v)| *out == v * v + 1.0));
    let status = runtime.status();
    assert_eq!((status.busy, status.idle), (1, 0), "the second instance has taken over the worker of the first");
    drop(instance);
    assert_eq!((runtime.status().busy, runtime.status().idle), (0, 1));
    let hello = status.hello.unwrap();
    assert!(hello.python.starts_with("3."), "{hello:?}");
}

#[test]
fn only_active_rows_are_called_and_what_does_not_vary_is_passed_once() {
    let udf = Udf::row(&runtime(Duration::from_secs(10)), "def f(score, boost):\n    return boost / score\n");
    let active = [true, false, true];
    let calls = Calls { active: Some(&active), ..all(3) };
    let mut out = [-1.0; 3];
    let inputs = [Input::Each(Batch::F64(&[2.0, 0.0, 4.0])), Input::Same(Batch::F64(&[8.0]))];
    udf.instance().call(calls, &inputs, &mut BatchMut::F64(&mut out)).unwrap();
    assert_eq!(out, [4.0, -1.0, 2.0]);
    let inputs = [2.0, 8.0].map(|value| [value]);
    let inputs = inputs.each_ref().map(|value| Input::Same(Batch::F64(value)));
    udf.instance().call(all(3), &inputs, &mut BatchMut::F64(&mut out)).unwrap();
    assert_eq!(out, [4.0; 3]);
}

#[test]
fn results_lie_between_the_bounds_that_were_declared() {
    let deployment = Deployment { bounds: Some((0.0, 5.0)), ..deployment(HONEST, "", None, PythonMode::Row) };
    let udf = Udf::deploy(&runtime(Duration::from_secs(10)), HONEST, &deployment).unwrap();
    assert_eq!(udf.doubles(&[&[2.0], &[2.0]]).unwrap(), [5.0]);
    let error = udf.doubles(&[&[2.0, 3.0], &[2.0, 2.0]]).unwrap_err();
    assert_eq!(error.reason(), "UDF [f@1] gave 7, which is not between 0 and 5 as declared");
    assert_eq!(error.found_at(), Some(&Place::Row(1)));
}

#[test]
fn an_error_says_what_was_raised_where_and_for_what() {
    let source = "def f(score):\n    x = 1.0 - score\n    return 1.0 / x\n";
    let udf = Udf::row(&runtime(Duration::from_secs(10)), source);
    let mut instance = udf.instance();
    let mut column = vec![0.0; 9000];
    column[8500] = 1.0;
    let error = doubles(&mut *instance, &[&column]).unwrap_err();
    assert_eq!(error.code(), Code::UdfFailed);
    assert_eq!(error.reason(), "UDF [f@1] raised ZeroDivisionError: float division by zero, called with (1.0)");
    assert_eq!(error.found_at(), Some(&Place::Row(8500)));
    let traceback = error.cause().unwrap().reason();
    assert!(traceback.contains("line 3, in f\n    return 1.0 / x"), "{traceback}");
    assert_eq!(doubles(&mut *instance, &[&[0.0]]).unwrap(), [1.0], "the same worker goes on");
    assert_eq!(udf.runtime.status().busy, 1);
}

#[test]
fn deploying_reads_signatures_and_runs_nothing() {
    let runtime = runtime(Duration::from_secs(10));
    let deploy = |source: &str, args: &str| {
        Udf::deploy(&runtime, source, &deployment(source, args, None, PythonMode::Row)).map(|udf| udf.profile)
    };
    let profile = deploy("1 / 0\ndef f(score, n: int, ok: bool, title: str = '') -> bool: ...", "").unwrap();
    let args: Vec<_> = profile.args.iter().map(|arg| (arg.name.as_deref().unwrap(), arg.ty)).collect();
    let want = [("score", UdfType::F64), ("n", UdfType::I64), ("ok", UdfType::Bool), ("title", UdfType::Str)];
    assert_eq!((args.as_slice(), profile.result), (&want[..], UdfType::Bool));
    let profile = deploy("def other(a, b=1): ...", "x:i32").unwrap();
    assert_eq!(profile.args, [UdfArg { name: Some("x".into()), ty: UdfType::I32, default: None }]);
    assert_eq!(profile.runtime, UdfRuntime::Python { function: "other".into(), mode: PythonMode::Row, formula: None });
    for (source, args, wrong) in [
        ("def f(score:\n  pass", "", "is no Python"),
        ("x = 1", "", "has no function `f`"),
        ("def g(a): ...\ndef h(a): ...", "", "has no function `f`"),
        ("def f(a, b): ...", "a", "takes 2 arguments, and 1 are passed"),
        ("def f(a): ...", "a, b", "takes 1 arguments, and 2 are passed"),
        ("def f(*, a): ...", "", "takes `a` by name only"),
        ("def f(): ...", "", "takes nothing"),
        ("def f(a: list): ...", "", "annotates the argument `a` as `list`"),
        (&format!("x = {}1{}", "(".repeat(100_000), ")".repeat(100_000)), "", "is no Python"),
    ] {
        let error = deploy(source, args).unwrap_err();
        assert_eq!(error.code(), Code::InvalidUdf, "{error}");
        assert!(error.reason().contains(wrong), "{error}");
    }
}

#[test]
fn without_an_interpreter_the_error_says_how_to_name_one() {
    let runtime = Arc::new(PythonRuntime::new(Limits::default(), "no-such-python".into()));
    let source = Deployment { ..deployment(HONEST, "", None, PythonMode::Row) };
    let error = runtime.prepare(&source, HONEST, None, PythonMode::Row).unwrap_err();
    assert_eq!(error.code(), Code::UdfRuntime);
    assert!(error.to_string().contains("SHARDSCRIPT_PYTHON"), "{error}");
}

#[test]
fn workers_of_a_search_that_is_over_do_not_start() {
    let udf = Udf::row(&runtime(Duration::from_secs(10)), HONEST);
    let calls = Calls { deadline: Deadline::after(Some(0)), ..all(1) };
    let inputs = [Input::Each(Batch::F64(&[1.0])), Input::Each(Batch::F64(&[1.0]))];
    let error = udf.instance().call(calls, &inputs, &mut BatchMut::F64(&mut [0.0])).unwrap_err();
    assert_eq!(error.code(), Code::UdfLimit, "{error}");
}
