//! What calls of good modules give, in both tiers.

use super::*;

const MUL_ADD: &str = r#"(module (func (export "udf") (param f64 f64 f64) (result f64)
    (f64.add (f64.mul (local.get 0) (local.get 1)) (local.get 2))))"#;

#[test]
fn arguments_vary_or_do_not_and_rows_are_left_out() {
    for tier in BOTH {
        let deployed = Deployed::wat(MUL_ADD, tier);
        let mut instance = deployed.instance();
        let rows = 2500;
        let (a, c): (Vec<_>, Vec<_>) = (0..rows).map(|i| (i as f64, i as f64 * 0.5)).unzip();
        let inputs = [Input::Each(Batch::F64(&a)), Input::Same(Batch::F64(&[1.5])), Input::Each(Batch::F64(&c))];
        let mut out = vec![-1.0; rows];
        instance.call(all(rows), &inputs, &mut BatchMut::F64(&mut out)).unwrap();
        assert!((0..rows).all(|i| out[i] == a[i] * 1.5 + c[i]), "{tier:?}");
        let active: Vec<_> = (0..rows).map(|i| i % 3 == 1).collect();
        let mut out = vec![-1.0; rows];
        let calls = Calls { active: Some(&active), ..all(rows) };
        instance.call(calls, &inputs, &mut BatchMut::F64(&mut out)).unwrap();
        assert!((0..rows).all(|i| out[i] == if active[i] { a[i] * 1.5 + c[i] } else { -1.0 }), "{tier:?}");
        assert_eq!(instance.tier(), if tier == In::Native { "native" } else { "interpreter" });
        // No row at all.
        instance.call(all(0), &[Input::Each(Batch::F64(&[])); 3], &mut BatchMut::F64(&mut [])).unwrap();
    }
}

#[test]
fn all_types_cross() {
    let wat = r#"(module (func (export "udf") (param i32 i64 f32 f64 i32) (result i64)
        (i64.add (i64.extend_i32_s (local.get 0)) (i64.add (local.get 1) (i64.add
          (i64.trunc_f32_s (local.get 2)) (i64.add (i64.trunc_f64_s (local.get 3))
          (i64.extend_i32_s (local.get 4))))))))"#;
    let wasm = wat::parse_str(wat).unwrap();
    let declared = deployment(Some("a:i32, b, c, d, e:bool"), None);
    for tier in BOTH {
        let deployed = Deployed::in_tier(&wasm, &declared, limits(), tier).unwrap();
        let mut instance = deployed.instance();
        let inputs = [
            Input::Each(Batch::I64(&[-1, i64::from(i32::MIN)])),
            Input::Each(Batch::I64(&[1 << 40, 7])),
            Input::Same(Batch::F64(&[2.0])),
            Input::Each(Batch::F64(&[3.0, 4.0])),
            Input::Each(Batch::Bool(&[true, false])),
        ];
        let mut out = [0; 2];
        instance.call(all(2), &inputs, &mut BatchMut::I64(&mut out)).unwrap();
        assert_eq!(out, [(1 << 40) + 5, i64::from(i32::MIN) + 13]);
        // An integer that is no i32 is not cut off.
        let inputs = [&[Input::Each(Batch::I64(&[0, 1 << 31]))], &inputs[1..]].concat();
        let error = instance.call(all(2), &inputs, &mut BatchMut::I64(&mut out)).unwrap_err();
        assert_eq!(error.reason(), "UDF [udf@1] cannot be called: argument 1 is 2147483648, which is no i32");
    }
}

