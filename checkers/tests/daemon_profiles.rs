//! The profiles, line by line: what the daemon says of a learner's container, and what a process inside can really do.
//!
//! Both are asked, because either alone misleads: a flag that the kernel does not know is in `inspect` and does nothing, and
//! what cannot be done today may be for another reason than ours. Where a refusal could come of anything, the same is tried
//! in an ordinary container, which must be able to do it.
#![cfg(feature = "daemon-tests")]

mod daemon_common;

use daemon_common::{BUSYBOX, docker, engine, image, sleeping, wait_for};
use dockshala_checkers::{
    engine::{Engine, HttpRequest, Limit, RunRequest, sandbox},
    spec::Profile,
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// Tries everything that is of interest and prints `what=yes|no` or `what=value`. What would harm the machine if it were
/// allowed is tried in a way that would change nothing: the clock is set to what it shows.
const REPORT: &str = r#"
try() { name=$1; shift; if "$@" > /dev/null 2>&1; then echo "$name=yes"; else echo "$name=no"; fi; }
status() { sed -n "s/^$1:[[:space:]]*//p" /proc/self/status; }
group() { cat "/sys/fs/cgroup/$1" "/sys/fs/cgroup/$2" 2> /dev/null; }
echo "capabilities=$(status CapEff)"
echo "ever=$(status CapBnd)"
echo "no-new-privileges=$(status NoNewPrivs)"
echo "seccomp=$(status Seccomp)"
echo "user=$(id -u)"
try write touch /x
try write-tmp touch /tmp/x
try fill-tmp dd if=/dev/zero of=/tmp/big bs=1M count=17
rm -f /tmp/big
cp /bin/busybox /tmp/busybox
try run-from-tmp /tmp/busybox true
try chown chown 5:5 /tmp/x
try mount mount -t tmpfs none /tmp
try device mknod /tmp/disk b 8 0
try chroot chroot / true
try hostname hostname "$(hostname)"
# It says that it may not, and ends well all the same.
try clock sh -c '! date -s "@$(date +%s)" 2>&1 | grep -q "not permitted"'
try namespaces unshare -m true
panic=$(cat /proc/sys/kernel/panic)
try kernel sh -c "echo $panic > /proc/sys/kernel/panic"
try raw-socket ping -c 1 -W 1 127.0.0.1
try more-files sh -c 'ulimit -n 4096'
echo "files=$(ulimit -n)"
echo "devices=$(ls /dev | tr '\n' ' ')"
echo "sockets=$(find / -xdev -type s 2> /dev/null | tr '\n' ' ')"
echo "from-the-host=$(awk '$1 ~ "^/dev/" { print $2 }' /proc/self/mounts | sort | tr '\n' ' ')"
echo "memory=$(group memory/memory.limit_in_bytes memory.max)"
echo "processes=$(group pids/pids.max pids.max)"
echo "interfaces=$(ls /sys/class/net | tr '\n' ' ')"
echo "way-out=$(ip route | grep -c default)"
try neighbour wget -q -T 2 -O - "http://$NEIGHBOUR:8080/"
( i=0; while [ $i -lt 200 ]; do sleep 2 & i=$((i+1)); done ) 2> /dev/null
set -- /proc/[0-9]*
echo "at-once=$#"
sleep 3
[ -z "$SERVE" ] || exec httpd -f -p 8080 -h /tmp
"#;

/// An HTTP server in an ordinary container, gone with this.
struct Neighbour {
    id: String,
    address: String,
}

impl Neighbour {
    fn new(engine: &Engine) -> Self {
        let labels: Vec<String> = engine.label_arguments().iter().map(|l| format!("--label={l}")).collect();
        let mut args: Vec<&str> = vec!["run", "-d"];
        args.extend(labels.iter().map(String::as_str));
        args.extend([BUSYBOX, "sh", "-c", "echo namaste > /tmp/index.html; exec httpd -f -p 8080 -h /tmp"]);
        let id = docker(&args);
        let address = docker(&["inspect", "-f", "{{.NetworkSettings.IPAddress}}", &id]);
        Self { id, address }
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        let _ = std::process::Command::new("docker").args(["rm", "-f", &self.id]).output();
    }
}

fn report(stdout: &str) -> BTreeMap<String, String> {
    let lines = stdout.lines().filter_map(|line| line.split_once('='));
    lines.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect()
}

/// What the daemon says of the one container of an image, once it runs.
async fn inspected(tag: &str) -> Value {
    let filter = format!("ancestor={tag}");
    let running = || docker(&["ps", "-q", "--filter", &filter]);
    wait_for(|| !running().is_empty(), Duration::from_secs(60)).await.expect("it runs");
    serde_json::from_str::<Value>(&docker(&["inspect", &running()])).unwrap()[0].take()
}

fn nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

/// What `inspect` must say of every learner's container.
fn confined(container: &Value, profile: Profile, label: &str) {
    let host = &container["HostConfig"];
    let strict = profile != Profile::Realistic;
    let caps = if strict { Value::Null } else { json!(["CHOWN", "SETGID", "SETUID"]) };
    // Engines from 28 on spell them out.
    let plain = |caps: &Value| caps.to_string().replace("CAP_", "");
    for (line, want) in [
        ("Memory", json!(sandbox::MEMORY)),
        ("MemorySwap", json!(sandbox::MEMORY)),
        ("NanoCpus", json!(1_000_000_000)),
        ("PidsLimit", json!(sandbox::PROCESSES)),
        ("CapDrop", json!(["ALL"])),
        ("SecurityOpt", json!(["no-new-privileges"])),
        ("ReadonlyRootfs", json!(strict)),
        ("Privileged", json!(false)),
        ("LogConfig", json!({"Type": "none", "Config": {}})),
    ] {
        assert_eq!(host[line], want, "{profile:?}: {line}");
    }
    assert_eq!(plain(&host["CapAdd"]), plain(&caps), "{profile:?}");
    let files = &host["Ulimits"][0];
    assert_eq!((&files["Name"], &files["Soft"], &files["Hard"]), (&json!("nofile"), &json!(1024), &json!(1024)));
    let tmpfs = if strict { json!({"/tmp": "size=16m,noexec,nosuid"}) } else { Value::Null };
    assert_eq!(host["Tmpfs"], tmpfs, "{profile:?}");
    for line in [
        "Binds",
        "Mounts",
        "VolumesFrom",
        "Devices",
        "DeviceRequests",
        "DeviceCgroupRules",
        "PortBindings",
        "PublishAllPorts",
        "ExtraHosts",
        "Links",
        "GroupAdd",
        "PidMode",
        "UTSMode",
        "UsernsMode",
        "CgroupParent",
        "Sysctls",
        "OomKillDisable",
        "StorageOpt",
    ] {
        assert!(nothing(&host[line]), "{profile:?}: {line} is {}", host[line]);
    }
    assert!(nothing(&container["Mounts"]), "{profile:?}: {}", container["Mounts"]);
    assert!(["", "private"].contains(&host["IpcMode"].as_str().unwrap()), "{profile:?}: {}", host["IpcMode"]);
    // Seccomp and AppArmor are the daemon's own, and what /proc hides stays hidden.
    assert!(!host["SecurityOpt"].to_string().contains("unconfined"));
    assert!(!nothing(&host["MaskedPaths"]) && !nothing(&host["ReadonlyPaths"]), "{profile:?}");
    let (name, run) = label.split_once('=').unwrap();
    assert_eq!(container["Config"]["Labels"][name], run, "it bears this run's label");
}

/// What a process inside must find.
fn held(told: &BTreeMap<String, String>, profile: Profile, user: &str) {
    let strict = profile != Profile::Realistic;
    let root = user == "0";
    let of = |name: &str| told.get(name).unwrap_or_else(|| panic!("{name} of {told:#?}")).as_str();
    let can = |yes: bool| if yes { "yes" } else { "no" };
    // CHOWN, SETGID and SETUID are bits 0, 6 and 7; another user than root has none of them to use.
    let bound = if strict { "0000000000000000" } else { "00000000000000c1" };
    let effective = if root { bound } else { "0000000000000000" };
    for (what, want) in [
        ("capabilities", effective),
        ("ever", bound),
        ("no-new-privileges", "1"),
        ("user", user),
        ("write", can(!strict && root)),
        ("write-tmp", "yes"),
        ("fill-tmp", can(!strict)),
        ("run-from-tmp", can(!strict)),
        ("chown", can(!strict && root)),
        ("mount", "no"),
        ("device", "no"),
        ("chroot", "no"),
        ("hostname", "no"),
        ("clock", "no"),
        ("namespaces", "no"),
        ("kernel", "no"),
        ("more-files", "no"),
        ("files", "1024"),
        ("sockets", ""),
        ("from-the-host", "/etc/hostname /etc/hosts /etc/resolv.conf"),
        ("processes", &sandbox::PROCESSES.to_string()),
        ("memory", &sandbox::MEMORY.to_string()),
        ("way-out", "0"),
        ("neighbour", "no"),
    ] {
        assert_eq!(of(what), want, "{profile:?} as {user}: {what} of {told:#?}");
    }
    let devices: BTreeSet<&str> = of("devices").split(' ').collect();
    let known = "core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero console";
    let known: BTreeSet<&str> = known.split(' ').collect();
    assert!(devices.is_subset(&known), "{profile:?}: {devices:?}");
    let at_once: i64 = of("at-once").parse().unwrap();
    // It was really tried, and stopped at the limit.
    assert!((sandbox::PROCESSES - 10..=sandbox::PROCESSES).contains(&at_once), "{profile:?}: {at_once} processes");
}

async fn reporter(engine: &Engine, name: &str, user: &str) -> String {
    let command = serde_json::to_string(&["sh", "-c", REPORT]).unwrap();
    image(engine, name, &format!("FROM {BUSYBOX}\nUSER {user}\nCMD {command}\n")).await
}

fn run_label(engine: &Engine) -> String {
    engine.label_arguments().into_iter().find(|l| l.starts_with("dev.dockshala.run=")).unwrap()
}

/// All that `docker run` gives if nobody says otherwise: shows that the report can tell the difference.
#[tokio::test(flavor = "multi_thread")]
async fn the_report_sees_what_an_ordinary_container_can_do() {
    let engine = engine().await;
    let (tag, neighbour) = (reporter(&engine, "ordinary", "0").await, Neighbour::new(&engine));
    let labels: Vec<String> = engine.label_arguments().iter().map(|l| format!("--label={l}")).collect();
    let to = format!("NEIGHBOUR={}", neighbour.address);
    let mut args = vec!["run", "--rm", "-e", &to, "--pids-limit=400"];
    args.extend(labels.iter().map(String::as_str));
    args.push(&tag);
    let told = report(&docker(&args));
    for what in ["write", "fill-tmp", "run-from-tmp", "chown", "device", "chroot", "neighbour", "raw-socket"] {
        assert_eq!(told[what], "yes", "{what}: {told:#?}");
    }
    assert_eq!((told["no-new-privileges"].as_str(), told["way-out"].as_str()), ("0", "1"));
    assert_ne!(told["capabilities"], "0000000000000000");
    assert!(told["at-once"].parse::<u64>().unwrap() > 150, "{told:#?}");
    drop(neighbour);
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_and_realistic_hold_what_they_say() {
    let engine = engine().await;
    let neighbour = Neighbour::new(&engine);
    let label = run_label(&engine);
    for (profile, user) in
        [(Profile::Strict, "0"), (Profile::Realistic, "0"), (Profile::Strict, "10001"), (Profile::Realistic, "10001")]
    {
        let tag = reporter(&engine, &format!("{profile:?}-{user}").to_lowercase(), user).await;
        let mut request = RunRequest::new(&tag);
        request.profile = profile;
        request.deadline = Duration::from_secs(60);
        request.env.insert("NEIGHBOUR".into(), neighbour.address.clone());
        let (outcome, container) = tokio::join!(engine.run(request, CancellationToken::new()), inspected(&tag));
        let outcome = outcome.unwrap();
        assert_eq!(outcome.exit, Some(0), "{outcome:#?}");
        confined(&container, profile, &label);
        assert_eq!(container["HostConfig"]["NetworkMode"], "none");
        let told = report(&outcome.stdout);
        held(&told, profile, user);
        assert_eq!(told["interfaces"], "lo", "{profile:?}");
        assert_eq!(told["seccomp"], seccomp(), "{profile:?}");
    }
    drop(neighbour);
    let reaped = engine.close().await.unwrap();
    assert_eq!((reaped.networks, reaped.volumes, reaped.failed), (0, 0, 0), "{reaped:?}");
}

/// 2 is a filter; without one in the daemon there can be none in a container.
fn seccomp() -> &'static str {
    if docker(&["info", "-f", "{{.SecurityOptions}}"]).contains("seccomp") { "2" } else { "0" }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_holds_the_same_in_a_network_that_leads_nowhere() {
    let engine = engine().await;
    let neighbour = Neighbour::new(&engine);
    let label = run_label(&engine);
    let tag = reporter(&engine, "server", "0").await;
    let mut request = HttpRequest::new(&tag, 8080);
    request.deadline = Duration::from_secs(60);
    request.env.insert("NEIGHBOUR".into(), neighbour.address.clone());
    request.env.insert("SERVE".into(), "1".into());
    assert_eq!(request.profile, Profile::Server);
    let look = async {
        let container = inspected(&tag).await;
        let network = container["HostConfig"]["NetworkMode"].as_str().unwrap().to_owned();
        (serde_json::from_str::<Value>(&docker(&["network", "inspect", &network])).unwrap()[0].take(), container)
    };
    let (outcome, (network, container)) = tokio::join!(engine.http(request, CancellationToken::new()), look);
    let outcome = outcome.unwrap();
    // The folder it serves has no index: that it answers is enough.
    assert_eq!(outcome.answer.as_ref().map(|(status, _)| *status), Some(404), "{outcome:#?}");
    confined(&container, Profile::Server, &label);
    assert_eq!(network["Internal"], true, "{network:#}");
    assert_eq!(network["Containers"].as_object().unwrap().len(), 1, "nobody else is in it: {network:#}");
    let (name, run) = label.split_once('=').unwrap();
    assert_eq!(network["Labels"][name], run);
    held(&report(&outcome.run.stdout), Profile::Server, "0");
    drop(neighbour);
    let reaped = engine.close().await.unwrap();
    assert_eq!((reaped.networks, reaped.volumes, reaped.failed), (0, 0, 0), "{reaped:?}");
}

/// A program that belongs to root and says so makes nobody root.
#[tokio::test(flavor = "multi_thread")]
async fn a_setuid_program_gives_no_power() {
    let engine = engine().await;
    let dockerfile = "FROM dockshala.local/debian:trixie-slim\nRUN cp /usr/bin/id /usr/bin/whoever && chmod 4755 /usr/bin/whoever\nUSER 10001\nCMD [\"whoever\", \"-u\"]\n";
    let tag = image(&engine, "setuid", dockerfile).await;
    let labels: Vec<String> = engine.label_arguments().iter().map(|l| format!("--label={l}")).collect();
    let mut args = vec!["run", "--rm"];
    args.extend(labels.iter().map(String::as_str));
    args.push(&tag);
    assert_eq!(docker(&args), "0", "in an ordinary container it does");
    for profile in [Profile::Strict, Profile::Server, Profile::Realistic] {
        let mut request = RunRequest::new(&tag);
        request.profile = profile;
        let outcome = engine.run(request, CancellationToken::new()).await.unwrap();
        assert_eq!(outcome.stdout, "10001\n", "{profile:?}: {outcome:#?}");
    }
    engine.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_end_with_their_container_in_every_profile() {
    let engine = engine().await;
    let marker = 600_000 + std::process::id() % 90_000;
    for profile in [Profile::Strict, Profile::Server, Profile::Realistic] {
        let mut fork = RunRequest::new(BUSYBOX);
        // Each generation leaves a sleeper, so that what outlives the container can be told from everything else.
        let bomb = format!("b() {{ sleep {marker} & b | b & }}; b; sleep {marker}");
        fork.entrypoint = Some(vec!["sh".into(), "-c".into(), bomb]);
        fork.profile = profile;
        fork.deadline = Duration::from_secs(3);
        let outcome = engine.run(fork, CancellationToken::new()).await.unwrap();
        assert!(outcome.stderr.contains("can't fork"), "{profile:?}: {outcome:#?}");
        wait_for(|| !sleeping(marker), Duration::from_secs(10)).await.expect("none of it lives on");

        let mut memory = RunRequest::new(BUSYBOX);
        memory.entrypoint = Some(vec!["sh".into(), "-c".into(), "x=chai; while :; do x=$x$x; done".into()]);
        memory.profile = profile;
        memory.deadline = Duration::from_secs(60);
        let outcome = engine.run(memory, CancellationToken::new()).await.unwrap();
        assert_eq!((outcome.limit_hit, outcome.exit), (Some(Limit::Memory), Some(137)), "{profile:?}: {outcome:#?}");
    }
    let reaped = engine.close().await.unwrap();
    assert_eq!((reaped.containers, reaped.failed), (0, 0), "{reaped:?}");
}
