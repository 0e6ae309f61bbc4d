//! The files of a course, each as one struct: what an author may write, and nothing else.
//!
//! Unknown fields are errors everywhere: a misspelt field that is ignored in silence costs an author an afternoon.
//! Every optional field may be left out but is always written, because the embedded course is stored in a format
//! (postcard) that knows no field names.

mod claims;
mod exercise;
mod figures;
mod glossary;
mod quiz;

pub use claims::*;
pub use exercise::*;
pub use figures::*;
pub use glossary::*;
pub use quiz::*;

use super::lang::{Lang, Text};
use serde::{Deserialize, Serialize};

/// The number of the format that this program reads.
pub const FORMAT: u32 = 1;

/// `lessons/course.yaml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CourseFile {
    /// The format's number, [`FORMAT`].
    pub format: u32,
    /// Immutable.
    pub id: String,
    /// What it is called.
    pub title: Text,
    /// The languages in which all of it exists, the first being the one that its author wrote first.
    pub languages: Vec<Lang>,
    /// The modules' folders under `lessons/`, in order.
    pub modules: Vec<String>,
}

/// `lessons/MODULE/module.yaml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ModuleFile {
    /// Immutable.
    pub id: String,
    /// What it is called.
    pub title: Text,
    /// What it is about, in one or two sentences.
    pub summary: Text,
    /// The lessons' folders, in order.
    #[serde(default)]
    pub lessons: Vec<String>,
    /// The exercises' folders under `exercises/MODULE/`, in order.
    #[serde(default)]
    pub exercises: Vec<String>,
    /// The id of the exercise that closes the module.
    #[serde(default)]
    pub capstone: Option<String>,
    /// The id of the exercise that lets those who know the module skip it.
    #[serde(default)]
    pub test_out: Option<String>,
}

/// What stands between the `---` lines of a lesson.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FrontMatter {
    /// Immutable, the same in every language.
    pub id: String,
    /// In this file's language.
    pub title: String,
    /// How long it takes to read and try.
    pub minutes: u32,
    /// Lessons to have read before.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Words to find it by, in Latin letters.
    #[serde(default)]
    pub keywords: Vec<String>,
}

/// `code/samples.yaml` of a lesson.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SamplesFile {
    /// One for each file of `code/`.
    pub samples: Vec<Sample>,
}

/// How one code file of a lesson is tested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sample {
    /// The file, relative to `code/`.
    pub file: String,
    /// Where it can be tested.
    pub test: TestAt,
    /// How.
    pub how: How,
    /// The folder under `code/` to build in, `code/` itself by default.
    #[serde(default)]
    pub context: Option<String>,
    /// The stage to build, the last by default.
    #[serde(default)]
    pub target: Option<String>,
    /// Arguments of a container to run from the built image; `[]` runs the image as it says.
    #[serde(default)]
    pub run: Option<Vec<String>>,
    /// What must come out.
    #[serde(default)]
    pub expect: Option<Outcome>,
    /// Base images that it uses.
    #[serde(default)]
    pub uses: Vec<String>,
    /// The script whose output this file records, or the Dockerfile whose build it does.
    #[serde(default)]
    pub of: Option<String>,
    /// The storage driver of the engine that it was recorded on (`overlay2`, `overlayfs`), where another prints other
    /// words: only there it is compared. Beside it stands the recording of the other one.
    #[serde(default)]
    pub storage: Option<String>,
    /// The oldest Docker Engine, by its major version, that is known to do what this sample shows: on an older one it is
    /// not tried, as the course says.
    #[serde(default)]
    pub since: Option<u32>,
    /// Where a sample that is not tested here comes from.
    #[serde(default)]
    pub source: Option<String>,
    /// When that was looked up, `2026-08-03`.
    #[serde(default)]
    pub date: Option<String>,
}

/// Where a sample can be tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TestAt {
    /// On any daemon, without a network.
    Here,
    /// Only with a real image from a registry.
    Registry,
    /// Only in somebody's cloud.
    Cloud,
    /// It is wrong on purpose, and must fail as `expect` says.
    WrongAsSaid,
}

impl TestAt {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Registry => "registry",
            Self::Cloud => "cloud",
            Self::WrongAsSaid => "wrong-as-said",
        }
    }
}

/// How a sample is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// A Dockerfile: build it.
    Build,
    /// A shell script: run it in a copy of `code/`.
    Script,
    /// A compose or stack file: `docker compose config` accepts it.
    Config,
    /// A part of another sample.
    Include,
    /// What the script named in `of` printed; it must still print that, numbers and ids aside.
    OutputOf,
    /// What the lens recorded of the Dockerfile named in `of`; a build today must do the same.
    Recording,
}

/// What must come out of a sample.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Outcome {
    /// The exit code, 0 by default.
    #[serde(default)]
    pub exit: Option<i64>,
    /// Standard output holds this.
    #[serde(default)]
    pub stdout_contains: Option<String>,
    /// The error of a build or a script holds this.
    #[serde(default)]
    pub error_contains: Option<String>,
}

/// `assets/curriculum.yaml`: every lesson that the course is to have, so that a diagnosis may name one not yet written.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CurriculumFile {
    /// In order.
    pub lessons: Vec<Planned>,
}

/// A lesson of the curriculum, written or not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Planned {
    /// Immutable.
    pub id: String,
    /// Module and lesson: `7.1`.
    pub number: String,
    /// What it is called.
    pub title: Text,
}

/// Whether this is a kebab-case id: `two-stages`.
pub fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .split('-')
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()))
}

/// Whether this is a plain relative path: no `..`, no `.`, no leading `/`, no backslash.
pub fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains('\\')
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}
