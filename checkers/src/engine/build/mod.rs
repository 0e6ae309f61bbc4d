//! One build from request to outcome: packs the context, lets a builder solve it, watches deadline, silence and the
//! learner's wish to stop, and puts the outcome together.
//!
//! Docker cannot confine a build: RUN is root with Docker's default capabilities and no memory limit. What we can do is
//! bound it in time and keep it off the network.

mod buildx;
mod cache;
mod failure;
mod grpc;
mod steps;

use super::{BuildEvent, BuildFailure, BuildOutcome, BuildRequest, Engine, EngineError, clean, context, labels};
use crate::{dockerfile, spec::Network};
pub use cache::CacheRecord;
use failure::SolveError;
use futures_util::future::BoxFuture;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, Seek},
    time::{Duration, Instant},
};
use steps::{Finished, Steps, Update};
use tokio::{
    sync::mpsc,
    time::{sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

/// How many events wait for a slow reader before output lines are left out (the outcome has them).
const WAITING: usize = 1024;
/// How long the end of a build waits for a reader to take the last steps.
const HAND_OVER: Duration = Duration::from_secs(1);

/// How often a build is begun anew that the daemon ended as cancelled unasked.
const AGAIN: u32 = 3;

/// What a builder needs to know.
#[derive(Debug)]
pub(crate) struct Job {
    /// The context's tar with the Dockerfile beside it (context.rs).
    pub(crate) tar: std::fs::File,
    pub(crate) target: Option<String>,
    pub(crate) args: BTreeMap<String, String>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) secrets: BTreeMap<String, Vec<u8>>,
    /// A host's name that no build with other secrets has, put into the RUN steps' /etc/hosts (a mount, no part of any layer).
    /// It makes them steps of their own: neither the cache nor a build at the same moment lends them a result that was made
    /// with another secret. `no-cache` would not do: two such builds at once still share their steps. Nor would a new name for
    /// each build: the second one of the same check, after an edit, could take nothing from the cache of the first.
    pub(crate) salt: Option<String>,
    /// Whether RUN may reach the network.
    pub(crate) network: bool,
    pub(crate) no_cache: bool,
    pub(crate) tag: String,
}

/// A way to have BuildKit build. Dropping the future stops the build.
pub(crate) trait Builder: Send + Sync {
    /// Builds; tells what happens; ends when the image is tagged.
    fn solve(&self, job: Job, updates: mpsc::Sender<Update>) -> BoxFuture<'static, Result<(), SolveError>>;
}

/// Which builder to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BuilderChoice {
    /// BuildKit in the daemon where it answers, else the `docker buildx` command.
    #[default]
    Auto,
    /// BuildKit in the daemon.
    Grpc,
    /// The `docker buildx` command.
    Buildx,
}

impl Job {
    /// The same job once more, its context from the beginning.
    fn again(&self) -> io::Result<Self> {
        let mut tar = self.tar.try_clone()?;
        tar.rewind()?;
        Ok(Self {
            tar,
            target: self.target.clone(),
            args: self.args.clone(),
            labels: self.labels.clone(),
            secrets: self.secrets.clone(),
            salt: self.salt.clone(),
            network: self.network,
            no_cache: self.no_cache,
            tag: self.tag.clone(),
        })
    }
}

/// BuildKit now and then ends a build as cancelled although nobody cancelled it, most often one that shares a step with a
/// build that was cancelled a moment ago (buildx has the same trouble). Told to a learner, it would blame her Dockerfile.
fn cancelled_unasked(end: &End) -> bool {
    matches!(end, End::Solved(Err(SolveError::Said(said))) if steps::is_cancelled(said))
}

enum End {
    Solved(Result<(), SolveError>),
    Deadline,
    Idle,
    Cancelled,
}

impl Engine {
    /// Builds. That the learner's build fails is an outcome, not an error.
    ///
    /// Events are handed over without waiting for a slow reader; a dropped receiver is no error. When this future is
    /// dropped, or `cancel` is, the daemon stops the build within two seconds.
    pub async fn build(
        &self,
        request: BuildRequest,
        events: mpsc::Sender<BuildEvent>,
        cancel: CancellationToken,
    ) -> Result<BuildOutcome, EngineError> {
        self.build_with(BuilderChoice::Auto, request, events, cancel).await
    }

