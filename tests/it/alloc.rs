//! Running a program allocates nothing per document: allocations do not grow with the number of batches.
//!
//! The whole test binary runs on this counting allocator; it counts per thread, so that tests do not see each other.

#![expect(
    unsafe_code,
    reason = "a global allocator is an unsafe trait; this one counts and leaves the work to the system's"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use datafusion_expr::{Expr, Operator};
use shardscript::exec::columns::{Column, Columns};
use shardscript::exec::kernel::{BATCH_ROWS, Inputs, Machine, Program, Rows};
use shardscript::plan::expr::{ColumnPart, binary, case, coalesce, column, column_part, double, require, score};
use shardscript::plan::function::call;
use shardscript::plan::script::ValueType;
use tantivy::columnar::{ColumnarReader, ColumnarWriter};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A thread that is being torn down has no counter any more.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promise about the layout is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `alloc`, that is from the system's allocator with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How many allocations this thread makes meanwhile.
pub(crate) fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

const DOCS: u32 = 64 * BATCH_ROWS as u32;

/// Full, optional and multi-valued numbers, and strings.
fn columns() -> Columns {
    let mut writer = ColumnarWriter::default();
    for doc in 0..DOCS {
        writer.record_numerical(doc, "full", f64::from(doc) / 3.0);
        if doc % 3 == 0 {
            writer.record_numerical(doc, "some", i64::from(doc));
        }
        for value in 0..doc % 4 {
            writer.record_numerical(doc, "many", f64::from(value));
        }
        writer.record_str(doc, "text", ["a", "bcd", "efghij"][doc as usize % 3]);
    }
    let mut bytes = Vec::new();
    writer.serialize(DOCS, None, &mut bytes).unwrap();
    let reader = ColumnarReader::open(bytes).unwrap();
    let columns = reader.iter_columns().unwrap();
    Columns::from_columns(columns.map(|(name, handle)| (name, Column::open(&handle, None).unwrap())))
}

fn types(path: &str) -> Option<ValueType> {
    Some(match path {
        "some" => ValueType::I64,
        "text" => ValueType::Str,
        _ => ValueType::F64,
    })
}

fn trees() -> Vec<(Expr, ValueType)> {
    let number = |path| coalesce(column(path), double(0.0));
    let log = call("log", vec![binary(number("full"), Operator::Plus, double(2.0))]);
    let guarded = case(column("some").is_null(), double(1.0), require(column("some"), 0));
    vec![
        (binary(score(), Operator::Multiply, log), ValueType::F64),
        (binary(guarded, Operator::Divide, number("full")), ValueType::F64),
        (coalesce(column_part("many", ColumnPart::Median), double(-1.0)), ValueType::F64),
        (binary(require(column("text"), 0), Operator::Eq, shardscript::plan::expr::string("bcd")), ValueType::Bool),
    ]
}

#[test]
fn programs_allocate_nothing_per_batch() {
    for (expr, ty) in trees() {
        // Every second document, and all: gathered and consecutive rows.
        for step in [1, 2] {
            let columns = columns();
            let program = Program::compile(&expr, ty, &Inputs { index: "i", params: &[], columns: &types }).unwrap();
            let mut machine = Machine::new(Arc::new(program), &columns).unwrap();
            let docs: Vec<u32> = (0..DOCS).step_by(step).collect();
            let scores = vec![1.5; BATCH_ROWS];
            let mut run = |batches: usize| {
                allocations(|| {
                    for docs in docs.chunks(BATCH_ROWS).take(batches) {
                        machine.run(&Rows { docs, doc_base: 0, scores: &scores, filters: &[] }).unwrap();
                    }
                })
            };
            // The first batches size the buffers; then columns are read packed, later unpacked.
            run(8);
            assert_eq!((run(1), run(8)), (0, 0), "{expr}");
            (0..4).for_each(|_| assert!(run(64) < 100, "{expr}"));
            assert_eq!((run(1), run(32)), (0, 0), "{expr}");
        }
    }
}
