//! What is there after the steps: containers with their state, limits, ports, networks and mounts, under the learner's names.

use super::{FileFact, MEMORY, PIDS, ReachFact, RestartFact, Stage, StepFact};
use crate::engine::{EngineError, clean, daemon_error, labels, run::Read};
use bollard::{
    models::ContainerInspectResponse,
    query_parameters::{
        ListContainersOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder, LogsOptionsBuilder,
    },
};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};
use tokio::time::timeout;

/// How much of a container's log is read, in bytes.
const LOG: usize = 64 << 10;

/// A published port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortFact {
    /// The container's own.
    pub port: u16,
    /// The host's address; empty and `0.0.0.0` mean every one.
    pub host_ip: String,
}

/// A container.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ContainerFact {
    /// The image that it was made from, as the learner named it.
    #[serde(default)]
    pub image: String,
    /// `running`, `exited`, `created`, `paused`, `restarting`, `dead`.
    pub state: String,
    /// The code that it last ended with.
    pub exit: i64,
    /// Its memory limit in bytes; 0 without one.
    pub memory: i64,
    /// Its CPUs in billionths; 0 without a limit.
    pub nano_cpus: i64,
    /// How many processes it may have; 0 without a limit.
    pub pids: i64,
    /// Its restart policy (`no`, `always`, `unless-stopped`, `on-failure`).
    pub restart: String,
    /// How often it was restarted.
    pub restarts: i64,
    /// Its published TCP ports.
    pub ports: Vec<PortFact>,
    /// The networks that it is on.
    pub networks: Vec<String>,
    /// The named volumes that it has mounted, with where.
    pub volumes: Vec<(String, String)>,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

/// Everything that is known after the steps.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MachineFacts {
    /// How each step ended.
    pub steps: Vec<StepFact>,
    /// Containers by the learner's name.
    pub containers: BTreeMap<String, ContainerFact>,
    /// Files of the volumes that were asked for, by volume and path; volumes that are not there are left out.
    pub volumes: BTreeMap<String, BTreeMap<String, FileFact>>,
    /// Who reaches whom, by [`crate::evidence::key`] of the question.
    pub reaches: BTreeMap<String, ReachFact>,
    /// Who comes back, by [`crate::evidence::key`] of the question.
    pub restarts: BTreeMap<String, RestartFact>,
    /// How many images have no name.
    #[serde(default)]
    pub dangling: u64,
    /// Files of containers and outside, by [`crate::evidence::key`] of the question.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub copies: BTreeMap<String, CopyFact>,
    /// What is in the registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry: Option<super::RegistryFacts>,
    /// The label of objects that were made by hand; none where steps made them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<String>,
}

/// SHA-256 of the same file in a container and outside; none where it is not there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CopyFact {
    /// In the container.
    pub inside: Option<String>,
    /// Outside.
    pub outside: Option<String>,
}

impl Stage {
    /// The containers that are there now.
    pub async fn containers(&self) -> Result<BTreeMap<String, ContainerFact>, EngineError> {
        let docker = self.engine.docker();
        let label = self.own.as_deref().unwrap_or(labels::RUN);
        let filters: HashMap<&str, Vec<&str>> = [("label", vec![label])].into();
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let mut found = BTreeMap::new();
        for container in docker.list_containers(Some(options)).await.map_err(daemon_error)? {
            let names = container.names.unwrap_or_default();
            let Some(name) = names.iter().find_map(|n| self.learners(n)) else { continue };
            let Ok(state) = docker.inspect_container(&container.id.unwrap_or_default(), None).await else {
                // Gone between the two questions.
                continue;
            };
            let (stdout, stderr) = self.logs(&name).await;
            found.insert(name, ContainerFact { stdout, stderr, ..self.fact(&state) });
        }
        Ok(found)
    }

    /// A name of the daemon's as the learner wrote it.
    fn learners(&self, name: &str) -> Option<String> {
        self.names.learners(name).map(|name| clean::line(&name))
    }

    /// Whether anything at all bears the label of the learner's own objects: a container, a volume, a network.
    pub async fn anything(&self) -> Result<bool, EngineError> {
        if !self.containers().await?.is_empty() {
            return Ok(true);
        }
        let docker = self.engine.docker();
        let label = self.own.as_deref().unwrap_or(labels::RUN);
        let filters: HashMap<&str, Vec<&str>> = [("label", vec![label])].into();
        let options = ListVolumesOptionsBuilder::new().filters(&filters).build();
        let volumes = docker.list_volumes(Some(options)).await.map_err(daemon_error)?.volumes;
        if volumes.is_some_and(|volumes| !volumes.is_empty()) {
            return Ok(true);
        }
        let options = ListNetworksOptionsBuilder::new().filters(&filters).build();
        Ok(!docker.list_networks(Some(options)).await.map_err(daemon_error)?.is_empty())
    }

