//! The real program, killed: what it left the next one removes; what is another owner's, or nobody's of ours, nobody touches.
//!
//! The other owner is the same program in a process namespace of its own, which is what a second container on one machine, or
//! another user's session, looks like to the daemon.
#![cfg(all(feature = "daemon-tests", target_os = "linux"))]

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

struct Learner(tempfile::TempDir);

impl Learner {
    /// With a working copy whose Dockerfile is `dockerfile`.
    fn with(dockerfile: &str) -> Self {
        let learner = Self(tempfile::tempdir().unwrap());
        let said = learner.run(&["start", "two-stages", learner.0.path().join("lab").to_str().unwrap()]);
        assert!(said.status.success(), "{said:?}");
        fs::write(learner.0.path().join("lab/two-stages/Dockerfile"), dockerfile).unwrap();
        learner
    }

    fn set(&self, command: &mut Command) {
        command.current_dir(self.0.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.env("DOCKSHALA_HOME", self.0.path().join("state")).env("DOCKSHALA_LANG", "en");
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dockshala"));
        self.set(&mut command);
        command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
    }

    fn check(&self) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dockshala"));
        self.set(&mut command);
        command.args(["check", "two-stages"]).spawn().unwrap()
    }

    fn clean(&self) {
        let said = self.run(&["clean", "--yes"]);
        assert!(said.status.success(), "{said:?}");
    }

    /// A command as the other owner.
    fn as_another(&self, args: &[&str]) -> Command {
        let mut command = Command::new("unshare");
        self.set(&mut command);
        command.args(["--pid", "--fork", "--kill-child", "--mount-proc", env!("CARGO_BIN_EXE_dockshala")]).args(args);
        command
    }
}

/// A number that no other test of this run sleeps for.
fn marker() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    7_000_000 + std::process::id() % 90_000 * 10 + NEXT.fetch_add(1, Ordering::Relaxed)
}

fn sleeps_in_build(marker: u32) -> String {
    format!("FROM debian:trixie-slim\nRUN sleep {marker}\n")
}

fn sleeps_in_container(marker: u32) -> String {
    format!(
        "FROM debian:trixie-slim AS build\nRUN true\nFROM debian:trixie-slim\nCOPY --from=build /etc/passwd /x\nENTRYPOINT [\"sleep\", \"{marker}\"]\n"
    )
}

fn sleeping(marker: u32) -> bool {
    let wanted = format!("sleep\0{marker}\0");
    let lines = fs::read_dir("/proc").unwrap().flatten().map(|p| fs::read(p.path().join("cmdline")));
    lines.flatten().any(|line| line == wanted.as_bytes())
}

fn wait(what: &str, seconds: u64, mut until: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(seconds);
    while !until() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(30));
    }
}

