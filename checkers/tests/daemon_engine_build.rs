//! Builds on the daemon at DOCKER_HOST, with both builders.
#![cfg(feature = "daemon-tests")]

mod daemon_common;

use daemon_common::{BUSYBOX, engine, folder, nonce, sleeping, wait_for};
use dockshala_checkers::engine::{
    BuildEvent, BuildFailure, BuildOutcome, BuildRequest, BuilderChoice, ConnectOptions, Engine, EngineError,
};
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

async fn build(engine: &Engine, choice: BuilderChoice, request: BuildRequest) -> (BuildOutcome, Vec<BuildEvent>) {
    let (sender, mut receiver) = mpsc::channel(8);
    let events = tokio::spawn(async move {
        let mut events = Vec::new();
        while let Some(event) = receiver.recv().await {
            events.push(event);
        }
        events
    });
    let outcome = engine.build_with(choice, request, sender, CancellationToken::new()).await.unwrap();
    (outcome, events.await.unwrap())
}

fn request(engine: &Engine, dir: &Path, dockerfile: &str, name: &str) -> BuildRequest {
    BuildRequest::new(dir, dockerfile, engine.tag(name))
}

const BOTH: [BuilderChoice; 2] = [BuilderChoice::Grpc, BuilderChoice::Buildx];