    /// Whether labels are those of what this stage looks at.
    pub(super) fn is_own(&self, labels: &HashMap<String, String>) -> bool {
        let Some((key, value)) = self.own.as_deref().and_then(|own| own.split_once('=')) else { return true };
        labels.get(key).is_some_and(|have| have == value)
    }

    /// Whether a container of this stage mounts a volume: `docker run -v` makes volumes without a label.
    pub(super) async fn mounts(&self, volume: &str) -> Result<bool, EngineError> {
        let label = self.own.as_deref().unwrap_or(labels::RUN);
        let filters: HashMap<&str, Vec<&str>> = [("label", vec![label]), ("volume", vec![volume])].into();
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        Ok(!self.engine.docker().list_containers(Some(options)).await.map_err(daemon_error)?.is_empty())
    }

    fn fact(&self, inspected: &ContainerInspectResponse) -> ContainerFact {
        let host = inspected.host_config.clone().unwrap_or_default();
        let state = inspected.state.clone().unwrap_or_default();
        // Where the learner set no limit there are our walls, which are none of the learner's doing.
        let ours = self.own.is_none();
        let image = inspected.config.as_ref().and_then(|config| config.image.clone()).unwrap_or_default();
        let mut ports = Vec::new();
        for (port, bindings) in host.port_bindings.iter().flatten() {
            let Some(port) = port.strip_suffix("/tcp").and_then(|p| p.parse().ok()) else { continue };
            for binding in bindings.iter().flatten() {
                ports.push(PortFact { port, host_ip: clean::line(binding.host_ip.as_deref().unwrap_or_default()) });
            }
        }
        ports.sort_by(|a, b| (a.port, &a.host_ip).cmp(&(b.port, &b.host_ip)));
        let networks = inspected.network_settings.as_ref().and_then(|n| n.networks.clone()).unwrap_or_default();
        let mut networks: Vec<String> = networks.into_keys().map(|name| self.learners(&name).unwrap_or(name)).collect();
        networks.sort();
        let volumes = inspected.mounts.iter().flatten().filter_map(|mount| {
            Some((self.learners(mount.name.as_deref()?)?, clean::line(mount.destination.as_deref()?)))
        });
        let policy = host.restart_policy.and_then(|p| p.name).map(|name| name.to_string()).unwrap_or_default();
        ContainerFact {
            image: clean::line(&self.names.learners_image(&image)),
            state: state.status.map(|s| s.to_string()).unwrap_or_default(),
            exit: state.exit_code.unwrap_or(0),
            memory: limit(host.memory, MEMORY, ours),
            nano_cpus: host.nano_cpus.unwrap_or(0),
            pids: limit(host.pids_limit, PIDS, ours),
            restart: if policy.is_empty() { "no".to_owned() } else { policy },
            restarts: inspected.restart_count.unwrap_or(0),
            ports,
            networks,
            volumes: volumes.collect(),
            stdout: String::new(),
            stderr: String::new(),
        }
    }

    async fn logs(&self, name: &str) -> (String, String) {
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).tail("500").build();
        let mut said = Read::new(LOG / 2, LOG / 2);
        let name = self.names.own(name);
        let mut stream = Box::pin(self.engine.docker().logs(&name, Some(options)));
        let read = async {
            while let Some(Ok(chunk)) = stream.next().await {
                said.take(Some(Ok(chunk)));
            }
        };
        let _ = timeout(Duration::from_secs(5), read).await;
        said.texts()
    }
}

/// A limit that somebody set; 0 where there is none but our own wall.
fn limit(value: Option<i64>, wall: i64, ours: bool) -> i64 {
    value.filter(|n| !(ours && *n == wall) && *n > 0).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_somebody_types_is_never_taken_for_our_wall() {
        for shift in 20..40 {
            for half in [0, 1_i64 << (shift - 1)] {
                let typed = (1_i64 << shift) + half;
                assert_eq!(limit(Some(typed), MEMORY, true), typed);
            }
        }
        for pids in (10..=100).step_by(5).chain([128, 150, 200, 256, 500, 512, 1000, 1024]) {
            assert_eq!(limit(Some(pids), PIDS, true), pids);
        }
        assert_eq!((limit(Some(MEMORY), MEMORY, true), limit(Some(PIDS), PIDS, true)), (0, 0));
        assert_eq!(limit(Some(MEMORY), MEMORY, false), MEMORY, "where we set none, it is somebody's");
        assert_eq!((limit(Some(-1), PIDS, true), limit(None, PIDS, true)), (0, 0));
    }
}
