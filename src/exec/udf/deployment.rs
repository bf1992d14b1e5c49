//! A deployment: code, and what is declared about it. A runtime prepares it; what comes of it is a profile.

use serde_json::Value as Json;

use crate::error::{Code, Error, Result};
use crate::exec::udf::registry::{MAX_ARGS, check_name, fitting_default};
use crate::plan::udf::{NullPolicy, PythonMode, UdfArg, UdfProfile, UdfRuntime, UdfType};

/// A UDF that is to be deployed.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// The name that scripts call: an identifier of at most 64 ASCII characters.
    pub name: String,
    /// The code.
    pub source: Source,
    /// What it takes; `None`: as the code says.
    pub args: Option<Vec<DeclaredArg>>,
    /// What it gives; `None`: as the code says.
    pub returns: Option<UdfType>,
    /// What a missing value means to it; `None`: [`NullPolicy::Default`] where an argument has a default, else
    /// [`NullPolicy::Skip`].
    pub nulls: Option<NullPolicy>,
    /// Between which numbers its results lie; an end may be infinite.
    pub bounds: Option<(f64, f64)>,
    /// Whether equal arguments always give equal results.
    pub deterministic: bool,
}

/// The code of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A WebAssembly module.
    Wasm {
        /// The module in its binary form.
        module: Vec<u8>,
        /// The export that is called; `None`: the one of the UDF's name, else the only one.
        export: Option<String>,
    },
    /// A Python file.
    Python {
        /// Its text.
        source: String,
        /// The function that is called; `None`: the one of the UDF's name, else the only one.
        function: Option<String>,
        /// How it takes a batch.
        mode: PythonMode,
    },
}

/// An argument as it is declared: `boost:f64=1.0`.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredArg {
    /// Its name.
    pub name: String,
    /// Its type; `None`: as the code says.
    pub ty: Option<UdfType>,
    /// What stands for a missing value.
    pub default: Option<Json>,
}

/// What a runtime makes of a deployment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Prepared {
    /// The code that is stored, and runs.
    pub(crate) code: Vec<u8>,
    /// What runs it, and which function.
    pub(crate) runtime: UdfRuntime,
    /// What it takes, without defaults.
    pub(crate) args: Vec<UdfArg>,
    /// What it gives.
    pub(crate) result: UdfType,
}

impl Source {
    /// The bytes that were deployed.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Wasm { module, .. } => module,
            Self::Python { source, .. } => source.as_bytes(),
        }
    }
}

impl DeclaredArg {
    /// Reads a list such as `score,boost:f64=1.0,title:string="none"`. A default is JSON, or a text as it stands.
    ///
    /// ```
    /// use shardscript::exec::udf::DeclaredArg;
    /// use shardscript::plan::udf::UdfType;
    ///
    /// let args = DeclaredArg::list("score, boost:f64=1.0, title:string=none")?;
    /// assert_eq!((args[0].name.as_str(), args[0].ty), ("score", None));
    /// assert_eq!((args[1].ty, &args[1].default), (Some(UdfType::F64), &Some(1.0.into())));
    /// assert_eq!(args[2].default, Some("none".into()));
    /// # Ok::<(), shardscript::Error>(())
    /// ```
    ///
    /// # Errors
    /// A name is no identifier, a type is not known, or a default has no end.
    pub fn list(text: &str) -> Result<Vec<Self>> {
        let mut args = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (arg, after) = Self::first(rest)?;
            args.push(arg);
            rest = after;
        }
        Ok(args)
    }

    /// The first argument of a list, and what stands behind its comma.
    fn first(text: &str) -> Result<(Self, &str)> {
        let end = text.find([',', '=']).unwrap_or(text.len());
        let (name, ty) = match text[..end].split_once(':') {
            Some((name, ty)) => (name.trim(), Some(type_named(ty.trim())?)),
            None => (text[..end].trim(), None),
        };
        let Some(value) = text[end..].strip_prefix('=') else {
            let after = text[end..].strip_prefix(',').unwrap_or("");
            return Ok((Self { name: name.to_owned(), ty, default: None }, after.trim_start()));
        };
        let value = value.trim_start();
        let (default, after) = if value.starts_with('"') {
            let mut values = serde_json::Deserializer::from_str(value).into_iter::<Json>();
            match values.next() {
                Some(Ok(default)) => (default, &value[values.byte_offset()..]),
                _ => return Err(Error::new(Code::InvalidUdf, format!("the default of `{name}` has no closing quote"))),
            }
        } else {
            let (value, after) = value.split_at(value.find(',').unwrap_or(value.len()));
            let value = value.trim_end();
            let is_text = ty == Some(UdfType::Str);
            let json = (!is_text).then(|| serde_json::from_str(value).ok()).flatten();
            (json.unwrap_or_else(|| value.into()), after)
        };
        let after = after.trim_start();
        match after.strip_prefix(',') {
            None if !after.is_empty() => {
                Err(Error::new(Code::InvalidUdf, format!("`{after}` stands behind the default of `{name}`"))
                    .expected("a comma, or the end"))
            }
            after => Ok((Self { name: name.to_owned(), ty, default: Some(default) }, after.unwrap_or("").trim_start())),
        }
    }
}

