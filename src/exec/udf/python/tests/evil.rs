//! Hostile functions: the files of `fixtures/evil/*.py`. Each says in its second line what a call of it comes to.

use std::time::Instant;

use super::*;

/// How long those may run that do not end by themselves.
const TIME: Duration = Duration::from_millis(150);

/// How much later they may end: 50 ms on a machine that does nothing else; tests run beside others.
fn late() -> Duration {
    Duration::from_millis(if std::env::var_os("SHARDSCRIPT_QUIET").is_some() { 50 } else { 500 })
}

fn fixtures() -> Vec<(String, String)> {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/evil");
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|e| e == "py")).collect();
    files.sort();
    let read = |path: &std::path::PathBuf| {
        (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(path).unwrap())
    };
    files.iter().map(read).collect()
}

/// A UDF of the file as it would be if it was deployed by somebody who checks nothing.
fn deployed(runtime: &Arc<PythonRuntime>, source: &str) -> Udf {
    let honest = Udf::row(runtime, HONEST);
    let mut profile = (*honest.profile).clone();
    (profile.name, profile.hash) = ("evil".into(), source.into());
    profile.runtime = UdfRuntime::Python { function: "evil".into(), mode: PythonMode::Row, formula: None };
    Udf { profile: Arc::new(profile), source: source.into(), ..honest }
}

#[test]
fn whatever_a_function_does_the_next_request_is_answered() {
    let runtime = runtime(Duration::from_secs(20));
    let honest = Udf::row(&runtime, HONEST);
    let fixtures = fixtures();
    assert!(fixtures.len() > 40);
    let lacking = runtime.status().hello.unwrap().lacking;
    for (file, source) in fixtures {
        let want = source.lines().nth(1).unwrap();
        let timeout = want.contains("deadline").then_some(TIME);
        let evil = deployed(&runtime, &source);
        // So that the time is the function's own.
        runtime.pool.give_back_spare(runtime.pool.take(None).unwrap());
        let begin = Instant::now();
        let got = call(&evil, timeout);
        if let Some(time) = timeout {
            assert!(begin.elapsed() < time + late(), "{file} took {:?}", begin.elapsed());
        }
        match (&got, want.strip_prefix("# gives: "), want.strip_prefix("# fails: ")) {
            (Ok(_), Some("anything"), None) => {}
            (Ok(got), Some(want), None) => assert_eq!(format!("{:?}", got[0]), want, "{file}"),
            (Err(error), None, Some(want)) => {
                let (code, reason) = want.split_once(' ').unwrap_or((want, ""));
                assert!(error.code().to_string().starts_with(code), "{file}: {error}");
                assert!(error.reason().contains(reason), "{file}: {error}");
                assert!(error.reason().contains("[evil@1]"), "{file}: {error}");
                assert!(error.to_string().len() < 20_000, "{file}");
            }
            // A kernel without a line of defence lets more through; nothing is then known of what it gives.
            _ if !lacking.is_empty() => {}
            _ => panic!("{file}: {want}, but it came to {got:?}"),
        }
        assert_eq!(honest.doubles(&[&[2.0], &[3.0]]).unwrap(), [7.0], "{file}");
    }
}

fn call(udf: &Udf, timeout: Option<Duration>) -> Result<Vec<f64>> {
    let columns = [[0.0, 1.0, 2.0], [3.0, 2.0, 2.0]];
    let inputs = columns.each_ref().map(|column| Input::Each(Batch::F64(column)));
    let mut out = vec![0.0; 3];
    let calls = Calls { deadline: Deadline::after(timeout.map(|time| time.as_millis() as u64)), ..all(3) };
    udf.instance().call(calls, &inputs, &mut BatchMut::F64(&mut out))?;
    Ok(out)
}

#[test]
fn hostile_work_ends_near_its_deadline() {
    let runtime = runtime(Duration::from_secs(20));
    for body in [
        "    while True:\n        pass\n",
        // In C, without a bytecode at which a signal would be seen.
        "    sum(range(10 ** 15))\n",
        "    import time\n    time.sleep(1000)\n",
        // Memory that the kernel has to take back.
        "    kept = bytearray(12 << 20)\n    while True:\n        kept[::4096] = kept[::4096]\n",
    ] {
        let evil = deployed(&runtime, &format!("def evil(score, boost):\n{body}"));
        for batch in 0..2 {
            runtime.pool.give_back_spare(runtime.pool.take(None).unwrap());
            let begin = Instant::now();
            let error = call(&evil, Some(TIME)).unwrap_err();
            let took = begin.elapsed();
            assert!(error.reason().starts_with("UDF [evil@1] exceeded its deadline limit of "), "{error}");
            assert!(took >= TIME && took < TIME + late(), "{body}, batch {batch}: {took:?}");
        }
    }
}

#[test]
fn an_endless_loop_ends_by_the_limit_of_calls_too() {
    let runtime = runtime(TIME);
    let evil = deployed(&runtime, "def evil(score, boost):\n    while True:\n        pass\n");
    let error = call(&evil, None).unwrap_err();
    assert_eq!(error.reason(), "UDF [evil@1] exceeded its deadline limit of 150 ms");
}

#[test]
fn a_worker_that_dies_between_two_calls_is_replaced() {
    let runtime = runtime(Duration::from_secs(10));
    let udf = Udf::row(&runtime, HONEST);
    assert_eq!(udf.doubles(&[&[1.0], &[1.0]]).unwrap(), [2.0]);
    let mut loaded = runtime.pool.idle(&udf.profile).unwrap();
    loaded.worker.end();
    runtime.pool.give_back(loaded);
    assert_eq!(udf.doubles(&[&[1.0], &[1.0]]).unwrap(), [2.0]);
}
