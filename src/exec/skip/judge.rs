//! What a fragment makes of a zone: whether any of its documents can match, how good the best can be, what can fail.

use super::filter::FilterBounds;
use super::query::QueryBounds;
use super::range::Range;
use super::score::ScoreBounds;
use super::sort::SortBounds;
use super::{Matches, Verdict, Verdicts};
use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::exec::zones::{LANES, Level, ZoneList};
use crate::plan::node::Predicate;
use crate::plan::query::{Query, Scope};
use crate::pushdown::fragment::Fragment;

/// The operators of a fragment over the zones of a segment.
pub(super) struct Judge {
    query: QueryBounds,
    /// What scripts read where the query is not scored.
    unscored: Option<Range>,
    filters: Vec<FilterBounds>,
    score: Option<ScoreBounds>,
    post_filters: Vec<FilterBounds>,
    /// None: no hit is wanted.
    sort: Option<SortBounds>,
    /// Of the zones that are judged, what is known of them so far.
    verdicts: Box<Verdicts>,
    /// What was found of them.
    found: Vec<Judgement>,
}

/// What is known of a zone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judgement {
    /// The first key of the best document that it may hold; the lower, the better.
    pub(super) key: u64,
    /// The second key of the best document with such a first one, or less.
    pub(super) second: u64,
    /// How many of its documents count.
    pub(super) matches: Matches,
    /// Whether they are to be scored to be counted.
    pub(super) drops: bool,
    /// Whether evaluating one of them may fail.
    pub(super) fails: bool,
    /// A score that none exceeds.
    pub(super) highest: f32,
}

impl Judgement {
    /// Of a zone that has no documents.
    pub(super) const NOTHING: Self = Self {
        key: u64::MAX,
        second: 0,
        matches: Matches::None,
        drops: false,
        fails: false,
        highest: f32::NEG_INFINITY,
    };
}

impl Judge {
    /// Prepares the bounds of all that a fragment evaluates.
    pub(super) fn new(segment: SegmentContext<'_>, fragment: &Fragment) -> Result<Self> {
        let all = |predicates: &[Predicate]| {
            predicates.iter().map(|predicate| FilterBounds::new(segment, predicate)).collect::<Result<Vec<_>>>()
        };
        let mut post_filters: Vec<_> = fragment.min_score.map(FilterBounds::MinScore).into_iter().collect();
        post_filters.extend(all(&fragment.post_filters)?);
        let score = fragment.score.as_ref().map(|scoring| {
            ScoreBounds::new(segment, scoring.script, &scoring.filters, scoring.min_score, scoring.boost)
        });
        let scope = if fragment.scored { Scope::Scored } else { Scope::Filter };
        let unscored = if fragment.query == Query::MatchAll { 1.0 } else { 0.0 };
        let wants_hits = fragment.top_hits.from + fragment.top_hits.size > 0;
        Ok(Self {
            query: QueryBounds::new(segment, &fragment.query, scope)?,
            unscored: (!fragment.scored).then(|| Range::exactly(unscored)),
            filters: all(&fragment.filters)?,
            score: score.transpose()?,
            post_filters,
            sort: if wants_hits { Some(SortBounds::new(segment, &fragment.top_hits)?) } else { None },
            verdicts: Box::new(Verdicts::new()),
            found: Vec::with_capacity(LANES),
        })
    }

    /// Judges the parts of some zones, zones of a level in a segment of so many documents.
    pub(super) fn judge_parts(
        &mut self,
        level: Level,
        zones: impl IntoIterator<Item = u32>,
        docs: u32,
        mut found: impl FnMut(u32, Judgement),
    ) {
        let (parts, all) = (level.parts(), level.count(docs));
        let mut list = ZoneList::new(level);
        let mut flush = |judge: &mut Self, list: &mut ZoneList| {
            let known = judge.judge(list);
            list.numbers().iter().zip(known).for_each(|(number, known)| found(*number, *known));
            list.clear();
        };
        for zone in zones {
            if list.room() < parts as usize {
                flush(self, &mut list);
            }
            list.extend(zone * parts..all.min((zone + 1) * parts));
        }
        flush(self, &mut list);
    }

    /// What is known of some zones: the operators one after the other, as long as documents reach them.
    pub(super) fn judge(&mut self, list: &ZoneList) -> &[Judgement] {
        let Self { query, unscored, filters, score, post_filters, sort, verdicts, found } = self;
        query.judge(list, verdicts);
        if let Some(score) = unscored {
            (0..list.len).for_each(|lane| verdicts.set_score(lane, *score));
        }
        filters.iter_mut().for_each(|filter| filter.apply(list, verdicts));
        if let Some(score) = score {
            score.apply(list, verdicts);
        }
        post_filters.iter_mut().for_each(|filter| filter.apply(list, verdicts));
        found.clear();
        found.extend((0..list.len).map(|lane| {
            let Verdict { matches, score, drops, fails } = verdicts.get(lane);
            let highest = if score.nan { f32::INFINITY } else { no_less(score.hi) };
            Judgement { key: u64::MAX, second: 0, matches, drops, fails, highest }
        }));
        if let Some(sort) = sort {
            sort.best(list, verdicts, found);
        }
        found
    }
}

/// The float of a score, which as a rule is one; of another number the next above.
#[inline]
fn no_less(score: f64) -> f32 {
    let rounded = score as f32;
    if f64::from(rounded) < score { rounded.next_up() } else { rounded }
}
