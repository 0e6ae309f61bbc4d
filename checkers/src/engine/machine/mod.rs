//! The steps of a `steps.sh` on the daemon: run one after the other under names of their own, looked at, and taken away.
//!
//! The docker command runs them, as it would for the learner; it gets an argv that was rewritten (spec/steps.rs), never a
//! shell. What they make bears our labels, so that nothing outlives a program that dies. Objects that a learner made by hand are
//! looked at in the same way, and neither changed nor removed.

mod cli;
mod look;
mod probe;
mod registry;
mod remove;

pub use look::{ContainerFact, CopyFact, MachineFacts, PortFact};
pub(in crate::engine) use probe::exec;
pub use probe::{FileFact, ReachAsk, ReachFact, RestartAsk, RestartFact};
pub use registry::{ManifestFact, RegistryFacts};

use super::{Engine, EngineError, clean, daemon_error, labels};
use crate::spec::{
    Profile,
    steps::{Makes, Names, Step},
};
use bollard::models::VolumeCreateRequest;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// One step may take so long; all of them together.
const STEP: Duration = Duration::from_secs(30);
const ALL: Duration = Duration::from_secs(300);
/// Walls around a container that sets none itself, so that a script can do no more to the machine than it says. They are told
/// from a learner's limits by their values, which nobody types: a page above 256 MiB, and no round number. To remember which
/// containers got our flags would lose them at a `docker update`.
const MEMORY: i64 = (256 << 20) + 4096;
const PIDS: i64 = 131;

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

/// On what steps make, beside the run's labels: which steps. A `prune` of theirs is held to it.
pub const STAGE: &str = "dev.dockshala.stage";
/// Names of images are read from files up to this, in bytes.
const NAMES: u64 = 4 << 10;
/// Files that are laid beside the steps: how many, and how big one may be.
const FILES: usize = 50;
const FILE: u64 = 1 << 20;

/// Where steps are run, and what they made. All of that goes when this is closed, and soon after when it is dropped.
pub struct Stage {
    engine: Engine,
    names: Names,
    dir: Place,
    profile: Profile,
    /// The label of the learner's own objects, where it is those that are looked at.
    own: Option<String>,
    registry: Option<registry::Registry>,
    /// How each step ended.
    pub steps: Vec<StepFact>,
    gone: bool,
}

/// The folder of the steps.
enum Place {
    Ours(tempfile::TempDir),
    Learners(PathBuf),
}

impl Place {
    fn path(&self) -> &Path {
        match self {
            Self::Ours(dir) => dir.path(),
            Self::Learners(dir) => dir,
        }
    }
}

impl Stage {
    /// A place for steps, with what stands for each image.
    pub fn new(engine: &Engine, images: BTreeMap<String, String>, profile: Profile) -> Result<Self, EngineError> {
        let prefix = format!("ds-{}", &uuid::Uuid::new_v4().simple().to_string()[..10]);
        let dir = tempfile::Builder::new().prefix("dockshala-steps-").tempdir();
        let dir = dir.map_err(|e| EngineError::Daemon(clean::line(&e.to_string())))?;
        let made = format!("{}{}/{prefix}/", labels::TAGS, engine.tag_segment());
        let label = format!("{STAGE}={prefix}");
        let names = Names { prefix, images, made, registry: String::new(), label };
        let (own, registry) = (None, None);
        Ok(Self {
            engine: engine.clone(),
            names,
            dir: Place::Ours(dir),
            profile,
            own,
            registry,
            steps: vec![],
            gone: false,
        })
    }

    /// What a learner made by hand: all that bears `label`. `dir` is the learner's folder.
    pub fn of_learner(engine: &Engine, label: &str, dir: &Path, profile: Profile) -> Self {
        Self {
            engine: engine.clone(),
            names: Names::default(),
            dir: Place::Learners(dir.to_owned()),
            profile,
            own: Some(label.to_owned()),
            registry: None,
            steps: vec![],
            gone: true,
        }
    }

    /// Lays the files of a folder beside the steps; those of its folders are left out. A later call's win.
    pub fn lay(&self, from: &Path) -> std::io::Result<()> {
        let Ok(entries) = fs::read_dir(from) else { return Ok(()) };
        let mut entries: Vec<_> = entries.flatten().collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        let plain = |e: &fs::DirEntry| e.metadata().is_ok_and(|m| m.is_file() && m.len() <= FILE);
        for entry in entries.into_iter().filter(plain).take(FILES) {
            fs::copy(entry.path(), self.dir.path().join(entry.file_name()))?;
        }
        Ok(())
    }

    /// Whether what is looked at was made by steps of a check, and not by a learner's hand.
    pub fn is_ours(&self) -> bool {
        self.own.is_none()
    }

    /// Starts the registry that the steps know as `localhost:5000`.
    pub async fn serve(&mut self, image: &str, probe: &str) -> Result<Result<(), registry::Unreachable>, EngineError> {
        let made = format!("{}/{}/", self.engine.tag_segment(), self.names.prefix);
        match registry::Registry::start(self, image, probe, &made).await? {
            Ok(registry) => {
                self.names.registry = format!("{}/{made}", registry.address);
                self.registry = Some(registry);
                Ok(Ok(()))
            }
            Err(unreachable) => Ok(Err(unreachable)),
        }
    }

