//! Goals of exercises of kind `compose`: what a compose file and the project that it starts must show.

use super::{Expect, Span};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `compose-config`: `docker compose config` accepts the file, it asks for no power over the machine, it has no obsolete
/// `version` key, and it has these services. What `builds` is to a Dockerfile: the other goals wait for it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ComposeConfig {
    /// Services that must be there, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// Service → globs over its image, of which one must match (`postgres:*`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<String, Vec<String>>,
}

/// `compose-up`: every service comes up: it runs and, where it has a health check, is healthy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ComposeUp {
    /// How long it may take, 90 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
    /// Services that do their work and end with 0, instead of running on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<String>,
}

/// `compose-published`: what a service publishes on the machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ComposePublished {
    /// The service.
    pub service: String,
    /// Its own port that must be published; without one, it must publish none at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// On 127.0.0.1 only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_localhost: bool,
}

/// `compose-order`: a service is started only after another one has become healthy, by the daemon's own clock; and that
/// one's health check is one that can fail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ComposeOrder {
    /// The service that must wait.
    pub service: String,
    /// What it waits for.
    pub after: String,
}

/// `compose-secret`: a file of the submission reaches services as a secret, and its content stands nowhere else. The check
/// puts a value of its own in the file's place, so that one that is written down elsewhere does not work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ComposeSecret {
    /// The file, relative to the submission.
    pub file: String,
    /// The services that must have it.
    pub services: Vec<String>,
}

/// `compose-http`: what a service answers once everything is up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ComposeHttp {
    /// The service.
    pub service: String,
    /// Its own port.
    pub port: u16,
    /// The path, `/` by default.
    #[serde(default = "super::root_path")]
    pub path: String,
    /// The status to answer, 200 by default.
    #[serde(default = "super::ok_status")]
    pub status: u16,
    /// What the body must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Expect>,
    /// How long until the first answer, 20 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}

/// `compose-data`: what was written through a service is still there after `docker compose down` and `up`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ComposeData {
    /// The service to write and read through.
    pub service: String,
    /// Its own port.
    pub port: u16,
    /// The path to POST to; `{nonce}` stands for a number that is new in each check.
    pub write: String,
    /// The path to GET afterwards; its body must hold the nonce.
    pub read: String,
    /// The service that keeps the data: the one to blame.
    pub store: String,
}

/// `compose-network`: whether one service can reach another at all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ComposeNetwork {
    /// Who asks.
    pub from: String,
    /// Who is asked.
    pub to: String,
    /// `false`: it must not be possible.
    #[serde(default = "super::yes")]
    pub reach: bool,
}

/// `compose-restart`: what becomes of a service after it has ended: it comes back, or it stays down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ComposeRestart {
    /// The service.
    pub service: String,
    /// A command that is run in it and makes it crash; without one the service is a job that ends by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crash: Vec<String>,
    /// `false`: it must stay down.
    #[serde(default = "super::yes")]
    pub comes_back: bool,
    /// How long it may take to end, and then to be back: 15 s each by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
}

/// `compose-profiles`: with these profiles exactly these services start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ComposeProfiles {
    /// The profiles that are asked for; none is a plain `docker compose up`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<String>,
    /// All services that must start then; any other must not.
    pub services: Vec<String>,
}