    /// The same with a builder of the caller's choice.
    pub async fn build_with(
        &self,
        choice: BuilderChoice,
        request: BuildRequest,
        events: mpsc::Sender<BuildEvent>,
        cancel: CancellationToken,
    ) -> Result<BuildOutcome, EngineError> {
        if self.info().podman {
            return Err(EngineError::NoBuildKit("podman".into()));
        }
        let builder: Box<dyn Builder> = match choice {
            BuilderChoice::Grpc => Box::new(grpc::Grpc { host: self.host().clone() }),
            BuilderChoice::Auto if self.info().buildkit => Box::new(grpc::Grpc { host: self.host().clone() }),
            BuilderChoice::Auto | BuilderChoice::Buildx => Box::new(buildx::Buildx { host: self.host().clone() }),
        };
        let began = Instant::now();
        let deadline = tokio::time::Instant::now() + request.deadline;
        let mut outcome = BuildOutcome { tag: request.tag.clone(), ..BuildOutcome::default() };
        if without_stage(&request.dockerfile) {
            outcome.failure = Some(BuildFailure::Refused("the Dockerfile has no build stage (no FROM)".into()));
            return Ok(outcome);
        }

        let packed = {
            // Dropping this future stops the walk too.
            let stop = cancel.child_token();
            let _guard = stop.clone().drop_guard();
            let request = request.clone();
            let walk = tokio::task::spawn_blocking(move || {
                let source = context::Source {
                    dir: &request.context,
                    dockerfile: &request.dockerfile,
                    name: &request.name,
                    overlay: &request.overlay,
                    limit: request.context_limit,
                };
                context::pack(&source, &stop)
            });
            tokio::select! {
                walked = walk => walked.map_err(|error| EngineError::Daemon(error.to_string()))?,
                () = sleep_until(deadline) => {
                    outcome.failure = Some(BuildFailure::Deadline(None));
                    outcome.duration = began.elapsed();
                    return Ok(outcome);
                }
            }
        };
        let packed = match packed {
            Ok(Some(packed)) => packed,
            Ok(None) => {
                outcome.failure = Some(BuildFailure::Cancelled);
                return Ok(outcome);
            }
            Err(error) => {
                outcome.failure = Some(BuildFailure::Context(error));
                return Ok(outcome);
            }
        };
        outcome.context_bytes = packed.bytes;
        outcome.skipped = packed.skipped;

        let mut labels: BTreeMap<String, String> = request.labels.clone();
        labels.extend(match &request.keep {
            Some(what_for) => labels::kept(what_for),
            None => self.labels(),
        });
        let job = Job {
            tar: packed.tar,
            target: request.target,
            args: request.args,
            labels,
            salt: salt(&request.secrets),
            secrets: request.secrets,
            network: request.network == Network::Registry,
            no_cache: request.no_cache,
            tag: request.tag.clone(),
        };
        let mut reader = Reader { events, waiting: VecDeque::new() };
        let mut again = AGAIN;
        let (end, steps) = loop {
            let mut steps = Steps::new(stages(&request.dockerfile));
            let job = job.again().map_err(|error| EngineError::Daemon(error.to_string()))?;
            let end = drive(&*builder, job, &mut steps, &mut reader, request.idle, deadline, &cancel).await;
            if again == 0 || !cancelled_unasked(&end) {
                break (end, steps);
            }
            again -= 1;
        };
        // Who cancels is not waiting for more.
        if !matches!(end, End::Cancelled) {
            reader.hand_over().await;
        }

        let elsewhere = failure::elsewhere(&steps);
        let Finished { steps, warnings, at_work } = steps.finish();
        outcome.failure = match end {
            End::Solved(Ok(())) => None,
            End::Solved(Err(error)) => Some(failure::classify(error, elsewhere, &steps)),
            End::Deadline => Some(BuildFailure::Deadline(at_work)),
            End::Idle => Some(BuildFailure::Idle(at_work)),
            End::Cancelled => Some(BuildFailure::Cancelled),
        };
        (outcome.steps, outcome.warnings) = (steps, warnings);
        if outcome.failure.is_none() {
            // The solve's answer names a config's digest on one store and a manifest's on the other; the tag is certain.
            outcome.image = self.inspect(&request.tag).await?.id;
        }
        outcome.duration = began.elapsed();
        Ok(outcome)
    }
}

/// A host's name made of the secrets; none without any. It says nothing of them: it is a hash of values that no other check has.
fn salt(secrets: &BTreeMap<String, Vec<u8>>) -> Option<String> {
    if secrets.is_empty() {
        return None;
    }
    let mut hash = Sha256::new();
    for part in secrets.iter().flat_map(|(id, value)| [id.as_bytes(), value.as_slice()]) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let hex: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Some(format!("dockshala-{hex}.invalid"))
}

