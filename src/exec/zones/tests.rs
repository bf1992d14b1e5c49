//! Zone maps say of documents what the documents hold: brute force, over every type, nested objects and several segments.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::exec::columns::{Cursor, Part};
use crate::exec::context::{Deadline, ExecutionContext};
use crate::exec::index::Index;
use crate::exec::index::build::BuildOptions;
use crate::exec::index::shard::Shard;
use crate::exec::script::Scripts;
use crate::exec::segment::SegmentContext;
use crate::exec::skip::threshold::Threshold;
use crate::exec::statistics::Statistics;
use crate::exec::udf::Udfs;
use crate::exec::window::{WINDOW, window_of};
use crate::plan::script::{ScriptTable, ValueType};

const MAPPING: &str = r#"{"properties": {
    "long": {"type": "long"}, "byte": {"type": "byte"}, "double": {"type": "double"}, "half": {"type": "half_float"},
    "scaled": {"type": "scaled_float", "scaling_factor": 100}, "unsigned": {"type": "unsigned_long"},
    "date": {"type": "date"}, "flag": {"type": "boolean"}, "place": {"type": "geo_point"}, "word": {"type": "keyword"},
    "never": {"type": "double"},
    "part": {"type": "nested", "properties": {"size": {"type": "integer"}, "kind": {"type": "keyword"}}}
}}"#;

/// The paths, and as what they are read.
const READS: &[(&str, ValueType)] = &[
    ("long", ValueType::I64),
    ("long", ValueType::F64),
    ("long", ValueType::Bool),
    ("byte", ValueType::F64),
    ("double", ValueType::F64),
    ("double", ValueType::I64),
    ("double", ValueType::Bool),
    ("half", ValueType::F64),
    ("scaled", ValueType::F64),
    ("scaled", ValueType::I64),
    ("scaled", ValueType::Bool),
    ("unsigned", ValueType::I64),
    ("unsigned", ValueType::F64),
    ("unsigned", ValueType::Bool),
    ("date", ValueType::I64),
    ("flag", ValueType::Bool),
    ("flag", ValueType::F64),
    ("place", ValueType::F64),
    ("word", ValueType::Str),
    ("never", ValueType::F64),
    ("unknown", ValueType::I64),
    ("_id", ValueType::Str),
    ("part.size", ValueType::I64),
    ("part.kind", ValueType::Str),
];

/// A document, from random numbers: fields are missing, single or several, in runs so that zones differ.
fn document(id: usize, random: &[u64]) -> String {
    let random = |i: usize| random[(id / 50 + i * 7) % random.len()].rotate_left((id % 50) as u32 * 13 + i as u32);
    let mut fields = vec![format!("\"_id\": \"{id}\"")];
    let mut field = |i: usize, name: &str, value: &dyn Fn(u64) -> String| {
        let count = match random(i) % 8 {
            0..2 => 0,
            2..7 => 1,
            _ => 3,
        };
        // Some runs of documents all have one value.
        let count = if random(100 + id / 200) % 3 == 0 { 1 } else { count };
        let values: Vec<_> = (0..count).map(|k| value(random(i + 20 * k + 1))).collect();
        if !values.is_empty() {
            fields.push(format!("\"{name}\": [{}]", values.join(",")));
        }
    };
    field(0, "long", &|r| (r as i64).to_string());
    field(1, "byte", &|r| (r as i8).to_string());
    field(2, "double", &|r| format!("{:e}", (r as i64 as f64) * 2f64.powi((r % 64) as i32 - 60)));
    field(3, "half", &|r| (r as i16).to_string());
    field(4, "scaled", &|r| ((r as i32) as f64 / 3.0).to_string());
    field(5, "unsigned", &|r| r.to_string());
    field(6, "date", &|r| (r >> 22).to_string());
    field(7, "flag", &|r| (r % 5 != 0).to_string());
    field(8, "place", &|r| format!("{{\"lat\": {}, \"lon\": {}}}", r as i32 % 90, (r >> 32) as i32 % 180));
    field(9, "word", &|r| format!("\"w{}\"", r % 100));
    let parts = (0..random(11) % 3).map(|k| match random(12 + k as usize) % 4 {
        0 => "{\"kind\": \"a\"}".to_owned(),
        r => format!("{{\"size\": {}, \"kind\": [\"a\", \"b{r}\"]}}", random(13 + k as usize) as i32),
    });
    let parts: Vec<_> = parts.collect();
    fields.push(format!("\"part\": [{}]", parts.join(",")));
    format!("{{{}}}\n", fields.join(", "))
}

fn build(docs: usize, random: &[u64], options: &BuildOptions) -> Index {
    let mapping = crate::dsl::mapping::read_mapping(&serde_json::from_str(MAPPING).unwrap()).unwrap();
    let docs: String = (0..docs).map(|id| document(id, random)).collect();
    let (index, report) = Index::build(mapping, docs.as_bytes(), options, &mut |_, _| {}).unwrap();
    assert!(report.rejected.is_empty(), "{:?}", report.rejected.first());
    index
}

