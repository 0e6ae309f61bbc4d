//! The steps of a `steps.sh` on the daemon: run one after the other under names of their own, looked at, and taken away.
//!
//! The docker command runs them, as it would for the learner; it gets an argv that was rewritten (spec/steps.rs), never a
//! shell. What they make bears our labels, so that nothing outlives a program that dies.

mod cli;
mod look;
mod probe;

pub use look::{ContainerFact, MachineFacts, PortFact};
pub use probe::{FileFact, ReachAsk, ReachFact, RestartAsk, RestartFact};

use super::{Engine, EngineError, clean, daemon_error};
use crate::spec::{
    Profile,
    steps::{Makes, Names, Step},
};
use bollard::{
    models::VolumeCreateRequest,
    query_parameters::{
        ListContainersOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder,
        RemoveContainerOptionsBuilder, RemoveVolumeOptionsBuilder,
    },
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, time::Duration};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// One step may take so long; all of them together.
const STEP: Duration = Duration::from_secs(30);
const ALL: Duration = Duration::from_secs(300);
/// Walls around a container that sets none itself, so that a script can do no more to the machine than it says.
const MEMORY: i64 = 256 << 20;
const PIDS: i64 = 128;

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepFact {
    /// Its line in the script, from 1.
    pub line: u32,
    /// The container, volume or network that it names.
    pub name: Option<String>,
    /// As the learner wrote it.
    pub command: String,
    /// Its exit code; none when it was still at it after [`StepFact::limit`] milliseconds.
    pub exit: Option<i64>,
    /// How long it was given.
    pub limit: u64,
    /// Its failure is meant to be overlooked.
    pub may_fail: bool,
    /// What it complained of, with the learner's own names.
    pub said: String,
}

/// Steps that were run, and what they made. All of it goes when this is closed, and soon after when it is dropped.
pub struct Stage {
    engine: Engine,
    names: Names,
    dir: tempfile::TempDir,
    profile: Profile,
    /// How each step ended.
    pub steps: Vec<StepFact>,
    gone: bool,
}

impl Stage {
    /// A place for steps, with what stands for each image.
    pub fn new(
        engine: &Engine,
        images: std::collections::BTreeMap<String, String>,
        profile: Profile,
    ) -> Result<Self, EngineError> {
        let prefix = format!("ds-{}", &uuid::Uuid::new_v4().simple().to_string()[..10]);
        let dir = tempfile::Builder::new().prefix("dockshala-steps-").tempdir();
        let dir = dir.map_err(|e| EngineError::Daemon(clean::line(&e.to_string())))?;
        let names = Names { prefix, images };
        Ok(Self { engine: engine.clone(), names, dir, profile, steps: vec![], gone: false })
    }

    /// Runs the steps in their order. One that fails does not stop the rest: the learner's shell would not either, and what
    /// counts is what is there in the end.
    pub async fn run(&mut self, steps: &[Step], cancel: &CancellationToken) -> Result<(), EngineError> {
        let end = tokio::time::Instant::now() + ALL;
        for step in steps {
            let left = end.saturating_duration_since(tokio::time::Instant::now());
            if let Some(pause) = step.pause {
                tokio::select! {
                    () = tokio::time::sleep(pause.min(left)) => continue,
                    () = cancel.cancelled() => return Err(EngineError::Cancelled),
                }
            }
            let limit = STEP.min(left);
            let fact = self.step(step, limit, cancel).await?;
            self.steps.push(fact);
        }
        Ok(())
    }

    async fn step(&self, step: &Step, limit: Duration, cancel: &CancellationToken) -> Result<StepFact, EngineError> {
        for volume in &step.volumes {
            let body = VolumeCreateRequest {
                name: Some(self.names.own(volume)),
                labels: Some(self.engine.labels()),
                ..VolumeCreateRequest::default()
            };
            self.engine.docker().create_volume(body).await.map_err(daemon_error)?;
        }
        let argv = step.argv(&self.names, &self.flags(step));
        let ended = cli::run(&self.engine, self.dir.path(), &argv, step, limit, cancel).await?;
        let said = ended.said.replace(&format!("{}-", self.names.prefix), "");
        Ok(StepFact {
            line: step.line,
            name: step.name.clone(),
            command: clean::line(&step.shown),
            exit: ended.exit,
            limit: limit.as_millis() as u64,
            may_fail: step.may_fail,
            said: clean::text(&said),
        })
    }

