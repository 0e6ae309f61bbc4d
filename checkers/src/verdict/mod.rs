//! What the checker says: verdicts and diagnoses, as data without a word of human text.

pub mod codes;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a goal says of the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The submission shows it.
    Passed,
    /// The submission does not, and it is the submission's doing.
    Failed,
    /// Could not be judged, because what it needs is missing (an earlier goal, an engine feature, the daemon).
    Skipped,
    /// Could not be judged, and it is the checker's or the machine's doing, never the learner's.
    Broken,
}

/// A fact behind a diagnosis. The program formats it for the learner's language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// Bytes.
    Bytes(u64),
    /// A plain number.
    Count(u64),
    /// A ratio, such as 20.3 times.
    Ratio(f64),
    /// Milliseconds.
    Millis(u64),
    /// Text from the submission or the daemon, already cleaned of control characters.
    Text(String),
    /// Several of those.
    List(Vec<String>),
    /// A course author's own words, by language: a reason that belongs to one exercise.
    Said(BTreeMap<String, String>),
}

/// Named facts: the names are those that a code's text may use as arguments.
pub type Facts = BTreeMap<String, Fact>;

/// Why a goal did not pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Stable, kebab-case, one of [`codes::ALL`].
    pub code: String,
    /// What was measured.
    #[serde(default)]
    pub facts: Facts,
    /// Lines of the learner's own Dockerfile that are to blame, from 1, ascending.
    #[serde(default)]
    pub lines: Vec<u32>,
}

impl Diagnosis {
    /// A diagnosis without facts or lines.
    pub fn new(code: &str) -> Self {
        debug_assert!(codes::ALL.contains(&code), "`{code}` is not in codes::ALL");
        Self { code: code.to_owned(), facts: Facts::new(), lines: Vec::new() }
    }

    /// The same with one more fact.
    #[must_use]
    pub fn fact(mut self, name: &str, fact: Fact) -> Self {
        self.facts.insert(name.to_owned(), fact);
        self
    }

    /// The same with the lines to blame, put in order, each once.
    #[must_use]
    pub fn at(mut self, lines: impl IntoIterator<Item = u32>) -> Self {
        self.lines.extend(lines);
        self.lines.sort_unstable();
        self.lines.dedup();
        self
    }
}

/// A goal and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GoalResult {
    /// The goal's id.
    pub id: String,
    /// Its kind, as in `exercise.yaml`.
    pub kind: String,
    /// What it says.
    pub verdict: Verdict,
    /// Why, unless it passed.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub diagnosis: Option<Diagnosis>,
    /// What was measured when it passed: the numbers behind a success are worth seeing too.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub measured: Facts,
}

/// The image in bytes, the same on every daemon and storage driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sizes {
    /// Σ regular-file bytes over all layers.
    pub total: u64,
    /// Bytes of the merged file system, each inode once.
    #[serde(rename = "final")]
    pub final_: u64,
    /// `total − final`: bytes that are in the image and can never be seen.
    pub wasted: u64,
    /// Bytes above the base image.
    pub added: u64,
}

/// What a line of the Dockerfile put into the final image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCost {
    /// The line of the learner's own Dockerfile, from 1; none for what the base image brought along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The instruction as the learner wrote it, on one line, cleaned; for the base the image's reference.
    pub instruction: String,
    /// Regular-file bytes of its layers.
    pub bytes: u64,
    /// Of those, bytes that a later layer hides or copies again.
    #[serde(default)]
    pub wasted: u64,
}

/// What an image could do without, and what that would save. A diagnosis that fails nobody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What it is; one of the `found-…` codes.
    #[serde(flatten)]
    pub diagnosis: Diagnosis,
    /// Bytes that the image would be smaller, or of what is better not in it; 0 of a secret.
    pub bytes: u64,
    /// The layers that it is about, by index.
    pub layers: Vec<usize>,
}

/// One build step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The stage's name or number, empty when there is only one.
    pub stage: String,
    /// The step as BuildKit prints it (`RUN go build …`), cleaned.
    pub name: String,
    /// The line of the learner's Dockerfile, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// It came from the cache.
    pub cached: bool,
    /// How long it ran.
    pub millis: u64,
}

/// A stand-in that took a base image's place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandIn {
    /// The reference that the Dockerfile names.
    pub image: String,
    /// The local image that was used.
    pub by: String,
    /// What differs, such as `go 1.24`.
    pub version: String,
}

