//! The document that is started: the one that was judged, with our labels, limits and images in it.
//!
//! Not an override file beside the learner's: merging can add to a list of ports but never take one away, and compose would
//! read the learner's files a second time, after they were judged.

use super::refuse::REPLICAS;
use crate::{engine::sandbox, spec::Profile};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

/// Memory that a service may have at most, in bytes: four times what a lone container gets would still hold an ordinary
/// database and leave a laptop room for the rest.
pub const MEMORY: u64 = 512 << 20;
/// What stock database images need to hand their files and themselves to another user.
const REALISTIC: [&str; 5] = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"];
/// How long a container may take to stop, in seconds.
const STOP: u32 = 10;

/// What is put into a document.
#[derive(Debug, Clone, Default)]
pub struct Ready {
    /// The project's name: everything it makes begins with it.
    pub project: String,
    /// Our labels for everything it makes.
    pub labels: BTreeMap<String, String>,
    /// Service → the local image to start it from.
    pub images: BTreeMap<String, String>,
    /// How containers are confined.
    pub profile: Profile,
    /// Service → ports to publish on a free port of 127.0.0.1 beside those that the document itself publishes.
    pub ports: BTreeMap<String, BTreeSet<u16>>,
    /// Secret or config (`secrets/NAME`, `configs/NAME`) → the file in place of its own.
    pub files: BTreeMap<String, PathBuf>,
    /// File → the one to mount in its place, where a service mounts it by hand.
    pub mounts: BTreeMap<PathBuf, PathBuf>,
}

impl Ready {
    /// The document to start.
    pub fn document(&self, resolved: &Value) -> Value {
        let mut document = json!({ "name": self.project });
        for key in ["services", "networks", "volumes", "secrets", "configs"] {
            let Some(entries) = resolved[key].as_object() else { continue };
            let made = entries.iter().map(|(name, value)| (name.clone(), self.entry(key, name, value)));
            document[key] = Value::Object(made.collect());
        }
        document
    }

    fn entry(&self, key: &str, name: &str, value: &Value) -> Value {
        let mut entry = value.as_object().cloned().unwrap_or_default();
        match key {
            "services" => self.service(name, &mut entry),
            "networks" => {
                self.own(&mut entry);
                entry.insert("name".into(), json!(format!("{}_{name}", self.project)));
                // It leads nowhere: what a container sends out is never answered.
                entry
                    .insert("driver_opts".into(), json!({ "com.docker.network.bridge.enable_ip_masquerade": "false" }));
            }
            "volumes" => {
                self.own(&mut entry);
                entry.insert("name".into(), json!(format!("{}_{name}", self.project)));
            }
            _ => {
                entry.remove("name");
                if let Some(file) = self.files.get(&format!("{key}/{name}")) {
                    entry.insert("file".into(), json!(file.to_string_lossy()));
                }
            }
        }
        Value::Object(entry)
    }

    /// Puts our labels in, over any of the same name.
    fn own(&self, entry: &mut Map<String, Value>) {
        let mut labels = match entry.remove("labels") {
            Some(Value::Object(labels)) => labels,
            _ => Map::new(),
        };
        labels.extend(self.labels.iter().map(|(key, value)| (key.clone(), json!(value))));
        entry.insert("labels".into(), Value::Object(labels));
    }

    fn service(&self, name: &str, service: &mut Map<String, Value>) {
        for key in ["build", "develop", "profiles", "env_file", "extends", "platform", "logging"] {
            service.remove(key);
        }
        service.retain(|_, value| !value.is_null());
        self.own(service);
        if let Some(image) = self.images.get(name) {
            service.insert("image".into(), json!(image));
        }
        service.insert("pull_policy".into(), json!("never"));
        service.insert(
            "logging".into(),
            json!({ "driver": "json-file", "options": { "max-size": "1m", "max-file": "1" } }),
        );
        for mount in service.get_mut("volumes").and_then(Value::as_array_mut).into_iter().flatten() {
            let own = mount["source"].as_str().map(PathBuf::from);
            if let Some(copy) = own.and_then(|own| self.mounts.get(&own)) {
                mount["source"] = json!(copy.to_string_lossy());
            }
        }
        self.alias(service);
        self.ports(name, service);
        self.limits(service);
    }

