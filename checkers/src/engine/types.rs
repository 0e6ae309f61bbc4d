//! What the engine is asked and what it answers, as data.

use crate::spec::{Network, Profile};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};

/// What a daemon is and can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineInfo {
    /// Where it was found, as DOCKER_HOST would say it.
    pub host: String,
    /// How it was found: `DOCKER_HOST`, `context NAME`, or the socket that answered.
    pub found_by: String,
    /// The engine's version.
    pub version: String,
    /// The API version agreed on.
    pub api: String,
    /// The operating system as the daemon names it (`Docker Desktop`, `Debian GNU/Linux 12`).
    pub operating_system: String,
    /// Kernel.
    pub kernel: String,
    /// Architecture, as images name it (`amd64`).
    pub arch: String,
    /// Storage driver.
    pub storage: String,
    /// Images live in the containerd store.
    pub containerd_store: bool,
    /// It builds with BuildKit over `/grpc`.
    pub buildkit: bool,
    /// 1 or 2.
    pub cgroup: u8,
    /// `docker compose` that would be used, with its version.
    pub compose: Option<String>,
    /// A podman behind Docker's API.
    pub podman: bool,
    /// Memory of the daemon's machine in bytes.
    pub memory: u64,
    /// What `docker info` warns of.
    pub warnings: Vec<String>,
}

/// One build.
#[derive(Debug, Clone)]
pub struct BuildRequest {
    /// The context's folder. `.dockerignore` is honoured with Docker's semantics; symlinks are sent as symlinks.
    pub context: PathBuf,
    /// The Dockerfile to send in place of the context's own: base references rewritten, `# syntax=` blanked.
    pub dockerfile: String,
    /// Files of the context to send with other content (the edit of `cached-after-edit`).
    pub overlay: BTreeMap<String, Vec<u8>>,
    /// The stage to build.
    pub target: Option<String>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
    /// What RUN may reach.
    pub network: Network,
    /// The tag to give the image.
    pub tag: String,
    /// Take nothing from the cache.
    pub no_cache: bool,
    /// The whole build must end within.
    pub deadline: Duration,
    /// And must say something at least so often.
    pub idle: Duration,
}

/// A step as the builder reports it, in Dockerfile order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BuildStep {
    /// The stage's name or number as BuildKit prints it, empty when there is only one.
    pub stage: String,
    /// Its number within the stage, from 1, as BuildKit counts.
    pub number: u32,
    /// The instruction as BuildKit prints it, cleaned.
    pub name: String,
    /// It came from the cache.
    pub cached: bool,
    /// It was started.
    pub started: bool,
    /// It ended.
    pub completed: bool,
    /// How long it ran.
    pub duration: Duration,
    /// Its error, where it failed.
    pub error: Option<String>,
    /// The last 64 KiB of what it printed, cleaned.
    pub log: String,
}

/// What came of a build.
#[derive(Debug, Clone)]
pub struct BuildOutcome {
    /// The image's id as the daemon gives it, where it was built.
    pub image: Option<String>,
    /// The tag.
    pub tag: String,
    /// The steps.
    pub steps: Vec<BuildStep>,
    /// The builder's own lint warnings: rule, line, text.
    pub warnings: Vec<(String, Option<u32>, String)>,
    /// Bytes of context sent.
    pub context_bytes: u64,
    /// Why there is no image.
    pub failure: Option<BuildFailure>,
    /// How long it took.
    pub duration: Duration,
}

/// Why a build gave no image, and whose doing it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildFailure {
    /// A step failed: index into `steps`, the exit code of a RUN, the daemon's message.
    Step {
        /// Which.
        index: usize,
        /// Of a RUN.
        exit: Option<i64>,
        /// The daemon's words, cleaned.
        message: String,
    },
    /// The Dockerfile was refused before any step: the daemon's words.
    Refused(String),
    /// The deadline passed, at this step.
    Deadline(Option<usize>),
    /// It said nothing for too long, at this step.
    Idle(Option<usize>),
    /// The learner stopped it.
    Cancelled,
    /// The daemon's disk is full.
    DiskFull(String),
    /// The daemon went away.
    Lost(String),
}

/// One container to run.
#[derive(Debug, Clone)]
pub struct RunRequest {
    /// The image.
    pub image: String,
    /// Arguments in place of CMD.
    pub args: Vec<String>,
    /// In place of ENTRYPOINT.
    pub entrypoint: Option<Vec<String>>,
    /// Environment.
    pub env: BTreeMap<String, String>,
    /// Confinement.
    pub profile: Profile,
    /// Must end within.
    pub deadline: Duration,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunOutcome {
    /// The exit code; none when it was still running at the deadline or could not start.
    pub exit: Option<i64>,
    /// The daemon could not start it: its words, cleaned.
    pub start_error: Option<String>,
    /// Head and tail of standard output, cleaned, at most 256 KiB.
    pub stdout: String,
    /// The same of standard error.
    pub stderr: String,
    /// Some output was left out.
    pub clipped: bool,
    /// The memory limit killed it.
    pub oom_killed: bool,
    /// The deadline passed.
    pub timed_out: bool,
    /// How long it ran.
    pub duration: Duration,
}

/// A server to start and ask once.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    /// The image.
    pub image: String,
    /// Environment.
    pub env: BTreeMap<String, String>,
    /// The container's port.
    pub port: u16,
    /// The path.
    pub path: String,
    /// First answer within.
    pub deadline: Duration,
    /// Confinement.
    pub profile: Profile,
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HttpOutcome {
    /// Status and body (at most 256 KiB, cleaned), where it answered.
    pub answer: Option<(u16, String)>,
    /// What the container printed and how it ended, where it did.
    pub run: RunOutcome,
    /// TCP ports on which something listens inside, with whether on all addresses.
    pub listening: Vec<(u16, bool)>,
    /// How long until the answer.
    pub duration: Duration,
}

/// Why the daemon could not be asked at all. Never the learner's fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// Nothing answers at any of these places.
    #[error("no Docker daemon answers; tried {}", .tried.join(", "))]
    Down {
        /// Where we looked, with what each said.
        tried: Vec<String>,
    },
    /// The socket is there but may not be opened.
    #[error("no permission to open {socket}")]
    Permission {
        /// Which.
        socket: String,
    },
    /// The daemon went away.
    #[error("the daemon went away: {0}")]
    Lost(String),
    /// The daemon's disk is full.
    #[error("the daemon's disk is full: {0}")]
    DiskFull(String),
    /// The daemon knows no such image.
    #[error("no such image: {0}")]
    NoImage(String),
    /// It answered with an error of its own.
    #[error("the daemon answered: {0}")]
    Daemon(String),
    /// A context that we cannot use (TLS, unknown name), with what to do.
    #[error("{0}")]
    Unusable(String),
    /// The learner stopped it.
    #[error("cancelled")]
    Cancelled,
}
