//! What a learner made by hand, on the daemon at DOCKER_HOST: looked at, neither changed nor removed; and a registry whose
//! tags go with their run.
#![cfg(feature = "daemon-tests")]

mod daemon_common;

use daemon_common::{BUSYBOX, docker, engine, folder, nonce};
use dockshala_checkers::{
    check::{self, Options, Submission},
    engine::{
        Engine,
        bases::{BaseOptions, Kit},
    },
    spec::{Kind, Network, Profile, Spec},
    verdict::{CheckResult, Verdict, codes},
};
use std::{collections::BTreeMap, path::Path, sync::Arc};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const REGISTRY: &str = "dockshala.local/registry:2";

fn spec(goals: &str) -> Spec {
    Spec {
        id: "by-hand".into(),
        kind: Kind::Machine,
        images: vec![BUSYBOX.into(), REGISTRY.into()],
        needs: vec![],
        network: Network::None,
        profile: Profile::Strict,
        goals: serde_json::from_str(goals).unwrap(),
    }
}

/// Judges what bears `label`: `steps` is the learner's steps.sh, `starter` the one that was handed out.
async fn judged(engine: &Engine, goals: &str, label: &str, dir: &Path, starter: &Path) -> CheckResult {
    let submission =
        Submission { dir: dir.to_owned(), starter: Some(starter.to_owned()), label: Some(label.to_owned()) };
    let kit = Arc::new(Kit::empty());
    let options = Options::new(BaseOptions { kit, ask_registry: false, mirror: None, known: BTreeMap::new() });
    let (events, mut watch) = mpsc::channel(16);
    let drain = async { while watch.recv().await.is_some() {} };
    let (spec, cancel) = (spec(goals), CancellationToken::new());
    tokio::join!(check::check(&spec, &submission, Some(engine), &options, events, cancel), drain).0
}

fn told(result: &CheckResult) -> Vec<(&str, Verdict, &str)> {
    let code = |g: &dockshala_checkers::verdict::GoalResult| g.diagnosis.as_ref().map(|d| d.code.clone());
    let codes: Vec<_> = result.goals.iter().map(|g| code(g).unwrap_or_default()).collect();
    let all = result.goals.iter().zip(codes);
    all.map(|(g, code)| (g.id.as_str(), g.verdict, &*Box::leak(code.into_boxed_str()))).collect()
}

/// Takes away what the "learner" of a test made, also when the test fails.
struct Learner {
    label: String,
    name: String,
}

impl Learner {
    fn new() -> Self {
        let name = format!("learner-{}", nonce());
        Self { label: format!("dev.dockshala.copy={name}"), name }
    }
}

impl Drop for Learner {
    fn drop(&mut self) {
        for (list, remove) in [
            (["ps", "-aq"].as_slice(), ["rm", "-fv"].as_slice()),
            (&["volume", "ls", "-q"], &["volume", "rm", "-f"]),
            (&["network", "ls", "-q"], &["network", "rm"]),
        ] {
            let filter = format!("label={}", self.label);
            let ids = docker(&[list, &["--filter", &filter]].concat());
            for id in ids.lines() {
                let _ = std::process::Command::new("docker").args(remove).arg(id).output();
            }
        }
        let unlabelled = format!("{}-data", self.name);
        let _ = std::process::Command::new("docker").args(["volume", "rm", "-f", &unlabelled]).output();
    }
}

#[tokio::test]
async fn what_a_learner_made_is_judged_and_left_as_it_is() {
    let (engine, learner) = (engine().await, Learner::new());
    let (name, label) = (&learner.name, &learner.label);
    let (starter, empty) = (folder(&[("steps.sh", "docker ps\n")]), folder(&[]));
    let goals = format!(
        r#"[{{"container":{{"name":"{name}"}}}},
            {{"limits":{{"container":"{name}","memory":"256 MiB"}}}},
            {{"container-logs":{{"container":"{name}","stdout":"namaste"}}}},
            {{"volume":{{"name":"{name}-data","file":"khata.txt","text":"atta 42"}}}},
            {{"copied-out":{{"container":"{name}","path":"/data/khata.txt","file":"khata.txt"}}}},
            {{"restart":{{"container":"{name}","one-of":["no"],"crash":["rm","/x"]}}}}]"#
    );
    let judge = async |dir: &Path| judged(&engine, &goals, label, dir, starter.path()).await;

    let nothing = judge(starter.path()).await;
    assert!(told(&nothing).iter().all(|g| (g.1, g.2) == (Verdict::Failed, codes::NOTHING_BY_HAND)), "{nothing:?}");
    assert_eq!(told(&judge(empty.path()).await)[0].2, codes::NOTHING_BY_HAND);

    let volume = format!("{name}-data:/data");
    let say = "echo namaste; echo atta 42 > /data/khata.txt; exec sleep 300";
    // 256 MiB is also the wall around a container of steps: by hand it is a limit that the learner set.
    let run = [
        "run", "-d", "--init", "--label", label, "--name", name, "-m", "256m", "-v", &volume, BUSYBOX, "sh", "-c", say,
    ];
    docker(&run);
    let look = || docker(&["inspect", "-f", "{{.Id}} {{.State.StartedAt}} {{.State.Status}} {{.RestartCount}}", name]);
    let before = look();
    let copied = folder(&[("steps.sh", "docker ps\n"), ("khata.txt", "atta 42\n")]);
    let good = judge(copied.path()).await;
    let told_good = told(&good);
    assert!(told_good[..5].iter().all(|g| g.1 == Verdict::Passed), "{told_good:?}");
    // Nobody's own container is made to crash.
    assert_eq!((told_good[5].1, told_good[5].2), (Verdict::Skipped, codes::NEEDS_STEPS));

    let wrong = folder(&[("khata.txt", "atta 43\n")]);
    assert_eq!(told(&judge(wrong.path()).await)[4].2, codes::FILE_OTHER);
    // Steps of the learner's own come before what bears the label.
    let steps = folder(&[("steps.sh", "docker ps -a\n")]);
    assert_eq!(told(&judge(steps.path()).await)[0].2, codes::CONTAINER_MISSING);

    engine.reap().await.unwrap();
    engine.close().await.unwrap();
    assert_eq!(look(), before, "it is the learner's, and as it was");
}

