//! Strings, in and out, in both forms.

use super::*;

/// An allocator that gives the next bytes, and never asks for more memory.
const BUMP: &str = r#"(memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func $alloc (export "alloc") (param $size i32) (result i32)
      (global.get $next) (global.set $next (i32.add (global.get $next) (local.get $size))))"#;

fn strings(wat: &str, args: &str, returns: Option<UdfType>, tier: In) -> Deployed {
    let wasm = wat::parse_str(wat).unwrap();
    Deployed::in_tier(&wasm, &deployment(Some(args), returns), limits(), tier).unwrap()
}

fn call_str(instance: &mut dyn Instance, calls: Calls<'_>, inputs: &[Input<'_>]) -> Result<Vec<String>> {
    let (mut text, mut spans) = (String::new(), Vec::new());
    instance.call(calls, inputs, &mut BatchMut::Str(&mut text, &mut spans))?;
    assert_eq!(spans.len(), calls.rows);
    Ok(spans.into_iter().map(|(from, to)| text[from as usize..to as usize].to_owned()).collect())
}

#[test]
fn strings_in_and_out() {
    // Doubles a string, by way of memory that it takes itself.
    let wat = format!(
        r#"(module {BUMP}
        (func (export "udf") (param $p i32) (param $n i32) (param f64) (result i64) (local $out i32)
          (local.set $out (call $alloc (i32.mul (local.get $n) (i32.const 2))))
          (memory.copy (local.get $out) (local.get $p) (local.get $n))
          (memory.copy (i32.add (local.get $out) (local.get $n)) (local.get $p) (local.get $n))
          (i64.or (i64.shl (i64.extend_i32_u (local.get $out)) (i64.const 32))
            (i64.extend_i32_u (i32.mul (local.get $n) (i32.const 2))))))"#
    );
    for tier in BOTH {
        let deployed = strings(&wat, "title:string, x:f64", Some(UdfType::Str), tier);
        let mut instance = deployed.instance();
        // The allocator's one page is full after a few hundred rows; nobody notices.
        let titles: Vec<_> = (0..3000).map(|i| format!("title {i} ü€𝄞 {}", "x".repeat(i % 50))).collect();
        let batch = Strings::new(&titles.iter().map(String::as_str).collect::<Vec<_>>());
        let inputs = [Input::Each(batch.batch()), Input::Same(Batch::F64(&[1.0]))];
        let expected: Vec<_> = titles.iter().map(|title| title.repeat(2)).collect();
        assert_eq!(call_str(&mut *instance, all(3000), &inputs).unwrap(), expected, "{tier:?}");
        let active: Vec<_> = (0..3000).map(|i| i % 7 == 3).collect();
        let calls = Calls { active: Some(&active), ..all(3000) };
        let some = call_str(&mut *instance, calls, &inputs).unwrap();
        assert!((0..3000).all(|i| some[i] == if active[i] { &expected[i] } else { "" }), "{tier:?}");
        // A string that is the same in all rows, and the empty one.
        let same = Strings::new(&[""]);
        let inputs = [Input::Same(same.batch()), Input::Each(Batch::F64(&[1.0; 5]))];
        assert_eq!(call_str(&mut *instance, all(5), &inputs).unwrap(), [""; 5]);
        // One that does not fit into its memory.
        let giant = "y".repeat(70_000);
        let giant = Strings::new(&[&giant]);
        let inputs = [Input::Each(giant.batch()), Input::Same(Batch::F64(&[1.0]))];
        let error = call_str(&mut *instance, all(1), &inputs).unwrap_err();
        let expected = "UDF [udf@1] allocated a string outside of its memory, at row 0";
        assert_eq!(said(&error), expected, "{tier:?}");
    }
}

#[test]
fn long_results_find_room() {
    // Gives its whole memory, a million bytes, for each row.
    let wat = r#"(module (memory 16)
        (func $fill (memory.fill (i32.const 0) (i32.const 97) (i32.const 1048576)))
        (start $fill)
        (global $calls (mut i32) (i32.const 0))
        (func (export "udf") (param f64) (result i64)
          (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
          (i32.store8 (i32.const 0) (i32.add (i32.const 48) (global.get $calls)))
          (i64.const 1048576)))"#;
    for tier in BOTH {
        let deployed = strings(wat, "x:f64", Some(UdfType::Str), tier);
        let inputs = [Input::Same(Batch::F64(&[1.0]))];
        let given = call_str(&mut *deployed.instance(), all(5), &inputs).unwrap();
        let heads: Vec<_> = given.iter().map(|string| (&string[..2], string.len())).collect();
        // Each row is called once, though its result has to wait for room.
        assert_eq!(heads, ["1a", "2a", "3a", "4a", "5a"].map(|head| (head, 1 << 20)), "{tier:?}");
    }
}

