//! `runs` and `http`.

use super::*;

const RUNS: &str = r#"["builds", {"runs": {"stdout": "namaste", "exit": 0, "within": "5s"}}]"#;

fn with(evidence: Evidence, run: RunOutcome) -> Evidence {
    with_args(evidence, &[], run)
}

fn with_args(mut evidence: Evidence, args: &[&str], run: RunOutcome) -> Evidence {
    let args = args.iter().map(|a| (*a).to_owned()).collect();
    evidence.runs.insert(key(&RunAsk { args, env: Default::default(), within: 5000 }), Ok(run));
    evidence
}

fn command(evidence: &mut Evidence, cmd: &[&str], name: &str, path: Option<&str>, runnable: Runnable) {
    let image = image_of(evidence);
    image.config.cmd = cmd.iter().map(|c| (*c).to_owned()).collect();
    let layer = path.map(|_| 2);
    image.programs.insert(name.into(), Program { path: path.map(str::to_owned), layer, runnable });
}

fn ended(exit: i64, stdout: &str, stderr: &str) -> RunOutcome {
    RunOutcome { exit: Some(exit), stdout: stdout.into(), stderr: stderr.into(), ..RunOutcome::default() }
}

#[test]
fn output_and_exit() {
    passes(RUNS, &with(node(), ended(0, "namaste\r\n", "a warning")));
    let diagnosis = fails(RUNS, &with(node(), ended(0, "namaskar\n", "")), codes::OUTPUT_WRONG, &[6]);
    assert_eq!((text(&diagnosis, "got"), text(&diagnosis, "want")), ("namaskar".into(), "namaste".into()));
    fails(RUNS, &with(node(), ended(3, "namaste", "")), codes::EXIT_WRONG, &[6]);
    let slow = RunOutcome { timed_out: true, ..RunOutcome::default() };
    fails(RUNS, &with(node(), slow), codes::RUN_TIMEOUT, &[6]);
    let oom = RunOutcome { exit: Some(137), oom_killed: true, ..RunOutcome::default() };
    fails(RUNS, &with(node(), oom), codes::OUT_OF_MEMORY, &[6]);
}

#[test]
fn a_limit_of_ours_is_not_the_learners_fault() {
    let run = RunOutcome { limit_hit: Some(Limit::ReadOnly), ..ended(1, "", "EROFS: read-only file system") };
    blocked(RUNS, &with(node(), run.clone()), Verdict::Broken, codes::OUR_LIMIT, &[]);
    // It did what was asked all the same.
    passes(RUNS, &with(node(), RunOutcome { exit: Some(0), stdout: "namaste".into(), ..run }));
}

#[test]
fn programs_that_cannot_start() {
    let no_such = |program: &str| RunOutcome {
        start_error: Some(format!("exec: \"{program}\": stat {program}: no such file or directory")),
        ..RunOutcome::default()
    };
    let init =
        |program: &str| ended(127, "", &format!("[FATAL tini (7)] exec {program} failed: No such file or directory"));
    let cases = [
        (Runnable::LoaderMissing("/lib64/ld-linux-x86-64.so.2".into()), codes::LOADER_MISSING, 3),
        (Runnable::InterpreterMissing("/bin/bash".into()), codes::INTERPRETER_MISSING, 3),
        (Runnable::CrlfScript, codes::SCRIPT_CRLF, 3),
        (Runnable::Missing, codes::COMMAND_NOT_FOUND, 6),
    ];
    for (runnable, code, line) in cases {
        let path = (runnable != Runnable::Missing).then_some("app/x");
        let mut evidence = node();
        command(&mut evidence, &["/app/x"], "/app/x", path, runnable);
        let evidence = with(evidence, no_such("/app/x"));
        fails(RUNS, &evidence, code, &[line]);
        fails(RUNS, &with(evidence, init("/app/x")), code, &[line]);
    }
}

#[test]
fn shell_form_on_an_image_without_a_shell_and_a_shell_that_finds_nothing() {
    let mut evidence = node();
    command(&mut evidence, &["/bin/sh", "-c", "node server.js"], "/bin/sh", None, Runnable::Missing);
    let error = RunOutcome {
        start_error: Some("exec: \"/bin/sh\": no such file or directory".into()),
        ..RunOutcome::default()
    };
    let diagnosis = fails(RUNS, &with(evidence, error), codes::NO_SHELL, &[6]);
    assert_eq!(text(&diagnosis, "command"), "node server.js");
    let mut evidence = node();
    command(&mut evidence, &["/bin/sh", "-c", "/app/x --y"], "/bin/sh", Some("bin/sh"), Runnable::Yes);
    let loader = Program {
        path: Some("app/x".into()),
        layer: Some(2),
        runnable: Runnable::LoaderMissing("/lib/ld-musl".into()),
    };
    image_of(&mut evidence).programs.insert("/app/x".into(), loader);
    fails(RUNS, &with(evidence, ended(127, "", "/bin/sh: 1: /app/x: not found")), codes::LOADER_MISSING, &[3]);
}