    /// Runs the steps in their order. One that fails does not stop the rest: the learner's shell would not either, and what
    /// counts is what is there in the end.
    pub async fn run(&mut self, steps: &[Step], cancel: &CancellationToken) -> Result<(), EngineError> {
        let end = tokio::time::Instant::now() + ALL;
        if steps.iter().any(|step| !step.tags.is_empty() || step.registry) {
            // A tag bears no label. What says whether its run still lives is this (reap.rs).
            self.volume(ANCHOR, false).await?;
        }
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
            self.without_links().await;
        }
        Ok(())
    }

    async fn step(&self, step: &Step, limit: Duration, cancel: &CancellationToken) -> Result<StepFact, EngineError> {
        for volume in &step.volumes {
            self.volume(volume, step.unnamed.contains(volume)).await?;
        }
        let ended = match step.argv(&self.names, &self.flags(step), |name| self.words_of(name)) {
            Ok(argv) => cli::run(&self.engine, self.dir.path(), &argv, step, limit, cancel).await?,
            Err(said) => cli::Ended { exit: Some(1), said },
        };
        let said = self.names.unwrapped(&ended.said);
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

    /// Makes a volume with our labels, which docker's own command would not.
    async fn volume(&self, name: &str, unnamed: bool) -> Result<(), EngineError> {
        let mut labels = self.engine.labels();
        // The anchor must not go with a `volume prune -a` of the steps.
        if name != ANCHOR {
            labels.insert(STAGE.to_owned(), self.names.prefix.clone());
        }
        if unnamed {
            // As docker marks one without a name: `volume prune` takes those and leaves the others.
            labels.insert("com.docker.volume.anonymous".to_owned(), String::new());
        }
        let body = VolumeCreateRequest {
            name: Some(self.names.own(name)),
            labels: Some(labels),
            ..VolumeCreateRequest::default()
        };
        self.engine.docker().create_volume(body).await.map_err(daemon_error)?;
        Ok(())
    }

    /// Takes links out of the steps' folder: `docker cp` copies a container's links as they are, and follows them when it writes
    /// the next time, which could be anywhere on this machine.
    async fn without_links(&self) {
        let Place::Ours(dir) = &self.dir else { return };
        let dir = dir.path().to_owned();
        let work = move || {
            for entry in walkdir::WalkDir::new(dir).into_iter().flatten().filter(|e| e.path_is_symlink()) {
                let _ = fs::remove_file(entry.path());
            }
        };
        let _ = tokio::task::spawn_blocking(work).await;
    }

    /// What a file of the steps' folder holds.
    fn words_of(&self, name: &str) -> Option<String> {
        let mut text = String::new();
        let file = fs::File::open(self.dir.path().join(name)).ok()?;
        file.take(NAMES).read_to_string(&mut text).ok()?;
        Some(text)
    }

    /// Labels, and walls where the step builds none.
    fn flags(&self, step: &Step) -> Vec<String> {
        let own_network = step.network.as_deref().filter(|n| !matches!(*n, "none" | "bridge" | "default"));
        let own_network = own_network.filter(|n| !n.starts_with("container:"));
        let labels = self.engine.label_arguments().into_iter().chain([self.names.label.clone()]);
        let changes = labels.clone().map(|label| format!("--change=LABEL {}", quoted(&label)));
        let labels = labels.map(|label| format!("--label={label}"));
        let mut flags: Vec<String> = match step.makes {
            // Its real name is another one: on a network of the learner's it also answers to the learner's.
            Makes::Nothing => {
                let connects = own_network.is_some() && step.shown.contains("network connect");
                return step.name.iter().filter(|_| connects).map(|name| format!("--alias={name}")).collect();
            }
            Makes::Image => return changes.collect(),
            Makes::Other => return self.inner(step).into_iter().chain(labels).collect(),
            Makes::Container => labels.collect(),
        };
        let pull = if step.may_pull { "--pull=missing" } else { "--pull=never" };
        flags.extend([pull.to_owned(), "--security-opt=no-new-privileges".to_owned()]);
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
        if self.own.is_some() {
            return;
        }
        self.gone = true;
        if let Some(registry) = self.registry.take() {
            registry.close().await;
        }
        remove::all(&self.engine, &self.names).await;
    }
}

/// A volume that every stage with tags has. No name of a learner's begins like this.
const ANCHOR: &str = "-anchor";

/// A label as an instruction has it.
fn quoted(label: &str) -> String {
    let (key, value) = label.split_once('=').unwrap_or((label, ""));
    format!("{key}=\"{value}\"")
}

impl Drop for Stage {
    fn drop(&mut self) {
        if self.gone {
            return;
        }
        // Without a runtime the process is ending; then the run's reaping has it.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let (engine, names) = (self.engine.clone(), self.names.clone());
            runtime.spawn(async move { remove::all(&engine, &names).await });
        }
    }
}
