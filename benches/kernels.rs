//! Expression kernels: twenty random expressions of three operations over columns in cache.
//!
//! `cargo bench --bench kernels` measures the register programs beside one fused loop, written by hand for each
//! expression's shape and operations. With `--features bench-peers` DataFusion's physical expressions run in the same
//! process over the same values. Throughput is in rows: 0.6 ns a row are 1.67 Gelem/s.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use datafusion_expr::{Expr, Operator};
use shardscript::exec::columns::{Column, Columns};
use shardscript::exec::kernel::{BATCH_ROWS, Inputs, Machine, Program, Rows};
use shardscript::plan::expr::{binary, coalesce, column, double};
use shardscript::plan::function::batch::Batch;
use shardscript::plan::script::ValueType;
use tantivy::columnar::{ColumnarReader, ColumnarWriter};

/// Eight batches; four columns of them stay in the second-level cache.
const ROWS: usize = 8 * BATCH_ROWS;
const COLUMNS: [&str; 4] = ["a", "b", "c", "d"];
const EXPRESSIONS: usize = 20;
const SEED: u64 = 42;

/// A sequence of random numbers (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % n) as usize
    }
}

#[derive(Clone, Copy)]
enum Leaf {
    Column(usize),
    Constant(f64),
}

/// `((w o x) o y) o z` or `(w o x) o (y o z)`.
struct Drawn {
    balanced: bool,
    leaves: [Leaf; 4],
    operations: [Operator; 3],
}

impl Drawn {
    /// The first leaf of each operation is a column, so that nothing folds.
    fn draw(random: &mut Random) -> Self {
        let operations = [Operator::Plus, Operator::Minus, Operator::Multiply, Operator::Divide];
        let balanced = random.below(2) == 0;
        let mut leaf = |must_be_column: bool| match random.below(3) {
            0 if !must_be_column => Leaf::Constant(1.0 + random.below(100) as f64 / 8.0),
            _ => Leaf::Column(random.below(4)),
        };
        let leaves = [leaf(true), leaf(false), leaf(balanced), leaf(false)];
        Self { balanced, leaves, operations: std::array::from_fn(|_| operations[random.below(4)]) }
    }

    /// The tree over some form of columns.
    fn tree(&self, column: impl Fn(&str) -> Expr) -> Expr {
        let [w, x, y, z] = self.leaves.map(|leaf| match leaf {
            Leaf::Column(i) => column(COLUMNS[i]),
            Leaf::Constant(v) => double(v),
        });
        let [first, second, third] = self.operations;
        if self.balanced {
            binary(binary(w, first, x), second, binary(y, third, z))
        } else {
            binary(binary(binary(w, first, x), second, y), third, z)
        }
    }
}

fn drawn() -> Vec<Drawn> {
    let mut random = Random(SEED);
    (0..EXPRESSIONS).map(|_| Drawn::draw(&mut random)).collect()
}

/// The values of the four columns.
fn values() -> Vec<Vec<f64>> {
    let mut random = Random(SEED + 1);
    COLUMNS.map(|_| (0..ROWS).map(|_| 0.5 + random.below(1_000_000) as f64 / 997.0).collect()).to_vec()
}

/// The columns as tantivy stores them.
fn stored(values: &[Vec<f64>]) -> Columns {
    let mut writer = ColumnarWriter::default();
    for (name, values) in COLUMNS.iter().zip(values) {
        for (doc, value) in values.iter().enumerate() {
            writer.record_numerical(doc as u32, name, *value);
        }
    }
    let mut bytes = Vec::new();
    writer.serialize(ROWS as u32, None, &mut bytes).expect("memory is writable");
    let reader = ColumnarReader::open(bytes).expect("the writer writes what the reader reads");
    let columns = reader.iter_columns().expect("the writer writes what the reader reads");
    let open = |handle| Column::open(&handle, None).expect("the writer writes what the reader reads");
    Columns::from_columns(columns.map(|(name, handle)| (name, open(handle))))
}

/// One expression in all engines.
struct Engines {
    machine: Machine,
    fused: Fused,
    #[cfg(feature = "bench-peers")]
    datafusion: peers::Peer,
}

fn engines(values: &[Vec<f64>]) -> Vec<(String, Engines)> {
    let columns = stored(values);
    let inputs = Inputs { index: "i", params: &[], columns: &|_| Some(ValueType::F64) };
    let prepare = |drawn: Drawn| {
        let tree = drawn.tree(|name| coalesce(column(name), double(0.0)));
        let program = Program::compile(&tree, ValueType::F64, &inputs).expect("the tree is of the subset");
        let engines = Engines {
            machine: Machine::new(Arc::new(program), &columns).expect("the columns are in memory"),
            fused: Fused::new(&drawn, values),
            #[cfg(feature = "bench-peers")]
            datafusion: peers::Peer::new(&drawn.tree(column), values),
        };
        (drawn.tree(column).to_string(), engines)
    };
    drawn().into_iter().map(prepare).collect()
}

/// Runs all rows in batches; the sum keeps the compiler from leaving them out.
fn run_machine(machine: &mut Machine, docs: &[u32]) -> f64 {
    let mut last = 0.0;
    for docs in docs.chunks(BATCH_ROWS) {
        let rows = Rows { docs, doc_base: 0, scores: &[], filters: &[] };
        if let Ok(Batch::F64(values)) = machine.run(&rows) {
            last += black_box(values)[0];
        }
    }
    last
}

