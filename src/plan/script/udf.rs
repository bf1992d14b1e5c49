//! A script that is the name of a deployed UDF: which UDF, and what its arguments are bound to.
//!
//! Arguments with names take `_score` (also as `score`), else a parameter, else a field. Compilers write no names: then
//! one parameter, or `_score` and at most one parameter, bind by place.

use std::sync::Arc;

use datafusion_expr::{Expr, Operator};

use crate::error::{Code, Error, Result, did_you_mean};
use crate::plan::expr::{binary, coalesce, column, long, placeholder, score, to_double, zero};
use crate::plan::field::{DocType, FieldType};
use crate::plan::function::call;
use crate::plan::mapping::Field;
use crate::plan::script::scope::ScriptScope;
use crate::plan::script::{CompiledScript, ScriptContext, ScriptSource, ValueType, parameter};
use crate::plan::udf::{Argument, Catalog, UdfArg, UdfProfile, UdfRuntime, UdfType, convert, lower_call};
use crate::plan::value::Value;

/// The language of a source for which none is named: that of the UDF whose name it is, else Painless.
pub fn default_language(source: &str, catalog: &Catalog) -> &'static str {
    catalog.find(source).map_or("painless", |profile| profile.runtime.language())
}

/// Whether the sources of a language are names of UDFs.
pub fn is_udf_language(lang: &str) -> bool {
    UdfRuntime::LANGUAGES.contains(&lang)
}

/// Compiles the name of a UDF into a call of it.
pub(super) fn compile(source: &ScriptSource, context: ScriptContext, scope: ScriptScope<'_>) -> Result<CompiledScript> {
    let profile = find(source, scope.catalog)?;
    let binding = Binding { source, context, scope, profile };
    let args =
        if profile.args.iter().all(|arg| arg.name.is_some()) { binding.by_name()? } else { binding.by_place()? };
    binding.result(lower_call(profile, args, 0))
}

fn find<'a>(source: &ScriptSource, catalog: &'a Catalog) -> Result<&'a Arc<UdfProfile>> {
    let reference = source.source.as_str();
    let Some(profile) = catalog.find(reference) else {
        let name = reference.split_once('@').map_or(reference, |(name, _)| name);
        let versions: Vec<_> = catalog.versions(name).map(|profile| profile.version.to_string()).collect();
        let e = source.error(Code::UnknownScript, 0, format!("no UDF `{reference}` is deployed"));
        if !versions.is_empty() {
            return Err(e.expected(format!("a version of `{name}`: {}", versions.join(", "))));
        }
        return Err(match did_you_mean(name, catalog.names()) {
            Some(near) => e.hint(format!("did you mean `{near}`?")),
            None => e.hint("`udf list` shows what is deployed"),
        });
    };
    let lang = profile.runtime.language();
    if lang != source.lang {
        let reason = format!("the UDF {profile} is no {} UDF", source.lang);
        return Err(source.error(Code::UnknownScript, 0, reason).expected(format!("`lang`: `{lang}`")));
    }
    Ok(profile)
}

/// A UDF while its arguments are bound.
struct Binding<'a> {
    source: &'a ScriptSource,
    context: ScriptContext,
    scope: ScriptScope<'a>,
    profile: &'a Arc<UdfProfile>,
}

