//! Every type there and back, in both forms.

use super::*;
use crate::plan::function::batch::StrBatch;

#[derive(Debug, PartialEq)]
enum Values {
    F64(Vec<f64>),
    I64(Vec<i64>),
    Bool(Vec<bool>),
    Str(Vec<&'static str>),
}

/// Calls an identity over a column twice as long as what goes to a worker at once.
fn identity(runtime: &Arc<PythonRuntime>, ty: UdfType, mode: PythonMode, source: &str, values: &Values) -> Result<()> {
    let udf = Udf::deploy(runtime, source, &deployment(source, &format!("x:{ty}"), Some(ty), mode))?;
    let mut instance = udf.instance();
    let rows = 2 * batch_rows(mode) + 3;
    let all = all(rows);
    match values {
        Values::F64(values) => {
            let column: Vec<_> = values.iter().copied().cycle().take(rows).collect();
            let mut out = vec![0.0; rows];
            instance.call(all, &[Input::Each(Batch::F64(&column))], &mut BatchMut::F64(&mut out))?;
            assert!(out.iter().zip(&column).all(|(a, b)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())));
        }
        Values::I64(values) => {
            let column: Vec<_> = values.iter().copied().cycle().take(rows).collect();
            let mut out = vec![0; rows];
            instance.call(all, &[Input::Each(Batch::I64(&column))], &mut BatchMut::I64(&mut out))?;
            assert_eq!(out, column);
        }
        Values::Bool(values) => {
            let column: Vec<_> = values.iter().copied().cycle().take(rows).collect();
            let mut out = vec![false; rows];
            instance.call(all, &[Input::Each(Batch::Bool(&column))], &mut BatchMut::Bool(&mut out))?;
            assert_eq!(out, column);
        }
        Values::Str(values) => {
            let (mut text, mut spans) = (String::new(), Vec::new());
            for value in values.iter().cycle().take(rows) {
                spans.push((text.len() as u32, (text.len() + value.len()) as u32));
                text.push_str(value);
            }
            let column = StrBatch { text: &text, spans: &spans };
            let (mut out, mut ends) = (String::new(), Vec::new());
            let calls = Calls { active: Some(&(0..rows).map(|row| row % 3 != 1).collect::<Vec<_>>()), ..all };
            instance.call(calls, &[Input::Each(Batch::Str(column))], &mut BatchMut::Str(&mut out, &mut ends))?;
            assert_eq!(ends.len(), rows);
            let got = StrBatch { text: &out, spans: &ends };
            assert!((0..rows).all(|row| got.get(row) == if row % 3 == 1 { "" } else { column.get(row) }));
        }
    }
    Ok(())
}

