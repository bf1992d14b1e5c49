//! The syntax tree. What no tree can be made of is kept as little as its refusal needs.

/// A whole source.
#[derive(Debug)]
pub(super) struct Program {
    /// Where the first function is defined, if one is.
    pub(super) function: Option<usize>,
    pub(super) statements: Vec<Statement>,
}

/// A statement and where it starts.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) at: usize,
    pub(super) kind: StatementKind,
}

#[derive(Debug)]
pub(super) enum StatementKind {
    /// `int a = 1, b`: a type, and names with their places and values.
    Declare(TypeName, Vec<(String, usize, Option<Node>)>),
    /// `if (test) {..} else {..}`.
    If(Node, Vec<Statement>, Option<Vec<Statement>>),
    /// `return value`.
    Return(Node),
    /// An expression.
    Expression(Node),
    /// `break`, `continue`: only loops have them.
    Jump(&'static str),
    /// A statement that no tree can be made of yet, such as "a loop".
    Other(&'static str),
}

/// The name of a type as written, with the number of its `[]`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TypeName {
    pub(super) name: String,
    pub(super) dimensions: usize,
    pub(super) at: usize,
}

/// An expression and where it starts; for `.name` and `[index]` where the dot or bracket is.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) at: usize,
    pub(super) kind: NodeKind,
}

impl Node {
    /// Where the last step is that the JVM takes for the expression and knows the place of: a call, a member, an
    /// operator; none where it only reads variables and constants. An error of the next operation is reported there.
    pub(super) fn last_step(&self) -> Option<usize> {
        match &self.kind {
            NodeKind::Call(..) | NodeKind::Member(..) | NodeKind::Method(..) | NodeKind::Index(..) => Some(self.at),
            NodeKind::Binary(_, left, right) => right.last_step().or_else(|| left.last_step()).or(Some(self.at)),
            NodeKind::Unary(_, operand) | NodeKind::Cast(_, operand) => operand.last_step(),
            NodeKind::Elvis(left, right) => right.last_step().or_else(|| left.last_step()),
            NodeKind::Conditional(parts) => parts.iter().rev().find_map(Self::last_step),
            _ => None,
        }
    }
}

#[derive(Debug)]
pub(super) enum NodeKind {
    Int(i32),
    Long(i64),
    Float(f32),
    Double(f64),
    Bool(bool),
    Text(String),
    Null,
    Name(String),
    /// `name(args)`.
    Call(String, Vec<Node>),
    /// `target.name`.
    Member(Box<Node>, String, NullSafe),
    /// `target.name(args)`.
    Method(Box<Node>, String, NullSafe, Vec<Node>),
    /// `target[index]`.
    Index(Box<Node>, Box<Node>),
    Unary(&'static str, Box<Node>),
    Binary(&'static str, Box<Node>, Box<Node>),
    Cast(TypeName, Box<Node>),
    /// `value instanceof Type`.
    InstanceOf(Box<Node>, TypeName),
    Conditional(Box<[Node; 3]>),
    Elvis(Box<Node>, Box<Node>),
    /// `target = value`, or `target op= value`.
    Assign(Box<Node>, Option<&'static str>, Box<Node>),
    /// `++x`, `x--`.
    Increment(Box<Node>, Step),
    /// `new Name(..)`, with the name's place.
    New(TypeName),
    /// An expression that no tree can be made of yet, such as "a list".
    Other(&'static str),
}

/// Whether a member of null is null (`?.`) or an error (`.`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NullSafe {
    Yes,
    No,
}

/// An increment: by 1 or -1, and whether its value is that before (`x++`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) by: i32,
    pub(super) value_before: bool,
}
