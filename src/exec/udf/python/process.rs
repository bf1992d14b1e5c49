//! A worker process: started, asked, ended. It runs code that may do anything; what comes from it is read in bounded
//! pieces, and waiting for it always has an end.

use std::hash::{BuildHasher, RandomState};
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{Code, Error, Result};
use crate::exec::udf::limits::Limits;
use crate::exec::udf::python::area::{AREA, Area};
use crate::exec::udf::python::protocol::{ANSWER, Answer, Outcome, Request, answer, request};

/// The program of a worker, its files in one.
const PROGRAM: &str = concat!(
    include_str!("worker/lockdown.py"),
    include_str!("worker/columns.py"),
    include_str!("worker/calls.py"),
    include_str!("worker/inspect.py"),
    include_str!("worker/formula.py"),
    include_str!("worker/main.py"),
);

/// The environment variable that names the interpreter.
pub(super) const INTERPRETER: &str = "SHARDSCRIPT_PYTHON";

/// How much of what a worker prints is kept: its end.
const LOG: usize = 2048;

/// How long a worker that has closed its channel may take to end, so that it says how.
const LAST_WORDS: Duration = Duration::from_millis(20);

/// A worker process. It is killed with all that belongs to it when it is dropped.
#[derive(Debug)]
pub(super) struct Worker {
    child: Child,
    ended: Option<ExitStatus>,
    channel: UnixStream,
    pub(super) area: Area,
    log: Log,
    nonce: u64,
    interpreter: String,
    hello: Option<Hello>,
    /// Whether it can be asked again.
    pub(super) sound: bool,
}

/// What a worker says when it is ready.
#[derive(Clone, Debug, Deserialize)]
pub struct Hello {
    /// The version of Python.
    pub python: String,
    /// The version of NumPy, if there is one.
    pub numpy: Option<String>,
    /// The lines of defence that this machine does not grant.
    pub lacking: Vec<String>,
}

/// Why a worker gave no answer. It is of no use afterwards.
#[derive(Debug)]
pub(super) enum Fault {
    /// The time was over.
    Deadline,
    /// It ended; how, and what it printed last.
    Ended { how: String, log: String },
    /// It does not keep to the protocol.
    Nonsense(String),
}

