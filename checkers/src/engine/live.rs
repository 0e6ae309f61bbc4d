//! A container that goes on running while something is done to it: its health is watched, it gets a signal, its output is
//! waited for. What comes of it is an outcome, judged elsewhere; here is no word of right or wrong.

use super::{
    Engine, EngineError, RunOutcome,
    clean::{self, Said},
    daemon_error,
    run::{Container, Created, Running, Spec, judge, no_answer},
    sandbox,
};
use crate::spec::Profile;
use bollard::{
    exec::{CreateExecOptions, StartExecResults},
    models::{ContainerInspectResponse, HealthStatusEnum},
    query_parameters::{KillContainerOptionsBuilder, TopOptionsBuilder},
};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// How often a container's state is asked for.
const LOOK: Duration = Duration::from_millis(100);
/// How long a program that says nothing of being ready is left to get there.
const SETTLE: Duration = Duration::from_secs(1);
/// How long one may take that says so.
const READY: Duration = Duration::from_secs(20);
/// How long a command inside the container may take.
const EXEC: Duration = Duration::from_secs(10);
/// How much of a command's output, and of a health test's, is kept, in bytes.
const WORDS: usize = 2_000;
/// How many processes are kept.
const PROCESSES: usize = 20;

/// Whether what was printed so far (standard output, standard error) is all that is waited for.
pub type Enough = Arc<dyn Fn(&str, &str) -> bool + Send + Sync>;

/// A container to start and what to do to it.
#[derive(Clone)]
pub struct LiveRequest {
    /// The image.
    pub image: String,
    /// Arguments in place of CMD.
    pub args: Vec<String>,
    /// Environment.
    pub env: BTreeMap<String, String>,
    /// Confinement.
    pub profile: Profile,
    /// What is done to it.
    pub act: Act,
}

/// What is done to a container that runs.
#[derive(Clone)]
pub enum Act {
    /// It is left alone until it has said enough.
    Listen {
        /// Whether it has.
        enough: Enough,
        /// At most so long.
        within: Duration,
    },
    /// Its health is watched, before and after something that should make it ill.
    Health {
        /// It should be healthy within.
        healthy: Duration,
        /// What makes it ill, and how soon it should be unhealthy after that.
        then: Option<(Shock, Duration)>,
    },
    /// It gets a signal once it is ready.
    Signal {
        /// The signal (`INT`); without one what `docker stop` would send.
        signal: Option<String>,
        /// What it prints when it is ready; without that it gets a moment.
        ready: Option<String>,
        /// It should have ended within.
        within: Duration,
    },
}

/// Something that should make a container ill.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shock {
    /// A command that is run in it.
    Exec(Vec<String>),
    /// A signal that it gets.
    Signal(String),
}

impl fmt::Debug for LiveRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveRequest").field("image", &self.image).field("args", &self.args).finish_non_exhaustive()
    }
}

/// A process of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// It is the container's first: number 1 inside.
    pub first: bool,
    /// Its command line.
    pub command: String,
}

/// One run of a health test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthTest {
    /// Its exit code.
    pub exit: i64,
    /// What it printed, cleaned, its beginning.
    pub output: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LiveOutcome {
    /// What the container printed and how it ended, where it did.
    pub run: RunOutcome,
    /// It ended by itself before anything was done to it.
    pub early: bool,
    /// It said that it was ready, where it should.
    pub ready: bool,
    /// It has a health test at all.
    pub tested: bool,
    /// How long after its start it was healthy, in milliseconds.
    pub healthy: Option<u64>,
    /// How long after the shock it was unhealthy, in milliseconds.
    pub unhealthy: Option<u64>,
    /// The last health tests, oldest first, at most five.
    pub tests: Vec<HealthTest>,
    /// How the command that makes it ill ended, with what it said.
    pub shock: Option<HealthTest>,
    /// The daemon's word on a shock or signal that could not be given.
    pub refused: Option<String>,
    /// Its processes when it got the signal; none where the daemon cannot tell.
    pub processes: Vec<Process>,
    /// The signal that was sent.
    pub sent: Option<String>,
    /// How long after the signal it ended, in milliseconds; none where it had to be killed.
    pub took: Option<u64>,
}

