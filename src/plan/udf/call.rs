//! A call of a UDF in a tree, as DataFusion prints and compares it.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion_common::arrow::datatypes::DataType;
use datafusion_common::exec_err;
use datafusion_expr::expr::ScalarFunction;
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

use super::{UdfProfile, UdfType};
use crate::plan::expr::long;
use crate::plan::function::data_type;
use crate::plan::walk::each_operand;

/// A call in a tree; `args` have the types of [`UdfProfile::signature`], and a failure is reported at byte `site` of the
/// script's source, which is the last argument.
pub fn udf_call(profile: &Arc<UdfProfile>, mut args: Vec<Expr>, site: usize) -> Expr {
    args.push(long(site as i64));
    Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(ScalarUDF::from(UdfCall::new(profile))), args))
}

/// The UDF that a function of a tree calls, if it is one that was deployed.
pub fn as_udf(function: &ScalarFunction) -> Option<&Arc<UdfProfile>> {
    function.func.inner().downcast_ref::<UdfCall>().map(|call| &call.profile)
}

/// The UDFs that a tree calls, each once.
pub fn called_udfs(expr: &Expr) -> Vec<&Arc<UdfProfile>> {
    let mut called: Vec<&Arc<UdfProfile>> = Vec::new();
    each_call(expr, &mut |profile| {
        if !called.contains(&profile) {
            called.push(profile);
        }
    });
    called
}

fn each_call<'e>(expr: &'e Expr, f: &mut dyn FnMut(&'e Arc<UdfProfile>)) {
    if let Expr::ScalarFunction(function) = expr
        && let Some(profile) = as_udf(function)
    {
        f(profile);
    }
    each_operand(expr, &mut |operand| each_call(operand, f));
}

/// Whether a tree has the same value whenever its inputs are the same: it calls no UDF that promises less.
pub fn is_deterministic(expr: &Expr) -> bool {
    let mut all = true;
    each_call(expr, &mut |profile| all &= profile.deterministic);
    all
}

/// Whether a tree is a call that gives an `i32`, behind a test of missing values or not: in a boolean place it is true
/// where it is not 0, because WebAssembly has no booleans.
pub(crate) fn gives_int(expr: &Expr) -> bool {
    match expr {
        Expr::ScalarFunction(f) => as_udf(f).is_some_and(|profile| profile.result == UdfType::I32),
        Expr::Case(case) => matches!(case.when_then_expr.as_slice(), [(_, then)] if gives_int(then)),
        _ => false,
    }
}

#[derive(Debug)]
struct UdfCall {
    profile: Arc<UdfProfile>,
    name: String,
    signature: Signature,
}

impl UdfCall {
    fn new(profile: &Arc<UdfProfile>) -> Self {
        let volatility = if profile.deterministic { Volatility::Immutable } else { Volatility::Volatile };
        let args = profile.signature().into_iter().map(|ty| data_type(ty.value_type()));
        let signature = Signature::exact(args.chain([DataType::Int64]).collect(), volatility);
        Self { profile: Arc::clone(profile), name: profile.to_string(), signature }
    }
}

impl PartialEq for UdfCall {
    fn eq(&self, other: &Self) -> bool {
        self.profile == other.profile
    }
}

impl Eq for UdfCall {}

impl Hash for UdfCall {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.name, &self.profile.hash).hash(state);
    }
}

impl ScalarUDFImpl for UdfCall {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> datafusion_common::Result<DataType> {
        Ok(data_type(self.profile.result.value_type()))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> datafusion_common::Result<ColumnarValue> {
        exec_err!("the UDF {} runs in a shard only", self.name)
    }
}