/// The result of one check: what `check --format json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckResult {
    /// The format's number, 1.
    pub schema: u32,
    /// The exercise's id.
    pub exercise: String,
    /// The daemon that was asked: version, storage driver; none when there was none.
    #[serde(default)]
    pub engine: Option<EngineName>,
    /// Stand-ins that took part.
    #[serde(default)]
    pub stand_ins: Vec<StandIn>,
    /// `true`: no daemon; only what the Dockerfile's text shows was judged.
    pub provisional: bool,
    /// Every goal of the exercise, in its order.
    pub goals: Vec<GoalResult>,
    /// The submission's image.
    #[serde(default)]
    pub sizes: Option<Sizes>,
    /// The starter's image, where a goal measured it.
    #[serde(default)]
    pub starter: Option<Sizes>,
    /// What each line of the Dockerfile put into the image, in Dockerfile order; lines that put nothing are left out.
    #[serde(default)]
    pub costs: Vec<LineCost>,
    /// What the image could do without: secrets first, then by bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// The steps of the submission's build.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// The docker commands that the check amounts to, for a learner to try.
    #[serde(default)]
    pub commands: Vec<String>,
    /// Things worth saying that decide nothing (a base image that would have to be pulled, `# syntax=` blanked …).
    #[serde(default)]
    pub notes: Vec<Diagnosis>,
    /// How long the check took.
    pub seconds: f64,
}

/// A daemon in a few words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineName {
    /// The engine's version.
    pub version: String,
    /// Its storage driver (`overlay2`, `overlayfs`).
    pub storage: String,
}

impl CheckResult {
    /// The exit code of `check`: 0 all passed; 1 any failed; 3 any broken; 4 none failed but some skipped.
    ///
    /// A failed goal is the learner's to mend and is reported before a broken one.
    pub fn exit_code(&self) -> u8 {
        let any = |verdict| self.goals.iter().any(|g| g.verdict == verdict);
        if any(Verdict::Failed) {
            1
        } else if any(Verdict::Broken) {
            3
        } else if any(Verdict::Skipped) || self.goals.is_empty() {
            4
        } else {
            0
        }
    }

    /// The findings to tell a learner, at most three: secrets, and what is a fiftieth of what was added; nothing that a
    /// failed goal blames the same lines for, as the same trouble is told once.
    pub fn findings_to_tell(&self) -> Vec<&Finding> {
        let least = self.sizes.map_or(0, |sizes| sizes.added / 50);
        let failed = |goal: &&GoalResult| goal.verdict == Verdict::Failed;
        let told: Vec<&Diagnosis> =
            self.goals.iter().filter(failed).filter_map(|goal| goal.diagnosis.as_ref()).collect();
        let new = |finding: &&Finding| !told.iter().any(|diagnosis| diagnosis.lines == finding.diagnosis.lines);
        let matters = |finding: &&Finding| finding.bytes == 0 || finding.bytes >= least;
        self.findings.iter().filter(matters).filter(new).take(3).collect()
    }

    /// Every goal passed, and on a daemon.
    pub fn passed(&self) -> bool {
        self.exit_code() == 0 && !self.provisional
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_kebab_case() {
        let mut seen = std::collections::BTreeSet::new();
        for code in codes::ALL {
            assert!(seen.insert(code), "{code} twice");
            assert!(code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{code}");
        }
    }

    #[test]
    fn a_failure_outweighs_what_is_broken_or_skipped() {
        let goal = |verdict| GoalResult {
            id: "g".into(),
            kind: "builds".into(),
            verdict,
            diagnosis: None,
            measured: Facts::new(),
        };
        let result = |verdicts: &[Verdict]| CheckResult {
            schema: 1,
            exercise: "e".into(),
            engine: None,
            stand_ins: vec![],
            provisional: false,
            goals: verdicts.iter().map(|v| goal(*v)).collect(),
            sizes: None,
            starter: None,
            costs: vec![],
            findings: vec![],
            steps: vec![],
            commands: vec![],
            notes: vec![],
            seconds: 0.0,
        };
        use Verdict::*;
        assert_eq!(result(&[Passed, Passed]).exit_code(), 0);
        assert_eq!(result(&[Passed, Failed, Broken, Skipped]).exit_code(), 1);
        assert_eq!(result(&[Passed, Broken, Skipped]).exit_code(), 3);
        assert_eq!(result(&[Passed, Skipped]).exit_code(), 4);
        assert_eq!(result(&[]).exit_code(), 4, "nothing judged is no success");
    }

    #[test]
    fn a_finding_is_told_unless_a_failed_goal_has_told_of_the_same_lines() {
        let mut result: CheckResult = serde_json::from_value(serde_json::json!({
            "schema": 1, "exercise": "e", "engine": null, "provisional": false, "seconds": 1.0,
            "sizes": {"total": 9, "final": 9, "wasted": 0, "added": 100_000_000},
            "goals": [{"id": "waste", "kind": "waste", "verdict": "failed", "code": "wasted", "lines": [3, 4]}],
        }))
        .unwrap();
        let finding = |code: &str, bytes, line: u32| Finding {
            diagnosis: Diagnosis::new(code).at([3, line]),
            bytes,
            layers: vec![],
        };
        result.findings = vec![
            finding(codes::FOUND_SECRET_FILE, 0, 3),
            finding(codes::FOUND_REMOVED, 40_000_000, 4),
            finding(codes::FOUND_LISTS, 20_000_000, 5),
            finding(codes::FOUND_DOCS, 1_000_000, 5),
        ];
        let told: Vec<&str> = result.findings_to_tell().iter().map(|f| f.diagnosis.code.as_str()).collect();
        assert_eq!(told, [codes::FOUND_SECRET_FILE, codes::FOUND_LISTS]);
    }
}
