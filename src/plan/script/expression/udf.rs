//! Calls of deployed UDFs. Each argument is compiled for the type that the UDF takes, as all operands of the language are.

use std::sync::Arc;

use datafusion_expr::Expr;

use super::lower::Lowering;
use super::parser::Node;
use crate::error::{Code, Result};
use crate::plan::expr::{case, double, to_double};
use crate::plan::script::ValueType;
use crate::plan::udf::{Argument, UdfProfile, UdfType, convert, lower_call};

impl Lowering<'_> {
    /// A call as a double.
    pub(super) fn udf_call(&self, profile: &Arc<UdfProfile>, args: &[Node<'_>], start: usize) -> Result<Expr> {
        let wrong = |code, reason: String| self.source.error(code, start, reason).expected(profile.usage());
        let (taken, found) = (profile.args.len(), args.len());
        if taken != found {
            return Err(wrong(Code::UdfArguments, format!("{profile} takes {taken} arguments, found {found}")));
        }
        let mut passed = Vec::with_capacity(args.len());
        for (i, (node, arg)) in args.iter().zip(&profile.args).enumerate() {
            let (value, from) = match arg.ty {
                UdfType::F64 | UdfType::F32 => (self.double(node)?, ValueType::F64),
                UdfType::I64 | UdfType::I32 => (self.long(node)?, ValueType::I64),
                UdfType::Bool => (self.truth(node)?, ValueType::Bool),
                UdfType::Str => {
                    let reason = format!("{} takes a string, and an expression has none", profile.argument(i));
                    return Err(wrong(Code::UdfArguments, reason).hint("call it from Painless"));
                }
            };
            passed.extend(convert(value, from, arg.ty, start).map(Argument::given));
        }
        let called = lower_call(profile, passed, start);
        match profile.result {
            UdfType::F64 | UdfType::F32 => Ok(called),
            UdfType::I64 | UdfType::I32 => Ok(to_double(called)),
            UdfType::Bool => Ok(case(called, double(1.0), double(0.0))),
            UdfType::Str => {
                let reason = format!("{profile} gives a string, and an expression has none");
                Err(wrong(Code::ScriptResult, reason).hint("call it from Painless"))
            }
        }
    }
}
