//! What a Python file that is to be deployed takes and gives, by its signatures. The file does not run for that.

use serde::Deserialize;
use serde_json::json;

use crate::error::{Code, Error, Place, Result, did_you_mean};
use crate::exec::udf::deployment::{Deployment, Prepared};
use crate::plan::udf::{Formula, NullPolicy, PythonMode, UdfArg, UdfRuntime, UdfType};

/// What a worker says of a file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Inspected {
    /// The functions at its top.
    Functions(Vec<Function>),
    /// It is no Python.
    Wrong { reason: String, line: usize, column: usize },
}

/// A function as it is written.
#[derive(Debug, Deserialize)]
pub(super) struct Function {
    name: String,
    /// Those that are passed by place.
    args: Vec<Parameter>,
    /// How many of them have no default.
    required: usize,
    takes_more: bool,
    /// Those that have to be passed by name.
    keywords: Vec<String>,
    result: Option<String>,
    /// Where it is arithmetic only.
    formula: Option<Formula>,
}

#[derive(Debug, Deserialize)]
struct Parameter {
    name: String,
    annotation: Option<String>,
}

/// The text of a request to inspect a file.
pub(super) fn request(source: &str) -> String {
    json!({"source": source}).to_string()
}

/// What a deployment of a file comes to: the function that is meant, and its types where none are declared.
pub(super) fn prepare(
    inspected: &Inspected,
    deployment: &Deployment,
    source: &str,
    function: Option<&str>,
    mode: PythonMode,
) -> Result<Prepared> {
    let functions = match inspected {
        Inspected::Functions(functions) => functions,
        Inspected::Wrong { reason, line, column } => {
            return Err(invalid(deployment, &format!("is no Python: {reason}"))
                .place(Place::Text { line: *line, column: *column }));
        }
    };
    let found = choose(functions, deployment, function)?;
    let (args, passed) = found.args(deployment, mode)?;
    found.check(deployment, passed)?;
    let result = match deployment.returns {
        Some(ty) => ty,
        None => annotated(deployment, "its result", found.result.as_deref(), mode)?,
    };
    // NumPy divides by zero.
    let formula = found.formula.clone().filter(|_| mode == PythonMode::Row && passed == found.args.len());
    let runtime = UdfRuntime::Python { function: found.name.clone(), mode, formula };
    Ok(Prepared { code: source.as_bytes().to_vec(), runtime, args, result })
}

/// The function that is named, else the one of the UDF's name, else the only one.
fn choose<'a>(functions: &'a [Function], deployment: &Deployment, named: Option<&str>) -> Result<&'a Function> {
    let name = named.unwrap_or(&deployment.name);
    if let Some(found) = functions.iter().find(|function| function.name == name) {
        return Ok(found);
    }
    if let ([only], None) = (functions, named) {
        return Ok(only);
    }
    let names: Vec<_> = functions.iter().map(|function| function.name.as_str()).collect();
    let error = invalid(deployment, &format!("has no function `{}`", name.escape_debug()));
    if names.is_empty() {
        return Err(error.expected("a function at the top of the file"));
    }
    let hint = did_you_mean(name, names.iter().copied()).unwrap_or(names[0]);
    Err(error.expected(format!("one of: {}", names.join(", "))).hint(format!("`--python FILE:{hint}` calls that one")))
}

impl Function {
    /// The arguments, and how many values a call passes.
    fn args(&self, deployment: &Deployment, mode: PythonMode) -> Result<(Vec<UdfArg>, usize)> {
        // With validity flags, each argument takes two parameters.
        let stride = if deployment.null_policy() == NullPolicy::Flag { 2 } else { 1 };
        let type_of = |index: usize, name: &str| {
            let annotation = self.args.get(index * stride).and_then(|arg| arg.annotation.as_deref());
            annotated(deployment, &format!("the argument `{name}`"), annotation, mode)
        };
        let args: Result<Vec<_>> = match &deployment.args {
            Some(declared) => declared
                .iter()
                .enumerate()
                .map(|(index, arg)| {
                    let ty = arg.ty.map_or_else(|| type_of(index, &arg.name), Ok)?;
                    Ok(UdfArg { name: Some(arg.name.clone()), ty, default: None })
                })
                .collect(),
            None => self
                .args
                .iter()
                .step_by(stride)
                .enumerate()
                .map(|(index, arg)| {
                    Ok(UdfArg { name: Some(arg.name.clone()), ty: type_of(index, &arg.name)?, default: None })
                })
                .collect(),
        };
        let args = args?;
        let passed = args.len() * stride;
        Ok((args, passed))
    }

    /// Refuses a function that cannot be called with so many values.
    fn check(&self, deployment: &Deployment, passed: usize) -> Result<()> {
        let name = &self.name;
        if let Some(keyword) = self.keywords.first() {
            let reason = format!("has a function `{name}` that takes `{keyword}` by name only");
            return Err(invalid(deployment, &reason).expected("parameters that are passed by place"));
        }
        let most = self.args.len();
        if passed < self.required || (passed > most && !self.takes_more) {
            let reason = format!("has a function `{name}` that takes {most} arguments, and {passed} are passed");
            return Err(invalid(deployment, &reason).hint("`--args` names those that are passed"));
        }
        if passed == 0 {
            return Err(invalid(deployment, &format!("has a function `{name}` that takes nothing")));
        }
        Ok(())
    }
}

/// The type of an annotation; without one it is a double. Those of vectorised functions name arrays, mostly.
fn annotated(deployment: &Deployment, what: &str, annotation: Option<&str>, mode: PythonMode) -> Result<UdfType> {
    match (annotation, mode) {
        (None | Some("float"), _) => Ok(UdfType::F64),
        (Some("int"), _) => Ok(UdfType::I64),
        (Some("bool"), _) => Ok(UdfType::Bool),
        (Some("str"), _) => Ok(UdfType::Str),
        (Some(_), PythonMode::Vectorised) => Ok(UdfType::F64),
        (Some(other), PythonMode::Row) => {
            Err(invalid(deployment, &format!("annotates {what} as `{}`", other.escape_debug()))
                .expected("one of: float, int, bool, str")
                .hint("`--args` and `--returns` declare types beside the file"))
        }
    }
}

fn invalid(deployment: &Deployment, what: &str) -> Error {
    Error::new(Code::InvalidUdf, format!("the Python file of UDF [{}] {what}", deployment.name))
}
