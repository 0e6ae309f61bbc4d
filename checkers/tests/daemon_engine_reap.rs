//! Nothing of ours stays behind, and nothing of others' is touched.
#![cfg(feature = "daemon-tests")]

mod daemon_common;

use daemon_common::{BUSYBOX, docker, engine, image, labelled, nonce, sleeping, wait_for};
use dockshala_checkers::engine::{ConnectOptions, Engine, RunRequest, reap_this_process};
use std::{
    process::{Command, Stdio},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

fn sleeper(seconds: u32) -> RunRequest {
    let mut request = RunRequest::new(BUSYBOX);
    request.entrypoint = Some(vec!["sleep".into(), seconds.to_string()]);
    request.deadline = Duration::from_secs(600);
    request
}

/// A container of some other owner's, as another user's program would have made it.
fn foreign(run: &str, expires: i64) -> String {
    docker(&[
        "create",
        "--label=dev.dockshala=1",
        &format!("--label=dev.dockshala.run={run}"),
        "--label=dev.dockshala.owner=somebody-else",
        "--label=dev.dockshala.pid=1.1",
        &format!("--label=dev.dockshala.expires={expires}"),
        BUSYBOX,
        "true",
    ])
}

fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64
}

fn there(container: &str) -> bool {
    Command::new("docker")
        .args(["inspect", container])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap()
        .success()
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_reaped_only_past_their_lease_and_strangers_never() {
    let engine = engine().await;
    let run = nonce();
    let past = foreign(&format!("past-{run}"), now() - 100);
    let running_late =
        [foreign(&format!("renewed-{run}"), now() - 100), foreign(&format!("renewed-{run}"), now() + 600)];
    let current = foreign(&format!("current-{run}"), now() + 600);
    let stranger = docker(&["create", "--label=dev.dockshala=1", "--label=dev.dockshala.keep=kit", BUSYBOX, "true"]);
    engine.reap().await.unwrap();
    assert!(!there(&past));
    let alive: Vec<&String> = running_late.iter().chain([&current, &stranger]).collect();
    let all_there = alive.iter().all(|id| there(id));
    for id in alive {
        docker(&["rm", "-f", id]);
    }
    assert!(all_there, "a lease that holds, a renewed one, and what has no run label are left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_removes_the_runs_images_but_not_what_was_tagged_or_kept() {
    let engine = engine().await;
    let other = daemon_common::engine().await;
    let text = nonce();
    let mine = image(&engine, "mine", &format!("FROM {BUSYBOX}\nLABEL n={text}\n")).await;
    // The same tag again: the first image dangles.
    let first = engine.inspect(&mine).await.unwrap().id.unwrap();
    image(&engine, "mine", &format!("FROM {BUSYBOX}\nLABEL n={text}-2\n")).await;
    let theirs = image(&other, "theirs", &format!("FROM {BUSYBOX}\nLABEL n={text}\n")).await;
    let own_name = format!("learners-own-{}", std::process::id());
    docker(&["tag", &mine, &own_name]);
    let kept = engine.inspect(&own_name).await.unwrap().id.unwrap();
    engine.close().await.unwrap();
    assert!(!engine.has(&mine).await.unwrap());
    assert!(engine.has(&own_name).await.unwrap(), "what the learner tagged stays");
    assert!(other.has(&theirs).await.unwrap(), "another run's stays");
    if first != kept && !engine.has(&theirs).await.unwrap() {
        assert!(!engine.has(&first).await.unwrap(), "what dangles goes");
    }
    other.close().await.unwrap();
    assert!(!other.has(&theirs).await.unwrap());
    docker(&["rmi", &own_name]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_run_renews_its_lease() {
    let lease = Duration::from_secs(3);
    let engine = Engine::connect(ConnectOptions { lease: Some(lease), ..ConnectOptions::default() }).await.unwrap();
    let seconds = 600_000 + std::process::id() % 90_000;
    let cancel = CancellationToken::new();
    let task = tokio::spawn({
        let (engine, cancel) = (engine.clone(), cancel.clone());
        async move { engine.run(sleeper(seconds), cancel).await }
    });
    wait_for(|| sleeping(seconds), Duration::from_secs(20)).await.expect("it runs");
    tokio::time::sleep(lease * 2).await;
    let container = docker(&[
        "ps",
        "-q",
        "--no-trunc",
        "--filter",
        &format!("ancestor={BUSYBOX}"),
        "--filter",
        "label=dev.dockshala.run",
    ]);
    let run = container
        .lines()
        .find(|id| docker(&["inspect", "-f", "{{.Config.Entrypoint}} {{.Args}}", id]).contains(&seconds.to_string()))
        .map(|id| docker(&["inspect", "-f", "{{index .Config.Labels \"dev.dockshala.run\"}}", id]))
        .expect("our container");
    let leases: Vec<i64> = docker(&["volume", "ls", "-q", "--filter", &format!("label=dev.dockshala.run={run}")])
        .lines()
        .map(|name| {
            docker(&["volume", "inspect", "-f", "{{index .Labels \"dev.dockshala.expires\"}}", name]).parse().unwrap()
        })
        .collect();
    assert!(!leases.is_empty() && leases.len() <= 2, "{leases:?}");
    assert!(leases.iter().any(|expires| *expires >= now()), "the lease holds: {leases:?} at {}", now());
    cancel.cancel();
    task.await.unwrap().unwrap_err();
    engine.close().await.unwrap();
    assert!(labelled(&format!("dev.dockshala.run={run}")).is_empty());
}

/// Not a test of its own: what the next two start as another process.
#[tokio::test(flavor = "multi_thread")]
async fn child() {
    let Ok(how) = std::env::var("DOCKSHALA_TEST_CHILD") else { return };
    let seconds: u32 = std::env::var("DOCKSHALA_TEST_SECONDS").unwrap().parse().unwrap();
    let engine = engine().await;
    let task = tokio::spawn(async move { engine.run(sleeper(seconds), CancellationToken::new()).await });
    wait_for(|| sleeping(seconds), Duration::from_secs(30)).await.expect("it runs");
    if how == "panic" {
        std::panic::set_hook(Box::new(|_| reap_this_process(Duration::from_secs(20))));
        panic!("on purpose");
    }
    let _ = task.await;
}

fn start_child(how: &str, seconds: u32) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env("DOCKSHALA_TEST_CHILD", how)
        .env("DOCKSHALA_TEST_SECONDS", seconds.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_left_is_reaped_by_the_next_and_not_before() {
    let seconds = 400_000 + std::process::id() % 90_000;
    let mut child = start_child("wait", seconds);
    wait_for(|| sleeping(seconds), Duration::from_secs(30)).await.expect("the child's container runs");
    let engine = engine().await;
    engine.reap().await.unwrap();
    assert!(sleeping(seconds), "its process lives: hands off");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(sleeping(seconds), "kill -9 cleans nothing");
    let reaped = engine.reap().await.unwrap();
    assert!(reaped.containers >= 1, "{reaped:?}");
    wait_for(|| !sleeping(seconds), Duration::from_secs(5)).await.expect("reaped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_reaps_at_once() {
    let seconds = 300_000 + std::process::id() % 90_000;
    let mut child = start_child("panic", seconds);
    let status = tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
    assert!(!status.success());
    assert!(!sleeping(seconds), "gone with the process");
}
