//! What the rules did to a plan, in the order in which they did it.

/// The rules that fired.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Each firing.
    pub firings: Vec<Firing>,
}

/// A rule that changed something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firing {
    /// The rule's name.
    pub rule: &'static str,
    /// What it changed, in a few words.
    pub change: String,
}
