//! What things cost: estimates on one page, in nanoseconds on one core of a 2-core machine of 2026.
//!
//! They order filters, explain plans, and say when skipping pays. They need not be exact, only in the right order. Each
//! says of what it is a cost (a document, unless it says otherwise) and what measures it: a benchmark of
//! `cargo bench --bench costs`, by its group and name, or requests of `plan-explain replay --repeat`. The costs of
//! functions stand in their lines in `plan/function`, in the same unit; `function/NAME` measures them.

use datafusion_expr::Expr;

use crate::plan::function::column::TABULATED;
use crate::plan::function::function;
use crate::plan::udf::{PythonMode, UdfProfile, UdfRuntime, UdfType, as_udf};
use crate::plan::walk::each_operand;

/// Reads a column: decoding one value of a bulk-unpacked `u64` column and undoing its mapping. `tree/column with gaps`.
pub(crate) const COLUMN: f64 = 1.0;

/// Reads `_score` or `_doc`: they are already in the batch. `tree/_score`.
const BATCH_COLUMN: f64 = 0.1;

/// Fills a register with a constant or a parameter: once a machine, so nothing a document.
const CONSTANT: f64 = 0.0;

/// One arithmetic, comparing or logical operation in a vectorised loop. `tree/operation`, whose two take twice as long;
/// `kernel` of `cargo bench --bench kernels`, three times.
pub(crate) const OPERATION: f64 = 0.15;

/// Chooses between two branches and keeps the mask of active rows. `tree/branch` beyond its columns.
const BRANCH: f64 = 0.4;

/// Looks at a presence bit: `coalesce`, `require`. `tree/presence` beyond its branch.
const PRESENCE: f64 = 0.2;

/// Reads another part of a column than its first value: an offset more. `tree/part of a column` beyond `column with gaps`.
const COLUMN_PART: f64 = 1.0;

/// Haversine of a geo point, three cosines and an arc sine from tables. `tree/distance from a point`.
const GEO_DISTANCE: f64 = 20.0;

/// Matches a document and scores it by a term, keeps the best: what no script is needed for. A `match` of one term that
/// counts all of its matches, by their number.
const MATCH: f64 = 2.5;

/// Judges a zone: the bounds of a term and a script of a few operations. Nanoseconds a zone; a `script_score` of two
/// columns with and without `--disable skip_zones`.
const JUDGEMENT: f64 = 15.0;

/// How many fine zones a window has. A number, no cost.
const FINE_ZONES: f64 = 32.0;

/// What evaluating a part of a window costs beside its documents: an operator's start, a seek. Nanoseconds a window; the
/// same requests.
const WINDOW_START: f64 = 400.0;

/// Which share of the windows is visited where nearly all are skipped. A share, no cost; `score/one-column` and
/// `score/clustered` of the speed requests.
const VISITED: f64 = 0.1;

/// By how much evaluating all documents has to cost more than the least that judging does: it may be in vain.
const MARGIN: f64 = 8.0;

/// Looks up a number by the class of a document's value. A `script_score` of a logarithm over 200,000 matches.
pub(crate) const CLASS: f64 = 0.5;

/// Matches a document, scores it by a term and bounds it by two columns. The same, `--disable skip_zones`.
const BOUND: f64 = 3.0;

/// How many times a bound has to be cheaper than what it bounds. A number, no cost.
const CHEAPER: f64 = 1.5;

/// What a script costs at least of which a bound is prepared: that takes 50 us, and saves what is beyond [`BOUND`]. A
/// `_script` sort by the product of two columns, `--disable bound_documents`.
const DEAR: f64 = 5.0;

/// Whether a bound of a tree is worth being prepared.
pub(crate) fn bound_may_pay(tree: &Expr) -> bool {
    expr_cost(tree) > DEAR
}

/// Whether a document's bound is worth being looked at before its value is computed.
pub(crate) fn bounding_pays(bound: f64, exact: f64) -> bool {
    bound * CHEAPER < exact
}

/// Whether a segment of so many windows, of which so many documents are looked at, is worth judging; by the nanoseconds
/// that their scripts take, and whether it cannot be in vain.
pub fn judging_pays(documents: u64, script: f64, windows: u32, is_certain: bool) -> bool {
    let judging = f64::from(windows) * (JUDGEMENT + WINDOW_START * VISITED);
    documents as f64 * (MATCH + script) > judging * if is_certain { 1.0 } else { MARGIN }
}

/// How many zones are judged in the windows of the best bounds, and to see what these are worth. A number, no cost.
const BEST_ZONES: f64 = 1000.0;

