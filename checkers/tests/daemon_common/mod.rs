//! What the engine's daemon tests share.
#![allow(dead_code, reason = "each test file uses its part")]

use dockshala_checkers::engine::{BuildRequest, ConnectOptions, Engine};
use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Small, static, with a shell.
pub(crate) const BUSYBOX: &str = "dockshala.local/busybox:1.37";

pub(crate) async fn engine() -> Engine {
    Engine::connect(ConnectOptions::default()).await.expect("a daemon at DOCKER_HOST")
}

pub(crate) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    dir
}

/// Different in every run of the tests, so that nothing comes from an earlier run's cache.
pub(crate) fn nonce() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    format!("{}-{}", std::process::id(), since.as_nanos())
}

/// Builds an image of this run; its tag.
pub(crate) async fn image(engine: &Engine, name: &str, dockerfile: &str) -> String {
    let dir = folder(&[("a", "")]);
    let tag = engine.tag(name);
    let request = BuildRequest::new(dir.path(), dockerfile, &tag);
    let outcome = engine.build(request, mpsc::channel(1).0, CancellationToken::new()).await.unwrap();
    assert_eq!(outcome.failure, None);
    tag
}

/// The docker command's output.
pub(crate) fn docker(args: &[&str]) -> String {
    let output = Command::new("docker").args(args).output().expect("a docker command");
    assert!(output.status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Containers, networks and volumes that bear a label.
pub(crate) fn labelled(label: &str) -> Vec<String> {
    let filter = format!("label={label}");
    [["ps", "-aq"].as_slice(), &["network", "ls", "-q"], &["volume", "ls", "-q"]]
        .iter()
        .flat_map(|list| {
            let mut args = list.to_vec();
            args.extend(["--filter", &filter]);
            docker(&args).lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

pub(crate) async fn wait_for(mut condition: impl FnMut() -> bool, within: Duration) -> Option<()> {
    let end = Instant::now() + within;
    loop {
        if condition() {
            return Some(());
        }
        if Instant::now() > end {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Whether a process `sleep SECONDS` runs on this machine, which the daemon's containers share.
pub(crate) fn sleeping(seconds: u32) -> bool {
    let wanted = format!("sleep\0{seconds}\0");
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .any(|entry| fs::read(entry.path().join("cmdline")).is_ok_and(|line| line == wanted.as_bytes()))
}
