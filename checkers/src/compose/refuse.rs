//! What of a resolved compose file is not started, and why: whatever would reach the machine itself instead of a container.
//!
//! A list of what is known to be harmless, not of what is known to be bad: compose gains keys every year (`provider` runs a
//! program of the host, `use_api_socket` hands the daemon over), and one that this list does not know is refused with an
//! honest word instead of being tried.

use super::reads::is_inside;
use serde_json::{Map, Value};
use std::path::Path;

/// How many services and how many containers of one are started.
const SERVICES: usize = 16;
/// See [`SERVICES`].
pub const REPLICAS: u64 = 8;

/// Why something is not started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It gives the container power over the machine.
    Power,
    /// It opens a file or folder outside of the submission.
    Outside,
    /// It is the daemon's own socket.
    Socket,
    /// The check does not know how to run it, or how to run it without touching what is not its own.
    Unchecked,
}

/// Something that is not started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Where it stands in the resolved file.
    pub path: Vec<String>,
    /// Why.
    pub why: Why,
    /// Its value, as short text.
    pub value: String,
}

/// Keys of a service that may stay, or that [`super::ready`] takes away or replaces.
const SERVICE: &[&str] = &[
    "annotations",
    "attach",
    "build",
    "cap_drop",
    "command",
    "configs",
    "container_name",
    "cpu_count",
    "cpu_percent",
    "cpu_period",
    "cpu_quota",
    "cpu_shares",
    "cpus",
    "cpuset",
    "depends_on",
    "deploy",
    "develop",
    "dns",
    "dns_opt",
    "dns_search",
    "domainname",
    "entrypoint",
    "env_file",
    "environment",
    "expose",
    "extra_hosts",
    "group_add",
    "healthcheck",
    "hostname",
    "image",
    "init",
    "labels",
    "links",
    "logging",
    "mac_address",
    "mem_limit",
    "mem_reservation",
    "mem_swappiness",
    "memswap_limit",
    "networks",
    "oom_kill_disable",
    "oom_score_adj",
    "pids_limit",
    "platform",
    "ports",
    "profiles",
    "pull_policy",
    "read_only",
    "restart",
    "scale",
    "secrets",
    "shm_size",
    "stdin_open",
    "stop_grace_period",
    "stop_signal",
    "sysctls",
    "tmpfs",
    "tty",
    "ulimits",
    "user",
    "volumes",
    "working_dir",
];
/// Keys of `build` that our own builder honours, or that change nothing about the image.
const BUILD: &[&str] = &[
    "context",
    "dockerfile",
    "dockerfile_inline",
    "args",
    "target",
    "labels",
    "network",
    "no_cache",
    "pull",
    "tags",
    "platforms",
    "cache_from",
    "provenance",
    "sbom",
];
const TOP: &[&str] = &["name", "version", "services", "networks", "volumes", "secrets", "configs"];

/// Everything in a resolved file that keeps it from being started, in its order. `root` is the submission's folder,
/// canonical.
pub fn refusals(document: &Value, root: &Path) -> Vec<Refusal> {
    let mut judge = Judge { root, path: Vec::new(), found: Vec::new() };
    for (key, value) in map(document) {
        if !TOP.contains(&key.as_str()) && !key.starts_with("x-") && !is_empty(value) {
            judge.at(key, |j| j.refuse(Why::Unchecked, value));
        }
    }
    let services = map(&document["services"]);
    judge.at("services", |judge| {
        if services.len() > SERVICES {
            judge.refuse(Why::Unchecked, &Value::from(services.len()));
        }
        for (name, service) in services {
            judge.at(name, |judge| judge.service(service));
        }
        judge.binds_within_binds(services);
    });
    judge.each(document, "networks", Judge::network);
    judge.each(document, "volumes", Judge::volume);
    judge.each(document, "secrets", Judge::file);
    judge.each(document, "configs", Judge::file);
    judge.found
}

fn map(value: &Value) -> &Map<String, Value> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&EMPTY)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(yes) => !yes,
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Number(_) => false,
    }
}

struct Judge<'a> {
    root: &'a Path,
    path: Vec<String>,
    found: Vec<Refusal>,
}

