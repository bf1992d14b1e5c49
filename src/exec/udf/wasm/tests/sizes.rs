//! Modules of few bytes that ask for much: refused at deployment, with the limit that they exceed.

use super::*;

fn deploy(fields: &str) -> Result<Vec<u8>> {
    let wat = format!(r#"(module {fields})"#);
    Ok(prepare(&wat::parse_str(&wat).unwrap(), None, &deployment(None, None), &limits())?.code)
}

fn refused(fields: &str) -> String {
    deploy(fields).unwrap_err().reason().to_owned()
}

fn identity(body: &str) -> String {
    format!(r#"(func (export "udf") (param f64) (result f64) {body} (local.get 0))"#)
}

#[test]
fn counts_are_limited() {
    let plain = identity("");
    let sum = format!("(global i32 i32.const 1 {})", "i32.const 1 i32.add ".repeat(30_000));
    assert_eq!(
        refused(&[&plain, &*sum].concat()),
        "UDF [udf] exceeded its module size limit of 1000 bytes of an expression that initialises something"
    );
    let passive = format!("(elem func {})", "0 ".repeat(10_001));
    assert_eq!(refused(&[&plain, &*passive].concat()), "UDF [udf] exceeded its table limit of 10000 elements");
    let abort = r#"(import "env" "abort" (func (param i32 i32 i32 i32)))"#.repeat(1_001);
    assert_eq!(refused(&[&abort, &*plain].concat()), "UDF [udf] exceeded its module size limit of 1000 imports");
    let functions = "(func)".repeat(30_000);
    assert_eq!(refused(&[&plain, &*functions].concat()), "UDF [udf] exceeded its module size limit of 30000 functions");
    // As many as there may be, but the driver needs one more.
    let memories = "(memory 0)".repeat(100);
    assert_eq!(
        refused(&[&plain, &*memories].concat()).split(" (at").next(),
        Some("the module of UDF [udf] is not valid: memories count exceeds limit of 100")
    );
}

#[test]
fn what_a_function_asks_of_a_compiler_is_limited() {
    let nested = |depth| identity(&["block ".repeat(depth), "end ".repeat(depth)].concat());
    assert_eq!(refused(&nested(4_001)), "UDF [udf] exceeded its function size limit of 4000 blocks in each other");
    deploy(&nested(4_000)).unwrap();
    let doubles = "f64 ".repeat(1_000);
    let wide = format!("(func $give (result {doubles}) unreachable) (func $take (param {doubles}))");
    let passed = "UDF [udf] exceeded its function size limit of 500000 values that are passed";
    let calls = identity(&"call $give call $take ".repeat(251));
    assert_eq!(refused(&[&calls, &*wide].concat()), passed);
    deploy(&[&identity(&"call $give call $take ".repeat(200)), &*wide].concat()).unwrap();
    let branches = ["block $b call $give i32.const 0 br_table ", &"$b ".repeat(600), "end drop "].concat();
    let branches = identity(&branches.replacen("block $b", &format!("block $b (result {doubles})"), 1))
        .replace("end drop ", &["end ", &"drop ".repeat(1_000)].concat());
    assert_eq!(refused(&[&branches, &*wide].concat()), passed);
}

#[test]
fn what_the_interpreter_cannot_translate_waits_for_native_code() {
    // More locals than it has registers.
    let locals = format!("(local {})", "f64 ".repeat(40_000));
    let wat = format!("(module {})", identity(&locals));
    let deployed = Deployed::new(&wat::parse_str(&wat).unwrap(), &deployment(None, None), limits()).unwrap();
    assert_eq!(call1(&mut *deployed.instance(), &[1.0, 2.0]).unwrap(), [1.0, 2.0]);
    assert!(matches!(deployed.tier(), Tier::Native(_)));
}
