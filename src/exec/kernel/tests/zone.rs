//! What zone maps would say of some rows.

use super::random::FIELDS;
use super::reference::{Row, Val};
use super::*;
use crate::exec::zones::ColumnZone;
use crate::plan::interval::{Doubles, Interval, Longs, Truth};

/// What is known of a zone, owned.
pub(super) struct Zone {
    columns: Vec<ColumnZone>,
    score: Doubles,
    filter: Truth,
    docs: Longs,
}

impl Zone {
    /// The zone that some documents make.
    pub(super) fn of(columns: &[String], docs: &[u32], rows: &[Row]) -> Self {
        let rows: Vec<&Row> = docs.iter().map(|doc| &rows[*doc as usize]).collect();
        let scores = rows.iter().map(|row| Doubles::point(f64::from(row.score)));
        let filters = rows.iter().map(|row| Truth::known(row.filter));
        Self {
            columns: columns.iter().map(|path| column_zone(path, &rows)).collect(),
            score: scores.reduce(Doubles::join).unwrap_or(Doubles::NONE),
            filter: filters.reduce(Truth::join).unwrap_or(Truth::ANY),
            docs: Longs::new(
                docs.first().map_or(0, |doc| i64::from(*doc)),
                docs.last().map_or(0, |doc| i64::from(*doc)),
            ),
        }
    }

    /// What is known of a column in some documents.
    pub(super) fn column(path: &str, docs: &[u32], rows: &[Row]) -> ColumnZone {
        column_zone(path, &docs.iter().map(|doc| &rows[*doc as usize]).collect::<Vec<_>>())
    }

    pub(super) fn inputs(&self) -> ZoneInputs<'_> {
        ZoneInputs {
            columns: &self.columns,
            score: self.score,
            filters: std::slice::from_ref(&self.filter),
            docs: self.docs,
        }
    }
}

fn column_zone(path: &str, rows: &[&Row]) -> ColumnZone {
    let ty = FIELDS.iter().find(|(name, _)| *name == path).unwrap().1;
    let values = || rows.iter().map(|row| row.fields[path].as_slice());
    let intervals = values().flatten().map(|value| match value {
        Val::F64(v) => Interval::from(Doubles::point(*v)),
        Val::I64(v) => Longs::point(*v).into(),
        Val::Bool(v) => Truth::known(*v).into(),
        Val::Str(_) => Interval::Str,
    });
    ColumnZone {
        values: intervals.reduce(Interval::join).unwrap_or(Interval::all(ty)),
        longitudes: Doubles::NONE.into(),
        some: values().any(|values| !values.is_empty()),
        missing: values().any(<[Val]>::is_empty),
        multi: values().any(|values| values.len() > 1),
    }
}
