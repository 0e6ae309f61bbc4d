//! The form in which a course is stored and used: a small index, decoded when the program starts, and bodies that are decoded
//! one by one when they are shown. A pack takes the same form in memory, so that there is one way to use a course.
//!
//! In a release each body is compressed by itself: two thirds of the course's bytes go, for a fraction of a millisecond when a
//! lesson is opened. The blob as a whole would be smaller still, and would have to be unpacked whole before the first frame.

use super::{
    format::Question,
    highlight::highlight_all,
    lang::{Lang, Text},
    model::*,
};
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
};

const MAGIC: &[u8; 8] = b"dkshala1";

/// Where a body lies, from the end of the index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct At {
    start: u32,
    len: u32,
    /// Its bytes once unpacked. The same as `len`: it is stored as it is.
    whole: u32,
}

/// What making a blob takes time for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// Nothing: a pack that is opened now.
    Plain,
    /// The colours of its code are made beforehand.
    Coloured,
    /// Coloured, and its bodies are compressed.
    Packed,
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
    /// Claims, each by its id: a lesson shows one or two of them.
    pub claims: Vec<(String, At)>,
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
    /// A body cannot be packed or unpacked.
    #[error("the course is damaged: {0}")]
    Packing(#[from] io::Error),
}

struct Writer {
    bytes: Vec<u8>,
    pack: bool,
}

impl Writer {
    fn put<T: Serialize>(&mut self, body: &T) -> Result<At, BlobError> {
        let start = self.bytes.len() as u32;
        let plain = postcard::to_stdvec(body)?;
        let whole = plain.len() as u32;
        let packed = if self.pack {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(&plain)?;
            Some(encoder.finish()?).filter(|packed| packed.len() < plain.len())
        } else {
            None
        };
        self.bytes.extend(packed.as_ref().unwrap_or(&plain));
        Ok(At { start, len: self.bytes.len() as u32 - start, whole })
    }
}

/// Stores a course.
pub fn encode(source: &Source, stored: Stored) -> Result<Vec<u8>, BlobError> {
    let mut bodies = Writer { bytes: Vec::new(), pack: stored == Stored::Packed };
    let coloured = |document: &Document| {
        let code = if stored != Stored::Plain { highlight_all(&document.markdown) } else { Vec::new() };
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
    let claims = source.claims.iter().map(|c| Ok((c.claim.id.clone(), bodies.put(c)?)));
    let claims = claims.collect::<Result<Vec<_>, BlobError>>()?;
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
        claims,
        figures: bodies.put(&source.figures)?,
        glossary: bodies.put(&source.glossary)?,
        coverage: bodies.put(&source.coverage)?,
        curriculum: bodies.put(&source.curriculum)?,
    };
    let index = postcard::to_stdvec(&index)?;
    let mut blob = MAGIC.to_vec();
    blob.extend((index.len() as u32).to_le_bytes());
    blob.extend(index);
    blob.extend(bodies.bytes);
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
    let stored = bodies.get(at.start as usize..end).ok_or(BlobError::Foreign)?;
    if at.whole == at.len {
        return Ok(postcard::from_bytes(stored)?);
    }
    let mut plain = Vec::with_capacity(at.whole as usize);
    DeflateDecoder::new(stored).take(u64::from(at.whole)).read_to_end(&mut plain)?;
    Ok(postcard::from_bytes(&plain)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::{source::read, template};

    #[test]
    fn a_packed_course_is_smaller_and_the_same() {
        let source = read::read(&template::files()).source;
        let (plain, packed) = (encode(&source, Stored::Coloured).unwrap(), encode(&source, Stored::Packed).unwrap());
        assert!(packed.len() < plain.len());
        let text = |blob: &[u8]| {
            let (index, bodies) = index(blob).unwrap();
            let at = *index.lesson_texts[0].values().next().unwrap();
            body::<LessonText>(&blob[bodies..], at).unwrap()
        };
        assert_eq!(text(&plain), text(&packed));
    }

    #[test]
    fn a_body_that_was_cut_is_an_error() {
        let source = read::read(&template::files()).source;
        let packed = encode(&source, Stored::Packed).unwrap();
        let (index, bodies) = index(&packed).unwrap();
        let at = *index.lesson_texts[0].values().next().unwrap();
        assert!(at.len < at.whole);
        let half = At { len: at.len / 2, ..at };
        assert!(body::<LessonText>(&packed[bodies..], half).is_err());
    }
}
