//! A daemon that goes away, hangs, or comes back, in the middle of things.
//!
//! The daemon at DOCKER_HOST is shared, so it cannot be killed; a relay before it is, which looks the same from here and also
//! can hang, which a killed daemon cannot.
#![cfg(feature = "daemon-tests")]

mod daemon_common;

use daemon_common::{BUSYBOX, folder, labelled, nonce, sleeping, wait_for};
use dockshala_checkers::engine::{BuildFailure, BuildRequest, ConnectOptions, Engine, EngineError, Host, RunRequest};
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{UnixListener, UnixStream},
    sync::{mpsc, watch},
};
use tokio_util::sync::CancellationToken;

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Works,
    Dead,
    Hangs,
}

/// A relay to the daemon at DOCKER_HOST.
struct Relay {
    _dir: tempfile::TempDir,
    socket: PathBuf,
    mode: watch::Sender<Mode>,
}

impl Relay {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let socket = dir.path().join("docker.sock");
        let (mode, watched) = watch::channel(Mode::Works);
        let relay = Self { _dir: dir, socket, mode };
        relay.listen(watched);
        relay
    }

    fn listen(&self, watched: watch::Receiver<Mode>) {
        let host = std::env::var("DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".into());
        let Ok(Host::Unix(daemon)) = Host::parse(&host, false) else { panic!("these tests need a daemon at a socket") };
        let listener = UnixListener::bind(&self.socket).unwrap();
        let mut gone = watched.clone();
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    biased;
                    // Like a killed daemon's: the socket's file stays, nobody serves it.
                    () = died(&mut gone) => return,
                    accepted = listener.accept() => accepted.unwrap().0,
                };
                let (watched, daemon) = (watched.clone(), daemon.clone());
                tokio::spawn(async move {
                    let upstream = UnixStream::connect(&daemon).await.unwrap();
                    let (mut from, mut to) = accepted.into_split();
                    let (mut back, mut forth) = upstream.into_split();
                    let mut dead = watched.clone();
                    let (one, two) = (watched.clone(), watched);
                    tokio::select! {
                        // First, so that no request slips through a relay that has just died.
                        biased;
                        () = died(&mut dead) => {}
                        () = copy(&mut from, &mut forth, one) => {
                            // The client has said all; the daemon may not have.
                            let _ = forth.shutdown().await;
                        }
                        () = copy(&mut back, &mut to, two) => {}
                    }
                });
            }
        });
    }

    fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    async fn comes_back(&self) {
        std::fs::remove_file(&self.socket).unwrap();
        self.set(Mode::Works);
        self.listen(self.mode.subscribe());
    }

    async fn engine(&self) -> Result<Engine, EngineError> {
        let host = Some(format!("unix://{}", self.socket.display()));
        Engine::connect(ConnectOptions { host, ..ConnectOptions::default() }).await
    }
}

async fn died(mode: &mut watch::Receiver<Mode>) {
    let _ = mode.wait_for(|mode| *mode == Mode::Dead).await;
}

