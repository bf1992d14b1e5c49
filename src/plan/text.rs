//! One tree of text feeds every form in which explain shows a plan: text, JSON, DOT, Mermaid, HTML.
//!
//! Keys come in fixed order; there are no addresses and no hash order, so the same plan always reads the same.

pub mod expr;
mod forms;
pub mod plan;
pub mod query;

use std::fmt;

/// A line of explain, with what stands below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// What it is, such as `TopHits`.
    pub name: String,
    /// What it works on, such as an expression; may be empty.
    pub detail: String,
    /// Its properties, in fixed order.
    pub props: Vec<(&'static str, String)>,
    /// Why it is so.
    pub note: Option<String>,
    /// What stands below it.
    pub children: Vec<Self>,
}

/// The forms that a tree can take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Indented lines.
    #[default]
    Text,
    /// Nested objects.
    Json,
    /// A digraph for Graphviz.
    Dot,
    /// A flowchart for Mermaid.
    Mermaid,
    /// A page of nested lists.
    Html,
}

/// Notes start at this column, where the line leaves room.
const NOTE_COLUMN: usize = 56;

impl Tree {
    /// A line of a name only.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Says what it works on.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Adds a property.
    #[must_use]
    pub fn prop(mut self, key: &'static str, value: impl fmt::Display) -> Self {
        self.props.push((key, value.to_string()));
        self
    }

    /// Adds a property where there is one.
    #[must_use]
    pub fn prop_if(self, key: &'static str, value: Option<impl fmt::Display>) -> Self {
        match value {
            Some(value) => self.prop(key, value),
            None => self,
        }
    }

    /// Says why it is so.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    /// Puts a tree below.
    #[must_use]
    pub fn child(mut self, child: Self) -> Self {
        self.children.push(child);
        self
    }

    /// Puts trees below.
    #[must_use]
    pub fn children(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// The tree in a form. A tree that is shown is a plan: its children are stages.
    pub fn render(&self, form: Form) -> String {
        match form {
            Form::Text => self.to_text(),
            Form::Json => forms::json(self),
            Form::Dot => forms::dot(self),
            Form::Mermaid => forms::mermaid(self),
            Form::Html => forms::html(self),
        }
    }

    /// Stages under `-- name` headings, each with its lines.
    fn to_text(&self) -> String {
        let mut out = String::new();
        for stage in &self.children {
            out.push_str("-- ");
            out.push_str(&stage.line());
            out.push('\n');
            stage.children.iter().for_each(|child| child.write_lines(0, &mut out));
        }
        out
    }

    fn write_lines(&self, indent: usize, out: &mut String) {
        let mut line = "  ".repeat(indent) + &self.line();
        if let Some(note) = &self.note {
            let width = line.chars().count();
            line.push_str(&" ".repeat(NOTE_COLUMN.saturating_sub(width).max(2)));
            line.push_str(note);
        }
        out.push_str(line.trim_end());
        out.push('\n');
        self.children.iter().for_each(|child| child.write_lines(indent + 1, out));
    }

    /// Name, detail and properties, without the note.
    fn line(&self) -> String {
        let mut line = self.name.clone();
        if !self.detail.is_empty() {
            line.push(' ');
            line.push_str(&self.detail);
        }
        for (key, value) in &self.props {
            line.push_str(&format!(" {key}={value}"));
        }
        // A source text may hold line breaks; a line of explain does not.
        line.replace(['\n', '\r'], " ")
    }
}
