//! What an exercise asks for, as data. Pure: nothing here reads a file or asks a daemon.
//!
//! A course author writes these in `exercise.yaml`; the course linter reads them to find mistakes before a learner does;
//! the checker plans from them which evidence to gather.

mod answer;
mod building;
mod compose;
pub mod docker;
mod goal;
mod image;
mod live;
mod machine;
mod running;
mod shell;
mod stack;
pub mod steps;
mod units;

pub use answer::*;
use building::yes;
pub use building::*;
pub use compose::*;
pub use goal::*;
pub use image::*;
pub use live::*;
pub use machine::*;
pub use running::*;
use running::{ok_status, root_path};
pub use shell::*;
pub use stack::*;
pub use units::{Size, Span, UnitError};

use serde::{Deserialize, Serialize};

/// Everything about an exercise that the checker must know, and nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// The exercise's immutable id, for labels and results.
    pub id: String,
    /// What a submission to it consists of.
    pub kind: Kind,
    /// Every base image a submission may build from, as the course names it. Globs (`gcr.io/distroless/static*`) allowed.
    pub images: Vec<String>,
    /// What the daemon must be able to do; without one of them the goals are skipped, with the reason.
    pub needs: Vec<Feature>,
    /// What a build may reach.
    pub network: Network,
    /// How a container of the submission is confined.
    pub profile: Profile,
    /// What the submission must show, in the order in which a learner should read them.
    pub goals: Vec<Goal>,
}

/// What a submission consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A build context with a Dockerfile.
    #[default]
    Dockerfile,
    /// A `compose.yaml` with what it needs.
    Compose,
    /// A stack file for `docker stack deploy`.
    Stack,
    /// An `answers.yaml`: values that are true of this machine.
    Answer,
    /// Objects on the daemon (containers, volumes, networks) that carry the label which `start` prints, or a `steps.sh`.
    Machine,
    /// A `steps.sh` run outside Docker (nohup, signals).
    Shell,
}

/// Something a daemon may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Feature {
    /// The BuildKit builder.
    Buildkit,
    /// Here-documents in the Dockerfile (Dockerfile frontend 1.4).
    Heredoc,
    /// `docker compose` version 2 or later.
    ComposeV2,
    /// Swarm mode.
    Swarm,
    /// The kernel's IP_VS, without which service VIPs and ingress ports do not answer.
    IpVs,
}

/// What a build may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Network {
    /// Nothing.
    #[default]
    None,
    /// The package registries that its RUN steps name.
    Registry,
}

/// How a container of the submission is confined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// No capabilities, no network, read-only root, 64 processes.
    #[default]
    Strict,
    /// As strict, with an internal network on which it can be asked.
    Server,
    /// CHOWN, SETUID, SETGID and a writable root, for stock servers.
    Realistic,
}
