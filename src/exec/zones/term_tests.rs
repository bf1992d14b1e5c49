//! Maps of terms agree with the postings, and their bounds hold under any average length.

use proptest::prelude::*;
use tantivy::postings::TermInfo;
use tantivy::schema::IndexRecordOption;

use super::term::NONE;
use super::term_map::is_frequent;
use super::tests::{cases, each_segment};
use super::*;
use crate::exec::bm25::{Bm25, Norms};
use crate::exec::index::Index;
use crate::exec::index::build::BuildOptions;
use crate::exec::index::segment::FieldStats;
use crate::exec::segment::SegmentContext;
use crate::exec::window::{Bits, NO_DOC, WINDOW, scores};

/// Documents of a few words, the first of them frequent; some documents have none, some one of them very often.
fn index(docs: usize, seed: u64, options: &BuildOptions) -> Index {
    let mut state = seed | 1;
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mapping =
        r#"{"properties": {"body": {"type": "text"}, "tag": {"type": "keyword"}, "flag": {"type": "boolean"}}}"#;
    let mapping = crate::dsl::mapping::read_mapping(&serde_json::from_str(mapping).unwrap()).unwrap();
    let mut text = String::new();
    for id in 0..docs {
        // Whole runs lack a term, so that some zones do.
        let quiet = id % 3000 < 1200;
        let length = if random(20) == 0 { 0 } else { random(30) + random(2) * random(100) };
        let mut words: Vec<String> =
            (0..length).map(|_| format!("w{}", random(4) * random(4) + u64::from(quiet) * 20)).collect();
        if random(200) == 0 {
            words.extend(std::iter::repeat_n("w1".to_owned(), 300));
        }
        let (tag, flag) = (random(3), random(5) == 0);
        text.push_str(&format!(
            "{{\"_id\": \"{id}\", \"body\": \"{}\", \"tag\": \"t{tag}\", \"flag\": {flag}}}\n",
            words.join(" ")
        ));
    }
    let (index, report) = Index::build(mapping, text.as_bytes(), options, &mut |_, _| {}).unwrap();
    assert!(report.rejected.is_empty());
    index
}

/// Compares the maps of all frequent terms with their postings; gives how many there are.
fn check(segment: SegmentContext<'_>, stats: FieldStats) -> usize {
    let mut mapped = 0;
    for path in ["body", "tag", "flag"] {
        let index = segment.inverted(path).unwrap().unwrap();
        let mut terms = index.reader.terms().stream().unwrap();
        while terms.advance() {
            let term = terms.value().clone();
            let bm25 = Bm25::new(stats, [u64::from(term.doc_freq)]);
            if let Some(zones) = segment.term_zones(path, &term, Some(&bm25)).unwrap() {
                mapped += 1;
                let own = segment.segment.stats(segment.mapping.field_ordinal(path).unwrap()).unwrap() == stats;
                check_term(segment, path, &term, &bm25, &zones, own);
            } else {
                assert!(!is_frequent(term.doc_freq, segment.max_doc()), "{path}");
            }
        }
    }
    mapped
}

fn check_term(
    segment: SegmentContext<'_>,
    path: &str,
    term: &TermInfo,
    bm25: &Bm25,
    zones: &TermZones,
    is_own_average: bool,
) {
    let norms: Norms = segment.norms(path).unwrap();
    let mut expected = vec![None; segment.max_doc().next_multiple_of(WINDOW) as usize];
    let index = segment.inverted(path).unwrap().unwrap();
    let mut postings = index.postings_of(term, IndexRecordOption::WithFreqs).unwrap();
    while postings.block_len() > 0 {
        for (i, doc) in postings.docs().iter().enumerate() {
            let freq = postings.freqs().get(i).copied().unwrap_or(1);
            expected[*doc as usize] = Some(bm25.score(freq as f32, norms.get(*doc)));
        }
        postings.advance();
    }
    assert_eq!(zones.doc_freq(), term.doc_freq);
    let best = |documents: &[Option<f32>]| documents.iter().flatten().copied().reduce(f32::max);
    let holds = |bound: Option<f32>, documents: &[Option<f32>]| {
        let best = best(documents);
        assert_eq!(bound.is_some(), best.is_some());
        assert!(bound >= best && (!is_own_average || bound == best), "{bound:?} {best:?}");
    };
    for level in Level::ALL {
        for list in ZoneList::all(level, segment.max_doc()) {
            let mut highest = [0.0; LANES];
            zones.highest(&list, &mut highest);
            for (lane, bound) in highest.iter().enumerate().take(list.len) {
                let (first, last) = list.docs(lane);
                let documents = &expected[first as usize..expected.len().min(last as usize + 1)];
                holds((*bound != NONE).then_some(*bound), documents);
            }
        }
    }
    let mut found = scores();
    // Backwards: windows may come in any order.
    for (number, documents) in (0..).zip(expected.chunks(WINDOW as usize)).collect::<Vec<_>>().into_iter().rev() {
        let (base, count) = (number * WINDOW, documents.iter().flatten().count());
        assert_eq!(zones.count(number) as usize, count);
        let next = expected[base as usize..].iter().position(Option::is_some);
        let next = next.map_or(NO_DOC, |at| (base + at as u32) / WINDOW * WINDOW);
        assert_eq!(zones.seek(base), next);
        let mut third = Bits::default();
        (0..WINDOW).step_by(3).for_each(|at| third.insert(at));
        for candidates in [Bits::first(WINDOW), Bits::first(700), third] {
            let (mut matches, mut scored) = (candidates, candidates);
            zones.narrow(base, &mut matches);
            zones.score(base, &mut scored, &mut found);
            assert_eq!(matches, scored);
            for (at, document) in (0..).zip(documents) {
                assert_eq!(matches.contains(at), document.is_some() && candidates.contains(at));
                assert!(!matches.contains(at) || document.map(f32::to_bits) == Some(found[at as usize].to_bits()));
            }
        }
    }
}

#[test]
fn maps_come_from_a_file_or_are_computed() {
    let dir = tempfile::tempdir().unwrap();
    let options = BuildOptions { flush_every: Some(2500), dir: Some(dir.path().to_owned()), ..BuildOptions::default() };
    let built = index(4000, 7, &options);
    let count = |index: &Index| {
        let mut mapped = 0;
        each_segment(index, &[None], |segment| {
            let own = segment.segment.stats(0).unwrap();
            mapped += check(segment, own);
        });
        mapped
    };
    let mapped = count(&built);
    assert!(mapped > 20, "{mapped}");
    let shard = dir.path().join("shard-0");
    let files = std::fs::read_dir(shard).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> = files.filter(|path| path.extension().is_some_and(|ext| ext == "termzones")).collect();
    assert_eq!(files.len(), 2);
    files.iter().for_each(|file| std::fs::remove_file(file).unwrap());
    assert_eq!(count(&Index::open(dir.path()).unwrap()), mapped);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn bounds_hold_under_any_average(
        docs in 1..3000usize,
        seed: u64,
        stats in prop::collection::vec((1000..1_000_000u64, 0..100_000_000u64), 4),
    ) {
        let index = index(docs, seed, &BuildOptions { flush_every: Some(1700), ..BuildOptions::default() });
        each_segment(&index, &[None], |segment| {
            for (docs, tokens) in &stats {
                check(segment, FieldStats { docs: *docs, tokens: *tokens });
            }
        });
    }
}
