//! What is known of a compose file and of the project that it started.

use super::{Blocked, Gathered};
use crate::engine::compose::{EndAsk, EndFact, Moment, Up};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What goals need of a compose project.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ComposeNeeds {
    /// It must be started, and be up within so many milliseconds.
    pub up: Option<u64>,
    /// Services whose health check is to be tried where nothing runs.
    pub probes: BTreeSet<String>,
    /// Files that are secrets, relative to the submission.
    pub secrets: BTreeSet<String>,
    /// Questions to services.
    pub asks: BTreeSet<HttpQuery>,
    /// What must survive.
    pub data: BTreeSet<DataAsk>,
    /// Services that are to end.
    pub ends: BTreeSet<EndAsk>,
    /// Sets of profiles to start it with.
    pub profiles: BTreeSet<Vec<String>>,
}

impl ComposeNeeds {
    /// Adds another goal's.
    pub(super) fn add(&mut self, more: Self) {
        self.up = self.up.max(more.up);
        self.probes.extend(more.probes);
        self.secrets.extend(more.secrets);
        self.asks.extend(more.asks);
        self.data.extend(more.data);
        self.ends.extend(more.ends);
        self.profiles.extend(more.profiles);
    }
}

/// A question to a service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HttpQuery {
    /// The service.
    pub service: String,
    /// Its own port.
    pub port: u16,
    /// The path.
    pub path: String,
    /// Until the first answer, in milliseconds.
    pub within: u64,
}

/// Something to write before `down` and to read after the next `up`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DataAsk {
    /// The service to write and read through.
    pub service: String,
    /// Its own port.
    pub port: u16,
    /// The path to POST to.
    pub write: String,
    /// The path to GET.
    pub read: String,
}

/// The compose file as the learner wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComposeFile {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Status and body, where there was an answer.
pub type Answer = Option<(u16, String)>;

/// Answers by [`super::key`] of their questions.
pub type Asked<T> = BTreeMap<String, Gathered<T>>;

/// Where a secret's value was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leak {
    /// The service; empty for the compose file itself.
    pub service: String,
    /// `environment`, `command`, `labels` or `healthcheck`, as the compose file names its part; `compose.yaml` where it is
    /// the text alone.
    pub place: String,
}

/// What became of a file that must be a secret. Its content is never part of the evidence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComposeSecretFact {
    /// Secrets of the compose file that are made from it.
    pub names: Vec<String>,
    /// Where its value, the learner's or the check's, was found.
    pub leaks: Vec<Leak>,
    /// Lines of the compose file that hold the learner's value.
    pub lines: Vec<u32>,
}

/// What was found of what had been written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DataFact {
    /// The new value.
    pub nonce: String,
    /// What writing it was answered with.
    pub written: Answer,
    /// What could be read at once.
    pub before: Answer,
    /// What could be read after `down` and `up`.
    pub after: Answer,
    /// What came of the second start, where nothing could be read after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again: Option<Box<Up>>,
}

/// What came of starting a project with profiles.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ProfileFact {
    /// The services that compose has with them.
    pub services: Vec<String>,
    /// What came of starting them.
    pub up: Up,
}

/// Everything that is known of a compose submission.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ComposeFacts {
    /// The file, or why it cannot be judged.
    pub file: Gathered<ComposeFile>,
    /// The version of the compose that resolved it.
    pub compose: String,
    /// What it resolves to, paths relative to the submission (`./x`).
    pub document: Gathered<Value>,
    /// What starting it came to.
    pub up: Gathered<Up>,
    /// What the daemon said of its containers during the first start.
    pub moments: Vec<Moment>,
    /// Service → exit code of its health check in a container of its image where nothing runs; none where it did not end.
    pub probes: BTreeMap<String, Option<i64>>,
    /// By file.
    pub secrets: BTreeMap<String, ComposeSecretFact>,
    /// Answers of services.
    pub asked: Asked<Answer>,
    /// What survived.
    pub data: Asked<DataFact>,
    /// What became of services that ended.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ends: Asked<EndFact>,
    /// What started with which profiles.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub profiles: Asked<ProfileFact>,
}

impl ComposeFacts {
    /// Nothing is known but why.
    pub fn none(why: &Blocked) -> Self {
        Self {
            file: Err(why.clone()),
            compose: String::new(),
            document: Err(why.clone()),
            up: Err(why.clone()),
            moments: Vec::new(),
            probes: BTreeMap::new(),
            secrets: BTreeMap::new(),
            asked: Asked::new(),
            data: Asked::new(),
            ends: Asked::new(),
            profiles: Asked::new(),
        }
    }
}
