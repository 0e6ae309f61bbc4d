//! Whole checks on the daemon at DOCKER_HOST: plan, build, image, runs, and that nothing is left of them.
#![cfg(feature = "daemon-tests")]

mod daemon_common;

use daemon_common::{BUSYBOX, docker, engine, folder, nonce, sleeping, wait_for};
use dockshala_checkers::{
    check::{self, Event, Options, Submission, Tier},
    dockerfile::{Dockerfile, frontend_of_engine},
    engine::{
        BuildFailure, BuildRequest, Engine,
        bases::{BaseOptions, Kit},
    },
    spec::{Kind, Network, Profile, Spec},
    verdict::{CheckResult, Verdict, codes},
};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

fn options() -> Options {
    let kit = Arc::new(Kit::empty());
    Options::new(BaseOptions { kit, ask_registry: false, mirror: None, known: BTreeMap::new() })
}

fn spec(goals: &str) -> Spec {
    Spec {
        id: "daemon-check".into(),
        kind: Kind::Dockerfile,
        images: vec!["dockshala.local/*".into(), "scratch".into()],
        needs: vec![],
        network: Network::None,
        profile: Profile::Server,
        goals: serde_json::from_str(goals).unwrap(),
    }
}

/// A check and all that it said.
async fn checked(engine: &Engine, goals: &str, dir: &Path, starter: Option<&Path>) -> (CheckResult, Vec<Event>) {
    let submission = Submission { dir: dir.to_owned(), starter: starter.map(Path::to_owned), label: None };
    let (events, mut watch) = mpsc::channel(16);
    let drain = async {
        let mut all = Vec::new();
        while let Some(event) = watch.recv().await {
            all.push(event);
        }
        all
    };
    let (spec, options, cancel) = (spec(goals), options(), CancellationToken::new());
    tokio::join!(check::check(&spec, &submission, Some(engine), &options, events, cancel), drain)
}

fn told(result: &CheckResult) -> Vec<(String, Verdict, String, Vec<u32>)> {
    let of = |g: &dockshala_checkers::verdict::GoalResult| {
        let (code, lines) = g.diagnosis.as_ref().map_or_else(Default::default, |d| (d.code.clone(), d.lines.clone()));
        (g.id.clone(), g.verdict, code, lines)
    };
    result.goals.iter().map(of).collect()
}

#[track_caller]
fn fails(result: &CheckResult, id: &str, code: &str, lines: &[u32]) {
    let all = told(result);
    let goal = all.iter().find(|(i, ..)| i == id).unwrap_or_else(|| panic!("no {id} in {all:?}"));
    assert_eq!((goal.1, goal.2.as_str(), goal.3.as_slice()), (Verdict::Failed, code, lines), "{all:?}");
}

/// Nothing of the run is left: images, containers, networks.
async fn closes_clean(engine: Engine) {
    let reaped = engine.close().await.unwrap();
    let left = (reaped.containers, reaped.networks, reaped.volumes, reaped.images, reaped.failed);
    assert_eq!(left, (0, 0, 0, 0, 0), "left: {reaped:?}");
}

const SERVER: &str = "#!/bin/sh\nexec httpd -f -p 8080 -h /www\n";