/// A loop over all rows at once, specialised to the operations and the shape.
struct Fused {
    leaves: [Vec<f64>; 4],
    run: fn(&[Vec<f64>; 4], &mut [f64]),
    out: Vec<f64>,
}

trait Operation {
    fn apply(a: f64, b: f64) -> f64;
}

macro_rules! operations {
    ($($name:ident $op:tt),+) => {$(
        struct $name;
        impl Operation for $name {
            #[inline(always)]
            fn apply(a: f64, b: f64) -> f64 {
                a $op b
            }
        }
    )+};
}
operations!(Add +, Subtract -, Multiply *, Divide /);

fn fused<A: Operation, B: Operation, C: Operation, const BALANCED: bool>(leaves: &[Vec<f64>; 4], out: &mut [f64]) {
    let [w, x, y, z] = leaves;
    for ((((o, w), x), y), z) in out.iter_mut().zip(w).zip(x).zip(y).zip(z) {
        *o = if BALANCED {
            B::apply(A::apply(*w, *x), C::apply(*y, *z))
        } else {
            C::apply(B::apply(A::apply(*w, *x), *y), *z)
        };
    }
}

/// Picks a type for an operation, then goes on with the next.
macro_rules! pick {
    ([$($done:ident),*] $balanced:expr;) => {
        if $balanced { fused::<$($done),*, true> } else { fused::<$($done),*, false> }
    };
    ([$($done:ident),*] $balanced:expr; $first:expr $(, $rest:expr)*) => {
        match $first {
            Operator::Plus => pick!([$($done,)* Add] $balanced; $($rest),*),
            Operator::Minus => pick!([$($done,)* Subtract] $balanced; $($rest),*),
            Operator::Multiply => pick!([$($done,)* Multiply] $balanced; $($rest),*),
            _ => pick!([$($done,)* Divide] $balanced; $($rest),*),
        }
    };
}

impl Fused {
    fn new(drawn: &Drawn, values: &[Vec<f64>]) -> Self {
        let leaves = drawn.leaves.map(|leaf| match leaf {
            Leaf::Column(i) => values[i].clone(),
            Leaf::Constant(v) => vec![v; ROWS],
        });
        let [first, second, third] = drawn.operations;
        Self { leaves, run: pick!([] drawn.balanced; first, second, third), out: vec![0.0; ROWS] }
    }

    fn run(&mut self) {
        (self.run)(&self.leaves, black_box(&mut self.out));
    }
}

/// DataFusion's physical expressions.
#[cfg(feature = "bench-peers")]
mod peers {
    use std::sync::Arc;

    use datafusion_common::DFSchema;
    use datafusion_common::arrow::array::{ArrayRef, Float64Array, RecordBatch};
    use datafusion_common::arrow::datatypes::{DataType, Field, Schema};
    use datafusion_expr::Expr;
    use datafusion_expr::execution_props::ExecutionProps;
    use datafusion_expr::physical_planning_context::PhysicalPlanningContext;
    use datafusion_physical_expr::{PhysicalExpr, create_physical_expr};

    use super::COLUMNS;

    pub(crate) struct Peer {
        expr: Arc<dyn PhysicalExpr>,
        batch: RecordBatch,
    }

    impl Peer {
        pub(crate) fn new(tree: &Expr, values: &[Vec<f64>]) -> Self {
            let fields: Vec<_> = COLUMNS.iter().map(|name| Field::new(*name, DataType::Float64, false)).collect();
            let schema = Arc::new(Schema::new(fields));
            let arrays = values.iter().map(|v| Arc::new(Float64Array::from(v.clone())) as ArrayRef).collect();
            let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).expect("the arrays fit the schema");
            let schema = DFSchema::try_from(schema).expect("names are unique");
            let (props, context) = (ExecutionProps::new(), PhysicalPlanningContext::default());
            let expr = create_physical_expr(tree, &schema, &props, &context).expect("the types fit");
            Self { expr, batch }
        }

        pub(crate) fn run(&self) {
            std::hint::black_box(self.expr.evaluate(&self.batch).expect("arithmetic on doubles does not fail"));
        }
    }
}

fn bench(criterion: &mut Criterion) {
    let values = values();
    let docs: Vec<u32> = (0..ROWS as u32).collect();
    let mut engines = engines(&values);

    let mut all = criterion.benchmark_group("twenty expressions");
    all.throughput(Throughput::Elements((EXPRESSIONS * ROWS) as u64)).measurement_time(Duration::from_secs(3));
    all.bench_function("kernel", |b| {
        b.iter(|| engines.iter_mut().map(|(_, e)| run_machine(&mut e.machine, &docs)).sum::<f64>());
    });
    all.bench_function("fused", |b| b.iter(|| engines.iter_mut().for_each(|(_, e)| e.fused.run())));
    #[cfg(feature = "bench-peers")]
    all.bench_function("datafusion", |b| b.iter(|| engines.iter().for_each(|(_, e)| e.datafusion.run())));
    all.finish();

    let mut each = criterion.benchmark_group("kernel");
    each.throughput(Throughput::Elements(ROWS as u64)).measurement_time(Duration::from_millis(500));
    for (name, engines) in &mut engines {
        each.bench_function(BenchmarkId::from_parameter(name), |b| b.iter(|| run_machine(&mut engines.machine, &docs)));
    }
    each.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(300));
    targets = bench
}
criterion_main!(benches);
