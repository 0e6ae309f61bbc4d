//! The main job on a real daemon: start → check fails → mend → pass → next; and signals that leave nothing behind.
#![cfg(feature = "daemon-tests")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

struct Learner {
    home: tempfile::TempDir,
}

impl Learner {
    fn started(exercise: &str) -> Self {
        let learner = Self { home: tempfile::tempdir().unwrap() };
        let lab = learner.home.path().join("lab");
        let said = learner.run(&["start", exercise, lab.to_str().unwrap()]);
        assert!(said.status.success(), "{said:?}");
        learner
    }

    fn copy(&self, exercise: &str) -> PathBuf {
        self.home.path().join("lab").join(exercise)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dockshala"));
        command.args(args).current_dir(self.home.path());
        command.env("DOCKSHALA_HOME", self.home.path().join("state")).env("DOCKSHALA_LANG", "en");
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    #[track_caller]
    fn says(&self, args: &[&str], exit: i32) -> String {
        let said = self.run(args);
        let out = String::from_utf8(said.stdout).unwrap();
        assert_eq!(said.status.code(), Some(exit), "{out}\n{}", String::from_utf8_lossy(&said.stderr));
        out
    }
}

fn solution(exercise: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("exercises/07-multi-stage");
    let dir = fs::read_dir(folder).unwrap().flatten().find(|e| e.file_name().to_string_lossy().ends_with(exercise));
    fs::read_to_string(dir.unwrap().path().join("good/solution/Dockerfile")).unwrap()
}

#[test]
fn from_the_starter_to_the_pass_to_what_is_next() {
    let learner = Learner::started("two-stages");
    let failed = learner.says(&["check", "two-stages"], 1);
    assert!(failed.contains("FAIL") && failed.contains("Dockerfile:") && failed.contains("Which line cost what"));
    assert!(failed.contains("dockshala hint two-stages"), "{failed}");
    learner.says(&["hint", "two-stages"], 0);

    fs::write(learner.copy("two-stages").join("Dockerfile"), solution("two-stages")).unwrap();
    let passed = learner.says(&["check", "two-stages", "--format", "json"], 0);
    let result: serde_json::Value = serde_json::from_str(&passed).unwrap();
    assert!(result["goals"].as_array().unwrap().iter().all(|g| g["verdict"] == "passed"), "{passed}");
    assert_eq!(result["provisional"], false);
    let total = result["sizes"]["total"].as_u64().unwrap();
    let costs: u64 = result["costs"].as_array().unwrap().iter().map(|c| c["bytes"].as_u64().unwrap()).sum();
    assert_eq!(costs, total, "the lines' costs come to the whole image");

    // Passed, and remembered: the list says so, the solution opens, and next is another exercise or lesson.
    assert!(learner.says(&["list"], 0).lines().any(|l| l.contains("passed") && l.contains("two-stages")));
    learner.says(&["solution", "two-stages"], 0);
    assert!(!learner.says(&["next"], 0).contains("dockshala check two-stages"));
}

/// Containers and images whose label says that this process made them. The label is `PID.START`.
fn left_by(pid: u32) -> Vec<String> {
    let docker = |args: &[&str]| {
        let said = Command::new("docker").args(args).output().unwrap();
        assert!(said.status.success(), "{said:?}");
        String::from_utf8(said.stdout).unwrap()
    };
    let only = ["--filter", "label=dev.dockshala.pid"];
    let containers = docker(&[&["ps", "-aq"], &only[..]].concat());
    let images = docker(&[&["images", "-aq"], &only[..]].concat());
    let mine = |id: &&str| {
        // One that is gone by now was another test's.
        let said = Command::new("docker").args(["inspect", "-f", "{{json .Config.Labels}}", id]).output().unwrap();
        String::from_utf8_lossy(&said.stdout).contains(&format!("\"dev.dockshala.pid\":\"{pid}."))
    };
    containers.lines().chain(images.lines()).filter(mine).map(str::to_owned).collect()
}

#[cfg(unix)]
#[test]
fn a_signal_in_the_middle_of_a_build_ends_it_within_two_seconds_and_leaves_nothing() {
    for signal in [rustix::process::Signal::TERM, rustix::process::Signal::INT] {
        let learner = Learner::started("two-stages");
        let marker = format!("61{:04}", std::process::id() % 10_000);
        let endless = format!("FROM golang:1.26\nRUN sleep {marker}\n");
        fs::write(learner.copy("two-stages").join("Dockerfile"), endless).unwrap();
        let mut command = learner.command(&["check", "two-stages"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let pid = child.id();
        let deadline = Instant::now() + Duration::from_secs(60);
        while !sleeping(&marker) {
            assert!(Instant::now() < deadline, "the build never began");
            std::thread::sleep(Duration::from_millis(50));
        }
        let sent = Instant::now();
        rustix::process::kill_process(rustix::process::Pid::from_raw(pid as i32).unwrap(), signal).unwrap();
        let said = child.wait_with_output().unwrap();
        // Two seconds are ours; the rest is for a machine that runs other tests meanwhile.
        assert!(sent.elapsed() < Duration::from_secs(4), "{:?}", sent.elapsed());
        let out = String::from_utf8(said.stdout).unwrap();
        assert!(said.status.code().is_some(), "it ended by itself: {:?}", said.status);
        assert!(out.contains("Stopped.") || !said.stderr.is_empty(), "{out}");
        let gone = Instant::now() + Duration::from_secs(3);
        while sleeping(&marker) {
            assert!(Instant::now() < gone, "the build goes on");
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(left_by(pid), Vec::<String>::new());
        // A check that was stopped is no attempt.
        assert!(learner.says(&["progress", "show"], 0).contains("0  checks"));
    }
}

/// Whether a process `sleep MARKER` runs on this machine, inside a container or not.
#[cfg(unix)]
fn sleeping(marker: &str) -> bool {
    let wanted = format!("sleep\0{marker}\0");
    fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .any(|p| fs::read(p.path().join("cmdline")).is_ok_and(|c| c == wanted.as_bytes()))
}
