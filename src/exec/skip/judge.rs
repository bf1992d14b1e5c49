//! What a fragment makes of a zone: whether any of its documents can match, how good the best can be, what can fail.

use super::filter::FilterBounds;
use super::query::QueryBounds;
use super::range::Range;
use super::score::ScoreBounds;
use super::sort::SortBounds;
use super::{Matches, Verdict, Zone};
use crate::error::Result;
use crate::exec::kernel::LANES;
use crate::exec::segment::SegmentContext;
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
    verdicts: Vec<Verdict>,
    /// What was found of them.
    found: Vec<Judgement>,
}

/// What is known of a zone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judgement {
    /// The first key of the best document that it may hold; the lower, the better.
    pub(super) key: u64,
    /// How many of its documents count.
    pub(super) matches: Matches,
    /// Whether they are to be scored to be counted.
    pub(super) drops: bool,
    /// Whether evaluating one of them may fail.
    pub(super) fails: bool,
    /// The highest score.
    pub(super) highest: f64,
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
            sort: if wants_hits { Some(SortBounds::new(segment, &fragment.top_hits.sort)?) } else { None },
            verdicts: Vec::with_capacity(LANES),
            found: Vec::with_capacity(LANES),
        })
    }

    /// What is known of some zones, at most [`LANES`]: the operators one after the other, as long as documents reach them.
    pub(super) fn judge(&mut self, zones: &[Zone]) -> &[Judgement] {
        self.verdicts.clear();
        // What is known of a zone is changed where it lies: copies of its flags, written one by one, would wait for them.
        self.verdicts.extend(zones.iter().map(|zone| self.query.verdict(*zone)));
        if let Some(score) = self.unscored {
            self.verdicts.iter_mut().for_each(|verdict| verdict.score = score);
        }
        filter(&mut self.filters, zones, &mut self.verdicts);
        if let Some(score) = &mut self.score {
            score.apply_all(zones, &mut self.verdicts);
        }
        self.found.clear();
        filter(&mut self.post_filters, zones, &mut self.verdicts);
        self.found.extend(self.verdicts.iter().map(|Verdict { matches, score, drops, fails }| {
            let highest = if score.nan { f64::INFINITY } else { score.hi };
            Judgement { key: u64::MAX, matches: *matches, drops: *drops, fails: *fails, highest }
        }));
        if let Some(sort) = &mut self.sort {
            let found = &mut self.found;
            sort.best_all(zones, &self.verdicts, |at, key, fails| {
                found[at].key = key;
                found[at].fails |= fails;
            });
        }
        &self.found
    }
}

/// Leaves of the matches of zones what passes filters; one that no document reaches is not asked.
fn filter(filters: &mut [FilterBounds], zones: &[Zone], verdicts: &mut [Verdict]) {
    for filter in filters {
        for (zone, verdict) in zones.iter().zip(&mut *verdicts) {
            if verdict.matches != Matches::None {
                *verdict = filter.apply(*zone, *verdict);
            }
        }
    }
}
