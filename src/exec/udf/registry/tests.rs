//! A registry keeps what it was told: through crashes at any step, beside other writers, in a damaged directory.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;

use super::*;
use crate::plan::udf::{NullPolicy, UdfArg, UdfRuntime, UdfType};
use crate::plan::value::Value;

fn profile(name: &str) -> UdfProfile {
    let arg = |name: &str, ty, default| UdfArg { name: Some(name.to_owned()), ty, default };
    UdfProfile {
        name: name.to_owned(),
        version: 0,
        hash: String::new(),
        runtime: UdfRuntime::Wasm { export: name.to_owned() },
        args: vec![arg("score", UdfType::F64, None), arg("title", UdfType::Str, Some(Value::Str("none".to_owned())))],
        result: UdfType::F64,
        nulls: NullPolicy::Default,
        deterministic: true,
        bounds: Some((0.0, f64::INFINITY)),
    }
}

fn registry() -> (TempDir, Registry) {
    let dir = tempfile::tempdir().unwrap();
    let registry = Registry::create(&dir.path().join("udfs")).unwrap();
    (dir, registry)
}

fn deploy(registry: &Registry, name: &str, code: &str) -> (u32, Outcome) {
    let (manifest, outcome) = registry.deploy(profile(name), code.as_bytes(), hash(code.as_bytes())).unwrap();
    (manifest.profile.version, outcome)
}

/// A name, its active version, and all versions with their code.
type Deployed = (String, u32, Vec<(UdfProfile, Vec<u8>)>);

/// Everything that a reader sees, down to the code.
fn state(registry: &Registry) -> Vec<Deployed> {
    let snapshot = registry.snapshot(None).unwrap();
    let version = |manifest: &Arc<Manifest>| (manifest.profile.clone(), registry.code(&manifest.profile.hash).unwrap());
    let versions = |(name, active): (&str, u32)| {
        (name.to_owned(), active, snapshot.versions(name).unwrap().all.iter().map(version).collect())
    };
    snapshot.active().map(versions).collect()
}

fn object_names(registry: &Registry) -> Vec<String> {
    registry.files.objects().unwrap()
}

#[test]
fn versions_are_deployed_rolled_back_and_deleted() {
    let (_dir, registry) = registry();
    let active =
        |name: &str| registry.snapshot(None).unwrap().versions(name).map(|found| found.active.profile.version).ok();
    assert_eq!(deploy(&registry, "f", "one"), (1, Outcome::New));
    assert_eq!(deploy(&registry, "f", "one"), (1, Outcome::Unchanged));
    assert_eq!(deploy(&registry, "f", "two"), (2, Outcome::New));
    assert_eq!(deploy(&registry, "f", "three"), (3, Outcome::New));
    assert_eq!(registry.rollback("f", None).unwrap(), 2);
    assert_eq!(deploy(&registry, "f", "four"), (4, Outcome::New));
    // The way back leaves out what was rolled back.
    assert_eq!(registry.rollback("f", None).unwrap(), 2);
    assert_eq!(registry.rollback("f", None).unwrap(), 1);
    let e = registry.rollback("f", None).unwrap_err().to_string();
    assert!(e.contains("no version was active before f@1") && e.contains("versions 1, 2, 3, 4"), "{e}");
    assert_eq!(registry.rollback("f", Some(3)).unwrap(), 3);
    assert_eq!(registry.rollback("f", None).unwrap(), 1);
    assert_eq!(deploy(&registry, "f", "four"), (4, Outcome::Activated));
    assert_eq!(active("f"), Some(4));

    let e = registry.delete("f", Some(4)).unwrap_err().to_string();
    assert!(e.contains("f@4 is active"), "{e}");
    registry.delete("f", Some(1)).unwrap();
    assert!(registry.rollback("f", Some(1)).unwrap_err().to_string().contains("there is no f@1"));
    registry.delete("f", None).unwrap();
    assert_eq!(active("f"), None);
    // A version number never means two things.
    assert_eq!(deploy(&registry, "f", "one"), (5, Outcome::New));
    let actions: Vec<_> = registry.snapshot(None).unwrap().history().iter().map(|event| event.version).collect();
    let expected = [1, 2, 3, 2, 4, 2, 1, 3, 1, 4, 1, 0, 5].map(|version| (version > 0).then_some(version));
    assert_eq!(actions, expected);
    let e = registry.snapshot(None).unwrap().versions("g").unwrap_err().to_string();
    assert!(e.contains("no UDF of the name `g`") && e.contains("did you mean `f`"), "{e}");
}