    /// Two checks at once cannot both have a container of one name: the name becomes one on the networks alone, by which the
    /// other services still find it.
    fn alias(&self, service: &mut Map<String, Value>) {
        let Some(Value::String(name)) = service.remove("container_name") else { return };
        let Some(Value::Object(networks)) = service.get_mut("networks") else { return };
        for network in networks.values_mut() {
            if network.is_null() {
                *network = json!({});
            }
            let mut aliases = network["aliases"].as_array().cloned().unwrap_or_default();
            aliases.push(json!(name));
            network["aliases"] = Value::Array(aliases);
        }
    }

    /// What it publishes goes to free ports of 127.0.0.1: 8080 may be in use, and nobody else need reach a check.
    fn ports(&self, name: &str, service: &mut Map<String, Value>) {
        let mut ports = BTreeMap::new();
        for port in service.remove("ports").as_ref().and_then(Value::as_array).into_iter().flatten() {
            if let Some(target) = port["target"].as_u64() {
                let protocol = port["protocol"].as_str().unwrap_or("tcp").to_owned();
                ports.insert((target, protocol), ());
            }
        }
        for port in self.ports.get(name).into_iter().flatten() {
            ports.insert((u64::from(*port), "tcp".to_owned()), ());
        }
        // A container without a network of its own has nothing to publish on.
        if ports.is_empty() || service.get("network_mode").is_some() {
            return;
        }
        let ports: Vec<Value> = ports
            .into_keys()
            .map(|(target, protocol)| {
                json!({ "target": target, "protocol": protocol, "host_ip": "127.0.0.1", "mode": "ingress" })
            })
            .collect();
        service.insert("ports".into(), Value::Array(ports));
    }

    fn limits(&self, service: &mut Map<String, Value>) {
        let deploy = service.remove("deploy").unwrap_or(Value::Null);
        let limits = &deploy["resources"]["limits"];
        let memory = [service.get("mem_limit"), limits.get("memory")].into_iter().flatten().find_map(number);
        let memory = memory.filter(|m| *m > 0).unwrap_or(MEMORY).min(MEMORY);
        for key in ["mem_reservation", "memswap_limit", "mem_swappiness", "oom_kill_disable", "oom_score_adj"] {
            service.remove(key);
        }
        service.insert("mem_limit".into(), json!(memory.to_string()));
        service.insert("memswap_limit".into(), json!(memory.to_string()));
        let processes = [service.get("pids_limit"), limits.get("pids")].into_iter().flatten().find_map(number);
        // A database starts a process for each client.
        let most = 4 * sandbox::PROCESSES.unsigned_abs();
        service.insert("pids_limit".into(), json!(processes.filter(|p| *p > 0).unwrap_or(most).min(most)));
        if let Some(cpus) = limits.get("cpus").cloned() {
            service.insert("cpus".into(), cpus);
        }
        let mut kept = Map::new();
        if let Some(replicas) = deploy["replicas"].as_u64() {
            kept.insert("replicas".into(), json!(replicas.min(REPLICAS)));
        }
        if deploy["restart_policy"].is_object() {
            kept.insert("restart_policy".into(), deploy["restart_policy"].clone());
        }
        if !kept.is_empty() {
            service.insert("deploy".into(), Value::Object(kept));
        }
        service.insert("security_opt".into(), json!(["no-new-privileges:true"]));
        let dropped = service.insert("cap_drop".into(), json!(["ALL"]));
        if self.profile == Profile::Realistic {
            let dropped: Vec<String> = dropped
                .as_ref()
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|c| Some(c.as_str()?.trim_start_matches("CAP_").to_uppercase()))
                .collect();
            let left: Vec<&str> =
                REALISTIC.into_iter().filter(|c| !dropped.iter().any(|d| d == c || d == "ALL")).collect();
            service.insert("cap_add".into(), json!(left));
        }
        let grace = service.get("stop_grace_period").and_then(Value::as_str).map_or(f64::from(STOP), seconds);
        service.insert("stop_grace_period".into(), json!(format!("{}s", grace.min(f64::from(STOP)))));
    }
}

