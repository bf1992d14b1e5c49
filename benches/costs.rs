//! What the cost page says: nanoseconds a document of each part of a tree, and of each function.
//!
//! `cargo bench --bench costs` measures them over batches of 1,024 rows in the first-level cache. Throughput is in rows:
//! 1 ns a row is 1 Gelem/s. The constants of `src/pushdown/cost.rs` and the costs in the lines of `src/plan/function` name
//! the benchmarks that gave them; a part of a tree is measured with the columns that it needs, whose cost is taken off.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use datafusion_expr::{Expr, Operator};
use shardscript::exec::columns::{Column, Columns};
use shardscript::exec::kernel::{BATCH_ROWS, Inputs, Machine, Program, Rows};
use shardscript::plan::expr::{ColumnPart, binary, case, coalesce, column, column_part, double, score, string};
use shardscript::plan::function::batch::{Batch, BatchMut, RowErrors, StrBatch};
use shardscript::plan::function::{Function, all, call};
use shardscript::plan::script::ValueType;
use tantivy::columnar::{ColumnarReader, ColumnarWriter};

/// A sequence of random numbers from 0 to 1 (SplitMix64).
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// `full`: a double in each document; `some`: in four of five; `many`: one to three longs; `place`: a point; `word`: one of 64
/// texts.
fn columns() -> Columns {
    let (mut writer, mut random) = (ColumnarWriter::default(), Random(7));
    for doc in 0..BATCH_ROWS as u32 {
        writer.record_numerical(doc, "full", random.unit() * 100.0);
        if random.unit() < 0.8 {
            writer.record_numerical(doc, "some", random.unit() * 100.0);
        }
        writer.record_str(doc, "word", &format!("word number {}", doc * 7919 % 64));
        for value in 0..=doc % 3 {
            writer.record_numerical(doc, "many", i64::from(value * 10));
        }
        let (lat, lon) = ((random.unit() - 0.5) * 2e9, (random.unit() - 0.5) * 4e9);
        writer.record_numerical(doc, "place", ((lat as i64) << 32) | i64::from(lon as i32 as u32));
    }
    let mut bytes = Vec::new();
    writer.serialize(BATCH_ROWS as u32, None, &mut bytes).expect("memory is writable");
    let reader = ColumnarReader::open(bytes).expect("the writer writes what the reader reads");
    let columns = reader.iter_columns().expect("the writer writes what the reader reads");
    let open = |handle| Column::open(&handle, None).expect("the writer writes what the reader reads");
    Columns::from_columns(columns.map(|(name, handle)| (name, open(handle))))
}

/// The trees whose costs the page names.
fn trees() -> Vec<(&'static str, Expr)> {
    let full = || coalesce(column("full"), double(0.0));
    let place = vec![column("place"), double(48.2), double(16.4), double(0.0), string("min")];
    let test = binary(full(), Operator::Lt, double(50.0));
    vec![
        ("_score", binary(score(), Operator::Plus, score())),
        ("column", binary(full(), Operator::Plus, score())),
        ("column with gaps", coalesce(column("some"), double(0.0))),
        ("presence", case(column("some").is_null(), double(1.0), score())),
        ("part of a column", coalesce(column_part("many", ColumnPart::Sum), double(0.0))),
        ("string", case(call("is_empty", vec![coalesce(column("word"), string(""))]), double(1.0), score())),
        ("operation", binary(binary(full(), Operator::Multiply, score()), Operator::Plus, full())),
        ("branch", case(test, score(), full())),
        ("distance from a point", coalesce(call("value_geo_distance", place), double(0.0))),
    ]
}

