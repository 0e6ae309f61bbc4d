//! A build that failed, and what the learner is told of it.

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
            "Temporary failure resolving 'mirror.example'",
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
    let diagnosis = fails(r#"["builds"]"#, &evidence, codes::RUN_BEFORE_COPY, &[3]);
    assert_eq!(text(&diagnosis, "copy"), "package.json ./");
    let elsewhere = "FROM node:24\nCOPY package*.json /app/\nRUN npm ci\n";
    let mut evidence = failed_build(elsewhere, "", 3, "RUN npm ci", Some(254), &log.replace("/app/", "/"));
    evidence.files = vec!["Dockerfile".into(), "package.json".into()];
    let diagnosis = fails(r#"["builds"]"#, &evidence, codes::RUN_WRONG_FOLDER, &[2, 3]);
    assert_eq!(text(&diagnosis, "workdir"), "/");
    // A file of a folder is copied with its folder: `COPY vendor/x.tgz ./` would lay it where nobody looks.
    let vendored = "FROM node:24\nWORKDIR /app\nCOPY package.json ./\nRUN npm ci\n";
    let log = "npm error enoent ENOENT: no such file or directory, open '/app/vendor/rupees.tgz'";
    let mut inside = failed_build(vendored, "", 4, "RUN npm ci", Some(254), log);
    inside.files = vec!["Dockerfile".into(), "package.json".into(), "vendor/rupees.tgz".into()];
    let diagnosis = fails(r#"["builds"]"#, &inside, codes::RUN_BEFORE_COPY, &[4]);
    assert_eq!(text(&diagnosis, "copy"), "vendor ./vendor");
    // A file that nobody has is no matter of copying.
    evidence.files = vec!["Dockerfile".into()];
    fails(r#"["builds"]"#, &evidence, codes::RUN_FAILED, &[3]);
}

#[test]
fn a_script_whose_tool_the_install_above_left_out() {
    let log = "> kulhad-bundle src dist\nsh: 1: kulhad-bundle: not found";
    let file = |install: &str| format!("FROM node:24\nCOPY . .\nRUN {install}\nRUN npm run build\n");
    let early = failed_build(&file("npm ci --omit=dev"), "", 4, "RUN npm run build", Some(127), log);
    let diagnosis = fails(r#"["builds"]"#, &early, codes::RUN_DEV_TOOL, &[3, 4]);
    assert_eq!(text(&diagnosis, "tool"), "kulhad-bundle");
    assert_eq!(text(&diagnosis, "install"), "npm ci --omit=dev");
    // With everything installed it is some other mistake, and nothing is said about development packages.
    let all = failed_build(&file("npm ci"), "", 4, "RUN npm run build", Some(127), log);
    fails(r#"["builds"]"#, &all, codes::RUN_FAILED, &[4]);
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
    let d =
        fails(r#"["builds"]"#, &copy(2, "COPY /bin/app /app", not_found("/bin/app")), codes::COPY_WITHOUT_FROM, &[5]);
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
