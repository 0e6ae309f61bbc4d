//! What the engine is asked and what it answers, as data.

use crate::spec::{Network, Profile};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

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
    /// The compose command that would be used, with its version (`docker compose 2.26.1`, `docker-compose 1.29.2`), where
    /// [`super::ConnectOptions::compose`] asked for it.
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
    /// What that one is called in the folder, `Dockerfile` by default: `NAME.dockerignore` goes before `.dockerignore`.
    pub name: String,
    /// Files of the context to send with other content (the edit of `cached-after-edit`).
    pub overlay: BTreeMap<String, Vec<u8>>,
    /// The stage to build.
    pub target: Option<String>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
    /// Build secrets by their ids, for `RUN --mount=type=secret,id=…`. BuildKit takes a step with another secret from the
    /// cache all the same; here RUN steps share their cache only with builds that have the same secrets.
    pub secrets: BTreeMap<String, Vec<u8>>,
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
    /// The context may hold so many bytes.
    pub context_limit: u64,
    /// The image stays when the run ends, and what for (`kit`, `starter`). Without it the image is the run's and goes
    /// with it.
    pub keep: Option<String>,
    /// Further labels for the image.
    pub labels: BTreeMap<String, String>,
}

impl BuildRequest {
    /// A build of a folder with the usual limits: 10 minutes, 2 minutes of silence, 512 MB of context, no network.
    pub fn new(context: &Path, dockerfile: impl Into<String>, tag: impl Into<String>) -> Self {
        Self {
            context: context.to_owned(),
            dockerfile: dockerfile.into(),
            name: super::context::DOCKERFILE.to_owned(),
            overlay: BTreeMap::new(),
            target: None,
            args: BTreeMap::new(),
            secrets: BTreeMap::new(),
            network: Network::None,
            tag: tag.into(),
            no_cache: false,
            deadline: Duration::from_secs(600),
            idle: Duration::from_secs(120),
            context_limit: 512_000_000,
            keep: None,
            labels: BTreeMap::new(),
        }
    }
}

/// What happens while a build goes on. A step is known by the same `key` from its first event on; keys count up in the
/// order in which the builder tells of steps, which is not the Dockerfile's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildEvent {
    /// A step was seen, started, ended, or turned out to be cached.
    Step {
        /// Which.
        key: usize,
        /// It as far as known; its log is left empty here.
        step: BuildStep,
    },
    /// A step printed.
    Log {
        /// Which step.
        key: usize,
        /// Clean lines without their ends.
        lines: Vec<String>,
    },
}

/// A step as the builder reports it, in Dockerfile order. Stages built from one image share a single FROM, which bears one
/// of their names: count on no stage's FROM.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BuildStep {
    /// The stage's name (`stage-1` where it has none) as BuildKit prints it; empty when only one stage is built.
    pub stage: String,
    /// Its number within the stage, from 1 (which is FROM), as BuildKit counts.
    pub number: u32,
    /// How many steps the stage has, as BuildKit counts.
    pub of: u32,
    /// The instruction as BuildKit prints it, cleaned.
    pub name: String,
    /// It came from the cache. Never said of FROM, whose flag flips between identical builds.
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
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    /// Sockets, pipes and devices of the context, which cannot be sent.
    pub skipped: Vec<String>,
    /// Why there is no image.
    pub failure: Option<BuildFailure>,
    /// How long it took.
    pub duration: Duration,
}

/// Why a build gave no image, and whose doing it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The submission's files cannot be sent.
    Context(ContextError),
}

/// Why a build context cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum ContextError {
    /// More than [`BuildRequest::context_limit`].
    #[error("the build context is over {limit} bytes")]
    TooBig {
        /// Bytes counted until it was given up, at least.
        bytes: u64,
        /// The limit.
        limit: u64,
        /// The biggest entries at the top of the context, with their bytes, biggest first.
        biggest: Vec<(String, u64)>,
    },
    /// Too many files.
    #[error("the build context has over {limit} entries")]
    TooMany {
        /// The limit.
        limit: u64,
    },
    /// A symlink whose target is not in the submission.
    #[error("{path} points out of the submission, to {target}")]
    Outside {
        /// The link, relative to the context.
        path: String,
        /// Where it points.
        target: String,
    },
    /// A file that cannot be read.
    #[error("cannot read {path}: {message}")]
    Unreadable {
        /// Which, relative to the context.
        path: String,
        /// The system's words.
        message: String,
    },
    /// A line of the ignore file that is no pattern.
    #[error("{file}:{line}: not a pattern: {pattern}")]
    Pattern {
        /// `.dockerignore` or `Dockerfile.dockerignore`.
        file: String,
        /// From 1.
        line: u32,
        /// It.
        pattern: String,
    },
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

