//! An interpreter that has NumPy: the one at hand, else one of our own, which is made once beside what cargo builds.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The interpreter; `None`, and a word about it, where NumPy can be had from nowhere.
pub(crate) fn interpreter() -> Option<String> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    FOUND.get_or_init(find).clone()
}

#[expect(clippy::print_stderr, reason = "a test says what it passes over")]
fn find() -> Option<String> {
    let given = std::env::var("SHARDSCRIPT_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    if has_numpy(Path::new(&given)) {
        return Some(given);
    }
    // Beside `deps`, where the test itself lies.
    let test = std::env::current_exe().ok()?;
    let dir: PathBuf = test.parent()?.parent()?.parent()?.join("tmp").join("numpy");
    let python = dir.join("bin").join("python");
    let made = has_numpy(&python)
        || (run(Command::new(&given).args(["-m", "venv"]).arg(&dir))
            && run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "numpy"]))
            && has_numpy(&python));
    if !made {
        eprintln!("NumPy is not there and cannot be installed: what needs it is passed over");
    }
    made.then(|| python.to_string_lossy().into_owned())
}

fn has_numpy(python: &Path) -> bool {
    run(Command::new(python).args(["-I", "-c", "import numpy"]))
}

fn run(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
