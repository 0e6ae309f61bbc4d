//! A compose project of ours on the daemon: up, what its containers are and did, down, up again, and gone.
//!
//! Everything that compose makes for it carries the run's labels (they are in the document that it is handed), so that the
//! engine's reaping finds it after a crash as it finds anything else. That is also how it is removed: `down -v` would need
//! a compose that still works and would leave a container that was renamed or scaled away.

use super::process::{self, Ended};
use crate::engine::{Engine, EngineError, clean, clean::Said, daemon_error, environment, http, reap};
use bollard::{
    models::{ContainerInspectResponse, EventMessageTypeEnum},
    query_parameters::{EventsOptionsBuilder, ListContainersOptionsBuilder, LogsOptionsBuilder},
};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// Compose's own labels.
pub(super) const PROJECT: &str = "com.docker.compose.project";
pub(super) const SERVICE: &str = "com.docker.compose.service";
/// How long the daemon may take for one question.
const ANSWER: Duration = Duration::from_secs(30);
/// How long `down` may take: two services that ignore SIGTERM, one after the other, and the rest.
const DOWN: Duration = Duration::from_secs(60);
/// How often containers are looked at while they come up.
pub(super) const LOOK: Duration = Duration::from_millis(150);
/// How much of a container's log is kept.
const LOG: usize = 16 << 10;
/// How many events are kept.
const MOMENTS: usize = 2_000;

/// Something that happened to a container.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Seconds since the project's first event, on the daemon's clock.
    pub at: f64,
    /// The service.
    pub service: String,
    /// `create`, `start`, `die`, `health_status: healthy` …
    pub action: String,
}

/// A port that a container publishes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// Inside.
    pub inner: u16,
    /// On this machine.
    pub outer: u16,
}

/// A container of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceState {
    /// The service.
    pub service: String,
    /// It runs.
    pub running: bool,
    /// It ended, and the daemon is about to start it again.
    #[serde(default)]
    pub restarting: bool,
    /// It has been started at least once; older recorded evidence does not say.
    #[serde(default)]
    pub started: bool,
    /// How it ended, where it has.
    pub exit: Option<i64>,
    /// `starting`, `healthy`, `unhealthy`; none without a health check.
    pub health: Option<String>,
    /// What the last health check printed, cleaned.
    pub health_said: String,
    /// How often the daemon restarted it.
    pub restarts: u64,
    /// The memory limit killed it.
    pub oom_killed: bool,
    /// The daemon's words where it did not start.
    pub error: String,
    /// Networks that it is in, as the compose file names them.
    pub networks: Vec<String>,
    /// Its addresses.
    pub addresses: Vec<String>,
    /// Published ports.
    pub ports: Vec<Port>,
    /// The image it runs, by id.
    pub image: String,
    /// The end of what it printed, cleaned; kept of those that are not well.
    pub log: String,
    /// Everything a reader of `docker inspect` sees of its configuration; not kept in recorded evidence.
    #[serde(skip)]
    pub inspected: String,
    /// Its health check's command; empty without one.
    pub test: Vec<String>,
    /// Its environment, which a health check may need; not kept in recorded evidence.
    #[serde(skip)]
    pub env: BTreeMap<String, String>,
}

impl ServiceState {
    /// It runs and, where it has a health check, is healthy.
    pub fn well(&self) -> bool {
        self.running && self.health.as_deref().is_none_or(|health| health == "healthy")
    }

    /// Nothing more will come of waiting for it.
    fn settled(&self) -> bool {
        self.well() || (!self.running && !self.restarting) || self.health.as_deref() == Some("unhealthy")
    }
}

/// What came of starting a project.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Up {
    /// Compose's own complaint, where it failed: its last words, cleaned.
    pub failed: Option<String>,
    /// It took too long.
    pub timed_out: bool,
    /// The containers, by service.
    pub services: Vec<ServiceState>,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

/// A project. Everything of it is removed when it is dropped, in the background where nobody waited for it.
#[derive(Debug)]
pub struct Project {
    pub(super) engine: Engine,
    pub(super) name: String,
    dir: Arc<TempDir>,
    env: Vec<(String, String)>,
    moments: Arc<Mutex<Vec<Moment>>>,
    listener: JoinHandle<()>,
    gone: bool,
}