impl RunRequest {
    /// A container of the image as it is, strictly confined, for 30 s.
    pub fn new(image: impl Into<String>) -> Self {
        Self {
            image: image.into(),
            args: Vec::new(),
            entrypoint: None,
            env: BTreeMap::new(),
            profile: Profile::Strict,
            deadline: Duration::from_secs(30),
        }
    }
}

/// A limit of ours that a container ran into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Limit {
    /// The root file system is read-only.
    ReadOnly,
    /// A capability is missing.
    Capability,
    /// Too many processes.
    Processes,
    /// Too much memory.
    Memory,
    /// No network.
    Network,
    /// Too many open files.
    Files,
    /// `/tmp` is full, or nothing may be executed there.
    Tmp,
}

impl Limit {
    /// Its name in diagnoses.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::Capability => "capability",
            Self::Processes => "processes",
            Self::Memory => "memory",
            Self::Network => "network",
            Self::Files => "files",
            Self::Tmp => "tmp",
        }
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
    /// A limit of ours seems to have stopped it: said only when it failed and its words or the daemon's record show it.
    pub limit_hit: Option<Limit>,
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

impl HttpRequest {
    /// `GET /` of a server that listens on `port`, first answer within 30 s.
    pub fn new(image: impl Into<String>, port: u16) -> Self {
        Self {
            image: image.into(),
            env: BTreeMap::new(),
            port,
            path: "/".into(),
            deadline: Duration::from_secs(30),
            profile: Profile::Server,
        }
    }
}

/// What a server answered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HttpOutcome {
    /// Status and body (at most 256 KiB, cleaned), where it answered.
    pub answer: Option<(u16, String)>,
    /// What the container printed and how it ended, where it did.
    pub run: RunOutcome,
    /// TCP ports on which something listens inside, with whether it can be reached from outside (no: on 127.0.0.1 only).
    /// None where it could not be found out (the daemon runs on another machine).
    pub listening: Option<Vec<(u16, bool)>>,
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
    /// What was named (DOCKER_HOST, a context) cannot be used.
    #[error("cannot use {place}: {}", .why.name())]
    Unusable {
        /// The address, the context or the file.
        place: String,
        /// Why.
        why: Refused,
    },
    /// This daemon has no BuildKit (podman), so nothing can be built on it.
    #[error("{0} has no BuildKit")]
    NoBuildKit(String),
    /// The learner stopped it.
    #[error("cancelled")]
    Cancelled,
}

/// Why a daemon that was named cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It asks for TLS.
    Tls,
    /// It is reached by ssh.
    Ssh,
    /// A Windows pipe: Docker Desktop is reached from inside WSL2 instead.
    NamedPipe,
    /// The address is none of `unix://PATH` and `tcp://HOST:PORT`.
    Scheme,
    /// There is no such context.
    UnknownContext,
    /// The context's file is damaged.
    DamagedContext,
    /// config.json is damaged.
    DamagedConfig,
}

impl Refused {
    /// Its name in diagnoses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Ssh => "ssh",
            Self::NamedPipe => "named-pipe",
            Self::Scheme => "scheme",
            Self::UnknownContext => "unknown-context",
            Self::DamagedContext => "damaged-context",
            Self::DamagedConfig => "damaged-config",
        }
    }
}

/// What a clean-up removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reaped {
    /// Containers, with their volumes.
    pub containers: u32,
    /// Networks.
    pub networks: u32,
    /// Volumes.
    pub volumes: u32,
    /// Images, or tags of images.
    pub images: u32,
    /// What could not be removed.
    pub failed: u32,
}
