//! The course as a book: HTML pages for every language, to be read from a folder, a stick or this machine, without a network.
//!
//! Written by ourselves and not by mdbook-driver, which is the obvious choice: it is under the MPL, which a program under MIT
//! that ships as one static binary does not link (deny.toml), and what a learner needs of the book (one place in two languages,
//! a search that forgives Hinglish spelling, questions to answer, diagrams) would all have to be built around it anyway. What is
//! left is a page around the HTML that pulldown-cmark makes.
//!
//! Pages are made in memory, so that writing and serving them are the same, and a test can look at all of them.

mod claim;
mod exercise;
mod glossary;
mod html;
mod page;
mod quiz;
mod search;
mod serve;
mod stepper;
mod svg;
#[cfg(test)]
mod tests;
mod text;

pub use serve::serve;

use crate::{
    course::{Claim, Course, Highlighted, Lang, Question, highlight},
    i18n,
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    fs, io,
    path::Path,
    rc::Rc,
};

/// Relative path → content.
pub type Pages = BTreeMap<String, Vec<u8>>;

/// In a folder that holds a book, so that building it again may replace it, and nothing else is ever replaced.
const MARKER: &str = ".dockshala-book";

const STYLE: &str = include_str!("../../book/style.css");
const SCRIPT: &str = include_str!("../../book/book.js");

/// What all languages share: bodies of the course that many pages ask for, read once.
struct Shared {
    claims: BTreeMap<String, Claim>,
    quiz: BTreeMap<String, Vec<Question>>,
    /// Colours of code that were not made with the course: of starters and of questions, the same in every language.
    colours: RefCell<HashMap<(String, String), Rc<Highlighted>>>,
}

impl Shared {
    fn of(course: &Course) -> Self {
        let claims = course.claims().into_iter().map(|placed| (placed.claim.id.clone(), placed.claim)).collect();
        let quiz = course.modules().iter().map(|m| (m.id.clone(), course.quiz(&m.id))).collect();
        Self { claims, quiz, colours: RefCell::default() }
    }
}

/// One language of a course, while its pages are made.
struct Book<'a> {
    course: &'a Course,
    shared: &'a Shared,
    lang: Lang,
    glossary: glossary::Glossary,
}

impl<'a> Book<'a> {
    fn new(course: &'a Course, shared: &'a Shared, lang: Lang) -> Self {
        Self { glossary: glossary::Glossary::of(course, &lang), course, shared, lang }
    }

    fn claim(&self, id: &str) -> Option<&Claim> {
        self.shared.claims.get(id)
    }

    fn colours(&self, language: &str, code: &str) -> Rc<Highlighted> {
        let mut made = self.shared.colours.borrow_mut();
        made.entry((language.to_owned(), code.to_owned())).or_insert_with(|| highlight(language, code).into()).clone()
    }

    fn say(&self, key: &str) -> String {
        i18n::text(&self.lang, key, &[])
    }

    /// A lesson's number and title.
    fn lesson_title(&self, lesson: &crate::course::Lesson) -> String {
        let title = lesson.title.get(&self.lang);
        self.course.number(lesson).map_or_else(|| title.to_owned(), |number| format!("{number} {title}"))
    }
}

/// Every page of a course, in all its languages.
pub fn pages(course: &Course) -> Pages {
    let mut pages = Pages::new();
    pages.insert("style.css".to_owned(), STYLE.as_bytes().to_vec());
    pages.insert("book.js".to_owned(), SCRIPT.as_bytes().to_vec());
    pages.insert("index.html".to_owned(), page::entrance(course).into_bytes());
    let shared = Shared::of(course);
    for lang in course.languages() {
        let book = Book::new(course, &shared, lang.clone());
        let mut put = |name: &str, content: String| pages.insert(format!("{lang}/{name}"), content.into_bytes());
        put("index.html", page::contents(&book));
        put("print.html", page::print(&book));
        if let Some(page) = page::glossary(&book) {
            put("glossary.html", page);
        }
        put("search.js", search::index(&book));
        for lesson in course.lessons() {
            put(&format!("{}.html", lesson.id), page::lesson(&book, lesson));
        }
        for exercise in course.exercises() {
            put(&format!("{}.html", exercise.id), page::exercise(&book, exercise));
        }
    }
    pages
}

/// Why a book could not be written.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The folder holds something else.
    #[error("{0} holds other files")]
    NotEmpty(String),
    /// The file system says no.
    #[error("{path}: {error}")]
    Io {
        /// Which file.
        path: String,
        /// Why.
        error: io::Error,
    },
}

/// Writes a book into a folder that is new, empty, or holds a book. Gives how many files and bytes it has.
///
/// # Errors
/// Where the folder holds something else, or cannot be written to.
pub fn write(pages: &Pages, dir: &Path) -> Result<(usize, u64), BuildError> {
    let io = |path: &Path| {
        let path = path.display().to_string();
        move |error| BuildError::Io { path, error }
    };
    fs::create_dir_all(dir).map_err(io(dir))?;
    let empty = fs::read_dir(dir).map_err(io(dir))?.next().is_none();
    let marker = dir.join(MARKER);
    if !empty && !marker.exists() {
        return Err(BuildError::NotEmpty(dir.display().to_string()));
    }
    // What an older course had and this one has not goes; what somebody else put beside it stays.
    for old in fs::read_to_string(&marker).unwrap_or_default().lines().filter(|l| crate::course::is_inside(l)) {
        if !pages.contains_key(old) {
            let _ = fs::remove_file(dir.join(old));
        }
    }
    let list: String = pages.keys().map(|path| format!("{path}\n")).collect();
    fs::write(&marker, list).map_err(io(&marker))?;
    for (path, content) in pages {
        let file = dir.join(path);
        let parent = file.parent().unwrap_or(dir);
        fs::create_dir_all(parent).map_err(io(parent))?;
        fs::write(&file, content).map_err(io(&file))?;
    }
    Ok((pages.len(), pages.values().map(|c| c.len() as u64).sum()))
}