impl Engine {
    /// Starts a container, does something to it, and stops it. That it dies, or does not do what is hoped for, is an
    /// outcome. The container is gone when this returns, and soon after when the future is dropped.
    pub async fn live(&self, request: LiveRequest, cancel: CancellationToken) -> Result<LiveOutcome, EngineError> {
        let spec = Spec {
            image: &request.image,
            entrypoint: None,
            args: &request.args,
            env: &request.env,
            host: sandbox::host_config(request.profile, "none"),
            exposed: None,
        };
        let mut outcome = LiveOutcome::default();
        let container = match Container::create(self, spec).await? {
            Created::Container(container) => container,
            Created::Refused(words) => {
                outcome.run.start_error = Some(words);
                return Ok(outcome);
            }
        };
        let mut running = match container.start().await? {
            Ok(running) => running,
            Err(words) => {
                outcome.run = RunOutcome { start_error: Some(words), ..RunOutcome::default() };
                judge(&mut outcome.run, request.profile, &container.inspect().await?, true);
                container.remove().await;
                return Ok(outcome);
            }
        };
        let done = {
            let mut watched = Watched { engine: self, container: &container, running: &mut running };
            tokio::select! {
                done = watched.act(&request.act, &mut outcome) => done,
                () = cancel.cancelled() => Err(EngineError::Cancelled),
            }
        };
        if let Err(error) = done {
            // Output that nobody takes would hold its end up.
            drop(running);
            container.remove().await;
            return Err(error);
        }
        outcome.run = running.finish(&container, false).await?;
        judge(&mut outcome.run, request.profile, &container.inspect().await?, true);
        container.remove().await;
        Ok(outcome)
    }
}

struct Watched<'a> {
    engine: &'a Engine,
    container: &'a Container,
    running: &'a mut Running,
}

