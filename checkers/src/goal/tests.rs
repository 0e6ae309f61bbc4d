//! Goals on hand-written evidence: each test says a Dockerfile and what the daemon would have shown of it.

use super::*;
use crate::{
    engine::{BuildFailure, BuildOutcome, BuildStep, HttpOutcome, Limit, RunOutcome},
    evidence::{Found, Heap, HttpAsk, ImageFacts, LayerFact, Place, Program, RunAsk, Runnable, key},
    image::{Config, HistoryRow, How, Tally, Waste},
    spec::{CachedAfterEdit, Edit, Network},
    verdict::Sizes,
};

const NODE: &str = "FROM node:24\nWORKDIR /app\nCOPY . .\nRUN npm ci\nUSER node\nCMD [\"node\", \"server.js\"]\n";

fn goals(json: &str) -> Vec<Goal> {
    serde_json::from_str(json).unwrap_or_else(|e| panic!("{e}: {json}"))
}

/// A submission that was built: one base layer of 1 GB, and a layer for each given instruction.
fn case(dockerfile: &str, layers: &[(&str, u64)]) -> Evidence {
    let none = Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON));
    let mut evidence = Evidence::of_text(Ok(dockerfile.to_owned()), none);
    evidence.build = Ok(BuildOutcome { image: Some("sha256:1".into()), ..BuildOutcome::default() });
    let base = HistoryRow { created_by: "/bin/sh -c #(nop) ADD file:1 in /".into(), layer: Some(0) };
    let row = |(at, (text, _)): (usize, &(&str, u64))| HistoryRow { created_by: (*text).into(), layer: Some(at + 1) };
    let added: u64 = layers.iter().map(|(_, bytes)| bytes).sum();
    let base_bytes = 1_000_000_000;
    let layer = |bytes| LayerFact { bytes, biggest: vec![Heap { name: "app/x".into(), bytes, layer: 1 }] };
    evidence.image = Ok(ImageFacts {
        config: Config { user: "node".into(), arch: "amd64".into(), ..Config::default() },
        sizes: Sizes { total: base_bytes + added, final_: base_bytes + added, wasted: 0, added },
        base_bytes,
        base_layers: 1,
        layers: std::iter::once(layer(base_bytes)).chain(layers.iter().map(|(_, b)| layer(*b))).collect(),
        history: std::iter::once(base).chain(layers.iter().enumerate().map(row)).collect(),
        waste: vec![],
        paths: Default::default(),
        tools: Default::default(),
        programs: Default::default(),
        names: Default::default(),
        caches: vec![],
        dev: vec![],
        accounts: [("root".to_owned(), 0), ("node".to_owned(), 1000)].into(),
        has_shell: true,
        docker_size: None,
    });
    evidence
}

fn node() -> Evidence {
    case(
        NODE,
        &[("WORKDIR /app", 0), ("COPY . . # buildkit", 5_000_000), ("RUN /bin/sh -c npm ci # buildkit", 40_000_000)],
    )
}

fn image_of(evidence: &mut Evidence) -> &mut ImageFacts {
    evidence.image.as_mut().unwrap()
}

/// Judges the last of the goals.
fn judged(json: &str, evidence: &Evidence) -> GoalResult {
    let goals = goals(json);
    judge(goals.last().unwrap(), &goals, evidence)
}

#[track_caller]
fn passes(json: &str, evidence: &Evidence) {
    let result = judged(json, evidence);
    assert_eq!(result.verdict, Verdict::Passed, "{:?}", result.diagnosis);
}

#[track_caller]
fn fails(json: &str, evidence: &Evidence, code: &str, lines: &[u32]) -> Diagnosis {
    blocked(json, evidence, Verdict::Failed, code, lines)
}

#[track_caller]
fn blocked(json: &str, evidence: &Evidence, verdict: Verdict, code: &str, lines: &[u32]) -> Diagnosis {
    let result = judged(json, evidence);
    let diagnosis = result.diagnosis.expect("a diagnosis");
    let have = (result.verdict, diagnosis.code.as_str(), diagnosis.lines.as_slice());
    assert_eq!(have, (verdict, code, lines), "{diagnosis:?}");
    diagnosis
}

fn text(diagnosis: &Diagnosis, name: &str) -> String {
    match &diagnosis.facts[name] {
        Fact::Text(text) => text.clone(),
        Fact::List(items) => items.join("|"),
        other => format!("{other:?}"),
    }
}

