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

/// A lesson in a language.
type LessonIn = (String, Lang);

/// The pages that were shown last. A learner goes back and forth between a lesson, its exercise and the other language.
///
/// A pack's lessons come without the colours of their code, and the grammars take a tenth of a second to make them: such a
/// lesson is shown plain at once, its colours are asked for, and it is laid out anew when they are there.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pages: Vec<(Key, Rc<Page>)>,
    /// Colours that were asked for and came.
    colours: Vec<(LessonIn, Vec<Highlighted>)>,
    /// Lessons whose colours nobody was asked for yet.
    wanted: Vec<LessonIn>,
    asked: Vec<LessonIn>,
}

const KEPT: usize = 8;

impl Texts {
    /// The lessons whose colours are to be made, each once.
    pub(super) fn wanted(&mut self) -> Vec<LessonIn> {
        let wanted = std::mem::take(&mut self.wanted);
        self.asked.extend(wanted.iter().cloned());
        wanted
    }

    /// The colours of a lesson came.
    pub(super) fn coloured(&mut self, lesson: LessonIn, colours: Vec<Highlighted>) {
        let of = |text: &Text| matches!(text, Text::Lesson(id) | Text::Beginning(id, _) if *id == lesson.0);
        self.pages.retain(|(key, _)| !of(&key.text));
        self.colours.push((lesson, colours));
    }

    /// The colours of a lesson's code as far as they are there.
    fn colours_of(&mut self, lesson: LessonIn, document: &Document) -> Vec<Highlighted> {
        if !document.code.is_empty() || !document.markdown.contains("```") {
            return document.code.clone();
        }
        if let Some((_, colours)) = self.colours.iter().find(|(other, _)| *other == lesson) {
            return colours.clone();
        }
        if !self.asked.contains(&lesson) && !self.wanted.contains(&lesson) {
            self.wanted.push(lesson);
        }
        Vec::new()
    }

    /// `text` at `width`, laid out now if it was not before.
    pub(super) fn page(&mut self, text: &Text, width: u16, shared: &Shared) -> Rc<Page> {
        let (text, lang) = (text.clone(), shared.lang.clone());
        let key = Key { text, lang, width, theme: shared.theme, still: shared.chosen.still };
        if let Some(at) = self.pages.iter().position(|(k, _)| *k == key) {
            let found = self.pages.remove(at);
            let page = found.1.clone();
            self.pages.push(found);
            return page;
        }
        let page = Rc::new(make(self, &key.text, usize::from(width), shared));
        if self.pages.len() == KEPT {
            self.pages.remove(0);
        }
        self.pages.push((key, page.clone()));
        page
    }
}

fn make(texts: &mut Texts, text: &Text, width: usize, shared: &Shared) -> Page {
    let course = shared.course;
    let (markdown, colours) = match text {
        Text::Lesson(id) => {
            let Some((text, lang)) = course.lesson_text(id, &shared.lang) else { return Page::default() };
            let markdown = lesson(course, id, &lang, &text.document.markdown);
            (markdown, texts.colours_of((id.clone(), lang), &text.document))
        }
        Text::Beginning(id, rows) => {
            let Some((text, lang)) = course.lesson_text(id, &shared.lang) else { return Page::default() };
            let whole = &text.document.markdown;
            let part = beginning(whole, usize::from(*rows) * width);
            let colours = texts.colours_of((id.clone(), lang.clone()), &text.document);
            let page = laid(&lesson(course, id, &lang, part), &colours, width, shared);
            // A diagram has fewer rows than its text has lines.
            return if page.rows.len() < usize::from(*rows) && part.len() < whole.len() {
                make(texts, &Text::Lesson(id.clone()), width, shared)
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
    use crate::{
        course::{source::read, template},
        tui::theme::{Palette, Theme},
    };

    #[test]
    fn a_pack_is_shown_plain_until_its_colours_are_there() {
        let course = Box::leak(Box::new(Course::from_source(&read::read(&template::files()).source)));
        let id = course.lessons()[0].id.clone();
        let theme = Theme { color: true, ascii: false, palette: Palette::Sixteen };
        let shared = Shared::new(course, Lang::en(), theme, "/lab".into());
        let mut texts = Texts::default();
        let plain = texts.page(&Text::Lesson(id.clone()), 80, &shared);
        assert_eq!(texts.wanted(), [(id.clone(), Lang::en())]);
        texts.page(&Text::Beginning(id.clone(), 10), 60, &shared);
        assert!(texts.wanted().is_empty(), "they were asked for already");
        let (text, _) = course.lesson_text(&id, &Lang::en()).unwrap();
        texts.coloured((id.clone(), Lang::en()), text.document.colours().into_owned());
        let coloured = texts.page(&Text::Lesson(id), 80, &shared);
        assert_eq!(plain.rows.len(), coloured.rows.len());
        let styles = |page: &Page| page.rows.iter().flat_map(|r| &r.spans).map(|(_, style)| *style).collect::<Vec<_>>();
        assert_ne!(styles(&plain), styles(&coloured), "code has colours now");
        assert!(texts.wanted().is_empty());
    }

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
