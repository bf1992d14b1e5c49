//! A constant: a parameter, a bound of a range, a term, a result.

use std::fmt;
use std::net::Ipv6Addr;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::plan::depth::limit_depth;

/// A constant of any type that a request or a document may hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub enum Value {
    /// No value.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number; dates are milliseconds since 1970-01-01T00:00:00Z.
    I64(i64),
    /// A whole number beyond `i64::MAX`.
    U64(u64),
    /// A floating-point number.
    F64(f64),
    /// A text.
    Str(String),
    /// An IP address as IPv6; IPv4 addresses are mapped (`::ffff:a.b.c.d`).
    Ip(Ipv6Addr),
    /// A list, as a script's parameters may hold.
    List(Vec<Self>),
    /// An object, in the order of its keys, as a script's parameters may hold.
    Object(Vec<(String, Self)>),
}

limit_depth!(Value);

impl Value {
    /// What kind of constant this is, for messages: "a string", "an array".
    pub fn describe(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::I64(_) | Self::U64(_) => "an integer",
            Self::F64(_) => "a number",
            Self::Str(_) => "a string",
            Self::Ip(_) => "an IP address",
            Self::List(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// How deep lists and objects nest: 1 for a plain value.
    pub fn depth(&self) -> usize {
        match self {
            Self::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Self::Object(items) => 1 + items.iter().map(|(_, item)| item.depth()).max().unwrap_or(0),
            Self::Null | Self::Bool(_) | Self::I64(_) | Self::U64(_) | Self::F64(_) | Self::Str(_) | Self::Ip(_) => 1,
        }
    }

    /// The constant that a JSON value is.
    pub fn from_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(v) => Self::Bool(*v),
            Json::Number(n) => match (n.as_i64(), n.as_u64()) {
                (Some(v), _) => Self::I64(v),
                (None, Some(v)) => Self::U64(v),
                (None, None) => Self::F64(n.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(v) => Self::Str(v.clone()),
            Json::Array(items) => Self::List(items.iter().map(Self::from_json).collect()),
            Json::Object(entries) => {
                Self::Object(entries.iter().map(|(k, v)| (k.clone(), Self::from_json(v))).collect())
            }
        }
    }

    /// The number that this is, as a double.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::I64(v) => Some(*v as f64),
            Self::U64(v) => Some(*v as f64),
            Self::F64(v) => Some(*v),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(v) => write!(f, "{v}"),
            Self::I64(v) => write!(f, "{v}"),
            Self::U64(v) => write!(f, "{v}"),
            Self::F64(v) => write!(f, "{v:?}"),
            Self::Str(v) => write!(f, "{v:?}"),
            Self::Ip(v) => match v.to_ipv4_mapped() {
                Some(v4) => write!(f, "{v4}"),
                None => write!(f, "{v}"),
            },
            Self::List(v) => {
                f.write_str("[")?;
                for (i, item) in v.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Object(v) => {
                f.write_str("{")?;
                for (i, (key, item)) in v.iter().enumerate() {
                    write!(f, "{}{key}: {item}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str("}")
            }
        }
    }
}