impl Worker {
    /// Starts a worker; it gets ready by itself.
    pub(super) fn start(interpreter: &str, limits: &Limits) -> Result<Self> {
        let failed = |e: std::io::Error| {
            Error::new(Code::UdfRuntime, format!("the Python interpreter `{interpreter}` does not start: {e}"))
                .hint(format!("the environment variable {INTERPRETER} names one"))
        };
        let (channel, theirs) = UnixStream::pair().map_err(failed)?;
        let area = Area::new().map_err(failed)?;
        let mut command = Command::new(interpreter);
        command
            // Isolated from the environment and from the user's packages; writes no bytecode.
            .args(["-I", "-B", "-X", "utf8", "-c", PROGRAM])
            .args([std::process::id() as usize, AREA, limits.memory].map(|number| number.to_string()))
            .env_clear()
            .envs(["PATH", "LD_LIBRARY_PATH"].iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
            // One thread: more would be denied.
            .envs(["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"].map(|name| (name, "1")))
            // The arrays of a batch would be given back to the kernel after each operation, and every page fetched anew.
            .envs(["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"].map(|name| (name, "33554432")))
            .current_dir("/")
            .process_group(0)
            .stdin(OwnedFd::from(theirs))
            .stdout(area.as_fd().try_clone_to_owned().map_err(failed)?)
            .stderr(Stdio::piped());
        let mut child = command.spawn().map_err(failed)?;
        let log = Log { pipe: child.stderr.take(), end: Vec::new() };
        // No other worker, and no earlier answer, has the same.
        let nonce = RandomState::new().hash_one(child.id());
        Ok(Self {
            child,
            ended: None,
            channel,
            area,
            log,
            nonce,
            interpreter: interpreter.to_owned(),
            hello: None,
            sound: true,
        })
    }

    /// Waits until the worker is ready.
    pub(super) fn ready(&mut self, end: Instant) -> Result<(), Fault> {
        if self.hello.is_none() {
            let answer = self.answer(0, 0, end)?;
            self.hello = Some(self.said(&answer)?);
        }
        Ok(())
    }

    /// Whether the worker can be asked again: it is alive, and has said nothing that it was not asked for.
    pub(super) fn is_quiet(&self) -> bool {
        if !self.sound {
            return false;
        }
        let mut fds = [PollFd::new(&self.channel, PollFlags::IN)];
        matches!(poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })), Ok(0))
    }

    /// The interpreter that runs it.
    pub(super) fn interpreter(&self) -> &str {
        &self.interpreter
    }

    /// What it said when it got ready.
    pub(super) fn hello(&self) -> Option<&Hello> {
        self.hello.as_ref()
    }

    /// Sends a request about so many rows whose bytes are in the area, and waits for the answer.
    pub(super) fn ask(&mut self, asked: Request, rows: u32, length: usize, end: Instant) -> Result<Answer, Fault> {
        self.nonce = self.nonce.wrapping_add(1);
        let frame = request(asked, self.nonce, rows, length as u32);
        let answer = match self.channel.write_all(&frame) {
            Ok(()) => self.answer(self.nonce, rows, end),
            Err(_) => Err(self.gone()),
        };
        // After an exception Python goes on; where memory was short, much may be broken.
        self.sound = answer.as_ref().is_ok_and(|answer| answer.outcome != Outcome::Memory);
        answer
    }

    /// Puts a text into the area and asks.
    pub(super) fn ask_about(&mut self, asked: Request, text: &[u8], end: Instant) -> Result<Answer, Fault> {
        self.area.write(0, text).map_err(|e| Fault::Nonsense(format!("an area that cannot be written: {e}")))?;
        self.ask(asked, 0, text.len(), end)
    }

    /// What an answer left in the area.
    pub(super) fn said<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, Fault> {
        let mut text = vec![0; answer.length as usize];
        let read = self.area.read(0, &mut text).map_err(|e| e.to_string());
        let said = read.and_then(|()| serde_json::from_slice(&text).map_err(|e| e.to_string()));
        said.map_err(|e| Fault::Nonsense(format!("an answer that cannot be read: {e}")))
    }

    fn answer(&mut self, nonce: u64, rows: u32, end: Instant) -> Result<Answer, Fault> {
        let (mut frame, mut read) = ([0; ANSWER], 0);
        while read < ANSWER {
            self.wait(end)?;
            match self.channel.read(&mut frame[read..]) {
                Ok(0) => return Err(self.gone()),
                Ok(bytes) => read += bytes,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(self.gone()),
            }
        }
        answer(&frame, nonce, rows, AREA).ok_or_else(|| Fault::Nonsense("an answer that is none".to_owned()))
    }

    /// Waits until the channel has something to read, and meanwhile takes in what the worker prints.
    fn wait(&mut self, end: Instant) -> Result<(), Fault> {
        loop {
            let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else {
                return Err(Fault::Deadline);
            };
            let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
            let log = self.log.pipe.as_ref().map_or(self.channel.as_fd(), |pipe| pipe.as_fd());
            let mut fds = [PollFd::new(&self.channel, PollFlags::IN), PollFd::from_borrowed_fd(log, PollFlags::IN)];
            match poll(&mut fds, Some(&timeout)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(e) => return Err(Fault::Nonsense(format!("a channel that cannot be waited for: {e}"))),
            }
            let [answered, printed] = fds.map(|fd| !fd.revents().is_empty());
            if printed {
                self.log.take();
            }
            if answered {
                return Ok(());
            }
        }
    }

    /// The fault of a worker that has closed its channel.
    fn gone(&mut self) -> Fault {
        let patience = Instant::now() + LAST_WORDS;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < patience {
            sleep(Duration::from_millis(1));
        }
        let how = match self.child.try_wait() {
            // Such as `ended with signal 11 (SIGSEGV)`.
            Ok(Some(status)) => format!("ended with {}", status.to_string().replace(": ", " ")),
            _ => "closed its channel".to_owned(),
        };
        self.end();
        self.log.take_all();
        Fault::Ended { how, log: self.log.text() }
    }

    /// Kills it with all that belongs to it.
    pub(super) fn end(&mut self) {
        if self.ended.is_none() {
            // It may have ended by itself, or have no group any more: then there is nothing to kill.
            let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
            let _ = self.child.kill();
            self.ended = self.child.wait().ok();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.end();
    }
}

/// The interpreter that the environment names.
pub(crate) fn interpreter() -> String {
    std::env::var(INTERPRETER).unwrap_or_else(|_| "python3".to_owned())
}

/// What a worker prints: only its end is kept.
#[derive(Debug)]
struct Log {
    pipe: Option<ChildStderr>,
    end: Vec<u8>,
}

impl Log {
    /// Takes in what is there, at most a buffer; there has to be something.
    fn take(&mut self) -> bool {
        let Some(pipe) = &mut self.pipe else { return false };
        let mut buffer = [0; 16 << 10];
        match pipe.read(&mut buffer) {
            Ok(bytes) if bytes > 0 => {
                self.end.extend_from_slice(&buffer[..bytes]);
                self.end.drain(..self.end.len().saturating_sub(LOG));
                true
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => true,
            _ => {
                self.pipe = None;
                false
            }
        }
    }

    /// Takes in what is left of a process that has ended.
    fn take_all(&mut self) {
        // A pipe holds 64 KiB, and nobody writes to it any more.
        for _ in 0..8 {
            let Some(pipe) = &self.pipe else { return };
            let mut fds = [PollFd::new(pipe, PollFlags::IN)];
            if !matches!(poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })), Ok(1)) || !self.take() {
                return;
            }
        }
    }

    /// Its last lines.
    fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.end);
        let lines: Vec<_> = text.trim().lines().rev().take(6).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}