#[tokio::test]
async fn what_does_not_bear_the_label_is_not_looked_at() {
    let (engine, learner, other) = (engine().await, Learner::new(), Learner::new());
    let (starter, name) = (folder(&[("steps.sh", "docker ps\n")]), &learner.name);
    // Another learner's container and volume, of the names that are asked about.
    let volume = format!("{name}-data:/data");
    docker(&["run", "-d", "--init", "--label", &other.label, "--name", name, "-v", &volume, BUSYBOX, "sleep", "300"]);
    docker(&["network", "create", "--label", &learner.label, name]);
    let goals =
        format!(r#"[{{"container":{{"name":"{name}"}}}},{{"volume":{{"name":"{name}-data","file":"khata.txt"}}}}]"#);
    let result = judged(&engine, &goals, &learner.label, starter.path(), starter.path()).await;
    let codes_told: Vec<&str> = told(&result).iter().map(|g| g.2).collect();
    assert_eq!(codes_told, [codes::CONTAINER_MISSING, codes::VOLUME_MISSING]);
    engine.close().await.unwrap();
}

#[tokio::test]
async fn limits_that_steps_set_count_whatever_they_are_and_our_own_walls_do_not() {
    let engine = engine().await;
    let steps = format!(
        "docker run -d --init --name tight -m 256m --pids-limit 128 {BUSYBOX} sleep 300\n\
         docker run -d --init --name loose {BUSYBOX} sleep 300\n"
    );
    let goals = r#"[{"limits":{"id":"tight","container":"tight","memory":"256 MiB","pids":128}},
        {"limits":{"id":"loose","container":"loose","memory":"1 GB","pids":1000}}]"#;
    let (dir, empty) = (folder(&[("steps.sh", &steps)]), folder(&[]));
    let result = judged(&engine, goals, "dev.dockshala.copy=none", dir.path(), empty.path()).await;
    let told = told(&result);
    assert_eq!((told[0].1, told[1].1, told[1].2), (Verdict::Passed, Verdict::Failed, codes::LIMIT_MISSING), "{told:?}");
    engine.close().await.unwrap();
}

#[tokio::test]
async fn a_check_with_a_registry_leaves_no_tag_behind() {
    let engine = engine().await;
    let steps = format!(
        "docker tag {BUSYBOX} chai-api:dev\ndocker tag chai-api:dev localhost:5000/chai-api:1.4\n\
         docker push localhost:5000/chai-api:1.4\n"
    );
    let goals = r#"[{"registry":{"repository":"chai-api","tag":"1.4","same-as":"chai-api:dev"}}]"#;
    let dir = folder(&[("steps.sh", &steps)]);
    let empty = folder(&[]);
    let result = judged(&engine, goals, "dev.dockshala.copy=none", dir.path(), empty.path()).await;
    assert!(result.passed(), "{:?}", told(&result));
    // Other checks on this daemon have tags of their own: only this run's are looked for.
    let run =
        engine.label_arguments().into_iter().find_map(|l| l.strip_prefix("dev.dockshala.run=").map(str::to_owned));
    let run = run.unwrap();
    let names = docker(&["images", "-a", "--digests", "--format", "{{.Repository}}:{{.Tag}}@{{.Digest}}"]);
    assert!(!names.contains(&run), "{names}");
    engine.close().await.unwrap();
    assert_eq!(daemon_common::labelled(&format!("dev.dockshala.run={run}")), Vec::<String>::new());
}
