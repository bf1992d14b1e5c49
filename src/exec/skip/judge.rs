//! What a fragment makes of a zone: whether any of its documents can match, how good the best can be, what can fail.

use super::Verdicts;
use super::filter::FilterBounds;
use super::judgement::Judgements;
use super::query::QueryBounds;
use super::range::Range;
use super::score::ScoreBounds;
use super::sort::SortBounds;
use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::exec::zones::{Level, ZoneList};
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
    /// Whether the highest score of all documents is wanted, whatever the sort.
    tracks_scores: bool,
    /// Of the zones that are judged, what is known of them so far.
    verdicts: Box<Verdicts>,
}

impl Judge {
    /// Prepares the bounds of all that a fragment evaluates, its query as the segment rewrites it.
    pub(super) fn new(segment: SegmentContext<'_>, fragment: &Fragment, query: &Query) -> Result<Self> {
        let all = |predicates: &[Predicate]| {
            predicates.iter().map(|predicate| FilterBounds::new(segment, predicate)).collect::<Result<Vec<_>>>()
        };
        let mut post_filters: Vec<_> = fragment.min_score.map(FilterBounds::MinScore).into_iter().collect();
        post_filters.extend(all(&fragment.post_filters)?);
        let score = fragment.score.as_ref().map(|scoring| {
            ScoreBounds::new(segment, scoring.script, &scoring.filters, scoring.min_score, scoring.boost)
        });
        let scope = if fragment.scored { Scope::Scored } else { Scope::Filter };
        let unscored = if *query == Query::MatchAll { 1.0 } else { 0.0 };
        let wants_hits = fragment.top_hits.from + fragment.top_hits.size > 0;
        Ok(Self {
            query: QueryBounds::new(segment, query, scope)?,
            unscored: (!fragment.scored).then(|| Range::exactly(unscored)),
            filters: all(&fragment.filters)?,
            score: score.transpose()?,
            post_filters,
            sort: if wants_hits { Some(SortBounds::new(segment, &fragment.top_hits)?) } else { None },
            tracks_scores: fragment.top_hits.track_scores,
            verdicts: Box::new(Verdicts::new()),
        })
    }

    /// Judges the parts of some zones, zones of a level in a segment of so many documents. A zone at the segment's end that
    /// has fewer is filled up.
    pub(super) fn judge_parts(
        &mut self,
        level: Level,
        zones: impl IntoIterator<Item = u32>,
        docs: u32,
        found: &mut Judgements,
    ) {
        let (parts, all) = (level.parts(), level.count(docs));
        let mut list = ZoneList::new(level);
        for zone in zones {
            list.extend(zone * parts..all.min((zone + 1) * parts));
            if list.room() < parts as usize || (zone + 1) * parts > all {
                self.judge(&list, found);
                found.pad(parts as usize);
                list.clear();
            }
        }
        self.judge(&list, found);
    }

    /// Adds what is known of some zones: the operators one after the other, as long as documents reach them.
    pub(super) fn judge(&mut self, list: &ZoneList, found: &mut Judgements) {
        let Self { query, unscored, filters, score, post_filters, sort, tracks_scores, verdicts } = self;
        query.judge(list, verdicts);
        if let Some(score) = unscored {
            (0..list.len).for_each(|lane| verdicts.set_score(lane, *score));
        }
        filters.iter_mut().for_each(|filter| filter.apply(list, verdicts));
        if let Some(score) = score {
            score.apply(list, verdicts);
        }
        post_filters.iter_mut().for_each(|filter| filter.apply(list, verdicts));
        let start = found.add(verdicts, list.len);
        if *tracks_scores {
            for (lane, highest) in found.highest[start..].iter_mut().enumerate() {
                let score = verdicts.score(lane);
                *highest = if score.nan { f32::INFINITY } else { no_less(score.hi) };
            }
        }
        if let Some(sort) = sort {
            sort.best(list, verdicts, found, start);
        }
    }
}

/// The float of a score, which as a rule is one; of another number the next above.
#[inline]
fn no_less(score: f64) -> f32 {
    let rounded = score as f32;
    if f64::from(rounded) < score { rounded.next_up() } else { rounded }
}
