//! Scripts: where a script stands, what it was, the typed expression that it became, and the verdict on how it runs.

pub mod expression;
pub mod painless;
pub mod scope;
pub mod shown;
pub mod udf;
mod verdict;

use std::fmt;

use datafusion_expr::Expr;
use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Place, Result, ScriptPlace};
use crate::plan::expr::{double, placeholder};
use crate::plan::udf::is_deterministic;
use crate::plan::value::Value;
use scope::ScriptScope;
use shown::{Shown, ShownCase};
pub use verdict::{Tier, Verdict, WasmDriver};

/// Names a script of a plan: its index in the plan's [`ScriptTable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ScriptId(pub u32);

/// What a script's result is used for; it decides which result types are allowed and whether `_score` exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ScriptContext {
    /// A `script` query: the result is a boolean.
    Filter,
    /// A score: the result is a number.
    Score,
    /// A `_script` sort of type `number`: the result is a number.
    NumberSort,
    /// A `_script` sort of type `string`: the result is a string.
    StringSort,
    /// A script field: the result is anything.
    Field,
}

/// A script as a body gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScriptSource {
    /// The language; Painless where the body names none.
    pub lang: String,
    /// The source text.
    pub source: String,
    /// The parameters, in the body's order.
    pub params: Vec<(String, Value)>,
}

/// How deep a source may nest, in steps: every stage walks it by recursion. An operator is a step, a pair of brackets
/// is [`BRACKET_STEPS`].
pub(crate) const MAX_DEPTH: usize = 300;

/// How many steps a pair of brackets is: it takes a parser through all levels of precedence.
pub(crate) const BRACKET_STEPS: usize = 3;

impl ScriptSource {
    /// An error at a byte of this source.
    pub fn error(&self, code: Code, offset: usize, reason: impl Into<String>) -> Error {
        let place = ScriptPlace { lang: self.lang.clone(), source: self.source.clone(), offset, path: None };
        Error::new(code, reason).place(Place::Script(place))
    }
}

/// A parameter that is a single value, as a tree and its type; a whole number beyond a long is taken as a double.
pub(crate) fn parameter(name: &str, value: &Value) -> Option<(Expr, ValueType)> {
    Some(match value {
        Value::Bool(_) => (placeholder(name), ValueType::Bool),
        Value::I64(_) => (placeholder(name), ValueType::I64),
        Value::F64(_) => (placeholder(name), ValueType::F64),
        Value::Str(_) => (placeholder(name), ValueType::Str),
        Value::U64(v) => (double(*v as f64), ValueType::F64),
        Value::Null | Value::Ip(_) | Value::List(_) | Value::Object(_) => return None,
    })
}

/// The type of an expression's value, as kernels hold it. Java's `int` is an `I64` kept within 32 bits by the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ValueType {
    /// A double.
    F64,
    /// A long or int; dates are milliseconds since the epoch.
    I64,
    /// A boolean.
    Bool,
    /// A string.
    Str,
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F64 => "double",
            Self::I64 => "long",
            Self::Bool => "boolean",
            Self::Str => "string",
        })
    }
}

/// What a language makes of a source: the tree and the type of its value.
#[derive(Clone, Debug, PartialEq)]
pub struct CompiledScript {
    /// The typed tree, within the subset of [`crate::plan::expr`]. Parameters are placeholders (`$name`).
    pub expr: Expr,
    /// The type of its value.
    pub ty: ValueType,
}

/// A script of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// The source as the body gave it; a function that the DSL itself defines (decay, weight) has a source of its own.
    pub source: ScriptSource,
    /// What the result is used for.
    pub context: ScriptContext,
    /// The JSON paths of all places that use it.
    pub places: Vec<String>,
    /// The tree.
    pub expr: Expr,
    /// The type of its value.
    pub ty: ValueType,
    /// How it runs; set by classification.
    pub verdict: Option<Verdict>,
}

/// The scripts of a plan. The same script at two places is one entry, unless its value may be another each time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScriptTable {
    scripts: Vec<Script>,
}

impl ScriptTable {
    /// Compiles a script, or finds the same one again, and remembers the place.
    ///
    /// # Errors
    /// The language is unknown, the source does not compile or is no tree yet, or its result does not fit the context.
    pub fn add(
        &mut self,
        source: ScriptSource,
        context: ScriptContext,
        scope: ScriptScope<'_>,
        place: &str,
    ) -> Result<ScriptId> {
        let same = |s: &Script| s.source == source && s.context == context && is_deterministic(&s.expr);
        if let Some(found) = self.scripts.iter().position(same) {
            self.scripts[found].places.push(place.to_owned());
            return Ok(ScriptId(found as u32));
        }
        let CompiledScript { expr, ty } = compile(&source, context, scope).map_err(|e| e.at(place))?;
        Ok(self.push(Script { source, context, places: vec![place.to_owned()], expr, ty, verdict: None }))
    }

