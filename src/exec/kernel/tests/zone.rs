//! What zone maps would say of some rows.

use super::random::FIELDS;
use super::reference::{Row, Val};
use super::*;
use crate::exec::zones::{ColumnLanes, ColumnZone, Lanes};
use crate::plan::interval::{Bounds, Doubles, Interval, Longs, Truth};
use crate::plan::script::ValueType;

/// What is known of a zone, owned.
pub(super) struct Zone {
    columns: Vec<ColumnZone>,
    score: Doubles,
    filter: Truth,
    docs: Longs,
}

impl Zone {
    /// The zone that some documents make.
    pub(super) fn of(columns: &[ProgramColumn], docs: &[u32], rows: &[Row]) -> Self {
        let rows: Vec<&Row> = docs.iter().map(|doc| &rows[*doc as usize]).collect();
        let scores = rows.iter().map(|row| Doubles::point(f64::from(row.score)));
        let filters = rows.iter().map(|row| Truth::known(row.filter));
        Self {
            columns: columns.iter().map(|column| program_column_zone(column, &rows)).collect(),
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

    /// What is known of a program's result in the last of some zones that are looked at together.
    pub(super) fn bounds(zones: &[Self], columns: &[ProgramColumn], machine: &mut BoundsMachine) -> Bounds {
        let column = |(number, column): (usize, &ProgramColumn)| {
            let of_zones: Vec<_> = zones.iter().map(|zone| zone.columns[number]).collect();
            let ty = column.table.as_ref().map_or_else(|| type_of(&column.path), |table| table.ty());
            ColumnLanes::of(ty, &of_zones)
        };
        let columns: Vec<_> = columns.iter().enumerate().map(column).collect();
        let (mut scores, mut filter) = (Lanes::of(Doubles::ALL.into()), Lanes::of(Truth::ANY.into()));
        for (lane, zone) in zones.iter().enumerate() {
            scores.set_doubles(lane, zone.score);
            filter.set_truth(lane, zone.filter);
        }
        let (docs, filters) = (|lane: usize| zones[lane].docs, [filter]);
        let inputs =
            ZoneInputs { zones: zones.len(), columns: &columns, scores: &scores, filters: &filters, docs: &docs };
        machine.run(&inputs).zone(zones.len() - 1)
    }
}

fn type_of(path: &str) -> ValueType {
    FIELDS.iter().find(|(name, _)| *name == path).unwrap().1
}

fn program_column_zone(column: &ProgramColumn, rows: &[&Row]) -> ColumnZone {
    let field = column_zone(&column.path, rows);
    match &column.table {
        Some(table) => field.tabulated(table.bounds(), table.is_open()),
        None => field,
    }
}

fn column_zone(path: &str, rows: &[&Row]) -> ColumnZone {
    let ty = type_of(path);
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
