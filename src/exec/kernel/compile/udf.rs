//! Calls of deployed UDFs.

use std::sync::Arc;

use datafusion_common::ScalarValue;
use datafusion_expr::Expr;

use super::{Compiler, unsupported};
use crate::error::Result;
use crate::exec::kernel::graph::Arg;
use crate::exec::kernel::program::Op;
use crate::plan::udf::UdfProfile;

impl Compiler<'_> {
    /// A call with arguments of the UDF's signature, and the site.
    pub(super) fn udf_call(&mut self, profile: &Arc<UdfProfile>, args: &[Expr]) -> Result<Arg> {
        let Some((Expr::Literal(ScalarValue::Int64(Some(site)), _), args)) = args.split_last() else {
            return Err(unsupported(format!("a call of [{profile}] without its place in the source")));
        };
        let signature = profile.signature();
        if args.len() != signature.len() {
            let found = args.len();
            return Err(unsupported(format!("[{profile}] of {found} arguments")).expected(signature.len().to_string()));
        }
        let mut values = Vec::with_capacity(args.len());
        for (arg, ty) in args.iter().zip(signature) {
            let value = self.value(arg)?;
            values.push(self.converted(value, ty.value_type(), &profile.name)?);
        }
        let known = self.graph.udfs.iter().position(|other| other == profile);
        let udf = known.unwrap_or_else(|| {
            self.graph.udfs.push(Arc::clone(profile));
            self.graph.udfs.len() - 1
        });
        Ok(self.graph.add(Op::Udf { udf, site: *site as usize }, values, profile.result.value_type()))
    }
}
