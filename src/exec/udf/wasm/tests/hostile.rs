//! What hostile modules do, and that the next request is answered rightly.

use super::*;
use crate::error::Code;

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/evil/wasm/{name}.wat", env!("CARGO_MANIFEST_DIR"));
    wat::parse_file(path).unwrap()
}

fn deploy(name: &str, limits: Limits, tier: In) -> Deployed {
    Deployed::in_tier(&fixture(name), &deployment(None, None), limits, tier).unwrap()
}

/// A good module answers, in the same runtime as a bad one and beside it.
fn is_well(instance: &mut dyn Instance) {
    assert_eq!(call1(instance, &[1.0, 2.0]).unwrap(), [1.0, 2.0]);
}

const IDENTITY: &str = r#"(module (func (export "udf") (param f64) (result f64) (local.get 0)))"#;

#[test]
fn what_exceeds_a_limit_says_which() {
    let cases = [
        ("endless_loop", "deadline limit of 50 ms"),
        ("endless_start", "deadline limit of 50 ms"),
        ("endless_initialize", "deadline limit of 50 ms"),
        ("endless_recursion", "deadline limit of 50 ms"),
        ("slow_by_calls", "deadline limit of 50 ms"),
        ("deep_recursion", "stack limit of 524288 bytes"),
        ("memory_bomb", "memory limit of 4194304 bytes"),
        ("memory_of_many", "memory limit of 4194304 bytes"),
        ("endless_growth", "deadline limit of 50 ms"),
        ("table_bomb", "table limit of 10000 elements"),
    ];
    for tier in BOTH {
        let good = Deployed::wat(IDENTITY, tier);
        let mut well = good.instance();
        for (name, expected) in cases {
            if name == "table_bomb" && tier == In::Interpreter {
                // Only native code can run it.
                continue;
            }
            let limits = if expected.starts_with("deadline") { hasty() } else { limits() };
            let deployed = deploy(name, limits, tier);
            let mut instance = deployed.instance();
            for _ in 0..2 {
                let error = call1(&mut *instance, &[1.0, 2.0]).unwrap_err();
                assert_eq!(error.reason(), format!("UDF [udf@1] exceeded its {expected}"), "{name} {tier:?}");
                assert_eq!(error.code(), Code::UdfLimit);
                is_well(&mut *well);
            }
        }
    }
}

#[test]
fn endless_work_ends_near_its_deadline() {
    // Five milliseconds are asked on a machine that does nothing else; tests run beside others.
    let late = Duration::from_millis(if std::env::var_os("SHARDSCRIPT_QUIET").is_some() { 5 } else { 1000 });
    let large = Limits { memory: 8 << 20, ..limits() };
    for tier in BOTH {
        for name in ["endless_loop", "endless_fill", "endless_start", "slow_by_calls"] {
            let deployed = Deployed::in_tier(&fixture(name), &deployment(None, None), large, tier).unwrap();
            let mut instance = deployed.instance();
            let begin = Instant::now();
            let calls = Calls { deadline: Deadline::after(Some(20)), ..all(1) };
            let mut out = [0.0];
            let inputs = [Input::Each(Batch::F64(&[1.0]))];
            let error = instance.call(calls, &inputs, &mut BatchMut::F64(&mut out)).unwrap_err();
            let took = begin.elapsed();
            assert!(error.reason().starts_with("UDF [udf@1] exceeded its deadline limit of "), "{error}");
            assert!(
                took >= Duration::from_millis(20) && took < Duration::from_millis(20) + late,
                "{name} {tier:?} {took:?}"
            );
        }
    }
}

#[test]
fn what_cannot_be_deployed_is_refused_by_name() {
    let cases = [
        ("import_unknown", "the module of UDF [udf] imports an unknown function [host.open_socket]"),
        ("import_memory", "the module of UDF [udf] imports what is no function: [env.memory]"),
        (
            "import_wrong_type",
            "the module of UDF [udf] imports with another type than it has: the function [wasi_snapshot_preview1.random_get]",
        ),
        ("memory_huge", "UDF [udf] exceeded its memory limit of 4194304 bytes"),
        ("table_huge", "UDF [udf] exceeded its table limit of 10000 elements"),
    ];
    for (name, expected) in cases {
        let error = prepare(&fixture(name), None, &deployment(None, None), &limits()).unwrap_err();
        assert_eq!(error.reason(), expected, "{name}");
    }
}

#[test]
fn a_trap_names_its_row_and_leaves_nothing_behind() {
    let rounds = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(100);
    for tier in BOTH {
        let deployed = deploy("trap_on_negative", limits(), tier);
        let mut instance = deployed.instance();
        for _ in 0..rounds {
            assert_eq!(call1(&mut *instance, &[5.0, 5.0]).unwrap(), [1.0, 2.0]);
            let error = call1(&mut *instance, &[1.0, 2.0, -1.0, 1.0]).unwrap_err();
            assert_eq!(said(&error), "UDF [udf@1] trapped: unreachable code was reached, at row 2");
            assert_eq!(error.code(), Code::UdfFailed);
        }
        let error = call1(&mut *deploy("exit", limits(), tier).instance(), &[1.0]).unwrap_err();
        assert_eq!(said(&error), "UDF [udf@1] called proc_exit, at row 0");
    }
}

#[test]
fn a_compile_bomb_costs_nothing_but_itself() {
    // Small enough to be deployed, too large to be compiled in the time that it has.
    let mut wat = String::from("(module (memory 1) (func (export \"udf\") (param f64) (result f64) (local f64)");
    for i in 0..8_000 {
        wat.push_str(&format!("(local.set 1 (f64.add (local.get 1) (f64.load (i32.const {})))) ", i % 99));
    }
    wat.push_str("(local.get 0)))");
    let wasm = wat::parse_str(&wat).unwrap();
    let hasty = Limits { compilation: Duration::from_millis(1), ..limits() };
    let deployed = Deployed::new(&wasm, &deployment(None, None), hasty).unwrap();
    let mut instance = deployed.instance();
    while !matches!(deployed.tier(), Tier::OnlyInterpreter(_)) {
        is_well(&mut *instance);
    }
    assert_eq!(deployed.tier().to_string(), "interpreter: it took longer than 1 ms to compile");
    is_well(&mut *instance);
    // Few locals with many joins are refused: a compiler has a value for each pair.
    let blocks = "(loop)".repeat(30_000);
    let locals = "i64 ".repeat(1_000);
    let bomb =
        format!(r#"(module (func (export "udf") (param f64) (result f64) (local {locals}) {blocks} (local.get 0)))"#);
    let error = prepare(&wat::parse_str(&bomb).unwrap(), None, &deployment(None, None), &limits()).unwrap_err();
    assert_eq!(error.reason(), "UDF [udf] exceeded its function size limit of 2000000 locals times blocks");
}