fn type_named(name: &str) -> Result<UdfType> {
    UdfType::named(name).ok_or_else(|| {
        let known: Vec<_> = UdfType::ALL.iter().map(|ty| ty.name()).collect();
        Error::new(Code::InvalidUdf, format!("`{name}` is no type of an argument"))
            .expected(format!("one of: {}", known.join(", ")))
    })
}

impl Deployment {
    /// Refuses what no code can make right.
    pub(crate) fn check(&self) -> Result<()> {
        check_name(&self.name)?;
        let args = self.args.as_deref().unwrap_or_default();
        if args.len() > MAX_ARGS {
            return Err(Error::new(Code::InvalidUdf, format!("UDF [{}] declares {} arguments", self.name, args.len()))
                .expected(format!("{MAX_ARGS} at most")));
        }
        for (i, arg) in args.iter().enumerate() {
            check_name(&arg.name.replace('.', "_")).map_err(|_| {
                Error::new(Code::InvalidUdf, format!("`{}` is no name of an argument", arg.name.escape_debug()))
                    .expected("`score`, or the name of a parameter or field")
            })?;
            if args[..i].iter().any(|other| other.name == arg.name) {
                return Err(Error::new(Code::InvalidUdf, format!("the argument `{}` is declared twice", arg.name)));
            }
        }
        match self.bounds {
            Some((lo, hi)) if lo.is_nan() || hi.is_nan() || lo > hi => {
                Err(Error::new(Code::InvalidUdf, format!("no number lies in {lo}..{hi}"))
                    .expected("the lowest result, `..`, the highest"))
            }
            _ => Ok(()),
        }
    }

    /// The profile of what a runtime made; it has no version yet.
    pub(crate) fn profile(&self, prepared: &Prepared) -> Result<UdfProfile> {
        let declared = self.args.as_deref().unwrap_or_default();
        let mut args = prepared.args.clone();
        for (arg, declared) in args.iter_mut().zip(declared) {
            if let Some(default) = &declared.default {
                arg.default = Some(fitting_default(arg.ty, default).ok_or_else(|| {
                    Error::new(
                        Code::InvalidUdf,
                        format!("the default {default} of `{}` is no {}", declared.name, arg.ty),
                    )
                })?);
            }
        }
        if self.bounds.is_some() && prepared.result == UdfType::Str {
            return Err(Error::new(
                Code::InvalidUdf,
                format!("UDF [{}] gives a string, which has no bounds", self.name),
            ));
        }
        Ok(UdfProfile {
            name: self.name.clone(),
            version: 0,
            hash: String::new(),
            runtime: prepared.runtime.clone(),
            args,
            result: prepared.result,
            nulls: self.null_policy(),
            deterministic: self.deterministic,
            bounds: self.bounds,
        })
    }

    /// The null policy that holds.
    pub(crate) fn null_policy(&self) -> NullPolicy {
        let has_default = self.args.iter().flatten().any(|arg| arg.default.is_some());
        self.nulls.unwrap_or(if has_default { NullPolicy::Default } else { NullPolicy::Skip })
    }
}