#[test]
fn a_manifest_comes_back_as_it_was() {
    let (_dir, registry) = registry();
    let (deployed, _) = registry.deploy(profile("f"), b"code", hash(b"original")).unwrap();
    let snapshot = registry.snapshot(None).unwrap();
    assert_eq!(*snapshot.versions("f").unwrap().active, deployed);
    assert_eq!(snapshot.catalog.find("f").map(|profile| &**profile), Some(&deployed.profile));
    assert_eq!(registry.code(&deployed.profile.hash).unwrap(), b"code");
    let json = deployed.to_json();
    assert_eq!(json["runtime"]["wasm"]["export"], "f");
    assert_eq!(json["args"][1], serde_json::json!({"name": "title", "type": "string", "default": "none"}));
    assert_eq!(json["bounds"], serde_json::json!([0.0, null]));
}

#[test]
fn names_are_identifiers() {
    let (_dir, registry) = registry();
    let long = "n".repeat(65);
    for name in ["", "1a", "a-b", "a b", "a@1", "../f", "straße", "a\n", &long] {
        let e = registry.deploy(profile(name), b"code", hash(b"code")).unwrap_err();
        assert_eq!(e.code(), Code::InvalidUdf, "{name:?}");
    }
    assert_eq!(deploy(&registry, &long[..64], "code"), (1, Outcome::New));
}

/// A change that is under way: the steps that make it, and those that clear away.
fn change(registry: &Registry, change: impl Fn(&mut Head) -> Vec<(String, Vec<u8>)>) -> Vec<Step> {
    let mut head = registry.head().unwrap();
    let objects = change(&mut head);
    // Long after, so that what was deleted is no longer kept.
    let (mut steps, cleanup) = registry.steps(&head, objects, now() + 2 * head::GRACE).unwrap();
    steps.extend(cleanup);
    steps
}

fn deploy_into(head: &mut Head, name: &str, code: &str) -> Vec<(String, Vec<u8>)> {
    let hash_of_code = hash(code.as_bytes());
    let version = head.next_version(name);
    let profile = UdfProfile { version, hash: hash_of_code.clone(), ..profile(name) };
    let bytes = Manifest { profile, original: hash_of_code.clone(), deployed: 0 }.to_bytes();
    let objects = Objects { manifest: hash(&bytes), code: hash_of_code.clone() };
    head.deploy(name, objects.clone(), now());
    vec![(hash_of_code, code.into()), (objects.manifest, bytes)]
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() { copy(&from, &to) } else { fs::copy(from, to).map(drop).unwrap() }
    }
}

/// What the disk may hold after the first `done` steps and a loss of power: any renames that were not synced may be lost.
fn survivors(steps: &[Step], done: usize) -> Vec<Vec<&Step>> {
    let is_unsynced = |(i, step): &(usize, &Step)| {
        let folder = match step {
            Step::Rename { to: Name::Object(_) | Name::NextObject, .. } | Step::Remove(_) => Folder::Objects,
            Step::Rename { .. } | Step::MakeObjects => Folder::Root,
            Step::Write { .. } | Step::Sync(_) => return false,
        };
        !steps[*i..done].iter().any(|step| matches!(step, Step::Sync(synced) if *synced == folder))
    };
    let unsynced: Vec<_> = steps[..done].iter().enumerate().filter(is_unsynced).map(|(i, _)| i).collect();
    let subsets = 0..1u32 << unsynced.len();
    let kept = |lost: u32| {
        let is_lost = |i: usize| unsynced.iter().position(|u| *u == i).is_some_and(|bit| lost >> bit & 1 == 1);
        steps[..done].iter().enumerate().filter(|(i, _)| !is_lost(*i)).map(|(_, step)| step).collect()
    };
    subsets.map(kept).collect()
}