    /// Compiles the script of a script field; each of its trees is a script of the plan.
    ///
    /// # Errors
    /// See [`Self::add`].
    pub fn add_field(
        &mut self,
        source: &ScriptSource,
        scope: ScriptScope<'_>,
        place: &str,
    ) -> Result<Vec<ShownCase<ScriptId>>> {
        let cases = compile_field(source, scope).map_err(|e| e.at(place))?;
        let mut add = |CompiledScript { expr, ty }| {
            let (source, places) = (source.clone(), vec![place.to_owned()]);
            let context = ScriptContext::Field;
            Ok(self.intern(Script { source, context, places, expr, ty, verdict: None }))
        };
        cases.into_iter().map(|case| case.try_map(&mut add)).collect()
    }

    /// Adds a script that is already a tree.
    pub fn push(&mut self, script: Script) -> ScriptId {
        self.scripts.push(script);
        ScriptId(self.scripts.len() as u32 - 1)
    }

    /// Adds a script that is already a tree, or finds the same one again, and remembers the place.
    pub fn intern(&mut self, script: Script) -> ScriptId {
        let same = |s: &Script| {
            s.source == script.source
                && s.context == script.context
                && s.expr == script.expr
                && is_deterministic(&s.expr)
        };
        match self.scripts.iter().position(same) {
            Some(found) => {
                self.scripts[found].places.extend(script.places);
                ScriptId(found as u32)
            }
            None => self.push(script),
        }
    }

    /// The script of an id.
    ///
    /// # Panics
    /// Where the id is of another table.
    pub fn get(&self, id: ScriptId) -> &Script {
        &self.scripts[id.0 as usize]
    }

    /// The script of an id, to change it.
    ///
    /// # Panics
    /// Where the id is of another table.
    pub fn get_mut(&mut self, id: ScriptId) -> &mut Script {
        &mut self.scripts[id.0 as usize]
    }

    /// All scripts with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (ScriptId, &Script)> {
        self.scripts.iter().enumerate().map(|(i, s)| (ScriptId(i as u32), s))
    }

    /// All scripts, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Script> {
        self.scripts.iter_mut()
    }

    /// How many scripts there are.
    pub fn len(&self) -> usize {
        self.scripts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.scripts.is_empty()
    }
}

/// Compiles a source of any language into a typed tree.
///
/// # Errors
/// See [`ScriptTable::add`]. Not all that a script field may show is one tree: see [`compile_field`].
pub fn compile(source: &ScriptSource, context: ScriptContext, scope: ScriptScope<'_>) -> Result<CompiledScript> {
    match (source.lang.as_str(), context) {
        (_, ScriptContext::Field) => match <[_; 1]>::try_from(compile_field(source, scope)?) {
            Ok([ShownCase { test: None, shown: Shown::Value(script) }]) => Ok(script),
            _ => Err(source.error(Code::ScriptNotTree, 0, "what the script shows is not the value of one tree")),
        },
        ("painless", _) => painless::compile(source, context, scope),
        (lang, _) if udf::is_udf_language(lang) => udf::compile(source, context, scope),
        ("expression", _) => expression::compile(source, context, scope),
        (other, _) => Err(unknown_language(other)),
    }
}

/// Compiles the source of a script field in any language into its cases.
///
/// # Errors
/// See [`ScriptTable::add`].
pub fn compile_field(source: &ScriptSource, scope: ScriptScope<'_>) -> Result<Vec<ShownCase<CompiledScript>>> {
    match source.lang.as_str() {
        "painless" => painless::compile_field(source, scope),
        "expression" => Ok(whole(expression::compile(source, ScriptContext::Field, scope)?)),
        lang if udf::is_udf_language(lang) => Ok(whole(udf::compile(source, ScriptContext::Field, scope)?)),
        other => Err(unknown_language(other)),
    }
}

/// A script field that shows one tree's value.
fn whole(script: CompiledScript) -> Vec<ShownCase<CompiledScript>> {
    vec![ShownCase { test: None, shown: Shown::Value(script) }]
}

fn unknown_language(lang: &str) -> Error {
    Error::new(Code::UnknownLanguage, format!("script language `{lang}` is not known"))
        .expected("one of: painless, expression, wasm, python")
}
