//! The line cache: texts laid out once for their language, width and theme.

use super::{rows::Row, state::Shared};
use crate::layout::{self, Laid};
use std::rc::Rc;

/// A text of the course.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Text {
    Lesson(String),
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
    lang: crate::course::Lang,
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
            let title = course.lesson(id).map_or("", |l| l.title.get(&lang));
            let body = layout::with_claims(&text.document.markdown, course, &lang);
            (format!("# {title}\n\n{body}"), text.document.colours().into_owned())
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
    let laid = layout::layout(&layout::parse(&markdown), &colours, width, &shared.layout());
    let rows = super::rows::from_laid(&laid, shared.theme);
    Page { laid, rows }
}
