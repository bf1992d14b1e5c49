//! Properties: both tiers give the same bits, and no bytes make deployment or a call panic.

use proptest::prelude::*;

use super::*;

/// An expression over two doubles and a long, as WAT.
fn number() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("(local.get 0)".to_owned()),
        Just("(local.get 1)".to_owned()),
        any::<f64>().prop_map(|c| format!("(f64.reinterpret_i64 (i64.const {}))", c.to_bits() as i64)),
        Just("(f64.convert_i64_s (local.get 2))".to_owned()),
    ];
    leaf.prop_recursive(6, 40, 3, |inner| {
        let unary = prop::sample::select(vec!["abs", "neg", "sqrt", "ceil", "floor", "trunc", "nearest"]);
        let binary = prop::sample::select(vec!["add", "sub", "mul", "div", "min", "max", "copysign"]);
        let compare = prop::sample::select(vec!["lt", "le", "gt", "ge", "eq", "ne"]);
        let integer =
            prop::sample::select(vec!["add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl"]);
        prop_oneof![
            (unary, inner.clone()).prop_map(|(op, a)| format!("(f64.{op} {a})")),
            (binary, inner.clone(), inner.clone()).prop_map(|(op, a, b)| format!("(f64.{op} {a} {b})")),
            (compare, inner.clone(), inner.clone())
                .prop_map(|(op, a, b)| format!("(select {a} {b} (f64.{op} {b} {a}))")),
            (integer, inner.clone(), inner.clone()).prop_map(|(op, a, b)| format!(
                "(f64.convert_i64_s (i64.{op} (i64.trunc_sat_f64_s {a}) (i64.trunc_sat_f64_u {b})))"
            )),
            inner.clone().prop_map(|a| format!("(f64.promote_f32 (f32.demote_f64 {a}))")),
            inner.prop_map(|a| format!("(call $f {a})")),
        ]
    })
}

/// A function of three doubles without branches, as WAT: it sets its locals (two doubles, a truth value), then gives a value.
fn straight_line() -> impl Strategy<Value = String> {
    let step = (0..3, double(), truth()).prop_map(|(local, double, truth)| match local {
        0 | 1 => format!("(local.set {} {double})", 3 + local),
        _ => format!("(local.set 5 {truth})"),
    });
    (prop::collection::vec(step, 0..4), double()).prop_map(|(steps, result)| {
        format!(
            r#"(module (func (export "udf") (param f64 f64 f64) (result f64) (local f64 f64 i32) {} {result}))"#,
            steps.concat()
        )
    })
}

/// What a call passes, or a constant: not computed, so that even a NaN has one sign.
fn given() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => (0..3).prop_map(|local| format!("(local.get {local})")),
        1 => prop_oneof![prop::num::f64::ANY, -4.0..4.0].prop_map(constant),
    ]
}

fn constant(value: f64) -> String {
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let magnitude = match value.abs() {
        nan if nan.is_nan() => format!("nan:{:#x}", nan.to_bits() & ((1 << 52) - 1)),
        number => format!("{number:e}"),
    };
    format!("(f64.const {sign}{magnitude})")
}

fn double() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![3 => given(), 1 => (3..5).prop_map(|local| format!("(local.get {local})"))];
    leaf.prop_recursive(4, 20, 4, |inner| {
        let unary = prop::sample::select(vec!["abs", "neg", "sqrt", "ceil", "floor", "trunc", "nearest"]);
        let binary = prop::sample::select(vec!["add", "sub", "mul", "div", "min", "max"]);
        let compare = prop::sample::select(vec!["lt", "le", "gt", "ge", "eq", "ne"]);
        let combine = prop::sample::select(vec!["and", "or", "xor"]);
        prop_oneof![
            (unary, inner.clone()).prop_map(|(op, a)| format!("(f64.{op} {a})")),
            (binary, inner.clone(), inner.clone()).prop_map(|(op, a, b)| format!("(f64.{op} {a} {b})")),
            (inner.clone(), given()).prop_map(|(a, b)| format!("(f64.copysign {a} {b})")),
            (compare, combine, prop::array::uniform4(inner.clone())).prop_map(|(op, combine, [a, b, c, d])| {
                format!("(select {a} {b} (i32.{combine} (local.get 5) (f64.{op} {c} {d})))")
            }),
            (0..5, inner).prop_map(|(local, a)| format!("(f64.sub (local.tee {local} {a}) (local.get {local}))")),
        ]
    })
}

fn truth() -> impl Strategy<Value = String> {
    let compare = prop::sample::select(vec!["lt", "le", "gt", "ge", "eq", "ne"]);
    (compare, given(), given(), any::<bool>()).prop_map(|(op, a, b, not)| {
        let truth = format!("(i32.and (f64.{op} {a} {b}) (f64.gt (f64.convert_i32_u (local.get 5)) (f64.const -1)))");
        if not { format!("(i32.eqz {truth})") } else { truth }
    })
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| if value.is_nan() { u64::MAX } else { value.to_bits() }).collect()
}

