//! What a rule is, and which rules are switched on.

use datafusion_expr::Expr;

use crate::error::{Code, Error, Result, did_you_mean};
use crate::plan::graph::LogicalPlan;
use crate::plan::mapping::Mapping;
use crate::plan::query::{Query, Scope};
use crate::plan::script::{Script, ScriptTable};
use crate::pushdown::pipeline;

/// A rewrite that keeps every answer, every score and every error as they are.
#[derive(Debug)]
pub struct Rule {
    /// A verb, in the trace, in `--disable` and in the name of its file.
    pub name: &'static str,
    /// What becomes of what, in one line: `before => after`.
    pub summary: &'static str,
    /// The rewrite.
    pub apply: Apply,
}

/// What a rule looks at. A rule says what it changed, or `None` where it found nothing that is its own; it does not
/// walk: the driver does, and it stops rules that go in circles.
#[derive(Clone, Copy, Debug)]
pub enum Apply {
    /// One query of a tree; its children have been visited.
    Query(fn(&mut Query, Scope) -> Option<String>),
    /// One form of a script's tree; its operands have been visited.
    Expr(fn(&mut Expr) -> Option<String>),
    /// One query of a tree, with the scripts and the mapping; its children have been visited.
    ScriptQuery(fn(&mut Query, &mut ScriptTable, &Mapping) -> Option<String>),
    /// One script that an operator uses, as a whole, with the mapping.
    Script(fn(&mut Script, &Mapping) -> Option<String>),
    /// The whole plan.
    Plan(fn(&mut LogicalPlan) -> Option<String>),
}

/// Which rules are switched off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// One bit a rule, in the order of the pipeline.
    off: u64,
}

impl Switches {
    /// All rules but these.
    ///
    /// # Errors
    /// There is no rule of that name.
    pub fn without<S: AsRef<str>>(names: &[S]) -> Result<Self> {
        let mut off = 0;
        for name in names {
            let name = name.as_ref();
            let index = pipeline::rules().position(|rule| rule.name == name).ok_or_else(|| unknown_rule(name))?;
            off |= 1 << index;
        }
        Ok(Self { off })
    }

    /// No rule at all.
    pub fn none() -> Self {
        Self { off: u64::MAX }
    }

    /// Whether the rule at an index of the pipeline is on.
    pub(crate) fn is_on(self, index: usize) -> bool {
        self.off & (1 << index) == 0
    }
}

fn unknown_rule(name: &str) -> Error {
    let e = Error::new(Code::UnknownRule, format!("no rule is called `{name}`"));
    match did_you_mean(name, pipeline::rules().map(|rule| rule.name)) {
        Some(near) => e.hint(format!("did you mean `{near}`?")),
        None => {
            e.expected(format!("one of: {}", pipeline::rules().map(|rule| rule.name).collect::<Vec<_>>().join(", ")))
        }
    }
}
