//! Practice swarms on the daemon at DOCKER_HOST: what stands in them works, and nothing of them stays: not after a check,
//! not after one that was stopped, not after kill -9. The daemon itself is never in swarm mode.
#![cfg(feature = "daemon-tests")]

mod daemon_common;

use daemon_common::{docker, engine, folder, labelled, wait_for};
use dockshala_checkers::{
    check::{self, Options, Submission},
    engine::{
        Engine,
        bases::{BaseOptions, Kit},
        swarm,
    },
    evidence::StackFacts,
    spec::Spec,
    verdict::Verdict,
};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The kit as it is in the program: the node's recipe must match its label.
fn kit() -> Kit {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/kit");
    let mut kit: Kit = serde_yaml::from_str(&fs::read_to_string(dir.join("kit.yaml")).unwrap()).unwrap();
    for entry in walkdir::WalkDir::new(&dir).into_iter().map(Result::unwrap).filter(|e| e.file_type().is_file()) {
        let path = entry.path().strip_prefix(&dir).unwrap().to_string_lossy().into_owned();
        if path != "kit.yaml" {
            kit.files.insert(path, fs::read(entry.path()).unwrap());
        }
    }
    kit
}

fn options() -> Options {
    let bases = BaseOptions { kit: Arc::new(kit()), ask_registry: false, mirror: None, known: BTreeMap::new() };
    Options::new(bases)
}

fn spec() -> Spec {
    serde_json::from_value(serde_json::json!({
        "id": "t", "kind": "stack", "images": ["busybox:1.37"], "needs": ["swarm"], "network": "none", "profile": "server",
        "goals": ["deploys", {"heals": {"service": "counter"}}],
    }))
    .unwrap()
}

const STACK: &str = "services:\n  counter:\n    image: busybox:1.37\n    command: [sh, -c, \"trap exit TERM; while :; do sleep 1 & wait; done\"]\n    \
    deploy: {replicas: 2, restart_policy: {delay: 0s}}\n";

fn submission(dir: &Path) -> Submission {
    Submission { dir: dir.to_owned(), starter: None, label: None }
}

fn run_label(engine: &Engine) -> String {
    engine.label_arguments().into_iter().find(|label| label.starts_with("dev.dockshala.run=")).unwrap()
}

fn inactive() -> bool {
    docker(&["info", "--format", "{{.Swarm.LocalNodeState}}"]) == "inactive"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_runs_heals_and_leaves_nothing() {
    let engine = engine().await;
    let image = swarm::image(&engine, &kit()).await.unwrap().expect("`dockshala images kit` has made the node's image");
    let room = swarm::room(&engine, &image).await.unwrap();
    assert!(room.memory > 100 << 20 && room.disk > 100 << 20, "{room:?}");
    let dir = folder(&[("stack.yaml", STACK)]);
    let (events, mut watch) = mpsc::channel(64);
    let drain = async { while watch.recv().await.is_some() {} };
    let (spec, submission, options) = (spec(), submission(dir.path()), options());
    let gather = check::gather(&spec, &submission, Some(&engine), &options, events, CancellationToken::new());
    let ((evidence, result), ()) = tokio::join!(gather, drain);
    assert!(result.goals.iter().all(|g| g.verdict == Verdict::Passed), "{:?}", result.goals);
    let stack = evidence.stack.unwrap();
    assert_eq!(StackFacts::running(&stack.tasks, "counter").count(), 2);
    assert!(inactive(), "the daemon itself was not touched");
    wait_for(|| labelled(&run_label(&engine)).is_empty(), Duration::from_secs(30)).await.expect("nothing is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_check_takes_its_nodes_along() {
    let engine = engine().await;
    let label = run_label(&engine);
    let dir = folder(&[("stack.yaml", STACK)]);
    let cancel = CancellationToken::new();
    let (stop, seen) = (cancel.clone(), label.clone());
    let stopper = async move {
        wait_for(|| !labelled(&seen).is_empty(), Duration::from_secs(120)).await.expect("a node or its network");
        stop.cancel();
    };
    let (events, mut watch) = mpsc::channel(64);
    let drain = async { while watch.recv().await.is_some() {} };
    let (spec, submission, options) = (spec(), submission(dir.path()), options());
    let check = check::check(&spec, &submission, Some(&engine), &options, events, cancel);
    let (result, (), ()) = tokio::join!(check, stopper, drain);
    assert!(result.goals.iter().all(|g| g.verdict == Verdict::Skipped), "{:?}", result.goals);
    wait_for(|| labelled(&label).is_empty(), Duration::from_secs(60)).await.expect("containers, volumes, networks");
    assert!(inactive());
}

/// Not a test of its own: what the next one starts as another process.
#[tokio::test(flavor = "multi_thread")]
async fn child() {
    let Ok(told) = std::env::var("DOCKSHALA_TEST_SWARM_CHILD") else { return };
    let engine = engine().await;
    fs::write(told, run_label(&engine)).unwrap();
    let dir = folder(&[("stack.yaml", STACK)]);
    let (events, mut watch) = mpsc::channel(64);
    let drain = async { while watch.recv().await.is_some() {} };
    let (spec, submission, options) = (spec(), submission(dir.path()), options());
    let check = check::check(&spec, &submission, Some(&engine), &options, events, CancellationToken::new());
    tokio::join!(check, drain);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_check_left_is_reaped_with_volumes_and_networks() {
    let dir = tempfile::tempdir().unwrap();
    let told = dir.path().join("label");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env("DOCKSHALA_TEST_SWARM_CHILD", &told)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let label = || fs::read_to_string(&told).unwrap_or_default();
    // A network, a node and its volume: half way into the start of a swarm.
    let up = || !label().is_empty() && labelled(&label()).len() >= 3;
    wait_for(up, Duration::from_secs(120)).await.expect("the child's node");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!labelled(&label()).is_empty(), "kill -9 cleans nothing");
    engine().await.reap().await.unwrap();
    wait_for(|| labelled(&label()).is_empty(), Duration::from_secs(30)).await.expect("reaped, volume included");
    assert!(inactive());
}