fn cases() -> [(UdfType, Values); 6] {
    let doubles = vec![0.0, -0.0, 1.5, f64::MAX, f64::MIN_POSITIVE / 2.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    [
        (UdfType::F64, Values::F64(doubles)),
        (UdfType::F32, Values::F64(vec![0.0, 1.5, f64::from(f32::MAX), f64::INFINITY, f64::NAN])),
        (UdfType::I64, Values::I64(vec![0, -1, i64::MAX, i64::MIN])),
        (UdfType::I32, Values::I64(vec![0, -1, i32::MAX.into(), i32::MIN.into()])),
        (UdfType::Bool, Values::Bool(vec![true, false, false])),
        (UdfType::Str, Values::Str(vec!["", "plain", "größer", "日本", "\0", "\u{1F600}"])),
    ]
}

#[test]
fn row_functions_take_and_give_every_type() {
    let runtime = runtime(Duration::from_secs(10));
    for (ty, values) in cases() {
        identity(&runtime, ty, PythonMode::Row, "def f(x):\n    return x\n", &values).unwrap();
    }
}

#[test]
fn a_value_outside_of_its_type_is_refused() {
    let runtime = runtime(Duration::from_secs(10));
    let give = |ty: UdfType, value: &str| {
        let source = format!("def f(x):\n    return {value}\n");
        let udf = Udf::deploy(&runtime, &source, &deployment(&source, "x", Some(ty), PythonMode::Row)).unwrap();
        let inputs = [Input::Each(Batch::F64(&[1.0, 2.0]))];
        let (mut doubles, mut longs, mut booleans) = ([0.0; 2], [0; 2], [false; 2]);
        let (mut text, mut spans) = (String::new(), Vec::new());
        let mut out = match ty {
            UdfType::F32 | UdfType::F64 => BatchMut::F64(&mut doubles),
            UdfType::I32 | UdfType::I64 => BatchMut::I64(&mut longs),
            UdfType::Bool => BatchMut::Bool(&mut booleans),
            UdfType::Str => BatchMut::Str(&mut text, &mut spans),
        };
        udf.instance().call(all(2), &inputs, &mut out)
    };
    for (ty, value) in [
        (UdfType::I64, "x"),
        (UdfType::I64, "1 if x < 2 else 1 << 63"),
        (UdfType::I32, "1 if x < 2 else 1 << 31"),
        (UdfType::Bool, "1"),
        (UdfType::Bool, "True if x < 2 else x"),
        (UdfType::Str, "b''"),
        (UdfType::Str, "'' if x < 2 else '\\ud800'"),
        (UdfType::F64, "'' if x > 1 else x"),
        (UdfType::F32, "None"),
    ] {
        let error = give(ty, value).unwrap_err();
        assert_eq!(error.code(), Code::UdfFailed, "{ty} {value}: {error}");
        let row = usize::from(value.contains(" if "));
        assert_eq!(error.found_at(), Some(&Place::Row(row)), "{ty} {value}: {error}");
    }
    for (ty, value) in [(UdfType::F64, "True"), (UdfType::F64, "7"), (UdfType::I64, "True"), (UdfType::F32, "1e300")] {
        give(ty, value).unwrap();
    }
    let udf = Udf::row(&runtime, "def f(x):\n    return x\n");
    let text = StrBatch { text: "x", spans: &[(0, 1)] };
    let error =
        udf.instance().call(all(1), &[Input::Each(Batch::Str(text))], &mut BatchMut::F64(&mut [0.0])).unwrap_err();
    assert_eq!(error.code(), Code::UdfFailed);
}

#[test]
fn vectorised_functions_take_and_give_every_type() {
    let Some(python) = numpy::interpreter() else { return };
    let runtime = Arc::new(PythonRuntime::new(Limits { call: Duration::from_secs(10), ..Limits::default() }, python));
    for (ty, values) in cases() {
        let source = "def f(x):\n    assert x.ndim == 1\n    return x\n";
        identity(&runtime, ty, PythonMode::Vectorised, source, &values).unwrap();
    }
    let numpy = |source: &str| {
        let source = format!("import numpy as np\n{source}");
        Udf::deploy(&runtime, &source, &deployment(&source, "", None, PythonMode::Vectorised)).unwrap()
    };
    let udf = numpy("def f(score, boost):\n    score *= boost\n    return np.where(score > 4, score, 1)\n");
    let mut out = [0.0; 2];
    let inputs = [Input::Each(Batch::F64(&[2.0, 3.0])), Input::Same(Batch::F64(&[2.0]))];
    udf.instance().call(all(2), &inputs, &mut BatchMut::F64(&mut out)).unwrap();
    assert_eq!(out, [1.0, 6.0]);
    for (body, wrong) in [
        ("return x[1:]", "an array of shape (1,) for 2 rows"),
        ("return x.reshape(2, 1)", "an array of shape (2, 1) for 2 rows"),
        ("return 1.0", "a float, which is no array"),
        ("return None", "a NoneType, which is no array"),
        ("return x + 1j", "an array of complex128"),
        ("return x.astype(str)", "an array of <U"),
        ("return np.array([None, 1.0])", "an array of object"),
        ("raise ValueError('no')", "raised ValueError: no"),
        ("return x @ 1", "raised ValueError"),
    ] {
        let error = numpy(&format!("def f(x):\n    {body}\n")).doubles(&[&[1.0, 2.0]]).unwrap_err();
        assert_eq!(error.code(), Code::UdfFailed, "{body}: {error}");
        assert!(error.reason().contains(wrong), "{body}: {error}");
    }
}

#[test]
fn without_numpy_vectorised_functions_are_refused() {
    let runtime = runtime(Duration::from_secs(10));
    let source = "def f(x):\n    return x\n";
    if let Err(error) = Udf::deploy(&runtime, source, &deployment(source, "", None, PythonMode::Vectorised)) {
        assert_eq!(error.code(), Code::UdfRuntime);
        assert!(error.to_string().contains("-m pip install numpy"), "{error}");
    } else {
        assert!(runtime.status().hello.unwrap().numpy.is_some());
    }
}
