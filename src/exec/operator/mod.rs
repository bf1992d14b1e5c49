//! The operators of a fragment, over the batches of a segment: sources, filters, scores, the best hits, the count.

pub(crate) mod best;
pub(crate) mod bound;
pub(crate) mod count;
pub(crate) mod fetch;
pub(crate) mod filter;
pub(crate) mod hit;
mod least;
pub(crate) mod line;
pub(crate) mod score;
mod shown;
pub(crate) mod source;
pub(crate) mod top_hits;