impl Watched<'_> {
    async fn act(&mut self, act: &Act, outcome: &mut LiveOutcome) -> Result<(), EngineError> {
        match act {
            Act::Listen { enough, within } => {
                outcome.ready = timeout(*within, self.running.until(|out, err| enough(out, err))).await == Ok(true);
                outcome.early = self.running.has_ended();
            }
            Act::Health { healthy, then } => self.health(*healthy, then.as_ref(), outcome).await?,
            Act::Signal { signal, ready, within } => {
                outcome.ready = match ready {
                    Some(text) => {
                        let said = self.running.until(|out, err| out.contains(text) || err.contains(text));
                        timeout(READY, said).await == Ok(true)
                    }
                    None => timeout(SETTLE, self.running.ended()).await.is_err(),
                };
                outcome.early = self.running.has_ended();
                if outcome.ready && !outcome.early {
                    self.signal(signal.as_deref(), *within, outcome).await?;
                }
            }
        }
        Ok(())
    }

    async fn health(
        &mut self,
        healthy: Duration,
        then: Option<&(Shock, Duration)>,
        outcome: &mut LiveOutcome,
    ) -> Result<(), EngineError> {
        let began = self.running.began;
        outcome.healthy = self.until_health(HealthStatusEnum::HEALTHY, began, healthy, outcome).await?;
        outcome.early = self.running.has_ended();
        let (Some((shock, within)), Some(_)) = (then, outcome.healthy) else { return Ok(()) };
        match shock {
            Shock::Exec(argv) => match self.exec(argv).await? {
                Ok(ended) => outcome.shock = Some(ended),
                Err(words) => outcome.refused = Some(words),
            },
            Shock::Signal(signal) => outcome.refused = self.send(signal).await?,
        }
        outcome.unhealthy = self.until_health(HealthStatusEnum::UNHEALTHY, Instant::now(), *within, outcome).await?;
        Ok(())
    }

    /// How long it took until the daemon says so; none when it did not in time or the container ended.
    async fn until_health(
        &mut self,
        want: HealthStatusEnum,
        since: Instant,
        within: Duration,
        outcome: &mut LiveOutcome,
    ) -> Result<Option<u64>, EngineError> {
        loop {
            let health = health(&self.container.inspect().await?, outcome);
            if health == Some(want) {
                return Ok(Some(since.elapsed().as_millis() as u64));
            }
            if !outcome.tested || since.elapsed() >= within || self.running.has_ended() {
                return Ok(None);
            }
            let _ = timeout(LOOK, self.running.ended()).await;
        }
    }

    async fn signal(
        &mut self,
        signal: Option<&str>,
        within: Duration,
        outcome: &mut LiveOutcome,
    ) -> Result<(), EngineError> {
        outcome.processes = self.processes().await;
        let state = self.container.inspect().await?;
        let own = state.config.as_ref().and_then(|c| c.stop_signal.clone()).filter(|s| !s.is_empty());
        let signal = signal.map(str::to_owned).or(own).unwrap_or_else(|| "SIGTERM".to_owned());
        let sent = Instant::now();
        outcome.refused = self.send(&signal).await?;
        outcome.sent = Some(clean::line(&signal));
        // A little longer than is asked for tells "too slow" from "not at all".
        let patience = (within * 2).max(within + Duration::from_secs(1));
        if timeout(patience, self.running.ended()).await.is_ok() {
            outcome.took = Some(sent.elapsed().as_millis() as u64);
        }
        Ok(())
    }

    /// Sends a signal; the daemon's words where it will not.
    async fn send(&mut self, signal: &str) -> Result<Option<String>, EngineError> {
        let options = KillContainerOptionsBuilder::new().signal(signal).build();
        let sent = self.engine.docker().kill_container(&self.container.id, Some(options));
        match timeout(EXEC, sent).await.map_err(|_| no_answer("send a signal"))? {
            Ok(()) => Ok(None),
            Err(bollard::errors::Error::DockerResponseServerError { message, .. }) => Ok(Some(clean::line(&message))),
            Err(error) => Err(daemon_error(error)),
        }
    }

    /// Runs a command in the container. The inner error is the daemon's reason not to.
    async fn exec(&mut self, argv: &[String]) -> Result<Result<HealthTest, String>, EngineError> {
        let docker = self.engine.docker();
        let options = CreateExecOptions {
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(argv.to_vec()),
            ..CreateExecOptions::default()
        };
        let work = async {
            let made = docker.create_exec(&self.container.id, options).await?;
            let mut output = Said::new(WORDS, clean::LINE_BYTES + 1);
            if let StartExecResults::Attached { output: mut stream, .. } = docker.start_exec(&made.id, None).await? {
                while let Some(Ok(chunk)) = stream.next().await {
                    output.take(chunk);
                }
            }
            let exit = docker.inspect_exec(&made.id).await?.exit_code.unwrap_or(-1);
            Ok(HealthTest { exit, output: head(&output.into_text()) })
        };
        match timeout(EXEC, work).await.map_err(|_| no_answer("run a command in a container"))? {
            Ok(ended) => Ok(Ok(ended)),
            Err(bollard::errors::Error::DockerResponseServerError { message, .. }) => Ok(Err(clean::line(&message))),
            Err(error) => Err(daemon_error(error)),
        }
    }

    /// The container's processes, as far as the daemon can tell them (some have no `ps`).
    async fn processes(&mut self) -> Vec<Process> {
        let first = self.container.inspect().await.ok().and_then(|s| s.state?.pid);
        let options = TopOptionsBuilder::new().ps_args("-eo pid,args").build();
        let top = timeout(EXEC, self.engine.docker().top_processes(&self.container.id, Some(options))).await;
        let rows = top.ok().and_then(Result::ok).and_then(|t| t.processes).unwrap_or_default();
        let process = |row: Vec<String>| {
            let pid: i64 = row.first()?.trim().parse().ok()?;
            Some(Process { first: Some(pid) == first, command: clean::line(row.last()?) })
        };
        rows.into_iter().filter_map(process).take(PROCESSES).collect()
    }
}

/// What the daemon says of a container's health now.
fn health(state: &ContainerInspectResponse, outcome: &mut LiveOutcome) -> Option<HealthStatusEnum> {
    let health = state.state.as_ref()?.health.as_ref()?;
    let status = health.status?;
    outcome.tested = !matches!(status, HealthStatusEnum::EMPTY | HealthStatusEnum::NONE);
    let tests = health.log.as_deref().unwrap_or_default().iter().map(|test| HealthTest {
        exit: test.exit_code.unwrap_or(-1),
        output: head(&clean::text(test.output.as_deref().unwrap_or_default())),
    });
    outcome.tests = tests.collect();
    Some(status)
}

fn head(text: &str) -> String {
    let end = text.char_indices().map(|(at, _)| at).find(|at| *at >= WORDS).unwrap_or(text.len());
    text[..end].trim_end().to_owned()
}