/// Compares all zone maps of an index with its columns.
fn check(index: &Index) {
    each_segment(index, &[None, Some("part"), Some("part.other")], |segment| {
        READS.iter().for_each(|(path, ty)| check_column(segment, path, *ty));
        ["word", "part.kind"].iter().for_each(|path| check_ordinals(segment, path));
    });
}

/// Shows every segment of an index, looking at documents of these kinds.
pub(super) fn each_segment(index: &Index, nested: &[Option<&str>], mut show: impl FnMut(SegmentContext<'_>)) {
    let (mapping, layout, execution) = (index.mapping(), index.layout(), &execution());
    let scripts = &Scripts::compile(&ScriptTable::default(), index).unwrap();
    for segment in index.shards().iter().flat_map(Shard::segments) {
        for nested in nested.iter().copied() {
            show(SegmentContext { segment, mapping, layout, execution, scripts, doc_base: 0, nested });
        }
    }
}

fn execution() -> ExecutionContext {
    ExecutionContext {
        timed: false,
        statistics: Statistics::default(),
        deadline: Deadline::after(None),
        threshold: Threshold::default(),
        udfs: Udfs::default(),
    }
}

fn check_column(segment: SegmentContext<'_>, path: &str, ty: ValueType) {
    let zones = segment.zones(path, ty).unwrap();
    let max_doc = segment.max_doc();
    let looked_at = segment.documents(segment.nested).unwrap();
    let is_looked_at = |doc: u32| match (&looked_at, segment.nested) {
        (Some(documents), _) => documents.window(window_of(doc)).contains(doc % WINDOW),
        (None, nested) => nested.is_none(),
    };
    let brute = |docs: Range<u32>| {
        let docs: Vec<u32> = docs.collect();
        let mut cursor = Cursor::new(segment.segment.columns(segment.mapping).column(path).unwrap());
        let (mut present, mut counts) = (vec![false; docs.len()], vec![0; docs.len()]);
        cursor.present(&docs, &mut present);
        cursor.longs(&docs, Part::Count, 0, &mut counts);
        let mut doubles = |part| {
            let mut out = vec![f64::NAN; docs.len()];
            cursor.doubles(&docs, part, f64::NAN, &mut out);
            out
        };
        let lat_lon = (path == "place").then(|| (doubles(Part::Lat), doubles(Part::Lon)));
        let ends = [doubles(Part::First), doubles(Part::Max)];
        let (mut longs, mut booleans) = (vec![0; docs.len()], vec![false; docs.len()]);
        cursor.longs(&docs, Part::First, 0, &mut longs);
        cursor.booleans(&docs, Part::First, false, &mut booleans);
        Brute { docs, present, counts, ends, lat_lon, longs, booleans }
    };
    let check = |docs: Range<u32>, zone: ColumnZone| {
        let place = format!("{path} as {ty:?} of {:?} in {docs:?}: {zone:?}", segment.nested);
        let brute = brute(docs);
        let is_string = matches!(path, "word" | "part.kind" | "_id");
        let missing = brute.docs.iter().zip(&brute.present).any(|(doc, present)| !present && is_looked_at(*doc));
        assert_eq!(zone.some, brute.present.contains(&true), "{place}");
        assert_eq!(zone.multi, brute.counts.iter().any(|count| *count > 1), "{place}");
        let own = path.strip_prefix("part.").map(|_| "part");
        assert!(
            zone.missing == missing
                || (path == "_id" && zone.missing)
                // Of a column without values it is not known whether there are documents that lack one.
                || (zone.missing && (segment.nested != own || !zone.some)),
            "{place}"
        );
        if is_string {
            return;
        }
        let rows = || (0..brute.docs.len()).filter(|row| brute.present[*row]);
        match zone.values {
            Interval::F64 { lo, hi, nan } => {
                let (first, max) = match &brute.lat_lon {
                    Some((lat, _)) => (lat, lat),
                    None => (&brute.ends[0], &brute.ends[1]),
                };
                let least = rows().map(|row| first[row]).fold(f64::INFINITY, f64::min);
                let greatest = rows().map(|row| max[row]).fold(f64::NEG_INFINITY, f64::max);
                let exact = (lo, hi) == (least, greatest);
                assert!(!nan && (exact || (path == "place" && lo <= least && greatest <= hi)), "{place}");
            }
            Interval::I64 { lo, hi } => {
                assert!(rows().all(|row| (lo..=hi).contains(&brute.longs[row])), "{place}");
                let least = rows().map(|row| brute.longs[row]).min();
                assert!(path == "unsigned" || least.is_none_or(|least| least == lo), "{place}");
            }
            Interval::Bool { no, yes } => {
                assert!(rows().all(|row| if brute.booleans[row] { yes } else { no }), "{place}");
                assert!(path != "flag" || no == rows().any(|row| !brute.booleans[row]), "{place}");
            }
            Interval::Str => {}
        }
        if let (Some((_, lon)), Interval::F64 { lo, hi, .. }) = (&brute.lat_lon, zone.longitudes) {
            assert!(rows().all(|row| lo <= lon[row] && lon[row] <= hi), "{place}");
        }
    };
    let mut found = zones.lanes();
    for level in Level::ALL {
        for list in ZoneList::all(level, max_doc) {
            zones.read(&list, &mut found);
            let full = (0..list.len).all(|lane| found.zone(lane).some && !found.zone(lane).missing);
            assert_eq!(found.is_full, full);
            for lane in 0..list.len {
                let (first, last) = list.docs(lane);
                check(first..max_doc.min(last + 1), found.zone(lane));
            }
        }
    }
    check(0..max_doc, zones.whole());
}

/// Strings have zone maps of their ordinals.
fn check_ordinals(segment: SegmentContext<'_>, path: &str) {
    let zones = segment.ordinal_zones(path).unwrap();
    let mut cursor = Cursor::new(segment.segment.columns(segment.mapping).column(path).unwrap());
    let mut found = zones.lanes();
    for list in Level::ALL.into_iter().flat_map(|level| ZoneList::all(level, segment.max_doc())) {
        zones.read(&list, &mut found);
        for lane in 0..list.len {
            let (first, last) = list.docs(lane);
            let docs: Vec<u32> = (first..segment.max_doc().min(last + 1)).collect();
            let mut ends = |part, null| {
                cursor.next_batch();
                let mut out = vec![0; docs.len()];
                cursor.raw(&docs, part, null, &mut out, |ordinal| ordinal);
                out
            };
            let (least, greatest) = (ends(Part::First, u64::MAX), ends(Part::Max, 0));
            let zone = found.zone(lane);
            let expected = (least.into_iter().min().unwrap() as i64, greatest.into_iter().max().unwrap() as i64);
            let Interval::I64 { lo, hi } = zone.values else { panic!("{path} {docs:?}: {zone:?}") };
            assert!(!zone.some || (lo, hi) == expected, "{path} {docs:?}: {zone:?} {expected:?}");
        }
    }
}

/// What columns hold for some documents.
struct Brute {
    docs: Vec<u32>,
    present: Vec<bool>,
    counts: Vec<i64>,
    /// The first and the greatest value.
    ends: [Vec<f64>; 2],
    lat_lon: Option<(Vec<f64>, Vec<f64>)>,
    longs: Vec<i64>,
    booleans: Vec<bool>,
}

/// The paths of the files of zone maps below a folder.
fn zone_files(dir: &Path) -> Vec<PathBuf> {
    let shards = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    let files = shards.flat_map(|shard| fs::read_dir(shard).unwrap().map(|entry| entry.unwrap().path()));
    files.filter(|path| path.extension().is_some_and(|ext| ext == "zones")).collect()
}

#[test]
fn zones_are_the_same_from_a_file_and_computed_and_damage_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let options = BuildOptions { flush_every: Some(300), dir: Some(dir.path().to_owned()), ..BuildOptions::default() };
    let random: Vec<u64> = (1..40u64).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
    check(&build(700, &random, &options));
    check(&Index::open(dir.path()).unwrap());

    let files = zone_files(dir.path());
    assert_eq!(files.len(), 3);
    let whole = fs::read(&files[0]).unwrap();
    let name = files[0].file_name().unwrap().to_str().unwrap();
    // tantivy's own footer follows. A file of another version is not read at all.
    let end = whole.windows(8).rposition(|bytes| bytes == b"sszones\n").unwrap() + 8;
    for at in (0..end - 16).step_by(499).chain([end - 17, end - 1]) {
        let mut damaged = whole.clone();
        damaged[at] ^= 4;
        fs::write(&files[0], &damaged).unwrap();
        let read = |index: Index| {
            let mut result = Ok(());
            each_segment(&index, &[None], |segment| {
                for (path, ty) in READS {
                    result = std::mem::replace(&mut result, Ok(())).and_then(|()| segment.zones(path, *ty).map(drop));
                }
            });
            result
        };
        let error = Index::open(dir.path()).and_then(read).expect_err("damage is an error");
        assert!(error.to_string().contains(name), "{at}: {error}");
    }
    files.iter().for_each(|file| fs::remove_file(file).unwrap());
    check(&Index::open(dir.path()).unwrap());
}

/// Few cases, unless `PROPTEST_CASES` asks for more: each is an index.
pub(super) fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(2)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn zones_are_what_columns_hold(random in prop::collection::vec(any::<u64>(), 30..200), docs in 1..1500usize) {
        check(&build(docs, &random, &BuildOptions { flush_every: Some(1100), ..BuildOptions::default() }));
    }
}
