//! What became of the jobs of a `steps.sh` when the terminal it was typed in was closed.

use crate::spec::StdStream;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What to look for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// Processes, by a word of their command line.
    pub jobs: BTreeSet<String>,
    /// Files of the folder.
    pub files: BTreeSet<String>,
    /// How long after the terminal has closed, in milliseconds.
    pub after: u64,
}

impl Watch {
    pub(super) fn add(&mut self, more: Self) {
        self.jobs.extend(more.jobs);
        self.files.extend(more.files);
        self.after = self.after.max(more.after);
    }
}

/// What was seen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ShellFacts {
    /// The prompt came back within [`ShellFacts::limit`]: nothing held the terminal.
    pub prompt: bool,
    /// How long the prompt was waited for, in milliseconds.
    pub limit: u64,
    /// The shell ended before its terminal was closed (`exit`, `set -e`).
    pub shell_ended: bool,
    /// The last lines that the terminal showed, cleaned.
    pub screen: String,
    /// By the names of [`Watch::jobs`]: the processes, without those that they started themselves.
    pub jobs: BTreeMap<String, Vec<JobFact>>,
    /// By the names of [`Watch::files`], and `nohup.out`.
    pub files: BTreeMap<String, FileFact>,
    /// How many processes had to be ended when all was seen.
    pub ended_by_us: u32,
}

/// A process that `steps.sh` started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobFact {
    /// Its number.
    pub pid: i32,
    /// It is in another session than the shell.
    pub left_session: bool,
    /// It ignores SIGHUP.
    pub ignores_hangup: bool,
    /// Where its streams lead, before the terminal was closed.
    pub streams: BTreeMap<StdStream, StreamFact>,
    /// How it ended while the terminal was open.
    pub before: Option<Ended>,
    /// How it ended after that.
    pub after: Option<Ended>,
}

/// Where a stream leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamFact {
    /// A file of the folder, relative; another path; or a pipe or socket as the kernel names it.
    pub to: String,
    /// It is the terminal.
    pub terminal: bool,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// With this exit code.
    Exit(i32),
    /// By this signal.
    Signal(i32),
    /// Somebody else took its status.
    Gone,
}

/// A file at two moments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFact {
    /// Bytes right after the terminal was closed.
    pub first: u64,
    /// Bytes at the end.
    pub last: u64,
    /// Its last lines at the end, cleaned.
    pub tail: String,
}
