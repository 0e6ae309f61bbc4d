//! The course that the program uses: opened from the program itself or from a folder, asked for one thing at a time.

use super::source::{
    blob::{self, At, Index, Stored},
    files::{FilesError, Folder},
    finding::Finding,
    format::{CoverageFile, FiguresFile, How, Planned, Question, Term},
    highlight::{Highlighted, highlight_all},
    lang::{Lang, Text},
    model::*,
    read,
};
use serde::de::DeserializeOwned;
use std::{borrow::Cow, collections::BTreeMap, path::Path, sync::OnceLock};

static BUILT_IN: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/course.blob"));

/// Why a folder is no course.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its files cannot be listed.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// What is in them is wrong.
    #[error("{} faults in the course, the first in {}", .0.len(), .0.first().map_or("", |f| &f.file))]
    Unsound(Vec<Finding>),
}

/// A course, sound and ready to use.
#[derive(Debug)]
pub struct Course {
    index: Index,
    blob: Cow<'static, [u8]>,
    bodies: usize,
    built_in: bool,
}

impl Course {
    /// The course inside the program.
    pub fn built_in() -> &'static Self {
        static COURSE: OnceLock<Course> = OnceLock::new();
        COURSE.get_or_init(|| Self::from_blob(Cow::Borrowed(BUILT_IN), true))
    }

    /// A pack in a folder.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let source = read::read(&Folder::open(dir)?).sound().map_err(OpenError::Unsound)?;
        Ok(Self::from_source(&source))
    }

    /// A course that has been read.
    pub fn from_source(source: &Source) -> Self {
        // Encoding plain data into memory cannot fail; colours are made when a text is first shown.
        let blob = blob::encode(source, Stored::Plain).expect("plain data can be encoded");
        Self::from_blob(Cow::Owned(blob), false)
    }

    fn from_blob(blob: Cow<'static, [u8]>, built_in: bool) -> Self {
        let (index, bodies) = blob::index(&blob).expect("made by the same code");
        Self { index, blob, bodies, built_in }
    }

    fn body<T: DeserializeOwned>(&self, at: At) -> T {
        blob::body(&self.blob[self.bodies..], at).expect("made by the same code")
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.index.id
    }

    /// What it is called.
    pub fn title(&self) -> &Text {
        &self.index.title
    }

    /// Its languages, the author's own first.
    pub fn languages(&self) -> &[Lang] {
        &self.index.languages
    }

    /// SHA-256 over all its files, in hex.
    pub fn hash(&self) -> &str {
        &self.index.hash
    }

    /// It is the one inside the program, whose commands need nobody's consent.
    pub fn is_built_in(&self) -> bool {
        self.built_in
    }

    /// Its modules, in order.
    pub fn modules(&self) -> &[Module] {
        &self.index.modules
    }

    /// Its lessons, in the order of the course.
    pub fn lessons(&self) -> &[Lesson] {
        &self.index.lessons
    }

    /// Its exercises, in the order of the course.
    pub fn exercises(&self) -> &[Exercise] {
        &self.index.exercises
    }

    /// The module with this id.
    pub fn module(&self, id: &str) -> Option<&Module> {
        self.index.modules.iter().find(|m| m.id == id)
    }

    /// The lesson with this id.
    pub fn lesson(&self, id: &str) -> Option<&Lesson> {
        self.index.lessons.iter().find(|l| l.id == id)
    }

    /// The exercise with this id.
    pub fn exercise(&self, id: &str) -> Option<&Exercise> {
        self.index.exercises.iter().find(|e| e.id == id)
    }

    /// The lesson to send a learner to who is at `exercise`: `explains`, which a diagnosis names, unless the course has it only
    /// after what the exercise practises. Then, and where a diagnosis names none, it is the first that the exercise practises:
    /// a beginner who is sent to a lesson five further on is lost.
    pub fn lesson_to_read(&self, exercise: &Exercise, explains: Option<&str>) -> Option<&Lesson> {
        let place = |id: &str| self.index.lessons.iter().position(|l| l.id == id);
        let last = exercise.teaches.iter().filter_map(|id| place(id)).max();
        let reached = |at: &usize| last.is_none_or(|last| *at <= last);
        let practised = || exercise.teaches.iter().find_map(|id| place(id));
        explains.and_then(place).filter(reached).or_else(practised).map(|at| &self.index.lessons[at])
    }

    /// A lesson's number as people say it, `7.3`, from the numbers that its folders begin with.
    pub fn number(&self, lesson: &Lesson) -> Option<String> {
        let leading = |name: &str| name.split('-').next()?.parse::<u32>().ok();
        let module = leading(&self.module(&lesson.module)?.dir)?;
        let own = leading(lesson.dir.rsplit('/').next()?)?;
        Some(format!("{module}.{own}"))
    }

    /// A lesson's text and the language it is really in: the asked one, the nearest in its chain, or the author's own.
    pub fn lesson_text(&self, id: &str, lang: &Lang) -> Option<(LessonText, Lang)> {
        let nth = self.index.lessons.iter().position(|l| l.id == id)?;
        let (lang, at) = nearest(&self.index.lesson_texts[nth], lang)?;
        Some((self.body(at), lang))
    }

    /// The files that a lesson's commands work on: its code without what they printed here.
    pub fn lesson_files(&self, id: &str) -> Vec<FileBytes> {
        let LessonCode { files, samples } = self.lesson_code(id).unwrap_or_default();
        let printed = |path: &str| samples.iter().any(|s| s.file == path && s.how == How::OutputOf);
        files.into_iter().filter(|f| !printed(&f.path)).collect()
    }

    /// A lesson's code and how it is tested.
    pub fn lesson_code(&self, id: &str) -> Option<LessonCode> {
        let nth = self.index.lessons.iter().position(|l| l.id == id)?;
        Some(self.body(self.index.lesson_code[nth]))
    }

    /// An exercise's texts, in the asked language or the nearest.
    pub fn exercise_text(&self, id: &str, lang: &Lang) -> Option<(ExerciseText, Lang)> {
        let nth = self.index.exercises.iter().position(|e| e.id == id)?;
        let (lang, at) = nearest(&self.index.exercise_texts[nth], lang)?;
        Some((self.body(at), lang))
    }

    /// An exercise's starter and specimens.
    pub fn exercise_files(&self, id: &str) -> Option<ExerciseFiles> {
        let nth = self.index.exercises.iter().position(|e| e.id == id)?;
        Some(self.body(self.index.exercise_files[nth]))
    }

    /// The questions of a module.
    pub fn quiz(&self, module: &str) -> Vec<Question> {
        let nth = self.index.modules.iter().position(|m| m.id == module);
        nth.map_or_else(Vec::new, |nth| self.body(self.index.quiz[nth]))
    }

    /// All claims.
    pub fn claims(&self) -> Vec<PlacedClaim> {
        self.index.claims.iter().map(|(_, at)| self.body(*at)).collect()
    }

    /// One claim.
    pub fn claim(&self, id: &str) -> Option<PlacedClaim> {
        let (_, at) = self.index.claims.iter().find(|(other, _)| other == id)?;
        Some(self.body(*at))
    }

    /// The figures that lessons quote.
    pub fn figures(&self) -> FiguresFile {
        self.body(self.index.figures)
    }

    /// What the course's words mean.
    pub fn glossary(&self) -> Vec<Term> {
        self.body(self.index.glossary)
    }

    /// What the course owes and where that is.
    pub fn coverage(&self) -> CoverageFile {
        self.body(self.index.coverage)
    }

    /// Every lesson that the course is to have, written or not.
    pub fn curriculum(&self) -> Vec<Planned> {
        self.body(self.index.curriculum)
    }
}

fn nearest(texts: &BTreeMap<Lang, At>, lang: &Lang) -> Option<(Lang, At)> {
    let found = lang.chain().find_map(|tag| texts.get_key_value(tag)).or_else(|| texts.iter().next())?;
    Some((found.0.clone(), *found.1))
}

impl Document {
    /// The colours of its blocks of code, made now if they were not made when the program was built.
    pub fn colours(&self) -> Cow<'_, [Highlighted]> {
        if self.code.is_empty() { Cow::Owned(highlight_all(&self.markdown)) } else { Cow::Borrowed(&self.code) }
    }
}
