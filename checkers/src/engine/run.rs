//! Runs a container under its profile until it ends, is stopped, or its time is up; reads what it prints through a cap.

use super::{
    Engine, EngineError, RunOutcome, RunRequest, clean,
    clean::{Cleaner, HeadTail},
    daemon_error, image_error, sandbox,
};
use crate::spec::Profile;
use bollard::{
    container::LogOutput,
    errors::Error,
    models::{ContainerCreateBody, ContainerInspectResponse, HostConfig},
    query_parameters::{
        AttachContainerOptionsBuilder, CreateContainerOptionsBuilder, KillContainerOptionsBuilder,
        RemoveContainerOptionsBuilder,
    },
};
use futures_util::StreamExt;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio::{
    runtime::Handle,
    sync::oneshot,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// How much of each stream is kept, from its start and from its end.
const HEAD: usize = 128 << 10;
const TAIL: usize = 128 << 10;
/// How long the daemon may take for one question.
const ANSWER: Duration = Duration::from_secs(30);
/// How long output may lag behind the end of its container, or behind the last piece of it. Streams may stay open after it,
/// on some engines.
const LAG: Duration = Duration::from_secs(1);
/// The same where nothing came at all: a busy machine starts a container and ends it before its output is on the way, and who
/// judged by the silence would reject what was right. The daemon itself gives up after three seconds.
const SILENCE: Duration = Duration::from_secs(3);
/// The longest that the rest of the output is waited for, however steadily it comes.
const REST: Duration = Duration::from_secs(10);

impl Engine {
    /// Runs an image until it ends. That it fails, cannot start or does not end is an outcome, not an error. The container
    /// is gone when this returns, and soon after when the future is dropped.
    pub async fn run(&self, request: RunRequest, cancel: CancellationToken) -> Result<RunOutcome, EngineError> {
        let spec = Spec {
            image: &request.image,
            entrypoint: request.entrypoint.clone(),
            args: &request.args,
            env: &request.env,
            host: sandbox::host_config(request.profile, "none"),
            exposed: None,
        };
        let container = match Container::create(self, spec).await? {
            Created::Container(container) => container,
            Created::Refused(words) => return Ok(RunOutcome { start_error: Some(words), ..RunOutcome::default() }),
        };
        let mut running = match container.start().await? {
            Ok(running) => running,
            Err(words) => {
                let state = container.inspect().await?;
                container.remove().await;
                let mut outcome = RunOutcome { start_error: Some(words), ..RunOutcome::default() };
                judge(&mut outcome, request.profile, &state, true);
                return Ok(outcome);
            }
        };
        let (mut timed_out, mut cancelled) = (false, false);
        tokio::select! {
            () = running.ended() => {}
            () = sleep(request.deadline) => timed_out = true,
            () = cancel.cancelled() => cancelled = true,
        }
        if cancelled {
            // Output that nobody takes would hold its end up.
            drop(running);
            container.remove().await;
            return Err(EngineError::Cancelled);
        }
        let mut outcome = running.finish(&container, timed_out).await?;
        let state = container.inspect().await?;
        container.remove().await;
        judge(&mut outcome, request.profile, &state, true);
        Ok(outcome)
    }
}

/// Adds what the daemon's record shows.
pub(super) fn judge(outcome: &mut RunOutcome, profile: Profile, state: &ContainerInspectResponse, offline: bool) {
    outcome.oom_killed = state.state.as_ref().and_then(|state| state.oom_killed).unwrap_or(false);
    let user = state.config.as_ref().and_then(|config| config.user.as_deref()).unwrap_or_default();
    let name = user.split(':').next().unwrap_or_default();
    let said = [outcome.stderr.as_str(), outcome.stdout.as_str(), outcome.start_error.as_deref().unwrap_or_default()];
    outcome.limit_hit = sandbox::limit(&sandbox::Ending {
        profile,
        failed: outcome.exit != Some(0),
        oom_killed: outcome.oom_killed,
        root: matches!(name, "" | "0" | "root"),
        offline,
        said: &said,
    });
}

/// What a container is made from.
pub(super) struct Spec<'a> {
    pub(super) image: &'a str,
    pub(super) entrypoint: Option<Vec<String>>,
    pub(super) args: &'a [String],
    pub(super) env: &'a BTreeMap<String, String>,
    pub(super) host: HostConfig,
    /// A port to expose, as `8080/tcp`.
    pub(super) exposed: Option<String>,
}

/// A container of ours. It is removed when this is dropped, in the background where nobody waited for it.
pub(super) struct Container {
    engine: Engine,
    pub(super) id: String,
    gone: bool,
}