impl Engine {
    /// A name for a project that no other check has, and labels for all that it makes.
    pub fn project_identity(&self) -> (String, BTreeMap<String, String>) {
        let name = format!("dockshala-{}", uuid::Uuid::new_v4().simple());
        (name, self.labels().into_iter().collect())
    }
}

impl Project {
    /// Writes a document that carries the labels of [`Engine::project_identity`] where compose will read it. `dir` may hold
    /// further files that the document names; it goes with the project. `env` is set for compose alone.
    pub fn open(
        engine: &Engine,
        name: String,
        dir: TempDir,
        document: &Value,
        env: Vec<(String, String)>,
    ) -> Result<Self, EngineError> {
        let moments = Arc::new(Mutex::new(Vec::new()));
        let listener = listen(engine, &name, Arc::clone(&moments));
        let project = Self { engine: engine.clone(), name, dir: Arc::new(dir), env, moments, listener, gone: false };
        project.replace(document)?;
        Ok(project)
    }

    async fn compose(
        &self,
        args: &[&str],
        deadline: Duration,
        cancel: &CancellationToken,
    ) -> Result<process::Output, EngineError> {
        let document = document_path(self.dir.path());
        let mut all: Vec<OsString> =
            ["compose", "--ansi", "never", "-p", &self.name, "-f"].iter().map(OsString::from).collect();
        all.push(document.into_os_string());
        all.extend(args.iter().map(OsString::from));
        let mut command = environment::command("docker", all, self.dir.path());
        command.env("DOCKER_HOST", self.engine.host().to_string());
        command.envs(self.env.iter().map(|(key, value)| (key, value)));
        let output = process::run(command, deadline, cancel).await.map_err(|e| super::start(&e))?;
        if output.ended == Ended::Cancelled { Err(EngineError::Cancelled) } else { Ok(output) }
    }

    /// Puts another document in the place of the one that is there: the same project, with more services or fewer.
    pub fn replace(&self, document: &Value) -> Result<(), EngineError> {
        fs::write(document_path(self.dir.path()), document.to_string())
            .map_err(|e| EngineError::Daemon(format!("cannot write {}: {e}", self.dir.path().display())))
    }

    /// Starts everything and waits until each container is well or nothing more will come of it.
    pub async fn up(&self, deadline: Duration, cancel: &CancellationToken) -> Result<Up, EngineError> {
        let began = Instant::now();
        let args = ["up", "--detach", "--no-build", "--no-color", "--quiet-pull"];
        let output = self.compose(&args, deadline, cancel).await?;
        let mut up = Up { timed_out: output.ended == Ended::Deadline, ..Up::default() };
        if !output.good() && !up.timed_out {
            up.failed = Some(complaint(&output.stderr));
        }
        loop {
            let services = tokio::select! {
                services = self.look(false) => services?,
                () = cancel.cancelled() => return Err(EngineError::Cancelled),
            };
            let settled = services.iter().all(ServiceState::settled);
            up.services = services;
            if settled || up.failed.is_some() || up.timed_out {
                break;
            }
            if began.elapsed() >= deadline {
                up.timed_out = true;
                break;
            }
            tokio::select! {
                () = sleep(LOOK) => {}
                () = cancel.cancelled() => return Err(EngineError::Cancelled),
            }
        }
        up.millis = began.elapsed().as_millis() as u64;
        Ok(up)
    }

    /// Stops and removes its containers and networks; named volumes stay, as with `docker compose down`.
    ///
    /// Compose stops them; the removal is ours, because `down` leaves nameless volumes behind, which bear no label by which
    /// anybody could find them again.
    pub async fn down(&self, cancel: &CancellationToken) -> Result<(), EngineError> {
        let output = self.compose(&["stop"], DOWN, cancel).await?;
        if !output.good() {
            return Err(EngineError::Daemon(complaint(&output.stderr)));
        }
        reap::remove_labelled(&self.engine, PROJECT, &self.name, false).await.map(|_| ())
    }

    /// Its containers as they are now, with the logs of those that are not well, or of `all`.
    pub async fn look(&self, all: bool) -> Result<Vec<ServiceState>, EngineError> {
        let docker = self.engine.docker();
        let label = format!("{PROJECT}={}", self.name);
        let filters: HashMap<&str, Vec<&str>> = [("label", vec![label.as_str()])].into();
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let listed = ask(docker.list_containers(Some(options))).await?;
        let mut found = Vec::new();
        for id in listed.into_iter().filter_map(|container| container.id) {
            match ask(docker.inspect_container(&id, None)).await {
                Ok(state) => {
                    let mut service = self.digest(&state);
                    if all || !service.well() {
                        service.log = self.log(&id).await;
                    }
                    found.push(service);
                }
                // It went between the two questions.
                Err(EngineError::Daemon(words)) if words.to_lowercase().contains("no such container") => {}
                Err(error) => return Err(error),
            }
        }
        found.sort_by(|a, b| a.service.cmp(&b.service));
        Ok(found)
    }

