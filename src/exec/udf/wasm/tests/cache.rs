//! Native code on disk: what is believed and what is not.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;

use super::*;
use crate::exec::udf::wasm::Origin;

fn deployed() -> Deployed {
    Deployed::wat(
        r#"(module (func (export "udf") (param f64) (result f64) (f64.mul (local.get 0) (f64.const 3))))"#,
        In::Native,
    )
}

/// A process that starts anew over the same folder.
fn restart(deployed: &Deployed) -> (Tier, Vec<f64>) {
    let limits = Limits { call: Duration::from_secs(5), ..limits() };
    let runtime = WasmRuntime::new(limits, deployed.dir.path().join("cache"));
    let read = || Ok(deployed.code.clone());
    let tier = runtime.tier(&deployed.profile, read).unwrap();
    let mut instance = runtime.instance(&deployed.profile, read).unwrap();
    let answer = call1(&mut *instance, &[2.0]).unwrap();
    let begin = Instant::now();
    while !matches!(runtime.tier(&deployed.profile, read).unwrap(), Tier::Native(_)) {
        assert!(begin.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(1));
    }
    (tier, answer)
}

fn artefact(deployed: &Deployed) -> PathBuf {
    let files = fs::read_dir(deployed.dir.path().join("cache")).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).filter(|path| !path.ends_with("key")).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

const CACHED: Tier = Tier::Native(Origin::Cache);

#[test]
fn a_restart_runs_native_without_compiling() {
    let deployed = deployed();
    assert_eq!(deployed.tier(), Tier::Native(Origin::Compiled));
    assert_eq!(restart(&deployed), (CACHED, vec![6.0]));
    for (path, mode) in [("cache", 0o700), ("cache/key", 0o600)] {
        assert_eq!(fs::metadata(deployed.dir.path().join(path)).unwrap().permissions().mode() & 0o777, mode);
    }
    assert_eq!(fs::metadata(artefact(&deployed)).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn changed_artefacts_are_compiled_anew() {
    let deployed = deployed();
    let path = artefact(&deployed);
    let good = fs::read(&path).unwrap();
    let places = [0, 7, 8, 39, 40, 41, good.len() / 2, good.len() - 1];
    let flipped = places.map(|place| {
        let mut bytes = good.clone();
        bytes[place] ^= 1;
        bytes
    });
    let cut = [0, 8, 40, good.len() - 1].map(|length| good[..length].to_vec());
    for bytes in flipped.into_iter().chain(cut) {
        fs::write(&path, bytes).unwrap();
        assert_eq!(restart(&deployed), (Tier::Interpreter, vec![6.0]));
        assert_eq!(restart(&deployed), (CACHED, vec![6.0]), "it is replaced");
    }
    // Another module's code under this name, with a valid code of its own.
    let other = Deployed::wat(r#"(module (func (export "udf") (param f64) (result f64) (local.get 0)))"#, In::Native);
    fs::copy(artefact(&other), &path).unwrap();
    fs::copy(other.dir.path().join("cache/key"), deployed.dir.path().join("cache/key")).unwrap();
    assert_eq!(restart(&deployed), (Tier::Interpreter, vec![6.0]));
}

#[test]
fn links_other_modes_and_other_keys_are_not_believed() {
    let deployed = deployed();
    let (path, key) = (artefact(&deployed), deployed.dir.path().join("cache/key"));
    let elsewhere = deployed.dir.path().join("elsewhere");
    fs::rename(&path, &elsewhere).unwrap();
    symlink(&elsewhere, &path).unwrap();
    assert_eq!(restart(&deployed), (Tier::Interpreter, vec![6.0]));
    assert!(fs::symlink_metadata(&path).unwrap().is_file(), "the link is replaced, not followed");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(restart(&deployed), (Tier::Interpreter, vec![6.0]));
    // Without its key, or with one that others may have read, another is made.
    for spoil in [
        fs::remove_file,
        |key| fs::set_permissions(key, fs::Permissions::from_mode(0o644)),
        |key| fs::write(key, "short"),
    ] {
        assert_eq!(restart(&deployed), (CACHED, vec![6.0]));
        spoil(&key).unwrap();
        assert_eq!(restart(&deployed), (Tier::Interpreter, vec![6.0]));
    }
    // A folder that is not private is not used.
    fs::set_permissions(deployed.dir.path().join("cache"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(restart(&deployed), (Tier::Interpreter, vec![6.0]));
}

#[test]
fn what_was_used_longest_ago_goes_first() {
    let dir = tempfile::tempdir().unwrap();
    let wasm = |factor| {
        wat::parse_str(format!(
            r#"(module (func (export "udf") (param f64) (result f64) (f64.mul (local.get 0) (f64.const {factor}))))"#
        ))
        .unwrap()
    };
    let deployed = [2, 3, 4].map(|factor| Deployed::new(&wasm(factor), &deployment(None, None), limits()).unwrap());
    let path = dir.path().join("cache");
    let run = |udf: &Deployed, cache| {
        let runtime = WasmRuntime::new(Limits { cache, ..limits() }, path.clone());
        let mut instance = runtime.instance(&udf.profile, || Ok(udf.code.clone())).unwrap();
        runtime.settle(Instant::now() + Duration::from_secs(60));
        call1(&mut *instance, &[1.0]).unwrap();
        runtime.tier(&udf.profile, || unreachable!("it is loaded")).unwrap()
    };
    let size = || {
        let files = fs::read_dir(&path).unwrap().map(|file| file.unwrap());
        files.filter(|file| file.file_name() != "key").map(|file| file.metadata().unwrap().len()).sum::<u64>()
    };
    let [a, b, c] = &deployed;
    let compiled = Tier::Native(Origin::Compiled);
    assert_eq!(run(a, u64::MAX), compiled);
    let one = size();
    assert_eq!(run(b, u64::MAX), compiled);
    assert_eq!(run(a, u64::MAX), CACHED);
    // There is room for two of three, and the second was used before the first.
    let most = one * 5 / 2;
    assert_eq!(run(c, most), compiled);
    assert!(size() <= most && size() > one, "{} of {most}", size());
    assert_eq!([a, c].map(|udf| run(udf, most)), [CACHED; 2]);
    assert_eq!(run(b, most), compiled);
    // Where there is no room at all nothing is kept, and everything runs.
    assert_eq!(run(a, 0), compiled);
    assert_eq!(size(), 0);
}
