//! Goals of a Dockerfile and of how it builds.

use super::{Expect, Size};
use serde::{Deserialize, Serialize};

/// `builds`: the Dockerfile parses and the image builds within the deadline.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Builds {
    /// The stage to build, the last one by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Build arguments that the check passes.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub args: std::collections::BTreeMap<String, String>,
}

/// `stages`: counts only stages that are reachable from the target, as BuildKit builds no other.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Stages {
    /// At least so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<usize>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<usize>,
    /// Stages that must be there and be reachable, by name (any case).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub named: Vec<String>,
}

/// `cached-after-edit`: build, edit a file in the uploaded copy, build again, and see which steps came from the cache.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CachedAfterEdit {
    /// The edit to make.
    pub edit: Edit,
    /// Which step must come from the cache in the second build.
    pub still_cached: StepMatch,
}

/// An edit of one file of the build context. `{nonce}` stands for a value that is new in each check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Edit {
    /// The file, relative to the submission.
    pub file: String,
    /// A line to put at its end.
    pub append: String,
}

/// Which build step is meant. All that are given must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StepMatch {
    /// A RUN step one of whose commands begins with these shell words (`go mod download`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Or any one of these commands, where there is more than one right way (`npm ci`, `npm install`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<String>,
}

/// `instruction`: what must or must not stand in the Dockerfile, in stages that the target needs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Instruction {
    /// The instruction's name, upper case (`RUN`, `COPY`).
    pub name: String,
    /// A RUN, CMD or ENTRYPOINT one of whose commands begins with these shell words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The flag it carries, with or without a value (`--from`, `--from=builder`, `--mount=type=cache`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// A glob that its arguments, ARGs expanded and joined by one space, must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub argument: Option<String>,
    /// `last`: look in the target stage only.
    #[serde(default)]
    pub stage: InStage,
    /// `false`: it must not be there.
    #[serde(default = "yes")]
    pub there: bool,
}

/// `lint-clean`: nothing that `dockshala lint` warns of is left in the Dockerfile.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LintClean {
    /// Only these rules, advice among them; every warning without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// Rules that do not count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
}

/// `context`: bytes of all files that `.dockerignore` does not leave out, which is what `COPY . .` is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Context {
    /// At most so much.
    pub at_most: Size,
}

/// `fails-when-broken`: build again with a line that breaks the program; the build of the target must fail in that step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FailsWhenBroken {
    /// The edit that breaks it.
    pub edit: Edit,
    /// The RUN step that must notice.
    pub step: StepMatch,
}

/// `reuses-cache`: build, edit a file, build again; the step runs again, and its output shows that not all of it was done again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReusesCache {
    /// The edit that makes the step run again.
    pub edit: Edit,
    /// The RUN step.
    pub step: StepMatch,
    /// What it must print the second time: the sign that it ran and says what it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prints: Option<Expect>,
    /// Whole lines that it must not print the second time: signs that it began with nothing.
    pub not_again: Vec<String>,
}

/// Where to look for an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InStage {
    /// Every stage that the target needs.
    #[default]
    Any,
    /// The target stage.
    Last,
}

pub(super) fn yes() -> bool {
    true
}
