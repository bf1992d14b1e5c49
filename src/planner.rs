//! The coordinator's door: from the bytes of a search to a plan that can be run.

use crate::dsl::json;
use crate::dsl::request::plan_request;
use crate::error::Result;
use crate::exec::cluster;
use crate::exec::index::Index;
use crate::exec::response::Response;
use crate::exec::udf::Udfs;
use crate::plan::graph::LogicalPlan;
use crate::plan::mapping::Mapping;
use crate::plan::script::scope::ScriptScope;
use crate::pushdown::physical::PhysicalPlan;
use crate::pushdown::plan_physical;
use crate::pushdown::rule::Switches;

/// A search as it comes in: the body, and what stands in the URL.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The body's bytes; none at all match everything.
    pub body: &'a [u8],
    /// The URL parameters, such as `?size=1`; empty where there are none.
    pub url: &'a str,
    /// The time that `now` means, in milliseconds since the epoch.
    pub now_ms: i64,
}

impl<'a> Request<'a> {
    /// A request without URL parameters.
    pub fn new(body: &'a [u8], now_ms: i64) -> Self {
        Self { body, url: "", now_ms }
    }

    /// Works on the request where the stack is large enough for the depth of its body.
    fn with_stack<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        json::with_stack_for(json::depth(self.body)?, work)
    }
}

/// Plans searches.
#[derive(Clone, Debug, Default)]
pub struct Planner {
    /// Which rules are switched off.
    pub switches: Switches,
    /// The deployed UDFs. Each plan is made of one snapshot of them, and its calls keep the versions that it found.
    pub udfs: Udfs,
}

impl Planner {
    /// What a request asks for under a mapping, before any rule.
    ///
    /// # Errors
    /// The body is not JSON, says something wrong or something that does not fit the mapping, or a script does not
    /// compile.
    pub fn logical(&self, request: Request<'_>, mapping: &Mapping) -> Result<LogicalPlan> {
        let catalog = self.udfs.catalog();
        let scope = ScriptScope { mapping, catalog: &catalog };
        request.with_stack(|| plan_request(request.body, request.url, scope, request.now_ms))
    }

    /// Where and how a request runs: the shards' fragment and the coordinator's part.
    ///
    /// # Errors
    /// See [`Planner::logical`].
    pub fn plan(&self, request: Request<'_>, mapping: &Mapping) -> Result<PhysicalPlan> {
        let catalog = self.udfs.catalog();
        let scope = ScriptScope { mapping, catalog: &catalog };
        request.with_stack(|| {
            let logical = plan_request(request.body, request.url, scope, request.now_ms)?;
            plan_physical(logical, mapping, &self.switches)
        })
    }

    /// Plans a request and runs it over an index.
    ///
    /// # Errors
    /// See [`Planner::logical`]; or a script fails on a document.
    pub fn search(&self, request: Request<'_>, index: &Index) -> Result<Response> {
        self.run(request, index, cluster::search)
    }

    /// Plans a request and runs it as [`Planner::search`], and measures how long each operator takes.
    ///
    /// # Errors
    /// As [`Planner::search`].
    pub fn analyze(&self, request: Request<'_>, index: &Index) -> Result<Response> {
        self.run(request, index, cluster::analyze)
    }

    fn run(
        &self,
        request: Request<'_>,
        index: &Index,
        search: impl FnOnce(&Index, &PhysicalPlan, &Udfs) -> Result<Response> + Send,
    ) -> Result<Response> {
        let catalog = self.udfs.catalog();
        let scope = ScriptScope { mapping: index.mapping(), catalog: &catalog };
        request.with_stack(|| {
            let logical = plan_request(request.body, request.url, scope, request.now_ms)?;
            search(index, &plan_physical(logical, index.mapping(), &self.switches)?, &self.udfs)
        })
    }
}
