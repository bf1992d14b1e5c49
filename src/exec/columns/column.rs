//! A column of a segment: where its values are and how they are encoded.

use std::fmt;
use std::io;
use std::net::Ipv6Addr;
use std::sync::Arc;

use tantivy::columnar::{ColumnType, DynamicColumn, DynamicColumnHandle, StrColumn};
use tantivy::fastfield::{Column as StoredColumn, FastFieldReaders};

use super::classes::{self, Classes};
use super::decode;
use super::strings::Dictionary;
use super::table::{Entries, Keys};
use super::unpacked::{Budget, Unpacking};
use crate::exec::index::blobs::Blobs;

/// A column of a segment, or the lack of one.
pub struct Column {
    pub(super) values: Values,
}

/// The values of a column.
pub(super) enum Values {
    /// No document has a value.
    Missing,
    /// Numbers, raw, with the way to decode them.
    Numbers { column: StoredColumn<u64>, encoding: Encoding, unpacking: Unpacking },
    /// IP addresses, IPv4 mapped.
    Ips(StoredColumn<Ipv6Addr>),
    /// The `_id`s; empty of a nested document, which has none.
    Ids(Blobs),
    /// Strings: ordinals into a dictionary.
    Strings { ordinals: StoredColumn<u64>, dictionary: Arc<Dictionary>, unpacking: Unpacking },
    /// Computed from the values of another column.
    Table { keys: Keys, entries: Arc<Entries> },
}

/// What the raw number of a column stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Encoding {
    /// A long: whole numbers, dates in milliseconds, geo points.
    Long,
    /// A long without sign.
    Unsigned,
    /// A double.
    Double,
    /// A boolean.
    Boolean,
    /// A long that was multiplied by a scaling factor, whose inverse this is.
    Scaled(f64),
}

impl Encoding {
    /// The raw value as a double, as [`Cursor::doubles`](super::Cursor::doubles) reads it.
    #[inline]
    pub(in crate::exec) fn double(self, raw: u64) -> f64 {
        match self {
            Self::Double => decode::double(raw),
            Self::Long => decode::long(raw) as f64,
            Self::Unsigned | Self::Boolean => raw as f64,
            Self::Scaled(inverse) => decode::long(raw) as f64 * inverse,
        }
    }

    /// The raw value as a long, as [`Cursor::longs`](super::Cursor::longs) reads it.
    #[inline]
    pub(in crate::exec) fn long(self, raw: u64) -> i64 {
        match self {
            Self::Long => decode::long(raw),
            Self::Unsigned | Self::Boolean => raw as i64,
            Self::Double | Self::Scaled(_) => self.double(raw) as i64,
        }
    }

    /// The raw values that are false as booleans lie from the first to the second.
    #[inline]
    pub(in crate::exec) fn zeros(self) -> (u64, u64) {
        match self {
            Self::Boolean | Self::Unsigned => (0, 0),
            Self::Long | Self::Scaled(_) => (decode::TOP, decode::TOP),
            // -0.0 stands right before 0.0.
            Self::Double => (decode::TOP - 1, decode::TOP),
        }
    }
}

/// The `_id` of a document; none of a nested one.
pub(super) fn id(ids: &Blobs, doc: u32) -> Option<&str> {
    std::str::from_utf8(ids.get(doc)?).ok().filter(|id| !id.is_empty())
}

impl Column {
    /// How the column holds numbers; none where it holds none.
    pub(in crate::exec) fn encoding(&self) -> Option<Encoding> {
        match &self.values {
            Values::Numbers { encoding, .. } => Some(*encoding),
            Values::Missing | Values::Ips(_) | Values::Ids(_) | Values::Strings { .. } | Values::Table { .. } => None,
        }
    }

    /// A column without values.
    pub fn missing() -> Self {
        Self { values: Values::Missing }
    }

    /// The documents by classes of like values; none of what holds no numbers, or is not read often.
    pub(crate) fn classes(&self, kind: classes::Values) -> Option<&Arc<Classes>> {
        match &self.values {
            Values::Numbers { column, unpacking, .. } => unpacking.classes(column.num_docs() as usize, kind),
            Values::Missing | Values::Ips(_) | Values::Ids(_) | Values::Strings { .. } | Values::Table { .. } => None,
        }
    }

    /// The column of `_id`s.
    pub(super) fn ids(ids: Blobs) -> Self {
        Self { values: Values::Ids(ids) }
    }

    /// Opens one column of the file that tantivy wrote.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open(handle: &DynamicColumnHandle, scale: Option<f64>) -> io::Result<Self> {
        Self::open_within(handle, scale, Budget::default())
    }

    fn open_within(handle: &DynamicColumnHandle, scale: Option<f64>, budget: Budget) -> io::Result<Self> {
        let encoding = match (handle.column_type(), scale) {
            (ColumnType::I64, Some(scale)) => Encoding::Scaled(1.0 / scale),
            (ColumnType::I64 | ColumnType::DateTime, _) => Encoding::Long,
            (ColumnType::U64, _) => Encoding::Unsigned,
            (ColumnType::F64, _) => Encoding::Double,
            (ColumnType::Bool, _) => Encoding::Boolean,
            (ColumnType::IpAddr | ColumnType::Str | ColumnType::Bytes, _) => return Self::open_other(handle, budget),
        };
        Ok(match handle.open_u64_lenient()? {
            Some(column) => Self { values: Values::Numbers { column, encoding, unpacking: Unpacking::new(budget) } },
            None => Self::missing(),
        })
    }

    fn open_other(handle: &DynamicColumnHandle, budget: Budget) -> io::Result<Self> {
        let values = match handle.open()? {
            DynamicColumn::IpAddr(column) => Values::Ips(column),
            DynamicColumn::Str(column) => Self::strings(column, budget),
            DynamicColumn::Bytes(column) => Self::strings(StrColumn::wrap(column), budget),
            _ => Values::Missing,
        };
        Ok(Self { values })
    }

    fn strings(column: StrColumn, budget: Budget) -> Values {
        let ordinals = column.ords().clone();
        Values::Strings { ordinals, dictionary: Arc::new(Dictionary::new(column)), unpacking: Unpacking::new(budget) }
    }

    /// Opens the column of a field.
    pub(super) fn read(
        source: &FastFieldReaders,
        name: &str,
        scale: Option<f64>,
        budget: Budget,
    ) -> tantivy::Result<Self> {
        match source.dynamic_column_handles(name)?.first() {
            Some(handle) => Ok(Self::open_within(handle, scale, budget)?),
            None => Ok(Self::missing()),
        }
    }
}

impl fmt::Debug for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.values {
            Values::Missing => "Column::Missing",
            Values::Numbers { encoding: Encoding::Long, .. } => "Column::Long",
            Values::Numbers { encoding: Encoding::Unsigned, .. } => "Column::Unsigned",
            Values::Numbers { encoding: Encoding::Double, .. } => "Column::Double",
            Values::Numbers { encoding: Encoding::Boolean, .. } => "Column::Boolean",
            Values::Numbers { encoding: Encoding::Scaled(_), .. } => "Column::Scaled",
            Values::Ips(_) => "Column::Ips",
            Values::Ids(_) => "Column::Ids",
            Values::Strings { .. } => "Column::Strings",
            Values::Table { .. } => "Column::Table",
        })
    }
}
