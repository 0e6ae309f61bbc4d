//! A service of a project is made to end, or waited for until it does, and then looked at: does the daemon start it again?
//!
//! It is made to crash from the inside, by a command of the exercise. `docker kill` would not do: to the daemon it is a stop
//! by hand, after which no restart policy starts anything.

use super::{
    Project,
    project::{LOOK, PROJECT, SERVICE, ask},
};
use crate::engine::{EngineError, HealthTest, clean, machine};
use bollard::{models::ContainerInspectResponse, query_parameters::ListContainersOptionsBuilder};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// How long a service that should stay down is watched. The daemon waits 0.1 s before it starts a container again that ended
/// for the first time.
const WATCH: Duration = Duration::from_secs(3);

/// What becomes of a service that ends?
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EndAsk {
    /// The service.
    pub service: String,
    /// What makes it crash; empty where it ends by itself.
    pub crash: Vec<String>,
    /// It should come back.
    pub comes_back: bool,
    /// How long it may take to end, and then to be back, in milliseconds each.
    pub within: u64,
}

/// What became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndFact {
    /// How the command that makes it crash ended; none where there is none, or the daemon refused it.
    pub crash: Option<HealthTest>,
    /// It ended.
    pub ended: bool,
    /// With this code, as far as it was seen.
    pub exit: Option<i64>,
    /// The daemon started it again, after so many milliseconds.
    pub back: Option<u64>,
    /// Its restart policy, as the daemon has it.
    pub policy: String,
}

impl Project {
    /// Has a service end and looks whether it comes back; none where it has no container.
    pub async fn ends(&self, asked: &EndAsk, cancel: &CancellationToken) -> Result<Option<EndFact>, EngineError> {
        tokio::select! {
            fact = self.end(asked) => fact,
            () = cancel.cancelled() => Err(EngineError::Cancelled),
        }
    }

    async fn end(&self, asked: &EndAsk) -> Result<Option<EndFact>, EngineError> {
        let docker = self.engine.docker();
        let labels = [format!("{PROJECT}={}", self.name), format!("{SERVICE}={}", asked.service)];
        let filters: HashMap<&str, Vec<&str>> = [("label", labels.iter().map(String::as_str).collect())].into();
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let listed = ask(docker.list_containers(Some(options))).await?;
        let Some(id) = listed.into_iter().find_map(|container| container.id) else { return Ok(None) };
        let inspect = async || ask(docker.inspect_container(&id, None)).await.map(|found| Seen::of(&found));
        let before = inspect().await?;
        let mut fact = EndFact { policy: before.policy.clone(), ..EndFact::default() };
        if !asked.crash.is_empty() {
            fact.crash = machine::exec(&self.engine, &id, &asked.crash).await?;
        }
        let mut began = Instant::now();
        let mut limit = Duration::from_millis(asked.within);
        while began.elapsed() < limit {
            let now = inspect().await?;
            // A job may have been started again before anybody looked. One that is made to crash starts from what it was.
            let again = now.started != before.started
                || now.restarts > if asked.crash.is_empty() { 0 } else { before.restarts };
            if !fact.ended && (!now.running || again) {
                fact.ended = true;
                began = Instant::now();
                if !asked.comes_back {
                    limit = WATCH;
                }
            }
            if !now.running && fact.exit.is_none() {
                fact.exit = now.exit;
            }
            if again && (now.running || asked.crash.is_empty()) {
                fact.back = Some(began.elapsed().as_millis() as u64);
                break;
            }
            sleep(LOOK).await;
        }
        Ok(Some(fact))
    }
}

/// A container at one moment.
struct Seen {
    running: bool,
    started: String,
    restarts: i64,
    exit: Option<i64>,
    policy: String,
}

impl Seen {
    fn of(found: &ContainerInspectResponse) -> Self {
        let state = found.state.clone().unwrap_or_default();
        let policy = found.host_config.as_ref().and_then(|h| h.restart_policy.as_ref());
        let policy = policy.and_then(|p| p.name).map(|name| name.to_string()).unwrap_or_default();
        Self {
            // The daemon calls one that waits for its restart running too.
            running: state.running.unwrap_or(false) && !state.restarting.unwrap_or(false),
            started: state.started_at.unwrap_or_default(),
            restarts: found.restart_count.unwrap_or(0),
            exit: state.exit_code,
            policy: if policy.is_empty() { "no".to_owned() } else { clean::line(&policy) },
        }
    }
}
