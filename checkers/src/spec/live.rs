//! Goals on a container that goes on running: its health, its end on a signal, what it prints meanwhile.

use super::{Expect, Span};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `health`: the image has a HEALTHCHECK that turns healthy, and unhealthy when it should. Nothing of it is overridden: the
/// learner's own interval and retries decide how soon the daemon notices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Health {
    /// Healthy so soon after its start, 30 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub healthy_within: Option<Span>,
    /// What should make it ill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Then>,
    /// Unhealthy so soon after that, 30 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unhealthy_within: Option<Span>,
    /// Environment of the container.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
}

/// What should make a container ill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Then {
    /// A command that is run in the container (`[rm, /tmp/ready]`).
    Exec(Vec<String>),
    /// A signal for its process 1.
    Signal(String),
}

/// `signal`: a signal ends the container, in time and with the right exit code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Signal {
    /// The signal (`INT`); by default what `docker stop` sends to this image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<String>,
    /// What the container prints when it is ready for it; without this it gets a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<String>,
    /// It has ended so soon after the signal, 2 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
    /// The exit code, 0 by default.
    #[serde(default)]
    pub exit: i64,
    /// What it must have printed by then on standard output.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdout: Option<Expect>,
    /// Environment of the container.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
}

/// `logs`: what the container prints while it goes on running. `{nonce}` in the environment and in what is expected stands
/// for a value that is new in each check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Logs {
    /// What standard output must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdout: Option<Expect>,
    /// What standard error must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stderr: Option<Expect>,
    /// So soon after its start, 10 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
    /// Arguments after the image name: they replace CMD.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Environment of the container.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
}

impl Expect {
    /// The same with a text in place of every `{nonce}`.
    #[must_use]
    pub fn with_nonce(&self, nonce: &str) -> Self {
        let put = |text: &String| text.replace(NONCE, nonce);
        match self {
            Self::Equals(text) => Self::Equals(put(text)),
            Self::Detailed { contains, matches } => {
                Self::Detailed { contains: contains.as_ref().map(put), matches: matches.as_ref().map(put) }
            }
        }
    }
}

/// What stands for a value that is new in each check.
pub const NONCE: &str = "{nonce}";
