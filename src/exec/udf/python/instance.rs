//! A Python UDF that is ready to be called: a batch goes to its worker in parts, and the results come back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::error::Result;
use crate::exec::context::Deadline;
use crate::exec::udf::bounds::check_bounds;
use crate::exec::udf::limits::{Limit, Limits, exceeded};
use crate::exec::udf::python::batch_rows;
use crate::exec::udf::python::columns::{Columns, Encoder, Part};
use crate::exec::udf::python::failure::{Said, failed, fatal, require_numpy, wrong};
use crate::exec::udf::python::pool::{Loaded, Permit, Pool};
use crate::exec::udf::python::process::{Fault, Worker};
use crate::exec::udf::python::protocol::{Answer, Outcome, Request};
use crate::exec::udf::python::results::{Decoder, Place};
use crate::exec::udf::rows::Rows;
use crate::exec::udf::{Calls, Input, Instance};
use crate::plan::function::batch::BatchMut;
use crate::plan::udf::{PythonMode, UdfProfile, UdfRuntime, UdfType};

/// A UDF and, from its first call on, the worker that runs it.
#[derive(Debug)]
pub(super) struct PythonInstance {
    pool: Arc<Pool>,
    profile: Arc<UdfProfile>,
    source: Arc<str>,
    signature: Vec<UdfType>,
    worker: Option<(Loaded, Permit)>,
    encoder: Encoder,
    decoder: Decoder,
    /// How many rows go to the worker at once.
    most: usize,
    picked: Vec<u32>,
}

impl PythonInstance {
    pub(super) fn new(pool: Arc<Pool>, profile: Arc<UdfProfile>, source: Arc<str>) -> Self {
        let UdfRuntime::Python { mode, .. } = profile.runtime else { unreachable!("it is a Python UDF") };
        Self {
            signature: profile.signature(),
            most: batch_rows(mode),
            pool,
            profile,
            source,
            worker: None,
            encoder: Encoder::default(),
            decoder: Decoder::default(),
            picked: Vec::new(),
        }
    }

    /// The worker of the last call if it is still sound, else one that has loaded this UDF before, else a new one.
    fn worker(&mut self, deadline: Deadline) -> Result<(Loaded, Permit)> {
        if let Some((loaded, permit)) = self.worker.take()
            && loaded.worker.is_quiet()
        {
            return Ok((loaded, permit));
        }
        let permit = self.pool.permit()?;
        if let Some(loaded) = self.pool.idle(&self.profile) {
            return Ok((loaded, permit));
        }
        let begin = Instant::now();
        let mut worker = self.pool.take(deadline.end()).map_err(|e| match deadline.is_over() {
            true => exceeded(&self.profile, Limit::Deadline, format!("{} ms", begin.elapsed().as_millis())),
            false => e,
        })?;
        // The next one that is needed is ready then.
        self.pool.warm_up();
        if let UdfRuntime::Python { mode: PythonMode::Vectorised, .. } = self.profile.runtime {
            require_numpy(&worker, &self.profile)?;
        }
        self.load(&mut worker, deadline)?;
        Ok((Loaded { worker, profile: Arc::clone(&self.profile) }, permit))
    }

    fn load(&self, worker: &mut Worker, deadline: Deadline) -> Result<()> {
        let UdfRuntime::Python { function, mode, .. } = &self.profile.runtime else {
            unreachable!("it is a Python UDF")
        };
        let args: Vec<_> = self.signature.iter().map(|ty| ty.name()).collect();
        let result = self.profile.result.name();
        let asked = json!({"source": *self.source, "function": function, "mode": mode, "args": args, "result": result});
        let time = Time::of_call(&self.pool.limits, deadline);
        let answer = worker.ask_about(Request::Load, asked.to_string().as_bytes(), time.end);
        let answer = answer.map_err(|fault| fatal(&self.profile, time.allowed, fault))?;
        self.succeeded(worker, &answer, 0, time)
    }

    /// Runs all rows, part by part.
    fn run(
        &mut self,
        worker: &mut Worker,
        rows: Rows<'_>,
        deadline: Deadline,
        inputs: &[Input<'_>],
        out: &mut BatchMut<'_>,
    ) -> Result<()> {
        let time = Time::of_call(&self.pool.limits, deadline);
        let (result, most) = (self.profile.result, self.most);
        let mut start = 0;
        while start < rows.len() {
            let part = Part { inputs, types: &self.signature, result, rows, start, most };
            let columns = self.encoder.encode(part);
            let columns = columns.map_err(|what| wrong(&self.profile, &format!("cannot be called: {what}")))?;
            let Columns { rows: count, results, text, .. } = columns;
            let written = columns.write(&worker.area).map_err(|e| Fault::Nonsense(e.to_string()));
            drop(columns);
            let answer = written.and_then(|()| worker.ask(Request::Call, count as u32, text, time.end));
            let answer = answer.map_err(|fault| fatal(&self.profile, time.allowed, fault))?;
            self.succeeded(worker, &answer, start, time)?;
            let place = Place { values: results, text, text_bytes: answer.length as usize };
            let decoded = self.decoder.decode(&worker.area, place, result, rows, start..start + count, out);
            decoded.map_err(|what| {
                worker.sound = false;
                fatal(&self.profile, time.allowed, Fault::Nonsense(what.0.to_owned()))
            })?;
            check_bounds(&self.profile, out, rows, start..start + count)?;
            start += count;
        }
        Ok(())
    }

    /// The error of an answer that says that it failed, if it does; its rows begin with row `start` of the batch.
    fn succeeded(&self, worker: &Worker, answer: &Answer, start: usize, time: Time) -> Result<()> {
        if answer.outcome == Outcome::Done {
            return Ok(());
        }
        let said: Said = worker.said(answer).map_err(|fault| fatal(&self.profile, time.allowed, fault))?;
        let row = answer.row.map(|row| start + row as usize);
        Err(failed(&self.profile, &self.pool.limits, answer.outcome, row, said))
    }
}

impl Instance for PythonInstance {
    fn call(&mut self, calls: Calls<'_>, inputs: &[Input<'_>], out: &mut BatchMut<'_>) -> Result<()> {
        let mut picked = std::mem::take(&mut self.picked);
        let rows = Rows::of(calls, &mut picked);
        let result = if rows.len() == 0 {
            Ok(())
        } else {
            self.worker(calls.deadline).and_then(|(mut loaded, permit)| {
                let result = self.run(&mut loaded.worker, rows, calls.deadline, inputs, out);
                if loaded.worker.sound {
                    self.worker = Some((loaded, permit));
                }
                result
            })
        };
        if let BatchMut::Str(_, spans) = out {
            spans.resize(calls.rows, (0, 0));
        }
        self.picked = picked;
        result
    }

    fn tier(&self) -> &'static str {
        "python"
    }
}

impl Drop for PythonInstance {
    fn drop(&mut self) {
        if let Some((loaded, _permit)) = self.worker.take() {
            self.pool.give_back(loaded);
        }
    }
}

/// How long a request may take.
#[derive(Clone, Copy, Debug)]
struct Time {
    end: Instant,
    allowed: Duration,
}

impl Time {
    /// As long as a batch of calls may take, and no longer than the search has.
    fn of_call(limits: &Limits, deadline: Deadline) -> Self {
        let now = Instant::now();
        let end = deadline.end().into_iter().fold(now + limits.call, Instant::min);
        Self { end, allowed: end.saturating_duration_since(now) }
    }
}
