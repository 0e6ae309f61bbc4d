//! Compose projects on a real daemon: what is refused is never started, what is stopped leaves nothing, what was left behind
//! is found again.
#![cfg(feature = "daemon-tests")]

mod daemon_common;

use daemon_common::{BUSYBOX, docker, engine, folder, labelled, sleeping, wait_for};
use dockshala_checkers::{
    check::{self, Options, Submission},
    engine::{
        Engine,
        bases::{BaseOptions, Kit},
        compose::{self, Compose, Project},
    },
    spec::{Goal, Kind, Network, Profile, Spec},
    verdict::{CheckResult, Verdict, codes},
};
use serde_json::json;
use std::{
    collections::BTreeMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

fn spec(goals: &[&str]) -> Spec {
    Spec {
        id: "compose-test".into(),
        kind: Kind::Compose,
        images: vec![BUSYBOX.into()],
        needs: vec![],
        network: Network::None,
        profile: Profile::Realistic,
        goals: goals.iter().map(|g| serde_json::from_str::<Goal>(g).unwrap()).collect(),
    }
}

fn options() -> Options {
    let kit = "{version: 1, prefix: dockshala.local/, root: {image: root, debootstrap: {suite: trixie, variant: minbase}}, images: []}";
    let kit: Kit = serde_yaml(kit);
    let known = BTreeMap::new();
    Options::new(BaseOptions { kit: Arc::new(kit), ask_registry: false, mirror: None, known })
}

/// The kit's form is YAML; this much of it is JSON with the quotes put in.
fn serde_yaml(text: &str) -> Kit {
    let mut quoted = String::new();
    let mut word = String::new();
    for c in text.chars() {
        if "{}[],: ".contains(c) {
            if !word.is_empty() {
                let bare = word.parse::<u32>().is_ok();
                quoted.push_str(&if bare { word.clone() } else { format!("\"{word}\"") });
                word.clear();
            }
            quoted.push(c);
        } else {
            word.push(c);
        }
    }
    serde_json::from_str(&quoted).unwrap()
}

async fn checked(engine: &Engine, dir: &Path, goals: &[&str], cancel: CancellationToken) -> CheckResult {
    let submission = Submission { dir: dir.to_owned(), starter: None, label: None };
    // Nobody watches: a receiver that lives and does not read would hold the check up.
    let (tell, _) = mpsc::channel(1);
    check::check(&spec(goals), &submission, Some(engine), &options(), tell, cancel).await
}

fn run_of(engine: &Engine) -> String {
    let arguments = engine.label_arguments();
    arguments.into_iter().find(|a| a.starts_with("dev.dockshala.run=")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_never_started() {
    let engine = engine().await;
    for (text, code) in [
        ("    privileged: true\n", codes::COMPOSE_POWER),
        ("    volumes: [\"/:/host\"]\n", codes::COMPOSE_OUTSIDE),
        ("    volumes: [\"/var/run/docker.sock:/s\"]\n", codes::COMPOSE_SOCKET),
        ("    env_file: /etc/hostname\n", codes::COMPOSE_OUTSIDE),
        ("    network_mode: host\n", codes::COMPOSE_POWER),
        ("    nonsense: 1\n", codes::COMPOSE_INVALID),
    ] {
        let file = format!("services:\n  a:\n    image: {BUSYBOX}\n    command: [sleep, \"7391\"]\n{text}");
        let dir = folder(&[("compose.yaml", file.as_str())]);
        let result =
            checked(&engine, dir.path(), &[r#""compose-config""#, r#""compose-up""#], CancellationToken::new()).await;
        let diagnosis = result.goals[0].diagnosis.as_ref().unwrap();
        assert_eq!(
            (result.goals[0].verdict, diagnosis.code.as_str()),
            (Verdict::Failed, code),
            "{text}: {diagnosis:?}"
        );
        assert_eq!(diagnosis.lines, [5], "{text}");
        assert_eq!(result.goals[1].verdict, Verdict::Skipped);
        assert!(!sleeping(7391) && labelled(&run_of(&engine)).is_empty(), "{text}");
    }
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_comes_up_answers_keeps_its_data_and_leaves_nothing() {
    let engine = engine().await;
    let file = format!(
        "services:\n  web:\n    image: {BUSYBOX}\n    command: [httpd, -f, -p, \"8080\", -h, /www]\n    volumes: [\"./www:/www:ro\"]\n    healthcheck: {{test: [CMD, wget, -qO-, \"http://127.0.0.1:8080/\"], interval: 1s}}\n  late:\n    image: {BUSYBOX}\n    command: [sleep, \"600\"]\n    init: true\n    depends_on: {{web: {{condition: service_healthy}}}}\n"
    );
    let dir = folder(&[("compose.yaml", file.as_str()), ("www/index.html", "namaste")]);
    let goals = [
        r#""compose-config""#,
        r#""compose-up""#,
        r#"{"compose-http": {"service": "web", "port": 8080, "body": "namaste"}}"#,
        r#"{"compose-order": {"service": "late", "after": "web"}}"#,
        r#"{"compose-network": {"from": "late", "to": "web"}}"#,
    ];
    let result = checked(&engine, dir.path(), &goals, CancellationToken::new()).await;
    for goal in &result.goals {
        assert_eq!(goal.verdict, Verdict::Passed, "{goal:?}");
    }
    assert!(labelled(&run_of(&engine)).is_empty());
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_s_build_does_not_make_the_daemon_fetch_and_leaves_no_image() {
    let engine = engine().await;
    let file = format!(
        "services:\n  good:\n    build: ./good\n    command: [sleep, \"600\"]\n  menu:\n    build:\n      context: .\n      \
         dockerfile_inline: |\n        FROM {BUSYBOX}\n        ADD http://127.0.0.1:1/x /\n"
    );
    let good = format!("FROM {BUSYBOX}\nRUN true\n");
    let dir = folder(&[("compose.yaml", file.as_str()), ("good/Dockerfile", good.as_str())]);
    let result =
        checked(&engine, dir.path(), &[r#""compose-config""#, r#""compose-up""#], CancellationToken::new()).await;
    let diagnosis = result.goals[1].diagnosis.as_ref().unwrap();
    let why = diagnosis.facts.get("code").map(|fact| format!("{fact:?}")).unwrap_or_default();
    assert_eq!((result.goals[1].verdict, diagnosis.code.as_str()), (Verdict::Failed, codes::COMPOSE_BUILD_FAILED));
    assert!(why.contains(codes::BUILD_NEEDS_NETWORK), "{diagnosis:?}");
    // The first service had been built when the second one was refused.
    assert_eq!(engine.close().await.unwrap().images, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_a_check_stops_compose_and_removes_what_it_had_made() {
    let engine = engine().await;
    // The second waits for a health check that never passes, so that `up` is still at work when it is stopped.
    let file = format!(
        "services:\n  a:\n    image: {BUSYBOX}\n    command: [sleep, \"7392\"]\n    healthcheck: {{test: [CMD, \"false\"], interval: 1s, retries: 500}}\n    volumes: [\"data:/data\"]\n  b:\n    image: {BUSYBOX}\n    depends_on: {{a: {{condition: service_healthy}}}}\nvolumes: {{data: }}\n"
    );
    let dir = folder(&[("compose.yaml", file.as_str())]);
    let cancel = CancellationToken::new();
    let stop = async {
        wait_for(|| sleeping(7392), Duration::from_secs(60)).await.expect("it starts");
        let now = Instant::now();
        cancel.cancel();
        now
    };
    let goals = [r#""compose-config""#, r#"{"compose-up": {"within": "120s"}}"#];
    let (result, _) = tokio::join!(checked(&engine, dir.path(), &goals, cancel.clone()), stop);
    assert_eq!(result.goals[1].diagnosis.as_ref().unwrap().code, codes::CANCELLED);
    let run = run_of(&engine);
    wait_for(|| labelled(&run).is_empty() && !sleeping(7392), Duration::from_secs(20)).await.expect("nothing is left");
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_nobody_removed_is_reaped_with_its_run() {
    let engine = engine().await;
    let (name, labels) = engine.project_identity();
    let document = json!({
        "name": name,
        "services": {"a": {
            "image": BUSYBOX, "command": ["sleep", "7393"], "labels": labels, "networks": {"default": null},
            "volumes": [{"type": "volume", "source": "v", "target": "/v"}],
        }},
        "networks": {"default": {"labels": labels}},
        "volumes": {"v": {"labels": labels}},
    });
    let project = Project::open(&engine, name.clone(), tempfile::tempdir().unwrap(), &document, vec![]).unwrap();
    let up = project.up(Duration::from_secs(60), &CancellationToken::new()).await.unwrap();
    assert!(up.failed.is_none() && up.services.len() == 1 && up.services[0].running, "{up:?}");
    assert!(project.moments().iter().any(|m| m.service == "a" && m.action == "start"));
    // As if the process had died here: nothing of the project's own cleaning runs.
    std::mem::forget(project);
    assert_eq!(labelled(&format!("com.docker.compose.project={name}")).len(), 3);
    let reaped = engine.close().await.unwrap();
    assert_eq!((reaped.containers, reaped.networks, reaped.volumes), (1, 1, 1));
    assert!(labelled(&format!("com.docker.compose.project={name}")).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nameless_volumes_go_with_down_and_named_ones_stay() {
    let engine = engine().await;
    let (name, labels) = engine.project_identity();
    let document = json!({
        "name": name,
        "services": {"a": {
            "image": BUSYBOX, "command": ["sleep", "600"], "init": true, "labels": labels,
            "volumes": [{"type": "volume", "target": "/nameless"}, {"type": "volume", "source": "v", "target": "/v"}],
        }},
        "volumes": {"v": {"labels": labels}},
        "networks": {"default": {"labels": labels}},
    });
    let never = CancellationToken::new();
    let project = Project::open(&engine, name.clone(), tempfile::tempdir().unwrap(), &document, vec![]).unwrap();
    project.up(Duration::from_secs(60), &never).await.unwrap();
    let container = docker(&["ps", "-q", "--filter", &format!("label=com.docker.compose.project={name}")]);
    let mounts = docker(&["inspect", "-f", "{{range .Mounts}}{{.Name}} {{.Destination}}\n{{end}}", &container]);
    let nameless = mounts.lines().find_map(|l| l.strip_suffix(" /nameless")).unwrap().to_owned();
    project.down(&never).await.unwrap();
    let volumes = docker(&["volume", "ls", "-q"]);
    assert!(!volumes.lines().any(|v| v == nameless), "{nameless}");
    assert!(volumes.lines().any(|v| v == format!("{name}_v")), "{volumes}");
    project.remove().await;
    assert!(!docker(&["volume", "ls", "-q"]).lines().any(|v| v == format!("{name}_v")));
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_compose_of_this_machine_is_found() {
    let engine = engine().await;
    assert!(matches!(compose::find(Some(&engine)).await, Compose::Plugin(version) if !version.is_empty()));
    assert!(matches!(compose::find(None).await, Compose::Plugin(_)), "no daemon is needed for that");
}