/// A build that failed at a step.
fn failed_build(dockerfile: &str, stage: &str, number: u32, name: &str, exit: Option<i64>, log: &str) -> Evidence {
    let mut evidence = case(dockerfile, &[]);
    let step = BuildStep { stage: stage.into(), number, name: name.into(), log: log.into(), ..BuildStep::default() };
    let failure = BuildFailure::Step { index: 0, exit, message: log.into() };
    evidence.build = Ok(BuildOutcome { steps: vec![step], failure: Some(failure), ..BuildOutcome::default() });
    evidence
}

mod building {
    use super::*;

    #[test]
    fn what_needs_the_image_waits_for_the_build_that_failed() {
        let evidence = failed_build(NODE, "", 4, "RUN npm ci", Some(1), "npm error something");
        let all = r#"["builds", {"added": {"at-most": "1 MB"}}]"#;
        let diagnosis = blocked(all, &evidence, Verdict::Skipped, codes::NEEDS_GOAL, &[]);
        assert_eq!(text(&diagnosis, "goal"), "builds");
        // Where nobody asks whether it builds, the first that needs it tells.
        fails(r#"[{"added": {"at-most": "1 MB"}}]"#, &evidence, codes::RUN_FAILED, &[4]);
        // What the text shows is judged all the same.
        passes(r#"["builds", {"stages": {"at-most": 1}}]"#, &evidence);
    }

    #[test]
    fn without_a_daemon_nothing_built_is_judged() {
        let none = Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON));
        let evidence = Evidence::of_text(Ok(NODE.into()), none);
        blocked(r#"["builds"]"#, &evidence, Verdict::Skipped, codes::NEEDS_DAEMON, &[]);
        blocked(r#"["builds", {"total": {"at-most": "1 MB"}}]"#, &evidence, Verdict::Skipped, codes::NEEDS_DAEMON, &[]);
        passes(r#"["builds", {"final-base": {"one-of": ["node:*"]}}]"#, &evidence);
    }

    #[test]
    fn run_steps_fail_for_many_reasons() {
        let two = "FROM golang:1.26\nWORKDIR /src\nRUN npm ci\n";
        for (file, number, name, exit, log, code, lines) in [
            (
                NODE,
                4,
                "RUN npm ci",
                Some(1),
                "npm error code ENOTFOUND\nnpm error network",
                codes::BUILD_NEEDS_NETWORK,
                vec![4],
            ),
            (
                NODE,
                4,
                "RUN npm ci",
                Some(100),
                "Temporary failure resolving 'deb.debian.org'",
                codes::BUILD_NEEDS_NETWORK,
                vec![4],
            ),
            (two, 3, "RUN npm ci", Some(127), "/bin/sh: 1: npm: not found", codes::RUN_TOOL_MISSING, vec![3]),
            (two, 3, "RUN npm ci", Some(127), "/bin/sh: npm: not found", codes::RUN_TOOL_MISSING, vec![3]),
            (NODE, 4, "RUN npm ci", Some(1), "Error: boom", codes::RUN_FAILED, vec![4]),
            (
                "FROM scratch\nCOPY x /x\nRUN chmod +x /x\n",
                2,
                "RUN chmod +x /x",
                None,
                "runc run failed: exec: \"/bin/sh\": stat /bin/sh: no such file or directory",
                codes::NO_SHELL,
                vec![3],
            ),
            (
                "FROM node:24\nWORKDIR /app\nUSER node\nRUN npm ci\n",
                3,
                "RUN npm ci",
                Some(243),
                "npm error EACCES: permission denied, mkdir '/app/node_modules'",
                codes::RUN_NOT_PERMITTED,
                vec![3, 4],
            ),
        ] {
            let evidence = failed_build(file, "", number, name, exit, log);
            fails(r#"["builds"]"#, &evidence, code, &lines);
        }
    }

    #[test]
    fn a_file_that_run_wants_was_not_copied_or_was_copied_elsewhere() {
        let log = "npm error code ENOENT\nnpm error enoent ENOENT: no such file or directory, open '/app/package.json'";
        let before = "FROM node:24\nWORKDIR /app\nRUN npm ci\nCOPY . .\n";
        let mut evidence = failed_build(before, "", 3, "RUN npm ci", Some(254), log);
        evidence.files = vec!["Dockerfile".into(), "package.json".into()];
        fails(r#"["builds"]"#, &evidence, codes::RUN_BEFORE_COPY, &[3]);
        let elsewhere = "FROM node:24\nCOPY package*.json /app/\nRUN npm ci\n";
        let mut evidence = failed_build(elsewhere, "", 3, "RUN npm ci", Some(254), &log.replace("/app/", "/"));
        evidence.files = vec!["Dockerfile".into(), "package.json".into()];
        let diagnosis = fails(r#"["builds"]"#, &evidence, codes::RUN_WRONG_FOLDER, &[2, 3]);
        assert_eq!(text(&diagnosis, "workdir"), "/");
        // A file that nobody has is no matter of copying.
        evidence.files = vec!["Dockerfile".into()];
        fails(r#"["builds"]"#, &evidence, codes::RUN_FAILED, &[3]);
    }

    #[test]
    fn copy_finds_nothing_for_many_reasons() {
        let file = "FROM golang:1.26 AS build\nRUN go build -o /bin/app .\nFROM scratch\nCOPY --from=build /src/app /app\nCOPY /bin/app /app\nCOPY conf.json /\n";
        let not_found = |path: &str| format!("failed to compute cache key: \"{path}\" not found: not found");
        let newer = |path: &str| format!("failed to calculate checksum of ref a::b: \"{path}\": not found");
        let copy = |number, name: &str, log: String| failed_build(file, "stage-1", number, name, None, &log);
        let d = fails(
            r#"["builds"]"#,
            &copy(1, "COPY --from=build /src/app /app", newer("/src/app")),
            codes::COPY_NOT_IN_STAGE,
            &[4],
        );
        assert_eq!((text(&d, "path").as_str(), text(&d, "from").as_str()), ("/src/app", "build"));
        let d = fails(
            r#"["builds"]"#,
            &copy(2, "COPY /bin/app /app", not_found("/bin/app")),
            codes::COPY_WITHOUT_FROM,
            &[5],
        );
        assert_eq!(text(&d, "stages"), "build");
        let mut evidence = copy(3, "COPY conf.json /", newer("/conf.json"));
        evidence.files = vec!["Conf.JSON".into(), "main.go".into()];
        let d = fails(r#"["builds"]"#, &evidence, codes::COPY_NOT_FOUND, &[6]);
        assert_eq!(text(&d, "nearby"), "Conf.JSON");
        evidence.files = vec!["conf.json".into()];
        evidence.ignored = vec!["conf.json".into()];
        fails(r#"["builds"]"#, &evidence, codes::COPY_IGNORED, &[6]);
    }

    #[test]
    fn refusals_and_limits() {
        let with = |failure| {
            let mut evidence = case(NODE, &[]);
            let step = BuildStep { number: 4, name: "RUN npm ci".into(), ..BuildStep::default() };
            evidence.build = Ok(BuildOutcome { steps: vec![step], failure: Some(failure), ..BuildOutcome::default() });
            evidence
        };
        let refused = "dockerfile parse error on line 4: unknown flag: mont";
        fails(r#"["builds"]"#, &with(BuildFailure::Refused(refused.into())), codes::SYNTAX, &[4]);
        fails(r#"["builds"]"#, &with(BuildFailure::Refused("no match for platform".into())), codes::BUILD_FAILED, &[]);
        fails(r#"["builds"]"#, &with(BuildFailure::Deadline(Some(0))), codes::BUILD_TIMEOUT, &[4]);
        fails(r#"["builds"]"#, &with(BuildFailure::Idle(Some(0))), codes::BUILD_IDLE, &[4]);
        let lost = with(BuildFailure::Lost("broken pipe".into()));
        blocked(r#"["builds"]"#, &lost, Verdict::Broken, codes::DAEMON_LOST, &[]);
        let full = with(BuildFailure::DiskFull("no space left".into()));
        blocked(r#"["builds"]"#, &full, Verdict::Broken, codes::DISK_FULL, &[]);
        let stopped = with(BuildFailure::Cancelled);
        blocked(r#"["builds"]"#, &stopped, Verdict::Skipped, codes::CANCELLED, &[]);
    }

    #[test]
    fn a_network_that_the_exercise_gives_is_not_to_blame() {
        let mut evidence = failed_build(NODE, "", 4, "RUN npm ci", Some(1), "npm error code ENOTFOUND");
        evidence.network = Network::Registry;
        fails(r#"["builds"]"#, &evidence, codes::RUN_FAILED, &[4]);
    }

    #[test]
    fn a_misspelt_stage_is_named() {
        let read = |text: &str| crate::dockerfile::Dockerfile::read(text.as_bytes(), &Default::default()).unwrap();
        let model = read("FROM a AS builder\nFROM scratch\nCOPY --from=bulider /x /x\nCOPY --from=busybox /x /y\n");
        let diagnosis = unknown_stage(&model, 1, "bulider").unwrap();
        assert_eq!((diagnosis.lines.as_slice(), text(&diagnosis, "near").as_str()), ([3].as_slice(), "builder"));
        assert!(unknown_stage(&model, 1, "busybox").is_none(), "an image that happens to be missing");
        let below = read("FROM builder\nFROM a AS builder\nFROM scratch\nCOPY --from=0 /x /x\n");
        assert!(unknown_stage(&below, 2, "builder").is_some(), "defined below its use");
        let upper = read("FROM a AS Build\nFROM Build\n");
        assert_eq!(text(&unknown_stage(&upper, 1, "Build").unwrap(), "near"), "build");
    }
}

mod sizes {
    use super::*;

    const ADDED: &str = r#"["builds", {"added": {"at-most": "10 MB"}}]"#;

    #[test]
    fn the_heaviest_line_is_named_with_its_bytes() {
        passes(r#"["builds", {"added": {"at-most": "45 MB"}}]"#, &node());
        let diagnosis = fails(ADDED, &node(), codes::ADDED_TOO_BIG, &[4]);
        assert_eq!(diagnosis.facts["worst-bytes"], Fact::Bytes(40_000_000));
        assert_eq!(
            (text(&diagnosis, "worst").as_str(), text(&diagnosis, "biggest").as_str()),
            ("RUN npm ci", "/app/x 40.0 MB")
        );
    }

    #[test]
    fn well_known_ways_to_too_many_bytes_are_recognised() {
        let mut evidence = node();
        image_of(&mut evidence).dev = vec![Heap { name: "jest".into(), bytes: 30_000_000, layer: 3 }];
        let diagnosis = fails(ADDED, &evidence, codes::DEV_DEPENDENCIES, &[4]);
        assert_eq!(text(&diagnosis, "packages"), "jest");
        let mut evidence = node();
        image_of(&mut evidence).caches = vec![Heap { name: "root/.npm".into(), bytes: 36_000_000, layer: 3 }];
        fails(ADDED, &evidence, codes::PACKAGE_CACHE, &[4]);
        // A small cache is not what made it too big.
        image_of(&mut evidence).caches[0].bytes = 1_000_000;
        fails(ADDED, &evidence, codes::ADDED_TOO_BIG, &[4]);
    }

    #[test]
    fn rm_and_chown_blame_both_lines() {
        let file = "FROM node:24\nCOPY . /app\nRUN rm -rf /app/big\n";
        let mut evidence =
            case(file, &[("COPY . /app # buildkit", 50_000_000), ("RUN /bin/sh -c rm -rf /app/big # buildkit", 0)]);
        let tally = Tally { files: 3, bytes: 45_000_000 };
        let waste = Waste { put_by: 1, hidden_by: 2, how: How::Removed, tally, examples: vec![] };
        image_of(&mut evidence).waste = vec![waste];
        let diagnosis = fails(ADDED, &evidence, codes::WASTE, &[2, 3]);
        assert_eq!(text(&diagnosis, "how"), "removed");
    }

    #[test]
    fn total_and_ratio_tell_the_base_from_the_lines() {
        let total = r#"["builds", {"total": {"at-most": "500 MB"}}]"#;
        let diagnosis = fails(total, &node(), codes::TOTAL_TOO_BIG, &[1]);
        assert_eq!(text(&diagnosis, "base"), "node:24");
        let smaller = r#"["builds", {"smaller-than-starter": {"times": 5}}]"#;
        let mut evidence = node();
        evidence.starter = Ok(Sizes { total: 1_500_000_000, ..Sizes::default() });
        fails(smaller, &evidence, codes::NOT_SMALLER, &[1]);
        evidence.starter = Ok(Sizes { total: 5_300_000_000, ..Sizes::default() });
        passes(smaller, &evidence);
        evidence.starter = Err(Blocked::broken(Diagnosis::new(codes::INTERNAL)));
        blocked(smaller, &evidence, Verdict::Broken, codes::INTERNAL, &[]);
    }
}

mod contents {
    use super::*;

    fn found(path: &str, layer: usize) -> Found {
        let example = Place { path: path.into(), size: 10, layer };
        Found { count: 1, bytes: 10, layers: [(layer, 1)].into(), examples: vec![example] }
    }

    const ABSENT: &str = r#"["builds", {"absent": {"paths": ["**/*.ts"], "tools": ["gcc"]}}]"#;

    #[test]
    fn what_a_line_brought_and_what_the_base_brought() {
        let mut evidence = node();
        let image = image_of(&mut evidence);
        image.paths.insert("**/*.ts".into(), Found::default());
        image.tools.insert("gcc".into(), vec![]);
        passes(ABSENT, &evidence);
        image_of(&mut evidence).paths.insert("**/*.ts".into(), found("app/a.ts", 2));
        fails(ABSENT, &evidence, codes::PATH_PRESENT, &[3]);
        let gcc = Place { path: "usr/bin/gcc".into(), size: 1, layer: 3 };
        image_of(&mut evidence).paths.insert("**/*.ts".into(), found("usr/a.ts", 0));
        image_of(&mut evidence).tools.insert("gcc".into(), vec![gcc.clone()]);
        fails(ABSENT, &evidence, codes::TOOL_PRESENT, &[4]);
        image_of(&mut evidence).tools.insert("gcc".into(), vec![Place { layer: 0, ..gcc }]);
        fails(ABSENT, &evidence, codes::TOOL_FROM_BASE, &[1]);
        image_of(&mut evidence).tools.insert("gcc".into(), vec![]);
        fails(ABSENT, &evidence, codes::PATH_FROM_BASE, &[1]);
    }

    #[test]
    fn a_missing_path_is_looked_for_elsewhere() {
        let present = r#"["builds", {"present": {"paths": ["app/dist/main.js"]}}]"#;
        let mut evidence = node();
        image_of(&mut evidence).paths.insert("app/dist/main.js".into(), Found::default());
        let astray = Place { path: "app/main.js".into(), size: 1, layer: 2 };
        let of_base = Place { path: "usr/lib/main.js".into(), size: 1, layer: 0 };
        image_of(&mut evidence).names.insert("main.js".into(), vec![of_base, astray]);
        let diagnosis = fails(present, &evidence, codes::PATH_MISSING, &[3]);
        assert_eq!(text(&diagnosis, "nearby"), "/app/main.js");
    }

    #[test]
    fn users_by_name_by_number_and_back_again() {
        let goal = r#"["builds", {"user": {"not-root": true}}]"#;
        let with = |file: &str, user: &str| {
            let mut evidence = case(file, &[]);
            image_of(&mut evidence).config.user = user.into();
            evidence
        };
        for user in ["node", "1000", "1000:1000", "node:node", "65532"] {
            passes(goal, &with("FROM a\nUSER x\n", user));
        }
        fails(goal, &with("FROM a\nRUN x\n", ""), codes::USER_ROOT, &[1]);
        fails(goal, &with("FROM a\nUSER 0\n", "0"), codes::USER_ROOT, &[2]);
        fails(goal, &with("FROM a\nUSER root:root\n", "root:root"), codes::USER_ROOT, &[2]);
        fails(goal, &with("FROM a\nUSER node\nRUN x\nUSER root\n", "root"), codes::USER_BACK_TO_ROOT, &[4]);
        fails(goal, &with("FROM a\nUSER nobody-here\n", "nobody-here"), codes::USER_UNKNOWN, &[2]);
        // The base brings a user of its own.
        passes(goal, &with("FROM gcr.io/distroless/static:nonroot\nCOPY a /a\n", "65532"));
        let exact = r#"["builds", {"user": {"uid": 10001}}]"#;
        fails(exact, &with("FROM a\nUSER node\n", "node"), codes::USER_WRONG, &[2]);
        passes(exact, &with("FROM a\nUSER 10001\n", "10001"));
    }
}

mod running {
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
        let init = |program: &str| {
            ended(127, "", &format!("[FATAL tini (7)] exec {program} failed: No such file or directory"))
        };
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
}

mod text_alone {
    use super::*;

    const TWO: &str =
        "FROM golang:1.26 AS build\nRUN go build\nFROM alpine AS unused\nFROM scratch\nCOPY --from=0 /a /a\n";

    fn of(text: &str) -> Evidence {
        Evidence::of_text(Ok(text.into()), Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON)))
    }

    #[test]
    fn stages_count_when_the_target_needs_them() {
        passes(r#"[{"stages": {"at-least": 2}}]"#, &of(TWO));
        passes(r#"[{"stages": {"named": ["BUILD"]}}]"#, &of(TWO));
        let diagnosis = fails(r#"[{"stages": {"at-least": 3}}]"#, &of(TWO), codes::STAGES_TOO_FEW, &[3]);
        assert_eq!(text(&diagnosis, "unreachable"), "unused");
        fails(r#"[{"stages": {"at-most": 1}}]"#, &of(TWO), codes::STAGES_TOO_MANY, &[1, 4]);
        fails(r#"[{"stages": {"named": ["unused"]}}]"#, &of(TWO), codes::STAGE_UNREACHABLE, &[3]);
        fails(r#"[{"stages": {"named": ["test"]}}]"#, &of(TWO), codes::STAGE_MISSING, &[]);
        fails(r#"[{"stages": {"at-least": 2}}]"#, &of("FROM a\nRUN x\n"), codes::STAGES_TOO_FEW, &[1]);
    }

    #[test]
    fn the_final_base_through_args_stages_and_spellings() {
        let base = |one_of: &str, text: &str| {
            judged(&format!(r#"[{{"final-base": {{"one-of": {one_of}}}}}]"#), &of(text)).verdict
        };
        assert_eq!(base(r#"["scratch"]"#, TWO), Verdict::Passed);
        assert_eq!(base(r#"["node:24*"]"#, "ARG V=24-slim\nFROM node:${V} AS b\nFROM b\n"), Verdict::Passed);
        assert_eq!(base(r#"["node:24"]"#, "FROM docker.io/library/node:24@sha256:abc\n"), Verdict::Passed);
        fails(
            r#"[{"final-base": {"one-of": ["scratch"]}}]"#,
            &of("FROM a AS x\n\nFROM x\n"),
            codes::FINAL_BASE_WRONG,
            &[1],
        );
        fails(r#"[{"final-base": {"none-of": ["*:latest"]}}]"#, &of("FROM node\n"), codes::FINAL_BASE_WRONG, &[1]);
    }

    #[test]
    fn instructions_that_must_or_must_not_be_there() {
        let file = "FROM node:24 AS a\nRUN --mount=target=/root/.npm,type=cache \\\n  npm ci --omit dev\nADD x /x\nFROM node:24\nCOPY --from=a /x /opt/venv\nENTRYPOINT [\"node\"]\n";
        for goal in [
            r#"[{"instruction": {"name": "RUN", "command": "npm ci --omit=dev", "flag": "--mount=type=cache"}}]"#,
            r#"[{"instruction": {"name": "copy", "flag": "--from=A", "argument": "* /opt/*"}}]"#,
            r#"[{"instruction": {"name": "CMD|ENTRYPOINT", "command": "node", "stage": "last"}}]"#,
            r#"[{"instruction": {"name": "ADD", "stage": "last", "there": false}}]"#,
        ] {
            passes(goal, &of(file));
        }
        fails(r#"[{"instruction": {"name": "ADD", "there": false}}]"#, &of(file), codes::INSTRUCTION_PRESENT, &[4]);
        let diagnosis = fails(
            r#"[{"instruction": {"name": "COPY", "flag": "--chown"}}]"#,
            &of(file),
            codes::INSTRUCTION_MISSING,
            &[6],
        );
        assert_eq!(text(&diagnosis, "instruction"), "COPY --chown");
        fails(r#"[{"instruction": {"name": "HEALTHCHECK"}}]"#, &of(file), codes::INSTRUCTION_MISSING, &[]);
    }

    #[test]
    fn a_file_that_does_not_parse_skips_the_rest() {
        let broken = Blocked::failed(Diagnosis::new(codes::DOCKERFILE_EMPTY));
        let evidence = Evidence::of_text(Err(broken), Blocked::skipped(Diagnosis::new(codes::NEEDS_DAEMON)));
        fails(r#"["builds"]"#, &evidence, codes::DOCKERFILE_EMPTY, &[]);
        blocked(r#"["builds", {"stages": {"at-least": 1}}]"#, &evidence, Verdict::Skipped, codes::NEEDS_GOAL, &[]);
    }
}

mod caching {
    use super::*;

    const GOAL: &str = r#"["builds", {"cached-after-edit": {"edit": {"file": "src/server.js", "append": "//"}, "still-cached": {"one-of": ["npm ci", "npm install"]}}}]"#;

    fn rebuilt(file: &str, steps: &[(&str, u32, &str, bool)]) -> Evidence {
        let mut evidence = case(file, &[]);
        let step = |(stage, number, name, cached): &(&str, u32, &str, bool)| BuildStep {
            stage: (*stage).into(),
            number: *number,
            name: (*name).into(),
            cached: *cached,
            started: true,
            completed: true,
            ..BuildStep::default()
        };
        let outcome = BuildOutcome { steps: steps.iter().map(step).collect(), ..BuildOutcome::default() };
        let edit = Edit { file: "src/server.js".into(), append: "//".into() };
        evidence.rebuilds.insert(key(&edit), Ok(outcome));
        evidence
    }

    #[test]
    fn the_line_that_broke_the_cache_is_named() {
        let bad = "FROM node:24\nWORKDIR /app\nCOPY package.json .\nCOPY . .\nRUN npm ci\n";
        let steps = [
            ("", 2, "WORKDIR /app", true),
            ("", 3, "COPY package.json .", true),
            ("", 4, "COPY . .", false),
            ("", 5, "RUN npm ci", false),
        ];
        let diagnosis = fails(GOAL, &rebuilt(bad, &steps), codes::CACHE_MISSED, &[4]);
        assert_eq!((text(&diagnosis, "cause"), text(&diagnosis, "step")), ("COPY . .".into(), "RUN npm ci".into()));
        let good = "FROM node:24\nWORKDIR /app\nCOPY package.json .\nRUN npm ci\nCOPY . .\n";
        let steps = [("", 4, "RUN npm ci", true), ("", 5, "COPY . .", false)];
        passes(GOAL, &rebuilt(good, &steps));
        // A step that was not needed again is as good as cached.
        passes(GOAL, &rebuilt(good, &[]));
    }

    #[test]
    fn a_bind_mount_of_the_sources_breaks_its_own_step() {
        let file = "FROM node:24\nRUN --mount=type=bind,target=/src cd /src && npm ci\n";
        let steps = [("", 2, "RUN --mount=type=bind,target=/src cd /src && npm ci", false)];
        fails(GOAL, &rebuilt(file, &steps), codes::CACHE_MISSED, &[2]);
    }

    #[test]
    fn every_such_step_must_be_cached_and_one_must_be_there() {
        let file =
            "FROM node:24 AS deps\nCOPY package.json .\nRUN npm ci\nFROM deps\nCOPY src/ src/\nRUN npm install\n";
        let steps = [
            ("deps", 3, "RUN npm ci", true),
            ("stage-1", 1, "COPY src/ src/", false),
            ("stage-1", 2, "RUN npm install", false),
        ];
        fails(GOAL, &rebuilt(file, &steps), codes::CACHE_MISSED, &[5]);
        let none = "FROM node:24\nCOPY . .\nRUN yarn\n";
        fails(GOAL, &rebuilt(none, &[]), codes::STEP_MISSING, &[]);
    }

    #[test]
    fn a_file_that_is_not_there_cannot_be_edited() {
        let mut evidence = rebuilt("FROM node:24\nRUN npm ci\n", &[]);
        let missing = Blocked::failed(Diagnosis::new(codes::EDIT_FILE_MISSING));
        evidence.rebuilds.values_mut().for_each(|r| *r = Err(missing.clone()));
        fails(GOAL, &evidence, codes::EDIT_FILE_MISSING, &[]);
    }

    #[test]
    fn equal_edits_are_made_once() {
        let both = [GOAL, GOAL].map(|g| goals(g).pop().unwrap());
        let mut needs = Needs::default();
        for goal in &both {
            needs.add(plan(goal));
        }
        assert_eq!(needs.rebuilds.len(), 1);
        let Ask::CachedAfterEdit(CachedAfterEdit { edit, .. }) = &both[0].ask else { panic!("another kind") };
        assert_eq!(needs.rebuilds[0], *edit);
    }
}
