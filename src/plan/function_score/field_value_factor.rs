//! `field_value_factor`: a field's value as a function (`FieldValueFactorFunction`).

use datafusion_expr::{Expr, Operator};

use super::ColumnRef;
use super::inline::Listing;
use crate::plan::expr::{binary, case, double, long, string};
use crate::plan::function::call;

/// A field's lowest value, times a factor, through a modifier.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldValueFactor {
    /// The field's name.
    pub field: String,
    /// Where its values are; `None`: the field is not mapped, every value is missing.
    pub column: Option<ColumnRef>,
    /// The factor.
    pub factor: f32,
    /// What is done with the product.
    pub modifier: Modifier,
    /// The value of documents that have none; `None`: they are an error.
    pub missing: Option<f64>,
}

/// What is done with the product of value and factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modifier {
    /// Nothing.
    None,
    /// The common logarithm.
    Log,
    /// The common logarithm of 1 more.
    Log1p,
    /// The common logarithm of 2 more.
    Log2p,
    /// The natural logarithm.
    Ln,
    /// The natural logarithm of 1 more.
    Ln1p,
    /// The natural logarithm of 2 more.
    Ln2p,
    /// The square.
    Square,
    /// The square root.
    Sqrt,
    /// One by it.
    Reciprocal,
}

impl Modifier {
    /// All modifiers by name.
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("none", Self::None),
        ("log", Self::Log),
        ("log1p", Self::Log1p),
        ("log2p", Self::Log2p),
        ("ln", Self::Ln),
        ("ln1p", Self::Ln1p),
        ("ln2p", Self::Ln2p),
        ("square", Self::Square),
        ("sqrt", Self::Sqrt),
        ("reciprocal", Self::Reciprocal),
    ];

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, m)| *m == self).map_or("none", |(name, _)| name)
    }

    fn apply(self, n: Expr) -> Expr {
        let plus = |n, more| binary(n, Operator::Plus, double(more));
        match self {
            Self::None => n,
            Self::Log => call("log10", vec![n]),
            Self::Log1p => call("log10", vec![plus(n, 1.0)]),
            Self::Log2p => call("log10", vec![plus(n, 2.0)]),
            Self::Ln => call("log", vec![n]),
            Self::Ln1p => call("log1p", vec![n]),
            Self::Ln2p => call("log1p", vec![plus(n, 1.0)]),
            Self::Square => binary(n.clone(), Operator::Multiply, n),
            Self::Sqrt => call("sqrt", vec![n]),
            Self::Reciprocal => binary(double(1.0), Operator::Divide, n),
        }
    }

    /// Whether the result can be less than 0, which is an error.
    fn can_be_negative(self) -> bool {
        !matches!(self, Self::Square | Self::Sqrt)
    }
}

impl FieldValueFactor {
    pub(super) fn tree(&self, listing: &mut Listing) -> Expr {
        let site = listing.line(&self.describe()) as i64;
        let missing = match self.missing {
            Some(missing) => double(missing),
            None => call("missing_factor", vec![string(&self.field), long(site)]),
        };
        let value = match self.column.as_ref().and_then(|c| Some((c.is_missing(), c.as_double()?))) {
            Some((is_missing, value)) => case(is_missing, missing, value),
            None => missing,
        };
        let product = match self.factor {
            1.0 => value.clone(),
            factor => binary(value.clone(), Operator::Multiply, double(f64::from(factor))),
        };
        let result = self.modifier.apply(product);
        if !self.modifier.can_be_negative() {
            return result;
        }
        call("check_field_value_factor", vec![result, value, string(self.modifier.name()), long(site)])
    }

    fn describe(&self) -> String {
        let mut text =
            format!("field_value_factor {} modifier {} factor {}", self.field, self.modifier.name(), self.factor);
        if let Some(missing) = self.missing {
            text.push_str(&format!(" missing {missing}"));
        }
        text
    }
}