async fn drive(
    builder: &dyn Builder,
    job: Job,
    steps: &mut Steps,
    reader: &mut Reader,
    idle: Duration,
    deadline: tokio::time::Instant,
    cancel: &CancellationToken,
) -> End {
    let (sender, mut updates) = mpsc::channel(256);
    let mut solve = builder.solve(job, sender);
    let mut heard = tokio::time::Instant::now();
    let end = loop {
        tokio::select! {
            biased;
            () = cancel.cancelled() => break End::Cancelled,
            () = sleep_until(deadline) => break End::Deadline,
            update = updates.recv() => match update {
                Some(update) => {
                    heard = tokio::time::Instant::now();
                    if let Some(event) = steps.take(update) {
                        reader.tell(event);
                    }
                }
                // The builder dropped its end: only its result is to come.
                None => break tokio::select! {
                    result = &mut solve => End::Solved(result),
                    () = cancel.cancelled() => End::Cancelled,
                    () = sleep_until(deadline) => End::Deadline,
                },
            },
            result = &mut solve => break End::Solved(result),
            () = sleep_until(heard + idle) => break End::Idle,
        }
    };
    // Stops the build, where it still runs.
    drop(solve);
    while let Ok(update) = updates.try_recv() {
        if let Some(event) = steps.take(update) {
            reader.tell(event);
        }
    }
    end
}

/// Hands events to a reader that may be slow or gone, and never waits for it while the build goes on: a screen that hangs
/// must not look like a build that does.
struct Reader {
    events: mpsc::Sender<BuildEvent>,
    waiting: VecDeque<BuildEvent>,
}

impl Reader {
    fn tell(&mut self, event: BuildEvent) {
        if self.waiting.len() >= WAITING {
            if matches!(event, BuildEvent::Log { .. }) {
                return;
            }
            if let Some(at) = self.waiting.iter().position(|event| matches!(event, BuildEvent::Log { .. })) {
                self.waiting.remove(at);
            } else {
                self.waiting.pop_front();
            }
        }
        self.waiting.push_back(event);
        while let Some(event) = self.waiting.pop_front() {
            match self.events.try_send(event) {
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(event)) => {
                    self.waiting.push_front(event);
                    return;
                }
                Err(mpsc::error::TrySendError::Closed(_)) => self.waiting.clear(),
            }
        }
    }

    async fn hand_over(mut self) {
        let all = async {
            while let Some(event) = self.waiting.pop_front() {
                if self.events.send(event).await.is_err() {
                    return;
                }
            }
        };
        let _ = timeout(HAND_OVER, all).await;
    }
}

/// BuildKit of Engine 26.1 does not survive a Dockerfile that has instructions but no FROM: it panics, and takes the daemon
/// and everybody's containers along. Such a file is never sent.
fn without_stage(text: &str) -> bool {
    let mut words = dockerfile::first_words(text).peekable();
    words.peek().is_some() && !words.any(|word| word.eq_ignore_ascii_case("from"))
}

/// The Dockerfile's stages in order, as BuildKit prints them.
fn stages(text: &str) -> Vec<String> {
    match dockerfile::Dockerfile::read(text.as_bytes(), &dockerfile::Options::default()) {
        Ok(file) => file
            .stages
            .iter()
            .map(|stage| stage.name.clone().unwrap_or_else(|| format!("stage-{}", stage.index)))
            .collect(),
        // The builder will refuse it; then there are no steps to sort.
        Err(_) => Vec::new(),
    }
}

/// The docker command that a build amounts to, for the command log.
impl BuildRequest {
    /// As one would type it in the submission's folder.
    pub fn command(&self) -> String {
        let mut words = vec!["docker".to_owned(), "build".into(), "-t".into(), self.tag.clone()];
        if self.name != context::DOCKERFILE {
            words.extend(["-f".into(), self.name.clone()]);
        }
        if let Some(target) = &self.target {
            words.extend(["--target".into(), target.clone()]);
        }
        for (key, value) in &self.args {
            words.extend(["--build-arg".into(), format!("{key}={value}")]);
        }
        for id in self.secrets.keys() {
            words.extend(["--secret".into(), format!("id={id}")]);
        }
        if self.network == Network::None {
            words.push("--network=none".into());
        }
        if self.no_cache {
            words.push("--no-cache".into());
        }
        words.push(".".into());
        clean::line(&words.iter().map(|word| super::shell_word(word)).collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::{salt, without_stage};

    #[test]
    fn the_same_secrets_share_a_cache_and_others_do_not() {
        let of = |all: &[(&str, &str)]| {
            salt(&all.iter().map(|(id, value)| ((*id).to_owned(), value.as_bytes().to_vec())).collect())
        };
        assert_eq!(of(&[]), None);
        let one = of(&[("key", "chabi-1")]).unwrap();
        assert_eq!(of(&[("key", "chabi-1")]).unwrap(), one);
        assert!(one.starts_with("dockshala-") && one.ends_with(".invalid") && !one.contains("chabi"), "{one}");
        for other in [&[("key", "chabi-2")][..], &[("keyc", "habi-1")], &[("key", "chabi-1"), ("b", "")]] {
            assert_ne!(of(other).unwrap(), one, "{other:?}");
        }
    }

    #[test]
    fn a_file_without_a_stage_is_told_from_one_that_cannot_be_read() {
        assert!(without_stage("ARG A=1\nARG B=2\n"));
        assert!(!without_stage("ARG A=1\nFROM scratch\n"));
        assert!(!without_stage(""));
    }
}
