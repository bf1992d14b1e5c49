//! UDFs: in WebAssembly a batch of calls in both tiers beside a call per row of the same engines, and how soon they answer.
//!
//! A function of three doubles is to take at most 2 ns a row in native code and 25 ns in the interpreter. Of a module of
//! 64 KiB the first answer is to come within 2 ms, native code within 100 ms, and from the cache within 1 ms.
//! With `--features bench-peers` the runtime of arrow-udf calls the same function over the same rows.

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shardscript::exec::udf::limits::Limits;
use shardscript::exec::udf::{Caller, DeclaredArg, Deployment, Source, Udfs};
use shardscript::plan::function::batch::{Batch, BatchMut, StrBatch};
use shardscript::plan::udf::PythonMode;
use tempfile::TempDir;

const ROWS: usize = 1024;

const SCORE: &str = r#"(module (func (export "score") (param f64 f64 f64) (result f64)
    (f64.div (f64.mul (local.get 0) (local.get 1)) (f64.add (f64.const 1) (local.get 2)))))"#;

/// A loop in it makes its code look at the deadline.
const LOOP: &str = r#"(module (memory 1) (func (export "looping") (param f64 f64 f64) (result f64) (local i32)
    (loop $l (br_if $l (i32.lt_u (local.tee 3 (i32.add (local.get 3) (i32.const 1))) (i32.const 3))))
    (f64.div (f64.mul (local.get 0) (local.get 1)) (f64.add (f64.const 1) (local.get 2)))))"#;

const LENGTH: &str = r#"(module (memory 1) (global $next (mut i32) (i32.const 0))
    (func (export "alloc") (param i32) (result i32)
      (if (i32.gt_u (i32.add (global.get $next) (local.get 0)) (i32.const 65536)) (then (global.set $next (i32.const 0))))
      (global.get $next) (global.set $next (i32.add (global.get $next) (local.get 0))))
    (func (export "length") (param i32 i32) (result i64) (i64.extend_i32_u (local.get 1))))"#;

/// A module of 64 KiB, all of whose code is called.
fn large() -> String {
    let mut wat = String::from("(module (memory 1)\n");
    for function in 0..32 {
        writeln!(wat, "(func $f{function} (param f64) (result f64) (local f64 f64)").expect("a string takes it");
        for step in 0..60 {
            let at = (function * 60 + step) * 8;
            write!(
                wat,
                "(local.set 1 (f64.add (f64.mul (local.get 0) (f64.load offset={at} (i32.const 0))) (local.get 2)))
                 (if (f64.lt (local.get 1) (f64.const {step})) (then (local.set 2 (local.get 1))))\n"
            )
            .expect("a string takes it");
        }
        wat.push_str("(local.get 2))\n");
    }
    wat.push_str("(func (export \"large\") (param f64) (result f64)\n (local.get 0)");
    (0..32).for_each(|function| write!(wat, "(call $f{function})").expect("a string takes it"));
    wat.push_str("))");
    wat
}

fn deploy(dir: &Path, name: &str, wat: &str, args: Option<&str>) {
    let deployment = Deployment {
        name: name.into(),
        source: Source::Wasm { module: wat::parse_str(wat).expect("the text is right"), export: None },
        args: args.map(|args| DeclaredArg::list(args).expect("the arguments are right")),
        returns: None,
        nulls: None,
        bounds: None,
        deterministic: true,
    };
    Udfs::create(dir).and_then(|udfs| udfs.deploy(&deployment)).expect("it is deployed");
}

fn interpreted() -> Limits {
    Limits { compilation: Duration::ZERO, ..Limits::default() }
}

/// A UDF that has come to native code.
fn native(udfs: &Udfs, name: &str, mut call: impl FnMut(&mut Caller)) -> Caller {
    let mut caller = udfs.caller(name).expect("it is deployed");
    while caller.tier() != "native" {
        call(&mut caller);
    }
    caller
}

