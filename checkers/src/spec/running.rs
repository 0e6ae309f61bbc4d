//! Goals of a container that runs and of what it says.

use super::Span;
use serde::{Deserialize, Serialize};

/// How to compare a stream with what is asked. All that are given must hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Expect {
    /// Trimmed equality.
    Equals(String),
    /// Any of the detailed forms.
    Detailed {
        /// The stream holds this.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        contains: Option<String>,
        /// The stream matches this regular expression.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        matches: Option<String>,
    },
}

/// `runs`: start the container as the image says, and look at what it prints and how it ends.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Runs {
    /// Arguments after the image name: they replace CMD.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Environment of the container.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub env: std::collections::BTreeMap<String, String>,
    /// What standard output must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdout: Option<Expect>,
    /// What standard error must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stderr: Option<Expect>,
    /// The exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<i64>,
    /// How long it may take, 10 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}

/// `http`: start the container as the image says, wait for the port, and ask. Profile `server`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Http {
    /// The container's port.
    pub port: u16,
    /// The path to ask, `/` by default.
    #[serde(default = "root_path")]
    pub path: String,
    /// The status to answer, 200 by default.
    #[serde(default = "ok_status")]
    pub status: u16,
    /// What the body must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Expect>,
    /// Environment of the container.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub env: std::collections::BTreeMap<String, String>,
    /// How long until the first answer, 30 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}

pub(super) fn root_path() -> String {
    "/".to_owned()
}

pub(super) fn ok_status() -> u16 {
    200
}
