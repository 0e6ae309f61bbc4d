//! Hostile stacks and projects among a class's bundles: refused by their text, with nothing of them ever started.
//!
//! That nothing was started is asked of the daemon itself, by its own record of events: a verdict alone would also come after
//! the container had run. The same record must show the harmless neighbour, or it would show nothing at all.
#![cfg(feature = "daemon-tests")]

use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{SystemTime, UNIX_EPOCH},
};

struct Class {
    top: tempfile::TempDir,
    label: String,
    since: u64,
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

impl Class {
    fn new() -> Self {
        let class = Self {
            top: tempfile::tempdir().unwrap(),
            label: format!("hostile.class={}-{}", std::process::id(), now()),
            since: now() - 1,
        };
        fs::create_dir(class.path("stick")).unwrap();
        class
    }

    fn path(&self, name: &str) -> PathBuf {
        self.top.path().join(name)
    }

    fn run(&self, home: &str, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dockshala"));
        command.current_dir(self.top.path()).env("DOCKSHALA_HOME", self.path(home)).env("DOCKSHALA_LANG", "en");
        command.args(args).output().unwrap()
    }

    /// A bundle of the exercise's own solution with another `file`.
    fn hand_in(&self, name: &str, exercise: &str, solution: &str, file: &str, text: &str) {
        let lab = self.path(&format!("lab-{name}"));
        let said = self.run(name, &["start", exercise, lab.to_str().unwrap()]);
        assert!(said.status.success(), "{said:?}");
        let (from, work) = (Path::new(env!("CARGO_MANIFEST_DIR")).join(solution), lab.join(exercise));
        let copied = Command::new("cp").args(["-r", &format!("{}/.", from.display())]).arg(&work).status().unwrap();
        assert!(copied.success());
        fs::write(work.join(file), text).unwrap();
        let said = self.run(name, &["submit", exercise, "--name", name, "--to", self.path("stick").to_str().unwrap()]);
        assert!(said.status.success(), "{name}: {said:?}");
    }

    /// Verdict and code of the failed goals of each learner's work.
    fn judged(&self) -> BTreeMap<String, (String, Vec<String>)> {
        let (stick, out) = (self.path("stick"), self.path("verdicts"));
        let [stick, out] = [&stick, &out].map(|p| p.to_str().unwrap());
        let said = self.run("teacher", &["class", "regrade", stick, "--out", out, "--jobs", "2", "--yes"]);
        assert!(matches!(said.status.code(), Some(0 | 1 | 4)), "{said:?}");
        let said = self.run("teacher", &["class", "report", stick, "--out", out, "--format", "json"]);
        let report: Value = serde_json::from_slice(&said.stdout).unwrap_or_else(|e| panic!("{e}: {said:?}"));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let learners = report["learners"].as_array().unwrap().iter();
        let cells =
            learners.flat_map(|l| l["work"].as_object().unwrap().values().map(move |cell| (text(&l["name"]), cell)));
        let codes = |cell: &Value| {
            let goals = cell["goals"].as_array().unwrap().iter().filter(|g| g["verified"] == "failed");
            goals.map(|g| text(&g["diagnosis"]["code"])).collect()
        };
        cells.map(|(name, cell)| (name, (text(&cell["verified"]), codes(cell)))).collect()
    }

    /// Who of the learners had a container made: the value of the label `learner` in the daemon's events.
    fn started(&self) -> Vec<String> {
        let [since, until] = [self.since, now() + 1].map(|at| at.to_string());
        let filter = format!("label={}", self.label);
        let args = ["events", "--since", &since, "--until", &until, "--filter", &filter, "--filter", "event=create"];
        let said =
            Command::new("docker").args(args).args(["--format", "{{.Actor.Attributes.learner}}"]).output().unwrap();
        assert!(said.status.success(), "{said:?}");
        let mut names: Vec<String> = String::from_utf8_lossy(&said.stdout).lines().map(str::to_owned).collect();
        names.sort();
        names.dedup();
        names
    }
}

const SHOP: &str = "exercises/10-registry-and-compose/41-shop-and-database/good/solution";
const ENQUIRY: &str = "exercises/12-swarm/45-heals-itself/good/solution";

#[test]
fn projects_that_reach_for_the_machine_are_never_started() {
    let class = Class::new();
    let (key, value) = class.label.split_once('=').unwrap();
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(SHOP).join("compose.yaml")).unwrap();
    // In the first service of the solution, before what it has.
    let with = |name: &str, line: &str| {
        let mark = format!("    labels: {{{key}: \"{value}\", learner: {name}}}\n");
        let more = if line.is_empty() { mark } else { format!("{mark}    {line}\n") };
        text.replacen("    build: ./api\n", &format!("{more}    build: ./api\n"), 1)
    };
    let hostile = [
        ("privileged", "privileged: true", "compose-power"),
        ("host-network", "network_mode: host", "compose-power"),
        ("host-processes", "pid: host", "compose-power"),
        ("capabilities", "cap_add: [SYS_ADMIN]", "compose-power"),
        ("unconfined", "security_opt: [\"seccomp:unconfined\"]", "compose-power"),
        ("whole-disk", "volumes: [\"/:/host\"]", "compose-outside"),
        ("socket", "volumes: [\"/var/run/docker.sock:/var/run/docker.sock\"]", "compose-socket"),
        ("climbs", "volumes: [\"../../..:/host:ro\"]", "compose-outside"),
        ("long-form", "volumes: [{type: bind, source: /etc, target: /host}]", "compose-outside"),
    ];
    for (name, line, _) in hostile {
        class.hand_in(name, "shop-and-database", SHOP, "compose.yaml", &with(name, line));
    }
    class.hand_in("harmless", "shop-and-database", SHOP, "compose.yaml", &with("harmless", ""));
    let judged = class.judged();
    for (name, _, code) in hostile {
        let (verdict, codes) = &judged[name];
        assert_eq!((verdict.as_str(), codes.first().map(String::as_str)), ("failed", Some(code)), "{name}: {codes:?}");
    }
    assert_eq!(class.started(), ["harmless"], "whose containers were made: {judged:#?}");
}

/// A node is privileged, so what a stack mounts of its node would be of this machine.
#[test]
#[ignore = "a swarm for each: make test-engines runs it"]
fn stacks_that_reach_for_the_node_are_never_deployed() {
    let class = Class::new();
    let service = "services:\n  enquiry:\n    image: railway-enquiry:1\n";
    let hostile = [
        ("mounts", format!("{service}    volumes: [\"/:/host\"]\n")),
        ("socket", format!("{service}    volumes: [\"/var/run/docker.sock:/var/run/docker.sock\"]\n")),
        ("capabilities", format!("{service}    cap_add: [SYS_ADMIN]\n")),
        (
            "host-network",
            format!("{service}    networks: [machine]\nnetworks:\n  machine: {{external: true, name: host}}\n"),
        ),
    ];
    for (name, text) in &hostile {
        class.hand_in(name, "heals-itself", ENQUIRY, "stack.yaml", text);
    }
    let judged = class.judged();
    for (name, _) in &hostile {
        assert_eq!(judged[*name], ("failed".to_owned(), vec!["stack-unsafe".to_owned()]), "{name}");
    }
}