#[test]
fn nothing_to_run_and_nobody_to_run_as() {
    let error = |text: &str| RunOutcome { start_error: Some(text.into()), ..RunOutcome::default() };
    fails(RUNS, &with(node(), error("no command specified")), codes::NO_COMMAND, &[1]);
    let user = error("unable to find user node: no matching entries in passwd file");
    fails(RUNS, &with(node(), user), codes::USER_UNKNOWN, &[5]);
    blocked(RUNS, &with(node(), error("containerd is out")), Verdict::Broken, codes::DAEMON_ERROR, &[]);
}

#[test]
fn modules_and_files_that_the_program_misses() {
    let missing = |stderr: &str| with(node(), ended(1, "", stderr));
    for (stderr, module) in [
        ("Error: Cannot find module 'express'\nRequire stack:\n- /app/server.js", "express"),
        ("Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'chai-router' imported from /app/a.js", "chai-router"),
        ("ModuleNotFoundError: No module named 'flask'", "flask"),
        ("/app/x: error while loading shared libraries: libpq.so.5: cannot open shared object file", "libpq.so.5"),
    ] {
        let diagnosis = fails(RUNS, &missing(stderr), codes::MODULE_MISSING, &[4]);
        assert_eq!(text(&diagnosis, "module"), module);
    }
    let mut evidence = missing("Error: Cannot find module '/server.js'\n    at Module._resolve");
    let place = Place { path: "app/server.js".into(), size: 1, layer: 2 };
    image_of(&mut evidence).names.insert("server.js".into(), vec![place]);
    let diagnosis = fails(RUNS, &evidence, codes::RUNTIME_FILE_MISSING, &[3, 6]);
    assert_eq!(text(&diagnosis, "nearby"), "/app/server.js");
    fails(RUNS, &missing("Error: Unable to access jarfile app.jar"), codes::RUNTIME_FILE_MISSING, &[6]);
}

#[test]
fn expectations_in_all_their_forms() {
    for (json, good) in [
        (r#""namaste""#, true),
        (r#"{"contains": "mast"}"#, true),
        (r#"{"matches": "^na.*te$"}"#, true),
        (r#"{"contains": "x"}"#, false),
        (r#"{"matches": "^x"}"#, false),
    ] {
        let goal = format!(r#"["builds", {{"runs": {{"stdout": {json}, "within": "5s", "args": ["-v"]}}}}]"#);
        let result = judged(&goal, &with_args(node(), &["-v"], ended(0, "first\nnamaste\n", "")));
        assert_eq!(result.verdict == Verdict::Passed, good && !json.starts_with('"'), "{json}");
    }
}

#[test]
fn servers() {
    let goal = r#"["builds", {"http": {"port": 3000, "body": "chai", "within": "5s"}}]"#;
    let with = |outcome: HttpOutcome| {
        let mut evidence = node();
        let ask = HttpAsk { port: 3000, path: "/".into(), env: Default::default(), within: 5000 };
        evidence.https.insert(key(&ask), Ok(outcome));
        evidence
    };
    let answer =
        |status, body: &str| with(HttpOutcome { answer: Some((status, body.into())), ..HttpOutcome::default() });
    passes(goal, &answer(200, "chai\n"));
    fails(goal, &answer(404, "chai"), codes::STATUS_WRONG, &[6]);
    fails(goal, &answer(200, "coffee"), codes::BODY_WRONG, &[6]);
    let listening =
        |ports: &[(u16, bool)]| with(HttpOutcome { listening: Some(ports.to_vec()), ..HttpOutcome::default() });
    fails(goal, &listening(&[(3000, false)]), codes::PORT_LOOPBACK, &[6]);
    let diagnosis = fails(goal, &listening(&[(8080, true)]), codes::PORT_CLOSED, &[6]);
    assert_eq!(text(&diagnosis, "listening"), "8080");
    fails(goal, &listening(&[]), codes::PORT_CLOSED, &[6]);
    let died = |run| with(HttpOutcome { run, ..HttpOutcome::default() });
    fails(goal, &died(ended(1, "", "boom")), codes::SERVER_DIED, &[6]);
    fails(goal, &died(ended(1, "", "Error: Cannot find module 'express'")), codes::MODULE_MISSING, &[4]);
}