impl Binding<'_> {
    fn by_name(&self) -> Result<Vec<Argument>> {
        let bind = |(i, arg): (usize, &UdfArg)| {
            let name = arg.name.as_deref().unwrap_or_default();
            if matches!(name, "score" | "_score") && self.has_score() {
                return self.converted(i, score(), ValueType::F64);
            }
            if let Some((name, value)) = self.source.params.iter().find(|(key, _)| key == name) {
                return self.parameter(i, name, value);
            }
            match self.scope.mapping.field(name) {
                Some(field) => self.field(i, field),
                // What has a default may be left out.
                None if arg.default.is_some() => Ok(Argument::missing(arg.ty)),
                None => Err(self.unbound(name)),
            }
        };
        self.profile.args.iter().enumerate().map(bind).collect()
    }

    fn by_place(&self) -> Result<Vec<Argument>> {
        match (self.profile.args.len(), self.source.params.as_slice()) {
            (0, []) => Ok(Vec::new()),
            (1, []) if self.has_score() => Ok(vec![self.converted(0, score(), ValueType::F64)?]),
            (1, [(name, value)]) => Ok(vec![self.parameter(0, name, value)?]),
            (2, [(name, value)]) if self.has_score() => {
                Ok(vec![self.converted(0, score(), ValueType::F64)?, self.parameter(1, name, value)?])
            }
            (count, params) => {
                let profile = self.profile;
                let types = (1..).zip(&profile.args).map(|(i, arg)| format!("NAME{i}:{}", arg.ty)).collect::<Vec<_>>();
                let file = match &profile.runtime {
                    UdfRuntime::Wasm { .. } => "--wasm FILE",
                    UdfRuntime::Python { .. } => "--python FILE",
                };
                let found = params.len();
                let reason = format!("{count} arguments without names of {profile} and {found} params found");
                Err(self
                    .error(reason)
                    .expected("one parameter, or `_score` and at most one, where there are no names")
                    .hint(format!("name them: `udf deploy --name {} {file} --args {}`", profile.name, types.join(","))))
            }
        }
    }

    /// Whether there is a score where the script stands.
    fn has_score(&self) -> bool {
        match self.context {
            ScriptContext::Score | ScriptContext::NumberSort | ScriptContext::StringSort => true,
            ScriptContext::Filter | ScriptContext::Field => false,
        }
    }

    /// A parameter of the script as an argument; null is a missing value.
    fn parameter(&self, i: usize, name: &str, value: &Value) -> Result<Argument> {
        let ty = self.profile.args[i].ty;
        match (value, ty) {
            (Value::Null, _) => Ok(Argument::missing(ty)),
            (Value::I64(v), UdfType::I32) => match i32::try_from(*v) {
                Ok(_) => Ok(Argument::given(placeholder(name))),
                Err(_) => Err(self.mismatch(i, &format!("{v}"))),
            },
            _ => match parameter(name, value) {
                Some((expr, from)) => self.converted(i, expr, from),
                None => Err(self.mismatch(i, value.describe())),
            },
        }
    }

    /// The first value of a field as an argument.
    fn field(&self, i: usize, field: &Field) -> Result<Argument> {
        let unreadable = |what: &str| {
            let (arg, path) = (self.argument(i), &field.path);
            self.error(format!("{arg} cannot be bound to the field `{path}`, {what}"))
        };
        let value = |from| coalesce(column(&field.path), zero(from));
        let converted = match (field.doc_type(), &field.ty) {
            (None, _) if field.is_text() => {
                return Err(unreadable("whose text is not kept by document").hint("use a `keyword` field"));
            }
            (None, _) => return Err(unreadable(&format!("whose values of type {} scripts cannot read", field.ty))),
            (Some(DocType::GeoPoint), _) => {
                return Err(
                    unreadable("which is a geo point").hint("call the UDF from Painless with `.lat` and `.lon`")
                );
            }
            // Beyond the greatest long only doubles have room.
            (Some(DocType::Long), FieldType::UnsignedLong(_)) => {
                self.converted(i, to_double(value(ValueType::I64)), ValueType::F64)
            }
            (Some(DocType::Long | DocType::Date), _) => self.converted(i, value(ValueType::I64), ValueType::I64),
            (Some(DocType::Double), _) => self.converted(i, value(ValueType::F64), ValueType::F64),
            (Some(DocType::Boolean), _) => self.converted(i, value(ValueType::Bool), ValueType::Bool),
            (Some(DocType::String | DocType::Ip), _) => self.converted(i, value(ValueType::Str), ValueType::Str),
        };
        Ok(Argument { present: Some(column(&field.path).is_not_null()), ..converted? })
    }

    fn converted(&self, i: usize, value: Expr, from: ValueType) -> Result<Argument> {
        let converted = convert(value, from, self.profile.args[i].ty, 0);
        converted.map(Argument::given).ok_or_else(|| self.mismatch(i, &format!("a {from}")))
    }

    /// The value of the call in the place where the script stands.
    fn result(&self, called: Expr) -> Result<CompiledScript> {
        let given = self.profile.result;
        let (expr, ty) = match (self.context, given) {
            (ScriptContext::Filter, UdfType::Bool) => (called, ValueType::Bool),
            (ScriptContext::Filter, UdfType::I32) => (binary(called, Operator::NotEq, long(0)), ValueType::Bool),
            (ScriptContext::Score | ScriptContext::NumberSort, UdfType::F64 | UdfType::F32) => (called, ValueType::F64),
            (ScriptContext::Score | ScriptContext::NumberSort, UdfType::I32 | UdfType::I64) => {
                (to_double(called), ValueType::F64)
            }
            (ScriptContext::StringSort, UdfType::Str) => (called, ValueType::Str),
            (ScriptContext::Field, UdfType::F32) => (call("float_as_shown", vec![called]), ValueType::F64),
            (ScriptContext::Field, given) => (called, given.value_type()),
            (context, _) => {
                let expected = match context {
                    ScriptContext::Filter => "bool, or i32, which is true where it is not 0",
                    ScriptContext::StringSort => "string",
                    ScriptContext::Score | ScriptContext::NumberSort | ScriptContext::Field => "a number",
                };
                let reason = format!("the UDF {} gives {given}", self.profile);
                let hint = format!("compare or convert it in Painless: `{}(..)`", self.profile.name);
                return Err(self.source.error(Code::ScriptResult, 0, reason).expected(expected).hint(hint));
            }
        };
        Ok(CompiledScript { expr, ty })
    }

    fn unbound(&self, name: &str) -> Error {
        let reason = format!("the argument `{name}` of {} is neither a parameter nor a field", self.profile);
        let e = self.error(reason);
        if matches!(name, "score" | "_score") {
            return e.hint(format!("there is no `_score` here: give it as `params.{name}`"));
        }
        let params = self.source.params.iter().map(|(key, _)| key.as_str());
        let fields = self.scope.mapping.fields().iter().map(|field| field.path.as_str());
        match did_you_mean(name, params.chain(fields)) {
            Some(near) => e.hint(format!("did you mean `{name}` by `{near}`?")),
            None => e.hint(format!("give it as `params.{name}`")),
        }
    }

    fn mismatch(&self, i: usize, found: &str) -> Error {
        self.error(format!("{} takes {}, found {found}", self.argument(i), self.profile.args[i].ty))
    }

    fn argument(&self, i: usize) -> String {
        self.profile.argument(i)
    }

    fn error(&self, reason: String) -> Error {
        let e = self.source.error(Code::UdfArguments, 0, reason);
        e.expected(self.profile.usage())
    }
}