#[test]
fn modules_keep_what_is_theirs() {
    // A memory that is filled and grows, a table, references, globals, a start function, names like ours, many memories.
    let wat = r#"(module
        (memory $m (export "columns") 1) (memory $n 1)
        (table $t (export "drive") 2 funcref)
        (global $g (export "start") (mut f64) (f64.const 0))
        (type $f (func (param f64) (result f64)))
        (func $double (type $f) (f64.mul (local.get 0) (f64.const 2)))
        (func $only_exported (export "other") (type $f) (f64.add (local.get 0) (f64.const 1)))
        (elem (i32.const 0) $double)
        (data (i32.const 0) "\00\00\00\00\00\00\f0\3f")
        (func $init
          (table.set $t (i32.const 1) (ref.func $only_exported))
          (memory.fill $m (i32.const 8) (i32.const 255) (i32.const 65528))
          (memory.fill $n (i32.const 0) (i32.const 255) (i32.const 65536))
          (drop (memory.grow $m (i32.const 2)))
          (global.set $g (f64.load $m (i32.const 0))))
        (start $init)
        (func (export "udf") (type $f)
          (memory.fill $m (i32.const 0) (i32.const 1) (i32.const 196608))
          (f64.add (global.get $g)
            (call_indirect (type $f) (call_indirect (type $f) (local.get 0) (i32.const 0)) (i32.const 1)))))"#;
    for tier in BOTH {
        let deployed = Deployed::wat(wat, tier);
        let mut instance = deployed.instance();
        assert_eq!(call1(&mut *instance, &[1.0, 2.0, 10.0]).unwrap(), [4.0, 6.0, 22.0], "{tier:?}");
    }
}

#[test]
fn wasi_is_answered_and_gives_nothing() {
    let wat = r#"(module
        (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "path_open"
          (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
        (memory 1)
        (func (export "udf") (param f64) (result f64)
          (i32.store (i32.const 0) (i32.const 9))
          (f64.convert_i32_u (i32.add (i32.add (i32.mul (i32.const 1000000)
            (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 8)))
            (i32.mul (i32.const 10000) (call $clock (i32.const 0) (i64.const 0) (i32.const 16))))
            (i32.add (i32.mul (i32.const 100) (call $write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
            (i32.add (call $env (i32.const 0) (i32.const 4)) (i32.add (i32.load (i32.const 0))
              (i32.add (call $random (i32.const 8) (i32.const 4)) (i32.load8_u (i32.const 11))))))))))"#;
    for tier in BOTH {
        let deployed = Deployed::wat(wat, tier);
        assert_eq!(call1(&mut *deployed.instance(), &[0.0]).unwrap(), [76_520_890.0], "{tier:?}");
    }
}

#[test]
fn abort_says_its_message() {
    // A string of AssemblyScript: its size in bytes stands before it.
    let wat = r#"(module
        (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
        (memory 1)
        (data (i32.const 16) "\06\00\00\00o\00h\00!\00")
        (func (export "udf") (param f64) (result f64)
          (call $abort (i32.const 20) (i32.const 0) (i32.const 3) (i32.const 7)) (local.get 0)))"#;
    for tier in BOTH {
        let deployed = Deployed::wat(wat, tier);
        let error = call1(&mut *deployed.instance(), &[0.0]).unwrap_err();
        assert_eq!(said(&error), "UDF [udf@1] aborted: oh! (line 3, column 7), at row 0", "{tier:?}");
    }
}

#[test]
fn the_next_batch_runs_native() {
    let wasm = wat::parse_str(MUL_ADD).unwrap();
    let deployed = Deployed::new(&wasm, &deployment(None, None), limits()).unwrap();
    let mut instance = deployed.instance();
    let inputs = [Input::Same(Batch::F64(&[2.0])); 3];
    let begin = Instant::now();
    loop {
        let mut out = [0.0; 4];
        instance.call(all(4), &inputs, &mut BatchMut::F64(&mut out)).unwrap();
        assert_eq!(out, [6.0; 4]);
        if instance.tier() == "native" {
            break;
        }
        assert!(begin.elapsed() < Duration::from_secs(60));
    }
}

#[test]
fn what_only_native_code_can_run_waits_for_it() {
    let wat = r#"(module (func (export "udf") (param f64) (result f64)
        (f64x2.extract_lane 1 (f64x2.add (f64x2.splat (local.get 0)) (f64x2.splat (f64.const 1))))))"#;
    let wasm = wat::parse_str(wat).unwrap();
    let patient = Limits { call: Duration::from_secs(60), ..limits() };
    let deployed = Deployed::new(&wasm, &deployment(None, None), patient).unwrap();
    let mut instance = deployed.instance();
    assert_eq!(call1(&mut *instance, &[1.0]).unwrap(), [2.0]);
    assert_eq!(instance.tier(), "native");
    let memory64 = r#"(module (memory i64 1) (func (export "udf") (param f64) (result f64)
        (f64.store (i64.const 8) (local.get 0)) (f64.load (i64.const 8))))"#;
    assert_eq!(call1(&mut *Deployed::wat(memory64, In::Native).instance(), &[1.0]).unwrap(), [1.0]);
}

