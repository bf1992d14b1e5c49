//! Functions as DataFusion runs them: over Arrow arrays, by the same evaluation as in a shard.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion_common::arrow::array::{Array, ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray};
use datafusion_common::arrow::datatypes::DataType;
use datafusion_common::cast::{as_boolean_array, as_float64_array, as_int64_array, as_string_array};
use datafusion_common::{DataFusionError, Result, exec_err};
use datafusion_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

use super::batch::{Batch, BatchMut, RowErrors, StrBatch};
use super::{Function, data_type};
use crate::plan::script::ValueType;

/// The function as a `ScalarUDF`, which a tree holds.
pub(super) fn scalar_udf(function: &'static Function) -> ScalarUDF {
    let args = function.args.iter().map(|ty| data_type(*ty)).collect();
    ScalarUDF::from(Udf { function, signature: Signature::exact(args, Volatility::Immutable) })
}

#[derive(Debug)]
struct Udf {
    function: &'static Function,
    signature: Signature,
}

impl PartialEq for Udf {
    fn eq(&self, other: &Self) -> bool {
        self.function.name == other.function.name
    }
}

impl Eq for Udf {}

impl Hash for Udf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.function.name.hash(state);
    }
}

impl ScalarUDFImpl for Udf {
    fn name(&self) -> &str {
        self.function.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(data_type(self.function.result))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = args.number_rows;
        let arrays = args.args.iter().map(|arg| arg.to_array(rows)).collect::<Result<Vec<_>>>()?;
        if arrays.iter().any(|array| array.null_count() > 0) {
            return exec_err!("{} takes no nulls", self.function.name);
        }
        let columns =
            arrays.iter().zip(self.function.args).map(|(a, ty)| Column::read(a, *ty)).collect::<Result<Vec<_>>>()?;
        let batches: Vec<_> = columns.iter().map(Column::batch).collect();
        let mut first = None;
        let mut errors = RowErrors { active: None, first: &mut first };
        let array = self.evaluate(&batches, rows, &mut errors);
        match first {
            None => Ok(ColumnarValue::Array(array)),
            Some(e) => Err(DataFusionError::Execution(format!("row {}: {}", e.row, e.reason))),
        }
    }
}

impl Udf {
    fn evaluate(&self, args: &[Batch<'_>], rows: usize, errors: &mut RowErrors<'_>) -> ArrayRef {
        let eval = self.function.eval;
        match self.function.result {
            ValueType::F64 => {
                let mut out = vec![0.0; rows];
                eval(args, &mut BatchMut::F64(&mut out), errors);
                Arc::new(Float64Array::from(out))
            }
            ValueType::I64 => {
                let mut out = vec![0; rows];
                eval(args, &mut BatchMut::I64(&mut out), errors);
                Arc::new(Int64Array::from(out))
            }
            ValueType::Bool => {
                let mut out = vec![false; rows];
                eval(args, &mut BatchMut::Bool(&mut out), errors);
                Arc::new(BooleanArray::from(out))
            }
            ValueType::Str => {
                let (mut text, mut spans) = (String::new(), Vec::with_capacity(rows));
                eval(args, &mut BatchMut::Str(&mut text, &mut spans), errors);
                Arc::new(StringArray::from_iter_values(spans.iter().map(|(s, e)| &text[*s as usize..*e as usize])))
            }
        }
    }
}

/// An Arrow array in the form that evaluation takes.
enum Column<'a> {
    F64(&'a [f64]),
    I64(&'a [i64]),
    Bool(Vec<bool>),
    Str(String, Vec<(u32, u32)>),
}

impl<'a> Column<'a> {
    fn read(array: &'a ArrayRef, ty: ValueType) -> Result<Self> {
        Ok(match ty {
            ValueType::F64 => Self::F64(as_float64_array(array)?.values()),
            ValueType::I64 => Self::I64(as_int64_array(array)?.values()),
            ValueType::Bool => Self::Bool(as_boolean_array(array)?.values().iter().collect()),
            ValueType::Str => {
                let (mut text, mut spans) = (String::new(), Vec::with_capacity(array.len()));
                for s in as_string_array(array)?.iter().flatten() {
                    let start = text.len() as u32;
                    text.push_str(s);
                    spans.push((start, text.len() as u32));
                }
                Self::Str(text, spans)
            }
        })
    }

    fn batch(&self) -> Batch<'_> {
        match self {
            Self::F64(v) => Batch::F64(v),
            Self::I64(v) => Batch::I64(v),
            Self::Bool(v) => Batch::Bool(v),
            Self::Str(text, spans) => Batch::Str(StrBatch { text, spans }),
        }
    }
}