fn docker(args: &[&str]) -> String {
    let said = Command::new("docker").args(args).output().unwrap();
    assert!(said.status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

fn there(kind: &str, name: &str) -> bool {
    let mut command = Command::new("docker");
    command.args([kind, "inspect", name]).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
}

/// Everything on the daemon that a process made, of every kind. The label is `PID.START`.
fn left_by(pid: u32) -> Vec<String> {
    let mut found = Vec::new();
    for (kind, list) in [
        ("container", ["ps", "-aq"].as_slice()),
        ("network", &["network", "ls", "-q"]),
        ("volume", &["volume", "ls", "-q"]),
        ("image", &["images", "-q"]),
    ] {
        for name in docker(&[list, &["--filter", "label=dev.dockshala.pid"]].concat()).lines() {
            // One that is gone by now was another test's.
            let said = Command::new("docker").args([kind, "inspect", name]).output().unwrap();
            if String::from_utf8_lossy(&said.stdout).contains(&format!("\"dev.dockshala.pid\": \"{pid}.")) {
                found.push(format!("{kind} {name}"));
            }
        }
    }
    found
}

#[test]
#[ignore = "two minutes of killing: make test-engines runs it"]
fn what_kill_9_leaves_the_next_command_removes() {
    for (phase, dockerfile) in [("build", sleeps_in_build as fn(u32) -> String), ("run", sleeps_in_container)] {
        let marker = marker();
        let learner = Learner::with(&dockerfile(marker));
        let mut check = learner.check();
        wait(phase, 90, || sleeping(marker));
        check.kill().unwrap();
        check.wait().unwrap();
        if phase == "run" {
            assert!(!left_by(check.id()).is_empty(), "kill -9 cleans nothing, or this test shows nothing");
        }
        learner.clean();
        wait("its processes go on", 10, || !sleeping(marker));
        assert_eq!(left_by(check.id()), Vec::<String>::new(), "{phase}");
    }
}

#[test]
#[ignore = "two minutes of killing: make test-engines runs it"]
fn signals_under_a_container_leave_nothing() {
    use rustix::process::{Pid, Signal, kill_process};
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let marker = marker();
        let learner = Learner::with(&sleeps_in_container(marker));
        let mut check = learner.check();
        wait("it runs", 90, || sleeping(marker));
        kill_process(Pid::from_raw(check.id() as i32).unwrap(), signal).unwrap();
        check.wait().unwrap();
        wait("its container goes on", 10, || !sleeping(marker));
        assert_eq!(left_by(check.id()), Vec::<String>::new(), "{signal:?}");
    }
}

#[test]
#[ignore = "two minutes of killing: make test-engines runs it"]
fn two_owners_on_one_daemon_leave_each_other_alone() {
    let (ours, theirs) = (marker(), marker());
    let (us, them) = (Learner::with(&sleeps_in_container(ours)), Learner::with(&sleeps_in_container(theirs)));
    let mut mine = us.check();
    let mut other = them.as_another(&["check", "two-stages"]).spawn().unwrap();
    wait("both run", 90, || sleeping(ours) && sleeping(theirs));
    // Each cleans up while both work …
    us.clean();
    assert!(them.as_another(&["clean", "--yes"]).status().unwrap().success());
    assert!(sleeping(ours) && sleeping(theirs), "a run that is alive is nobody's to remove");
    // … and when the other was killed: its process cannot be seen from here, so its lease decides, and that holds.
    other.kill().unwrap();
    other.wait().unwrap();
    us.clean();
    assert!(sleeping(theirs), "another owner's dead run is left until its lease has passed");
    // The owner itself sees that its process is gone.
    mine.kill().unwrap();
    mine.wait().unwrap();
    us.clean();
    wait("our own dead run goes", 10, || !sleeping(ours));
    assert!(sleeping(theirs));
    let container = docker(&["ps", "-q", "--no-trunc", "--filter", "label=dev.dockshala.run"]);
    let container = container.lines().find(|id| {
        let said = Command::new("docker").args(["inspect", "-f", "{{.Config.Entrypoint}}", id]).output().unwrap();
        String::from_utf8_lossy(&said.stdout).contains(&theirs.to_string())
    });
    let container = container.expect("the other owner's container");
    let image = docker(&["inspect", "-f", "{{.Config.Image}}", container]);
    docker(&["rm", "-f", container]);
    docker(&["rmi", "-f", &image]);
}

#[test]
#[ignore = "two minutes of killing: make test-engines runs it"]
fn what_bears_no_run_of_ours_is_never_touched() {
    let name = format!("dockshala-stranger-{}", marker());
    let context = tempfile::tempdir().unwrap();
    fs::write(
        context.path().join("Dockerfile"),
        format!("FROM scratch\nLABEL dev.dockshala=1 stranger={name}\nCOPY Dockerfile /\n"),
    )
    .unwrap();
    let path: PathBuf = context.path().to_owned();
    docker(&["build", "-q", "-t", &format!("{name}:1"), path.to_str().unwrap()]);
    docker(&["volume", "create", "--label=dev.dockshala=1", &name]);
    docker(&["network", "create", "--label=dev.dockshala=1", "--label=dev.dockshala.keep=x", &name]);
    docker(&[
        "create",
        "--name",
        &name,
        "--label=dev.dockshala=1",
        "--label=dev.dockshala.expires=1",
        &format!("{name}:1"),
        "/x",
    ]);
    let learner = Learner::with("FROM debian:trixie-slim\nRUN exit 3\n");
    let mut check = learner.check();
    check.wait().unwrap();
    learner.clean();
    let image = format!("{name}:1");
    let kinds = [("container", &name), ("network", &name), ("volume", &name), ("image", &image)];
    let gone: Vec<&str> = kinds.iter().filter(|(kind, name)| !there(kind, name)).map(|(kind, _)| *kind).collect();
    for (remove, name) in [
        (["rm", "-f"].as_slice(), &name),
        (&["network", "rm"], &name),
        (&["volume", "rm"], &name),
        (&["rmi", "-f"], &image),
    ] {
        let _ = Command::new("docker").args(remove).arg(name).output();
    }
    assert_eq!(gone, Vec::<&str>::new(), "each bears our mark, none a run");
    assert_eq!(left_by(check.id()), Vec::<String>::new());
}