fn trees_by_name(criterion: &mut Criterion) {
    let (columns, docs) = (columns(), (0..BATCH_ROWS as u32).collect::<Vec<_>>());
    let scores: Vec<f32> = docs.iter().map(|doc| *doc as f32).collect();
    let types = |path: &str| match path {
        "many" | "place" => Some(ValueType::I64),
        "word" => Some(ValueType::Str),
        _ => Some(ValueType::F64),
    };
    let mut group = criterion.benchmark_group("tree");
    group.throughput(Throughput::Elements(BATCH_ROWS as u64)).measurement_time(Duration::from_millis(500));
    for (name, tree) in trees() {
        let inputs = Inputs { index: "i", params: &[], columns: &types };
        let program = Program::compile(&tree, ValueType::F64, &inputs).expect("the tree is of the subset");
        let mut machine = Machine::new(Arc::new(program), &columns).expect("the columns are in memory");
        let rows = Rows { docs: &docs, doc_base: 0, scores: &scores, filters: &[] };
        group.bench_function(name, |b| b.iter(|| black_box(machine.run(&rows)).is_ok()));
    }
    group.finish();
}

/// Arguments of a function: numbers that most functions take the common way for.
struct Arguments {
    doubles: Vec<f64>,
    longs: Vec<i64>,
    booleans: Vec<bool>,
    spans: Vec<(u32, u32)>,
    sites: Vec<i64>,
}

const TEXT: &str = "The quick brown fox jumps over the lazy dog";

impl Arguments {
    fn new() -> Self {
        let mut random = Random(11);
        let mut each = |of: &mut dyn FnMut(f64)| (0..BATCH_ROWS).for_each(|_| of(random.unit()));
        let mut arguments =
            Self { doubles: vec![], longs: vec![], booleans: vec![], spans: vec![], sites: vec![1; BATCH_ROWS] };
        each(&mut |x| arguments.doubles.push(0.1 + x * 0.8));
        each(&mut |x| arguments.longs.push(1 + (x * 30.0) as i64));
        each(&mut |x| arguments.booleans.push(x < 0.5));
        arguments.spans = vec![(0, TEXT.len() as u32); BATCH_ROWS];
        arguments
    }

    fn of(&self, f: &Function) -> Vec<Batch<'_>> {
        let last = f.args.len().saturating_sub(1);
        let batch = |(n, ty): (usize, &ValueType)| match ty {
            ValueType::F64 => Batch::F64(&self.doubles),
            ValueType::I64 if f.fallible && n == last => Batch::I64(&self.sites),
            ValueType::I64 => Batch::I64(&self.longs),
            ValueType::Bool => Batch::Bool(&self.booleans),
            ValueType::Str => Batch::Str(StrBatch { text: TEXT, spans: &self.spans }),
        };
        f.args.iter().enumerate().map(batch).collect()
    }
}

fn functions_by_name(criterion: &mut Criterion) {
    let arguments = Arguments::new();
    let (mut doubles, mut longs, mut booleans) = (vec![0.0; BATCH_ROWS], vec![0; BATCH_ROWS], vec![false; BATCH_ROWS]);
    let (mut text, mut spans) = (String::new(), Vec::new());
    let mut group = criterion.benchmark_group("function");
    group.throughput(Throughput::Elements(BATCH_ROWS as u64)).measurement_time(Duration::from_millis(300));
    for f in all() {
        let batches = arguments.of(f);
        group.bench_function(BenchmarkId::from_parameter(f.name), |b| {
            b.iter(|| {
                let mut first = None;
                let mut errors = RowErrors { active: None, first: &mut first };
                text.clear();
                spans.clear();
                let mut out = match f.result {
                    ValueType::F64 => BatchMut::F64(&mut doubles),
                    ValueType::I64 => BatchMut::I64(&mut longs),
                    ValueType::Bool => BatchMut::Bool(&mut booleans),
                    ValueType::Str => BatchMut::Str(&mut text, &mut spans),
                };
                (f.eval)(black_box(&batches), &mut out, &mut errors);
                black_box(first.is_some())
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(100));
    targets = trees_by_name, functions_by_name
}
criterion_main!(benches);
