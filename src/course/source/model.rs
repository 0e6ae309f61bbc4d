//! A course as it has been read and found sound: what the program shows, tests and stores.

use super::{
    format::{Claim, CoverageFile, FiguresFile, Planned, Question, Sample, SpecimenFile, Term},
    highlight::Highlighted,
    lang::{Lang, Text},
};
use dockshala_checkers::spec::{Feature, Goal, Kind, Network, Profile, Size, Spec};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A module without the contents of its lessons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Module {
    /// Immutable.
    pub id: String,
    /// Its folder's name under `lessons/` and `exercises/`.
    pub dir: String,
    /// What it is called.
    pub title: Text,
    /// What it is about.
    pub summary: Text,
    /// Ids of its lessons, in order.
    pub lessons: Vec<String>,
    /// Ids of its exercises, in order.
    pub exercises: Vec<String>,
    /// The exercise that closes it.
    pub capstone: Option<String>,
    /// The exercise that lets a learner skip it.
    pub test_out: Option<String>,
    /// How many quiz questions it has.
    pub questions: u32,
    /// Ids of its claims.
    pub claims: Vec<String>,
}

/// A lesson without its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lesson {
    /// Immutable.
    pub id: String,
    /// The id of its module.
    pub module: String,
    /// Its folder, relative to the course.
    pub dir: String,
    /// What it is called.
    pub title: Text,
    /// Minutes to read and try.
    pub minutes: u32,
    /// Lessons to have read before.
    pub needs: Vec<String>,
    /// Words to find it by, of all languages.
    pub keywords: Vec<String>,
    /// Ids of its sections, in order; the same in every language.
    pub sections: Vec<String>,
    /// Ids of the claims placed in it, in order.
    pub claims: Vec<String>,
}

/// Markdown with everything inserted, and the colours of its code.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Plain Markdown. A paragraph that is nothing but `{{claim ID}}` is where that claim goes. A block of code has the info
    /// string `LANGUAGE file=NAME lines=3-9`, the last two only where it shows a file, or a part of one.
    pub markdown: String,
    /// One for each block of code, in order. Empty when nothing was prepared: highlight it when it is first shown.
    pub code: Vec<Highlighted>,
}

/// A lesson's text in one language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LessonText {
    /// The text.
    pub document: Document,
    /// Its sections, in order.
    pub sections: Vec<Section>,
    /// How many words of prose.
    pub words: u32,
}

/// A section of a lesson.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Immutable, the same in every language.
    pub id: String,
    /// Its heading.
    pub title: String,
}

/// A file with its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileBytes {
    /// Relative, with `/`.
    pub path: String,
    /// It may be executed.
    pub executable: bool,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// The code of a lesson and how it is tested.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LessonCode {
    /// How each file is tested.
    pub samples: Vec<Sample>,
    /// The files, relative to `code/`.
    pub files: Vec<FileBytes>,
}

/// An exercise without its texts and files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exercise {
    /// Immutable.
    pub id: String,
    /// The id of its module.
    pub module: String,
    /// Its folder, relative to the course.
    pub dir: String,
    /// What a submission consists of.
    pub kind: Kind,
    /// What it is called.
    pub title: Text,
    /// Minutes.
    pub minutes: u32,
    /// Memory that it takes.
    pub ram: Size,
    /// Disk that it takes.
    pub disk: Size,
    /// Lessons that it practises.
    pub teaches: Vec<String>,
    /// Base images that it may use.
    pub images: Vec<String>,
    /// What the daemon must be able to do.
    pub needs: Vec<Feature>,
    /// What a build may reach.
    pub network: Network,
    /// How a container is confined.
    pub profile: Profile,
    /// What must be shown. Stored as JSON: goals are written in forms (a bare word, or a map) that only a self-describing
    /// format can read back.
    #[serde(with = "as_json")]
    pub goals: Vec<Goal>,
    /// How many hints there are.
    pub hints: u32,
}

impl Exercise {
    /// What the checker must know of it.
    pub fn spec(&self) -> Spec {
        Spec {
            id: self.id.clone(),
            kind: self.kind,
            images: self.images.clone(),
            needs: self.needs.clone(),
            network: self.network,
            profile: self.profile,
            goals: self.goals.clone(),
        }
    }
}

