//! Goals of exercises whose `steps.sh` is typed at a prompt: what becomes of the jobs it starts when the terminal closes.

use super::Span;
use serde::{Deserialize, Serialize};

/// `survives`: the job is still at work after the terminal in which it was started has closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Survives {
    /// The job: a word of its command line, or the file name of one (`settle.sh`).
    pub job: String,
    /// How long after, 1 s by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Span>,
}

/// `job-output`: what the job prints lands in a file of the folder, and goes on landing there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct JobOutput {
    /// The job, as in `survives`.
    pub job: String,
    /// The file, relative to the folder.
    pub file: String,
    /// Text that it must hold in the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
}

/// `off-terminal`: none of these streams of the job is the terminal that has gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OffTerminal {
    /// The job, as in `survives`.
    pub job: String,
    /// Which; standard output and standard error by default.
    #[serde(default = "outputs")]
    pub streams: Vec<StdStream>,
}

fn outputs() -> Vec<StdStream> {
    vec![StdStream::Stdout, StdStream::Stderr]
}

/// A stream that every process begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StdStream {
    /// 0.
    Stdin,
    /// 1.
    Stdout,
    /// 2.
    Stderr,
}

impl StdStream {
    /// Its name.
    pub fn name(self) -> &'static str {
        ["stdin", "stdout", "stderr"][self as usize]
    }
}
