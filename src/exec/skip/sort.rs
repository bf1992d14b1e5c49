//! The bounds of a sort: how good the first two keys of a zone's best document are, as bits of which the lower come first.

use tantivy::DocId;
use tantivy::columnar::MonotonicallyMappableToU64;

use super::field::FieldBounds;
use super::judgement::{Judgements, State};
use super::script::ScriptBounds;
use super::{Verdicts, wide};
use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::exec::sort::{Key, KeyKind};
use crate::exec::zones::ZoneList;
use crate::plan::node::{SortBy, TopHits};
use crate::plan::query::Scope;
use crate::plan::value::Value;

/// A sort over the zones of a segment.
pub(super) struct SortBounds {
    first: KeyBounds,
    /// Decides among documents whose first keys are the same.
    second: Option<KeyBounds>,
    /// The scripts of the keys that are not bounded: they run on every hit, too, and may fail.
    others: Vec<ScriptBounds>,
    /// Whether a script tests nested documents: nothing is known of these.
    tests_nested: bool,
}

/// One key.
struct KeyBounds {
    of: Of,
    descending: bool,
    /// The key that no hit is before.
    after: u64,
}

/// What a key is.
enum Of {
    Score,
    /// The number of the segment's first document in the index.
    Doc(DocId),
    Script(Box<ScriptBounds>),
    Field(Box<FieldBounds>),
    /// A text that is in no dictionary, an address: nothing is known of them.
    Unknown,
}

impl SortBounds {
    /// Prepares the bounds of the sort of hits.
    pub(super) fn new(segment: SegmentContext<'_>, top_hits: &TopHits) -> Result<Self> {
        let (mut others, mut tests_nested) = (Vec::new(), false);
        let (mut first, mut second) = (KeyBounds { of: Of::Score, descending: true, after: 0 }, None);
        for (at, key) in top_hits.sort.iter().enumerate() {
            let of = match &key.by {
                SortBy::NumberScript(script) if at == 0 => Of::Script(Box::new(ScriptBounds::new(segment, *script)?)),
                SortBy::NumberScript(script) | SortBy::StringScript(script) => {
                    others.push(ScriptBounds::new(segment, *script)?);
                    Of::Unknown
                }
                SortBy::Field(field) => {
                    let filter = field.nested.as_ref().and_then(|nested| nested.filter.as_ref());
                    tests_nested |= filter.is_some_and(|query| query.runs_script(Scope::Filter));
                    let bounds = if at < 2 { FieldBounds::new(segment, field, KeyKind::of(key))? } else { None };
                    bounds.map_or(Of::Unknown, |bounds| Of::Field(Box::new(bounds)))
                }
                SortBy::Score => Of::Score,
                SortBy::Doc => Of::Doc(segment.doc_base),
                SortBy::Id => Of::Unknown,
            };
            let bounds = KeyBounds { of, descending: key.descending, after: 0 };
            match at {
                0 => first = bounds,
                1 => second = Some(bounds),
                _ => {}
            }
        }
        if let Some((key, value)) =
            top_hits.sort.first().zip(top_hits.search_after.as_ref().and_then(|all| all.first()))
        {
            first.after = first.key(KeyKind::of(key), value)?.unwrap_or(0);
        }
        Ok(Self { first, second, others, tests_nested })
    }

    /// Writes the keys of the best documents that some zones may hold whose scores are known, from a place on, and whether a
    /// script of the sort may fail. Of zones where nothing matches, keys mean nothing.
    pub(super) fn best(&mut self, list: &ZoneList, verdicts: &Verdicts, found: &mut Judgements, start: usize) {
        let states = &mut found.states[start..];
        for script in &mut self.others {
            let results = script.run(list, verdicts, &[]);
            states.iter_mut().zip(results.fails).for_each(|(state, fails)| state.may_fail(*fails));
        }
        if self.tests_nested {
            states.iter_mut().for_each(|state| state.may_fail(true));
        }
        self.first.best(list, verdicts, &mut found.keys[start..], states);
        if let Some(second) = &mut self.second {
            second.best(list, verdicts, &mut found.seconds[start..], states);
        }
    }
}

impl KeyBounds {
    /// A value as a key; none where it is not known how they compare.
    fn key(&self, kind: KeyKind, value: &Value) -> Result<Option<u64>> {
        match (&self.of, kind.key(value)) {
            (Of::Field(field), _) => field.key(value),
            (Of::Score | Of::Doc(_) | Of::Script(_), Some(Key::Number(key))) => Ok(Some(key)),
            _ => Ok(None),
        }
    }

    /// The keys of the best documents, and whether the script that computes them may fail.
    fn best(&mut self, list: &ZoneList, verdicts: &Verdicts, keys: &mut [u64], states: &mut [State]) {
        let (descending, after) = (self.descending, self.after);
        match &mut self.of {
            Of::Score => wide::best_doubles(&verdicts.scores, descending, keys),
            Of::Doc(base) => keys.iter_mut().enumerate().for_each(|(lane, key)| {
                let (first, last) = list.docs(lane);
                let (first, last) = (i64::from(*base + first), i64::from(*base + last));
                *key = if descending { !last.to_u64() } else { first.to_u64() };
            }),
            Of::Script(script) => {
                let results = script.run(list, verdicts, &[]);
                wide::best_doubles(results.values, descending, keys);
                states.iter_mut().zip(results.fails).for_each(|(state, fails)| state.may_fail(*fails));
            }
            Of::Field(field) => {
                field.read(list);
                // Where all documents are before the first hit, none is one.
                let is_before = |lane| after > 0 && field.worst(lane) < after;
                let best = |lane| if is_before(lane) { u64::MAX } else { field.best(lane) };
                verdicts.matching(list.len).for_each(|lane| keys[lane] = best(lane));
            }
            Of::Unknown => keys.fill(0),
        }
        if after > 0 {
            keys.iter_mut().for_each(|key| *key = after.max(*key));
        }
    }
}