#[tokio::test(flavor = "multi_thread")]
async fn one_check_with_every_kind_of_goal() {
    let engine = engine().await;
    let dockerfile = format!(
        "FROM {BUSYBOX} AS Build\nCOPY deps.txt /\nRUN sh -c 'cp deps.txt installed' # {nonce}\nCOPY page.html /www/\n\n\
         FROM {BUSYBOX}\nCOPY --from=build /www /www\nCOPY --chmod=755 serve /serve\nUSER 1000:1000\nENTRYPOINT [\"/serve\"]\n",
        nonce = nonce()
    );
    let files = [
        ("Dockerfile", dockerfile.as_str()),
        ("deps.txt", "a"),
        ("page.html", "namaste"),
        ("serve", "#!/bin/sh\n[ \"$1\" = version ] && { echo 1.2; exit 3; }\nexec httpd -f -p 8080 -h /www\n"),
    ];
    let submission = folder(&files);
    let starter = format!("FROM {BUSYBOX}\nRUN head -c 30000000 /dev/zero > /big # {}\n", nonce());
    let starter = folder(&[("Dockerfile", &starter)]);
    let goals = r#"[
        "builds",
        {"stages": {"at-least": 2, "named": ["build"]}},
        {"final-base": {"one-of": ["dockshala.local/busybox*"]}},
        {"added": {"at-most": "1 kB"}},
        {"total": {"at-most": "20 MB"}},
        {"smaller-than-starter": {"times": 2}},
        {"absent": {"paths": ["installed", "**/*.txt"], "tools": ["gcc"]}},
        {"present": {"paths": ["www/page.html", "serve"]}},
        {"user": {"not-root": true, "uid": 1000}},
        {"runs": {"args": ["version"], "stdout": "1.2", "exit": 3}},
        {"http": {"port": 8080, "path": "/page.html", "body": "namaste"}},
        {"cached-after-edit": {"edit": {"file": "page.html", "append": "{nonce}"}, "still-cached": {"command": "cp deps.txt"}}},
        {"instruction": {"name": "COPY", "flag": "--from=build"}}
    ]"#;
    let (result, events) = checked(&engine, goals, submission.path(), Some(starter.path())).await;
    assert!(result.passed(), "{:#?}", result.goals);
    let sizes = result.sizes.unwrap();
    assert!(sizes.added > 0 && sizes.added < 1000 && sizes.total > sizes.added, "{sizes:?}");
    assert!(result.starter.unwrap().added >= 30_000_000);
    let costs: Vec<Option<u32>> = result.costs.iter().map(|c| c.line).collect();
    assert_eq!(costs, [None, Some(7), Some(8)], "the base, and the two lines that put bytes");
    let step_lines: Vec<Option<u32>> =
        result.steps.iter().filter(|s| !s.name.starts_with("FROM")).map(|s| s.line).collect();
    assert!(step_lines.iter().all(Option::is_some) && step_lines.len() == 5, "{:?}", result.steps);
    // Goals are told of as soon as their evidence is there, each once.
    let judged: Vec<&String> =
        events.iter().filter_map(|e| if let Event::Judged(g) = e { Some(&g.id) } else { None }).collect();
    assert_eq!(judged.len(), result.goals.len());
    assert_eq!(judged[..3], ["stages", "final-base", "instruction"]);
    let tiers: Vec<Tier> = events.iter().filter_map(|e| if let Event::Tier(t) = e { Some(*t) } else { None }).collect();
    assert_eq!(tiers, [Tier::Parse, Tier::Build, Tier::Image, Tier::Run]);
    assert!(result.commands[0].starts_with("docker build -t daemon-check"), "{:?}", result.commands);
    assert!(result.notes.iter().any(|n| n.code == codes::NOTE_DOCKER_SIZE));
    // What is remembered of the starter saves its build.
    let began = Instant::now();
    let (again, _) =
        checked(&engine, r#"[{"smaller-than-starter": {"times": 2}}]"#, submission.path(), Some(starter.path())).await;
    assert_eq!((again.exit_code(), again.starter), (0, result.starter), "after {:?}", began.elapsed());
    closes_clean(engine).await;
}