fn calls(c: &mut Criterion) {
    // Where native code is in the cache, it is found: so the interpreter has a registry of its own.
    let [dir, slow_dir] = [(); 2].map(|()| TempDir::new().expect("a folder"));
    for dir in [dir.path(), slow_dir.path()] {
        deploy(dir, "score", SCORE, None);
        deploy(dir, "looping", LOOP, None);
        deploy(dir, "length", LENGTH, Some("text:string"));
    }
    let columns: [Vec<f64>; 3] = std::array::from_fn(|i| (0..ROWS).map(|row| (row * (i + 1)) as f64 * 0.25).collect());
    let args = [0, 1, 2].map(|i| Batch::F64(&columns[i]));
    let one = [args[0], Batch::F64(&[1.5]), args[2]];
    let mut out = vec![0.0; ROWS];
    let mut group = c.benchmark_group("udf of 3 doubles");
    group.throughput(Throughput::Elements(ROWS as u64));
    let (slow, fast) = (Udfs::with_limits(slow_dir.path(), interpreted()), Udfs::open(dir.path()));
    let (slow, fast) = (slow.expect("it opens"), fast.expect("it opens"));
    let mut run = |caller: &mut Caller, args: &[Batch<'_>]| {
        caller.call(ROWS, args, &mut BatchMut::F64(&mut out)).expect("it answers");
    };
    for name in ["score", "looping"] {
        let mut caller = native(&fast, name, |caller| run(caller, &args));
        group.bench_function(format!("{name}, native"), |b| b.iter(|| run(&mut caller, &args)));
        group.bench_function(format!("{name}, native, one argument the same"), |b| b.iter(|| run(&mut caller, &one)));
        let mut caller = slow.caller(name).expect("it is deployed");
        group.bench_function(format!("{name}, interpreter"), |b| b.iter(|| run(&mut caller, &args)));
        assert_eq!(caller.tier(), "interpreter");
    }
    group.bench_function("wasmtime, a call per row", |b| {
        let engine = wasmtime::Engine::default();
        let module = wasmtime::Module::new(&engine, wat::parse_str(SCORE).expect("right")).expect("compiles");
        let mut store = wasmtime::Store::new(&engine, ());
        let instance = wasmtime::Instance::new(&mut store, &module, &[]).expect("starts");
        let score = instance.get_typed_func::<(f64, f64, f64), f64>(&mut store, "score").expect("is there");
        let mut out = vec![0.0; ROWS];
        b.iter(|| {
            for row in 0..ROWS {
                out[row] =
                    score.call(&mut store, (columns[0][row], columns[1][row], columns[2][row])).expect("answers");
            }
        });
    });
    group.bench_function("wasmi, a call per row", |b| {
        let engine = wasmi::Engine::default();
        let module = wasmi::Module::new(&engine, wat::parse_str(SCORE).expect("right")).expect("is read");
        let mut store = wasmi::Store::new(&engine, ());
        let instance = wasmi::Linker::new(&engine).instantiate_and_start(&mut store, &module).expect("starts");
        let score = instance.get_typed_func::<(f64, f64, f64), f64>(&store, "score").expect("is there");
        let mut out = vec![0.0; ROWS];
        b.iter(|| {
            for row in 0..ROWS {
                out[row] =
                    score.call(&mut store, (columns[0][row], columns[1][row], columns[2][row])).expect("answers");
            }
        });
    });
    #[cfg(feature = "bench-peers")]
    {
        let peer = peers::ArrowUdf::new(&columns);
        group.bench_function("arrow-udf, in batches", |b| b.iter(|| peer.run()));
    }
    group.finish();
    let text = "a title of thirty-two characters".repeat(ROWS);
    let spans: Vec<_> = (0..ROWS as u32).map(|row| (row * 32, row * 32 + 32)).collect();
    let titles = [Batch::Str(StrBatch { text: &text, spans: &spans })];
    let mut out = vec![0; ROWS];
    let mut run = |caller: &mut Caller| caller.call(ROWS, &titles, &mut BatchMut::I64(&mut out)).expect("it answers");
    let mut group = c.benchmark_group("udf of a string");
    group.throughput(Throughput::Elements(ROWS as u64));
    let mut caller = native(&fast, "length", &mut run);
    group.bench_function("native", |b| b.iter(|| run(&mut caller)));
    let mut caller = slow.caller("length").expect("it is deployed");
    group.bench_function("interpreter", |b| b.iter(|| run(&mut caller)));
    group.finish();
}

