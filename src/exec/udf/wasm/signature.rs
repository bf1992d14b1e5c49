//! Fits the arguments that a deployment declares to the function that the module exports.

use wasmparser::{FuncType, ValType};

use crate::error::{Code, Error, Result};
use crate::exec::udf::deployment::{DeclaredArg, Deployment};
use crate::exec::udf::wasm::inspect::{Inspected, short};
use crate::exec::udf::wasm::layout::MAX_ARGS;
use crate::plan::udf::{NullPolicy, UdfArg, UdfType};

/// How a string crosses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// As pointer and length in UTF-8; the module's `alloc` gives the memory.
    Utf8 {
        /// The function `alloc`, where an argument is a string.
        alloc: Option<u32>,
    },
    /// As an object of AssemblyScript's runtime in UTF-16; its size stands before it.
    Utf16 {
        /// `__new`, where an argument is a string.
        new: Option<u32>,
        /// `__pin` and `__unpin`, which keep an object while another is made.
        pin: Option<(u32, u32)>,
    },
}

/// The function that is deployed.
#[derive(Debug)]
pub(super) struct Signature {
    /// Its index.
    pub(super) function: u32,
    /// What a caller passes by name.
    pub(super) args: Vec<UdfArg>,
    /// What a call passes: the arguments, and with [`NullPolicy::Flag`] a boolean after each.
    pub(super) passed: Vec<UdfType>,
    /// What it gives.
    pub(super) result: UdfType,
    /// How strings cross, if there are any.
    pub(super) text: Option<Text>,
}

/// The functions that runtimes export for their own use; none of them is the UDF that was meant.
const RUNTIME: &[&str] = &[
    "alloc",
    "dealloc",
    "free",
    "malloc",
    "_initialize",
    "_start",
    "__new",
    "__pin",
    "__unpin",
    "__collect",
    "__wasm_call_ctors",
    "__main_void",
    "abort",
];

/// Finds the function, and fits the declared arguments to its type.
pub(super) fn fit(
    module: &Inspected<'_>,
    export: Option<&str>,
    deployment: &Deployment,
) -> Result<(String, Signature)> {
    let (export, function) = find_export(module, export, deployment)?;
    let fitting = Fitting { module, deployment, ty: module.type_of(function), function, export };
    Ok((export.to_owned(), fitting.signature()?))
}

fn find_export<'a>(module: &Inspected<'a>, export: Option<&str>, deployment: &Deployment) -> Result<(&'a str, u32)> {
    let named = export.unwrap_or(&deployment.name);
    if let Some(found) = module.exports.iter().find(|(name, _)| *name == named) {
        return Ok(*found);
    }
    let candidates: Vec<_> = module.exports.iter().filter(|(name, _)| !RUNTIME.contains(name)).collect();
    if let ([only], None) = (&*candidates, export) {
        return Ok(**only);
    }
    let names: Vec<_> = candidates.iter().take(20).map(|(name, _)| short(name)).collect();
    let error =
        Error::new(Code::InvalidUdf, format!("the module of UDF [{}] exports no function [{named}]", deployment.name));
    Err(match &*names {
        [] => error.hint("it exports no function at all: mark it as exported in its source"),
        names => error.expected(format!("one of: {}", names.join(", "))).hint("name it with --export"),
    })
}

struct Fitting<'a> {
    module: &'a Inspected<'a>,
    deployment: &'a Deployment,
    ty: &'a FuncType,
    function: u32,
    export: &'a str,
}