#[test]
fn bounds_that_are_declared_are_checked() {
    let wasm = wat::parse_str(r#"(module (func (export "udf") (param f64) (result f64) (local.get 0)))"#).unwrap();
    let mut declared = deployment(None, None);
    declared.bounds = Some((0.0, 1.0));
    for tier in BOTH {
        let deployed = Deployed::in_tier(&wasm, &declared, limits(), tier).unwrap();
        let mut instance = deployed.instance();
        assert_eq!(call1(&mut *instance, &[0.5, 1.0]).unwrap(), [0.5, 1.0]);
        for (value, shown) in [(1.5, "1.5"), (f64::NAN, "NaN")] {
            let error = call1(&mut *instance, &[0.5, value]).unwrap_err();
            let expected = format!("UDF [udf@1] gave {shown}, which is not between 0 and 1 as declared, at row 1");
            assert_eq!(said(&error), expected);
        }
    }
}

#[test]
fn a_small_function_stands_in_the_place_of_its_call() {
    // Early returns, branches to the function's label, locals that begin with zero in each row, a loop, parameters that are set.
    let functions = [
        (
            "(if (f64.lt (local.get 0) (f64.const 1)) (then (return (f64.const -1)))) (f64.neg (local.get 0))",
            [-1.0, -1.0, -2.0, -3.0],
        ),
        (
            "(block (loop (block (br_if 2 (f64.lt (local.get 0) (f64.const 2))) (br 3 (f64.const 7)))))
             (br 0 (f64.const 8))",
            [8.0, 8.0, 7.0, 7.0],
        ),
        (
            "(local f64 i32 i64 f32)
             (local.set 1 (f64.add (local.get 1) (local.get 0))) (local.set 2 (i32.add (local.get 2) (i32.const 1)))
             (f64.add (local.get 1) (f64.convert_i32_s (local.get 2)))",
            [1.0, 2.0, 3.0, 4.0],
        ),
        (
            "(local f64) (loop $l (local.set 1 (f64.add (local.get 1) (local.tee 0 (f64.sub (local.get 0) (f64.const 1)))))
             (br_if $l (f64.gt (local.get 0) (f64.const 0)))) (local.get 1)",
            [-1.0, 0.0, 1.0, 3.0],
        ),
        ("(block (result f64) (br_table 0 1 (f64.const 5) (i32.trunc_f64_s (local.get 0))))", [5.0; 4]),
        ("(f64.const 1) (unreachable)", [f64::NAN; 4]),
        ("(return_call $g (local.get 0))", [0.5, 1.5, 2.5, 3.5]),
        ("(call $g (local.get 0))", [0.5, 1.5, 2.5, 3.5]),
    ];
    for tier in BOTH {
        for (body, want) in functions {
            let wat = format!(
                r#"(module (func $g (param f64) (result f64) (f64.add (local.get 0) (f64.const 0.5)))
                   (func (export "udf") (param f64) (result f64) {body}))"#
            );
            let got = call1(&mut *Deployed::wat(&wat, tier).instance(), &[0.0, 1.0, 2.0, 3.0]);
            match got {
                Ok(got) => assert_eq!(got, want, "{body} {tier:?}"),
                Err(error) => {
                    assert!(want[0].is_nan(), "{error} {body}");
                    assert_eq!(said(&error), "UDF [udf@1] trapped: unreachable code was reached, at row 0");
                }
            }
        }
    }
}
