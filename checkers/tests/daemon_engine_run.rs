//! Containers on the daemon at DOCKER_HOST: confinement, limits, servers, and that nothing is left of them.
#![cfg(feature = "daemon-tests")]

mod daemon_common;

use daemon_common::{BUSYBOX, docker, engine, image, nonce, sleeping, wait_for};
use dockshala_checkers::{
    engine::{ConnectOptions, Engine, EngineError, HttpOutcome, HttpRequest, Limit, RunOutcome, RunRequest},
    spec::Profile,
};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

fn shell(script: &str) -> RunRequest {
    let mut request = RunRequest::new(BUSYBOX);
    request.entrypoint = Some(vec!["sh".into(), "-c".into(), script.into()]);
    request
}

async fn run(engine: &Engine, request: RunRequest) -> RunOutcome {
    engine.run(request, CancellationToken::new()).await.unwrap()
}

async fn http(engine: &Engine, request: HttpRequest) -> HttpOutcome {
    engine.http(request, CancellationToken::new()).await.unwrap()
}

/// Nothing of the run is left; what was built is removed.
async fn closes_clean(engine: Engine) {
    let reaped = engine.close().await.unwrap();
    assert_eq!((reaped.containers, reaped.networks, reaped.volumes, reaped.failed), (0, 0, 0, 0), "left: {reaped:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn output_exit_code_environment_and_arguments() {
    let engine = engine().await;
    let mut request = shell("echo out $WHO $0 $1; echo err >&2; printf '\\033]0;owned\\007\\033[31mred'; exit 7");
    request.env.insert("WHO".into(), "namaste".into());
    request.args = vec!["zero".into(), "one".into()];
    let outcome = run(&engine, request).await;
    assert_eq!(outcome.exit, Some(7));
    assert_eq!(outcome.stdout, "out namaste zero one\nred\n");
    assert_eq!(outcome.stderr, "err\n");
    assert!(!outcome.clipped && !outcome.timed_out && !outcome.oom_killed && outcome.start_error.is_none());
    assert_eq!(outcome.limit_hit, None);
    let outcome = run(&engine, shell("true")).await;
    assert_eq!((outcome.exit, outcome.stdout.as_str()), (Some(0), ""));
    closes_clean(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_start_says_why() {
    let engine = engine().await;
    let mut request = RunRequest::new(BUSYBOX);
    request.entrypoint = Some(vec!["/no/such/program".into()]);
    let outcome = run(&engine, request).await;
    let error = outcome.start_error.expect("an error");
    assert!(error.contains("/no/such/program") && error.contains("no such file"), "{error}");
    assert_eq!(outcome.exit, None);

    let empty = image(&engine, "empty", "FROM scratch\nCOPY a /a\n").await;
    let outcome = run(&engine, RunRequest::new(&empty)).await;
    assert!(outcome.start_error.unwrap().to_lowercase().contains("no command"), "neither CMD nor ENTRYPOINT");
    let mut request = HttpRequest::new(&empty, 80);
    request.deadline = Duration::from_secs(5);
    assert!(http(&engine, request).await.run.start_error.is_some());

    let missing = "dockshala.local/not-there:1";
    let error = engine.run(RunRequest::new(missing), CancellationToken::new()).await.unwrap_err();
    assert_eq!(error, EngineError::NoImage(missing.into()));
    closes_clean(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_strict_profile_holds_and_its_limits_are_recognised() {
    let engine = engine().await;
    let of = async |script: &str| run(&engine, shell(script)).await;

    let outcome = of("grep -E 'CapEff|NoNewPrivs' /proc/self/status; ip -o addr | grep -v ' lo ' | wc -l").await;
    assert_eq!(outcome.stdout, "CapEff:\t0000000000000000\nNoNewPrivs:\t1\n0\n");
    let outcome = of("echo x > /tmp/x && cat /tmp/x").await;
    assert_eq!((outcome.exit, outcome.stdout.as_str()), (Some(0), "x\n"));

    for (script, want) in [
        ("touch /x", Limit::ReadOnly),
        ("chown 1:1 /tmp", Limit::Capability),
        ("i=0; while [ $i -lt 100 ]; do sleep 3 & i=$((i+1)); done; wait", Limit::Processes),
        ("dd if=/dev/zero of=/tmp/big bs=1M count=40", Limit::Tmp),
        ("wget -T 2 -O- http://example.org/", Limit::Network),
    ] {
        let outcome = of(script).await;
        assert_eq!(outcome.limit_hit, Some(want), "{script}: {outcome:#?}");
    }
    let outcome = of("x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done").await;
    assert_eq!((outcome.limit_hit, outcome.exit), (Some(Limit::Memory), Some(137)), "{outcome:#?}");
    assert!(outcome.oom_killed);

    let mut request = shell("touch /x && chown 5:5 /x && ls -ln /x | cut -c1-20");
    request.profile = Profile::Realistic;
    let outcome = run(&engine, request).await;
    assert_eq!(outcome.exit, Some(0), "{outcome:#?}");
    closes_clean(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_ends_or_prints_without_end_is_stopped() {
    let engine = engine().await;
    let seconds = 900_000 + std::process::id() % 90_000;
    let mut request = shell(&format!("echo begun; sleep {seconds}"));
    request.deadline = Duration::from_secs(2);
    let at = Instant::now();
    let outcome = run(&engine, request).await;
    assert!(outcome.timed_out && outcome.exit.is_none(), "{outcome:?}");
    assert_eq!(outcome.stdout, "begun\n");
    assert!(at.elapsed() < Duration::from_secs(8), "{:?}", at.elapsed());
    assert!(!sleeping(seconds));

    let mut request = shell("yes some output that goes on and on");
    request.deadline = Duration::from_secs(2);
    let at = Instant::now();
    let outcome = run(&engine, request).await;
    assert!(at.elapsed() < Duration::from_secs(10), "{:?}", at.elapsed());
    assert!(outcome.clipped && outcome.stdout.len() <= 257 << 10, "{}", outcome.stdout.len());
    let outcome = run(&engine, shell("seq 1 100000; echo the end")).await;
    assert!(outcome.stdout.starts_with("1\n2\n") && outcome.stdout.ends_with("100000\nthe end\n"));
    closes_clean(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_or_dropping_a_run_removes_its_container() {
    let engine = engine().await;
    let seconds = 800_000 + std::process::id() % 90_000;
    let cancel = CancellationToken::new();
    let task = tokio::spawn({
        let (engine, cancel) = (engine.clone(), cancel.clone());
        async move { engine.run(shell(&format!("sleep {seconds} & yes")), cancel).await }
    });
    wait_for(|| sleeping(seconds), Duration::from_secs(20)).await.expect("it runs");
    let at = Instant::now();
    cancel.cancel();
    assert_eq!(task.await.unwrap().unwrap_err(), EngineError::Cancelled);
    assert!(!sleeping(seconds) && at.elapsed() < Duration::from_secs(5), "{:?}", at.elapsed());

    let task = tokio::spawn({
        let engine = engine.clone();
        async move { engine.run(shell(&format!("sleep {}", seconds + 1)), CancellationToken::new()).await }
    });
    wait_for(|| sleeping(seconds + 1), Duration::from_secs(20)).await.expect("it runs");
    task.abort();
    wait_for(|| !sleeping(seconds + 1), Duration::from_secs(5)).await.expect("dropped: removed in the background");
    tokio::time::sleep(Duration::from_millis(500)).await;
    closes_clean(engine).await;
}

async fn server(engine: &Engine, name: &str, command: &str) -> HttpRequest {
    let dockerfile = format!("FROM {BUSYBOX}\nRUN mkdir /www && echo namaste > /www/index.html\nCMD {command}\n");
    let mut request = HttpRequest::new(image(engine, name, &dockerfile).await, 8080);
    request.deadline = Duration::from_secs(4);
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_asked_from_outside() {
    let engine = engine().await;
    let request = server(&engine, "ok", "[\"httpd\", \"-f\", \"-p\", \"8080\", \"-h\", \"/www\"]").await;
    let outcome = http(&engine, request.clone()).await;
    assert_eq!(outcome.answer, Some((200, "namaste\n".into())), "{outcome:#?}");
    assert_eq!(outcome.run.exit, None);
    assert!(!outcome.run.timed_out && outcome.run.limit_hit.is_none());
    assert_eq!(outcome.listening, Some(vec![(8080, true)]));
    assert!(outcome.duration < Duration::from_secs(3));

    let missing = HttpRequest { path: "/nope".into(), ..request.clone() };
    assert_eq!(http(&engine, missing).await.answer.map(|(status, _)| status), Some(404));
    let slow = server(&engine, "slow", "sleep 1; exec httpd -f -p 8080 -h /www").await;
    assert_eq!(http(&engine, slow).await.answer.map(|(status, _)| status), Some(200));
    closes_clean(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_asked_through_a_published_port() {
    let engine = Engine::connect(ConnectOptions { publish: true, ..ConnectOptions::default() }).await.unwrap();
    let request = server(&engine, "published", "[\"httpd\", \"-f\", \"-p\", \"8080\", \"-h\", \"/www\"]").await;
    // Whether this daemon publishes where we are at all: one in a network namespace of its own does not.
    let probe = docker(&["run", "-d", "-p", "127.0.0.1:0:8080", &request.image]);
    let port = docker(&["port", &probe, "8080/tcp"]).lines().next().unwrap().to_owned();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let published = tokio::net::TcpStream::connect(&port).await.is_ok();
    docker(&["rm", "-f", &probe]);
    let outcome = http(&engine, request).await;
    assert_eq!(outcome.answer, published.then(|| (200, "namaste\n".to_owned())), "{outcome:#?}");
    assert_eq!(outcome.run.timed_out, !published);
    assert_eq!(outcome.listening, None, "unknown from there");
    closes_clean(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_reached_says_how() {
    let engine = engine().await;
    let request = server(&engine, "loopback", "httpd -f -p 127.0.0.1:8080 -h /www").await;
    let outcome = http(&engine, request).await;
    assert_eq!((outcome.answer, outcome.listening), (None, Some(vec![(8080, false)])));
    assert!(outcome.run.timed_out);

    let request = server(&engine, "elsewhere", "httpd -f -p 3000 -h /www").await;
    let outcome = http(&engine, request).await;
    assert_eq!((outcome.answer, outcome.listening), (None, Some(vec![(3000, true)])));

    let request = server(&engine, "mute", "nc -lk -p 8080 -e sleep 100").await;
    let outcome = http(&engine, request).await;
    assert_eq!(outcome.answer, None, "it takes connections and says nothing");

    let request = server(&engine, "dies", "echo cannot find module >&2; exit 3").await;
    let at = Instant::now();
    let outcome = http(&engine, request).await;
    assert_eq!((outcome.run.exit, outcome.run.stderr.as_str()), (Some(3), "cannot find module\n"));
    assert!(outcome.answer.is_none() && !outcome.run.timed_out && at.elapsed() < Duration::from_secs(4));
    closes_clean(engine).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_leads_nowhere_else_and_is_gone_when_cancelled() {
    let engine = engine().await;
    let seconds = 700_000 + std::process::id() % 90_000;
    let command =
        format!("wget -T 1 -q -O- http://1.1.1.1/ > /dev/null 2>&1 && echo leak; sleep {seconds} # {}", nonce());
    let request = server(&engine, "leak", &command).await;
    let outcome = http(&engine, request.clone()).await;
    assert!(!outcome.run.stdout.contains("leak"));

    let cancel = CancellationToken::new();
    let task = tokio::spawn({
        let (engine, cancel) = (engine.clone(), cancel.clone());
        async move { engine.http(HttpRequest { deadline: Duration::from_secs(60), ..request }, cancel).await }
    });
    wait_for(|| sleeping(seconds), Duration::from_secs(20)).await.expect("it runs");
    cancel.cancel();
    assert_eq!(task.await.unwrap().unwrap_err(), EngineError::Cancelled);
    wait_for(|| !sleeping(seconds), Duration::from_secs(2)).await.expect("gone");
    closes_clean(engine).await;
}
