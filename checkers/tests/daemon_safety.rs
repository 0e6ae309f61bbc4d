//! Nothing leaks out of a check: no network through the daemon's own hands, and nothing is left wherever it is stopped.
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
use std::{
    collections::BTreeMap,
    net::TcpListener,
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
        id: "daemon-safety".into(),
        kind: Kind::Dockerfile,
        images: vec!["dockshala.local/*".into(), "scratch".into()],
        needs: vec![],
        network: Network::None,
        profile: Profile::Server,
        goals: serde_json::from_str(goals).unwrap(),
    }
}

async fn checked(engine: &Engine, goals: &str, dir: &Path, cancel: CancellationToken) -> CheckResult {
    let submission = Submission { dir: dir.to_owned(), starter: None, label: None };
    let (tell, mut told) = mpsc::channel(16);
    let drain = async { while told.recv().await.is_some() {} };
    let (spec, options) = (spec(goals), options());
    tokio::join!(check::check(&spec, &submission, Some(engine), &options, tell, cancel), drain).0
}

/// `ADD URL` is fetched by the daemon, whose network no `--network=none` takes away.
#[tokio::test(flavor = "multi_thread")]
async fn a_build_without_a_network_fetches_nothing_through_the_daemon() {
    let engine = engine().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    for add in [
        format!("ADD http://{address}/x /x"),
        format!("ADD [\"http://{address}/x\", \"/x\"]"),
        format!("ARG WHERE=http://{address}\nADD --chmod=644 $WHERE/x /x"),
        format!("ADD git://{address}/x.git /x"),
    ] {
        let dir = folder(&[("Dockerfile", &format!("FROM {BUSYBOX}\n{add}\n"))]);
        let result =
            checked(&engine, r#"["builds", {"user": {"not-root": true}}]"#, dir.path(), CancellationToken::new()).await;
        let builds = &result.goals[0];
        let code = builds.diagnosis.as_ref().map(|d| (d.code.as_str(), d.lines.len()));
        assert_eq!(
            (builds.verdict, code),
            (Verdict::Failed, Some((codes::BUILD_NEEDS_NETWORK, 1))),
            "{add}: {result:#?}"
        );
        assert_eq!(result.goals[1].verdict, Verdict::Skipped, "told once");
        assert!(listener.accept().is_err(), "{add}: somebody asked");
    }
    // A stage that nobody needs is not built, so it fetches nothing.
    let idle = format!("FROM {BUSYBOX} AS idle\nADD http://{address}/x /x\nFROM {BUSYBOX}\nRUN true\n");
    let dir = folder(&[("Dockerfile", &idle)]);
    let result = checked(&engine, r#"["builds"]"#, dir.path(), CancellationToken::new()).await;
    assert_eq!(result.goals[0].verdict, Verdict::Passed, "{result:#?}");
    assert!(listener.accept().is_err());
    engine.close().await.unwrap();
}

/// Everything on the daemon that bears this run's label.
fn left(run: &str) -> Vec<String> {
    let filter = format!("label=dev.dockshala.run={run}");
    let lists: [&[&str]; 4] = [&["ps", "-aq"], &["network", "ls", "-q"], &["volume", "ls", "-q"], &["images", "-aq"]];
    let mut found = Vec::new();
    for list in lists {
        let names = docker(&[list, ["--filter", &filter].as_slice()].concat());
        found.extend(names.lines().map(str::to_owned));
    }
    found
}

/// Stopped at moments spread over all of it, so at every phase: upload, build, export, edit, run.
#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_is_stopped_anywhere_ends_soon_and_leaves_nothing() {
    const GOALS: &str = r#"["builds", {"total": {"at-most": "900 MB"}}, {"runs": {"stdout": "done", "within": "20s"}},
        {"cached-after-edit": {"edit": {"file": "note", "append": "{nonce}"}, "still-cached": {"command": "head"}}}]"#;
    let submission = || {
        let dockerfile = format!(
            "FROM {BUSYBOX}\nRUN head -c 40000000 /dev/zero > /big # {}\nCOPY note upload /\nCMD sleep 1; echo done\n",
            nonce()
        );
        let upload = "namaste ".repeat(2_000_000);
        folder(&[("Dockerfile", &dockerfile), ("note", "a"), ("upload", &upload)])
    };
    let engine = engine().await;
    let run =
        engine.label_arguments().iter().find_map(|l| l.strip_prefix("dev.dockshala.run=").map(str::to_owned)).unwrap();
    let (dir, at) = (submission(), Instant::now());
    let whole = checked(&engine, GOALS, dir.path(), CancellationToken::new()).await;
    let takes = at.elapsed();
    assert!(whole.passed(), "{:#?}", whole.goals);
    let mut stopped = 0;
    for part in 0..10 {
        let (dir, cancel) = (submission(), CancellationToken::new());
        let work = checked(&engine, GOALS, dir.path(), cancel.clone());
        let stop = async {
            tokio::time::sleep(takes * part / 10).await;
            cancel.cancel();
            Instant::now()
        };
        let (result, since) = tokio::join!(work, stop);
        // Two seconds are ours; the rest is for a machine that runs other tests meanwhile.
        assert!(since.elapsed() < Duration::from_secs(10), "{part}: {:?}", since.elapsed());
        let cancelled = |g: &dockshala_checkers::verdict::GoalResult| {
            g.diagnosis.as_ref().is_some_and(|d| d.code == codes::CANCELLED)
        };
        stopped += usize::from(result.goals.iter().any(cancelled));
        let failed: Vec<_> =
            result.goals.iter().filter(|g| matches!(g.verdict, Verdict::Failed | Verdict::Broken)).collect();
        assert!(failed.is_empty(), "stopping is nobody's failure: {failed:#?}");
    }
    assert!(stopped >= 5, "most were really stopped: {stopped}");
    // An export that the daemon was in the middle of may end after the check did; its image goes with the run.
    let reaped = engine.close().await.unwrap();
    assert_eq!((reaped.containers, reaped.networks, reaped.volumes, reaped.failed), (0, 0, 0, 0), "{reaped:?}");
    let rest = left(&run);
    assert_eq!(rest, Vec::<String>::new(), "after {reaped:?}");
}
