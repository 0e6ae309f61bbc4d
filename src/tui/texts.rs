//! The line cache: texts laid out once for their language, width and theme.

use super::{rows::Row, state::Shared};
use crate::{
    course::{Course, Document, Highlighted, Lang},
    layout::{self, Laid},
};
use std::rc::Rc;

/// A text of the course.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Text {
    Lesson(String),
    /// The beginning of a lesson, at least so many rows of it: what a preview shows. A whole lesson takes milliseconds, and
    /// the first frame of the program has one beside the map.
    Beginning(String, u16),
    Brief(String),
    Debrief(String),
    /// The hints of an exercise up to this one.
    Hints(String, u32),
    Solution(String),
}

/// A text at a width.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) laid: Laid,
    pub(super) rows: Vec<Row>,
}

#[derive(Debug, PartialEq)]
struct Key {
    text: Text,
    lang: Lang,
    width: u16,
    theme: super::theme::Theme,
    still: bool,
}

/// The pages that were shown last. A learner goes back and forth between a lesson, its exercise and the other language.
#[derive(Debug, Default)]
pub(super) struct Texts(Vec<(Key, Rc<Page>)>);

const KEPT: usize = 8;

impl Texts {
    /// `text` at `width`, laid out now if it was not before.
    pub(super) fn page(&mut self, text: &Text, width: u16, shared: &Shared) -> Rc<Page> {
        let (text, lang) = (text.clone(), shared.lang.clone());
        let key = Key { text, lang, width, theme: shared.theme, still: shared.chosen.still };
        if let Some(at) = self.0.iter().position(|(k, _)| *k == key) {
            let found = self.0.remove(at);
            let page = found.1.clone();
            self.0.push(found);
            return page;
        }
        let page = Rc::new(make(&key.text, usize::from(width), shared));
        if self.0.len() == KEPT {
            self.0.remove(0);
        }
        self.0.push((key, page.clone()));
        page
    }
}

fn make(text: &Text, width: usize, shared: &Shared) -> Page {
    let course = shared.course;
    let (markdown, colours) = match text {
        Text::Lesson(id) => {
            let Some((text, lang)) = course.lesson_text(id, &shared.lang) else { return Page::default() };
            (lesson(course, id, &lang, &text.document.markdown), text.document.colours().into_owned())
        }
        Text::Beginning(id, rows) => {
            let Some((text, lang)) = course.lesson_text(id, &shared.lang) else { return Page::default() };
            let whole = &text.document.markdown;
            let part = beginning(whole, usize::from(*rows) * width);
            let cut = Document { markdown: part.to_owned(), code: text.document.code.clone() };
            let page = laid(&lesson(course, id, &lang, part), &cut.colours(), width, shared);
            // A diagram has fewer rows than its text has lines.
            return if page.rows.len() < usize::from(*rows) && part.len() < whole.len() {
                make(&Text::Lesson(id.clone()), width, shared)
            } else {
                page
            };
        }
        Text::Brief(id) => {
            let Some((text, _)) = course.exercise_text(id, &shared.lang) else { return Page::default() };
            (text.brief.markdown.clone(), text.brief.colours().into_owned())
        }
        Text::Debrief(id) => {
            let Some((text, _)) = course.exercise_text(id, &shared.lang) else { return Page::default() };
            (text.debrief.markdown.clone(), text.debrief.colours().into_owned())
        }
        Text::Hints(id, upto) => {
            let Some((text, _)) = course.exercise_text(id, &shared.lang) else { return Page::default() };
            let mut markdown = String::new();
            let mut colours = Vec::new();
            let total = text.hints.len();
            for (nth, hint) in text.hints.iter().take(*upto as usize).enumerate() {
                let heading = shared.with("tui.hint.nth", &[("nth", &(nth + 1)), ("total", &total)]);
                markdown += &format!("### {heading}\n\n{}\n\n", hint.markdown);
                colours.extend(hint.colours().into_owned());
            }
            (markdown, colours)
        }
        Text::Solution(id) => {
            let Some(files) = course.exercise_files(id) else { return Page::default() };
            let mut markdown = format!("{}\n\n", shared.say("tui.solution.intro"));
            let mut colours = Vec::new();
            for file in files.good.iter().take(1).flat_map(|good| &good.own) {
                let Ok(text) = std::str::from_utf8(&file.bytes) else { continue };
                let language = if file.path.ends_with("Dockerfile") { "dockerfile" } else { "text" };
                let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0).max(2);
                let fence = "`".repeat(longest + 1);
                markdown += &format!("{fence}{language} file={}\n{text}\n{fence}\n\n", file.path);
                colours.push(crate::course::highlight(language, text));
            }
            (markdown, colours)
        }
    };
    laid(&markdown, &colours, width, shared)
}

/// A lesson as Markdown: its title, its text, its claims.
fn lesson(course: &Course, id: &str, lang: &Lang, markdown: &str) -> String {
    let title = course.lesson(id).map_or("", |l| l.title.get(lang));
    format!("# {title}\n\n{}", layout::with_claims(markdown, course, lang))
}

/// The text up to the first section behind `most` bytes.
fn beginning(markdown: &str, most: usize) -> &str {
    let from = markdown.ceil_char_boundary(most);
    markdown[from..].find("\n## ").map_or(markdown, |at| &markdown[..from + at])
}

fn laid(markdown: &str, colours: &[Highlighted], width: usize, shared: &Shared) -> Page {
    let laid = layout::layout(&layout::parse(markdown), colours, width, &shared.layout());
    let rows = super::rows::from_laid(&laid, shared.theme);
    Page { laid, rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_ends_before_a_section() {
        let text = "one\n\n## Two {#two}\n\nनमस्ते two\n\n## Three {#three}\n\nthree\n";
        assert_eq!(beginning(text, 0), "one\n");
        for inside in 21..30 {
            assert!(beginning(text, inside).ends_with("two\n"), "{inside}");
        }
        assert_eq!(beginning(text, text.len() - 3), text);
        assert_eq!(beginning(text, 10_000), text);
    }
}
