//! What went wrong in a worker, as errors in words.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;

use crate::error::{Code, Error, Place, Result};
use crate::exec::udf::limits::{Limit, Limits, exceeded};
use crate::exec::udf::python::process::{Fault, INTERPRETER, Worker};
use crate::exec::udf::python::protocol::Outcome;
use crate::plan::udf::{PythonMode, UdfProfile, UdfRuntime};

/// What a worker says of a failure.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    reason: String,
    /// The last lines of a traceback.
    traceback: Option<String>,
    /// The arguments of the row that failed.
    arguments: Option<String>,
}

/// So much of a text that a worker sends is shown.
const SHOWN: usize = 4096;

/// The error of a UDF that failed in Python, in a row of the batch or as a whole.
pub(super) fn failed(profile: &UdfProfile, limits: &Limits, outcome: Outcome, row: Option<usize>, said: Said) -> Error {
    let Said { reason, traceback, arguments } = said;
    let called = arguments.map(|arguments| format!(", called with ({})", cut(&arguments))).unwrap_or_default();
    let reason = cut(&reason);
    let error = match outcome {
        Outcome::Memory => exceeded(profile, Limit::Memory, format!("{} bytes", limits.memory)),
        Outcome::Wrong => wrong(profile, &format!("gave {reason}{called}")),
        Outcome::Raised | Outcome::Done => {
            let error = Error::new(Code::UdfFailed, format!("UDF [{profile}] raised {reason}{called}"));
            match traceback {
                Some(traceback) => error.because(Error::new(Code::UdfFailed, cut(&traceback))),
                None => error,
            }
        }
    };
    match row {
        Some(row) => error.place(Place::Row(row)),
        None => error,
    }
}

/// The error of a value that the UDF must not give.
pub(super) fn wrong(profile: &UdfProfile, what: &str) -> Error {
    let each = match profile.runtime {
        UdfRuntime::Python { mode: PythonMode::Vectorised, .. } => "an array of ",
        _ => "",
    };
    Error::new(Code::UdfFailed, format!("UDF [{profile}] {what}")).expected(format!("{each}{}", profile.result))
}

/// The error of a UDF whose worker is of no use any more; a call had `time`.
pub(super) fn fatal(profile: &UdfProfile, time: Duration, fault: Fault) -> Error {
    match fault {
        Fault::Deadline => exceeded(profile, Limit::Deadline, format!("{} ms", time.as_millis())),
        Fault::Ended { how, log } => {
            let error = Error::new(Code::UdfFailed, format!("the Python worker of UDF [{profile}] {how}"));
            with_log(error, log)
        }
        Fault::Nonsense(what) => {
            Error::new(Code::UdfFailed, format!("the Python worker of UDF [{profile}] gave {what}, and was ended"))
        }
    }
}

/// The error of a worker that does not get ready.
pub(super) fn unready(fault: Fault) -> Error {
    let error = |what: &str| {
        Error::new(Code::UdfRuntime, format!("the Python worker {what} before it was ready"))
            .hint(format!("the environment variable {INTERPRETER} names the interpreter, Python 3.9 or later"))
    };
    match fault {
        Fault::Deadline => error("took too long"),
        Fault::Ended { how, log } => with_log(error(&how), log),
        Fault::Nonsense(what) => error(&format!("gave {what}")),
    }
}

/// Refuses a vectorised UDF where the worker has no NumPy.
pub(super) fn require_numpy(worker: &Worker, udf: impl fmt::Display) -> Result<()> {
    if worker.hello().is_some_and(|hello| hello.numpy.is_some()) {
        return Ok(());
    }
    let interpreter = worker.interpreter();
    Err(Error::new(Code::UdfRuntime, format!("UDF [{udf}] is vectorised, and `{interpreter}` has no NumPy"))
        .hint(format!("`{interpreter} -m pip install numpy` installs it")))
}

fn with_log(error: Error, log: String) -> Error {
    if log.is_empty() { error } else { error.because(Error::new(Code::UdfFailed, log)) }
}

/// A text of bounded length.
fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