/// What an exercise says in one language.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ExerciseText {
    /// What to do, why, what you start with, what is judged.
    pub brief: Document,
    /// Each worth more than the one before.
    pub hints: Vec<Document>,
    /// Shown after the pass.
    pub debrief: Document,
}

/// Files of an exercise.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ExerciseFiles {
    /// What the learner starts with.
    pub starter: Vec<FileBytes>,
    /// Submissions that must pass; `solution` is the first.
    pub good: Vec<Specimen>,
    /// Submissions that must fail.
    pub bad: Vec<Specimen>,
}

/// A submission kept to test the goals.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Specimen {
    /// Its folder's name.
    pub name: String,
    /// How it must fail, and what of the starter it lacks.
    pub sheet: SpecimenFile,
    /// Its own files: they lie over the starter's.
    pub own: Vec<FileBytes>,
}

impl Specimen {
    /// All its files: the starter's, without those it deletes, under its own.
    pub fn over(&self, starter: &[FileBytes]) -> Vec<FileBytes> {
        let gone = |path: &str| {
            self.sheet
                .delete
                .iter()
                .any(|d| path == d || path.strip_prefix(d.as_str()).is_some_and(|r| r.starts_with('/')))
        };
        let mut all: BTreeMap<&str, &FileBytes> =
            starter.iter().filter(|f| !gone(&f.path)).map(|f| (f.path.as_str(), f)).collect();
        all.extend(self.own.iter().map(|f| (f.path.as_str(), f)));
        all.into_values().cloned().collect()
    }
}

/// A claim with its module and its files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlacedClaim {
    /// The id of its module.
    pub module: String,
    /// The claim.
    pub claim: Claim,
    /// What its steps find in their working folder.
    pub files: Vec<FileBytes>,
}

/// Everything of a course, read and checked, in memory.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// Immutable.
    pub id: String,
    /// What it is called.
    pub title: Text,
    /// Its languages.
    pub languages: Vec<Lang>,
    /// Its modules, in order.
    pub modules: Vec<Module>,
    /// Its lessons, in the order of the course.
    pub lessons: Vec<LessonSource>,
    /// Its exercises, in the order of the course.
    pub exercises: Vec<ExerciseSource>,
    /// Questions by module id.
    pub quiz: BTreeMap<String, Vec<Question>>,
    /// Its claims.
    pub claims: Vec<PlacedClaim>,
    /// The figures that it quotes.
    pub figures: FiguresFile,
    /// What its words mean.
    pub glossary: Vec<Term>,
    /// What it owes and where that is.
    pub coverage: CoverageFile,
    /// Every lesson that it is to have.
    pub curriculum: Vec<Planned>,
    /// SHA-256 over all its files, in hex: consent to run a pack's commands is remembered by it.
    pub hash: String,
}

/// A lesson with its texts.
#[derive(Debug, Clone)]
pub struct LessonSource {
    /// What stands in the index.
    pub head: Lesson,
    /// By language.
    pub texts: BTreeMap<Lang, LessonText>,
    /// Its code.
    pub code: LessonCode,
}

/// An exercise with its texts and files.
#[derive(Debug, Clone)]
pub struct ExerciseSource {
    /// What stands in the index.
    pub head: Exercise,
    /// By language.
    pub texts: BTreeMap<Lang, ExerciseText>,
    /// Its files.
    pub files: ExerciseFiles,
}

mod as_json {
    use serde::{
        Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, de::Error as _, ser::Error as _,
    };

    pub(super) fn serialize<T: Serialize, S: Serializer>(value: &T, s: S) -> Result<S::Ok, S::Error> {
        serde_json::to_string(value).map_err(S::Error::custom)?.serialize(s)
    }

    pub(super) fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(d: D) -> Result<T, D::Error> {
        serde_json::from_str(&String::deserialize(d)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_specimen_lies_over_the_starter() {
        let file = |path: &str, bytes: &str| FileBytes { path: path.into(), executable: false, bytes: bytes.into() };
        let starter = [file("Dockerfile", "old"), file("src/a", "a"), file("srcs", "kept")];
        let specimen = Specimen {
            sheet: SpecimenFile { delete: vec!["src".into()], ..Default::default() },
            own: vec![file("Dockerfile", "new")],
            ..Default::default()
        };
        let all = specimen.over(&starter);
        assert_eq!(all, [file("Dockerfile", "new"), file("srcs", "kept")]);
    }
}