#[cfg(feature = "bench-peers")]
mod peers {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Float64Array, RecordBatch};
    use arrow_schema::{DataType, Field, Schema};
    use arrow_udf_runtime::wasm::{FunctionHandle, Runtime};

    /// `fixtures/udfs/arrow` in the runtime of arrow-udf, which writes a batch in Arrow's IPC into the module's memory.
    pub(super) struct ArrowUdf {
        runtime: Runtime,
        function: FunctionHandle,
        batch: RecordBatch,
    }

    impl ArrowUdf {
        pub(super) fn new(columns: &[Vec<f64>; 3]) -> Self {
            let file = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/udfs/arrow_score.wasm.zst");
            let packed = std::fs::read(file).expect("it is there");
            let module = zstd::decode_all(&*packed).expect("it is whole");
            let runtime = Runtime::new(&module).expect("it compiles");
            let doubles = || DataType::Float64;
            let function = runtime.find_function("score", vec![doubles(); 3], doubles()).expect("it is exported");
            let fields: Vec<_> = ["a", "b", "c"].map(|name| Field::new(name, doubles(), false)).into();
            let arrays = columns.iter().map(|values| Arc::new(Float64Array::from(values.clone())) as ArrayRef);
            let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays.collect()).expect("they fit");
            let this = Self { runtime, function, batch };
            let expected: Float64Array = (0..columns[0].len())
                .map(|row| Some(columns[0][row] * columns[1][row] / (1.0 + columns[2][row])))
                .collect();
            assert_eq!(this.run().column(0).as_ref(), &expected as &dyn arrow_array::Array);
            this
        }

        pub(super) fn run(&self) -> RecordBatch {
            self.runtime.call(&self.function, &self.batch).expect("it answers")
        }
    }
}

/// From a registry that is opened to an answer.
fn starts(c: &mut Criterion) {
    let dir = TempDir::new().expect("a folder");
    let large = large();
    let size = wat::parse_str(&large).expect("the text is right").len();
    assert!((60 << 10..68 << 10).contains(&size), "the module has {size} bytes");
    deploy(dir.path(), "large", &large, None);
    let cache = dir.path().join("cache");
    let call = |caller: &mut Caller| {
        caller.call(1, &[Batch::F64(&[1.0])], &mut BatchMut::F64(&mut [0.0])).expect("it answers");
    };
    let mut group = c.benchmark_group("answer of a module of 64 KiB");
    group.sample_size(20);
    group.bench_function("the first, interpreted", |b| {
        b.iter(|| {
            call(
                &mut Udfs::with_limits(dir.path(), interpreted()).and_then(|udfs| udfs.caller("large")).expect("opens"),
            );
        });
    });
    group.bench_function("the first from native code", |b| {
        b.iter_custom(|times| {
            let mut all = Duration::ZERO;
            for _ in 0..times {
                drop(std::fs::remove_dir_all(&cache));
                let begin = Instant::now();
                native(&Udfs::open(dir.path()).expect("opens"), "large", call);
                all += begin.elapsed();
            }
            all
        });
    });
    group.bench_function("the first after a restart", |b| {
        b.iter(|| {
            let mut caller = Udfs::open(dir.path()).and_then(|udfs| udfs.caller("large")).expect("opens");
            call(&mut caller);
            assert_eq!(caller.tier(), "native");
        });
    });
    group.finish();
    let udfs = Udfs::open(dir.path()).expect("opens");
    native(&udfs, "large", call);
    c.bench_function("the first answer of another search", |b| {
        b.iter(|| call(&mut udfs.caller("large").expect("is there")));
    });
}

/// A function of three doubles in a worker process is to take at most 150 ns a row, with NumPy at most 6 ns. Batches are as
/// long as those of a search are.
#[expect(clippy::print_stdout, reason = "a bench says what it passes over")]
fn python(c: &mut Criterion) {
    const ROWS: usize = 32 << 10;
    const BODY: &str = "def score(a, b, c):\n    return a * b / (1.0 + c)\n";
    let columns: [Vec<f64>; 3] = std::array::from_fn(|i| (0..ROWS).map(|row| (row * (i + 1)) as f64 * 0.25).collect());
    let mut out = vec![0.0; ROWS];
    let mut group = c.benchmark_group("python udf of 3 doubles");
    for (mode, rows) in [(PythonMode::Row, ROWS / 4), (PythonMode::Vectorised, ROWS)] {
        group.throughput(Throughput::Elements(rows as u64));
        let args = [0, 1, 2].map(|i| Batch::F64(&columns[i][..rows]));
        let dir = TempDir::new().expect("a folder");
        let deployment = Deployment {
            name: "score".into(),
            source: Source::Python { source: BODY.into(), function: None, mode },
            args: None,
            returns: None,
            nulls: None,
            bounds: None,
            deterministic: true,
        };
        let udfs = Udfs::create(dir.path()).expect("it opens");
        let Ok(_) = udfs.deploy(&deployment) else {
            println!("{mode:?}: there is no Python, or no NumPy in it (SHARDSCRIPT_PYTHON names another)");
            continue;
        };
        let mut caller = udfs.caller("score").expect("it is deployed");
        group.bench_function(format!("{mode:?}"), |b| {
            b.iter(|| caller.call(rows, &args, &mut BatchMut::F64(&mut out[..rows])).expect("it answers"));
        });
    }
}

criterion_group!(benches, calls, starts, python);
criterion_main!(benches);