/// The most that may be spent in vain, as a share of what all documents cost.
const IN_VAIN: f64 = 0.05;

/// Whether the windows of the best bounds may be visited where a few zones have helped little: by the documents of the
/// segment that are looked at, and the nanoseconds that their scripts take.
pub(crate) fn best_windows_pay(documents: f64, script: f64) -> bool {
    documents * (MATCH + script) * IN_VAIN > BEST_ZONES * JUDGEMENT
}

/// Whether skipping a share of the fine zones saves more than judging them costs: by the matches of a window, and the
/// nanoseconds that their scripts take.
pub fn skipping_pays(documents: f64, script: f64, skipped: f64) -> bool {
    documents * (MATCH + script) * skipped > FINE_ZONES * JUDGEMENT + WINDOW_START
}

/// The same where a document costs no more than its bound.
pub(crate) fn skipping_beats_bounding(documents: f64, skipped: f64) -> bool {
    documents * BOUND * skipped > FINE_ZONES * JUDGEMENT + WINDOW_START
}

/// Looks up the number of a document's value and the entry of a table. A `script_score` of a keyword's length that counts
/// all matches, by their number, less the same with a number.
const TABLE: f64 = 1.5;

/// Reads a string of a column, which copies it, beyond [`COLUMN`]. `tree/string` beyond its branch.
const STRING: f64 = 8.0;

/// Makes a table, whatever its size: compiles a tree twice, starts a machine. Nanoseconds a table; a `script_score` of one
/// keyword with and without `--disable tabulate_subtrees`.
const TABLE_START: f64 = 10_000.0;

/// Whether a tree over one column of numbers may be worth a table.
pub(crate) fn table_may_pay(tree: f64) -> bool {
    tree > 3.0 * TABLE
}

/// How many documents have to be evaluated before a table of so many entries is cheaper than the tree; the tree reads a
/// string or a number.
pub fn table_pays_from(tree: &Expr, reads_string: bool, entries: usize) -> u64 {
    let cost = expr_cost(tree) + if reads_string { STRING } else { 0.0 };
    let saved = (cost - TABLE).max(0.0);
    // A quotient by zero is infinite: never.
    ((TABLE_START + cost * entries as f64) / saved).ceil() as u64
}

/// Calls a WebAssembly function from its module's driver, compiled. Until it is compiled, the interpreter takes 25. A
/// `script_score` that calls a UDF, less the same with an expression.
const WASM_CALL: f64 = 2.0;

/// Copies a string into a module or out of it. The same with a keyword as argument.
const WASM_STRING: f64 = 30.0;

/// Calls a Python function for a row, of a batch that crosses to a worker process and back. The same with a row function.
const PYTHON_ROW: f64 = 150.0;

/// A row of a batch that a Python function takes as arrays. The same with a vectorised function.
const PYTHON_VECTORISED: f64 = 6.0;

/// Estimated nanoseconds a call of a UDF.
pub(crate) fn call_cost(profile: &UdfProfile) -> f64 {
    match &profile.runtime {
        UdfRuntime::Wasm { .. } => {
            let types = profile.args.iter().map(|arg| arg.ty).chain([profile.result]);
            WASM_CALL + WASM_STRING * types.filter(|ty| *ty == UdfType::Str).count() as f64
        }
        UdfRuntime::Python { mode: PythonMode::Row, .. } => PYTHON_ROW,
        UdfRuntime::Python { mode: PythonMode::Vectorised, .. } => PYTHON_VECTORISED,
    }
}

/// Estimated nanoseconds a document for a tree.
pub fn expr_cost(expr: &Expr) -> f64 {
    let own = match expr {
        Expr::Column(column) if column.name.starts_with('_') => BATCH_COLUMN,
        Expr::Column(_) => COLUMN,
        Expr::Literal(..) | Expr::Placeholder(_) => CONSTANT,
        Expr::Case(case) => BRANCH * case.when_then_expr.len() as f64,
        Expr::ScalarFunction(call) => match (function(call.name()), as_udf(call)) {
            (Some(function), _) => function.cost,
            (None, Some(profile)) => call_cost(profile),
            (None, None) => column_form_cost(call.name()),
        },
        _ => OPERATION,
    };
    let mut total = own;
    each_operand(expr, &mut |child| total += expr_cost(child));
    total
}

fn column_form_cost(name: &str) -> f64 {
    match name {
        "coalesce" | "require" => PRESENCE,
        "value_geo_distance" => GEO_DISTANCE,
        // What it costs depends on the segment; at most the tree itself.
        TABULATED => 0.0,
        _ => COLUMN_PART,
    }
}
