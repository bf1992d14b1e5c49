//! A manifest: what a version of a UDF is, as JSON in the registry.

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::exec::udf::registry::head::{check_name, is_hash};
use crate::plan::udf::{NullPolicy, UdfArg, UdfProfile, UdfRuntime, UdfType};
use crate::plan::value::Value;

/// The version of this form.
const FORMAT: u32 = 1;

/// So many arguments a UDF may take.
pub(crate) const MAX_ARGS: usize = 64;

/// What a version of a UDF is.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// What planning sees.
    pub profile: UdfProfile,
    /// The SHA-256 of the file that was deployed, in hexadecimal.
    pub original: String,
    /// When it was deployed, in seconds since 1970.
    pub deployed: u64,
}

/// The JSON form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    format: u32,
    name: String,
    version: u32,
    runtime: UdfRuntime,
    code: String,
    original: String,
    args: Vec<Arg>,
    result: UdfType,
    nulls: NullPolicy,
    deterministic: bool,
    /// Lowest and highest result; null where there is no such limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bounds: Option<(Option<f64>, Option<f64>)>,
    deployed: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Arg {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(rename = "type")]
    ty: UdfType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    default: Option<Json>,
}

impl Manifest {
    /// Reads a manifest; the error says what is wrong with it.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let form: Form = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        if form.format != FORMAT {
            return Err(format!("it has format {}, and this program reads format {FORMAT}", form.format));
        }
        check_name(&form.name).map_err(|e| e.reason().to_owned())?;
        for hash in [&form.code, &form.original] {
            if !is_hash(hash) {
                return Err(format!("{hash:?} is no hash"));
            }
        }
        if form.args.len() > MAX_ARGS {
            return Err(format!("it has {} arguments, and {MAX_ARGS} are the most", form.args.len()));
        }
        let deployed = DateTime::parse_from_rfc3339(&form.deployed).map_err(|e| e.to_string())?;
        let bounds = form.bounds.map(|(lo, hi)| (lo.unwrap_or(f64::NEG_INFINITY), hi.unwrap_or(f64::INFINITY)));
        if bounds.is_some_and(|(lo, hi)| lo > hi) {
            return Err("its lowest result is above its highest".to_owned());
        }
        Ok(Self {
            profile: UdfProfile {
                name: form.name,
                version: form.version,
                hash: form.code,
                runtime: form.runtime,
                args: form.args.into_iter().map(UdfArg::try_from).collect::<Result<_, _>>()?,
                result: form.result,
                nulls: form.nulls,
                deterministic: form.deterministic,
                bounds,
            },
            original: form.original,
            deployed: u64::try_from(deployed.timestamp()).unwrap_or(0),
        })
    }

    /// The manifest as JSON.
    pub fn to_json(&self) -> Json {
        let finite = |bound: f64| bound.is_finite().then_some(bound);
        let profile = &self.profile;
        let form = Form {
            format: FORMAT,
            name: profile.name.clone(),
            version: profile.version,
            runtime: profile.runtime.clone(),
            code: profile.hash.clone(),
            original: self.original.clone(),
            args: profile.args.iter().map(Arg::from).collect(),
            result: profile.result,
            nulls: profile.nulls,
            deterministic: profile.deterministic,
            bounds: profile.bounds.map(|(lo, hi)| (finite(lo), finite(hi))),
            deployed: timestamp(self.deployed),
        };
        json!(form)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        format!("{:#}\n", self.to_json()).into_bytes()
    }
}

/// A time in seconds since 1970, as people and programs read it.
pub fn timestamp(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    time.unwrap_or_default().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// A default as the type of its argument holds it; `None`: it does not fit.
pub(crate) fn fitting_default(ty: UdfType, value: &Json) -> Option<Value> {
    Some(match ty {
        UdfType::I32 => Value::I64(value.as_i64().and_then(|v| i32::try_from(v).ok())?.into()),
        UdfType::I64 => Value::I64(value.as_i64()?),
        UdfType::F32 => Value::F64((value.as_f64()? as f32).into()),
        UdfType::F64 => Value::F64(value.as_f64()?),
        UdfType::Bool => Value::Bool(value.as_bool()?),
        UdfType::Str => Value::Str(value.as_str()?.to_owned()),
    })
}

/// A default as JSON; what is no default of any type is null.
fn to_json(value: &Value) -> Json {
    match value {
        Value::Bool(v) => json!(v),
        Value::I64(v) => json!(v),
        Value::U64(v) => json!(v),
        Value::F64(v) => json!(v),
        Value::Str(v) => json!(v),
        Value::Null | Value::Ip(_) | Value::List(_) | Value::Object(_) => Json::Null,
    }
}

impl TryFrom<Arg> for UdfArg {
    type Error = String;

    fn try_from(arg: Arg) -> Result<Self, String> {
        let ty = arg.ty;
        let fit = |value: Json| fitting_default(ty, &value).ok_or_else(|| format!("the default {value} is no {ty}"));
        Ok(Self { name: arg.name, ty, default: arg.default.map(fit).transpose()? })
    }
}

impl From<&UdfArg> for Arg {
    fn from(arg: &UdfArg) -> Self {
        Self { name: arg.name.clone(), ty: arg.ty, default: arg.default.as_ref().map(to_json) }
    }
}