async fn copy(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    mut mode: watch::Receiver<Mode>,
) {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let Ok(read) = from.read(&mut buffer).await else { return };
        let ended = mode.wait_for(|mode| *mode != Mode::Hangs).await.is_err();
        if ended || read == 0 {
            return;
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

fn sleeping_build(engine: &Engine, seconds: u32) -> (tempfile::TempDir, BuildRequest) {
    let dir = folder(&[]);
    let dockerfile = format!("FROM {BUSYBOX}\nRUN echo {}; sleep {seconds}\n", nonce());
    let request = BuildRequest::new(dir.path(), dockerfile, engine.tag("fault"));
    (dir, request)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_dies_in_the_middle_of_a_build_is_lost_at_once() {
    let relay = Relay::new();
    let engine = relay.engine().await.unwrap();
    let seconds = 210_000 + std::process::id() % 9_000;
    let (_dir, request) = sleeping_build(&engine, seconds);
    let task = tokio::spawn({
        let engine = engine.clone();
        async move { engine.build(request, mpsc::channel(1).0, CancellationToken::new()).await }
    });
    wait_for(|| sleeping(seconds), Duration::from_secs(20)).await.expect("it builds");
    let at = Instant::now();
    relay.set(Mode::Dead);
    let outcome = task.await.unwrap().unwrap();
    assert!(matches!(outcome.failure, Some(BuildFailure::Lost(_))), "{:?}", outcome.failure);
    assert!(at.elapsed() < Duration::from_secs(5), "{:?}", at.elapsed());
    assert!(outcome.steps.iter().any(|step| step.name.starts_with("RUN ") && step.started), "what was known is told");
    wait_for(|| !sleeping(seconds), Duration::from_secs(3)).await.expect("a build without a client is stopped");

    match relay.engine().await.unwrap_err() {
        EngineError::Down { tried } => assert!(tried[0].contains("refused"), "{tried:?}"),
        other => panic!("{other:?}"),
    }
    relay.comes_back().await;
    relay.engine().await.expect("it is found again");
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_dies_under_a_container_is_lost_and_what_stayed_is_removed_later() {
    let relay = Relay::new();
    let engine = relay.engine().await.unwrap();
    let seconds = 220_000 + std::process::id() % 9_000;
    let mut request = RunRequest::new(BUSYBOX);
    request.entrypoint = Some(vec!["sleep".into(), seconds.to_string()]);
    request.deadline = Duration::from_secs(300);
    let task = tokio::spawn({
        let engine = engine.clone();
        async move { engine.run(request, CancellationToken::new()).await }
    });
    wait_for(|| sleeping(seconds), Duration::from_secs(20)).await.expect("it runs");
    let at = Instant::now();
    relay.set(Mode::Dead);
    let error = task.await.unwrap().unwrap_err();
    assert!(matches!(error, EngineError::Lost(_)), "{error:?}");
    assert!(at.elapsed() < Duration::from_secs(5), "{:?}", at.elapsed());
    assert!(sleeping(seconds), "nobody could stop it");
    // The run tries to remove its container behind its own back, too: that must have met the dead daemon, or nothing is left to
    // be reaped.
    tokio::time::sleep(Duration::from_secs(1)).await;
    relay.comes_back().await;
    let reaped = engine.close().await.unwrap();
    assert_eq!((reaped.containers, reaped.failed), (1, 0));
    assert!(!sleeping(seconds));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_hangs_in_the_middle_of_a_build_meets_the_idle_limit() {
    let relay = Relay::new();
    let engine = relay.engine().await.unwrap();
    let seconds = 230_000 + std::process::id() % 9_000;
    let (_dir, mut request) = sleeping_build(&engine, seconds);
    request.idle = Duration::from_secs(3);
    let task = tokio::spawn({
        let engine = engine.clone();
        async move { engine.build(request, mpsc::channel(1).0, CancellationToken::new()).await }
    });
    wait_for(|| sleeping(seconds), Duration::from_secs(20)).await.expect("it builds");
    let at = Instant::now();
    relay.set(Mode::Hangs);
    let outcome = task.await.unwrap().unwrap();
    assert!(matches!(outcome.failure, Some(BuildFailure::Idle(_))), "{:?}", outcome.failure);
    assert!(at.elapsed() < Duration::from_secs(6), "{:?}", at.elapsed());
    relay.set(Mode::Works);
    wait_for(|| !sleeping(seconds), Duration::from_secs(5)).await.expect("stopped once the daemon hears of it");
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_daemon_that_takes_connections_and_never_answers_is_down() {
    let relay = Relay::new();
    relay.set(Mode::Hangs);
    let at = Instant::now();
    let error = relay.engine().await.unwrap_err();
    assert!(matches!(error, EngineError::Down { .. }), "{error:?}");
    assert!(at.elapsed() < Duration::from_secs(25), "{:?}", at.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_round_leaves_nothing_behind() {
    let engine = daemon_common::engine().await;
    let tag = daemon_common::image(&engine, "round", &format!("FROM {BUSYBOX}\nCMD exec httpd -f -p 8080\n")).await;
    let run = engine.inspect(&tag).await.unwrap().config.unwrap().labels.unwrap()["dev.dockshala.run"].clone();
    let mut http = dockshala_checkers::engine::HttpRequest::new(&tag, 8080);
    http.deadline = Duration::from_secs(10);
    assert!(engine.http(http, CancellationToken::new()).await.unwrap().answer.is_some());
    let reaped = engine.close().await.unwrap();
    assert_eq!((reaped.containers, reaped.networks, reaped.images, reaped.failed), (0, 0, 1, 0));
    assert!(labelled(&format!("dev.dockshala.run={run}")).is_empty());
    assert!(!engine.has(&tag).await.unwrap());
}