pub(super) enum Created {
    Container(Container),
    /// The daemon will not make one of this image (it names no command): its words.
    Refused(String),
}

impl Container {
    pub(super) async fn create(engine: &Engine, spec: Spec<'_>) -> Result<Created, EngineError> {
        let body = ContainerCreateBody {
            image: Some(spec.image.to_owned()),
            entrypoint: spec.entrypoint,
            cmd: (!spec.args.is_empty()).then(|| spec.args.to_vec()),
            env: Some(spec.env.iter().map(|(key, value)| format!("{key}={value}")).collect()),
            labels: Some(engine.labels()),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            exposed_ports: spec.exposed.map(|port| vec![port]),
            host_config: Some(spec.host),
            ..ContainerCreateBody::default()
        };
        // A task of its own: if this future is dropped while the daemon makes the container, the answer would be lost and
        // with it the container's id.
        let (sender, receiver) = oneshot::channel();
        let (owner, image) = (engine.clone(), spec.image.to_owned());
        tokio::spawn(async move {
            let name = format!("dockshala-{}", uuid::Uuid::new_v4().simple());
            let options = CreateContainerOptionsBuilder::new().name(&name).build();
            let made = match timeout(ANSWER, owner.docker().create_container(Some(options), body)).await {
                Ok(Ok(made)) => Ok(Created::Container(Self { engine: owner, id: made.id, gone: false })),
                Ok(Err(Error::DockerResponseServerError { status_code: 400, message })) => {
                    Ok(Created::Refused(clean::line(&message)))
                }
                Ok(Err(error)) => Err(image_error(&image, error)),
                Err(_) => Err(no_answer("create a container")),
            };
            // Nobody there to take it: dropping it removes the container.
            let _ = sender.send(made);
        });
        receiver.await.map_err(|_| no_answer("create a container"))?
    }

    /// Starts it, with its output attached from the first byte. The inner error is the daemon's reason not to.
    pub(super) async fn start(&self) -> Result<Result<Running, String>, EngineError> {
        let options = AttachContainerOptionsBuilder::new().stream(true).stdout(true).stderr(true).build();
        let attached = self.ask("attach", self.engine.docker().attach_container(&self.id, Some(options))).await?;
        let started = timeout(ANSWER, self.engine.docker().start_container(&self.id, None)).await;
        match started.map_err(|_| no_answer("start a container"))? {
            Ok(()) => {}
            Err(Error::DockerResponseServerError { message, .. }) if !super::is_disk_full(&message) => {
                return Ok(Err(clean::line(&message)));
            }
            Err(error) => return Err(daemon_error(error)),
        }
        let (docker, id) = (self.engine.docker().clone(), self.id.clone());
        let wait = Box::pin(async move {
            match docker.wait_container(&id, None).next().await {
                Some(Ok(end)) => Ok(end.status_code),
                // bollard makes an error of every code but 0.
                Some(Err(Error::DockerContainerWaitError { code, .. })) => Ok(code),
                Some(Err(error)) => Err(daemon_error(error)),
                None => Err(EngineError::Lost("the daemon ended its answer".into())),
            }
        });
        Ok(Ok(Running {
            began: Instant::now(),
            output: attached.output,
            wait,
            exit: None,
            read: Read::new(HEAD, TAIL),
        }))
    }

    pub(super) async fn inspect(&self) -> Result<ContainerInspectResponse, EngineError> {
        self.ask("inspect", self.engine.docker().inspect_container(&self.id, None)).await
    }

    async fn ask<T>(&self, what: &str, question: impl Future<Output = Result<T, Error>>) -> Result<T, EngineError> {
        timeout(ANSWER, question).await.map_err(|_| no_answer(what))?.map_err(daemon_error)
    }

    async fn kill(&self) {
        let options = KillContainerOptionsBuilder::new().signal("KILL").build();
        // That it ended meanwhile is what was wanted.
        let _ = timeout(ANSWER, self.engine.docker().kill_container(&self.id, Some(options))).await;
    }

    /// Removes it, running or not, and waits for that.
    pub(super) async fn remove(mut self) {
        self.gone = true;
        remove(&self.engine, &self.id).await;
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        if self.gone {
            return;
        }
        // Without a runtime the process is ending; then the run's reaping has it.
        if let Ok(runtime) = Handle::try_current() {
            let (engine, id) = (self.engine.clone(), self.id.clone());
            runtime.spawn(async move { remove(&engine, &id).await });
        }
    }
}

async fn remove(engine: &Engine, id: &str) {
    let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    // What fails here is found again by its label.
    let _ = timeout(ANSWER, engine.docker().remove_container(id, Some(options))).await;
}