/// A number, or one that is written as text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// A duration as compose writes it (`1m30s`, `500ms`) in seconds; what it cannot be counts as nothing.
pub fn seconds(text: &str) -> f64 {
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let unit = rest[digits..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |at| digits + at);
        let scale = match &rest[digits..unit] {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            "us" | "µs" => 0.000_001,
            "ns" => 0.000_000_001,
            _ => 0.0,
        };
        total += rest[..digits].parse::<f64>().unwrap_or(0.0) * scale;
        if unit == 0 {
            break;
        }
        rest = &rest[unit..];
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ready() -> Ready {
        Ready {
            project: "dockshala-x".into(),
            labels: [("dev.dockshala.run".to_owned(), "r".to_owned())].into(),
            images: [("db".to_owned(), "dockshala.local/postgres:17".to_owned())].into(),
            profile: Profile::Realistic,
            ports: [("api".to_owned(), [3000].into())].into(),
            files: [("secrets/pw".to_owned(), "/tmp/pw".into())].into(),
            mounts: [("/x/pw.txt".into(), "/tmp/pw".into())].into(),
        }
    }

    #[test]
    fn what_is_started_carries_our_labels_limits_and_images() {
        let made = ready().document(&json!({
            "name": "chai",
            "services": {
                "api": {
                    "container_name": "chai-api", "build": {"context": "/x"}, "networks": {"default": null},
                    "labels": {"dev.dockshala.run": "forged", "mine": "1"}, "profiles": ["p"],
                    "ports": [{"target": 3000, "published": "3000", "host_ip": "0.0.0.0", "protocol": "tcp"}],
                    "stop_grace_period": "5m0s", "deploy": {"resources": {"limits": {"memory": "67108864", "cpus": "0.5"}}, "replicas": 2},
                },
                "db": {"image": "postgres:17", "mem_limit": "8589934592", "cap_drop": ["CAP_CHOWN"], "network_mode": "none",
                    "volumes": [{"type": "bind", "source": "/x/pw.txt", "target": "/pw"}]},
            },
            "networks": {"default": {"name": "chai_default", "driver_opts": {"com.docker.network.bridge.name": "eth0"}}},
            "volumes": {"data": {"name": "someones-data"}},
            "secrets": {"pw": {"name": "chai_pw", "file": "/x/pw.txt"}},
        }));
        let api = &made["services"]["api"];
        assert_eq!(api["labels"], json!({"dev.dockshala.run": "r", "mine": "1"}));
        assert!(api.get("build").is_none() && api.get("container_name").is_none() && api.get("profiles").is_none());
        assert_eq!(api["networks"]["default"]["aliases"], json!(["chai-api"]));
        assert_eq!(
            api["ports"],
            json!([{"target": 3000, "protocol": "tcp", "host_ip": "127.0.0.1", "mode": "ingress"}])
        );
        assert_eq!((&api["mem_limit"], &api["cpus"]), (&json!("67108864"), &json!("0.5")));
        assert_eq!(api["deploy"], json!({"replicas": 2}));
        assert_eq!(api["stop_grace_period"], json!("10s"));
        let db = &made["services"]["db"];
        assert_eq!(db["image"], json!("dockshala.local/postgres:17"));
        assert_eq!((&db["mem_limit"], &db["pull_policy"]), (&json!("536870912"), &json!("never")));
        assert_eq!(db["cap_add"], json!(["DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"]));
        assert_eq!(made["volumes"]["data"]["name"], json!("dockshala-x_data"));
        assert_eq!(made["networks"]["default"]["name"], json!("dockshala-x_default"));
        assert!(made["networks"]["default"]["driver_opts"].get("com.docker.network.bridge.name").is_none());
        assert_eq!(made["secrets"]["pw"], json!({"file": "/tmp/pw"}));
        assert_eq!(db["volumes"][0]["source"], json!("/tmp/pw"));
        assert_eq!(made["name"], json!("dockshala-x"));
    }

    #[test]
    fn durations_as_compose_writes_them() {
        for (text, want) in [("1m30s", 90.0), ("500ms", 0.5), ("5s", 5.0), ("1h0m0s", 3600.0), ("", 0.0), ("x", 0.0)] {
            assert!((seconds(text) - want).abs() < 1e-9, "{text}");
        }
    }
}
