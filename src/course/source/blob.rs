//! The form in which a course is stored and used: a small index, decoded when the program starts, and bodies that are decoded
//! one by one when they are shown. A pack takes the same form in memory, so that there is one way to use a course.

use super::{
    format::Question,
    highlight::highlight_all,
    lang::{Lang, Text},
    model::*,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;

const MAGIC: &[u8; 8] = b"dkshala1";

/// Where a body lies, from the end of the index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct At {
    start: u32,
    len: u32,
}

/// What is decoded at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Index {
    /// The course's id.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// Its languages.
    pub languages: Vec<Lang>,
    /// Its modules.
    pub modules: Vec<Module>,
    /// Its lessons, in the order of the course.
    pub lessons: Vec<Lesson>,
    /// Its exercises, in the order of the course.
    pub exercises: Vec<Exercise>,
    /// SHA-256 of its files.
    pub hash: String,
    /// Texts of the lessons, by language, in the order of `lessons`.
    pub lesson_texts: Vec<BTreeMap<Lang, At>>,
    /// Their code.
    pub lesson_code: Vec<At>,
    /// Texts of the exercises.
    pub exercise_texts: Vec<BTreeMap<Lang, At>>,
    /// Their files.
    pub exercise_files: Vec<At>,
    /// Questions, in the order of `modules`.
    pub quiz: Vec<At>,
    /// Claims.
    pub claims: At,
    /// Figures.
    pub figures: At,
    /// The glossary.
    pub glossary: At,
    /// Coverage.
    pub coverage: At,
    /// The curriculum.
    pub curriculum: At,
}

/// Why a blob cannot be used. The built-in one never is: it is made and read by the same code.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// Not made by this version of the program.
    #[error("not a course of this version of the program")]
    Foreign,
    /// Damaged.
    #[error("the course is damaged: {0}")]
    Damaged(#[from] postcard::Error),
}

struct Writer(Vec<u8>);

impl Writer {
    fn put<T: Serialize>(&mut self, body: &T) -> Result<At, BlobError> {
        let start = self.0.len() as u32;
        self.0 = postcard::to_extend(body, std::mem::take(&mut self.0))?;
        Ok(At { start, len: self.0.len() as u32 - start })
    }
}

/// Stores a course; with the colours of its code made beforehand if `colours`.
pub fn encode(source: &Source, colours: bool) -> Result<Vec<u8>, BlobError> {
    let mut bodies = Writer(Vec::new());
    let coloured = |document: &Document| {
        let code = if colours { highlight_all(&document.markdown) } else { Vec::new() };
        Document { markdown: document.markdown.clone(), code }
    };
    let mut lesson_texts = Vec::new();
    let mut lesson_code = Vec::new();
    for lesson in &source.lessons {
        let mut at = BTreeMap::new();
        for (lang, text) in &lesson.texts {
            let text = LessonText { document: coloured(&text.document), ..text.clone() };
            at.insert(lang.clone(), bodies.put(&text)?);
        }
        lesson_texts.push(at);
        lesson_code.push(bodies.put(&lesson.code)?);
    }
    let mut exercise_texts = Vec::new();
    let mut exercise_files = Vec::new();
    for exercise in &source.exercises {
        let mut at = BTreeMap::new();
        for (lang, text) in &exercise.texts {
            let hints = text.hints.iter().map(coloured).collect();
            let text = ExerciseText { brief: coloured(&text.brief), hints, debrief: coloured(&text.debrief) };
            at.insert(lang.clone(), bodies.put(&text)?);
        }
        exercise_texts.push(at);
        exercise_files.push(bodies.put(&exercise.files)?);
    }
    let none: Vec<Question> = Vec::new();
    let quiz = source.modules.iter().map(|m| bodies.put(source.quiz.get(&m.id).unwrap_or(&none)));
    let quiz = quiz.collect::<Result<Vec<_>, _>>()?;
    let index = Index {
        id: source.id.clone(),
        title: source.title.clone(),
        languages: source.languages.clone(),
        modules: source.modules.clone(),
        lessons: source.lessons.iter().map(|l| l.head.clone()).collect(),
        exercises: source.exercises.iter().map(|e| e.head.clone()).collect(),
        hash: source.hash.clone(),
        lesson_texts,
        lesson_code,
        exercise_texts,
        exercise_files,
        quiz,
        claims: bodies.put(&source.claims)?,
        figures: bodies.put(&source.figures)?,
        glossary: bodies.put(&source.glossary)?,
        coverage: bodies.put(&source.coverage)?,
        curriculum: bodies.put(&source.curriculum)?,
    };
    let index = postcard::to_stdvec(&index)?;
    let mut blob = MAGIC.to_vec();
    blob.extend((index.len() as u32).to_le_bytes());
    blob.extend(index);
    blob.extend(bodies.0);
    Ok(blob)
}

/// The index, and where the bodies begin.
pub fn index(blob: &[u8]) -> Result<(Index, usize), BlobError> {
    let rest = blob.strip_prefix(MAGIC).ok_or(BlobError::Foreign)?;
    let (len, rest) = rest.split_first_chunk::<4>().ok_or(BlobError::Foreign)?;
    let len = u32::from_le_bytes(*len) as usize;
    let index = postcard::from_bytes(rest.get(..len).ok_or(BlobError::Foreign)?)?;
    Ok((index, MAGIC.len() + 4 + len))
}

/// One body.
pub fn body<T: DeserializeOwned>(bodies: &[u8], at: At) -> Result<T, BlobError> {
    let end = at.start as usize + at.len as usize;
    Ok(postcard::from_bytes(bodies.get(at.start as usize..end).ok_or(BlobError::Foreign)?)?)
}