pub(super) fn no_answer(what: &str) -> EngineError {
    EngineError::Lost(format!("no answer to {what} within {} s", ANSWER.as_secs()))
}

type Wait = futures_util::future::BoxFuture<'static, Result<i64, EngineError>>;
type Output = std::pin::Pin<Box<dyn futures_util::Stream<Item = Result<LogOutput, Error>> + Send>>;

/// A container that runs, and what it has printed.
pub(super) struct Running {
    pub(super) began: Instant,
    output: Output,
    wait: Wait,
    exit: Option<Result<i64, EngineError>>,
    read: Read,
}

pub(super) struct Read {
    stdout: (Cleaner, HeadTail),
    stderr: (Cleaner, HeadTail),
    open: bool,
    /// Something came.
    heard: bool,
}

impl Read {
    /// At most so many bytes of each stream's start and end.
    pub(super) fn new(head: usize, tail: usize) -> Self {
        let stream = || (Cleaner::new(), HeadTail::new(head, tail));
        Self { stdout: stream(), stderr: stream(), open: true, heard: false }
    }

    pub(super) fn take(&mut self, chunk: Option<Result<LogOutput, Error>>) {
        let (to, bytes) = match chunk {
            Some(Ok(LogOutput::StdErr { message })) => (&mut self.stderr, message),
            Some(Ok(LogOutput::StdOut { message } | LogOutput::Console { message })) => (&mut self.stdout, message),
            Some(Ok(LogOutput::StdIn { .. })) => return,
            Some(Err(_)) | None => {
                self.open = false;
                return;
            }
        };
        for line in to.0.push(&bytes) {
            to.1.line(&line);
        }
        self.heard = true;
    }
}

impl Read {
    /// Output and errors.
    pub(super) fn texts(self) -> (String, String) {
        (text(self.stdout), text(self.stderr))
    }
}

impl Running {
    /// Whether it has ended, as far as was read.
    pub(super) fn has_ended(&self) -> bool {
        self.exit.is_some()
    }

    /// Reads until what was printed so far is enough; false when the container ended before.
    pub(super) async fn until(&mut self, enough: impl Fn(&str, &str) -> bool) -> bool {
        loop {
            let said = |(cleaner, kept): &(Cleaner, HeadTail)| text((cleaner.clone(), kept.clone()));
            if enough(&said(&self.read.stdout), &said(&self.read.stderr)) {
                return true;
            }
            if self.exit.is_some() && !self.read.open {
                return false;
            }
            tokio::select! {
                chunk = self.output.next(), if self.read.open => self.read.take(chunk),
                exit = &mut self.wait, if self.exit.is_none() => self.exit = Some(exit),
                // Output may lag behind the end, and on some engines never says that it is over.
                () = sleep(LAG), if self.exit.is_some() => return false,
            }
        }
    }

    /// Reads until the container has ended. Can be dropped and called again.
    pub(super) async fn ended(&mut self) {
        while self.exit.is_none() {
            tokio::select! {
                exit = &mut self.wait => self.exit = Some(exit),
                chunk = self.output.next(), if self.read.open => self.read.take(chunk),
            }
        }
    }

    /// Stops it where it still runs, and takes the rest of its output.
    pub(super) async fn finish(mut self, container: &Container, timed_out: bool) -> Result<RunOutcome, EngineError> {
        let duration = self.began.elapsed();
        let exit = match self.exit.take() {
            Some(exit) => Some(exit?),
            None => {
                // Read on meanwhile: the daemon takes no container for ended while its output waits to be taken.
                let mut kill = Box::pin(container.kill());
                loop {
                    tokio::select! {
                        () = &mut kill => break,
                        chunk = self.output.next(), if self.read.open => self.read.take(chunk),
                    }
                }
                None
            }
        };
        let ended = Instant::now();
        while self.read.open && ended.elapsed() < REST {
            let patience = if self.read.heard { LAG } else { SILENCE };
            let Ok(chunk) = timeout(patience, self.output.next()).await else { break };
            self.read.take(chunk);
        }
        let clipped = self.read.stdout.1.clipped() || self.read.stderr.1.clipped();
        let (stdout, stderr) = self.read.texts();
        Ok(RunOutcome { exit, stdout, stderr, clipped, timed_out, duration, ..RunOutcome::default() })
    }
}

fn text((cleaner, mut kept): (Cleaner, HeadTail)) -> String {
    if let Some(line) = cleaner.finish() {
        kept.line(&line);
    }
    kept.into_text()
}