    fn digest(&self, state: &ContainerInspectResponse) -> ServiceState {
        let now = state.state.clone().unwrap_or_default();
        let config = state.config.clone().unwrap_or_default();
        let restarting = now.restarting.unwrap_or(false);
        // The daemon calls one that waits for its restart running too.
        let running = now.running.unwrap_or(false) && !restarting;
        let health = now.health.as_ref().and_then(|h| h.status).map(|s| s.to_string());
        let settings = state.network_settings.clone().unwrap_or_default();
        let networks = settings.networks.unwrap_or_default();
        let mut ports: Vec<Port> = settings
            .ports
            .unwrap_or_default()
            .into_iter()
            .flat_map(|(inner, outer)| {
                let inner = inner.split('/').next().and_then(|p| p.parse().ok());
                outer
                    .unwrap_or_default()
                    .into_iter()
                    .filter_map(move |binding| Some(Port { inner: inner?, outer: binding.host_port?.parse().ok()? }))
            })
            .collect();
        ports.sort_by_key(|p| (p.inner, p.outer));
        ports.dedup();
        let prefix = format!("{}_", self.name);
        let own = |name: &String| name.strip_prefix(&prefix).unwrap_or(name).to_owned();
        let mut names: Vec<String> = networks.keys().map(own).collect();
        names.sort();
        let last = now.health.as_ref().and_then(|h| h.log.as_ref()?.last()?.output.clone()).unwrap_or_default();
        let env = config.env.clone().unwrap_or_default();
        let env = env.iter().filter_map(|e| e.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned()));
        let test = config.healthcheck.as_ref().and_then(|h| h.test.clone()).unwrap_or_default();
        ServiceState {
            service: config.labels.as_ref().and_then(|l| l.get(SERVICE)).cloned().unwrap_or_default(),
            running,
            restarting,
            // The daemon writes year 1 where nothing was started yet.
            started: now.started_at.is_some_and(|at| !at.is_empty() && !at.starts_with("0001-")),
            exit: (!running).then_some(now.exit_code).flatten(),
            health: health.filter(|h| !h.is_empty() && h != "none"),
            health_said: clean::line(&last),
            restarts: state.restart_count.and_then(|n| u64::try_from(n).ok()).unwrap_or(0),
            oom_killed: now.oom_killed.unwrap_or(false),
            error: clean::line(&now.error.unwrap_or_default()),
            networks: names,
            addresses: networks.into_values().filter_map(|n| n.ip_address).filter(|a| !a.is_empty()).collect(),
            ports,
            image: state.image.clone().unwrap_or_default(),
            log: String::new(),
            inspected: serde_json::to_string(&config).unwrap_or_default(),
            test: if test.first().is_some_and(|t| t == "NONE") { Vec::new() } else { test },
            env: env.collect(),
        }
    }

    async fn log(&self, id: &str) -> String {
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).tail("100").build();
        let mut stream = Box::pin(self.engine.docker().logs(id, Some(options)));
        let mut said = Said::new(0, LOG);
        let reading = async {
            while let Some(Ok(chunk)) = stream.next().await {
                said.take(chunk);
            }
        };
        let _ = timeout(ANSWER, reading).await;
        said.into_text()
    }

    /// Asks a service over HTTP until it answers or the deadline has passed. `inner` is its own port.
    pub async fn ask(
        &self,
        state: &ServiceState,
        inner: u16,
        (method, path): (&str, &str),
        deadline: Duration,
        cancel: &CancellationToken,
    ) -> Result<Option<(u16, String)>, EngineError> {
        let mut targets: Vec<(String, u16)> = Vec::new();
        if self.engine.reach() == http::Reach::Address {
            targets.extend(state.addresses.iter().map(|address| (address.clone(), inner)));
        }
        targets.extend(state.ports.iter().filter(|p| p.inner == inner).map(|p| ("127.0.0.1".to_owned(), p.outer)));
        let began = Instant::now();
        while began.elapsed() < deadline && !targets.is_empty() {
            for (host, port) in &targets {
                let left = deadline.saturating_sub(began.elapsed()).max(Duration::from_millis(200));
                tokio::select! {
                    answer = timeout(left, http::exchange(host, *port, inner, method, path)) => {
                        if let Ok(Some(answer)) = answer {
                            return Ok(Some(answer));
                        }
                    }
                    () = cancel.cancelled() => return Err(EngineError::Cancelled),
                }
            }
            sleep(LOOK).await;
        }
        Ok(None)
    }

    /// What happened to its containers so far.
    pub fn moments(&self) -> Vec<Moment> {
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner).clone();
        moments.sort_by(|a, b| a.at.total_cmp(&b.at));
        let first = moments.first().map_or(0.0, |m| m.at);
        moments.iter_mut().for_each(|m| m.at -= first);
        moments
    }

    /// Removes everything of it, volumes too, and waits for that.
    pub async fn remove(mut self) {
        self.gone = true;
        self.listener.abort();
        remove(&self.engine, &self.name).await;
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if self.gone {
            return;
        }
        self.listener.abort();
        // Without a runtime the process is ending; then the run's reaping has it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (engine, name, dir) = (self.engine.clone(), self.name.clone(), Arc::clone(&self.dir));
            runtime.spawn(async move {
                remove(&engine, &name).await;
                // Its files are mounted until then.
                drop(dir);
            });
        }
    }
}

