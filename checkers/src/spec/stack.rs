//! Goals of a stack for a swarm.

use super::{Span, root_path};
use serde::{Deserialize, Serialize};

/// `deploys`: `docker stack deploy` takes the file, and every service comes to run all its tasks. All other goals of a stack
/// stand on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Deploys {
    /// The stack file.
    #[serde(default = "stack_file")]
    pub file: String,
    /// How many nodes the swarm has where there is room for them, 1 by default.
    #[serde(default = "one_node")]
    pub nodes: usize,
    /// Images that the check builds from the exercise's starter, by the names that stack files call them by.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub images: std::collections::BTreeMap<String, Release>,
    /// How long until all tasks run, 60 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}

impl Default for Deploys {
    fn default() -> Self {
        Self { file: stack_file(), nodes: one_node(), images: std::collections::BTreeMap::new(), within: None }
    }
}

/// An image of an exercise about stacks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Release {
    /// Its folder in the starter, with a Dockerfile.
    pub dir: String,
    /// Build arguments.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub args: std::collections::BTreeMap<String, String>,
}

fn stack_file() -> String {
    "stack.yaml".to_owned()
}

fn one_node() -> usize {
    1
}

/// `replicas`: so many tasks of the service run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Replicas {
    /// The service.
    pub service: String,
    /// At least so many.
    pub at_least: u64,
}

/// `heals`: the process of a task is killed, and another task takes its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Heals {
    /// The service.
    pub service: String,
    /// How long it may take, 30 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}

/// `rolling-update`: the service is updated to an image that works, while the tasks' time line shows how many are down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RollingUpdate {
    /// The service.
    pub service: String,
    /// The image.
    pub to: String,
    /// Never more tasks down at once than so many, 1 by default.
    #[serde(default = "one_down")]
    pub at_most_down: u64,
    /// How long it may take, 90 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}

fn one_down() -> u64 {
    1
}

/// `rolls-back`: the service is updated to an image that fails, and the swarm goes back to the one before without anybody's
/// help.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RollsBack {
    /// The service.
    pub service: String,
    /// The image.
    pub to: String,
    /// How long it may take, 90 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}

/// `service-secret`: the content of a file of the submission, made anew for each check, is at `/run/secrets/NAME` of the
/// service's tasks, and neither in their environment or commands, nor in the service, a config or the image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServiceSecret {
    /// The service.
    pub service: String,
    /// The file's name below /run/secrets.
    pub name: String,
    /// The submission's file that holds the secret.
    pub file: String,
}

/// `service-config`: the content of a file of the submission is at a path of the service's tasks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServiceConfig {
    /// The service.
    pub service: String,
    /// The absolute path in the container.
    pub path: String,
    /// The submission's file.
    pub file: String,
}

/// `service-reaches`: an HTTP server in one service answers a task of another, asked by the service's name; from another
/// node where the swarm has more than one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServiceReaches {
    /// Who asks.
    pub from: String,
    /// Who is asked.
    pub to: String,
    /// The port.
    pub port: u16,
    /// The path, `/` by default.
    #[serde(default = "root_path")]
    pub path: String,
}

/// `drains`: a node on which the service runs is drained; afterwards no task runs there and every service has all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Drains {
    /// The service.
    pub service: String,
    /// How long it may take, 45 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}