/// A double of any kind, those that are out of the ordinary often.
fn odd() -> impl Strategy<Value = f64> {
    let kinds =
        vec![0.0, -0.0, f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, -5e-324, 0.5, -2.5, f64::MAX];
    prop_oneof![prop::num::f64::ANY, prop::sample::select(kinds), -4.0..4.0]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(16), ..ProptestConfig::default() })]

    #[test]
    fn tiers_agree(
        body in number(),
        rows in prop::collection::vec((any::<f64>(), any::<f64>(), any::<i64>()), 1..20),
    ) {
        let wat = format!(
            r#"(module (func $f (param f64) (result f64) (f64.mul (local.get 0) (f64.const 0.1)))
               (func (export "udf") (param f64 f64 i64) (result f64) {body}))"#
        );
        let (a, b): (Vec<_>, Vec<_>) = rows.iter().map(|(a, b, _)| (*a, *b)).unzip();
        let c: Vec<_> = rows.iter().map(|(_, _, c)| *c).collect();
        let inputs = [Input::Each(Batch::F64(&a)), Input::Each(Batch::F64(&b)), Input::Each(Batch::I64(&c))];
        let answers = BOTH.map(|tier| {
            let mut out = vec![0.0; rows.len()];
            let deployed = Deployed::wat(&wat, tier);
            deployed.instance().call(all(rows.len()), &inputs, &mut BatchMut::F64(&mut out)).unwrap();
            bits(&out)
        });
        prop_assert_eq!(&answers[0], &answers[1], "{}", wat);
    }

    #[test]
    fn two_rows_at_once_are_as_each_alone(
        wat in straight_line(),
        rows in prop::collection::vec(prop::array::uniform3(odd()), 1..20),
        same in prop::array::uniform3(prop::bool::weighted(0.2)),
    ) {
        let columns: [Vec<_>; 3] = std::array::from_fn(|arg| rows.iter().map(|row| row[arg]).collect());
        let inputs: [_; 3] = std::array::from_fn(|arg| match same[arg] {
            true => Input::Same(Batch::F64(&columns[arg][..1])),
            false => Input::Each(Batch::F64(&columns[arg])),
        });
        let answers = BOTH.map(|tier| {
            let deployed = Deployed::wat(&wat, tier);
            assert!(deployed.code.windows(16).any(|bytes| bytes == b"shardscript.simd"), "{wat}");
            let mut out = vec![0.0; rows.len()];
            deployed.instance().call(all(rows.len()), &inputs, &mut BatchMut::F64(&mut out)).unwrap();
            bits(&out)
        });
        prop_assert_eq!(&answers[0], &answers[1], "{}", wat);
    }

    #[test]
    fn mutated_modules_are_refused_or_run(
        which in 0..SEEDS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        length in any::<prop::sample::Index>(),
        cut in prop::bool::weighted(0.2),
    ) {
        let (wat, args, returns) = SEEDS[which];
        let mut wasm = wat::parse_str(wat).unwrap();
        for (place, byte) in changes {
            let place = place.index(wasm.len());
            wasm[place] = byte;
        }
        if cut {
            wasm.truncate(length.index(wasm.len()));
        }
        let limits = Limits { call: Duration::from_millis(5), compilation: Duration::ZERO, ..limits() };
        if let Ok(deployed) = Deployed::new(&wasm, &deployment(args, returns), limits) {
            let text = Strings::new(&["a", "bc"]);
            let inputs: Vec<_> = deployed.profile.args.iter().map(|arg| match arg.ty {
                UdfType::I32 | UdfType::I64 => Input::Each(Batch::I64(&[1, -1])),
                UdfType::F32 | UdfType::F64 => Input::Each(Batch::F64(&[1.0, -1.0])),
                UdfType::Bool => Input::Each(Batch::Bool(&[true, false])),
                UdfType::Str => Input::Each(text.batch()),
            }).collect();
            let mut instance = deployed.instance();
            let mut call = |out: &mut BatchMut<'_>| drop(instance.call(all(2), &inputs, out));
            match deployed.profile.result {
                UdfType::I32 | UdfType::I64 => call(&mut BatchMut::I64(&mut [0; 2])),
                UdfType::F32 | UdfType::F64 => call(&mut BatchMut::F64(&mut [0.0; 2])),
                UdfType::Bool => call(&mut BatchMut::Bool(&mut [false; 2])),
                UdfType::Str => call(&mut BatchMut::Str(&mut String::new(), &mut Vec::new())),
            }
        }
    }
}

/// Modules that are mutated: every kind of section is in one of them.
const SEEDS: &[(&str, Option<&str>, Option<UdfType>)] = &[
    (
        r#"(module (func (export "udf") (param f64 i64) (result f64) (f64.mul (local.get 0) (f64.convert_i64_s (local.get 1)))))"#,
        None,
        None,
    ),
    (
        r#"(module
        (import "env" "abort" (func $abort (param i32 i32 i32 i32)))
        (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
        (memory 1 2) (table 2 4 funcref) (global $g (mut i32) (i32.const 1))
        (elem (i32.const 0) $f $f) (data (i32.const 8) "text")
        (func $start (drop (call $random (i32.const 8) (i32.const 8)))) (start $start)
        (func $f (param f64) (result f64) (local.get 0))
        (func (export "udf") (param f64) (result f64) (local i32)
          (loop $l (br_if $l (i32.lt_u (local.tee 1 (i32.add (local.get 1) (global.get $g))) (i32.const 10))))
          (call_indirect (param f64) (result f64) (local.get 0) (i32.const 1))))"#,
        None,
        None,
    ),
    (
        r#"(module (memory 1) (global $n (mut i32) (i32.const 64))
        (func (export "alloc") (param i32) (result i32)
          (global.get $n) (global.set $n (i32.add (global.get $n) (local.get 0))))
        (func (export "udf") (param i32 i32) (result i64)
          (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))))"#,
        Some("s:string"),
        Some(UdfType::Str),
    ),
];

/// How many cases a property is tried with: as `PROPTEST_CASES` says, or few.
fn cases(few: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(few)
}