#[test]
fn a_crash_at_any_step_leaves_the_old_or_the_new_state() {
    let (dir, empty) = registry();
    let full = Registry::create(&dir.path().join("full")).unwrap();
    deploy(&full, "f", "one");
    deploy(&full, "f", "two");
    let changes: [(&Registry, Vec<Step>); 4] = [
        (&empty, change(&empty, |head| deploy_into(head, "f", "one"))),
        (&full, change(&full, |head| deploy_into(head, "f", "three"))),
        (&full, change(&full, |head| head.rollback("f", None, now()).map(|_| Vec::new()).unwrap())),
        (&full, change(&full, |head| head.delete("f", None, 0).map(|()| Vec::new()).unwrap())),
    ];
    let mut tried = 0;
    for (number, (base, steps)) in changes.iter().enumerate() {
        let old = state(base);
        let new = {
            let registry = Registry::create(&dir.path().join(format!("new-{number}"))).unwrap();
            copy(base.root(), registry.root());
            steps.iter().try_for_each(|step| registry.files.apply(step)).unwrap();
            state(&registry)
        };
        assert_ne!(old, new);
        for done in 0..=steps.len() {
            let mut ends = survivors(steps, done);
            // The process ends in the middle of a file.
            let torn = match steps.get(done) {
                Some(Step::Write { name, bytes, modified }) => {
                    let bytes = bytes[..bytes.len() / 2].to_vec();
                    Some(Step::Write { name: name.clone(), bytes, modified: *modified })
                }
                _ => None,
            };
            ends.extend(torn.iter().map(|torn| steps[..done].iter().chain([torn]).collect()));
            let last = ends.len() - 1;
            for (which, end) in ends.into_iter().enumerate() {
                tried += 1;
                let registry = Registry::create(&dir.path().join(format!("crashed-{tried}"))).unwrap();
                copy(base.root(), registry.root());
                for step in &end {
                    // What was lost may have been the file that a later step names.
                    let _ = registry.files.apply(step);
                }
                let found = state(&registry);
                assert!(found == old || found == new, "change {number}, {done} steps: {end:?}");
                // The next write works, and leaves what is needed and nothing else.
                if which != 0 && which != last {
                    continue;
                }
                deploy(&registry, "g", "next");
                let head = registry.head().unwrap();
                let kept: Vec<_> = head.kept(now()).into_iter().map(str::to_owned).collect();
                let mut there = object_names(&registry);
                there.retain(|name| name != "next");
                there.sort();
                assert_eq!(there, kept, "change {number}, {done} steps: {end:?}");
            }
        }
    }
    assert!(tried > 50, "{tried} ends");
}

#[test]
fn what_was_deleted_stays_for_those_that_have_seen_it() {
    let (_dir, registry) = registry();
    let (old, _) = registry.deploy(profile("f"), b"one", hash(b"one")).unwrap();
    registry.delete("f", None).unwrap();
    deploy(&registry, "g", "two");
    assert_eq!(registry.code(&old.profile.hash).unwrap(), b"one");
}

#[test]
fn a_change_is_seen_at_the_next_look() {
    let (_dir, registry) = registry();
    let mut seen = registry.snapshot(None).unwrap();
    for round in 0..60 {
        assert!(!registry.has_changed(&seen));
        if round % 2 == 0 {
            deploy(&registry, "f", &format!("{}", round % 4));
        } else {
            deploy(&registry, "g", "code");
            registry.delete("g", None).unwrap();
        }
        assert!(registry.has_changed(&seen), "round {round}");
        seen = registry.snapshot(Some(&seen)).unwrap();
    }
}

