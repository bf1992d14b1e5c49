//! Explains how a search is planned: one tree of text for all stages and all output forms.

use crate::dsl::json;
use crate::dsl::request::SearchRequest;
use crate::dsl::text::body_tree;
use crate::error::Result;
use crate::plan::mapping::Mapping;
use crate::plan::script::scope::ScriptScope;
use crate::plan::text::Tree;
use crate::plan::text::plan::logical_tree;
use crate::planner::{Planner, Request};
use crate::pushdown::plan_physical;
use crate::pushdown::text::{physical_tree, rewrites_tree, scripts_tree};

/// The stages of a request's life that explain shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExplainStage {
    /// The body as it was read.
    Dsl,
    /// What it means: the DAG before any rule.
    Logical,
    /// What each rule changed.
    Rewrites,
    /// What runs where, and the scripts' verdicts.
    Physical,
}

impl ExplainStage {
    /// All stages, in order.
    pub const ALL: &'static [Self] = &[Self::Dsl, Self::Logical, Self::Rewrites, Self::Physical];
}

impl Planner {
    /// Explains stages of a request's plan; [`Tree::render`] gives it any form.
    ///
    /// ```
    /// use serde_json::json;
    /// use shardscript::dsl::mapping::read_mapping;
    /// use shardscript::plan::text::Form;
    /// use shardscript::{ExplainStage, Planner, Request};
    ///
    /// let mapping = read_mapping(&json!({"properties": {"price": {"type": "double"}}}))?;
    /// let request = Request::new(br#"{"query": {"range": {"price": {"gt": 5}}}, "size": 3}"#, 0);
    /// let tree = Planner::default().explain(request, &mapping, &[ExplainStage::Physical])?;
    /// assert!(tree.render(Form::Text).starts_with("-- physical\nMerge size=3 by=_score desc"));
    /// # Ok::<(), shardscript::Error>(())
    /// ```
    ///
    /// # Errors
    /// See [`Planner::logical`].
    pub fn explain(&self, request: Request<'_>, mapping: &Mapping, stages: &[ExplainStage]) -> Result<Tree> {
        json::with_stack_for(json::depth(request.body)?, || self.explain_here(request, mapping, stages))
    }

    fn explain_here(&self, request: Request<'_>, mapping: &Mapping, stages: &[ExplainStage]) -> Result<Tree> {
        let catalog = self.udfs.catalog();
        let scope = ScriptScope { mapping, catalog: &catalog };
        let body = json::parse(request.body)?;
        let mut logical = SearchRequest::read(&body, request.url)?.lower(scope, request.now_ms)?;
        logical.link_scripts();
        let before = logical_tree(&logical);
        let physical = plan_physical(logical, mapping, &self.switches)?;
        let mut tree = Tree::new("plan");
        for stage in stages {
            tree = match stage {
                ExplainStage::Dsl => tree.child(Tree::new("dsl").children(body_tree(&body))),
                ExplainStage::Logical => tree.child(Tree::new("logical").children(before.iter().cloned())),
                ExplainStage::Rewrites => {
                    tree.child(Tree::new("rewrites").children(rewrites_tree(&physical.trace, &self.switches)))
                }
                ExplainStage::Physical => {
                    let tree = tree.child(Tree::new("physical").child(physical_tree(&physical)));
                    match scripts_tree(&physical) {
                        scripts if scripts.is_empty() => tree,
                        scripts => tree.child(Tree::new("scripts").children(scripts)),
                    }
                }
            };
        }
        Ok(tree)
    }
}
