//! What a script field shows: what one tree computes, or what no tree gives (null, a list, a point), by cases.
//!
//! A script such as `doc['x'].size() == 0 ? null : doc['x'].value` has no single type, so it becomes a list of cases, each
//! with a test. Trees stay free of null, lists and objects.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::plan::value::Value;

/// A case of a script field; of several the first whose test is true counts. `T` is a tree, or its id in a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShownCase<T> {
    /// A boolean tree; `None`: always.
    pub test: Option<T>,
    /// What is shown.
    pub shown: Shown<T>,
}

/// What a script field shows in one case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Shown<T> {
    /// The value of a tree.
    Value(T),
    /// Null.
    Null,
    /// All values of a field; without any, the script field is dropped.
    Values(String),
    /// A geo point: its latitude and longitude.
    Point(T, T),
    /// A list or an object of the parameters; an empty list drops the script field.
    Constant(Value),
}

impl<T> ShownCase<T> {
    /// The same case with other trees.
    ///
    /// # Errors
    /// As `f` says.
    pub fn try_map<U>(self, f: &mut dyn FnMut(T) -> Result<U>) -> Result<ShownCase<U>> {
        let test = self.test.map(&mut *f).transpose()?;
        let shown = match self.shown {
            Shown::Value(tree) => Shown::Value(f(tree)?),
            Shown::Null => Shown::Null,
            Shown::Values(path) => Shown::Values(path),
            Shown::Point(lat, lon) => Shown::Point(f(lat)?, f(lon)?),
            Shown::Constant(value) => Shown::Constant(value),
        };
        Ok(ShownCase { test, shown })
    }

    /// Every tree, in the order of evaluation.
    pub fn trees(&self) -> impl Iterator<Item = &T> {
        let shown = match &self.shown {
            Shown::Value(tree) => [Some(tree), None],
            Shown::Point(lat, lon) => [Some(lat), Some(lon)],
            Shown::Null | Shown::Values(_) | Shown::Constant(_) => [None, None],
        };
        self.test.iter().chain(shown.into_iter().flatten())
    }

    /// Every tree, to change it.
    pub fn trees_mut(&mut self) -> impl Iterator<Item = &mut T> {
        let shown = match &mut self.shown {
            Shown::Value(tree) => [Some(tree), None],
            Shown::Point(lat, lon) => [Some(lat), Some(lon)],
            Shown::Null | Shown::Values(_) | Shown::Constant(_) => [None, None],
        };
        self.test.iter_mut().chain(shown.into_iter().flatten())
    }
}
