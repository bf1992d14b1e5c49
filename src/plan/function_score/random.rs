//! `random_score`: a number of [0, 1) for each document (`RandomScoreFunction`).

use datafusion_expr::{Expr, Operator};

use super::ColumnRef;
use super::inline::Listing;
use crate::plan::expr::{binary, boolean, case, coalesce, column, double, long, salted, string, to_double};
use crate::plan::field::DocType;
use crate::plan::function::call;

/// A number that looks random.
#[derive(Clone, Debug, PartialEq)]
pub struct Random {
    /// The seed.
    pub seed: i32,
    /// The field whose first value decides; `None`: the document's number in its shard.
    pub column: Option<ColumnRef>,
}

impl Random {
    /// Whether the values of a field can decide: those whose text scripts can see.
    pub fn is_possible(column: &ColumnRef) -> bool {
        text_of(column).is_some()
    }

    pub(super) fn tree(&self, listing: &mut Listing) -> Expr {
        let seed = || salted(long(i64::from(self.seed)));
        match &self.column {
            None => {
                listing.line(&format!("random_score seed {}", self.seed));
                call("random_score", vec![column("_doc"), seed()])
            }
            Some(field) => {
                listing.line(&format!("random_score seed {} field {}", self.seed, field.path));
                let bits = binary(seed(), Operator::BitwiseAnd, long(0x00FF_FFFF));
                let missing = binary(to_double(bits), Operator::Divide, double(f64::from(1 << 24)));
                match text_of(field) {
                    Some(text) => case(field.is_missing(), missing, call("random_score_text", vec![text, seed()])),
                    None => missing,
                }
            }
        }
    }
}

/// The text of a field's first value, as OpenSearch hashes it; some text where it is missing.
fn text_of(field: &ColumnRef) -> Option<Expr> {
    let or = |default| coalesce(column(&field.path), default);
    match field.ty {
        DocType::String => Some(or(string(""))),
        DocType::Long | DocType::Date => Some(call("long_to_text", vec![or(long(0))])),
        DocType::Double => Some(call("double_to_text", vec![or(double(0.0))])),
        DocType::Boolean => Some(case(or(boolean(false)), string("1"), string("0"))),
        DocType::Ip | DocType::GeoPoint => None,
    }
}