/// More than once: what a killed compose had already asked of the daemon may still be on its way.
async fn remove(engine: &Engine, name: &str) {
    for attempt in 0..5 {
        match reap::remove_labelled(engine, PROJECT, name, true).await {
            Ok(reaped) if reaped == crate::engine::Reaped::default() && attempt > 0 => return,
            Ok(_) => sleep(Duration::from_millis(if attempt == 0 { 50 } else { 200 })).await,
            // What fails here is found again by its label.
            Err(_) => return,
        }
    }
}

fn document_path(dir: &Path) -> PathBuf {
    dir.join("compose.json")
}

/// Compose's last words about what went wrong.
fn complaint(stderr: &str) -> String {
    let lines: Vec<String> = stderr.lines().map(super::said).filter(|l| !l.trim().is_empty()).collect();
    // Its progress (` Container x  Started`) is no complaint.
    let progress = |line: &&String| !line.starts_with(' ');
    lines.iter().rev().find(progress).or_else(|| lines.last()).cloned().unwrap_or_default()
}

pub(super) async fn ask<T>(
    question: impl Future<Output = Result<T, bollard::errors::Error>>,
) -> Result<T, EngineError> {
    timeout(ANSWER, question)
        .await
        .map_err(|_| EngineError::Lost(format!("no answer within {} s", ANSWER.as_secs())))?
        .map_err(daemon_error)
}

/// Writes down what the daemon says of the project's containers, from now on. Live, because the daemon remembers only its
/// last 256 events, which a busy machine has in a minute.
fn listen(engine: &Engine, name: &str, moments: Arc<Mutex<Vec<Moment>>>) -> JoinHandle<()> {
    let label = format!("{PROJECT}={name}");
    let filters: HashMap<&str, Vec<&str>> = [("label", vec![label.as_str()]), ("type", vec!["container"])].into();
    // From a moment ago, so that nothing is lost between this question and the daemon's hearing it.
    let since = (engine.daemon_now() - 1).to_string();
    let options = EventsOptionsBuilder::new().since(&since).filters(&filters).build();
    let docker = engine.docker().clone();
    tokio::spawn(async move {
        let mut stream = Box::pin(docker.events(Some(options)));
        while let Some(Ok(event)) = stream.next().await {
            let Some(action) = event.action.filter(|a| !a.starts_with("exec_")) else { continue };
            if event.typ != Some(EventMessageTypeEnum::CONTAINER) {
                continue;
            }
            let attributes = event.actor.and_then(|a| a.attributes).unwrap_or_default();
            let at = event.time_nano.map_or(0.0, |nanos| nanos as f64 / 1e9);
            let moment = Moment { at, service: attributes.get(SERVICE).cloned().unwrap_or_default(), action };
            let mut moments = moments.lock().unwrap_or_else(PoisonError::into_inner);
            if moments.len() < MOMENTS {
                moments.push(moment);
            }
        }
    })
}
