//! What the command lines print: answers on standard output, everything for people on standard error.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use serde_json::{Value as Json, json};
use shardscript::{Code, Error, Result};

/// The exit code where the request, or a document, is at fault.
pub(crate) const AT_FAULT: u8 = 1;

/// The exit code where the usage is at fault.
const USAGE: u8 = 2;

/// Prints a line of the answer. A reader that has gone away (`| head`) is no error.
pub(crate) fn print(line: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(line.as_bytes()).and_then(|()| out.write_all(b"\n")) {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        other => Ok(other?),
    }
}

/// Prints a line for people.
#[expect(clippy::print_stderr, reason = "the command line's own words")]
pub(crate) fn note(line: &str) {
    eprintln!("{}", inert(line));
}

/// Text whose control characters are written out (`\u{1b}`): names and messages of a module or a document neither drive a
/// terminal nor turn around what stands beside them.
pub(crate) fn inert(text: &str) -> Cow<'_, str> {
    let is_active = |c: char| {
        c.is_control() && c != '\n' && c != '\t' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(is_active) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_active(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    Cow::Owned(out)
}

/// Prints an error in text form, and says the exit code for it.
pub(crate) fn fail(error: &Error) -> ExitCode {
    note(&error.to_string());
    match error.code() {
        // A file that cannot be read and a rule that does not exist were named on the command line.
        Code::Io | Code::UnknownRule => ExitCode::from(USAGE),
        _ => ExitCode::from(AT_FAULT),
    }
}

/// Fails where programs read the answer: the error in Elasticsearch's form goes to standard output, too, unless a
/// person looks at both.
pub(crate) fn fail_json(error: &Error) -> Result<ExitCode> {
    if !io::stdout().is_terminal() {
        print(&pretty(&json!({"error": error.to_json(), "status": error.status()})))?;
    }
    Ok(fail(error))
}

/// JSON for people.
pub(crate) fn pretty(json: &Json) -> String {
    format!("{json:#}")
}
