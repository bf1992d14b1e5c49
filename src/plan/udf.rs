//! Deployed UDFs as planning sees them: what a version is called, takes, gives and promises, and a call of it in a tree.
//!
//! Data only. Where the code lies and how it runs is known to `exec`; it finds a UDF by the hash of its code. The names that
//! types, policies and runtimes have in JSON are those of manifests.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion_common::arrow::datatypes::DataType;
use datafusion_common::exec_err;
use datafusion_expr::expr::ScalarFunction;
use datafusion_expr::{ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use serde::{Deserialize, Serialize};

use crate::plan::expr::long;
use crate::plan::function::data_type;
use crate::plan::script::ValueType;
use crate::plan::value::Value;

/// A version of a deployed UDF.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UdfProfile {
    /// The name that scripts call.
    pub name: String,
    /// The version, from 1.
    pub version: u32,
    /// The SHA-256 of the code that runs, in hexadecimal.
    pub hash: String,
    /// What runs it.
    pub runtime: UdfRuntime,
    /// What it takes, in order.
    pub args: Vec<UdfArg>,
    /// What it gives.
    pub result: UdfType,
    /// What a missing value of a document means to it.
    pub nulls: NullPolicy,
    /// Whether equal arguments always give equal results.
    pub deterministic: bool,
    /// Between which numbers its result lies, where the deployment declares it. It is checked at every call.
    pub bounds: Option<(f64, f64)>,
}

impl UdfProfile {
    /// The types that a call passes: those of the arguments, with [`NullPolicy::Flag`] a boolean after each of them.
    pub fn signature(&self) -> Vec<UdfType> {
        let flag = (self.nulls == NullPolicy::Flag).then_some(UdfType::Bool);
        self.args.iter().flat_map(|arg| std::iter::once(arg.ty).chain(flag)).collect()
    }
}

impl fmt::Display for UdfProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

/// What runs a UDF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UdfRuntime {
    /// A WebAssembly module.
    Wasm {
        /// The function that the module exports.
        export: String,
    },
    /// A Python file, in a worker process.
    Python {
        /// The function of the file.
        function: String,
        /// How it takes a batch.
        mode: PythonMode,
    },
}

impl UdfRuntime {
    /// The languages by which scripts name UDFs.
    pub const LANGUAGES: &'static [&'static str] = &["wasm", "python"];

    /// The language by which scripts name such a UDF.
    pub fn language(&self) -> &'static str {
        match self {
            Self::Wasm { .. } => "wasm",
            Self::Python { .. } => "python",
        }
    }
}

/// How a Python function takes a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PythonMode {
    /// Called once a row, with numbers.
    Row,
    /// Called once a batch, with NumPy arrays.
    Vectorised,
}

/// An argument of a UDF.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UdfArg {
    /// The name that it binds by; compilers often leave none.
    pub name: Option<String>,
    /// Its type.
    pub ty: UdfType,
    /// What stands for a missing value with [`NullPolicy::Default`].
    pub default: Option<Value>,
}

/// The types that cross to a UDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UdfType {
    /// A 32-bit integer.
    I32,
    /// A 64-bit integer.
    I64,
    /// A 32-bit float.
    F32,
    /// A 64-bit float.
    F64,
    /// A boolean; to WebAssembly an `i32` of 0 or 1.
    Bool,
    /// A string in UTF-8.
    #[serde(rename = "string")]
    Str,
}

impl UdfType {
    /// All types.
    pub const ALL: &'static [Self] = &[Self::I32, Self::I64, Self::F32, Self::F64, Self::Bool, Self::Str];

    /// Its name in declarations, manifests and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Bool => "bool",
            Self::Str => "string",
        }
    }

    /// The type of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|ty| ty.name() == name)
    }

    /// The type that a tree holds it in.
    pub fn value_type(self) -> ValueType {
        match self {
            Self::I32 | Self::I64 => ValueType::I64,
            Self::F32 | Self::F64 => ValueType::F64,
            Self::Bool => ValueType::Bool,
            Self::Str => ValueType::Str,
        }
    }
}

impl fmt::Display for UdfType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a document's missing value means to a UDF. It is written into the tree when a call is lowered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NullPolicy {
    /// The function is not called: the value is 0, false or the empty string.
    #[default]
    Skip,
    /// The argument's default is passed.
    Default,
    /// The argument's default (or 0) is passed, and after it whether there was a value.
    Flag,
}

/// The deployed UDFs at one instant: what a search sees, whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    udfs: BTreeMap<String, CatalogEntry>,
}

/// The versions of a name.
#[derive(Clone, Debug, PartialEq)]
struct CatalogEntry {
    active: u32,
    versions: Vec<Arc<UdfProfile>>,
}

impl Catalog {
    /// No UDF at all.
    pub const fn new() -> Self {
        Self { udfs: BTreeMap::new() }
    }

    /// Adds a name with its versions and says which is active.
    pub fn insert(&mut self, name: impl Into<String>, active: u32, versions: Vec<Arc<UdfProfile>>) {
        self.udfs.insert(name.into(), CatalogEntry { active, versions });
    }

    /// Finds the UDF that `name` (the active version) or `name@version` stands for.
    pub fn find(&self, reference: &str) -> Option<&Arc<UdfProfile>> {
        let (name, version) = match reference.split_once('@') {
            Some((name, version)) => (name, Some(version.parse().ok()?)),
            None => (reference, None),
        };
        let entry = self.udfs.get(name)?;
        let version = version.unwrap_or(entry.active);
        entry.versions.iter().find(|profile| profile.version == version)
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.udfs.keys().map(String::as_str)
    }
}

/// A call in a tree; `args` have the types of [`UdfProfile::signature`], and a failure is reported at byte `site` of the
/// script's source, which is the last argument.
pub fn udf_call(profile: &Arc<UdfProfile>, mut args: Vec<Expr>, site: usize) -> Expr {
    args.push(long(site as i64));
    Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(ScalarUDF::from(UdfCall::new(profile))), args))
}

/// The UDF that a function of a tree calls, if it is one that was deployed.
pub fn as_udf(function: &ScalarFunction) -> Option<&Arc<UdfProfile>> {
    function.func.inner().downcast_ref::<UdfCall>().map(|call| &call.profile)
}

#[derive(Debug)]
struct UdfCall {
    profile: Arc<UdfProfile>,
    name: String,
    signature: Signature,
}

impl UdfCall {
    fn new(profile: &Arc<UdfProfile>) -> Self {
        let volatility = if profile.deterministic { Volatility::Immutable } else { Volatility::Volatile };
        let args = profile.signature().into_iter().map(|ty| data_type(ty.value_type()));
        let signature = Signature::exact(args.chain([DataType::Int64]).collect(), volatility);
        Self { profile: Arc::clone(profile), name: profile.to_string(), signature }
    }
}

impl PartialEq for UdfCall {
    fn eq(&self, other: &Self) -> bool {
        self.profile == other.profile
    }
}

impl Eq for UdfCall {}

impl Hash for UdfCall {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.name, &self.profile.hash).hash(state);
    }
}

impl ScalarUDFImpl for UdfCall {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> datafusion_common::Result<DataType> {
        Ok(data_type(self.profile.result.value_type()))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> datafusion_common::Result<ColumnarValue> {
        exec_err!("the UDF {} runs in a shard only", self.name)
    }
}
