//! `ip`: IPv4 and IPv6 addresses, all as IPv6; a term may be a CIDR range.

use std::net::{IpAddr, Ipv6Addr};
use std::ops::Bound;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::error::{Code, Error, Result};
use crate::plan::field::{RangeSpec, try_map_bound};
use crate::plan::mapping::Field;
use crate::plan::query::Query;
use crate::plan::value::Value;

/// An address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ip {
    /// The value of explicit nulls.
    pub null_value: Option<Ipv6Addr>,
    /// Whether malformed values of documents are left out instead of refusing the document.
    pub ignore_malformed: bool,
}

impl Ip {
    pub(crate) fn term(&self, field: &Field, value: &Value) -> Result<Query> {
        match value {
            Value::Str(text) if text.contains('/') => {
                let (first, last) = parse_cidr(text)?;
                Ok(field.between(Bound::Included(Value::Ip(first)), Bound::Included(Value::Ip(last))))
            }
            _ => Ok(field.constant_term(Value::Ip(as_ip(field, value)?))),
        }
    }

    pub(crate) fn range(&self, field: &Field, range: &RangeSpec) -> Result<Query> {
        let typed = |v: &Value| as_ip(field, v).map(Value::Ip);
        Ok(field.between(try_map_bound(&range.lower, typed)?, try_map_bound(&range.upper, typed)?))
    }

    pub(crate) fn parse_doc(&self, field: &Field, value: &Json) -> Result<Option<Value>> {
        let parsed = match value {
            Json::Null => return Ok(self.null_value.map(Value::Ip)),
            Json::String(text) => parse_ip(text),
            _ => Err(field.bad_value(format!("{value} is no IP address"))),
        };
        match parsed {
            Err(_) if self.ignore_malformed && !value.is_object() => Ok(None),
            parsed => Ok(Some(Value::Ip(parsed?))),
        }
    }
}

/// Parses an address; IPv4 becomes IPv6.
///
/// # Errors
/// The text is no address.
pub fn parse_ip(text: &str) -> Result<Ipv6Addr> {
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(v4)) => Ok(v4.to_ipv6_mapped()),
        Ok(IpAddr::V6(v6)) => Ok(v6),
        Err(_) => Err(Error::new(Code::InvalidIp, format!("`{text}` is no IP address"))),
    }
}

/// The first and the last address of a CIDR range.
///
/// # Errors
/// The address or the prefix length is wrong.
pub fn parse_cidr(text: &str) -> Result<(Ipv6Addr, Ipv6Addr)> {
    let invalid = |reason: String| {
        Error::new(Code::InvalidIp, reason).expected("an address and a prefix length, as in 10.0.0.0/8")
    };
    let (address, length) = text.split_once('/').ok_or_else(|| invalid(format!("`{text}` is no CIDR range")))?;
    let ip = parse_ip(address)?;
    let is_v4 = !address.contains(':');
    let max = if is_v4 { 32 } else { 128 };
    let length: u32 = length
        .parse()
        .ok()
        .filter(|n| *n <= max)
        .ok_or_else(|| invalid(format!("illegal prefix length in `{text}`, it must be from 0 to {max}")))?;
    let host_bits = max - length;
    let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
    let bits = u128::from(ip);
    Ok((Ipv6Addr::from(bits & mask), Ipv6Addr::from(bits | !mask)))
}

fn as_ip(field: &Field, value: &Value) -> Result<Ipv6Addr> {
    match value {
        Value::Ip(ip) => Ok(*ip),
        Value::Str(text) => parse_ip(text),
        other => Err(field.bad_value(format!("{other} is no IP address"))),
    }
}
