//! Results of script fields: how a value is shown, and the cases where no single tree gives it.

use datafusion_expr::{Expr, Operator};

use super::convert::text;
use super::lower::Lowering;
use super::types::Type;
use super::value::{ParamsPlace, Value, spread};
use crate::error::Result;
use crate::plan::expr::{ColumnPart, binary, column, column_part, require};
use crate::plan::function::call;
use crate::plan::script::shown::{Shown, ShownCase};
use crate::plan::script::{CompiledScript, ValueType};
use crate::plan::value::Value as Constant;

type Cases = Vec<ShownCase<CompiledScript>>;

impl Lowering<'_> {
    /// A value as a script field shows it: dates as text, floats with their own digits.
    pub(super) fn shown(&self, value: Value, at: usize) -> Result<Value> {
        spread(vec![value], &mut |mut leaves| match leaves.remove(0) {
            Value::One(typed) => match typed.ty {
                Type::Char => {
                    let reason = "cannot write xcontent for unknown value of type class java.lang.Character";
                    Ok(Value::fails("illegal_argument_exception", at, reason))
                }
                Type::Float => Ok(Value::of(call("float_as_shown", vec![typed.expr]), Type::Double)),
                Type::Date | Type::Instant => Ok(Value::of(call("date_as_shown", vec![typed.expr]), Type::Text)),
                Type::Month | Type::DayOfWeek => Ok(Value::of(text(typed.expr, typed.ty), Type::Text)),
                _ => Ok(typed.into()),
            },
            Value::Doc | Value::Params(_, ParamsPlace::Root) | Value::Class(_) => {
                Err(self.not_tree(at, "`doc`, `params` or a class as a result"))
            }
            other => Ok(other),
        })
    }

    /// A shown value by cases: one, where all it may be has one type.
    pub(super) fn cases(&self, value: Value) -> Result<Cases> {
        let mut cases = Vec::new();
        self.add_cases(value, None, &mut cases)?;
        if let Some(first) = cases.first().and_then(|case| case.trees().next()) {
            self.refuse_certain_failure(&first.expr)?;
        }
        Ok(cases)
    }

    fn add_cases(&self, value: Value, test: Option<Expr>, cases: &mut Cases) -> Result<()> {
        let double = |expr| CompiledScript { expr, ty: ValueType::F64 };
        let shown = match (single_type(&value), value) {
            (Some(ty), value) => {
                let ty = ty.unwrap_or(ValueType::F64);
                Shown::Value(CompiledScript { expr: self.flatten(&value, ty, 0)?, ty })
            }
            (None, Value::Either(choice)) => {
                let (own, then, otherwise) = *choice;
                let both = match &test {
                    Some(test) => binary(test.clone(), Operator::And, own),
                    None => own,
                };
                self.add_cases(then, Some(both), cases)?;
                return self.add_cases(otherwise, test, cases);
            }
            (None, Value::Field(path, _)) if path == "_index" => {
                Shown::Value(CompiledScript { expr: column(&path), ty: ValueType::Str })
            }
            (None, Value::Field(path, _)) => Shown::Values(path),
            (None, Value::Point(path, at)) => {
                let [lat, lon] = [ColumnPart::Lat, ColumnPart::Lon].map(|part| require(column_part(&path, part), at));
                Shown::Point(double(lat), double(lon))
            }
            (None, Value::Params(entries, _)) => Shown::Constant(Constant::Object(entries)),
            (None, Value::List(items)) => Shown::Constant(Constant::List(items)),
            (None, Value::Null(_) | Value::One(_) | Value::Fails(_) | Value::Doc | Value::Class(_)) => Shown::Null,
        };
        let test = test.map(|expr| CompiledScript { expr, ty: ValueType::Bool });
        cases.push(ShownCase { test, shown });
        Ok(())
    }
}

/// The type that a value has in all its choices (none where they all fail); `None` where it is no single tree.
fn single_type(value: &Value) -> Option<Option<ValueType>> {
    match value {
        Value::One(typed) => Some(Some(typed.ty.value_type())),
        Value::Fails(_) => Some(None),
        Value::Either(choice) => match (single_type(&choice.1)?, single_type(&choice.2)?) {
            (Some(a), Some(b)) => (a == b).then_some(Some(a)),
            (a, b) => Some(a.or(b)),
        },
        _ => None,
    }
}