    /// Labels, and walls where the step builds none.
    fn flags(&self, step: &Step) -> Vec<String> {
        let own_network = step.network.as_deref().filter(|n| !matches!(*n, "none" | "bridge" | "default"));
        let own_network = own_network.filter(|n| !n.starts_with("container:"));
        let labels = self.engine.label_arguments().into_iter().map(|label| format!("--label={label}"));
        let mut flags: Vec<String> = match step.makes {
            // Its real name is another one: on a network of the learner's it also answers to the learner's.
            Makes::Nothing => {
                let connects = own_network.is_some() && step.shown.contains("network connect");
                return step.name.iter().filter(|_| connects).map(|name| format!("--alias={name}")).collect();
            }
            Makes::Other => return self.inner(step).into_iter().chain(labels).collect(),
            Makes::Container => labels.collect(),
        };
        flags.extend(["--pull=never".to_owned(), "--security-opt=no-new-privileges".to_owned()]);
        match &step.name {
            Some(name) if own_network.is_some() => flags.push(format!("--network-alias={name}")),
            Some(_) => {}
            None => flags.push(format!("--name={}", self.names.own(&format!("unnamed-{}", self.steps.len())))),
        }
        if !step.limits.0 {
            flags.push(format!("--memory={MEMORY}"));
        }
        if !step.limits.1 {
            flags.push(format!("--pids-limit={PIDS}"));
        }
        if step.network.is_none() && self.profile == Profile::Strict {
            flags.push("--network=none".to_owned());
        }
        flags
    }

    /// Networks lead nowhere unless the exercise is about ports, which only a network with a way out can publish.
    fn inner(&self, step: &Step) -> Option<String> {
        let network = step.shown.split_whitespace().nth(1) == Some("network");
        (network && self.profile != Profile::Realistic && !step.shown.contains("--internal"))
            .then(|| "--internal".to_owned())
    }

    /// Removes what the steps made, and waits for that.
    pub async fn close(mut self) {
        self.gone = true;
        remove(&self.engine, &self.names.prefix).await;
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if self.gone {
            return;
        }
        // Without a runtime the process is ending; then the run's reaping has it.
        if let Ok(runtime) = Handle::try_current() {
            let (engine, prefix) = (self.engine.clone(), self.names.prefix.clone());
            runtime.spawn(async move { remove(&engine, &prefix).await });
        }
    }
}

/// Removes containers, networks and volumes of a stage: by our label, and by its prefix. What fails here is reaped later.
async fn remove(engine: &Engine, prefix: &str) {
    let docker = engine.docker();
    let mine = |name: &str| name.trim_start_matches('/').starts_with(&format!("{prefix}-"));
    let filters: HashMap<&str, Vec<&str>> = [("label", vec![super::labels::RUN])].into();
    let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    for container in docker.list_containers(Some(options)).await.unwrap_or_default() {
        if container.names.iter().flatten().any(|name| mine(name)) {
            let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
            let _ = docker.remove_container(&container.id.unwrap_or_default(), Some(options)).await;
        }
    }
    let options = ListNetworksOptionsBuilder::new().filters(&filters).build();
    for network in docker.list_networks(Some(options)).await.unwrap_or_default() {
        if network.name.as_deref().is_some_and(mine) {
            let _ = docker.remove_network(&network.id.unwrap_or_default()).await;
        }
    }
    let options = ListVolumesOptionsBuilder::new().filters(&filters).build();
    let volumes = docker.list_volumes(Some(options)).await.ok().and_then(|v| v.volumes).unwrap_or_default();
    for volume in volumes.iter().filter(|v| mine(&v.name)) {
        let options = RemoveVolumeOptionsBuilder::new().force(true).build();
        let _ = docker.remove_volume(&volume.name, Some(options)).await;
    }
}