impl Judge<'_> {
    fn at(&mut self, part: impl ToString, then: impl FnOnce(&mut Self)) {
        self.path.push(part.to_string());
        then(self);
        self.path.pop();
    }

    fn refuse(&mut self, why: Why, value: &Value) {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.found.push(Refusal { path: self.path.clone(), why, value });
    }

    fn each(&mut self, document: &Value, key: &str, judge: impl Fn(&mut Self, &Value)) {
        self.at(key, |me| {
            for (name, value) in map(&document[key]) {
                me.at(name, |me| judge(me, value));
            }
        });
    }

    fn service(&mut self, service: &Value) {
        for (key, value) in map(service).iter().filter(|(_, value)| !is_empty(value)) {
            self.at(key, |me| me.service_key(key, value));
        }
    }

    fn service_key(&mut self, key: &str, value: &Value) {
        let text = value.as_str().unwrap_or_default();
        match key {
            "privileged"
            | "devices"
            | "device_cgroup_rules"
            | "cap_add"
            | "cgroup_parent"
            | "gpus"
            | "runtime"
            | "credential_spec"
            | "post_start"
            | "pre_stop"
            | "blkio_config"
            | "cpu_rt_period"
            | "cpu_rt_runtime"
            | "use_api_socket"
            | "provider" => self.refuse(Why::Power, value),
            "pid" | "ipc" | "uts" | "userns_mode" | "cgroup" | "network_mode" => {
                // A namespace of another service of the file is as confined as that service.
                let harmless = text.starts_with("service:")
                    || matches!((key, text), ("ipc", "private" | "shareable" | "none") | ("cgroup", "private"))
                    || matches!((key, text), ("network_mode", "none" | "bridge"));
                if !harmless {
                    self.refuse(Why::Power, value);
                }
            }
            "security_opt" => {
                let known = ["no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"];
                for option in value.as_array().into_iter().flatten() {
                    if !option.as_str().is_some_and(|o| known.contains(&o)) {
                        self.refuse(Why::Power, option);
                    }
                }
            }
            "volumes_from" => {
                for from in value.as_array().into_iter().flatten() {
                    if from.as_str().is_none_or(|f| f.starts_with("container:")) {
                        self.refuse(Why::Unchecked, from);
                    }
                }
            }
            "volumes" => self.items(value, Self::mount),
            "build" => self.build(value),
            "deploy" => {
                let devices = &value["resources"]["reservations"]["devices"];
                if !is_empty(devices) {
                    self.refuse(Why::Power, devices);
                }
                self.count(&value["replicas"]);
            }
            "scale" => self.count(value),
            _ if SERVICE.contains(&key) || key.starts_with("x-") => {}
            _ => self.refuse(Why::Unchecked, value),
        }
    }

    fn items(&mut self, list: &Value, judge: impl Fn(&mut Self, &Value)) {
        for (at, item) in list.as_array().into_iter().flatten().enumerate() {
            self.at(at, |me| judge(me, item));
        }
    }

    fn count(&mut self, count: &Value) {
        if count.as_u64().is_some_and(|n| n > REPLICAS) {
            self.refuse(Why::Unchecked, count);
        }
    }

    fn mount(&mut self, mount: &Value) {
        let source = mount["source"].as_str().unwrap_or_default();
        match mount["type"].as_str() {
            Some("volume" | "tmpfs") => {}
            Some("bind") if is_socket(source) => self.refuse(Why::Socket, &mount["source"]),
            Some("bind") => self.inside(source, Why::Outside),
            _ => self.refuse(Why::Unchecked, &mount["type"]),
        }
    }

    fn inside(&mut self, path: &str, why: Why) {
        // Resolved paths are absolute; what is not, is no path of this machine.
        if !Path::new(path).is_absolute() || !is_inside(self.root, self.root, path) {
            self.refuse(why, &Value::from(path));
        }
    }

    fn build(&mut self, build: &Value) {
        for (key, value) in map(build).iter().filter(|(_, value)| !is_empty(value)) {
            let text = value.as_str().unwrap_or_default();
            self.at(key, |me| match key.as_str() {
                "context" => me.inside(text, Why::Outside),
                "dockerfile" => {
                    let context = build["context"].as_str().unwrap_or_default();
                    if !is_inside(me.root, Path::new(context), text) {
                        me.refuse(Why::Outside, value);
                    }
                }
                "network" if matches!(text, "none" | "default") => {}
                "privileged" | "entitlements" | "network" | "ssh" => me.refuse(Why::Power, value),
                key if BUILD.contains(&key) || key.starts_with("x-") => {}
                _ => me.refuse(Why::Unchecked, value),
            });
        }
    }

    /// A container that can write to a folder can put a link where another one's mount begins, and the daemon follows it.
    fn binds_within_binds(&mut self, services: &Map<String, Value>) {
        let binds: Vec<(&String, usize, &str, bool)> = services
            .iter()
            .flat_map(|(name, service)| {
                let mounts = service["volumes"].as_array().into_iter().flatten().enumerate();
                mounts.filter(|(_, m)| m["type"] == "bind").map(move |(at, m)| {
                    (name, at, m["source"].as_str().unwrap_or_default(), m["read_only"].as_bool() == Some(true))
                })
            })
            .collect();
        for (name, at, source, _) in &binds {
            let source = Path::new(source);
            let below = |other: &str| source != Path::new(other) && source.starts_with(other);
            if binds.iter().any(|(_, _, other, read_only)| !read_only && below(other)) {
                self.at(name, |me| {
                    me.at("volumes", |me| {
                        me.at(at, |me| me.refuse(Why::Unchecked, &Value::from(source.to_string_lossy().into_owned())));
                    });
                });
            }
        }
    }

    fn network(&mut self, network: &Value) {
        let driver = network["driver"].as_str().unwrap_or("bridge");
        if network["external"].as_bool() == Some(true) || !matches!(driver, "" | "bridge" | "default") {
            self.refuse(Why::Unchecked, network);
        }
    }

    fn volume(&mut self, volume: &Value) {
        let driver = volume["driver"].as_str().unwrap_or("local");
        let options = map(&volume["driver_opts"]);
        let tmpfs = options.get("type").is_some_and(|t| t == "tmpfs");
        if volume["external"].as_bool() == Some(true) || !matches!(driver, "" | "local") {
            self.refuse(Why::Unchecked, volume);
        } else if !options.is_empty() && !tmpfs {
            let device = options.get("device").unwrap_or(&volume["driver_opts"]);
            self.refuse(Why::Outside, device);
        }
    }

    fn file(&mut self, secret: &Value) {
        if let Some(file) = secret["file"].as_str() {
            self.at("file", |me| me.inside(file, Why::Outside));
        }
        if let Some(name) = secret["environment"].as_str() {
            // What is set for compose must not change compose itself.
            let reserved = ["DOCKER", "COMPOSE", "BUILDKIT", "LD_", "PATH", "HOME"];
            if reserved.iter().any(|r| name.starts_with(r)) {
                self.at("environment", |me| me.refuse(Why::Unchecked, &secret["environment"]));
            }
        }
        if secret["external"].as_bool() == Some(true) {
            self.refuse(Why::Unchecked, &secret["external"]);
        }
    }
}