#[test]
fn writers_wait_for_each_other_and_readers_see_whole_states() {
    let (_dir, registry) = registry();
    let root = registry.root().to_owned();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let root = &root;
            scope.spawn(move || {
                let registry = Registry::open(root).unwrap();
                for round in 0..5 {
                    deploy(&registry, "shared", &format!("{writer} {round}"));
                }
            });
        }
        for _ in 0..50 {
            for (_, active, versions) in state(&registry) {
                assert_eq!(active as usize, versions.len());
            }
        }
    });
    assert_eq!(state(&registry)[0].2.len(), 20);
}

#[test]
fn damage_is_an_error_that_names_the_file() {
    let (dir, registry) = registry();
    let (deployed, _) = registry.deploy(profile("f"), b"code", hash(b"code")).unwrap();
    let manifest = registry.head().unwrap().udfs["f"].versions[&1].manifest.clone();
    let objects = registry.root().join("objects");
    let (head, code, manifest) =
        (registry.root().join("head.json"), objects.join(&deployed.profile.hash), objects.join(manifest));
    let elsewhere = dir.path().join("elsewhere");
    fs::write(&elsewhere, b"code").unwrap();
    let text = |path: &PathBuf| fs::read_to_string(path).unwrap();
    let error = || {
        let found = registry.snapshot(None).and_then(|_| registry.code(&deployed.profile.hash));
        found.map_or_else(|e| e.to_string(), |code| String::from_utf8_lossy(&code).into_owned())
    };
    let whole = text(&head);
    for (bytes, said) in [
        ("", "EOF"),
        ("[[[[", "head.json is damaged"),
        ("{\"format\": 2, \"new\": 1}", "it has format 2"),
        (&whole.replace("\"latest\": 1", "\"latest\": 0"), "contradict"),
        (&whole.replace("\"f\"", "\"../f\""), "no name of a UDF"),
        (&whole.replace(&deployed.profile.hash, "../../elsewhere"), "is no hash"),
        (&whole.replacen("generation", "x", 1), "unknown field"),
        (&"[".repeat(100_000), "damaged"),
    ] {
        fs::write(&head, bytes).unwrap();
        assert!(error().contains(said), "{said}: {}", error());
    }
    fs::write(&head, &whole).unwrap();

    for (file, bytes, said) in [
        (&code, &b"cod"[..], "another hash"),
        (&manifest, &b"{}"[..], "the manifest of f@1 cannot be read"),
        (&manifest, &[b' '; MAX_MANIFEST + 1][..], "more than"),
    ] {
        let whole = fs::read(file).unwrap();
        fs::write(file, bytes).unwrap();
        assert!(error().contains(said), "{said}: {}", error());
        fs::write(file, whole).unwrap();
    }
    assert_eq!(error(), "code");

    // No symlink is followed, and nothing waits for a pipe.
    fs::remove_file(&code).unwrap();
    symlink(&elsewhere, &code).unwrap();
    assert!(error().contains("it is a symlink"), "{}", error());
    fs::remove_file(&code).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &code, rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap();
    assert!(error().contains("no regular file"), "{}", error());
    // To deploy it again mends it.
    assert_eq!(deploy(&registry, "f", "code"), (1, Outcome::Unchanged));
    assert_eq!(error(), "code");
    // A version whose manifest is lost can be deleted.
    fs::remove_file(&manifest).unwrap();
    assert!(error().contains("`udf delete f`"), "{}", error());
    registry.delete("f", None).unwrap();
    assert_eq!(registry.snapshot(None).unwrap().catalog.names().count(), 0);
}

#[test]
fn a_directory_in_place_of_a_file_is_an_error() {
    let (_dir, registry) = registry();
    fs::create_dir(registry.root().join("head.json")).unwrap();
    assert!(registry.snapshot(None).unwrap_err().to_string().contains("no regular file"));
    assert!(registry.deploy(profile("f"), b"code", hash(b"code")).is_err());
    let e = Registry::open(&registry.root().join("none")).unwrap_err().to_string();
    assert!(e.contains("there is no directory"), "{e}");
}
