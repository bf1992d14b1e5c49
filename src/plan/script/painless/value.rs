//! What an expression becomes: a typed tree, something that exists only while compiling, or a choice between such.
//!
//! Where Painless decides by the document which type a value has (`x.size() == 0 ? null : x.value`), the choice is
//! kept: [`Value::Either`] holds both with their test, and what is done to the value is done to both ([`spread`]). Where
//! both come to the same type they join into one tree.

use datafusion_expr::Expr;

use super::types::Type;
use crate::error::Result;
use crate::plan::expr::case;
use crate::plan::field::DocType;
use crate::plan::value::Value as Constant;

/// What an expression becomes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A tree and its type.
    One(Typed),
    /// The first where the test is true, else the second.
    Either(Box<(Expr, Self, Self)>),
    /// Null: a literal of the source, or found at run time (a parameter that is not there).
    Null(Binding),
    /// An error where it is evaluated.
    Fails(Failure),
    /// `doc`.
    Doc,
    /// `doc['path']`.
    Field(String, DocType),
    /// `doc['path'].value` of a geo point, and where it stands.
    Point(String, usize),
    /// `params`, or an object in it.
    Params(Vec<(String, Constant)>, ParamsPlace),
    /// A list in `params`.
    List(Vec<Constant>),
    /// A class, to call its static methods.
    Class(String),
}

/// Whether these are the parameters themselves: their members stay placeholders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ParamsPlace {
    Root,
    Inner,
}

/// A tree and what is known of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Typed {
    pub(super) expr: Expr,
    pub(super) ty: Type,
    pub(super) binding: Binding,
    /// The value, where the source or a parameter says it.
    pub(super) known: Option<Constant>,
}

/// When Painless knows the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binding {
    /// When it compiles, and the value too: a literal, or made of literals.
    Literal,
    /// When it compiles.
    Static,
    /// When it runs (`def`): errors of type are errors of the document.
    Dynamic,
}

/// An error at run time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Failure {
    pub(super) ty: &'static str,
    pub(super) reason: String,
    pub(super) at: usize,
}

impl Typed {
    /// A tree whose type Painless knows when it compiles.
    pub(super) fn of(expr: Expr, ty: Type) -> Self {
        Self { expr, ty, binding: Binding::Static, known: None }
    }

    /// The same tree with another binding.
    pub(super) fn bound(self, binding: Binding) -> Self {
        Self { binding, ..self }
    }

    pub(super) fn is_dynamic(&self) -> bool {
        self.binding == Binding::Dynamic
    }
}

impl From<Typed> for Value {
    fn from(typed: Typed) -> Self {
        Self::One(typed)
    }
}

impl Value {
    /// A tree whose type Painless knows when it compiles.
    pub(super) fn of(expr: Expr, ty: Type) -> Self {
        Self::One(Typed::of(expr, ty))
    }

    /// A tree whose type Painless knows when it runs.
    pub(super) fn dynamic(expr: Expr, ty: Type) -> Self {
        Self::One(Typed::of(expr, ty).bound(Binding::Dynamic))
    }

    pub(super) fn fails(ty: &'static str, at: usize, reason: impl Into<String>) -> Self {
        Self::Fails(Failure { ty, reason: reason.into(), at })
    }

    /// The one or the other; one tree where both have the same type.
    pub(super) fn either(test: Expr, a: Self, b: Self) -> Self {
        use datafusion_common::ScalarValue;
        if let Expr::Literal(ScalarValue::Boolean(Some(test)), _) = test {
            return if test { a } else { b };
        }
        match (a, b) {
            (Self::One(a), Self::One(b)) if a.ty == b.ty => {
                let binding = if a.is_dynamic() || b.is_dynamic() { Binding::Dynamic } else { Binding::Static };
                let expr = if a.expr == b.expr { a.expr } else { case(test, a.expr, b.expr) };
                Self::One(Typed::of(expr, a.ty).bound(binding))
            }
            (a, b) if a == b => a,
            (a, b) => Self::Either(Box::new((test, a, b))),
        }
    }

    /// The same value as a variable of type `def` holds it.
    pub(super) fn into_dynamic(self) -> Self {
        match self {
            Self::One(typed) => Self::One(typed.bound(Binding::Dynamic)),
            Self::Null(_) => Self::Null(Binding::Dynamic),
            Self::Either(choice) => {
                let (test, a, b) = *choice;
                Self::Either(Box::new((test, a.into_dynamic(), b.into_dynamic())))
            }
            other => other,
        }
    }

    /// The name of the type in messages.
    pub(super) fn type_name(&self) -> String {
        match self {
            Self::One(typed) if typed.is_dynamic() => typed.ty.class().to_owned(),
            Self::One(typed) => typed.ty.name().to_owned(),
            Self::Null(_) | Self::Fails(_) | Self::Either(_) => "java.lang.Object".to_owned(),
            Self::Doc | Self::Params(..) => "java.util.Map".to_owned(),
            Self::Field(..) => "org.opensearch.index.fielddata.ScriptDocValues".to_owned(),
            Self::Point(..) => "org.opensearch.common.geo.GeoPoint".to_owned(),
            Self::List(_) => "java.util.ArrayList".to_owned(),
            Self::Class(name) => name.clone(),
        }
    }

    /// Whether a type is decided for each document: nothing that is done to it can be refused when compiling.
    pub(super) fn is_dynamic(&self) -> bool {
        match self {
            Self::One(typed) => typed.is_dynamic(),
            Self::Null(binding) => *binding == Binding::Dynamic,
            Self::Class(_) => false,
            Self::Either(_)
            | Self::Fails(_)
            | Self::Doc
            | Self::Field(..)
            | Self::Point(..)
            | Self::Params(..)
            | Self::List(_) => true,
        }
    }
}

/// Does something to values that holds for each choice among them. An argument that fails is the failure.
pub(super) fn spread(values: Vec<Value>, f: &mut dyn FnMut(Vec<Value>) -> Result<Value>) -> Result<Value> {
    for value in &values {
        match value {
            Value::Either(choice) => {
                let test = choice.0.clone();
                let then = spread(values.iter().map(|v| assume(v, &test, true)).collect(), f)?;
                let otherwise = spread(values.iter().map(|v| assume(v, &test, false)).collect(), f)?;
                return Ok(Value::either(test, then, otherwise));
            }
            Value::Fails(_) => return Ok(value.clone()),
            _ => {}
        }
    }
    f(values)
}

/// The value where a test is known to be true or false.
fn assume(value: &Value, test: &Expr, truth: bool) -> Value {
    match value {
        Value::Either(choice) if choice.0 == *test => assume(if truth { &choice.1 } else { &choice.2 }, test, truth),
        other => other.clone(),
    }
}