#[tokio::test(flavor = "multi_thread")]
async fn a_build_tells_its_steps_in_order_and_what_was_cached() {
    let engine = engine().await;
    for choice in BOTH {
        let nonce = nonce();
        let dir =
            folder(&[("src/a.txt", &nonce), ("junk.log", "j"), (".dockerignore", "*.log\n"), ("Dockerfile", "own")]);
        let dockerfile = format!(
            "FROM {BUSYBOX} AS build\nCOPY . /src\nRUN echo hello && ls -A /src && ls -A / > /out\nFROM {BUSYBOX} AS unused\nRUN false\n\
             FROM {BUSYBOX}\nCOPY --from=build /out /out\nRUN echo second\n"
        );
        let request = request(&engine, dir.path(), &dockerfile, "steps");
        let (first, events) = build(&engine, choice, request.clone()).await;
        assert_eq!(first.failure, None, "{choice:?} {first:#?}");
        // Stages that are built from the same image share one FROM, under the name of one of them.
        let steps: Vec<_> = first.steps.iter().filter(|step| !step.name.starts_with("FROM ")).collect();
        let shape: Vec<_> = steps.iter().map(|step| (step.stage.as_str(), step.number, step.of)).collect();
        assert_eq!(shape, [("build", 2, 3), ("build", 3, 3), ("stage-2", 2, 3), ("stage-2", 3, 3)]);
        let run = steps[1];
        assert!(run.name.starts_with("RUN echo hello"), "{run:?}");
        assert!(run.started && run.completed && !run.cached && run.error.is_none());
        assert_eq!(
            run.log, "hello\n.dockerignore\nDockerfile\nsrc\n",
            "{choice:?}: the context is what docker would send"
        );
        assert!(first.image.is_some() && first.context_bytes > 0);
        assert!(
            events
                .iter()
                .any(|event| matches!(event, BuildEvent::Log { lines, .. } if lines.contains(&"hello".into())))
        );
        assert!(events.iter().any(|event| matches!(event, BuildEvent::Step { step, .. } if step.completed)));

        let (second, _) = build(&engine, choice, request.clone()).await;
        for step in &second.steps {
            let from = step.name.starts_with("FROM ");
            assert_eq!(step.cached, !from, "{choice:?} {step:#?}");
        }

        let mut edited = request;
        edited.overlay.insert("src/a.txt".into(), format!("edited {nonce}").into_bytes());
        let (third, _) = build(&engine, choice, edited).await;
        assert!(third.steps.iter().filter(|step| step.stage == "build").all(|step| !step.cached), "{third:#?}");
        engine.remove_image(&engine.tag("steps")).await.unwrap();
    }
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_say_which_step_and_how() {
    let engine = engine().await;
    let dir = folder(&[("a", "")]);
    for choice in BOTH {
        let of = async |dockerfile: &str| {
            let request = request(&engine, dir.path(), dockerfile, "fails");
            build(&engine, choice, request).await.0
        };
        let run = of(&format!("FROM {BUSYBOX}\nRUN echo ok\nRUN echo why >&2; exit 3\nRUN echo never\n")).await;
        match &run.failure {
            Some(BuildFailure::Step { index: 2, exit: Some(3), message }) => assert!(message.contains("exit code: 3")),
            other => panic!("{choice:?} {other:?} {:#?}", run.steps),
        }
        assert_eq!(run.steps[2].log, "why\n");
        assert!(!run.steps[3].started);
        assert_eq!(run.image, None);

        let copy = of(&format!("FROM {BUSYBOX}\nRUN echo ok\nCOPY nope.txt /\n")).await;
        match &copy.failure {
            Some(BuildFailure::Step { index: 2, exit: None, message }) => {
                assert!(message.contains("nope.txt"), "{message}")
            }
            other => panic!("{choice:?} {other:?} {:#?}", copy.steps),
        }

        let typo = of(&format!("FROM {BUSYBOX}\nRUNN x\n")).await;
        assert!(
            matches!(&typo.failure, Some(BuildFailure::Refused(message)) if message.to_lowercase().contains("unknown instruction")),
            "{choice:?} {:?}",
            typo.failure
        );
        let target = {
            let mut request = request(&engine, dir.path(), &format!("FROM {BUSYBOX}\n"), "fails");
            request.target = Some("nowhere".into());
            build(&engine, choice, request).await.0
        };
        assert!(
            matches!(&target.failure, Some(BuildFailure::Refused(message)) if message.contains("nowhere")),
            "{target:?}"
        );
        let base = of("FROM dockshala.local/not-there:1\n").await;
        assert!(
            matches!(&base.failure, Some(BuildFailure::Refused(_) | BuildFailure::Step { .. })),
            "{choice:?} {:?}",
            base.failure
        );
        let network =
            of(&format!("FROM {BUSYBOX}\nRUN ip addr | grep -q eth0 && exit 9; exit 0 # {}\n", nonce())).await;
        assert_eq!(network.failure, None, "no network unless asked for");
    }
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_target_and_labels_reach_the_build() {
    let engine = engine().await;
    let dir = folder(&[]);
    for choice in BOTH {
        let dockerfile = format!("FROM {BUSYBOX} AS one\nARG WHO\nRUN echo namaste $WHO\nFROM one AS two\nRUN false\n");
        let mut request = request(&engine, dir.path(), &dockerfile, "args");
        request.target = Some("one".into());
        request.args.insert("WHO".into(), nonce());
        request.labels.insert("extra".into(), "yes".into());
        let (outcome, _) = build(&engine, choice, request.clone()).await;
        assert_eq!(outcome.failure, None);
        let run =
            outcome.steps.iter().find(|step| step.name.starts_with("RUN ")).unwrap_or_else(|| panic!("{outcome:#?}"));
        assert_eq!(run.log, format!("namaste {}\n", request.args["WHO"]));
        let labels = engine.inspect(&request.tag).await.unwrap().config.unwrap().labels.unwrap();
        assert_eq!(labels["extra"], "yes");
        assert!(labels.contains_key("dev.dockshala.run"));
        engine.remove_image(&request.tag).await.unwrap();
        assert!(!engine.has(&request.tag).await.unwrap());

        request.keep = Some("test".into());
        build(&engine, choice, request.clone()).await;
        let labels = engine.inspect(&request.tag).await.unwrap().config.unwrap().labels.unwrap();
        assert_eq!(labels["dev.dockshala.keep"], "test");
        assert!(!labels.contains_key("dev.dockshala.run"));
        engine.remove_image(&request.tag).await.unwrap();
    }
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_build_is_dead_within_two_seconds() {
    let engine = engine().await;
    for choice in BOTH {
        // The number of seconds is how its process is found among all others.
        let seconds = 100_000 + std::process::id() % 100_000 + u32::from(choice == BuilderChoice::Grpc) * 200_000;
        let dir = folder(&[]);
        let dockerfile = format!("FROM {BUSYBOX}\nRUN echo {}; sleep {seconds}\n", nonce());
        let request = request(&engine, dir.path(), &dockerfile, "cancel");
        let cancel = CancellationToken::new();
        let stop = cancel.clone();
        let task = tokio::spawn({
            let engine = engine.clone();
            async move { engine.build_with(choice, request, mpsc::channel(1).0, cancel).await }
        });
        wait_for(|| sleeping(seconds), Duration::from_secs(20)).await.expect("the build's process appears");
        let at = Instant::now();
        stop.cancel();
        let outcome = task.await.unwrap().unwrap();
        assert_eq!(outcome.failure, Some(BuildFailure::Cancelled));
        assert!(at.elapsed() < Duration::from_millis(1500), "{:?}", at.elapsed());
        wait_for(|| !sleeping(seconds), Duration::from_secs(2).saturating_sub(at.elapsed()))
            .await
            .unwrap_or_else(|| panic!("{choice:?}: the process still lives after two seconds"));
    }
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_never_ends_meets_its_deadline_and_a_silent_one_its_idle_limit() {
    let engine = engine().await;
    let dir = folder(&[]);
    for choice in BOTH {
        let seconds = 500_000 + std::process::id() % 100_000 + u32::from(choice == BuilderChoice::Grpc) * 200_000;
        let dockerfile = format!("FROM {BUSYBOX}\nRUN echo {}; sleep {seconds}\n", nonce());
        let mut silent = request(&engine, dir.path(), &dockerfile, "silent");
        silent.idle = Duration::from_secs(3);
        let (outcome, _) = build(&engine, choice, silent.clone()).await;
        assert_eq!(outcome.failure, Some(BuildFailure::Idle(Some(1))), "{:#?}", outcome.steps);
        let mut late = silent;
        late.idle = Duration::from_secs(60);
        late.deadline = Duration::from_secs(3);
        let (outcome, _) = build(&engine, choice, late).await;
        assert_eq!(outcome.failure, Some(BuildFailure::Deadline(Some(1))));
        wait_for(|| !sleeping(seconds), Duration::from_secs(2)).await.expect("nothing is left running");
    }
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn output_without_end_is_bounded_and_a_reader_that_hangs_delays_nothing() {
    let engine = engine().await;
    let dir = folder(&[]);
    let dockerfile = format!("FROM {BUSYBOX}\nRUN echo {}; yes \"$(printf '\\033]0;owned\\007line')\"\n", nonce());
    let mut request = request(&engine, dir.path(), &dockerfile, "endless");
    request.deadline = Duration::from_secs(6);
    let (sender, receiver) = mpsc::channel(1);
    let at = Instant::now();
    let outcome = engine.build(request, sender, CancellationToken::new()).await.unwrap();
    assert_eq!(outcome.failure, Some(BuildFailure::Deadline(Some(1))));
    assert!(at.elapsed() < Duration::from_secs(9), "{:?}", at.elapsed());
    let log = &outcome.steps[1].log;
    assert!(log.len() < 70_000 && log.contains("line"), "{} bytes", log.len());
    assert!(!log.contains('\u{1b}') && !log.contains("owned"));
    drop(receiver);
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_builds_leave_no_connection_open() {
    let engine = engine().await;
    let dir = folder(&[]);
    let request = request(&engine, dir.path(), &format!("FROM {BUSYBOX}\nRUN true\n"), "leak");
    build(&engine, BuilderChoice::Grpc, request.clone()).await;
    let before = sockets();
    for _ in 0..10 {
        let (outcome, _) = build(&engine, BuilderChoice::Grpc, request.clone()).await;
        assert_eq!(outcome.failure, None);
    }
    // Other tests of this file run beside this one and hold some themselves.
    wait_for(|| sockets() < before + 10, Duration::from_secs(5)).await.expect("sessions are closed");
    engine.remove_image(&request.tag).await.unwrap();
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn builds_side_by_side_do_not_mix() {
    let engine = engine().await;
    let builds = (0..4).map(|number| {
        let engine = engine.clone();
        tokio::spawn(async move {
            let text = format!("{number} {}", nonce());
            let dir = folder(&[("a", &text)]);
            let request = request(
                &engine,
                dir.path(),
                &format!("FROM {BUSYBOX}\nCOPY a /\nRUN cat /a\n"),
                &format!("side{number}"),
            );
            let (outcome, _) = build(&engine, BuilderChoice::Grpc, request.clone()).await;
            let run =
                outcome.steps.iter().find(|step| step.name == "RUN cat /a").unwrap_or_else(|| panic!("{outcome:#?}"));
            assert_eq!(run.log.trim_end(), text, "{outcome:#?}");
            engine.remove_image(&request.tag).await.unwrap();
        })
    });
    for build in builds.collect::<Vec<_>>() {
        build.await.unwrap();
    }
    engine.close().await.unwrap();
}

#[tokio::test]
async fn an_image_that_is_not_there_is_said_so() {
    let engine = engine().await;
    let name = "dockshala.local/not-there:1";
    assert_eq!(engine.inspect(name).await.unwrap_err(), EngineError::NoImage(name.into()));
    assert!(matches!(engine.export(name).await.err(), Some(EngineError::NoImage(_))));
    engine.remove_image(name).await.unwrap();
    engine.close().await.unwrap();
}

#[tokio::test]
async fn the_daemon_says_what_it_is() {
    let engine = Engine::connect(ConnectOptions { compose: true, ..ConnectOptions::default() }).await.unwrap();
    let info = engine.info();
    assert!(info.buildkit && !info.podman && !info.version.is_empty() && info.memory > 0, "{info:#?}");
    assert!(["amd64", "arm64"].contains(&info.arch.as_str()));
    assert!([1, 2].contains(&info.cgroup));
    assert!(info.found_by == "DOCKER_HOST" || std::env::var_os("DOCKER_HOST").is_none());
    assert_eq!(info.containerd_store, info.storage == "overlayfs", "{info:#?}");
}

fn sockets() -> usize {
    fs::read_dir("/proc/self/fd")
        .unwrap()
        .flatten()
        .filter(|entry| fs::read_link(entry.path()).is_ok_and(|to| to.to_string_lossy().starts_with("socket:")))
        .count()
}