#[test]
fn strings_of_assemblyscript() {
    // A runtime as AssemblyScript exports it: objects with their size before them. The UDF gives what it takes, turned.
    let wat = r#"(module (memory 1)
        (global $next (mut i32) (i32.const 1024))
        (global $pinned (mut i32) (i32.const 0))
        (func $new (export "__new") (param $size i32) (param $id i32) (result i32) (local $p i32)
          (if (i32.ne (local.get $id) (i32.const 2)) (then (unreachable)))
          (local.set $p (i32.add (global.get $next) (i32.const 20)))
          (i32.store (i32.sub (local.get $p) (i32.const 4)) (local.get $size))
          (global.set $next (i32.add (local.get $p) (i32.and (i32.add (local.get $size) (i32.const 7)) (i32.const -8))))
          (local.get $p))
        (func (export "__pin") (param i32) (result i32)
          (global.set $pinned (i32.add (global.get $pinned) (i32.const 1))) (local.get 0))
        (func (export "__unpin") (param i32) (global.set $pinned (i32.sub (global.get $pinned) (i32.const 1))))
        (func (export "udf") (param $a i32) (param $b i32) (result i32)
          (if (i32.ne (global.get $pinned) (i32.const 2)) (then (unreachable)))
          (if (result i32) (i32.lt_u (i32.load (i32.sub (local.get $a) (i32.const 4)))
                                     (i32.load (i32.sub (local.get $b) (i32.const 4))))
            (then (local.get $b)) (else (local.get $a)))))"#;
    for tier in BOTH {
        let deployed = strings(wat, "a:string, b:string", Some(UdfType::Str), tier);
        let mut instance = deployed.instance();
        let (a, b) = (Strings::new(&["", "länger", "𝄞𝄞"]), Strings::new(&["x", "kurz", "€€€"]));
        let inputs = [Input::Each(a.batch()), Input::Each(b.batch())];
        assert_eq!(call_str(&mut *instance, all(3), &inputs).unwrap(), ["x", "länger", "𝄞𝄞"], "{tier:?}");
    }
}

#[test]
fn hostile_strings() {
    let fixture = |name: &str| {
        std::fs::read_to_string(format!("{}/fixtures/evil/wasm/{name}.wat", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    let outside = "UDF [udf@1] gave a string that lies outside of its memory, at row 0";
    let cases = [
        ("string_endless_alloc", UdfType::I32, "UDF [udf@1] exceeded its deadline limit of 50 ms, at row 0"),
        ("string_alloc_outside", UdfType::I32, "UDF [udf@1] allocated a string outside of its memory, at row 0"),
        ("string_result_outside", UdfType::Str, outside),
        ("string_result_giant", UdfType::Str, outside),
        (
            "string_result_not_utf8",
            UdfType::Str,
            "UDF [udf@1] gave a string that is not UTF-8 (incomplete utf-8 byte sequence from index 2), at row 0",
        ),
    ];
    let text = Strings::new(&["some", "thing"]);
    let inputs = [Input::Each(text.batch())];
    for tier in BOTH {
        for (name, returns, expected) in cases {
            let limits = if name.contains("endless") { hasty() } else { limits() };
            let wasm = wat::parse_str(fixture(name)).unwrap();
            let deployed =
                Deployed::in_tier(&wasm, &deployment(Some("s:string"), Some(returns)), limits, tier).unwrap();
            let mut instance = deployed.instance();
            for _ in 0..2 {
                let error = if returns == UdfType::Str {
                    call_str(&mut *instance, all(2), &inputs).unwrap_err()
                } else {
                    instance.call(all(2), &inputs, &mut BatchMut::I64(&mut [0; 2])).unwrap_err()
                };
                assert_eq!(said(&error), expected, "{name} {tier:?}");
            }
        }
        let deployed = strings(&fixture("string_overwrites"), "s:string", None, tier);
        let mut out = [0; 2];
        deployed.instance().call(all(2), &inputs, &mut BatchMut::I64(&mut out)).unwrap();
        assert_eq!(out, [4, 5]);
    }
}