fn is_socket(source: &str) -> bool {
    let name = Path::new(source).file_name().unwrap_or_default().to_string_lossy();
    ["docker.sock", "containerd.sock", "podman.sock", "dockershim.sock"].contains(&name.as_ref())
        || matches!(source, "/run" | "/var/run")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    /// Refusals of a document of a service `a` with this in it; `{root}` is the submission's folder.
    fn judged(service: &Value, rest: &Value) -> Vec<(String, Why)> {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("api/sub")).unwrap();
        std::os::unix::fs::symlink("/etc", root.join("way-out")).unwrap();
        let mut document = json!({"name": "x", "services": {"a": service}});
        for (key, value) in map(rest) {
            document[key] = value.clone();
        }
        let text = document.to_string().replace("{root}", &root.to_string_lossy());
        let found = refusals(&serde_json::from_str(&text).unwrap(), &root);
        found.into_iter().map(|r| (r.path.join("."), r.why)).collect()
    }

    #[rstest]
    #[case(json!({"privileged": true}), "privileged", Why::Power)]
    #[case(json!({"cap_add": ["SYS_ADMIN"]}), "cap_add", Why::Power)]
    #[case(json!({"devices": [{"source": "/dev/sda"}]}), "devices", Why::Power)]
    #[case(json!({"device_cgroup_rules": ["a *:* rwm"]}), "device_cgroup_rules", Why::Power)]
    #[case(json!({"pid": "host"}), "pid", Why::Power)]
    #[case(json!({"ipc": "host"}), "ipc", Why::Power)]
    #[case(json!({"uts": "host"}), "uts", Why::Power)]
    #[case(json!({"userns_mode": "host"}), "userns_mode", Why::Power)]
    #[case(json!({"cgroup": "host"}), "cgroup", Why::Power)]
    #[case(json!({"cgroup_parent": "/x"}), "cgroup_parent", Why::Power)]
    #[case(json!({"network_mode": "host"}), "network_mode", Why::Power)]
    #[case(json!({"network_mode": "container:somebody"}), "network_mode", Why::Power)]
    #[case(json!({"security_opt": ["seccomp:unconfined"]}), "security_opt", Why::Power)]
    #[case(json!({"runtime": "io.x"}), "runtime", Why::Power)]
    #[case(json!({"gpus": "all"}), "gpus", Why::Power)]
    #[case(json!({"use_api_socket": true}), "use_api_socket", Why::Power)]
    #[case(json!({"provider": {"type": "x"}}), "provider", Why::Power)]
    #[case(json!({"post_start": [{"command": "x", "privileged": true}]}), "post_start", Why::Power)]
    #[case(json!({"deploy": {"resources": {"reservations": {"devices": [{"capabilities": ["gpu"]}]}}}}), "deploy", Why::Power)]
    #[case(json!({"volumes_from": ["container:somebody"]}), "volumes_from", Why::Unchecked)]
    #[case(json!({"external_links": ["somebody"]}), "external_links", Why::Unchecked)]
    #[case(json!({"a_key_of_next_year": "x"}), "a_key_of_next_year", Why::Unchecked)]
    #[case(json!({"deploy": {"replicas": 5000}}), "deploy", Why::Unchecked)]
    #[case(json!({"scale": 5000}), "scale", Why::Unchecked)]
    #[case(json!({"volumes": [{"type": "bind", "source": "/var/run/docker.sock", "target": "/s"}]}), "volumes.0", Why::Socket)]
    #[case(json!({"volumes": [{"type": "bind", "source": "/", "target": "/host"}]}), "volumes.0", Why::Outside)]
    #[case(json!({"volumes": [{"type": "bind", "source": "{root}/..", "target": "/x"}]}), "volumes.0", Why::Outside)]
    #[case(json!({"volumes": [{"type": "bind", "source": "{root}/way-out", "target": "/x"}]}), "volumes.0", Why::Outside)]
    #[case(json!({"volumes": [{"type": "bind", "source": "{root}/way-out/new", "target": "/x"}]}), "volumes.0", Why::Outside)]
    #[case(json!({"volumes": [{"type": "npipe", "source": "x"}]}), "volumes.0", Why::Unchecked)]
    #[case(json!({"build": {"context": "/etc"}}), "build.context", Why::Outside)]
    #[case(json!({"build": {"context": "https://example.invalid/x.git"}}), "build.context", Why::Outside)]
    #[case(json!({"build": {"context": "{root}/api", "dockerfile": "../../x"}}), "build.dockerfile", Why::Outside)]
    #[case(json!({"build": {"context": "{root}/api", "network": "host"}}), "build.network", Why::Power)]
    #[case(json!({"build": {"context": "{root}/api", "privileged": true}}), "build.privileged", Why::Power)]
    #[case(json!({"build": {"context": "{root}/api", "ssh": ["default"]}}), "build.ssh", Why::Power)]
    #[case(json!({"build": {"context": "{root}/api", "additional_contexts": {"x": "/etc"}}}), "build.additional_contexts", Why::Unchecked)]
    #[case(json!({"build": {"context": "{root}/api", "cache_to": ["type=local,dest=/etc"]}}), "build.cache_to", Why::Unchecked)]
    fn each_of_these_is_refused(#[case] service: Value, #[case] key: &str, #[case] why: Why) {
        assert_eq!(judged(&service, &json!({})), [(format!("services.a.{key}"), why)]);
    }

    #[rstest]
    #[case(json!({"networks": {"n": {"external": true, "name": "somebodys"}}}), "networks.n", Why::Unchecked)]
    #[case(json!({"networks": {"n": {"driver": "host"}}}), "networks.n", Why::Unchecked)]
    #[case(json!({"networks": {"n": {"driver": "macvlan"}}}), "networks.n", Why::Unchecked)]
    #[case(json!({"volumes": {"v": {"external": true, "name": "somebodys"}}}), "volumes.v", Why::Unchecked)]
    #[case(json!({"volumes": {"v": {"driver": "sshfs"}}}), "volumes.v", Why::Unchecked)]
    #[case(json!({"volumes": {"v": {"driver_opts": {"type": "none", "o": "bind", "device": "/etc"}}}}), "volumes.v", Why::Outside)]
    #[case(json!({"secrets": {"s": {"file": "/etc/shadow"}}}), "secrets.s.file", Why::Outside)]
    #[case(json!({"secrets": {"s": {"environment": "DOCKER_HOST"}}}), "secrets.s.environment", Why::Unchecked)]
    #[case(json!({"secrets": {"s": {"external": true}}}), "secrets.s", Why::Unchecked)]
    #[case(json!({"configs": {"c": {"file": "{root}/way-out/passwd"}}}), "configs.c.file", Why::Outside)]
    #[case(json!({"models": {"m": {"model": "x"}}}), "models", Why::Unchecked)]
    fn each_of_these_at_the_top_is_refused(#[case] rest: Value, #[case] path: &str, #[case] why: Why) {
        assert_eq!(judged(&json!({"image": "x"}), &rest), [(path.to_owned(), why)]);
    }

    #[test]
    fn a_writable_folder_must_not_hold_another_mount() {
        let bind = |source: &str, read_only: bool| json!({"type": "bind", "source": source, "target": "/x", "read_only": read_only});
        let with = |outer: bool| json!({"volumes": [bind("{root}/api", outer), bind("{root}/api/sub", false)]});
        assert_eq!(judged(&with(false), &json!({})), [("services.a.volumes.1".to_owned(), Why::Unchecked)]);
        assert!(judged(&with(true), &json!({})).is_empty());
    }

    #[test]
    fn what_ordinary_files_have_is_not_refused() {
        let service = json!({
            "image": "x", "command": ["a"], "entrypoint": null, "environment": {"A": "b"}, "privileged": false,
            "build": {"context": "{root}/api", "dockerfile": "Dockerfile", "args": {"A": "1"}, "target": "t"},
            "ports": [{"target": 80}], "volumes": [
                {"type": "volume", "source": "data", "target": "/d"}, {"type": "tmpfs", "target": "/t"},
                {"type": "bind", "source": "{root}/api", "target": "/app"},
                {"type": "bind", "source": "{root}/not-there-yet", "target": "/new"},
            ],
            "depends_on": {"b": {"condition": "service_healthy"}}, "healthcheck": {"test": ["CMD", "x"]},
            "secrets": [{"source": "s"}], "security_opt": ["no-new-privileges:true"], "cap_drop": ["ALL"],
            "network_mode": "service:b", "pid": "service:b", "ipc": "shareable", "deploy": {"replicas": 2}, "x-mine": {},
        });
        let rest = json!({
            "networks": {"default": {"name": "x_default", "ipam": {}}}, "x-common": {"a": 1},
            "volumes": {"data": {"name": "x_data"}, "t": {"driver_opts": {"type": "tmpfs", "device": "tmpfs"}}},
            "secrets": {"s": {"file": "{root}/pw.txt"}, "e": {"environment": "DB_PASSWORD"}},
            "configs": {"c": {"content": "text"}},
        });
        assert!(judged(&service, &rest).is_empty(), "{:?}", judged(&service, &rest));
    }
}
