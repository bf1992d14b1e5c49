//! Reads one key of a sort for the batches of a segment, and compares its rows with the worst hit that is kept.

use std::cmp::{Ordering, Reverse};
use std::net::Ipv6Addr;

use tantivy::DocId;
use tantivy::columnar::{Column, MonotonicallyMappableToU64};

use super::candidates::Candidates;
use super::documents::Documents;
use super::key::{Key, KeyKind, Kind, Place, double_bits};
use super::numbers::{Comparison, Numbers, Scratch};
use super::own::OwnValues;
use super::texts::Texts;
use crate::error::{Code, Error, Result};
use crate::exec::batch::{BATCH, Batch};
use crate::exec::script::Evaluator;
use crate::exec::segment::{SegmentContext, ValueColumn};
use crate::plan::field::FieldType;
use crate::plan::function::batch::Batch as Values;
use crate::plan::node::{FieldSort, Missing, SortBy, SortKey, SortMode};
use crate::plan::value::Value;

/// One key of a sort in a segment.
pub(crate) struct KeyReader<'a> {
    kind: KeyKind,
    source: Source<'a>,
    /// The keys of the current batch.
    rows: Rows,
    /// How many rows it has.
    len: usize,
}

/// Where keys come from.
enum Source<'a> {
    Score,
    /// The number of the segment's first document in the shard.
    Doc(DocId),
    /// Numbers of the documents themselves, as they are.
    Own {
        values: Box<OwnValues>,
        missing: u64,
    },
    Numbers {
        documents: Documents<'a>,
        numbers: Numbers,
        comparison: Comparison,
        missing: u64,
        scratch: Scratch,
    },
    Ips {
        documents: Documents<'a>,
        column: Column<Ipv6Addr>,
        missing: (Place, u128),
    },
    Texts {
        documents: Documents<'a>,
        texts: Texts,
        /// The ordinals, where they are those of the documents themselves.
        own: Option<Box<OwnValues>>,
    },
    /// The `_id`s of a segment.
    Ids(SegmentContext<'a>),
    Script(Box<Evaluator<'a>>),
    /// Every document has the same key: the field has no column here.
    Constant(Key),
}

/// The keys of a batch, in a form that compares fast.
enum Rows {
    /// Bits in the order of the sort; of texts, places in the segment's dictionary.
    Numbers(Vec<u64>),
    Ips(Vec<(Place, u128)>),
    /// Texts that a script computed.
    Texts(String, Vec<(u32, u32)>),
    None,
}

/// A key as the rows of a segment compare with it.
#[derive(Debug)]
pub(crate) enum LocalKey {
    Number(u64),
    Ip((Place, u128)),
    Text(Place, String),
    /// How all rows compare with it.
    Constant(Ordering),
}

impl<'a> KeyReader<'a> {
    /// Prepares a key of a sort for a segment.
    pub(crate) fn new(segment: SegmentContext<'a>, sort: &'a SortKey) -> Result<Self> {
        let kind = KeyKind::of(sort);
        let source = match &sort.by {
            SortBy::Score => Source::Score,
            SortBy::Doc => Source::Doc(segment.doc_base),
            SortBy::Id => Source::Ids(segment),
            SortBy::Field(field) => Source::field(segment, field, kind)?,
            SortBy::NumberScript(script) | SortBy::StringScript(script) => {
                Source::Script(Box::new(Evaluator::new(segment, *script)?))
            }
        };
        let rows = match (&source, kind.kind) {
            (Source::Constant(_), _) => Rows::None,
            (Source::Ips { .. }, _) => Rows::Ips(Vec::with_capacity(BATCH)),
            (Source::Script(_) | Source::Ids(_), Kind::Text) => Rows::Texts(String::new(), Vec::with_capacity(BATCH)),
            _ => Rows::Numbers(Vec::with_capacity(BATCH)),
        };
        Ok(Self { kind, source, rows, len: 0 })
    }

    /// Reads the keys of a batch.
    pub(crate) fn read(&mut self, batch: &Batch) -> Result<()> {
        let kind = self.kind;
        self.len = batch.len();
        match (&mut self.source, &mut self.rows) {
            (Source::Constant(_), _) => {}
            (Source::Score, Rows::Numbers(rows)) => {
                rows.clear();
                rows.extend(batch.scores().iter().map(|score| kind.ordered(double_bits((*score).into()))));
            }
            (Source::Doc(base), Rows::Numbers(rows)) => {
                rows.clear();
                rows.extend(batch.docs().iter().map(|doc| kind.ordered(i64::from(*base + *doc).to_u64())));
            }
            (Source::Own { values, missing }, Rows::Numbers(rows)) => {
                values.read(batch.docs(), kind.ordered(*missing), rows, |bits| kind.ordered(bits));
            }
            (Source::Numbers { documents, numbers, comparison, missing, scratch }, Rows::Numbers(rows)) => {
                rows.clear();
                for doc in batch.docs() {
                    let mode = documents.mode;
                    let docs = documents.of(*doc)?.iter().copied();
                    let picked = numbers.pick(docs, mode, *comparison, scratch);
                    rows.push(kind.ordered(picked.unwrap_or(*missing)));
                }
            }
            (Source::Texts { texts, own: Some(own), .. }, Rows::Numbers(rows)) => {
                own.read(batch.docs(), texts.missing_key(kind), rows, |ordinal| texts.key(kind, ordinal));
            }
            (Source::Texts { documents, texts, own: None }, Rows::Numbers(rows)) => {
                rows.clear();
                for doc in batch.docs() {
                    let mode = documents.mode;
                    let docs = documents.of(*doc)?.iter().copied();
                    rows.push(texts.pick(kind, docs, mode));
                }
            }
            (Source::Ips { documents, column, missing }, Rows::Ips(rows)) => {
                rows.clear();
                for doc in batch.docs() {
                    let mode = documents.mode;
                    let ips = documents.of(*doc)?.iter().flat_map(|doc| column.values_for_doc(*doc));
                    let picked = if mode == SortMode::Max { ips.max() } else { ips.min() };
                    rows.push(picked.map_or(*missing, |ip| (Place::Value, kind.address(ip))));
                }
            }
            (Source::Ids(segment), Rows::Texts(text, spans)) => {
                text.clear();
                spans.clear();
                for doc in batch.docs() {
                    let start = text.len() as u32;
                    text.push_str(segment.segment.id(*doc)?);
                    spans.push((start, text.len() as u32));
                }
            }
            // What the request does not score has score 0 in a script of a sort, but 1 if all documents match.
            (Source::Script(script), rows) => match (script.run(batch.docs(), batch.scores(), &[])?, rows) {
                (Values::F64(values), Rows::Numbers(rows)) => {
                    rows.clear();
                    rows.extend(values.iter().map(|value| kind.ordered(double_bits(*value))));
                }
                (Values::Str(values), Rows::Texts(text, spans)) => {
                    text.clear();
                    text.push_str(values.text);
                    spans.clear();
                    spans.extend_from_slice(values.spans);
                }
                _ => return Err(script.wrong_type(if kind.kind == Kind::Text { "a string" } else { "a double" })),
            },
            (
                Source::Score
                | Source::Doc(_)
                | Source::Ids(_)
                | Source::Own { .. }
                | Source::Numbers { .. }
                | Source::Texts { .. }
                | Source::Ips { .. },
                _,
            ) => {}
        }
        Ok(())
    }

    /// A key of another segment as the rows of this one compare with it.
    pub(crate) fn localize(&self, key: &Key) -> Result<LocalKey> {
        Ok(match (&self.source, key) {
            (Source::Constant(own), key) => LocalKey::Constant(own.cmp(key)),
            (Source::Texts { texts, .. }, Key::Text(place, text) | Key::TextDescending(place, Reverse(text))) => {
                LocalKey::Number(texts.localize(self.kind, *place, text)?)
            }
            (_, Key::Number(bits)) => LocalKey::Number(*bits),
            (_, Key::Ip(place, bits)) => LocalKey::Ip((*place, *bits)),
            (_, Key::Text(place, text) | Key::TextDescending(place, Reverse(text))) => {
                LocalKey::Text(*place, text.clone())
            }
        })
    }

    /// How a row compares with a key.
    #[inline]
    pub(crate) fn compare(&self, row: usize, key: &LocalKey) -> Ordering {
        match (&self.rows, key) {
            (Rows::Numbers(rows), LocalKey::Number(key)) => rows[row].cmp(key),
            (Rows::Ips(rows), LocalKey::Ip(key)) => rows[row].cmp(key),
            (Rows::Texts(text, spans), LocalKey::Text(place, key)) => {
                let order = span(text, spans[row]).cmp(key.as_str());
                Place::Value.cmp(place).then(if self.kind.descending { order.reverse() } else { order })
            }
            (_, LocalKey::Constant(order)) => *order,
            // Keys of one sort are of one kind.
            (Rows::Numbers(_) | Rows::Ips(_) | Rows::Texts(..) | Rows::None, _) => Ordering::Equal,
        }
    }

    /// The rows of the batch whose keys are neither before one key nor after another, and perhaps some that are.
    pub(crate) fn between(&self, least: Option<&LocalKey>, most: Option<&LocalKey>, to: &mut Candidates) {
        let end = |key: Option<&LocalKey>, open| if let Some(LocalKey::Number(key)) = key { *key } else { open };
        match &self.rows {
            Rows::Numbers(rows) => to.between(rows, end(least, 0), end(most, u64::MAX)),
            Rows::Ips(_) | Rows::Texts(..) | Rows::None => to.all(self.len),
        }
    }

    /// Whether reading keys runs a script, which may fail.
    pub(crate) fn runs_script(&self) -> bool {
        matches!(self.source, Source::Script(_))
    }

    /// The key of a row; what `key` has allocated is used again.
    pub(crate) fn write(&self, row: usize, key: &mut Key) -> Result<()> {
        match (&self.rows, &self.source) {
            (Rows::None, Source::Constant(constant)) => key.clone_from(constant),
            (Rows::Numbers(rows), Source::Texts { texts, .. }) => texts.write(self.kind, rows[row], key)?,
            (Rows::Numbers(rows), _) => *key = Key::Number(rows[row]),
            (Rows::Ips(rows), _) => *key = Key::Ip(rows[row].0, rows[row].1),
            (Rows::Texts(all, spans), _) => self.kind.write_text(Place::Value, key, |text| {
                text.push_str(span(all, spans[row]));
                Ok(())
            })?,
            (Rows::None, _) => {}
        }
        Ok(())
    }
}

fn span(text: &str, (start, end): (u32, u32)) -> &str {
    &text[start as usize..end as usize]
}

/// The value that documents without one are sorted by.
pub(crate) fn missing_value(sort: &FieldSort, kind: KeyKind) -> Value {
    match &sort.missing {
        Missing::Value(value) => value.clone(),
        // Last in the order of the sort is high where it ascends.
        Missing::Last => sort.ty.missing_sentinel(!kind.descending),
        Missing::First => sort.ty.missing_sentinel(kind.descending),
    }
}

impl<'a> Source<'a> {
    fn field(segment: SegmentContext<'a>, sort: &'a FieldSort, kind: KeyKind) -> Result<Self> {
        let missing = missing_value(sort, kind);
        let column = if sort.unmapped.is_some() { None } else { segment.column(&sort.field)? };
        let documents = Documents::new(segment, sort.mode, sort.nested.as_ref())?;
        let constant = || {
            let key = kind.key(&missing);
            key.ok_or_else(|| Error::new(Code::InvalidValue, format!("`missing` {missing} does not fit the sort")))
        };
        let (Some(column), Some(documents)) = (column, documents) else { return Ok(Self::Constant(constant()?)) };
        let own = |documents: &Documents<'_>| -> Result<Option<Box<OwnValues>>> {
            let column = documents.are_rows().then(|| segment.segment.columns(segment.mapping).column(&sort.field));
            Ok(column.transpose()?.and_then(|column| OwnValues::new(column, kind.kind, sort.mode)).map(Box::new))
        };
        Ok(match (column, kind.kind) {
            (ValueColumn::Str(column), Kind::Text) => {
                let missing = if let Value::Str(text) = missing { Some(text) } else { None };
                let own = own(&documents)?;
                Self::Texts { documents, texts: Texts::new(column, missing)?, own }
            }
            (ValueColumn::Ip(column), Kind::Ip) => match constant()? {
                Key::Ip(place, bits) => Self::Ips { documents, column, missing: (place, bits) },
                other => Self::Constant(other),
            },
            (column, Kind::Long | Kind::Unsigned | Kind::Double) => {
                let scale = match segment.mapping.field(&sort.field).map(|field| &field.ty) {
                    Some(FieldType::ScaledFloat(ty)) => Some(ty.scaling_factor),
                    _ => None,
                };
                match (Numbers::of(column, scale), constant()?) {
                    (Some(numbers), Key::Number(bits)) => {
                        let (comparison, missing) = (Comparison::of(sort.ty), kind.ordered(bits));
                        match own(&documents)? {
                            Some(values) => Self::Own { values, missing },
                            None => {
                                Self::Numbers { documents, numbers, comparison, missing, scratch: Scratch::default() }
                            }
                        }
                    }
                    (_, other) => Self::Constant(other),
                }
            }
            _ => Self::Constant(constant()?),
        })
    }
}
