//! Columns as tantivy writes them, read back in every part, packed and unpacked.

use std::net::{Ipv4Addr, Ipv6Addr};

use tantivy::columnar::ColumnarReader;

use super::*;

fn columns(docs: u32, scale: Option<f64>, write: impl Fn(&mut tantivy::columnar::ColumnarWriter)) -> Columns {
    let mut writer = tantivy::columnar::ColumnarWriter::default();
    write(&mut writer);
    let mut bytes = Vec::new();
    writer.serialize(docs, None, &mut bytes).unwrap();
    let reader = ColumnarReader::open(bytes).unwrap();
    let columns = reader.iter_columns().unwrap();
    Columns::from_columns(columns.map(|(name, handle)| (name, Column::open(&handle, scale).unwrap())))
}

fn cursor(columns: &Columns, path: &str) -> Cursor {
    Cursor::new(columns.column(path).unwrap())
}

fn doubles(cursor: &mut Cursor, docs: &[u32], part: Part) -> Vec<f64> {
    let mut out = vec![f64::NAN; docs.len()];
    cursor.next_batch();
    cursor.doubles(docs, part, -1.0, &mut out);
    out
}

fn strings(cursor: &mut Cursor, docs: &[u32]) -> Vec<String> {
    let (mut text, mut spans) = (String::new(), Vec::new());
    cursor.next_batch();
    cursor.strings(docs, "none", &mut text, &mut spans).unwrap();
    spans.iter().map(|(start, end)| text[*start as usize..*end as usize].to_owned()).collect()
}

#[test]
fn every_part_of_several_values() {
    let columns = columns(4, None, |writer| {
        for (doc, value) in [(0, 3.0), (2, -2.0), (2, 1.0), (2, 6.0), (2, 7.0), (3, 5.0), (3, 5.0), (3, 8.0)] {
            writer.record_numerical(doc, "x", value);
        }
    });
    let far = |mode| Part::Distance(Distance { origin: 1.0, offset: 0.5, mode });
    let cases = [
        (Part::First, [3.0, -1.0, -2.0, 5.0]),
        (Part::Max, [3.0, -1.0, 7.0, 8.0]),
        (Part::Count, [1.0, 0.0, 4.0, 3.0]),
        (Part::Sum, [3.0, -1.0, 12.0, 18.0]),
        (Part::Avg, [3.0, -1.0, 3.0, 6.0]),
        (Part::Median, [3.0, -1.0, 3.5, 5.0]),
        (far(Mode::Min), [1.5, -1.0, 0.0, 3.5]),
        (far(Mode::Max), [1.5, -1.0, 5.5, 6.5]),
        (far(Mode::Sum), [1.5, -1.0, 12.5, 13.5]),
        (far(Mode::Avg), [1.5, -1.0, 3.125, 4.5]),
        (far(Mode::Median), [1.5, -1.0, 3.5, 3.5]),
    ];
    let mut cursor = cursor(&columns, "x");
    // The second time round the column is unpacked.
    for _ in 0..2 {
        for (part, expected) in cases {
            assert_eq!(doubles(&mut cursor, &[0, 1, 2, 3], part), expected, "{part:?}");
            assert_eq!(doubles(&mut cursor, &[1, 3], part), [expected[1], expected[3]], "{part:?}");
        }
    }
}

#[test]
fn every_encoding_of_numbers() {
    let columns = columns(2, Some(100.0), |writer| {
        writer.record_numerical(0, "scaled", 57_i64);
        writer.record_numerical(1, "scaled", -250_i64);
        writer.record_numerical(0, "unsigned", u64::MAX);
        writer.record_numerical(1, "unsigned", 1_u64 << 63);
        writer.record_bool(0, "bool", true);
        writer.record_numerical(0, "geo", crate::plan::field::geo_point::encode(48.85, 2.35));
    });
    let read = |path: &str, part| doubles(&mut cursor(&columns, path), &[0, 1], part);
    assert_eq!(read("scaled", Part::First), [57.0 * 0.01, -2.5]);
    assert_eq!(read("unsigned", Part::First), [u64::MAX as f64, 9_223_372_036_854_775_808.0]);
    assert_eq!(read("bool", Part::First), [1.0, -1.0]);
    assert_eq!(read("no such", Part::First), [-1.0, -1.0]);
    let mut longs = [0; 2];
    cursor(&columns, "unsigned").longs(&[0, 1], Part::First, 0, &mut longs);
    assert_eq!(longs, [-1, i64::MIN], "Java has no unsigned long");
}

#[test]
fn points_are_decoded() {
    let (paris, berlin) = ((48.85, 2.35), (52.52, 13.405));
    let columns = columns(1, None, |writer| {
        for (lat, lon) in [paris, berlin] {
            writer.record_numerical(0, "geo", crate::plan::field::geo_point::encode(lat, lon));
        }
    });
    let mut cursor = cursor(&columns, "geo");
    assert!((doubles(&mut cursor, &[0], Part::Lat)[0] - 48.85).abs() < 1e-7);
    assert!((doubles(&mut cursor, &[0], Part::Lon)[0] - 2.35).abs() < 1e-7);
    let far = |mode| Part::GeoDistance(GeoDistance { lat: 48.85, lon: 2.35, offset: 1000.0, mode });
    assert_eq!(doubles(&mut cursor, &[0], far(Mode::Min)), [0.0]);
    assert!((doubles(&mut cursor, &[0], far(Mode::Max))[0] - 876_000.0).abs() < 2_000.0);
}

#[test]
fn strings_and_addresses() {
    let columns = columns(3, None, |writer| {
        for (doc, value) in [(0, "b"), (0, "c"), (2, "a")] {
            writer.record_str(doc, "few", value);
        }
        writer.record_ip_addr(1, "ip", Ipv4Addr::new(10, 0, 0, 1).to_ipv6_mapped());
        writer.record_ip_addr(2, "ip", Ipv6Addr::LOCALHOST);
    });
    assert_eq!(strings(&mut cursor(&columns, "few"), &[0, 1, 2]), ["b", "none", "a"]);
    assert_eq!(strings(&mut cursor(&columns, "ip"), &[0, 1, 2]), ["none", "10.0.0.1", "::1"]);
    let mut present = [false; 3];
    cursor(&columns, "ip").present(&[0, 1, 2], &mut present);
    assert_eq!(present, [false, true, true]);
}

#[test]
fn a_large_dictionary_is_read_by_the_batch() {
    let docs = 70_000;
    let columns = columns(docs, None, |writer| {
        for doc in 0..docs {
            writer.record_str(doc, "many", &format!("{:05}", 99_999 - doc));
        }
    });
    let mut cursor = cursor(&columns, "many");
    assert_eq!(strings(&mut cursor, &[0, 1, 69_999]), ["99999", "99998", "30000"]);
    assert_eq!(strings(&mut cursor, &[7]), ["99992"]);
}
