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
    /// It is made from this image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
}

/// `container-logs`: what a container printed, as `docker logs` shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ContainerLogs {
    /// The container.
    pub container: String,
    /// Its standard output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdout: Option<Expect>,
    /// Its standard error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stderr: Option<Expect>,
}

/// `copied-out`: a file of a container lies in the steps' folder (or the working copy), byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CopiedOut {
    /// The container.
    pub container: String,
    /// The file in it.
    pub path: String,
    /// What it is called outside.
    pub file: String,
}

/// `free-space`: of what the exercise left lying about, no container that has ended and no image without a name is left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FreeSpace {}

/// `registry`: an image is in the registry under a name and a tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Registry {
    /// Its name there, without the registry's address.
    pub repository: String,
    /// Its tag.
    pub tag: String,
    /// The local image that it must be.
    pub same_as: String,
}

/// `by-digest`: a container runs from an image of the registry, named by the digest that the tag has there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ByDigest {
    /// The container.
    pub container: String,
    /// The image's name in the registry.
    pub repository: String,
    /// The tag that the digest was read from.
    pub tag: String,
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
