//! Goals of kind `machine`: what containers, volumes and networks of a daemon are like. Objects are named as the learner
//! names them.

use super::{Expect, Size, Span};
use serde::{Deserialize, Serialize};

/// A container's state, as `docker ps -a` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It runs.
    Running,
    /// It has ended, and is still there.
    Exited,
    /// There is none of that name.
    Gone,
}

impl State {
    /// As Docker writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Exited => "exited",
            Self::Gone => "gone",
        }
    }
}

/// `container`: a container is there, in that state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its state.
    #[serde(default = "running")]
    pub state: State,
    /// The code that it ended with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<i64>,
    /// No other container is left.
    #[serde(default)]
    pub alone: bool,
}

/// `limits`: what a container may use, as `docker inspect` shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limits {
    /// The container.
    pub container: String,
    /// Exactly so much memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Size>,
    /// Exactly so many CPUs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<f64>,
    /// At most so many processes, and a limit at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pids: Option<u64>,
}

/// `restart`: a container comes back after a crash and stays down after `docker stop`. The check makes it crash, and stops it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Restart {
    /// The container.
    pub container: String,
    /// The policies that are right.
    pub one_of: Vec<String>,
    /// What makes it crash: a command that is run in it.
    pub crash: Vec<String>,
    /// Back so soon after that, 15 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}

/// `published`: a port of a container is published, on these addresses of the host and no others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Published {
    /// The container.
    pub container: String,
    /// Its own TCP port.
    pub port: u16,
    /// The host's addresses that are right.
    pub host_ip: Vec<String>,
}

/// `volume`: a named volume holds a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// A file in it, relative to its top.
    pub file: String,
    /// What the file must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Expect>,
    /// The file has at least so many different lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<usize>,
    /// The running container that has the volume mounted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mounted_in: Option<String>,
}

/// `same-files`: two volumes hold the same files, byte for byte, and hold something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SameFiles {
    /// The volume that was backed up.
    pub from: String,
    /// The volume that it was restored to.
    pub to: String,
}

/// `reaches`: asked from inside one container, another one answers over HTTP by its name, or does not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reaches {
    /// The container to ask from.
    pub from: String,
    /// The name to ask.
    pub to: String,
    /// Its port.
    pub port: u16,
    /// `false`: it must not be reached.
    #[serde(default = "yes")]
    pub there: bool,
}

fn running() -> State {
    State::Running
}

fn yes() -> bool {
    true
}
