//! What deployment accepts, refuses and writes.

use super::*;
use crate::exec::udf::deployment::Prepared;
use crate::plan::udf::NullPolicy;

fn deploy(wat: &str, deployment: &Deployment) -> Result<Prepared> {
    prepare(&wat::parse_str(wat).unwrap(), None, deployment, &Limits::default())
}

#[test]
fn exports_are_found() {
    let with = |exports: &str| deploy(&format!("(module {exports})"), &deployment(None, None));
    let f = |name: &str| format!(r#"(func (export "{name}") (param f64) (result f64) (local.get 0))"#);
    let export = |exports: &str| match with(exports).unwrap().runtime {
        crate::plan::udf::UdfRuntime::Wasm { export } => export,
        other => panic!("{other:?}"),
    };
    assert_eq!(export(&[f("a"), f("udf")].concat()), "udf");
    assert_eq!(export(&f("a")), "a");
    let runtime = r#"(func (export "alloc") (param i32) (result i32) (i32.const 0)) (func (export "_initialize"))"#;
    assert_eq!(export(&[&f("a"), runtime].concat()), "a");
    let error = with(&[f("a"), f("b")].concat()).unwrap_err();
    assert!(error.to_string().contains("exports no function [udf]\n  expected one of: a, b\n"), "{error}");
    let error = with(r#"(global (export "udf") i32 (i32.const 0))"#).unwrap_err();
    assert!(error.to_string().contains("it exports no function at all"), "{error}");
}

#[test]
fn arguments_are_named_by_the_compiler_or_declared() {
    let named = r#"(module (func (export "udf") (param $score f64) (param $boost i32) (result f32) (f32.const 0)))"#;
    let names = |args: Option<&str>| {
        let prepared = deploy(named, &deployment(args, None))?;
        let args = prepared.args.iter().map(|arg| format!("{}:{}", arg.name.as_deref().unwrap_or("-"), arg.ty));
        Ok::<_, Error>((args.collect::<Vec<_>>().join(" "), prepared.result))
    };
    assert_eq!(names(None).unwrap(), ("score:f64 boost:i32".into(), UdfType::F32));
    assert_eq!(names(Some("x, flag:bool")).unwrap(), ("x:f64 flag:bool".into(), UdfType::F32));
    for (declared, shown) in [("x", "x"), ("x, y, z", "x, y, z"), ("x, y:i64", "x, y: i64")] {
        let error = names(Some(declared)).unwrap_err();
        let expected = format!("takes (f64, i32)\n  expected ({shown}), as it was declared");
        assert!(error.to_string().contains(&expected), "{error}");
    }
    let plain = r#"(module (func (export "udf") (param f64 i32) (result f64) (f64.const 0)))"#;
    assert_eq!(deploy(plain, &deployment(None, None)).unwrap().args[0].name, None);
    let mut flagged = deployment(None, None);
    flagged.nulls = Some(NullPolicy::Flag);
    assert_eq!(deploy(plain, &flagged).unwrap().args.len(), 1);
    flagged.args = Some(DeclaredArg::list("x:f64").unwrap());
    assert_eq!(deploy(plain, &flagged).unwrap().args.len(), 1);
    flagged.args = Some(DeclaredArg::list("x:f64, y:i32").unwrap());
    assert!(deploy(plain, &flagged).is_err());
}

#[test]
fn signatures_that_cannot_be_called_are_refused() {
    let cases = [
        ("(func (export \"udf\") (param v128) (result f64) (f64.const 0))", "takes a v128"),
        ("(func (export \"udf\") (param funcref) (result f64) (f64.const 0))", "takes a funcref"),
        ("(func (export \"udf\") (param f64))", "gives ()"),
        ("(func (export \"udf\") (result f64 f64) (f64.const 0) (f64.const 0))", "gives (f64, f64)"),
    ];
    for (function, expected) in cases {
        let error = deploy(&format!("(module {function})"), &deployment(None, None)).unwrap_err();
        assert!(error.reason().ends_with(expected), "{error}");
    }
    let string = r#"(module (memory 1) (func (export "udf") (param i32 i32) (result i32) (i32.const 0)))"#;
    let error = deploy(string, &deployment(Some("s:string"), None)).unwrap_err();
    assert!(error.reason().ends_with("takes strings, but the module does not export [alloc]"), "{error}");
}

#[test]
fn what_is_prepared_is_small_and_always_the_same() {
    let wat = r#"(module
        (func $unused (drop (i32.const 1234567)) (drop (i32.const 1234567)) (drop (i32.const 1234567)))
        (func (export "udf") (param $a f64) (result f64) (local.get $a)))"#;
    let wasm = wat::parse_str(wat).unwrap();
    let once = prepare(&wasm, None, &deployment(None, None), &Limits::default()).unwrap();
    assert_eq!(once, prepare(&wasm, None, &deployment(None, None), &Limits::default()).unwrap());
    // The name section is read and dropped, and so is code that nothing calls.
    assert!(!once.code.windows(4).any(|bytes| bytes == b"name" || bytes == b"unus"));
    assert!(once.code.len() < 300, "{}", once.code.len());
}

#[test]
fn sections_named_like_ours_are_dropped() {
    let wat = |section: &str| {
        format!(
            r#"(module (func (export "udf") (param f64) (result f64) (f64.mul (local.get 0) (f64.const 3))) {section})"#
        )
    };
    let plain = deploy(&wat(""), &deployment(None, None)).unwrap();
    let section = r#"(@custom "shardscript.simd" (after code) "\00\00\0b")"#;
    assert_eq!(deploy(&wat(section), &deployment(None, None)).unwrap(), plain);
    let section = r#"(@custom "shardscript" (before first) "\02\00")"#;
    assert_eq!(deploy(&wat(section), &deployment(None, None)).unwrap(), plain);
}

#[test]
fn sizes_are_limited() {
    let wasm = wat::parse_str(
        r#"(module (memory 1) (data (i32.const 0) "0123456789")
        (func (export "udf") (param f64) (result f64) (nop) (nop) (nop) (nop) (local.get 0)))"#,
    )
    .unwrap();
    let refused =
        |limits: Limits| prepare(&wasm, None, &deployment(None, None), &limits).unwrap_err().reason().to_owned();
    let module = Limits { module: 40, ..Limits::default() };
    assert_eq!(refused(module), "UDF [udf] exceeded its module size limit of 40 bytes");
    let function = Limits { function: 7, ..Limits::default() };
    assert_eq!(refused(function), "UDF [udf] exceeded its function size limit of 7 bytes");
}