/// Files that BuildKit builds though they look odd; each RUN writes a file of its line's number in kB, so that the sizes
/// tell whether layers were mapped to the right lines.
#[tokio::test(flavor = "multi_thread")]
async fn layers_find_their_lines_in_odd_files() {
    let engine = engine().await;
    let n = nonce();
    let write = |line: u32| format!("head -c {line}000 /dev/zero > /f{line}");
    let mut odd = vec![
        format!(
            "FROM {BUSYBOX}\nARG A=1\n\nENV B=$A\nRUN {} # {n}\n# c\nRUN {}\nLABEL x=y\nCMD [\"x\"]\n",
            write(5),
            write(7)
        ),
        format!(
            "\u{feff}from {BUSYBOX} as Base\r\nrun {} \\\r\n  # why\r\n\r\n  && true {n}\r\nFROM base\r\nuser 1\r\nuser 0\r\nRun {}\r\n",
            write(2),
            write(9)
        ),
        format!(
            "ARG IMG={BUSYBOX}\nFROM ${{IMG}} AS same\nRUN echo no\nFROM $IMG AS same\nSHELL [\"/bin/sh\", \"-euc\"]\nRUN {}\nWORKDIR /w\nRUN [\"sh\", \"-c\", \"{} # {n}\"]\nONBUILD RUN x\n",
            write(6),
            write(8)
        ),
        format!(
            "# escape=`\nFROM {BUSYBOX}\nENV X 1`\n2\nRUN true `\n && {}\nEXPOSE 80 81\nRUN {} # {n}\n",
            write(5),
            write(8)
        ),
    ];
    if frontend_of_engine(&engine.info().version) >= (1, 4) {
        odd.push(format!("FROM {BUSYBOX}\nRUN <<EOF\n{}\n# {n}\ntrue FROM nothing\nEOF\nCOPY <<A <<B /d/\nx\nA\nB\nRUN sh <<'X'\n{}\nX\n", write(2), write(11)));
    }
    for text in odd {
        let dir = folder(&[("Dockerfile", &text)]);
        let (result, _) = checked(&engine, r#"["builds", {"added": {"at-most": "1 MB"}}]"#, dir.path(), None).await;
        assert!(result.passed(), "{text}\n{:#?}", result.goals);
        for cost in result.costs.iter().filter(|c| c.bytes >= 1000 && c.line.is_some()) {
            assert_eq!(u64::from(cost.line.unwrap()) * 1000, cost.bytes, "{text}\n{:#?}", result.costs);
        }
        assert_eq!(result.costs.iter().filter(|c| c.bytes >= 1000).count(), 3, "{text}\n{:#?}", result.costs);
        for step in result.steps.iter().filter(|s| s.name.to_lowercase().starts_with("run")) {
            assert!(step.line.is_some(), "{step:?}");
        }
    }
    closes_clean(engine).await;
}

/// Whatever we refuse without asking, the builder refuses too. Not asked: a file of ARG lines alone, on which the daemon of
/// Engine 26.1 itself dies (`lastTarget` of no stages), and which must therefore never reach one.
#[tokio::test(flavor = "multi_thread")]
async fn the_builder_refuses_what_we_refuse() {
    let engine = engine().await;
    for text in [
        format!("FROM {BUSYBOX}\nRUNN x\n"),
        format!("RUN x\nFROM {BUSYBOX}\n"),
        format!("FROM {BUSYBOX} x y z\n"),
        format!("FROM {BUSYBOX} AS 1b\n"),
        "FROM ${NOTHING}\n".to_owned(),
        format!("FROM {BUSYBOX}\nCOPY x\n"),
        format!("FROM {BUSYBOX}\nWORKDIR\n"),
        format!("FROM {BUSYBOX}\nRUN <<EOF\necho\n"),
        format!("FROM {BUSYBOX} AS x\nCOPY --from=x /a /a\n"),
        format!("FROM {BUSYBOX}\nCOPY --from=3 /a /a\n"),
    ] {
        assert!(Dockerfile::read(text.as_bytes(), &Default::default()).is_err(), "{text}");
        let dir = folder(&[("a", "")]);
        let tag = engine.tag("refused");
        let request = BuildRequest::new(dir.path(), text.as_str(), &tag);
        let outcome = engine.build(request, mpsc::channel(1).0, CancellationToken::new()).await.unwrap();
        assert!(
            matches!(outcome.failure, Some(BuildFailure::Refused(_) | BuildFailure::Step { .. })),
            "{text}: {:?}",
            outcome.failure
        );
    }
    closes_clean(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_name_their_line() {
    let engine = engine().await;
    let n = nonce();
    let all = r#"["builds", {"runs": {"stdout": "x"}}]"#;
    for (text, id, code, lines) in [
        (format!("FROM {BUSYBOX}\nRUN npm ci # {n}\n"), "builds", codes::RUN_TOOL_MISSING, vec![2]),
        (format!("FROM {BUSYBOX}\nRUN cat wanted.txt # {n}\n"), "builds", codes::RUN_BEFORE_COPY, vec![2]),
        (
            format!("FROM {BUSYBOX}\nCOPY . /sub/\nRUN cat wanted.txt # {n}\n"),
            "builds",
            codes::RUN_WRONG_FOLDER,
            vec![2, 3],
        ),
        (
            format!("FROM {BUSYBOX}\nRUN wget http://example.invalid/ # {n}\n"),
            "builds",
            codes::BUILD_NEEDS_NETWORK,
            vec![2],
        ),
        (format!("FROM {BUSYBOX}\nUSER 7\nRUN touch /{n}\n"), "builds", codes::RUN_NOT_PERMITTED, vec![2, 3]),
        (format!("FROM {BUSYBOX}\nRUN exit 3 # {n}\n"), "builds", codes::RUN_FAILED, vec![2]),
        (format!("FROM {BUSYBOX}\nCOPY Wanted.TXT /\nRUN echo {n}\n"), "builds", codes::COPY_NOT_FOUND, vec![2]),
        (format!("FROM {BUSYBOX}\nCOPY secret.txt /\nRUN echo {n}\n"), "builds", codes::COPY_IGNORED, vec![2]),
        (
            format!("FROM {BUSYBOX} AS one\nRUN touch /x\nFROM scratch\nCOPY --from=one /y /\n"),
            "builds",
            codes::COPY_NOT_IN_STAGE,
            vec![4],
        ),
        (
            format!("FROM {BUSYBOX} AS one\nRUN touch /x\nFROM scratch\nCOPY /x /\n"),
            "builds",
            codes::COPY_WITHOUT_FROM,
            vec![4],
        ),
        (
            format!("FROM {BUSYBOX} AS builder\nFROM scratch\nCOPY --from=bulider /x /\n"),
            "builds",
            codes::STAGE_UNKNOWN,
            vec![3],
        ),
        (format!("FROM {BUSYBOX}\nRUN --mont=x true\n"), "builds", codes::SYNTAX, vec![2]),
        (format!("FROM scratch\nCOPY wanted.txt /\nCMD cat {n}\n"), "runs", codes::NO_SHELL, vec![3]),
        ("FROM scratch\nCOPY wanted.txt /\n".to_owned(), "runs", codes::NO_COMMAND, vec![1]),
        (
            format!("FROM {BUSYBOX}\nCOPY crlf.sh /\nRUN chmod +x /crlf.sh\nCMD [\"/crlf.sh\"]\n"),
            "runs",
            codes::SCRIPT_CRLF,
            vec![3],
        ),
        (format!("FROM {BUSYBOX}\nCOPY bash.sh /\nCMD [\"/bash.sh\"]\n"), "runs", codes::NOT_EXECUTABLE, vec![2]),
        (
            format!("FROM {BUSYBOX}\nCOPY bash.sh /\nRUN chmod 755 /bash.sh\nCMD /bash.sh\n"),
            "runs",
            codes::INTERPRETER_MISSING,
            vec![3],
        ),
        (format!("FROM {BUSYBOX}\nCMD [\"nothing-here\"]\n"), "runs", codes::COMMAND_NOT_FOUND, vec![2]),
        (format!("FROM {BUSYBOX}\nUSER nobody-here\nCMD [\"true\"]\n"), "runs", codes::USER_UNKNOWN, vec![2]),
        (format!("FROM {BUSYBOX}\nCMD [\"echo\", \"y\"]\n"), "runs", codes::OUTPUT_WRONG, vec![2]),
    ] {
        let files = [
            ("Dockerfile", text.as_str()),
            ("wanted.txt", "x"),
            ("secret.txt", "x"),
            (".dockerignore", "secret*\n"),
            ("crlf.sh", "#!/bin/sh\r\necho x\r\n"),
            ("bash.sh", "#!/bin/bash\necho x\n"),
        ];
        let dir = folder(&files);
        let (result, _) = checked(&engine, all, dir.path(), None).await;
        println!("{text}");
        fails(&result, id, code, &lines);
    }
    closes_clean(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bases_that_are_not_here_and_frontends() {
    let engine = engine().await;
    let dir = folder(&[("Dockerfile", "FROM no-such-image.invalid/x:1\nCMD x\n")]);
    let (result, _) = checked(&engine, r#"["builds", "runs"]"#, dir.path(), None).await;
    let all = told(&result);
    assert_eq!(
        (all[0].1, all[0].2.as_str(), all[0].3.as_slice()),
        (Verdict::Broken, codes::IMAGE_UNAVAILABLE, [1].as_slice())
    );
    assert_eq!((all[1].1, all[1].2.as_str()), (Verdict::Skipped, codes::NEEDS_GOAL));
    assert!(result.notes.iter().any(|n| n.code == codes::NOTE_UNLISTED_BASE));
    assert_eq!(result.exit_code(), 3);

    let text = format!("# syntax=docker/dockerfile:1\nFROM {BUSYBOX}\nRUN true\nCMD [\"true\"]\n");
    let dir = folder(&[("Dockerfile", &text)]);
    let (result, _) = checked(&engine, r#"["builds", "runs"]"#, dir.path(), None).await;
    assert!(result.passed(), "{:?}", told(&result));
    assert!(result.notes.iter().any(|n| n.code == codes::NOTE_SYNTAX_BLANKED && n.lines == [1]));

    let text = format!("# syntax=docker/dockerfile:1.20\nFROM {BUSYBOX}\nCOPY --parents a /\n");
    let dir = folder(&[("Dockerfile", &text), ("a", "")]);
    let (result, _) = checked(&engine, r#"["builds"]"#, dir.path(), None).await;
    let all = told(&result);
    assert_eq!(
        (all[0].1, all[0].2.as_str(), all[0].3.as_slice()),
        (Verdict::Broken, codes::FRONTEND_UNAVAILABLE, [1, 3].as_slice())
    );
    closes_clean(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_check_ends_soon_and_leaves_nothing() {
    let engine = engine().await;
    // A number of seconds that no other process sleeps.
    let seconds = 100_000 + std::process::id() % 100_000;
    let text = format!("FROM {BUSYBOX}\nRUN sleep {seconds}\n");
    let dir = folder(&[("Dockerfile", &text)]);
    let submission = Submission { dir: dir.path().to_owned(), starter: None, label: None };
    let cancel = CancellationToken::new();
    // Nobody reads the events, and the channel is small: that must not hold the check up either.
    let (events, watch) = mpsc::channel(1);
    let stop = cancel.clone();
    let stopper = async move {
        let mut watch = watch;
        // Enough is read for the build to start.
        let reading = async { while watch.recv().await.is_some() {} };
        let begun = wait_for(|| sleeping(seconds), Duration::from_secs(60));
        let began = tokio::select! { () = reading => None, begun = begun => begun };
        began.expect("the step started");
        stop.cancel();
        let at = Instant::now();
        std::mem::forget(watch);
        at
    };
    let (spec, options) = (spec(r#"["builds", {"stages": {"at-most": 1}}]"#), options());
    let check = check::check(&spec, &submission, Some(&engine), &options, events, cancel);
    let (result, cancelled) = tokio::join!(check, stopper);
    assert!(cancelled.elapsed() < Duration::from_secs(5), "{:?}", cancelled.elapsed());
    let all = told(&result);
    assert_eq!((all[0].1, all[0].2.as_str()), (Verdict::Skipped, codes::CANCELLED));
    assert_eq!(all[1].1, Verdict::Passed);
    wait_for(|| !sleeping(seconds), Duration::from_secs(5)).await.expect("the build died");
    closes_clean(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_without_end_is_stopped_and_its_line_named() {
    let engine = engine().await;
    let text = format!("FROM {BUSYBOX}\nENV A=1\nRUN while true; do echo {}; done\n", nonce());
    let dir = folder(&[("Dockerfile", &text)]);
    let submission = Submission { dir: dir.path().to_owned(), starter: None, label: None };
    let (events, watch) = mpsc::channel(4);
    drop(watch);
    let options = Options { deadline: Duration::from_secs(4), ..options() };
    let spec = spec(r#"["builds"]"#);
    let result = check::check(&spec, &submission, Some(&engine), &options, events, CancellationToken::new()).await;
    fails(&result, "builds", codes::BUILD_TIMEOUT, &[3]);
    assert!(result.seconds < 15.0, "{}", result.seconds);
    closes_clean(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_do_not_answer() {
    let engine = engine().await;
    let goal = r#"["builds", {"http": {"port": 8080, "within": "4s"}}]"#;
    for (serve, code) in [
        (SERVER.replace("8080", "127.0.0.1:8080"), codes::PORT_LOOPBACK),
        (SERVER.replace("8080", "9090"), codes::PORT_CLOSED),
        ("#!/bin/sh\necho boom >&2\nexit 4\n".to_owned(), codes::SERVER_DIED),
    ] {
        let text = format!("FROM {BUSYBOX}\nCOPY --chmod=755 serve /serve\nRUN mkdir /www\nCMD [\"/serve\"]\n");
        let dir = folder(&[("Dockerfile", &text), ("serve", &serve)]);
        let (result, _) = checked(&engine, goal, dir.path(), None).await;
        fails(&result, "http", code, &[4]);
    }
    closes_clean(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_daemon_the_text_is_judged() {
    let dir = folder(&[("Dockerfile", "FROM a AS x\nFROM scratch\nCOPY --from=x /a /a\n")]);
    let submission = Submission { dir: dir.path().to_owned(), starter: None, label: None };
    let (events, _watch) = mpsc::channel(64);
    let spec = spec(r#"["builds", {"stages": {"at-least": 2}}, "runs"]"#);
    let result = check::check(&spec, &submission, None, &options(), events, CancellationToken::new()).await;
    assert!(result.provisional && !result.passed());
    let verdicts: Vec<Verdict> = result.goals.iter().map(|g| g.verdict).collect();
    assert_eq!(verdicts, [Verdict::Skipped, Verdict::Passed, Verdict::Skipped]);
    assert_eq!(result.exit_code(), 4);
}

/// The commands that a check shows can be pasted: with stand-ins they name them as build contexts.
#[tokio::test(flavor = "multi_thread")]
async fn the_commands_that_are_shown_work() {
    let engine = engine().await;
    let text = "FROM busybox:1.37\nRUN true\n";
    let dir = folder(&[("Dockerfile", text)]);
    let mut kit = Kit::empty();
    kit.prefix = "dockshala.local/".into();
    let recipe = serde_json::json!({
        "names": ["busybox:1.37"], "folder": "busybox", "versions": {"busybox": "1.37"}, "disk": "5 MB", "contract": {},
    });
    kit.images.push(serde_json::from_value(recipe).unwrap());
    let mut options = options();
    options.bases.kit = Arc::new(kit);
    let submission = Submission { dir: dir.path().to_owned(), starter: None, label: None };
    let (events, mut watch) = mpsc::channel(16);
    let drain = async { while watch.recv().await.is_some() {} };
    let spec = spec(r#"["builds"]"#);
    let check = check::check(&spec, &submission, Some(&engine), &options, events, CancellationToken::new());
    let (result, ()) = tokio::join!(check, drain);
    assert!(result.passed(), "{:?}", told(&result));
    assert_eq!(result.stand_ins[0].by, BUSYBOX);
    // Named build contexts came with frontend 1.4.
    if frontend_of_engine(&engine.info().version) >= (1, 4) {
        let tag = engine.tag("pasted");
        let command = result.commands[0].replace("-t daemon-check", &format!("-t {tag}"));
        let status = std::process::Command::new("sh").args(["-c", &command]).current_dir(dir.path()).status().unwrap();
        assert!(status.success(), "{command}");
        docker(&["image", "rm", &tag]);
    }
    closes_clean(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_with_a_secret_keeps_its_cache_after_an_edit() {
    let engine = engine().await;
    let dockerfile = format!(
        "FROM {BUSYBOX}\nWORKDIR /shop\nCOPY deps.txt .\nRUN --mount=type=secret,id=key \\\n  \
         sha256sum /run/secrets/key | cut -c 1-64 > proof && sort deps.txt > installed # {}\nCOPY menu.txt .\n",
        nonce()
    );
    let dir = folder(&[("Dockerfile", dockerfile.as_str()), ("deps.txt", "b\na\n"), ("menu.txt", "chai\n")]);
    let goals = r#"["builds", {"no-secret": {"secret": "key", "proof": "shop/proof"}},
        {"cached-after-edit": {"edit": {"file": "menu.txt", "append": "{nonce}"}, "still-cached": {"command": "sort"}}}]"#;
    // Twice: the second check has another secret, and must not get what was made with the first one's.
    for _ in 0..2 {
        let (result, _) = checked(&engine, goals, dir.path(), None).await;
        assert!(result.passed(), "{:?}", told(&result));
    }
    closes_clean(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_build_makes_the_daemon_fetch() {
    let engine = engine().await;
    // A trigger of this file runs in it, and a stage that only another goal builds is built.
    let trigger = format!("FROM {BUSYBOX} AS p\nONBUILD ADD http://127.0.0.1:1/x /\nFROM p\nRUN true\n");
    let sibling =
        format!("FROM {BUSYBOX} AS base\nRUN true\nFROM base AS other\nADD me@127.0.0.1:x.git /x\nFROM base\nRUN :\n");
    for (text, line) in [(trigger, 2), (sibling, 4)] {
        let dir = folder(&[("Dockerfile", text.as_str())]);
        let goals = r#"["builds", {"layer-shares": {"with": "other", "all-but": 9}}]"#;
        let goals = if line == 4 { goals } else { r#"["builds"]"# };
        let (result, _) = checked(&engine, goals, dir.path(), None).await;
        fails(&result, "builds", codes::BUILD_NEEDS_NETWORK, &[line]);
    }
    closes_clean(engine).await;
}
