//! Calls of UDFs by a machine, over an instance that notes what it is called with.

use std::sync::Mutex;

use super::*;
use crate::error::{Code, Error};
use crate::exec::udf::{Calls, Input, Instance};
use crate::plan::function::batch::BatchMut;
use crate::plan::udf::{NullPolicy, UdfArg, UdfProfile, UdfRuntime, UdfType, udf_call};

/// Adds its doubles up, repeats its strings; fails for 99.
#[derive(Debug)]
struct Double(Arc<Mutex<Vec<String>>>);

impl Instance for Double {
    fn call(&mut self, calls: Calls<'_>, inputs: &[Input<'_>], out: &mut BatchMut<'_>) -> crate::error::Result<()> {
        self.0.lock().unwrap().push(format!("{} of {:?}", calls.rows, calls.active));
        let row_of = |input: &Input<'_>, row| match input {
            Input::Each(_) => row,
            Input::Same(batch) => {
                assert_eq!(batch.rows(), 1);
                0
            }
        };
        for row in (0..calls.rows).filter(|row| calls.active.is_none_or(|active| active[*row])) {
            let mut sum = 0.0;
            let mut text = String::new();
            for input in inputs {
                let (Input::Each(batch) | Input::Same(batch)) = input;
                match batch {
                    Batch::F64(v) => sum += v[row_of(input, row)],
                    Batch::Str(v) => text.push_str(v.get(row_of(input, row))),
                    Batch::I64(_) | Batch::Bool(_) => panic!("no such argument"),
                }
            }
            if sum == 99.0 {
                return Err(Error::new(Code::UdfFailed, "99"));
            }
            match out {
                BatchMut::F64(values) => values[row] = sum,
                BatchMut::Str(all, spans) => {
                    spans.resize(row, (0, 0));
                    spans.push((all.len() as u32, (all.len() + text.len()) as u32));
                    all.push_str(&text);
                }
                BatchMut::I64(_) | BatchMut::Bool(_) => panic!("no such result"),
            }
        }
        Ok(())
    }

    fn tier(&self) -> &'static str {
        "double"
    }
}

fn profile(args: usize, ty: UdfType) -> Arc<UdfProfile> {
    Arc::new(UdfProfile {
        name: "f".into(),
        version: 1,
        hash: String::new(),
        runtime: UdfRuntime::Wasm { export: "f".into() },
        args: vec![UdfArg { name: None, ty, default: None }; args],
        result: ty,
        nulls: NullPolicy::Skip,
        deterministic: true,
        bounds: None,
    })
}

/// The values, or the failure, and what the instance saw.
fn called(expr: &datafusion_expr::Expr, ty: ValueType) -> (Result<String, String>, Vec<String>) {
    let types = |path: &str| (path == "x").then_some(ValueType::F64);
    let program = Program::compile(expr, ty, &Inputs { index: "i", params: &[], columns: &types }).unwrap();
    let mut machine = Machine::new(Arc::new(program), &columns()).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    machine.callees.instances.push(Some(Box::new(Double(Arc::clone(&seen)))));
    let rows = Rows { docs: &[0, 1, 2], doc_base: 0, scores: &[0.5, 1.0, 2.0], filters: &[] };
    let outcome = match machine.run(&rows) {
        Ok(Batch::F64(v)) => Ok(format!("{v:?}")),
        Ok(Batch::Bool(v)) => Ok(format!("{v:?}")),
        Ok(Batch::Str(v)) => Ok(format!("{:?}", (0..3).map(|row| v.get(row)).collect::<Vec<_>>())),
        Ok(Batch::I64(_)) => panic!("no such result"),
        Err(Failure::Row(e)) => Err(format!("row {} at {}: {}", e.row, e.site, e.elastic_type)),
        Err(Failure::Udf { site, error }) => Err(format!("at {site}: {}", error.reason())),
        Err(Failure::Storage(e)) => panic!("{e}"),
    };
    let seen = seen.lock().unwrap().clone();
    (outcome, seen)
}

#[test]
fn calls_see_active_rows_and_fail_with_their_place() {
    // `x` is 1.5, missing, -2.
    let x = || coalesce(column("x"), double(0.0));
    let f = |args: Vec<_>, site| udf_call(&profile(args.len(), UdfType::F64), args, site);
    let positive = || binary(x(), Operator::Gt, double(0.0));
    let all = "3 of None";
    let cases = [
        (f(vec![score(), double(1.0)], 0), Ok("[1.5, 2.0, 3.0]"), vec![all]),
        // Twice the same call of the source is one.
        (binary(f(vec![x()], 0), Operator::Plus, f(vec![x()], 0)), Ok("[3.0, 0.0, -4.0]"), vec![all]),
        // Constants do not fold a call away.
        (f(vec![double(1.0), double(2.0)], 0), Ok("[3.0, 3.0, 3.0]"), vec![all]),
        (
            case(positive(), f(vec![x()], 0), double(7.0)),
            Ok("[1.5, 7.0, 7.0]"),
            vec!["3 of Some([true, false, false])"],
        ),
        // A branch that no row takes calls nothing.
        (case(binary(x(), Operator::Gt, double(9.0)), f(vec![x()], 0), double(7.0)), Ok("[7.0, 7.0, 7.0]"), vec![]),
        (f(vec![double(99.0)], 5), Err("at 5: 99"), vec![all]),
        (case(positive(), x(), f(vec![double(99.0)], 5)), Err("at 5: 99"), vec!["3 of Some([false, true, true])"]),
        // Of a row that has failed there is nothing to pass.
        (f(vec![require(column("x"), 4)], 0), Err("row 1 at 4: illegal_state_exception"), vec![]),
    ];
    for (expr, outcome, seen) in cases {
        let wanted = outcome.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(called(&expr, ValueType::F64), (wanted, seen.into_iter().map(str::to_owned).collect()), "{expr}");
    }
}

#[test]
fn strings_cross() {
    let f = |args: Vec<_>| udf_call(&profile(args.len(), UdfType::Str), args, 0);
    let text = || call("double_to_text", vec![score()]);
    let (values, _) = called(&f(vec![text(), string("é!")]), ValueType::Str);
    assert_eq!(values.unwrap(), r#"["0.5é!", "1.0é!", "2.0é!"]"#);
    let only = case(binary(score(), Operator::Eq, double(1.0)), f(vec![text()]), string("-"));
    assert_eq!(called(&only, ValueType::Str).0.unwrap(), r#"["-", "1.0", "-"]"#);
}