impl Fitting<'_> {
    fn signature(&self) -> Result<Signature> {
        let (function, flags) = (self.function, self.deployment.null_policy() == NullPolicy::Flag);
        if self.ty.params().len() > MAX_ARGS {
            let found = self.ty.params().len();
            return Err(self.wrong(&format!("takes {found} values")).expected(format!("at most {MAX_ARGS}")));
        }
        let (args, utf16_args) = match &self.deployment.args {
            None => (self.undeclared(flags)?, false),
            Some(args) => self.declared(args, flags)?,
        };
        let flag = flags.then_some(UdfType::Bool);
        let passed: Vec<_> = args.iter().flat_map(|arg| std::iter::once(arg.ty).chain(flag)).collect();
        let (result, utf16_result) = self.result()?;
        let takes_strings = passed.contains(&UdfType::Str);
        let text = if !takes_strings && result != UdfType::Str {
            None
        } else {
            let utf16 = if takes_strings { utf16_args } else { utf16_result };
            if result == UdfType::Str && utf16 != utf16_result {
                return Err(self.wrong("takes and gives strings in two different forms"));
            }
            Some(self.text(utf16, takes_strings)?)
        };
        Ok(Signature { function, args, passed, result, text })
    }

    /// The arguments as the function's type and the compiler's names have them.
    fn undeclared(&self, flags: bool) -> Result<Vec<UdfArg>> {
        let params = self.ty.params();
        let step = if flags { 2 } else { 1 };
        if flags && (!params.len().is_multiple_of(2) || params.iter().skip(1).step_by(2).any(|ty| *ty != ValType::I32))
        {
            return Err(self.mismatch("an i32 after each argument, which says whether there is a value"));
        }
        let mut args = Vec::new();
        for (index, ty) in params.iter().enumerate().step_by(step) {
            let ty = scalar(*ty).ok_or_else(|| self.wrong(&format!("takes a {ty}")).expected(SCALARS))?;
            let name = self.module.parameter_name(self.function, index as u32).map(str::to_owned);
            args.push(UdfArg { name, ty, default: None });
        }
        // Names bind all together or not at all.
        if args.iter().any(|arg| arg.name.is_none()) {
            args.iter_mut().for_each(|arg| arg.name = None);
        }
        Ok(args)
    }

    /// The arguments as they are declared, and whether a string is one pointer, not pointer and length.
    fn declared(&self, declared: &[DeclaredArg], flags: bool) -> Result<(Vec<UdfArg>, bool)> {
        let strings = declared.iter().any(|arg| arg.ty == Some(UdfType::Str));
        for utf16 in [false, true] {
            if let Some(args) = self.fit_declared(declared, flags, utf16).filter(|_| strings || !utf16) {
                return Ok((args, utf16));
            }
        }
        let shown = |arg: &DeclaredArg| match arg.ty {
            Some(ty) => format!("{}: {ty}", arg.name),
            None => arg.name.clone(),
        };
        let names: Vec<_> = declared.iter().map(shown).collect();
        let mut error = self.mismatch(&format!("({}), as it was declared", names.join(", ")));
        if strings {
            error = error.hint("a string is passed as pointer and length, both i32, or as a pointer of AssemblyScript");
        } else if flags {
            error = error.hint("after each argument an i32 says whether there is a value");
        }
        Err(error)
    }

    fn fit_declared(&self, declared: &[DeclaredArg], flags: bool, utf16: bool) -> Option<Vec<UdfArg>> {
        let mut params = self.ty.params().iter().copied();
        let mut args = Vec::new();
        for arg in declared {
            let param = params.next()?;
            let ty = arg.ty.or(scalar(param))?;
            let fits = param == carrier(ty).unwrap_or(ValType::I32)
                && (ty != UdfType::Str || utf16 || params.next() == Some(ValType::I32))
                && (!flags || params.next() == Some(ValType::I32));
            if !fits {
                return None;
            }
            args.push(UdfArg { name: Some(arg.name.clone()), ty, default: None });
        }
        params.next().is_none().then_some(args)
    }

    fn result(&self) -> Result<(UdfType, bool)> {
        let [found] = self.ty.results() else {
            let found = parens(self.ty.results());
            return Err(self.wrong(&format!("gives {found}")).expected(format!("one value: {SCALARS}")));
        };
        let Some(declared) = self.deployment.returns else {
            return Ok((scalar(*found).ok_or_else(|| self.wrong(&format!("gives {found}")).expected(SCALARS))?, false));
        };
        match carrier(declared) {
            None if *found == ValType::I64 => Ok((declared, false)),
            None if *found == ValType::I32 => Ok((declared, true)),
            None => Err(self
                .wrong(&format!("gives {found}"))
                .expected("an i64 of pointer << 32 | length, or an i32 that points to a string of AssemblyScript")),
            Some(carrier) if carrier == *found => Ok((declared, false)),
            Some(carrier) => {
                Err(self.wrong(&format!("gives {found}")).expected(format!("{carrier}: {declared} was declared")))
            }
        }
    }

    /// The functions of the module that strings need.
    fn text(&self, utf16: bool, takes_strings: bool) -> Result<Text> {
        if !self.module.has_memory32 {
            return Err(self.wrong("has strings, but the module has no 32-bit memory"));
        }
        let helper = |name: &str, params: &[ValType], results: &[ValType]| {
            let function = self.module.export(name)?;
            let ty = self.module.type_of(function);
            (ty.params() == params && ty.results() == results).then_some(function)
        };
        const I: ValType = ValType::I32;
        if utf16 {
            let new = helper("__new", &[I, I], &[I]);
            if takes_strings && new.is_none() {
                let error = self.wrong("takes strings of AssemblyScript, but the module does not export [__new]");
                return Err(error.hint("compile with --exportRuntime"));
            }
            let pin = helper("__pin", &[I], &[I]).zip(helper("__unpin", &[I], &[]));
            Ok(Text::Utf16 { new: new.filter(|_| takes_strings), pin: pin.filter(|_| takes_strings) })
        } else {
            let alloc = helper("alloc", &[I], &[I]);
            if takes_strings && alloc.is_none() {
                let error = self.wrong("takes strings, but the module does not export [alloc]");
                return Err(error.expected("an export [alloc] of type (i32) -> i32 that gives memory for them"));
            }
            Ok(Text::Utf8 { alloc: alloc.filter(|_| takes_strings) })
        }
    }

    fn wrong(&self, what: &str) -> Error {
        let name = &self.deployment.name;
        Error::new(Code::InvalidUdf, format!("the function [{}] of UDF [{name}] {what}", short(self.export)))
    }

    fn mismatch(&self, expected: &str) -> Error {
        self.wrong(&format!("takes {}", parens(self.ty.params()))).expected(expected)
    }
}

const SCALARS: &str = "i32, i64, f32 or f64";

fn scalar(ty: ValType) -> Option<UdfType> {
    match ty {
        ValType::I32 => Some(UdfType::I32),
        ValType::I64 => Some(UdfType::I64),
        ValType::F32 => Some(UdfType::F32),
        ValType::F64 => Some(UdfType::F64),
        ValType::V128 | ValType::Ref(_) => None,
    }
}

/// The type that carries a scalar; a string has none of its own.
fn carrier(ty: UdfType) -> Option<ValType> {
    match ty {
        UdfType::I32 | UdfType::Bool => Some(ValType::I32),
        UdfType::I64 => Some(ValType::I64),
        UdfType::F32 => Some(ValType::F32),
        UdfType::F64 => Some(ValType::F64),
        UdfType::Str => None,
    }
}

fn parens(types: &[ValType]) -> String {
    let types: Vec<_> = types.iter().map(ToString::to_string).collect();
    format!("({})", types.join(", "))
}
